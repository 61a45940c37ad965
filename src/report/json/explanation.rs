//! A document explained, and a document made smaller, as JSON.

use serde::Serialize;

use super::{DiagnosticJson, SCHEMA, SpanJson, encode, policy_type};
use crate::checks::{Place, RedundancyCause, Redundant};
use crate::minify::Minified;
use crate::policy::{Effect, Statement};
use crate::report::explanation::{Explanation, element_name};
use crate::report::formula;

/// One document explained as one JSON object; several, of a stack, as a list of them under `policies`.
pub fn explanations(explanations: &[Explanation<'_>]) -> String {
    match explanations {
        [only] if only.layer.is_none() => encode(&ExplanationJson::of(only)),
        several => encode(&StackJson { policies: several.iter().map(ExplanationJson::of).collect(), schema: SCHEMA }),
    }
}

#[derive(Serialize)]
struct StackJson<'a> {
    policies: Vec<ExplanationJson<'a>>,
    schema: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ExplanationJson<'a> {
    file: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    layer: Option<&'a str>,
    policy_type: &'static str,
    policy_type_inferred: bool,
    /// What the document allows by itself, of the statements named `S` and their index.
    formula: String,
    statements: Vec<StatementJson<'a>>,
    /// What can be left out, all at once, without a change of meaning.
    redundant: Vec<RedundantJson<'a>>,
    /// What a resource policy judged by itself could do without, but not in a whole stack.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    redundant_only_by_itself: Vec<PlaceJson<'a>>,
    /// The document grants and denies nothing; this statement stays, because a document needs one.
    #[serde(skip_serializing_if = "Option::is_none")]
    idle: Option<RedundantJson<'a>>,
    assumptions: &'a [String],
    diagnostics: Vec<DiagnosticJson<'a>>,
    /// Whether every place was decided.
    complete: bool,
    schema: &'static str,
}

impl<'a> ExplanationJson<'a> {
    fn of(explanation: &'a Explanation<'a>) -> ExplanationJson<'a> {
        let Explanation { policy, sources, diagnostics, redundancy, .. } = *explanation;
        let said = redundancy.map_or(&[][..], |redundancy| &redundancy.places);
        ExplanationJson {
            file: explanation.name,
            layer: explanation.layer,
            policy_type: policy_type(policy.kind),
            policy_type_inferred: policy.inferred,
            formula: formula::allowed(policy, explanation.notation),
            statements: policy.statements.iter().map(|s| StatementJson::of(s, explanation)).collect(),
            redundant: said.iter().map(|redundant| RedundantJson::of(redundant, explanation)).collect(),
            redundant_only_by_itself: redundancy
                .map_or(&[][..], |redundancy| &redundancy.only_by_itself)
                .iter()
                .map(|place| PlaceJson::of(place, explanation))
                .collect(),
            idle: redundancy.and_then(|r| r.idle.as_ref()).map(|idle| RedundantJson::of(idle, explanation)),
            assumptions: redundancy.map_or(&[][..], |redundancy| &redundancy.assumptions),
            diagnostics: diagnostics.iter().map(|found| DiagnosticJson::of(found, sources)).collect(),
            complete: redundancy.is_some_and(|redundancy| redundancy.complete),
            schema: SCHEMA,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StatementJson<'a> {
    statement_index: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    statement_id: Option<&'a str>,
    effect: &'static str,
    formula: String,
    /// Whether it can be left out without a change of meaning.
    redundant: bool,
    /// Of a Deny: whether it denies nothing that an Allow of this document grants.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    denies_nothing_granted_here: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    span: Option<SpanJson<'a>>,
}

impl<'a> StatementJson<'a> {
    fn of(statement: &'a Statement, explanation: &'a Explanation<'a>) -> StatementJson<'a> {
        StatementJson {
            statement_index: statement.index,
            statement_id: statement.sid.as_deref(),
            effect: effect(statement.effect),
            formula: formula::one_line(statement, explanation.notation),
            redundant: explanation.is_redundant(statement.index),
            denies_nothing_granted_here: explanation.is_unopposed(statement.index),
            span: SpanJson::of(statement.span, explanation.sources),
        }
    }
}

fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::Allow => "Allow",
        Effect::Deny => "Deny",
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RedundantJson<'a> {
    statement_index: usize,
    /// `Statement`, `Action`, `NotAction`, `Resource`, `Principal`, `Condition`, `Condition value` …
    element: &'static str,
    text: String,
    /// `never`, `always`, `covered`, `statements`
    cause: &'static str,
    /// Indices of the statements that grant or deny it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    by: Vec<usize>,
    because: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    span: Option<SpanJson<'a>>,
}

impl<'a> RedundantJson<'a> {
    fn of(redundant: &'a Redundant, explanation: &'a Explanation<'a>) -> RedundantJson<'a> {
        let place = &redundant.place;
        let statement = explanation.policy.statements.iter().find(|statement| statement.index == place.statement);
        let (cause, by) = match &redundant.cause {
            RedundancyCause::Never { .. } => ("never", Vec::new()),
            RedundancyCause::Always => ("always", Vec::new()),
            RedundancyCause::List { .. } => ("covered", Vec::new()),
            RedundancyCause::Statements { by } => ("statements", by.iter().map(|name| name.index).collect()),
        };
        RedundantJson {
            statement_index: place.statement,
            element: element_name(place.element, statement),
            text: explanation.quote(place.span),
            cause,
            by,
            because: explanation.because(redundant),
            span: SpanJson::of(place.span, explanation.sources),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PlaceJson<'a> {
    statement_index: usize,
    element: &'static str,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    span: Option<SpanJson<'a>>,
}

impl<'a> PlaceJson<'a> {
    fn of(place: &Place, explanation: &'a Explanation<'a>) -> PlaceJson<'a> {
        let statement = explanation.policy.statements.iter().find(|statement| statement.index == place.statement);
        PlaceJson {
            statement_index: place.statement,
            element: element_name(place.element, statement),
            text: explanation.quote(place.span),
            span: SpanJson::of(place.span, explanation.sources),
        }
    }
}

/// A document made smaller as one JSON object.
pub fn minified(minified: &Minified) -> String {
    let document = serde_json::from_str(&minified.text).unwrap_or(serde_json::Value::Null);
    encode(&MinifiedJson {
        document,
        text: &minified.text,
        bytes_before: minified.bytes_before,
        bytes_after: minified.text.len(),
        bytes_saved: minified.saved(),
        statements_before: minified.statements.0,
        statements_after: minified.statements.1,
        proved: minified.proved,
        assumptions: &minified.assumptions,
        schema: SCHEMA,
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MinifiedJson<'a> {
    document: serde_json::Value,
    text: &'a str,
    bytes_before: usize,
    bytes_after: usize,
    bytes_saved: usize,
    statements_before: usize,
    statements_after: usize,
    /// Whether the text is proved equivalent; if not, it is the document given.
    proved: bool,
    assumptions: &'a [String],
    schema: &'static str,
}
