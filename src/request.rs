//! A concrete request (spec 1), and how it is read from and written to JSON.

use std::collections::BTreeMap;

/// A request: who does what to which resource, with which context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Who calls.
    pub principal: Caller,
    /// `service:Name`, in any letter case.
    pub action: String,
    /// An ARN, or `*` for actions without a resource.
    pub resource: String,
    /// The account that owns the resource, 12 digits, if known.
    pub resource_account: Option<String>,
    /// Values by lower-case key name; an absent key is not in the map.
    pub context: BTreeMap<String, ContextValue>,
    /// The caller's account is the organisation's management account (`env.principalInManagementAccount`).
    pub principal_in_management_account: bool,
    /// The resource's account is the organisation's management account.
    pub resource_in_management_account: bool,
}

/// The value of a context key. An empty list counts as an absent key (spec 1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContextValue {
    /// A single value.
    Single(String),
    /// A list of values.
    Multi(Vec<String>),
}

/// The kinds of caller (spec 6.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CallerKind {
    /// The account's root user.
    Root,
    /// An IAM user.
    User,
    /// A session of a role.
    Session,
    /// A session made by `GetFederationToken`.
    FederatedUser,
    /// An AWS service by its own principal.
    Service,
    /// A caller of `AssumeRoleWithSAML` or `AssumeRoleWithWebIdentity`.
    Federated,
    /// An unsigned request.
    Anonymous,
}

/// Who calls (spec 1, 6.1).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Caller {
    /// `arn:P:iam::A:root`
    Root {
        /// Partition.
        partition: String,
        /// Account, 12 digits.
        account: String,
    },
    /// `arn:P:iam::A:user<path><name>`
    User {
        /// Partition.
        partition: String,
        /// Account, 12 digits.
        account: String,
        /// Path with both slashes: `/` or `/team/`.
        path: String,
        /// Name, without slash.
        name: String,
    },
    /// `arn:P:sts::A:assumed-role/<role>/<session>`
    Session {
        /// Partition.
        partition: String,
        /// Account, 12 digits.
        account: String,
        /// Path of the role with both slashes, if known; a session ARN does not show it (spec 6.2).
        path: Option<String>,
        /// Role name.
        role: String,
        /// Session name; `None` for "some session of the role", written as the role's ARN (spec 6.2).
        session: Option<String>,
    },
    /// `arn:P:sts::A:federated-user/<name>`
    FederatedUser {
        /// Partition.
        partition: String,
        /// Account, 12 digits.
        account: String,
        /// Name.
        name: String,
    },
    /// A service principal, for example `sns.amazonaws.com`.
    Service(String),
    /// A federation provider: an ARN of a SAML or OIDC provider, or a host name.
    Federated(String),
    /// Nobody in particular.
    Anonymous,
}

impl Caller {
    /// The kind.
    pub fn kind(&self) -> CallerKind {
        match self {
            Caller::Root { .. } => CallerKind::Root,
            Caller::User { .. } => CallerKind::User,
            Caller::Session { .. } => CallerKind::Session,
            Caller::FederatedUser { .. } => CallerKind::FederatedUser,
            Caller::Service(_) => CallerKind::Service,
            Caller::Federated(_) => CallerKind::Federated,
            Caller::Anonymous => CallerKind::Anonymous,
        }
    }
}
