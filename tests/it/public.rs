//! check-no-public-access: keys, addresses, the corpus, laws, and the command.

pub(crate) mod cases;
mod command;
mod laws;

use keyaki::catalogue::Catalogue;
use keyaki::checks::public::{ResourceType, no_public_access};
use keyaki::checks::{Report, Settings, Side, Verdict};
use keyaki::policy::read::{ReadOptions, read};
use keyaki::source::Sources;
use serde_json::{Value, json};

/// The answer for a policy of a type.
pub(crate) fn ask(document: &Value, type_name: &str) -> Report {
    let kind = ResourceType::named(type_name).unwrap();
    let mut sources = Sources::default();
    let options = ReadOptions { kind: Some(kind.kind), ..ReadOptions::default() };
    let outcome = read(&mut sources, "policy", document.to_string().as_bytes(), &options);
    let policy = outcome.policy.unwrap_or_else(|| panic!("refused: {document}\n{:?}", outcome.diagnostics));
    let (catalogue, settings) = (Catalogue::embedded(), Settings::default());
    no_public_access(Side::Document(&policy), kind.service_keys, &catalogue, &settings)
        .unwrap_or_else(|error| panic!("{}\n{document}", error.what))
}

fn policy(statements: &Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// An Allow of reading a bucket's objects for everybody, under a condition.
fn everybody(condition: &Value) -> Value {
    let mut statement =
        json!({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"});
    if !condition.is_null() {
        statement["Condition"] = condition.clone();
    }
    statement
}

fn verdict(condition: &Value) -> Verdict {
    ask(&policy(&json!([everybody(condition)])), "AWS::S3::Bucket").verdict
}

#[test]
fn trusted_keys_make_a_policy_private_and_others_do_not() {
    let rows = [
        (json!(null), Verdict::Fail),
        (json!({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}), Verdict::Pass),
        (json!({"StringLike": {"aws:PrincipalOrgID": "o-*"}}), Verdict::Fail),
        (json!({"StringEquals": {"aws:SourceVpc": "vpc-1a2b3c4d"}}), Verdict::Pass),
        (json!({"StringLike": {"aws:SourceVpc": "vpc-*"}}), Verdict::Fail),
        (json!({"StringEquals": {"aws:PrincipalTag/team": "red"}}), Verdict::Fail),
        (json!({"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:*"}}), Verdict::Fail),
        (json!({"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:123456789012:*"}}), Verdict::Pass),
        (json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/*"}}), Verdict::Pass),
        (json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/admin"}}), Verdict::Fail),
        (json!({"StringEquals": {"aws:PrincipalAccount": "anonymous"}}), Verdict::Fail),
        (json!({"StringLike": {"aws:userid": "AROAEXAMPLEROLEID:*"}}), Verdict::Pass),
        (json!({"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}}), Verdict::Pass),
        (json!({"StringEquals": {"aws:ResourceOrgID": "${aws:PrincipalOrgID}"}}), Verdict::Pass),
        (json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}), Verdict::Pass),
        (json!({"IpAddress": {"aws:SourceIp": "12.0.0.0/8"}}), Verdict::Pass),
        (json!({"IpAddress": {"aws:SourceIp": ["12.0.0.0/8", "13.0.0.0/32"]}}), Verdict::Fail),
        (json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/7"}}), Verdict::Fail),
        (json!({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}), Verdict::Fail),
        (json!({"ForAnyValue:IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}), Verdict::Pass),
        (json!({"StringEquals": {"aws:SourceIp": "203.0.113.7"}}), Verdict::Pass),
        (json!({"StringLike": {"aws:SourceIp": "203.0.113.*"}}), Verdict::Unknown),
        (json!({"Null": {"aws:SourceIp": "true"}}), Verdict::Fail),
        (json!({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/r-ab12/*"}}), Verdict::Pass),
    ];
    let wrong: Vec<String> = rows
        .iter()
        .map(|(condition, expected)| (condition, expected, verdict(condition)))
        .filter(|(_, expected, found)| *expected != found)
        .map(|(condition, expected, found)| format!("{condition}: {found:?}, expected {expected:?}"))
        .collect();
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn statements_that_are_public_only_together_are_blamed_together() {
    let allow = |block: &str| everybody(&json!({"IpAddress": {"aws:SourceIp": block}}));
    let report =
        ask(&policy(&json!([allow("12.0.0.0/8"), allow("13.0.0.0/8"), allow("203.0.113.0/24")])), "AWS::S3::Bucket");
    let blamed: Vec<usize> = report.reasons.iter().map(|reason| reason.statement_index).collect();
    assert_eq!((report.verdict, blamed), (Verdict::Fail, vec![0, 1, 2]));
    assert_eq!(report.reasons[0].exposure.as_ref().unwrap().ipv4(), (2 << 24) + 256);
    let alone = ask(&policy(&json!([allow("12.0.0.0/8"), allow("0.0.0.0/0")])), "AWS::S3::Bucket");
    let blamed: Vec<usize> = alone.reasons.iter().map(|reason| reason.statement_index).collect();
    assert_eq!((alone.verdict, blamed), (Verdict::Fail, vec![1]));
}
