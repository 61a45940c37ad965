//! `explain` and `explain --minify` over corpus/explain, and their text.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};

use crate::command;

/// Members that a case may have.
const MEMBERS: [&str; 10] = [
    "title",
    "why",
    "policyType",
    "policy",
    "redundant",
    "onlyByItself",
    "idle",
    "unopposed",
    "assumptions",
    "minified",
];

fn cases() -> BTreeMap<String, Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/explain");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let cases = files.filter(|path| path.extension().is_some_and(|ending| ending == "json"));
    let read = |path: std::path::PathBuf| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let case: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        (name, case)
    };
    cases.map(read).collect()
}

fn keyaki(arguments: &[&str]) -> Output {
    command::keyaki(&command::folder("corpus/explain"), arguments)
}

fn explain(document: &str, kind: Option<&str>, more: &[&str]) -> Value {
    let mut arguments = vec!["explain", document, "--output", "json"];
    if let Some(kind) = kind {
        arguments.extend(["--policy-type", kind]);
    }
    arguments.extend(more);
    let output = keyaki(&arguments);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What was found, in the form of a case.
fn found(answer: &Value, expected: &Value) -> Vec<Value> {
    let places = answer["redundant"].as_array().unwrap().iter().enumerate();
    let place = |(at, place): (usize, &Value)| {
        let wanted = &expected[at];
        let mut found = json!({"statement": place["statementIndex"], "element": place["element"], "text": null});
        if !wanted["text"].is_null() {
            found["text"] = place["text"].clone();
        }
        found["cause"] = place["cause"].clone();
        if wanted.get("by").is_some() {
            found["by"] = place["by"].clone();
        }
        found
    };
    places.map(place).collect()
}

#[test]
fn every_case_is_explained_and_made_smaller() {
    let mut wrong = Vec::new();
    for (name, case) in cases() {
        let unknown: Vec<&String> =
            case.as_object().unwrap().keys().filter(|member| !MEMBERS.contains(&member.as_str())).collect();
        assert!(unknown.is_empty(), "{name}: {unknown:?}");
        let (document, kind) = (case["policy"].to_string(), case["policyType"].as_str());
        let answer = explain(&document, kind, &[]);
        let unopposed: Vec<&Value> = answer["statements"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|statement| statement["deniesNothingGrantedHere"] == true)
            .map(|statement| &statement["statementIndex"])
            .collect();
        let mut rows = vec![
            ("redundant", json!(found(&answer, &case["redundant"])), case["redundant"].clone()),
            ("unopposed", json!(unopposed), case.get("unopposed").cloned().unwrap_or(json!([]))),
            ("idle", answer["idle"]["statementIndex"].clone(), case["idle"].clone()),
            ("complete", answer["complete"].clone(), json!(true)),
        ];
        let by_itself = answer["redundantOnlyByItself"].as_array().cloned().unwrap_or_default();
        let by_itself: Vec<&Value> = by_itself.iter().map(|place| &place["text"]).collect();
        rows.push(("only by itself", json!(by_itself), case.get("onlyByItself").cloned().unwrap_or(json!([]))));
        let assumptions = answer["assumptions"].as_array().unwrap().len();
        rows.push(("assumptions", json!(assumptions), case.get("assumptions").cloned().unwrap_or(json!(0))));
        let smaller = explain(&document, kind, &["--minify"]);
        rows.push(("minified", smaller["document"].clone(), case["minified"].clone()));
        rows.push(("proved", smaller["proved"].clone(), json!(true)));
        let text = smaller["text"].as_str().unwrap();
        rows.push(("never larger", json!(text.len() <= document.len()), json!(true)));
        rows.push(("nothing left", explain(text, kind, &[])["redundant"].clone(), json!([])));
        for (what, found, expected) in rows {
            if found != expected {
                wrong.push(format!("{name}: {what}\n  found    {found}\n  expected {expected}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The text as a person sees it. `KEYAKI_BLESS=1` writes the expected file anew.
#[test]
fn the_text_is_as_it_was_seen() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/explain/text");
    for (policy, options, expected) in [
        ("text/policy.json", &["--color", "never"][..], "explain.txt"),
        ("text/policy.json", &["--ascii", "--color", "never"], "ascii.txt"),
    ] {
        let output = keyaki(&[&["explain", policy], options].concat());
        assert_eq!(output.status.code(), Some(0));
        let text = String::from_utf8(output.stdout).unwrap();
        let path = folder.join(expected);
        if std::env::var_os("KEYAKI_BLESS").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        assert_eq!(text, std::fs::read_to_string(&path).unwrap(), "{expected}");
        assert!(text.lines().all(|line| line.chars().count() <= 82), "{expected} is too wide");
    }
}

#[test]
fn colour_changes_nothing_else() {
    let plain = String::from_utf8(keyaki(&["explain", "text/policy.json"]).stdout).unwrap();
    let painted = String::from_utf8(keyaki(&["explain", "text/policy.json", "--color", "always"]).stdout).unwrap();
    let mut stripped = painted.clone();
    for code in ["\u{1b}[1;33m", "\u{1b}[2m", "\u{1b}[0m"] {
        stripped = stripped.replace(code, "");
    }
    assert!(painted.contains('\u{1b}'));
    assert_eq!(stripped, plain);
}

#[test]
fn subjects() {
    let rows: [(&[&str], i32, &str); 7] = [
        (&["explain", "[dup-key]"], 0, ""),
        (&["explain", "DUP_KEY"], 0, ""),
        (&["explain", "dup-keys"], 2, "did you mean `dup-key`?"),
        (&["explain", "absent.json"], 2, "cannot read"),
        (&["explain", "{\"Statement\":[]}"], 0, "empty-statement"),
        (&["explain", "--minify", "{\"Statement\":[]}"], 2, "nothing can be proved"),
        (&["explain", "{\"Version\":\"2012-10-17\"}"], 2, "missing-statement"),
    ];
    for (arguments, code, said) in rows {
        let output = keyaki(arguments);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {error}");
        assert!(error.contains(said), "{arguments:?}: {error}");
    }
}

#[test]
fn a_stack_is_explained_policy_by_policy() {
    let policy =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*","s3:Get*"],"Resource":"*"}]}"#;
    let stack = format!(r#"{{"identity":[{policy}],"scps":[[{policy}]]}}"#);
    let answer = explain(&stack, None, &[]);
    let policies = answer["policies"].as_array().unwrap();
    let layers: Vec<&str> = policies.iter().map(|policy| policy["layer"].as_str().unwrap()).collect();
    assert_eq!(layers, ["identity[0]", "scps[0][0]"]);
    assert!(policies.iter().all(|policy| policy["redundant"].as_array().unwrap().len() == 1));
    let output = keyaki(&["explain", "--minify", &stack]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn the_smaller_document_alone_goes_to_standard_output() {
    let output = keyaki(&["explain", "--minify", "text/policy.json"]);
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["Version"], "2012-10-17");
    assert!(String::from_utf8_lossy(&output.stderr).contains("proved to say the same"));
}

/// Little work is not enough: nothing is claimed, and what is printed is the document given.
#[test]
fn without_a_budget_nothing_is_claimed() {
    let output = keyaki(&["explain", "--minify", "--budget", "1", "text/policy.json"]);
    assert_eq!(output.status.code(), Some(3));
    let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/explain/text/policy.json");
    let given: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(printed, given);
    let answer = explain("text/policy.json", None, &["--budget", "1"]);
    assert_eq!((answer["redundant"].clone(), answer["complete"].clone()), (json!([]), json!(false)));
}
