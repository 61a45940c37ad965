//! What a finding is, whatever the text looks like: a digest that stays the same when a document is formatted, its
//! statements are moved or renamed, or a file is moved, and changes when what the finding says changes.
//!
//! In the digest: the check and its question, the policy's address (its file, if it has no address), the meaning of the
//! guilty statement, and the meaning of every Deny beside it: without a Deny the same Allow gives more.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::checks::Access;
use crate::policy::condition::{Clause, Quantifier, Test};
use crate::policy::{Effect, Policy, Statement};
use crate::scan::{Bound, Found, Outcome, Question, Value};
use crate::source::Span;
use crate::stack::{self, Document};
use crate::standard::paths::Paths;

/// Digits of a fingerprint.
const DIGITS: usize = 32;

/// Bytes of a value from which on it is known again in a text.
const SHORTEST: usize = 3;

/// The fingerprint of a finding: of the statement that holds a place, or of the whole document if none does.
pub fn fingerprint(outcome: &Outcome, found: &Found, place: Option<Span>, paths: &Paths) -> String {
    let (rule, document) = (&outcome.rule, &*outcome.asked);
    let mut lines = vec!["keyaki/1".to_owned(), rule.name.clone()];
    lines.extend(question(&rule.question));
    lines.push(if found.address.is_empty() { paths.of(&found.file) } else { found.address.clone() });
    let policies = policies(document);
    let guilty = place.and_then(|span| statement_at(document, span));
    let said = |statement: &Statement| unknown(meaning(statement), outcome);
    match guilty {
        Some(statement) => lines.push(said(statement)),
        None => lines.extend(sorted(policies.iter().flat_map(|policy| &policy.statements).map(said))),
    }
    let denies = policies.iter().flat_map(|policy| &policy.statements).filter(|other| other.effect == Effect::Deny);
    lines.extend(sorted(denies.map(said)));
    digest(&lines.join("\n"))
}

/// With the expression in the place of the value that a counterexample happened to have for it.
fn unknown(text: String, outcome: &Outcome) -> String {
    let mut values: Vec<&Value> = outcome.values.iter().filter(|value| value.text.len() >= SHORTEST).collect();
    values.sort_by(|a, b| b.text.len().cmp(&a.text.len()).then_with(|| a.text.cmp(&b.text)));
    values.iter().fold(text, |text, value| text.replace(&value.text, &format!("<{}>", value.expression)))
}

fn digest(text: &str) -> String {
    let mut out = String::new();
    for byte in Sha256::digest(text.as_bytes()).iter().take(DIGITS / 2) {
        // writing to a text does not fail
        let _ = write!(out, "{byte:02x}");
    }
    out
}

/// The policies of a document: itself, or those of a stack.
fn policies(document: &Document) -> Vec<&Policy> {
    match document {
        Document::Policy(policy) => vec![policy],
        Document::Stack(stack) => stack::places(stack).into_iter().map(|(_, policy)| policy).collect(),
    }
}

/// The statement that holds a place.
pub(super) fn statement_at(document: &Document, span: Span) -> Option<&Statement> {
    let within = |outer: Span| outer.file == span.file && outer.start <= span.start && span.end <= outer.end;
    policies(document).into_iter().flat_map(|policy| &policy.statements).find(|statement| within(statement.span))
}

fn sorted(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut out: Vec<String> = texts.collect();
    out.sort_unstable();
    out.dedup();
    out
}

/// What is asked, so that a stricter check is not answered by what was accepted under a milder one.
fn question(question: &Question) -> Vec<String> {
    match question {
        Question::NoPublicAccess => vec!["no-public-access".to_owned()],
        Question::NoExternalAccess { zone, .. } => {
            vec![format!("no-external-access {}", sorted(zone.iter().cloned()).join(" "))]
        }
        Question::AccessNotGranted { access } => sorted(access.iter().map(listed)),
        Question::NoNewAccess { bound: Bound::Before } => vec!["no-new-access before".to_owned()],
        Question::NoNewAccess { bound: Bound::Reference(reference) } => {
            let statements = policies(&reference.document).into_iter().flat_map(|policy| &policy.statements);
            let mut lines = vec!["no-new-access".to_owned()];
            lines.extend(sorted(statements.map(meaning)));
            lines
        }
    }
}

fn listed(access: &Access) -> String {
    let actions = sorted(access.actions.iter().map(|action| action.to_ascii_lowercase()));
    format!("access-not-granted {actions:?} {:?}", sorted(access.resources.iter().cloned()))
}

/// A statement without its Sid, its place, and the order and repetition of its entries.
fn meaning(statement: &Statement) -> String {
    let mut parts = vec![format!("{:?}", statement.effect)];
    if let Some(principal) = &statement.principal {
        let entries = sorted(principal.entries.iter().map(|entry| format!("{:?}", entry.name)));
        parts.push(format!("principal {} {entries:?}", principal.negated));
    }
    let actions = sorted(statement.action.entries.iter().map(|entry| entry.text.to_ascii_lowercase()));
    parts.push(format!("action {} {actions:?}", statement.action.negated));
    if let Some(resource) = &statement.resource {
        let entries = sorted(resource.entries.iter().map(|entry| entry.text.clone()));
        parts.push(format!("resource {} {entries:?}", resource.negated));
    }
    parts.extend(sorted(statement.conditions.iter().map(clause)));
    parts.join("; ")
}

fn clause(clause: &Clause) -> String {
    let (operator, values) = match &clause.test {
        Test::Compare { operator, values } => {
            (operator.to_string(), sorted(values.iter().map(|value| value.text.clone())))
        }
        Test::Null { quantifier, values } => {
            (format!("{}Null", set(*quantifier)), sorted(values.iter().map(|value| format!("{value:?}"))))
        }
        Test::Unknown { text } => (text.clone(), Vec::new()),
    };
    format!("{operator} {} {values:?}", clause.key)
}

fn set(quantifier: Quantifier) -> &'static str {
    match quantifier {
        Quantifier::One => "",
        Quantifier::Any => "ForAnyValue:",
        Quantifier::All => "ForAllValues:",
    }
}
