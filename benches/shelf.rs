//! All pairs of the managed policies, compiled once, on all cores; and the critical actions over all of them, against the
//! time to read and compile them. A sample is asked once more by single checks: the digests are the same.

#![allow(clippy::print_stdout, reason = "a bench prints its figures")]

mod measure;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use keyaki::catalogue::Catalogue;
use keyaki::checks::compiled::{Answers, Shelf};
use keyaki::checks::{Access, Certification, Question, Settings, Side, Verdict, ask};
use keyaki::policy::Policy;
use measure::{digest, identity, managed, shared};

/// One sampled pair in so many.
const SAMPLE: usize = 100;

fn read_all(texts: &[String]) -> Vec<Policy> {
    texts.iter().filter_map(|text| identity(text, false)).collect()
}

/// The answers of each policy against all, rows shared out over threads.
fn all_pairs(shelf: &Shelf<'_>, policies: &[Policy], threads: usize) -> Vec<Option<Answers>> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut rows = Vec::new();
        loop {
            let row = next.fetch_add(1, Ordering::Relaxed);
            let Some(existing) = policies.get(row) else { return rows };
            rows.push((row, shelf.no_new_access(existing).ok()));
        }
    };
    let mut rows: Vec<(usize, Option<Answers>)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap_or_default()).collect()
    });
    rows.sort_by_key(|(row, _)| *row);
    rows.into_iter().map(|(_, answers)| answers).collect()
}

fn letter(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Pass => b'P',
        Verdict::Fail => b'F',
        Verdict::Unknown => b'U',
    }
}

fn sample(policies: &[Policy], verdicts: &[u8], catalogue: &Catalogue, settings: &Settings) {
    let sampled = || (0..verdicts.len()).step_by(SAMPLE);
    let single = |pair: usize| {
        let (existing, asked) = (policies.get(pair / policies.len())?, policies.get(pair % policies.len())?);
        let existing = Some(Side::Document(existing));
        ask(&Question { catalogue, existing, asked: Side::Document(asked), access: &[], outsiders: None, settings })
            .ok()
    };
    let start = Instant::now();
    let singles: Vec<u8> = sampled().filter_map(single).map(|report| letter(report.verdict)).collect();
    let seconds = start.elapsed().as_secs_f64();
    let (one, other) = (digest(sampled().filter_map(|pair| verdicts.get(pair).copied())), digest(singles.clone()));
    println!("sample of {} pairs: digest {one:016x}, by single checks {other:016x} ({seconds:.1} s)", singles.len());
    assert_eq!(one, other, "the sample by single checks is another");
}

fn main() {
    let texts = managed();
    let (catalogue, settings) =
        (Catalogue::embedded(), Settings { certification: Certification::Omitted, ..Settings::default() });
    let start = Instant::now();
    let policies = read_all(&texts);
    let reading = start.elapsed().as_secs_f64();
    let shelf = Shelf::new(policies.iter().collect(), &catalogue, &settings);
    let compiled = start.elapsed().as_secs_f64();
    println!(
        "{} policies: read in {:.1} ms, read and compiled in {:.1} ms",
        policies.len(),
        reading * 1e3,
        compiled * 1e3
    );

    critical(&shelf, compiled);

    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let start = Instant::now();
    let answers = all_pairs(&shelf, &policies, threads);
    let seconds = start.elapsed().as_secs_f64();
    let verdicts: Vec<u8> =
        answers.iter().flatten().flat_map(|a| &a.verdicts).map(|verdict| letter(*verdict)).collect();
    let searched: usize = answers.iter().flatten().map(|a| a.searched).sum();
    let count = |wanted: u8| verdicts.iter().filter(|verdict| **verdict == wanted).count();
    println!(
        "all pairs: {} questions in {seconds:.2} s on {threads} threads ({:.2} us each on one); {} PASS, {} FAIL, {} UNKNOWN; {searched} searched",
        verdicts.len(),
        seconds * 1e6 * threads as f64 / verdicts.len().max(1) as f64,
        count(b'P'),
        count(b'F'),
        count(b'U'),
    );
    println!("all pairs: digest {:016x}", digest(verdicts.clone()));
    sample(&policies, &verdicts, &catalogue, &settings);
}

/// The critical actions over all policies.
fn critical(shelf: &Shelf<'_>, compiled: f64) {
    let Some(text) = shared("critical-actions.json") else { return };
    let actions: Vec<String> = serde_json::from_str(&text).unwrap_or_default();
    let start = Instant::now();
    let (mut granted, mut searched, mut asked) = (0, 0, 0);
    for action in &actions {
        let access = [Access { actions: vec![action.clone()], resources: Vec::new() }];
        let Ok(answers) = shelf.access_not_granted(&access) else { continue };
        granted += answers.verdicts.iter().filter(|verdict| **verdict == Verdict::Fail).count();
        searched += answers.searched;
        asked += answers.verdicts.len();
    }
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{} critical actions: {asked} questions in {:.1} ms, {:.2} times reading and compiling; {granted} granted, {searched} searched",
        actions.len(),
        seconds * 1e3,
        seconds / compiled
    );
}
