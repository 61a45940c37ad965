//! Tests of the JSON reader.

use super::{Limits, Parsed, Value, parse};
use crate::diagnostic::Code;
use crate::source::FileId;

fn read(text: &str) -> Parsed<'_> {
    parse(text, FileId(0), Limits::DOCUMENT)
}

#[test]
fn spans_are_those_of_the_text() {
    let text = " {\"a\" : [1.0, \"x\\ny\", null] }\n";
    let root = read(text).root.unwrap();
    let member = &root.as_object().unwrap()[0];
    let under = |span: crate::source::Span| &text[span.start as usize..span.end as usize];
    assert_eq!(under(root.span), text.trim());
    assert_eq!(under(member.key_span), "\"a\"");
    let elements = member.value.as_array().unwrap();
    assert_eq!(elements[0].value, Value::Number("1.0"));
    assert_eq!(under(elements[1].span), "\"x\\ny\"");
    assert_eq!(elements[1].as_str(), Some("x\ny"));
    assert_eq!(elements[2].value, Value::Null);
}

#[test]
fn accepts_what_json_is() {
    for text in
        ["0", "-0.5e+3", "\"\\u00e9\\ud83d\\ude00\\/\"", "[]", "{}", "[ ]", "true", "\t\r\n null", "{\"a\":1,\"a\":2}"]
    {
        let parsed = read(text);
        assert!(parsed.diagnostics.is_empty() && parsed.root.is_some(), "{text}");
        assert!(serde_json::from_str::<serde_json::Value>(text).is_ok(), "{text}");
    }
}

#[test]
fn reads_over_slips_and_reports_each() {
    for (text, problems) in [
        ("[1,]", 1),
        ("{\"a\":1,}", 1),
        ("// x\n[1]", 1),
        ("# x\n[1 /* y */]", 2),
        ("{'a':'b'}", 2),
        ("[\"a\tb\"]", 1),
        ("\"\\q\"", 1),
        ("\"\\ud800\"", 1),
        ("\"\\u12\"", 1),
        ("01", 1),
    ] {
        let parsed = read(text);
        assert!(parsed.root.is_some(), "{text}");
        assert_eq!(parsed.diagnostics.len(), problems, "{text}");
        assert!(serde_json::from_str::<serde_json::Value>(text).is_err(), "{text}");
    }
}

#[test]
fn gives_up_on_the_rest() {
    for text in
        ["", "{", "[1", "{\"a\"}", "{\"a\":}", "[,]", "\"abc", "tru", "nullx", "{a:1}", "[1 2]", "{} {}", "/", "\"\\"]
    {
        let parsed = read(text);
        assert!(parsed.root.is_none(), "{text}");
        assert_eq!(parsed.diagnostics.last().map(|d| d.code), Some(Code::JsonSyntax), "{text}");
    }
}

#[test]
fn hostile_depth_and_size_are_refused() {
    let deep = "[".repeat(1_000_000);
    assert_eq!(read(&deep).diagnostics[0].code, Code::TooDeep);
    let fits = format!("{}{}", "[".repeat(64), "]".repeat(64));
    assert!(read(&fits).root.is_some());
    let large = " ".repeat(2 << 20);
    assert_eq!(read(&large).diagnostics[0].code, Code::TooLarge);
    let slips = "#\n".repeat(400_000);
    assert!(read(&slips).diagnostics.len() <= crate::diagnostic::MOST_DIAGNOSTICS);
}
