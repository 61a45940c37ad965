//! What an answer rests on and what would change it: found by asking again, on request and within bounds.

mod carriers;
mod edit;
mod suggestion;

use std::cell::Cell;

use crate::checks::{Certification, Disagreement, Question, Realizability, Report, Settings, Side, Verdict, question};
use crate::policy::Statement;
use crate::source::Span;
use crate::stack::Document;

/// Questions asked again for one answer, at most.
const MOST_QUESTIONS: usize = 48;
/// Each of them has this part of the budget: all together at most two budgets.
const SHARE: u64 = 24;
/// Entries of documents read in all of them: large documents get fewer questions.
const MOST_ENTRIES: usize = 40_000;

/// The answer with what it rests on (PASS: statements that carry it, Allow statements that never take effect) or what
/// would change it (FAIL: small edits). Everything that is added has been asked again.
///
/// # Errors
/// A counterexample that does not replay.
pub fn explained(question: &Question<'_>, mut report: Report) -> Result<Report, Disagreement> {
    let settings = question.settled();
    let question = &Question { settings: &settings, ..*question };
    let oracle = Oracle::new(question);
    match report.verdict {
        Verdict::Pass => {
            report.carried_by.extend(carriers::of(&oracle)?);
            report.remarks.extend(impossible(&oracle, &report)?);
        }
        Verdict::Fail => suggestion::add(&oracle, &mut report)?,
        Verdict::Unknown => {}
    }
    Ok(report)
}

/// The question, to be asked again of other documents.
struct Oracle<'q> {
    question: &'q Question<'q>,
    settings: Settings,
    left: Cell<usize>,
}

impl<'q> Oracle<'q> {
    fn new(question: &'q Question<'q>) -> Self {
        let budget = question.settings.budget.checked_div(SHARE).unwrap_or(1).max(1);
        // a hint is asked again, not certified: what carries a verdict is that verdict's own proof
        let settings = Settings { budget, certification: Certification::Omitted, ..question.settings.clone() };
        let questions = MOST_ENTRIES.checked_div(entries(question)).unwrap_or(MOST_QUESTIONS);
        Self { question, settings, left: Cell::new(questions.min(MOST_QUESTIONS)) }
    }

    /// Whether another question may be asked.
    fn may_ask(&self) -> bool {
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        left > 0
    }

    /// Whether the property is proved of these sides; `None` if there have been too many questions.
    fn proves(&self, existing: Option<&Document>, asked: &Document) -> Result<Option<bool>, Disagreement> {
        if !self.may_ask() {
            return Ok(None);
        }
        let existing = existing.map(Document::side);
        let again = Question { existing, asked: asked.side(), settings: &self.settings, ..*self.question };
        question::proves(&again).map(Some)
    }

    /// The answer for another asked side; `None` if there have been too many questions.
    fn ask(&self, asked: &Document) -> Result<Option<Report>, Disagreement> {
        if !self.may_ask() {
            return Ok(None);
        }
        let again = Question { asked: asked.side(), settings: &self.settings, ..*self.question };
        question::ask(&again).map(Some)
    }
}

/// How many entries and clauses the documents of a question have.
fn entries(question: &Question<'_>) -> usize {
    let documents = question.existing.into_iter().chain([question.asked]).flat_map(Side::documents);
    let of = |statement: &Statement| {
        let resources = statement.resource.as_ref().map_or(0, |listed| listed.entries.len());
        statement.action.entries.len() + resources + statement.conditions.len()
    };
    documents.flat_map(|policy| &policy.statements).map(of).sum()
}

/// A copy that can be edited.
fn copy(side: Side<'_>) -> Document {
    match side {
        Side::Document(policy) => Document::Policy(Box::new(policy.clone())),
        Side::Stack(stack) => Document::Stack(Box::new(stack.clone())),
    }
}

/// Allow statements that take no effect in a real request, but would if the parts of a request were independent.
fn impossible(oracle: &Oracle<'_>, report: &Report) -> Result<Vec<String>, Disagreement> {
    if report.assumptions.is_empty() {
        return Ok(Vec::new());
    }
    let (Some(real), Some(any)) = (effective(oracle, None)?, effective(oracle, Some(Realizability::Nothing))?) else {
        return Ok(Vec::new());
    };
    let mut remarks = Vec::new();
    for grant in oracle.question.asked.grants() {
        let span = grant.statement.span;
        if any.contains(&span) && !real.contains(&span) {
            remarks.push(format!(
                "the Allow statement {} never takes effect, but only because of what it relies on",
                grant.statement.index
            ));
        }
    }
    Ok(remarks)
}

/// The Allow statements that take effect in some request; `None` if that is not decided of all.
fn effective(oracle: &Oracle<'_>, realizability: Option<Realizability>) -> Result<Option<Vec<Span>>, Disagreement> {
    if !oracle.may_ask() {
        return Ok(None);
    }
    let mut settings = oracle.settings.clone();
    settings.realizability = realizability.unwrap_or(settings.realizability);
    let again = Question { existing: None, access: &[], settings: &settings, ..*oracle.question };
    let report = question::ask(&again)?;
    Ok(report.complete.then(|| report.reasons.iter().map(|reason| reason.span).collect()))
}
