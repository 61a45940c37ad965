//! Batches: an answer for every line, in order, the same as the command's, whatever stands in the others.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

fn batch(lines: &str, more: &[&str]) -> (Option<i32>, Vec<Value>) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_keyaki"))
        .arg("batch")
        .args(more)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let lines = lines.to_owned();
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let answers = String::from_utf8(output.stdout).unwrap();
    (output.status.code(), answers.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

fn policy(action: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": action, "Resource": "*"}})
}

fn pair(id: &Value, old: &str, new: &str) -> Value {
    json!({
        "id": id, "check": "no-new-access", "policyType": "IDENTITY_POLICY",
        "existingPolicyDocument": policy(old), "newPolicyDocument": policy(new).to_string(),
    })
}

#[test]
fn every_line_has_its_answer_in_its_place() {
    let request =
        json!({"principal": "arn:aws:iam::111122223333:user/alice", "action": "s3:GetObject", "resource": "*"});
    let lines = [
        pair(&json!("first"), "s3:*", "s3:GetObject").to_string(),
        pair(&json!({"n": 2}), "s3:GetObject", "s3:*").to_string(),
        "{ no JSON".to_owned(),
        String::new(),
        json!({"id": 5, "check": "access-not-granted", "policyDocument": policy("iam:*"),
            "access": {"actions": ["iam:PassRole"]}})
        .to_string(),
        json!({"id": 6, "check": "evaluate", "request": request, "policies": {"identity": [policy("s3:*")]}})
            .to_string(),
        json!({"id": 7, "check": "no-new-acess"}).to_string(),
        json!({"id": 8, "check": "access-not-granted", "policyDocument": policy("iam:*"), "acess": []}).to_string(),
    ];
    let (code, answers) = batch(&lines.join("\n"), &["--jobs", "3"]);
    assert_eq!(code, Some(2));
    let ids: Vec<&Value> = answers.iter().map(|answer| &answer["id"]).collect();
    assert_eq!(json!(ids), json!(["first", {"n": 2}, null, null, 5, 6, 7, 8]));
    let results: Vec<&Value> = answers.iter().map(|answer| &answer["result"]).collect();
    assert_eq!(json!(results), json!(["PASS", "FAIL", null, null, "FAIL", null, null, null]));
    assert_eq!(answers[5]["decision"], "Allowed");
    for broken in [2, 3, 6, 7] {
        assert!(answers[broken]["error"]["message"].is_string(), "{}", answers[broken]);
    }
    assert_eq!(answers[6]["error"]["problems"][0]["help"], "did you mean `no-new-access`?");
}

#[test]
fn an_answer_is_that_of_the_command() {
    let line = pair(&json!(1), "s3:GetObject", "s3:*").to_string();
    let (_, answers) = batch(&line, &[]);
    let output = Command::new(env!("CARGO_BIN_EXE_keyaki"))
        .args(["check-no-new-access", "--output", "json", "--policy-type", "IDENTITY_POLICY"])
        .args(["--existing", &policy("s3:GetObject").to_string(), "--new", &policy("s3:*").to_string()])
        .output()
        .unwrap();
    let alone: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answers[0]["result"], alone["result"]);
    assert_eq!(answers[0]["counterexample"], alone["counterexample"]);
    assert_eq!(answers[0]["message"], alone["message"]);
}

#[test]
fn every_command_has_its_line() {
    let bucket = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*",
        "Action": "s3:GetObject", "Resource": "arn:aws:s3:::amzn-s3-demo-bucket/*"}});
    let zone = "111122223333,o-a1b2c3d4e5";
    let lines = [
        json!({"id": 0, "check": "no-public-access", "policyDocument": bucket, "resourceType": "AWS::S3::Bucket"}),
        json!({"id": 1, "check": "no-external-access", "policyDocument": bucket.to_string(), "zoneOfTrust": zone}),
        json!({"id": 2, "check": "diff", "policyType": "IDENTITY_POLICY", "existingPolicyDocument": policy("s3:*"),
            "newPolicyDocument": policy("s3:Get*")}),
        json!({"id": 3, "check": "findings", "policyDocument": bucket, "zoneOfTrust": zone.split(',').collect::<Vec<_>>()}),
    ];
    let commands = [
        vec!["check-no-public-access", "--resource-type", "AWS::S3::Bucket", "--policy"],
        vec!["check-no-external-access", "--zone-of-trust", zone, "--policy"],
        vec!["diff", "--policy-type", "IDENTITY_POLICY"],
        vec!["findings", "--zone-of-trust", zone],
    ];
    let text: Vec<String> = lines.iter().map(Value::to_string).collect();
    let (code, answers) = batch(&text.join("\n"), &[]);
    assert_eq!((code, answers.len()), (Some(1), 4));
    for ((answer, line), command) in answers.iter().zip(&lines).zip(commands) {
        let documents = ["policyDocument", "existingPolicyDocument", "newPolicyDocument"];
        let documents = documents.iter().filter_map(|name| line.get(name)).map(Value::to_string);
        let output = Command::new(env!("CARGO_BIN_EXE_keyaki"))
            .args(command)
            .args(documents.map(|text| text.trim_matches('"').replace('\\', "")))
            .args(["--output", "json"])
            .output()
            .unwrap();
        let mut alone: Value = serde_json::from_slice(&output.stdout).unwrap();
        let mut answer = answer.clone();
        answer.as_object_mut().unwrap().remove("id");
        // places are in another text, and commands name another file
        for value in [&mut alone, &mut answer] {
            without_places(value);
        }
        assert_eq!(answer, alone);
    }
}

fn without_places(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|name, _| !["span", "statementSpan", "guilty", "reproduce"].contains(&name.as_str()));
            members.values_mut().for_each(without_places);
        }
        Value::Array(elements) => elements.iter_mut().for_each(without_places),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn what_is_missing_or_does_not_fit_is_said() {
    let lines = [
        json!({"check": "no-public-access", "policyDocument": policy("*"), "resourceType": "AWS::S3::Buckt"}),
        json!({"check": "no-external-access", "policyDocument": policy("*"), "zoneOfTrust": "111122223333"}),
        json!({"check": "findings", "policyDocument": policy("*"), "mode": "all"}),
        json!({"check": "diff", "existingPolicyDocument": policy("*")}),
    ];
    let text: Vec<String> = lines.iter().map(Value::to_string).collect();
    let (code, answers) = batch(&text.join("\n"), &[]);
    assert_eq!(code, Some(2));
    let problems = |at: usize| {
        let problems = answers[at]["error"]["problems"].as_array().unwrap();
        problems.iter().map(|problem| problem["message"].as_str().unwrap().to_owned()).collect::<Vec<_>>().join("; ")
    };
    assert!(problems(0).starts_with("did you mean `AWS::S3::Bucket`?"), "{}", problems(0));
    assert!(problems(0).contains("Principal"), "what is wrong with the document is said too: {}", problems(0));
    assert!(problems(1).contains("not the policy of a resource"), "{}", problems(1));
    assert!(problems(2).contains("`zoneOfTrust` is missing"), "{}", problems(2));
    assert_eq!(problems(3), "`newPolicyDocument` is missing");
}

#[test]
fn any_number_of_workers_gives_the_same_bytes() {
    let lines: Vec<String> = (0..300)
        .map(|n| {
            pair(&json!(n), if n % 3 == 0 { "s3:Get*" } else { "*" }, if n % 2 == 0 { "s3:*" } else { "s3:GetObject" })
        })
        .map(|line| line.to_string())
        .collect();
    let lines = lines.join("\n");
    let alone = batch(&lines, &["--jobs", "1"]);
    assert_eq!(alone.0, Some(1));
    assert_eq!(alone.1.len(), 300);
    assert_eq!(batch(&lines, &["--jobs", "4"]), alone);
}
