//! One conflict, many lemmas: what was learnt of one list of patterns is tried on every other list about the same text.
//!
//! A question about a thousand lists would otherwise learn the same thing a thousand times, one model each.

use rustc_hash::FxHashSet as HashSet;

use crate::budget::{Budget, Exhausted};
use crate::formula::{Atom, Formula, Formulas, Node};
use crate::language::Language;
use crate::record::Text;

/// A membership atom.
#[derive(Clone, Copy, Debug)]
struct Member {
    atom: Formula,
    text: Text,
    language: Language,
}

/// The membership atoms of a question, and the languages they were compared with.
#[derive(Debug, Default)]
pub(crate) struct Generaliser {
    members: Vec<Member>,
    covers: HashSet<(Text, Language)>,
    disjoint: HashSet<(Text, Language)>,
}

impl Generaliser {
    /// Collects the membership atoms below the roots.
    pub(crate) fn new(formulas: &Formulas, roots: &[Formula]) -> Self {
        let mut members = Vec::new();
        let mut seen = vec![false; formulas.len()];
        let mut stack = roots.to_vec();
        while let Some(formula) = stack.pop() {
            match seen.get_mut(formula.node() as usize) {
                Some(seen) if !*seen => *seen = true,
                _ => continue,
            }
            match formulas.node_of(formula) {
                Node::And(parts) => stack.extend(parts),
                Node::Atom(Atom::Member(text, language)) => {
                    let atom = if formula.is_negated() { formula.negated() } else { formula };
                    members.push(Member { atom, text: *text, language: *language });
                }
                Node::True | Node::Atom(_) => {}
            }
        }
        Self { members, ..Self::default() }
    }

    /// Further conflicts of the same kind: other lists inside the covering language, other lists of literals apart from
    /// a disjoint one.
    ///
    /// # Errors
    /// [`Exhausted`] when the budget ends.
    pub(crate) fn more(
        &mut self,
        formulas: &Formulas,
        conflict: &[Formula],
        budget: &mut Budget,
    ) -> Result<Vec<[Formula; 2]>, Exhausted> {
        let [a, b] = conflict else { return Ok(Vec::new()) };
        let member = |f: &Formula| match formulas.node_of(*f) {
            Node::Atom(Atom::Member(text, language)) => Some((*f, *text, *language)),
            Node::True | Node::Atom(_) | Node::And(_) => None,
        };
        let (Some(a), Some(b)) = (member(a), member(b)) else { return Ok(Vec::new()) };
        match (a.0.is_negated(), b.0.is_negated()) {
            _ if a.1 != b.1 => Ok(Vec::new()),
            (false, true) => self.covered(formulas, b, budget),
            (true, false) => self.covered(formulas, a, budget),
            (false, false) => {
                let mut more = self.apart(formulas, a, budget)?;
                more.extend(self.apart(formulas, b, budget)?);
                Ok(more)
            }
            (true, true) => Ok(Vec::new()),
        }
    }

    fn covered(
        &mut self,
        formulas: &Formulas,
        (outside, text, language): (Formula, Text, Language),
        budget: &mut Budget,
    ) -> Result<Vec<[Formula; 2]>, Exhausted> {
        if !self.covers.insert((text, language)) {
            return Ok(Vec::new());
        }
        let languages = &formulas.languages;
        let mut more = Vec::new();
        for member in self.members.iter().filter(|m| m.text == text && m.language != language) {
            let globs = languages.globs_of(member.language);
            budget.spend(1 + globs.len() as u64 / 8)?;
            if globs.iter().all(|glob| languages.surely_contains(language, *glob)) {
                more.push([member.atom, outside]);
            }
        }
        Ok(more)
    }

    fn apart(
        &mut self,
        formulas: &Formulas,
        (inside, text, language): (Formula, Text, Language),
        budget: &mut Budget,
    ) -> Result<Vec<[Formula; 2]>, Exhausted> {
        if !self.disjoint.insert((text, language)) {
            return Ok(Vec::new());
        }
        let languages = &formulas.languages;
        if !languages.holes(language).is_empty() {
            return Ok(Vec::new());
        }
        let mut more = Vec::new();
        for member in self.members.iter().filter(|m| m.text == text && m.language != language) {
            let globs = languages.globs_of(member.language);
            budget.spend(1 + globs.len() as u64 / 8)?;
            let apart = |literal: &str| !languages.contains(language, literal);
            if globs.iter().all(|glob| languages.literal(*glob).is_some_and(apart)) {
                more.push([member.atom, inside]);
            }
        }
        Ok(more)
    }
}
