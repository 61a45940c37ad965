//! Answers as JSON: the service's members first, in its shape, then ours. Members may be added, never renamed.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::checks::{Cause, Decision, Evaluation, Reason, Step, Undecided, Verdict};
use crate::diagnostic::{Diagnostic, Severity};
use crate::policy::{Effect, Kind};
use crate::report::caller::principal;
use crate::report::messages::{Subject, description, message};
use crate::report::{Answer, Question};
use crate::request::{ContextValue, Request};
use crate::source::{Sources, Span};

/// The version of the shape, in every answer.
pub const SCHEMA: &str = "keyaki/1";

/// The answer to a check as one JSON object, without a line end.
pub fn answer(answer: &Answer<'_>) -> String {
    encode(&CheckJson::of(answer))
}

/// The result of one concrete request as one JSON object, without a line end.
pub fn evaluation(evaluation: &Evaluation) -> String {
    encode(&EvaluationJson {
        decision: match evaluation.decision {
            Decision::Allowed => "Allowed",
            Decision::ImplicitlyDenied => "ImplicitlyDenied",
            Decision::ExplicitlyDenied => "ExplicitlyDenied",
        },
        trace: evaluation.trace.iter().map(StepJson::of).collect(),
        schema: SCHEMA,
    })
}

/// Our structs hold texts, numbers and lists only, which always encode; an empty text would stand for the contrary.
fn encode(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CheckJson<'a> {
    result: &'static str,
    message: &'static str,
    reasons: Vec<ReasonJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    counterexample: Option<RequestJson<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unknown: Vec<UndecidedJson<'a>>,
    policy_type: &'static str,
    /// Whether the type was inferred from the text (spec 2.4).
    policy_type_inferred: bool,
    assumptions: &'a [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    carried_by: &'a [String],
    diagnostics: Vec<DiagnosticJson<'a>>,
    complete: bool,
    schema: &'static str,
}

impl<'a> CheckJson<'a> {
    fn of(answer: &Answer<'a>) -> CheckJson<'a> {
        let Answer { policy, report, diagnostics, sources, .. } = *answer;
        let subject = match answer.question {
            Question::NoNewAccess { .. } => Subject::NewAccess,
            Question::AccessNotGranted { access } => Subject::of(access),
        };
        CheckJson {
            result: result(report.verdict),
            message: message(subject, report.verdict).text,
            reasons: report.reasons.iter().map(|reason| ReasonJson::of(subject, reason, sources)).collect(),
            counterexample: report.reasons.first().map(|reason| RequestJson::of(&reason.counterexample)),
            unknown: report.unknown.iter().map(|open| UndecidedJson::of(open, sources)).collect(),
            policy_type: policy_type(policy.kind),
            policy_type_inferred: policy.inferred,
            assumptions: &report.assumptions,
            carried_by: &report.carried_by,
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

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReasonJson<'a> {
    description: String,
    statement_index: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    statement_id: Option<&'a str>,
    counterexample: RequestJson<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    span: Option<SpanJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    statement_span: Option<SpanJson<'a>>,
    why_not_before: CauseJson<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
}

impl<'a> ReasonJson<'a> {
    fn of(subject: Subject, reason: &'a Reason, sources: &'a Sources) -> ReasonJson<'a> {
        let id = reason.statement_id.as_deref();
        ReasonJson {
            description: description(subject, reason.statement_index, id),
            statement_index: reason.statement_index,
            statement_id: id.filter(|id| !id.is_empty()),
            counterexample: RequestJson::of(&reason.counterexample),
            span: SpanJson::of(*reason.guilty.first().unwrap_or(&reason.span), sources),
            statement_span: SpanJson::of(reason.span, sources),
            why_not_before: CauseJson::of(&reason.why_not_before, sources),
            note: reason.note.as_deref(),
        }
    }
}

/// Why the existing side did not allow the request. The statement counts in the existing policy.
#[derive(Serialize)]
#[serde(tag = "cause", rename_all = "kebab-case", rename_all_fields = "camelCase")]
enum CauseJson<'a> {
    NothingAllows,
    Denied {
        statement_index: usize,
        #[serde(skip_serializing_if = "Option::is_none")]
        statement_id: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        span: Option<SpanJson<'a>>,
    },
    ConditionLoosened {
        statement_index: usize,
        #[serde(skip_serializing_if = "Option::is_none")]
        statement_id: Option<&'a str>,
        spans: Vec<SpanJson<'a>>,
    },
    Granted,
}

impl<'a> CauseJson<'a> {
    fn of(cause: &'a Cause, sources: &'a Sources) -> CauseJson<'a> {
        match cause {
            Cause::NothingAllows => CauseJson::NothingAllows,
            Cause::DeniedByOld { statement_index, statement_id, span } => CauseJson::Denied {
                statement_index: *statement_index,
                statement_id: statement_id.as_deref(),
                span: SpanJson::of(*span, sources),
            },
            Cause::ConditionLoosened { statement_index, statement_id, spans } => CauseJson::ConditionLoosened {
                statement_index: *statement_index,
                statement_id: statement_id.as_deref(),
                spans: spans.iter().filter_map(|span| SpanJson::of(*span, sources)).collect(),
            },
            Cause::Granted => CauseJson::Granted,
        }
    }
}

/// A request as `evaluate --request` reads it. Absent keys are left out.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestJson<'a> {
    principal: String,
    action: &'a str,
    resource: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_account: Option<&'a str>,
    context: BTreeMap<&'a str, ValueJson<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum ValueJson<'a> {
    Single(&'a str),
    Multi(&'a [String]),
}

impl<'a> RequestJson<'a> {
    fn of(request: &'a Request) -> RequestJson<'a> {
        let value = |value: &'a ContextValue| match value {
            ContextValue::Single(text) => ValueJson::Single(text),
            ContextValue::Multi(texts) => ValueJson::Multi(texts),
        };
        RequestJson {
            principal: principal(&request.principal),
            action: &request.action,
            resource: &request.resource,
            resource_account: request.resource_account.as_deref(),
            context: request.context.iter().map(|(key, values)| (key.as_str(), value(values))).collect(),
        }
    }
}

/// Lines and columns from 1; the end is one past the last character.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SpanJson<'a> {
    file: &'a str,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
}

impl<'a> SpanJson<'a> {
    fn of(span: Span, sources: &'a Sources) -> Option<SpanJson<'a>> {
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
struct DiagnosticJson<'a> {
    code: &'static str,
    severity: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    span: Option<SpanJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
}

impl<'a> DiagnosticJson<'a> {
    fn of(found: &'a Diagnostic, sources: &'a Sources) -> DiagnosticJson<'a> {
        DiagnosticJson {
            code: found.code.name(),
            severity: match found.severity {
                Severity::Fatal => "fatal",
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Suggestion => "suggestion",
            },
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
    schema: &'static str,
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
    because: &'a str,
}

impl<'a> StepJson<'a> {
    fn of(step: &'a Step) -> StepJson<'a> {
        StepJson {
            layer: &step.layer,
            statement_index: step.statement_index,
            statement_id: step.statement_id.as_deref(),
            effect: match step.effect {
                Effect::Allow => "Allow",
                Effect::Deny => "Deny",
            },
            matched: step.matched,
            because: &step.because,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_evaluation_has_the_promised_members() {
        let step = Step {
            layer: "identity".to_owned(),
            statement_index: 0,
            statement_id: None,
            effect: Effect::Allow,
            matched: true,
            because: "action, resource".to_owned(),
        };
        let text = evaluation(&Evaluation { decision: Decision::Allowed, trace: vec![step] });
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["decision"], "Allowed");
        assert_eq!(value["trace"][0]["statementIndex"], 0);
        assert_eq!(value["trace"][0].get("statementId"), None);
    }
}
