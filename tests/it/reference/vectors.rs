//! The published vectors through the second opinion.

use super::{Decision, Readings, evaluate, others};
use serde_json::Value;
use std::path::Path;

/// The vectors, or nothing when they are not on this machine.
fn vectors() -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/spec/vectors.json");
    // The repository may lie one folder deeper.
    let deeper = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/spec/vectors.json");
    match [path, deeper].iter().find_map(|path| std::fs::read_to_string(path).ok()) {
        Some(text) => serde_json::from_str(&text).unwrap(),
        None => {
            eprintln!("../shared/spec/vectors.json is absent: its vectors are not checked");
            Vec::new()
        }
    }
}

fn decision(name: &Value) -> Decision {
    match name.as_str() {
        Some("Allowed") => Decision::Allowed,
        Some("ExplicitlyDenied") => Decision::ExplicitlyDenied,
        Some("ImplicitlyDenied") => Decision::ImplicitlyDenied,
        _ => panic!("no decision: {name}"),
    }
}

/// The rule a vector is contested for, if it is one of spec 0.3.
fn contested(vector: &Value) -> Option<&str> {
    let text = vector["contested"].as_str()?;
    let rule = text.split([';', ':', ' ', ',']).next()?;
    let number = rule.strip_prefix('C')?;
    (!number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())).then_some(rule)
}

#[test]
fn every_vector_is_decided_as_expected() {
    let vectors = vectors();
    let answer = |vector: &Value, readings: &Readings| evaluate(&vector["policies"], &vector["request"], readings);
    let wrong: Vec<String> = vectors
        .iter()
        .filter(|vector| answer(vector, &Readings::default()) != decision(&vector["expected"]))
        .map(|vector| format!("{} {}: {}", vector["id"], vector["rule"], vector["note"]))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let mut alternatives = 0;
    for vector in &vectors {
        let Some(rule) = contested(vector) else { continue };
        let alt = decision(&vector["alt"]);
        let first = others(rule).into_iter().next();
        let readings = first.unwrap_or_else(|| panic!("{} names {rule}, which has no other reading", vector["id"]));
        assert_eq!(answer(vector, &readings), alt, "{} under {rule}", vector["id"]);
        alternatives += 1;
    }
    eprintln!("{} vectors as expected, {alternatives} of them also under the other reading", vectors.len());
}
