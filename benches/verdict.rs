//! Text to verdict over the shared policy updates, as ratios to parsing the same two documents with serde_json in the same
//! run; and to a whole report with readable counterexamples beside it. One pair of the median kind goes to criterion.

#![allow(clippy::print_stdout, reason = "a bench prints its figures")]

mod measure;

use std::hint::black_box;

use criterion::Criterion;
use keyaki::catalogue::Catalogue;
use keyaki::checks::{Question, Settings, Side, Verdict, ask, verdict};
use keyaki::policy::Policy;
use measure::{best, identity, quantiles, shared};

/// The two documents of an update as compact text.
struct Pair {
    old: String,
    new: String,
}

fn pairs() -> Vec<Pair> {
    let text = shared("policy-updates.jsonl.gz").unwrap_or_default();
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

fn read(pair: &Pair) -> Option<(Policy, Policy)> {
    Some((identity(&pair.old, true)?, identity(&pair.new, false)?))
}

fn question<'p>(old: &'p Policy, new: &'p Policy, catalogue: &'p Catalogue, settings: &'p Settings) -> Question<'p> {
    let existing = Some(Side::Document(old));
    Question { catalogue, existing, asked: Side::Document(new), access: &[], settings }
}

fn text_to_verdict(pair: &Pair) -> Option<Verdict> {
    let (old, new) = read(pair)?;
    verdict(&question(&old, &new, &Catalogue::embedded(), &Settings::default())).ok()
}

fn text_to_report(pair: &Pair) -> Option<Verdict> {
    let (old, new) = read(pair)?;
    ask(&question(&old, &new, &Catalogue::embedded(), &Settings::default())).ok().map(|report| report.verdict)
}

fn parse(pair: &Pair) -> bool {
    let both = [&pair.old, &pair.new].map(|text| serde_json::from_str::<serde_json::Value>(text));
    both.iter().all(Result::is_ok)
}

fn main() {
    let pairs = pairs();
    let (mut reading, mut verdicts, mut reports) = (Vec::new(), Vec::new(), Vec::new());
    let (mut verdict_micros, mut report_micros) = (Vec::new(), Vec::new());
    let mut counts = [0usize; 4];
    for pair in &pairs {
        let parsing = best(5, || {
            black_box(parse(pair));
        });
        reading.push(best(5, || drop(black_box(read(pair)))) / parsing);
        let mut answer = None;
        let micros = best(5, || answer = black_box(text_to_verdict(pair)));
        counts[match answer {
            Some(Verdict::Pass) => 0,
            Some(Verdict::Fail) => 1,
            Some(Verdict::Unknown) => 2,
            None => 3,
        }] += 1;
        verdicts.push(micros / parsing);
        verdict_micros.push(micros);
        let micros = best(2, || {
            black_box(text_to_report(pair));
        });
        reports.push(micros / parsing);
        report_micros.push(micros);
    }
    let [pass, fail, unknown, refused] = counts;
    println!("{} checks: {pass} PASS, {fail} FAIL, {unknown} UNKNOWN, {refused} refused", pairs.len());
    quantiles("text to policies / parse of the same documents", &mut reading);
    quantiles("text to verdict / parse of the same documents", &mut verdicts);
    quantiles("text to verdict, microseconds", &mut verdict_micros);
    quantiles("text to report / parse of the same documents", &mut reports);
    quantiles("text to report, microseconds", &mut report_micros);
    let mut criterion = Criterion::default().configure_from_args().sample_size(20);
    if let Some(pair) = pairs.get(pairs.len() / 2) {
        criterion.bench_function("text to verdict, one update", |b| b.iter(|| text_to_verdict(black_box(pair))));
    }
    criterion.final_summary();
}
