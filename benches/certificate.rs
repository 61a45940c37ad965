//! Certificates over the shared policy updates, both directions: their size, and how long making and checking them takes
//! beside deciding the question and beside reading the documents; median, p90, p99, maximum.

#![allow(clippy::print_stdout, reason = "a bench prints its figures")]

use std::hint::black_box;
use std::io::Read;
use std::path::PathBuf;
use std::time::Instant;

use keyaki::catalogue::Catalogue;
use keyaki::certificate::{File, Property};
use keyaki::checks::claims::Claims;
use keyaki::checks::{Certification, Question, Settings, Side, Verdict, ask};
use keyaki::policy::read::{ReadOptions, read};
use keyaki::policy::{Kind, Policy};
use keyaki::source::Sources;

/// The two documents of an update as compact text.
struct Pair {
    old: String,
    new: String,
}

fn pairs() -> Vec<Pair> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data/policy-updates.jsonl.gz");
    let mut text = String::new();
    let unpacked = std::fs::read(&path)
        .is_ok_and(|bytes| flate2::read::GzDecoder::new(bytes.as_slice()).read_to_string(&mut text).is_ok());
    if !unpacked {
        eprintln!("not run: ../shared/data/policy-updates.jsonl.gz is absent");
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

fn documents(pair: &Pair) -> Option<(Policy, Policy)> {
    let mut sources = Sources::default();
    let options = |reference| ReadOptions { kind: Some(Kind::Identity), reference, ..ReadOptions::default() };
    let old = read(&mut sources, "old", pair.old.as_bytes(), &options(true)).policy?;
    let new = read(&mut sources, "new", pair.new.as_bytes(), &options(false)).policy?;
    Some((old, new))
}

fn question<'a>(catalogue: &'a Catalogue, (old, new): &'a (Policy, Policy), settings: &'a Settings) -> Question<'a> {
    Question::no_new_access(Side::Document(old), Side::Document(new), catalogue, settings)
}

/// Microseconds of the fastest of a few runs.
fn time(mut work: impl FnMut()) -> f64 {
    let mut best = f64::MAX;
    for _ in 0..3 {
        let start = Instant::now();
        work();
        best = best.min(start.elapsed().as_secs_f64() * 1e6);
    }
    best
}

/// A figure with its value for every certificate.
#[derive(Default)]
struct Figure {
    name: &'static str,
    values: Vec<f64>,
}

impl Figure {
    fn named(name: &'static str) -> Self {
        Self { name, values: Vec::new() }
    }

    fn print(&mut self) {
        self.values.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let index = (share * (self.values.len().max(1) - 1) as f64).round() as usize;
            self.values.get(index).copied().unwrap_or(0.0)
        };
        let [median, p90, p99, most] = [0.5, 0.9, 0.99, 1.0].map(at);
        println!("{}: median {median:.2}  p90 {p90:.2}  p99 {p99:.2}  max {most:.2}", self.name);
    }
}

const FIGURES: [&str; 7] = [
    "deciding without a proof, microseconds (this machine)",
    "making the proof / deciding",
    "making and checking it before it is shown / deciding",
    "verify, from the text of all three files / from text to verdict without a proof",
    "certificate in bytes",
    "lemmas",
    "steps",
];

fn measure(catalogue: &Catalogue, pair: &Pair, figures: &mut [Figure]) -> Option<()> {
    let both = documents(pair)?;
    let with = |certification| Settings { certification, ..Settings::default() };
    let (omitted, made, checked) =
        (with(Certification::Omitted), with(Certification::Made), with(Certification::Checked));
    let asked = question(catalogue, &both, &made);
    let report = ask(&asked).ok().filter(|report| report.verdict == Verdict::Pass)?;
    let proof = report.proof?;
    let deciding = |settings: &Settings| time(|| drop(black_box(ask(&question(catalogue, &both, settings)))));
    let (plain, making, checking) = (deciding(&omitted), deciding(&made), deciding(&checked));
    let counts = (proof.certificate.lemmas.len(), proof.certificate.steps.len());
    let text = File::of(Property::of("no-new-access"), &Claims::Question(asked), vec![proof]).ok()?.write();
    let from_text = time(|| {
        if let Some(both) = documents(pair) {
            drop(black_box(ask(&question(catalogue, &both, &omitted))));
        }
    });
    let mut accepted = true;
    let verifying = time(|| {
        let (Some(both), Ok(file)) = (documents(pair), File::read(&text)) else { return };
        let asked = question(catalogue, &both, &omitted);
        let (property, claims) = (Property::of("no-new-access"), Claims::Question(asked));
        accepted &= file.verify(&property, &claims, Settings::DEFAULT_BUDGET).is_ok();
    });
    let values = [
        plain,
        (making - plain).max(0.0) / plain,
        (checking - plain).max(0.0) / plain,
        verifying / from_text,
        text.len() as f64,
        counts.0 as f64,
        counts.1 as f64,
    ];
    figures.iter_mut().zip(values).for_each(|(figure, value)| figure.values.push(value));
    accepted.then_some(())
}

fn main() {
    let catalogue = Catalogue::embedded();
    let mut figures = FIGURES.map(Figure::named);
    let pairs = pairs();
    let accepted = pairs.iter().filter(|pair| measure(&catalogue, pair, &mut figures).is_some()).count();
    let passes = figures.first().map_or(0, |figure| figure.values.len());
    println!("{} checks: {passes} PASS, {accepted} certificates accepted", pairs.len());
    figures.iter_mut().for_each(Figure::print);
}
