//! JUnit XML: a suite for each file, a test for each rule of each policy.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::report::finding::{Finding, Shown, Sort, of_outcome};
use crate::scan::{Cause, Level, Skipped};

/// A test and how it ended.
struct Test {
    name: String,
    end: End,
    message: String,
    text: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Passed,
    Failure,
    /// Undecided, not checked, or a defect of ours: the test could not be made.
    Error,
    /// It failed, and does not count.
    Skipped,
}

/// The whole report.
pub fn suites(shown: &Shown<'_>) -> String {
    let suites = tests(shown);
    let all: Vec<&Test> = suites.values().flatten().collect();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    open(&mut out, 0, "testsuites", "keyaki", &all);
    for (file, tests) in &suites {
        open(&mut out, 2, "testsuite", file, &tests.iter().collect::<Vec<_>>());
        for test in tests {
            case(&mut out, file, test);
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

/// Tests by file.
fn tests(shown: &Shown<'_>) -> BTreeMap<String, Vec<Test>> {
    let mut suites: BTreeMap<String, Vec<Test>> = BTreeMap::new();
    for checked in &shown.scan.policies {
        let tests = suites.entry(checked.found.file.clone()).or_default();
        for outcome in &checked.outcomes {
            let findings = of_outcome(&checked.found, outcome, shown);
            let policy = &checked.found.address;
            let name =
                if policy.is_empty() { outcome.rule.name.clone() } else { format!("{policy}: {}", outcome.rule.name) };
            tests.push(test(name, &findings));
        }
    }
    for skipped in shown.scan.skipped.iter().filter(|skipped| skipped.cause != Cause::NoPolicy) {
        suites.entry(skipped.file.clone()).or_default().push(unchecked(skipped, shown));
    }
    suites
}

fn test(name: String, findings: &[Finding]) -> Test {
    let end = findings.iter().map(end).max_by_key(|end| weight(*end)).unwrap_or(End::Passed);
    let first = findings.iter().find(|finding| self::end(finding) == end);
    let accepted = first.and_then(Finding::accepted);
    let message = accepted.or_else(|| first.map(|first| first.sentence.clone())).unwrap_or_default();
    let mut text = String::new();
    for finding in findings {
        let _writing_to_a_text_does_not_fail = writeln!(text, "{}", finding.message());
        if let Some(example) = &finding.example {
            let _writing_to_a_text_does_not_fail = writeln!(text, "{}", example.command);
        }
    }
    Test { name, end, message, text }
}

fn end(finding: &Finding) -> End {
    match (finding.sort, finding.level, finding.accepted()) {
        (Sort::Internal, ..) => End::Error,
        (_, _, Some(_)) | (_, Level::Warning | Level::Note, None) => End::Skipped,
        (Sort::Fail, Level::Error, None) => End::Failure,
        (Sort::Unknown, Level::Error, None) => End::Error,
    }
}

fn weight(end: End) -> u8 {
    match end {
        End::Passed => 0,
        End::Skipped => 1,
        End::Error => 2,
        End::Failure => 3,
    }
}

fn unchecked(skipped: &Skipped, shown: &Shown<'_>) -> Test {
    let whose = skipped.address.as_deref().unwrap_or(&skipped.file);
    Test {
        name: format!("{whose}: not checked"),
        end: if shown.allow_skips { End::Skipped } else { End::Error },
        message: skipped.reason.clone(),
        text: String::new(),
    }
}

/// A tag with the counts of tests.
fn open(out: &mut String, indent: usize, tag: &str, name: &str, tests: &[&Test]) {
    let count = |end| tests.iter().filter(|test| test.end == end).count();
    let _writing_to_a_text_does_not_fail = writeln!(
        out,
        "{:indent$}<{tag} name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\">",
        "",
        xml(name),
        tests.len(),
        count(End::Failure),
        count(End::Error),
        count(End::Skipped),
    );
}

fn case(out: &mut String, file: &str, test: &Test) {
    let tag = match test.end {
        End::Passed => None,
        End::Failure => Some("failure"),
        End::Error => Some("error"),
        End::Skipped => Some("skipped"),
    };
    let head = format!("    <testcase name=\"{}\" classname=\"{}\" time=\"0\"", xml(&test.name), xml(file));
    let _writing_to_a_text_does_not_fail = match tag {
        None => writeln!(out, "{head}/>"),
        // readers disagree on text inside `skipped`
        Some("skipped") => writeln!(
            out,
            "{head}>\n      <skipped message=\"{}\"/>\n      <system-out>{}</system-out>\n    </testcase>",
            xml(&test.message),
            xml(&test.text)
        ),
        Some(tag) => writeln!(
            out,
            "{head}>\n      <{tag} message=\"{}\" type=\"{tag}\">{}</{tag}>\n    </testcase>",
            xml(&test.message),
            xml(&test.text)
        ),
    };
}

/// Text as XML 1.0 can hold it: what it cannot is written out.
pub(super) fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(c),
            '\u{fffe}' | '\u{ffff}' => out.extend(c.escape_unicode()),
            c if c.is_control() => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out
}
