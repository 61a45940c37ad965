//! Real documents: every AWS-managed policy against itself, rewritten without a change of meaning.

use std::io::Read;

use keyaki::catalogue::Catalogue;
use keyaki::checks::{Question, Settings, Side, Verdict, ask};
use keyaki::semantics::document::Position;
use keyaki::source::Sources;
use serde_json::Value;

use super::world::{Tally, policy};
use crate::generate::{Rng, cases};
use crate::metamorphic::CHANGES;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/managed-policies.jsonl.gz");

pub(super) fn documents() -> Option<Vec<(String, Value)>> {
    let Ok(file) = std::fs::File::open(FILE) else {
        println!("absent, not run: shared/data/managed-policies.jsonl.gz");
        return None;
    };
    let mut text = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    let line = |line: &str| {
        let json: Value = serde_json::from_str(line).unwrap();
        let named = ["name", "PolicyName", "policyName", "id"].iter().find_map(|member| json[*member].as_str());
        let document = ["document", "policy", "Document", "PolicyDocument"].iter().find_map(|member| json.get(*member));
        let document = document.unwrap_or_else(|| panic!("no document: {line}"));
        let document = document.as_str().map_or_else(|| document.clone(), |text| serde_json::from_str(text).unwrap());
        (named.unwrap_or("?").to_owned(), document)
    };
    Some(text.lines().map(line).collect())
}

/// Two of the changes that the seed chooses.
fn rewritten(seed: u64, document: &Value) -> Value {
    let rng = &mut Rng::new(seed);
    let mut document = document.clone();
    for _ in 0..2 {
        let (_, change) = rng.pick(&CHANGES);
        document = change(rng, &document);
    }
    document
}

#[test]
fn managed_policies_are_themselves() {
    let Some(documents) = documents() else { return };
    let catalogue = Catalogue::embedded();
    let mut tally = Tally::default();
    let sample = usize::try_from(cases(60)).unwrap().clamp(1, documents.len());
    let step = documents.len().div_ceil(sample);
    for (index, (name, old)) in documents.iter().enumerate().step_by(step) {
        let new = rewritten(index as u64, old);
        for (a, b) in [(old, &new), (&new, old)] {
            let sources = &mut Sources::default();
            let existing = policy(sources, a, "identity", Position::Reference);
            let asked = policy(sources, b, "identity", Position::UnderTest);
            let question = Question {
                catalogue: &catalogue,
                existing: Some(Side::Document(&existing)),
                asked: Side::Document(&asked),
                access: &[],
                outsiders: None,
                settings: &Settings::default(),
            };
            match ask(&question) {
                Ok(report) if report.verdict == Verdict::Pass => tally.count("Pass"),
                Ok(report) => {
                    let why: Vec<&str> = report.unknown.iter().map(|open| open.reason.as_str()).collect();
                    let request = report.reasons.first().map(|reason| reason.counterexample.to_json());
                    tally.wrong(format!("{name}: {:?} {why:?} {request:?}", report.verdict));
                }
                Err(disagreement) => tally.wrong(format!("{name}: {}", disagreement.what)),
            }
        }
    }
    tally.end("managed policies");
}
