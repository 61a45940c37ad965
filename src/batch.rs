//! Questions as JSON objects: the lines of a batch, and the checks of policy unit tests (contract 3).

pub mod read;

use crate::catalogue::Catalogue;
use crate::checks::external::no_external_access;
use crate::checks::findings::Mode;
use crate::checks::public::{ResourceType, no_public_access};
use crate::checks::{self, Access, Disagreement, Report, Settings, Strictness};
use crate::diagnostic::{Diagnostic, Fault};
use crate::request::Request;
use crate::semantics::zone::Zone;
use crate::stack::Document;

/// What was read of one line.
#[derive(Clone, Debug)]
pub struct Line {
    /// The JSON of the member `id`, whatever it is; the answer repeats it.
    pub id: Option<String>,
    /// The question, if nothing is wrong with it.
    pub question: Option<Question>,
    /// What is wrong with it.
    pub faults: Vec<Fault>,
    /// What else there is to say about its documents.
    pub diagnostics: Vec<Diagnostic>,
}

/// A question.
#[derive(Clone, Debug)]
pub enum Question {
    /// One for all requests, whose answer is a verdict.
    Check(Check),
    /// One request against policies.
    Evaluate {
        /// Who does what.
        request: Box<Request>,
        /// Against what.
        policies: Document,
    },
    /// All access gained and lost.
    Diff {
        /// One side.
        old: Document,
        /// The other.
        new: Document,
    },
    /// Who outside the zone can do what.
    Findings {
        /// The policy of a resource.
        policy: Document,
        /// Whom its owner trusts.
        zone: Zone,
        /// Which findings.
        mode: Mode,
    },
}

/// A question for all requests.
#[derive(Clone, Debug)]
pub enum Check {
    /// Does `new` allow what `existing` does not?
    NoNewAccess {
        /// The bound.
        existing: Document,
        /// The side under test.
        new: Document,
    },
    /// Does it allow any of these?
    AccessNotGranted {
        /// The side under test.
        policy: Document,
        /// What must not be granted.
        access: Vec<Access>,
    },
    /// Does it grant access to everyone?
    NoPublicAccess {
        /// The policy of a resource.
        policy: Document,
        /// What it is attached to.
        resource_type: ResourceType,
    },
    /// Does it let anyone outside the zone in?
    NoExternalAccess {
        /// The policy of a resource.
        policy: Document,
        /// Whom its owner trusts.
        zone: Zone,
    },
}

impl Check {
    /// The answer, with what the diagnostics of the documents leave of a PASS (spec 0.2).
    ///
    /// # Errors
    /// A counterexample that does not replay.
    pub fn ask(
        &self,
        diagnostics: &[Diagnostic],
        catalogue: &Catalogue,
        settings: &Settings,
        strictness: Strictness,
    ) -> Result<Report, Disagreement> {
        let report = match self {
            Check::NoNewAccess { existing, new } => {
                checks::no_new_access_between(existing.side(), new.side(), catalogue, settings)?
            }
            Check::AccessNotGranted { policy, access } => {
                checks::access_not_granted_by(policy.side(), access, catalogue, settings)?
            }
            Check::NoPublicAccess { policy, resource_type } => {
                no_public_access(policy.side(), resource_type.service_keys, catalogue, settings)?
            }
            Check::NoExternalAccess { policy, zone } => no_external_access(policy.side(), zone, catalogue, settings)?,
        };
        Ok(report.admitted(checks::admission(diagnostics, strictness), diagnostics))
    }
}
