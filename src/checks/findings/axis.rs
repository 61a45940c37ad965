//! The labels of one part of a request: what the documents say of it, ordered by containment, with everything on top.

use solver::formula::Formula;

use crate::checks::cube::Scoped;
use crate::checks::cube::entry::Entry;
use crate::policy::action::ActionEntry;
use crate::policy::condition::{Clause, Network, Operand, Operator, Order, Quantifier, Relation, Test, Value};
use crate::policy::principal::PrincipalEntry;
use crate::policy::resource::ResourceEntry;
use crate::policy::template::Piece;
use crate::semantics::{Algebra, NOWHERE, condition};

/// A part of a request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Principal,
    Action,
    Resource,
    /// A condition key, in lower case.
    Key(String),
}

/// What a document says of it.
#[derive(Clone, Debug)]
pub(super) enum Saying {
    Principal(Scoped<PrincipalEntry>),
    Action(Scoped<ActionEntry>),
    Resource(Scoped<ResourceEntry>),
    /// A clause with one value, without negation.
    Value(Clause),
}

impl Saying {
    pub(super) fn holds<A: Algebra>(&self, a: &mut A) -> A::Truth {
        match self {
            Saying::Principal(Scoped { scope, entry, .. }) => Entry::applies(a, *scope, false, vec![entry.clone()]),
            Saying::Action(Scoped { scope, entry, .. }) => Entry::applies(a, *scope, false, vec![entry.clone()]),
            Saying::Resource(Scoped { scope, entry, .. }) => Entry::applies(a, *scope, false, vec![entry.clone()]),
            Saying::Value(clause) => condition::holds(a, clause),
        }
    }

    /// What orders the labels of an axis, so that the order of statements does not matter.
    pub(super) fn text(&self) -> (String, String) {
        match self {
            Saying::Principal(Scoped { entry, .. }) => (String::new(), entry.text.clone()),
            Saying::Action(Scoped { entry, .. }) => (String::new(), entry.text.to_lowercase()),
            Saying::Resource(Scoped { entry, .. }) => (String::new(), entry.text.clone()),
            Saying::Value(clause) => match value(clause) {
                Some((operator, value)) => (operator.to_string(), value.text.clone()),
                None => (String::new(), String::new()),
            },
        }
    }

    /// Whether everything the other says of is covered. Sure where it says so.
    fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Saying::Principal(one), Saying::Principal(two)) => one.entry.covers(&two.entry),
            (Saying::Action(one), Saying::Action(two)) => one.entry.covers(&two.entry),
            (Saying::Resource(one), Saying::Resource(two)) => one.entry.covers(&two.entry),
            (Saying::Value(one), Saying::Value(two)) => value_covers(one, two),
            _ => false,
        }
    }
}

/// A label: its saying and its truth.
#[derive(Clone, Debug)]
pub(super) struct Label {
    pub(super) saying: Saying,
    pub(super) truth: Formula,
}

/// The labels of one part. Number 0 is everything; label `n` is number `n + 1`.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    pub(super) part: Part,
    pub(super) labels: Vec<Label>,
    /// By number: the largest labels strictly inside.
    pub(super) below: Vec<Vec<usize>>,
}

impl Axis {
    /// Orders labels of one part; those that say the same, or everything, are one.
    pub(super) fn of(part: Part, labels: Vec<Label>) -> Self {
        let mut distinct: Vec<Label> = Vec::new();
        for label in labels {
            if label.truth != Formula::TRUE && !distinct.iter().any(|known| known.truth == label.truth) {
                distinct.push(label);
            }
        }
        let count = distinct.len();
        let inside = |inner: usize, outer: usize| match (inner.checked_sub(1), outer.checked_sub(1)) {
            (Some(_), None) => true,
            (Some(inner), Some(outer)) => match (distinct.get(inner), distinct.get(outer)) {
                (Some(one), Some(two)) if inner != outer => {
                    two.saying.covers(&one.saying) && (!one.saying.covers(&two.saying) || inner > outer)
                }
                _ => false,
            },
            (None, _) => false,
        };
        let largest = |outer: usize| -> Vec<usize> {
            let all: Vec<usize> = (0..=count).filter(|inner| inside(*inner, outer)).collect();
            all.iter().copied().filter(|one| !all.iter().any(|other| inside(*one, *other))).collect()
        };
        let below = (0..=count).map(largest).collect();
        Self { part, labels: distinct, below }
    }

    /// The truth of a label by number.
    pub(super) fn truth(&self, number: usize) -> Formula {
        let label = number.checked_sub(1).and_then(|at| self.labels.get(at));
        label.map_or(Formula::TRUE, |label| label.truth)
    }

    /// The saying of a label by number; `None` for everything.
    pub(super) fn saying(&self, number: usize) -> Option<&Saying> {
        number.checked_sub(1).and_then(|at| self.labels.get(at)).map(|label| &label.saying)
    }

    /// The number of the label of this truth; 0 if there is none.
    pub(super) fn number(&self, truth: Formula) -> usize {
        self.labels.iter().position(|label| label.truth == truth).map_or(0, |at| at + 1)
    }

    /// The largest labels strictly inside.
    pub(super) fn inside(&self, number: usize) -> &[usize] {
        self.below.get(number).map_or(&[], Vec::as_slice)
    }

    /// Whether one label lies inside another, or is it.
    pub(super) fn is_within(&self, inner: usize, outer: usize) -> bool {
        inner == outer
            || match (self.saying(inner), self.saying(outer)) {
                (_, None) => true,
                (None, Some(_)) => false,
                (Some(inner), Some(outer)) => outer.covers(inner),
            }
    }
}

/// The sayings of a clause: one for each value, as what some value of the key satisfies.
pub(super) fn sayings(clause: &Clause) -> Vec<Clause> {
    let Test::Compare { operator, values } = &clause.test else { return Vec::new() };
    let quantifier = if operator.quantifier == Quantifier::One { Quantifier::One } else { Quantifier::Any };
    let operator = Operator { quantifier, negated: false, if_exists: false, ..*operator };
    let alone = |value: &Value| Clause {
        test: Test::Compare { operator, values: vec![value.clone()] },
        span: NOWHERE,
        ..clause.clone()
    };
    values.iter().map(alone).collect()
}

/// The one value of a saying.
fn value(clause: &Clause) -> Option<(Operator, &Value)> {
    match &clause.test {
        Test::Compare { operator, values } => Some((*operator, values.first()?)),
        Test::Null { .. } | Test::Unknown { .. } => None,
    }
}

fn value_covers(outer: &Clause, inner: &Clause) -> bool {
    let (Some((outer, wide)), Some((inner, narrow))) = (value(outer), value(inner)) else { return false };
    if outer.quantifier != inner.quantifier {
        return false;
    }
    let textual = |relation| matches!(relation, Relation::StringEquals | Relation::StringLike | Relation::ArnLike);
    match (&wide.operand, &narrow.operand) {
        (Operand::Network(Some(one)), Operand::Network(Some(two))) => block_covers(one, two),
        (Operand::Number(Some(one)), Operand::Number(Some(two))) => {
            outer.relation == inner.relation && order_covers(outer.relation, one.cmp(two))
        }
        (Operand::Instant(Some(one)), Operand::Instant(Some(two))) => {
            outer.relation == inner.relation && order_covers(outer.relation, one.seconds.cmp(&two.seconds))
        }
        (one, two) if textual(outer.relation) && textual(inner.relation) => match (pieces(one), pieces(two)) {
            (Some(one), Some(two)) => {
                let fenced = outer.relation == Relation::ArnLike && inner.relation != Relation::ArnLike;
                !fenced && crate::checks::cube::covers(&one, &two)
            }
            _ => false,
        },
        _ => outer == inner && wide.text == narrow.text,
    }
}

/// The pattern of a textual value.
fn pieces(operand: &Operand) -> Option<Vec<Piece<'_>>> {
    match operand {
        Operand::Text(template) | Operand::Arn { whole: template, .. } => Some(template.pieces().collect()),
        Operand::Bool(_) | Operand::Number(_) | Operand::Instant(_) | Operand::Network(_) | Operand::Binary(_) => None,
    }
}

fn block_covers(one: &Network, two: &Network) -> bool {
    let (one, two) = (one.range, two.range);
    one.family == two.family && one.first <= two.first && two.last <= one.last
}

/// Whether the values in the order to the first include those in the order to the second.
fn order_covers(relation: Relation, compared: std::cmp::Ordering) -> bool {
    let (Relation::Numeric(order) | Relation::Date(order)) = relation else { return false };
    match order {
        Order::Equal => compared.is_eq(),
        Order::Less | Order::LessEqual => compared.is_ge(),
        Order::Greater | Order::GreaterEqual => compared.is_le(),
    }
}
