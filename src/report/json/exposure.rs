//! Public access as JSON: from how many addresses, and the rule of S3 Block Public Access.

use serde::Serialize;

use crate::checks::Exposure;
use crate::report::BlockAnswer;
use crate::report::json::{DiagnosticJson, RequestJson, SCHEMA, SpanJson, encode, result};
use crate::report::messages::{Subject, description, message};

/// Counts as text: those of IPv6 are larger than the numbers of JSON are.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ExposureJson {
    ipv4: String,
    ipv6: String,
    /// A block that is wider than /8 or /32 by itself, as S3 counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    widest_block: Option<String>,
}

impl ExposureJson {
    pub(super) fn of(exposure: &Exposure) -> ExposureJson {
        ExposureJson {
            ipv4: exposure.ipv4().to_string(),
            ipv6: exposure.ipv6().to_string(),
            widest_block: exposure.widest_block(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BlockJson<'a> {
    result: &'static str,
    message: &'static str,
    reasons: Vec<BlockReasonJson<'a>>,
    rule: &'static str,
    /// The verdict by meaning, and what to say where it is another one.
    semantic: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    difference: Option<&'static str>,
    /// A request that an outsider can make, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    counterexample: Option<RequestJson<'a>>,
    diagnostics: Vec<DiagnosticJson<'a>>,
    complete: bool,
    schema: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BlockReasonJson<'a> {
    description: String,
    statement_index: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    statement_id: Option<&'a str>,
    because: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    span: Option<SpanJson<'a>>,
}

/// The answer by the rule of S3 Block Public Access as one JSON object, without a line end.
pub fn block_public_access(answer: &BlockAnswer<'_>) -> String {
    let by_meaning = answer.by_meaning;
    let sources = by_meaning.sources;
    let reasons = answer.rule.statements.iter().map(|statement| BlockReasonJson {
        description: description(Subject::Public, statement.index, statement.id.as_deref()),
        statement_index: statement.index,
        statement_id: statement.id.as_deref(),
        because: statement.because,
        span: SpanJson::of(statement.guilty, sources),
    });
    let found = by_meaning.report.reasons.first();
    encode(&BlockJson {
        result: result(answer.verdict),
        message: message(Subject::Public, answer.verdict).text,
        reasons: reasons.collect(),
        rule: "s3-block-public-access",
        semantic: result(by_meaning.report.verdict),
        difference: answer.difference(),
        counterexample: found.map(|reason| RequestJson::of(&reason.counterexample, by_meaning.catalogue)),
        diagnostics: by_meaning.diagnostics.iter().map(|found| DiagnosticJson::of(found, sources)).collect(),
        complete: answer.verdict != crate::checks::Verdict::Unknown,
        schema: SCHEMA,
    })
}
