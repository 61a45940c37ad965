//! Findings of random policies: every request from outside that the reference evaluator allows is in one; what a statement
//! more may change; the order of statements does not matter.

use std::collections::BTreeSet;

use keyaki::catalogue::Catalogue;
use keyaki::checks::Side;
use keyaki::checks::findings::{Finding, Findings, Mode, findings};
use keyaki::policy::Policy;
use keyaki::request::{Caller, Request};
use keyaki::semantics::document::Position;
use keyaki::semantics::zone::Zone;
use keyaki::source::Sources;
use serde_json::{Value, json};

use super::diff::{probe, settings};
use super::world::{Tally, explicit, policy, seeds};
use crate::generate::{Options, Rng, document, list_of};
use crate::metamorphic;
use crate::reference::{Readings, Role, allows};

const PROBES: u64 = 60;
const ZONE: &str = "999999999999";

fn survey(catalogue: &Catalogue, policy: &Policy) -> Findings {
    let zone = Zone::parse(ZONE).unwrap();
    findings(Side::Document(policy), &zone, Mode::Minimal, catalogue, &settings())
}

/// What matters of a finding, in one order.
fn texts(found: &Findings) -> BTreeSet<String> {
    let text = |finding: &Finding| {
        let principal = finding.principal.as_ref().map_or("*", |entry| entry.text.as_str());
        let actions: BTreeSet<String> = finding.actions.iter().map(|action| action.to_lowercase()).collect();
        format!("{principal} {actions:?} {} {:?} {}", finding.resource, finding.conditions, finding.is_public)
    };
    found.findings.iter().map(text).collect()
}

fn with(policy: &Value, statement: &Value) -> Value {
    let mut statements = list_of(&policy["Statement"]);
    let mut statement = statement.clone();
    statement.as_object_mut().unwrap().shift_remove("Sid");
    statements.push(statement);
    let mut policy = policy.clone();
    policy["Statement"] = json!(statements);
    policy
}

/// Random requests from outside that the document allows.
fn allowed(catalogue: &Catalogue, seed: u64, json: &Value, policy: &Policy) -> Vec<Request> {
    let mut allowed = Vec::new();
    for n in 0..PROBES {
        let Some(request) = probe(catalogue, seed * 1000 + n, &[json], &[policy], false) else { continue };
        let outside = request.principal.account() != Some(ZONE) && !matches!(request.principal, Caller::Service(_));
        if outside && allows(json, "resource", &explicit(&request), &Readings::default(), Role::UnderTest) {
            allowed.push(request);
        }
    }
    allowed
}

/// A request that is in no finding.
fn missed<'r>(found: &Findings, requests: &'r [Request]) -> Option<&'r Request> {
    requests.iter().find(|request| !found.findings.iter().any(|finding| finding.cube.contains(request)))
}

#[test]
fn laws() {
    let catalogue = Catalogue::embedded();
    let mut tally = Tally::default();
    for seed in seeds(20) {
        let json = document(seed, "resource", &Options::default());
        let sources = &mut Sources::default();
        let own = policy(sources, &json, "resource", Position::UnderTest);
        let found = survey(&catalogue, &own);
        tally.count(if found.is_complete() { "complete" } else { "perhaps not all" });
        if !found.is_complete() {
            continue;
        }
        let requests = allowed(&catalogue, seed, &json, &own);
        tally.count(format!("{} findings", found.findings.len().min(9)));
        if let Some(request) = missed(&found, &requests) {
            tally.wrong(format!("seed {seed}: {json}\nlets in {}", explicit(request)));
        }
        for statement in list_of(&document(seed + 7777, "resource", &Options::default())["Statement"]) {
            let more = with(&json, &statement);
            let wider = policy(sources, &more, "resource", Position::UnderTest);
            let after = survey(&catalogue, &wider);
            if !after.is_complete() {
                continue;
            }
            // a Deny never adds access to the findings, an Allow never removes any
            let allow = statement["Effect"] == "Allow";
            let (fewer, greater) = if allow { (&found, &after) } else { (&after, &found) };
            let public = |list: &Findings| list.findings.iter().any(|finding| finding.is_public);
            let narrow = if allow { requests.clone() } else { allowed(&catalogue, seed, &more, &wider) };
            let lost = greater.findings.is_empty() && !fewer.findings.is_empty();
            if lost || (public(fewer) && !public(greater)) || missed(greater, &narrow).is_some() {
                tally.wrong(format!(
                    "seed {seed}: one more {} in {more}",
                    if allow { "Allow removes" } else { "Deny adds" }
                ));
            }
            tally.count(if allow { "an Allow more" } else { "a Deny more" });
        }
        let shuffled = metamorphic::permute_statements(&mut Rng::new(seed), &json);
        let again = survey(&catalogue, &policy(sources, &shuffled, "resource", Position::UnderTest));
        if again.is_complete() && texts(&again) != texts(&found) {
            tally.wrong(format!("seed {seed}: order matters: {json}\n{:#?}\n{:#?}", texts(&found), texts(&again)));
        }
    }
    tally.end("findings");
}
