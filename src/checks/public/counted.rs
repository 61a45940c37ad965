//! The proof of what was decided by counting addresses.

use solver::budget::Budget;
use solver::formula::Formula;
use solver::search::{Outcome, solve_and_learn};

use crate::checks::Disagreement;
use crate::checks::claims::pose;
use crate::checks::counterexample::Replay;
use crate::checks::proof::{Certified, Given, Refuted, Unposed, Work, certify};
use crate::checks::public::beyond::{beyond, written_blocks};
use crate::checks::public::count::Census;
use crate::checks::question::{Question, read};
use crate::semantics::realizability::Relations;
use crate::semantics::symbolic::Readings;
use crate::semantics::symbolic::blocks::Blocks;

/// The proof of what was decided by counting: that no outsider is let in from any address, or else that every request is
/// let in from the blocks of one of some sets at most. Such sets are those that the count found to be possible, if that is
/// not the public; else one is found for each request that the others do not hold.
///
/// # Errors
/// The proof is not accepted, or a request is let in from everywhere: a defect.
pub(in crate::checks) fn counted(
    question: &Question<'_>,
    relations: &Relations,
    readings: &Readings,
    possible: &[bool],
    work: &mut Work,
) -> Result<Certified, Disagreement> {
    let posed = |relations: &Relations, readings: &Readings, given: &Given| pose(question, relations, readings, given);
    let settings = question.settings;
    let prove = |given: &Given, work: &mut Work| match searched(question, relations, readings, given, work)? {
        Searched::Refuted(refuted) => {
            let (relations, readings) = (relations.clone(), readings.clone());
            certify(&refuted, relations, readings, given.clone(), settings, work, &posed).map(Ok)
        }
        other => Ok(Err(other)),
    };
    if !possible.contains(&true)
        && let Ok(certified) = prove(&Given::Nothing, work)?
    {
        return Ok(certified);
    }
    let mut sets = Vec::new();
    if !possible.is_empty() {
        let all = (0..possible.len()).filter(|at| possible.get(*at) == Some(&true)).collect();
        let given = Given::Blocks(vec![all]);
        if posed(relations, readings, &given).is_ok()
            && let Ok(certified) = prove(&given, work)?
        {
            return Ok(certified);
        }
    }
    loop {
        match prove(&Given::Blocks(sets.clone()), work)? {
            Ok(certified) => return Ok(certified),
            Err(Searched::Further(set)) if !sets.contains(&set) && work.search < settings.budget.saturating_mul(4) => {
                sets.push(set);
            }
            Err(_) => return Ok(Certified::Exhausted),
        }
    }
}

/// What one search for a request beyond some sets of blocks found.
enum Searched {
    Refuted(Box<Refuted>),
    /// A request that is let in from these blocks.
    Further(Vec<usize>),
    Nothing,
}

fn searched(
    question: &Question<'_>,
    relations: &Relations,
    readings: &Readings,
    given: &Given,
    work: &mut Work,
) -> Result<Searched, Disagreement> {
    let (mut a, context, goals) = read(question, relations, readings);
    let roots: Vec<Formula> = std::iter::once(context).chain(goals.iter().copied()).collect();
    let mut budget = Budget::new(question.settings.budget);
    let (context, goals, blocks) = match given {
        Given::Blocks(sets) => {
            let Ok(Blocks::Told(blocks)) = a.blocks(&roots, &mut budget) else { return Ok(Searched::Nothing) };
            let goal = match beyond(question, &mut a, context, &goals, sets) {
                Ok(goal) => goal,
                Err(Unposed::Exhausted) => return Ok(Searched::Nothing),
                Err(Unposed::Unfit(what)) => return Err(Disagreement { what }),
            };
            (Formula::TRUE, vec![goal], blocks)
        }
        Given::Nothing | Given::Regions(_) | Given::Cubes(_) => (context, goals, Vec::new()),
    };
    let (outcomes, _, learnt) = solve_and_learn(&mut a.formulas, context, &goals, &mut budget);
    work.search += budget.used();
    if outcomes.iter().all(|outcome| matches!(outcome, Outcome::Unsatisfiable)) {
        return Ok(Searched::Refuted(Box::new(Refuted { formulas: a.formulas, learnt })));
    }
    let Some(Outcome::Satisfiable(model)) = outcomes.first() else { return Ok(Searched::Nothing) };
    let grants = question.asked.grants();
    let written = written_blocks(question);
    let decoded = a.decode(model);
    let census = Census { blocks: &blocks, written: &written, grants: grants.clone() };
    let allowed = census.allowed(&Replay::new(question, &grants, 0, &decoded), &decoded.request);
    Ok(Searched::Further((0..blocks.len()).filter(|at| allowed.get(*at) == Some(&true)).collect()))
}
