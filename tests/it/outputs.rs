//! The formats of a scan for other programs, read by readers that are not ours; and for hostile texts.

pub(crate) mod mixed;
pub(crate) mod reader;

use keyaki::report::finding::{Shown, findings};
use keyaki::report::{github, gitlab, html, junit, markdown, sarif};
use keyaki::scan::Scan;
use serde_json::Value;

use mixed::{HOSTILE, mixed, shown};
use reader::{GITLAB, SARIF, demand};

fn log(shown: &Shown<'_>) -> Value {
    serde_json::from_str(&sarif::log(shown)).unwrap()
}

#[test]
fn sarif_is_valid_by_the_official_schema() {
    let scan = mixed();
    for (name, shown) in [("sarif", shown(&scan, false)), ("sarif-skips", shown(&scan, true))] {
        demand(name, SARIF, &sarif::log(&shown));
    }
    demand("sarif-empty", SARIF, &sarif::log(&shown(&Scan::default(), false)));
    let broken = sarif::log(&shown(&scan, false)).replacen("\"level\": \"error\"", "\"level\": \"severe\"", 1);
    let complaints = reader::complaints("sarif-broken", SARIF, &broken);
    assert!(complaints.is_none_or(|complaints| complaints.len() == 1), "the schema lets a wrong level through");
}

#[test]
fn sarif_results_have_rules_places_fingerprints_and_counterexamples() {
    let scan = mixed();
    let log = log(&shown(&scan, false));
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), findings(&shown(&scan, false)).len());
    for result in results {
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
        assert_eq!(result["partialFingerprints"]["keyaki/v1"].as_str().unwrap().len(), 32);
        let location = &result["locations"][0]["physicalLocation"];
        let uri = location["artifactLocation"]["uri"].as_str().unwrap();
        assert!(!uri.starts_with('/') && !uri.contains([' ', '<', '"']), "{uri}");
        assert!(location["region"]["startLine"].as_u64().unwrap() >= 1);
        let text = result["message"]["text"].as_str().unwrap();
        if result["properties"]["result"] == "FAIL" {
            assert!(text.contains("For example, arn:") && text.contains(" may do s3:"), "{text}");
            assert!(result["properties"]["reproduce"].as_str().unwrap().starts_with("keyaki evaluate "));
        }
    }
    let first = &results[0]["locations"][0]["physicalLocation"]["region"];
    assert_eq!((&first["startLine"], &first["startColumn"]), (&Value::from(7), &Value::from(18)), "{first}");
    let suppressed: Vec<&Value> = results.iter().filter(|result| result["suppressions"].is_array()).collect();
    assert_eq!(suppressed.len(), 2);
    let invocation = &run["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    assert_eq!(invocation["toolExecutionNotifications"].as_array().unwrap().len(), 2);
}

#[test]
fn fingerprints_do_not_move_with_the_text() {
    let before = mixed();
    let after = mixed::of(&|text| format!("\n\n{}", text.replace("\"Version\"", "\n \"Version\"")));
    let of = |scan: &Scan| -> Vec<String> {
        findings(&shown(scan, false)).into_iter().map(|finding| finding.fingerprint).collect()
    };
    assert_eq!(of(&before), of(&after));
}

#[test]
fn junit_is_read_by_another_reader() {
    let scan = mixed();
    let Some(lines) = reader::junit(&junit::suites(&shown(&scan, false))) else { return };
    let summary = scan.summary();
    let count = |end: &str| lines.iter().skip(1).filter(|line| line.starts_with(end)).count();
    // errors: one undecided, one defect, two unchecked; skipped: suppressed, in the baseline, a warning
    let counts = [count("passed "), count("failure "), count("error "), count("skipped ")];
    assert_eq!(counts, [summary.passed, 2, 4, 3]);
    assert_eq!(lines[0], format!("{} 2 4 3", summary.checks + summary.skipped));
    assert!(lines.iter().any(|line| line.contains("<script>") && line.contains("]]>&amp;")), "{lines:?}");
}

#[test]
fn gitlab_is_valid_by_its_documented_shape() {
    let scan = mixed();
    let text = gitlab::code_quality(&shown(&scan, false));
    demand("gitlab", GITLAB, &text);
    let issues: Value = serde_json::from_str(&text).unwrap();
    let issues = issues.as_array().unwrap();
    let fingerprints: std::collections::BTreeSet<&str> =
        issues.iter().map(|issue| issue["fingerprint"].as_str().unwrap()).collect();
    assert_eq!(fingerprints.len(), issues.len(), "GitLab shows one issue a fingerprint");
    let severity = |wanted: &str| issues.iter().filter(|issue| issue["severity"] == wanted).count();
    assert_eq!(
        [severity("blocker"), severity("critical"), severity("major"), severity("minor"), severity("info")],
        [1, 2, 3, 1, 2]
    );
}

#[test]
fn github_commands_hold_on_one_line_each() {
    let scan = mixed();
    let text = github::annotations(&shown(&scan, false));
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), findings(&shown(&scan, false)).len() + 2);
    for line in &lines {
        let (head, message) = line.strip_prefix("::").unwrap().split_once("::").unwrap();
        let (command, properties) = head.split_once(' ').unwrap();
        assert!(["error", "warning", "notice"].contains(&command) && !message.is_empty(), "{line}");
        for property in properties.split(',') {
            let (name, value) = property.split_once('=').unwrap();
            assert!(["file", "line", "endLine", "col", "endColumn", "title"].contains(&name), "{line}");
            assert!(!value.contains(':'), "{line}");
        }
    }
    assert!(lines[0].starts_with("::error file=policies/app.json,line=7,endLine=7,col=18,endColumn="), "{}", lines[0]);
}

#[test]
fn markdown_shows_verdict_counts_and_examples() {
    let scan = mixed();
    let text = markdown::summary(&shown(&scan, false));
    for part in
        ["## Keyaki: ", "files, ", "| **FAIL** |", "may do", "keyaki evaluate", "### Not checked", "### Accepted"]
    {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
    for row in text.lines().filter(|line| line.starts_with("| **")) {
        let bars = row.replace("\\|", "").matches('|').count();
        assert_eq!(bars, 5, "{row}");
    }
    assert!(!text.contains("<script>"), "{text}");
}

#[test]
fn html_loads_nothing_and_shows_everything() {
    let scan = mixed();
    let page = html::page(&shown(&scan, false));
    for outside in ["src=", "href=", "@import", "url(", "<link", "<iframe", "fetch(", "http-equiv=\"refresh\""] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert_eq!(page.matches("<script>").count(), 1, "a text of the user became a script");
    assert_eq!(page.matches("<article").count(), findings(&shown(&scan, false)).len() + 2);
    assert_eq!(page.matches("<li class=\"seen\"").count(), scan.policies.len());
    assert!(page.contains("&lt;script&gt;") && page.contains("\\u{202e}") && page.contains("default-src 'none'"));
}

#[test]
fn hostile_names_are_in_the_scan() {
    let scan = mixed();
    assert!(scan.policies.iter().any(|checked| checked.found.file == HOSTILE));
}
