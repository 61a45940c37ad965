//! Conditions of cubes: clauses of the documents, and what holds where such a clause does not.

use crate::policy::condition::{Clause, Operand, Operator, Order, Quantifier, Relation, Test, Value};
use crate::semantics::{Algebra, NOWHERE, condition};

/// A clause, or its contrary.
#[derive(Clone, Debug)]
pub struct Condition {
    /// The clause.
    pub clause: Clause,
    /// Whether it must not hold: only where no operator of the language says so.
    pub negated: bool,
}

impl PartialEq for Condition {
    fn eq(&self, other: &Self) -> bool {
        let said = |c: &Self| (c.negated, c.operator(), c.clause.key.clone(), c.values());
        said(self) == said(other)
    }
}

impl Eq for Condition {}

impl Condition {
    /// Whether the request meets it.
    pub(crate) fn holds<A: Algebra>(&self, a: &mut A) -> A::Truth {
        let truth = condition::holds(a, &self.clause);
        if self.negated { a.not(truth) } else { truth }
    }

    /// The operator as the policy language spells it.
    pub fn operator(&self) -> String {
        match &self.clause.test {
            Test::Compare { operator, .. } => operator.to_string(),
            Test::Null { quantifier, .. } => {
                let set = match quantifier {
                    Quantifier::One => "",
                    Quantifier::Any => "ForAnyValue:",
                    Quantifier::All => "ForAllValues:",
                };
                format!("{set}Null")
            }
            Test::Unknown { text } => text.split_whitespace().next().unwrap_or_default().to_owned(),
        }
    }

    /// The values as text.
    pub fn values(&self) -> Vec<String> {
        match &self.clause.test {
            Test::Compare { values, .. } => values.iter().map(|value| value.text.clone()).collect(),
            Test::Null { values, .. } => values.iter().flatten().map(bool::to_string).collect(),
            Test::Unknown { .. } => Vec::new(),
        }
    }
}

/// The conditions in fewer clauses: values that one clause takes away from the list of another are struck from it.
/// Whether that says the same is for the solver to say.
pub(crate) fn folded(conditions: &[Condition]) -> Vec<Condition> {
    let mut folded = conditions.to_vec();
    for taking in conditions {
        let Some((key, operator, taken)) = list(taking).filter(|(_, operator, _)| operator.negated) else { continue };
        let gives = |condition: &&mut Condition| {
            list(condition)
                .is_some_and(|(of, other, _)| of == key && !other.negated && other.relation == operator.relation)
        };
        let taken: Vec<String> = taken.iter().map(|value| value.text.clone()).collect();
        let Some(giving) = folded.iter_mut().find(gives) else { continue };
        if let Test::Compare { values, .. } = &mut giving.clause.test {
            values.retain(|value| !taken.contains(&value.text));
        }
        folded.retain(|condition| condition != taking);
    }
    folded
}

/// The list of a comparison of one value without wildcards.
fn list(condition: &Condition) -> Option<(&str, Operator, &[Value])> {
    let Test::Compare { operator, values } = &condition.clause.test else { return None };
    let plain = matches!(operator.relation, Relation::StringEquals | Relation::StringLike | Relation::ArnLike);
    let one = operator.quantifier == Quantifier::One && !condition.negated && plain;
    one.then_some((condition.clause.key.as_str(), *operator, values.as_slice()))
}

/// Clauses that together may say the contrary of this one, by the operators of the language; whether they do is for the
/// solver to say.
pub(crate) fn contrary(clause: &Clause) -> Option<Vec<Clause>> {
    let with = |test: Test| Clause { test, span: NOWHERE, ..clause.clone() };
    let present = || with(Test::Null { quantifier: Quantifier::One, values: vec![Some(false)] });
    match &clause.test {
        Test::Null { quantifier: Quantifier::One, values } => {
            let values = values.iter().map(|value| value.map(|absent| !absent)).collect();
            Some(vec![with(Test::Null { quantifier: Quantifier::One, values })])
        }
        Test::Null { .. } | Test::Unknown { .. } => None,
        Test::Compare { operator, values } => {
            let other = opposite(*operator, values.len() > 1)?;
            let values = match operator.relation {
                Relation::Bool => values.iter().map(flipped).collect::<Option<_>>()?,
                _ => values.clone(),
            };
            let mut clauses = vec![with(Test::Compare { operator: other, values })];
            if operator.if_exists && !operator.negated && other.negated {
                clauses.push(present());
            }
            Some(clauses)
        }
    }
}

/// The operator that holds where this one does not, if there is one.
fn opposite(operator: Operator, several: bool) -> Option<Operator> {
    let quantifier = match operator.quantifier {
        Quantifier::One => Quantifier::One,
        Quantifier::Any => Quantifier::All,
        Quantifier::All => Quantifier::Any,
    };
    let order = |order| match order {
        Order::Equal => None,
        Order::Less => Some(Order::GreaterEqual),
        Order::LessEqual => Some(Order::Greater),
        Order::Greater => Some(Order::LessEqual),
        Order::GreaterEqual => Some(Order::Less),
    };
    let ordered = match operator.relation {
        Relation::Numeric(of) => order(of).map(Relation::Numeric),
        Relation::Date(of) => order(of).map(Relation::Date),
        _ => None,
    };
    match (operator.relation, ordered) {
        (Relation::BinaryEquals, _) => None,
        // an order and its contrary both fail on an absent key, unless one asks `IfExists`; and only one value has one
        (_, Some(relation)) if !several => {
            Some(Operator { quantifier, relation, negated: false, if_exists: !operator.if_exists })
        }
        (_, Some(_)) => None,
        (Relation::Bool, None) if !several => {
            Some(Operator { quantifier, relation: Relation::Bool, negated: false, if_exists: !operator.if_exists })
        }
        (Relation::Bool, None) => None,
        (relation, None) => Some(Operator { quantifier, relation, negated: !operator.negated, if_exists: false }),
    }
}

/// `true` for `false`.
fn flipped(value: &Value) -> Option<Value> {
    match value.operand {
        Operand::Bool(Some(truth)) => {
            Some(Value { text: (!truth).to_string(), operand: Operand::Bool(Some(!truth)), span: NOWHERE })
        }
        _ => None,
    }
}
