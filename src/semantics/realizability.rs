//! Which requests can exist: the relations between the parts of a request (spec 6.5, and the colon budget of 3.2).

use std::collections::BTreeSet;

/// One relation; each can be switched off by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// 6.5(1): `aws:PrincipalAccount` is the caller's account.
    CallerAccount,
    /// 6.5(2): `aws:PrincipalArn`, `aws:PrincipalType`, `aws:userid` and `aws:username` are the caller's.
    CallerIdentity,
    /// 6.5(6): `aws:ResourceAccount` is the account of the resource.
    ResourceOwner,
    /// 6.5(14): values of typed keys are well-formed.
    TypedValues,
    /// 3.2: the number of colons in the resource part is bounded by service.
    ColonBudget,
}

impl Relation {
    /// All relations in order.
    pub const ALL: [Relation; 5] = [
        Relation::CallerAccount,
        Relation::CallerIdentity,
        Relation::ResourceOwner,
        Relation::TypedValues,
        Relation::ColonBudget,
    ];
}

/// The relations in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relations {
    on: BTreeSet<Relation>,
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
