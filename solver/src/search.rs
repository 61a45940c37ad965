//! The search: propositional models, checked by the theories, refined by conflicts until one stands or none is left.
//!
//! Several goals share one context. Each goal hangs on a selector; a model shows which goal it meets; that goal is then
//! closed by a unit clause, and the search goes on. Clauses are only ever added, so what was learnt stays.

use crate::budget::{Budget, Exhausted};
use crate::certificate::Claim;
use crate::formula::{BoolVar, Formula, Formulas};
use crate::generalise::Generaliser;
use crate::justify::justify;
use crate::quantifier::{Expanded, expand};
use crate::sat::{Answer, Backend, Literal, Varisat};
use crate::skeleton::Skeleton;
use crate::theory::check::{Consistency, Limit, Undecided, Values, check};

/// The answer for one goal.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Values under which context and goal hold.
    Satisfiable(Box<Model>),
    /// There are none.
    Unsatisfiable,
    /// Not decided.
    Unknown(Limit, Option<crate::record::Text>),
}

/// A model: values of everything that matters to the truth of context and goal.
#[derive(Clone, Debug)]
pub struct Model {
    /// Values by variable; variables that do not matter are absent.
    pub values: Values,
    /// The members of each set that is spoken of.
    pub slots: std::collections::BTreeMap<crate::formula::SetVar, Vec<crate::quantifier::Slot>>,
}

/// How a question went.
#[derive(Clone, Debug, Default)]
pub struct Effort {
    /// Propositional models tried.
    pub models: u64,
    /// Clauses learnt from theories.
    pub lemmas: u64,
}

/// What a search learnt: with it [`crate::certificate::prove`] can prove that no goal is met.
#[derive(Clone, Debug)]
pub struct Learnt {
    /// That none is.
    pub claim: Claim,
    /// Literals that have no values together.
    pub lemmas: Vec<Vec<Formula>>,
}

/// Decides, for each goal, whether context and goal are satisfiable together. At most one model per goal.
pub fn solve_each(
    formulas: &mut Formulas,
    context: Formula,
    goals: &[Formula],
    budget: &mut Budget,
) -> (Vec<Outcome>, Effort) {
    let (outcomes, effort, _) = solve_and_learn(formulas, context, goals, budget);
    (outcomes, effort)
}

/// [`solve_each`], with what it learnt.
pub fn solve_and_learn(
    formulas: &mut Formulas,
    context: Formula,
    goals: &[Formula],
    budget: &mut Budget,
) -> (Vec<Outcome>, Effort, Learnt) {
    let mut outcomes = vec![Outcome::Unsatisfiable; goals.len()];
    let mut effort = Effort::default();
    let mut search = Search::new(formulas, context, goals);
    if let Err(Exhausted) = search.run(formulas, &mut outcomes, &mut effort, budget) {
        for (index, outcome) in outcomes.iter_mut().enumerate() {
            if search.is_open(index) && !matches!(outcome, Outcome::Satisfiable(_)) {
                *outcome = Outcome::Unknown(Limit::Budget, None);
            }
        }
    }
    (outcomes, effort, search.learnt)
}

struct Search {
    skeleton: Skeleton,
    sat: Varisat,
    roots: Vec<Formula>,
    selectors: Vec<(BoolVar, Formula)>,
    open: Vec<bool>,
    expanded: Expanded,
    fresh: char,
    generaliser: Generaliser,
    learnt: Learnt,
}

impl Search {
    fn new(formulas: &mut Formulas, context: Formula, goals: &[Formula]) -> Self {
        let roots: Vec<Formula> = std::iter::once(context).chain(goals.iter().copied()).collect();
        let expanded = expand(formulas, &roots);
        let learnt = Learnt { claim: Claim::of_expanded(&expanded), lemmas: Vec::new() };
        let (context, goals) = match expanded.formulas.split_first() {
            Some((context, goals)) => (*context, goals.to_vec()),
            None => (Formula::TRUE, Vec::new()),
        };
        let selectors: Vec<(BoolVar, Formula)> = goals
            .iter()
            .map(|_| {
                let variable = formulas.declare_bool();
                (variable, formulas.bool(variable))
            })
            .collect();
        let guarded: Vec<Formula> =
            goals.iter().zip(&selectors).map(|(goal, (_, selector))| formulas.guarded(*selector, *goal)).collect();
        let some_goal = formulas.any(&guarded);
        Self {
            skeleton: Skeleton::default(),
            sat: Varisat::new(),
            generaliser: Generaliser::new(formulas, &[some_goal, context, expanded.background]),
            roots: vec![some_goal, context, expanded.background],
            selectors,
            open: goals.iter().map(|goal| *goal != Formula::FALSE).collect(),
            expanded,
            fresh: formulas.languages.unnamed_char(),
            learnt,
        }
    }

    fn is_open(&self, goal: usize) -> bool {
        self.open.get(goal).copied().unwrap_or(false)
    }

    fn run(
        &mut self,
        formulas: &mut Formulas,
        outcomes: &mut [Outcome],
        effort: &mut Effort,
        budget: &mut Budget,
    ) -> Result<(), Exhausted> {
        let sat = &mut self.sat;
        for root in &self.roots {
            self.skeleton.assert(formulas, *root, &mut |clause| sat.add(clause));
        }
        budget.spend(formulas.len() as u64 / 8)?;
        while self.open.contains(&true) {
            let model = match self.sat.solve(budget)? {
                Answer::Unsatisfiable => {
                    self.open.fill(false);
                    break;
                }
                Answer::Satisfiable(model) => model,
            };
            effort.models += 1;
            let literals = justify(formulas, &self.skeleton, &model, &self.roots);
            budget.spend(1 + literals.len() as u64 / 8)?;
            match check(formulas, &literals, self.fresh, budget)? {
                Consistency::Conflicts(conflicts) => {
                    for conflict in conflicts {
                        effort.lemmas += 1;
                        self.forbid(formulas, &conflict);
                        for further in self.generaliser.more(formulas, &conflict, budget)? {
                            effort.lemmas += 1;
                            self.forbid(formulas, &further);
                            self.learnt.lemmas.push(further.to_vec());
                        }
                        self.learnt.lemmas.push(conflict);
                    }
                }
                Consistency::Values(values) => {
                    let model = Model { values, slots: self.expanded.slots.clone() };
                    self.close(formulas, &literals, outcomes, model);
                }
                Consistency::Undecided(undecided) => self.set_aside(formulas, &literals, &undecided, outcomes),
            }
        }
        Ok(())
    }

    fn forbid(&mut self, formulas: &Formulas, literals: &[Formula]) {
        let sat = &mut self.sat;
        let clause: Vec<Literal> = literals
            .iter()
            .map(|literal| self.skeleton.literal(formulas, literal.negated(), &mut |clause| sat.add(clause)))
            .collect();
        self.sat.add(&clause);
    }

    /// The goal whose selector is among the literals.
    fn chosen(&self, literals: &[Formula]) -> Option<usize> {
        self.selectors.iter().position(|(_, selector)| literals.contains(selector))
    }

    fn close(&mut self, formulas: &Formulas, literals: &[Formula], outcomes: &mut [Outcome], model: Model) {
        let Some(goal) = self.chosen(literals) else {
            self.open.fill(false);
            return;
        };
        if let (Some(slot), Some(open)) = (outcomes.get_mut(goal), self.open.get_mut(goal)) {
            *slot = Outcome::Satisfiable(Box::new(model));
            *open = false;
        }
        if let Some((_, selector)) = self.selectors.get(goal).copied() {
            self.forbid(formulas, &[selector]);
        }
    }

    /// Nothing is known of this combination: this goal can no longer be proved, but may still be met otherwise.
    fn set_aside(
        &mut self,
        formulas: &Formulas,
        literals: &[Formula],
        undecided: &Undecided,
        outcomes: &mut [Outcome],
    ) {
        let goal = self.chosen(literals);
        if let Some(outcome) = goal.and_then(|goal| outcomes.get_mut(goal)) {
            *outcome = Outcome::Unknown(undecided.limit, undecided.text);
        }
        let mut combination = undecided.literals.clone();
        combination.extend(goal.and_then(|goal| self.selectors.get(goal)).map(|(_, selector)| *selector));
        self.forbid(formulas, &combination);
    }
}
