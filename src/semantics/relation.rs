//! The relations between the parts of a request, and which of them are in force (spec 6.5).

use std::collections::BTreeSet;

/// One relation; each can be switched off by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// 6.5(1): `aws:PrincipalAccount` is the caller's account.
    CallerAccount,
    /// 6.5(2): `aws:PrincipalArn`, `aws:PrincipalType`, `aws:userid` and `aws:username` are the caller's.
    CallerIdentity,
    /// 6.5(3): the keys about service principals.
    ServiceCaller,
    /// 6.5(4): the keys about the caller's organisation and tags.
    CallerOrganisation,
    /// 6.5(5): one account is in one organisation.
    SameOrganisation,
    /// 6.5(6): `aws:ResourceAccount` is the account of the resource.
    ResourceOwner,
    /// 6.5(7): time, temporary credentials, MFA.
    Time,
    /// 6.5(8): network keys.
    Network,
    /// 6.5(9): source keys come with service principals.
    Source,
    /// 6.5(10): calls made through a service.
    CalledVia,
    /// 6.5(11): keys of every request.
    Always,
    /// 6.5(12): tags and tag keys.
    Tags,
    /// 6.5(13): keys of sessions only.
    SessionOnly,
    /// 6.5(14): values of typed keys are well-formed.
    TypedValues,
    /// 3.2: the number of colons in the resource part is bounded by service.
    ColonBudget,
}

impl Relation {
    /// All relations in order.
    pub const ALL: [Relation; 15] = [
        Relation::CallerAccount,
        Relation::CallerIdentity,
        Relation::ServiceCaller,
        Relation::CallerOrganisation,
        Relation::SameOrganisation,
        Relation::ResourceOwner,
        Relation::Time,
        Relation::Network,
        Relation::Source,
        Relation::CalledVia,
        Relation::Always,
        Relation::Tags,
        Relation::SessionOnly,
        Relation::TypedValues,
        Relation::ColonBudget,
    ];

    /// Its name in certificates.
    pub fn name(self) -> &'static str {
        match self {
            Relation::CallerAccount => "caller-account",
            Relation::CallerIdentity => "caller-identity",
            Relation::ServiceCaller => "service-caller",
            Relation::CallerOrganisation => "caller-organisation",
            Relation::SameOrganisation => "same-organisation",
            Relation::ResourceOwner => "resource-owner",
            Relation::Time => "time",
            Relation::Network => "network",
            Relation::Source => "source",
            Relation::CalledVia => "called-via",
            Relation::Always => "always",
            Relation::Tags => "tags",
            Relation::SessionOnly => "session-only",
            Relation::TypedValues => "typed-values",
            Relation::ColonBudget => "colon-budget",
        }
    }

    /// What it says, as the end of "relies on: …".
    pub fn sentence(self) -> &'static str {
        match self {
            Relation::CallerAccount => "aws:PrincipalAccount is the caller's own account",
            Relation::CallerIdentity => {
                "aws:PrincipalArn, aws:PrincipalType, aws:userid and aws:username are the caller's own"
            }
            Relation::ServiceCaller => "the keys about service principals agree with the caller",
            Relation::CallerOrganisation => {
                "aws:PrincipalOrgID and aws:PrincipalOrgPaths agree, and only IAM callers have them or tags"
            }
            Relation::SameOrganisation => "one account is in one organisation",
            Relation::ResourceOwner => "aws:ResourceAccount is the account of the resource",
            Relation::Time => "requests always carry the time, and only temporary credentials carry MFA and token keys",
            Relation::Network => "a request comes either through a VPC endpoint or from an IP address",
            Relation::Source => "aws:SourceArn, aws:SourceAccount and their like come with AWS service principals only",
            Relation::CalledVia => "aws:ViaAWSService is in every request and agrees with aws:CalledVia",
            Relation::Always => "requests always carry aws:SecureTransport, aws:RequestedRegion and aws:UserAgent",
            Relation::Tags => "the tag keys of a request list its request tags",
            Relation::SessionOnly => "the keys that a service puts into role sessions come with role sessions only",
            Relation::TypedValues => "values of typed keys are well-formed",
            Relation::ColonBudget => "resource names hold no more colons than their service uses",
        }
    }
}

/// The relations in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relations {
    pub(super) on: BTreeSet<Relation>,
}

impl Relations {
    /// All of them.
    pub fn all() -> Self {
        Self { on: Relation::ALL.into() }
    }

    /// None of them.
    pub fn none() -> Self {
        Self { on: BTreeSet::new() }
    }

    /// Those that the service may use: nothing is known of its relations between keys, or of keys and the caller.
    pub fn like_aws() -> Self {
        Self { on: BTreeSet::from([Relation::TypedValues, Relation::ColonBudget]) }
    }

    /// Without one.
    #[must_use]
    pub fn without(&self, relation: Relation) -> Self {
        let mut on = self.on.clone();
        on.remove(&relation);
        Self { on }
    }

    /// Whether the relation is in force.
    pub fn contains(&self, relation: Relation) -> bool {
        self.on.contains(&relation)
    }
}
