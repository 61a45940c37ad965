//! Tests of reading stacks.

use super::*;

const ALLOW: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;

fn read_text(text: &str) -> (Sources, ReadOutcome) {
    let mut sources = Sources::default();
    let outcome = read(&mut sources, "stack.json", text.as_bytes(), &ReadOptions::default());
    (sources, outcome)
}

fn stack(text: &str) -> Stack {
    match read_text(text).1 {
        ReadOutcome { document: Some(Document::Stack(stack)), .. } => *stack,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_policy_is_no_stack() {
    assert!(matches!(read_text(ALLOW).1.document, Some(Document::Policy(_))));
    let named =
        r#"{"Version":"2012-10-17","Statement":{"Sid":"identity","Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;
    assert!(matches!(read_text(named).1.document, Some(Document::Policy(_))));
}

#[test]
fn every_member_is_read_by_its_own_rules() {
    let everyone = ALLOW.replace("\"Effect\"", "\"Principal\":\"*\",\"Effect\"");
    let text = format!(
        r#"{{"identity":[{ALLOW},{ALLOW}],"resource":{everyone},"scps":[[{ALLOW}],{ALLOW},[]],"rcps":[],
           "boundary":{ALLOW},"session":{ALLOW},"endpoint":{everyone},"managementAccount":"111122223333"}}"#
    );
    let stack = stack(&text);
    let kinds: Vec<_> = places(&stack).into_iter().map(|(place, policy)| (place, policy.kind)).collect();
    let expected = [
        ("identity[0]", Kind::Identity),
        ("identity[1]", Kind::Identity),
        ("resource", Kind::Resource),
        ("boundary", Kind::Boundary),
        ("session[0]", Kind::Session),
        ("scps[0][0]", Kind::ServiceControl),
        ("scps[1][0]", Kind::ServiceControl),
        ("endpoint", Kind::Endpoint),
    ];
    assert_eq!(kinds, expected.map(|(place, kind)| (place.to_owned(), kind)));
    assert_eq!((stack.scps.len(), stack.management_account.as_deref()), (3, Some("111122223333")));
    for (place, policy) in places(&stack) {
        assert_eq!(layer_of(&stack, policy.statements[0].span), Some(place));
    }
}

#[test]
fn spans_lie_in_the_file_of_the_stack() {
    let (sources, outcome) = read_text(&format!("{{\n\"identity\": {ALLOW} }}"));
    let Some(Document::Stack(stack)) = outcome.document else { panic!("no stack") };
    let span = stack.identity[0].statements[0].span;
    assert_eq!((sources.name(span.file), sources.line_column(span.file, span.start).line), ("stack.json", 2));
}

#[test]
fn the_trust_policy_of_a_role_is_inferred() {
    let trust = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}}"#;
    assert_eq!(stack(&format!(r#"{{"resource":{trust}}}"#)).resource.map(|policy| policy.kind), Some(Kind::Trust));
}

#[test]
fn what_is_no_member_is_an_error_with_a_place() {
    let rows = [
        (r#"{"identity":[],"scp":[]}"#.to_owned(), "unknown-element", "did you mean `scps`?"),
        (r#"{"identity":[],"identity":[]}"#.to_owned(), "dup-key", ""),
        (r#"{"scps":true}"#.to_owned(), "bad-value-type", ""),
        (format!(r#"{{"boundary":[{ALLOW},{ALLOW}]}}"#), "bad-value-type", ""),
        (r#"{"managementAccount":"12"}"#.to_owned(), "bad-value-type", ""),
        (r#"{"identity":[{"Version":"2012-10-17"}]}"#.to_owned(), "missing-statement", ""),
        (r#"{"identity":[3]}"#.to_owned(), "bad-value-type", ""),
    ];
    for (text, code, help) in rows {
        let (_, outcome) = read_text(&text);
        assert!(outcome.document.is_none(), "{text}");
        let found = outcome.diagnostics.iter().find(|found| found.code.name() == code);
        let found = found.unwrap_or_else(|| panic!("{text}: {:?}", outcome.diagnostics));
        assert!(found.span.is_some() && found.help.clone().unwrap_or_default().contains(help), "{found:?}");
    }
}
