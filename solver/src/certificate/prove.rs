//! Making a certificate from what a search learnt: one fresh solve, its steps justified, and all that is not needed left
//! out.

use crate::budget::{Budget, Exhausted};
use crate::certificate::propagation::{Code, Propagation};
use crate::certificate::{Certificate, Claim, Lemma, Step, evidence};
use crate::formula::{Formula, Formulas, Node};
use crate::sat;

/// Why there is no certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The budget ended.
    Exhausted,
    /// What was learnt does not refute the claim.
    Unfounded,
}

impl From<Exhausted> for Failure {
    fn from(_: Exhausted) -> Self {
        Failure::Exhausted
    }
}

/// A certificate of the claim, given conjunctions that have no values.
///
/// # Errors
/// The budget ended, or the claim does not follow.
pub fn prove(
    formulas: &Formulas,
    claim: &Claim,
    learnt: &[Vec<Formula>],
    budget: &mut Budget,
) -> Result<Certificate, Failure> {
    let skeleton = skeleton(formulas, claim);
    let lemmas: Vec<Lemma> = learnt.iter().map(|literals| lemma(literals)).collect();
    let mut propagation = Propagation::default();
    for clause in skeleton.iter().cloned().chain(lemmas.iter().map(Lemma::clause)) {
        propagation.add(codes(&clause), budget)?;
    }
    let steps = steps(&mut propagation, &skeleton, &lemmas, budget)?;
    let mut certificate = trimmed(Certificate { skeleton, lemmas, steps });
    for lemma in &mut certificate.lemmas {
        lemma.covers = evidence::covers(formulas, &lemma.literals, budget)?;
    }
    Ok(certificate)
}

fn codes(clause: &[Formula]) -> Vec<Code> {
    clause.iter().map(|literal| literal.number()).collect()
}

/// Literals that are always true say nothing.
fn lemma(literals: &[Formula]) -> Lemma {
    let literals = literals.iter().copied().filter(|literal| *literal != Formula::TRUE).collect();
    Lemma { literals, covers: Vec::new() }
}

impl Lemma {
    /// At least one of the literals is false.
    pub fn clause(&self) -> Vec<Formula> {
        self.literals.iter().map(|literal| literal.negated()).collect()
    }
}

/// The claim as clauses, with the definitions of its formulas in the polarities in which they occur.
fn skeleton(formulas: &Formulas, claim: &Claim) -> Vec<Vec<Formula>> {
    let mut clauses: Vec<Vec<Formula>> = claim.asserted.iter().map(|formula| vec![*formula]).collect();
    clauses.push(claim.goals.clone());
    clauses.push(vec![Formula::TRUE]);
    let mut stack: Vec<Formula> = clauses.iter().flatten().copied().rev().collect();
    let mut seen = vec![false; formulas.len() * 2];
    while let Some(formula) = stack.pop() {
        match seen.get_mut(formula.number() as usize) {
            Some(seen) if !*seen => *seen = true,
            _ => continue,
        }
        let Node::And(parts) = formulas.node_of(formula) else { continue };
        if formula.is_negated() {
            let negated = parts.iter().map(|part| part.negated());
            clauses.push(std::iter::once(formula.negated()).chain(negated.clone()).collect());
            stack.extend(negated);
        } else {
            clauses.extend(parts.iter().map(|part| vec![formula.negated(), *part]));
            stack.extend(parts);
        }
    }
    clauses
}

/// The derivation of the empty clause: by propagation alone if that is enough, else from a fresh solve.
fn steps(
    propagation: &mut Propagation,
    skeleton: &[Vec<Formula>],
    lemmas: &[Lemma],
    budget: &mut Budget,
) -> Result<Vec<Step>, Failure> {
    let mut steps = Vec::new();
    if propagation.refutation().is_none() {
        let clauses: Vec<Vec<Code>> =
            skeleton.iter().map(|c| codes(c)).chain(lemmas.iter().map(|l| codes(&l.clause()))).collect();
        for clause in sat::refutation(&clauses, budget)?.ok_or(Failure::Unfounded)? {
            let hints = propagation.derive(&clause, budget)?.ok_or(Failure::Unfounded)?;
            steps.push(Step { clause: clause.iter().map(|code| Formula::numbered(*code)).collect(), hints });
            propagation.add(clause, budget)?;
            if propagation.refutation().is_some() {
                break;
            }
        }
    }
    let hints = propagation.refutation().ok_or(Failure::Unfounded)?;
    steps.push(Step { clause: Vec::new(), hints });
    Ok(steps)
}

/// Only what the empty clause rests on, renumbered.
fn trimmed(whole: Certificate) -> Certificate {
    let (skeleton, lemmas) = (whole.skeleton.len(), whole.lemmas.len());
    let total = skeleton + lemmas + whole.steps.len();
    let mut used = vec![false; total];
    if let Some(last) = used.last_mut() {
        *last = true;
    }
    for (at, step) in whole.steps.iter().enumerate().rev() {
        if used.get(skeleton + lemmas + at) == Some(&true) {
            for hint in &step.hints {
                if let Some(slot) = used.get_mut(*hint as usize) {
                    *slot = true;
                }
            }
        }
    }
    let mut numbers = Vec::with_capacity(total);
    let mut next = 0u32;
    for used in &used {
        numbers.push(next);
        next += u32::from(*used);
    }
    let kept = |at: usize| used.get(at) == Some(&true);
    let renumbered = |step: Step| Step {
        clause: step.clause,
        hints: step.hints.iter().filter_map(|hint| numbers.get(*hint as usize)).copied().collect(),
    };
    Certificate {
        skeleton: keep(whole.skeleton, &|at| kept(at)),
        lemmas: keep(whole.lemmas, &|at| kept(skeleton + at)),
        steps: keep(whole.steps, &|at| kept(skeleton + lemmas + at)).into_iter().map(renumbered).collect(),
    }
}

fn keep<T>(all: Vec<T>, kept: &dyn Fn(usize) -> bool) -> Vec<T> {
    all.into_iter().enumerate().filter(|(at, _)| kept(*at)).map(|(_, one)| one).collect()
}
