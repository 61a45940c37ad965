//! Laws that the answers of check-no-new-access obey, whatever the documents say.

use keyaki::catalogue::Catalogue;
use keyaki::checks::{Question, Reading, Settings, Side, Verdict, ask};
use keyaki::semantics::document::Position;
use keyaki::source::Sources;
use serde_json::{Value, json};

use super::world::{RULES, Tally, policy, seeds};
use crate::generate::{self, Options, Pair, Rng, list_of};
use crate::metamorphic::CHANGES;

/// The verdict for a pair of documents of a kind, in the default reading or in all.
fn verdict(catalogue: &Catalogue, kind: &str, old: &Value, new: &Value, all: bool) -> Result<Verdict, String> {
    let sources = &mut Sources::default();
    let (old_policy, new_policy) =
        (policy(sources, old, kind, Position::Reference), policy(sources, new, kind, Position::UnderTest));
    let fixed = if all { Default::default() } else { RULES.iter().map(|rule| (*rule, false)).collect() };
    let settings = Settings { reading: Reading { fixed }, ..Settings::default() };
    let question = Question {
        catalogue,
        existing: Some(Side::Document(&old_policy)),
        asked: Side::Document(&new_policy),
        access: &[],
        outsiders: None,
        settings: &settings,
    };
    ask(&question)
        .map(|report| report.verdict)
        .map_err(|disagreement| format!("{}\nOLD {old}\nNEW {new}", disagreement.what))
}

/// The document with one statement more.
fn with(document: &Value, statement: &Value) -> Value {
    let mut document = document.clone();
    let mut statements = list_of(&document["Statement"]);
    let mut statement = statement.clone();
    statement.as_object_mut().unwrap().shift_remove("Sid");
    statements.push(statement);
    document["Statement"] = json!(statements);
    document
}

/// A statement of the kind with this effect, from another document.
fn statement(seed: u64, kind: &'static str, effect: &str) -> Option<Value> {
    let document = generate::document(seed ^ 0x5eed, kind, &Options { errors: false, ..Options::default() });
    list_of(&document["Statement"]).into_iter().find(|statement| statement["Effect"] == effect)
}

/// Constructs of no sure meaning are read wide in a document under test and narrow in an existing one, so these
/// documents have none.
const PLAIN: Options = Options { variables: true, principals: true, errors: false };

#[test]
fn a_document_changed_in_form_only_is_the_same() {
    let catalogue = Catalogue::embedded();
    let mut tally = Tally::default();
    for seed in seeds(60) {
        let Pair { kind, old, .. } = generate::pair_with(seed, &PLAIN);
        let narrow = |text: &str| kind == "vpce" && text.contains("11112222") || text.contains("44445555");
        if narrow(&old.to_string()) && kind == "vpce" {
            tally.count("passed over: accounts of a gateway endpoint are read by position (spec 8.8)");
            continue;
        }
        let all = seed.is_multiple_of(4);
        let same = [("itself", old.clone())];
        let changed = CHANGES.iter().map(|(name, change)| (*name, change(&mut Rng::new(seed), &old)));
        for (name, new) in same.into_iter().chain(changed) {
            for (a, b) in [(&old, &new), (&new, &old)] {
                match verdict(&catalogue, kind, a, b, all) {
                    Ok(Verdict::Pass) => tally.count("Pass"),
                    Ok(Verdict::Unknown) => tally.count("Unknown"),
                    Ok(Verdict::Fail) => tally.wrong(format!("seed {seed}, {kind}, {name}: FAIL\nOLD {a}\nNEW {b}")),
                    Err(what) => tally.wrong(format!("seed {seed}, {kind}, {name}: {what}")),
                }
            }
        }
    }
    tally.end("rewritten documents");
}

#[test]
fn statements_pull_one_way() {
    let catalogue = Catalogue::embedded();
    let mut tally = Tally::default();
    for seed in seeds(150) {
        let Pair { kind, old, new } = generate::pair_with(seed, &PLAIN);
        let before = match verdict(&catalogue, kind, &old, &new, false) {
            Ok(before) => before,
            Err(what) => {
                tally.wrong(format!("seed {seed}: {what}"));
                continue;
            }
        };
        for (effect, forbidden) in [("Allow", (Verdict::Fail, Verdict::Pass)), ("Deny", (Verdict::Pass, Verdict::Fail))]
        {
            let Some(more) = statement(seed, kind, effect) else { continue };
            let more = with(&new, &more);
            match verdict(&catalogue, kind, &old, &more, false) {
                Ok(after) if (before, after) == forbidden => {
                    tally.wrong(format!(
                        "seed {seed}, {kind}, {effect} made {before:?} {after:?}\nOLD {old}\nNEW {more}"
                    ));
                }
                Ok(after) => tally.count(format!("{effect}: {before:?} to {after:?}")),
                Err(what) => tally.wrong(format!("seed {seed}: {what}")),
            }
        }
    }
    tally.end("a statement more");
}

#[test]
fn no_new_access_is_transitive() {
    let catalogue = Catalogue::embedded();
    let mut tally = Tally::default();
    for seed in seeds(100) {
        let Pair { kind, old, new } = generate::pair_with(seed, &PLAIN);
        // a third document by one statement less, or another Deny
        let mut statements = list_of(&new["Statement"]);
        let third = match statement(seed, kind, "Deny") {
            Some(deny) if seed.is_multiple_of(2) || statements.len() < 2 => with(&new, &deny),
            _ => {
                statements.truncate(1);
                let mut third = new.clone();
                third["Statement"] = json!(statements);
                third
            }
        };
        let judge = |a: &Value, b: &Value| verdict(&catalogue, kind, a, b, false);
        match (judge(&old, &new), judge(&new, &third), judge(&old, &third)) {
            (Ok(Verdict::Pass), Ok(Verdict::Pass), Ok(Verdict::Fail)) if kind != "vpce" => {
                tally.wrong(format!("seed {seed}, {kind}\nA {old}\nB {new}\nC {third}"));
            }
            (Ok(one), Ok(two), Ok(both)) => tally.count(format!("{one:?}, {two:?}: {both:?}")),
            (one, two, both) => tally.wrong(format!("seed {seed}: {one:?} {two:?} {both:?}")),
        }
    }
    tally.end("transitivity");
}

/// One text that must be a number of one set and a date of another: no text tried out may pass for the other.
#[test]
fn a_key_read_as_number_and_as_date_has_one_text() {
    let catalogue = Catalogue::embedded();
    let all = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    for key in ["aws:CurrentTime", "kms:ValidTo", "acme:x"] {
        let deny = json!({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {
            "DateGreaterThan": {key: "2024-01-01T00:00:00Z"}, "NumericGreaterThanEquals": {key: "10"}}});
        let new = json!({"Version": "2012-10-17", "Statement": [all]});
        let old = with(&new, &deny);
        // 1704067201 is both; a search that does not find it says so
        let found = verdict(&catalogue, "identity", &old, &new, false);
        assert!(matches!(found, Ok(Verdict::Fail | Verdict::Unknown)), "{key}: {found:?}");
    }
}
