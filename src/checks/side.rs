//! The sides of a question: documents and stacks, and the statements that grant in them.

use solver::formula::Formula;

use crate::policy::{Effect, Policy, Statement};
use crate::semantics::Algebra;
use crate::semantics::authorization::{Stack, authorize};
use crate::semantics::document::{self, Position};
use crate::semantics::symbolic::Symbolic;

/// One side of a question: a document judged by itself (spec 10.1), or a whole stack (spec 8).
#[derive(Clone, Copy, Debug)]
pub enum Side<'p> {
    /// One document.
    Document(&'p Policy),
    /// Everything that applies to a request.
    Stack(&'p Stack),
}

/// A statement that may grant, and where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grant<'p> {
    pub(super) policy: &'p Policy,
    pub(super) statement: &'p Statement,
}

impl<'p> Side<'p> {
    /// The documents of the side.
    pub(crate) fn documents(self) -> Vec<&'p Policy> {
        match self {
            Side::Document(policy) => vec![policy],
            Side::Stack(stack) => {
                let layers = stack.scps.iter().chain(&stack.rcps).flatten();
                let lone = stack.resource.iter().chain(&stack.boundary).chain(&stack.endpoint);
                stack.identity.iter().chain(lone).chain(&stack.session).chain(layers).collect()
            }
        }
    }

    /// Whether it is, or holds, the policy of a resource: access from outside is what such a policy gives.
    ///
    /// # Errors
    /// It is none, in words.
    pub fn of_resource(self) -> Result<(), &'static str> {
        let fits = match self {
            Side::Document(policy) => policy.kind.names_principals(),
            Side::Stack(stack) => stack.resource.is_some(),
        };
        fits.then_some(()).ok_or("this is not the policy of a resource, and so gives nobody outside access")
    }

    /// Whether the side allows the request.
    pub(super) fn allows<A: Algebra>(self, a: &mut A, position: Position) -> A::Truth {
        match self {
            Side::Document(policy) => document::allows(a, policy, position),
            Side::Stack(stack) => authorize(a, stack, position).allowed,
        }
    }

    /// The Allow statements that can be blamed: those of the document, or of the layers that grant.
    pub(super) fn grants(self) -> Vec<Grant<'p>> {
        let granting: Vec<&Policy> = match self {
            Side::Document(policy) => vec![policy],
            Side::Stack(stack) => stack.identity.iter().chain(&stack.resource).collect(),
        };
        let mut grants = Vec::new();
        for policy in granting {
            let allows = policy.statements.iter().filter(|statement| statement.effect == Effect::Allow);
            grants.extend(allows.map(|statement| Grant { policy, statement }));
        }
        grants
    }

    /// What must hold beside one of the grants: no Deny for a document, the whole decision for a stack.
    pub(super) fn beside_grants(self, a: &mut Symbolic<'_>) -> Formula {
        match self {
            Side::Document(policy) => {
                let denied = document::deny(a, policy, Position::UnderTest);
                a.not(denied)
            }
            Side::Stack(_) => self.allows(a, Position::UnderTest),
        }
    }

    pub(super) fn is_stack(self) -> bool {
        matches!(self, Side::Stack(_))
    }
}
