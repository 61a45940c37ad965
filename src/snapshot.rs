//! Snapshots of an account: what `aws iam get-account-authorization-details` prints (users, groups, roles and managed
//! policies), as policies with their places and holders, and what the file lacks.
//!
//! Nothing is passed over in silence: a policy that is referred to but absent, a truncated answer or a member that is not
//! known is [`Missing`], with the address that needs it.

mod read;

use crate::diagnostic::Diagnostic;
use crate::json::{Limits, Node, Value};
use crate::policy::read::ReadOptions;
use crate::policy::{Kind, Policy};
use crate::semantics::authorization::Stack;
use crate::source::{Sources, Span};

/// One account as the file shows it.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Roles, users and groups, in order of their lists.
    pub entities: Vec<Entity>,
    /// Every policy in force, inline and managed and trust.
    pub policies: Vec<Found>,
    /// What the file refers to but does not hold.
    pub missing: Vec<Missing>,
    /// What there is to say about the file itself; each policy has its own.
    pub diagnostics: Vec<Diagnostic>,
}

/// A policy found.
#[derive(Clone, Debug)]
pub struct Found {
    /// The ARN of a managed policy; the ARN of its holder and the path of the member otherwise:
    /// `arn:aws:iam::111122223333:role/app.RolePolicyList.0`.
    pub address: String,
    /// Its name, if it has one.
    pub name: Option<String>,
    /// Identity or trust; a boundary is an identity policy until it is used as one.
    pub kind: Kind,
    /// Its place in the file. Places inside it may be in a text of their own.
    pub span: Span,
    /// What it says; `None` if it cannot be analysed.
    pub policy: Option<Policy>,
    /// What there is to say about how it is written.
    pub diagnostics: Vec<Diagnostic>,
    /// Who holds it, and as what.
    pub attached_to: Vec<Attachment>,
}

/// That an entity holds a policy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Attachment {
    /// The ARN of the entity.
    pub holder: String,
    /// As what it holds the policy.
    pub role: Role,
}

/// What a policy is to its holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// It grants and denies.
    Identity,
    /// It bounds what the others grant.
    Boundary,
    /// It says who may assume the role.
    Trust,
}

/// The sorts of entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// A role.
    Role,
    /// A user.
    User,
    /// A group: no caller by itself, its policies are those of its users.
    Group,
}

/// A role, user or group. Policies are numbers in [`Snapshot::policies`], what is missing in [`Snapshot::missing`].
#[derive(Clone, Debug)]
pub struct Entity {
    /// Its ARN.
    pub arn: String,
    /// What it is.
    pub sort: Sort,
    /// Its place in the file.
    pub span: Span,
    /// The trust policy of a role.
    pub trust: Option<usize>,
    /// Inline and attached policies; of a user also those of its groups.
    pub identity: Vec<usize>,
    /// The permissions boundary.
    pub boundary: Option<usize>,
    /// What is not known of it.
    pub missing: Vec<usize>,
}

/// Something that the file refers to but does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Who needs it: the ARN of an entity and the path of the member; empty for the file as a whole.
    pub address: String,
    /// What is missing.
    pub lack: Lack,
    /// Where it is referred to.
    pub span: Option<Span>,
}

/// What can be missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lack {
    /// A managed policy that is attached, by ARN.
    ManagedPolicy(String),
    /// A permissions boundary, by ARN.
    Boundary(String),
    /// A group that a user is in, by name.
    Group(String),
    /// The version of a managed policy that is in force.
    DefaultVersion,
    /// A document, or another member that every entry has.
    Member(&'static str),
    /// A whole list of the answer.
    List(&'static str),
    /// The rest: the answer says that it is truncated.
    Rest,
    /// The meaning of a member that is not known, by name.
    Unknown(String),
    /// A second entry of the same ARN: which one counts is not known.
    Twice,
    /// The meaning of a document that cannot be analysed.
    Unreadable,
}

impl Lack {
    /// In words, as the end of "…: ".
    pub fn in_words(&self) -> String {
        match self {
            Lack::ManagedPolicy(arn) => format!("the attached policy {arn} is not in the file"),
            Lack::Boundary(arn) => format!("the permissions boundary {arn} is not in the file"),
            Lack::Group(name) => format!("the group {name} is not in the file"),
            Lack::DefaultVersion => "no version of the policy is marked as the default".to_owned(),
            Lack::Member(name) => format!("`{name}` is not there"),
            Lack::List(name) => format!("the file has no `{name}`"),
            Lack::Rest => "the answer is truncated: the rest of the account is not in the file".to_owned(),
            Lack::Unknown(name) => format!("`{name}` is not a known member and was not read"),
            Lack::Twice => "the file has two entries of this ARN".to_owned(),
            Lack::Unreadable => "the policy cannot be analysed".to_owned(),
        }
    }

    /// Whether it can only take access away: what is not granted without it is not granted with it.
    pub fn only_bounds(&self) -> bool {
        matches!(self, Lack::Boundary(_))
    }
}

impl Snapshot {
    /// Reads the bytes of an answer, adding them to the sources under `name`. Documents may be objects, texts or
    /// URL-encoded texts.
    pub fn read(sources: &mut Sources, name: &str, bytes: &[u8], options: &ReadOptions) -> Snapshot {
        let file = sources.next_id();
        let text = match crate::json::decode(bytes, file, Limits::CONTAINER) {
            Ok(text) => text,
            Err(undecodable) => {
                sources.add(name, undecodable.shown);
                return Snapshot { diagnostics: vec![undecodable.problem], ..Snapshot::default() };
            }
        };
        sources.add(name, text);
        let parsed = crate::json::parse(text, file, Limits::CONTAINER);
        let mut snapshot = match &parsed.root {
            Some(root) => Snapshot::of_node(sources, root, options),
            None => Snapshot::default(),
        };
        snapshot.diagnostics.splice(0..0, parsed.diagnostics);
        snapshot
    }

    /// Reads an answer that is a value of a text among the sources.
    pub fn of_node(sources: &mut Sources, node: &Node<'_>, options: &ReadOptions) -> Snapshot {
        read::snapshot(sources, node, options)
    }

    /// Whether a value is an answer of this command.
    pub fn is_snapshot(node: &Node<'_>) -> bool {
        let details = ["UserDetailList", "RoleDetailList", "GroupDetailList"];
        details.iter().any(|name| node.get(name).is_some_and(|list| matches!(list.value, Value::Array(_))))
    }

    /// The policies of a role or user as a stack.
    pub fn stack_of(&self, entity: &Entity) -> Stack {
        let policy = |at: &usize| self.policies.get(*at).and_then(|found| found.policy.clone());
        Stack {
            identity: entity.identity.iter().filter_map(policy).collect(),
            boundary: entity.boundary.as_ref().and_then(policy).map(|policy| Policy { kind: Kind::Boundary, ..policy }),
            ..Stack::default()
        }
    }

    /// The trust policy of a role.
    pub fn trust_of(&self, entity: &Entity) -> Option<&Policy> {
        self.policies.get(entity.trust?)?.policy.as_ref()
    }

    /// What is not known of an entity.
    pub fn missing_of<'s>(&'s self, entity: &'s Entity) -> impl Iterator<Item = &'s Missing> {
        entity.missing.iter().filter_map(|at| self.missing.get(*at))
    }
}

#[cfg(test)]
mod tests;
