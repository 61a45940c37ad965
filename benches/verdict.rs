//! Text to verdict over the shared policy updates, as ratios to parsing the same two documents with serde_json in the same
//! run: median, p90, p99, maximum. The largest pair of the median kind is also handed to criterion.

#![allow(clippy::print_stdout, reason = "a bench prints its figures")]

use std::hint::black_box;
use std::io::Read;
use std::path::PathBuf;
use std::time::Instant;

use criterion::Criterion;
use keyaki::checks::{Settings, Verdict, no_new_access};
use keyaki::policy::Kind;
use keyaki::policy::read::{ReadOptions, read};
use keyaki::source::Sources;

/// The two documents of an update as compact text.
struct Pair {
    old: String,
    new: String,
}

fn pairs() -> Vec<Pair> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data/policy-updates.jsonl.gz");
    let Ok(bytes) = std::fs::read(&path) else {
        eprintln!("not run: ../shared/data/policy-updates.jsonl.gz is absent");
        return Vec::new();
    };
    let mut text = String::new();
    if flate2::read::GzDecoder::new(bytes.as_slice()).read_to_string(&mut text).is_err() {
        eprintln!("not run: ../shared/data/policy-updates.jsonl.gz cannot be unpacked");
    }
    let mut pairs = Vec::new();
    for line in text.lines() {
        if let Ok(update) = serde_json::from_str::<serde_json::Value>(line) {
            let (old, new) = (update["old"].to_string(), update["new"].to_string());
            pairs.push(Pair { old: new.clone(), new: old.clone() });
            pairs.push(Pair { old, new });
        }
    }
    pairs
}

fn verdict(pair: &Pair) -> Option<Verdict> {
    let mut sources = Sources::default();
    let options = |reference| ReadOptions { kind: Some(Kind::Identity), reference, ..ReadOptions::default() };
    let old = read(&mut sources, "old", pair.old.as_bytes(), &options(true)).policy?;
    let new = read(&mut sources, "new", pair.new.as_bytes(), &options(false)).policy?;
    no_new_access(&old, &new, &Settings::default()).ok().map(|report| report.verdict)
}

fn parse(pair: &Pair) -> bool {
    let both = [&pair.old, &pair.new].map(|text| serde_json::from_str::<serde_json::Value>(text));
    both.iter().all(Result::is_ok)
}

/// Microseconds of the fastest of a few runs.
fn time(runs: usize, mut work: impl FnMut()) -> f64 {
    let mut best = f64::MAX;
    for _ in 0..runs {
        let start = Instant::now();
        work();
        best = best.min(start.elapsed().as_secs_f64() * 1e6);
    }
    best
}

fn quantiles(name: &str, values: &mut [f64]) {
    values.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let index = (share * (values.len().max(1) - 1) as f64).round() as usize;
        values.get(index).copied().unwrap_or(0.0)
    };
    println!("{name}: median {:.1}  p90 {:.1}  p99 {:.1}  max {:.1}", at(0.5), at(0.9), at(0.99), at(1.0));
}

fn main() {
    let pairs = pairs();
    let (mut ratios, mut micros) = (Vec::new(), Vec::new());
    let mut counts = [0usize; 4];
    for pair in &pairs {
        let parsing = time(5, || {
            black_box(parse(pair));
        });
        let mut answer = None;
        let deciding = time(3, || answer = black_box(verdict(pair)));
        counts[match answer {
            Some(Verdict::Pass) => 0,
            Some(Verdict::Fail) => 1,
            Some(Verdict::Unknown) => 2,
            None => 3,
        }] += 1;
        ratios.push(deciding / parsing);
        micros.push(deciding);
    }
    println!(
        "{} checks: {} PASS, {} FAIL, {} UNKNOWN, {} refused",
        pairs.len(),
        counts[0],
        counts[1],
        counts[2],
        counts[3]
    );
    quantiles("text to verdict / serde_json parse of the same documents", &mut ratios);
    quantiles("text to verdict in microseconds (this machine)", &mut micros);
    let mut criterion = Criterion::default().configure_from_args().sample_size(20);
    if let Some(pair) = pairs.get(pairs.len() / 2) {
        criterion.bench_function("text to verdict, one update", |b| b.iter(|| verdict(black_box(pair))));
    }
    criterion.final_summary();
}
