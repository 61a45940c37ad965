//! `validate-policy` over corpus/validate and corpus/diagnostics: the service's shape, types, codes, places.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Output;

use keyaki::diagnostic::Code;
use serde_json::{Value, json};

use crate::command;
use crate::data::shared;

fn keyaki(arguments: &[&str]) -> Output {
    command::keyaki(&command::folder("corpus"), &[&["validate-policy"], arguments].concat())
}

fn findings(arguments: &[&str]) -> (i32, Vec<Value>) {
    let output = keyaki(&[arguments, &["--output", "json"]].concat());
    let answer: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{arguments:?}: {}", String::from_utf8_lossy(&output.stderr)));
    (output.status.code().unwrap(), answer["findings"].as_array().unwrap().clone())
}

/// The service's shape: five members, a path of steps with one member each, positions.
fn shape(finding: &Value) {
    let members: BTreeSet<&str> = finding.as_object().unwrap().keys().map(String::as_str).collect();
    let expected = ["findingDetails", "findingType", "issueCode", "learnMoreLink", "locations"];
    assert_eq!(members, BTreeSet::from(expected), "{finding}");
    let kinds = ["ERROR", "SECURITY_WARNING", "SUGGESTION", "WARNING"];
    assert!(kinds.contains(&finding["findingType"].as_str().unwrap()), "{finding}");
    let code = finding["issueCode"].as_str().unwrap();
    assert!(code.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'), "{code}");
    assert!(finding["findingDetails"].as_str().unwrap().ends_with(['.', '?', '!']), "{finding}");
    let page = finding["learnMoreLink"].as_str().unwrap().strip_prefix("keyaki explain ").unwrap();
    assert!(Code::from_name(page).is_some(), "{page}");
    for location in finding["locations"].as_array().unwrap() {
        for step in location["path"].as_array().unwrap() {
            let step = step.as_object().unwrap();
            assert_eq!(step.len(), 1, "{finding}");
            assert!(["index", "key", "substring", "value"].contains(&step.keys().next().unwrap().as_str()));
        }
        let at = |end: &str, what: &str| location["span"][end][what].as_u64().unwrap();
        assert!(at("start", "line") >= 1 && at("start", "offset") <= at("end", "offset"), "{finding}");
    }
}

#[test]
fn the_cases_of_the_corpus() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/validate");
    let mut types = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let case: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let policy = case["policy"].as_str().map_or_else(|| case["policy"].to_string(), str::to_owned);
        let mut arguments = vec!["--policy-document", policy.as_str()];
        arguments.extend(case["options"].as_array().unwrap().iter().map(|option| option.as_str().unwrap()));
        let (code, found) = findings(&arguments);
        found.iter().for_each(shape);
        let short = |finding: &Value| {
            let path = &finding["locations"][0]["path"];
            json!([finding["findingType"], finding["issueCode"], path])
        };
        let short: Vec<Value> = found.iter().map(short).collect();
        assert_eq!(json!(short), case["findings"], "{}", path.display());
        let error = found.iter().any(|finding| finding["findingType"] == "ERROR");
        assert_eq!(code, i32::from(error), "{}", path.display());
        types.extend(found.iter().map(|finding| finding["findingType"].as_str().unwrap().to_owned()));
    }
    assert_eq!(types.len(), 4, "the corpus has findings of every type: {types:?}");
}

/// Every code of a diagnostic comes out as a finding, in the shape.
#[test]
fn every_diagnostic_is_a_finding() {
    for code in Code::ALL {
        let special = [Code::NotUtf8, Code::TooLarge, Code::TooManyProblems];
        if special.contains(code) {
            continue; // their examples are no files of readable size or encoding
        }
        let kind: &[&str] = match code {
            Code::VersionRequired => &["--policy-type", "SERVICE_CONTROL_POLICY"],
            Code::EffectForbidden | Code::NotactionForbidden | Code::ActionStarForbidden | Code::PrincipalNotStar => {
                &["--policy-type", "RESOURCE_CONTROL_POLICY"]
            }
            Code::ResourceForbidden | Code::NotprincipalForbidden => &["--policy-type", "trust"],
            Code::PrincipalForbidden => &["--policy-type", "IDENTITY_POLICY"],
            _ => &[],
        };
        let file = format!("diagnostics/{}.json", code.name());
        let (_, found) = findings(&[&["--policy-document", file.as_str()], kind].concat());
        found.iter().for_each(shape);
        let page = format!("keyaki explain {}", code.name());
        assert!(found.iter().any(|finding| finding["learnMoreLink"] == page.as_str()), "{}: {found:?}", code.name());
    }
}

#[test]
fn options_as_the_service_takes_them() {
    let policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}"#;
    let resource = "--validate-policy-resource-type";
    let rows: [(&[&str], i32); 6] = [
        (&["--policy-type", "RESOURCE_POLICY", resource, "AWS::IAM::AssumeRolePolicyDocument"], 0),
        (&[resource, "AWS::IAM::AssumeRolePolicyDocument", "--locale", "PT_BR"], 0),
        (&["--policy-type", "IDENTITY_POLICY"], 1),
        (&["--policy-type", "IDENTITY_POLICY", resource, "AWS::S3::Bucket"], 2),
        (&[resource, "AWS::SQS::Queue"], 2),
        (&["--policy-type", "SERVICE_CONTROL_POLICY"], 1),
    ];
    for (more, code) in rows {
        let output = keyaki(&[&["--policy-document", policy], more].concat());
        assert_eq!(output.status.code(), Some(code), "{more:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(keyaki(&["--policy-document", "absent.json"]).status.code(), Some(2));
}

#[test]
fn the_text_shows_the_place_and_counts() {
    let output = keyaki(&["--policy-document", "diagnostics/pass-role-star.json"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("warning[pass-role-star]: any role can be passed to a service"), "{text}");
    assert!(text.ends_with("diagnostics/pass-role-star.json: 1 finding: 1 SECURITY_WARNING.\n"), "{text}");
    assert_eq!(output.status.code(), Some(0));
    let clean = keyaki(&["--policy-document", "checks/same-policy/new.json"]);
    let text = String::from_utf8(clean.stdout).unwrap();
    assert!(text.contains("no findings"), "{text}");
}

/// A sample of real policies: no error but actions that the catalogue does not know.
#[test]
fn managed_policies_have_no_errors() {
    let Some(text) = shared("data/managed-policies.jsonl.gz") else { return };
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for line in text.lines().step_by(100) {
        let row: Value = serde_json::from_str(line).unwrap();
        let (_, found) = findings(&["--policy-document", &row["document"].to_string()]);
        for finding in found {
            shape(&finding);
            let name = format!("{} {}", finding["findingType"], finding["issueCode"]);
            *counts.entry(name).or_default() += 1;
            let error = finding["findingType"] == "ERROR" && finding["issueCode"] != "INVALID_ACTION";
            assert!(!error, "{}: {finding}", row["name"]);
        }
    }
    println!("{counts:?}");
}
