//! Tests of reading: kinds, envelopes, meaning of entries, options.

use super::{ReadOptions, ReadOutcome, read, read_node};
use crate::diagnostic::{Code, Severity};
use crate::json::{Limits, parse};
use crate::policy::Kind;
use crate::policy::action::ActionPattern;
use crate::policy::condition::{Operand, Quantifier, Test};
use crate::policy::principal::PrincipalName;
use crate::policy::resource::ResourcePattern;
use crate::policy::template::{Piece, Template};
use crate::source::Sources;

fn with(text: &str, options: &ReadOptions) -> ReadOutcome {
    read(&mut Sources::default(), "test.json", text.as_bytes(), options)
}

fn document(statement: &str) -> String {
    format!("{{\"Version\":\"2012-10-17\",\"Statement\":[{statement}]}}")
}

fn as_kind(statement: &str, kind: Kind) -> ReadOutcome {
    with(&document(statement), &ReadOptions { kind: Some(kind), ..ReadOptions::default() })
}

/// Code names with their severities' names.
fn said(outcome: &ReadOutcome) -> Vec<(&'static str, Severity)> {
    outcome.diagnostics.iter().map(|diagnostic| (diagnostic.code.name(), diagnostic.severity)).collect()
}

const KINDS: [Kind; 8] = [
    Kind::Identity,
    Kind::Boundary,
    Kind::Session,
    Kind::Resource,
    Kind::Trust,
    Kind::ServiceControl,
    Kind::ResourceControl,
    Kind::Endpoint,
];

#[test]
fn kinds_are_inferred() {
    for (statement, kind) in [
        (r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#, Kind::Identity),
        (r#"{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}"#, Kind::Resource),
        (r#"{"Effect":"Allow","Principal":"*","Action":"s3:*"}"#, Kind::Resource),
        (r#"{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":["sts:AssumeRole"]}"#, Kind::Trust),
        (r#"{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole","Resource":"*"}"#, Kind::Resource),
        (r#"{"Effect":"Deny","NotPrincipal":{"AWS":"111122223333"},"Action":"s3:*"}"#, Kind::Resource),
    ] {
        let policy = with(&document(statement), &ReadOptions::default()).policy.unwrap();
        assert_eq!((policy.kind, policy.inferred), (kind, true), "{statement}");
    }
}

/// The table of spec 2.4: for each kind (in the order of `KINDS`), whether a statement is accepted.
#[test]
fn elements_by_kind() {
    for (statement, accepted) in [
        (r#"{"Effect":"Deny","Action":"s3:*","Resource":"*"}"#, [1, 1, 1, 0, 0, 1, 0, 0]),
        (r#"{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}"#, [0, 0, 0, 1, 0, 0, 1, 1]),
        (r#"{"Effect":"Deny","Principal":"*","Action":"s3:*"}"#, [0, 0, 0, 1, 1, 0, 0, 0]),
        (r#"{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}"#, [0, 0, 0, 1, 0, 0, 0, 1]),
        (r#"{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}"#, [0, 0, 0, 1, 0, 0, 1, 1]),
        (r#"{"Effect":"Deny","Principal":"*","NotAction":"s3:*","Resource":"*"}"#, [0, 0, 0, 1, 0, 0, 0, 1]),
        (
            r#"{"Effect":"Deny","NotPrincipal":{"AWS":"111122223333"},"Action":"s3:*","Resource":"*"}"#,
            [0, 0, 0, 1, 0, 0, 0, 1],
        ),
        (r#"{"Effect":"Deny","Action":"s?:*","Resource":"*"}"#, [0, 0, 0, 0, 0, 1, 0, 0]),
    ] {
        let read = KINDS.map(|kind| u8::from(as_kind(statement, kind).policy.is_some()));
        assert_eq!(read, accepted, "{statement}");
    }
}

#[test]
fn envelopes_are_opened() {
    let bare = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;
    let quoted = serde_json::to_string(bare).unwrap();
    let encoded: String = bare.bytes().map(|byte| format!("%{byte:02X}")).collect();
    for text in [
        bare.to_owned(),
        format!("\n {bare}\n"),
        format!("{{\"PolicyVersion\":{{\"Document\":{bare},\"VersionId\":\"v1\",\"IsDefaultVersion\":true}}}}"),
        format!("{{\"PolicyVersion\":{{\"Document\":\"{encoded}\"}}}}"),
        format!("{{\"Policy\":{quoted}}}"),
        format!("{{\"Policy\":{quoted},\"RevisionId\":\"1\"}}"),
        format!("{{\"RoleName\":\"r\",\"PolicyName\":\"p\",\"PolicyDocument\":{bare}}}"),
        encoded.clone(),
        quoted.clone(),
    ] {
        let outcome = with(&text, &ReadOptions::default());
        let policy = outcome.policy.as_ref().unwrap_or_else(|| panic!("{text}: {:?}", outcome.diagnostics));
        assert_eq!((policy.statements.len(), policy.file), (1, outcome.file), "{text}");
        assert!(outcome.diagnostics.is_empty(), "{text}: {:?}", outcome.diagnostics);
    }
    for text in [
        format!("{{\"Policy\":{quoted},\"Extra\":1}}"),
        format!("{{\"Policy\":{quoted},\"Policy\":{quoted}}}"),
        "{\"Policy\":[]}".to_owned(),
        "%7B%2".to_owned(),
        "%7B%ff%7D".to_owned(),
        "[]".to_owned(),
    ] {
        assert!(with(&text, &ReadOptions::default()).policy.is_none(), "{text}");
    }
}

#[test]
fn a_node_of_a_larger_text_keeps_its_spans() {
    let text = r#"{"identity": [ {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3Get","Resource":"*"}]} ]}"#;
    let mut sources = Sources::default();
    let file = sources.add("stack.json", text);
    let shared = sources.shared(file);
    let parsed = parse(&shared, file, Limits::CONTAINER);
    let root = parsed.root.unwrap();
    let node = &root.get("identity").unwrap().as_array().unwrap()[0];
    let outcome = read_node(&mut sources, node, &ReadOptions::default());
    assert_eq!(sources.text(outcome.diagnostics[0].span.unwrap()), "\"s3Get\"");
    assert_eq!(
        sources.text(outcome.policy.unwrap().statements[0].span),
        &text[text.find("{\"Effect").unwrap()..text.len() - 5]
    );
}

#[test]
fn every_problem_is_reported_in_one_run() {
    let text = r#"{"Version":"2012-10-17","Extra":1,"Statement":[
      {"Effect":"allow","Action":"s3Get","Resource":"bucket","Condition":{"StringEqual":{"a:b":null}}},
      {"Action":["s3:Get*",7],"Resource":"*"}]}"#;
    let outcome = with(text, &ReadOptions::default());
    let codes: Vec<Code> = outcome.diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
    for code in [
        Code::UnknownElement,
        Code::BadEffect,
        Code::BadAction,
        Code::BadArn,
        Code::UnknownOperator,
        Code::BadValueType,
        Code::MissingEffect,
    ] {
        assert!(codes.contains(&code), "{code:?} in {codes:?}");
    }
    assert_eq!(codes.iter().filter(|code| **code == Code::BadValueType).count(), 2);
}

#[test]
fn actions() {
    for (text, expected) in [
        ("*", "All"),
        ("**", "All"),
        ("*:*", "All"),
        ("S3:Get*", "Glob"),
        ("s*:Get", "VendorWildcard"),
        ("*:Get", "VendorWildcard"),
        ("s3", "Nothing"),
        ("s3:a:b", "Nothing"),
        (" s3:a", "Nothing"),
        ("s3:a,b", "Nothing"),
        ("s3:", "Nothing"),
        (":a", "Nothing"),
        ("", "Nothing"),
    ] {
        let statement = format!("{{\"Effect\":\"Allow\",\"Action\":\"{text}\",\"Resource\":\"*\"}}");
        let policy = as_kind(&statement, Kind::ServiceControl).policy.unwrap();
        let pattern = &policy.statements[0].action.entries[0].pattern;
        let name = match pattern {
            ActionPattern::All => "All",
            ActionPattern::Glob(_) => "Glob",
            ActionPattern::VendorWildcard(_) => "VendorWildcard",
            ActionPattern::Nothing => "Nothing",
        };
        assert_eq!(name, expected, "{text}");
    }
}

#[test]
fn principals() {
    for (text, expected) in [
        ("*", "Everyone"),
        ("***", "Everyone"),
        ("111122223333", "Account"),
        ("arn:aws-cn:iam::111122223333:root", "Account"),
        ("arn:aws:iam::111122223333:user/team/alice", "User"),
        ("arn:aws:iam::111122223333:role/app", "Role"),
        ("arn:aws:sts::111122223333:assumed-role/app/ci", "Session"),
        ("arn:aws:sts::111122223333:federated-user/bob", "FederatedUser"),
        ("AROAEXAMPLEID12345678", "UniqueId"),
        ("arn:aws:iam::111122223333:role/*", "Wildcard"),
        ("arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1", "CanonicalUser"),
        ("arn:aws:iam::1:root", "Nobody"),
        ("arn:aws:iam::111122223333:role/", "Nobody"),
        ("arn:aws:sts::111122223333:assumed-role/app", "Nobody"),
        ("1111222233334", "Nobody"),
        ("", "Nobody"),
    ] {
        let statement = format!(
            "{{\"Effect\":\"Allow\",\"Principal\":{{\"AWS\":\"{text}\"}},\"Action\":\"s3:*\",\"Resource\":\"*\"}}"
        );
        let policy = as_kind(&statement, Kind::Resource).policy.unwrap();
        let name = format!("{:?}", policy.statements[0].principal.as_ref().unwrap().entries[0].name);
        assert!(name.starts_with(expected), "{text}: {name}");
    }
}

#[test]
fn a_reference_document_may_have_principal_wildcards() {
    let text = document(
        r#"{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/*"},"Action":"s3:*","Resource":"*"}"#,
    );
    let star = |reference| {
        let outcome = with(&text, &ReadOptions { reference, ..ReadOptions::default() });
        let policy = outcome.policy.as_ref().unwrap();
        let name = policy.statements[0].principal.as_ref().unwrap().entries[0].name.clone();
        let PrincipalName::Wildcard(template) = name else { panic!("{name:?}") };
        (template.pieces().any(|piece| piece == Piece::Many), said(&outcome))
    };
    assert_eq!(star(true), (true, vec![]));
    assert_eq!(star(false), (false, vec![("principal-wildcard", Severity::Error)]));
}

#[test]
fn resources() {
    let pattern = |text: &str| {
        let statement = format!("{{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"{text}\"}}");
        let outcome = as_kind(&statement, Kind::Identity);
        let codes: Vec<_> = said(&outcome).into_iter().map(|said| said.0).collect();
        (outcome.policy.unwrap().statements.remove(0).resource.unwrap().entries.remove(0).pattern, codes)
    };
    assert_eq!(pattern("**"), (ResourcePattern::All, vec![]));
    assert_eq!(pattern("bucket"), (ResourcePattern::Nothing, vec!["bad-arn"]));
    let (ResourcePattern::Arn(fields), codes) = pattern("arn:aws:s3:::b/${aws:username}:x*") else { panic!() };
    assert_eq!((fields.len(), codes), (6, vec![]));
    assert!(matches!(fields[5].get(2), Some(Piece::Variable(_))));
    let (ResourcePattern::Arn(fields), codes) = pattern("arn:aws:sqs:*:${aws:PrincipalAccount}:q") else { panic!() };
    assert_eq!(codes, ["variable-in-early-field"]);
    assert!(fields[4].is_literal());
    let (ResourcePattern::Arn(fields), codes) = pattern("arn:aws:sqs") else { panic!() };
    assert_eq!((fields.len(), codes), (3, vec!["short-arn"]));
}

fn clause(operator: &str, key: &str, value: &str) -> (Test, Vec<&'static str>) {
    let statement = format!(
        "{{\"Effect\":\"Deny\",\"Action\":\"s3:*\",\"Resource\":\"*\",\"Condition\":{{\"{operator}\":{{\"{key}\":{value}}}}}}}"
    );
    let outcome = with(&document(&statement), &ReadOptions { lenient: true, ..ReadOptions::default() });
    let codes = said(&outcome).into_iter().map(|said| said.0).collect();
    (outcome.policy.unwrap().statements.remove(0).conditions.remove(0).test, codes)
}

fn operand(operator: &str, value: &str) -> (Operand, Vec<&'static str>) {
    let (test, codes) = clause(operator, "x:y", value);
    let Test::Compare { mut values, .. } = test else { panic!("{operator}") };
    (values.remove(0).operand, codes)
}

#[test]
fn operands() {
    assert_eq!(operand("Bool", "true"), (Operand::Bool(Some(true)), vec![]));
    assert_eq!(operand("Bool", "\"FALSE\""), (Operand::Bool(Some(false)), vec![]));
    assert_eq!(operand("Bool", "\"no\""), (Operand::Bool(None), vec!["bad-bool"]));
    assert_eq!(operand("NumericEquals", "\"1e3\""), (Operand::Number(None), vec!["bad-number"]));
    assert_eq!(operand("BinaryEquals", "\"Zm9v\""), (Operand::Binary(Some(b"foo".to_vec())), vec![]));
    assert_eq!(operand("DateEquals", "\"soon\""), (Operand::Instant(None), vec!["bad-date"]));
    assert_eq!(operand("IpAddress", "\"10.*\""), (Operand::Network(None), vec!["bad-cidr"]));
    assert_eq!(operand("Bool", "\"${a:b}\""), (Operand::Bool(None), vec!["variable-operator"]));
    let (Operand::Text(template), codes) = operand("StringEquals", "\"${*}*\"") else { panic!() };
    assert_eq!((template, codes), (Template::literal("**"), vec!["wildcard-without-like"]));
    let (Operand::Arn { fields, whole }, codes) = operand("ArnLike", "\"arn:aws:iam::${a:b}:role/*\"") else {
        panic!()
    };
    assert!(fields.unwrap()[4].has_variable() && whole.len() > 10 && codes.is_empty());
    let (Operand::Arn { fields: None, .. }, codes) = operand("ArnEquals", "\"*\"") else { panic!() };
    assert_eq!(codes, ["short-arn"]);
}

#[test]
fn null_and_unknown_operators() {
    let (Test::Null { quantifier, values }, _) = clause("ForAllValues:Null", "a:b", "[true,\"False\",\"x\"]") else {
        panic!()
    };
    assert_eq!((quantifier, values), (Quantifier::All, vec![Some(true), Some(false), None]));
    let (Test::Unknown { text }, codes) = clause("StringMatch", "A:B", "[\"x\",1]") else { panic!() };
    assert_eq!((text.as_str(), codes), ("StringMatch a:b [\"x\", \"1\"]", vec!["unknown-operator", "mixed-types"]));
}

#[test]
fn strict_makes_warnings_fatal() {
    let text = r#"{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;
    assert!(with(text, &ReadOptions::default()).policy.is_some());
    assert!(with(text, &ReadOptions { strict: true, ..ReadOptions::default() }).policy.is_none());
}

#[test]
fn variables_of_the_old_version_are_text() {
    let text =
        r#"{"Version":"2008-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::${a:*}"}}"#;
    let outcome = with(text, &ReadOptions::default());
    assert_eq!(said(&outcome), [("variable-under-2008", Severity::Warning)]);
    let policy = outcome.policy.unwrap();
    let ResourcePattern::Arn(fields) = &policy.statements[0].resource.as_ref().unwrap().entries[0].pattern else {
        panic!()
    };
    assert!(fields[5].pieces().any(|piece| piece == Piece::Many) && fields[5].get(0) == Some(Piece::Char('$')));
}
