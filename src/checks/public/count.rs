//! Counting the addresses that outsiders come from, with everything else in the request fixed (spec 9.3).
//!
//! Addresses that no condition tells apart form a block; a formula for each block says which other parts of a request let
//! it in. A request whose blocks are too few rules out every request with no more blocks than that, so the search ends: it
//! asks for some further block each time.

use solver::budget::Budget;
use solver::formula::{Formula, Formulas};
use solver::search::{Outcome, solve_each};

use crate::checks::counterexample::Replay;
use crate::checks::public::beyond::written_blocks;
use crate::checks::public::exposure::Exposure;
use crate::checks::question::{Attempt, Question, undecided, unreplayed};
use crate::checks::side::Grant;
use crate::checks::{Disagreement, Undecided};
use crate::policy::condition::AddressRange;
use crate::request::{ContextValue, Request};
use crate::semantics::symbolic::Symbolic;
use crate::semantics::symbolic::blocks::{Block, Blocks, SOURCE_IP};
use crate::semantics::symbolic::decode::Decoded;
use crate::semantics::{Algebra, address};

/// From which blocks some grants together let a request in, by the concrete reading.
#[derive(Debug)]
pub(in crate::checks) struct Census<'q> {
    pub(super) blocks: &'q [Block],
    /// Blocks that the Allow statements spell out.
    pub(super) written: &'q [AddressRange],
    /// The grants that count together.
    pub(super) grants: Vec<Grant<'q>>,
}

impl<'q> Census<'q> {
    /// The addresses that may make the request; `None` if none may.
    pub(in crate::checks) fn exposure(&self, replay: &Replay<'q>, request: &Request) -> Option<Exposure> {
        let exposure = self.of(&self.allowed(replay, request));
        (!exposure.is_empty()).then_some(exposure)
    }

    fn of(&self, allowed: &[bool]) -> Exposure {
        let blocks = self.blocks.iter().zip(allowed).filter(|(_, allowed)| **allowed);
        Exposure::of(blocks.flat_map(|(block, _)| block.ranges().to_vec()).collect(), self.written)
    }

    /// For each block, whether the request may come from it.
    pub(super) fn allowed(&self, replay: &Replay<'q>, request: &Request) -> Vec<bool> {
        if !carries_address(request) {
            let whole = self.lets_in(replay, request);
            return vec![whole; self.blocks.len()];
        }
        self.blocks.iter().map(|block| self.lets_in(replay, &coming_from(request, block))).collect()
    }

    fn lets_in(&self, replay: &Replay<'q>, request: &Request) -> bool {
        self.grants.iter().any(|grant| replay.holds_through(Some(*grant), request))
    }
}

/// Whether the request says where it comes from.
fn carries_address(request: &Request) -> bool {
    match request.context.get(SOURCE_IP) {
        Some(ContextValue::Single(text)) => address::parse(text).is_some(),
        Some(ContextValue::Multi(_)) | None => false,
    }
}

/// The same request from another address.
fn coming_from(request: &Request, block: &Block) -> Request {
    let mut request = request.clone();
    if carries_address(&request) {
        request.context.insert(SOURCE_IP.to_owned(), ContextValue::Single(block.sample()));
    }
    request
}

/// Decides the question by counting, if it depends on addresses at all; says whether it does.
pub(in crate::checks) fn counts(
    question: &Question<'_>,
    a: &mut Symbolic<'_>,
    context: Formula,
    goals: &[Formula],
    budget: &mut Budget,
    attempt: &mut Attempt,
) -> Result<bool, Disagreement> {
    let roots: Vec<Formula> = std::iter::once(context).chain(goals.iter().copied()).collect();
    let blocks = match a.blocks(&roots, budget) {
        Ok(Blocks::Irrelevant) => return Ok(false),
        Ok(Blocks::Told(blocks)) => blocks,
        Ok(Blocks::Textual) => return textual(question, a, context, goals, budget, attempt).map(|()| true),
        Err(_) => {
            attempt.open.push(undecided(solver::Limit::Budget, None));
            return Ok(true);
        }
    };
    let written = written_blocks(question);
    let grants = question.asked.grants();
    let count = Count { question, grants: &grants, a, blocks: &blocks, written: &written, budget, attempt };
    count.run(context, goals).map(|()| true)
}

/// The address is compared as text with wildcards: only what does not depend on it is decided.
fn textual(
    question: &Question<'_>,
    a: &mut Symbolic<'_>,
    context: Formula,
    goals: &[Formula],
    budget: &mut Budget,
    attempt: &mut Attempt,
) -> Result<(), Disagreement> {
    let carried = a.present(SOURCE_IP);
    let absent = a.formulas.all(&[context, Formulas::not(carried)]);
    let (without, _) = solve_each(&mut a.formulas, absent, goals, budget);
    let (with, _) = solve_each(&mut a.formulas, context, goals, budget);
    let grants = question.asked.grants();
    for (grant, (without, with)) in without.iter().zip(&with).enumerate() {
        let statement = grants.get(grant).map(|grant| grant.statement.span);
        match (without, with) {
            (Outcome::Satisfiable(model), _) => {
                attempt.take(&Replay::new(question, &grants, grant, &a.decode(model)), a)?;
            }
            (_, Outcome::Unsatisfiable) => {}
            (Outcome::Unknown(limit, _), _) | (_, Outcome::Unknown(limit, _)) => {
                attempt.open.push(undecided(*limit, grants.get(grant)));
            }
            (Outcome::Unsatisfiable, Outcome::Satisfiable(_)) => attempt.open.push(Undecided {
                reason: "aws:SourceIp is compared as text with wildcards, so its addresses are not counted".to_owned(),
                span: statement,
                needed: "`IpAddress` with blocks such as 203.0.113.0/24".to_owned(),
            }),
        }
    }
    Ok(())
}

/// The count of one question.
struct Count<'q, 's, 'c> {
    question: &'q Question<'q>,
    grants: &'q [Grant<'q>],
    a: &'s mut Symbolic<'c>,
    blocks: &'q [Block],
    written: &'q [AddressRange],
    budget: &'s mut Budget,
    attempt: &'s mut Attempt,
}

/// A grant's formulas and answers, block by block.
struct Row {
    truths: Vec<Formula>,
    outcomes: Vec<Outcome>,
}

impl Row {
    /// The blocks that may be let in.
    fn possible(&self) -> Vec<bool> {
        self.outcomes.iter().map(|outcome| !matches!(outcome, Outcome::Unsatisfiable)).collect()
    }

    fn is_possible(&self) -> bool {
        self.possible().contains(&true)
    }
}

impl<'q> Count<'q, '_, '_> {
    fn run(mut self, context: Formula, goals: &[Formula]) -> Result<(), Disagreement> {
        let rows = self.rows(context, goals);
        let mut together = Vec::new();
        for (grant, row) in rows.iter().enumerate() {
            if !self.alone(grant, row)? && row.is_possible() {
                together.push(grant);
            }
        }
        self.together(&rows, &together)?;
        self.undecided(&rows);
        if self.attempt.found.is_empty() && self.attempt.open.is_empty() {
            let possible = possible(&rows, &together, self.blocks.len());
            let exposure = self.census(&together).of(&possible);
            self.attempt.possible = possible;
            if !exposure.is_empty() {
                let figure = format!("aws:SourceIp: outsiders come from {} at most", exposure.in_words());
                self.attempt.carried_by.push(figure);
            }
        }
        Ok(())
    }

    /// For each grant, its formula and answer in each block.
    fn rows(&mut self, context: Formula, goals: &[Formula]) -> Vec<Row> {
        let mut rows: Vec<Row> = goals.iter().map(|_| Row { truths: Vec::new(), outcomes: Vec::new() }).collect();
        for block in self.blocks {
            let context = self.a.from_block(context, block);
            let mut all = Vec::with_capacity(goals.len());
            for goal in goals {
                all.push(self.a.from_block(*goal, block));
            }
            let (outcomes, _) = solve_each(&mut self.a.formulas, context, &all, self.budget);
            for ((row, goal), outcome) in rows.iter_mut().zip(all).zip(outcomes) {
                row.truths.push(self.a.formulas.all(&[context, goal]));
                row.outcomes.push(outcome);
            }
        }
        rows
    }

    fn census(&self, grants: &[usize]) -> Census<'q> {
        let grants = grants.iter().filter_map(|grant| self.grants.get(*grant).copied()).collect();
        Census { blocks: self.blocks, written: self.written, grants }
    }

    /// Whether the grant by itself is public; takes its counterexample.
    fn alone(&mut self, grant: usize, row: &Row) -> Result<bool, Disagreement> {
        for (at, (block, outcome)) in self.blocks.iter().zip(&row.outcomes).enumerate() {
            let only: Vec<bool> = (0..self.blocks.len()).map(|other| other == at).collect();
            if let Outcome::Satisfiable(model) = outcome
                && self.census(&[grant]).of(&only).is_public()
            {
                let mut decoded = self.a.decode(model);
                decoded.request = coming_from(&decoded.request, block);
                return self.take(&[grant], grant, &decoded).map(|()| true);
            }
        }
        let found = match self.census(&[grant]).of(&row.possible()).is_public() {
            true => self.search(std::slice::from_ref(row), &[grant], None)?,
            false => None,
        };
        let Some(decoded) = found else { return Ok(false) };
        self.contributors(&[grant], &decoded)?;
        Ok(true)
    }

    /// Grants none of which is public alone, but which are together: each that contributes is taken.
    fn together(&mut self, rows: &[Row], grants: &[usize]) -> Result<(), Disagreement> {
        let possible = possible(rows, grants, self.blocks.len());
        if grants.len() < 2 || !self.census(grants).of(&possible).is_public() {
            return Ok(());
        }
        let members: Vec<&Row> = grants.iter().filter_map(|grant| rows.get(*grant)).collect();
        let Some(first) = self.search_among(&members, grants, None)? else { return Ok(()) };
        self.contributors(grants, &first)?;
        for (grant, row) in grants.iter().zip(&members) {
            if self.attempt.found.iter().any(|found| found.grant == *grant) {
                continue;
            }
            if let Some(further) = self.search_among(&members, grants, Some(row))? {
                self.contributors(grants, &further)?;
            }
        }
        self.attempt.found.sort_by_key(|found| found.grant);
        Ok(())
    }

    fn search(&mut self, rows: &[Row], grants: &[usize], must: Option<&Row>) -> Result<Option<Decoded>, Disagreement> {
        let rows: Vec<&Row> = rows.iter().collect();
        self.search_among(&rows, grants, must)
    }

    /// A request that these grants together let in from too many addresses, `must` from some of them.
    fn search_among(
        &mut self,
        rows: &[&Row],
        grants: &[usize],
        must: Option<&Row>,
    ) -> Result<Option<Decoded>, Disagreement> {
        let mut by_block = Vec::with_capacity(self.blocks.len());
        for at in 0..self.blocks.len() {
            let truths: Vec<Formula> = rows.iter().filter_map(|row| row.truths.get(at).copied()).collect();
            by_block.push(self.a.formulas.any(&truths));
        }
        let mut goal = vec![self.a.formulas.any(&by_block)];
        goal.extend(must.map(|row| self.a.formulas.any(&row.truths)));
        loop {
            let asked = self.a.formulas.all(&goal);
            let (outcomes, _) = solve_each(&mut self.a.formulas, Formula::TRUE, &[asked], self.budget);
            let model = match outcomes.into_iter().next() {
                Some(Outcome::Satisfiable(model)) => model,
                Some(Outcome::Unknown(limit, _)) => {
                    let first = grants.first().and_then(|grant| self.grants.get(*grant));
                    self.attempt.open.push(undecided(limit, first));
                    return Ok(None);
                }
                Some(Outcome::Unsatisfiable) | None => return Ok(None),
            };
            let decoded = self.a.decode(&model);
            let first = grants.first().copied().unwrap_or(0);
            let census = self.census(grants);
            let replay = Replay::new(self.question, self.grants, first, &decoded);
            let allowed = census.allowed(&replay, &decoded.request);
            if !allowed.contains(&true) {
                self.attempt.open.push(unreplayed(&replay)?);
                return Ok(None);
            }
            if census.of(&allowed).is_public() {
                return Ok(Some(decoded));
            }
            let further: Vec<Formula> =
                by_block.iter().zip(&allowed).filter(|(_, allowed)| !**allowed).map(|(truth, _)| *truth).collect();
            goal.push(self.a.formulas.any(&further));
        }
    }

    /// Takes a counterexample for each grant that lets the request in from some address.
    fn contributors(&mut self, grants: &[usize], decoded: &Decoded) -> Result<(), Disagreement> {
        for grant in grants {
            if self.attempt.found.iter().any(|found| found.grant == *grant) {
                continue;
            }
            let replay = Replay::new(self.question, self.grants, *grant, decoded);
            let own = self.census(&[*grant]).allowed(&replay, &decoded.request);
            let from = self.blocks.iter().zip(own).find(|(_, own)| *own).map(|(block, _)| block);
            if let Some(block) = from {
                let request = coming_from(&decoded.request, block);
                self.take(grants, *grant, &Decoded { request, ..decoded.clone() })?;
            }
        }
        Ok(())
    }

    fn take(&mut self, grants: &[usize], grant: usize, decoded: &Decoded) -> Result<(), Disagreement> {
        let census = self.census(grants);
        let replay = Replay::new(self.question, self.grants, grant, decoded).counted(&census);
        self.attempt.take(&replay, self.a)
    }

    /// Blocks that stayed undecided keep a grant that was not found guilty from being cleared.
    fn undecided(&mut self, rows: &[Row]) {
        for (grant, row) in rows.iter().enumerate() {
            let open = row.outcomes.iter().find_map(|outcome| match outcome {
                Outcome::Unknown(limit, _) => Some(*limit),
                Outcome::Satisfiable(_) | Outcome::Unsatisfiable => None,
            });
            let guilty = self.attempt.found.iter().any(|found| found.grant == grant);
            if let Some(limit) = open.filter(|_| !guilty) {
                self.attempt.open.push(undecided(limit, self.grants.get(grant)));
            }
        }
    }
}

/// The blocks that some of the grants may let in.
fn possible(rows: &[Row], grants: &[usize], blocks: usize) -> Vec<bool> {
    let mut possible = vec![false; blocks];
    for row in grants.iter().filter_map(|grant| rows.get(*grant)) {
        possible.iter_mut().zip(row.possible()).for_each(|(all, own)| *all |= own);
    }
    possible
}
