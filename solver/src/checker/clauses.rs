//! The Boolean part: which clauses the claim gives, and whether the empty one follows.

use crate::budget::Budget;
use crate::certificate::{Certificate, Claim};
use crate::checker::Rejection;
use crate::formula::{Formula, Formulas, Node};

/// Whether the clause is one that the claim or the definition of a conjunction gives:
/// an asserted formula; some goal; "true"; "if n then its part p"; "n, or one of its parts fails".
pub(super) fn is_of_skeleton(formulas: &Formulas, claim: &Claim, clause: &[Formula]) -> bool {
    let given = match clause {
        [only] => *only == Formula::TRUE || claim.asserted.contains(only),
        _ => false,
    };
    given || same(clause, &claim.goals) || clause.iter().any(|literal| defines(formulas, *literal, clause))
}

/// Whether the clause is part of the definition of the literal's formula.
fn defines(formulas: &Formulas, literal: Formula, clause: &[Formula]) -> bool {
    let Node::And(parts) = formulas.node_of(literal) else { return false };
    if literal.is_negated() {
        let [a, b] = clause else { return false };
        let part = if *a == literal { b } else { a };
        return parts.contains(part);
    }
    let mut wanted: Vec<Formula> = parts.iter().map(|part| part.negated()).collect();
    wanted.push(literal);
    same(clause, &wanted)
}

/// Whether two clauses hold the same literals.
fn same(a: &[Formula], b: &[Formula]) -> bool {
    let sorted = |clause: &[Formula]| {
        let mut clause = clause.to_vec();
        clause.sort_unstable();
        clause.dedup();
        clause
    };
    sorted(a) == sorted(b)
}

/// Checks every step: with its clause denied, each clause it names has at most one literal left that is not false, which
/// is then true; the last one has none. A step may name what stands before it only.
pub(super) fn derive(certificate: &Certificate, budget: &mut Budget) -> Result<(), Rejection> {
    let mut known: Vec<Vec<Formula>> = certificate.skeleton.clone();
    known.extend(certificate.lemmas.iter().map(|lemma| lemma.literals.iter().map(|l| l.negated()).collect()));
    let most = known.iter().flatten().chain(certificate.steps.iter().flat_map(|step| &step.clause)).max();
    let mut is_true = vec![false; most.map_or(2, |most| (most.number() as usize | 1) + 1)];
    for (at, step) in certificate.steps.iter().enumerate() {
        if !follows(&known, &step.clause, &step.hints, &mut is_true, budget)? {
            return Err(Rejection::StepNotDerived(at));
        }
        known.push(step.clause.clone());
    }
    match certificate.steps.last() {
        Some(step) if step.clause.is_empty() => Ok(()),
        Some(_) | None => Err(Rejection::Incomplete),
    }
}

fn follows(
    known: &[Vec<Formula>],
    clause: &[Formula],
    hints: &[u32],
    is_true: &mut [bool],
    budget: &mut Budget,
) -> Result<bool, Rejection> {
    let mut assigned: Vec<Formula> = Vec::new();
    for literal in clause {
        assign(is_true, &mut assigned, literal.negated());
    }
    let mut conflict = false;
    for hint in hints {
        let Some(named) = known.get(*hint as usize) else { break };
        budget.spend(1 + named.len() as u64 / 8)?;
        let mut open = named.iter().filter(|literal| !holds(is_true, literal.negated()));
        let first = open.next();
        match (first, open.find(|literal| Some(*literal) != first)) {
            (None, _) => {
                conflict = true;
                break;
            }
            (Some(literal), None) => assign(is_true, &mut assigned, *literal),
            (Some(_), Some(_)) => break,
        }
    }
    for literal in assigned {
        if let Some(slot) = is_true.get_mut(literal.number() as usize) {
            *slot = false;
        }
    }
    Ok(conflict)
}

fn holds(is_true: &[bool], literal: Formula) -> bool {
    is_true.get(literal.number() as usize) == Some(&true)
}

fn assign(is_true: &mut [bool], assigned: &mut Vec<Formula>, literal: Formula) {
    if let Some(slot) = is_true.get_mut(literal.number() as usize) {
        *slot = true;
        assigned.push(literal);
    }
}
