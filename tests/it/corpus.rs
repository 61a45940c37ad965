//! The cases of corpus/checks and corpus/stacks: every one is asked of the program and its answer compared.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Members that a case may have.
const MEMBERS: [&str; 19] = [
    "title",
    "why",
    "source",
    "rules",
    "check",
    "policyType",
    "access",
    "result",
    "statements",
    "counterexample",
    "message",
    "descriptions",
    "assumeNone",
    "until",
    "complete",
    "principal",
    "resourceAccount",
    "layers",
    "deniedBefore",
];

struct Case {
    name: String,
    folder: PathBuf,
    expected: Value,
}

fn cases() -> Vec<Case> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let mut out = Vec::new();
    let folders = ["checks", "stacks"].map(|part| std::fs::read_dir(corpus.join(part)).unwrap());
    for entry in folders.into_iter().flatten() {
        let folder = entry.unwrap().path();
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(folder.join("case.json")).unwrap_or_else(|e| panic!("{name}: {e}"));
        out.push(Case { expected: serde_json::from_str(&text).unwrap(), folder, name });
    }
    out.sort_by(|a, b| a.name.cmp(&b.name));
    out
}

impl Case {
    fn text(&self, member: &str) -> &str {
        self.expected[member].as_str().unwrap_or_else(|| panic!("{}: no {member}", self.name))
    }

    /// The documents with their options.
    fn documents(&self) -> Vec<(&str, PathBuf)> {
        let names: &[(&str, &str)] = match self.text("check") {
            "no-new-access" => &[("--existing", "existing.json"), ("--new", "new.json")],
            "access-not-granted" => &[("--policy", "policy.json")],
            other => panic!("{}: no check {other}", self.name),
        };
        names.iter().map(|(option, file)| (*option, self.folder.join(file))).collect()
    }

    /// Exit code and answer.
    fn ask(&self, more: &[&str]) -> (Option<i32>, Value) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_keyaki"));
        command.arg(format!("check-{}", self.text("check"))).args(["--output", "json"]).args(more);
        let options =
            [("policyType", "--policy-type"), ("principal", "--principal"), ("resourceAccount", "--resource-account")];
        for (member, option) in options {
            if let Some(value) = self.expected[member].as_str() {
                command.args([option, value]);
            }
        }
        for (option, path) in self.documents() {
            command.arg(option).arg(path);
        }
        if self.text("check") == "access-not-granted" {
            command.arg("--access").arg(self.expected["access"].to_string());
        }
        let output = command.output().unwrap();
        let answer = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
            panic!("{}: {error}\n{}", self.name, String::from_utf8_lossy(&output.stderr));
        });
        (output.status.code(), answer)
    }

    /// What is wrong with an answer.
    fn complaints(&self, (code, answer): &(Option<i32>, Value), result: &str) -> Vec<String> {
        let mut out = Vec::new();
        let mut expect = |what: &str, found: &Value, expected: &Value| {
            if found != expected {
                out.push(format!("{}: {what} is {found}, expected {expected}", self.name));
            }
        };
        expect("result", &answer["result"], &result.into());
        let exit = match result {
            "PASS" => 0,
            "FAIL" => 1,
            _ => 3,
        };
        expect("exit code", &Value::from(*code), &exit.into());
        if result != "FAIL" || answer["result"] != "FAIL" {
            return out;
        }
        let reasons = answer["reasons"].as_array().cloned().unwrap_or_default();
        let each = |member: &str| Value::Array(reasons.iter().map(|reason| reason[member].clone()).collect());
        let given = |member: &str| self.expected.get(member).filter(|_| self.text("result") == "FAIL");
        if let Some(statements) = given("statements") {
            expect("statements", &each("statementIndex"), statements);
        }
        if let Some(descriptions) = given("descriptions") {
            expect("descriptions", &each("description"), descriptions);
        }
        if let Some(layers) = given("layers") {
            expect("layers", &each("layer"), layers);
        }
        if let Some(Value::Object(deny)) = given("deniedBefore") {
            for (member, value) in deny {
                expect("the Deny before", &reasons[0]["whyNotBefore"][member], value);
            }
        }
        if let Some(message) = given("message") {
            expect("message", &answer["message"], message);
        }
        if let Some(Value::Object(wanted)) = given("counterexample") {
            for (member, value) in wanted {
                if let Err(error) = agrees(&answer["counterexample"], member, value) {
                    out.push(format!("{}: counterexample: {error}", self.name));
                }
            }
        }
        out
    }
}

fn agrees(request: &Value, member: &str, value: &Value) -> Result<(), String> {
    let wanted = value.as_str().unwrap_or_default();
    let text = |member: &str| request[member].as_str().unwrap_or_default().to_owned();
    let principal = text("principal");
    let account = principal.split(':').nth(4).unwrap_or_default();
    let good = match member {
        "action" => text("action").eq_ignore_ascii_case(wanted),
        "resource" => text("resource") == wanted,
        "account" => account == wanted,
        "notAccount" => account != wanted,
        "context" => request["context"] == *value,
        other => panic!("no member {other}"),
    };
    if good { Ok(()) } else { Err(format!("{member} {value} does not fit {request}")) }
}

#[test]
fn cases_are_well_formed() {
    let cases = cases();
    let mut sources = BTreeSet::new();
    for case in &cases {
        for member in case.expected.as_object().unwrap().keys() {
            assert!(MEMBERS.contains(&member.as_str()), "{}: unknown member {member}", case.name);
        }
        let stack = case.folder.parent().is_some_and(|folder| folder.ends_with("stacks"));
        let needed = ["title", "why", "source", "result"].into_iter().chain((!stack).then_some("policyType"));
        for member in needed {
            assert!(!case.text(member).is_empty(), "{}: {member} is empty", case.name);
        }
        let fails = case.text("result") == "FAIL";
        assert_eq!(case.expected["statements"].is_array(), fails, "{}: statements go with FAIL", case.name);
        for (_, path) in case.documents() {
            let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            assert!(serde_json::from_str::<Value>(&text).is_ok(), "{} is not JSON", path.display());
        }
        let files = std::fs::read_dir(&case.folder).unwrap().count();
        assert_eq!(files, case.documents().len() + 3, "{}: a file too many", case.name);
        sources.insert(case.text("source").to_owned());
    }
    for example in 1..=16 {
        assert!(sources.contains(&format!("appendix A, E{example}")), "E{example} is missing");
    }
}

#[test]
fn answers_are_as_expected() {
    let (mut complaints, mut asked) = (Vec::new(), 0);
    for case in cases() {
        let answer = case.ask(&[]);
        asked += 1;
        let result = case.text("result");
        complaints.extend(case.complaints(&answer, result));
        if let Some(free) = case.expected["assumeNone"].as_str() {
            complaints.extend(case.complaints(&case.ask(&["--assume", "none"]), free));
        }
    }
    println!("corpus/checks and corpus/stacks: {asked} cases compared");
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}
