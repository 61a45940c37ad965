//! The policy document as written: typed, with byte spans, nothing evaluated and nothing skipped (spec 2).

pub mod action;
pub mod address;
pub mod binary;
pub mod condition;
pub mod date;
pub mod operator;
pub mod principal;
pub mod read;
pub mod resource;
pub mod template;

use crate::source::{FileId, Span};
use action::ActionEntry;
use condition::Clause;
use principal::PrincipalElement;
use resource::ResourceEntry;

/// Where a document is attached; decides which elements it may have (spec 2.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Managed, inline and group policies.
    Identity,
    /// Permissions boundaries.
    Boundary,
    /// Policies passed when a session is created.
    Session,
    /// Policies attached to a resource.
    Resource,
    /// Role trust policies: the resource is the role itself.
    Trust,
    /// Service control policies.
    ServiceControl,
    /// Resource control policies.
    ResourceControl,
    /// VPC endpoint policies.
    Endpoint,
}

/// The names of policy kinds: the service's first, then ours.
const KINDS: [(&str, Kind); 12] = [
    ("IDENTITY_POLICY", Kind::Identity),
    ("RESOURCE_POLICY", Kind::Resource),
    ("SERVICE_CONTROL_POLICY", Kind::ServiceControl),
    ("RESOURCE_CONTROL_POLICY", Kind::ResourceControl),
    ("identity", Kind::Identity),
    ("resource", Kind::Resource),
    ("trust", Kind::Trust),
    ("scp", Kind::ServiceControl),
    ("rcp", Kind::ResourceControl),
    ("boundary", Kind::Boundary),
    ("session", Kind::Session),
    ("vpce", Kind::Endpoint),
];

impl Kind {
    /// The kind with this name.
    pub fn named(name: &str) -> Option<Kind> {
        KINDS.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
    }

    /// Every name of a kind.
    pub fn names() -> impl Iterator<Item = &'static str> {
        KINDS.iter().map(|(name, _)| *name)
    }

    /// Whether its documents are attached to resources and name principals.
    pub fn names_principals(self) -> bool {
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

/// The language version; its only effect is whether policy variables are active (spec 2.2, 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// `2008-10-17`, also when the element is absent: `${…}` is literal text.
    V2008,
    /// `2012-10-17`.
    V2012,
}

/// What a matching statement does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// Grants.
    Allow,
    /// Forbids, and wins over every Allow.
    Deny,
}

/// One policy document.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Its kind, given or inferred.
    pub kind: Kind,
    /// Whether [`Policy::kind`] was inferred from the text (spec 2.4).
    pub inferred: bool,
    /// The language version.
    pub version: Version,
    /// The `Id` element; no effect.
    pub id: Option<String>,
    /// Statements in order of appearance.
    pub statements: Vec<Statement>,
    /// The text it was read from.
    pub file: FileId,
    /// The whole document.
    pub span: Span,
}

/// One statement (spec 2.3).
#[derive(Clone, Debug)]
pub struct Statement {
    /// Position in the document, from 0, as the service counts.
    pub index: usize,
    /// The `Sid`, if present and not empty.
    pub sid: Option<String>,
    /// Allow or Deny.
    pub effect: Effect,
    /// `Principal` or `NotPrincipal`; absent in kinds without it.
    pub principal: Option<PrincipalElement>,
    /// `Action` or `NotAction`.
    pub action: Listed<ActionEntry>,
    /// `Resource` or `NotResource`; absent in trust policies and in some resource policies (then: every resource).
    pub resource: Option<Listed<ResourceEntry>>,
    /// The clauses of `Condition`, in order; all must hold.
    pub conditions: Vec<Clause>,
    /// The whole statement object.
    pub span: Span,
}

/// `X` or `NotX` with its entries.
#[derive(Clone, Debug)]
pub struct Listed<T> {
    /// `NotAction`, `NotResource`: matches iff no entry does.
    pub negated: bool,
    /// The entries in order.
    pub entries: Vec<T>,
    /// The value (string or list) as written.
    pub span: Span,
}
