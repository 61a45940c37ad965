//! `--certificate`: the proof of a PASS as a file; and what a defect leaves for a report.

use std::path::Path;

use serde_json::{Value, json};

use crate::certificate::{File, Property, SEMANTICS};
use crate::checks::claims::Claims;
use crate::checks::{Disagreement, Proof, Report};
use crate::cli::Failure;
use crate::cli::document::{Documents, Given};
use crate::cli::options::{Asking, Fixed};
use crate::cli::terminal::Terminal;
use crate::policy::Kind;
use crate::stack::Document;

/// Writes the certificate of a check, if one was asked for and the answer is PASS.
///
/// # Errors
/// It cannot be written.
pub(super) fn keep(
    asking: &Asking,
    report: &Report,
    property: impl FnOnce() -> Property,
    claims: &Claims<'_>,
    terminal: &Terminal,
) -> Result<(), Failure> {
    let Some(path) = &asking.certificate else { return Ok(()) };
    match &report.proof {
        Some(proof) => keep_all(path, property(), claims, vec![proof.clone()]),
        None => {
            not_written(path, "only a PASS has a certificate", terminal);
            Ok(())
        }
    }
}

/// Writes a certificate with a proof for each claim.
///
/// # Errors
/// It cannot be written, or what a proof speaks of has no text.
pub(super) fn keep_all(
    path: &Path,
    property: Property,
    claims: &Claims<'_>,
    proofs: Vec<Proof>,
) -> Result<(), Failure> {
    let file = File::of(property, claims, proofs)
        .map_err(|what| Failure::CouldNotRun(format!("error: {} was not written: {what}", path.display())))?;
    write(path, &file.write())
}

/// Says that there is no certificate, and why.
pub(super) fn not_written(path: &Path, why: &str, terminal: &Terminal) {
    terminal.complain(&format!("note: {} was not written: {why}", path.display()));
}

/// Refuses `--certificate` where none is written: nothing asked for is silently left out.
///
/// # Errors
/// It was asked for.
pub(super) fn none_for(asking: &Asking, what: &str) -> Result<(), Failure> {
    match asking.certificate {
        Some(_) => Err(Failure::CouldNotRun(format!("error: --certificate is not written for {what}"))),
        None => Ok(()),
    }
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(path, text)
        .map_err(|error| Failure::CouldNotRun(format!("error: cannot write {}: {error}", path.display())))
}

/// A document as facts of a property: its digest and its kind.
pub(super) fn with_document(property: Property, name: &str, given: &Given) -> Property {
    let kind = match &given.document {
        Document::Policy(policy) => kind_name(policy.kind),
        Document::Stack(_) => "stack",
    };
    property.with(name, given.digest.as_str()).with(&format!("{name} kind"), kind)
}

/// Our name of a kind: the last of its names.
fn kind_name(kind: Kind) -> &'static str {
    Kind::names().filter(|name| Kind::named(name) == Some(kind)).last().unwrap_or("")
}

/// How a question was put, as far as the documents do not say it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner<'a> {
    /// What was fixed.
    pub(super) fixed: &'a Fixed,
    /// Whether documents with errors may end in PASS.
    pub(super) lenient: bool,
    /// Whether only requests that the catalogue knows were looked at.
    pub(super) realistic: bool,
}

impl<'a> Manner<'a> {
    /// As a check was asked.
    pub(super) fn of(asking: &Asking, fixed: &'a Fixed) -> Self {
        Self { fixed, lenient: asking.lenient, realistic: asking.realistic }
    }
}

/// What else was fixed, as facts of a property.
pub(super) fn with_manner(mut property: Property, manner: Manner<'_>, documents: &Documents) -> Property {
    let Manner { fixed, lenient, realistic } = manner;
    if let Some(principal) = &fixed.principal {
        property = property.with("principal", principal.to_string());
    }
    if let Some(account) = &fixed.resource_account {
        property = property.with("resource account", account.as_str());
    }
    if realistic {
        property = property.with("requests", "those that the catalogue knows");
    }
    if lenient {
        property = property.with("documents with errors", "admitted");
    }
    property.with("catalogue", documents.catalogue_digest.as_deref().unwrap_or("built-in"))
}

/// The failure that a disagreement is, with everything that is needed to see it again.
pub(super) fn defect(disagreement: &Disagreement, property: &Property, documents: &Documents) -> Failure {
    let texts = documents.sources.all().map(|source| json!({"name": source.name, "text": &*source.text}));
    let facts: serde_json::Map<String, Value> =
        property.facts().map(|(name, fact)| (name.to_owned(), Value::from(fact))).collect();
    let all = json!({
        "keyaki": SEMANTICS,
        "what": disagreement.what,
        "property": facts,
        "documents": texts.collect::<Vec<Value>>(),
    });
    Failure::Internal(format!("{}\n  = for a report:\n{all}", disagreement.what))
}
