//! The verdict alone, without reasons: for those who ask often.

use solver::budget::Budget;
use solver::search::{Outcome, solve_each};

use crate::checks::compiled::{self, Settled};
use crate::checks::counterexample::Replay;
use crate::checks::narrowed::Narrowed;
use crate::checks::question::{Question, ask, read_among, relations, run, unreplayed};
use crate::checks::{Certification, Disagreement, Report, Verdict};
use crate::semantics::Algebra;
use crate::semantics::realizability::Relations;
use crate::semantics::symbolic::Readings;

/// A PASS by evaluation, in every reading and without any relation, where nobody wants to see its proof.
pub(super) fn evaluated(question: &Question<'_>) -> Option<Report> {
    let unproved = question.settings.certification == Certification::Omitted;
    (unproved && matches!(compiled::settle(question), Some(Settled::Pass))).then(Report::pass)
}

/// The verdict alone: by evaluation where that settles it, else by the solver.
///
/// # Errors
/// A counterexample that does not replay.
pub fn verdict(question: &Question<'_>) -> Result<Verdict, Disagreement> {
    match compiled::settle(question) {
        Some(Settled::Pass) => Ok(Verdict::Pass),
        Some(Settled::Fail) => Ok(Verdict::Fail),
        Some(Settled::Open(left)) => search(question, Some(&left)),
        None => search(question, None),
    }
}

/// The verdict alone, by the solver: one request is enough, and nothing is made readable.
///
/// # Errors
/// A counterexample that does not replay.
pub fn verdict_by_search(question: &Question<'_>) -> Result<Verdict, Disagreement> {
    search(question, None)
}

/// The verdict by the solver, from what is left of the question if that decides it.
///
/// # Errors
/// A counterexample that does not replay.
pub(super) fn search(question: &Question<'_>, left: Option<&Narrowed>) -> Result<Verdict, Disagreement> {
    if question.outsiders.is_some() || question.settings.zone.is_some() {
        return ask(question).map(|report| report.verdict); // their addresses are counted
    }
    let settings = question.settled();
    let question = &Question { settings: &settings, ..*question };
    let mut budget = Budget::new(question.settings.budget);
    if left.is_some() {
        let verdict = search_in(question, left, &mut budget)?;
        if verdict != Verdict::Unknown {
            return Ok(verdict);
        }
    }
    search_in(question, None, &mut budget)
}

/// In the default reading of contested rules, then in all.
fn search_in(question: &Question<'_>, left: Option<&Narrowed>, budget: &mut Budget) -> Result<Verdict, Disagreement> {
    let relations = relations(question);
    let readings = |free| Readings { fixed: question.settings.reading.fixed.clone(), free };
    let (default, deferred) = attempt_any(question, left, &relations, readings(false), budget)?;
    if default == Verdict::Fail || !deferred {
        return Ok(default);
    }
    let (all, _) = attempt_any(question, left, &relations, readings(true), budget)?;
    Ok(match (default, all) {
        (_, Verdict::Fail) => Verdict::Fail,
        (Verdict::Pass, all) => all,
        (Verdict::Unknown | Verdict::Fail, _) => Verdict::Unknown,
    })
}

/// Whether any request violates the property, under given relations and readings; and whether some contested rule was
/// read by default.
fn attempt_any(
    question: &Question<'_>,
    left: Option<&Narrowed>,
    relations: &Relations,
    readings: Readings,
    budget: &mut Budget,
) -> Result<(Verdict, bool), Disagreement> {
    let posed = left.map_or(*question, |left| left.question(question));
    let (mut a, context, goals) = read_among(&posed, question.footprint(), relations, &readings);
    let goal = a.any(goals);
    let (outcomes, _) = solve_each(&mut a.formulas, context, &[goal], budget);
    let verdict = match outcomes.first() {
        None | Some(Outcome::Unsatisfiable) => Verdict::Pass,
        Some(Outcome::Unknown(..)) => Verdict::Unknown,
        Some(Outcome::Satisfiable(model)) => {
            let decoded = a.decode(model);
            // one past the grants: whichever lets it through
            let replay = Replay::new(question, &[], 0, &decoded);
            if replay.stands() {
                Verdict::Fail
            } else if left.is_some() {
                Verdict::Unknown // the whole question says why
            } else {
                unreplayed(&replay)?;
                // another grant may still be violated without the undecided part
                let attempt = run(question, relations, readings, budget)?;
                if attempt.found.is_empty() { Verdict::Unknown } else { Verdict::Fail }
            }
        }
    };
    Ok((verdict, !a.deferred().is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Catalogue;
    use crate::checks::{Settings, Side};
    use crate::policy::read::{ReadOptions, read};
    use crate::source::Sources;

    /// Without a bound and without a list the question is whether anything is allowed at all.
    #[test]
    fn whether_anything_is_allowed() {
        for (effect, expected) in [("Allow", Verdict::Fail), ("Deny", Verdict::Pass)] {
            let text = format!(
                r#"{{"Version":"2012-10-17","Statement":{{"Effect":"{effect}","Action":"s3:*","Resource":"*"}}}}"#
            );
            let policy =
                read(&mut Sources::default(), "policy", text.as_bytes(), &ReadOptions::default()).policy.unwrap();
            for certification in [Certification::Checked, Certification::Omitted] {
                let settings = &Settings { certification, ..Settings::default() };
                let (catalogue, asked) = (&Catalogue::embedded(), Side::Document(&policy));
                let question = Question { catalogue, existing: None, asked, access: &[], outsiders: None, settings };
                assert_eq!(verdict(&question).unwrap(), expected, "{effect}");
                assert_eq!(ask(&question).unwrap().verdict, expected, "{effect}");
            }
        }
    }
}
