//! Which literals of a propositional model matter: enough of them to make the asserted formulas true.
//!
//! Only these are handed to the theories: an atom that the truth of the formula does not depend on cannot make a
//! conflict.

use crate::formula::{Atom, Formula, Formulas, Node};
use crate::skeleton::Skeleton;

/// Literals (atoms and negated atoms) that together make every root true, in order of discovery.
pub(crate) fn justify(formulas: &Formulas, skeleton: &Skeleton, model: &[bool], roots: &[Formula]) -> Vec<Formula> {
    let mut chosen: Vec<Formula> = Vec::new();
    let mut seen = vec![0u8; formulas.len()];
    let mut stack: Vec<Formula> = roots.iter().rev().copied().collect();
    while let Some(formula) = stack.pop() {
        let bit = if formula.is_negated() { 2 } else { 1 };
        match seen.get_mut(formula.node() as usize) {
            Some(mark) if *mark & bit == 0 => *mark |= bit,
            _ => continue,
        }
        match formulas.node_of(formula) {
            Node::True => {}
            Node::Atom(_) => chosen.push(formula),
            Node::And(parts) if !formula.is_negated() => stack.extend(parts.iter().rev()),
            Node::And(parts) => stack.extend(witness(formulas, skeleton, model, &seen, parts)),
        }
    }
    chosen
}

/// One false part of a false conjunction, negated: one that matters already if there is one, else the cheapest.
fn witness(
    formulas: &Formulas,
    skeleton: &Skeleton,
    model: &[bool],
    seen: &[u8],
    parts: &[Formula],
) -> Option<Formula> {
    let is_false = |part: &&Formula| skeleton.value(part.negated(), model) == Some(true);
    let cost = |part: &Formula| {
        let negated = part.negated();
        let bit = if negated.is_negated() { 2 } else { 1 };
        if seen.get(negated.node() as usize).is_some_and(|mark| mark & bit != 0) {
            return 0;
        }
        match formulas.node_of(negated) {
            Node::True => 0,
            Node::Atom(Atom::Bool(_)) => 1,
            Node::Atom(Atom::Scalar(..)) => 2,
            Node::Atom(Atom::Member(..)) if negated.is_negated() => 3,
            Node::Atom(_) => 4,
            Node::And(_) => 5,
        }
    };
    parts.iter().filter(is_false).min_by_key(|part| cost(part)).map(|part| part.negated())
}
