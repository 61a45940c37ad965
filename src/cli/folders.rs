//! The access checks over folders of policies: `--existing-dir` and `--new-dir`, `--policy-dir`.
//!
//! Documents are paired by their paths inside the folders. One that is new had no access before. One that is gone, and a
//! file that is no document, are named, in the answer and on standard error.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::checks::{Access, Admission, admission};
use crate::cli::Failure;
use crate::cli::document::{Documents, Reading, Side};
use crate::cli::exit::Exit;
use crate::cli::options::{Asking, Fixed, Format};
use crate::cli::scan::{exit, files};
use crate::cli::terminal::Terminal;
use crate::diagnostic::Diagnostic;
use crate::policy::Kind;
use crate::report::diagnostic::render;
use crate::report::scan as shown;
use crate::scan::{self, Before, Bound, Cause, Checked, Found, Level, Question, Rule, Scan, Skipped, Written};
use crate::stack::Document;

/// How the user asks.
#[derive(Clone, Copy, Debug)]
pub(super) struct How<'a> {
    pub(super) kind: Option<Kind>,
    pub(super) asking: &'a Asking,
    pub(super) fixed: &'a Fixed,
    pub(super) terminal: &'a Terminal,
}

/// A document of a folder, with what there is to say about it.
#[derive(Debug)]
struct Read {
    name: String,
    document: Document,
    diagnostics: Vec<Diagnostic>,
}

/// The documents of a folder by their paths in it, or why they are none.
type Folder = BTreeMap<PathBuf, Result<Read, Skipped>>;

/// Does a document of a folder grant any of the listed access?
pub(super) fn access_not_granted(
    folder: &Path,
    access: Vec<Access>,
    documents: &mut Documents,
    how: How<'_>,
) -> Result<Exit, Failure> {
    let new = read_all(folder, Side::Asked, documents, how)?;
    let found = new.into_values().map(|read| read.map(|read| found(read, Before::Unasked))).collect();
    answer(found, Question::AccessNotGranted { access }, documents, how)
}

/// Does a document of the new folder allow what its counterpart in the existing one does not?
pub(super) fn no_new_access(
    (existing, new): (&Path, &Path),
    documents: &mut Documents,
    how: How<'_>,
) -> Result<Exit, Failure> {
    let mut old = read_all(existing, Side::Existing, documents, how)?;
    let new = read_all(new, Side::Asked, documents, how)?;
    let mut all = Vec::new();
    for (path, read) in new {
        let before = match old.remove(&path) {
            None => Before::Absent,
            Some(Ok(old)) => {
                all.push(read.map(|read| paired(read, old)));
                continue;
            }
            Some(Err(skipped)) => {
                let reason = format!("{}: {}", skipped.file, skipped.reason);
                all.push(Err(skipped));
                Before::Undetermined { reason }
            }
        };
        all.push(read.map(|read| found(read, before)));
    }
    all.extend(old.into_values().map(|read| Err(read.map_or_else(|skipped| skipped, gone))));
    answer(all, Question::NoNewAccess { bound: Bound::Before }, documents, how)
}

/// A document with its counterpart; what is wrong with either counts.
fn paired(read: Read, old: Read) -> Found {
    let before = Before::Policy { name: old.name, document: Written::Whole(Box::new(old.document)) };
    let mut found = found(read, before);
    found.diagnostics.extend(old.diagnostics);
    found
}

fn found(read: Read, before: Before) -> Found {
    let kind = match &read.document {
        Document::Policy(policy) => Some(policy.kind),
        Document::Stack(_) => None,
    };
    Found {
        file: read.name,
        address: String::new(),
        kind,
        resource_type: None,
        span: None,
        document: Written::Whole(Box::new(read.document)),
        before,
        supposed: None,
        diagnostics: read.diagnostics,
    }
}

/// What is no longer there grants nothing.
fn gone(read: Read) -> Skipped {
    skipped(read.name, Cause::NoPolicy, "the new folder has no such file: what it granted is gone".to_owned())
}

fn skipped(file: String, cause: Cause, reason: String) -> Skipped {
    Skipped { file, address: None, cause, reason, span: None, diagnostics: Vec::new() }
}

fn read_all(folder: &Path, side: Side, documents: &mut Documents, how: How<'_>) -> Result<Folder, Failure> {
    if !folder.is_dir() {
        return Err(Failure::CouldNotRun(format!("error: {} is no folder", folder.display())));
    }
    let mut read = Folder::new();
    for listed in files::listed(&[folder.to_owned()]) {
        let (path, one) = match listed {
            Ok(listed) => (listed.path.clone(), read_one(&listed.path, side, documents, how)),
            Err((path, reason)) => {
                let unreadable = skipped(path.to_string_lossy().into_owned(), Cause::Unreadable, reason);
                (path, Err(unreadable))
            }
        };
        let inside = path.strip_prefix(folder).unwrap_or(&path).to_owned();
        read.insert(inside, one);
    }
    Ok(read)
}

fn read_one(path: &Path, side: Side, documents: &mut Documents, how: How<'_>) -> Result<Read, Skipped> {
    let name = path.to_string_lossy().into_owned();
    if path.extension() != Some(OsStr::new("json")) {
        let reason = "it is not read: documents in a folder are files whose names end in .json".to_owned();
        return Err(skipped(name, Cause::NoPolicy, reason));
    }
    let mut argument = OsString::from("file://");
    argument.push(path);
    let strictness = how.asking.strictness();
    let first = documents.diagnostics.len();
    let given = documents.given(&argument, Reading { kind: how.kind, side, strictness });
    let diagnostics = documents.diagnostics.split_off(first);
    let refused = admission(&diagnostics, strictness) == Admission::Refused;
    match given {
        Ok(Some(given)) if !refused => Ok(Read { name, document: given.document, diagnostics }),
        Ok(_) => {
            let reason = "it is no document that can be analysed".to_owned();
            Err(Skipped { diagnostics, ..skipped(name, Cause::Malformed, reason) })
        }
        Err(Failure::CouldNotRun(reason) | Failure::Internal(reason)) => Err(skipped(name, Cause::Unreadable, reason)),
    }
}

/// Asks, shows the answers, and says what was not asked about.
fn answer(
    all: Vec<Result<Found, Skipped>>,
    question: Question,
    documents: &mut Documents,
    how: How<'_>,
) -> Result<Exit, Failure> {
    let catalogue = documents.catalogue(how.fixed.catalogue.as_deref())?;
    let settings = how.asking.settings(how.fixed);
    let asking = scan::Asking { catalogue: &catalogue, settings: &settings, strictness: how.asking.strictness() };
    let rules = [Arc::new(Rule { name: question.check().to_owned(), level: Level::Error, question })];
    let mut scan = Scan { files: all.len(), sources: std::mem::take(&mut documents.sources), ..Scan::default() };
    for one in all {
        match one {
            Ok(found) => {
                let outcomes = scan::hold(&found, &rules, &asking);
                complain(&found.diagnostics, &scan, how);
                scan.policies.push(Checked { found, outcomes });
            }
            Err(skipped) => {
                how.terminal.complain(&format!("note: {}: {}", skipped.file, skipped.reason));
                complain(&skipped.diagnostics, &scan, how);
                scan.skipped.push(skipped);
            }
        }
    }
    how.terminal.show(&match how.terminal.format {
        Format::Json => format!("{}\n", shown::json(&scan, &catalogue)),
        Format::Text => shown::text(&scan, &catalogue, how.terminal.paint, how.terminal.length),
    })?;
    Ok(exit(&scan, false))
}

fn complain(diagnostics: &[Diagnostic], scan: &Scan, how: How<'_>) {
    for found in diagnostics {
        how.terminal.complain(&render(found, &scan.sources, how.terminal.error_paint));
    }
}
