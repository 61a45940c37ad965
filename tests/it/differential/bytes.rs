//! Broken and random texts as policies: each gives a verdict or a refusal, none a panic.

use keyaki::checks::{Settings, no_new_access};
use keyaki::policy::read::{ReadOptions, read};
use keyaki::source::Sources;

use super::world::{Tally, kind_of, seeds};
use crate::generate::{self, Rng};

/// Pieces that policies are made of, some broken.
const PIECES: [&str; 28] = [
    "{",
    "}",
    "[",
    "]",
    "\"",
    ":",
    ",",
    "\\",
    "\\u0000",
    "\\ud800",
    "null",
    "true",
    "1e999",
    "-0",
    "*",
    "?",
    "${",
    "}",
    "$",
    "\"Effect\":\"Allow\"",
    "\"Action\":\"*\"",
    "\"Resource\":\"*\"",
    "\"Statement\":",
    "\"Condition\":{}",
    "ForAllValues:",
    "\u{feff}",
    "\u{0}",
    "arn:aws:s3:::",
];

/// A valid document with a few bytes or pieces changed, or noise.
pub(super) fn text(seed: u64) -> Vec<u8> {
    let rng = &mut Rng::new(seed);
    let mut bytes = if rng.chance(1, 8) {
        let noise = (0..rng.below(60)).map(|_| rng.below(256) as u8);
        noise.collect()
    } else if rng.chance(1, 6) {
        let pieces: Vec<&str> = (0..rng.below(30)).map(|_| *rng.pick(&PIECES)).collect();
        pieces.concat().into_bytes()
    } else {
        generate::pair(seed).old.to_string().into_bytes()
    };
    for _ in 0..rng.below(4) {
        let at = rng.below(bytes.len() + 1);
        match rng.below(5) {
            0 if at < bytes.len() => bytes[at] = rng.below(256) as u8,
            1 if at < bytes.len() => drop(bytes.remove(at)),
            2 => drop(bytes.splice(at..at, rng.pick(&PIECES).bytes())),
            3 => bytes.truncate(at),
            _ => {
                let end = (at + rng.below(20)).min(bytes.len());
                let copy = bytes[at..end].to_vec();
                drop(bytes.splice(at..at, copy));
            }
        }
    }
    bytes
}

#[test]
fn any_bytes_give_a_verdict_or_a_refusal() {
    let mut tally = Tally::default();
    for seed in seeds(2_000) {
        let kind = Some(kind_of(generate::pair(seed).kind)).filter(|_| !seed.is_multiple_of(3));
        let sources = &mut Sources::default();
        let mut one = |seed: u64, reference: bool| {
            let options = ReadOptions { kind, lenient: seed.is_multiple_of(2), reference, ..ReadOptions::default() };
            read(sources, "noise", &text(seed), &options).policy
        };
        let (old, new) = (one(seed, true), one(seed + (seed % 2), false));
        let (Some(old), Some(new)) = (old, new) else {
            tally.count("refused");
            continue;
        };
        match no_new_access(&old, &new, &Settings::default()) {
            Ok(report) => tally.count(format!("{:?}", report.verdict)),
            Err(disagreement) => tally.wrong(format!("seed {seed}: {}", disagreement.what)),
        }
    }
    tally.end("random and broken texts");
}
