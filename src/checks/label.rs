//! Labels: the parts of the statements of a question, as properties of requests that are told apart.

use std::borrow::Cow;

use crate::catalogue::Catalogue;
use crate::checks::Side;
use crate::checks::cube::Circumstance;
use crate::policy::action::{ActionEntry, ActionPattern};
use crate::policy::condition::Clause;
use crate::policy::principal::{PrincipalElement, PrincipalEntry, PrincipalName};
use crate::policy::resource::ResourceEntry;
use crate::policy::template::{Template, Variables, Wildcards};
use crate::policy::{Effect, Kind, Listed, Policy};
use crate::request::CallerKind;
use crate::semantics::authorization::{BUILT_IN_ACTIONS, RCP_SERVICES, Special, Stack};
use crate::semantics::document::{Position, Scope};
use crate::semantics::{Algebra, NOWHERE, action, condition, principal, resource};

/// One property.
#[derive(Clone, Debug)]
pub(super) enum Label<'p> {
    /// The action is one of a list.
    Action(Scope, Cow<'p, Listed<ActionEntry>>),
    /// The resource is.
    Resource(Scope, Cow<'p, Listed<ResourceEntry>>),
    /// The caller is named by an element, or by some of its entries.
    Principal(Scope, Cow<'p, PrincipalElement>),
    /// A clause holds.
    Clause(&'p Clause),
    /// The caller is of this kind.
    Caller(CallerKind),
    /// What else a whole stack tells apart.
    Circumstance(Circumstance),
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
            Label::Circumstance(circumstance) => circumstance.holds(a),
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
    pub(super) fn of(sides: &[(Side<'p>, Position)], catalogue: &Catalogue) -> Self {
        let mut labels = Self::default();
        for (side, position) in sides {
            let bounded = matches!(side, Side::Stack(stack) if stack.boundary.is_some());
            for policy in side.documents() {
                labels.add(policy, *position, bounded && policy.kind.names_principals(), side.is_stack());
            }
        }
        let stacks: Vec<&Stack> = sides
            .iter()
            .filter_map(|(side, _)| match side {
                Side::Stack(stack) => Some(*stack),
                Side::Document(_) => None,
            })
            .collect();
        if !stacks.is_empty() {
            labels.add_evaluation(&stacks, catalogue);
        }
        labels
    }

    /// What the evaluation of stacks tells apart beside the statements (spec 8).
    fn add_evaluation(&mut self, stacks: &[&Stack], catalogue: &Catalogue) {
        let scope =
            Scope { kind: Kind::Identity, effect: Effect::Allow, position: Position::UnderTest, bounded: false };
        let first = self.all.len();
        self.all.extend(KINDS.map(Label::Caller));
        let management = stacks.iter().filter_map(|stack| stack.management_account.clone());
        let management = management.flat_map(|id| [Circumstance::CallerIn(id.clone()), Circumstance::ResourceIn(id)]);
        let circumstances =
            Circumstance::ALWAYS.into_iter().chain(Special::ALL.map(Circumstance::Resource)).chain(management);
        self.all.extend(circumstances.map(Label::Circumstance));
        for patterns in BUILT_IN_ACTIONS {
            let entries = patterns.split(' ').map(|text| action_entry(text, catalogue)).collect();
            let listed = Listed { negated: false, entries, span: NOWHERE };
            self.all.push(Label::Action(scope, Cow::Owned(listed)));
        }
        let services: Vec<String> = RCP_SERVICES.split(' ').map(|service| format!("{service}:*")).collect();
        let entries = services.iter().map(|text| action_entry(text, catalogue)).collect();
        self.all.push(Label::Action(scope, Cow::Owned(Listed { negated: false, entries, span: NOWHERE })));
        self.loose.extend(first..self.all.len());
    }

    fn add(&mut self, policy: &'p Policy, position: Position, bounded: bool, by_class: bool) {
        for statement in &policy.statements {
            let scope = Scope { kind: policy.kind, effect: statement.effect, position, bounded };
            let mut own = vec![Label::Action(scope, Cow::Borrowed(&statement.action))];
            own.extend(statement.resource.iter().map(|listed| Label::Resource(scope, Cow::Borrowed(listed))));
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

fn action_entry(text: &str, catalogue: &Catalogue) -> ActionEntry {
    let template = Template::parse(text, Wildcards::Active, Variables::Literal, |_, _| {});
    let text = catalogue.action(text).map_or_else(|| text.to_owned(), |action| action.name());
    ActionEntry { text, pattern: ActionPattern::Glob(template), span: NOWHERE }
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
