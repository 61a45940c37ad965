//! Findings as JSON, in the service's shape.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{DiagnosticJson, SCHEMA, UndecidedJson, encode};
use crate::catalogue::Catalogue;
use crate::checks::findings::{Finding, Sort};
use crate::policy::principal::PrincipalEntry;
use crate::report::Surveyed;

/// The findings as one JSON object, without a line end.
pub fn surveyed(surveyed: &Surveyed<'_>) -> String {
    let Surveyed { found, diagnostics, sources, catalogue, .. } = *surveyed;
    encode(&FindingsJson {
        findings: found.findings.iter().map(|finding| FindingJson::of(finding, catalogue)).collect(),
        complete: found.is_complete(),
        unknown: found.unknown.iter().map(|open| UndecidedJson::of(open, sources)).collect(),
        diagnostics: diagnostics.iter().map(|found| DiagnosticJson::of(found, sources)).collect(),
        schema: SCHEMA,
    })
}

#[derive(Serialize)]
struct FindingsJson<'a> {
    findings: Vec<FindingJson<'a>>,
    /// Whether they are proved to cover all access from outside.
    complete: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unknown: Vec<UndecidedJson<'a>>,
    diagnostics: Vec<DiagnosticJson<'a>>,
    schema: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FindingJson<'a> {
    principal: BTreeMap<&'static str, &'a str>,
    action: &'a [String],
    resource: &'a str,
    condition: BTreeMap<String, &'a str>,
    is_public: bool,
    /// The sorts of caller that come in this way.
    callers: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_type: Option<&'static str>,
}

impl<'a> FindingJson<'a> {
    fn of(finding: &'a Finding, catalogue: &Catalogue) -> FindingJson<'a> {
        let spelt = |(key, value): &'a (String, String)| (catalogue.key(key).spelling, value.as_str());
        FindingJson {
            principal: BTreeMap::from([finding.principal.as_ref().map_or(("AWS", "*"), named)]),
            action: &finding.actions,
            resource: &finding.resource,
            condition: finding.conditions.iter().map(spelt).collect(),
            is_public: finding.is_public,
            callers: finding.callers.iter().map(|sort| sort_name(*sort)).collect(),
            resource_type: finding.resource_type,
        }
    }
}

fn sort_name(sort: Sort) -> &'static str {
    match sort {
        Sort::Identity => "AWS",
        Sort::Service => "Service",
        Sort::Federated => "Federated",
        Sort::Anonymous => "Anonymous",
    }
}

/// The member of `Principal` that the entry stands in, and its text.
fn named(entry: &PrincipalEntry) -> (&'static str, &str) {
    (entry.name.member(), &entry.text)
}
