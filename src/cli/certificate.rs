//! `--certificate`: the proof of a PASS as a file; and what a defect leaves for a report.

use std::path::Path;

use serde_json::{Value, json};

use crate::certificate::{File, Property, SEMANTICS};
use crate::checks::proof::Posed;
use crate::checks::{Disagreement, Proof, Report};
use crate::cli::Failure;
use crate::cli::document::{Documents, Given};
use crate::cli::options::{Asking, Fixed};
use crate::cli::terminal::Terminal;
use crate::policy::Kind;
use crate::stack::Document;

/// Writes the certificate, if one was asked for and the answer is PASS.
///
/// # Errors
/// It cannot be written.
pub(super) fn keep(
    asking: &Asking,
    report: &Report,
    property: impl FnOnce() -> Property,
    posed: impl FnOnce(&Proof) -> Posed,
    terminal: &Terminal,
) -> Result<(), Failure> {
    let Some(path) = &asking.certificate else { return Ok(()) };
    let Some(proof) = &report.proof else {
        terminal.complain(&format!("note: {} was not written: only a PASS has a certificate", path.display()));
        return Ok(());
    };
    let file = File { property: property(), assumptions: posed(proof).assumptions(), proof: proof.clone() };
    write(path, &file.write())
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

/// What else was fixed, as facts of a property.
pub(super) fn with_fixed(mut property: Property, fixed: &Fixed, lenient: bool, documents: &Documents) -> Property {
    if let Some(principal) = &fixed.principal {
        property = property.with("principal", principal.to_string());
    }
    if let Some(account) = &fixed.resource_account {
        property = property.with("resource account", account.as_str());
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
