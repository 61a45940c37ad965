//! One found policy held to rules.

use std::sync::Arc;

use crate::catalogue::Catalogue;
use crate::checks::{self, Disagreement, Report, Settings, Strictness, Undecided, admission};
use crate::diagnostic::Diagnostic;
use crate::policy::{Kind, Policy, Version};
use crate::scan::found::{Before, Found, Written};
use crate::scan::outcome::{Outcome, Standing};
use crate::scan::rule::{Bound, Question, Rule};
use crate::source::{FileId, Span};
use crate::stack::Document;

/// How rules are asked.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'a> {
    /// Facts about services.
    pub catalogue: &'a Catalogue,
    /// Budget, relations, readings.
    pub settings: &'a Settings,
    /// How strictly diagnostics are taken.
    pub strictness: Strictness,
}

/// Holds a policy to the rules whose question has a meaning for it: those about callers for policies that name callers,
/// those about what was before for policies that have a before.
pub fn hold(found: &Found, rules: &[Arc<Rule>], asking: &Asking<'_>) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for rule in rules.iter().filter(|rule| speaks_of(rule, found)) {
        outcomes.push(outcome(found, rule, asking));
    }
    outcomes
}

/// Whether a rule has a meaning for a policy.
fn speaks_of(rule: &Rule, found: &Found) -> bool {
    let comparable = match (&rule.question, &found.before) {
        (Question::NoNewAccess { bound: Bound::Before }, Before::Unasked) => false,
        (
            Question::NoNewAccess { .. }
            | Question::NoPublicAccess
            | Question::NoExternalAccess { .. }
            | Question::AccessNotGranted { .. },
            _,
        ) => true,
    };
    comparable && rule.question.concerns(found.kind)
}

/// The bound of a question.
enum Existing {
    None,
    Document(String, Arc<Document>),
    Undetermined(String),
}

fn existing(found: &Found, question: &Question) -> Existing {
    match question {
        Question::NoPublicAccess | Question::NoExternalAccess { .. } | Question::AccessNotGranted { .. } => {
            Existing::None
        }
        Question::NoNewAccess { bound: Bound::Reference(reference) } => {
            Existing::Document(reference.name.clone(), Arc::new(reference.document.clone()))
        }
        Question::NoNewAccess { bound: Bound::Before } => match &found.before {
            Before::Unasked => Existing::None,
            Before::Absent => Existing::Document("nothing".to_owned(), Arc::new(nothing(found.kind))),
            Before::Policy { name, document: Written::Whole(document) } => {
                Existing::Document(name.clone(), Arc::new((**document).clone()))
            }
            Before::Undetermined { reason } => Existing::Undetermined(reason.clone()),
        },
    }
}

/// A policy that grants nothing.
fn nothing(kind: Option<Kind>) -> Document {
    let span = Span { file: FileId(u32::MAX), start: 0, end: 0 };
    Document::Policy(Box::new(Policy {
        kind: kind.unwrap_or(Kind::Identity),
        inferred: false,
        version: Version::V2012,
        id: None,
        statements: Vec::new(),
        file: span.file,
        span,
    }))
}

fn outcome(found: &Found, rule: &Arc<Rule>, asking: &Asking<'_>) -> Outcome {
    let Written::Whole(asked) = &found.document;
    let (existing, undetermined) = match existing(found, &rule.question) {
        Existing::None => (None, None),
        Existing::Document(name, document) => (Some((name, document)), None),
        Existing::Undetermined(reason) => (None, Some(reason)),
    };
    let report = match undetermined {
        Some(reason) => Ok(Report::undecided(Undecided {
            reason: format!("what it said before is not known: {reason}"),
            span: found.span,
            needed: "a before-side that is known".to_owned(),
        })),
        None => ask(rule, asked, existing.as_ref().map(|(_, document)| &**document), &found.diagnostics, asking),
    };
    Outcome {
        rule: Arc::clone(rule),
        asked: Arc::new((**asked).clone()),
        existing,
        report,
        values: Vec::new(),
        diagnostics: found.diagnostics.clone(),
        standing: Standing::default(),
    }
}

/// Asks the question of documents that are known as a whole.
fn ask(
    rule: &Rule,
    asked: &Document,
    existing: Option<&Document>,
    diagnostics: &[Diagnostic],
    asking: &Asking<'_>,
) -> Result<Report, Disagreement> {
    let Asking { catalogue, settings, strictness } = *asking;
    let report = match (&rule.question, existing) {
        (Question::AccessNotGranted { access }, _) => {
            checks::access_not_granted_by(asked.side(), access, catalogue, settings)?
        }
        (Question::NoNewAccess { .. }, Some(existing)) => {
            checks::no_new_access_between(existing.side(), asked.side(), catalogue, settings)?
        }
        (Question::NoNewAccess { .. }, None) => not_asked("there is nothing to compare with"),
        (Question::NoPublicAccess | Question::NoExternalAccess { .. }, _) => {
            not_asked("this check is not part of this version")
        }
    };
    Ok(report.admitted(admission(diagnostics, strictness), diagnostics))
}

fn not_asked(reason: &str) -> Report {
    Report::undecided(Undecided { reason: reason.to_owned(), span: None, needed: String::new() })
}
