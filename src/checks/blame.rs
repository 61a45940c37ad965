//! Who is to blame: the entries that let a counterexample through, and why the existing side did not allow it.

use crate::checks::counterexample::{Found, Naming};
use crate::checks::{Cause, Question, Reason, Side};
use crate::policy::{Effect, Policy, Statement};
use crate::semantics::document::{self, Position};
use crate::semantics::trace::Trace;
use crate::semantics::{Contested, Part};
use crate::source::Span;

/// The reason that a counterexample gives.
pub(super) fn reason(question: &Question<'_>, found: &Found) -> Reason {
    let grants = question.asked.grants();
    let grant = grants.get(found.grant);
    let mut trace = Trace::new(found.concrete());
    let guilty = grant.map_or_else(Vec::new, |grant| {
        document::statement(&mut trace, grant.policy, grant.statement, Position::UnderTest);
        trace.matched_entries(grant.statement.span)
    });
    let documents = question.asked.documents();
    let whole = documents.first().map_or(crate::semantics::NOWHERE, |policy| policy.span);
    Reason {
        statement_index: grant.map_or(0, |grant| grant.statement.index),
        statement_id: grant.and_then(|grant| grant.statement.sid.clone()),
        span: grant.map_or(whole, |grant| grant.statement.span),
        guilty,
        counterexample: found.request.clone(),
        why_not_before: cause(question, found),
        note: note(found),
        exposure: found.exposure.clone(),
    }
}

/// What else there is to know about a counterexample.
pub(super) fn note(found: &Found) -> Option<String> {
    let mut notes = Vec::new();
    if !found.circumstances.readings.is_empty() {
        let names: Vec<&str> = found.circumstances.readings.iter().map(|rule| name(*rule)).collect();
        notes.push(format!("depends on undocumented behaviour {}", names.join(", ")));
    }
    if !found.circumstances.unknowns.is_empty() {
        notes.push("depends on an operator that does not exist".to_owned());
    }
    if found.circumstances.unlisted_session_policy {
        notes.push("the federated user passes a session policy that allows it".to_owned());
    }
    match found.naming {
        Naming::Named => {}
        Naming::Future => notes.push("future action: no action of today fits".to_owned()),
        Naming::Untold => notes.push("no action was found in the catalogue that fits".to_owned()),
    }
    (!notes.is_empty()).then(|| notes.join("; "))
}

/// The rule's name in the table of spec 0.3.
fn name(rule: Contested) -> &'static str {
    match rule {
        Contested::C1R2 => "C1 (R2)",
        Contested::C1R3 => "C1 (R3)",
        Contested::C2 => "C2",
        Contested::C3 => "C3",
        Contested::C4 => "C4",
        Contested::C5 => "C5",
        Contested::C6 => "C6",
        Contested::C7 => "C7",
        Contested::C8 => "C8",
        Contested::C9 => "C9",
        Contested::C10 => "C10",
        Contested::C12 => "C12",
        Contested::C14 => "C14",
        Contested::C15 => "C15",
        Contested::C16 => "C16",
        Contested::C17 => "C17",
    }
}

/// Why the existing side does not allow the request: a Deny, an Allow whose conditions fail, or nothing at all.
fn cause(question: &Question<'_>, found: &Found) -> Cause {
    let Some(existing) = question.existing else { return Cause::Granted };
    let mut trace = Trace::new(found.concrete());
    existing.allows(&mut trace, Position::Reference);
    let documents = existing.documents();
    let statements = || documents.iter().flat_map(|policy| policy.statements.iter());
    let matched = |statement: &&Statement| trace.truth(Part::Statement, statement.span) == Some(true);
    if let Some(deny) = statements().filter(|s| s.effect == Effect::Deny).find(matched) {
        return Cause::DeniedByOld { statement_index: deny.index, statement_id: deny.sid.clone(), span: deny.span };
    }
    for allow in statements().filter(|s| s.effect == Effect::Allow) {
        let held = |part, span: Span| trace.truth(part, span) != Some(false);
        let scope = allow.principal.as_ref().is_none_or(|element| held(Part::Principal, element.span))
            && held(Part::Action, allow.action.span)
            && allow.resource.as_ref().is_none_or(|listed| held(Part::Resource, listed.span));
        let failing: Vec<Span> = allow
            .conditions
            .iter()
            .filter(|clause| trace.truth(Part::Clause, clause.span) == Some(false))
            .map(|clause| clause.span)
            .collect();
        if scope && !failing.is_empty() {
            return Cause::ConditionLoosened {
                statement_index: allow.index,
                statement_id: allow.sid.clone(),
                spans: failing,
            };
        }
    }
    Cause::NothingAllows
}

/// What carries a PASS, in words: the existing side's documents and how many of its statements speak at all.
pub(super) fn carried_by(question: &Question<'_>) -> Vec<String> {
    match question.existing {
        None => Vec::new(),
        Some(Side::Document(policy)) => {
            let allows = numbers(policy, Effect::Allow);
            match allows.as_slice() {
                [] => Vec::new(),
                [only] => vec![format!("the Allow statement {only} of the existing policy")],
                [_, .., last] if allows.len() <= 8 => {
                    let first = allows.get(..allows.len() - 1).unwrap_or(&[]).join(", ");
                    vec![format!("the Allow statements {first} and {last} of the existing policy")]
                }
                _ => vec![format!("the {} Allow statements of the existing policy", allows.len())],
            }
        }
        Some(Side::Stack(_)) => vec!["the existing stack".to_owned()],
    }
}

fn numbers(policy: &Policy, effect: Effect) -> Vec<String> {
    policy.statements.iter().filter(|s| s.effect == effect).map(|s| s.index.to_string()).collect()
}
