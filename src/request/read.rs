//! Requests as documents: JSON text, with places for what is wrong.

use crate::diagnostic::{Diagnostic, Fault};
use crate::json::{self, Limits, Node, Value};
use crate::policy::read::{clip, did_you_mean, duplicates, nearest};
use crate::request::{Request, RequestError};
use crate::source::{FileId, Sources};

/// The members of a request.
const MEMBERS: [&str; 6] = ["principal", "action", "resource", "resourceAccount", "context", "env"];

/// Reads a text of the sources as one request.
///
/// # Errors
/// Everything that is wrong with it.
pub fn read(sources: &Sources, file: FileId) -> Result<Request, Vec<Fault>> {
    let text = sources.shared(file);
    let parsed = json::parse(&text, file, Limits::DOCUMENT);
    match &parsed.root {
        Some(root) if parsed.diagnostics.is_empty() => read_node(sources, root),
        Some(_) | None => Err(parsed.diagnostics.into_iter().map(Fault::from).collect()),
    }
}

/// Reads a value inside a text of the sources as a request.
///
/// # Errors
/// Everything that is wrong with it.
pub fn read_node(sources: &Sources, node: &Node<'_>) -> Result<Request, Vec<Fault>> {
    let mut faults = Vec::new();
    repeated(node, &mut faults);
    if !faults.is_empty() {
        return Err(faults);
    }
    let json = serde_json::from_str(sources.text(node.span));
    let json: serde_json::Value = json.map_err(|error| vec![Fault::new(node.span, format!("not JSON: {error}"))])?;
    Request::from_json(&json).map_err(|error| vec![fault(node, &error)])
}

/// Members that occur twice in one object, at any depth: they are never accepted silently.
pub fn repeated(node: &Node<'_>, faults: &mut Vec<Fault>) {
    match &node.value {
        Value::Object(members) => {
            for (_, again) in duplicates(members, |member| member.key.as_ref()) {
                let message = format!("`{}` is given twice in one object", clip(&again.key));
                faults.push(Fault::new(again.key_span, message));
            }
            members.iter().for_each(|member| repeated(&member.value, faults));
        }
        Value::Array(elements) => elements.iter().for_each(|element| repeated(element, faults)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The error at the member that it is about.
fn fault(node: &Node<'_>, error: &RequestError) -> Fault {
    let member = |name: &str| node.as_object().into_iter().flatten().find(|member| member.key == name);
    let value = |name: &str| member(name).map(|member| member.value.span);
    let (span, help) = match error {
        RequestError::NotAnObject | RequestError::Missing(_) => (None, None),
        RequestError::UnknownMember(name) => {
            (member(name).map(|member| member.key_span), did_you_mean(nearest(name, MEMBERS)))
        }
        RequestError::WrongType { member, .. } => (value(member.split('.').next().unwrap_or(member)), None),
        RequestError::BadPrincipal { .. } => (value("principal"), None),
        RequestError::BadAction { .. } => (value("action"), None),
        RequestError::BadResource { .. } => (value("resource"), None),
        RequestError::BadAccount { .. } => (value("resourceAccount").or_else(|| value("resource_account")), None),
        RequestError::DuplicateKey(_) => (value("context"), None),
    };
    Fault::new(span.unwrap_or(node.span), error.to_string()).help(help.unwrap_or_else(|| error.hint().to_owned()))
}

impl From<Diagnostic> for Fault {
    fn from(diagnostic: Diagnostic) -> Fault {
        Fault { message: diagnostic.message, span: diagnostic.span, help: diagnostic.help }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Vec<(String, String)> {
        let mut sources = Sources::default();
        let file = sources.add("request.json", text);
        let faults = read(&sources, file).expect_err(text);
        faults.into_iter().map(|f| (f.message, f.span.map_or("", |span| sources.text(span)).to_owned())).collect()
    }

    #[test]
    fn every_fault_has_its_place() {
        let rows = [
            ("", "", ""),
            ("[]", "no JSON object", "[]"),
            (r#"{"principal":"anonymous","action":"s3:GetObject"}"#, "no `resource`", "{"),
            (r#"{"principle":"anonymous"}"#, "no member `principle`", "\"principle\""),
            (r#"{"principal":"x","action":"s3:GetObject","resource":"*"}"#, "no caller", "\"x\""),
            (r#"{"principal":"anonymous","action":"s3:*","resource":"*"}"#, "no action", "\"s3:*\""),
            (r#"{"principal":"anonymous","action":"s3:GetObject","resource":"b"}"#, "no resource", "\"b\""),
            (r#"{"action":"s3:GetObject","action":"s3:PutObject"}"#, "twice", "\"action\""),
            (
                r#"{"principal":"anonymous","action":"s3:GetObject","resource":"*","context":{"a:b":"1","a:b":"2"}}"#,
                "`a:b` is given twice",
                "\"a:b\"",
            ),
            (
                r#"{"principal":"anonymous","action":"s3:GetObject","resource":"*","resource_account":"12"}"#,
                "no account id",
                "\"12\"",
            ),
        ];
        for (text, message, place) in rows {
            let found = faults(text);
            let (said, at) = &found[0];
            assert!(said.contains(message) && at.starts_with(place), "{text}: {found:?}");
        }
    }
}
