//! `keyaki scan`: the cases of corpus/scan with what was seen, checked and skipped in each; revisions; many files.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/scan")
}

fn scan(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_keyaki"));
    command.current_dir(folder).arg("scan").args(arguments).env_remove("NO_COLOR");
    command.output().unwrap()
}

/// A scan as JSON, and its exit code.
fn answer(folder: &Path, arguments: &[&str]) -> (Value, i32) {
    let output = scan(folder, &[&["--output", "json"], arguments].concat());
    let text = String::from_utf8(output.stdout).unwrap();
    let value = serde_json::from_str(&text).unwrap_or_else(|error| {
        panic!("{}: {error}\n{text}{}", folder.display(), String::from_utf8_lossy(&output.stderr))
    });
    (value, output.status.code().unwrap())
}

/// What was seen, checked and skipped.
fn reduced(answer: &Value, exit: i32) -> Value {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let check = |check: &Value| {
        let mut out = json!({"check": check["check"], "result": check["result"]});
        let statements: Vec<Value> =
            list(&check["reasons"]).iter().map(|reason| reason["statementIndex"].clone()).collect();
        for (name, value) in [("statements", json!(statements)), ("values", check["values"].clone())] {
            if !matches!(&value, Value::Null) && value != json!([]) {
                out[name] = value;
            }
        }
        out
    };
    let policy = |policy: &Value| {
        let mut out = json!({"file": policy["file"], "address": policy["address"], "kind": policy["kind"]});
        for name in ["resourceType", "unknownValues"] {
            if !policy[name].is_null() {
                out[name] = policy[name].clone();
            }
        }
        out["checks"] = list(&policy["checks"]).iter().map(check).collect();
        out
    };
    let skip = |skip: &Value| {
        let mut out = json!({"file": skip["file"], "cause": skip["cause"], "reason": skip["reason"]});
        if !skip["address"].is_null() {
            out["address"] = skip["address"].clone();
        }
        out
    };
    json!({
        "policies": list(&answer["policies"]).iter().map(policy).collect::<Vec<_>>(),
        "skipped": list(&answer["skipped"]).iter().map(skip).collect::<Vec<_>>(),
        "exit": exit,
    })
}

#[test]
fn every_case_is_seen_checked_and_skipped_as_expected() {
    let mut wrong = Vec::new();
    let mut folders: Vec<PathBuf> = std::fs::read_dir(corpus()).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.retain(|folder| folder.is_dir());
    folders.sort();
    for folder in &folders {
        let read = |name: &str| -> Value {
            let text = std::fs::read_to_string(folder.join(name));
            serde_json::from_str(&text.unwrap_or_else(|error| panic!("{}: {name}: {error}", folder.display()))).unwrap()
        };
        let case = read("case.json");
        let texts = |name: &str| -> Vec<String> {
            let list = case[name].as_array().cloned().unwrap_or_default();
            list.iter().map(|text| text.as_str().unwrap().to_owned()).collect()
        };
        let mut paths = texts("paths");
        if paths.is_empty() {
            paths.push("input".to_owned());
        }
        let arguments: Vec<String> = paths.into_iter().chain(texts("arguments")).collect();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let (found, exit) = answer(folder, &arguments);
        let found = reduced(&found, exit);
        if found != read("expected.json") {
            wrong.push(format!("{}:\n{found:#}", folder.display()));
        }
        let text = scan(folder, &arguments);
        assert_eq!(text.status.code(), Some(exit), "the code depends on the format in {}", folder.display());
        let stderr = String::from_utf8_lossy(&text.stderr);
        assert!(!stderr.contains("\rpolicy"), "progress that nobody watches: {stderr}");
    }
    assert!(folders.len() >= 30, "{} cases", folders.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A folder of its own, empty.
fn fresh(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _was_not_there = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn policy(action: &str) -> String {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}).to_string()
}

fn template(action: &str) -> String {
    format!(
        "Resources:\n  Jobs: {{Type: AWS::SQS::Queue}}\n  P:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n      \
         PolicyDocument:\n        Version: 2012-10-17\n        Statement:\n          - {{Effect: Allow, Action: ['sqs:SendMessage'{action}], \
         Resource: !GetAtt Jobs.Arn}}\n"
    )
}

#[test]
fn what_a_branch_grants_that_another_does_not() {
    let folder = fresh("scan-against");
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.arg("-C").arg(&folder).args(["-c", "user.name=a", "-c", "user.email=a@example.com"]);
        command.args(["-c", "commit.gpgsign=false"]).args(arguments);
        let output = command.output().expect("the git program");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    };
    git(&["init", "-q", "-b", "main"]);
    write(&folder, "sub/same.json", &policy("s3:GetObject"));
    write(&folder, "sub/more.json", &policy("s3:GetObject"));
    write(&folder, "sub/broken.json", "{\"Statement\": [");
    write(&folder, "sub/same.yaml", &template(""));
    write(&folder, "sub/more.yaml", &template(""));
    git(&["add", "."]);
    git(&["commit", "-q", "-m", "x"]);
    write(&folder, "sub/more.json", &policy("s3:*"));
    write(&folder, "sub/new.json", &policy("s3:GetObject"));
    write(&folder, "sub/broken.json", &policy("s3:GetObject"));
    write(&folder, "sub/more.yaml", &template(", 'sqs:DeleteQueue'"));
    let results = |arguments: &[&str]| {
        let (found, exit) = answer(&folder, arguments);
        let list = found["policies"].as_array().unwrap().clone();
        let row = |policy: &Value| {
            format!("{} {}", policy["file"].as_str().unwrap(), policy["checks"][0]["result"].as_str().unwrap())
        };
        (list.iter().map(row).collect::<Vec<_>>(), exit)
    };
    let expected = [
        "sub/broken.json UNKNOWN",
        "sub/more.json FAIL",
        "sub/more.yaml FAIL",
        "sub/new.json FAIL",
        "sub/same.json PASS",
        "sub/same.yaml PASS",
    ];
    assert_eq!(
        results(&["--check", "no-new-access", "--against", "main", "sub"]),
        (expected.map(str::to_owned).to_vec(), 1)
    );
    let one = ["--check", "no-new-access", "--against", "HEAD", "sub/same.yaml"];
    assert_eq!(results(&one), (vec!["sub/same.yaml PASS".to_owned()], 0));
    for bad in ["nowhere", "--help", "main:sub"] {
        let against = format!("--against={bad}");
        let output = scan(&folder, &["--check", "no-new-access", &against, "sub"]);
        assert!(matches!(output.status.code(), Some(2)) || bad == "main:sub", "{bad}");
    }
}

/// Writes policies and plans of updates, all made up.
fn generate(folder: &Path, policies: usize, plans: usize) {
    let services = ["s3:GetObject", "sqs:SendMessage", "sns:Publish", "ec2:Describe*", "iam:PassRole", "kms:Decrypt"];
    let statement = |seed: usize| {
        let action = services[seed % services.len()];
        json!({"Sid": format!("S{seed}"), "Effect": "Allow", "Action": [action, "logs:PutLogEvents"],
               "Resource": format!("arn:aws:s3:::bucket-{seed}/*"),
               "Condition": {"StringEquals": {"aws:PrincipalTag/team": format!("t{}", seed % 7)}}})
    };
    let document = |seed: usize| {
        let statements: Vec<Value> = (seed..seed + 1 + seed % 9).map(statement).collect();
        json!({"Version": "2012-10-17", "Statement": statements}).to_string()
    };
    for seed in 0..policies {
        write(folder, &format!("team{}/p{seed}.json", seed % 10), &document(seed));
    }
    for plan in 0..plans {
        let module = format!("module.m[{plan}]");
        let change = |seed: usize| {
            json!({"address": format!("{module}.aws_iam_policy.p[{seed}]"), "module_address": module, "mode": "managed",
                   "type": "aws_iam_policy", "name": "p",
                   "change": {"actions": ["update"], "before": {"policy": document(seed)},
                              "after": {"policy": document(seed + 1)}, "after_unknown": {}}})
        };
        let changes: Vec<Value> = (0..20).map(change).collect();
        let text = json!({"format_version": "1.2", "resource_changes": changes}).to_string();
        write(folder, &format!("plans/{plan}.json"), &text);
    }
}

/// The largest memory that a process had, asked until it ends.
fn peak_memory(process: u32) -> std::thread::JoinHandle<String> {
    let status = format!("/proc/{process}/status");
    std::thread::spawn(move || {
        let mut peak = String::new();
        while let Ok(text) = std::fs::read_to_string(&status) {
            match text.lines().find_map(|line| line.strip_prefix("VmHWM:")) {
                Some(line) => peak = line.trim().to_owned(),
                None => break,
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        peak
    })
}

/// A repository of many policies and plans is scanned by one process. `KEYAKI_SCAN=1000` policies, and a twentieth of
/// that plans; prints time and peak memory.
#[test]
fn many_policies_and_plans() {
    let policies: usize = std::env::var("KEYAKI_SCAN").ok().and_then(|text| text.parse().ok()).unwrap_or(60);
    let plans = policies.div_ceil(20);
    let folder = fresh("scan-many");
    generate(&folder, policies, plans);
    let started = std::time::Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_keyaki"))
        .current_dir(&folder)
        .args(["scan", "--output", "json", "--check", "access-not-granted,no-new-access"])
        .args(["--access", "actions=iam:PassRole", "."])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let peak = peak_memory(child.id());
    let mut text = String::new();
    std::io::Read::read_to_string(&mut child.stdout.take().unwrap(), &mut text).unwrap();
    let took = started.elapsed();
    child.wait().unwrap();
    let peak = peak.join().unwrap();
    println!("{policies} policies and {plans} plans of 20 in one process: {took:?}, peak memory {peak}");
    let found: Value = serde_json::from_str(&text).unwrap();
    let summary = &found["summary"];
    assert_eq!(summary["files"], json!(policies + plans));
    assert_eq!(summary["policies"], json!(policies + plans * 20));
    assert_eq!(summary["checks"], json!(policies + plans * 40));
    assert_eq!((&summary["skipped"], &summary["internal"]), (&json!(0), &json!(0)));
}
