//! The truth of one document (spec 8.1).

use crate::policy::{Effect, Kind, Policy, Statement};
use crate::semantics::{Algebra, Part, action, condition, principal, resource};

/// The part a document plays in a question: where its meaning is in doubt, it is read so that no PASS rests on the
/// doubt (spec 2.5, 2.6, 8.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Position {
    /// The document whose access is examined.
    UnderTest,
    /// The existing document that bounds the access of another (spec 10.1).
    Reference,
}

/// What the meaning of an element depends on beside the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Kind of the document.
    pub kind: Kind,
    /// Effect of the statement.
    pub effect: Effect,
    /// Part of the document in the question.
    pub position: Position,
    /// Whether callers have a permissions boundary (spec 6.4).
    pub bounded: bool,
}

impl Scope {
    /// Whether a doubtful statement is to match more requests rather than fewer: an Allow under test, a Deny of the
    /// reference.
    pub fn generous(self) -> bool {
        match (self.position, self.effect) {
            (Position::UnderTest, Effect::Allow) | (Position::Reference, Effect::Deny) => true,
            (Position::UnderTest, Effect::Deny) | (Position::Reference, Effect::Allow) => false,
        }
    }
}

/// Whether the statement matches the request.
pub fn statement<A: Algebra>(a: &mut A, policy: &Policy, statement: &Statement, position: Position) -> A::Truth {
    let scope = Scope { kind: policy.kind, effect: statement.effect, position, bounded: false };
    matching(a, scope, statement)
}

/// [`statement`] in a given scope.
pub(crate) fn matching<A: Algebra>(a: &mut A, scope: Scope, statement: &Statement) -> A::Truth {
    let who = principal::applies(a, scope, statement.principal.as_ref());
    if a.settled(&who) {
        return who;
    }
    let rest = beside_principal(a, scope, statement);
    let truth = a.all(vec![who, rest]);
    a.mark(Part::Statement, statement.span, truth)
}

/// Whether everything but the principal matches.
pub(crate) fn beside_principal<A: Algebra>(a: &mut A, scope: Scope, statement: &Statement) -> A::Truth {
    let mut parts = Vec::with_capacity(2 + statement.conditions.len());
    let action = action::applies(a, scope, &statement.action);
    if a.settled(&action) {
        return action;
    }
    parts.push(action);
    let resource = resource::applies(a, scope, statement.resource.as_ref());
    if a.settled(&resource) {
        return resource;
    }
    parts.push(resource);
    for clause in &statement.conditions {
        parts.push(condition::holds(a, clause));
    }
    a.all(parts)
}

/// Whether some Allow statement matches. A resource control policy is always read together with the allow-all one that
/// the service attaches (spec 8.5, 10.1).
pub fn allow<A: Algebra>(a: &mut A, policy: &Policy, position: Position) -> A::Truth {
    let granted = some_of(a, policy, Effect::Allow, position, false);
    match policy.kind {
        Kind::ResourceControl => a.constant(true),
        Kind::Identity
        | Kind::Boundary
        | Kind::Session
        | Kind::Resource
        | Kind::Trust
        | Kind::ServiceControl
        | Kind::Endpoint => granted,
    }
}

/// Whether some Deny statement matches.
pub fn deny<A: Algebra>(a: &mut A, policy: &Policy, position: Position) -> A::Truth {
    some_of(a, policy, Effect::Deny, position, false)
}

/// Whether the document by itself allows the request: some Allow and no Deny.
pub fn allows<A: Algebra>(a: &mut A, policy: &Policy, position: Position) -> A::Truth {
    let (granted, forbidden) = (allow(a, policy, position), deny(a, policy, position));
    let free = a.not(forbidden);
    a.all(vec![granted, free])
}

/// Whether some statement of the effect matches.
pub(crate) fn some_of<A: Algebra>(
    a: &mut A,
    policy: &Policy,
    effect: Effect,
    position: Position,
    bounded: bool,
) -> A::Truth {
    let scope = Scope { kind: policy.kind, effect, position, bounded };
    let mut parts = Vec::new();
    for statement in policy.statements.iter().filter(|statement| statement.effect == effect) {
        parts.push(matching(a, scope, statement));
    }
    a.any(parts)
}
