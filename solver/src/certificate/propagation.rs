//! Unit propagation with reasons: why a clause follows from earlier ones.

use crate::budget::{Budget, Exhausted};

/// A literal: a formula's number; negation flips the last bit.
pub(super) type Code = u32;

/// No clause.
const NONE: u32 = u32::MAX;

/// Clauses, what follows from them at once, and the clauses that say so.
#[derive(Debug, Default)]
pub(super) struct Propagation {
    clauses: Vec<Vec<Code>>,
    /// Clauses watched by each literal: visited when it becomes false.
    watches: Vec<Vec<u32>>,
    /// By literal: whether it is true.
    is_true: Vec<bool>,
    /// By variable: the clause that made it so.
    reasons: Vec<u32>,
    trail: Vec<Code>,
    next: usize,
    /// The conflict of the clauses alone.
    refuted: Option<u32>,
}

impl Propagation {
    /// Adds a clause, with what follows from it at once.
    ///
    /// # Errors
    /// [`Exhausted`] when the budget ends.
    pub(super) fn add(&mut self, mut clause: Vec<Code>, budget: &mut Budget) -> Result<(), Exhausted> {
        clause.sort_unstable();
        clause.dedup();
        let id = u32::try_from(self.clauses.len()).unwrap_or(NONE);
        for code in &clause {
            self.reserve(*code);
        }
        // literals that are not false come first, to be watched
        clause.sort_by_key(|code| self.is_false(*code));
        for code in clause.iter().take(2) {
            self.watch(*code, id);
        }
        let (first, second) = (clause.first().copied(), clause.get(1).copied());
        self.clauses.push(clause);
        if self.refuted.is_none() {
            match (first, second) {
                (None, _) => self.refuted = Some(id),
                (Some(one), _) if self.is_false(one) => self.refuted = Some(id),
                (Some(one), None) => self.assign(one, id),
                (Some(one), Some(two)) if self.is_false(two) => self.assign(one, id),
                _ => {}
            }
            if self.refuted.is_none() {
                self.refuted = self.propagate(budget)?;
            }
        }
        Ok(())
    }

    /// The clauses from which the empty clause follows by propagation, if it does.
    pub(super) fn refutation(&self) -> Option<Vec<u32>> {
        self.refuted.map(|conflict| self.explain(conflict))
    }

    /// The clauses from which this clause follows by propagation, if it does.
    ///
    /// # Errors
    /// [`Exhausted`] when the budget ends.
    pub(super) fn derive(&mut self, clause: &[Code], budget: &mut Budget) -> Result<Option<Vec<u32>>, Exhausted> {
        let mark = self.trail.len();
        let mut conflict = self.refuted;
        for code in clause {
            self.reserve(*code);
            if conflict.is_none() && self.is_true(*code) {
                let reason = self.reason(*code);
                if reason == NONE {
                    break; // the clause holds a literal and its negation: never learnt
                }
                conflict = Some(reason);
            } else if conflict.is_none() && !self.is_false(*code) {
                self.assign(*code ^ 1, NONE);
            }
        }
        if conflict.is_none() {
            conflict = self.propagate(budget)?;
        }
        let hints = conflict.map(|conflict| self.explain(conflict));
        self.retract(mark);
        Ok(hints)
    }

    fn reserve(&mut self, code: Code) {
        let size = (code as usize | 1) + 1;
        if self.is_true.len() < size {
            self.is_true.resize(size, false);
            self.watches.resize(size, Vec::new());
            self.reasons.resize(size / 2, NONE);
        }
    }

    fn is_true(&self, code: Code) -> bool {
        self.is_true.get(code as usize).copied().unwrap_or(false)
    }

    fn is_false(&self, code: Code) -> bool {
        self.is_true(code ^ 1)
    }

    fn reason(&self, code: Code) -> u32 {
        self.reasons.get(code as usize / 2).copied().unwrap_or(NONE)
    }

    fn watch(&mut self, code: Code, clause: u32) {
        if let Some(watching) = self.watches.get_mut(code as usize) {
            watching.push(clause);
        }
    }

    fn assign(&mut self, code: Code, reason: u32) {
        if self.is_true(code) {
            return;
        }
        if let (Some(truth), Some(slot)) =
            (self.is_true.get_mut(code as usize), self.reasons.get_mut(code as usize / 2))
        {
            (*truth, *slot) = (true, reason);
            self.trail.push(code);
        }
    }

    fn retract(&mut self, mark: usize) {
        for code in self.trail.split_off(mark) {
            if let Some(truth) = self.is_true.get_mut(code as usize) {
                *truth = false;
            }
        }
        self.next = self.next.min(mark);
    }

    /// A clause all of whose literals became false, if there is one.
    fn propagate(&mut self, budget: &mut Budget) -> Result<Option<u32>, Exhausted> {
        while let Some(code) = self.trail.get(self.next).copied() {
            self.next += 1;
            let falsified = code ^ 1;
            let visited = self.watches.get_mut(falsified as usize).map(std::mem::take).unwrap_or_default();
            budget.spend(1 + visited.len() as u64 / 8)?;
            let mut conflict = None;
            for (at, id) in visited.iter().enumerate() {
                if !self.visit(*id, falsified) {
                    conflict = Some(*id);
                    let rest = visited.get(at + 1..).unwrap_or(&[]).to_vec();
                    rest.into_iter().for_each(|id| self.watch(falsified, id));
                    break;
                }
            }
            if conflict.is_some() {
                return Ok(conflict);
            }
        }
        Ok(None)
    }

    /// Watches another literal, or makes the last one true; false if none is left.
    fn visit(&mut self, id: u32, falsified: Code) -> bool {
        let Some(clause) = self.clauses.get(id as usize) else { return true };
        let open = |code: &Code| !self.is_true(*code ^ 1);
        let moved = clause.iter().skip(2).position(open).map(|at| at + 2);
        let Some(clause) = self.clauses.get_mut(id as usize) else { return true };
        if clause.first() == Some(&falsified) && clause.len() > 1 {
            clause.swap(0, 1);
        }
        let Some(other) = clause.first().copied() else { return false };
        if let Some(at) = moved {
            clause.swap(1, at);
            let watched = clause.get(1).copied();
            watched.into_iter().for_each(|code| self.watch(code, id));
            return true;
        }
        self.watch(falsified, id);
        if self.is_false(other) {
            return false;
        }
        self.assign(other, id);
        true
    }

    /// The clauses that a conflict rests on, in the order in which they became unit, the conflict last.
    fn explain(&self, conflict: u32) -> Vec<u32> {
        let mut marked = vec![false; self.reasons.len()];
        let mut hints = vec![conflict];
        self.mark(conflict, &mut marked);
        for code in self.trail.iter().rev() {
            let reason = self.reason(*code);
            if reason != NONE && reason != conflict && marked.get(*code as usize / 2) == Some(&true) {
                hints.push(reason);
                self.mark(reason, &mut marked);
            }
        }
        hints.reverse();
        hints
    }

    fn mark(&self, clause: u32, marked: &mut [bool]) {
        for code in self.clauses.get(clause as usize).into_iter().flatten() {
            if let Some(slot) = marked.get_mut(*code as usize / 2) {
                *slot = true;
            }
        }
    }
}
