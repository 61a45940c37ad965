//! Entries of the lists of statements, as the edges of cubes: actions, resources and principals alike.

use crate::checks::cube::pattern::{common, covers, joined, meets, split, written};
use crate::policy::Listed;
use crate::policy::action::{ActionEntry, ActionPattern};
use crate::policy::principal::{PrincipalElement, PrincipalEntry, PrincipalName};
use crate::policy::resource::{ResourceEntry, ResourcePattern};
use crate::policy::template::{Piece, Template};
use crate::semantics::document::Scope;
use crate::semantics::{Algebra, NOWHERE, action, principal, resource};

/// What the edges of a cube are made of. How two entries lie to each other is read off their text, to choose what to show.
pub trait Entry: Clone + Eq {
    /// As written.
    fn text(&self) -> &str;
    /// Whether the request's part is one that some entry speaks of, by the meaning of the language.
    fn applies<A: Algebra>(a: &mut A, scope: Scope, negated: bool, entries: Vec<Self>) -> A::Truth;
    /// Whether the entry speaks of everything.
    fn is_all(&self) -> bool;
    /// The entry as a pattern, where it is one.
    fn pieces(&self) -> Option<Vec<Piece<'_>>>;
    /// The entry of a pattern, where patterns make entries.
    fn of_pieces(pieces: &[Piece<'_>]) -> Option<Self>;
    /// The entry that speaks of this text alone.
    fn exactly(text: &str) -> Option<Self>;

    /// Whether it speaks of all that the other does. Sure where it says so.
    fn covers(&self, other: &Self) -> bool {
        self.is_all() || other.pieces().is_some_and(|o| self.pieces().is_some_and(|s| covers(&s, &o)))
    }

    /// Whether both may speak of one thing. Sure where it says no.
    fn meets(&self, other: &Self) -> bool {
        match (self.pieces(), other.pieces()) {
            (Some(one), Some(two)) => meets(&one, &two),
            _ => self.is_all() || other.is_all(),
        }
    }

    /// Entries that together speak of what both do; none if that is not known.
    fn common(&self, other: &Self) -> Vec<Self> {
        if self.covers(other) {
            return vec![other.clone()];
        }
        if other.covers(self) {
            return vec![self.clone()];
        }
        let (Some(one), Some(two)) = (self.pieces(), other.pieces()) else { return Vec::new() };
        common(&one, &two).iter().filter_map(|pieces| Self::of_pieces(pieces)).collect()
    }
}

impl PartialEq for ActionEntry {
    fn eq(&self, other: &Self) -> bool {
        self.pattern == other.pattern
    }
}

impl Eq for ActionEntry {}

impl Entry for ActionEntry {
    fn text(&self) -> &str {
        &self.text
    }

    fn applies<A: Algebra>(a: &mut A, scope: Scope, negated: bool, entries: Vec<Self>) -> A::Truth {
        action::applies(a, scope, &Listed { negated, entries, span: NOWHERE })
    }

    fn is_all(&self) -> bool {
        self.pattern == ActionPattern::All
    }

    fn pieces(&self) -> Option<Vec<Piece<'_>>> {
        match &self.pattern {
            ActionPattern::Glob(template) | ActionPattern::VendorWildcard(template) => {
                Some(template.pieces().collect())
            }
            ActionPattern::All | ActionPattern::Nothing => None,
        }
    }

    fn of_pieces(pieces: &[Piece<'_>]) -> Option<Self> {
        let pattern = ActionPattern::Glob(pieces.iter().copied().collect());
        Some(ActionEntry { text: written(pieces), pattern, span: NOWHERE })
    }

    fn exactly(text: &str) -> Option<Self> {
        let pattern = ActionPattern::Glob(Template::literal(&text.to_ascii_lowercase()));
        Some(ActionEntry { text: text.to_owned(), pattern, span: NOWHERE })
    }
}

impl PartialEq for ResourceEntry {
    fn eq(&self, other: &Self) -> bool {
        self.pattern == other.pattern
    }
}

impl Eq for ResourceEntry {}

impl Entry for ResourceEntry {
    fn text(&self) -> &str {
        &self.text
    }

    fn applies<A: Algebra>(a: &mut A, scope: Scope, negated: bool, entries: Vec<Self>) -> A::Truth {
        resource::applies(a, scope, Some(&Listed { negated, entries, span: NOWHERE }))
    }

    fn is_all(&self) -> bool {
        self.pattern == ResourcePattern::All
    }

    /// A short ARN with what completes it (spec 3.2).
    fn pieces(&self) -> Option<Vec<Piece<'_>>> {
        let ResourcePattern::Arn(fields) = &self.pattern else { return None };
        let mut pieces = joined(fields);
        if fields.len() < 6 && pieces.last() != Some(&Piece::Many) {
            pieces.push(Piece::Many);
        }
        Some(pieces)
    }

    fn of_pieces(pieces: &[Piece<'_>]) -> Option<Self> {
        let pattern = ResourcePattern::Arn(split(pieces));
        Some(ResourceEntry { text: written(pieces), pattern, span: NOWHERE })
    }

    fn exactly(text: &str) -> Option<Self> {
        let pattern = ResourcePattern::Arn(split(&Template::literal(text).pieces().collect::<Vec<_>>()));
        text.starts_with("arn:").then(|| ResourceEntry { text: text.to_owned(), pattern, span: NOWHERE })
    }
}

impl PartialEq for PrincipalEntry {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for PrincipalEntry {}

impl Entry for PrincipalEntry {
    fn text(&self) -> &str {
        &self.text
    }

    fn applies<A: Algebra>(a: &mut A, scope: Scope, negated: bool, entries: Vec<Self>) -> A::Truth {
        principal::applies(a, scope, Some(&PrincipalElement { negated, entries, span: NOWHERE }))
    }

    fn is_all(&self) -> bool {
        self.name == PrincipalName::Everyone
    }

    fn covers(&self, other: &Self) -> bool {
        let account = |entry: &Self| match &entry.name {
            PrincipalName::Account { account, .. }
            | PrincipalName::User { account, .. }
            | PrincipalName::Role { account, .. } => Some(account.clone()),
            PrincipalName::Session { arn } | PrincipalName::FederatedUser { arn } => {
                arn.split(':').nth(4).map(str::to_owned)
            }
            _ => None,
        };
        let of_account = matches!(self.name, PrincipalName::Account { partition: None, .. })
            && account(other).is_some_and(|own| account(self) == Some(own));
        let any = match self.name {
            PrincipalName::AnyService => matches!(other.name, PrincipalName::Service(_)),
            PrincipalName::AnyFederated => matches!(other.name, PrincipalName::Federated(_)),
            _ => false,
        };
        self.is_all() || self == other || of_account || any
    }

    fn meets(&self, other: &Self) -> bool {
        let exact = |entry: &Self| {
            matches!(
                entry.name,
                PrincipalName::User { .. }
                    | PrincipalName::Role { .. }
                    | PrincipalName::Account { .. }
                    | PrincipalName::Service(_)
                    | PrincipalName::Federated(_)
            )
        };
        self.covers(other) || other.covers(self) || !(exact(self) && exact(other))
    }

    fn pieces(&self) -> Option<Vec<Piece<'_>>> {
        None
    }

    fn of_pieces(_: &[Piece<'_>]) -> Option<Self> {
        None
    }

    fn exactly(_: &str) -> Option<Self> {
        None
    }
}
