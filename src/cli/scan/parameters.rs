//! Parameters of templates: `--parameters Name=Value` and files of them.

use std::collections::BTreeMap;

use serde_json::Value;

/// Reads `Name=Value`.
///
/// # Errors
/// There is no `=`, or no name.
pub(super) fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        Some(_) | None => Err(format!("`{text}` is no parameter: write Name=Value")),
    }
}

/// Reads a file of parameters in one of the forms that deployment tools take: a list of objects with `ParameterKey` and
/// `ParameterValue`, a list of `Name=Value`, an object of names and values, or one with a member `Parameters` that is.
///
/// # Errors
/// It is something else.
pub(super) fn file(text: &str) -> Result<BTreeMap<String, String>, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let wrong = || "expected a list of ParameterKey and ParameterValue, or an object of names and values".to_owned();
    let mut out = BTreeMap::new();
    match &value {
        Value::Array(items) => {
            for item in items {
                let (name, value) = match item {
                    Value::String(text) => pair(text)?,
                    other => {
                        let name = other.get("ParameterKey").and_then(Value::as_str).ok_or_else(wrong)?;
                        (name.to_owned(), scalar(other.get("ParameterValue").ok_or_else(wrong)?).ok_or_else(wrong)?)
                    }
                };
                out.insert(name, value);
            }
        }
        Value::Object(members) => {
            let members = members.get("Parameters").and_then(Value::as_object).unwrap_or(members);
            for (name, value) in members {
                out.insert(name.clone(), scalar(value).ok_or_else(wrong)?);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return Err(wrong()),
    }
    Ok(out)
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Array(items) => Some(items.iter().map(scalar).collect::<Option<Vec<_>>>()?.join(",")),
        Value::Null | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_a_file() {
        let expected: BTreeMap<String, String> = [("A".to_owned(), "1".to_owned())].into_iter().collect();
        for text in [
            r#"[{"ParameterKey":"A","ParameterValue":"1"}]"#,
            r#"["A=1"]"#,
            r#"{"A":"1"}"#,
            r#"{"Parameters":{"A":1}}"#,
        ] {
            assert_eq!(file(text), Ok(expected.clone()), "{text}");
        }
        for text in ["1", "[1]", r#"{"A":null}"#, "[", r#"["A"]"#] {
            assert!(file(text).is_err(), "{text}");
        }
    }
}
