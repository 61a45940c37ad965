//! What all benches share: times, quantiles, and the shared data.

#![allow(clippy::print_stdout, dead_code, reason = "a bench prints its figures, and uses what it needs of this")]

use std::io::Read;
use std::path::PathBuf;
use std::time::Instant;

use keyaki::policy::read::{ReadOptions, read};
use keyaki::policy::{Kind, Policy};
use keyaki::source::Sources;

/// A file of the shared data, unpacked; its absence is said by name.
pub(crate) fn shared(name: &str) -> Option<String> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(name);
    let Ok(bytes) = std::fs::read(&path) else {
        println!("not run: ../shared/data/{name} is absent");
        return None;
    };
    if !name.ends_with(".gz") {
        return String::from_utf8(bytes).ok();
    }
    let mut text = String::new();
    flate2::read::GzDecoder::new(bytes.as_slice()).read_to_string(&mut text).ok()?;
    Some(text)
}

/// The documents of all managed policies as compact text.
pub(crate) fn managed() -> Vec<String> {
    let text = shared("managed-policies.jsonl.gz").unwrap_or_default();
    let lines = text.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    lines.map(|line| line["document"].to_string()).collect()
}

/// Reads an identity policy.
pub(crate) fn identity(text: &str, reference: bool) -> Option<Policy> {
    let options = ReadOptions { kind: Some(Kind::Identity), reference, ..ReadOptions::default() };
    read(&mut Sources::default(), "document", text.as_bytes(), &options).policy
}

/// Microseconds of one run.
pub(crate) fn micros(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64() * 1e6
}

/// Microseconds of the fastest of a few runs.
pub(crate) fn best(runs: usize, mut work: impl FnMut()) -> f64 {
    (0..runs).map(|_| micros(&mut work)).fold(f64::MAX, f64::min)
}

/// A row of a table.
pub(crate) fn quantiles(name: &str, values: &mut [f64]) {
    values.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let index = (share * (values.len().max(1) - 1) as f64).round() as usize;
        values.get(index).copied().unwrap_or(0.0)
    };
    println!("{name:<58} median {:>9.1}  p90 {:>9.1}  p99 {:>9.1}  max {:>9.1}", at(0.5), at(0.9), at(0.99), at(1.0));
}

/// A short name for a long list of answers (FNV-1a).
pub(crate) fn digest(bytes: impl IntoIterator<Item = u8>) -> u64 {
    bytes.into_iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
