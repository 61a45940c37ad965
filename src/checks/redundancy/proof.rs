//! Proofs about documents: which formulas no request satisfies, in any reading and with any of its doubts.

use std::cell::Cell;
use std::collections::BTreeSet;

use solver::budget::Budget;
use solver::formula::{Formula, Formulas};

use super::meaning::{Whole, either};
use super::place::size;
use crate::catalogue::Catalogue;
use crate::checks::Settings;
use crate::checks::proof::Posed;
use crate::checks::question::granted;
use crate::checks::space::{Content, Space};
use crate::policy::Policy;
use crate::semantics::document::Position;
use crate::semantics::realizability::{Relation, Relations};
use crate::semantics::symbolic::footprint::Footprint;
use crate::semantics::symbolic::{self, Readings, Symbolic};

/// What is known of a formula.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// No request satisfies it: proved.
    Never,
    /// Some request may satisfy it.
    Perhaps,
    /// The limit was reached.
    Open,
}

/// Goals of one question that share one budget; more goals get a larger one.
const GOALS_A_BUDGET: usize = 64;

/// Formulas built, in entries of documents, for each unit of the budget of one question.
const BUILT_A_UNIT: u64 = 64;

/// Entries of one list against all others: more would fill the memory.
const LARGEST_QUESTION: u64 = 16_000_000;

/// Asks questions about documents, always in every reading that is not fixed (spec 0.3).
pub(super) struct Prover<'c> {
    catalogue: &'c Catalogue,
    footprint: Footprint,
    settings: &'c Settings,
    pub(super) relations: Relations,
    /// Whether some question stayed open.
    pub(super) limited: Cell<bool>,
    /// Entries of the documents.
    size: u64,
    /// Entries built into formulas so far.
    built: Cell<u64>,
}

impl<'c> Prover<'c> {
    /// For questions about these documents and parts of them: whatever they name is in the domain (spec 3.2).
    pub(super) fn new(documents: &[&Policy], catalogue: &'c Catalogue, settings: &'c Settings) -> Prover<'c> {
        let mut footprint = Footprint::default();
        documents.iter().for_each(|policy| footprint.add(policy));
        let relations = granted(settings.realizability);
        let size = documents.iter().map(|policy| size(policy)).sum();
        Prover { catalogue, footprint, settings, relations, limited: Cell::new(false), size, built: Cell::new(0) }
    }

    /// Whether formulas of so much more than the documents may still be built.
    pub(super) fn may_build(&self, more: u64) -> bool {
        let built = self.built.get().saturating_add(self.size).saturating_add(more);
        self.built.set(built);
        let may = more <= LARGEST_QUESTION && built <= self.settings.budget.saturating_mul(BUILT_A_UNIT);
        if !may {
            self.limited.set(true);
        }
        may
    }

    /// For each formula whether no request satisfies it; nothing if no more formulas may be built.
    pub(super) fn ask(&self, build: &mut dyn FnMut(&mut Symbolic<'_>) -> Vec<Formula>) -> Vec<Answer> {
        self.ask_more(0, build)
    }

    /// [`Prover::ask`] about so much more than the documents.
    pub(super) fn ask_more(&self, more: u64, build: &mut dyn FnMut(&mut Symbolic<'_>) -> Vec<Formula>) -> Vec<Answer> {
        if !self.may_build(more) {
            return vec![Answer::Open];
        }
        let readings = Readings { fixed: self.settings.reading.fixed.clone(), free: true };
        let settings = symbolic::Settings { relations: self.relations.clone(), readings, stack: false };
        let a = Symbolic::new(self.catalogue, self.footprint.clone(), settings);
        let (mut space, goals) = Space::read(a, |a| build(a));
        if goals.iter().all(|goal| *goal == Formula::FALSE) {
            return vec![Answer::Never; goals.len()];
        }
        let times = 1 + u64::try_from(goals.len() / GOALS_A_BUDGET).unwrap_or(0);
        let mut budget = Budget::new(self.settings.budget.saturating_mul(times));
        let contents = space.contents(Formula::TRUE, &goals, &mut budget);
        let answers: Vec<Answer> = contents.iter().map(answer).collect();
        if answers.contains(&Answer::Open) {
            self.limited.set(true);
        }
        answers
    }

    /// Whether no request satisfies the one formula.
    pub(super) fn never(&self, mut build: impl FnMut(&mut Symbolic<'_>) -> Formula) -> bool {
        self.ask(&mut |a| vec![build(a)]).iter().all(|answer| *answer == Answer::Never)
    }

    /// Whether two documents say the same wherever they stand: the same is denied, and of what is not denied the same is
    /// granted, in each match class (spec 8) and in both parts that a document plays in a question.
    pub(super) fn same(&self, first: &Policy, second: &Policy) -> bool {
        let answers = self.ask(&mut |a| all_differences(a, first, second));
        answers.iter().all(|answer| *answer == Answer::Never)
    }

    /// The relations that `holds` rests on: switched off one at a time, and left off while it stands. They stay off.
    pub(super) fn reduce(&mut self, holds: impl Fn(&Prover<'c>) -> bool) -> Vec<String> {
        let (all, limited) = (self.relations.clone(), self.limited.get());
        let needed = self.reduced(&all, holds);
        self.limited.set(limited); // what is not proved with fewer is proved with more
        needed
    }

    fn reduced(&mut self, all: &Relations, holds: impl Fn(&Prover<'c>) -> bool) -> Vec<String> {
        self.relations = Relations::none();
        if holds(self) {
            return Vec::new();
        }
        let mut kept = all.clone();
        for relation in Relation::ALL.into_iter().filter(|relation| all.contains(*relation)) {
            self.relations = kept.without(relation);
            if holds(self) {
                kept = self.relations.clone();
            }
        }
        self.relations = kept.clone();
        let needed: BTreeSet<Relation> = Relation::ALL.into_iter().filter(|r| kept.contains(*r)).collect();
        needed.into_iter().map(|relation| relation.sentence().to_owned()).collect()
    }
}

fn answer(content: &Content) -> Answer {
    match content {
        Content::Empty => Answer::Never,
        Content::Point(_) => Answer::Perhaps,
        Content::Undecided(_) => Answer::Open,
    }
}

/// The claim that two documents say the same wherever they stand.
pub(super) fn pose_same(
    documents: [&Policy; 2],
    catalogue: &Catalogue,
    relations: &Relations,
    readings: &Readings,
) -> Posed {
    let mut footprint = Footprint::default();
    documents.iter().for_each(|policy| footprint.add(policy));
    let settings = symbolic::Settings { relations: relations.clone(), readings: readings.clone(), stack: false };
    let a = Symbolic::new(catalogue, footprint, settings);
    let [first, second] = documents;
    let (space, goals) = Space::read(a, |a| all_differences(a, first, second));
    space.posed(Formula::TRUE, goals)
}

/// Differences in both parts that a document plays in a question.
fn all_differences(a: &mut Symbolic<'_>, first: &Policy, second: &Policy) -> Vec<Formula> {
    let mut goals = Vec::new();
    for position in [Position::UnderTest, Position::Reference] {
        goals.extend(differences(a, first, second, position));
    }
    goals.sort_unstable();
    goals.dedup();
    goals
}

/// What one of two documents denies or grants and the other does not.
fn differences(a: &mut Symbolic<'_>, first: &Policy, second: &Policy, position: Position) -> Vec<Formula> {
    let (first, second) = (Whole::of(a, first, position), Whole::of(a, second, position));
    let (denied, denied_by_second) = (first.denied(a, None), second.denied(a, None));
    let mut goals = Vec::new();
    for (one, other) in denied.iter().zip(&denied_by_second) {
        goals.push(either(a, *one, *other));
    }
    let denied = denied.first().copied().unwrap_or(Formula::FALSE);
    let (granted, granted_by_second) = (first.granted(a, None), second.granted(a, None));
    for (one, other) in granted.iter().zip(&granted_by_second) {
        let differing = either(a, *one, *other);
        goals.push(a.formulas.all(&[differing, Formulas::not(denied)]));
    }
    goals
}
