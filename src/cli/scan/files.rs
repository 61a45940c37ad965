//! The files of a scan: those that are named, and those in folders that may hold policies.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::json::Limits;
use crate::scan::read::Input;

/// Endings of files that are read in folders.
pub(in crate::cli) const ENDINGS: [&str; 4] = ["json", "yaml", "yml", "template"];

/// A file that was found.
#[derive(Clone, Debug)]
pub(in crate::cli) struct Listed {
    /// As the user gave it.
    pub(in crate::cli) path: PathBuf,
    /// Named, rather than found in a folder.
    pub(in crate::cli) named: bool,
}

/// The files of the paths: in a folder those with one of the endings, in order of their names, without what lies in
/// hidden folders and in `node_modules`, and without following links to folders. A path that cannot be listed comes with
/// the reason.
pub(in crate::cli) fn listed(paths: &[PathBuf]) -> Vec<Result<Listed, (PathBuf, String)>> {
    let mut out = Vec::new();
    for path in paths {
        if path.is_dir() {
            folder(path, &mut out);
        } else {
            out.push(Ok(Listed { path: path.clone(), named: true }));
        }
    }
    out
}

fn folder(path: &Path, out: &mut Vec<Result<Listed, (PathBuf, String)>>) {
    let entries = std::fs::read_dir(path).and_then(Iterator::collect::<std::io::Result<Vec<_>>>);
    let mut entries = match entries {
        Ok(entries) => entries,
        Err(error) => return out.push(Err((path.to_owned(), format!("the folder cannot be read: {error}")))),
    };
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let (path, name) = (entry.path(), entry.file_name());
        let is_link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
        if path.is_dir() {
            if !is_link && is_searched(&name) {
                folder(&path, out);
            }
        } else if is_candidate(&path) {
            out.push(Ok(Listed { path, named: false }));
        }
    }
}

/// Whether files in a folder of this name are looked at.
pub(in crate::cli) fn is_searched(name: &OsStr) -> bool {
    name.to_str().is_none_or(|name| !name.starts_with('.') && name != "node_modules")
}

/// Whether a file in a folder is looked at.
pub(in crate::cli) fn is_candidate(path: &Path) -> bool {
    let ending = path.extension().and_then(OsStr::to_str).map(str::to_ascii_lowercase);
    ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str()))
}

/// The bytes of a file; `-` is standard input.
///
/// # Errors
/// Why it cannot be read.
pub(in crate::cli) fn input(listed: &Listed) -> Result<Input, String> {
    if listed.path.as_os_str() == "-" {
        let bytes = limited(std::io::stdin().lock())?;
        return Ok(Input { name: "<stdin>".to_owned(), bytes, named: true });
    }
    let file = File::open(&listed.path).map_err(|error| format!("it cannot be read: {error}"))?;
    let bytes = limited(file)?;
    Ok(Input { name: listed.path.to_string_lossy().into_owned(), bytes, named: listed.named })
}

/// All bytes, up to one more than is read as a container, which is then refused as too large.
fn limited(from: impl Read) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let most = u64::try_from(Limits::CONTAINER.bytes).unwrap_or(u64::MAX);
    from.take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(|error| format!("it cannot be read: {error}"))?;
    Ok(bytes)
}
