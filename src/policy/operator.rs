//! Names of condition operators, taken apart and put together (spec 5.1).

use std::fmt;

use crate::policy::condition::{Operator, Order, Quantifier, Relation};

/// What an operator's name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperatorName {
    /// A comparison.
    Compare(Operator),
    /// `Null` with its set prefix.
    Null(Quantifier),
}

/// Why a name is no operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperatorError {
    /// A set prefix other than the two.
    SetPrefix,
    /// `NullIfExists`.
    NullIfExists,
    /// No such base name.
    Unknown,
}

/// Base names with their relation and whether it is negated. There is no `BoolNot`, no `BinaryNotEquals` (spec 5.1).
const BASES: [(&str, Relation, bool); 26] = [
    ("StringEquals", Relation::StringEquals, false),
    ("StringNotEquals", Relation::StringEquals, true),
    ("StringEqualsIgnoreCase", Relation::StringEqualsIgnoreCase, false),
    ("StringNotEqualsIgnoreCase", Relation::StringEqualsIgnoreCase, true),
    ("StringLike", Relation::StringLike, false),
    ("StringNotLike", Relation::StringLike, true),
    ("ArnLike", Relation::ArnLike, false),
    ("ArnNotLike", Relation::ArnLike, true),
    ("ArnEquals", Relation::ArnLike, false),
    ("ArnNotEquals", Relation::ArnLike, true),
    ("Bool", Relation::Bool, false),
    ("BinaryEquals", Relation::BinaryEquals, false),
    ("NumericEquals", Relation::Numeric(Order::Equal), false),
    ("NumericNotEquals", Relation::Numeric(Order::Equal), true),
    ("NumericLessThan", Relation::Numeric(Order::Less), false),
    ("NumericLessThanEquals", Relation::Numeric(Order::LessEqual), false),
    ("NumericGreaterThan", Relation::Numeric(Order::Greater), false),
    ("NumericGreaterThanEquals", Relation::Numeric(Order::GreaterEqual), false),
    ("DateEquals", Relation::Date(Order::Equal), false),
    ("DateNotEquals", Relation::Date(Order::Equal), true),
    ("DateLessThan", Relation::Date(Order::Less), false),
    ("DateLessThanEquals", Relation::Date(Order::LessEqual), false),
    ("DateGreaterThan", Relation::Date(Order::Greater), false),
    ("DateGreaterThanEquals", Relation::Date(Order::GreaterEqual), false),
    ("IpAddress", Relation::IpAddress, false),
    ("NotIpAddress", Relation::IpAddress, true),
];

impl OperatorName {
    /// Takes a name apart, in any letter case (spec 2.7): compare with its `Display` for the documented spelling.
    pub fn parse(name: &str) -> Result<OperatorName, OperatorError> {
        let (quantifier, rest) = match name.split_once(':') {
            None => (Quantifier::One, name),
            Some((set, rest)) if set.eq_ignore_ascii_case("ForAnyValue") => (Quantifier::Any, rest),
            Some((set, rest)) if set.eq_ignore_ascii_case("ForAllValues") => (Quantifier::All, rest),
            Some(_) => return Err(OperatorError::SetPrefix),
        };
        let (base, if_exists) = without_suffix(rest);
        if base.eq_ignore_ascii_case("Null") {
            return if if_exists { Err(OperatorError::NullIfExists) } else { Ok(OperatorName::Null(quantifier)) };
        }
        let row = BASES.iter().find(|(known, _, _)| base.eq_ignore_ascii_case(known)).ok_or(OperatorError::Unknown)?;
        Ok(OperatorName::Compare(Operator { quantifier, relation: row.1, negated: row.2, if_exists }))
    }

    /// The documented spelling of a name given in any letter case.
    pub fn canonical(name: &str) -> Option<String> {
        let set = match name.split_once(':') {
            None => "",
            Some((set, _)) if set.eq_ignore_ascii_case("ForAnyValue") => "ForAnyValue:",
            Some(_) => "ForAllValues:",
        };
        let (base, if_exists) = without_suffix(name.get(set.len()..)?);
        let suffix = if if_exists { "IfExists" } else { "" };
        let known = OperatorName::bases().find(|known| base.eq_ignore_ascii_case(known))?;
        Some(format!("{set}{known}{suffix}"))
    }

    /// Every base name.
    pub fn bases() -> impl Iterator<Item = &'static str> {
        BASES.iter().map(|(name, _, _)| *name).chain(["Null"])
    }
}

fn without_suffix(name: &str) -> (&str, bool) {
    let length = name.len().saturating_sub("IfExists".len());
    match (name.get(..length), name.get(length..)) {
        (Some(base), Some(suffix)) if suffix.eq_ignore_ascii_case("IfExists") => (base, true),
        _ => (name, false),
    }
}

impl fmt::Display for Operator {
    /// The documented spelling; `ArnLike` also for `ArnEquals`, which is the same (spec 5.10).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let set = match self.quantifier {
            Quantifier::One => "",
            Quantifier::Any => "ForAnyValue:",
            Quantifier::All => "ForAllValues:",
        };
        let base = BASES.iter().find(|row| row.1 == self.relation && row.2 == self.negated).map(|row| row.0);
        let suffix = if self.if_exists { "IfExists" } else { "" };
        write!(f, "{set}{}{suffix}", base.unwrap_or("Not"))
    }
}

#[cfg(test)]
mod tests {
    use super::{BASES, OperatorError, OperatorName};

    #[test]
    fn every_spelling_is_its_own_canonical_form() {
        for base in BASES.map(|row| row.0) {
            for set in ["", "ForAnyValue:", "ForAllValues:"] {
                for suffix in ["", "IfExists"] {
                    let name = format!("{set}{base}{suffix}");
                    assert_eq!(OperatorName::canonical(&name.to_lowercase()).as_ref(), Some(&name));
                    let Ok(OperatorName::Compare(operator)) = OperatorName::parse(&name) else { panic!("{name}") };
                    assert_eq!(
                        operator.to_string(),
                        name.replace("ArnEquals", "ArnLike").replace("ArnNotEquals", "ArnNotLike")
                    );
                }
            }
        }
    }

    #[test]
    fn what_is_no_operator() {
        assert_eq!(OperatorName::parse("ForAnyValues:StringLike"), Err(OperatorError::SetPrefix));
        assert_eq!(OperatorName::parse("NullIfExists"), Err(OperatorError::NullIfExists));
        for name in ["BoolNot", "BinaryNotEquals", "StringLikeIgnoreCase", "", "IfExists", "ForAnyValue:", "ÄIfExist"]
        {
            assert_eq!(OperatorName::parse(name), Err(OperatorError::Unknown), "{name}");
        }
    }
}
