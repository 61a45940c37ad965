//! Text to verdict over the shared policy updates, as ratios to parsing the same two documents with serde_json in the same
//! run; and, where `KEYAKI_REPORTS` is set, to a whole report with readable counterexamples, without and with self-check.
//! `KEYAKI_TAIL=30` names the thirty slowest checks, `KEYAKI_ONLY=text` leaves out those whose names do not hold the text.
//! One pair of the median kind goes to criterion.

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

fn text_to_report(pair: &Pair, certification: Certification) -> Option<Verdict> {
    let (old, new) = read(pair)?;
    let settings = Settings { certification, ..Settings::default() };
    ask(&question(&old, &new, &Catalogue::embedded(), &settings)).ok().map(|report| report.verdict)
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

/// What was measured of all pairs, in their order: microseconds.
#[derive(Default)]
struct Measured {
    parsing: Vec<f64>,
    reading: Vec<f64>,
    verdicts: Vec<f64>,
    reports: Vec<f64>,
    checked: Vec<f64>,
}

impl Measured {
    /// A pair after the other, everything of it at once: a machine that slows down for a while slows all of it down.
    fn add(&mut self, pair: &Pair, reports: bool) -> Option<Verdict> {
        let mut answer = None;
        self.parsing.push(best(5, || assert!(black_box(parse(pair)))));
        self.reading.push(best(5, || drop(black_box(read(pair)))));
        self.verdicts.push(best(5, || answer = black_box(text_to_verdict(pair))));
        if reports {
            let report = |certification| {
                best(2, || {
                    black_box(text_to_report(pair, certification));
                })
            };
            self.reports.push(report(Certification::Omitted));
            self.checked.push(report(Certification::Checked));
        }
        answer
    }

    fn show(&mut self) {
        let parsing = &self.parsing;
        let ratios =
            |times: &[f64]| -> Vec<f64> { times.iter().zip(parsing).map(|(time, parsing)| time / parsing).collect() };
        let rows = [
            ("text to policies", &mut self.reading),
            ("text to verdict", &mut self.verdicts),
            ("text to report, without self-check", &mut self.reports),
            ("text to report, with self-check", &mut self.checked),
        ];
        for (name, times) in rows.into_iter().filter(|(_, times)| !times.is_empty()) {
            quantiles(&format!("{name} / parse of the same documents"), &mut ratios(times));
            quantiles(&format!("{name}, microseconds"), times);
        }
    }
}

fn main() {
    let (pairs, reports) = (pairs(), std::env::var_os("KEYAKI_REPORTS").is_some());
    let mut measured = Measured::default();
    let answers: Vec<Option<Verdict>> = pairs.iter().map(|pair| measured.add(pair, reports)).collect();
    let count = |wanted| answers.iter().filter(|answer| **answer == wanted).count();
    let [pass, fail, unknown] = [Verdict::Pass, Verdict::Fail, Verdict::Unknown].map(|verdict| count(Some(verdict)));
    tail(&pairs, &measured.verdicts, &answers);
    println!("{} checks: {pass} PASS, {fail} FAIL, {unknown} UNKNOWN, {} refused", pairs.len(), count(None));
    measured.show();
    let mut criterion = Criterion::default().configure_from_args().sample_size(20);
    if let Some(pair) = pairs.get(pairs.len() / 2) {
        criterion.bench_function("text to verdict, one update", |b| b.iter(|| text_to_verdict(black_box(pair))));
    }
    criterion.final_summary();
}
