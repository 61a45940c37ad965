//! Adversarial families at growing sizes until the default budget ends: outcome, work, time and peak memory, each question
//! in a process of its own. No run may need more than 512 MiB, and none may stay without an answer. The table of a run is
//! kept in `benches/record/families.md`.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints its figures and stops where it cannot go on"
)]

#[path = "../tests/it/generate/family.rs"]
mod family;
#[path = "../tests/it/generate/rng.rs"]
#[allow(dead_code, reason = "the tests use all of it")]
mod rng;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use family::FAMILIES;

/// Sizes from 4 on, doubling.
const LARGEST: usize = 1 << 14;
/// A question without an answer after this time is said to hang.
const PATIENCE: Duration = Duration::from_secs(120);
/// Longest document, in bytes, that the reader takes.
const LONGEST: usize = 1 << 20;

/// Answers one question and prints what became of it.
fn one(family: usize, size: usize) {
    let question = FAMILIES[family].1(size);
    let length = match &question.asked {
        family::Asked::NoNewAccess(old, new) => old.to_string().len().max(new.to_string().len()),
        family::Asked::Granted(stack, _) => stack.to_string().len(),
    };
    if length > LONGEST {
        println!("TOO-LONG");
        return;
    }
    let start = Instant::now();
    let (report, work) = question.answer();
    let verdict = match report {
        Ok(report) => format!("{:?}", report.verdict),
        Err(_) => "Disagree".to_owned(),
    };
    let spent = start.elapsed().as_secs_f64() * 1e3;
    println!("{verdict} {} {} {} {spent:.1}", work.search, work.proof, work.check);
    let expected = question.violated.map(|violated| if violated { "Fail" } else { "Pass" });
    let open = verdict == "Unknown" || verdict == "Disagree";
    assert!(open || expected.is_none_or(|expected| expected == verdict), "wrong: {verdict}");
}

/// Peak resident memory of this process, in MiB, where the system tells.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    line.and_then(|line| line.split_whitespace().nth(1)).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) / 1024
}

/// The outcome of one question in a process of its own.
fn alone(family: usize, size: usize) -> String {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .env("KEYAKI_FAMILY", format!("{family} {size}"))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let start = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if start.elapsed() > PATIENCE {
            child.kill().unwrap();
            return "HANG".to_owned();
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if output.status.success() { text } else { format!("BROKEN {text}") }
}

fn main() {
    if let Ok(question) = std::env::var("KEYAKI_FAMILY") {
        let (family, size) = question.split_once(' ').unwrap();
        one(family.parse().unwrap(), size.parse().unwrap());
        println!("{}", peak());
        return;
    }
    println!("| family | size | outcome | search | proof | check | ms | peak MiB |");
    println!("|---|---:|---|---:|---:|---:|---:|---:|");
    for (number, (name, _)) in FAMILIES.iter().enumerate() {
        let mut size = 4;
        while size <= LARGEST {
            let found = alone(number, size);
            let mut words = found.split_whitespace();
            let outcome = words.next().unwrap_or("NOTHING");
            if outcome == "TOO-LONG" {
                break;
            }
            let figures: Vec<&str> = (0..5).map(|_| words.next().unwrap_or("-")).collect();
            println!("| {name} | {size} | {outcome} | {} |", figures.join(" | "));
            if outcome != "Pass" && outcome != "Fail" {
                break;
            }
            size *= 2;
        }
    }
}
