//! SARIF 2.1.0: for code scanning and editors.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::packs;
use crate::report::finding::{Finding, Region, Shown, Sort, findings};
use crate::report::markdown::block;
use crate::scan::{Bound, Cause, Level, Question, Rule, Skipped};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// The whole log.
pub fn log(shown: &Shown<'_>) -> String {
    let findings = findings(shown);
    let rules = rules(shown);
    let index: BTreeMap<&str, usize> = rules.iter().enumerate().map(|(at, rule)| (rule.name.as_str(), at)).collect();
    let results: Vec<Value> = findings.iter().map(|finding| result(finding, &index)).collect();
    let unchecked = shown.scan.skipped.iter().filter(|skipped| skipped.cause != Cause::NoPolicy);
    let notifications: Vec<Value> = unchecked.map(|skipped| notification(skipped, shown)).collect();
    let summary = shown.scan.summary();
    let broken = summary.internal > 0
        || shown.scan.skipped.iter().any(|skipped| matches!(skipped.cause, Cause::Unreadable | Cause::Malformed));
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "keyaki",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{"executionSuccessful": !broken, "toolExecutionNotifications": notifications}],
            "results": results,
            "properties": {
                "files": summary.files, "policies": summary.policies, "checks": summary.checks,
                "failed": summary.failed, "unknown": summary.unknown, "skipped": summary.skipped,
                "suppressed": summary.suppressed, "baselined": summary.baselined,
            },
        }],
    });
    serde_json::to_string_pretty(&log).map_or_else(|_| String::new(), |text| text + "\n")
}

/// The rules that were asked, by name.
fn rules<'s>(shown: &Shown<'s>) -> Vec<&'s Rule> {
    let mut seen = BTreeSet::new();
    let asked = shown.scan.policies.iter().flat_map(|checked| &checked.outcomes);
    let mut rules: Vec<&Rule> =
        asked.map(|outcome| &*outcome.rule).filter(|rule| seen.insert(rule.name.as_str())).collect();
    rules.sort_by(|a, b| a.name.cmp(&b.name));
    rules
}

fn descriptor(rule: &Rule) -> Value {
    let what = match &rule.question {
        Question::NoPublicAccess => "A policy grants nothing to everyone.".to_owned(),
        Question::NoExternalAccess { zone, .. } => format!("A policy grants nothing outside {}.", zone.join(", ")),
        Question::AccessNotGranted { .. } => "A policy does not grant the listed access.".to_owned(),
        Question::NoNewAccess { bound: Bound::Before } => "A policy grants nothing that it did not before.".to_owned(),
        Question::NoNewAccess { bound: Bound::Reference(reference) } => {
            format!("A policy grants nothing beyond {}.", reference.name)
        }
    };
    let pack = match &rule.question {
        Question::NoNewAccess { bound: Bound::Reference(reference) } => {
            reference.name.strip_prefix("pack ").and_then(packs::find)
        }
        Question::NoNewAccess { bound: Bound::Before }
        | Question::NoPublicAccess
        | Question::NoExternalAccess { .. }
        | Question::AccessNotGranted { .. } => None,
    };
    let title = pack.as_ref().map_or(what, |pack| format!("{}.", pack.title));
    let mut descriptor = json!({
        "id": rule.name,
        "shortDescription": {"text": title},
        "defaultConfiguration": {"level": level(rule.level)},
        "properties": {"tags": ["security", "iam"], "check": rule.question.check()},
    });
    if let (Some(pack), Some(members)) = (pack, descriptor.as_object_mut()) {
        members.insert("help".to_owned(), json!({"text": pack.page, "markdown": pack.page}));
    }
    descriptor
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "note",
    }
}

fn result(finding: &Finding, index: &BTreeMap<&str, usize>) -> Value {
    let level = match finding.sort {
        Sort::Internal => "error",
        Sort::Fail | Sort::Unknown => level(finding.level),
    };
    let mut result = json!({
        "ruleId": finding.rule,
        "level": level,
        "message": {"text": finding.message(), "markdown": markdown(finding)},
        "locations": [{
            "physicalLocation": {"artifactLocation": {"uri": uri(&finding.file)}, "region": region(finding.region)},
            "logicalLocations": [{"fullyQualifiedName": finding.policy(), "kind": "resource"}],
        }],
        "partialFingerprints": {"keyaki/v1": finding.fingerprint},
        "properties": {"result": finding.sort.word(), "statement": finding.statement},
    });
    let Some(members) = result.as_object_mut() else { return result };
    if let Some(at) = index.get(finding.rule.as_str()) {
        members.insert("ruleIndex".to_owned(), json!(at));
    }
    if let Some(accepted) = finding.accepted() {
        let suppression = json!([{"kind": "external", "status": "accepted", "justification": accepted}]);
        members.insert("suppressions".to_owned(), suppression);
    }
    if let (Some(example), Some(properties)) =
        (&finding.example, members.get_mut("properties").and_then(Value::as_object_mut))
    {
        properties.insert("reproduce".to_owned(), json!(example.command));
        let context: BTreeMap<&String, &String> = example.context.iter().map(|(key, value)| (key, value)).collect();
        let request = json!({
            "principal": example.principal, "action": example.action, "resource": example.resource, "context": context,
        });
        properties.insert("counterexample".to_owned(), request);
    }
    result
}

fn markdown(finding: &Finding) -> String {
    let mut text = finding.message();
    if let Some(example) = &finding.example {
        text.push_str(&format!("\n\n{}\n", block(&example.command)));
    }
    text
}

fn region(region: Region) -> Value {
    json!({
        "startLine": region.line, "startColumn": region.column,
        "endLine": region.end_line, "endColumn": region.end_column,
    })
}

fn notification(skipped: &Skipped, shown: &Shown<'_>) -> Value {
    let whose = skipped.address.as_ref().map_or(String::new(), |address| format!("{address}: "));
    let place = Region::of(&skipped.file, &[skipped.span], &shown.scan.sources);
    json!({
        "level": if shown.allow_skips { "note" } else { "warning" },
        "message": {"text": format!("not checked: {whose}{}", skipped.reason)},
        "locations": [{"physicalLocation": {
            "artifactLocation": {"uri": uri(&skipped.file)}, "region": region(place),
        }}],
    })
}

/// A path as a relative reference, from the root of the repository.
fn uri(file: &str) -> String {
    let path = file.replace('\\', "/");
    let path = path.strip_prefix("./").unwrap_or(&path);
    let mut out = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'_' | b'-' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
