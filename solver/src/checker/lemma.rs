//! Lemmas: whether some literals have no values together.
//!
//! Looked at one after the other: an atom and its negation, one ordered variable, texts. A lemma that none of these shows
//! is not confirmed, true or not.

use crate::budget::{Budget, Exhausted};
use crate::certificate::{Cover, Lemma};
use crate::checker::automaton::Library;
use crate::checker::scalars;
use crate::checker::texts::{Constraint, Judge, Patterns, Texts};
use crate::formula::{Atom, BoolVar, Formula, Formulas, Link, Node, Point, ScalarVar};
use crate::glob::Token;
use crate::interval::IntervalSet;
use crate::language::{GlobId, Language};
use crate::record::Text;

/// Whether no values satisfy all literals of the lemma.
///
/// # Errors
/// [`Exhausted`] when the budget ends.
pub(super) fn is_true(
    formulas: &Formulas,
    library: &mut Library,
    lemma: &Lemma,
    budget: &mut Budget,
) -> Result<bool, Exhausted> {
    let literals = &lemma.literals;
    budget.spend(1 + literals.len() as u64)?;
    let contradictory = |literal: &Formula| *literal == Formula::FALSE || literals.contains(&literal.negated());
    if literals.iter().any(contradictory) || some_number_is_impossible(formulas, literals) {
        return Ok(true);
    }
    let mut judge = Judge { formulas, library, budget };
    let mut texts = texts(formulas, literals);
    if !judge.remove_covered(lemma, &mut texts)? {
        return Ok(false); // the evidence is wrong
    }
    if texts.constraints.iter().any(|c| c.holds && matches!(&c.patterns, Patterns::Globs(globs) if globs.is_empty())) {
        return Ok(true); // a text that must match one of no patterns
    }
    let links: Vec<Demand> = formulas.links.iter().filter_map(|link| demand(formulas, literals, link)).collect();
    judge.is_impossible_with(&links, &texts)
}

fn ranges(formulas: &Formulas, literals: &[Formula], variable: ScalarVar) -> Vec<IntervalSet<Point>> {
    let mut sets = vec![formulas.universe(variable)];
    for literal in literals {
        if let Node::Atom(Atom::Scalar(own, set)) = formulas.node_of(*literal)
            && *own == variable
        {
            sets.push(if literal.is_negated() { set.complement() } else { set.clone() });
        }
    }
    sets
}

fn some_number_is_impossible(formulas: &Formulas, literals: &[Formula]) -> bool {
    literals.iter().any(|literal| match formulas.node_of(*literal) {
        Node::Atom(Atom::Scalar(variable, _)) => scalars::disjoint(&ranges(formulas, literals, *variable)),
        Node::Atom(Atom::Bool(_) | Atom::Member(..) | Atom::Within(..) | Atom::Equal(..) | Atom::Some(..))
        | Node::True
        | Node::And(_) => false,
    })
}

/// What the literals say about texts, one constraint for each membership, in order. Of anything else nothing is used.
fn texts(formulas: &Formulas, literals: &[Formula]) -> Texts {
    let mut texts = Texts::default();
    for literal in literals {
        let holds = !literal.is_negated();
        match formulas.node_of(*literal) {
            Node::Atom(Atom::Member(text, language)) => {
                let patterns = Patterns::Globs(formulas.languages.globs_of(*language).to_vec());
                texts.constraints.push(Constraint { text: *text, patterns, holds });
            }
            Node::Atom(Atom::Equal(a, b)) if holds => texts.equal.push((*a, *b)),
            Node::Atom(Atom::Equal(a, b)) => texts.different.push((*a, *b)),
            Node::Atom(Atom::Within(record, forms)) if holds => texts.within.push((*record, *forms)),
            Node::Atom(Atom::Within(..) | Atom::Bool(_) | Atom::Scalar(..) | Atom::Some(..))
            | Node::True
            | Node::And(_) => {}
        }
    }
    texts
}

/// A text that also denotes a number, and what is said of it.
struct Demand {
    link: Link,
    /// Whether it denotes one, if that is said.
    parsed: Option<bool>,
    numbers: Vec<IntervalSet<Point>>,
}

fn demand(formulas: &Formulas, literals: &[Formula], link: &Link) -> Option<Demand> {
    let says = |literal: &Formula, variable: BoolVar| matches!(formulas.node_of(*literal), Node::Atom(Atom::Bool(own)) if *own == variable);
    let parsed = literals.iter().find(|literal| says(literal, link.parsed)).map(|literal| !literal.is_negated());
    let numbers = ranges(formulas, literals, link.scalar);
    (parsed.is_some() || numbers.len() > 1).then_some(Demand { link: *link, parsed, numbers })
}

impl Demand {
    fn fits(&self, text: &str) -> bool {
        match ((self.link.parse)(text), self.parsed) {
            (Some(_), Some(false)) | (None, Some(true)) => false,
            (None, Some(false) | None) => true,
            (Some(number), Some(true) | None) => {
                let point = IntervalSet::point(number);
                !scalars::disjoint(&self.numbers.iter().cloned().chain([point]).collect::<Vec<_>>())
            }
        }
    }
}

impl Judge<'_> {
    /// Takes away the globs to match that the evidence shows inside a glob to miss, or that are on a list to miss
    /// themselves; false if the evidence is wrong.
    fn remove_covered(&mut self, lemma: &Lemma, texts: &mut Texts) -> Result<bool, Exhausted> {
        let mut gone: Vec<(Text, GlobId)> = Vec::new();
        for cover in &lemma.covers {
            let Some((text, inner, outer)) = self.globs_of(lemma, cover) else { return Ok(false) };
            if !self.is_inside(inner, outer)? {
                return Ok(false);
            }
            gone.push((text, inner));
        }
        for missed in texts.constraints.iter().filter(|c| !c.holds) {
            if let Patterns::Globs(globs) = &missed.patterns {
                gone.extend(globs.iter().map(|glob| (missed.text, *glob)));
            }
        }
        gone.sort_unstable();
        for constraint in texts.constraints.iter_mut().filter(|c| c.holds) {
            if let Patterns::Globs(globs) = &mut constraint.patterns {
                globs.retain(|glob| gone.binary_search(&(constraint.text, *glob)).is_err());
            }
        }
        Ok(true)
    }

    /// The text and the two globs that the evidence names: one to match and one to miss.
    fn globs_of(&self, lemma: &Lemma, cover: &Cover) -> Option<(Text, GlobId, GlobId)> {
        let member = |at: u32, holds: bool| {
            let literal = lemma.literals.get(at as usize).filter(|literal| literal.is_negated() != holds)?;
            self.member(*literal)
        };
        let (text, inside) = member(cover.inside, true)?;
        let (other, outside) = member(cover.outside, false)?;
        let glob = |language: Language, at: u32| self.formulas.languages.globs_of(language).get(at as usize).copied();
        (text == other).then_some((text, glob(inside, cover.glob)?, glob(outside, cover.by)?))
    }

    fn member(&self, literal: Formula) -> Option<(Text, Language)> {
        match self.formulas.node_of(literal) {
            Node::Atom(Atom::Member(text, language)) => Some((*text, *language)),
            Node::Atom(Atom::Bool(_) | Atom::Scalar(..) | Atom::Within(..) | Atom::Equal(..) | Atom::Some(..))
            | Node::True
            | Node::And(_) => None,
        }
    }

    /// Texts that also denote numbers: if such a text is one of finitely many, each that fits is looked at by itself.
    fn is_impossible_with(&mut self, links: &[Demand], texts: &Texts) -> Result<bool, Exhausted> {
        let Some((demand, rest)) = links.split_first() else { return self.is_impossible(texts, 0) };
        let Some(words) = self.finite(texts, demand.link.text) else { return self.is_impossible_with(rest, texts) };
        for word in words {
            self.budget.spend(1)?;
            if demand.fits(&word) {
                let mut pinned = texts.clone();
                let patterns = Patterns::Word(word);
                pinned.constraints.push(Constraint { text: demand.link.text, patterns, holds: true });
                if !self.is_impossible_with(rest, &pinned)? {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// The only texts that a list to match without wildcards leaves.
    fn finite(&self, texts: &Texts, text: Text) -> Option<Vec<String>> {
        let own = texts.constraints.iter().filter(|c| c.holds && c.text == text);
        own.filter_map(|constraint| match &constraint.patterns {
            Patterns::Globs(globs) => globs.iter().map(|glob| self.word(*glob)).collect::<Option<Vec<String>>>(),
            Patterns::Word(word) => Some(vec![word.clone()]),
        })
        .next()
    }

    fn word(&self, glob: GlobId) -> Option<String> {
        let character = |token: Token| if let Token::Char(c) = token { Some(c) } else { None };
        self.formulas.languages.get(glob)?.tokens().into_iter().map(character).collect()
    }
}
