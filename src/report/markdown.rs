//! Markdown: for the summary of a pipeline step and the comments of a review.

use std::fmt::Write;

use crate::report::finding::{Finding, Overall, Shown, findings};
use crate::scan::{Cause, Level, Skipped, Summary};

/// Findings shown in full.
const MOST: usize = 50;

/// The whole report.
pub fn summary(shown: &Shown<'_>) -> String {
    let all = findings(shown);
    let (accepted, counting): (Vec<&Finding>, Vec<&Finding>) =
        all.iter().partition(|finding| finding.accepted().is_some());
    let mut out = format!("## {}\n\n{}\n", headline(shown), tally(&shown.scan.summary()));
    if !counting.is_empty() {
        out.push_str("\n| | policy | check | what |\n|---|---|---|---|\n");
        for finding in counting.iter().take(MOST) {
            row(&mut out, finding);
        }
        rest(&mut out, counting.len());
        for finding in counting.iter().take(MOST) {
            details(&mut out, finding);
        }
    }
    unchecked(&mut out, shown);
    if !accepted.is_empty() {
        out.push_str("\n### Accepted\n\n");
        for finding in accepted.iter().take(MOST) {
            let accepted = finding.accepted().unwrap_or_default();
            let line = format!("- {} · {} · {}\n", code(finding.policy()), code(&finding.rule), plain(&accepted));
            out.push_str(&line);
        }
        rest(&mut out, accepted.len());
    }
    out
}

/// The verdict of all.
pub(super) fn headline(shown: &Shown<'_>) -> &'static str {
    match shown.overall {
        Overall::Holds => "Keyaki: PASS",
        Overall::Fails => "Keyaki: FAIL",
        Overall::Undecided => "Keyaki: UNKNOWN",
        Overall::CouldNotRun => "Keyaki: input could not be read",
        Overall::Internal => "Keyaki: internal error, no verdict",
    }
}

/// What was counted, in a line.
pub(super) fn tally(summary: &Summary) -> String {
    let Summary { files, policies, checks, passed, failed, unknown, suppressed, baselined, skipped, .. } = summary;
    let mut text = format!(
        "{files} files, {policies} policies, {checks} checks: {passed} pass, {failed} fail, {unknown} unknown; {skipped} skipped"
    );
    if *suppressed > 0 {
        let _writing_to_a_text_does_not_fail = write!(text, "; {suppressed} suppressed");
    }
    if *baselined > 0 {
        let _writing_to_a_text_does_not_fail = write!(text, "; {baselined} in the baseline");
    }
    text + "."
}

fn row(out: &mut String, finding: &Finding) {
    let level = match finding.level {
        Level::Error => "",
        Level::Warning => " (warning)",
        Level::Note => " (note)",
    };
    let line = format!(
        "| **{}**{level} | {} | {} | {} |\n",
        finding.sort.word(),
        code(finding.policy()),
        code(&finding.rule),
        plain(&finding.sentence)
    );
    out.push_str(&line);
}

fn details(out: &mut String, finding: &Finding) {
    let Some(example) = &finding.example else {
        let line = format!("\n**{}** {}\n", finding.sort.word(), plain(&finding.message()));
        out.push_str(&line);
        return;
    };
    let place = format!("{}:{}", finding.file, finding.region.line);
    let head = format!("{} · {} · {}", code(finding.policy()), code(&finding.rule), code(&place));
    out.push_str(&format!("\n<details><summary>{}</summary>\n\n", html(&head)));
    out.push_str(&format!("{}, {}\n\n", code(&finding.statement), plain(&finding.sentence)));
    out.push_str("| | |\n|---|---|\n");
    for (caption, value) in [("who", &example.principal), ("may do", &example.action), ("on", &example.resource)] {
        out.push_str(&format!("| {caption} | {} |\n", code(value)));
    }
    for (key, value) in example.context.iter().chain(&example.values) {
        out.push_str(&format!("| with | {} |\n", code(&format!("{key} = {value}"))));
    }
    if !finding.remark.is_empty() {
        out.push_str(&format!("\n{}\n", plain(&finding.remark)));
    }
    if !example.command.is_empty() {
        out.push_str(&format!("\n{}\n", block(&example.command)));
    }
    out.push_str("\n</details>\n");
}

fn unchecked(out: &mut String, shown: &Shown<'_>) {
    let skipped: Vec<&Skipped> = shown.scan.skipped.iter().filter(|skipped| skipped.cause != Cause::NoPolicy).collect();
    if skipped.is_empty() {
        return;
    }
    out.push_str("\n### Not checked\n\n");
    for skip in skipped.iter().take(MOST) {
        let address = skip.address.as_ref().map_or(String::new(), |address| format!(" {}", code(address)));
        out.push_str(&format!("- {}{address}: {}\n", code(&skip.file), plain(&skip.reason)));
    }
    rest(out, skipped.len());
}

fn rest(out: &mut String, count: usize) {
    if let Some(more) = count.checked_sub(MOST).filter(|more| *more > 0) {
        let _writing_to_a_text_does_not_fail = writeln!(out, "\n… and {more} more.");
    }
}

/// Text of the user as code, on one line, in a table or outside.
fn code(text: &str) -> String {
    let text = text.replace(['\n', '\r'], " ").replace('|', "\\|");
    let run = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(run.saturating_add(1));
    if text.is_empty() {
        String::new()
    } else if run > 0 {
        format!("{fence} {text} {fence}")
    } else {
        format!("{fence}{text}{fence}")
    }
}

/// Text of the user as a block of code.
pub(super) fn block(text: &str) -> String {
    let run = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(run.saturating_add(1).max(3));
    format!("{fence}sh\n{text}\n{fence}")
}

/// Text without markup of its own.
fn plain(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\n' | '\r' => out.push(' '),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '!' => out.extend(['\\', c]),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            c => out.push(c),
        }
    }
    out
}

/// Code spans inside an HTML element are not rendered: as elements instead.
fn html(head: &str) -> String {
    let mut out = String::new();
    for (at, part) in head.split('`').enumerate() {
        let escaped = part.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        if at % 2 == 1 {
            let _writing_to_a_text_does_not_fail = write!(out, "<code>{escaped}</code>");
        } else {
            out.push_str(&escaped);
        }
    }
    out
}
