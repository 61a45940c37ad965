//! Random policies, pairs, stacks and requests over a world small enough for things to meet; the same seed gives the
//! same value everywhere. JSON only: nothing here knows the product.

#![allow(dead_code, reason = "asked by the tests that compare readings of the semantics")]

mod condition;
mod document;
pub(crate) mod family;
mod grammar;
mod mutation;
mod request;
mod rng;
mod world;

pub(crate) use document::{KINDS, Options};
#[allow(unused_imports, reason = "asked by the tests that compare readings of the semantics")]
pub(crate) use request::{realizable, request_for};
pub(crate) use rng::Rng;

use document::document_of;
use serde_json::{Map, Value, json};

/// How many cases to run: `KEYAKI_CASES`, or the test's own number.
pub(crate) fn cases(default: u64) -> u64 {
    std::env::var("KEYAKI_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// An existing and a new document of one kind; often the second is a small change of the first.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    pub(crate) kind: &'static str,
    pub(crate) old: Value,
    pub(crate) new: Value,
}

/// A pair of any kind.
pub(crate) fn pair(seed: u64) -> Pair {
    pair_with(seed, &Options::default())
}

/// A pair of any kind that the options admit.
pub(crate) fn pair_with(seed: u64, options: &Options) -> Pair {
    let rng = &mut Rng::new(seed);
    let kind = *rng.pick(options.kinds());
    pair_of(rng, kind, options)
}

fn pair_of(rng: &mut Rng, kind: &'static str, options: &Options) -> Pair {
    let old = document_of(rng, kind, options);
    let new =
        if rng.chance(1, 6) { document_of(rng, kind, options) } else { mutation::mutate(rng, &old, kind, options) };
    if rng.chance(1, 3) { Pair { kind, old: new, new: old } } else { Pair { kind, old, new } }
}

/// One document of a kind.
pub(crate) fn document(seed: u64, kind: &'static str, options: &Options) -> Value {
    document_of(&mut Rng::new(seed), kind, options)
}

/// A stack in the form of the vectors' `policies` member.
pub(crate) fn stack(seed: u64) -> Value {
    stack_with(seed, &Options::default())
}

/// A stack under options.
pub(crate) fn stack_with(seed: u64, options: &Options) -> Value {
    let rng = &mut Rng::new(seed);
    let mut stack = Map::new();
    let documents = |rng: &mut Rng, kind, most| -> Vec<Value> {
        (0..rng.between(1, most)).map(|_| document_of(rng, kind, options)).collect()
    };
    if rng.chance(5, 6) {
        stack.insert("identity".into(), json!(documents(rng, "identity", 2)));
    }
    if options.principals && rng.chance(3, 4) {
        let kind = if rng.chance(1, 6) { "trust" } else { "resource" };
        stack.insert("resource".into(), document_of(rng, kind, options));
    }
    for (member, kind) in [("boundary", "boundary"), ("session", "session")] {
        if rng.chance(1, 4) {
            stack.insert(member.into(), roomy(rng, kind, options));
        }
    }
    if options.principals && rng.chance(1, 6) {
        stack.insert("endpoint".into(), roomy(rng, "vpce", options));
    }
    if rng.chance(1, 3) {
        let levels: Vec<Value> = (0..rng.between(1, 2))
            .map(|_| (0..rng.between(1, 2)).map(|_| roomy(rng, "scp", options)).collect())
            .collect();
        stack.insert("scps".into(), json!(levels));
    }
    if rng.chance(1, 4) {
        let levels: Vec<Value> = (0..rng.between(1, 2))
            .map(|_| (0..rng.below(2)).map(|_| document_of(rng, "rcp", options)).collect())
            .collect();
        stack.insert("rcps".into(), json!(levels));
    }
    if rng.chance(1, 10) {
        stack.insert("managementAccount".into(), json!(*rng.pick(&world::ACCOUNTS)));
    }
    Value::Object(stack)
}

/// A pair of stacks that differ in one place.
pub(crate) fn stack_pair(seed: u64, options: &Options) -> (Value, Value) {
    let old = stack_with(seed, options);
    let rng = &mut Rng::new(seed ^ 0x9e37_79b9);
    let mut new = old.clone();
    let members: Vec<String> = ["identity", "resource", "boundary", "session"].map(str::to_owned).to_vec();
    let present: Vec<&String> = members.iter().filter(|member| new.get(member.as_str()).is_some()).collect();
    if let Some(member) = (!present.is_empty()).then(|| rng.pick(&present).as_str()) {
        let slot = &mut new[member];
        let slot = if slot.is_array() { &mut slot[0] } else { slot };
        let trust = member == "resource"
            && list_of(&slot["Statement"])[0].get("Resource").is_none()
            && list_of(&slot["Statement"])[0].get("NotResource").is_none();
        let kind = KINDS.iter().find(|kind| **kind == if trust { "trust" } else { member }).unwrap();
        *slot = mutation::mutate(rng, slot, kind, options);
    }
    (old, new)
}

/// A document that usually lets everything pass but for a statement or two, so that the other layers matter.
fn roomy(rng: &mut Rng, kind: &'static str, options: &Options) -> Value {
    let mut document = document_of(rng, kind, options);
    if rng.chance(3, 4) {
        let mut statements = list_of(&document["Statement"]);
        let mut all = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
        if kind == "vpce" {
            all["Principal"] = json!("*");
        }
        statements.push(all);
        document["Statement"] = json!(statements);
    }
    document
}

/// A value or a list of values, as a list.
pub(crate) fn list_of(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_else(|| vec![value.clone()])
}

#[cfg(test)]
mod test {
    use super::*;
    use crate::reference::{Readings, Role, allows, others};
    use std::collections::BTreeSet;

    #[test]
    fn documents_keep_the_grammar_of_their_kind() {
        for seed in 0..cases(300) {
            let Pair { kind, old, new } = pair(seed);
            for document in [&old, &new] {
                grammar::check(document, kind)
                    .unwrap_or_else(|fault| panic!("seed {seed}, {kind}: {fault}\n{document:#}"));
            }
        }
    }

    #[test]
    fn switches_switch_off() {
        let plain = Options { variables: false, principals: false, ..Options::default() };
        for seed in 0..cases(200) {
            let Pair { kind, old, new } = pair_with(seed, &plain);
            let text = format!("{old}{new}");
            assert!(!text.contains("${"), "seed {seed}: {text}");
            assert!(!text.contains("Principal\":"), "seed {seed}, {kind}: {text}");
        }
    }

    #[test]
    fn everything_appears() {
        let mut operators = BTreeSet::new();
        let mut kinds = BTreeSet::new();
        let mut text = String::new();
        for seed in 0..3000 {
            let pair = pair(seed);
            kinds.insert(pair.kind);
            for statement in list_of(&pair.old["Statement"]) {
                for (operator, _) in statement["Condition"].as_object().into_iter().flatten() {
                    operators.insert(operator.clone());
                }
                for element in statement.as_object().unwrap().keys() {
                    text.push_str(element);
                    text.push(' ');
                }
            }
        }
        assert_eq!(kinds.len(), KINDS.len());
        let all = condition::operators();
        let missing: Vec<&String> = all.iter().filter(|operator| !operators.contains(*operator)).collect();
        assert!(missing.is_empty(), "never seen: {missing:?}");
        for element in ["NotAction ", "NotResource ", "NotPrincipal ", "Sid "] {
            assert!(text.contains(element), "never seen: {element}");
        }
    }

    #[test]
    fn requests_tell_pairs_apart() {
        let mut figures = [0, 0, 0]; // documents that allow something, pairs with new access, with lost access
        let number = cases(100);
        for seed in 0..number {
            let Pair { kind, old, new } = pair(seed);
            let answers: Vec<(bool, bool)> = (0..40)
                .map(|n| {
                    let request = request_for(seed * 1000 + n, &[&old, &new]);
                    let request = if n % 2 == 0 { realizable(n, &request) } else { request };
                    let judge = |document, role| allows(document, kind, &request, &Readings::default(), role);
                    (judge(&old, Role::Reference), judge(&new, Role::UnderTest))
                })
                .collect();
            let any = |wanted: &dyn Fn(&(bool, bool)) -> bool| u64::from(answers.iter().any(wanted));
            figures[0] += any(&|(old, _)| *old);
            figures[1] += any(&|(old, new)| !old && *new);
            figures[2] += any(&|(old, new)| *old && !new);
        }
        eprintln!("of {number} pairs: {figures:?} allow something, gain, lose");
        assert!(figures.iter().all(|figure| figure * 10 > number), "{figures:?} of {number}");
    }

    /// Every contested rule but C5 (stacks) and C14 (which requests exist) decides some single document.
    #[test]
    fn contested_rules_are_exercised() {
        let rules = [1, 2, 3, 4, 6, 7, 8, 9, 10, 12, 15, 16, 17];
        let mut open: Vec<(String, Readings)> = rules
            .iter()
            .flat_map(|n| others(&format!("C{n}")).into_iter().map(move |readings| (format!("C{n}"), readings)))
            .collect();
        for seed in 0..20_000 {
            let Pair { kind, old, .. } = pair(seed);
            for n in 0..3 {
                let request = request_for(seed * 10 + n, &[&old]);
                let judge = |readings: &Readings| allows(&old, kind, &request, readings, Role::UnderTest);
                let default = judge(&Readings::default());
                open.retain(|(_, readings)| judge(readings) == default);
            }
            if open.is_empty() {
                return;
            }
        }
        let names: Vec<&String> = open.iter().map(|(name, _)| name).collect();
        panic!("never decisive: {names:?}");
    }

    #[test]
    fn the_same_seed_gives_the_same_values() {
        for seed in 0..20 {
            let (a, b) = (pair(seed), pair(seed));
            assert_eq!((&a.old, &a.new), (&b.old, &b.new));
            assert_eq!(request_for(seed, &[&a.old]), request_for(seed, &[&b.old]));
            assert_eq!(stack(seed), stack(seed));
        }
    }
}
