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
        assert!(matches!(output.status.code(), Some(0 | 1)), "{document}: {}", err(&output));
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

/// Writes a file that lives as long as the test's process needs it, and gives its path.
fn file(name: &str, text: &str) -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

const REQUEST: &str =
    r#"{"principal":"arn:aws:iam::111122223333:user/alice","action":"s3:GetObject","resource":"arn:aws:s3:::b/k"}"#;

#[test]
fn one_request_is_evaluated_against_layers() {
    let deny = POLICY.replace("Allow", "Deny");
    let levels = format!("[{POLICY},{deny}]");
    let level = file("level.json", &levels);
    let rows: [(&[&str], &str, &str); 5] = [
        (&["--identity", POLICY], "Allowed", "decided by    statement 0 (no Sid) of identity[0], <inline"),
        (&["--boundary", POLICY], "Denied", "decided by    nobody: no statement allows it"),
        (
            &["--identity", POLICY, "--scp", &level],
            "Denied",
            "decided by    the Deny in statement 0 (no Sid) of scps[0][1]",
        ),
        (&["--policy-document", POLICY], "Allowed", "decided by    statement 0 (no Sid), <inline"),
        (
            &["--stack", &format!("{{\"identity\":[{POLICY}],\"scps\":[[]]}}")],
            "Denied",
            "decided by    scps: granted, but",
        ),
    ];
    for (more, word, decided) in rows {
        let arguments = [&["evaluate", "--request", REQUEST], more].concat();
        let output = keyaki(&arguments, "");
        let shown = out(&output);
        assert_eq!(output.status.code(), Some(0), "{more:?}: {}", err(&output));
        assert!(shown.starts_with(word) && shown.contains(decided), "{more:?}:\n{shown}");
        assert!(shown.lines().all(|line| line.chars().count() <= 80 || line.contains(".json")), "{shown}");
        let output = keyaki(&[&arguments[..], &["--output", "json"]].concat(), "");
        let answer: serde_json::Value = serde_json::from_str(&out(&output)).unwrap();
        assert_eq!(answer["decision"].as_str().unwrap().ends_with("Denied"), word == "Denied", "{answer}");
        assert!(answer["trace"][0]["layer"].is_string() && answer["trace"][0]["because"].is_string(), "{answer}");
    }
    let both = ["evaluate", "--request", REQUEST, "--identity", POLICY, "--stack", "{}"];
    assert_eq!(code(&both), 2);
}

#[test]
fn a_faulty_request_is_2_with_its_place() {
    let output = keyaki(&["evaluate", "--identity", POLICY, "--request", r#"{"principle":"anonymous"}"#], "");
    assert_eq!(output.status.code(), Some(2));
    assert!(
        err(&output).contains("<inline>:1:2") && err(&output).contains("did you mean `principal`?"),
        "{}",
        err(&output)
    );
}

#[test]
fn a_stack_is_accepted_where_a_policy_is() {
    let stack = format!(r#"{{"identity":[{POLICY}],"boundary":{}}}"#, POLICY.replace("s3:GetObject", "s3:*"));
    let output = keyaki(&["check-access-not-granted", "--policy", &stack, "--action", "s3:GetObject"], "");
    assert_eq!(output.status.code(), Some(1), "{}", err(&output));
    assert!(out(&output).contains(" of identity[0], <inline>:1"), "{}", out(&output));
    assert_eq!(code(&["check-no-new-access", "--existing", POLICY, "--new", &stack.replace("boundary", "bounds")]), 2);
    for bad in [["--principal", "bob"], ["--resource-account", "12"], ["--catalogue", "existing.json"]] {
        let arguments = [&["check-access-not-granted", "--policy", &stack, "--action", "s3:*"], &bad[..]].concat();
        assert_eq!(code(&arguments), 2, "{bad:?}");
    }
}

#[test]
fn scenarios_are_compared_and_counted() {
    let good =
        format!(r#"{{"id":"read","policies":{{"identity":[{POLICY}]}},"request":{REQUEST},"expected":"Allowed"}}"#);
    let bad = good.replace("\"Allowed\"", "\"Denied\"");
    let check = format!(
        r#"{{"id":"no delete","check":{{"check":"access-not-granted","policyDocument":{POLICY},"access":[{{"actions":["s3:DeleteBucket"]}}]}},"expected":"PASS"}}"#
    );
    let rows = [
        (format!("[{good},{check}]"), 0, "PASS  2 of 2 scenarios as expected."),
        (format!("[{good},{bad}]"), 1, "FAIL  1 of 2 scenarios as expected; 1 otherwise."),
        (format!("[{}]", check.replace("PASS", "FAIL")), 1, "no delete: PASS, not FAIL"),
        // an error in a document keeps a PASS from being one, as in the check itself
        (format!("[{}]", check.replace("\"Effect\"", "\"Sid\":\"a b\",\"Effect\"")), 1, "no delete: UNKNOWN, not PASS"),
    ];
    for (text, code, shown) in rows {
        let output = keyaki(&["test", "-"], &text);
        assert_eq!(output.status.code(), Some(code), "{text}: {}", err(&output));
        assert!(out(&output).contains(shown), "{}", out(&output));
    }
    let malformed = [
        "{}".to_owned(),
        "[{}]".to_owned(),
        "[".to_owned(),
        "[]".to_owned(),
        good.clone(),
        format!("[{}]", good.replace("expected", "expect")),
        format!("[{}]", good.replace("\"Allowed\"", "\"PASS\"")),
        format!("[{}]", good.replace("s3:GetObject\",\"resource", "s3:*\",\"resource")),
        format!("[{}]", good.replace("\"Effect\"", "\"Efect\"")),
        format!("[{}]", check.replace("s3:DeleteBucket", "DeleteBucket")),
        format!("[{}]", check.replace("policyDocument", "newPolicyDocument")),
    ];
    for text in malformed {
        let output = keyaki(&["test", "-"], &text);
        assert_eq!((output.status.code(), out(&output).as_str()), (Some(2), ""), "{text}");
        assert!(err(&output).starts_with("error"), "{text}: {}", err(&output));
    }
}

#[test]
fn codes_are_explained_and_near_misses_named() {
    let output = keyaki(&["explain", "dup-key"], "");
    assert_eq!(output.status.code(), Some(0));
    assert!(out(&output).starts_with("dup-key (fatal): ") && out(&output).contains("  instead  "), "{}", out(&output));
    let output = keyaki(&["explain", "dupkey"], "");
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("did you mean `dup-key`?"), "{}", err(&output));
}

#[test]
fn completions_and_manual_are_printed() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(out(&keyaki(&["completions", shell], "")).contains("check-no-new-access"), "{shell}");
    }
    assert!(out(&keyaki(&["man"], "")).starts_with(".ie") && code(&["man", "evaluate"]) == 0);
    assert_eq!(code(&["man", "nothing"]), 2);
}
