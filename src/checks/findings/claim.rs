//! The claim that findings cover all access, so that it can be checked without them being looked for again: findings as
//! numbers into what the documents say, in an order that only the documents decide.

use std::collections::{BTreeMap, BTreeSet};

use solver::formula::{Formula, Formulas};

use crate::catalogue::Catalogue;
use crate::checks::Side;
use crate::checks::findings::axis::{Axis, Part, Saying};
use crate::checks::findings::survey::{self, Survey, external, footprint, met, said};
use crate::checks::proof::{Posed, Region, Unposed};
use crate::checks::space::Space;
use crate::semantics::realizability::Relations;
use crate::semantics::symbolic::{self, Readings, Symbolic};
use crate::semantics::zone::Zone;

/// A finding of a survey, by what it says.
pub(super) fn region(survey: &Survey<'_>, found: &survey::Region) -> Region {
    let mut all: Vec<usize> =
        survey.axes.iter().zip(&found.numbers).filter_map(|(axis, number)| place(survey, axis, *number)).collect();
    all.sort_unstable();
    let axis = survey.axes.get(survey.actions);
    let actions = found.actions.iter().filter_map(|number| axis.and_then(|axis| place(survey, axis, *number)));
    Region { all, some: actions.collect() }
}

/// The place of a label in the list of all, part by part; `None` for everything.
fn place(survey: &Survey<'_>, axis: &Axis, number: usize) -> Option<usize> {
    axis.saying(number)?;
    let truth = axis.truth(number);
    let before: usize = survey.labels.range(..&axis.part).map(|(_, said)| said.len()).sum();
    let own = survey.labels.get(&axis.part)?.iter().position(|(_, own)| *own == truth)?;
    Some(before + own)
}

/// All that the documents say, part by part.
fn sayings(side: Side<'_>) -> Vec<(Part, Saying)> {
    let mut by_part: BTreeMap<Part, Vec<Saying>> = BTreeMap::new();
    for (part, saying) in said(side) {
        by_part.entry(part).or_default().push(saying);
    }
    let one = |(part, said): (Part, Vec<Saying>)| said.into_iter().map(move |saying| (part.clone(), saying));
    by_part.into_iter().flat_map(one).collect()
}

/// That no access from outside the zone lies outside all of these regions.
///
/// # Errors
/// A number that is not in the list.
pub fn pose(
    side: Side<'_>,
    zone: &Zone,
    catalogue: &Catalogue,
    (relations, readings): (&Relations, &Readings),
    regions: &[Region],
) -> Result<Posed, Unposed> {
    let met = met(side);
    let side = met.as_ref().map_or(side, Side::Stack);
    let sayings = sayings(side);
    let footprint = footprint(side, zone);
    let spoken: BTreeSet<String> = footprint.keys.keys().cloned().collect();
    let how = symbolic::Settings { relations: relations.clone(), readings: readings.clone(), stack: side.is_stack() };
    let a = Symbolic::new(catalogue, footprint, how);
    let (mut space, (external, truths)) = Space::read(a, |a| {
        let external = external(a, side, zone, &spoken);
        let truths: Vec<Formula> = sayings.iter().map(|(_, saying)| saying.holds(a)).collect();
        (external, truths)
    });
    let listed =
        |numbers: &[usize]| numbers.iter().map(|at| truths.get(*at).copied()).collect::<Option<Vec<Formula>>>();
    let mut outside = Vec::with_capacity(regions.len());
    for region in regions {
        let (Some(mut all), Some(some)) = (listed(&region.all), listed(&region.some)) else {
            return Err("a finding says what the documents do not".into());
        };
        if !some.is_empty() {
            all.push(space.a.formulas.any(&some));
        }
        outside.push(Formulas::not(space.a.formulas.all(&all)));
    }
    let outside = space.a.formulas.all(&outside);
    Ok(space.posed(external, vec![outside]))
}

/// What each region says, in words.
pub fn in_words(side: Side<'_>, regions: &[Region]) -> Vec<String> {
    let met = met(side);
    let sayings = sayings(met.as_ref().map_or(side, Side::Stack));
    let word = |at: &usize| {
        let (part, saying) = sayings.get(*at)?;
        let (operator, text) = saying.text();
        Some(match part {
            Part::Principal => format!("principal {text}"),
            Part::Action => format!("action {text}"),
            Part::Resource => format!("resource {text}"),
            Part::Key(key) => format!("{key} {operator} {text}"),
        })
    };
    let one = |region: &Region| {
        let mut parts: Vec<String> = region.all.iter().filter_map(word).collect();
        let some: Vec<String> = region.some.iter().filter_map(word).collect();
        parts.extend((!some.is_empty()).then(|| some.join(" or ")));
        if parts.is_empty() { "everything".to_owned() } else { parts.join(", ") }
    };
    regions.iter().map(one).collect()
}
