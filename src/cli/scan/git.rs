//! The files of a revision, read through the git program.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::cli::scan::files::{is_candidate, is_searched};
use crate::scan::read::Input;

/// The files of the paths at a revision, each with the name that it has now.
///
/// # Errors
/// There is no git, no repository or no such revision.
pub(super) fn inputs(paths: &[PathBuf], revision: &str) -> Result<Vec<Input>, String> {
    let mut out = Vec::new();
    for path in paths {
        let (folder, below) = if path.is_dir() {
            (path.clone(), None)
        } else {
            (folder_of(path), path.file_name().map(|name| name.to_string_lossy().into_owned()))
        };
        let tree = format!("{revision}^{{tree}}");
        let tree = git(&folder, &["rev-parse", "--verify", "--quiet", "--end-of-options", &tree])
            .map_err(|error| format!("git knows no revision `{revision}` in {}: {error}", folder.display()))?;
        let tree = String::from_utf8_lossy(&tree).trim().to_owned();
        let wanted = below.as_deref().unwrap_or(".");
        let listed = git(&folder, &["ls-tree", "-r", "-z", &tree, "--", wanted])?;
        let blobs = blobs(&listed, below.is_some());
        let texts = contents(&folder, &blobs)?;
        for ((_, name), bytes) in blobs.into_iter().zip(texts) {
            let now = if below.is_some() { path.clone() } else { path.join(&name) };
            out.push(Input { name: now.to_string_lossy().into_owned(), bytes, named: below.is_some() });
        }
    }
    Ok(out)
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        Some(_) | None => PathBuf::from("."),
    }
}

/// Object ids and paths of what would be read in a folder.
fn blobs(listed: &[u8], named: bool) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for entry in listed.split(|byte| *byte == 0).filter(|entry| !entry.is_empty()) {
        let entry = String::from_utf8_lossy(entry);
        let Some((meta, path)) = entry.split_once('\t') else { continue };
        let fields: Vec<&str> = meta.split(' ').collect();
        let ["100644" | "100755", "blob", id] = fields.as_slice() else { continue };
        let path_of = Path::new(path);
        let searched = path_of.parent().is_none_or(|folder| folder.iter().all(is_searched));
        if named || (searched && is_candidate(path_of)) {
            out.push(((*id).to_owned(), path.to_owned()));
        }
    }
    out
}

/// The contents of objects, by one process.
fn contents(folder: &Path, blobs: &[(String, String)]) -> Result<Vec<Vec<u8>>, String> {
    let failed = |error: std::io::Error| format!("git cannot be run: {error}");
    let mut child = command(folder)
        .args(["cat-file", "--batch"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(failed)?;
    let asked: String = blobs.iter().map(|(id, _)| format!("{id}\n")).collect();
    let input = child.stdin.take();
    let writer = std::thread::spawn(move || input.map(|mut input| input.write_all(asked.as_bytes())));
    let mut all = Vec::new();
    if let Some(mut output) = child.stdout.take() {
        output.read_to_end(&mut all).map_err(failed)?;
    }
    let _written_or_closed = writer.join();
    child.wait().map_err(failed)?;
    let mut rest = all.as_slice();
    let mut out = Vec::with_capacity(blobs.len());
    for (id, _) in blobs {
        let lost = || format!("git does not give {id}");
        let end = rest.iter().position(|byte| *byte == b'\n').ok_or_else(lost)?;
        let header = String::from_utf8_lossy(rest.get(..end).unwrap_or_default()).into_owned();
        let length: usize = header.rsplit(' ').next().and_then(|text| text.parse().ok()).ok_or_else(lost)?;
        let start = end.saturating_add(1);
        out.push(rest.get(start..start.saturating_add(length)).ok_or_else(lost)?.to_vec());
        rest = rest.get(start.saturating_add(length).saturating_add(1)..).unwrap_or_default();
    }
    Ok(out)
}

fn command(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder);
    command
}

fn git(folder: &Path, arguments: &[&str]) -> Result<Vec<u8>, String> {
    let output = command(folder)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("git cannot be run: {error}"))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(if said.is_empty() { "git refuses".to_owned() } else { said })
}
