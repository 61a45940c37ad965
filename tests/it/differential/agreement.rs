//! One request: the reference evaluator and the concrete reading say the same.

use keyaki::request::Caller;
use keyaki::semantics::authorization::authorize;
use keyaki::semantics::concrete::Concrete;
use keyaki::semantics::document;
use keyaki::source::Sources;
use serde_json::{Value, json};

use super::world::{POSITIONS, Tally, all_readings, contested, explicit_pathless, policy, request, seeds, stack};
use crate::generate::{self, KINDS, Options, realizable, request_for};
use crate::reference::{allows, evaluate_as};

/// A request for the documents. Where a document asks for `aws:PrincipalArn` a session shows its role's path.
pub(super) fn asked(seed: u64, documents: &[&Value]) -> keyaki::request::Request {
    let json = request_for(seed, documents);
    let json = if seed.is_multiple_of(3) { realizable(seed, &json) } else { json };
    let mut request = request(&json);
    let speaks = documents.iter().any(|document| document.to_string().to_lowercase().contains("aws:principalarn"));
    let session = matches!(request.principal, Caller::Session { .. });
    if speaks && session && !request.context.contains_key("aws:principalarn") {
        let shown = super::world::explicit(&request);
        let arn = shown["context"]["aws:principalarn"].as_str().unwrap().to_owned();
        request.context.insert("aws:principalarn".into(), keyaki::request::ContextValue::Single(arn));
    }
    request
}

#[test]
fn documents() {
    let readings = all_readings();
    let mut tally = Tally::default();
    for seed in seeds(2_000) {
        let kind = KINDS[(seed % 8) as usize];
        let json = generate::document(seed, kind, &Options::default());
        for (position, role) in POSITIONS {
            let sources = &mut Sources::default();
            let policy = policy(sources, &json, kind, position);
            for n in 0..6 {
                let request = asked(seed * 100 + n, &[&json]);
                let shown = explicit_pathless(&request);
                for reading in [&readings[0], &readings[(seed + n) as usize % readings.len()]] {
                    let expected = allows(&json, kind, &shown, reading, role);
                    let mut concrete = Concrete::new(&request).with_readings(contested(reading));
                    let found = document::allows(&mut concrete, &policy, position);
                    tally.count(format!("{expected}"));
                    if expected != found {
                        tally.wrong(format!(
                            "seed {seed}.{n}, {kind}, {position:?}, {:?}: reference {expected}, concrete {found}\n{json}\n{shown}",
                            contested(reading)
                        ));
                    }
                }
            }
        }
    }
    tally.end("reference and concrete, documents");
}

#[test]
fn stacks() {
    let readings = all_readings();
    let mut tally = Tally::default();
    for seed in seeds(1_000) {
        let json = generate::stack(seed);
        for (position, role) in POSITIONS {
            let sources = &mut Sources::default();
            let stack = stack(sources, &json, position);
            for n in 0..8 {
                let request = asked(seed * 100 + n, &[&json]);
                let mut shown = explicit_pathless(&request);
                if shown["resourceAccount"].is_null() {
                    shown["resourceAccount"] = json!(null);
                }
                for reading in [&readings[0], &readings[(seed + n) as usize % readings.len()]] {
                    let expected = evaluate_as(&json, &shown, reading, role);
                    let mut concrete = Concrete::new(&request).with_readings(contested(reading));
                    let found = authorize(&mut concrete, &stack, position).decision();
                    tally.count(format!("{expected:?}"));
                    if format!("{expected:?}") != format!("{found:?}") {
                        tally.wrong(format!(
                            "seed {seed}.{n}, {position:?}, {:?}: reference {expected:?}, concrete {found:?}\n{json}\n{shown}",
                            contested(reading)
                        ));
                    }
                }
            }
        }
    }
    tally.end("reference and concrete, stacks");
}
