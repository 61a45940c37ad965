//! Counterexamples read like life: over real updates, most name an action of the catalogue or of a document.

use keyaki::catalogue::Catalogue;
use keyaki::checks::{Report, Settings};
use keyaki::policy::Kind;
use serde_json::Value;

use crate::data::{check, shared};
use crate::generate::cases;

/// Share of counterexamples, in percent, whose action is one of the catalogue or of the documents.
const NAMED: usize = 95;
/// Updates in the ordinary suite; `KEYAKI_CASES` sets another number.
const SMOKE: u64 = 60;

/// Counterexamples seen so far.
#[derive(Default)]
struct Census {
    all: usize,
    named: usize,
    /// Keys in the contexts.
    keys: usize,
    rest: Vec<String>,
}

impl Census {
    fn add(&mut self, name: &str, documents: [&Value; 2], report: &Report, catalogue: &Catalogue) {
        for reason in &report.reasons {
            let request = &reason.counterexample;
            let lower = request.action.to_ascii_lowercase();
            let quoted = format!("\"{lower}\"");
            let spelled = || documents.iter().any(|d| d.to_string().to_ascii_lowercase().contains(&quoted));
            self.all += 1;
            self.keys += request.context.len();
            if catalogue.action(&lower).is_some() || spelled() {
                self.named += 1;
            } else {
                self.rest.push(format!("{name} statement {}: {}", reason.statement_index, request.to_json()));
            }
            if std::env::var_os("KEYAKI_SHOW").is_some() {
                println!("{name} statement {}: {}", reason.statement_index, request.to_json());
            }
        }
    }
}

#[test]
fn counterexamples_of_real_updates_name_real_actions() {
    let Some(updates) = shared("data/policy-updates.jsonl.gz") else { return };
    let catalogue = Catalogue::embedded();
    let mut census = Census::default();
    let lines: Vec<&str> = updates.lines().collect();
    let wanted = usize::try_from(cases(SMOKE)).unwrap().max(1);
    let step = (lines.len() / wanted).max(1);
    for line in lines.iter().step_by(step) {
        let update: Value = serde_json::from_str(line).unwrap();
        for (old, new) in [("old", "new"), ("new", "old")] {
            let report = check(&update[old], &update[new], Kind::Identity, &Settings::default());
            let name = format!("{} {new} against {old}", update["id"]);
            census.add(&name, [&update[old], &update[new]], &report, &catalogue);
        }
    }
    let Census { all, named, keys, rest } = census;
    println!("{all} counterexamples, {named} with a named action, {keys} context keys; the rest:\n{}", rest.join("\n"));
    assert!(all > 0 && named * 100 >= all * NAMED, "{named} of {all}");
}
