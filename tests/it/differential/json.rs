//! The JSON reader against another one: what either takes without a complaint, both read alike.

use keyaki::json::{Limits, Node, Value, parse};
use keyaki::source::Sources;
use serde_json::Value as Other;

use super::bytes::text;
use super::world::{Tally, seeds};

/// The same tree as the other reader makes it: of members with one name the last counts.
fn other(node: &Node<'_>) -> Other {
    match &node.value {
        Value::Null => Other::Null,
        Value::Bool(truth) => Other::Bool(*truth),
        Value::Number(text) => serde_json::from_str(text).unwrap_or(Other::Null),
        Value::String(text) => Other::String(text.to_string()),
        Value::Array(elements) => Other::Array(elements.iter().map(other).collect()),
        Value::Object(members) => {
            Other::Object(members.iter().map(|member| (member.key.to_string(), other(&member.value))).collect())
        }
    }
}

/// Every place lies in the text and in that of the node around it.
fn is_placed(node: &Node<'_>, text: &str) -> bool {
    let own = (node.span.start, node.span.end);
    let inside = |child: &Node<'_>| own.0 <= child.span.start && child.span.end <= own.1 && is_placed(child, text);
    let within = match &node.value {
        Value::Array(elements) => elements.iter().all(inside),
        Value::Object(members) => members.iter().all(|member| inside(&member.value)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    };
    within && text.get(own.0 as usize..own.1 as usize).is_some()
}

#[test]
fn the_json_reader_agrees_with_another() {
    let mut tally = Tally::default();
    for seed in seeds(4_000) {
        let Ok(text) = String::from_utf8(text(seed)) else {
            tally.count("not UTF-8");
            continue;
        };
        let file = Sources::default().add("noise".to_owned(), text.clone());
        let parsed = parse(&text, file, Limits::DOCUMENT);
        if parsed.root.as_ref().is_some_and(|root| !is_placed(root, &text)) {
            tally.wrong(format!("seed {seed}: a place outside of the text\n{text}"));
        }
        let clean = parsed.root.filter(|_| parsed.diagnostics.is_empty());
        match (clean, serde_json::from_str::<Other>(&text)) {
            (Some(root), Ok(value)) if other(&root) == value => tally.count("both alike"),
            (Some(_), Ok(_)) => tally.wrong(format!("seed {seed}: read differently\n{text}")),
            // a number that the other cannot hold
            (Some(_), Err(error)) if error.to_string().contains("number out of range") => tally.count("out of range"),
            (Some(_), Err(error)) => tally.wrong(format!("seed {seed}: taken here only ({error})\n{text}")),
            (None, Ok(_)) => tally.wrong(format!("seed {seed}: refused here only\n{text}")),
            (None, Err(_)) => tally.count("both refuse"),
        }
    }
    tally.end("texts read by two readers");
}
