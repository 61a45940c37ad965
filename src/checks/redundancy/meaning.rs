//! Statements as formulas, part by part, so that the effect of one place can be told from that of the rest.

use std::collections::BTreeSet;

use solver::formula::{Formula, Formulas};

use super::place::{Element, Place, fewer_values, only, trimmed_principal};
use crate::policy::condition::Clause;
use crate::policy::principal::PrincipalElement;
use crate::policy::{Effect, Kind, Policy, Statement};
use crate::semantics::document::{Position, Scope};
use crate::semantics::symbolic::Symbolic;
use crate::semantics::{Algebra, action, condition, principal, resource};
use crate::source::Span;

/// One statement as formulas. A grant of a resource policy has a level for each match class of spec 6.2, from "in any
/// class" to "direct": what stands in for it in a whole stack must reach as high. A Deny of one has a level without
/// permissions boundary and one with (spec 6.4).
#[derive(Clone, Debug)]
pub(super) struct Meaning {
    pub(super) effect: Effect,
    /// The principal by level.
    who: Vec<Formula>,
    action: Formula,
    resource: Formula,
    clauses: Vec<Formula>,
}

/// Match classes that a document of this kind tells apart.
fn levels(kind: Kind) -> usize {
    match kind {
        Kind::Resource | Kind::Trust => 4,
        Kind::Identity
        | Kind::Boundary
        | Kind::Session
        | Kind::ServiceControl
        | Kind::ResourceControl
        | Kind::Endpoint => 1,
    }
}

/// Where the statement stands.
fn scope(kind: Kind, effect: Effect, position: Position) -> Scope {
    Scope { kind, effect, position, bounded: false }
}

/// The principal element by level: account or better, role or better, session or better, direct (spec 6.2, 8.2); of a Deny
/// for callers without boundary, then for those with one.
fn who(a: &mut Symbolic<'_>, scope: Scope, element: Option<&PrincipalElement>) -> Vec<Formula> {
    let classes = principal::classes(a, scope, element);
    let any = classes.any(a);
    if levels(scope.kind) == 1 {
        return vec![any];
    }
    if scope.effect == Effect::Deny {
        let bounded = principal::applies(a, Scope { bounded: true, ..scope }, element);
        return vec![any, bounded, bounded, bounded];
    }
    let direct = a.any(vec![classes.everyone, classes.itself]);
    let session = a.any(vec![direct, classes.session]);
    let role = a.any(vec![session, classes.role]);
    vec![any, role, session, direct]
}

impl Meaning {
    pub(super) fn of(a: &mut Symbolic<'_>, kind: Kind, statement: &Statement, position: Position) -> Meaning {
        let scope = scope(kind, statement.effect, position);
        Meaning {
            effect: statement.effect,
            who: who(a, scope, statement.principal.as_ref()),
            action: action::applies(a, scope, &statement.action),
            resource: resource::applies(a, scope, statement.resource.as_ref()),
            clauses: statement.conditions.iter().map(|clause| condition::holds(a, clause)).collect(),
        }
    }

    /// The parts that must all hold, beginning with the principal in any class.
    pub(super) fn parts(&self) -> Vec<Formula> {
        let first = self.who.first().copied().unwrap_or(Formula::TRUE);
        [first, self.action, self.resource].into_iter().chain(self.clauses.iter().copied()).collect()
    }

    /// Whether the statement matches, by level.
    pub(super) fn matches(&self, a: &mut Symbolic<'_>) -> Vec<Formula> {
        let rest: Vec<Formula> = [self.action, self.resource].into_iter().chain(self.clauses.iter().copied()).collect();
        let rest = a.formulas.all(&rest);
        self.who.iter().map(|who| a.formulas.all(&[*who, rest])).collect()
    }
}

/// The statements of a document with what the whole grants and forbids.
#[derive(Clone, Debug)]
pub(super) struct Whole {
    /// Each statement by level.
    pub(super) statements: Vec<(Effect, Vec<Formula>)>,
    kind: Kind,
}

impl Whole {
    pub(super) fn of(a: &mut Symbolic<'_>, policy: &Policy, position: Position) -> Whole {
        let mut statements = Vec::with_capacity(policy.statements.len());
        for statement in &policy.statements {
            let meaning = Meaning::of(a, policy.kind, statement, position);
            statements.push((statement.effect, meaning.matches(a)));
        }
        Whole { statements, kind: policy.kind }
    }

    /// Whether some Deny but the one at `except` matches, by level.
    pub(super) fn denied(&self, a: &mut Symbolic<'_>, except: Option<usize>) -> Vec<Formula> {
        (0..levels(self.kind)).map(|level| self.some(a, Effect::Deny, level, except)).collect()
    }

    /// Whether some Allow but the one at `except` matches, by level. A resource control policy is read with the
    /// allow-all one that the service attaches (spec 8.5).
    pub(super) fn granted(&self, a: &mut Symbolic<'_>, except: Option<usize>) -> Vec<Formula> {
        if self.kind == Kind::ResourceControl {
            return vec![Formula::TRUE; levels(self.kind)];
        }
        (0..levels(self.kind)).map(|level| self.some(a, Effect::Allow, level, except)).collect()
    }

    fn some(&self, a: &mut Symbolic<'_>, effect: Effect, level: usize, except: Option<usize>) -> Formula {
        let others = self.statements.iter().enumerate().filter(|(at, (e, _))| *e == effect && Some(*at) != except);
        let parts: Vec<Formula> = others.filter_map(|(_, (_, by_level))| by_level.get(level).copied()).collect();
        a.formulas.any(&parts)
    }
}

/// A statement ready to be compared with itself without one of its places.
pub(super) struct Compared<'p> {
    kind: Kind,
    statement: &'p Statement,
    own: Meaning,
    /// Each action by itself, made once for all places of the list.
    actions: Vec<Formula>,
}

impl<'p> Compared<'p> {
    pub(super) fn of(a: &mut Symbolic<'_>, kind: Kind, statement: &'p Statement) -> Compared<'p> {
        let own = Meaning::of(a, kind, statement, Position::UnderTest);
        let scope = scope(kind, statement.effect, Position::UnderTest);
        let listed = &statement.action;
        let mut actions = Vec::with_capacity(listed.entries.len());
        for entry in &listed.entries {
            let truth = action::applies(a, scope, &only(listed, entry));
            actions.push(if listed.negated { Formulas::not(truth) } else { truth });
        }
        Compared { kind, statement, own, actions }
    }

    /// Where the statement and the statement without the place differ, by level.
    pub(super) fn difference(&self, a: &mut Symbolic<'_>, place: &Place) -> Vec<Formula> {
        let mut rest = self.own.clone();
        match place.element {
            Element::Statement => {}
            Element::Clause => self.differ_in_clause(a, &mut rest, place, |_, _| Formula::TRUE),
            Element::Value => {
                let removed = BTreeSet::from([place.span]);
                self.differ_in_clause(a, &mut rest, place, |a, clause| {
                    condition::holds(a, &fewer_values(clause, &removed))
                });
            }
            Element::Action => rest.action = self.action_alone(a, place.span),
            Element::Resource => rest.resource = self.resource_alone(a, place.span),
            Element::Principal => {
                let fewer = trimmed_principal(self.statement, place.span);
                let fewer = who(a, scope(self.kind, self.own.effect, Position::UnderTest), fewer.as_ref());
                rest.who = self.own.who.iter().zip(&fewer).map(|(own, fewer)| either(a, *own, *fewer)).collect();
            }
        }
        rest.matches(a)
    }

    fn differ_in_clause(
        &self,
        a: &mut Symbolic<'_>,
        rest: &mut Meaning,
        place: &Place,
        after: impl Fn(&mut Symbolic<'_>, &Clause) -> Formula,
    ) {
        let inside = |clause: &Clause| clause.span.start <= place.span.start && place.span.end <= clause.span.end;
        let Some(at) = self.statement.conditions.iter().position(inside) else { return };
        if let (Some(truth), Some(clause)) = (rest.clauses.get_mut(at), self.statement.conditions.get(at)) {
            let after = after(a, clause);
            *truth = either(a, *truth, after);
        }
    }

    /// The action entry and not the others.
    fn action_alone(&self, a: &mut Symbolic<'_>, span: Span) -> Formula {
        let Some(at) = self.statement.action.entries.iter().position(|entry| entry.span == span) else {
            return Formula::FALSE;
        };
        let others = self.actions.iter().enumerate().filter(|(other, _)| *other != at);
        let others: Vec<Formula> = others.map(|(_, truth)| Formulas::not(*truth)).collect();
        let others = a.formulas.all(&others);
        self.actions.get(at).map_or(Formula::FALSE, |own| a.formulas.all(&[*own, others]))
    }

    /// Where the list of resources and the list without the entry differ.
    fn resource_alone(&self, a: &mut Symbolic<'_>, span: Span) -> Formula {
        let Some(listed) = &self.statement.resource else { return Formula::FALSE };
        let Some(entry) = listed.entries.iter().find(|entry| entry.span == span) else { return Formula::FALSE };
        let scope = scope(self.kind, self.own.effect, Position::UnderTest);
        let mut fewer = listed.clone();
        fewer.entries.retain(|entry| entry.span != span);
        let after = resource::applies(a, scope, Some(&fewer));
        if listed.negated {
            return either(a, self.own.resource, after);
        }
        let own = resource::applies(a, scope, Some(&only(listed, entry)));
        a.formulas.all(&[own, Formulas::not(after)])
    }
}

/// One and not the other.
pub(super) fn either(a: &mut Symbolic<'_>, first: Formula, second: Formula) -> Formula {
    let lost = a.formulas.all(&[first, Formulas::not(second)]);
    let gained = a.formulas.all(&[second, Formulas::not(first)]);
    a.formulas.any(&[lost, gained])
}
