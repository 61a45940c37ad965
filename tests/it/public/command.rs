//! check-no-public-access from outside: options, sentences, both rules.

use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value;

use crate::command;

fn keyaki(arguments: &[&str]) -> Output {
    command::keyaki(&corpus(), arguments)
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/public")
}

fn json(arguments: &[&str]) -> (i32, Value) {
    let output = keyaki(&[arguments, &["--output", "json"]].concat());
    let answer = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}\n{}", String::from_utf8_lossy(&output.stderr)));
    (output.status.code().unwrap(), answer)
}

fn text(arguments: &[&str]) -> String {
    String::from_utf8(keyaki(arguments).stdout).unwrap()
}

const TYPE: [&str; 2] = ["--resource-type", "AWS::S3::Bucket"];

fn check<'a>(policy: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["check-no-public-access", "--policy-document", policy], more].concat()
}

#[test]
fn the_sentences_are_the_services() {
    let (code, fail) = json(&check("file://example-b1/policy.json", &TYPE));
    assert_eq!(code, 1);
    assert_eq!(fail["message"], "The resource policy grants public access for the given resource type.");
    let description = "Public access granted in the following statement with index: 0.";
    assert_eq!(fail["reasons"][0]["description"], description);
    assert_eq!(fail["policyType"], "RESOURCE_POLICY");
    assert_eq!(fail["counterexample"]["action"], "s3:PutObject");
    let (code, pass) = json(&check("example-b3/policy.json", &TYPE));
    assert_eq!(code, 0);
    assert_eq!(pass["message"], "The resource policy does not grant public access for the given resource type.");
    let (_, named) = json(&check("addresses-two-statements/policy.json", &TYPE));
    let descriptions: Vec<&Value> =
        named["reasons"].as_array().unwrap().iter().map(|reason| &reason["description"]).collect();
    let stem = "Public access granted in the following statement with sid:";
    assert_eq!(descriptions, [&format!("{stem} One."), &format!("{stem} Two.")]);
    assert_eq!(named["reasons"][0]["sourceAddresses"]["ipv4"], "33554432");
}

#[test]
fn an_unknown_type_lists_the_known_ones() {
    let output = keyaki(&check("example-b1/policy.json", &["--resource-type", "AWS::S3::Buckets"]));
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    for part in ["did you mean `AWS::S3::Bucket`?", "AWS::IAM::AssumeRolePolicyDocument", "AWS::Backup::BackupVault"] {
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn a_request_that_needs_a_source_is_the_services_call() {
    let queue = check("queue-topic-of-anyone/policy.json", &["--resource-type", "AWS::SQS::Queue"]);
    let (_, answer) = json(&queue);
    let request = &answer["counterexample"];
    assert_eq!(request["principal"], "sns.amazonaws.com", "{request}");
    assert!(request["context"]["aws:SourceArn"].as_str().unwrap().starts_with("arn:aws:sns:"), "{request}");
}

#[test]
fn the_rule_of_s3_says_where_it_differs() {
    let by_rule = |policy| [check(policy, &TYPE), vec!["--public", "s3"]].concat();
    let shown = text(&by_rule("example-b2/policy.json"));
    assert!(shown.starts_with("FAIL  example-b2/policy.json is public by the rule"), "{shown}");
    assert!(shown.contains("differs") && shown.contains("by its meaning the policy is not public"), "{shown}");
    let (code, answer) = json(&by_rule("addresses-one-more/policy.json"));
    assert_eq!((code, &answer["result"], &answer["semantic"]), (0, &"PASS".into(), &"FAIL".into()));
    assert!(answer["difference"].is_string() && answer["counterexample"].is_object());
    let same = text(&by_rule("example-b1/policy.json"));
    assert!(!same.contains("differs"), "{same}");
    let queue = check("queue-one-topic/policy.json", &["--resource-type", "AWS::SQS::Queue", "--public", "s3"]);
    assert_eq!(keyaki(&queue).status.code(), Some(2));
}

#[test]
fn the_text_counts_the_addresses() {
    let shown = text(&check("addresses-a-slash-7/policy.json", &TYPE));
    assert!(shown.starts_with("FAIL  addresses-a-slash-7/policy.json grants access to the public."), "{shown}");
    for part in ["33,554,432 IPv4 addresses", "12.0.0.0/7", "1 policy checked as that of AWS::S3::Bucket: 1 fails."] {
        assert!(shown.contains(part), "{shown}");
    }
    let passed = text(&check("addresses-an-office/policy.json", &TYPE));
    assert!(passed.contains("outsiders come from 256 IPv4 addresses"), "{passed}");
}

#[test]
fn a_stack_counts_with_its_resource_policy_and_its_rcps() {
    let public = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}]}"#;
    let rcp = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}}]}"#;
    let identity = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#;
    let code = |stack: &str| keyaki(&check(stack, &TYPE)).status.code();
    assert_eq!(code(&format!(r#"{{"resource":{public}}}"#)), Some(1));
    assert_eq!(code(&format!(r#"{{"resource":{public},"identity":[{identity}]}}"#)), Some(1));
    assert_eq!(code(&format!(r#"{{"resource":{public},"rcps":[[{rcp}]]}}"#)), Some(0));
    assert_eq!(code(&format!(r#"{{"rcps":[[{rcp}]]}}"#)), Some(2));
}
