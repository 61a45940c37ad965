//! Conditions in words: `aws:ResourceTag/env is "dev" or absent`.

use crate::checks::cube::Condition;
use crate::policy::condition::{Operator, Order, Quantifier, Relation, Test};
use crate::report::paint::printable;

/// The condition in words, with at most so many of its values; `key` as the catalogue spells it.
pub(super) fn words(condition: &Condition, key: &str, most: usize) -> String {
    let key = printable(key);
    let values = condition.values();
    let said = match &condition.clause.test {
        Test::Compare { operator, .. } => comparison(*operator, &key, &values, most),
        Test::Null { quantifier: Quantifier::One, values } => match values.as_slice() {
            [Some(true)] => format!("{key} is absent"),
            [Some(false)] => format!("{key} is present"),
            _ => format!("Null {key} {}", listed(&condition.values(), most, false, "or")),
        },
        Test::Null { .. } => format!("{} {key} {}", condition.operator(), listed(&values, most, false, "or")),
        Test::Unknown { text } => printable(text),
    };
    if condition.negated { format!("not ({said})") } else { said }
}

fn comparison(operator: Operator, key: &str, values: &[String], most: usize) -> String {
    let subject = match (operator.quantifier, operator.negated) {
        (Quantifier::One, _) => key.to_owned(),
        (Quantifier::Any, _) => format!("some {key}"),
        (Quantifier::All, false) => format!("every {key}"),
        (Quantifier::All, true) => format!("no {key}"),
    };
    let denied = operator.negated && operator.quantifier != Quantifier::All;
    let (verb, quoted) = verb(operator, values);
    let not = if denied { " not" } else { "" };
    let join = if denied { "nor" } else { "or" };
    let said = match operator.relation {
        Relation::IpAddress if denied => format!("{subject} is outside {}", listed(values, most, false, "and")),
        _ => format!("{subject} is{not}{verb} {}", listed(values, most, quoted, join)),
    };
    let tail = match operator.relation {
        Relation::StringEqualsIgnoreCase => " in any letter case",
        _ => "",
    };
    let absent = if operator.if_exists && !operator.negated { " or absent" } else { "" };
    format!("{said}{tail}{absent}")
}

/// What stands between `is` and the values, and whether these are quoted.
fn verb(operator: Operator, values: &[String]) -> (&'static str, bool) {
    let wild = values.iter().any(|value| value.contains(['*', '?']));
    match operator.relation {
        Relation::StringLike | Relation::ArnLike if wild => (" like", true),
        Relation::StringEquals
        | Relation::StringEqualsIgnoreCase
        | Relation::StringLike
        | Relation::ArnLike
        | Relation::BinaryEquals => ("", true),
        Relation::Bool => ("", false),
        Relation::IpAddress => (" in", false),
        Relation::Numeric(order) => (number(order), false),
        Relation::Date(order) => (instant(order), false),
    }
}

fn number(order: Order) -> &'static str {
    match order {
        Order::Equal => "",
        Order::Less => " less than",
        Order::LessEqual => " at most",
        Order::Greater => " more than",
        Order::GreaterEqual => " at least",
    }
}

fn instant(order: Order) -> &'static str {
    match order {
        Order::Equal => "",
        Order::Less => " before",
        Order::LessEqual => " not after",
        Order::Greater => " after",
        Order::GreaterEqual => " not before",
    }
}

/// `"a", "b" or 3 more`; joined by commas alone, `a, b` and `a, b and 3 more`.
pub(super) fn listed(values: &[String], most: usize, quoted: bool, join: &str) -> String {
    let one = |value: &String| {
        let value = printable(value);
        if quoted { format!("\"{value}\"") } else { value }
    };
    let all: Vec<String> = values.iter().map(one).collect();
    let (shown, rest) = all.split_at(if all.len() > most { most } else { all.len() });
    match (shown, rest.len()) {
        ([], 0) => "nothing".to_owned(),
        ([only], 0) => only.clone(),
        (shown, 0) if join == "," => shown.join(", "),
        ([first @ .., last], 0) => format!("{} {join} {last}", first.join(", ")),
        (shown, more) if join == "," => format!("{} and {more} more", shown.join(", ")),
        (shown, more) => format!("{} {join} {more} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::words;
    use crate::checks::cube::Condition;
    use crate::policy::read::{ReadOptions, read};
    use crate::source::Sources;

    fn said(operator: &str, key: &str, values: &str) -> String {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"s3:GetObject","Resource":"*",
            "Condition":{{"{operator}":{{"{key}":{values}}}}}}}]}}"#
        );
        let mut sources = Sources::default();
        let outcome = read(&mut sources, "policy", text.as_bytes(), &ReadOptions::default());
        let policy = outcome.policy.unwrap_or_else(|| panic!("{operator}: {:?}", outcome.diagnostics));
        let clause = policy.statements[0].conditions[0].clone();
        words(&Condition { clause, negated: false }, key, 2)
    }

    #[test]
    fn every_family_in_words() {
        let rows = [
            ("StringEquals", r#""a""#, "k is \"a\""),
            ("StringEqualsIfExists", r#"["a","b"]"#, "k is \"a\" or \"b\" or absent"),
            ("StringNotEquals", r#"["a","b","c"]"#, "k is not \"a\", \"b\" nor 1 more"),
            ("StringLike", r#""a*""#, "k is like \"a*\""),
            ("StringLike", r#""a""#, "k is \"a\""),
            ("StringEqualsIgnoreCase", r#""a""#, "k is \"a\" in any letter case"),
            ("ForAnyValue:StringEquals", r#""a""#, "some k is \"a\""),
            ("ForAllValues:StringNotEquals", r#""a""#, "no k is \"a\""),
            ("ForAllValues:StringLike", r#""a*""#, "every k is like \"a*\""),
            ("NumericLessThanEquals", r#""5""#, "k is at most 5"),
            ("DateGreaterThan", r#""2026-01-01T00:00:00Z""#, "k is after 2026-01-01T00:00:00Z"),
            ("Bool", r#""true""#, "k is true"),
            ("IpAddress", r#""10.0.0.0/8""#, "k is in 10.0.0.0/8"),
            ("NotIpAddress", r#"["10.0.0.0/8","1.2.3.4"]"#, "k is outside 10.0.0.0/8 and 1.2.3.4"),
            ("Null", r#""true""#, "k is absent"),
            ("Null", r#""false""#, "k is present"),
        ];
        for (operator, values, expected) in rows {
            assert_eq!(said(operator, "aws:k", values).replace("aws:k", "k"), expected, "{operator}");
        }
    }
}
