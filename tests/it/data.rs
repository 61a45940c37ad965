//! The shared data, when present: labelled samples, small questions, real updates with recorded verdicts.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::PathBuf;

use keyaki::checks::{Realizability, Report, Settings, Verdict, no_new_access};
use keyaki::policy::read::{ReadOptions, read};
use keyaki::policy::{Kind, Policy};
use keyaki::source::Sources;
use serde_json::Value;

/// A file of the shared data; its absence is said by name.
pub(crate) fn shared(name: &str) -> Option<String> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared").join(name);
    let Ok(bytes) = std::fs::read(&path) else {
        eprintln!("not run: ../shared/{name} is absent");
        return None;
    };
    if !name.ends_with(".gz") {
        return Some(String::from_utf8(bytes).unwrap());
    }
    let mut text = String::new();
    flate2::read::GzDecoder::new(bytes.as_slice()).read_to_string(&mut text).unwrap();
    Some(text)
}

fn policy(sources: &mut Sources, document: &Value, kind: Option<Kind>, reference: bool) -> Option<Policy> {
    let options = ReadOptions { kind, reference, ..ReadOptions::default() };
    read(sources, "document", document.to_string().as_bytes(), &options).policy
}

/// Small questions that the specification answers otherwise, with its answer and rule. They were recorded with keys that
/// are independent of each other and of the caller.
const OVERRULED: [(&str, &str, &str); 9] = [
    ("wildcard in the service part", "REFUSED", "2.6: no wildcard in the service prefix of an identity policy"),
    ("NotAction does not give what it names", "REFUSED", "2.6: as above"),
    ("Bool on a string key", "PASS", "6.5(14): aws:SecureTransport is `true` or `false`"),
    ("deny of insecure transport misses an absent key", "PASS", "6.5(11): aws:SecureTransport is always present"),
    ("IfExists changes nothing under ForAnyValue", "FAIL", "5.2: IfExists is true on absence (C4)"),
    ("StringLike crosses fields", "PASS", "6.5(9): aws:SourceArn comes with service principals only"),
    ("is narrower than a star", "PASS", "6.5(9): as above"),
    ("a session belongs to its role", "FAIL", "6.2: the path of the role behind a session is free"),
    ("a multivalued key under a plain operator", "FAIL", "5.2: decided by C3"),
];

/// Updates whose recorded verdict the specification overrules, with its answer and rule. They were recorded with flat
/// resource patterns.
const OVERRULED_UPDATES: [(&str, &str, &str, &str); 4] = [
    ("AWSCloudFrontLogger:v1-v2:31737040", "new-vs-old", "FAIL", "0.3: in one reading of C2 a `*` stays in its field"),
    ("AmazonWorkLinkFullAccess:v1-v2:30aa104c", "old-vs-new", "PASS", "3.2: a short ARN stands for whole ARNs"),
    ("AmazonWorkLinkReadOnly:v2-v3:4e1c6eff", "old-vs-new", "PASS", "3.2: a short ARN stands for whole ARNs"),
    ("FMSServiceRolePolicy:v18-v19:543f2c31", "old-vs-new", "PASS", "3.2: a short ARN stands for whole ARNs"),
];

/// The answer to "does `new` allow what `old` does not", from text; `None` if a document is refused.
fn ask(old: &Value, new: &Value, kind: Option<Kind>, settings: &Settings) -> Option<Report> {
    let mut sources = Sources::default();
    let kind = kind.or_else(|| policy(&mut sources, new, None, false).map(|new| new.kind));
    let old = policy(&mut sources, old, kind, true)?;
    let new = policy(&mut sources, new, kind, false)?;
    Some(no_new_access(&old, &new, settings).unwrap_or_else(|error| panic!("{}", error.what)))
}

/// The answer for documents that are read.
pub(crate) fn check(old: &Value, new: &Value, kind: Kind, settings: &Settings) -> Report {
    ask(old, new, Some(kind), settings).unwrap_or_else(|| panic!("refused: {old} {new}"))
}

fn verdict(report: &Report) -> &'static str {
    match report.verdict {
        Verdict::Pass => "PASS",
        Verdict::Fail => "FAIL",
        Verdict::Unknown => "UNKNOWN",
    }
}

/// The first thing undecided, and how many there are.
fn open(report: &Report) -> String {
    let first = report.unknown.first().map_or("", |u| u.reason.as_str());
    format!("{} open {first}", report.unknown.len())
}

#[test]
fn labelled_samples_agree() {
    let Some(text) = shared("data/samples.jsonl") else { return };
    let mut wrong = Vec::new();
    for compat in [Realizability::All, Realizability::LikeAws] {
        for line in text.lines() {
            let sample: Value = serde_json::from_str(line).unwrap();
            let kind = match sample["policy_type"].as_str().unwrap() {
                "IDENTITY_POLICY" => Kind::Identity,
                _ => Kind::Resource,
            };
            let settings = Settings { realizability: compat, ..Settings::default() };
            let report = check(&sample["existing"], &sample["new"], kind, &settings);
            if verdict(&report) != sample["expected"]["result"].as_str().unwrap() {
                let first = report.reasons.first().map(|r| r.counterexample.to_json().to_string());
                wrong.push(format!("{compat:?} {} {} {first:?} {:?}", sample["id"], verdict(&report), open(&report)));
            }
        }
    }
    println!("{} samples twice, {} wrong", text.lines().count(), wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn small_questions_agree() {
    let Some(text) = shared("data/semantics.jsonl") else { return };
    let mut wrong = Vec::new();
    for line in text.lines() {
        let question: Value = serde_json::from_str(line).unwrap();
        let name = question["name"].as_str().unwrap();
        let expected = OVERRULED.iter().find(|(overruled, ..)| *overruled == name);
        let expected = expected.map_or(question["verdict"].as_str().unwrap(), |(_, answer, _)| *answer);
        let Some(report) = ask(&question["old"], &question["new"], None, &Settings::default()) else {
            if expected != "REFUSED" {
                wrong.push(format!("refused {name}"));
            }
            continue;
        };
        if verdict(&report) != expected {
            let first = report.reasons.first().map(|r| r.counterexample.to_json().to_string());
            wrong.push(format!(
                "{} / {}: {} {first:?} {} {:?}\n{} -> {}",
                question["group"],
                question["name"],
                verdict(&report),
                open(&report),
                report.assumptions,
                question["old"],
                question["new"]
            ));
        }
    }
    println!("{} small questions, {} differ", text.lines().count(), wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn recorded_verdicts_of_updates() {
    let (Some(updates), Some(verdicts)) =
        (shared("data/policy-updates.jsonl.gz"), shared("data/policy-updates-verdicts.jsonl.gz"))
    else {
        return;
    };
    let mut expected: BTreeMap<(String, String), String> = BTreeMap::new();
    for line in verdicts.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| row[name].as_str().unwrap().to_owned();
        expected.insert((text("id"), text("check")), text("verdict"));
    }
    let mut counts: BTreeMap<(String, &str), usize> = BTreeMap::new();
    let mut different = Vec::new();
    for line in updates.lines() {
        let update: Value = serde_json::from_str(line).unwrap();
        let id = update["id"].as_str().unwrap();
        for (name, old, new) in [("new-vs-old", "old", "new"), ("old-vs-new", "new", "old")] {
            let report = check(&update[old], &update[new], Kind::Identity, &Settings::default());
            let overruled = OVERRULED_UPDATES.iter().find(|(update, check, ..)| *update == id && *check == name);
            let recorded = &expected[&(id.to_owned(), name.to_owned())];
            let recorded = &overruled.map_or(recorded.clone(), |(_, _, answer, _)| (*answer).to_owned());
            *counts.entry((recorded.clone(), verdict(&report))).or_default() += 1;
            if recorded != verdict(&report) && recorded != "UNKNOWN" {
                let first = report.reasons.first().map(|r| r.counterexample.to_json().to_string());
                different.push(format!(
                    "{id} {name}: recorded {recorded}, got {} {first:?} {} {:?}",
                    verdict(&report),
                    open(&report),
                    report.assumptions
                ));
            }
        }
    }
    println!("recorded, found: {counts:?}");
    assert!(different.is_empty(), "{}", different.join("\n"));
}
