//! Cold start: one check of a median update by the program itself, against the time of `/bin/true` in the same run. The
//! program is the one that this bench was built with, or the one that `KEYAKI_BIN` names (the static build).

#![allow(clippy::print_stdout, reason = "a bench prints its figures")]

mod measure;

use std::process::{Command, Stdio};

use measure::{micros, quantiles, shared};

const RUNS: usize = 200;

/// The update whose documents have the median size.
fn median() -> Option<[String; 2]> {
    let text = shared("policy-updates.jsonl.gz")?;
    let lines = text.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let mut pairs: Vec<[String; 2]> = lines.map(|line| [line["old"].to_string(), line["new"].to_string()]).collect();
    pairs.sort_by_key(|pair| pair.iter().map(String::len).sum::<usize>());
    let middle = pairs.len() / 2;
    pairs.into_iter().nth(middle)
}

fn run(command: &mut Command) {
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    assert!(status.is_ok(), "the program cannot be started");
}

fn main() {
    let Some([old, new]) = median() else { return };
    let program = std::env::var("KEYAKI_BIN").unwrap_or_else(|_| env!("CARGO_BIN_EXE_keyaki").to_owned());
    let (mut yardstick, mut own) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        yardstick.push(micros(|| run(&mut Command::new("/bin/true"))));
        own.push(micros(|| {
            let mut command = Command::new(&program);
            command.args(["check-no-new-access", "--policy-type", "IDENTITY_POLICY"]);
            command.args(["--existing-policy-document", &old, "--new-policy-document", &new]);
            run(&mut command);
        }));
    }
    println!("{RUNS} runs each, documents of {} and {} bytes", old.len(), new.len());
    quantiles("/bin/true, microseconds", &mut yardstick);
    quantiles("keyaki check-no-new-access, microseconds", &mut own);
}
