//! GitLab: a code quality report.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::report::finding::{Finding, Region, Shown, Sort, findings};
use crate::scan::{Cause, Level};

#[derive(Serialize)]
struct IssueJson {
    description: String,
    check_name: String,
    fingerprint: String,
    severity: &'static str,
    location: LocationJson,
}

#[derive(Serialize)]
struct LocationJson {
    path: String,
    lines: LinesJson,
}

#[derive(Serialize)]
struct LinesJson {
    begin: u32,
}

/// All findings as one JSON list; those that are accepted say so and weigh least.
pub fn code_quality(shown: &Shown<'_>) -> String {
    let mut issues: Vec<IssueJson> = findings(shown).iter().map(issue).collect();
    for skipped in shown.scan.skipped.iter().filter(|skipped| skipped.cause != Cause::NoPolicy) {
        let address = skipped.address.as_deref().unwrap_or_default();
        let whose = if address.is_empty() { String::new() } else { format!("{address}: ") };
        issues.push(IssueJson {
            description: format!("not checked: {whose}{}", skipped.reason),
            check_name: "not-checked".to_owned(),
            fingerprint: format!("not-checked:{}:{address}", skipped.file),
            severity: if shown.allow_skips { "info" } else { "major" },
            location: location(&skipped.file, Region::of(&skipped.file, &[skipped.span], &shown.scan.sources)),
        });
    }
    unique(&mut issues);
    serde_json::to_string_pretty(&issues).map_or_else(|_| String::new(), |text| text + "\n")
}

fn issue(finding: &Finding) -> IssueJson {
    let (severity, description) = match finding.accepted() {
        Some(accepted) => ("info", format!("{accepted}. {}", finding.message())),
        None => (severity(finding), finding.message()),
    };
    IssueJson {
        description,
        check_name: finding.rule.clone(),
        fingerprint: finding.fingerprint.clone(),
        severity,
        location: location(&finding.file, finding.region),
    }
}

fn severity(finding: &Finding) -> &'static str {
    match (finding.sort, finding.level) {
        (Sort::Internal, _) => "blocker",
        (Sort::Fail, Level::Error) => "critical",
        (Sort::Unknown, Level::Error) => "major",
        (Sort::Fail | Sort::Unknown, Level::Warning) => "minor",
        (Sort::Fail | Sort::Unknown, Level::Note) => "info",
    }
}

/// A path from the root of the repository, without `./`.
fn location(file: &str, region: Region) -> LocationJson {
    let path = file.strip_prefix("./").unwrap_or(file).to_owned();
    LocationJson { path, lines: LinesJson { begin: region.line } }
}

/// Of equal fingerprints GitLab keeps one: later ones get a number.
fn unique(issues: &mut [IssueJson]) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for issue in issues {
        let count = seen.entry(issue.fingerprint.clone()).or_insert(0);
        *count += 1;
        if *count > 1 {
            issue.fingerprint = format!("{}-{count}", issue.fingerprint);
        }
    }
}
