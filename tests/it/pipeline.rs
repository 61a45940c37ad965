//! `scan` as a pipeline uses it: the nearest configuration, packs, reports into files, exit codes, and the glue around it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::command::{keyaki, out};
use crate::outputs::reader;

/// A new folder with these files.
fn folder(name: &str, files: &[(&str, &str)]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pipeline").join(name);
    let _absent_the_first_time = std::fs::remove_dir_all(&folder);
    for (file, text) in files {
        let path = folder.join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn json(folder: &Path, arguments: &[&str]) -> Value {
    let output = keyaki(folder, &[&["scan", "--output", "json"], arguments].concat());
    serde_json::from_str(&out(&output)).unwrap_or_else(|error| panic!("{error}: {}", err(&output)))
}

const DELETES: &str = r#"{"Version":"2012-10-17","Statement":[
  {"Sid":"Deploy","Effect":"Allow","Action":["s3:DeleteBucket","s3:GetObject"],"Resource":"arn:aws:s3:::shop"}]}"#;
const READS: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::shop/*"}}"#;
const CRITICAL: &str = "[checks.critical]\ncheck = \"access-not-granted\"\nactions = [\"s3:DeleteBucket\"]\n";

/// Undecided: two variables beside each other in one resource.
const UNDECIDED: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:DeleteBucket","Resource":"arn:aws:s3:::*${aws:PrincipalTag/a}*${aws:PrincipalTag/b}*${aws:PrincipalTag/a}"}}"#;

#[test]
fn the_nearest_configuration_counts_and_sees_files_from_its_folder() {
    let infra = format!("{CRITICAL}paths = [\"infra/**\"]\n");
    let root = folder(
        "nearest",
        &[
            ("keyaki.toml", &infra),
            ("infra/a.json", DELETES),
            ("other/a.json", DELETES),
            ("other/deep/keyaki.toml", "[checks.mfa]\n"),
        ],
    );
    let code = |at: &str, arguments: &[&str]| keyaki(&root.join(at), &[&["scan"], arguments].concat()).status.code();
    assert_eq!(code("", &["."]), Some(1));
    assert_eq!(code("infra", &["a.json"]), Some(1));
    assert_eq!(code("infra", &["../infra/a.json"]), Some(1));
    // no rule is for it: nothing was checked
    assert_eq!(code("other", &["a.json"]), Some(3));
    assert_eq!(json(&root.join("other/deep"), &["../a.json"])["policies"][0]["checks"][0]["rule"], "mfa");
    assert_eq!(code("other", &["--config", "../infra/keyaki.toml", "a.json"]), Some(2));
    assert_eq!(
        code("other", &["a.json", "--isolated", "--check", "access-not-granted", "--access", "actions=s3:PutObject"]),
        Some(0)
    );
}

#[test]
fn a_faulty_configuration_is_2_with_its_place() {
    let root = folder("faulty", &[("keyaki.toml", "[checks.mfa]\n\n[checks.no-publc-access]\n"), ("a.json", READS)]);
    let output = keyaki(&root, &["scan", "."]);
    assert_eq!((output.status.code(), out(&output).as_str()), (Some(2), ""));
    let shown = err(&output);
    assert!(shown.contains("keyaki.toml:3:9") && shown.contains("did you mean `no-public-access`?"), "{shown}");
    let root = folder(
        "reference",
        &[("keyaki.toml", "[checks.no-new-access]\nreference = \"none.json\"\n"), ("a.json", READS)],
    );
    assert_eq!(keyaki(&root, &["scan", "."]).status.code(), Some(2));
}

#[test]
fn references_of_the_configuration_bound_policies() {
    let toml = "[checks.no-new-access]\nreference = \"bounds/read.json\"\nexclude = [\"bounds\"]\n";
    let root =
        folder("bounds", &[("keyaki.toml", toml), ("bounds/read.json", READS), ("a.json", READS), ("b.json", DELETES)]);
    let seen = json(&root, &["."]);
    let result = |file: &str| {
        let policies = seen["policies"].as_array().unwrap();
        let policy = policies.iter().find(|policy| policy["file"] == file).unwrap();
        policy["checks"][0]["result"].clone()
    };
    assert_eq!(
        (result("./a.json"), result("./b.json"), result("./bounds/read.json")),
        ("PASS".into(), "FAIL".into(), Value::Null)
    );
    let text = out(&keyaki(&root, &["scan", "b.json"]));
    assert!(text.contains("bounds/read.json"), "{text}");
}

#[test]
fn packs_are_held_by_name() {
    let root = folder(
        "packs",
        &[("a.json", r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:*","Resource":"*"}}"#)],
    );
    let output = keyaki(&root, &["scan", "--pack", "privilege-escalation", "a.json"]);
    assert_eq!(output.status.code(), Some(1), "{}", err(&output));
    assert!(
        out(&output).contains("pack privilege-escalation") && out(&output).contains("rule privilege-escalation"),
        "{}",
        out(&output)
    );
    let output = keyaki(&root, &["scan", "--pack", "privilege-escalatoin", "a.json"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("did you mean `privilege-escalation`?"), "{}", err(&output));
    assert_eq!(keyaki(&root, &["scan", "--pack", "required-tags", "a.json"]).status.code(), Some(0));
}

/// What fail, unknown, skip, suppressed and baseline come to, in every combination.
#[test]
fn exit_codes_follow_from_what_counts() {
    let parts =
        [("fail", DELETES, 1), ("unknown", UNDECIDED, 3), ("malformed", "{\"Statement\":[", 2), ("pass", READS, 0)];
    for choice in 0..64u32 {
        let on = |bit: u32| choice >> bit & 1 == 1;
        let mut files = Vec::new();
        let mut codes = vec![0];
        let mut toml = CRITICAL.to_owned();
        let mut suppress = |file: &str| {
            toml.push_str(&format!("[[suppress]]\ncheck = \"critical\"\nfile = \"{file}\"\nreason = \"r\"\n"));
        };
        for (at, (name, text, code)) in (0..4u32).zip(parts) {
            if on(at) {
                let accepted = (at == 0 && on(4)) || (at == 1 && on(5));
                let file = format!("{name}.json");
                if accepted {
                    suppress(&file);
                } else {
                    codes.push(code);
                }
                files.push((file, text.to_owned()));
            }
        }
        let checked = on(0) || on(1) || on(3);
        if !checked {
            codes.push(3);
        }
        if files.is_empty() {
            continue;
        }
        files.push(("keyaki.toml".to_owned(), toml));
        let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let root = folder("exit", &files);
        let expected = [4, 2, 1, 3, 0].into_iter().find(|code| codes.contains(code)).unwrap();
        let output = keyaki(&root, &["scan", "."]);
        assert_eq!(output.status.code(), Some(expected), "{files:?}\n{}{}", out(&output), err(&output));
        // accepted by the baseline instead of the configuration
        if on(4) && on(5) && !on(2) {
            let root = folder("exit", &[&files[..files.len() - 1], &[("keyaki.toml", CRITICAL)]].concat());
            let options = ["scan", "--baseline", "known.txt", "."];
            let written = keyaki(&root, &[&options[..3], &["--update-baseline", "."]].concat());
            let again = keyaki(&root, &options);
            assert_eq!((written.status.code(), again.status.code()), (Some(0), Some(0)), "{files:?}\n{}", err(&again));
            let unaccepted = keyaki(&root, &[&options[..], &["--no-ignores"]].concat());
            let worst = if on(0) {
                1
            } else if on(1) {
                3
            } else {
                0
            };
            assert_eq!(unaccepted.status.code(), Some(worst));
        }
    }
}

#[test]
fn a_suppression_ends_on_its_day_and_a_stale_one_is_said() {
    let toml = format!(
        "{CRITICAL}[[suppress]]\ncheck = \"critical\"\nfile = \"a.json\"\nreason = \"r\"\nexpires = 2027-01-31\n"
    );
    let root = folder("expires", &[("keyaki.toml", &toml), ("a.json", DELETES)]);
    let on = |day: &str| keyaki(&root, &["scan", "--today", day, "."]);
    let output = on("2027-01-31");
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert!(out(&output).contains("suppressed") && out(&output).contains("r (until 2027-01-31)"), "{}", out(&output));
    let output = on("2027-02-01");
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).contains("keyaki.toml:4: this suppression is over"), "{}", err(&output));
    assert_eq!(on("31.1.2027").status.code(), Some(2));
    assert_eq!(keyaki(&root, &["scan", "--update-baseline", "."]).status.code(), Some(2));
}

#[test]
fn several_reports_are_written_at_once() {
    let root = folder("reports", &[("keyaki.toml", CRITICAL), ("p/a.json", DELETES), ("p/b.json", READS)]);
    let forms = ["text", "json", "sarif", "junit", "github", "gitlab", "markdown", "html"];
    let files: Vec<String> = forms.iter().map(|form| format!("{form}=report.{form}")).collect();
    let mut arguments = vec!["scan"];
    for file in &files {
        arguments.extend(["--output", file]);
    }
    arguments.push("p");
    let output = keyaki(&root, &arguments);
    assert_eq!(output.status.code(), Some(1), "{}", err(&output));
    assert!(out(&output).contains("2 files, 2 policies, 2 checks"), "{}", out(&output));
    let read = |form: &str| std::fs::read_to_string(root.join(format!("report.{form}"))).unwrap();
    for form in forms {
        assert!(read(form).contains("a.json"), "{form}");
        // alone on standard output it is the same, but for the length of the text
        let alone = keyaki(&root, &["scan", "--output", form, "--all", "p"]);
        assert_eq!((alone.status.code(), out(&alone)), (Some(1), read(form)), "{form}");
    }
    reader::demand("scan", reader::SCAN, &read("json"));
    reader::demand("scan-sarif", reader::SARIF, &read("sarif"));
    for bad in [
        &["--output", "sarif", "--output", "json"][..],
        &["--output", "sarif="],
        &["--output", "xml"],
        &["--output", "html=no/such/folder/x"],
    ] {
        assert_eq!(keyaki(&root, &[&["scan", "p"], bad].concat()).status.code(), Some(2), "{bad:?}");
    }
    assert_eq!(keyaki(&root, &["packs", "--output", "html"]).status.code(), Some(2));
}

#[test]
fn the_json_of_every_kind_of_result_is_of_the_published_shape() {
    let toml = format!("{CRITICAL}[[suppress]]\ncheck = \"critical\"\nfile = \"s.json\"\nreason = \"r\"\n");
    let root = folder(
        "shape",
        &[
            ("keyaki.toml", &toml),
            ("a.json", DELETES),
            ("s.json", DELETES),
            ("u.json", UNDECIDED),
            ("bad.json", "{\"Statement\":["),
            ("none.json", "{}"),
        ],
    );
    let output = keyaki(&root, &["scan", "--output", "json", "."]);
    reader::demand("shape", reader::SCAN, &out(&output));
    let broken = out(&output).replacen("\"FAIL\"", "\"MAYBE\"", 1);
    assert!(reader::complaints("shape-broken", reader::SCAN, &broken).is_none_or(|complaints| !complaints.is_empty()));
}

#[test]
fn the_command_of_a_finding_replays_it() {
    let root = folder("replay", &[("keyaki.toml", CRITICAL), ("it's a policy.json", DELETES)]);
    let sarif: Value = serde_json::from_str(&out(&keyaki(&root, &["scan", "--output", "sarif", "."]))).unwrap();
    let command = sarif["runs"][0]["results"][0]["properties"]["reproduce"].as_str().unwrap();
    let command = command.replacen("keyaki", env!("CARGO_BIN_EXE_keyaki"), 1);
    let output = Command::new("sh").args(["-c", &command]).current_dir(&root).output().unwrap();
    assert!(out(&output).starts_with("Allowed"), "{command}\n{}{}", out(&output), err(&output));
}

/// Every finding in the plans and templates of the corpus, those with values that are not known among them.
#[test]
fn the_commands_of_findings_in_plans_and_templates_replay_them() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/scan");
    let Ok(cases) = std::fs::read_dir(&corpus) else { return };
    let names = ["plan-unknown-in-a-resource", "plan-nested-module", "plan-of-many-services", "template-short-tags"];
    let mut replayed = 0;
    for case in cases.map(|case| case.unwrap().path()) {
        if !names.iter().any(|name| case.ends_with(name)) {
            continue;
        }
        let check = ["--isolated", "--check", "access-not-granted", "--access", "actions=s3:*,iam:*,sqs:*,kms:*,sns:*"];
        let output = keyaki(&case, &[&["scan", "input", "--output", "sarif"], &check[..]].concat());
        let sarif: Value = serde_json::from_str(&out(&output)).unwrap_or_else(|_| panic!("{}", err(&output)));
        for result in sarif["runs"][0]["results"].as_array().unwrap() {
            let Some(command) = result["properties"]["reproduce"].as_str() else { continue };
            let command = command.replacen("keyaki", env!("CARGO_BIN_EXE_keyaki"), 1);
            let output = Command::new("sh").args(["-c", &command]).current_dir(&case).output().unwrap();
            assert!(out(&output).starts_with("Allowed"), "{command}\n{}{}", out(&output), err(&output));
            replayed += 1;
        }
    }
    assert!(replayed >= 3, "{replayed} commands were replayed");
}

#[test]
fn init_writes_a_configuration_that_works_and_overwrites_nothing() {
    let root = folder("init", &[("a.json", READS)]);
    assert_eq!(keyaki(&root, &["init"]).status.code(), Some(0));
    let output = keyaki(&root, &["scan", "."]);
    assert_eq!(output.status.code(), Some(0), "{}{}", out(&output), err(&output));
    assert_eq!(keyaki(&root, &["init"]).status.code(), Some(2));
}

#[test]
fn packs_are_listed_and_shown() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let list = out(&keyaki(here, &["packs"]));
    assert!(list.contains("\nprivilege-escalation") && list.ends_with("shows the page of one.\n"), "{list}");
    let page = out(&keyaki(here, &["packs", "mfa"]));
    assert!(page.starts_with("# mfa: ") && page.contains("## Why"), "{page}");
    let reference: Value =
        serde_json::from_str(&out(&keyaki(here, &["packs", "mfa", "--reference", "identity"]))).unwrap();
    assert_eq!(reference["Statement"][0]["Sid"], "Everything");
    let json: Value = serde_json::from_str(&out(&keyaki(here, &["packs", "mfa", "--output", "json"]))).unwrap();
    assert_eq!(json["references"]["IDENTITY_POLICY"], reference);
    assert_eq!(keyaki(here, &["packs", "mfa", "--reference", "trust"]).status.code(), Some(2));
    assert_eq!(keyaki(here, &["packs", "mfaa"]).status.code(), Some(2));
}

// ---- The glue

fn text(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// Every option in the text, without its value.
fn options(text: &str) -> Vec<String> {
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, '`' | '"' | '=' | '\'' | '(' | ')' | ',' | ';'));
    let named = words.filter(|word| word.starts_with("--") && word.len() > 2);
    named.map(|word| word.trim_end_matches(['.', ':']).to_owned()).collect()
}

#[test]
fn the_glue_uses_options_that_exist() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let help = ["scan", "packs", "init"].map(|command| out(&keyaki(here, &[command, "--help"]))).concat();
    // of other programs
    let foreign = ["--locked", "--quiet", "--path", "--git", "--"];
    for file in
        [".pre-commit-hooks.yaml", "action.yml", ".gitlab/keyaki.yml", "PIPELINE.md", "src/standard/keyaki.toml"]
    {
        for option in options(&text(file)) {
            let known = foreign.contains(&option.as_str()) || help.contains(&option);
            assert!(known, "{file} uses {option}, which does not exist");
        }
    }
}

#[test]
fn the_pipeline_page_shows_a_working_configuration_and_the_glue_as_it_is() {
    let page = text("PIPELINE.md");
    let toml = page.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let toml = toml.replace("baseline = ", "# baseline = ");
    let root = folder("page", &[("keyaki.toml", &toml), ("a.json", READS)]);
    let output = keyaki(&root, &["scan", "--today", "2026-01-01", "."]);
    assert_eq!(output.status.code(), Some(0), "{}{}", out(&output), err(&output));
    for hook in text(".pre-commit-hooks.yaml").lines().filter_map(|line| line.strip_prefix("- id: ")) {
        assert!(page.contains(hook), "{hook}");
    }
    for input in ["paths", "args"] {
        assert!(
            text("action.yml").contains(&format!("\n  {input}:\n")) && page.contains(&format!("          {input}: "))
        );
    }
}
