//! Cubes: sets of requests in the words of the policy language, one extent for each part of a request.

pub(crate) mod condition;
pub mod entry;
mod pattern;

use std::collections::BTreeMap;

use crate::policy::action::ActionEntry;
use crate::policy::principal::PrincipalEntry;
use crate::policy::resource::ResourceEntry;
use crate::request::{CallerKind, Request};
use crate::semantics::authorization::{Special, is_service_linked};
use crate::semantics::concrete::Concrete;
use crate::semantics::document::Scope;
use crate::semantics::{Algebra, Field, NOWHERE, Pattern, Token, principal};
pub use condition::Condition;
use entry::Entry;
pub(crate) use pattern::covers;

/// The requests whose parts lie in all of the extents, under all of the conditions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cube {
    /// Actions.
    pub actions: Extent<ActionEntry>,
    /// Resources.
    pub resources: Extent<ResourceEntry>,
    /// Callers by name.
    pub principals: Extent<PrincipalEntry>,
    /// What else must hold.
    pub conditions: Vec<Condition>,
    /// Kinds of caller, if only some; told apart in stacks.
    pub callers: Option<Vec<CallerKind>>,
    /// What else holds or does not, in stacks.
    pub circumstances: BTreeMap<Circumstance, bool>,
}

/// What the evaluation of a whole stack tells apart beside the policies (spec 8).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Circumstance {
    /// The caller's account owns the resource.
    SameAccount,
    /// The caller is a session of a service-linked role.
    ServiceLinkedRole,
    /// A federated user passes a session policy that allows the request.
    SessionPolicy,
    /// The caller's account is this one, the management account.
    CallerIn(String),
    /// The resource's account is this one, the management account.
    ResourceIn(String),
    /// The resource is of a kind that has rules of its own.
    Resource(Special),
}

impl Circumstance {
    /// Those of every stack.
    pub(crate) const ALWAYS: [Circumstance; 3] =
        [Circumstance::SameAccount, Circumstance::ServiceLinkedRole, Circumstance::SessionPolicy];

    /// Whether it holds of the request.
    pub(crate) fn holds<A: Algebra>(&self, a: &mut A) -> A::Truth {
        let exactly = |text: &str| Pattern { tokens: text.chars().map(Token::Char).collect(), span: NOWHERE };
        match self {
            Circumstance::SameAccount => {
                let (iam, same) = (principal::iam(a), a.same_account());
                a.all(vec![iam, same])
            }
            Circumstance::ServiceLinkedRole => is_service_linked(a),
            Circumstance::SessionPolicy => a.unlisted_session_policy(),
            Circumstance::CallerIn(account) => {
                let (iam, own) = (principal::iam(a), a.field(Field::CallerAccount));
                let own = a.matches(&own, &[exactly(account)]);
                a.all(vec![iam, own])
            }
            Circumstance::ResourceIn(account) => {
                let owner = a.field(Field::ResourceAccount);
                a.matches(&owner, &[exactly(account)])
            }
            Circumstance::Resource(special) => special.holds(a),
        }
    }
}

/// What one part of a request ranges over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extent<E> {
    /// Some of these must speak of it; `None`: anything goes.
    pub only: Option<Vec<Scoped<E>>>,
    /// None of these may.
    pub except: Vec<Scoped<E>>,
}

/// An entry with the place that decides its meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scoped<E> {
    /// Of its statement.
    pub(crate) scope: Scope,
    /// Whether it stands in a `Not…` list, where doubtful entries are read the other way.
    pub(crate) negated: bool,
    /// As written.
    pub entry: E,
}

impl Cube {
    /// All requests.
    pub(crate) fn everything() -> Cube {
        Cube {
            actions: Extent::anything(),
            resources: Extent::anything(),
            principals: Extent::anything(),
            conditions: Vec::new(),
            callers: None,
            circumstances: BTreeMap::new(),
        }
    }

    /// Whether the request is in the cube, in the default reading of contested rules.
    pub fn contains(&self, request: &Request) -> bool {
        self.holds(&mut Concrete::new(request))
    }

    /// Whether the request is in the cube.
    pub(crate) fn holds<A: Algebra>(&self, a: &mut A) -> A::Truth {
        let mut parts = vec![self.actions.holds(a), self.resources.holds(a), self.principals.holds(a)];
        for condition in &self.conditions {
            parts.push(condition.holds(a));
        }
        if let Some(kinds) = &self.callers {
            let mut some = Vec::with_capacity(kinds.len());
            for kind in kinds {
                some.push(a.kind(*kind));
            }
            parts.push(a.any(some));
        }
        for (circumstance, holds) in &self.circumstances {
            let truth = circumstance.holds(a);
            parts.push(if *holds { truth } else { a.not(truth) });
        }
        a.all(parts)
    }

    /// The cube in one line.
    pub fn in_words(&self) -> String {
        let mut parts = vec![self.actions.in_words("actions")];
        parts.extend([self.resources.in_words("resources"), self.principals.in_words("principals")]);
        parts.extend(self.conditions.iter().map(|condition| {
            let not = if condition.negated { "not " } else { "" };
            Some(format!("{not}{} {} {}", condition.clause.key, condition.operator(), condition.values().join(", ")))
        }));
        parts.push(self.callers.as_ref().map(|kinds| format!("callers {kinds:?}")));
        let circumstance = |(what, holds): (&Circumstance, &bool)| Some(format!("{what:?} {holds}"));
        parts.extend(self.circumstances.iter().map(circumstance));
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        if parts.is_empty() { "everything".to_owned() } else { parts.join("; ") }
    }

    /// The union of two cubes that differ in the names of one part only.
    pub(crate) fn joined(&self, other: &Cube) -> Option<Cube> {
        let beside = |cube: &Cube| Cube {
            actions: Extent::anything(),
            resources: Extent::anything(),
            principals: Extent::anything(),
            ..cube.clone()
        };
        let same =
            (self.actions == other.actions, self.resources == other.resources, self.principals == other.principals);
        if beside(self) != beside(other) {
            return None;
        }
        match same {
            (true, true, true) => Some(self.clone()),
            (false, true, true) => Some(Cube { actions: self.actions.joined(&other.actions)?, ..self.clone() }),
            (true, false, true) => Some(Cube { resources: self.resources.joined(&other.resources)?, ..self.clone() }),
            (true, true, false) => {
                Some(Cube { principals: self.principals.joined(&other.principals)?, ..self.clone() })
            }
            _ => None,
        }
    }
}

impl<E: Entry> Extent<E> {
    /// Everything.
    pub(crate) fn anything() -> Self {
        Self { only: None, except: Vec::new() }
    }

    /// What is in all of the positive lists and in none of the negative entries, as written.
    pub(crate) fn of(positives: Vec<Vec<Scoped<E>>>, negatives: Vec<Scoped<E>>) -> Self {
        let mut only: Option<Vec<Scoped<E>>> = None;
        for list in positives {
            only = Some(match only {
                None => list,
                Some(before) => common(&before, &list),
            });
        }
        Self { only, except: negatives }
    }

    /// Only what this text says.
    pub(crate) fn exactly(text: &str, scope: Scope) -> Option<Self> {
        let entry = E::exactly(text)?;
        Some(Self { only: Some(vec![Scoped { scope, negated: false, entry }]), except: Vec::new() })
    }

    /// `actions a, b but not c`; nothing if it is everything.
    fn in_words(&self, name: &str) -> Option<String> {
        let list = |all: &[Scoped<E>]| all.iter().map(|one| one.entry.text()).collect::<Vec<&str>>().join(", ");
        let except = if self.except.is_empty() { String::new() } else { format!(" but not {}", list(&self.except)) };
        match &self.only {
            Some(only) => Some(format!("{name} {}{except}", list(only))),
            None => (!self.except.is_empty()).then(|| format!("any {name}{except}")),
        }
    }

    /// Without entries that others make needless.
    pub(crate) fn trimmed(&self) -> Self {
        let apart = |entry: &Scoped<E>| !self.except.iter().any(|other| other.entry.covers(&entry.entry));
        let only = match &self.only {
            Some(list) if list.iter().any(|entry| entry.entry.is_all()) => None,
            Some(list) => Some(largest(list.iter().filter(|entry| apart(entry)).cloned().collect())),
            None => None,
        };
        let matters = |entry: &&Scoped<E>| match &only {
            None => true,
            Some(list) => list.iter().any(|kept| kept.entry.meets(&entry.entry)),
        };
        let except = largest(self.except.iter().filter(matters).cloned().collect());
        Self { only, except }
    }

    fn holds<A: Algebra>(&self, a: &mut A) -> A::Truth {
        let except = some(a, &self.except);
        let outside = a.not(except);
        match &self.only {
            None => outside,
            Some(list) => {
                let inside = some(a, list);
                a.all(vec![inside, outside])
            }
        }
    }

    /// The union, where it is an extent.
    fn joined(&self, other: &Self) -> Option<Self> {
        if self.except != other.except {
            return None;
        }
        let (Some(one), Some(two)) = (&self.only, &other.only) else {
            return Some(Self { only: None, except: self.except.clone() });
        };
        let more = two.iter().filter(|entry| !one.contains(entry)).cloned();
        Some(Self { only: Some(largest(one.iter().cloned().chain(more).collect())), except: self.except.clone() })
    }
}

/// Whether some entry speaks of the request; entries that are read alike in one question.
fn some<A: Algebra, E: Entry>(a: &mut A, entries: &[Scoped<E>]) -> A::Truth {
    let mut groups: Vec<(Scope, bool, Vec<E>)> = Vec::new();
    for Scoped { scope, negated, entry } in entries {
        match groups.iter_mut().find(|(of, not, _)| of == scope && not == negated) {
            Some((_, _, group)) => group.push(entry.clone()),
            None => groups.push((*scope, *negated, vec![entry.clone()])),
        }
    }
    let mut parts = Vec::with_capacity(groups.len());
    for (scope, negated, group) in groups {
        let truth = E::applies(a, scope, negated, group);
        parts.push(if negated { a.not(truth) } else { truth });
    }
    a.any(parts)
}

/// The entries that no other covers; of two that say the same, the first.
fn largest<E: Entry>(entries: Vec<Scoped<E>>) -> Vec<Scoped<E>> {
    let covered = |at: usize, entry: &Scoped<E>| {
        entries.iter().enumerate().any(|(other, outer)| {
            let back = entry.entry.covers(&outer.entry);
            other != at && outer.entry.covers(&entry.entry) && (!back || other < at)
        })
    };
    let kept: Vec<bool> = entries.iter().enumerate().map(|(at, entry)| !covered(at, entry)).collect();
    entries.into_iter().zip(kept).filter_map(|(entry, kept)| kept.then_some(entry)).collect()
}

/// What entries of both lists speak of.
fn common<E: Entry>(one: &[Scoped<E>], other: &[Scoped<E>]) -> Vec<Scoped<E>> {
    let mut found: Vec<Scoped<E>> = Vec::new();
    for entry in one {
        if other.iter().any(|outer| outer.entry.covers(&entry.entry)) {
            found.push(entry.clone());
            continue;
        }
        for second in other {
            if entry.entry.covers(&second.entry) {
                found.push(second.clone());
            } else if entry.entry.meets(&second.entry) {
                let parts = entry.entry.common(&second.entry).into_iter();
                found.extend(parts.map(|part| Scoped { entry: part, ..entry.clone() }));
            }
        }
    }
    found
}
