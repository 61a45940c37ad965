//! Texts that are also read as numbers: joint values of both readings.

use std::collections::BTreeMap;

use crate::budget::{Budget, Exhausted};
use crate::formula::{BoolVar, Formula, Formulas, Link, Point, ScalarVar};
use crate::glob::Glob;
use crate::interval::IntervalSet;
use crate::language::GlobId;
use crate::record::Text;
use crate::theory::check::Limit;
use crate::theory::scalars::{self, Range};
use crate::theory::texts::Membership;
use crate::theory::tied::{Component, Decision, decide, read};

/// What is asked of a text that is also read as a number.
#[derive(Clone, Debug)]
pub(super) struct Linked {
    pub(super) link: Link,
    pub(super) demand: Demand,
    /// The literals that say so.
    pub(super) literals: Vec<Formula>,
}

#[derive(Clone, Debug)]
pub(super) enum Demand {
    /// It must denote no number.
    NoNumber,
    /// It must denote a number of the set.
    Number(IntervalSet<Point>),
    /// If it denotes a number, then one of the set.
    NoOtherNumber(IntervalSet<Point>),
}

impl Linked {
    pub(super) fn fits(&self, text: &str) -> bool {
        match (&self.demand, (self.link.parse)(text)) {
            (Demand::NoNumber, parsed) => parsed.is_none(),
            (Demand::Number(numbers) | Demand::NoOtherNumber(numbers), Some(number)) => numbers.contains(&number),
            (Demand::Number(_), None) => false,
            (Demand::NoOtherNumber(_), None) => true,
        }
    }

    /// Numbers worth trying, as texts.
    pub(super) fn samples(&self) -> Vec<String> {
        match &self.demand {
            Demand::NoNumber => Vec::new(),
            Demand::Number(numbers) | Demand::NoOtherNumber(numbers) => {
                scalars::picks(numbers).iter().map(|point| (self.link.print)(point)).collect()
            }
        }
    }
}

impl Component {
    /// Takes over the links between this component's texts and ordered variables that matter.
    pub(crate) fn attach_links(
        &mut self,
        formulas: &Formulas,
        left: &BTreeMap<ScalarVar, IntervalSet<Point>>,
        ranges: &BTreeMap<ScalarVar, Vec<Range>>,
        bools: &BTreeMap<BoolVar, Formula>,
    ) {
        for link in &formulas.links {
            if !self.records.contains(&formulas.records.record_of(link.text)) {
                continue;
            }
            let numbers = || left.get(&link.scalar).cloned().unwrap_or_else(|| formulas.universe(link.scalar));
            let parsed = bools.get(&link.parsed).copied();
            let demand = match parsed {
                Some(literal) if literal.is_negated() => Demand::NoNumber,
                Some(_) => Demand::Number(numbers()),
                None if left.contains_key(&link.scalar) => Demand::NoOtherNumber(numbers()),
                None => continue,
            };
            let mut literals: Vec<Formula> = parsed.into_iter().collect();
            if !matches!(demand, Demand::NoNumber) {
                literals.extend(ranges.get(&link.scalar).into_iter().flatten().map(|range| range.literal));
            }
            self.links.push(Linked { link: *link, demand, literals });
        }
    }
}

/// A text that is also read as a number: tries numbers of the set as texts, and the texts of a finite literal.
pub(super) fn decide_linked(
    formulas: &mut Formulas,
    component: &Component,
    linked: &Linked,
    fresh: char,
    budget: &mut Budget,
) -> Result<Decision, Exhausted> {
    let mut rest = component.clone();
    rest.links.remove(0);
    let link = linked.link;
    let unlinked = match decide(formulas, &rest, fresh, budget)? {
        Decision::Values(values) => values,
        other => return Ok(other),
    };
    let word = read(formulas, &unlinked.records, link.text);
    let finite = finite_texts(formulas, component, link.text);
    let mut candidates = vec![word];
    candidates.extend(finite.iter().flatten().cloned());
    candidates.extend(linked.samples());
    candidates.retain(|text| linked.fits(text));
    for candidate in candidates {
        budget.spend(1)?;
        let mut pinned = rest.clone();
        let glob = formulas.languages.glob(Glob::literal(&candidate));
        let language = formulas.languages.union(vec![glob]);
        pinned.positives.push(Membership { literal: Formula::TRUE, text: link.text, language });
        if let Decision::Values(mut values) = decide(formulas, &pinned, fresh, budget)? {
            if let Some(number) = (link.parse)(&candidate) {
                values.scalars.insert(link.scalar, number);
            }
            return Ok(Decision::Values(values));
        }
    }
    if finite.is_some() {
        return Ok(Decision::Conflict(component.literals()));
    }
    Ok(component.undecided(Limit::MixedComparison, Some(link.text)))
}

/// The texts of a positive literal that has only finitely many.
fn finite_texts(formulas: &Formulas, component: &Component, text: Text) -> Option<Vec<String>> {
    component.positives.iter().filter(|m| m.text == text).find_map(|m| {
        let literal = |id: &GlobId| formulas.languages.literal(*id).map(str::to_owned);
        formulas.languages.globs_of(m.language).iter().map(literal).collect()
    })
}
