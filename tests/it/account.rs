//! The access checks over snapshots of an account (corpus/snapshots).

use std::collections::BTreeMap;
use std::process::Output;

use serde_json::Value;

use crate::command;

fn keyaki(arguments: &[&str]) -> Output {
    command::keyaki(&command::folder("corpus/snapshots"), arguments)
}

fn json(arguments: &[&str]) -> (i32, Value) {
    let output = keyaki(&[arguments, &["--output", "json"]].concat());
    let answer = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}\n{}", String::from_utf8_lossy(&output.stderr)));
    (output.status.code().unwrap(), answer)
}

/// The results by the end of the address and the part.
fn results(answer: &Value) -> BTreeMap<String, String> {
    let name = |result: &Value| {
        let address = result["address"].as_str().unwrap();
        format!("{} {}", address.rsplit(':').next().unwrap(), result["part"].as_str().unwrap())
    };
    let results = answer["results"].as_array().unwrap();
    results.iter().map(|result| (name(result), result["result"].as_str().unwrap().to_owned())).collect()
}

fn expected(rows: &[(&str, &str)]) -> BTreeMap<String, String> {
    rows.iter().map(|(name, result)| ((*name).to_owned(), (*result).to_owned())).collect()
}

const COMPARE: [&str; 5] =
    ["check-no-new-access", "--existing-snapshot", "before.json", "--new-snapshot", "after.json"];

#[test]
fn accounts_are_compared_by_arn() {
    let (code, answer) = json(&COMPARE);
    let rows = [
        // its boundary and its policies are the same; the trust policy lets in another account
        ("role/app access", "PASS"),
        ("role/app trust", "FAIL"),
        // the boundary that kept iam:* down is gone
        ("role/deploy access", "FAIL"),
        ("role/deploy trust", "PASS"),
        // it did not exist
        ("role/fresh access", "FAIL"),
        ("role/fresh trust", "FAIL"),
        // by her group
        ("user/ann access", "FAIL"),
    ];
    assert_eq!((code, results(&answer)), (1, expected(&rows)));
    assert_eq!(answer["gone"], serde_json::json!(["arn:aws:iam::111122223333:role/old"]));
    assert_eq!(answer["complete"], true);
    let results = answer["results"].as_array().unwrap();
    let ann = results.iter().find(|result| result["address"].as_str().unwrap().ends_with("user/ann")).unwrap();
    assert_eq!(ann["counterexample"]["principal"], "arn:aws:iam::111122223333:user/ann");
    assert_eq!(ann["counterexample"]["action"], "ec2:RunInstances");
}

#[test]
fn an_account_is_asked_for_access() {
    let (code, answer) = json(&[
        "check-access-not-granted",
        "--snapshot",
        "before.json",
        "--action",
        "iam:CreateUser",
        "--action",
        "sts:AssumeRole",
    ]);
    let rows = [
        ("role/app access", "PASS"),
        ("role/app trust", "FAIL"),
        // the boundary does not let it
        ("role/deploy access", "PASS"),
        ("role/deploy trust", "FAIL"),
        ("role/old access", "PASS"),
        ("role/old trust", "FAIL"),
        ("user/ann access", "PASS"),
    ];
    assert_eq!((code, results(&answer)), (1, expected(&rows)));
    let (_, after) = json(&["check-access-not-granted", "--snapshot", "after.json", "--action", "iam:CreateUser"]);
    assert_eq!(results(&after)["role/deploy access"], "FAIL");
    // a trust policy is about its role
    let elsewhere = ["check-access-not-granted", "--snapshot", "before.json", "--resource", "arn:aws:s3:::secrets/*"];
    assert!(!results(&json(&elsewhere).1).keys().any(|name| name.ends_with("trust")));
}

#[test]
fn what_is_missing_is_named_and_decides_nothing() {
    let ask = ["check-access-not-granted", "--snapshot", "missing-boundary.json", "--action", "iam:CreateUser"];
    let (code, answer) = json(&ask);
    let rows = [
        // the boundary may not let it
        ("role/bounded access", "UNKNOWN"),
        // a boundary only takes away
        ("role/harmless access", "PASS"),
        // the attached policy may grant it
        ("role/partly access", "UNKNOWN"),
        ("user/bob access", "UNKNOWN"),
    ];
    let access: BTreeMap<String, String> =
        results(&answer).into_iter().filter(|(name, _)| name.ends_with("access")).collect();
    assert_eq!((code, access), (3, expected(&rows)));
    let said: Vec<String> = answer["missing"]
        .as_array()
        .unwrap()
        .iter()
        .map(|missing| format!("{}: {}", missing["address"].as_str().unwrap(), missing["reason"].as_str().unwrap()))
        .collect();
    let role = "arn:aws:iam::111122223333:role";
    let edge = "the permissions boundary arn:aws:iam::111122223333:policy/edge is not in the file";
    assert_eq!(
        said,
        [
            format!("{role}/bounded.PermissionsBoundary: {edge}"),
            format!("{role}/harmless.PermissionsBoundary: {edge}"),
            format!(
                "{role}/partly.AttachedManagedPolicies.0: the attached policy arn:aws:iam::aws:policy/PowerUserAccess is not in the file"
            ),
            "arn:aws:iam::111122223333:user/bob.GroupList.0: the group operators is not in the file".to_owned(),
        ]
    );
    let text = String::from_utf8(keyaki(&ask).stdout).unwrap();
    assert!(text.contains("not known: missing-boundary.json: ") && text.contains("4 things missing."), "{text}");
}

#[test]
fn text_names_the_entity_and_counts() {
    let text = String::from_utf8(keyaki(&COMPARE).stdout).unwrap();
    for part in [
        "FAIL  after.json: arn:aws:iam::111122223333:role/deploy",
        "gone: arn:aws:iam::111122223333:role/old",
        "4 roles and users and 3 trust policies checked: 2 pass, 5 fail, 0 undecided; 0 things missing.",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
}

#[test]
fn other_files_are_no_snapshots() {
    let other =
        keyaki(&["check-access-not-granted", "--snapshot", "../checks/same-policy/new.json", "--action", "s3:*"]);
    assert_eq!(other.status.code(), Some(2));
    let mixed = ["--existing-snapshot", "before.json", "--new", "after.json"];
    assert_eq!(keyaki(&[&["check-no-new-access"], mixed.as_slice()].concat()).status.code(), Some(2));
}

#[test]
fn findings_about_every_trust_policy() {
    let ask = ["findings", "--snapshot", "after.json", "--zone-of-trust", "111122223333"];
    let (code, answer) = json(&ask);
    let roles = answer["roles"].as_array().unwrap();
    let outside: Vec<&str> = roles
        .iter()
        .filter(|role| role["findings"].to_string().contains("444455556666"))
        .map(|role| role["address"].as_str().unwrap())
        .collect();
    assert_eq!((code, roles.len(), outside), (0, 3, vec!["arn:aws:iam::111122223333:role/app"]));
    let text = String::from_utf8(keyaki(&ask).stdout).unwrap();
    assert!(text.contains("3 trust policies read; 0 things missing."), "{text}");
}
