//! A scan as JSON (contract 3).

use std::collections::BTreeMap;

use serde::Serialize;

use crate::catalogue::Catalogue;
use crate::report::json::{CheckJson, DiagnosticJson, SCHEMA, SpanJson, encode};
use crate::report::scan::{answer, cause, kind};
use crate::scan::{Checked, Found, Level, Outcome, Scan, Skipped, Standing, Summary};

/// A scan as one JSON object, without a line end.
pub fn scan(scan: &Scan, catalogue: &Catalogue) -> String {
    let names: Vec<String> = scan.policies.iter().map(|checked| checked.found.name()).collect();
    let policies = scan.policies.iter().zip(&names);
    encode(&ScanJson {
        policies: policies.map(|(checked, name)| PolicyJson::of(checked, name, scan, catalogue)).collect(),
        skipped: scan.skipped.iter().map(|skipped| SkippedJson::of(skipped, scan)).collect(),
        summary: SummaryJson::of(scan.summary()),
        schema: SCHEMA,
    })
}

#[derive(Serialize)]
struct ScanJson<'a> {
    policies: Vec<PolicyJson<'a>>,
    skipped: Vec<SkippedJson<'a>>,
    summary: SummaryJson,
    schema: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PolicyJson<'a> {
    file: &'a str,
    address: &'a str,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    span: Option<SpanJson<'a>>,
    /// Expressions in it whose value is not known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unknown_values: Vec<String>,
    checks: Vec<OutcomeJson<'a>>,
}

impl<'a> PolicyJson<'a> {
    fn of(checked: &'a Checked, name: &'a str, scan: &'a Scan, catalogue: &'a Catalogue) -> PolicyJson<'a> {
        let found = &checked.found;
        PolicyJson {
            file: &found.file,
            address: &found.address,
            kind: kind(found.kind),
            resource_type: found.resource_type,
            span: found.span.and_then(|span| SpanJson::of(span, &scan.sources)),
            unknown_values: found.unknowns().into_keys().collect(),
            checks: checked
                .outcomes
                .iter()
                .map(|outcome| OutcomeJson::of(outcome, found, name, scan, catalogue))
                .collect(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OutcomeJson<'a> {
    check: &'static str,
    rule: &'a str,
    level: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    existing: Option<&'a str>,
    /// Values of what is not known with which a FAIL was found.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    values: BTreeMap<&'a str, &'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suppressed: Option<SuppressedJson<'a>>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    baseline: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    internal: Option<&'a str>,
    #[serde(flatten)]
    answer: Option<CheckJson<'a>>,
}

#[derive(Serialize)]
struct SuppressedJson<'a> {
    reason: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<&'a str>,
}

impl<'a> OutcomeJson<'a> {
    fn of(
        outcome: &'a Outcome,
        found: &'a Found,
        name: &'a str,
        scan: &'a Scan,
        catalogue: &'a Catalogue,
    ) -> OutcomeJson<'a> {
        let suppressed = match &outcome.standing {
            Standing::Suppressed { reason, until } => Some(SuppressedJson { reason, until: until.as_deref() }),
            Standing::Counts | Standing::Baselined => None,
        };
        OutcomeJson {
            check: outcome.rule.question.check(),
            rule: &outcome.rule.name,
            level: level(outcome.rule.level),
            existing: outcome.existing.as_ref().map(|(name, _)| name.as_str()),
            values: outcome.values.iter().map(|value| (value.expression.as_str(), value.text.as_str())).collect(),
            suppressed,
            baseline: outcome.standing == Standing::Baselined,
            internal: outcome.report.as_ref().err().map(|disagreement| disagreement.what.as_str()),
            answer: answer(outcome, found, name, scan, catalogue).as_ref().map(CheckJson::of),
        }
    }
}

/// The name of a level.
fn level(level: Level) -> &'static str {
    match level {
        Level::Note => "note",
        Level::Warning => "warning",
        Level::Error => "error",
    }
}

#[derive(Serialize)]
struct SkippedJson<'a> {
    file: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<&'a str>,
    reason: &'a str,
    cause: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    span: Option<SpanJson<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    diagnostics: Vec<DiagnosticJson<'a>>,
}

impl<'a> SkippedJson<'a> {
    fn of(skipped: &'a Skipped, scan: &'a Scan) -> SkippedJson<'a> {
        SkippedJson {
            file: &skipped.file,
            address: skipped.address.as_deref(),
            reason: &skipped.reason,
            cause: cause(skipped.cause),
            span: skipped.span.and_then(|span| SpanJson::of(span, &scan.sources)),
            diagnostics: skipped.diagnostics.iter().map(|found| DiagnosticJson::of(found, &scan.sources)).collect(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SummaryJson {
    files: usize,
    policies: usize,
    checks: usize,
    passed: usize,
    failed: usize,
    unknown: usize,
    suppressed: usize,
    baselined: usize,
    internal: usize,
    skipped: usize,
    without_policy: usize,
}

impl SummaryJson {
    fn of(summary: Summary) -> SummaryJson {
        let Summary {
            files,
            policies,
            checks,
            passed,
            failed,
            unknown,
            suppressed,
            baselined,
            internal,
            skipped,
            without_policy,
        } = summary;
        SummaryJson {
            files,
            policies,
            checks,
            passed,
            failed,
            unknown,
            suppressed,
            baselined,
            internal,
            skipped,
            without_policy,
        }
    }
}
