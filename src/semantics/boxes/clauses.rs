//! Which clauses follow from which, by their form alone.

use std::collections::BTreeMap;

use crate::policy::condition::{Clause, Operator, Quantifier, Test, Value};

/// What two clauses must share to be compared: the key and the operator.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Head {
    Compare(String, Operator),
    Null(String, Quantifier),
}

/// The values of a clause, ascending.
type Values = Vec<String>;

/// The clauses of many statements.
#[derive(Clone, Debug, Default)]
pub(super) struct Clauses {
    by_head: BTreeMap<Head, Vec<(Values, u32)>>,
}

impl Clauses {
    /// Notes a clause of a statement.
    pub(super) fn add(&mut self, clause: &Clause, statement: u32) {
        if let Some((head, values)) = taken_apart(clause) {
            self.by_head.entry(head).or_default().push((values, statement));
        }
    }

    /// The statements one of whose clauses implies this one, in every reading: a longer list makes a positive operator
    /// weaker and a negated one stronger, whatever the quantifier (spec 5.2, 5.4).
    pub(super) fn implying(&self, clause: &Clause) -> Vec<u32> {
        let Some((head, values)) = taken_apart(clause) else { return Vec::new() };
        let implies = |own: &Values| match &head {
            Head::Compare(_, operator) if operator.negated => is_subset(&values, own),
            Head::Compare(..) => is_subset(own, &values),
            Head::Null(..) => *own == values,
        };
        let all = self.by_head.get(&head).into_iter().flatten();
        let mut statements: Vec<u32> = all.filter(|(own, _)| implies(own)).map(|(_, statement)| *statement).collect();
        statements.dedup();
        statements
    }
}

/// The conditions of a statement by their form alone: equal forms hold of the same requests.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Forms(Vec<(Head, Values)>);

impl Forms {
    /// Those of all clauses; `None` if one has an operator that does not exist.
    pub(crate) fn of(clauses: &[Clause]) -> Option<Self> {
        let mut forms: Vec<(Head, Values)> = clauses.iter().map(taken_apart).collect::<Option<_>>()?;
        forms.sort_unstable();
        Some(Self(forms))
    }
}

/// `None` for an operator that does not exist.
fn taken_apart(clause: &Clause) -> Option<(Head, Values)> {
    let (head, mut values) = match &clause.test {
        Test::Compare { operator, values } => {
            (Head::Compare(clause.key.clone(), *operator), values.iter().map(name).collect::<Values>())
        }
        Test::Null { quantifier, values } => {
            (Head::Null(clause.key.clone(), *quantifier), values.iter().map(|value| format!("{value:?}")).collect())
        }
        Test::Unknown { .. } => return None,
    };
    values.sort_unstable();
    values.dedup();
    Some((head, values))
}

/// Equal names are equal values: the text, and where it may hold variables, what the language version makes of them.
fn name(value: &Value) -> String {
    if value.text.contains("${") { format!("{} {:?}", value.text, value.operand) } else { value.text.clone() }
}

fn is_subset(few: &[String], many: &[String]) -> bool {
    few.iter().all(|value| many.binary_search(value).is_ok())
}
