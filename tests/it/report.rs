//! Rendering, from answers built by hand: the order of what is said, and the shape of the JSON.

use std::collections::BTreeMap;
use std::path::Path;

use keyaki::catalogue::Catalogue;
use keyaki::checks::{Access, Cause, Narrowed, Part, Reason, Report, Side, StatementAt, Undecided, Verdict};
use keyaki::policy::{Kind, Policy, Version};
use keyaki::report::paint::Paint;
use keyaki::report::text::Length;
use keyaki::report::{Answer, Named, Question, json, text};
use keyaki::request::{Caller, ContextValue, Request};
use keyaki::source::{FileId, Sources, Span};

const OLD: &str = "corpus/checks/delete-bucket-added/existing.json";
const NEW: &str = "corpus/checks/delete-bucket-added/new.json";

fn read(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

fn policy(file: FileId) -> Policy {
    let span = Span { file, start: 0, end: 0 };
    let (kind, version) = (Kind::Resource, Version::V2012);
    Policy { kind, inferred: true, version, id: None, statements: Vec::new(), file, span }
}

fn span(sources: &Sources, file: FileId, part: &str) -> Span {
    let start = sources.get(file).unwrap().text.find(part).unwrap();
    Span { file, start: u32::try_from(start).unwrap(), end: u32::try_from(start + part.len()).unwrap() }
}

fn alice(action: &str) -> Request {
    let own = str::to_owned;
    Request {
        principal: Caller::User {
            partition: own("aws"),
            account: own("123456789012"),
            path: own("/"),
            name: own("alice"),
        },
        action: own(action),
        resource: own("arn:aws:s3:::DOC-EXAMPLE-BUCKET"),
        resource_account: None,
        context: BTreeMap::new(),
        principal_in_management_account: false,
        resource_in_management_account: false,
    }
}

fn report(verdict: Verdict) -> Report {
    Report {
        verdict,
        reasons: Vec::new(),
        unknown: Vec::new(),
        complete: verdict != Verdict::Unknown,
        assumptions: Vec::new(),
        carried_by: Vec::new(),
        remarks: Vec::new(),
        realistic: false,
        proof: None,
    }
}

struct World {
    sources: Sources,
    old: Policy,
    new: Policy,
    catalogue: Catalogue,
}

impl World {
    fn new() -> World {
        let mut sources = Sources::default();
        let (old, new) = (sources.add(OLD, read(OLD)), sources.add(NEW, read(NEW)));
        World { sources, old: policy(old), new: policy(new), catalogue: Catalogue::embedded() }
    }

    fn reason(&self, why_not_before: Cause) -> Reason {
        Reason {
            statement_index: 0,
            statement_id: None,
            span: span(&self.sources, self.new.file, "\"Effect\""),
            part: Part::Action,
            guilty: vec![span(&self.sources, self.new.file, "\"s3:DeleteBucket\"")],
            counterexample: alice("s3:DeleteBucket"),
            why_not_before,
            also: Vec::new(),
            suggestion: None,
            readings: Vec::new(),
            future_action: false,
            note: None,
            exposure: None,
        }
    }

    fn answer<'a>(&'a self, report: &'a Report) -> Answer<'a> {
        let existing = Named { name: OLD, side: Side::Document(&self.old) };
        Answer {
            question: Question::NoNewAccess { existing },
            asked: Named { name: NEW, side: Side::Document(&self.new) },
            report,
            diagnostics: &[],
            sources: &self.sources,
            catalogue: &self.catalogue,
        }
    }

    fn text(&self, report: &Report) -> String {
        text::answer(&self.answer(report), Paint::Plain, Length::Short)
    }

    fn json(&self, report: &Report) -> serde_json::Value {
        serde_json::from_str(&json::answer(&self.answer(report))).unwrap()
    }
}

fn failing(world: &World) -> Report {
    Report { reasons: vec![world.reason(Cause::NothingAllows)], ..report(Verdict::Fail) }
}

#[test]
fn the_readme_shows_what_the_program_shows() {
    let shown = std::process::Command::new(env!("CARGO_BIN_EXE_keyaki"))
        .args(["check-no-new-access", "--existing", OLD, "--new", NEW])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(read("README.md").contains(&format!("```text\n{shown}```\n")), "README.md differs from:\n{shown}");
}

#[test]
fn a_fail_says_verdict_place_request_and_count_in_this_order() {
    let world = World::new();
    let shown = world.text(&failing(&world));
    let parts = [
        "FAIL  ",
        "statement 0 (no Sid), ",
        "new.json:9\n",
        "\"s3:DeleteBucket\"\n",
        "^^^^^^^^^^^^^^^^^",
        "nothing allowed this action before\n",
        "for example   arn:aws:iam::123456789012:user/alice\n",
        "may do        s3:DeleteBucket\n",
        "on            arn:aws:s3:::DOC-EXAMPLE-BUCKET\n",
        "\n1 pair checked, read by the rules of resource policies: 1 fails.\n",
    ];
    let mut at = 0;
    for part in parts {
        at += shown[at..].find(part).unwrap_or_else(|| panic!("no `{part}` in order in\n{shown}"));
    }
    assert!(shown.lines().all(|line| line.chars().count() <= 110), "{shown}");
}

#[test]
fn a_removed_deny_and_a_loosened_condition_are_named() {
    let world = World::new();
    let place = span(&world.sources, world.old.file, "\"Effect\": \"Allow\"");
    let denied = |narrowed| Cause::DeniedByOld {
        statement_index: 2,
        statement_id: Some("KeepOut".to_owned()),
        span: place,
        entries: vec![place],
        narrowed,
    };
    let now = span(&world.sources, world.new.file, "\"s3:PutObject\"");
    let at = StatementAt { statement_index: 1, statement_id: None, span: now };
    let narrowed = denied(Some(Box::new(Narrowed { place: at, now, before: None })));
    let fail = Report { reasons: vec![world.reason(narrowed)], ..report(Verdict::Fail) };
    let shown = world.text(&fail);
    assert!(shown.contains("now           narrowed: statement 1 (no Sid),"), "{shown}");
    assert_eq!(world.json(&fail)["reasons"][0]["whyNotBefore"]["narrowed"]["statementIndex"], 1);
    let denied = denied(None);
    let fail = Report { reasons: vec![world.reason(denied)], ..report(Verdict::Fail) };
    let expected = "before        denied by statement 2 \"KeepOut\",\n                  \
                    corpus/checks/delete-bucket-added/existing.json:5";
    assert!(world.text(&fail).contains(expected), "{}", world.text(&fail));
    assert_eq!(world.json(&fail)["reasons"][0]["whyNotBefore"]["cause"], "denied");
    assert_eq!(world.json(&fail)["reasons"][0]["whyNotBefore"]["statementId"], "KeepOut");

    let loosened = Cause::ConditionLoosened { statement_index: 0, statement_id: None, spans: vec![place] };
    let mut reason = world.reason(loosened);
    let values = ["a".to_owned(), "b".to_owned()].to_vec();
    reason.counterexample.context.insert("aws:tagkeys".to_owned(), ContextValue::Multi(values));
    let fail = Report { reasons: vec![reason], ..report(Verdict::Fail) };
    let shown = world.text(&fail);
    assert!(shown.contains("with          aws:TagKeys = [a, b]\n"), "{shown}");
    assert!(shown.contains("before        allowed only under a condition: statement 0 (no Sid),"), "{shown}");
}

#[test]
fn more_than_five_reasons_are_cut_unless_asked() {
    let world = World::new();
    let reasons = (0..8).map(|index| Reason { statement_index: index, ..world.reason(Cause::NothingAllows) });
    let fail = Report { reasons: reasons.collect(), ..report(Verdict::Fail) };
    let short = world.text(&fail);
    assert_eq!(short.matches("for example").count(), 5);
    assert!(short.contains("3 more statements; --all shows them in full"), "{short}");
    let full = text::answer(&world.answer(&fail), Paint::Plain, Length::Full);
    assert_eq!(full.matches("for example").count(), 8);
    assert_eq!(world.json(&fail)["reasons"].as_array().unwrap().len(), 8);
}

#[test]
fn a_pass_says_what_it_stands_on() {
    let world = World::new();
    let pass = Report {
        assumptions: vec!["requests always carry aws:SecureTransport".to_owned()],
        carried_by: vec!["existing statement 0".to_owned()],
        ..report(Verdict::Pass)
    };
    let expected = "PASS  corpus/checks/delete-bucket-added/new.json\n      allows nothing that \
                    corpus/checks/delete-bucket-added/existing.json does not.\n\n    carried by    existing \
                    statement 0\n    relies on     requests always carry aws:SecureTransport\n    proof         none \
                    made\n\n1 pair checked, read by the rules of resource policies: 1 passes.\n";
    assert_eq!(world.text(&pass), expected);
    assert_eq!(world.json(&pass)["result"], "PASS");
    assert_eq!(world.json(&pass)["reasons"], serde_json::json!([]));
}

#[test]
fn unknown_names_the_place_and_what_is_needed() {
    let world = World::new();
    let open = Undecided {
        reason: "a policy variable".to_owned(),
        span: Some(span(&world.sources, world.new.file, "\"s3:PutObject\"")),
        needed: "a fixed text".to_owned(),
    };
    let unknown = Report::undecided(open.clone());
    let shown = world.text(&unknown);
    assert!(shown.starts_with("UNKNOWN  one thing could not be decided.\n"), "{shown}");
    assert!(shown.contains("^ a policy variable\n") && shown.contains("needed        a fixed text\n"), "{shown}");
    assert!(
        shown.ends_with("1 pair checked, read by the rules of resource policies: undecided. Exit code 3.\n"),
        "{shown}"
    );
    assert_eq!(world.json(&unknown)["unknown"][0]["span"]["line"], 8);

    let half = Report { unknown: vec![open], complete: false, ..failing(&world) };
    assert!(
        world
            .text(&half)
            .ends_with("1 pair checked, read by the rules of resource policies: 1 fails; 1 thing undecided.\n")
    );
    assert_eq!(world.json(&half)["complete"], false);
}

#[test]
fn the_json_of_a_fail_is_the_services_then_ours() {
    let world = World::new();
    let expected = serde_json::json!({
        "result": "FAIL",
        "message": "The modified permissions grant new access compared to your existing policy.",
        "reasons": [{
            "description": "New access in the statement with index: 0.",
            "statementIndex": 0,
            "counterexample": {
                "principal": "arn:aws:iam::123456789012:user/alice",
                "action": "s3:DeleteBucket",
                "resource": "arn:aws:s3:::DOC-EXAMPLE-BUCKET",
                "context": {}
            },
            "span": {"file": NEW, "line": 9, "column": 9, "endLine": 9, "endColumn": 26},
            "statementSpan": {"file": NEW, "line": 5, "column": 7, "endLine": 5, "endColumn": 15},
            "part": "action",
            "guilty": [{"file": NEW, "line": 9, "column": 9, "endLine": 9, "endColumn": 26}],
            "whyNotBefore": {"cause": "nothing-allows"},
            "futureAction": false,
            "reproduce": {
                "keyaki": format!(
                    "keyaki evaluate --policy {NEW} --policy-type resource --request '{}'",
                    "{\"principal\":\"arn:aws:iam::123456789012:user/alice\",\"action\":\"s3:DeleteBucket\",\
                     \"resource\":\"arn:aws:s3:::DOC-EXAMPLE-BUCKET\",\"context\":{}}"
                ),
                "aws": format!(
                    "aws iam simulate-custom-policy --policy-input-list '{}' --resource-policy file://{NEW} \
                     --caller-arn arn:aws:iam::123456789012:user/alice --action-names s3:DeleteBucket \
                     --resource-arns arn:aws:s3:::DOC-EXAMPLE-BUCKET",
                    "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Deny\",\"Action\":\"none:none\",\"Resource\":\"*\"}}"
                )
            }
        }],
        "counterexample": {
            "principal": "arn:aws:iam::123456789012:user/alice",
            "action": "s3:DeleteBucket",
            "resource": "arn:aws:s3:::DOC-EXAMPLE-BUCKET",
            "context": {}
        },
        "policyType": "RESOURCE_POLICY",
        "policyTypeInferred": true,
        "assumptions": [],
        "requests": "free",
        "diagnostics": [],
        "complete": true,
        "schema": "keyaki/1"
    });
    let shown = json::answer(&world.answer(&failing(&world)));
    assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), expected);
    let first: Vec<&str> = shown.lines().skip(1).take(3).map(|line| line.trim().split(':').next().unwrap()).collect();
    assert_eq!(first, ["\"result\"", "\"message\"", "\"reasons\""]);
}

#[test]
fn access_not_granted_counts_what_was_listed() {
    let world = World::new();
    let access = [Access { actions: vec!["s3:DeleteBucket".to_owned()], resources: Vec::new() }];
    let fail = Report { reasons: vec![world.reason(Cause::Granted)], ..report(Verdict::Fail) };
    let answer = Answer { question: Question::AccessNotGranted { access: &access }, ..world.answer(&fail) };
    let shown = text::answer(&answer, Paint::Plain, Length::Short);
    assert!(shown.contains("^ granted here\n"), "{shown}");
    assert!(
        shown
            .ends_with("1 policy checked against 1 listed pattern, read by the rules of resource policies: 1 fails.\n"),
        "{shown}"
    );
    let value: serde_json::Value = serde_json::from_str(&json::answer(&answer)).unwrap();
    assert_eq!(value["reasons"][0]["description"], "One or more of the listed actions in the statement with index: 0.");
}

#[test]
fn a_sid_cannot_draw_on_the_terminal() {
    let world = World::new();
    let reason = Reason { statement_id: Some("a\u{1b}[2J".to_owned()), ..world.reason(Cause::NothingAllows) };
    let fail = Report { reasons: vec![reason], ..report(Verdict::Fail) };
    assert!(!world.text(&fail).contains('\u{1b}'));
}
