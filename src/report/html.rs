//! The HTML report: one file, nothing loaded from anywhere, for people.

use std::collections::BTreeSet;

use crate::report::finding::{Example, Finding, Overall, Region, Shown, Sort, findings};
use crate::report::junit::xml;
use crate::report::markdown::tally;
use crate::report::paint::printable;
use crate::report::scan::kind as name;
use crate::scan::{Cause, Checked, Level, Skipped, Standing};

const STYLE: &str = include_str!("html/style.css");
const SCRIPT: &str = include_str!("html/script.js");

/// Nothing may be loaded; the style and the script stand in the page.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// Lines of a statement from which on it is folded.
const LONG: usize = 16;

/// The whole page.
pub fn page(shown: &Shown<'_>) -> String {
    let findings = findings(shown);
    let skipped: Vec<&Skipped> = shown.scan.skipped.iter().filter(|skipped| skipped.cause != Cause::NoPolicy).collect();
    let mut out = head(shown);
    out.push_str(&tiles(shown, &findings, skipped.len()));
    out.push_str(&bar(shown));
    out.push_str("<main>\n");
    for finding in &findings {
        out.push_str(&card(finding));
    }
    for skipped in skipped {
        out.push_str(&unchecked(skipped, shown));
    }
    out.push_str(&policies(shown));
    out.push_str("<p id=\"nothing\" hidden>Nothing matches these filters.</p>\n</main>\n");
    out.push_str(&format!(
        "<footer>Keyaki {} · every FAIL was replayed · PASS means: no request violates the rule</footer>\n<script>{SCRIPT}</script>\n</body>\n</html>\n",
        env!("CARGO_PKG_VERSION")
    ));
    out
}

/// Text of the user as HTML, without anything invisible.
fn text(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(|line| xml(&printable(line))).collect();
    lines.join("\n")
}

fn head(shown: &Shown<'_>) -> String {
    let (class, word, sentence) = match shown.overall {
        Overall::Holds => ("pass", "PASS", "Every policy holds what was asked of it."),
        Overall::Fails => ("fail", "FAIL", "Some policies grant what they must not."),
        Overall::Undecided => ("unknown", "UNKNOWN", "Something was not decided or not checked."),
        Overall::CouldNotRun => ("unknown", "INCOMPLETE", "Some input could not be read."),
        Overall::Internal => ("fail", "NO VERDICT", "A defect of Keyaki kept something from being decided."),
    };
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <title>Keyaki: {word}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <header>\n<p class=\"brand\">Keyaki</p>\n<h1><span class=\"verdict {class}\">{word}</span> {sentence}</h1>\n\
         <p class=\"tally\">{}</p>\n</header>\n",
        tally(&shown.scan.summary())
    )
}

/// The counts, each a filter.
fn tiles(shown: &Shown<'_>, findings: &[Finding], unchecked: usize) -> String {
    let count = |result: &str| findings.iter().filter(|finding| self::result(finding) == result).count();
    let passed = shown.scan.summary().passed;
    let rows = [
        ("fail", "fail", count("fail")),
        ("unknown", "unknown", count("unknown")),
        ("unchecked", "not checked", unchecked),
        ("accepted", "accepted", count("accepted")),
        ("pass", "pass", passed),
    ];
    let mut out = String::from("<nav class=\"tiles\" aria-label=\"Filter by result\">\n");
    for (result, label, count) in rows {
        let idle = if count == 0 { " disabled" } else { "" };
        out.push_str(&format!(
            "<button class=\"tile {result}\" data-filter=\"{result}\" aria-pressed=\"false\"{idle}><b>{count}</b> {label}</button>\n"
        ));
    }
    out + "</nav>\n"
}

/// The search field and the list of checks.
fn bar(shown: &Shown<'_>) -> String {
    let outcomes = shown.scan.policies.iter().flat_map(|checked| &checked.outcomes);
    let rules: BTreeSet<&str> = outcomes.map(|outcome| outcome.rule.name.as_str()).collect();
    let options: String = rules.iter().map(|rule| format!("<option>{}</option>", text(rule))).collect();
    format!(
        "<div class=\"bar\">\n<input id=\"search\" type=\"search\" placeholder=\"Policy, action, resource …\" \
         aria-label=\"Search\">\n<select id=\"rule\" aria-label=\"Check\"><option value=\"\">All checks</option>{options}</select>\n\
         <span id=\"count\" role=\"status\"></span>\n</div>\n"
    )
}

/// The result that a finding is filtered by.
fn result(finding: &Finding) -> &'static str {
    match (finding.accepted(), finding.sort) {
        (Some(_), _) => "accepted",
        (None, Sort::Fail | Sort::Internal) => "fail",
        (None, Sort::Unknown) => "unknown",
    }
}

fn card(finding: &Finding) -> String {
    let result = result(finding);
    let level = match finding.level {
        Level::Error => "",
        Level::Warning => "<span class=\"chip\">warning</span>",
        Level::Note => "<span class=\"chip\">note</span>",
    };
    let mut out = format!(
        "<article class=\"item {result}\" data-result=\"{result}\" data-rule=\"{}\">\n\
         <h2><span class=\"badge {result}\">{}</span> <span class=\"policy\">{}</span></h2>\n\
         <p class=\"where\">{} <span class=\"chip rule\">{}</span>{level}</p>\n<p class=\"what\">{}</p>\n",
        text(&finding.rule),
        finding.sort.word(),
        text(finding.policy()),
        place(&finding.file, finding.region),
        text(&finding.rule),
        what(finding),
    );
    if let Some(accepted) = finding.accepted() {
        out.push_str(&format!("<p class=\"accepted-because\">{}</p>\n", text(&accepted)));
    }
    if let Some(example) = &finding.example {
        out.push_str(&request(example));
    }
    if !finding.remark.is_empty() {
        out.push_str(&format!("<p class=\"remark\">{}</p>\n", text(&finding.remark)));
    }
    if !finding.excerpt.is_empty() {
        let lines: usize = finding.excerpt.iter().map(|(piece, _)| piece.matches('\n').count()).sum();
        let open = if lines < LONG { " open" } else { "" };
        let piece = |(piece, guilty): &(String, bool)| {
            if *guilty { format!("<mark>{}</mark>", text(piece)) } else { text(piece) }
        };
        let excerpt: String = finding.excerpt.iter().map(piece).collect();
        out.push_str(&format!("<details{open}><summary>The statement</summary><pre>{excerpt}</pre></details>\n"));
    }
    if let Some(example) = finding.example.as_ref().filter(|example| !example.command.is_empty()) {
        out.push_str(&format!(
            "<details class=\"replay\"><summary>Replay it</summary><div class=\"command\"><pre>{}</pre>\
             <button class=\"copy\" type=\"button\">Copy</button></div></details>\n",
            text(&example.command)
        ));
    }
    out + "</article>\n"
}

/// `Statement 0 "Base" grants access to everyone.`
fn what(finding: &Finding) -> String {
    let statement = if finding.statement.is_empty() { "The policy" } else { &finding.statement };
    let mut chars = statement.chars();
    let first: String = chars.next().map(|first| first.to_uppercase().collect()).unwrap_or_default();
    let subject = format!("{first}{}", chars.as_str());
    let joint = match finding.sort {
        Sort::Fail => " ",
        Sort::Unknown | Sort::Internal => ": ",
    };
    text(&format!("{subject}{joint}{}.", finding.sentence))
}

fn request(example: &Example) -> String {
    let mut out = String::from("<dl class=\"request\">\n");
    let mut pair = |caption: &str, value: &str| {
        out.push_str(&format!("<dt>{caption}</dt><dd><code>{}</code></dd>\n", text(value)));
    };
    pair("for example", &example.principal);
    pair("may do", &example.action);
    pair("on", &example.resource);
    for (caption, pairs) in [("with", &example.context), ("if", &example.values)] {
        for (at, (key, value)) in pairs.iter().enumerate() {
            pair(if at == 0 { caption } else { "" }, &format!("{key} = {value}"));
        }
    }
    out + "</dl>\n"
}

fn place(file: &str, region: Region) -> String {
    format!("<code>{}:{}</code>", text(file), region.line)
}

fn unchecked(skipped: &Skipped, shown: &Shown<'_>) -> String {
    let region = Region::of(&skipped.file, &[skipped.span], &shown.scan.sources);
    let policy = skipped.address.as_deref().filter(|address| !address.is_empty()).unwrap_or(&skipped.file);
    format!(
        "<article class=\"item unchecked\" data-result=\"unchecked\" data-rule=\"\">\n\
         <h2><span class=\"badge unchecked\">NOT CHECKED</span> <span class=\"policy\">{}</span></h2>\n\
         <p class=\"where\">{}</p>\n<p class=\"what\">{}</p>\n</article>\n",
        text(policy),
        place(&skipped.file, region),
        text(&skipped.reason)
    )
}

/// Every policy that was seen, with the result of every rule.
fn policies(shown: &Shown<'_>) -> String {
    let mut out = String::from("<section id=\"policies\">\n<h2>Every policy seen</h2>\n<ul class=\"policies\">\n");
    for checked in &shown.scan.policies {
        out.push_str(&policy(checked, shown));
    }
    out + "</ul>\n</section>\n"
}

fn policy(checked: &Checked, shown: &Shown<'_>) -> String {
    let found = &checked.found;
    let title = if found.address.is_empty() { &found.file } else { &found.address };
    let kind = name(found.kind);
    let mut results = BTreeSet::new();
    let mut rules = BTreeSet::new();
    let mut chips = String::new();
    for outcome in &checked.outcomes {
        let result = match (&outcome.report, &outcome.standing) {
            (Err(_), _) => "fail",
            (Ok(_), Standing::Suppressed { .. } | Standing::Baselined) => "accepted",
            (Ok(report), Standing::Counts) => match report.verdict {
                crate::checks::Verdict::Pass => "pass",
                crate::checks::Verdict::Fail => "fail",
                crate::checks::Verdict::Unknown => "unknown",
            },
        };
        results.insert(result);
        rules.insert(text(&outcome.rule.name));
        chips.push_str(&format!("<span class=\"chip {result}\">{}</span>", text(&outcome.rule.name)));
    }
    if checked.outcomes.is_empty() {
        chips.push_str("<span class=\"chip\">no rule is for it</span>");
    }
    let results: Vec<&str> = results.into_iter().collect();
    let rules: Vec<String> = rules.into_iter().collect();
    let place = if found.address.is_empty() {
        String::new()
    } else {
        let region = Region::of(&found.file, &[found.span], &shown.scan.sources);
        format!("{} · ", place(&found.file, region))
    };
    format!(
        "<li class=\"seen\" data-result=\"{}\" data-rule=\"{}\"><span class=\"policy\">{}</span> \
         <span class=\"where\">{place}{kind}</span> <span class=\"chips\">{chips}</span></li>\n",
        results.join(" "),
        rules.join(" "),
        text(title),
    )
}
