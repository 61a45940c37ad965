//! `keyaki findings`: the service's recorded findings, the scaling family, the cases of corpus/findings, the commands.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Output;

use keyaki::catalogue::Catalogue;
use keyaki::checks::findings::{Findings, Mode, findings};
use keyaki::checks::{Realizability, Settings, Side};
use keyaki::policy::Kind;
use keyaki::policy::read::{ReadOptions, read};
use keyaki::semantics::zone::Zone;
use keyaki::source::Sources;
use serde_json::{Value, json};

use crate::command::{self, out};
use crate::data::shared;

fn survey(policy: &Value, zone: &str, mode: Mode, settings: &Settings) -> Findings {
    let mut sources = Sources::default();
    let options = ReadOptions { kind: Some(Kind::Resource), lenient: true, ..ReadOptions::default() };
    let outcome = read(&mut sources, "policy", policy.to_string().as_bytes(), &options);
    let policy = outcome.policy.unwrap_or_else(|| panic!("{policy}: {:?}", outcome.diagnostics));
    let zone = Zone::parse(zone).unwrap();
    findings(Side::Document(&policy), &zone, mode, &Catalogue::embedded(), settings)
}

fn keyaki(arguments: &[&str]) -> Output {
    command::keyaki(&command::folder(""), arguments)
}

/// The members that the service prints, in one order.
fn comparable(finding: &Value) -> String {
    let members = ["principal", "action", "resource", "isPublic"].map(|name| finding[name].to_string());
    let conditions: BTreeSet<String> =
        finding["condition"].as_object().unwrap().iter().map(|(key, value)| format!("{key}={value}")).collect();
    format!("{members:?} {conditions:?}")
}

#[test]
fn recorded_findings_of_the_service() {
    let Some(text) = shared("data/findings/recorded.json") else { return };
    let recorded: Vec<Value> = serde_json::from_str(&text).unwrap();
    let mut wrong = Vec::new();
    for case in &recorded {
        let policy = case["policy"].to_string();
        let ask = ["findings", &policy, "--zone-of-trust", "222634363387", "--output", "json", "--mode"];
        let [aws, minimal] = ["aws", "minimal"].map(|mode| {
            let output = keyaki(&[&ask[..], &[mode]].concat());
            serde_json::from_str::<Value>(&out(&output)).unwrap_or_else(|error| panic!("{}: {error}", case["id"]))
        });
        let all =
            |answer: &Value| answer["findings"].as_array().unwrap().iter().map(comparable).collect::<BTreeSet<_>>();
        if all(&aws) != all(case) || aws["complete"] != true {
            wrong.push(format!("{}: expected {:#?}, found {:#?}", case["id"], all(case), all(&aws)));
        }
        let fewer = minimal["findings"].as_array().unwrap().len() <= case["findings"].as_array().unwrap().len();
        if !fewer || minimal["complete"] != true {
            wrong.push(format!("{}: minimal is {minimal}", case["id"]));
        }
    }
    println!("{} recorded results, {} differ", recorded.len(), wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Statement `n` of the scaling family: its own value on each of five keys.
fn own_values(n: usize) -> Value {
    json!({
        "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::example-bucket",
        "Condition": {
            "StringLike": {
                "aws:PrincipalArn": format!("arn:aws:iam::111122223333:role/reader-{n}-*"),
                "s3:prefix": format!("team-{n}/*"),
            },
            "IpAddress": {"aws:SourceIp": format!("203.0.{n}.0/24")},
            "StringEquals": {
                "aws:SourceVpc": format!("vpc-{n:08x}"), "aws:PrincipalOrgID": format!("o-example{n:05}"),
            },
        },
    })
}

#[test]
fn as_many_findings_as_statements_with_values_of_their_own() {
    let settings = Settings { realizability: Realizability::LikeAws, ..Settings::default() };
    for count in [1, 2, 3, 6] {
        let statements: Vec<Value> = (1..=count).map(own_values).collect();
        let policy = json!({"Version": "2012-10-17", "Statement": statements});
        let found = survey(&policy, "999999999999", Mode::Minimal, &settings);
        assert_eq!((found.findings.len(), found.is_complete()), (count, true));
    }
}

#[test]
fn the_cases_of_the_corpus_read_as_they_should() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/findings");
    let mut names: Vec<String> =
        std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort_unstable();
    let mut wrong = Vec::new();
    for name in &names {
        let zone = std::fs::read_to_string(folder.join(name).join("zone.txt")).unwrap();
        let expected = std::fs::read_to_string(folder.join(name).join("expected.txt")).unwrap_or_default();
        let policy = format!("corpus/findings/{name}/policy.json");
        let found = out(&keyaki(&["findings", &policy, "--zone-of-trust", zone.trim()]));
        if found != expected {
            wrong.push(format!("--- {name}, expected\n{expected}--- found\n{found}"));
        }
    }
    assert!(names.len() > 8 && wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn exit_codes_say_what_was_asked_for() {
    let case = |name: &str, more: &[&str]| {
        let policy = format!("corpus/findings/{name}/policy.json");
        keyaki(&[&["findings", &policy, "--zone-of-trust", "111122223333"], more].concat()).status.code().unwrap()
    };
    assert_eq!(case("everyone", &[]), 0);
    assert_eq!(case("everyone", &["--fail-on", "public"]), 1);
    assert_eq!(case("another-account", &["--fail-on", "public"]), 0);
    assert_eq!(case("another-account", &["--fail-on", "any"]), 1);
    assert_eq!(case("own-account-only", &["--fail-on", "any"]), 0);
    assert_eq!(case("another-account", &["--budget", "1"]), 3);
    assert_eq!(case("another-account", &["--type", "identity"]), 2);
}

#[test]
fn the_gate_agrees_with_the_findings() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/findings");
    for entry in std::fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let zone = std::fs::read_to_string(folder.join(&name).join("zone.txt")).unwrap();
        let policy = format!("corpus/findings/{name}/policy.json");
        let ask = ["check-no-external-access", "--policy", &policy, "--zone-of-trust", zone.trim(), "--output", "json"];
        let output = keyaki(&ask);
        let answer: Value = serde_json::from_str(&out(&output)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let findings = keyaki(&["findings", &policy, "--zone-of-trust", zone.trim(), "--fail-on", "any"]);
        let fails = findings.status.code() == Some(1);
        assert_eq!(answer["result"], if fails { "FAIL" } else { "PASS" }, "{name}");
        assert_eq!(output.status.code(), Some(i32::from(fails)), "{name}");
        if fails {
            let reason = &answer["reasons"][0];
            assert!(
                reason["description"].as_str().unwrap().starts_with("External access granted in the statement with")
            );
            assert!(reason["counterexample"]["principal"].is_string(), "{name}");
        }
    }
}

#[test]
fn messages_of_the_gate() {
    let ask = |name: &str| {
        let policy = format!("corpus/findings/{name}/policy.json");
        let output = keyaki(&["check-no-external-access", "--policy", &policy, "--zone-of-trust", "111122223333"]);
        out(&output)
    };
    let pass = ask("own-account-only");
    assert!(pass.starts_with("PASS  corpus/findings/own-account-only/policy.json"), "{pass}");
    assert!(pass.contains("lets nobody outside 111122223333 in."), "{pass}");
    let fail = ask("another-account");
    assert!(fail.starts_with("FAIL  corpus/findings/another-account/policy.json"), "{fail}");
    assert!(fail.contains("444455556666"), "{fail}");
}
