//! The checker: whether a certificate proves its claim.
//!
//! It can be read by itself, in this order: this file, `clauses.rs`, `lemma.rs`, `scalars.rs`, `texts.rs`, `layout.rs`,
//! `walk.rs`, `automaton.rs`. It knows formulas, records and patterns as data and nothing of the search: not its
//! automata, its lemmas, its candidates or its SAT engine. Patterns become regular expressions, these become the
//! automata of the regex-automata package, and everything about texts is one product of them, explored state by state.
//!
//! What is proved: no values of the variables make all of the claim's asserted formulas and one of its goals true. That
//! the formulas mean the question, and that sets may be unfolded into slots (`quantifier.rs`), is not checked here.

mod automaton;
mod clauses;
mod layout;
mod lemma;
mod scalars;
mod texts;
mod walk;

use std::fmt;

use crate::budget::{Budget, Exhausted};
use crate::certificate::{Certificate, Claim};
use crate::formula::{Formula, Formulas};

/// Why a certificate is not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// The checker's own budget ended: nothing is known.
    Exhausted,
    /// A number of a formula, clause or glob that does not exist.
    Unreadable(String),
    /// A clause of the skeleton says neither the claim nor what a formula means.
    NotInSkeleton(usize),
    /// A lemma that is not true, or not seen to be.
    LemmaNotConfirmed(usize),
    /// A step that does not follow from the clauses it names.
    StepNotDerived(usize),
    /// The derivation does not end in the empty clause.
    Incomplete,
}

impl From<Exhausted> for Rejection {
    fn from(_: Exhausted) -> Self {
        Rejection::Exhausted
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Rejection::Exhausted => write!(f, "the checker's work budget ended"),
            Rejection::Unreadable(what) => write!(f, "{what} does not exist"),
            Rejection::NotInSkeleton(at) => {
                write!(f, "skeleton clause {at} says neither the question nor what one of its formulas means")
            }
            Rejection::LemmaNotConfirmed(at) => write!(f, "lemma {at} is not true, or not seen to be"),
            Rejection::StepNotDerived(at) => write!(f, "step {at} does not follow from the clauses that it names"),
            Rejection::Incomplete => write!(f, "the derivation does not end in the empty clause"),
        }
    }
}

/// Checks that the certificate proves the claim.
///
/// # Errors
/// What is wrong.
pub fn check(
    formulas: &Formulas,
    claim: &Claim,
    certificate: &Certificate,
    budget: &mut Budget,
) -> Result<(), Rejection> {
    exists(formulas, certificate)?;
    for (at, clause) in certificate.skeleton.iter().enumerate() {
        budget.spend(1 + clause.len() as u64)?;
        if !clauses::is_of_skeleton(formulas, claim, clause) {
            return Err(Rejection::NotInSkeleton(at));
        }
    }
    clauses::derive(certificate, budget)?;
    let mut library = automaton::Library::default();
    for (at, lemma) in certificate.lemmas.iter().enumerate() {
        if !lemma::is_true(formulas, &mut library, lemma, budget)? {
            return Err(Rejection::LemmaNotConfirmed(at));
        }
    }
    Ok(())
}

/// Every formula named is one of the arena.
fn exists(formulas: &Formulas, certificate: &Certificate) -> Result<(), Rejection> {
    let lemmas = certificate.lemmas.iter().flat_map(|lemma| &lemma.literals);
    let steps = certificate.steps.iter().flat_map(|step| &step.clause);
    let mut all = certificate.skeleton.iter().flatten().chain(lemmas).chain(steps);
    let foreign = |formula: &&Formula| formula.number() as usize / 2 >= formulas.len();
    match all.find(foreign) {
        Some(formula) => Err(Rejection::Unreadable(format!("formula {}", formula.number()))),
        None => Ok(()),
    }
}
