//! What a policy means, written once over any algebra of truth values and read in four ways: one request
//! ([`concrete`]), all requests ([`symbolic`]), one request with reasons ([`trace`]), one request with a part left open
//! ([`partial`]).
//!
//! Read this file first: [`Algebra`] is all that the meaning of the language needs to know about a request.

pub mod action;
pub mod address;
pub mod authorization;
pub(crate) mod boxes;
pub mod concrete;
pub mod condition;
pub mod document;
pub(crate) mod glob;
pub mod outsider;
pub mod partial;
pub mod principal;
pub mod realistic;
pub mod realizability;
pub mod relation;
pub mod resource;
pub mod symbolic;
pub mod trace;
pub mod variable;
pub mod zone;

use solver::decimal::Decimal;
use solver::interval::IntervalSet;

use crate::policy::condition::Clause;
use crate::policy::template::Piece;
use crate::request::CallerKind;
use crate::source::{FileId, Span};

/// Contested rules as Booleans (spec 0.3). True is the *other* reading; the default reading has them all false.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Contested {
    /// C1 = R2: every identity level of the caller must be listed.
    C1R2,
    /// C1 = R3: account and, for a session, role must be listed; the session may be. Never true with `C1R2`.
    C1R3,
    /// C2: `*` stays in its field.
    C2,
    /// C3: OR over the request's values (NOR for negated operators).
    C3,
    /// C4: `ForAnyValue:…IfExists` on an absent key is false.
    C4,
    /// C5: a session policy also limits a grant to the session ARN.
    C5,
    /// C6: wildcards in a substituted value are active.
    C6,
    /// C7: a malformed policy value makes a negated operator false.
    C7,
    /// C8: the empty string is an ordinary value for set operators.
    C8,
    /// C9: a NotResource entry with an unresolved variable makes the statement not apply.
    C9,
    /// C10: an IPv6 address without prefix length is a /32.
    C10,
    /// C12: letter case of fields 1–5 of a Resource pattern is ignored.
    C12,
    /// C14: `aws:PrincipalArn` and `aws:PrincipalAccount` are absent for a service principal.
    C14,
    /// C15: a short value of an ARN operator is one glob over the whole ARN.
    C15,
    /// C16: a variable whose key holds the empty string substitutes the empty text.
    C16,
    /// C17: four digits as a date are a year.
    C17,
}

/// Texts of the request that are no context keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// The action in lower case.
    Action,
    /// The resource: an ARN or `*`.
    Resource,
    /// The caller's account. Asked only together with an IAM kind.
    CallerAccount,
    /// The caller's partition. Asked only together with an IAM kind.
    CallerPartition,
    /// The caller's own ARN: root, user, session (without path) or federated-user ARN. IAM kinds only.
    CallerArn,
    /// The ARN of the role behind a session, with its path. Sessions only.
    RoleArn,
    /// The name of a federated user, service or federation provider. Those kinds only.
    CallerName,
    /// The caller's unique id as `aws:userid` shows it. IAM kinds only.
    CallerId,
    /// The account that owns the resource. Asked only by whole stacks (spec 8).
    ResourceAccount,
}

/// One of the two accounts of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// The caller's.
    Caller,
    /// The resource owner's.
    Resource,
}

/// The span of patterns that no document wrote; the trace passes over it.
pub const NOWHERE: Span = Span { file: FileId(u32::MAX), start: 0, end: 0 };

/// One token of a pattern with its variables resolved to texts of the algebra.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Token<Text> {
    /// This character.
    Char(char),
    /// This character (given in lower case) in either case: simple lower-casing, ASCII and Latin-1 (spec 5.3).
    Folded(char),
    /// Any one character.
    One,
    /// Any one character but `:`.
    OneInField,
    /// Any text.
    Many,
    /// Any text without `:`.
    ManyInField,
    /// The value of this text, literally (spec 4.4).
    Insert(Text),
    /// The value of this text in either letter case, as [`Token::Folded`] (spec 4.1 under 5.3 IgnoreCase).
    InsertFolded(Text),
    /// The value of this text as a pattern: its `*` and `?` are wildcards (the other reading of C6).
    InsertGlob(Text),
    /// As [`Token::InsertGlob`], but its wildcards stop at `:`.
    InsertGlobInField(Text),
}

/// A pattern ready to match, with the place of the policy it comes from.
#[derive(Clone, Debug)]
pub struct Pattern<Text> {
    /// In order.
    pub tokens: Vec<Token<Text>>,
    /// The entry or value as written.
    pub span: Span,
}

/// What a marked truth value is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The whole statement.
    Statement,
    /// `Principal` or `NotPrincipal`.
    Principal,
    /// `Action` or `NotAction`.
    Action,
    /// `Resource` or `NotResource`.
    Resource,
    /// One clause of `Condition`.
    Clause,
    /// One entry of a list, or one value of a clause.
    Entry,
}

/// What the meaning of the language needs to know about a request. Truth values and texts are abstract.
///
/// Texts asked for outside their precondition (the value of an absent key, the role of a user) are arbitrary: the
/// caller conjoins the precondition.
pub trait Algebra {
    /// A truth value: `bool`, or a formula.
    type Truth: Clone;
    /// A text of the request: a string, or a term.
    type Text: Clone;

    /// True or false.
    fn constant(&mut self, value: bool) -> Self::Truth;
    /// Conjunction; true if empty.
    fn all(&mut self, parts: Vec<Self::Truth>) -> Self::Truth;
    /// Disjunction; false if empty.
    fn any(&mut self, parts: Vec<Self::Truth>) -> Self::Truth;
    /// Negation.
    fn not(&mut self, part: Self::Truth) -> Self::Truth;
    /// Whether the other reading of a contested rule is in force.
    fn contested(&mut self, rule: Contested) -> Self::Truth;
    /// An unknown, the same for equal names (spec 5.12).
    fn unknown(&mut self, name: &str) -> Self::Truth;

    /// Whether the caller is of this kind; exactly one kind is true.
    fn kind(&mut self, kind: CallerKind) -> Self::Truth;
    /// A text of the request that is no context key.
    fn field(&mut self, field: Field) -> Self::Text;

    /// Whether the key (lower case) is in the request with at least one value.
    fn present(&mut self, key: &str) -> Self::Truth;
    /// Whether the key carries exactly one value.
    fn single(&mut self, key: &str) -> Self::Truth;
    /// The one value of the key. Asked only together with [`Algebra::single`].
    fn value(&mut self, key: &str) -> Self::Text;
    /// Whether some value of the key satisfies `body`; false if the key is absent. `body` is called any number of times.
    fn some(&mut self, key: &str, body: &mut dyn FnMut(&mut Self, Self::Text) -> Self::Truth) -> Self::Truth;

    /// Whether the text matches one of the patterns.
    fn matches(&mut self, text: &Self::Text, patterns: &[Pattern<Self::Text>]) -> Self::Truth;
    /// Whether the text is a number (spec 5.6) in the set.
    fn number_in(&mut self, text: &Self::Text, set: &IntervalSet<Decimal>) -> Self::Truth;
    /// Whether the text is a date (spec 5.7) whose instant, in seconds of the epoch, lies in the set.
    fn instant_in(&mut self, text: &Self::Text, set: &IntervalSet<Decimal>) -> Self::Truth;
    /// Whether the text is an address (spec 5.9) in the set.
    fn address_in(&mut self, text: &Self::Text, set: &IntervalSet<Address>) -> Self::Truth;

    /// Whether the text may match a pattern that begins with these pieces; false spares the pattern. The symbolic reading
    /// cannot tell.
    fn may_match<'p>(&self, text: &Self::Text, pieces: impl IntoIterator<Item = Piece<'p>>) -> bool {
        let _ = (text, pieces);
        true
    }

    /// The value of a truth that is already certain; spares the unfolding of cases that cannot arise.
    fn known(&self, truth: &Self::Truth) -> Option<bool> {
        let _ = truth;
        None
    }

    /// Whether some document of the question exercises C12. One request is read as the chosen reading says in any case.
    fn exercises_case(&self) -> bool {
        true
    }

    /// Whether a conjunction with this part is false and nobody listens to its other parts; spares reading them.
    fn settled(&self, truth: &Self::Truth) -> bool {
        let _ = truth;
        false
    }

    /// Whether the key is multivalued: it may carry two values or more, and is no policy variable (spec 4.3).
    fn multiple(&mut self, key: &str) -> bool {
        let _ = key;
        true
    }

    /// Whether the account is a member (not the management account) of the organisation whose SCPs and RCPs the stack
    /// holds (spec 8.4, 8.5).
    fn member(&mut self, side: Side) -> Self::Truth;
    /// Whether a federated user without a given session policy has one that allows: no for one request, yes for all
    /// requests (spec 8.2).
    fn unlisted_session_policy(&mut self) -> Self::Truth;
    /// Whether the caller's account owns the resource (spec 8.2). Asked only together with an IAM kind.
    fn same_account(&mut self) -> Self::Truth {
        let (caller, owner) = (self.field(Field::CallerAccount), self.field(Field::ResourceAccount));
        self.matches(&caller, &[Pattern { tokens: vec![Token::Insert(owner)], span: NOWHERE }])
    }

    /// `read(false)` in the default reading of the rule, `read(true)` in the other; only the default where the rule is
    /// not `exercised` (spec 0.3).
    fn choose(
        &mut self,
        rule: Contested,
        exercised: bool,
        mut read: impl FnMut(&mut Self, bool) -> Self::Truth,
    ) -> Self::Truth
    where
        Self: Sized,
    {
        if !exercised {
            return read(self, false);
        }
        let other = self.contested(rule);
        if let Some(other) = self.known(&other) {
            return read(self, other);
        }
        let (default_truth, other_truth) = (read(self, false), read(self, true));
        let default = self.not(other.clone());
        let by_default = self.all(vec![default, default_truth]);
        let by_other = self.all(vec![other, other_truth]);
        self.any(vec![by_default, by_other])
    }

    /// The truth of a clause as a whole, where the algebra knows it by its form; else it is taken apart.
    fn clause(&mut self, clause: &Clause) -> Option<Self::Truth> {
        let _ = clause;
        None
    }

    /// Notes that `truth` is the truth of this part of the policy; returns it. Only the trace listens.
    fn mark(&mut self, part: Part, span: Span, truth: Self::Truth) -> Self::Truth {
        let _ = (part, span);
        truth
    }
}

/// An IP address as an ordered value: all IPv4 before all IPv6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// 4 or 6.
    pub family: u8,
    /// IPv4 in the low 32 bits.
    pub bits: u128,
}
