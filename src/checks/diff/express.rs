//! A set of parts of statements as a cube: lists intersected and trimmed, clauses turned into their contrary. What comes
//! out is put to the solver again before it is shown.

use solver::budget::Budget;

use crate::checks::counterexample::Found;
use crate::checks::cube::condition::{contrary, folded};
use crate::checks::cube::entry::Entry;
use crate::checks::cube::{Condition, Cube, Extent, Scoped};
use crate::checks::diff::search::{Literal, Search};
use crate::checks::label::{KINDS, Label};
use crate::policy::condition::Clause;
use crate::policy::{Effect, Kind};
use crate::request::CallerKind;
use crate::semantics::document::{Position, Scope};

/// The cube of these literals that holds the request, inside the difference; the shortest form that is proved to be.
pub(super) fn express(
    search: &mut Search<'_>,
    literals: &[Literal],
    found: &Found,
    budget: &mut Budget,
) -> Option<Cube> {
    let raw = cube(search, literals, budget);
    let trimmed = Cube {
        actions: raw.actions.trimmed(),
        resources: raw.resources.trimmed(),
        principals: raw.principals.trimmed(),
        ..raw.clone()
    };
    let scope = Scope { kind: Kind::Identity, effect: Effect::Allow, position: Position::UnderTest, bounded: false };
    let pinned = Cube {
        actions: Extent::exactly(&found.request.action, scope).unwrap_or_else(|| raw.actions.clone()),
        resources: Extent::exactly(&found.request.resource, scope).unwrap_or_else(|| raw.resources.clone()),
        ..raw.clone()
    };
    let fits = |search: &mut Search<'_>, cube: &Cube, budget: &mut Budget| {
        cube.holds(&mut found.concrete()) && search.holds(cube, budget)
    };
    let folded = Cube { conditions: folded(&trimmed.conditions), ..trimmed.clone() };
    let chosen = [folded, trimmed, raw, pinned].into_iter().find(|cube| fits(search, cube, budget))?;
    Some(with_more_callers(search, chosen, budget))
}

/// Other kinds of caller as well, where the whole cube stays inside; kinds that never make such a request are not named.
fn with_more_callers(search: &mut Search<'_>, mut cube: Cube, budget: &mut Budget) -> Cube {
    let Some(kinds) = cube.callers.clone() else { return cube };
    let mut makes = |kind: &CallerKind| {
        let alone = Cube { callers: Some(vec![*kind]), ..cube.clone() };
        let alone = alone.holds(&mut search.space.a);
        !search.space.is_empty(alone, budget)
    };
    let (named, others): (Vec<CallerKind>, Vec<CallerKind>) =
        KINDS.into_iter().filter(|kind| makes(kind)).partition(|kind| kinds.contains(kind));
    cube.callers = Some(named);
    for kind in others {
        let mut wider = cube.clone();
        if let Some(callers) = &mut wider.callers {
            callers.push(kind);
            callers.sort_unstable();
        }
        if search.holds(&wider, budget) {
            cube = wider;
        }
    }
    cube
}

/// Lists by dimension, as the literals give them.
struct Lists<E> {
    positives: Vec<Vec<Scoped<E>>>,
    negatives: Vec<Scoped<E>>,
}

impl<E: Entry> Lists<E> {
    fn new() -> Self {
        Self { positives: Vec::new(), negatives: Vec::new() }
    }

    /// Some of the entries of a list must speak of the request, or none may.
    fn add(&mut self, scope: Scope, negated: bool, entries: &[E], holds: bool) {
        let scoped = entries.iter().map(|entry| Scoped { scope, negated, entry: entry.clone() });
        if holds == negated {
            let new: Vec<Scoped<E>> = scoped.filter(|entry| !self.negatives.contains(entry)).collect();
            self.negatives.extend(new);
        } else {
            self.positives.push(scoped.collect());
        }
    }

    fn extent(self) -> Extent<E> {
        Extent::of(self.positives, self.negatives)
    }
}

fn cube(search: &mut Search<'_>, literals: &[Literal], budget: &mut Budget) -> Cube {
    let (mut actions, mut resources, mut principals) = (Lists::new(), Lists::new(), Lists::new());
    let mut cube = Cube::everything();
    let mut forbidden: Vec<CallerKind> = Vec::new();
    for literal in literals {
        let Some(label) = search.labels.all.get(literal.label).cloned() else { continue };
        let holds = literal.holds;
        match label {
            Label::Action(scope, listed) => actions.add(scope, listed.negated, &listed.entries, holds),
            Label::Resource(scope, listed) => resources.add(scope, listed.negated, &listed.entries, holds),
            Label::Principal(scope, element) => principals.add(scope, element.negated, &element.entries, holds),
            Label::Clause(clause) => cube.conditions.extend(conditions(search, clause, *literal, budget)),
            Label::Caller(kind) if holds => cube.callers = Some(vec![kind]),
            Label::Caller(kind) => forbidden.push(kind),
            Label::Circumstance(circumstance) => {
                cube.circumstances.insert(circumstance, holds);
            }
        }
    }
    if cube.callers.is_none() && !forbidden.is_empty() {
        cube.callers = Some(KINDS.into_iter().filter(|kind| !forbidden.contains(kind)).collect());
    }
    Cube { actions: actions.extent(), resources: resources.extent(), principals: principals.extent(), ..cube }
}

/// A clause, or its contrary in the operators of the language where there is one: proved.
fn conditions(search: &mut Search<'_>, clause: &Clause, literal: Literal, budget: &mut Budget) -> Vec<Condition> {
    let as_is = Condition { clause: clause.clone(), negated: !literal.holds };
    if literal.holds {
        return vec![as_is];
    }
    let Some(truth) = search.truth(literal) else { return vec![as_is] };
    let said = contrary(clause).map(|clauses| {
        let plain = |clause| Condition { clause, negated: false };
        clauses.into_iter().map(plain).collect::<Vec<Condition>>()
    });
    let Some(said) = said else { return vec![as_is] };
    let mut parts = Vec::with_capacity(said.len());
    for condition in &said {
        parts.push(condition.holds(&mut search.space.a));
    }
    let other = search.space.a.formulas.all(&parts);
    if search.space.is_same(truth, other, budget) { said } else { vec![as_is] }
}
