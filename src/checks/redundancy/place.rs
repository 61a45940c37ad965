//! Places of a document that may add nothing: statements, entries of lists, clauses and values; and the document without
//! them.

use std::collections::BTreeSet;

use crate::policy::condition::{Clause, Test, Value};
use crate::policy::principal::PrincipalElement;
use crate::policy::{Listed, Policy, Statement};
use crate::source::Span;

/// What stands at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Element {
    /// A whole statement.
    Statement,
    /// One key under one operator.
    Clause,
    /// A value of a clause.
    Value,
    /// An entry of `Principal` or `NotPrincipal`.
    Principal,
    /// An entry of `Action` or `NotAction`.
    Action,
    /// An entry of `Resource` or `NotResource`.
    Resource,
}

/// A place of a document. Its bytes tell it from every other place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The index of its statement in the document as written.
    pub statement: usize,
    /// What stands there.
    pub element: Element,
    /// The bytes.
    pub span: Span,
}

/// The places of a statement, the largest first. The only entry of a list is the statement itself, and is not a place.
pub(super) fn places(statement: &Statement) -> Vec<Place> {
    let index = statement.index;
    let place = |element, span| Place { statement: index, element, span };
    let mut places = vec![place(Element::Statement, statement.span)];
    places.extend(statement.conditions.iter().map(|clause| place(Element::Clause, clause.span)));
    let mut entries = Vec::new();
    if let Some(who) = statement.principal.as_ref().filter(|who| who.entries.len() > 1) {
        entries.extend(who.entries.iter().map(|entry| place(Element::Principal, entry.span)));
    }
    if statement.action.entries.len() > 1 {
        entries.extend(statement.action.entries.iter().map(|entry| place(Element::Action, entry.span)));
    }
    if let Some(resource) = statement.resource.as_ref().filter(|resource| resource.entries.len() > 1) {
        entries.extend(resource.entries.iter().map(|entry| place(Element::Resource, entry.span)));
    }
    for clause in &statement.conditions {
        let values = values(clause).filter(|values| values.len() > 1).unwrap_or_default();
        entries.extend(values.iter().map(|value| place(Element::Value, value.span)));
    }
    // of two entries that say the same the later one goes
    entries.reverse();
    places.extend(entries);
    places
}

/// Whether the statement without the place can only match less. Such a place may go when others say the same; one that
/// holds the statement back only when it holds back nothing, whatever the others say.
pub(super) fn widens(statement: &Statement, place: &Place) -> bool {
    match place.element {
        Element::Statement => true,
        Element::Clause => false,
        Element::Principal => statement.principal.as_ref().is_some_and(|who| !who.negated),
        Element::Action => !statement.action.negated,
        Element::Resource => statement.resource.as_ref().is_some_and(|listed| !listed.negated),
        Element::Value => statement.conditions.iter().any(|clause| {
            let own = values(clause).is_some_and(|values| values.iter().any(|value| value.span == place.span));
            own && matches!(&clause.test, Test::Compare { operator, .. } if !operator.negated)
        }),
    }
}

/// The values of a comparison.
fn values(clause: &Clause) -> Option<&[Value]> {
    match &clause.test {
        Test::Compare { values, .. } => Some(values),
        Test::Null { .. } | Test::Unknown { .. } => None,
    }
}

/// The document without these places. Statements keep their index.
pub(super) fn without(policy: &Policy, removed: &BTreeSet<Span>) -> Policy {
    let kept = policy.statements.iter().filter(|statement| !removed.contains(&statement.span));
    Policy {
        kind: policy.kind,
        inferred: policy.inferred,
        version: policy.version,
        id: policy.id.clone(),
        statements: kept.map(|statement| trimmed(statement, removed)).collect(),
        file: policy.file,
        span: policy.span,
    }
}

/// The statement without these places.
pub(super) fn trimmed(statement: &Statement, removed: &BTreeSet<Span>) -> Statement {
    let mut statement = statement.clone();
    if let Some(who) = &mut statement.principal {
        trim(&mut who.entries, removed, |entry| entry.span);
    }
    trim(&mut statement.action.entries, removed, |entry| entry.span);
    if let Some(resource) = &mut statement.resource {
        trim(&mut resource.entries, removed, |entry| entry.span);
    }
    let kept = statement.conditions.iter().filter(|clause| !removed.contains(&clause.span));
    statement.conditions = kept.map(|clause| fewer_values(clause, removed)).collect();
    statement
}

/// The principal element without one entry.
pub(super) fn trimmed_principal(statement: &Statement, removed: Span) -> Option<PrincipalElement> {
    let mut who = statement.principal.clone();
    if let Some(element) = &mut who {
        element.entries.retain(|entry| entry.span != removed);
    }
    who
}

/// The clause without these values.
pub(super) fn fewer_values(clause: &Clause, removed: &BTreeSet<Span>) -> Clause {
    let mut clause = clause.clone();
    if let Test::Compare { values, .. } = &mut clause.test {
        trim(values, removed, |value| value.span);
    }
    clause
}

/// Entries, clauses and values of the document.
pub(super) fn size(policy: &Policy) -> u64 {
    let size: usize = policy.statements.iter().map(|statement| places(statement).len().saturating_add(3)).sum();
    u64::try_from(size).unwrap_or(u64::MAX)
}

/// The work of comparing each list of the statement with itself without one entry.
pub(super) fn list_work(statement: &Statement) -> u64 {
    let resources = statement.resource.as_ref().map_or(0, |listed| listed.entries.len());
    let who = statement.principal.as_ref().map_or(0, |who| who.entries.len());
    let most_values = statement.conditions.iter().filter_map(values).map(<[Value]>::len).max().unwrap_or(0);
    let lists = [statement.action.entries.len(), resources, who, most_values];
    lists.iter().map(|length| u64::try_from(length.saturating_mul(*length)).unwrap_or(u64::MAX)).sum()
}

fn trim<T>(entries: &mut Vec<T>, removed: &BTreeSet<Span>, span: impl Fn(&T) -> Span) {
    entries.retain(|entry| !removed.contains(&span(entry)));
}

/// Whether some statement of the smaller document has a list without entries that has some in the larger: no way to
/// write it.
pub(super) fn empties_a_list(larger: &Policy, smaller: &Policy) -> bool {
    let lists = |statement: &Statement| -> Vec<usize> {
        let who = statement.principal.iter().map(|who| who.entries.len());
        let resource = statement.resource.iter().map(|listed| listed.entries.len());
        who.chain([statement.action.entries.len()]).chain(resource).collect()
    };
    let emptied_values = |before: &Statement, after: &Statement| {
        let clauses = after.conditions.iter();
        clauses.filter(|clause| values(clause).is_some_and(<[Value]>::is_empty)).any(|clause| {
            let same = before.conditions.iter().find(|other| other.span == clause.span);
            same.and_then(values).is_some_and(|values| !values.is_empty())
        })
    };
    smaller.statements.iter().any(|after| {
        let before = larger.statements.iter().find(|statement| statement.index == after.index);
        before.is_some_and(|before| {
            let emptied = lists(before).iter().zip(lists(after)).any(|(before, after)| *before > 0 && after == 0);
            emptied || emptied_values(before, after)
        })
    })
}

/// The list with one entry only.
pub(super) fn only<T: Clone>(listed: &Listed<T>, entry: &T) -> Listed<T> {
    Listed { negated: listed.negated, entries: vec![entry.clone()], span: listed.span }
}
