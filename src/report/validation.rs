//! Findings about a document as text: each as its diagnostic is shown, then how many there are.

use crate::report::diagnostic::render;
use crate::report::paint::{Paint, printable};
use crate::source::Sources;
use crate::validation::{Finding, FindingType};

/// The findings, ending in a line end.
pub fn findings(name: &str, findings: &[Finding], sources: &Sources, paint: Paint) -> String {
    let mut out = String::new();
    for finding in findings {
        out.push_str(&render(&finding.diagnostic, sources, paint));
        out.push('\n');
    }
    out.push_str(&tally(name, findings));
    out
}

/// `policy.json: 3 findings: 1 ERROR, 2 WARNING.`
fn tally(name: &str, findings: &[Finding]) -> String {
    let types = [FindingType::Error, FindingType::SecurityWarning, FindingType::Warning, FindingType::Suggestion];
    let count = |finding_type| findings.iter().filter(|finding| finding.finding_type == finding_type).count();
    let counts: Vec<String> = types
        .iter()
        .map(|finding_type| (count(*finding_type), finding_type.name()))
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| format!("{count} {name}"))
        .collect();
    let name = printable(name);
    match findings.len() {
        0 => format!("{name}: no findings.\n"),
        1 => format!("{name}: 1 finding: {}.\n", counts.join(", ")),
        several => format!("{name}: {several} findings: {}.\n", counts.join(", ")),
    }
}

/// What a finding says and what to write instead, as sentences.
pub(super) fn details(finding: &Finding) -> String {
    let parts = [Some(&finding.diagnostic.message), finding.diagnostic.help.as_ref()];
    let sentences: Vec<String> = parts.into_iter().flatten().map(|part| sentence(part)).collect();
    sentences.join(" ")
}

fn sentence(clause: &str) -> String {
    let mut chars = clause.chars();
    let first: String = chars.next().into_iter().flat_map(char::to_uppercase).collect();
    let end = if clause.ends_with(['.', '?', '!']) { "" } else { "." };
    format!("{first}{}{end}", chars.as_str())
}
