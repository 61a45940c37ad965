//! Differences of random pairs: the same answer as the check, the parts proved again, and no random request that the
//! reference evaluator and the parts see differently.

use std::collections::BTreeMap;

use keyaki::catalogue::Catalogue;
use keyaki::checks::diff::{Difference, diff, reviewed};
use keyaki::checks::{Reading, Settings, Side, Verdict, no_new_access_between};
use keyaki::policy::Policy;
use keyaki::request::{Caller, Request};
use keyaki::semantics::document::Position;
use keyaki::semantics::realizability::Relations;
use keyaki::source::Sources;
use serde_json::{Value, json};

use super::pinned;
use super::world::{RULES, Tally, explicit, policy, request, seeds, stack};
use crate::generate::{self, Options, Pair, realizable, request_for};
use crate::reference::{Decision, Readings, Role, allows, evaluate_as};

const PROBES: u64 = 100;

pub(super) fn settings() -> Settings {
    let fixed: BTreeMap<_, _> = RULES.iter().map(|rule| (*rule, false)).collect();
    Settings { reading: Reading { fixed }, ..Settings::default() }
}

/// A random request of the model.
pub(super) fn probe(
    catalogue: &Catalogue,
    seed: u64,
    documents: &[&Value],
    policies: &[&Policy],
    in_stack: bool,
) -> Option<Request> {
    let mut json = realizable(seed, &request_for(seed, documents));
    let unnamed = !documents.iter().any(|document| document.to_string().contains("Principal\":"));
    if unnamed && matches!(request(&json).principal, Caller::Root { .. }) {
        json["principal"] = json!("arn:aws:iam::111122223333:user/alice");
    }
    if in_stack && json.get("env").is_some() {
        json.as_object_mut().unwrap().shift_remove("env");
    }
    let mut request = request(&json);
    pinned::settle(&mut request);
    pinned::as_typed(catalogue, policies, &mut request);
    let inside = pinned::in_model(catalogue, policies, &request, &Relations::all(), in_stack);
    (inside == Some(true)).then_some(request)
}

/// The answers of the check and of the difference are the same.
fn agrees(tally: &mut Tally, what: &str, difference: &Difference, verdict: Verdict) {
    let open = !difference.unknown.is_empty();
    tally.count(format!("{verdict:?}, {}", if open { "perhaps not all" } else { "all" }));
    tally.count(format!("{} parts", difference.parts.len().min(9)));
    let fits = match verdict {
        Verdict::Pass => difference.parts.is_empty(),
        Verdict::Fail => open || !difference.parts.is_empty(),
        Verdict::Unknown => open || !difference.parts.is_empty(),
    };
    if !fits {
        tally.wrong(format!("{what}: the check says {verdict:?}, {} parts", difference.parts.len()));
    }
}

#[test]
fn documents() {
    let (catalogue, settings) = (Catalogue::embedded(), settings());
    let mut tally = Tally::default();
    for seed in seeds(60) {
        let Pair { kind, old, new } = generate::pair(seed);
        let sources = &mut Sources::default();
        let [old_policy, new_policy] = [&old, &new].map(|json| policy(sources, json, kind, Position::Reference));
        let what = format!("seed {seed}, {kind}\nOLD {old}\nNEW {new}");
        let sides = [Side::Document(&old_policy), Side::Document(&new_policy)];
        let found = diff(sides[0], sides[1], &catalogue, &settings).unwrap_or_else(|e| panic!("{what}: {}", e.what));
        for (difference, [before, after]) in [(&found.gained, sides), (&found.lost, [sides[1], sides[0]])] {
            let check =
                no_new_access_between(before, after, &catalogue, &settings).unwrap_or_else(|e| panic!("{}", e.what));
            agrees(&mut tally, &what, difference, check.verdict);
        }
        for (review, difference) in
            reviewed(sides[0], sides[1], &catalogue, &settings, &found).iter().zip([&found.gained, &found.lost])
        {
            if !review.outside.is_empty() || (difference.unknown.is_empty() && !review.is_covered) {
                tally.wrong(format!("{what}: {review:?}"));
            }
        }
        let ways = [(&found.gained, &new, &old), (&found.lost, &old, &new)];
        for n in 0..PROBES {
            let policies = [&old_policy, &new_policy];
            let Some(request) = probe(&catalogue, seed * 1000 + n, &[&old, &new], &policies, false) else { continue };
            let json = explicit(&request);
            for (difference, more, less) in ways {
                let gained = allows(more, kind, &json, &Readings::default(), Role::UnderTest)
                    && !allows(less, kind, &json, &Readings::default(), Role::Reference);
                compare(&mut tally, &what, difference, &request, gained);
            }
        }
    }
    tally.end("diff of documents");
}

/// The request is in a part exactly where it is in the difference; where the parts are not all, only not elsewhere.
fn compare(tally: &mut Tally, what: &str, difference: &Difference, request: &Request, differs: bool) {
    let inside = difference.parts.iter().any(|part| part.cube.contains(request));
    tally.count(if differs { "probes in the difference" } else { "probes elsewhere" });
    if inside != differs && (inside || difference.unknown.is_empty()) {
        tally.wrong(format!("{what}: in a part: {inside}, in the difference: {differs}\n{}", explicit(request)));
    }
}

#[test]
fn stacks() {
    let (catalogue, settings) = (Catalogue::embedded(), settings());
    let mut tally = Tally::default();
    for seed in seeds(12) {
        let (old, new) = generate::stack_pair(seed, &Options::default());
        let sources = &mut Sources::default();
        let [old_stack, new_stack] = [&old, &new].map(|json| stack(sources, json, Position::Reference));
        let what = format!("seed {seed}\nOLD {old}\nNEW {new}");
        let sides = [Side::Stack(&old_stack), Side::Stack(&new_stack)];
        let found = diff(sides[0], sides[1], &catalogue, &settings).unwrap_or_else(|e| panic!("{what}: {}", e.what));
        for (difference, [before, after]) in [(&found.gained, sides), (&found.lost, [sides[1], sides[0]])] {
            let check =
                no_new_access_between(before, after, &catalogue, &settings).unwrap_or_else(|e| panic!("{}", e.what));
            agrees(&mut tally, &what, difference, check.verdict);
        }
        let policies: Vec<&Policy> =
            [&old_stack, &new_stack].into_iter().flat_map(super::pairs::documents_of).collect();
        let ways = [(&found.gained, &new, &old), (&found.lost, &old, &new)];
        for n in 0..PROBES {
            let Some(request) = probe(&catalogue, seed * 1000 + n, &[&old, &new], &policies, true) else { continue };
            let json = explicit(&request);
            let allowed = |stack: &Value, role| {
                let stack = super::pairs::with_session_policy(stack, &json);
                evaluate_as(&stack, &json, &Readings::default(), role) == Decision::Allowed
            };
            for (difference, more, less) in ways {
                let differs = allowed(more, Role::UnderTest) && !allowed(less, Role::Reference);
                compare(&mut tally, &what, difference, &request, differs);
            }
        }
    }
    tally.end("diff of stacks");
}
