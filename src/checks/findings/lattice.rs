//! Every smallest combination of labels, as the service prints them (stratified abstraction): from everything downwards, a
//! combination is a finding if some access lies in it and in none of the next smaller ones; else these are looked at.

use std::collections::BTreeSet;

use solver::budget::Budget;
use solver::formula::Formula;

use crate::checks::findings::survey::{Region, Survey};

/// Combinations looked at.
const MOST_NODES: usize = 20_000;

/// The findings of the service.
pub(super) fn all(survey: &mut Survey<'_>, budget: &mut Budget) -> Vec<Region> {
    let top = vec![0; survey.axes.len()];
    let mut seen = BTreeSet::from([top.clone()]);
    let mut level = vec![top];
    let mut reported: Vec<Vec<usize>> = Vec::new();
    while !level.is_empty() {
        let nodes: Vec<Formula> = level.iter().map(|node| truth(survey, node)).collect();
        let filled = survey.filled(&nodes, budget);
        let kept: Vec<(Vec<usize>, Formula)> = level
            .into_iter()
            .zip(nodes)
            .zip(filled)
            .filter_map(|((node, truth), filled)| filled.then_some((node, truth)))
            .collect();
        let mut own = Vec::with_capacity(kept.len());
        for (node, whole) in &kept {
            let smaller: Vec<Formula> = children(survey, node).iter().map(|child| truth(survey, child)).collect();
            let smaller = survey.space.a.formulas.any(&smaller);
            own.push(survey.outside(*whole, smaller));
        }
        let own = survey.filled(&own, budget);
        level = Vec::new();
        for ((node, _), own) in kept.into_iter().zip(own) {
            if own || seen.len() > MOST_NODES {
                reported.push(node);
                continue;
            }
            for child in children(survey, &node) {
                if seen.insert(child.clone()) {
                    level.push(child);
                }
            }
        }
    }
    let regions = reported.into_iter().map(|node| region(survey, node)).collect();
    grouped(survey.largest(regions))
}

fn truth(survey: &mut Survey<'_>, node: &[usize]) -> Formula {
    let parts: Vec<Formula> = survey.axes.iter().zip(node).map(|(axis, number)| axis.truth(*number)).collect();
    survey.space.a.formulas.all(&parts)
}

/// The combinations with one label replaced by a next smaller one.
fn children(survey: &Survey<'_>, node: &[usize]) -> Vec<Vec<usize>> {
    let mut children = Vec::new();
    for (at, (axis, number)) in survey.axes.iter().zip(node).enumerate() {
        for smaller in axis.inside(*number) {
            let mut child = node.to_vec();
            if let Some(own) = child.get_mut(at) {
                *own = *smaller;
            }
            children.push(child);
        }
    }
    children
}

fn region(survey: &Survey<'_>, mut numbers: Vec<usize>) -> Region {
    let action = numbers.get_mut(survey.actions).map_or(0, std::mem::take);
    Region { numbers, actions: if action == 0 { Vec::new() } else { vec![action] } }
}

/// Regions that differ in the action only are one.
fn grouped(regions: Vec<Region>) -> Vec<Region> {
    let mut groups: Vec<Region> = Vec::new();
    for region in regions {
        let same = |known: &&mut Region| {
            known.numbers == region.numbers && known.actions.is_empty() == region.actions.is_empty()
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.actions.extend(region.actions),
            None => groups.push(region),
        }
    }
    groups
}
