//! The access checks over snapshots of an account: `--snapshot`, `--existing-snapshot`, `--new-snapshot`.

use std::ffi::OsStr;

use crate::catalogue::Catalogue;
use crate::checks::account::{Examination, Examined};
use crate::checks::{Access, Disagreement};
use crate::cli::Failure;
use crate::cli::document::{Documents, Reading, Side};
use crate::cli::exit::Exit;
use crate::cli::options::{Asking, Fixed, Format};
use crate::cli::terminal::Terminal;
use crate::diagnostic::{Diagnostic, Severity};
use crate::report::account::{self, Account};
use crate::report::diagnostic::render;
use crate::snapshot::{Missing, Snapshot};

/// How the user asks.
#[derive(Clone, Copy, Debug)]
pub(super) struct How<'a> {
    pub(super) asking: &'a Asking,
    pub(super) fixed: &'a Fixed,
    pub(super) terminal: &'a Terminal,
}

/// A snapshot with the name of its file.
#[derive(Debug)]
struct Read {
    name: String,
    snapshot: Snapshot,
}

/// Does a role or user of the account have any of the listed access?
pub(super) fn access_not_granted(
    file: &OsStr,
    access: &[Access],
    documents: &mut Documents,
    how: How<'_>,
) -> Result<Exit, Failure> {
    let catalogue = documents.catalogue(how.fixed.catalogue.as_deref())?;
    let new = read(file, Side::Asked, documents, how)?;
    let ask = |examination: Examination<'_>| examination.access_not_granted(&new.snapshot, access);
    show(how, &catalogue, documents, (None, &new), access, ask)
}

/// Does a role or user of the new account have access that it did not have?
pub(super) fn no_new_access(files: (&OsStr, &OsStr), documents: &mut Documents, how: How<'_>) -> Result<Exit, Failure> {
    let catalogue = documents.catalogue(how.fixed.catalogue.as_deref())?;
    let old = read(files.0, Side::Existing, documents, how)?;
    let new = read(files.1, Side::Asked, documents, how)?;
    let ask = |examination: Examination<'_>| examination.no_new_access(&old.snapshot, &new.snapshot);
    show(how, &catalogue, documents, (Some(&old), &new), &[], ask)
}

/// Reads a snapshot and says what is wrong with it; a file that is none stops.
fn read(file: &OsStr, side: Side, documents: &mut Documents, how: How<'_>) -> Result<Read, Failure> {
    let reading = Reading { kind: None, side, strictness: how.asking.strictness() };
    let (name, snapshot) = documents.snapshot(file, reading)?;
    let faults: Vec<&Diagnostic> = snapshot.diagnostics.iter().collect();
    let of_policies = snapshot.policies.iter().flat_map(|found| &found.diagnostics);
    let severe = of_policies.filter(|found| found.severity <= Severity::Error);
    for found in faults.into_iter().chain(severe) {
        how.terminal.complain(&render(found, &documents.sources, how.terminal.error_paint));
    }
    if snapshot.diagnostics.iter().any(|found| found.severity <= Severity::Error) {
        return Err(Failure::CouldNotRun(format!("error: {name} is no snapshot that can be read. Exit code 2.")));
    }
    Ok(Read { name, snapshot })
}

fn show(
    how: How<'_>,
    catalogue: &Catalogue,
    documents: &Documents,
    (old, new): (Option<&Read>, &Read),
    access: &[Access],
    ask: impl FnOnce(Examination<'_>) -> Result<Vec<Examined>, Disagreement>,
) -> Result<Exit, Failure> {
    let settings = how.asking.settings(how.fixed);
    let examination = Examination { catalogue, settings: &settings, strictness: how.asking.strictness() };
    let examined = ask(examination).map_err(|disagreement| Failure::Internal(disagreement.what))?;
    let is_there = |arn: &str| new.snapshot.entities.iter().any(|entity| entity.arn == arn);
    let before = old.into_iter().flat_map(|old| &old.snapshot.entities);
    let gone: Vec<String> = before.map(|entity| entity.arn.clone()).filter(|arn| !is_there(arn)).collect();
    let both = old.into_iter().chain([new]);
    let missing: Vec<(&str, &Missing)> =
        both.flat_map(|read| read.snapshot.missing.iter().map(|missing| (read.name.as_str(), missing))).collect();
    let account = Account {
        name: &new.name,
        existing: old.map(|old| old.name.as_str()),
        access,
        examined: &examined,
        gone: &gone,
        missing: &missing,
        sources: &documents.sources,
        catalogue,
    };
    let shown = match how.terminal.format {
        Format::Json => format!("{}\n", account::json(&account)),
        Format::Text => account::text(&account, how.terminal.paint, how.terminal.length),
    };
    how.terminal.show(&shown)?;
    let unchecked = if missing.is_empty() { Exit::Holds } else { Exit::Undecided };
    Ok(examined.iter().map(|one| Exit::from(one.report.verdict)).fold(unchecked, Exit::and))
}
