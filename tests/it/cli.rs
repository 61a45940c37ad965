//! The program from outside: usage, documents, formats, exit codes, streams.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const POLICY: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}}"#;

fn keyaki(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_keyaki"))
        .args(arguments)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/checks/same-policy"))
        .env_remove("NO_COLOR")
        .env_remove("CLICOLOR_FORCE")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that does not read its input closes the pipe: no failure of the test.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn code(arguments: &[&str]) -> i32 {
    keyaki(arguments, "").status.code().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn usage_errors_are_2_and_help_is_0() {
    let rows: [(&[&str], i32); 13] = [
        (&["--help"], 0),
        (&["--version"], 0),
        (&["check-no-new-access", "--help"], 0),
        (&[], 2),
        (&["no-such-command"], 2),
        (&["check-no-new-access", "--existing", "existing.json"], 2),
        (&["check-no-new-access", "--existing", "existing.json", "--new", "absent.json"], 2),
        (&["check-no-new-access", "--existing", ".", "--new", "new.json"], 2),
        (&["check-no-new-access", "--existing", "existing.json", "--new", "new.json", "--type", "role"], 2),
        (&["check-no-new-access", "--existing", "existing.json", "--new", "new.json", "--reading", "C99=alt"], 2),
        (&["check-no-new-access", "--existing", "existing.json", "--new", "new.json", "--strict", "--lenient"], 2),
        (&["check-access-not-granted", "--policy", "new.json"], 2),
        (&["evaluate", "--identity", "new.json"], 2),
    ];
    for (arguments, expected) in rows {
        assert_eq!(code(arguments), expected, "{arguments:?}");
    }
}

#[test]
fn access_that_is_none_is_an_input_error() {
    for access in ["actions=", "resources=example", "actions=s3:*,resources=*", "[]", "absent.json", "{\"x\":1}"] {
        let output = keyaki(&["check-access-not-granted", "--policy", "new.json", "--access", access], "");
        assert_eq!(output.status.code(), Some(2), "{access}");
        assert!(output.stdout.is_empty() && err(&output).starts_with("error: "), "{access}: {}", err(&output));
    }
    assert_eq!(code(&["check-access-not-granted", "--policy", "new.json", "--resource", "example"]), 2);
}

#[test]
fn documents_come_from_files_urls_standard_input_and_inline() {
    for document in ["existing.json", "file://existing.json", "-", POLICY] {
        let arguments = ["check-no-new-access", "--existing", document, "--new", "new.json"];
        let output = keyaki(&arguments, POLICY);
        assert!(matches!(output.status.code(), Some(0 | 3)), "{document}: {}", err(&output));
    }
    let twice = keyaki(&["check-no-new-access", "--existing", "-", "--new", "-"], POLICY);
    assert_eq!(twice.status.code(), Some(2));
    assert!(err(&twice).contains("only one document"));
}

#[test]
fn what_is_no_policy_is_2_with_a_place_and_nothing_on_standard_output() {
    for text in ["", "{", "[]", "\u{feff}{}", "nonsense"] {
        let output = keyaki(&["check-no-new-access", "--existing", "existing.json", "--new", "-"], text);
        assert_eq!(output.status.code(), Some(2), "{text:?}");
        assert!(output.stdout.is_empty(), "{text:?}");
        assert!(err(&output).contains("<stdin>:1:"), "{text:?}: {}", err(&output));
    }
}

#[test]
fn the_service_spelling_of_the_options_works() {
    let arguments = [
        "check-no-new-access",
        "--existing-policy-document",
        "file://existing.json",
        "--new-policy-document",
        "file://new.json",
        "--policy-type",
        "IDENTITY_POLICY",
        "--output",
        "json",
    ];
    let output = keyaki(&arguments, "");
    let answer: serde_json::Value = serde_json::from_str(&out(&output)).unwrap();
    assert_eq!(answer["policyType"], "IDENTITY_POLICY");
    assert_eq!(answer["schema"], "keyaki/1");
}

#[test]
fn the_exit_code_does_not_depend_on_the_format_and_can_be_forgiven() {
    let ask = |more: &[&str]| {
        let mut arguments = vec!["check-no-new-access", "--existing", "existing.json", "--new", "new.json"];
        arguments.extend(more);
        code(&arguments)
    };
    assert_eq!(ask(&["--output", "json"]), ask(&["--format", "text"]));
    assert_eq!(ask(&["--exit-zero"]), 0);
    assert_eq!(code(&["check-no-new-access", "--existing", "absent", "--new", "new.json", "--exit-zero"]), 2);
}

#[test]
fn colour_only_when_asked() {
    let ask = |more: &[&str]| {
        let mut arguments = vec!["check-no-new-access", "--existing", "existing.json", "--new", "new.json"];
        arguments.extend(more);
        out(&keyaki(&arguments, "")).contains('\u{1b}')
    };
    assert!(!ask(&[]) && !ask(&["--color", "never"]) && ask(&["--color", "always"]));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let arguments = ["check-no-new-access", "--existing", "existing.json", "--new", "new.json"];
    let expected = code(&arguments);
    for arguments in [&arguments[..], &["--help"]] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_keyaki"))
            .args(arguments)
            .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/checks/same-policy"))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let expected = if arguments.len() == 1 { 0 } else { expected };
        assert_eq!(output.status.code(), Some(expected));
        assert_eq!(err(&output), "");
    }
}
