//! Answers as JSON: the service's members first, in its shape, then ours. Members may be added, never renamed.

mod batch;
mod diff;
mod explanation;
mod exposure;
mod findings;
mod reasons;
mod validation;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::catalogue::Catalogue;
use crate::checks::{Undecided, Verdict};
use crate::diagnostic::{Code, Diagnostic, Page};
use crate::evaluation::Evaluation;
use crate::policy::{Effect, Kind};
use crate::report::messages::{Subject, message};
use crate::report::text::{because, words};
use crate::report::{Answer, Question};
use crate::request::{ContextValue, Request};
use crate::scenario::{Outcome, Scenario};
use crate::semantics::authorization::Decision;
use crate::semantics::trace::Line;
use crate::source::{Sources, Span};
pub use explanation::{explanations, minified};
use reasons::ReasonJson;
pub use validation::findings;

pub use diff::diff;
pub use findings::surveyed;

pub use batch::{line, not_asked};

/// The version of the shape, in every answer.
pub const SCHEMA: &str = "keyaki/1";

/// The answer to a check as one JSON object, without a line end.
pub fn answer(answer: &Answer<'_>) -> String {
    encode(&CheckJson::of(answer))
}

/// The result of one concrete request as one JSON object, without a line end.
pub fn evaluation(evaluation: &Evaluation, sources: &Sources) -> String {
    encode(&EvaluationJson {
        decision: decision(evaluation.decision),
        trace: evaluation.trace.iter().map(|line| StepJson::of(line, sources)).collect(),
        otherwise: evaluation
            .otherwise
            .iter()
            .map(|(rule, other)| OtherwiseJson { rule, decision: decision(*other) })
            .collect(),
        schema: SCHEMA,
    })
}

/// The result as the service names it.
pub fn decision(decision: Decision) -> &'static str {
    match decision {
        Decision::Allowed => "Allowed",
        Decision::ImplicitlyDenied => "ImplicitlyDenied",
        Decision::ExplicitlyDenied => "ExplicitlyDenied",
    }
}

/// A request on one line, as `evaluate --request` reads it, with condition keys as they are documented.
pub fn request(request: &Request, catalogue: &Catalogue) -> String {
    serde_json::to_string(&RequestJson::of(request, catalogue)).unwrap_or_default()
}

/// The page of a diagnostic code as one JSON object, without a line end.
pub fn page(code: Code) -> String {
    let Page { name, summary, why, example, instead } = code.page();
    encode(&PageJson { code: name, severity: code.severity().name(), summary, why, example, instead, schema: SCHEMA })
}

#[derive(Serialize)]
struct PageJson {
    code: &'static str,
    severity: &'static str,
    summary: &'static str,
    why: &'static str,
    example: &'static str,
    instead: &'static str,
    schema: &'static str,
}

/// Our structs hold texts, numbers and lists only, which always encode; an empty text would stand for the contrary.
pub(super) fn encode(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CheckJson<'a> {
    result: &'static str,
    message: &'static str,
    reasons: Vec<ReasonJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    counterexample: Option<RequestJson<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unknown: Vec<UndecidedJson<'a>>,
    /// Absent for a stack.
    #[serde(skip_serializing_if = "Option::is_none")]
    policy_type: Option<&'static str>,
    /// Whether the type was inferred from the text (spec 2.4).
    #[serde(skip_serializing_if = "Option::is_none")]
    policy_type_inferred: Option<bool>,
    assumptions: &'a [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    carried_by: &'a [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    remarks: &'a [String],
    /// `free`, or `realistic`: which requests were looked at (spec 10.4).
    requests: &'static str,
    diagnostics: Vec<DiagnosticJson<'a>>,
    complete: bool,
    schema: &'static str,
}

impl<'a> CheckJson<'a> {
    pub(super) fn of(answer: &Answer<'a>) -> CheckJson<'a> {
        let Answer { asked, report, diagnostics, sources, catalogue, .. } = *answer;
        let kind = asked.kind();
        let subject = match answer.question {
            Question::NoNewAccess { .. } => Subject::NewAccess,
            Question::AccessNotGranted { access } => Subject::of(access),
            Question::NoPublicAccess { .. } => Subject::Public,
            Question::NoExternalAccess { .. } => Subject::External,
        };
        CheckJson {
            result: result(report.verdict),
            message: message(subject, report.verdict).text,
            reasons: report.reasons.iter().map(|reason| ReasonJson::of(subject, reason, answer)).collect(),
            counterexample: report.reasons.first().map(|reason| RequestJson::of(&reason.counterexample, catalogue)),
            unknown: report.unknown.iter().map(|open| UndecidedJson::of(open, sources)).collect(),
            policy_type: kind.map(|(kind, _)| policy_type(kind)),
            policy_type_inferred: kind.map(|(_, inferred)| inferred),
            assumptions: &report.assumptions,
            carried_by: &report.carried_by,
            remarks: &report.remarks,
            requests: if report.realistic { "realistic" } else { "free" },
            diagnostics: diagnostics.iter().map(|found| DiagnosticJson::of(found, sources)).collect(),
            complete: report.complete,
            schema: SCHEMA,
        }
    }
}

/// The verdict in the service's words, and UNKNOWN.
pub fn result(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "PASS",
        Verdict::Fail => "FAIL",
        Verdict::Unknown => "UNKNOWN",
    }
}

/// The service's name for a policy kind.
pub fn policy_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Identity | Kind::Boundary | Kind::Session => "IDENTITY_POLICY",
        Kind::Resource | Kind::Trust | Kind::Endpoint => "RESOURCE_POLICY",
        Kind::ServiceControl => "SERVICE_CONTROL_POLICY",
        Kind::ResourceControl => "RESOURCE_CONTROL_POLICY",
    }
}

pub use exposure::block_public_access;

/// A request as `evaluate --request` reads it. Absent keys are left out.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestJson<'a> {
    principal: String,
    action: &'a str,
    resource: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_account: Option<&'a str>,
    context: BTreeMap<String, ValueJson<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum ValueJson<'a> {
    Single(&'a str),
    Multi(&'a [String]),
}

impl<'a> RequestJson<'a> {
    fn of(request: &'a Request, catalogue: &Catalogue) -> RequestJson<'a> {
        let value = |value: &'a ContextValue| match value {
            ContextValue::Single(text) => ValueJson::Single(text),
            ContextValue::Multi(texts) => ValueJson::Multi(texts),
        };
        RequestJson {
            principal: request.principal.to_string(),
            action: &request.action,
            resource: &request.resource,
            resource_account: request.resource_account.as_deref(),
            context: request.context.iter().map(|(key, values)| (catalogue.key(key).spelling, value(values))).collect(),
        }
    }
}

/// Lines and columns from 1; the end is one past the last character.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SpanJson<'a> {
    file: &'a str,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
}

impl<'a> SpanJson<'a> {
    pub(super) fn of(span: Span, sources: &'a Sources) -> Option<SpanJson<'a>> {
        let file = &sources.get(span.file)?.name;
        let (start, end) = (sources.line_column(span.file, span.start), sources.line_column(span.file, span.end));
        Some(SpanJson { file, line: start.line, column: start.column, end_line: end.line, end_column: end.column })
    }
}

#[derive(Serialize)]
struct UndecidedJson<'a> {
    reason: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    span: Option<SpanJson<'a>>,
    needed: &'a str,
}

impl<'a> UndecidedJson<'a> {
    fn of(open: &'a Undecided, sources: &'a Sources) -> UndecidedJson<'a> {
        let span = open.span.and_then(|span| SpanJson::of(span, sources));
        UndecidedJson { reason: &open.reason, span, needed: &open.needed }
    }
}

#[derive(Serialize)]
pub(super) struct DiagnosticJson<'a> {
    code: &'static str,
    severity: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    span: Option<SpanJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
}

impl<'a> DiagnosticJson<'a> {
    pub(super) fn of(found: &'a Diagnostic, sources: &'a Sources) -> DiagnosticJson<'a> {
        DiagnosticJson {
            code: found.code.name(),
            severity: found.severity.name(),
            message: &found.message,
            span: found.span.and_then(|span| SpanJson::of(span, sources)),
            help: found.help.as_deref(),
        }
    }
}

#[derive(Serialize)]
struct EvaluationJson<'a> {
    decision: &'static str,
    trace: Vec<StepJson<'a>>,
    /// Contested rules under whose other reading the result is another one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    otherwise: Vec<OtherwiseJson>,
    schema: &'static str,
}

#[derive(Serialize)]
struct OtherwiseJson {
    rule: &'static str,
    decision: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StepJson<'a> {
    layer: &'a str,
    statement_index: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    statement_id: Option<&'a str>,
    effect: &'static str,
    matched: bool,
    because: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    span: Option<SpanJson<'a>>,
}

impl<'a> StepJson<'a> {
    fn of(line: &'a Line, sources: &'a Sources) -> StepJson<'a> {
        StepJson {
            layer: &line.layer,
            statement_index: line.index,
            statement_id: line.sid.as_deref(),
            effect: match line.effect {
                Effect::Allow => "Allow",
                Effect::Deny => "Deny",
            },
            matched: line.matched,
            because: line.because.to_string(),
            span: SpanJson::of(line.because.span().unwrap_or(line.span), sources),
        }
    }
}

/// The results of scenarios as one JSON object, without a line end.
pub fn scenarios(results: &[(Scenario, Outcome)], sources: &Sources) -> String {
    let failed = results.iter().filter(|(_, outcome)| !outcome.is_expected()).count();
    encode(&ScenariosJson {
        total: results.len(),
        passed: results.len().saturating_sub(failed),
        failed,
        scenarios: results.iter().map(|(scenario, outcome)| ScenarioJson::of(scenario, outcome, sources)).collect(),
        schema: SCHEMA,
    })
}

#[derive(Serialize)]
struct ScenariosJson<'a> {
    total: usize,
    passed: usize,
    failed: usize,
    scenarios: Vec<ScenarioJson<'a>>,
    schema: &'static str,
}

#[derive(Serialize)]
struct ScenarioJson<'a> {
    id: &'a str,
    passed: bool,
    expected: &'static str,
    found: &'static str,
    because: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    span: Option<SpanJson<'a>>,
}

impl<'a> ScenarioJson<'a> {
    fn of(scenario: &'a Scenario, outcome: &Outcome, sources: &'a Sources) -> ScenarioJson<'a> {
        let (expected, found) = words(outcome);
        ScenarioJson {
            id: &scenario.id,
            passed: outcome.is_expected(),
            expected,
            found,
            because: because(outcome, sources),
            span: SpanJson::of(scenario.span, sources),
        }
    }
}
