//! One request evaluated with reasons: what every statement of a document or stack made of it.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::json;
use solver::decimal::Decimal;
use solver::interval::IntervalSet;

use crate::policy::template::Piece;
use crate::policy::{Effect, Policy, Statement};
use crate::request::CallerKind;
use crate::semantics::authorization::{Outcome, Reach, Stack, authorize};
use crate::semantics::concrete::{Concrete, Text};
use crate::semantics::document::{Position, statement};
use crate::semantics::{Address, Algebra, Contested, Field, NOWHERE, Part, Pattern, Side};
use crate::source::Span;

/// Evaluates as [`Concrete`] does, and remembers the truth of every part.
#[derive(Clone, Debug)]
pub struct Trace<'r> {
    concrete: Concrete<'r>,
    facts: BTreeMap<(Span, Part), bool>,
}

impl<'r> Trace<'r> {
    /// Nothing remembered yet.
    pub fn new(concrete: Concrete<'r>) -> Self {
        Self { concrete, facts: BTreeMap::new() }
    }

    /// The truth of a part, if it was asked for.
    pub fn truth(&self, part: Part, span: Span) -> Option<bool> {
        self.facts.get(&(span, part)).copied()
    }

    /// The entries and values inside the span that matched, in order of the text.
    pub fn matched_entries(&self, inside: Span) -> Vec<Span> {
        let within = |span: &Span| span.file == inside.file && inside.start <= span.start && span.end <= inside.end;
        let entries = self.facts.iter().filter(|((_, part), truth)| *part == Part::Entry && **truth);
        entries.map(|((span, _), _)| *span).filter(within).collect()
    }

    fn remember(&mut self, part: Part, span: Span, truth: bool) {
        if span != NOWHERE {
            *self.facts.entry((span, part)).or_default() |= truth;
        }
    }

    /// Why a statement that was evaluated applies or not: its first part that does not hold.
    fn because(&self, statement: &Statement) -> Because {
        let fails = |part, span| self.truth(part, span) == Some(false);
        if let Some(element) = statement.principal.as_ref().filter(|element| fails(Part::Principal, element.span)) {
            return Because::Principal(element.span);
        }
        if fails(Part::Action, statement.action.span) {
            return Because::Action(statement.action.span);
        }
        if let Some(listed) = statement.resource.as_ref().filter(|listed| fails(Part::Resource, listed.span)) {
            return Because::Resource(listed.span);
        }
        match statement.conditions.iter().find(|clause| fails(Part::Clause, clause.span)) {
            Some(clause) => Because::Condition {
                span: clause.span,
                key: clause.key_text.clone(),
                absent: self.concrete.values(&clause.key).is_empty(),
            },
            None => Because::Matches,
        }
    }

    fn line(&self, layer: &str, in_force: bool, statement: &Statement) -> Line {
        let because = if in_force { self.because(statement) } else { Because::OutOfForce };
        Line {
            layer: layer.to_owned(),
            index: statement.index,
            sid: statement.sid.clone(),
            effect: statement.effect,
            matched: because == Because::Matches,
            because,
            span: statement.span,
            entries: self.matched_entries(statement.span),
        }
    }
}

/// What one statement made of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The policy by its place in the stack: `identity[0]`, `resource`, `scps[1][0]`; `policy` for a lone document.
    pub layer: String,
    /// The statement, from 0.
    pub index: usize,
    /// Its `Sid`.
    pub sid: Option<String>,
    /// Its effect.
    pub effect: Effect,
    /// Whether it applies to the request.
    pub matched: bool,
    /// Why.
    pub because: Because,
    /// The statement's place.
    pub span: Span,
    /// Entries and values of the statement that matched.
    pub entries: Vec<Span>,
}

impl Line {
    /// `{"layer","statementIndex","statementId"?,"effect","matched","because"}` (contract 3).
    pub fn to_json(&self) -> serde_json::Value {
        let effect = match self.effect {
            Effect::Allow => "Allow",
            Effect::Deny => "Deny",
        };
        let mut object = serde_json::Map::new();
        object.insert("layer".to_owned(), json!(self.layer));
        object.insert("statementIndex".to_owned(), json!(self.index));
        if let Some(sid) = &self.sid {
            object.insert("statementId".to_owned(), json!(sid));
        }
        object.insert("effect".to_owned(), json!(effect));
        object.insert("matched".to_owned(), json!(self.matched));
        object.insert("because".to_owned(), json!(self.because.to_string()));
        serde_json::Value::Object(object)
    }
}

/// Why a statement applies or not: the first part that does not hold, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Because {
    /// Every part holds.
    Matches,
    /// The whole layer does not apply to this caller or resource (spec 8.2–8.5).
    OutOfForce,
    /// The caller is not one of those the statement names.
    Principal(Span),
    /// The action is not.
    Action(Span),
    /// The resource is not.
    Resource(Span),
    /// A clause of the condition does not hold.
    Condition {
        /// The clause.
        span: Span,
        /// Its key as written.
        key: String,
        /// Whether the request lacks the key.
        absent: bool,
    },
}

impl Because {
    /// The part to underline.
    pub fn span(&self) -> Option<Span> {
        match self {
            Because::Matches | Because::OutOfForce => None,
            Because::Principal(span) | Because::Action(span) | Because::Resource(span) => Some(*span),
            Because::Condition { span, .. } => Some(*span),
        }
    }
}

impl fmt::Display for Because {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Because::Matches => f.write_str("every part of the statement matches the request"),
            Because::OutOfForce => f.write_str("this layer does not apply to the request"),
            Because::Principal(_) => f.write_str("the principal does not match"),
            Because::Action(_) => f.write_str("the action does not match"),
            Because::Resource(_) => f.write_str("the resource does not match"),
            Because::Condition { key, absent: true, .. } => {
                write!(f, "the condition on `{key}` does not hold: the request has no such key")
            }
            Because::Condition { key, absent: false, .. } => write!(f, "the condition on `{key}` does not hold"),
        }
    }
}

/// The lines of a lone document, in order.
pub fn document_lines(concrete: Concrete<'_>, policy: &Policy, position: Position) -> Vec<Line> {
    let mut trace = Trace::new(concrete);
    for each in &policy.statements {
        statement(&mut trace, policy, each, position);
    }
    policy.statements.iter().map(|statement| trace.line("policy", true, statement)).collect()
}

/// The outcome of a stack and the lines of all its statements, layer by layer.
pub fn stack_lines(concrete: Concrete<'_>, stack: &Stack, position: Position) -> (Outcome<bool>, Vec<Line>) {
    let mut trace = Trace::new(concrete);
    let outcome = authorize(&mut trace, stack, position);
    let reach = Reach::of_stack(&mut trace, stack);
    let mut lines = Vec::new();
    for (layer, policy, in_force) in layers(stack, &reach) {
        lines.extend(policy.statements.iter().map(|statement| trace.line(&layer, in_force, statement)));
    }
    (outcome, lines)
}

/// The policies of a stack with their places, and whether they apply to the request.
fn layers<'p>(stack: &'p Stack, reach: &Reach<bool>) -> Vec<(String, &'p Policy, bool)> {
    let mut layers = Vec::new();
    let listed = |name: &str, at: usize| format!("{name}[{at}]");
    layers
        .extend(stack.identity.iter().enumerate().map(|(at, policy)| (listed("identity", at), policy, reach.attached)));
    layers.extend(stack.resource.iter().map(|policy| ("resource".to_owned(), policy, true)));
    layers.extend(stack.boundary.iter().map(|policy| ("boundary".to_owned(), policy, reach.attached)));
    layers.extend(stack.session.iter().enumerate().map(|(at, policy)| (listed("session", at), policy, reach.attached)));
    for (name, levels, in_force) in [("scps", &stack.scps, reach.scps), ("rcps", &stack.rcps, reach.rcps)] {
        for (level, policies) in levels.iter().enumerate() {
            let place = |at: usize| format!("{name}[{level}][{at}]");
            layers.extend(policies.iter().enumerate().map(|(at, policy)| (place(at), policy, in_force)));
        }
    }
    layers.extend(stack.endpoint.iter().map(|policy| ("endpoint".to_owned(), policy, true)));
    layers
}

impl Algebra for Trace<'_> {
    type Truth = bool;
    type Text = Text;

    fn constant(&mut self, value: bool) -> bool {
        self.concrete.constant(value)
    }

    fn may_match<'p>(&self, text: &Text, pieces: impl IntoIterator<Item = Piece<'p>>) -> bool {
        self.concrete.may_match(text, pieces)
    }

    fn all(&mut self, parts: Vec<bool>) -> bool {
        self.concrete.all(parts)
    }

    fn any(&mut self, parts: Vec<bool>) -> bool {
        self.concrete.any(parts)
    }

    fn not(&mut self, part: bool) -> bool {
        self.concrete.not(part)
    }

    fn contested(&mut self, rule: Contested) -> bool {
        self.concrete.contested(rule)
    }

    fn unknown(&mut self, name: &str) -> bool {
        self.concrete.unknown(name)
    }

    fn kind(&mut self, kind: CallerKind) -> bool {
        self.concrete.kind(kind)
    }

    fn field(&mut self, field: Field) -> Text {
        self.concrete.field(field)
    }

    fn present(&mut self, key: &str) -> bool {
        self.concrete.present(key)
    }

    fn single(&mut self, key: &str) -> bool {
        self.concrete.single(key)
    }

    fn value(&mut self, key: &str) -> Text {
        self.concrete.value(key)
    }

    fn some(&mut self, key: &str, body: &mut dyn FnMut(&mut Self, Text) -> bool) -> bool {
        let values = if self.present(key) { self.concrete.values(key).to_vec() } else { Vec::new() };
        // no short cut: every value that matches is remembered
        let truths: Vec<bool> = values.into_iter().map(|value| body(self, Text::Known(value))).collect();
        self.any(truths)
    }

    fn matches(&mut self, text: &Text, patterns: &[Pattern<Text>]) -> bool {
        let mut some = false;
        for pattern in patterns {
            if self.concrete.matches_one(text, &pattern.tokens) {
                self.remember(Part::Entry, pattern.span, true);
                some = true;
            }
        }
        some
    }

    fn number_in(&mut self, text: &Text, set: &IntervalSet<Decimal>) -> bool {
        self.concrete.number_in(text, set)
    }

    fn instant_in(&mut self, text: &Text, set: &IntervalSet<Decimal>) -> bool {
        self.concrete.instant_in(text, set)
    }

    fn address_in(&mut self, text: &Text, set: &IntervalSet<Address>) -> bool {
        self.concrete.address_in(text, set)
    }

    fn known(&self, truth: &bool) -> Option<bool> {
        self.concrete.known(truth)
    }

    fn multiple(&mut self, key: &str) -> bool {
        self.concrete.multiple(key)
    }

    fn member(&mut self, side: Side) -> bool {
        self.concrete.member(side)
    }

    fn unlisted_session_policy(&mut self) -> bool {
        self.concrete.unlisted_session_policy()
    }

    fn mark(&mut self, part: Part, span: Span, truth: bool) -> bool {
        self.remember(part, span, truth);
        truth
    }
}
