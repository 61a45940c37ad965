//! Which findings count: those that the team accepted, and those of the baseline, do not, and are listed all the same.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::checks::{Report, Verdict};
use crate::scan::{Checked, Found, Outcome, Scan, Standing};
use crate::source::Span;
use crate::stack::Document;
use crate::standard::baseline::{Baseline, Entry};
use crate::standard::configuration::{StatementName, Suppression};
use crate::standard::fingerprint::{fingerprint, statement_at};
use crate::standard::paths::Paths;
use crate::standard::scope::path_matches;

/// What came of holding the findings against suppressions and baseline.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// Suppressions without a finding, by position.
    pub unused: Vec<usize>,
    /// Suppressions whose last day is over, by position.
    pub expired: Vec<usize>,
    /// Entries of the baseline that were not found again.
    pub gone: Vec<Entry>,
    /// All findings, for a new baseline; those that are suppressed are not among them.
    pub findings: Vec<Entry>,
}

/// One thing that an outcome has against a policy: a reason, or something undecided.
struct Item {
    place: Option<Span>,
    fingerprint: String,
    shown: String,
}

/// Why an item does not count.
enum Cover {
    Open,
    Baseline,
    Suppression(usize),
}

/// Decides what counts. An outcome does not count if everything in it is accepted.
pub fn settle(
    scan: &mut Scan,
    suppressions: &[Suppression],
    baseline: &Baseline,
    today: Date,
    paths: &Paths,
) -> Settled {
    let mut used = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut settled = Settled { expired: expired(suppressions, today), ..Settled::default() };
    for checked in &mut scan.policies {
        let Checked { found, outcomes } = checked;
        let path = paths.of(&found.file);
        for outcome in outcomes.iter_mut() {
            let mut covers = Vec::new();
            for item in items(found, outcome, paths) {
                let accepted = Accepted { suppressions, expired: &settled.expired, baseline, path: &path };
                let cover = accepted.cover(&item, found, outcome);
                match cover {
                    Cover::Suppression(at) => {
                        used.insert(at);
                    }
                    Cover::Open | Cover::Baseline => settled.findings.push(entry(&item, found, outcome)),
                }
                seen.insert(item.fingerprint);
                covers.push(cover);
            }
            outcome.standing = standing(&covers, suppressions);
        }
    }
    settled.unused = (0..suppressions.len()).filter(|at| !used.contains(at) && !settled.expired.contains(at)).collect();
    settled.gone = baseline.accepted.values().filter(|entry| !seen.contains(&entry.fingerprint)).cloned().collect();
    settled.findings.sort_by(|a, b| (&a.policy, &a.check, &a.fingerprint).cmp(&(&b.policy, &b.check, &b.fingerprint)));
    settled.findings.dedup_by(|a, b| a.fingerprint == b.fingerprint);
    settled
}

/// The last day is the last on which it counts.
fn expired(suppressions: &[Suppression], today: Date) -> Vec<usize> {
    let over = |suppression: &Suppression| suppression.until.is_some_and(|until| until < today);
    suppressions.iter().enumerate().filter(|(_, suppression)| over(suppression)).map(|(at, _)| at).collect()
}

fn entry(item: &Item, found: &Found, outcome: &Outcome) -> Entry {
    Entry {
        fingerprint: item.fingerprint.clone(),
        check: outcome.rule.name.clone(),
        policy: found.name(),
        finding: item.shown.clone(),
    }
}

/// What an outcome has against a policy. A PASS has nothing; a defect of ours is never accepted.
fn items(found: &Found, outcome: &Outcome, paths: &Paths) -> Vec<Item> {
    let Ok(report) = &outcome.report else { return Vec::new() };
    if report.verdict == Verdict::Pass {
        return Vec::new();
    }
    places(report, &outcome.asked)
        .into_iter()
        .map(|(place, shown)| Item { fingerprint: fingerprint(outcome, found, place, paths), place, shown })
        .collect()
}

fn places(report: &Report, document: &Document) -> Vec<(Option<Span>, String)> {
    let mut out = Vec::new();
    for reason in &report.reasons {
        let id = reason.statement_id.as_ref().map_or(String::new(), |id| format!(" \"{id}\""));
        out.push((Some(reason.span), format!("statement {}{id}", reason.statement_index)));
    }
    for open in &report.unknown {
        let statement = open.span.and_then(|span| statement_at(document, span));
        let at = statement.map_or(String::new(), |statement| format!("statement {}: ", statement.index));
        out.push((statement.map(|statement| statement.span), format!("undecided: {at}{}", open.reason)));
    }
    out
}

/// What is accepted of a policy.
struct Accepted<'a> {
    suppressions: &'a [Suppression],
    expired: &'a [usize],
    baseline: &'a Baseline,
    /// The policy's file as the configuration sees it.
    path: &'a str,
}

impl Accepted<'_> {
    fn cover(&self, item: &Item, found: &Found, outcome: &Outcome) -> Cover {
        let mut live = self.suppressions.iter().enumerate().filter(|(at, _)| !self.expired.contains(at));
        if let Some((at, _)) = live.find(|(_, suppression)| self.suppresses(suppression, item, found, outcome)) {
            return Cover::Suppression(at);
        }
        if self.baseline.accepted.contains_key(&item.fingerprint) { Cover::Baseline } else { Cover::Open }
    }

    fn suppresses(&self, suppression: &Suppression, item: &Item, found: &Found, outcome: &Outcome) -> bool {
        let check = outcome.rule.name == suppression.check;
        let address = suppression.address.as_ref().is_none_or(|address| *address == found.address);
        let file = suppression.file.as_ref().is_none_or(|pattern| path_matches(pattern, self.path));
        let statement = suppression.statement.as_ref().is_none_or(|name| {
            let statement = item.place.and_then(|span| statement_at(&outcome.asked, span));
            statement.is_some_and(|statement| match name {
                StatementName::Index(index) => statement.index == *index,
                StatementName::Sid(sid) => statement.sid.as_ref() == Some(sid),
            })
        });
        check && address && file && statement
    }
}

/// Whether an outcome counts, from what covers its items.
fn standing(covers: &[Cover], suppressions: &[Suppression]) -> Standing {
    if covers.is_empty() || covers.iter().any(|cover| matches!(cover, Cover::Open)) {
        return Standing::Counts;
    }
    let mut of: Vec<&Suppression> = Vec::new();
    for cover in covers {
        match cover {
            Cover::Suppression(at) => of.extend(suppressions.get(*at)),
            Cover::Open | Cover::Baseline => {}
        }
    }
    let mut reasons: Vec<&str> = of.iter().map(|suppression| suppression.reason.as_str()).collect();
    reasons.dedup();
    if reasons.is_empty() {
        return Standing::Baselined;
    }
    let until = of.iter().filter_map(|suppression| suppression.until).min();
    Standing::Suppressed { reason: reasons.join("; "), until: until.map(|date| date.to_string()) }
}
