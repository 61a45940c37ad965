//! `Principal` and `NotPrincipal` (spec 2.5, 6.2, 6.3).

use crate::policy::template::Template;
use crate::source::Span;

/// The element.
#[derive(Clone, Debug)]
pub struct PrincipalElement {
    /// `NotPrincipal`.
    pub negated: bool,
    /// Entries of all members in order; `{}` has none.
    pub entries: Vec<PrincipalEntry>,
    /// The value as written.
    pub span: Span,
}

/// One entry.
#[derive(Clone, Debug)]
pub struct PrincipalEntry {
    /// As written.
    pub text: String,
    /// Whom it names.
    pub name: PrincipalName,
    /// The string as written, quotes included.
    pub span: Span,
}

/// Whom an entry names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrincipalName {
    /// `*` or `{"AWS":"*"}`: every caller of any kind.
    Everyone,
    /// 12 digits, or an account's root ARN (then with its partition): all principals of the account.
    Account {
        /// The partition of the root ARN; `None` for a bare id.
        partition: Option<String>,
        /// 12 digits.
        account: String,
    },
    /// `arn:P:iam::ACCT:user/path/name`
    User {
        /// The whole ARN.
        arn: String,
        /// Partition.
        partition: String,
        /// 12 digits.
        account: String,
        /// The last path element.
        name: String,
    },
    /// `arn:P:iam::ACCT:role/path/name`
    Role {
        /// The whole ARN.
        arn: String,
        /// Partition.
        partition: String,
        /// 12 digits.
        account: String,
        /// The last path element.
        name: String,
    },
    /// `arn:P:sts::ACCT:assumed-role/role/session`
    Session {
        /// The whole ARN.
        arn: String,
    },
    /// `arn:P:sts::ACCT:federated-user/name`
    FederatedUser {
        /// The whole ARN.
        arn: String,
    },
    /// `AIDA…`, `AROA…`: the unique id of a user or role.
    UniqueId(String),
    /// A text with `*` or `?` inside under `AWS`: literal, and so matches nothing, but in the existing document of
    /// check-no-new-access a glob over the caller's ARNs (spec 2.5).
    Wildcard(Template),
    /// `{"Service":"x.amazonaws.com"}`
    Service(String),
    /// `{"Service":"*"}`: read so that no PASS rests on it (spec 2.5).
    AnyService,
    /// `{"Federated": provider}`
    Federated(String),
    /// `{"Federated":"*"}`
    AnyFederated,
    /// `{"CanonicalUser": id}`: an account known only by this id.
    CanonicalUser(String),
    /// Not a principal: matches nobody (error).
    Nobody,
}

impl PrincipalName {
    /// The member of a Principal element that holds such a name (spec 2.5).
    pub fn member(&self) -> &'static str {
        match self {
            PrincipalName::Service(_) | PrincipalName::AnyService => "Service",
            PrincipalName::Federated(_) | PrincipalName::AnyFederated => "Federated",
            PrincipalName::CanonicalUser(_) => "CanonicalUser",
            PrincipalName::Everyone
            | PrincipalName::Account { .. }
            | PrincipalName::User { .. }
            | PrincipalName::Role { .. }
            | PrincipalName::Session { .. }
            | PrincipalName::FederatedUser { .. }
            | PrincipalName::UniqueId(_)
            | PrincipalName::Wildcard(_)
            | PrincipalName::Nobody => "AWS",
        }
    }
}
