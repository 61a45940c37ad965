//! The checks on random pairs: every FAIL replays in the reference evaluator, every PASS withstands an attack by it.

use std::collections::BTreeSet;

use keyaki::catalogue::Catalogue;
use keyaki::checks::{Question, Reading, Realizability, Reason, Report, Settings, Side, Verdict, ask};
use keyaki::policy::Policy;
use keyaki::request::{Caller, CallerKind, Request};
use keyaki::semantics::concrete::Concrete;
use keyaki::semantics::document::Position;
use keyaki::semantics::realizability::{self, Relations};
use keyaki::source::Sources;
use serde_json::{Value, json};

use super::pinned;
use super::world::{RULES, Tally, explicit, explicit_pathless, policy, request, seeds, stack};
use crate::generate::{self, Options, Pair, list_of, realizable, request_for};
use crate::reference::{Decision, Exempt, Readings, Role, allows, evaluate_as};

/// Attacks on each verdict.
const ATTACKS: u64 = 200;

/// How the question of this seed is asked.
pub(crate) fn settings(seed: u64) -> Settings {
    let fixed = if seed % 4 < 3 { RULES.iter().map(|rule| (*rule, false)).collect() } else { Default::default() };
    let realizability = match seed % 3 {
        0 => Realizability::Nothing,
        1 => Realizability::All,
        _ => Realizability::LikeAws,
    };
    Settings { realizability, reading: Reading { fixed }, ..Settings::default() }
}

fn relations(settings: &Settings) -> Relations {
    match settings.realizability {
        Realizability::All => Relations::all(),
        Realizability::Nothing => Relations::none(),
        Realizability::LikeAws => Relations::like_aws(),
    }
}

/// The readings that a reason depends on, as its note names them; whether C14 and an unlisted session policy are among.
fn circumstances(reason: &Reason) -> (Readings, bool, bool) {
    let note = reason.note.clone().unwrap_or_default();
    let Some(names) = note.split("; ").find_map(|part| part.strip_prefix("depends on undocumented behaviour ")) else {
        return (Readings::default(), false, note.contains("passes a session policy"));
    };
    let mut readings = Readings::default();
    let mut withheld = false;
    for name in names.split(", ") {
        match name {
            "C1 (R2)" => readings.c1 = Exempt::EveryLevel,
            "C1 (R3)" => readings.c1 = Exempt::EveryLevelButSession,
            "C2" => readings.c2 = true,
            "C3" => readings.c3 = true,
            "C4" => readings.c4 = true,
            "C5" => readings.c5 = true,
            "C6" => readings.c6 = true,
            "C7" => readings.c7 = true,
            "C8" => readings.c8 = true,
            "C9" => readings.c9 = true,
            "C10" => readings.c10 = true,
            "C12" => readings.c12 = true,
            "C14" => withheld = true,
            "C15" => readings.c15 = true,
            "C16" => readings.c16 = true,
            "C17" => readings.c17 = true,
            other => panic!("unknown rule {other}"),
        }
    }
    (readings, withheld, note.contains("passes a session policy"))
}

/// The counterexample as the reference reads it under C14.
fn withhold(mut json: Value, request: &Request, withheld: bool) -> Value {
    if withheld && request.principal.kind() == CallerKind::Service {
        let context = json["context"].as_object_mut().unwrap();
        context.shift_remove("aws:principalarn");
        context.shift_remove("aws:principalaccount");
    }
    json
}

/// What a check can be asked about in this test.
pub(super) struct Case<'a> {
    pub(super) catalogue: &'a Catalogue,
    pub(super) settings: &'a Settings,
    pub(super) seed: u64,
    pub(super) what: String,
    /// Whether the reference sees a violation.
    pub(super) violates: &'a dyn Fn(&Value, &Readings) -> bool,
    /// The documents that random requests aim at.
    pub(super) documents: Vec<&'a Value>,
    pub(super) policies: Vec<&'a Policy>,
    pub(super) stack: bool,
}

/// What became of a verdict, in the figures.
pub(super) fn record(tally: &mut Tally, report: &Report) {
    tally.count(format!("{:?}", report.verdict));
    for open in &report.unknown {
        tally.count(format!("UNKNOWN because {}", open.reason));
    }
}

/// Every counterexample is a violation for the reference evaluator, with the internal request and as shown.
pub(super) fn replay(tally: &mut Tally, case: &Case<'_>, report: &Report) {
    for reason in &report.reasons {
        let (readings, withheld, unlisted) = circumstances(reason);
        let inner = &reason.counterexample;
        let Ok(shown) = Request::from_json(&inner.to_json()) else {
            tally.wrong(format!("{}: unreadable as shown: {}", case.what, inner.to_json()));
            continue;
        };
        // a document that asks for `aws:PrincipalArn` is told the role's ARN without a path
        let asks =
            case.documents.iter().any(|document| document.to_string().to_lowercase().contains("aws:principalarn"));
        let mut json = withhold(explicit_pathless(&shown), &shown, withheld);
        json["sessionPolicy"] = json!(unlisted);
        if asks && !(case.violates)(&json, &readings) {
            json = withhold(explicit(&shown), &shown, withheld);
            json["sessionPolicy"] = json!(unlisted);
        }
        if !(case.violates)(&json, &readings) && asks && case.settings.realizability != Realizability::All {
            // a free `aws:PrincipalArn` leaves no place to show the path of a session's role
            tally.count("counterexamples whose role has a path that cannot be shown");
        } else if !(case.violates)(&json, &readings) {
            tally.wrong(format!(
                "{}: counterexample of statement {} as shown is none, {:?} {json}\n{}",
                case.what,
                reason.statement_index,
                reason.note,
                inner.to_json()
            ));
        }
    }
}

/// A request that aims at the documents and keeps the relations in force, or nothing.
fn attack(case: &Case<'_>, n: u64, identity: bool) -> Option<Request> {
    let seed = case.seed * 1000 + n;
    let json = request_for(seed, &case.documents);
    let all = case.settings.realizability == Realizability::All;
    let mut json = if all || n.is_multiple_of(2) { realizable(seed, &json) } else { json };
    if identity && matches!(request(&json).principal, Caller::Root { .. }) {
        json["principal"] = json!("arn:aws:iam::111122223333:user/alice");
    }
    if case.stack && json.get("env").is_some() {
        json.as_object_mut().unwrap().shift_remove("env");
    }
    let mut request = request(&json);
    pinned::settle(&mut request);
    pinned::as_typed(case.catalogue, &case.policies, &mut request);
    Some(request)
}

/// No random request that the model admits is a violation.
pub(super) fn withstand(tally: &mut Tally, case: &Case<'_>, violates: &dyn Fn(&Value, &Readings) -> bool, about: &str) {
    let identity = case.documents.iter().all(|document| !document.to_string().contains("Principal\":"));
    for n in 0..ATTACKS {
        let Some(request) = attack(case, n, identity) else { continue };
        let mut json = explicit(&request);
        json["sessionPolicy"] = json!(n % 4 < 2);
        if !violates(&json, &Readings::default()) {
            continue;
        }
        let relations = relations(case.settings);
        match pinned::in_model(case.catalogue, &case.policies, &request, &relations, case.stack) {
            Some(false) => {
                if tally.figures.keys().filter(|k| k.starts_with("outside")).count() < 4 {
                    tally.count(format!("outside, for example {json}, {relations:?}, {}", case.what));
                }
                tally.count(format!("violations outside the model, {about}"));
            }
            None => tally.count("violations that cannot be placed"),
            Some(true) => {
                let spoken: BTreeSet<String> = pinned::footprint(&case.policies).keys.keys().cloned().collect();
                let holds = realizability::hold(&mut Concrete::new(&request), &relations, &spoken);
                tally.wrong(format!("{}: {about} violated by ({holds})\n{json}", case.what));
                return;
            }
        }
    }
}

/// The document with one Allow statement and all Denies.
fn alone(document: &Value, index: usize) -> Value {
    let statements = list_of(&document["Statement"]).into_iter().enumerate();
    let kept: Vec<Value> =
        statements.filter(|(at, s)| *at == index || s["Effect"] == "Deny").map(|(_, statement)| statement).collect();
    let mut document = document.clone();
    document["Statement"] = json!(kept);
    document
}

fn allow_indices(document: &Value) -> Vec<usize> {
    let statements = list_of(&document["Statement"]).into_iter().enumerate();
    statements.filter(|(_, statement)| statement["Effect"] == "Allow").map(|(index, _)| index).collect()
}

#[test]
fn no_new_access() {
    let catalogue = Catalogue::embedded();
    let mut tally = Tally::default();
    for seed in seeds(150) {
        let Pair { kind, old, new } = generate::pair(seed);
        let sources = &mut Sources::default();
        let old_policy = policy(sources, &old, kind, Position::Reference);
        let new_policy = policy(sources, &new, kind, Position::UnderTest);
        let settings = settings(seed);
        let what = format!("seed {seed}, {kind}, {:?}\nOLD {old}\nNEW {new}", settings.realizability);
        let question = Question {
            catalogue: &catalogue,
            existing: Some(Side::Document(&old_policy)),
            asked: Side::Document(&new_policy),
            access: &[],
            outsiders: None,
            settings: &settings,
        };
        let report = match ask(&question) {
            Ok(report) => report,
            Err(disagreement) => {
                tally.count("Disagreement");
                tally.wrong(format!("{what}\n{}", disagreement.what));
                continue;
            }
        };
        record(&mut tally, &report);
        let before = |request: &Value, readings: &Readings| allows(&old, kind, request, readings, Role::Reference);
        let violates = |request: &Value, readings: &Readings| {
            allows(&new, kind, request, readings, Role::UnderTest) && !before(request, readings)
        };
        let case = Case {
            catalogue: &catalogue,
            settings: &settings,
            seed,
            what: what.clone(),
            violates: &violates,
            documents: vec![&old, &new],
            policies: vec![&old_policy, &new_policy],
            stack: false,
        };
        replay(&mut tally, &case, &report);
        if report.verdict == Verdict::Pass {
            withstand(&mut tally, &case, &violates, "PASS");
        }
        if kind == "rcp" {
            continue;
        }
        blame(&mut tally, &case, &report, kind, &new, &before);
    }
    tally.end("check-no-new-access");
}

/// Each blamed statement alone lets its counterexample through; no other statement lets anything through.
fn blame(
    tally: &mut Tally,
    case: &Case<'_>,
    report: &Report,
    kind: &str,
    new: &Value,
    before: &dyn Fn(&Value, &Readings) -> bool,
) {
    if report.verdict != Verdict::Fail {
        return;
    }
    for reason in &report.reasons {
        let (readings, withheld, _) = circumstances(reason);
        let shown = &reason.counterexample;
        let alone = alone(new, reason.statement_index);
        let pathless = withhold(explicit_pathless(shown), shown, withheld);
        let json = withhold(explicit(shown), shown, withheld);
        let allowed = |json: &Value| allows(&alone, kind, json, &readings, Role::UnderTest);
        if !allowed(&pathless) && !allowed(&json) {
            tally.wrong(format!("{}: statement {} does not allow\n{json}", case.what, reason.statement_index));
        }
    }
    let blamed: BTreeSet<usize> = report.reasons.iter().map(|reason| reason.statement_index).collect();
    for index in allow_indices(new).into_iter().filter(|index| report.complete && !blamed.contains(index)) {
        let reduced = alone(new, index);
        let violates = |request: &Value, readings: &Readings| {
            allows(&reduced, kind, request, readings, Role::UnderTest) && !before(request, readings)
        };
        tally.count("statements not blamed");
        withstand(tally, case, &violates, &format!("innocence of statement {index}"));
    }
}

#[test]
fn stacks() {
    let catalogue = Catalogue::embedded();
    let mut tally = Tally::default();
    for seed in seeds(60) {
        let (old, new) = generate::stack_pair(seed, &Options::default());
        let sources = &mut Sources::default();
        let (old_stack, new_stack) =
            (stack(sources, &old, Position::Reference), stack(sources, &new, Position::UnderTest));
        let settings = settings(seed);
        let what = format!("seed {seed}, {:?}\nOLD {old}\nNEW {new}", settings.realizability);
        let question = Question {
            catalogue: &catalogue,
            existing: Some(Side::Stack(&old_stack)),
            asked: Side::Stack(&new_stack),
            access: &[],
            outsiders: None,
            settings: &settings,
        };
        let report = match ask(&question) {
            Ok(report) => report,
            Err(disagreement) => {
                tally.count("Disagreement");
                tally.wrong(format!("{what}\n{}", disagreement.what));
                continue;
            }
        };
        record(&mut tally, &report);
        let given = |stack: &Value, request: &Value| with_session_policy(stack, request);
        let violates = |request: &Value, readings: &Readings| {
            evaluate_as(&given(&new, request), request, readings, Role::UnderTest) == Decision::Allowed
                && evaluate_as(&given(&old, request), request, readings, Role::Reference) != Decision::Allowed
        };
        let policies: Vec<&Policy> = documents_of(&old_stack).chain(documents_of(&new_stack)).collect();
        let case = Case {
            catalogue: &catalogue,
            settings: &settings,
            seed,
            what,
            violates: &violates,
            documents: vec![&old, &new],
            policies,
            stack: true,
        };
        replay(&mut tally, &case, &report);
        if report.verdict == Verdict::Pass {
            withstand(&mut tally, &case, &violates, "PASS");
        }
    }
    tally.end("check-no-new-access on stacks");
}

/// A federated user may pass a session policy that allows where the stack lists none (spec 8.2).
pub(super) fn with_session_policy(stack: &Value, request: &Value) -> Value {
    let mut stack = stack.clone();
    let federated = request["principal"].as_str().is_some_and(|text| text.contains(":federated-user/"));
    if federated && request["sessionPolicy"] == true && stack.get("session").is_none() {
        stack["session"] =
            json!([{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}]);
    }
    stack
}

pub(super) fn documents_of(stack: &keyaki::semantics::authorization::Stack) -> impl Iterator<Item = &Policy> {
    let levels = stack.scps.iter().chain(&stack.rcps).flatten();
    let lone = stack.resource.iter().chain(&stack.boundary).chain(&stack.endpoint);
    stack.identity.iter().chain(&stack.session).chain(lone).chain(levels)
}
