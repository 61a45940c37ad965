//! Smaller documents: whatever was left out or joined, every request is decided as before, by the document alone and in a
//! whole stack, in every reading.

use keyaki::catalogue::Catalogue;
use keyaki::checks::{Realizability, Settings, redundancy};
use keyaki::minify::minify;
use keyaki::policy::read::{ReadOptions, read};
use keyaki::semantics::document::Position;
use keyaki::source::Sources;
use serde_json::{Value, json};

use super::agreement::asked;
use super::world::{Tally, all_readings, explicit_pathless, kind_of, policy, request, seeds};
use crate::generate::{self, Options, list_of, realizable, request_for};
use crate::reference::{Role, allows, evaluate_as};

/// Without constructs of no sure meaning, of which nothing is proved.
const PLAIN: Options = Options { variables: true, principals: true, errors: false };

/// A document that repeats itself: the statements of two documents of which the second is often a change of the first.
fn repetitive(seed: u64) -> (&'static str, Value) {
    let pair = generate::pair_with(seed, &PLAIN);
    let mut document = pair.old.clone();
    let mut statements: Vec<Value> = list_of(&pair.old["Statement"]);
    statements.extend(list_of(&pair.new["Statement"]));
    for (at, statement) in statements.iter_mut().enumerate() {
        let members = statement.as_object_mut().unwrap();
        if members.contains_key("Sid") {
            members.insert("Sid".into(), json!(format!("S{at}")));
        }
    }
    document["Statement"] = json!(statements);
    (pair.kind, document)
}

/// A stack around a document of the kind.
fn around(seed: u64, kind: &str, document: &Value) -> Value {
    let mut stack = generate::stack_with(seed, &PLAIN);
    match kind {
        "identity" => stack["identity"] = json!([document]),
        "boundary" | "session" => stack[kind] = document.clone(),
        "scp" => stack["scps"] = json!([[document]]),
        "rcp" => stack["rcps"] = json!([[document]]),
        "resource" | "trust" => stack["resource"] = document.clone(),
        "vpce" => stack["endpoint"] = document.clone(),
        other => panic!("{other}"),
    }
    stack
}

#[test]
fn decide_every_request_as_before() {
    let catalogue = Catalogue::embedded();
    let readings = all_readings();
    let mut tally = Tally::default();
    for seed in seeds(100) {
        let (kind, document) = repetitive(seed);
        let free = seed.is_multiple_of(2);
        let realizability = if free { Realizability::Nothing } else { Realizability::All };
        let settings = Settings { realizability, budget: 400_000, ..Settings::default() };
        let mut sources = Sources::default();
        let given = policy(&mut sources, &document, kind, Position::UnderTest);
        let options = ReadOptions { kind: Some(kind_of(kind)), lenient: true, ..ReadOptions::default() };
        let minified = match minify(&sources, &given, &options, &catalogue, &settings) {
            Ok(minified) => minified,
            Err(defect) => {
                tally.wrong(format!("seed {seed}, {kind}: {}\n{document}", defect.what));
                continue;
            }
        };
        tally.count(format!("{kind}, proved: {}", minified.proved));
        tally.count(if minified.saved() > 0 { "smaller" } else { "as it was" });
        let smaller: Value = serde_json::from_str(&minified.text).unwrap();
        if minified.text.len() > document.to_string().len() {
            tally.wrong(format!("seed {seed}, {kind}: larger\n{document}\n{smaller}"));
        }
        if minified.proved {
            let again = read(&mut sources, "smaller", minified.text.as_bytes(), &options).policy.unwrap();
            let left = redundancy(&again, &catalogue, &settings);
            if !left.places.is_empty() {
                tally.wrong(format!("seed {seed}, {kind}: left {:?}\n{document}\n{smaller}", left.places));
            }
        }
        for n in 0..8 {
            let asked = match free {
                true => asked(seed * 100 + n, &[&document]),
                false => request(&realizable(seed, &request_for(seed * 100 + n, &[&document]))),
            };
            let shown = explicit_pathless(&asked);
            for reading in [&readings[0], &readings[(seed + n) as usize % readings.len()]] {
                let by_itself = |d: &Value| allows(d, kind, &shown, reading, Role::UnderTest);
                let stack = |d: &Value| {
                    let mut shown = shown.clone();
                    if shown["resourceAccount"].is_null() {
                        shown["resourceAccount"] = json!(null);
                    }
                    format!("{:?}", evaluate_as(&around(seed, kind, d), &shown, reading, Role::UnderTest))
                };
                tally.count(stack(&document));
                if by_itself(&document) != by_itself(&smaller) || stack(&document) != stack(&smaller) {
                    tally.wrong(format!("seed {seed}.{n}, {kind}\n{document}\n{smaller}\n{shown}"));
                }
            }
        }
    }
    tally.end("smaller documents");
}
