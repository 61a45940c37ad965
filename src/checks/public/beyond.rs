//! Few addresses as a claim without a count: no request is let in from more blocks of addresses than one of some sets holds,
//! and none of the sets is the public (spec 9.3). A proof of it can be checked by itself.

use solver::budget::Budget;
use solver::formula::Formula;

use crate::checks::Question;
use crate::checks::proof::Unposed;
use crate::checks::public::exposure::{Exposure, is_wide};
use crate::policy::condition::{AddressRange, Operand, Relation, Test};
use crate::semantics::symbolic::Symbolic;
use crate::semantics::symbolic::blocks::{Blocks, SOURCE_IP};

/// The blocks of addresses that Allow statements spell out.
pub(super) fn written_blocks(question: &Question<'_>) -> Vec<AddressRange> {
    let clauses = question.asked.grants().into_iter().flat_map(|grant| &grant.statement.conditions);
    let mut written = Vec::new();
    for clause in clauses.filter(|clause| clause.key == SOURCE_IP) {
        if let Test::Compare { operator, values } = &clause.test
            && operator.relation == Relation::IpAddress
            && !operator.negated
        {
            written.extend(values.iter().filter_map(|value| match &value.operand {
                Operand::Network(Some(network)) => Some(network.range),
                _ => None,
            }));
        }
    }
    written.retain(is_wide);
    written
}

/// As one formula: requests that outsiders can make from some block, and from none of these sets of blocks only. If there
/// are none, every request can be made from the blocks of one set at most. A part of a set that is not the public is not
/// the public either: there are fewer addresses, and fewer whole blocks, in it.
///
/// # Errors
/// The question does not depend on addresses, one of the sets is the public, or the budget ended.
pub(in crate::checks) fn beyond(
    question: &Question<'_>,
    a: &mut Symbolic<'_>,
    context: Formula,
    goals: &[Formula],
    sets: &[Vec<usize>],
) -> Result<Formula, Unposed> {
    let roots: Vec<Formula> = std::iter::once(context).chain(goals.iter().copied()).collect();
    let blocks = match a.blocks(&roots, &mut Budget::new(question.settings.budget)) {
        Ok(Blocks::Told(blocks)) => blocks,
        Ok(Blocks::Irrelevant | Blocks::Textual) => {
            return Err("addresses are not told apart here, so none are counted".into());
        }
        Err(_) => return Err(Unposed::Exhausted),
    };
    let written = written_blocks(question);
    let mut by_block = Vec::with_capacity(blocks.len());
    for block in &blocks {
        let (context, some) = (a.from_block(context, block), a.formulas.any(goals));
        let some = a.from_block(some, block);
        by_block.push(a.formulas.all(&[context, some]));
    }
    let mut beyond = vec![a.formulas.any(&by_block)];
    for set in sets {
        let inside: Vec<bool> = (0..blocks.len()).map(|at| set.contains(&at)).collect();
        let ranges = blocks.iter().zip(&inside).filter(|(_, inside)| **inside);
        let exposure = Exposure::of(ranges.flat_map(|(block, _)| block.ranges().to_vec()).collect(), &written);
        if exposure.is_public() {
            return Err(Unposed::Unfit(format!("{} are everybody", exposure.in_words())));
        }
        let outside = by_block.iter().zip(&inside).filter(|(_, inside)| !**inside);
        let outside: Vec<Formula> = outside.map(|(truth, _)| *truth).collect();
        beyond.push(a.formulas.any(&outside));
    }
    Ok(a.formulas.all(&beyond))
}
