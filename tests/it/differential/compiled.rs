//! Verdicts by evaluation against verdicts by the solver alone: on random pairs, on the shared updates, and on pairs of
//! managed policies asked through a shelf.

use keyaki::catalogue::Catalogue;
use keyaki::checks::compiled::Shelf;
use keyaki::checks::{Access, Question, Settings, Side, Verdict, verdict, verdict_by_search};
use keyaki::policy::Policy;
use keyaki::semantics::document::Position;
use keyaki::source::Sources;
use serde_json::Value;

use super::managed;
use super::pairs::settings;
use super::world::{Tally, policy, seeds};
use crate::data::shared;
use crate::generate::{self, Options, cases, list_of};

/// Asks both ways; an UNKNOWN of the search may be settled by evaluation.
fn compare(tally: &mut Tally, question: &Question<'_>, what: &dyn Fn() -> String) {
    let both = [verdict(question), verdict_by_search(question)];
    match both {
        [Ok(evaluated), Ok(searched)] if evaluated == searched => tally.count(format!("{evaluated:?}")),
        [Ok(evaluated), Ok(Verdict::Unknown)] => tally.count(format!("{evaluated:?} where the search ends")),
        other => tally.wrong(format!("{other:?}: {}", what())),
    }
}

#[test]
fn random_pairs() {
    let catalogue = Catalogue::embedded();
    let mut tally = Tally::default();
    for seed in seeds(600) {
        let pair = generate::pair_with(seed, &Options::default());
        let sources = &mut Sources::default();
        let existing = policy(sources, &pair.old, pair.kind, Position::Reference);
        let asked = policy(sources, &pair.new, pair.kind, Position::UnderTest);
        let settings = &settings(seed);
        let side = Side::Document;
        let question = Question {
            catalogue: &catalogue,
            existing: Some(side(&existing)),
            asked: side(&asked),
            access: &[],
            outsiders: None,
            settings,
        };
        let what = || format!("seed {seed} {}\n{}\n{}", pair.kind, pair.old, pair.new);
        compare(&mut tally, &question, &what);
        for access in accesses(&pair.old) {
            let access = &[access];
            compare(&mut tally, &Question { existing: None, access, ..question }, &|| format!("{access:?} {}", what()));
        }
    }
    tally.end("evaluation and search, random pairs");
}

/// Documents that share most of their statements, as an update does: what both have word for word is passed over.
#[test]
fn random_updates() {
    let catalogue = Catalogue::embedded();
    let mut tally = Tally::default();
    for seed in seeds(600) {
        let pair = generate::pair_with(seed, &Options::default());
        let statements = [list_of(&pair.old["Statement"]), list_of(&pair.new["Statement"])].concat();
        let count = u64::try_from(statements.len()).unwrap().max(1);
        let without = |at: u64| {
            let mut some = statements.clone();
            some.remove(usize::try_from(at % count).unwrap());
            let mut document = pair.old.clone();
            document["Statement"] = Value::Array(some);
            document
        };
        if statements.is_empty() {
            continue;
        }
        let (old, new) = (without(seed), without(seed / count));
        let sources = &mut Sources::default();
        let existing = policy(sources, &old, pair.kind, Position::Reference);
        let asked = policy(sources, &new, pair.kind, Position::UnderTest);
        let question = Question {
            catalogue: &catalogue,
            existing: Some(Side::Document(&existing)),
            asked: Side::Document(&asked),
            access: &[],
            outsiders: None,
            settings: &settings(seed),
        };
        compare(&mut tally, &question, &|| format!("seed {seed} {}\n{old}\n{new}", pair.kind));
    }
    tally.end("evaluation and search, random updates");
}

/// What a document names, as accesses to ask about.
fn accesses(document: &Value) -> Vec<Access> {
    let statements = list_of(&document["Statement"]);
    let texts = |member: &str| -> Vec<String> {
        let listed = statements.iter().take(2).flat_map(|statement| list_of(&statement[member]));
        listed.filter_map(|text| text.as_str().map(str::to_owned)).filter(|text| text.contains(':')).take(2).collect()
    };
    let (actions, mut resources) = (texts("Action"), texts("Resource"));
    resources.retain(|text| text.starts_with("arn:") && !text.contains("${") && text.matches(':').count() >= 5);
    let mut accesses = Vec::new();
    if !actions.is_empty() {
        accesses.push(Access { actions: actions.clone(), resources: Vec::new() });
    }
    if !resources.is_empty() {
        accesses.push(Access { actions, resources });
    }
    accesses
}

#[test]
fn shared_updates() {
    let Some(text) = shared("data/policy-updates.jsonl.gz") else { return };
    let catalogue = Catalogue::embedded();
    let lines: Vec<&str> = text.lines().collect();
    let step = lines.len().div_ceil(usize::try_from(cases(25)).unwrap().clamp(1, lines.len()));
    let mut tally = Tally::default();
    for line in lines.iter().step_by(step) {
        let update: Value = serde_json::from_str(line).unwrap();
        for (old, new) in [("old", "new"), ("new", "old")] {
            let sources = &mut Sources::default();
            let existing = policy(sources, &update[old], "identity", Position::Reference);
            let asked = policy(sources, &update[new], "identity", Position::UnderTest);
            let question = Question {
                catalogue: &catalogue,
                existing: Some(Side::Document(&existing)),
                asked: Side::Document(&asked),
                access: &[],
                outsiders: None,
                settings: &Settings::default(),
            };
            compare(&mut tally, &question, &|| format!("{} {old} {new}", update["id"]));
        }
    }
    tally.end("evaluation and search, updates");
}

#[test]
fn managed_pairs_on_a_shelf() {
    let Some(documents) = managed::documents() else { return };
    let (catalogue, settings) = (Catalogue::embedded(), Settings::default());
    let sources = &mut Sources::default();
    let policies: Vec<Policy> =
        documents.iter().map(|(_, document)| policy(sources, document, "identity", Position::UnderTest)).collect();
    let shelf = Shelf::new(policies.iter().collect(), &catalogue, &settings);
    let mut tally = Tally::default();
    let rows = usize::try_from(cases(6)).unwrap().clamp(1, policies.len());
    for (row, existing) in policies.iter().enumerate().step_by(policies.len().div_ceil(rows)) {
        let answers = shelf.no_new_access(existing).unwrap();
        // a few of the many FAILs, and the rest
        for (index, found) in answers.verdicts.iter().enumerate() {
            if *found == Verdict::Fail && (row + index) % 61 != 0 {
                continue;
            }
            let question = Question {
                catalogue: &catalogue,
                existing: Some(Side::Document(existing)),
                asked: Side::Document(&policies[index]),
                access: &[],
                outsiders: None,
                settings: &settings,
            };
            match verdict_by_search(&question) {
                Ok(searched) if searched == *found => tally.count(format!("{found:?}")),
                other => tally.wrong(format!(
                    "{} against {}: {found:?} on the shelf, {other:?}",
                    documents[index].0, documents[row].0
                )),
            }
        }
    }
    tally.end("evaluation and search, managed policies on a shelf");
}
