//! The reasons of a FAIL as JSON.

use serde::Serialize;

use crate::checks::{Cause, Edit, Part, Reason, StatementAt, Suggestion};
use crate::report::json::exposure::ExposureJson;
use crate::report::json::{RequestJson, SpanJson};
use crate::report::messages::{Subject, description};
use crate::report::{Answer, reproduction};
use crate::source::{Sources, Span};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReasonJson<'a> {
    description: String,
    statement_index: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    statement_id: Option<&'a str>,
    /// The policy of a stack that the statement stands in: `scps[1][0]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    layer: Option<String>,
    counterexample: RequestJson<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    span: Option<SpanJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    statement_span: Option<SpanJson<'a>>,
    /// All the entries to underline, in the part of the statement that matters.
    part: &'static str,
    guilty: Vec<SpanJson<'a>>,
    why_not_before: CauseJson<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    also_needs: Vec<PlaceJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suggestion: Option<SuggestionJson<'a>>,
    /// Neither the catalogue nor a document names the action.
    future_action: bool,
    /// Commands for a shell.
    reproduce: ReproduceJson,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_addresses: Option<ExposureJson>,
}

#[derive(Serialize)]
struct ReproduceJson {
    keyaki: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    aws: Option<String>,
}

/// A statement by its place.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PlaceJson<'a> {
    statement_index: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    statement_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    layer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    span: Option<SpanJson<'a>>,
}

impl<'a> PlaceJson<'a> {
    fn of(place: &'a StatementAt, layer: Option<String>, sources: &'a Sources) -> PlaceJson<'a> {
        PlaceJson {
            statement_index: place.statement_index,
            statement_id: place.statement_id.as_deref(),
            layer,
            span: SpanJson::of(place.span, sources),
        }
    }
}

/// A small edit after which the check was asked again.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SuggestionJson<'a> {
    edit: &'static str,
    spans: Vec<SpanJson<'a>>,
    /// Whether the whole check passes then; if not, this statement is no longer among the reasons.
    passes: bool,
}

impl<'a> SuggestionJson<'a> {
    fn of(suggestion: &'a Suggestion, sources: &'a Sources) -> SuggestionJson<'a> {
        let (edit, spans): (_, Vec<Span>) = match &suggestion.edit {
            Edit::DropEntries(spans) => ("drop-entries", spans.clone()),
            Edit::DropStatement(place) => ("drop-statement", vec![place.span]),
            Edit::RestoreDeny(place) => ("restore-deny", vec![place.span]),
            Edit::RestoreConditions(spans) => ("restore-conditions", spans.clone()),
        };
        let spans = spans.into_iter().filter_map(|span| SpanJson::of(span, sources)).collect();
        SuggestionJson { edit, spans, passes: suggestion.passes }
    }
}

fn part(part: Part) -> &'static str {
    match part {
        Part::Principal => "principal",
        Part::Action => "action",
        Part::Resource => "resource",
        Part::Condition => "condition",
        Part::Nothing => "nothing",
    }
}

impl<'a> ReasonJson<'a> {
    pub(super) fn of(subject: Subject, reason: &'a Reason, answer: &Answer<'a>) -> ReasonJson<'a> {
        let sources = answer.sources;
        let id = reason.statement_id.as_deref();
        ReasonJson {
            description: description(subject, reason.statement_index, id),
            statement_index: reason.statement_index,
            statement_id: id.filter(|id| !id.is_empty()),
            layer: answer.asked.layer(reason.span),
            counterexample: RequestJson::of(&reason.counterexample, answer.catalogue),
            span: SpanJson::of(*reason.guilty.first().unwrap_or(&reason.span), sources),
            statement_span: SpanJson::of(reason.span, sources),
            part: part(reason.part),
            guilty: reason.guilty.iter().filter_map(|span| SpanJson::of(*span, sources)).collect(),
            why_not_before: CauseJson::of(&reason.why_not_before, answer),
            also_needs: reason
                .also
                .iter()
                .map(|needed| PlaceJson::of(&needed.place, answer.asked.layer(needed.place.span), sources))
                .collect(),
            suggestion: reason.suggestion.as_ref().map(|suggestion| SuggestionJson::of(suggestion, sources)),
            future_action: reason.future_action,
            reproduce: ReproduceJson {
                keyaki: reproduction::evaluate(reason, answer).join(" "),
                aws: reproduction::simulate(&reason.counterexample, answer).map(|command| command.join(" ")),
            },
            note: reason.note.as_deref(),
            source_addresses: reason.exposure.as_ref().map(ExposureJson::of),
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
        layer: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        span: Option<SpanJson<'a>>,
        /// Its counterpart in the asked side; absent if it was removed.
        #[serde(skip_serializing_if = "Option::is_none")]
        narrowed: Option<PlaceJson<'a>>,
    },
    NothingInLayer {
        layer: &'a str,
    },
    ConditionLoosened {
        statement_index: usize,
        #[serde(skip_serializing_if = "Option::is_none")]
        statement_id: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        layer: Option<String>,
        spans: Vec<SpanJson<'a>>,
    },
    Granted,
}

impl<'a> CauseJson<'a> {
    fn of(cause: &'a Cause, answer: &Answer<'a>) -> CauseJson<'a> {
        let sources = answer.sources;
        let layer = |span: Span| answer.existing().and_then(|existing| existing.layer(span));
        match cause {
            Cause::NothingAllows => CauseJson::NothingAllows,
            Cause::NothingInLayer { layer } => CauseJson::NothingInLayer { layer },
            Cause::DeniedByOld { statement_index, statement_id, span, narrowed, entries: _ } => CauseJson::Denied {
                statement_index: *statement_index,
                statement_id: statement_id.as_deref(),
                layer: layer(*span),
                span: SpanJson::of(*span, sources),
                narrowed: narrowed
                    .as_ref()
                    .map(|narrowed| PlaceJson::of(&narrowed.place, answer.asked.layer(narrowed.place.span), sources)),
            },
            Cause::ConditionLoosened { statement_index, statement_id, spans } => CauseJson::ConditionLoosened {
                statement_index: *statement_index,
                statement_id: statement_id.as_deref(),
                layer: spans.first().and_then(|span| layer(*span)),
                spans: spans.iter().filter_map(|span| SpanJson::of(*span, sources)).collect(),
            },
            Cause::Granted => CauseJson::Granted,
        }
    }
}
