//! A policy written out as a document again, for policies whose text has values that are not known.

use serde_json::{Map, Value, json};

use crate::policy::condition::{Clause, Quantifier, Test};
use crate::policy::principal::PrincipalElement;
use crate::policy::{Effect, Policy, Statement, Version};

/// The policy on one line; `None` if something in it cannot be written.
pub fn document(policy: &Policy) -> Option<String> {
    let version = match policy.version {
        Version::V2008 => "2008-10-17",
        Version::V2012 => "2012-10-17",
    };
    let statements: Option<Vec<Value>> = policy.statements.iter().map(statement).collect();
    Some(json!({"Version": version, "Statement": statements?}).to_string())
}

fn statement(statement: &Statement) -> Option<Value> {
    let mut out = Map::new();
    let mut put = |name: &str, negated: bool, value: Value| {
        let name = if negated { format!("Not{name}") } else { name.to_owned() };
        out.insert(name, value);
    };
    if let Some(sid) = &statement.sid {
        put("Sid", false, Value::from(sid.as_str()));
    }
    let effect = match statement.effect {
        Effect::Allow => "Allow",
        Effect::Deny => "Deny",
    };
    put("Effect", false, Value::from(effect));
    if let Some(element) = &statement.principal {
        put("Principal", element.negated, principal(element));
    }
    let actions: Vec<&str> = statement.action.entries.iter().map(|entry| entry.text.as_str()).collect();
    put("Action", statement.action.negated, Value::from(actions));
    if let Some(resource) = &statement.resource {
        let resources: Vec<&str> = resource.entries.iter().map(|entry| entry.text.as_str()).collect();
        put("Resource", resource.negated, Value::from(resources));
    }
    if !statement.conditions.is_empty() {
        put("Condition", false, conditions(&statement.conditions)?);
    }
    Some(Value::Object(out))
}

fn principal(element: &PrincipalElement) -> Value {
    let mut members: Map<String, Value> = Map::new();
    for entry in &element.entries {
        let list = members.entry(entry.name.member()).or_insert_with(|| Value::Array(Vec::new()));
        if let Some(list) = list.as_array_mut() {
            list.push(Value::from(entry.text.as_str()));
        }
    }
    Value::Object(members)
}

/// By operator and key; `None` if two clauses would be one member, or one is no test at all.
fn conditions(clauses: &[Clause]) -> Option<Value> {
    let mut out: Map<String, Value> = Map::new();
    for clause in clauses {
        let (operator, values) = match &clause.test {
            Test::Compare { operator, values } => {
                (operator.to_string(), values.iter().map(|value| value.text.clone()).collect())
            }
            Test::Null { quantifier, values } => {
                let values: Option<Vec<String>> =
                    values.iter().map(|value| value.map(|value| value.to_string())).collect();
                (format!("{}Null", set(*quantifier)), values?)
            }
            Test::Unknown { .. } => return None,
        };
        let values: Vec<String> = values;
        let member = out.entry(operator).or_insert_with(|| Value::Object(Map::new()));
        let before = member.as_object_mut()?.insert(clause.key_text.clone(), Value::from(values));
        if before.is_some() {
            return None;
        }
    }
    Some(Value::Object(out))
}

fn set(quantifier: Quantifier) -> &'static str {
    match quantifier {
        Quantifier::One => "",
        Quantifier::Any => "ForAnyValue:",
        Quantifier::All => "ForAllValues:",
    }
}
