//! Certificates of the other answers: no public access, no access from outside, findings that are complete, documents that
//! say the same. Each is accepted from outside, and refused after tampering, for another document, for another property.

use std::path::PathBuf;

use keyaki::certificate::File;
use keyaki::checks::proof::Given;
use serde_json::Value;

use crate::command;
use crate::data::shared;
use crate::public::cases::cases;

fn keyaki(arguments: &[&str]) -> (i32, String) {
    let output = command::keyaki(&command::folder(""), arguments);
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(text).unwrap())
}

/// A folder of this test's own, gone with it.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("keyaki-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_string_lossy().into_owned()
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// Verifies the certificate; it must be accepted as it is, and not once something was taken out of it.
fn is_accepted(path: &str, options: &[&str], what: &str) -> File {
    let verify = [&["verify", path], options].concat();
    let (code, said) = keyaki(&verify);
    assert_eq!((code, said.starts_with("ACCEPTED  ")), (0, true), "{what}: {said}");
    let text = std::fs::read_to_string(path).unwrap();
    let file = File::read(&text).unwrap();
    for tampered in tampered(&file) {
        std::fs::write(path, tampered.write()).unwrap();
        let (code, said) = keyaki(&verify);
        assert_eq!((code, said.starts_with("REJECTED  ")), (1, true), "{what}: {said}\n{}", tampered.write());
    }
    std::fs::write(path, text).unwrap();
    file
}

/// The file without a proof, with one that stops too early, and with what is given made to say more.
fn tampered(file: &File) -> Vec<File> {
    let mut all = Vec::new();
    let mut fewer = file.clone();
    fewer.proofs.pop();
    all.push(fewer);
    let mut shorter = file.clone();
    shorter.proofs.iter_mut().for_each(|proved| drop(proved.proof.certificate.steps.pop()));
    all.push(shorter);
    let mut more = file.clone();
    match &mut more.proofs[0].proof.given {
        Given::Nothing => more.proofs[0].proof.given = Given::Blocks(Vec::new()),
        Given::Blocks(sets) => sets.push((0..1_000).collect()),
        Given::Cubes(cubes) => match cubes.pop() {
            Some(_) => {}
            None => more.proofs[0].proof.given = Given::Nothing,
        },
        Given::Regions(regions) => match regions.pop() {
            Some(_) => {}
            None => more.proofs[0].proof.given = Given::Nothing,
        },
    }
    all.push(more);
    all
}

#[test]
fn every_private_policy_of_the_corpus_is_proved() {
    let scratch = Scratch::new("public");
    let path = scratch.path("pass.keyaki");
    let (mut accepted, mut counted, mut last) = (0, 0, None);
    for case in cases() {
        let policy = case.document.to_string();
        let resource_type = case.resource_type().name;
        let options = ["--policy", &policy, "--resource-type", resource_type];
        let (code, said) = keyaki(&[&["check-no-public-access", "--certificate", &path], &options[..]].concat());
        if code != 0 {
            assert!(code == 2 || said.contains("was not written"), "{}: {said}", case.name);
            continue;
        }
        let file = is_accepted(&path, &options, &case.name);
        counted += usize::from(file.proofs.iter().any(|proved| matches!(proved.proof.given, Given::Blocks(_))));
        accepted += 1;
        if let Some(other) = last.replace(policy.clone()).filter(|other| *other != policy) {
            let (code, _) = keyaki(&["verify", &path, "--policy", &other, "--resource-type", resource_type]);
            assert!(code == 1 || code == 2, "{}: another document", case.name);
        }
    }
    println!("{accepted} certificates accepted, {counted} of them count addresses");
    assert!(accepted > 40 && counted > 3, "{accepted} {counted}");
}

/// Wherever a budget ends, nothing is known: the policy is no less private, and the proof no worse.
fn ends_anywhere(path: &str, options: &[&str]) {
    for budget in ["1", "3", "10", "30", "100", "300", "1000"] {
        for command in [&["verify", path, "--budget", budget][..], &["check-no-public-access", "--budget", budget]] {
            let (code, said) = keyaki(&[command, options].concat());
            assert!([0, 3].contains(&code), "{command:?}: {said}");
        }
    }
}

#[test]
fn few_addresses_are_counted_again() {
    let scratch = Scratch::new("addresses");
    let path = scratch.path("pass.keyaki");
    let allow = |blocks: &str| {
        format!(
            r#"{{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*",
                "Condition":{{"IpAddress":{{"aws:SourceIp":{blocks}}}}}}}"#
        )
    };
    let policy =
        |statements: &[String]| format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
    // each half of a /7 by itself is no public, and no request is let in by both
    let of_tag = |blocks: &str, tag: &str| {
        allow(blocks).replace(
            r#""IpAddress""#,
            &format!(
                r#""StringEquals":{{"aws:PrincipalOrgID":"o-a1b2c3d4e5","aws:PrincipalTag/team":"{tag}"}},"IpAddress""#
            ),
        )
    };
    let few = policy(&[allow(r#"["203.0.113.0/24","198.51.100.0/24"]"#), allow(r#"["12.0.0.0/9"]"#)]);
    let apart = policy(&[
        allow(r#"["12.0.0.0/8"]"#)
            .replace(r#""IpAddress""#, r#""StringEquals":{"aws:RequestedRegion":"eu-west-1"},"IpAddress""#),
        allow(r#"["13.0.0.0/8"]"#)
            .replace(r#""IpAddress""#, r#""StringEquals":{"aws:RequestedRegion":"us-east-1"},"IpAddress""#),
    ]);
    let none = policy(&[of_tag(r#"["0.0.0.0/0"]"#, "red")]);
    let counts = [(few, Some(1)), (apart, None), (none, None)];
    let mut sets = Vec::new();
    for (policy, expected) in &counts {
        let options = ["--policy", policy.as_str(), "--resource-type", "AWS::S3::Bucket"];
        let (code, said) = keyaki(&[&["check-no-public-access", "--certificate", &path], &options[..]].concat());
        assert_eq!(code, 0, "{said}");
        let file = is_accepted(&path, &options, policy);
        let found = match &file.proofs[0].proof.given {
            Given::Blocks(sets) => Some(sets.len()),
            Given::Nothing | Given::Regions(_) | Given::Cubes(_) => None,
        };
        assert!(expected.is_none() || *expected == found, "{policy}: {found:?}");
        sets.push(found);
        let (code, said) = keyaki(&["verify", &path, "--policy", policy, "--resource-type", "AWS::SQS::Queue"]);
        assert!(code == 1 && said.contains("resource type: it is about `AWS::S3::Bucket`"), "{said}");
        ends_anywhere(&path, &options);
    }
    // two sets, neither of which is the public
    assert_eq!(sets, [Some(1), Some(2), None]);
    // a set that is the public is refused, whatever the proof says
    let options = ["--policy", counts[0].0.as_str(), "--resource-type", "AWS::S3::Bucket"];
    keyaki(&[&["check-no-public-access", "--certificate", &path], &options[..]].concat());
    let mut file = File::read(&std::fs::read_to_string(&path).unwrap()).unwrap();
    file.proofs[0].proof.given = Given::Blocks(vec![(0..100).collect()]);
    std::fs::write(&path, file.write()).unwrap();
    let (code, said) = keyaki(&[&["verify", &path], &options[..]].concat());
    assert!(code == 1 && said.contains("are everybody"), "{said}");
}

/// The policies and zones of corpus/findings, and the recorded ones when they are there.
fn surveyed() -> Vec<(String, String, String)> {
    let folder = format!("{}/corpus/findings", env!("CARGO_MANIFEST_DIR"));
    let mut folders: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let read = |path: PathBuf| std::fs::read_to_string(path).unwrap();
    let case = |folder: PathBuf| {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        (name, read(folder.join("policy.json")), read(folder.join("zone.txt")).trim().to_owned())
    };
    let mut all: Vec<_> = folders.into_iter().map(case).collect();
    if let Some(text) = shared("data/findings/recorded.json") {
        let recorded: Vec<Value> = serde_json::from_str(&text).unwrap();
        let zone = || "222634363387".to_owned();
        all.extend(recorded.iter().map(|case| (case["id"].to_string(), case["policy"].to_string(), zone())));
    }
    all
}

#[test]
fn findings_that_are_complete_and_gates_that_hold_are_proved() {
    let scratch = Scratch::new("findings");
    let path = scratch.path("complete.keyaki");
    let (mut accepted, mut gates) = (0, 0);
    for (name, policy, zone) in surveyed() {
        let document = scratch.write("policy.json", &policy);
        for mode in ["minimal", "aws"] {
            let asked =
                ["findings", &document, "--zone-of-trust", &zone, "--mode", mode, "--lenient", "--certificate", &path];
            let (code, said) = keyaki(&asked);
            assert_eq!(code, 0, "{name}, {mode}: {said}");
            let options = ["--policy", &document, "--zone-of-trust", &zone, "--lenient", "--check", "findings"];
            is_accepted(&path, &options, &name);
            let others = ["--policy", &document, "--zone-of-trust", "o-otherorg01", "--lenient", "--check", "findings"];
            assert_eq!(keyaki(&[&["verify", &path], &others[..]].concat()).0, 1, "{name}: another zone");
            let gate = ["--policy", &document, "--zone-of-trust", &zone, "--lenient"];
            assert_eq!(keyaki(&[&["verify", &path], &gate[..]].concat()).0, 1, "{name}: another property");
            accepted += 1;
        }
        let gate = ["--policy", &document, "--zone-of-trust", &zone, "--lenient"];
        if keyaki(&[&["check-no-external-access", "--certificate", &path], &gate[..]].concat()).0 == 0 {
            is_accepted(&path, &gate, &name);
            gates += 1;
        }
    }
    println!("{accepted} certificates of findings accepted, {gates} of check-no-external-access");
    assert!(accepted >= 26 && gates > 1, "{accepted} {gates}");
}

#[test]
fn a_smaller_document_is_proved_to_say_the_same() {
    let scratch = Scratch::new("minify");
    let path = scratch.path("same.keyaki");
    let mut policies: Vec<(String, String)> = Vec::new();
    let folder = format!("{}/corpus/explain", env!("CARGO_MANIFEST_DIR"));
    for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if let Ok(text) = std::fs::read_to_string(entry.join("policy.json")) {
            policies.push((entry.to_string_lossy().into_owned(), text));
        }
    }
    if let Some(text) = shared("data/managed-policies.jsonl.gz") {
        let rows = text.lines().step_by(200).map(|line| serde_json::from_str::<Value>(line).unwrap());
        policies.extend(rows.map(|row| (row["name"].to_string(), row["document"].to_string())));
    }
    policies.sort();
    let mut accepted = 0;
    for (name, text) in policies {
        let document = scratch.write("policy.json", &text);
        let asked = ["explain", "--minify", &document, "--certificate", &path];
        let output = command::keyaki(&command::folder(""), &asked);
        if output.status.code() != Some(0) {
            continue;
        }
        let smaller = scratch.write("smaller.json", &String::from_utf8(output.stdout).unwrap());
        let options = ["--existing", &document, "--new", &smaller, "--check", "equivalent"];
        is_accepted(&path, &options, &name);
        let one_way = ["--existing", &document, "--new", &smaller];
        let (code, said) = keyaki(&[&["verify", &path], &one_way[..]].concat());
        assert!(code == 1 && said.contains("it is about `equivalent`"), "{said}");
        accepted += 1;
    }
    println!("{accepted} certificates of smaller documents accepted");
    assert!(accepted > 3, "{accepted}");
}

#[test]
fn what_is_asked_of_known_requests_is_proved_of_them_only() {
    let scratch = Scratch::new("realistic");
    let path = scratch.path("pass.keyaki");
    // no action of the service takes this key, so that only requests which nobody can make are let in
    let policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*",
        "Condition":{"StringEquals":{"ec2:Region":"eu-west-1"}}}}"#;
    let options = ["--policy", policy, "--action", "s3:GetObject"];
    assert_eq!(keyaki(&[&["check-access-not-granted"], &options[..]].concat()).0, 1);
    let asked = ["check-access-not-granted", "--realistic", "--certificate", &path];
    let (code, said) = keyaki(&[&asked[..], &options[..]].concat());
    assert_eq!(code, 0, "{said}");
    let (code, said) = keyaki(&[&["verify", &path], &options[..]].concat());
    assert!(code == 1 && said.contains("requests: it is about `those that the catalogue knows`"), "{said}");
    is_accepted(&path, &[&options[..], &["--realistic"]].concat(), "realistic");
}

#[test]
fn no_certificate_is_asked_for_in_vain() {
    let scratch = Scratch::new("vain");
    let path = scratch.path("none.keyaki");
    let policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}}"#;
    for command in [
        &["explain", policy][..],
        &["validate-policy", "--policy-document", policy],
        &["test", "absent.json"],
        &["batch"],
    ] {
        let (code, said) = keyaki(&[command, &["--certificate", &path]].concat());
        assert!(code == 2 && said.contains("--certificate is not written for"), "{command:?}: {code} {said}");
    }
    assert!(!std::path::Path::new(&path).exists());
}

#[test]
fn differences_that_are_complete_are_proved() {
    let scratch = Scratch::new("diff");
    let path = scratch.path("all.keyaki");
    let folder = format!("{}/corpus/diff", env!("CARGO_MANIFEST_DIR"));
    let mut folders: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let (mut accepted, mut parts) = (0, 0);
    for folder in folders {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let [old, new] = ["old.json", "new.json"].map(|file| folder.join(file).to_string_lossy().into_owned());
        let kind = match std::fs::read_to_string(folder.join("type.txt")) {
            Ok(text) => vec!["--policy-type".to_owned(), text.trim().to_owned()],
            Err(_) => Vec::new(),
        };
        let kind: Vec<&str> = kind.iter().map(String::as_str).collect();
        let (code, said) = keyaki(&[&["diff", &old, &new, "--certificate", &path], kind.as_slice()].concat());
        if code == 3 {
            println!("{name}: {said}");
            continue;
        }
        assert_eq!(code, 0, "{name}: {said}");
        let options = [&["--existing", &old, "--new", &new, "--check", "diff"], kind.as_slice()].concat();
        let file = is_accepted(&path, &options, &name);
        let given = file.proofs.iter().map(|proved| match &proved.proof.given {
            Given::Cubes(cubes) => cubes.len(),
            Given::Nothing | Given::Blocks(_) | Given::Regions(_) => 0,
        });
        parts += given.sum::<usize>();
        accepted += 1;
        let backwards = [&["--existing", &new, "--new", &old, "--check", "diff"], kind.as_slice()].concat();
        assert_eq!(keyaki(&[&["verify", &path], backwards.as_slice()].concat()).0, 1, "{name}: other documents");
        let one_way = [&["--existing", &old, "--new", &new], kind.as_slice()].concat();
        assert_eq!(keyaki(&[&["verify", &path], one_way.as_slice()].concat()).0, 1, "{name}: another property");
    }
    println!("{accepted} certificates of differences accepted, {parts} parts");
    assert!(accepted > 8 && parts > 10, "{accepted} {parts}");
}
