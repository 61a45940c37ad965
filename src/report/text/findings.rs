//! Findings as text: who outside may do what, and whether that is all.

use crate::checks::findings::{Finding, Sort};
use crate::policy::principal::PrincipalName;
use crate::report::Surveyed;
use crate::report::paint::{Ink, Paint, printable};
use crate::report::text::condition::listed;
use crate::report::text::{Page, WIDTH, plural, wrapped};

/// The findings, ending in a line end.
pub fn surveyed(surveyed: &Surveyed<'_>, paint: Paint) -> String {
    let mut page = Page { out: String::new(), paint, sources: surveyed.sources };
    let found = &surveyed.found.findings;
    let (name, zone) = (printable(surveyed.policy.name), surveyed.zone);
    if found.is_empty() && surveyed.found.is_complete() {
        page.line(&format!("{name} lets nobody outside {zone} in (proved)."));
        return page.out;
    }
    let public = found.iter().filter(|finding| finding.is_public).count();
    let count = plural(found.len(), "finding");
    page.line(&format!("{name}: {count} outside {zone}, {public} public."));
    for finding in found {
        page.line("");
        page.finding(finding, surveyed);
    }
    page.line("");
    if surveyed.found.is_complete() {
        page.line("This covers all access from outside (proved).");
    } else {
        page.line("There may be more:");
        for open in &surveyed.found.unknown {
            page.line(&format!("  {}", printable(&open.reason)));
            page.line(&format!("    needed: {}", printable(&open.needed)));
        }
        page.line("Exit code 3.");
    }
    page.out
}

impl Page<'_> {
    fn finding(&mut self, finding: &Finding, surveyed: &Surveyed<'_>) {
        let label = if finding.is_public {
            self.paint.paint(Ink::Bad, "public")
        } else {
            self.paint.paint(Ink::Open, "outside")
        };
        self.line(&format!("  {label}  {}", who(finding)));
        let mut lines = vec![
            format!("may do {}", listed(&finding.actions, usize::MAX, false, ",")),
            format!("on {}", printable(&finding.resource)),
        ];
        for (number, (key, value)) in finding.conditions.iter().enumerate() {
            let join = if number == 0 { "where" } else { "and" };
            let key = surveyed.catalogue.key(key).spelling;
            lines.push(format!("{join} {} is {}", printable(&key), printable(value)));
        }
        for line in lines {
            for (row, part) in wrapped(&line, WIDTH.saturating_sub(12)).iter().enumerate() {
                self.line(&format!("{}{part}", if row == 0 { "      " } else { "          " }));
            }
        }
    }
}

/// The caller, with the sort of caller it is.
fn who(finding: &Finding) -> String {
    let Some(entry) = &finding.principal else { return anyone(&finding.callers) };
    let text = printable(&entry.text);
    match &entry.name {
        PrincipalName::Everyone => anyone(&finding.callers),
        PrincipalName::Account { .. } => format!("account {text}"),
        PrincipalName::User { .. } => format!("user {text}"),
        PrincipalName::Role { .. } => format!("role {text}"),
        PrincipalName::Session { .. } => format!("session {text}"),
        PrincipalName::FederatedUser { .. } => format!("federated user {text}"),
        PrincipalName::UniqueId(_) => format!("identity {text}"),
        PrincipalName::Service(_) => format!("service {text}"),
        PrincipalName::AnyService => "any service".to_owned(),
        PrincipalName::Federated(_) => format!("federated callers of {text}"),
        PrincipalName::AnyFederated => "federated callers of any provider".to_owned(),
        PrincipalName::CanonicalUser(_) => format!("account with the canonical id {text}"),
        PrincipalName::Wildcard(_) | PrincipalName::Nobody => text,
    }
}

/// `anyone: identities of other accounts and anonymous callers`
fn anyone(callers: &[Sort]) -> String {
    let sort = |sort: &Sort| match sort {
        Sort::Identity => "identities of accounts".to_owned(),
        Sort::Service => "services".to_owned(),
        Sort::Federated => "federated callers".to_owned(),
        Sort::Anonymous => "anonymous callers".to_owned(),
    };
    let sorts: Vec<String> = callers.iter().map(sort).collect();
    if sorts.is_empty() { "anyone".to_owned() } else { format!("anyone: {}", listed(&sorts, usize::MAX, false, "and")) }
}
