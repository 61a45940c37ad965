//! Why a place changes nothing: it can never apply, its own list covers it, or other statements do; each proved.

use std::collections::BTreeSet;

use solver::formula::{Formula, Formulas};

use super::meaning::{Compared, Meaning, Whole};
use super::place::{Element, Place, trimmed, widens, without};
use super::proof::{Answer, Prover};
use crate::policy::{Effect, Policy, Statement};
use crate::semantics::document::Position;
use crate::semantics::symbolic::Symbolic;
use crate::source::Span;

/// Why a place changes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// No request satisfies these parts of its statement together, however few they are.
    Never {
        /// The parts: elements and clauses.
        parts: Vec<Span>,
    },
    /// A condition that holds of every request that the rest of its statement matches.
    Always,
    /// The rest of its list says it.
    List {
        /// The entry that says it alone; `None` if several do together.
        entry: Option<Span>,
    },
    /// What it grants or denies, these statements grant or deny; or they deny what it grants.
    Statements {
        /// As few as possible; empty if they are too many to tell apart.
        by: Vec<Name>,
    },
}

/// A statement by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// Its index.
    pub index: usize,
    /// Its Sid, if not empty.
    pub sid: Option<String>,
    /// Allow or Deny.
    pub effect: Effect,
}

/// More statements than this are not told apart.
const MOST_STATEMENTS: usize = 40;

/// More entries than this are not tried one by one.
const MOST_ENTRIES: usize = 64;

/// Why `place` of `policy` changes nothing beside `rest`, what is left when everything redundant is gone.
pub(super) fn cause(
    prover: &Prover<'_>,
    policy: &Policy,
    rest: &Policy,
    gone: &BTreeSet<Span>,
    place: &Place,
) -> Cause {
    let mut others_gone = gone.clone();
    others_gone.remove(&place.span);
    let with = without(policy, &others_gone);
    let Some(own) = with.statements.iter().find(|statement| statement.index == place.statement) else {
        return Cause::Statements { by: Vec::new() };
    };
    let asked = Asked { prover, rest, own, place };
    let alone = alone(own, place);
    if let Some(parts) = alone.as_ref().and_then(|alone| asked.never(alone)) {
        return Cause::Never { parts };
    }
    if place.element != Element::Statement && asked.differs_nowhere() {
        return match place.element {
            Element::Clause => Cause::Always,
            Element::Statement | Element::Value | Element::Principal | Element::Action | Element::Resource => {
                Cause::List { entry: alone.and_then(|alone| asked.covering_entry(&alone)) }
            }
        };
    }
    Cause::Statements { by: asked.covering_statements() }
}

/// The statement with the place as the only entry of its list; `None` for values, and places that hold the statement back.
fn alone(own: &Statement, place: &Place) -> Option<Statement> {
    if place.element == Element::Value || !widens(own, place) {
        return None;
    }
    let others =
        |entries: Vec<Span>| -> BTreeSet<Span> { entries.into_iter().filter(|span| *span != place.span).collect() };
    let who = || own.principal.iter().flat_map(|who| &who.entries).map(|entry| entry.span);
    let resources = || own.resource.iter().flat_map(|listed| &listed.entries).map(|entry| entry.span);
    let removed = match place.element {
        Element::Statement | Element::Clause | Element::Value => BTreeSet::new(),
        Element::Principal => others(who().collect()),
        Element::Action => others(own.action.entries.iter().map(|entry| entry.span).collect()),
        Element::Resource => others(resources().collect()),
    };
    Some(trimmed(own, &removed))
}

struct Asked<'q, 'c> {
    prover: &'q Prover<'c>,
    rest: &'q Policy,
    /// The statement with the place.
    own: &'q Statement,
    place: &'q Place,
}

impl Asked<'_, '_> {
    fn meaning(&self, a: &mut Symbolic<'_>, statement: &Statement) -> Meaning {
        Meaning::of(a, self.rest.kind, statement, Position::UnderTest)
    }

    /// A smallest set of parts that no request satisfies together, if the statement is never satisfied.
    fn never(&self, statement: &Statement) -> Option<Vec<Span>> {
        let spans = part_spans(statement);
        let refuted = |kept: &[usize]| {
            self.prover.never(|a| {
                let parts = self.meaning(a, statement).parts();
                let kept: Vec<Formula> = kept.iter().filter_map(|at| parts.get(*at).copied()).collect();
                a.formulas.all(&kept)
            })
        };
        let mut kept: Vec<usize> = (0..spans.len()).collect();
        if !refuted(&kept) {
            return None;
        }
        for at in 0..spans.len() {
            let fewer: Vec<usize> = kept.iter().copied().filter(|other| *other != at).collect();
            if refuted(&fewer) {
                kept = fewer;
            }
        }
        Some(kept.iter().filter_map(|at| spans.get(*at).copied().flatten()).collect())
    }

    /// Where the statement with the place and without it differ, by level.
    fn difference(&self, a: &mut Symbolic<'_>) -> Vec<Formula> {
        Compared::of(a, self.rest.kind, self.own).difference(a, self.place)
    }

    fn differs_nowhere(&self) -> bool {
        self.prover.never(|a| {
            let by_level = self.difference(a);
            a.formulas.any(&by_level)
        })
    }

    /// An entry of the same list that says it alone.
    fn covering_entry(&self, alone: &Statement) -> Option<Span> {
        let others = trimmed(self.own, &BTreeSet::from([self.place.span]));
        let candidates: Vec<(Span, Statement)> = candidates(&others, alone, self.place.element);
        let answers = self.prover.ask(&mut |a| {
            let own = self.meaning(a, alone).matches(a);
            let mut goals = Vec::with_capacity(candidates.len());
            for (_, other) in &candidates {
                let other = self.meaning(a, other).matches(a);
                let uncovered: Vec<Formula> =
                    own.iter().zip(&other).map(|(own, other)| a.formulas.all(&[*own, Formulas::not(*other)])).collect();
                goals.push(a.formulas.any(&uncovered));
            }
            goals
        });
        let found = candidates.iter().zip(answers).find(|(_, answer)| *answer == Answer::Never);
        found.map(|((span, _), _)| *span)
    }

    /// As few statements as possible that grant or deny what the place does, or deny what it grants.
    fn covering_statements(&self) -> Vec<Name> {
        let counts = |statement: &&Statement| {
            statement.index != self.own.index && (self.own.effect == Effect::Allow || statement.effect == Effect::Deny)
        };
        let others: Vec<&Statement> = self.rest.statements.iter().filter(counts).collect();
        let singles: Vec<Vec<&Statement>> = others.iter().map(|other| vec![*other]).collect();
        let mut kept = match self.covered_by(&singles).iter().position(|answer| *answer == Answer::Never) {
            Some(single) => singles.into_iter().nth(single).unwrap_or_default(),
            None => others,
        };
        if kept.len() > MOST_STATEMENTS {
            return Vec::new();
        }
        let mut at = 0;
        while kept.len() > 1 && at < kept.len() {
            let mut fewer = kept.clone();
            fewer.remove(at);
            if self.covered_by(std::slice::from_ref(&fewer)) == [Answer::Never] {
                kept = fewer;
            } else {
                at += 1;
            }
        }
        let name = |s: &&Statement| Name { index: s.index, sid: s.sid.clone(), effect: s.effect };
        kept.iter().map(name).collect()
    }

    /// For each set of statements whether what the place does, some of the set does too or denies.
    fn covered_by(&self, sets: &[Vec<&Statement>]) -> Vec<Answer> {
        self.prover.ask(&mut |a| {
            let whole = Whole::of(a, self.rest, Position::UnderTest);
            let by_index: Vec<usize> = self.rest.statements.iter().map(|statement| statement.index).collect();
            let differing = self.difference(a);
            let mut goals = Vec::with_capacity(sets.len());
            for set in sets {
                let mut uncovered = Vec::with_capacity(differing.len());
                for (level, differs) in differing.iter().enumerate() {
                    let mut parts = vec![*differs];
                    for statement in set {
                        let at = by_index.iter().position(|index| *index == statement.index);
                        let by_level = at.and_then(|at| whole.statements.get(at)).map(|(_, by_level)| by_level);
                        parts.extend(by_level.and_then(|b| b.get(level)).map(|truth| Formulas::not(*truth)));
                    }
                    uncovered.push(a.formulas.all(&parts));
                }
                goals.push(a.formulas.any(&uncovered));
            }
            goals
        })
    }
}

/// The places of the parts of a statement, in the order of [`Meaning::parts`]; `None` for an absent element.
fn part_spans(statement: &Statement) -> Vec<Option<Span>> {
    let who = statement.principal.as_ref().map(|who| who.span);
    let resource = statement.resource.as_ref().map(|listed| listed.span);
    let clauses = statement.conditions.iter().map(|clause| Some(clause.span));
    [who, Some(statement.action.span), resource].into_iter().chain(clauses).collect()
}

/// The other entries of the list that may cover the one of `alone`, each as the only one of its list.
fn candidates(others: &Statement, alone: &Statement, element: Element) -> Vec<(Span, Statement)> {
    let texts = |statement: &Statement| -> Vec<(Span, String)> {
        match element {
            Element::Action => statement.action.entries.iter().map(|e| (e.span, e.text.to_ascii_lowercase())).collect(),
            Element::Resource => {
                let entries = statement.resource.iter().flat_map(|listed| &listed.entries);
                entries.map(|e| (e.span, e.text.clone())).collect()
            }
            Element::Principal => {
                let entries = statement.principal.iter().flat_map(|who| &who.entries);
                entries.map(|e| (e.span, String::new())).collect()
            }
            Element::Statement | Element::Clause | Element::Value => Vec::new(),
        }
    };
    let own = texts(alone).into_iter().next().map_or(String::new(), |(_, text)| text);
    let head = |text: &str| text.split(['*', '?', '$']).next().unwrap_or("").len();
    let near = |text: &str| own.get(..head(text)) == text.get(..head(text));
    let near = texts(others).into_iter().filter(|(_, text)| near(text)).take(MOST_ENTRIES);
    let one = |span: Span| {
        let mut one = others.clone();
        one.action.entries.retain(|entry| element != Element::Action || entry.span == span);
        if let Some(listed) = &mut one.resource {
            listed.entries.retain(|entry| element != Element::Resource || entry.span == span);
        }
        if let Some(who) = &mut one.principal {
            who.entries.retain(|entry| element != Element::Principal || entry.span == span);
        }
        one
    };
    near.map(|(span, _)| (span, one(span))).collect()
}
