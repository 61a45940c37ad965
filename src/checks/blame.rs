//! Who is to blame: the entries that let a counterexample through, and why the existing side did not allow it.

mod deny;

use crate::checks::counterexample::{Found, Naming};
use crate::checks::side::Grant;
use crate::checks::{Cause, Needed, Part, Question, READINGS, Reason, Side, StatementAt};
use crate::policy::{Effect, Policy, Statement};
use crate::semantics::authorization::Stack;
use crate::semantics::document::{self, Position};
use crate::semantics::trace::Trace;
use crate::semantics::{Contested, NOWHERE, Part as Mark};
use crate::source::Span;

/// The reason that a counterexample gives.
pub(super) fn reason(question: &Question<'_>, found: &Found) -> Reason {
    let grants = question.asked.grants();
    let grant = grants.get(found.grant);
    let why_not_before = cause(question, found);
    let (part, guilty) = match grant {
        Some(grant) => guilt(question, found, grant, &why_not_before),
        None => (Part::Nothing, Vec::new()),
    };
    let documents = question.asked.documents();
    let whole = documents.first().map_or(NOWHERE, |policy| policy.span);
    Reason {
        statement_index: grant.map_or(0, |grant| grant.statement.index),
        statement_id: grant.and_then(|grant| grant.statement.sid.clone()),
        span: grant.map_or(whole, |grant| grant.statement.span),
        part,
        guilty,
        counterexample: found.request.clone(),
        also: also(question, found, grant.map(|grant| grant.statement.span)),
        why_not_before,
        suggestion: None,
        readings: found.circumstances.readings.clone(),
        future_action: found.naming != Naming::Named,
        note: note(found),
        exposure: found.exposure.clone(),
    }
}

/// What else there is to know about a counterexample.
pub(super) fn note(found: &Found) -> Option<String> {
    let mut notes = Vec::new();
    if !found.circumstances.readings.is_empty() {
        let names: Vec<String> = found.circumstances.readings.iter().map(|rule| name(*rule)).collect();
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

/// The rule's name in the table of spec 0.3: `C2`, `C1 (R3)`.
fn name(rule: Contested) -> String {
    let listed = READINGS.iter().find(|(_, each)| *each == rule).map_or("", |(name, _)| *name);
    listed.split_once('=').map_or_else(|| listed.to_owned(), |(rule, reading)| format!("{rule} ({reading})"))
}

/// What every statement of a side made of the counterexample.
fn traced<'f>(found: &'f Found, side: Side<'_>, position: Position) -> Trace<'f> {
    let mut trace = Trace::new(found.concrete());
    side.allows(&mut trace, position);
    trace
}

fn matched(trace: &Trace<'_>, statement: &Statement) -> bool {
    trace.truth(Mark::Statement, statement.span) == Some(true)
}

/// Why the existing side does not allow the request: a Deny, a layer, an Allow whose conditions fail, or nothing at all.
fn cause(question: &Question<'_>, found: &Found) -> Cause {
    let Some(existing) = question.existing else { return Cause::Granted };
    let trace = traced(found, existing, Position::Reference);
    let documents = existing.documents();
    let statements = || documents.iter().flat_map(|policy| policy.statements.iter());
    if let Some(deny) = statements().filter(|s| s.effect == Effect::Deny).find(|deny| matched(&trace, deny)) {
        return Cause::DeniedByOld {
            statement_index: deny.index,
            statement_id: deny.sid.clone(),
            span: deny.span,
            entries: entries(&trace, deny.action.span),
            narrowed: deny::counterpart(question, found, deny).map(Box::new),
        };
    }
    if let Some(layer) = silent_layer(existing, &trace) {
        return Cause::NothingInLayer { layer };
    }
    // of those that name the request, the one that asks for least more
    let failing = |allow: &Statement| -> Vec<Span> {
        let clauses = allow.conditions.iter();
        clauses
            .filter(|clause| trace.truth(Mark::Clause, clause.span) == Some(false))
            .map(|clause| clause.span)
            .collect()
    };
    let named = statements().filter(|s| s.effect == Effect::Allow && misses(&trace, s).iter().all(|(_, fails)| !fails));
    let nearest = named.map(|allow| (allow, failing(allow))).filter(|(_, spans)| !spans.is_empty());
    match nearest.min_by_key(|(_, spans)| spans.len()) {
        Some((allow, spans)) => {
            Cause::ConditionLoosened { statement_index: allow.index, statement_id: allow.sid.clone(), spans }
        }
        None => Cause::NothingAllows,
    }
}

/// Whether who, what and on what fail to match.
fn misses(trace: &Trace<'_>, statement: &Statement) -> [(Part, bool); 3] {
    let fails = |mark, span: Span| trace.truth(mark, span) == Some(false);
    [
        (Part::Resource, statement.resource.as_ref().is_some_and(|listed| fails(Mark::Resource, listed.span))),
        (Part::Action, fails(Mark::Action, statement.action.span)),
        (Part::Principal, statement.principal.as_ref().is_some_and(|element| fails(Mark::Principal, element.span))),
    ]
}

/// The layer of a stack that grants the request but in which nothing allows it.
fn silent_layer(side: Side<'_>, trace: &Trace<'_>) -> Option<String> {
    let Side::Stack(of) = side else { return None };
    let allows = |policies: &[&Policy]| {
        let mut statements = policies.iter().flat_map(|policy| &policy.statements);
        statements.any(|statement| statement.effect == Effect::Allow && matched(trace, statement))
    };
    let granting: Vec<&Policy> = of.identity.iter().chain(&of.resource).collect();
    if !allows(&granting) {
        return None;
    }
    limits(of).into_iter().find(|(_, policies)| !allows(policies)).map(|(name, _)| name)
}

/// The layers of a stack of which each must allow the request, by name, that are given.
pub(super) fn limits(of: &Stack) -> Vec<(String, Vec<&Policy>)> {
    let mut layers: Vec<(String, Vec<&Policy>)> = Vec::new();
    layers.extend(of.boundary.iter().map(|policy| ("boundary".to_owned(), vec![policy])));
    if !of.session.is_empty() {
        layers.push(("session".to_owned(), of.session.iter().collect()));
    }
    let levels = of.scps.iter().enumerate();
    layers.extend(levels.map(|(level, policies)| (format!("scps[{level}]"), policies.iter().collect())));
    layers.extend(of.endpoint.iter().map(|policy| ("endpoint".to_owned(), vec![policy])));
    layers
}

/// The part of the guilty statement that matters, and its entries that the request matches.
fn guilt(question: &Question<'_>, found: &Found, grant: &Grant<'_>, cause: &Cause) -> (Part, Vec<Span>) {
    let mut trace = Trace::new(found.concrete());
    document::statement(&mut trace, grant.policy, grant.statement, Position::UnderTest);
    let statement = grant.statement;
    let loosened = loosened(question, cause, statement);
    if !loosened.is_empty() {
        return (Part::Condition, loosened);
    }
    let part = part(question, found, cause);
    let span = match part {
        Part::Resource => statement.resource.as_ref().map(|listed| listed.span),
        Part::Principal => statement.principal.as_ref().map(|element| element.span),
        Part::Action | Part::Condition | Part::Nothing => None,
    };
    let (part, span) = span.map_or((Part::Action, statement.action.span), |span| (part, span));
    (part, entries(&trace, span))
}

/// The entries of a list that the request matches, else the whole list.
fn entries(trace: &Trace<'_>, list: Span) -> Vec<Span> {
    let entries = trace.matched_entries(list);
    if entries.is_empty() { vec![list] } else { entries }
}

/// The clauses of the statement on keys of clauses that the existing side had and that fail there.
fn loosened(question: &Question<'_>, cause: &Cause, statement: &Statement) -> Vec<Span> {
    let (Cause::ConditionLoosened { spans, .. }, Some(existing)) = (cause, question.existing) else {
        return Vec::new();
    };
    let documents = existing.documents();
    let clauses = documents.iter().flat_map(|policy| &policy.statements).flat_map(|statement| &statement.conditions);
    let keys: Vec<&str> =
        clauses.filter(|clause| spans.contains(&clause.span)).map(|clause| clause.key.as_str()).collect();
    let own = statement.conditions.iter().filter(|clause| keys.contains(&clause.key.as_str()));
    own.map(|clause| clause.span).collect()
}

/// The part that the existing side's nearest Allow has nothing for; of equally near ones first a resource, then an action.
fn part(question: &Question<'_>, found: &Found, cause: &Cause) -> Part {
    let only_resources = question.access.iter().all(|access| access.actions.is_empty());
    match (cause, question.existing) {
        (Cause::Granted, _) if question.outsiders.is_some() => Part::Principal,
        (Cause::Granted, _) if !question.access.is_empty() && only_resources => Part::Resource,
        (Cause::NothingAllows, Some(existing)) => {
            let trace = traced(found, existing, Position::Reference);
            let documents = existing.documents();
            let allows = documents.iter().flat_map(|p| &p.statements).filter(|s| s.effect == Effect::Allow);
            let nearest = allows.filter_map(|allow| {
                let failing: Vec<usize> = (0..3).filter(|at| misses(&trace, allow)[*at].1).collect();
                Some((failing.len(), *failing.first()?))
            });
            match nearest.min() {
                Some((1, 0)) => Part::Resource,
                Some((1, 2)) => Part::Principal,
                Some(_) | None => Part::Action,
            }
        }
        _ => Part::Action,
    }
}

/// In a stack: the Allow statements of other layers that the request needs, one a layer.
fn also(question: &Question<'_>, found: &Found, guilty: Option<Span>) -> Vec<Needed> {
    let Side::Stack(of) = question.asked else { return Vec::new() };
    let trace = traced(found, question.asked, Position::UnderTest);
    let mut layers = limits(of);
    if let Some(granting) = other_granting(question, found, guilty) {
        layers.insert(0, granting);
    }
    let mut needed = Vec::new();
    for (layer, policies) in layers {
        let mut statements = policies.iter().flat_map(|policy| &policy.statements);
        let allow = statements.find(|s| s.effect == Effect::Allow && matched(&trace, s));
        needed.extend(allow.map(|allow| {
            let entries = entries(&trace, allow.action.span);
            Needed { layer, place: StatementAt::of(allow), entries }
        }));
    }
    needed
}

/// The granting layer that the guilty statement is not in, if the request needs both.
fn other_granting<'p>(
    question: &Question<'p>,
    found: &Found,
    guilty: Option<Span>,
) -> Option<(String, Vec<&'p Policy>)> {
    let (Side::Stack(of), Some(guilty)) = (question.asked, guilty) else { return None };
    let holds = |policy: &Policy| policy.statements.iter().any(|statement| statement.span == guilty);
    let in_resource = of.resource.as_ref().is_some_and(holds);
    let mut alone = of.clone();
    if in_resource {
        alone.identity.clear();
    } else {
        alone.resource = None;
    }
    if Side::Stack(&alone).allows(&mut found.concrete(), Position::UnderTest) {
        return None;
    }
    Some(if in_resource {
        ("identity".to_owned(), of.identity.iter().collect())
    } else {
        ("resource".to_owned(), of.resource.iter().collect())
    })
}
