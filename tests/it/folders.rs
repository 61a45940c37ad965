//! Checks over folders: documents paired by their paths, and what has no counterpart named.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

/// A folder of these files below a fresh one of this test.
fn folder(test: &str, name: &str, files: &[(&str, String)]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("folders").join(test).join(name);
    let _absent = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    for (path, text) in files {
        let file = folder.join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    folder
}

fn policy(action: &str) -> String {
    json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": action, "Resource": "*"}}).to_string()
}

fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_keyaki")).args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn compare(old: &Path, new: &Path, more: &[&str]) -> (Option<i32>, String, String) {
    let (old, new) = (old.to_str().unwrap(), new.to_str().unwrap());
    run(&[&["check-no-new-access", "--existing-dir", old, "--new-dir", new], more].concat())
}

#[test]
fn documents_are_paired_by_their_paths() {
    let old = folder("pairs", "old", &[("a.json", policy("s3:*")), ("team/b.json", policy("s3:GetObject"))]);
    let same = folder("pairs", "same", &[("a.json", policy("s3:Get*")), ("team/b.json", policy("s3:GetObject"))]);
    let (code, text, _) = compare(&old, &same, &[]);
    assert_eq!((code, text.as_str()), (Some(0), "2 files, 2 policies, 2 checks (2 pass); 0 skipped.\n"));

    let more = folder("pairs", "more", &[("a.json", policy("s3:Get*")), ("team/b.json", policy("s3:*"))]);
    let (code, text, _) = compare(&old, &more, &[]);
    assert_eq!(code, Some(1));
    assert!(text.contains("team/b.json") && text.contains("1 pass, 1 fail"), "{text}");

    let (code, text, _) = compare(&old, &more, &["--output", "json"]);
    assert_eq!(code, Some(1));
    let json: Value = serde_json::from_str(&text).unwrap();
    let results: Vec<&Value> =
        json["policies"].as_array().unwrap().iter().map(|policy| &policy["checks"][0]["result"]).collect();
    assert_eq!(json!(results), json!(["PASS", "FAIL"]));
}

#[test]
fn what_is_on_one_side_only_is_named() {
    let old = folder("sides", "old", &[("a.json", policy("s3:*")), ("gone.json", policy("s3:*"))]);
    let new = folder("sides", "new", &[("a.json", policy("s3:*")), ("added.json", policy("sqs:*"))]);
    let (code, text, notes) = compare(&old, &new, &[]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("added.json"), "{text}");
    assert!(notes.contains("gone.json: the new folder has no such file"), "{notes}");
    let (_, text, _) = compare(&old, &new, &["--output", "json"]);
    let json: Value = serde_json::from_str(&text).unwrap();
    assert!(json["skipped"][0]["file"].as_str().unwrap().ends_with("gone.json"), "{text}");
}

#[test]
fn what_cannot_be_read_stops_nothing_else() {
    let broken = || "{\"Statement\": [".to_owned();
    let old = folder("broken", "old", &[("a.json", policy("s3:*")), ("b.json", broken()), ("c.json", policy("s3:*"))]);
    let new = folder("broken", "new", &[("a.json", broken()), ("b.json", policy("s3:*")), ("c.json", policy("s3:*"))]);
    let (code, text, notes) = compare(&old, &new, &["--all"]);
    assert_eq!(code, Some(2), "{text}");
    assert!(notes.contains("old/b.json") && notes.contains("new/a.json"), "{notes}");
    assert!(text.contains("1 pass, 1 unknown"), "{text}");
    let empty = folder("broken", "empty", &[]);
    assert_eq!(compare(&empty, &empty, &[]).0, Some(3));
    assert_eq!(compare(&empty, &empty.join("nowhere"), &[]).0, Some(2));
}

#[test]
fn access_is_asked_of_every_document() {
    let files = [("a.json", policy("s3:*")), ("b.json", policy("iam:*")), ("notes.yaml", String::new())];
    let all = folder("access", "all", &files);
    let (code, text, notes) =
        run(&["check-access-not-granted", "--policy-dir", all.to_str().unwrap(), "--action", "iam:PassRole"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("b.json") && text.contains("1 pass, 1 fail"), "{text}");
    assert!(notes.contains("notes.yaml: it is not read"), "{notes}");
}

#[test]
fn the_type_is_that_of_all_documents() {
    let old = folder("type", "old", &[("a.json", policy("s3:*"))]);
    let (code, text, _) = compare(&old, &old, &["--policy-type", "scp", "--output", "json"]);
    assert_eq!(code, Some(0), "{text}");
    let json: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["policies"][0]["kind"], "scp", "{text}");
    let (old, new) = (old.to_str().unwrap(), "x.json");
    assert_eq!(run(&["check-no-new-access", "--existing-dir", old, "--new", new]).0, Some(2));
}
