//! Small changes of a document, of the sort people make.

use super::document::{Options, action, principal, resource, statement};
use super::rng::Rng;
use super::{condition, list_of};
use serde_json::{Map, Value, json};

/// One or two small changes; now and then none at all.
pub(super) fn mutate(rng: &mut Rng, document: &Value, kind: &'static str, options: &Options) -> Value {
    let mut document = document.clone();
    let mut statements = list_of(&document["Statement"]);
    for _ in 0..*rng.pick(&[0, 1, 1, 1, 1, 2, 2]) {
        change(rng, &mut statements, kind, options);
    }
    document["Statement"] = json!(statements);
    document
}

fn change(rng: &mut Rng, statements: &mut Vec<Value>, kind: &'static str, options: &Options) {
    let at = rng.below(statements.len());
    match rng.below(12) {
        0 => statements.push(statement(rng, kind, options)),
        1 if statements.len() > 1 => drop(statements.remove(at)),
        2 => {
            let mut extra = statement(rng, kind, options);
            if extra.get("NotPrincipal").is_none() {
                extra["Effect"] = json!("Deny");
            }
            statements.push(extra);
        }
        3 if kind != "rcp" && statements[at].get("NotPrincipal").is_none() => {
            let deny = statements[at]["Effect"] == "Deny";
            statements[at]["Effect"] = json!(if deny { "Allow" } else { "Deny" });
        }
        4 => change_list(rng, &mut statements[at], &["Action", "NotAction"], |rng| {
            action(rng, kind == "trust", kind == "rcp")
        }),
        5 | 6 if kind != "trust" => {
            change_list(rng, &mut statements[at], &["Resource", "NotResource"], |rng| resource(rng, kind, options));
        }
        7 if kind != "rcp" && statements[at].get("Principal").is_some() => {
            let (name, element) = principal(rng, kind, false, &Options { errors: false, ..*options });
            statements[at][name] = element;
        }
        _ => change_condition(rng, &mut statements[at], options),
    }
}

/// Replaces an entry, adds one, drops one, or widens or narrows one at its end.
fn change_list(rng: &mut Rng, statement: &mut Value, names: &[&str], fresh: impl Fn(&mut Rng) -> String) {
    let Some(name) = names.iter().find(|name| statement.get(**name).is_some()) else {
        return;
    };
    let mut items: Vec<String> =
        list_of(&statement[*name]).iter().filter_map(|v| v.as_str().map(str::to_owned)).collect();
    if items.is_empty() {
        items.push(fresh(rng));
    }
    let at = rng.below(items.len());
    match rng.below(6) {
        0 => items[at] = fresh(rng),
        1 => items.push(fresh(rng)),
        2 if items.len() > 1 => drop(items.remove(at)),
        3 if items[at].contains(':') => items[at].push('*'),
        4 if items[at].ends_with('*') && items[at].len() > 6 && items[at].contains(':') => {
            items[at].pop();
            items[at].push('a');
        }
        _ if items[at].contains(':') => {
            // Narrow a `*` to a `?`, but never in the service's name.
            let start = items[at].rfind(':').unwrap_or(0);
            let tail = items[at][start..].replacen('*', "?", 1);
            items[at] = format!("{}{tail}", &items[at][..start]);
        }
        _ => {}
    }
    statement[*name] = json!(items);
}

fn change_condition(rng: &mut Rng, statement: &mut Value, options: &Options) {
    let mut block = statement["Condition"].as_object().cloned().unwrap_or_default();
    let operators: Vec<String> = block.keys().cloned().collect();
    match rng.below(6) {
        0 => condition::clause(rng, options, &mut block),
        1 if !operators.is_empty() => drop(block.shift_remove(rng.pick(&operators).as_str())),
        2 | 3 if !operators.is_empty() => rename(rng.pick::<String>(&operators), &mut block, rng.chance(1, 3)),
        4 | 5 if !operators.is_empty() => {
            let operator = rng.pick(&operators).clone();
            change_values(rng, &operator, &mut block, options);
        }
        _ => condition::clause(rng, options, &mut block),
    }
    let members = statement.as_object_mut().unwrap();
    if block.is_empty() {
        members.shift_remove("Condition");
    } else {
        members.insert("Condition".into(), Value::Object(block));
    }
}

/// Puts IfExists on or takes it off, or changes the quantifier.
fn rename(operator: &str, block: &mut Map<String, Value>, quantifier: bool) {
    let renamed = if let (true, Some(rest)) = (quantifier, operator.strip_prefix("ForAllValues:")) {
        format!("ForAnyValue:{rest}")
    } else if let (true, Some(rest)) = (quantifier, operator.strip_prefix("ForAnyValue:")) {
        rest.to_owned()
    } else if operator.ends_with("Null") {
        return;
    } else if let Some(base) = operator.strip_suffix("IfExists") {
        base.to_owned()
    } else {
        format!("{operator}IfExists")
    };
    if !block.contains_key(&renamed) {
        let keys = block.shift_remove(operator).unwrap();
        block.insert(renamed, keys);
    }
}

fn change_values(rng: &mut Rng, operator: &str, block: &mut Map<String, Value>, options: &Options) {
    let keys = block[operator].as_object_mut().unwrap();
    let names: Vec<String> = keys.keys().cloned().collect();
    if names.is_empty() {
        return;
    }
    let values = keys.get_mut(rng.pick(&names).as_str()).unwrap();
    let mut list = list_of(values);
    let at = rng.below(list.len().max(1));
    match rng.below(3) {
        0 if !list.is_empty() => list[at] = condition::value(rng, operator, options),
        1 if list.len() > 1 => drop(list.remove(at)),
        _ => list.push(condition::value(rng, operator, options)),
    }
    *values = json!(list);
}
