//! What became of a Deny: its counterpart in the asked side, and the part of it that changed.

use crate::checks::counterexample::Found;
use crate::checks::{Narrowed, Question, StatementAt};
use crate::policy::condition::{Clause, Test};
use crate::policy::{Effect, Statement};
use crate::semantics::Part as Mark;
use crate::semantics::document::Position;
use crate::source::Span;

/// The Deny of the asked side that takes the place of one of the existing side: of the same Sid, or else the one that
/// differs in one part only.
pub(super) fn counterpart(question: &Question<'_>, found: &Found, old: &Statement) -> Option<Narrowed> {
    let documents = question.asked.documents();
    let denies: Vec<&Statement> =
        documents.iter().flat_map(|p| &p.statements).filter(|s| s.effect == Effect::Deny).collect();
    let named = denies.iter().find(|new| new.sid.is_some() && new.sid == old.sid);
    let alike = || denies.iter().find(|new| differences(old, new) == 1);
    let new = named.copied().or_else(|| alike().copied())?;
    let trace = super::traced(found, question.asked, Position::UnderTest);
    let fails = |mark, span: Span| trace.truth(mark, span) == Some(false);
    let part = |span: Span, before: Option<Span>| Narrowed { place: StatementAt::of(new), now: span, before };
    if let Some(clause) = new.conditions.iter().find(|clause| fails(Mark::Clause, clause.span)) {
        let before = old.conditions.iter().find(|each| each.key == clause.key).map(|clause| clause.span);
        return Some(part(clause.span, before));
    }
    if let Some(element) = new.principal.as_ref().filter(|element| fails(Mark::Principal, element.span)) {
        return Some(part(element.span, old.principal.as_ref().map(|element| element.span)));
    }
    if fails(Mark::Action, new.action.span) {
        return Some(part(new.action.span, Some(old.action.span)));
    }
    let listed = new.resource.as_ref().filter(|listed| fails(Mark::Resource, listed.span))?;
    Some(part(listed.span, old.resource.as_ref().map(|listed| listed.span)))
}

/// In how many parts two statements differ.
fn differences(one: &Statement, other: &Statement) -> usize {
    let parts = |s: &Statement| {
        let principal = s.principal.as_ref().map(|element| {
            (element.negated, element.entries.iter().map(|entry| entry.text.clone()).collect::<Vec<_>>())
        });
        let action: Vec<String> = s.action.entries.iter().map(|entry| entry.text.clone()).collect();
        let resource = s
            .resource
            .as_ref()
            .map(|listed| (listed.negated, listed.entries.iter().map(|entry| entry.text.clone()).collect::<Vec<_>>()));
        let conditions: Vec<String> = s.conditions.iter().map(clause_text).collect();
        (principal, (s.action.negated, action), resource, conditions)
    };
    let (one, other) = (parts(one), parts(other));
    [one.0 != other.0, one.1 != other.1, one.2 != other.2, one.3 != other.3]
        .into_iter()
        .filter(|differ| *differ)
        .count()
}

/// What a clause says, without its place.
fn clause_text(clause: &Clause) -> String {
    let test = match &clause.test {
        Test::Compare { operator, values } => {
            let values: Vec<&str> = values.iter().map(|value| value.text.as_str()).collect();
            format!("{operator:?} {}", values.join("\u{1f}"))
        }
        Test::Null { quantifier, values } => format!("{quantifier:?} {values:?}"),
        Test::Unknown { text } => text.clone(),
    };
    format!("{} {test}", clause.key)
}
