//! Labels: the parts of the statements of a question, as properties of requests that are told apart.

use std::borrow::Cow;

use crate::checks::Side;
use crate::policy::action::ActionEntry;
use crate::policy::condition::Clause;
use crate::policy::principal::{PrincipalElement, PrincipalEntry, PrincipalName};
use crate::policy::resource::ResourceEntry;
use crate::policy::{Listed, Policy};
use crate::request::CallerKind;
use crate::semantics::document::{Position, Scope};
use crate::semantics::{Algebra, action, condition, principal, resource};

/// One property.
#[derive(Clone, Debug)]
pub(super) enum Label<'p> {
    /// The action is one of a list.
    Action(Scope, &'p Listed<ActionEntry>),
    /// The resource is.
    Resource(Scope, &'p Listed<ResourceEntry>),
    /// The caller is named by an element, or by some of its entries.
    Principal(Scope, Cow<'p, PrincipalElement>),
    /// A clause holds.
    Clause(&'p Clause),
    /// The caller is of this kind.
    Caller(CallerKind),
    /// The caller's account owns the resource.
    SameAccount,
}

impl Label<'_> {
    /// Whether the request has it.
    pub(super) fn holds<A: Algebra>(&self, a: &mut A) -> A::Truth {
        match self {
            Label::Action(scope, listed) => action::applies(a, *scope, listed),
            Label::Resource(scope, listed) => resource::applies(a, *scope, Some(listed)),
            Label::Principal(scope, element) => principal::applies(a, *scope, Some(element)),
            Label::Clause(clause) => condition::holds(a, clause),
            Label::Caller(kind) => a.kind(*kind),
            Label::SameAccount => a.same_account(),
        }
    }
}

/// All labels of a question, and which of them each statement is made of.
#[derive(Debug, Default)]
pub(super) struct Labels<'p> {
    pub(super) all: Vec<Label<'p>>,
    /// By statement: the numbers of its labels, and the address of the statement.
    pub(super) statements: Vec<(*const crate::policy::Statement, Vec<usize>)>,
    /// Labels of no statement: in stacks, what the evaluation itself tells apart.
    pub(super) loose: Vec<usize>,
}

/// Every kind of caller.
pub(super) const KINDS: [CallerKind; 7] = [
    CallerKind::Root,
    CallerKind::User,
    CallerKind::Session,
    CallerKind::FederatedUser,
    CallerKind::Service,
    CallerKind::Federated,
    CallerKind::Anonymous,
];

impl<'p> Labels<'p> {
    /// Of the documents of some sides.
    pub(super) fn of(sides: &[(Side<'p>, Position)]) -> Self {
        let mut labels = Self::default();
        for (side, position) in sides {
            let bounded = matches!(side, Side::Stack(stack) if stack.boundary.is_some());
            for policy in side.documents() {
                labels.add(policy, *position, bounded && policy.kind.names_principals(), side.is_stack());
            }
        }
        if sides.iter().any(|(side, _)| side.is_stack()) {
            let first = labels.all.len();
            labels.all.extend(KINDS.map(Label::Caller));
            labels.all.push(Label::SameAccount);
            labels.loose = (first..labels.all.len()).collect();
        }
        labels
    }

    fn add(&mut self, policy: &'p Policy, position: Position, bounded: bool, by_class: bool) {
        for statement in &policy.statements {
            let scope = Scope { kind: policy.kind, effect: statement.effect, position, bounded };
            let mut own = vec![Label::Action(scope, &statement.action)];
            own.extend(statement.resource.iter().map(|listed| Label::Resource(scope, listed)));
            if let Some(element) = &statement.principal {
                let whole = Label::Principal(scope, Cow::Borrowed(element));
                let parts = if by_class { classes(element) } else { Vec::new() };
                let first = self.all.len();
                self.all.extend(parts.into_iter().map(|part| Label::Principal(scope, Cow::Owned(part))));
                self.loose.extend(first..self.all.len());
                own.push(whole);
            }
            own.extend(statement.conditions.iter().map(Label::Clause));
            let first = self.all.len();
            self.all.extend(own);
            self.statements.push((statement, (first..self.all.len()).collect()));
        }
    }
}

/// The entries of an element by match class (spec 6.2), where there are several.
fn classes(element: &PrincipalElement) -> Vec<PrincipalElement> {
    if element.negated {
        return Vec::new();
    }
    let class = |entry: &PrincipalEntry| match entry.name {
        PrincipalName::Account { .. } | PrincipalName::CanonicalUser(_) => 0,
        PrincipalName::Role { .. } | PrincipalName::UniqueId(_) => 1,
        PrincipalName::Everyone
        | PrincipalName::User { .. }
        | PrincipalName::Session { .. }
        | PrincipalName::FederatedUser { .. }
        | PrincipalName::Wildcard(_)
        | PrincipalName::Service(_)
        | PrincipalName::AnyService
        | PrincipalName::Federated(_)
        | PrincipalName::AnyFederated
        | PrincipalName::Nobody => 2,
    };
    let of = |wanted: u8| PrincipalElement {
        entries: element.entries.iter().filter(|entry| class(entry) == wanted).cloned().collect(),
        ..element.clone()
    };
    let parts: Vec<PrincipalElement> = [0, 1, 2].map(of).into_iter().filter(|part| !part.entries.is_empty()).collect();
    if parts.len() > 1 { parts } else { Vec::new() }
}
