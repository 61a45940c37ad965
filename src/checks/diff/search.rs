//! The search for the parts of a difference: a request outside all parts so far, replayed; the parts of statements that
//! decide about it; of these as few as still lie inside the difference; again until nothing is left.

use std::collections::BTreeMap;

use solver::Limit;
use solver::budget::Budget;
use solver::formula::{Formula, Formulas};

use crate::checks::counterexample::{Found, Replay};
use crate::checks::cube::Cube;
use crate::checks::diff::express::express;
use crate::checks::diff::{Difference, Part};
use crate::checks::label::Labels;
use crate::checks::question::{relations, undecided};
use crate::checks::shrink::shrink;
use crate::checks::space::{Content, Space};
use crate::checks::{Disagreement, Question, READINGS, Undecided, blame};
use crate::policy::Statement;
use crate::semantics::document::Position;
use crate::semantics::symbolic::decode::Decoded;
use crate::semantics::symbolic::{self, Readings, Symbolic};
use crate::semantics::{Contested, NOWHERE};

/// Parts before the search gives up on saying everything.
const MOST_PARTS: usize = 200;

/// Readings of contested rules that are listed one after the other.
const MOST_READINGS: usize = 6;

/// A part of a statement that requests have, or do not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Literal {
    /// Number of the label.
    pub(super) label: usize,
    /// Whether they have it.
    pub(super) holds: bool,
}

/// The search under one reading of the contested rules, or under all at once.
pub(super) struct Search<'q> {
    question: &'q Question<'q>,
    pub(super) labels: Labels<'q>,
    pub(super) space: Space<'q>,
    difference: Formula,
    goals: Vec<Formula>,
    truths: Vec<Formula>,
}

/// What the search found so far.
#[derive(Default)]
struct Sofar {
    parts: Vec<Part>,
    unknown: Vec<Undecided>,
}

impl<'q> Search<'q> {
    /// All parts: first those of the default reading, then what other readings add (spec 0.3).
    pub(super) fn all(question: &'q Question<'q>, budget: &mut Budget) -> Result<Difference, Disagreement> {
        let mut sofar = Sofar::default();
        let chosen = question.settings.reading.fixed.clone();
        let mut search = Search::new(question, Readings { fixed: chosen.clone(), free: false });
        search.run(&mut sofar, budget)?;
        search.tidy(&mut sofar, budget);
        let mut other_readings = !search.space.a.deferred().is_empty();
        for _ in 0..MOST_READINGS {
            if !other_readings || !sofar.unknown.is_empty() {
                break;
            }
            let mut every = Search::new(question, Readings { fixed: chosen.clone(), free: true });
            let Some(readings) = every.readings_with_more(&mut sofar, budget) else { break };
            let mut fixed: BTreeMap<Contested, bool> = READINGS.iter().map(|(_, rule)| (*rule, false)).collect();
            fixed.extend(readings.into_iter().map(|rule| (rule, true)));
            fixed.extend(chosen.clone());
            let before = sofar.parts.len();
            Search::new(question, Readings { fixed, free: false }).run(&mut sofar, budget)?;
            other_readings = sofar.parts.len() > before;
            if !other_readings && sofar.unknown.is_empty() {
                sofar.unknown.push(undecided(Limit::Budget, None));
            }
        }
        Ok(Difference { parts: sofar.parts, unknown: sofar.unknown })
    }

    fn new(question: &'q Question<'q>, readings: Readings) -> Self {
        let stack = question.is_about_stacks();
        let settings = symbolic::Settings { relations: relations(question), readings, stack };
        let sides: Vec<_> = [(question.asked, Position::UnderTest)]
            .into_iter()
            .chain(question.existing.map(|side| (side, Position::Reference)))
            .collect();
        let labels = Labels::of(&sides, question.catalogue);
        let a = Symbolic::new(question.catalogue, question.footprint(), settings);
        let read = |a: &mut Symbolic<'q>| {
            let difference = question.violation(a);
            let goals = question.goals(a);
            let truths: Vec<Formula> = labels.all.iter().map(|label| label.holds(a)).collect();
            (difference, goals, truths, question.is_pinned(a))
        };
        let (mut space, (difference, goals, truths, pinned)) = Space::read(a, read);
        space.narrow(pinned);
        Self { question, labels, space, difference, goals, truths }
    }

    /// Finds parts until nothing is left of the difference.
    fn run(&mut self, sofar: &mut Sofar, budget: &mut Budget) -> Result<(), Disagreement> {
        let mut open: Vec<usize> = (0..self.goals.len()).collect();
        while !open.is_empty() {
            let rest = self.rest(&sofar.parts);
            let goals: Vec<Formula> = open.iter().filter_map(|goal| self.goals.get(*goal).copied()).collect();
            let contents = self.space.contents(rest, &goals, budget);
            let mut still = Vec::new();
            for (goal, content) in open.iter().zip(contents) {
                match content {
                    Content::Empty => {}
                    Content::Undecided(limit) => sofar.unknown.push(self.open(limit, *goal)),
                    Content::Point(point) => {
                        if self.take(*goal, &point, sofar, budget)? {
                            still.push(*goal);
                        }
                    }
                }
            }
            open = still;
            if sofar.parts.len() >= MOST_PARTS && !open.is_empty() {
                sofar.unknown.push(undecided(Limit::Budget, None));
                return Ok(());
            }
        }
        Ok(())
    }

    /// What is left of the difference.
    fn rest(&mut self, parts: &[Part]) -> Formula {
        let covered: Vec<Formula> = parts.iter().map(|part| part.cube.holds(&mut self.space.a)).collect();
        let covered = self.space.a.formulas.any(&covered);
        self.space.without(self.difference, covered)
    }

    fn open(&self, limit: Limit, goal: usize) -> Undecided {
        let grants = self.question.asked.grants();
        undecided(limit, grants.get(goal))
    }

    /// Makes a part of a request that was found for a goal. Says whether there may be more of the goal.
    fn take(
        &mut self,
        goal: usize,
        point: &Decoded,
        sofar: &mut Sofar,
        budget: &mut Budget,
    ) -> Result<bool, Disagreement> {
        let Some(found) = self.witness(goal, point, sofar)? else { return Ok(false) };
        if within(&sofar.parts, &found) {
            return Ok(true);
        }
        match self.part(&found, budget) {
            Some(cube) => {
                sofar.parts.push(Part { cube, note: blame::note(&found), witness: found.request });
                Ok(true)
            }
            None => {
                let open = self.open(Limit::Budget, goal);
                let reason = "this request differs in a way that the words of the policies do not describe";
                let needed = format!("look at it by itself: {}", found.request.to_json());
                let told = Undecided { reason: reason.to_owned(), needed, ..open.clone() };
                sofar.unknown.push(if budget.left() == 0 { open } else { told });
                Ok(false)
            }
        }
    }

    /// The request, replayed; a plainer one if that is not in a part already.
    fn witness(&self, goal: usize, point: &Decoded, sofar: &mut Sofar) -> Result<Option<Found>, Disagreement> {
        let grants = self.question.asked.grants();
        let replay = Replay::new(self.question, &grants, goal, point);
        if replay.stands() {
            let improved = replay.improved(&self.space.a);
            let plain = if within(&sofar.parts, &improved) { replay.as_found() } else { improved };
            return Ok(Some(plain));
        }
        match point.opaque.first() {
            Some(opaque) => {
                sofar.unknown.push(Undecided {
                    reason: opaque.reason.to_owned(),
                    span: Some(opaque.span).filter(|span| *span != NOWHERE),
                    needed: "write the value out, or compare the key without it".to_owned(),
                });
                Ok(None)
            }
            None => Err(Disagreement { what: format!("a witness did not replay: {}", point.request.to_json()) }),
        }
    }

    /// The part around a request; `None` if none is proved to lie inside.
    fn part(&mut self, found: &Found, budget: &mut Budget) -> Option<Cube> {
        let mut few = self.decisive(found);
        if !self.is_inside(&few, budget) {
            few = self.every(found);
            if !self.is_inside(&few, budget) {
                return None;
            }
        }
        let kept = shrink(&few, |kept| self.is_inside(kept, budget));
        express(self, &kept, found, budget)
    }

    /// Whether the requests with these parts are proved to lie in the difference.
    pub(super) fn is_inside(&mut self, literals: &[Literal], budget: &mut Budget) -> bool {
        let parts: Vec<Formula> = literals.iter().filter_map(|literal| self.truth(*literal)).collect();
        let region = self.space.a.formulas.all(&parts);
        self.space.is_inside(region, self.difference, budget)
    }

    /// Whether a cube is proved to lie in the difference.
    pub(super) fn holds(&mut self, cube: &Cube, budget: &mut Budget) -> bool {
        let region = cube.holds(&mut self.space.a);
        self.space.is_inside(region, self.difference, budget)
    }

    /// The formula of a literal.
    pub(super) fn truth(&self, literal: Literal) -> Option<Formula> {
        let truth = self.truths.get(literal.label).copied()?;
        Some(if literal.holds { truth } else { Formulas::not(truth) })
    }

    /// Parts of statements that decide about the request: all of each statement that matches, one of each that does not.
    fn decisive(&self, found: &Found) -> Vec<Literal> {
        let grants = self.question.asked.grants();
        let grant: Option<&Statement> = grants.get(found.grant).map(|grant| grant.statement);
        let is_grant = |statement: *const Statement| grant.is_some_and(|own| std::ptr::eq(own, statement));
        let mut statements: Vec<_> = self.labels.statements.iter().collect();
        statements.sort_by_key(|(statement, _)| !is_grant(*statement));
        let mut literals = Vec::new();
        for (_, labels) in statements {
            let truths = self.at(labels, found);
            match truths.iter().find(|literal| !literal.holds) {
                Some(failing) => literals.push(*failing),
                None => literals.extend(truths),
            }
        }
        literals.extend(self.at(&self.labels.loose, found));
        self.distinct(literals)
    }

    /// All parts of all statements.
    fn every(&self, found: &Found) -> Vec<Literal> {
        let first = self.decisive(found);
        let all: Vec<usize> = (0..self.labels.all.len()).collect();
        self.distinct(first.into_iter().chain(self.at(&all, found)).collect())
    }

    fn at(&self, labels: &[usize], found: &Found) -> Vec<Literal> {
        let mut concrete = found.concrete();
        let literal = |label: &usize| {
            let holds = self.labels.all.get(*label).is_some_and(|part| part.holds(&mut concrete));
            Literal { label: *label, holds }
        };
        labels.iter().map(literal).collect()
    }

    /// Without repetitions and what is true of every request.
    fn distinct(&self, literals: Vec<Literal>) -> Vec<Literal> {
        let mut seen = std::collections::BTreeSet::new();
        let new =
            |literal: &Literal| self.truth(*literal).is_some_and(|truth| truth != Formula::TRUE && seen.insert(truth));
        literals.into_iter().filter(new).collect()
    }

    /// Joins parts that differ in one list, and drops those that lie inside the others.
    fn tidy(&mut self, sofar: &mut Sofar, budget: &mut Budget) {
        let mut parts = std::mem::take(&mut sofar.parts);
        while let Some((one, other, cube)) = some_pair(&parts) {
            parts.remove(other);
            if let Some(part) = parts.get_mut(one) {
                part.cube = cube;
            }
        }
        let mut at = parts.len();
        while at > 0 && parts.len() > 1 {
            at -= 1;
            let others: Vec<Part> =
                parts.iter().enumerate().filter(|(index, _)| *index != at).map(|(_, part)| part.clone()).collect();
            let region = parts.get(at).map_or(Formula::FALSE, |part| part.cube.holds(&mut self.space.a));
            let covers: Vec<Formula> = others.iter().map(|part| part.cube.holds(&mut self.space.a)).collect();
            let covers = self.space.a.formulas.any(&covers);
            if self.space.is_inside(region, covers, budget) {
                parts = others;
            }
        }
        sofar.parts = parts;
    }

    /// Under all readings at once: the readings in which something is left of the difference; `None` if nothing is, or if
    /// that stays undecided.
    fn readings_with_more(&mut self, sofar: &mut Sofar, budget: &mut Budget) -> Option<Vec<Contested>> {
        let rest = self.rest(&sofar.parts);
        match self.space.content(rest, budget) {
            Content::Empty => None,
            Content::Point(point) if !point.readings.is_empty() => Some(point.readings.clone()),
            Content::Point(_) => {
                sofar.unknown.push(undecided(Limit::Budget, None));
                None
            }
            Content::Undecided(limit) => {
                sofar.unknown.push(undecided(limit, None));
                None
            }
        }
    }
}

/// What the solver says of a difference, asked afresh in the default reading or the one chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// Whether the parts are proved to be all of it.
    pub is_covered: bool,
    /// Numbers of the parts that are not proved to lie inside.
    pub outside: Vec<usize>,
}

/// Asks the solver about finished parts.
pub(super) fn review(question: &Question<'_>, parts: &[Part], units: u64) -> Review {
    let fixed = question.settings.reading.fixed.clone();
    let mut search = Search::new(question, Readings { fixed, free: false });
    let outside = (0..parts.len())
        .filter(|at| parts.get(*at).is_some_and(|part| !search.holds(&part.cube, &mut Budget::new(units))));
    let outside: Vec<usize> = outside.collect();
    let rest = search.rest(parts);
    let is_covered = search.space.is_empty(rest, &mut Budget::new(units));
    Review { is_covered, outside }
}

/// Whether the request lies in one of the parts.
fn within(parts: &[Part], found: &Found) -> bool {
    parts.iter().any(|part| part.cube.holds(&mut found.concrete()))
}

/// Two parts whose union is a cube, and that cube.
fn some_pair(parts: &[Part]) -> Option<(usize, usize, Cube)> {
    for (one, first) in parts.iter().enumerate() {
        for (other, second) in parts.iter().enumerate().skip(one + 1) {
            if let Some(cube) = first.cube.joined(&second.cube).filter(|_| first.note == second.note) {
                return Some((one, other, cube));
            }
        }
    }
    None
}
