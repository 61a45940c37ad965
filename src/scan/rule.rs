//! A rule that policies are held to.

use std::sync::Arc;

use crate::checks::Access;
use crate::policy::Kind;
use crate::semantics::zone::Zone;
use crate::stack::Document;

/// A rule that policies are held to. Which policies it is for is decided by whoever makes the list of rules for a
/// policy; a rule whose question has no meaning for a policy (public access of an identity policy) is passed over by
/// [`Question::concerns`].
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its name in reports: the check's (`no-public-access`), or one that the team or a pack gave it.
    pub name: String,
    /// How much a failure weighs.
    pub level: Level,
    /// What is asked.
    pub question: Question,
}

/// How much a failure weighs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Worth knowing: shown, without consequence for the exit code.
    Note,
    /// To be looked at: shown, without consequence for the exit code.
    Warning,
    /// Not to be deployed.
    #[default]
    Error,
}

/// What is asked of a policy.
#[derive(Clone, Debug)]
pub enum Question {
    /// Whether it grants access to everyone.
    NoPublicAccess,
    /// Whether it grants access outside these accounts and organisations (12 digits, or `o-…`).
    NoExternalAccess {
        /// Ids, as `--zone-of-trust` takes them.
        zone: Vec<String>,
        /// What they mean; `None` if one is no such id.
        trusted: Option<Zone>,
    },
    /// Whether it grants any of these.
    AccessNotGranted {
        /// What must not be granted.
        access: Vec<Access>,
    },
    /// Whether it grants what the bound does not.
    NoNewAccess {
        /// The bound.
        bound: Bound,
    },
}

/// What a policy may grant at most.
#[derive(Clone, Debug)]
pub enum Bound {
    /// What it granted before: the plan's before-side, or a revision.
    Before,
    /// A reference policy.
    Reference(Arc<Reference>),
}

/// A reference policy.
#[derive(Clone, Debug)]
pub struct Reference {
    /// Its file or its name in a pack.
    pub name: String,
    /// The document, read as the existing side of a question (`ReadOptions::reference`).
    pub document: Document,
}

impl Question {
    /// The question about access outside these accounts and organisations.
    pub fn no_external_access(zone: Vec<String>) -> Question {
        let trusted = Zone::parse(&zone.join(",")).ok();
        Question::NoExternalAccess { zone, trusted }
    }

    /// The name of the check: `no-public-access`.
    pub fn check(&self) -> &'static str {
        match self {
            Question::NoPublicAccess => "no-public-access",
            Question::NoExternalAccess { .. } => "no-external-access",
            Question::AccessNotGranted { .. } => "access-not-granted",
            Question::NoNewAccess { .. } => "no-new-access",
        }
    }

    /// Whether the question has a meaning for policies of this kind (`None`: a stack): those about callers need a
    /// policy that names callers.
    pub fn concerns(&self, kind: Option<Kind>) -> bool {
        match self {
            Question::NoPublicAccess | Question::NoExternalAccess { .. } => kind.is_none_or(Kind::names_callers),
            Question::AccessNotGranted { .. } | Question::NoNewAccess { .. } => true,
        }
    }
}

impl Kind {
    /// Whether policies of this kind say by themselves who gets access.
    pub fn names_callers(self) -> bool {
        match self {
            Kind::Resource | Kind::Trust => true,
            Kind::Identity
            | Kind::Boundary
            | Kind::Session
            | Kind::ServiceControl
            | Kind::ResourceControl
            | Kind::Endpoint => false,
        }
    }
}
