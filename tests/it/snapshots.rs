//! Every form of report over the corpus, compared with files beside the cases. `KEYAKI_UPDATE=1` writes them anew.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn corpus(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name)
}

/// What differs from the file, if anything; nothing when files are written anew.
fn difference(file: &Path, shown: &str) -> Option<String> {
    if std::env::var_os("KEYAKI_UPDATE").is_some() {
        std::fs::write(file, shown).unwrap();
        return None;
    }
    let expected = std::fs::read_to_string(file).unwrap_or_default();
    let name = file.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap_or(file).display();
    (expected != shown).then(|| format!("{name} differs (KEYAKI_UPDATE=1 writes it); now:\n{shown}"))
}

fn demand(differences: &[String]) {
    assert!(differences.is_empty(), "\n{}\n", differences.join("\n"));
}

/// Runs the program in a folder, so that names are as a user there has them.
fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_keyaki")).args(arguments).current_dir(folder).output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn folders(name: &str) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> =
        std::fs::read_dir(corpus(name)).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders
}

/// The command that asks the question of a case.
fn question(folder: &Path) -> Vec<String> {
    let case: Value = serde_json::from_str(&std::fs::read_to_string(folder.join("case.json")).unwrap()).unwrap();
    let check = case["check"].as_str().unwrap();
    let mut arguments = vec![format!("check-{check}")];
    let options =
        [("policyType", "--policy-type"), ("principal", "--principal"), ("resourceAccount", "--resource-account")];
    for (member, option) in options {
        if let Some(value) = case[member].as_str() {
            arguments.extend([option.to_owned(), value.to_owned()]);
        }
    }
    let documents: &[(&str, &str)] = match check {
        "no-new-access" => &[("--existing", "existing.json"), ("--new", "new.json")],
        _ => &[("--policy", "policy.json")],
    };
    for (option, file) in documents {
        arguments.extend([(*option).to_owned(), (*file).to_owned()]);
    }
    if check == "access-not-granted" {
        arguments.extend(["--access".to_owned(), case["access"].to_string()]);
    }
    arguments
}

/// Text without escape sequences.
fn uncoloured(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        rest = after.split_once('m').map_or("", |(_, rest)| rest);
    }
    plain + rest
}

#[test]
fn answers_to_checks_look_as_recorded() {
    let mut differences = Vec::new();
    for folder in folders("checks").into_iter().chain(folders("stacks")) {
        let question = question(&folder);
        let ask = |more: &[&str]| {
            let arguments: Vec<&str> = question.iter().map(String::as_str).chain(more.iter().copied()).collect();
            out(&run(&folder, &arguments))
        };
        let text = ask(&["--all", "--verbose"]);
        let long = text.lines().find(|line| line.chars().count() > 80 && line.split_whitespace().count() > 6);
        differences.extend(long.map(|line| format!("{}: too long: {line}", folder.display())));
        let coloured = ask(&["--all", "--verbose", "--color", "always"]);
        assert_eq!(uncoloured(&coloured), text, "{}: colour changes more than colour", folder.display());
        assert_ne!(coloured, text);
        differences.extend(difference(&folder.join("answer.txt"), &text));
        differences.extend(difference(&folder.join("answer.json"), &ask(&["--output", "json"])));
    }
    demand(&differences);
}

#[test]
fn diagnostics_look_as_recorded() {
    let folder = corpus("diagnostics");
    let mut differences = Vec::new();
    for file in folders("diagnostics").into_iter().filter(|file| file.extension().is_some_and(|e| e == "json")) {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let output = run(&folder, &["check-access-not-granted", "--policy", &name, "--action", "s3:GetObject"]);
        let shown = format!("{}exit code {}\n", String::from_utf8_lossy(&output.stderr), output.status.code().unwrap());
        differences.extend(difference(&file.with_extension("txt"), &shown));
    }
    demand(&differences);
}

/// Forms that the cases do not show: file, arguments.
const FORMS: [(&str, &[&str]); 12] = [
    ("more-than-five.txt", &["check-no-new-access", "--existing", "nothing.json", "--new", "seven.json"]),
    (
        "coloured.txt",
        &["check-no-new-access", "--existing", "nothing.json", "--new", "seven.json", "--color", "always"],
    ),
    ("realistic-fail.txt", &["check-no-new-access", "--existing", "get.json", "--new", "list.json"]),
    ("realistic-pass.txt", &["check-no-new-access", "--existing", "get.json", "--new", "list.json", "--realistic"]),
    (
        "realistic-pass.json",
        &["check-no-new-access", "--existing", "get.json", "--new", "list.json", "--realistic", "--output", "json"],
    ),
    ("stack-fail.txt", &["check-no-new-access", "--existing", "stack.json", "--new", "stack-wider.json"]),
    (
        "stack-fail.json",
        &["check-no-new-access", "--existing", "stack.json", "--new", "stack-wider.json", "--output", "json"],
    ),
    ("unknown.txt", &["check-no-new-access", "--existing", "seven.json", "--new", "seven.json", "--budget", "1"]),
    ("evaluation.txt", &["evaluate", "--stack", "stack.json", "--request", "request.json"]),
    ("evaluation.json", &["evaluate", "--stack", "stack.json", "--request", "request.json", "--output", "json"]),
    ("scenarios.txt", &["test", "scenarios.json"]),
    ("scenarios.json", &["test", "scenarios.json", "--output", "json"]),
];

#[test]
fn other_forms_look_as_recorded() {
    let folder = corpus("reports");
    let differences = FORMS.iter().filter_map(|(file, arguments)| {
        let output = run(&folder, arguments);
        let shown = format!("{}{}", out(&output), String::from_utf8_lossy(&output.stderr));
        difference(&folder.join("expected").join(file), &shown)
    });
    demand(&differences.collect::<Vec<_>>());
}
