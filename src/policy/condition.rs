//! Clauses of `Condition`: operators taken apart once, values parsed once (spec 2.7, 5).

use solver::decimal::Decimal;

use crate::policy::template::Template;
use crate::source::Span;

/// How an operator ranges over the values of the key in the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quantifier {
    /// No prefix: the key is expected to carry one value.
    One,
    /// `ForAnyValue:`
    Any,
    /// `ForAllValues:`
    All,
}

/// The positive relation of an operator family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// `StringEquals`
    StringEquals,
    /// `StringEqualsIgnoreCase`
    StringEqualsIgnoreCase,
    /// `StringLike`
    StringLike,
    /// `ArnEquals`, `ArnLike`: identical (spec 5.10).
    ArnLike,
    /// `Bool`
    Bool,
    /// `BinaryEquals`
    BinaryEquals,
    /// `NumericEquals`, `NumericLessThan` …
    Numeric(Order),
    /// `DateEquals`, `DateLessThan` …
    Date(Order),
    /// `IpAddress`
    IpAddress,
}

/// The comparison of an ordered family: request value first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Order {
    /// =
    Equal,
    /// <
    Less,
    /// ≤
    LessEqual,
    /// >
    Greater,
    /// ≥
    GreaterEqual,
}

/// A comparing operator taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Operator {
    /// The set prefix.
    pub quantifier: Quantifier,
    /// The family.
    pub relation: Relation,
    /// `Not…`
    pub negated: bool,
    /// `…IfExists`
    pub if_exists: bool,
}

/// One operator on one key.
#[derive(Clone, Debug)]
pub struct Clause {
    /// The key, lower case (the canonical form: names do not differ by case).
    pub key: String,
    /// The key as written.
    pub key_text: String,
    /// What is asked.
    pub test: Test,
    /// The operator's name as written, quotes included.
    pub operator_span: Span,
    /// Key and value as written.
    pub span: Span,
}

/// What a clause asks.
#[derive(Clone, Debug)]
pub enum Test {
    /// A comparison with a list of values.
    Compare {
        /// The operator.
        operator: Operator,
        /// The values.
        values: Vec<Value>,
    },
    /// `Null`, with its set prefix (which makes it constant: spec 5.5); `None` for a value that is neither `true`
    /// nor `false`.
    Null {
        /// The set prefix.
        quantifier: Quantifier,
        /// `true`: the key must be absent.
        values: Vec<Option<bool>>,
    },
    /// An operator that does not exist, let through by `--lenient`: an unknown, the same for identical clauses (spec
    /// 5.12).
    Unknown {
        /// Operator, key and values as text: clauses with equal text are the same unknown.
        text: String,
    },
}

/// One value.
#[derive(Clone, Debug)]
pub struct Value {
    /// As text (numbers and Booleans as in the source: spec 1).
    pub text: String,
    /// Parsed for the operator's family.
    pub operand: Operand,
    /// As written.
    pub span: Span,
}

/// A value parsed for the family of its operator. `None` is a malformed value, which nothing equals (spec 5.6–5.11, C7).
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    /// String families. For the families without wildcards `*` and `?` are [`crate::policy::template::Piece::Char`].
    Text(Template),
    /// ARN family: exactly six fields, split outside `${…}`; `None` if there are fewer (C15: then the text as one
    /// template beside it).
    Arn {
        /// The six fields.
        fields: Option<Box<[Template; 6]>>,
        /// The whole value as one pattern, for the other reading of C15.
        whole: Template,
    },
    /// `Bool`
    Bool(Option<bool>),
    /// Numeric family.
    Number(Option<Decimal>),
    /// Date family: seconds since 1970-01-01T00:00Z, exact.
    Instant(Option<Instant>),
    /// `IpAddress`: inclusive range.
    Network(Option<Network>),
    /// `BinaryEquals`: the decoded bytes.
    Binary(Option<Vec<u8>>),
}

/// A date value under both readings of C17.
#[derive(Clone, Debug, PartialEq)]
pub struct Instant {
    /// The default reading: all digits are epoch seconds.
    pub seconds: Decimal,
    /// Four digits read as a year instead; equal to `seconds` for every other form.
    pub as_year: Decimal,
}

/// An address block under both readings of C10.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    /// First and last address in the default reading.
    pub range: AddressRange,
    /// The other reading: IPv6 without prefix length taken as /32; equal to `range` for every other form.
    pub without_prefix: AddressRange,
}

/// An inclusive range of addresses of one family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressRange {
    /// 4 or 6.
    pub family: u8,
    /// First address (IPv4 in the low 32 bits).
    pub first: u128,
    /// Last address.
    pub last: u128,
}

/// The canonical form of a key's name: letters in lower case, one by one (spec 2.7: names do not differ by case, the
/// part after `/` included).
pub fn canonical_key(name: &str) -> String {
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    let lower = |c: char| {
        let mut lowered = c.to_lowercase();
        match (lowered.next(), lowered.next()) {
            (Some(one), None) => one,
            _ => c,
        }
    };
    name.chars().map(lower).collect()
}
