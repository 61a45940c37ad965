//! The specification's evaluation vectors, through the reader and the concrete meaning, in the default reading and in the
//! contested one that a vector names.

use keyaki::policy::read::{ReadOptions, read};
use keyaki::policy::{Effect, Kind, Policy};
use keyaki::request::{Request, RequestError};
use keyaki::semantics::Contested;
use keyaki::semantics::authorization::{Decision, Stack, authorize};
use keyaki::semantics::concrete::Concrete;
use keyaki::semantics::document::Position;
use keyaki::semantics::trace::stack_lines;
use keyaki::source::Sources;
use serde_json::Value;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/spec/vectors.json");

/// The vectors, if the specification lies beside the project.
fn vectors() -> Option<Vec<Value>> {
    let Ok(text) = std::fs::read_to_string(FILE) else {
        println!("absent, not run: shared/spec/vectors.json");
        return None;
    };
    Some(serde_json::from_str(&text).unwrap())
}

/// The documents of a member; the kind of a resource's policy is inferred, it may be a role's trust policy.
fn policies(sources: &mut Sources, json: &Value, kind: Option<Kind>) -> Vec<Policy> {
    let mut document = |json: &Value| {
        let options = ReadOptions { kind, lenient: true, ..ReadOptions::default() };
        let outcome = read(sources, "vector", json.to_string().as_bytes(), &options);
        outcome.policy.unwrap_or_else(|| panic!("{json}: {:?}", outcome.diagnostics))
    };
    match json {
        Value::Null => Vec::new(),
        Value::Array(documents) => documents.iter().map(&mut document).collect(),
        json => vec![document(json)],
    }
}

fn levels(sources: &mut Sources, json: &Value, kind: Option<Kind>) -> Vec<Vec<Policy>> {
    json.as_array().into_iter().flatten().map(|level| policies(sources, level, kind)).collect()
}

/// All documents in one set of sources, so that their spans differ.
fn stack(json: &Value) -> Stack {
    let sources = &mut Sources::default();
    Stack {
        identity: policies(sources, &json["identity"], Some(Kind::Identity)),
        resource: policies(sources, &json["resource"], None).pop(),
        scps: levels(sources, &json["scps"], Some(Kind::ServiceControl)),
        rcps: levels(sources, &json["rcps"], Some(Kind::ResourceControl)),
        boundary: policies(sources, &json["boundary"], Some(Kind::Boundary)).pop(),
        session: policies(sources, &json["session"], Some(Kind::Session)),
        endpoint: policies(sources, &json["endpoint"], Some(Kind::Endpoint)).pop(),
        management_account: json["managementAccount"].as_str().map(str::to_owned),
    }
}

/// The other readings that a vector's note names.
fn other_readings(note: &str) -> Vec<Contested> {
    let rule = note.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or("");
    match rule {
        "C1" => vec![Contested::C1R2, Contested::C1R3],
        "C2" => vec![Contested::C2],
        "C3" => vec![Contested::C3],
        "C4" => vec![Contested::C4],
        "C5" => vec![Contested::C5],
        "C6" => vec![Contested::C6],
        "C7" => vec![Contested::C7],
        "C8" => vec![Contested::C8],
        "C9" => vec![Contested::C9],
        "C10" => vec![Contested::C10],
        "C12" => vec![Contested::C12],
        "C14" => vec![Contested::C14],
        "C15" => vec![Contested::C15],
        "C16" => vec![Contested::C16],
        "C17" => vec![Contested::C17],
        _ => Vec::new(),
    }
}

fn decide(stack: &Stack, request: &Request, other: Option<Contested>) -> String {
    let concrete = || Concrete::new(request).with_readings(other);
    let outcome = authorize(&mut concrete(), stack, Position::UnderTest);
    let (traced, lines) = stack_lines(concrete(), stack, Position::UnderTest);
    assert_eq!(outcome, traced, "the trace decides as the evaluation does");
    // an explicit Deny shows in the trace
    let denied = lines.iter().any(|line| line.matched && line.effect == Effect::Deny);
    assert!(denied || outcome.decision() != Decision::ExplicitlyDenied, "no line of the trace denies");
    format!("{:?}", outcome.decision())
}

#[test]
fn every_vector_gives_the_expected_decision() {
    let Some(vectors) = vectors() else { return };
    let (mut others, mut failures) = (0, Vec::new());
    for vector in &vectors {
        let request =
            Request::from_json(&vector["request"]).unwrap_or_else(|error: RequestError| panic!("{vector}: {error}"));
        let stack = stack(&vector["policies"]);
        let default = decide(&stack, &request, None);
        if vector["expected"] != default.as_str() {
            failures.push(format!("{} {}: {default}, not {}", vector["id"], vector["note"], vector["expected"]));
        }
        for rule in other_readings(vector["contested"].as_str().unwrap_or("")) {
            others += 1;
            let other = decide(&stack, &request, Some(rule));
            if vector["alt"] != other.as_str() {
                failures.push(format!("{} {rule:?}: {other}, not {}", vector["id"], vector["alt"]));
            }
        }
    }
    println!("{} vectors in the default reading, {others} in another; {} failed", vectors.len(), failures.len());
    assert!(failures.is_empty(), "{failures:#?}");
    assert_eq!(vectors.len(), 210);
}
