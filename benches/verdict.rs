//! Text to verdict over the shared policy updates, as ratios to parsing the same two documents with serde_json in the same
//! run; and, where `KEYAKI_REPORTS` is set, to a whole report with readable counterexamples. `KEYAKI_TAIL=30` names the
//! thirty slowest checks, `KEYAKI_ONLY=text` leaves out those whose names do not hold the text. One pair of the median kind goes to criterion.

#![allow(clippy::print_stdout, reason = "a bench prints its figures")]

mod measure;

use std::hint::black_box;

use criterion::Criterion;
use keyaki::catalogue::Catalogue;
use keyaki::checks::{Certification, Question, Settings, Side, Verdict, ask, verdict};
use keyaki::policy::Policy;
use measure::{best, identity, quantiles, shared};

/// The two documents of an update as compact text.
struct Pair {
    id: String,
    old: String,
    new: String,
}

fn pairs() -> Vec<Pair> {
    let text = shared("policy-updates.jsonl.gz").unwrap_or_default();
    let only = std::env::var("KEYAKI_ONLY").unwrap_or_default();
    let mut pairs = Vec::new();
    for line in text.lines() {
        if let Ok(update) = serde_json::from_str::<serde_json::Value>(line) {
            let (old, new) = (update["old"].to_string(), update["new"].to_string());
            let id = |check: &str| format!("{} {check}", update["id"].as_str().unwrap_or_default());
            if !update["id"].as_str().is_some_and(|id| id.contains(&only)) {
                continue;
            }
            pairs.push(Pair { id: id("old-vs-new"), old: new.clone(), new: old.clone() });
            pairs.push(Pair { id: id("new-vs-old"), old, new });
        }
    }
    pairs
}

fn read(pair: &Pair) -> Option<(Policy, Policy)> {
    Some((identity(&pair.old, true)?, identity(&pair.new, false)?))
}

fn question<'p>(old: &'p Policy, new: &'p Policy, catalogue: &'p Catalogue, settings: &'p Settings) -> Question<'p> {
    let existing = Some(Side::Document(old));
    Question { catalogue, existing, asked: Side::Document(new), access: &[], outsiders: None, settings }
}

/// Without self-check.
fn settings() -> Settings {
    Settings { certification: Certification::Omitted, ..Settings::default() }
}

fn text_to_verdict(pair: &Pair) -> Option<Verdict> {
    let (old, new) = read(pair)?;
    verdict(&question(&old, &new, &Catalogue::embedded(), &settings())).ok()
}

fn text_to_report(pair: &Pair) -> Option<Verdict> {
    let (old, new) = read(pair)?;
    ask(&question(&old, &new, &Catalogue::embedded(), &settings())).ok().map(|report| report.verdict)
}

fn parse(pair: &Pair) -> bool {
    let both = [&pair.old, &pair.new].map(|text| serde_json::from_str::<serde_json::Value>(text));
    both.iter().all(Result::is_ok)
}

/// The slowest checks by name.
fn tail(pairs: &[Pair], verdicts: &[f64], answers: &[Option<Verdict>]) {
    let Some(most) = std::env::var("KEYAKI_TAIL").ok().and_then(|most| most.parse().ok()) else { return };
    let mut slowest: Vec<usize> = (0..pairs.len()).collect();
    slowest.sort_by(|a, b| verdicts[*b].total_cmp(&verdicts[*a]));
    for at in slowest.into_iter().take(most) {
        println!("{:>12.1} us  {:<8} {}", verdicts[at], format!("{:?}", answers[at]), pairs[at].id);
    }
}

fn main() {
    let pairs = pairs();
    let parsing: Vec<f64> = pairs
        .iter()
        .map(|pair| {
            best(5, || {
                black_box(parse(pair));
            })
        })
        .collect();
    let mut reading: Vec<f64> = pairs.iter().map(|pair| best(5, || drop(black_box(read(pair))))).collect();
    let mut counts = [0usize; 4];
    let mut answers = Vec::with_capacity(pairs.len());
    let mut verdicts = Vec::with_capacity(pairs.len());
    for pair in &pairs {
        let mut answer = None;
        verdicts.push(best(5, || answer = black_box(text_to_verdict(pair))));
        counts[match answer {
            Some(Verdict::Pass) => 0,
            Some(Verdict::Fail) => 1,
            Some(Verdict::Unknown) => 2,
            None => 3,
        }] += 1;
        answers.push(answer);
    }
    tail(&pairs, &verdicts, &answers);
    let [pass, fail, unknown, refused] = counts;
    println!("{} checks: {pass} PASS, {fail} FAIL, {unknown} UNKNOWN, {refused} refused", pairs.len());
    let ratios =
        |times: &[f64]| -> Vec<f64> { times.iter().zip(&parsing).map(|(time, parsing)| time / parsing).collect() };
    quantiles("text to policies / parse of the same documents", &mut ratios(&reading));
    quantiles("text to verdict / parse of the same documents", &mut ratios(&verdicts));
    quantiles("text to policies, microseconds", &mut reading);
    quantiles("text to verdict, microseconds", &mut verdicts);
    if std::env::var_os("KEYAKI_REPORTS").is_some() {
        let report = |pair| {
            best(2, || {
                black_box(text_to_report(pair));
            })
        };
        let mut reports: Vec<f64> = pairs.iter().map(report).collect();
        quantiles("text to report / parse of the same documents", &mut ratios(&reports));
        quantiles("text to report, microseconds", &mut reports);
    }
    let mut criterion = Criterion::default().configure_from_args().sample_size(20);
    if let Some(pair) = pairs.get(pairs.len() / 2) {
        criterion.bench_function("text to verdict, one update", |b| b.iter(|| text_to_verdict(black_box(pair))));
    }
    criterion.final_summary();
}
