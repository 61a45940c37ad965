//! A simple check that a document has nothing fatal in it for its kind (spec 2), for the generators' own tests.

use super::{condition, list_of};
use serde_json::Value;
use std::collections::BTreeSet;

/// Whether the kind's statements name principals (spec 2.4).
pub(super) fn has_principal(kind: &str) -> bool {
    matches!(kind, "resource" | "trust" | "rcp" | "vpce")
}

/// The first fault, if there is one.
pub(super) fn check(document: &Value, kind: &str) -> Result<(), String> {
    let version = document.get("Version").map(|v| v.as_str().unwrap_or(""));
    if !matches!(version, None | Some("2008-10-17" | "2012-10-17")) || (kind == "rcp" && version != Some("2012-10-17"))
    {
        return Err(format!("version {version:?}"));
    }
    let known = ["Version", "Statement"];
    if document.as_object().is_none_or(|members| members.keys().any(|name| !known.contains(&name.as_str()))) {
        return Err("unknown member".into());
    }
    let statements = list_of(&document["Statement"]);
    let sids: Vec<&str> = statements.iter().filter_map(|s| s["Sid"].as_str()).collect();
    if statements.is_empty() || sids.len() != sids.iter().collect::<BTreeSet<_>>().len() {
        return Err("no statement, or a Sid twice".into());
    }
    statements.iter().try_for_each(|statement| check_statement(statement, kind))
}

fn check_statement(statement: &Value, kind: &str) -> Result<(), String> {
    let has = |name: &str| usize::from(statement.get(name).is_some());
    let deny = statement["Effect"] == "Deny";
    let expect = |fits: bool, what: &str| if fits { Ok(()) } else { Err(what.to_owned()) };
    expect(deny || statement["Effect"] == "Allow", "effect")?;
    expect(has("Action") + has("NotAction") == 1, "action")?;
    expect(has("Resource") + has("NotResource") == usize::from(kind != "trust"), "resource")?;
    expect(has("Principal") + has("NotPrincipal") == usize::from(has_principal(kind)), "principal")?;
    if kind == "rcp" {
        expect(deny && statement["Principal"] == "*" && has("Action") == 1, "rcp")?;
        expect(!list_of(&statement["Action"]).contains(&"*".into()), "rcp action")?;
    }
    expect(kind != "trust" || has("NotPrincipal") == 0, "NotPrincipal in a trust policy")?;
    let vendor = |action: &Value| {
        action.as_str().is_some_and(|a| a.split_once(':').is_some_and(|(v, _)| v.contains(['*', '?'])))
    };
    expect(
        super::document::vendor_wildcards(kind) || !list_of(&statement["Action"]).iter().any(vendor),
        "a wildcard in the service",
    )?;
    let operators = condition::operators();
    for (operator, keys) in statement["Condition"].as_object().into_iter().flatten() {
        expect(operators.contains(operator), operator)?;
        let keys = keys.as_object().ok_or("an operator without keys")?;
        let names: BTreeSet<String> = keys.keys().map(|key| key.to_lowercase()).collect();
        expect(names.len() == keys.len(), "a key twice")?;
        let scalar = |v: &Value| v.is_string() || v.is_boolean() || v.is_number();
        expect(keys.values().all(|values| list_of(values).iter().all(scalar)), "a value")?;
    }
    Ok(())
}
