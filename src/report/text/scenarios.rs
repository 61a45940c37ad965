//! Results of scenarios as text: a line for every one that came out otherwise, and the count.

use crate::checks::Verdict;
use crate::report::json;
use crate::report::paint::{Ink, Paint, printable};
use crate::report::text::evaluation::decided_by;
use crate::report::text::{Page, place, plural, statement_name};
use crate::scenario::{Outcome, Scenario, Wanted};
use crate::source::Sources;

/// The results, ending in a line end.
pub fn scenarios(results: &[(Scenario, Outcome)], sources: &Sources, paint: Paint) -> String {
    let mut page = Page { out: String::new(), paint, sources };
    let failed: Vec<_> = results.iter().filter(|(_, outcome)| !outcome.is_expected()).collect();
    for (scenario, outcome) in &failed {
        page.mismatch(scenario, outcome);
    }
    if !failed.is_empty() {
        page.line("");
    }
    let (all, bad) = (results.len(), failed.len());
    let (word, ink) = if bad == 0 { ("PASS", Ink::Good) } else { ("FAIL", Ink::Bad) };
    let count = format!("{} of {} as expected", all.saturating_sub(bad), plural(all, "scenario"));
    let rest = if bad == 0 { String::from(".") } else { format!("; {bad} otherwise.") };
    page.verdict(word, ink, &format!("{count}{rest}"), "");
    page.out
}

/// What was wanted and what came, in the words of the scenario.
pub(crate) fn words(outcome: &Outcome) -> (&'static str, &'static str) {
    match outcome {
        Outcome::Evaluated { wanted, evaluation } => {
            let wanted = match wanted {
                Wanted::Exactly(decision) => json::decision(*decision),
                Wanted::Denied => "Denied",
            };
            (wanted, json::decision(evaluation.decision))
        }
        Outcome::Checked { wanted, report } => (json::result(*wanted), json::result(report.verdict)),
    }
}

/// Why it came out so, in one sentence.
pub(crate) fn because(outcome: &Outcome, sources: &Sources) -> String {
    match outcome {
        Outcome::Evaluated { evaluation, .. } => format!("decided by {}", decided_by(evaluation, sources)),
        Outcome::Checked { report, .. } => match (report.verdict, report.reasons.first(), report.unknown.first()) {
            (Verdict::Fail, Some(reason), _) => {
                let request = &reason.counterexample;
                let name = statement_name(reason.statement_index, reason.statement_id.as_deref());
                format!("{name}: {} may do {} on {}", request.principal, request.action, request.resource)
            }
            (Verdict::Unknown, _, Some(open)) => open.reason.clone(),
            (Verdict::Pass | Verdict::Fail | Verdict::Unknown, _, _) => "no request violates it".to_owned(),
        },
    }
}

impl Page<'_> {
    fn mismatch(&mut self, scenario: &Scenario, outcome: &Outcome) {
        let (wanted, found) = words(outcome);
        let note = scenario.note.as_deref().map_or(String::new(), |note| format!(" ({note})"));
        let place = place(self.sources, scenario.span);
        let id = printable(&format!("{}{note}", scenario.id));
        let why = printable(&because(outcome, self.sources));
        let word = self.paint.paint(Ink::Bad, found);
        self.line(&format!("{place}: {id}: {word}, not {wanted}: {why}"));
    }
}
