//! A scan as text: what fails and what is undecided in full, what was skipped and why, and a line that counts.

use crate::catalogue::Catalogue;
use crate::checks::Verdict;
use crate::report::paint::{Ink, Paint, printable};
use crate::report::scan::answer;
use crate::report::text::{self, Length, plural};
use crate::scan::{Cause, Checked, Found, Outcome, Scan, Skipped, Standing};

/// A scan, ending in a line end.
pub fn scan(scan: &Scan, catalogue: &Catalogue, paint: Paint, length: Length) -> String {
    let mut page = Page { out: String::new(), scan, catalogue, paint, length };
    for checked in &scan.policies {
        page.policy(checked);
    }
    for skipped in &scan.skipped {
        page.skipped(skipped);
    }
    page.summary();
    page.out
}

struct Page<'a> {
    out: String,
    scan: &'a Scan,
    catalogue: &'a Catalogue,
    paint: Paint,
    length: Length,
}

impl Page<'_> {
    fn line(&mut self, text: &str) {
        self.out.push_str(text.trim_end());
        self.out.push('\n');
    }

    fn word(&mut self, word: &str, ink: Ink, text: &str) {
        let word = self.paint.paint(ink, word);
        self.line(&format!("{word}  {}", printable(text)));
    }

    fn policy(&mut self, checked: &Checked) {
        let name = checked.found.name();
        if checked.outcomes.is_empty() && self.length == Length::Full {
            self.word("----", Ink::Faint, &format!("no rule speaks of {name}"));
        }
        for outcome in &checked.outcomes {
            self.outcome(&checked.found, &name, outcome);
        }
    }

    fn outcome(&mut self, found: &Found, name: &str, outcome: &Outcome) {
        let rule = &outcome.rule.name;
        let report = match &outcome.report {
            Ok(report) => report,
            Err(disagreement) => {
                return self.word("DEFECT", Ink::Bad, &format!("{name}: {rule}: {}", disagreement.what));
            }
        };
        match (report.verdict, &outcome.standing) {
            (Verdict::Pass, _) if self.length == Length::Full => {
                self.word("PASS", Ink::Good, &format!("{name}: {rule}"));
            }
            (Verdict::Pass, _) => {}
            (Verdict::Fail | Verdict::Unknown, Standing::Suppressed { reason, until }) => {
                let until = until.as_ref().map_or(String::new(), |date| format!(" (until {date})"));
                self.word("suppressed", Ink::Faint, &format!("{name}: {rule}: {reason}{until}"));
            }
            (Verdict::Fail | Verdict::Unknown, Standing::Baselined) => {
                self.word("baseline", Ink::Faint, &format!("{name}: {rule}"));
            }
            (Verdict::Fail | Verdict::Unknown, Standing::Counts) => self.in_full(found, name, outcome),
        }
    }

    fn in_full(&mut self, found: &Found, name: &str, outcome: &Outcome) {
        if outcome.report.as_ref().is_ok_and(|report| report.verdict == Verdict::Unknown) {
            self.word("UNKNOWN", Ink::Open, &format!("{name}: {}", outcome.rule.name));
        }
        if let Some(answer) = answer(outcome, found, name, self.scan, self.catalogue) {
            self.out.push_str(&text::block(&answer, self.paint, self.length));
        }
        for value in &outcome.values {
            self.line(&format!("    {}", printable(&format!("when {} = {}", value.expression, value.text))));
        }
        self.line(&format!("    {}", self.paint.paint(Ink::Faint, &printable(&format!("rule {}", outcome.rule.name)))));
        self.line("");
    }

    fn skipped(&mut self, skipped: &Skipped) {
        if skipped.cause == Cause::NoPolicy && self.length == Length::Short {
            return;
        }
        let name = match &skipped.address {
            Some(address) => format!("{}: {address}", skipped.file),
            None => skipped.file.clone(),
        };
        self.word("SKIPPED", Ink::Open, &format!("{name}: {}", skipped.reason));
    }

    fn summary(&mut self) {
        let summary = self.scan.summary();
        let counts = [
            (summary.passed, "pass"),
            (summary.failed, "fail"),
            (summary.unknown, "unknown"),
            (summary.suppressed, "suppressed"),
            (summary.baselined, "in the baseline"),
            (summary.internal, "defect of keyaki"),
        ];
        let counts: Vec<String> =
            counts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
        let counts = if counts.is_empty() { String::new() } else { format!(" ({})", counts.join(", ")) };
        let without = match summary.without_policy {
            0 => String::new(),
            count => format!("; {} without a policy", plural(count, "file")),
        };
        let (files, policies, checks) =
            (plural(summary.files, "file"), plural(summary.policies, "policy"), plural(summary.checks, "check"));
        self.line(&format!("{files}, {policies}, {checks}{counts}; {} skipped{without}.", summary.skipped));
        match (summary.checks, summary.policies) {
            (0, 0) => self.line("Nothing was checked: no policy was found."),
            (0, _) => self.line(
                "Nothing was checked: no rule speaks of these policies. `keyaki init` writes a keyaki.toml to start from;\n\
                 `--check` and `--pack` ask for a rule by name.",
            ),
            (_, _) => {}
        }
    }
}
