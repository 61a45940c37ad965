//! The Condition block (spec 5).

use super::pattern::{Token, glob, literal, resolve, split_fields, tokens};
use super::scalar::{Decimal, Instant, Network, base64};
use super::{Question, Values, list, scalar_text};
use serde_json::Value;
use std::cmp::Ordering;

/// The set quantifier of an operator (spec 5.4).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Set {
    None,
    ForAll,
    ForAny,
}

/// The positive relations (spec 5.1), in lower case.
const POSITIVE: [&str; 17] = [
    "stringequals",
    "stringequalsignorecase",
    "stringlike",
    "numericequals",
    "numericlessthan",
    "numericlessthanequals",
    "numericgreaterthan",
    "numericgreaterthanequals",
    "dateequals",
    "datelessthan",
    "datelessthanequals",
    "dategreaterthan",
    "dategreaterthanequals",
    "bool",
    "binaryequals",
    "ipaddress",
    "arnequals",
];

/// Whether a policy value matches a request value; a value nobody can read is told apart for C7.
enum Match {
    Yes,
    No,
    Malformed,
}

impl From<bool> for Match {
    fn from(matched: bool) -> Match {
        if matched { Match::Yes } else { Match::No }
    }
}

impl Question<'_> {
    /// True iff every clause is (spec 5.1); an empty block or operator is true (spec 2.7).
    pub(super) fn condition(&self, block: Option<&Value>, variables: bool) -> bool {
        let Some(block) = block else {
            return true;
        };
        let operators = block.as_object().expect("Condition is an object");
        operators.iter().all(|(operator, keys)| {
            let keys = keys.as_object().expect("an operator holds an object");
            keys.iter().all(|(key, values)| {
                let values: Vec<String> = list(values).iter().map(scalar_text).collect();
                self.clause(&operator.to_lowercase(), key, &values, variables) // spec 2.7: in any letter case
            })
        })
    }

    /// The table of spec 5.2.
    fn clause(&self, operator: &str, key: &str, values: &[String], variables: bool) -> bool {
        let (set, rest) = quantifier(operator);
        let (base, if_exists) = rest.strip_suffix("ifexists").map_or((rest, false), |base| (base, true));
        let present = self.request.values(key);
        if base == "null" {
            assert!(!if_exists, "NullIfExists is fatal");
            return null(set, present.is_some(), values);
        }
        let (positive, negated) = positive_of(base);
        if !POSITIVE.contains(&positive) {
            return false; // unknown, so fatal or a free Boolean (spec 5.12); false is one of its values, and that of V119
        }
        // With a set operator, a lone empty string is no value (spec 5.4) {C8}.
        let hollow = |v: &&Values| set != Set::None && !self.readings.c8 && v.list.iter().all(String::is_empty);
        let Some(request) = present.filter(|v| !hollow(v)) else {
            return match set {
                Set::None => negated || if_exists,
                Set::ForAll => true,
                Set::ForAny => if_exists && !self.readings.c4, // C4
            };
        };
        let matched = |x: &String| values.iter().any(|v| self.base(positive, negated, x, v, variables));
        let holds = |x: &String| matched(x) != negated;
        match set {
            Set::ForAll => request.list.iter().all(holds),
            Set::ForAny => request.list.iter().any(holds),
            Set::None if request.list.len() == 1 => holds(&request.list[0]),
            Set::None if self.readings.c3 => request.list.iter().any(matched) != negated, // C3: OR and NOR
            Set::None => false,                                                           // C3
        }
    }

    /// base⁺(x, v) of spec 5.2, with C7 under a negated operator.
    fn base(&self, positive: &str, negated: bool, x: &str, v: &str, variables: bool) -> bool {
        let matched = match positive {
            "stringequals" | "stringequalsignorecase" | "stringlike" => self.string(positive, x, v, variables).into(),
            "arnequals" => self.arn(x, v, variables).into(),
            "bool" => boolean(x, v).into(),
            "binaryequals" => base64(v).is_some_and(|bytes| base64(x) == Some(bytes)).into(), // spec 5.11
            "ipaddress" => match Network::read(v, if self.readings.c10 { 32 } else { 128 }) {
                Some(network) => network.contains(x).into(), // spec 5.9
                None => Match::Malformed,
            },
            numeric if numeric.starts_with("numeric") => ordered(&numeric[7..], Decimal::read(x), Decimal::read(v)),
            date if date.starts_with("date") => {
                let read = |text: &str| Instant::read(text, self.readings.c17); // C17
                ordered(&date[4..], read(x), read(v))
            }
            other => panic!("unknown operator {other}"),
        };
        match matched {
            Match::Yes => true,
            Match::No => false,
            Match::Malformed => negated && self.readings.c7, // C7: the negated clause is then false
        }
    }

    /// spec 5.3
    fn string(&self, operator: &str, x: &str, v: &str, variables: bool) -> bool {
        let like = operator == "stringlike";
        let Some(pieces) = resolve(v, like, variables, self) else {
            return false; // a variable without value equals nothing (spec 4.3)
        };
        match operator {
            "stringlike" => glob(&pieces, x),
            "stringequals" => literal(&pieces) == x,
            _ => fold(&literal(&pieces)) == fold(x),
        }
    }

    /// spec 5.10
    fn arn(&self, x: &str, v: &str, variables: bool) -> bool {
        let pattern = split_fields(v, variables);
        if pattern.len() < 6 && self.readings.c15 {
            return resolve(v, true, variables, self).is_some_and(|pieces| glob(&pieces, x)); // C15: one glob
        }
        let value = split_fields(x, false);
        let field = |(pattern, text): (&String, &String)| {
            let pieces: Option<Vec<Token>> = resolve(pattern, true, variables, self);
            pieces.is_some_and(|pieces| glob(&pieces, text))
        };
        pattern.len() == 6 && value.len() == 6 && pattern.iter().zip(&value).all(field)
    }
}

fn quantifier(operator: &str) -> (Set, &str) {
    if let Some(rest) = operator.strip_prefix("forallvalues:") {
        (Set::ForAll, rest)
    } else if let Some(rest) = operator.strip_prefix("foranyvalue:") {
        (Set::ForAny, rest)
    } else {
        (Set::None, operator)
    }
}

/// The positive relation of an operator, and whether the operator negates it (spec 5.2).
fn positive_of(base: &str) -> (&str, bool) {
    match base {
        "stringnotequals" => ("stringequals", true),
        "stringnotequalsignorecase" => ("stringequalsignorecase", true),
        "stringnotlike" => ("stringlike", true),
        "numericnotequals" => ("numericequals", true),
        "datenotequals" => ("dateequals", true),
        "notipaddress" => ("ipaddress", true),
        "arnnotequals" => ("arnequals", true),
        "arnlike" => ("arnequals", false), // the same relation (spec 5.10)
        "arnnotlike" => ("arnequals", true),
        positive => (positive, false),
    }
}

/// spec 5.5
fn null(set: Set, present: bool, values: &[String]) -> bool {
    match set {
        Set::ForAll => true,
        Set::ForAny => false,
        Set::None => values.iter().any(|v| v.eq_ignore_ascii_case(if present { "false" } else { "true" })),
    }
}

/// spec 5.8
fn boolean(x: &str, v: &str) -> bool {
    ["true", "false"].iter().any(|word| x.eq_ignore_ascii_case(word) && v.eq_ignore_ascii_case(word))
}

/// The comparisons of spec 5.6 and 5.7; a request value that cannot be read matches nothing.
fn ordered<T: Ord>(relation: &str, x: Option<T>, v: Option<T>) -> Match {
    let Some(v) = v else {
        return Match::Malformed;
    };
    let Some(order) = x.map(|x| x.cmp(&v)) else {
        return Match::No;
    };
    let matched = match relation {
        "equals" => order == Ordering::Equal,
        "lessthan" => order == Ordering::Less,
        "lessthanequals" => order != Ordering::Greater,
        "greaterthan" => order == Ordering::Greater,
        "greaterthanequals" => order != Ordering::Less,
        other => panic!("unknown comparison {other}"),
    };
    matched.into()
}

/// Simple lower case of ASCII and Latin-1 (spec 5.3).
fn fold(text: &str) -> String {
    let lower = |c: char| match c {
        '\u{d7}' => c,
        '\u{c0}'..='\u{de}' => char::from_u32(u32::from(c) + 32).unwrap_or(c),
        other => other.to_ascii_lowercase(),
    };
    text.chars().map(lower).collect()
}

#[test]
fn folding_stops_at_latin_1() {
    assert_eq!(fold("AÉ×ßĀ"), "aé×ßĀ");
    assert!(!tokens("a*", true).contains(&Token::Char('*')));
}
