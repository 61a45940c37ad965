//! Which part of a guilty statement to underline: the one that the existing side had nothing for.

use crate::checks::{Cause, Reason, Side};
use crate::policy::{Effect, Statement};
use crate::report::{Answer, Named, Question};
use crate::semantics::concrete::Concrete;
use crate::semantics::document::Position;
use crate::semantics::trace::{Because, Line, document_lines, stack_lines};
use crate::source::Span;

/// The entries to underline: of the guilty ones those in the part that matters, of all parts if none is known to.
pub(super) fn guilty(reason: &Reason, answer: &Answer<'_>) -> Vec<Span> {
    if is_whole(reason, answer.asked) {
        return Vec::new();
    }
    let part =
        super::statement_at(answer.asked.side, reason.span).and_then(|statement| part(statement, reason, answer));
    let within = |span: &&Span| part.is_none_or(|part| part.start <= span.start && span.end <= part.end);
    let focused: Vec<Span> = reason.guilty.iter().filter(within).copied().collect();
    match (focused.is_empty(), part) {
        (false, _) => focused,
        (true, Some(part)) => vec![part],
        (true, None) if reason.guilty.is_empty() => vec![reason.span],
        (true, None) => reason.guilty.clone(),
    }
}

/// Whether the reason is about the documents as a whole: no statement grants the request.
pub(super) fn is_whole(reason: &Reason, asked: Named<'_>) -> bool {
    let is_one = |statement: &Statement| statement.span == reason.span;
    match asked.side {
        Side::Document(policy) => policy.span == reason.span && !policy.statements.iter().any(is_one),
        Side::Stack(_) => super::statement_at(asked.side, reason.span).is_none(),
    }
}

/// The part of the statement that matters.
fn part(statement: &Statement, reason: &Reason, answer: &Answer<'_>) -> Option<Span> {
    let action = Some(statement.action.span);
    let resource = statement.resource.as_ref().map(|listed| listed.span).or(action);
    let principal = statement.principal.as_ref().map(|element| element.span).or(action);
    match (answer.question, &reason.why_not_before) {
        (Question::AccessNotGranted { access }, _) if access.iter().all(|access| access.actions.is_empty()) => resource,
        (Question::AccessNotGranted { .. }, _) => action,
        (Question::NoPublicAccess { .. }, _) => principal,
        (Question::NoNewAccess { existing }, Cause::NothingAllows) => {
            let lines = lines(existing.side, reason);
            let fails = |wanted: fn(&Because) -> bool| {
                lines.iter().any(|line| line.effect == Effect::Allow && wanted(&line.because))
            };
            if fails(|because| matches!(because, Because::Resource(_))) {
                resource
            } else if fails(|because| matches!(because, Because::Action(_))) {
                action
            } else if fails(|because| matches!(because, Because::Principal(_))) {
                principal
            } else {
                action
            }
        }
        (Question::NoNewAccess { .. }, _) => action,
    }
}

/// What the statements of the existing side made of the request.
fn lines(side: Side<'_>, reason: &Reason) -> Vec<Line> {
    let concrete = Concrete::new(&reason.counterexample);
    match side {
        Side::Document(policy) => document_lines(concrete, policy, Position::Reference),
        Side::Stack(stack) => stack_lines(concrete, stack, Position::Reference).1,
    }
}
