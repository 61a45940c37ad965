//! Packs: every example of every page fails or passes as it says, and the failing ones blame a Deny of the reference.

use keyaki::catalogue::Catalogue;
use keyaki::checks::{Cause, Settings, Strictness, Verdict};
use keyaki::packs;
use keyaki::policy::read::ReadOptions;
use keyaki::scan::{Asking, Before, Found, Level, Question, Written, hold};
use keyaki::source::Sources;
use keyaki::stack;

/// An example as a found policy.
fn found(example: &packs::Example, sources: &mut Sources) -> Found {
    let options = ReadOptions { kind: Some(example.kind), ..ReadOptions::default() };
    let outcome = stack::read(sources, "example", example.text.as_bytes(), &options);
    assert_eq!(outcome.diagnostics.iter().filter(|d| d.severity < keyaki::diagnostic::Severity::Warning).count(), 0);
    Found {
        file: "example".to_owned(),
        address: String::new(),
        kind: Some(example.kind),
        resource_type: None,
        span: None,
        document: Written::Whole(Box::new(outcome.document.expect("an example can be read"))),
        before: Before::Unasked,
        supposed: None,
        diagnostics: outcome.diagnostics,
    }
}

#[test]
fn every_example_is_as_its_page_says() {
    let catalogue = Catalogue::embedded();
    let settings = Settings::default();
    let asking = Asking { catalogue: &catalogue, settings: &settings, strictness: Strictness::Ordinary };
    for pack in packs::all() {
        let mut sources = Sources::default();
        let rules = pack.rules(pack.name, Level::Error, &["111122223333".to_owned()], &mut sources);
        let within = pack.demands.iter().filter(|demand| matches!(demand.property, packs::Property::Within(_))).count();
        let bounds = rules.iter().filter(|rule| matches!(rule.rule.question, Question::NoNewAccess { .. })).count();
        assert_eq!(within, bounds, "{}: a reference cannot be read", pack.name);
        for example in &pack.examples {
            let found = found(example, &mut sources);
            let own = rules.iter().filter(|rule| rule.kinds.contains(&example.kind));
            let own: Vec<_> = own.map(|rule| rule.rule.clone()).collect();
            let outcomes = hold(&found, &own, &asking);
            assert!(!outcomes.is_empty(), "{}: no rule is for {:?}", pack.name, example.kind);
            let mut fails = false;
            for outcome in &outcomes {
                let report = outcome.report.as_ref().unwrap();
                let named = format!("{} {:?} {}", outcome.rule.name, report.verdict, example.text);
                assert_ne!(report.verdict, Verdict::Unknown, "{named} {:?}", report.unknown);
                fails |= report.verdict == Verdict::Fail;
                for reason in &report.reasons {
                    if matches!(outcome.rule.question, Question::NoNewAccess { .. }) {
                        let denied = matches!(reason.why_not_before, Cause::DeniedByOld { .. });
                        assert!(denied, "{named}: {:?}", reason.why_not_before);
                    }
                    println!("{} {:?}: {}", pack.name, example.kind, reason.counterexample.to_json());
                }
            }
            assert_eq!(fails, example.fails, "{} {:?}:\n{}", pack.name, example.kind, example.text);
        }
    }
}
