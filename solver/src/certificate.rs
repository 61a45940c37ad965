//! Certificates: why a claim has no model, in a form that can be checked without a search.
//!
//! A certificate is a numbered list of clauses that ends in the empty one: clauses that say what the formulas mean
//! (*skeleton*), clauses that say which literals have no values together (*lemmas*), and clauses that follow from
//! earlier ones by unit propagation (*steps*, each with the clauses it follows from). [`prove`] makes one from what a
//! search learnt; [`crate::checker`] checks it and shares no code with either.

mod evidence;
mod propagation;
mod prove;

use crate::formula::{Formula, Formulas};
use crate::quantifier::expand;
pub use prove::{Failure, prove};

/// What is claimed to have no model: all of `asserted` and one of `goals`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Must hold in any case.
    pub asserted: Vec<Formula>,
    /// One of them must hold.
    pub goals: Vec<Formula>,
}

impl Claim {
    /// The claim that the context excludes every goal, with sets unfolded into slots. To be made once in an arena,
    /// right after the formulas: its numbers then depend on the formulas only.
    pub fn new(formulas: &mut Formulas, context: Formula, goals: &[Formula]) -> Self {
        let roots: Vec<Formula> = std::iter::once(context).chain(goals.iter().copied()).collect();
        Self::of_expanded(&expand(formulas, &roots))
    }

    pub(crate) fn of_expanded(expanded: &crate::quantifier::Expanded) -> Self {
        let (context, goals) = match expanded.formulas.split_first() {
            Some((context, goals)) => (*context, goals.to_vec()),
            None => (Formula::TRUE, Vec::new()),
        };
        Self { asserted: vec![context, expanded.background], goals }
    }
}

/// Literals that no values satisfy together, and what helps to see it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lemma {
    /// Atoms and negated atoms. The clause is the disjunction of their negations.
    pub literals: Vec<Formula>,
    /// Globs of one positive membership, each inside one glob of a negative one.
    pub covers: Vec<Cover>,
}

/// One glob inside another: evidence of a lemma. Positions, not globs, so that nothing has to be looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cover {
    /// The positive membership, as a position in the lemma's literals.
    pub inside: u32,
    /// The glob of it, as a position in its list.
    pub glob: u32,
    /// The negative membership about the same text.
    pub outside: u32,
    /// The glob of that.
    pub by: u32,
}

/// A clause that follows from others by unit propagation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// The disjunction.
    pub clause: Vec<Formula>,
    /// The clauses it follows from, in the order in which they become unit; the last becomes empty. Clauses are numbered
    /// from 0: skeleton, lemmas, steps.
    pub hints: Vec<u32>,
}

/// The proof of a [`Claim`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Certificate {
    /// Clauses of the claim and of the definitions of its formulas; only those used.
    pub skeleton: Vec<Vec<Formula>>,
    /// Lemmas; only those used.
    pub lemmas: Vec<Lemma>,
    /// The derivation. The last clause is empty.
    pub steps: Vec<Step>,
}
