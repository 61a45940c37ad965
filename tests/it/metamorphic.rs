//! Changes of a document that do not change what it means, on JSON values.

#![allow(dead_code, reason = "asked by the tests that compare readings of the semantics")]

use crate::generate::{Rng, list_of};
use serde_json::{Value, json};

/// A change that keeps the meaning.
pub(crate) type Change = fn(&mut Rng, &Value) -> Value;

/// Every change with its name.
pub(crate) const CHANGES: [(&str, Change); 9] = [
    ("permute statements", permute_statements),
    ("split action lists", split_actions),
    ("split resource lists", split_resources),
    ("split principal lists", split_principals),
    ("duplicate statements", duplicate_statements),
    ("duplicate entries", duplicate_entries),
    ("case of actions", action_case),
    ("wrap scalars in lists", wrap_scalars),
    ("permute entries and members", permute_entries),
];

fn with_statements(document: &Value, statements: Vec<Value>) -> Value {
    let mut document = document.clone();
    document["Statement"] = Value::Array(statements);
    document
}

fn each_statement(document: &Value, change: impl FnMut(Value) -> Vec<Value>) -> Value {
    with_statements(document, list_of(&document["Statement"]).into_iter().flat_map(change).collect())
}

/// A Sid may not occur twice (spec 2.3).
fn without_sid(mut statement: Value) -> Value {
    statement.as_object_mut().unwrap().shift_remove("Sid");
    statement
}

/// Statement order is irrelevant (spec 8.1).
pub(crate) fn permute_statements(rng: &mut Rng, document: &Value) -> Value {
    let mut statements = list_of(&document["Statement"]);
    rng.shuffle(&mut statements);
    with_statements(document, statements)
}

/// One statement an entry: a list is an OR (spec 8.1). Not for Not… lists, which are an AND.
fn split(document: &Value, element: &str) -> Value {
    each_statement(document, |statement| match statement[element].as_array() {
        Some(items) if items.len() > 1 => items
            .iter()
            .map(|item| {
                let mut part = without_sid(statement.clone());
                part[element] = item.clone();
                part
            })
            .collect(),
        Some(_) | None => vec![statement],
    })
}

/// One statement for each entry of Action.
pub(crate) fn split_actions(_: &mut Rng, document: &Value) -> Value {
    split(document, "Action")
}

/// One statement for each entry of Resource.
pub(crate) fn split_resources(_: &mut Rng, document: &Value) -> Value {
    split(document, "Resource")
}

/// One statement for each entry of Principal, whatever member it stands under.
pub(crate) fn split_principals(_: &mut Rng, document: &Value) -> Value {
    each_statement(document, |statement| {
        let Some(members) = statement["Principal"].as_object().filter(|members| !members.is_empty()) else {
            return vec![statement];
        };
        let entries =
            members.iter().flat_map(|(name, value)| list_of(value).into_iter().map(move |v| (name.clone(), v)));
        let part = |(name, entry): (String, Value)| {
            let mut part = without_sid(statement.clone());
            part["Principal"] = json!({name: entry});
            part
        };
        let parts: Vec<Value> = entries.map(part).collect();
        if parts.is_empty() { vec![statement] } else { parts }
    })
}

/// Some statement twice.
pub(crate) fn duplicate_statements(rng: &mut Rng, document: &Value) -> Value {
    let mut statements = list_of(&document["Statement"]);
    let again = without_sid(rng.pick(&statements).clone());
    statements.insert(rng.below(statements.len() + 1), again);
    with_statements(document, statements)
}

const LISTS: [&str; 4] = ["Action", "NotAction", "Resource", "NotResource"];

/// Applies a change to every list of the statement: actions, resources, condition values.
fn each_list(statement: &mut Value, mut change: impl FnMut(&mut Value)) {
    for name in LISTS {
        if let Some(value) = statement.get_mut(name) {
            change(value);
        }
    }
    for name in ["Principal", "NotPrincipal"] {
        let members = statement.get_mut(name).and_then(Value::as_object_mut);
        members.into_iter().flatten().for_each(|(_, value)| change(value));
    }
    let operators = statement.get_mut("Condition").and_then(Value::as_object_mut);
    for (_, keys) in operators.into_iter().flatten() {
        keys.as_object_mut().into_iter().flatten().for_each(|(_, value)| change(value));
    }
}

/// Some entry of every list twice.
pub(crate) fn duplicate_entries(rng: &mut Rng, document: &Value) -> Value {
    each_statement(document, |mut statement| {
        each_list(&mut statement, |value| {
            let mut items = list_of(value);
            if !items.is_empty() {
                items.push(rng.pick(&items).clone());
                *value = json!(items);
            }
        });
        vec![statement]
    })
}

/// Entries of lists, keys and operators in another order.
pub(crate) fn permute_entries(rng: &mut Rng, document: &Value) -> Value {
    each_statement(document, |mut statement| {
        each_list(&mut statement, |value| {
            if let Some(items) = value.as_array_mut() {
                rng.shuffle(items);
            }
        });
        let mut members: Vec<(String, Value)> = statement.as_object().unwrap().clone().into_iter().collect();
        for (_, block) in members.iter_mut().filter(|(name, _)| name == "Condition") {
            let mut operators: Vec<(String, Value)> = block.as_object().unwrap().clone().into_iter().collect();
            rng.shuffle(&mut operators);
            *block = Value::Object(operators.into_iter().collect());
        }
        rng.shuffle(&mut members);
        vec![Value::Object(members.into_iter().collect())]
    })
}

/// Actions in another letter case (spec 3).
pub(crate) fn action_case(rng: &mut Rng, document: &Value) -> Value {
    let mut other = |value: &Value| {
        let text = value.as_str().unwrap();
        let letter = |c: char| if rng.chance(1, 2) { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
        json!(text.chars().map(letter).collect::<String>())
    };
    each_statement(document, |mut statement| {
        for name in ["Action", "NotAction"] {
            let changed = match statement.get(name) {
                Some(Value::Array(items)) => json!(items.iter().map(&mut other).collect::<Vec<_>>()),
                Some(text) => other(text),
                None => continue,
            };
            statement[name] = changed;
        }
        vec![statement]
    })
}

/// A scalar and a list of it are the same (spec 2.3 to 2.7).
pub(crate) fn wrap_scalars(_: &mut Rng, document: &Value) -> Value {
    each_statement(document, |mut statement| {
        each_list(&mut statement, |value| *value = json!(list_of(value)));
        vec![statement]
    })
}

#[cfg(test)]
mod test {
    use super::CHANGES;
    use crate::generate::{Pair, Rng, cases, pair, request_for, stack};
    use crate::reference::{Readings, Role, allows, evaluate, others};
    use serde_json::Value;

    /// Every reading of every rule, the default first.
    fn readings() -> Vec<Readings> {
        let rules = (1..=17).flat_map(|n| others(&format!("C{n}")));
        [Readings::default()].into_iter().chain(rules).collect()
    }

    #[test]
    fn the_reference_sees_no_difference() {
        let readings = readings();
        let (mut yes, mut no) = (0, 0);
        for seed in 0..cases(200) {
            let Pair { kind, old, .. } = pair(seed);
            let changed: Vec<(&str, Value)> =
                CHANGES.iter().map(|(name, change)| (*name, change(&mut Rng::new(seed), &old))).collect();
            for n in 0..6 {
                let request = request_for(seed * 100 + n, &[&old]);
                let reading = &readings[(seed * 6 + n) as usize % readings.len()];
                let role = if n % 2 == 0 { Role::UnderTest } else { Role::Reference };
                let verdict = allows(&old, kind, &request, reading, role);
                if verdict {
                    yes += 1;
                } else {
                    no += 1;
                }
                for (name, new) in &changed {
                    let again = allows(new, kind, &request, reading, role);
                    assert_eq!(verdict, again, "seed {seed}.{n}, {name}, {reading:?}\n{old:#}\n{new:#}\n{request:#}");
                }
            }
        }
        assert!(yes * 10 > no, "requests miss the documents: {yes} allowed, {no} not");
    }

    #[test]
    fn stacks_keep_their_decision() {
        let mut seen = std::collections::BTreeMap::new();
        for seed in 0..cases(200) {
            let policies = stack(seed);
            for n in 0..6 {
                let request = request_for(seed * 100 + n, &[&policies]);
                let decision = evaluate(&policies, &request, &Readings::default());
                *seen.entry(format!("{decision:?}")).or_insert(0) += 1;
                for (name, change) in CHANGES {
                    let mut new = policies.clone();
                    for member in ["resource", "boundary", "session", "endpoint"] {
                        if let Some(document) = new.get_mut(member) {
                            *document = change(&mut Rng::new(seed), document);
                        }
                    }
                    let again = evaluate(&new, &request, &Readings::default());
                    assert_eq!(decision, again, "seed {seed}.{n}, {name}\n{policies:#}\n{new:#}\n{request:#}");
                }
            }
        }
        assert_eq!(seen.len(), 3, "{seen:?}");
        eprintln!("decisions of random stacks: {seen:?}");
    }
}
