//! GitHub: workflow commands, which become annotations of the changed lines.

use crate::report::finding::{Finding, Region, Shown, Sort, findings};
use crate::scan::{Cause, Level, Skipped};

/// One command a line for everything that counts, and a notice for what is accepted.
pub fn annotations(shown: &Shown<'_>) -> String {
    let mut out = String::new();
    for finding in findings(shown) {
        out.push_str(&annotation(&finding));
    }
    for skipped in shown.scan.skipped.iter().filter(|skipped| skipped.cause != Cause::NoPolicy) {
        out.push_str(&unchecked(skipped, shown));
    }
    out
}

fn annotation(finding: &Finding) -> String {
    let (command, message) = match finding.accepted() {
        Some(accepted) => ("notice", format!("{accepted}. {}", finding.message())),
        None => (command(finding), finding.message()),
    };
    let message = match &finding.example {
        Some(example) => format!("{message}\n\n{}", example.command),
        None => message,
    };
    line(command, &finding.file, finding.region, &finding.rule, &message)
}

fn command(finding: &Finding) -> &'static str {
    match (finding.sort, finding.level) {
        (Sort::Internal, _) | (Sort::Fail | Sort::Unknown, Level::Error) => "error",
        (Sort::Fail | Sort::Unknown, Level::Warning) => "warning",
        (Sort::Fail | Sort::Unknown, Level::Note) => "notice",
    }
}

fn unchecked(skipped: &Skipped, shown: &Shown<'_>) -> String {
    let region = Region::of(&skipped.file, &[skipped.span], &shown.scan.sources);
    let whose = skipped.address.as_ref().map_or(String::new(), |address| format!("{address}: "));
    let command = if shown.allow_skips { "warning" } else { "error" };
    line(command, &skipped.file, region, "not checked", &format!("{whose}{}", skipped.reason))
}

fn line(command: &str, file: &str, region: Region, title: &str, message: &str) -> String {
    let Region { line, column, end_line, end_column } = region;
    // columns only where both ends are on one line: elsewhere they are refused
    let columns = if line == end_line { format!(",col={column},endColumn={end_column}") } else { String::new() };
    format!(
        "::{command} file={},line={line},endLine={end_line}{columns},title={}::{}\n",
        property(file),
        property(title),
        data(message)
    )
}

/// The text of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
