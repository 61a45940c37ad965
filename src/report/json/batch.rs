//! The lines of a batch: a command's answer on one line with the question's `id`, or what is wrong with the question.

use serde::Serialize;
use serde_json::Value;

use crate::diagnostic::Fault;
use crate::report::json::SpanJson;
use crate::source::Sources;

/// A command's JSON answer as one line, without its end; `id` is JSON too.
pub fn line(id: Option<&str>, answer: &str) -> String {
    let read = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
    let mut members = serde_json::Map::from_iter([("id".to_owned(), id.map(read).unwrap_or_default())]);
    if let Value::Object(answer) = read(answer) {
        members.extend(answer);
    }
    Value::Object(members).to_string()
}

/// Why a question was not asked, as JSON.
pub fn not_asked(message: &str, faults: &[Fault], sources: &Sources) -> String {
    let problems = faults.iter().map(|fault| ProblemJson {
        message: &fault.message,
        span: fault.span.and_then(|span| SpanJson::of(span, sources)),
        help: fault.help.as_deref(),
    });
    super::encode(&NotAskedJson { error: ErrorJson { message, problems: problems.collect() }, schema: super::SCHEMA })
}

#[derive(Serialize)]
struct NotAskedJson<'a> {
    error: ErrorJson<'a>,
    schema: &'static str,
}

#[derive(Serialize)]
struct ErrorJson<'a> {
    message: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<ProblemJson<'a>>,
}

#[derive(Serialize)]
struct ProblemJson<'a> {
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    span: Option<SpanJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
}
