//! A scan as text and as JSON.

mod json;
mod text;

pub use json::scan as json;
pub use text::scan as text;

use crate::catalogue::Catalogue;
use crate::policy::Kind;
use crate::report::{Answer, Named, Question};
use crate::scan::{self, Cause, Found, Outcome, Scan};

/// The short name of a policy kind; `None` is a stack.
pub fn kind(kind: Option<Kind>) -> &'static str {
    match kind {
        None => "stack",
        Some(Kind::Identity) => "identity",
        Some(Kind::Resource) => "resource",
        Some(Kind::Trust) => "trust",
        Some(Kind::ServiceControl) => "scp",
        Some(Kind::ResourceControl) => "rcp",
        Some(Kind::Boundary) => "boundary",
        Some(Kind::Session) => "session",
        Some(Kind::Endpoint) => "vpce",
    }
}

/// The name of a sort of reason for not checking something.
pub fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::Unreadable => "unreadable",
        Cause::Malformed => "malformed",
        Cause::Undetermined => "undetermined",
        Cause::NothingInFile => "nothing-in-file",
        Cause::NoPolicy => "no-policy",
    }
}

/// One result as the answer to a check; `None` if it is a defect of ours. `name` is how to name the policy.
pub fn answer<'a>(
    outcome: &'a Outcome,
    found: &'a Found,
    name: &'a str,
    scan: &'a Scan,
    catalogue: &'a Catalogue,
) -> Option<Answer<'a>> {
    let report = outcome.report.as_ref().ok()?;
    let existing = || {
        let (name, document) = outcome.existing.as_ref()?;
        Some(Named { name, side: document.side() })
    };
    let asked = Named { name, side: outcome.asked.side() };
    let question = match &outcome.rule.question {
        scan::Question::AccessNotGranted { access } => Question::AccessNotGranted { access },
        scan::Question::NoNewAccess { .. } => Question::NoNewAccess { existing: existing().unwrap_or(asked) },
        scan::Question::NoExternalAccess { trusted: Some(zone), .. } => Question::NoExternalAccess { zone },
        scan::Question::NoPublicAccess | scan::Question::NoExternalAccess { trusted: None, .. } => {
            Question::NoPublicAccess { resource_type: found.resource_type.unwrap_or("a resource") }
        }
    };
    Some(Answer { question, asked, report, diagnostics: &outcome.diagnostics, sources: &scan.sources, catalogue })
}
