//! Findings about a document as JSON, in the service's shape.

use serde::Serialize;

use super::{SCHEMA, encode};
use crate::report::location::{Position, Step, Texts, Trees, position};
use crate::report::validation::details;
use crate::source::{Sources, Span};
use crate::validation::Finding;

/// The findings as one JSON object, without a line end.
pub fn findings(findings: &[Finding], sources: &Sources) -> String {
    let texts = Texts::of(sources, findings.iter().flat_map(places));
    let trees = texts.trees();
    let findings = findings.iter().map(|finding| FindingJson::of(finding, sources, &trees)).collect();
    encode(&FindingsJson { findings, schema: SCHEMA })
}

fn places(finding: &Finding) -> impl Iterator<Item = Span> {
    let others = finding.diagnostic.secondary.iter().map(|(span, _)| *span);
    finding.diagnostic.span.into_iter().chain(others)
}

#[derive(Serialize)]
struct FindingsJson {
    findings: Vec<FindingJson>,
    schema: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FindingJson {
    finding_details: String,
    finding_type: &'static str,
    issue_code: String,
    learn_more_link: String,
    locations: Vec<LocationJson>,
}

impl FindingJson {
    fn of(finding: &Finding, sources: &Sources, trees: &Trees<'_>) -> FindingJson {
        FindingJson {
            finding_details: details(finding),
            finding_type: finding.finding_type.name(),
            issue_code: finding.issue_code.clone(),
            learn_more_link: finding.learn_more(),
            locations: places(finding).map(|span| LocationJson::of(span, sources, trees)).collect(),
        }
    }
}

#[derive(Serialize)]
struct LocationJson {
    path: Vec<StepJson>,
    span: RangeJson,
}

impl LocationJson {
    fn of(span: Span, sources: &Sources, trees: &Trees<'_>) -> LocationJson {
        let range = RangeJson {
            start: PositionJson::of(position(sources, span, span.start)),
            end: PositionJson::of(position(sources, span, span.end)),
        };
        LocationJson { path: trees.path(span).into_iter().map(StepJson::of).collect(), span: range }
    }
}

/// One member exactly.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum StepJson {
    Index(usize),
    Key(String),
    Value(String),
    Substring { start: usize, length: usize },
}

impl StepJson {
    fn of(step: Step) -> StepJson {
        match step {
            Step::Index(at) => StepJson::Index(at),
            Step::Key(name) => StepJson::Key(name),
            Step::Value(name) => StepJson::Value(name),
            Step::Substring { start, length } => StepJson::Substring { start, length },
        }
    }
}

#[derive(Serialize)]
struct RangeJson {
    start: PositionJson,
    end: PositionJson,
}

#[derive(Serialize)]
struct PositionJson {
    line: u32,
    column: u32,
    offset: usize,
}

impl PositionJson {
    fn of(position: Position) -> PositionJson {
        PositionJson { line: position.line, column: position.column, offset: position.offset }
    }
}
