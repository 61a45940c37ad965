//! Batches: how many lines a second one worker answers and how many two, and the peak memory for 10,000 lines and for ten
//! times as many. The lines are the smaller half of the shared updates, again and again, asked without self-check. The
//! program is the one that this bench was built with, or the one that `KEYAKI_BIN` names.

#![allow(clippy::print_stdout, reason = "a bench prints its figures")]

mod measure;

use std::io::{BufWriter, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use measure::shared;

const LINES: usize = 10_000;

/// Questions about the updates whose documents are no longer than the median, one a line.
fn questions() -> Vec<String> {
    let text = shared("policy-updates.jsonl.gz").unwrap_or_default();
    let updates = text.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let mut lines: Vec<String> = updates
        .map(|update| {
            let question = serde_json::json!({
                "id": update["id"], "check": "no-new-access", "policyType": "IDENTITY_POLICY",
                "existingPolicyDocument": update["old"], "newPolicyDocument": update["new"],
            });
            question.to_string()
        })
        .collect();
    lines.sort_by_key(String::len);
    lines.truncate(lines.len() / 2);
    lines
}

/// The seconds that a run over so many lines takes, and its peak memory in KiB where the system tells.
fn run(questions: &[String], lines: usize, jobs: &str) -> (f64, Option<u64>) {
    let program = std::env::var("KEYAKI_BIN").unwrap_or_else(|_| env!("CARGO_BIN_EXE_keyaki").to_owned());
    let mut command = Command::new(program);
    command.args(["batch", "--no-self-check", "--exit-zero", "--jobs", jobs]);
    let start = Instant::now();
    let child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let Ok(mut child) = child else { return (f64::NAN, None) };
    let input = child.stdin.take().map(BufWriter::new);
    let status = format!("/proc/{}/status", child.id());
    let mut peak = None;
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let lines = questions.iter().cycle().take(lines);
            let written =
                input.is_some_and(|mut input| lines.map(|line| writeln!(input, "{line}")).all(|done| done.is_ok()));
            assert!(written, "the program did not take all lines");
        });
        while matches!(child.try_wait(), Ok(None)) {
            peak = std::fs::read_to_string(&status).ok().and_then(|text| high_water(&text)).or(peak);
            std::thread::sleep(Duration::from_millis(5));
        }
    });
    (start.elapsed().as_secs_f64(), peak)
}

/// The most memory that was ever in use, in KiB.
fn high_water(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

fn main() {
    let questions = questions();
    if questions.is_empty() {
        return;
    }
    let rate = |seconds: f64| LINES as f64 / seconds;
    let (one, _) = run(&questions, LINES, "1");
    let (two, few) = run(&questions, LINES, "2");
    println!("{LINES} lines: {:.0} a second by one worker, {:.0} by two, {:.2} times", rate(one), rate(two), one / two);
    let (_, many) = run(&questions, LINES * 10, "2");
    match (few, many) {
        (Some(few), Some(many)) => println!(
            "peak memory: {:.1} MiB for {LINES} lines, {:.1} MiB for {}, {:.2} times",
            few as f64 / 1024.0,
            many as f64 / 1024.0,
            LINES * 10,
            many as f64 / few as f64
        ),
        _ => println!("peak memory: not told by this system"),
    }
}
