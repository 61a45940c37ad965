//! The smallest cover found: what each Allow statement says as regions, tightened by what the rest of the policy says, and
//! without those that the others cover.

use solver::budget::Budget;
use solver::formula::{Formula, Formulas};

use crate::checks::findings::axis::{Axis, Part, Saying, sayings};
use crate::checks::findings::survey::{Region, Survey};
use crate::policy::Statement;
use crate::policy::condition::{Quantifier, Test};

/// Regions of one statement beyond which its longest list is taken as a whole.
const MOST_REGIONS: usize = 500;

/// Regions that cover all access.
pub(super) fn minimal(survey: &mut Survey<'_>, budget: &mut Budget) -> Vec<Region> {
    let mut regions = Vec::new();
    for statement in survey.grants() {
        regions.extend(of_statement(survey, statement));
    }
    if regions.is_empty() {
        // an RCP read alone grants without a statement
        regions.push(survey.everything());
    }
    regions.sort_unstable();
    regions.dedup();
    let regions = filled(survey, regions, budget);
    let regions = tightened(survey, regions, budget);
    let regions: Vec<Region> = regions.into_iter().map(|region| with_few_actions(survey, region, budget)).collect();
    let mut regions = survey.largest(regions);
    regions.sort_unstable();
    without_covered(survey, regions, budget)
}

/// What the statement says, a region for each combination of its entries and values; all actions together.
fn of_statement(survey: &Survey<'_>, statement: &Statement) -> Vec<Region> {
    let mut options: Vec<Vec<usize>> = survey.axes.iter().map(|axis| numbers(survey, axis, statement)).collect();
    let actions = options.get_mut(survey.actions).map(|own| std::mem::replace(own, vec![0])).unwrap_or_default();
    let actions = if actions.contains(&0) { Vec::new() } else { actions };
    while options.iter().map(Vec::len).product::<usize>() > MOST_REGIONS {
        match options.iter_mut().max_by_key(|own| own.len()) {
            Some(longest) => *longest = vec![0],
            None => break,
        }
    }
    let mut rows: Vec<Vec<usize>> = vec![Vec::new()];
    for own in &options {
        rows = rows.iter().flat_map(|row| own.iter().map(|number| [row.as_slice(), &[*number]].concat())).collect();
    }
    rows.into_iter().map(|numbers| Region { numbers, actions: actions.clone() }).collect()
}

/// The labels of a part that the statement asks for, one of which must hold; 0 where it asks for none.
fn numbers(survey: &Survey<'_>, axis: &Axis, statement: &Statement) -> Vec<usize> {
    let mut numbers: Vec<usize> = match &axis.part {
        Part::Principal => statement
            .principal
            .iter()
            .filter(|element| !element.negated)
            .flat_map(|element| &element.entries)
            .map(|entry| survey.number(axis, |s| matches!(s, Saying::Principal(known) if known.entry == *entry)))
            .collect(),
        Part::Action if !statement.action.negated => statement
            .action
            .entries
            .iter()
            .map(|entry| survey.number(axis, |s| matches!(s, Saying::Action(known) if known.entry == *entry)))
            .collect(),
        Part::Resource => statement
            .resource
            .iter()
            .filter(|listed| !listed.negated)
            .flat_map(|listed| &listed.entries)
            .map(|entry| survey.number(axis, |s| matches!(s, Saying::Resource(known) if known.entry == *entry)))
            .collect(),
        Part::Action => Vec::new(),
        Part::Key(key) => {
            let limits = |test: &Test| match test {
                Test::Compare { operator, .. } => {
                    !operator.negated && !operator.if_exists && operator.quantifier != Quantifier::All
                }
                Test::Null { .. } | Test::Unknown { .. } => false,
            };
            let clause = statement.conditions.iter().find(|clause| clause.key == *key && limits(&clause.test));
            let same = |one: &Saying, text: &str, clause: &crate::policy::condition::Clause| match one {
                Saying::Value(known) => match (&known.test, &clause.test) {
                    (Test::Compare { operator: a, values }, Test::Compare { operator: b, .. }) => {
                        a == b && values.first().is_some_and(|value| value.text == text)
                    }
                    _ => false,
                },
                _ => false,
            };
            clause
                .into_iter()
                .flat_map(sayings)
                .map(|alone| {
                    let text = match &alone.test {
                        Test::Compare { values, .. } => values.first().map_or("", |value| value.text.as_str()),
                        Test::Null { .. } | Test::Unknown { .. } => "",
                    };
                    survey.number(axis, |saying| same(saying, text, &alone))
                })
                .collect()
        }
    };
    numbers.sort_unstable();
    numbers.dedup();
    if numbers.is_empty() || numbers.contains(&0) { vec![0] } else { numbers }
}

/// Those with some access in them.
fn filled(survey: &mut Survey<'_>, regions: Vec<Region>, budget: &mut Budget) -> Vec<Region> {
    let parts: Vec<Formula> = regions.iter().map(|region| survey.truth(region)).collect();
    let filled = survey.filled(&parts, budget);
    regions.into_iter().zip(filled).filter_map(|(region, filled)| filled.then_some(region)).collect()
}

/// A label is replaced by smaller ones where all access in the region is in those: what a Deny leaves, for example.
fn tightened(survey: &mut Survey<'_>, regions: Vec<Region>, budget: &mut Budget) -> Vec<Region> {
    let mut done = Vec::new();
    let mut open = regions;
    while let Some(region) = open.pop() {
        match narrower(survey, &region, budget) {
            Some(parts) if done.len() + open.len() + parts.len() <= MOST_REGIONS => {
                open.extend(filled(survey, parts, budget));
            }
            Some(_) | None => done.push(region),
        }
    }
    done.reverse();
    done
}

fn narrower(survey: &mut Survey<'_>, region: &Region, budget: &mut Budget) -> Option<Vec<Region>> {
    let whole = survey.truth(region);
    for (at, number) in region.numbers.iter().enumerate() {
        let inside = survey.axes.get(at).map_or(Vec::new(), |axis| axis.inside(*number).to_vec());
        if inside.is_empty() || at == survey.actions {
            continue;
        }
        let truths: Vec<Formula> =
            inside.iter().filter_map(|number| survey.axes.get(at).map(|axis| axis.truth(*number))).collect();
        let some = survey.space.a.formulas.any(&truths);
        let rest = survey.outside(whole, some);
        if survey.filled(&[rest], budget) == [false] {
            let with = |number: usize| {
                let mut part = region.clone();
                if let Some(own) = part.numbers.get_mut(at) {
                    *own = number;
                }
                part
            };
            return Some(inside.into_iter().map(with).collect());
        }
    }
    None
}

/// Only the actions that some access uses, without those that others cover.
fn with_few_actions(survey: &mut Survey<'_>, region: Region, budget: &mut Budget) -> Region {
    if region.actions.is_empty() {
        return region;
    }
    let alone: Vec<Region> =
        region.actions.iter().map(|action| Region { actions: vec![*action], ..region.clone() }).collect();
    let used = filled(survey, alone, budget);
    let largest = survey.largest(used);
    let actions: Vec<usize> = largest.into_iter().flat_map(|region| region.actions).collect();
    if actions.is_empty() { region } else { Region { actions, ..region } }
}

/// Without those whose access the others cover.
fn without_covered(survey: &mut Survey<'_>, mut regions: Vec<Region>, budget: &mut Budget) -> Vec<Region> {
    let mut at = regions.len();
    while at > 0 && regions.len() > 1 {
        at -= 1;
        let Some(own) = regions.get(at).cloned() else { break };
        let own = survey.truth(&own);
        let others: Vec<Region> =
            regions.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, region)| region.clone()).collect();
        let covered = survey.union(&others);
        let rest = survey.space.a.formulas.all(&[own, Formulas::not(covered)]);
        if survey.filled(&[rest], budget) == [false] {
            regions = others;
        }
    }
    regions
}
