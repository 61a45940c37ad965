//! check-access-not-granted on random documents, held against the reference evaluator.

use keyaki::catalogue::Catalogue;
use keyaki::checks::{Access, Question, Side, Verdict, ask};
use keyaki::semantics::document::Position;
use keyaki::source::Sources;
use serde_json::Value;

use super::pairs::{Case, record, replay, settings, withstand};
use super::world::{Tally, policy, seeds};
use crate::generate::{self, KINDS, Options, Rng};
use crate::reference::{Readings, Role, allows};

const ACTIONS: [&str; 9] = [
    "*",
    "s3:GetObject",
    "s3:Get*",
    "S3:*",
    "sqs:*Message",
    "kms:Decrypt",
    "sts:AssumeRole",
    "s3:?etObject",
    "iam:PassRole",
];
const RESOURCES: [&str; 7] = [
    "arn:aws:s3:::data/a/x",
    "arn:aws:s3:::data/*",
    "arn:aws:sqs:eu-west-1:111122223333:queue",
    "arn:aws:sqs:*:*:*",
    "arn:aws:s3:::*",
    "arn:aws:iam::111122223333:role/app",
    "arn:*:kms:*:1111*:key/?1",
];

/// `*` and `?` over one text.
fn glob(pattern: &[char], text: &[char]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some(('*', rest)), _) if glob(rest, text) => true,
        (Some(('*', _)), Some((_, text))) => glob(pattern, text),
        (Some((p, rest)), Some((c, text))) => (*p == '?' || p == c) && glob(rest, text),
        (None, Some(_)) | (Some(_), None) => false,
    }
}

fn matches(pattern: &str, text: &str) -> bool {
    glob(&pattern.chars().collect::<Vec<_>>(), &text.chars().collect::<Vec<_>>())
}

/// Listed resources match field by field (spec 10.2).
fn resource_matches(pattern: &str, resource: &str) -> bool {
    let (patterns, fields): (Vec<_>, Vec<_>) = (pattern.splitn(6, ':').collect(), resource.splitn(6, ':').collect());
    patterns.len() == fields.len() && patterns.iter().zip(fields).all(|(pattern, field)| matches(pattern, field))
}

fn is_listed(access: &[Access], request: &Value) -> bool {
    let (action, resource) =
        (request["action"].as_str().unwrap().to_lowercase(), request["resource"].as_str().unwrap());
    access.iter().any(|access| {
        (access.actions.is_empty() || access.actions.iter().any(|pattern| matches(&pattern.to_lowercase(), &action)))
            && (access.resources.is_empty()
                || access.resources.iter().any(|pattern| resource_matches(pattern, resource)))
    })
}

fn random_access(seed: u64) -> Vec<Access> {
    let rng = &mut Rng::new(seed ^ 0xacce55);
    let one = |rng: &mut Rng| {
        let mut strings = |pool: &[&str]| rng.some(pool, 2).into_iter().map(str::to_owned).collect::<Vec<_>>();
        let (actions, resources) = (strings(&ACTIONS), strings(&RESOURCES));
        match rng.below(3) {
            0 => Access { actions, resources: Vec::new() },
            1 => Access { actions: Vec::new(), resources },
            _ => Access { actions, resources },
        }
    };
    (0..rng.between(1, 2)).map(|_| one(rng)).collect()
}

#[test]
fn access_not_granted() {
    let catalogue = Catalogue::embedded();
    let mut tally = Tally::default();
    for seed in seeds(150) {
        let kind = KINDS[(seed % 8) as usize];
        let json = generate::document(seed, kind, &Options::default());
        let access = random_access(seed);
        let sources = &mut Sources::default();
        let asked = policy(sources, &json, kind, Position::UnderTest);
        let settings = settings(seed);
        let what = format!("seed {seed}, {kind}, {:?}, {access:?}\nNEW {json}", settings.realizability);
        let question = Question {
            catalogue: &catalogue,
            existing: None,
            asked: Side::Document(&asked),
            access: &access,
            outsiders: None,
            settings: &settings,
        };
        let report = match ask(&question) {
            Ok(report) => report,
            Err(disagreement) => {
                tally.wrong(format!("{what}\n{}", disagreement.what));
                continue;
            }
        };
        record(&mut tally, &report);
        let violates = |request: &Value, readings: &Readings| {
            is_listed(&access, request) && allows(&json, kind, request, readings, Role::UnderTest)
        };
        let case = Case {
            catalogue: &catalogue,
            settings: &settings,
            seed,
            what,
            violates: &violates,
            documents: vec![&json],
            policies: vec![&asked],
            stack: false,
        };
        replay(&mut tally, &case, &report);
        if report.verdict == Verdict::Pass {
            withstand(&mut tally, &case, &violates, "PASS");
        }
    }
    tally.end("check-access-not-granted");
}
