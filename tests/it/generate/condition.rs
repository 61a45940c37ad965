//! Random Condition blocks: every operator of spec 5.1 with every prefix and suffix.

use super::document::Options;
use super::rng::Rng;
use super::world::*;
use serde_json::{Map, Value, json};

const STRINGS: [&str; 6] = [
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
];
const NUMERICS: [&str; 6] = [
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
];
const DATE_OPERATORS: [&str; 6] =
    ["DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals"];
const IPS: [&str; 2] = ["IpAddress", "NotIpAddress"];
const ARN_OPERATORS: [&str; 4] = ["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"];
const SETS: [&str; 2] = ["ForAllValues:", "ForAnyValue:"];

/// Every operator name, prefixes and suffix included.
pub(super) fn operators() -> Vec<String> {
    let bases = bases();
    let mut all = Vec::new();
    for prefix in ["", SETS[0], SETS[1]] {
        all.push(format!("{prefix}Null"));
        for base in &bases {
            all.push(format!("{prefix}{base}"));
            all.push(format!("{prefix}{base}IfExists"));
        }
    }
    all
}

fn bases() -> Vec<&'static str> {
    let rest = ["Bool", "BinaryEquals"];
    [&STRINGS[..], &NUMERICS, &DATE_OPERATORS, &IPS, &ARN_OPERATORS, &rest].concat()
}

/// A block of one to three clauses.
pub(super) fn block(rng: &mut Rng, options: &Options) -> Value {
    let mut block = Map::new();
    for _ in 0..rng.between(1, 3) {
        clause(rng, options, &mut block);
    }
    Value::Object(block)
}

/// Adds one clause, unless its key is already under that operator in any letter case (spec 2.7).
pub(super) fn clause(rng: &mut Rng, options: &Options, block: &mut Map<String, Value>) {
    let key = *rng.pick(&KEYS);
    let operator = operator_for(rng, key);
    let name = if rng.chance(1, 8) { key.name.to_uppercase() } else { key.name.to_owned() };
    let most = if rng.chance(1, 3) { 3 } else { 1 };
    let values: Vec<Value> = (0..rng.between(1, most)).map(|_| value(rng, &operator, options)).collect();
    let values = match <[Value; 1]>::try_from(values) {
        Ok([value]) if rng.chance(3, 4) => value,
        Ok(value) => json!(value),
        Err(_) if options.errors && rng.chance(1, 20) => json!([]),
        Err(values) => json!(values),
    };
    let keys = block.entry(operator).or_insert_with(|| json!({})).as_object_mut().unwrap();
    if !keys.keys().any(|other| other.eq_ignore_ascii_case(&name)) {
        keys.insert(name, values);
    }
}

fn operator_for(rng: &mut Rng, key: Key) -> String {
    if rng.chance(1, 10) {
        return rng.pick(&operators()).clone();
    }
    if rng.chance(1, 8) {
        let prefix = if rng.chance(1, 6) { *rng.pick(&SETS) } else { "" };
        return format!("{prefix}Null");
    }
    let fitting: &[&str] = match key.kind {
        Type::Text => &STRINGS,
        Type::Flag => &["Bool"],
        Type::Number => &NUMERICS,
        Type::Date => &DATE_OPERATORS,
        Type::Address => &IPS,
        Type::Arn => &ARN_OPERATORS,
    };
    let base = if rng.chance(1, 5) { *rng.pick(&bases()) } else { *rng.pick(fitting) };
    let set = if key.multi { rng.chance(4, 5) } else { rng.chance(1, 6) };
    let prefix = if set { *rng.pick(&SETS) } else { "" };
    let suffix = if rng.chance(1, 4) { "IfExists" } else { "" };
    format!("{prefix}{base}{suffix}")
}

/// A value that means something to the operator, or sometimes nothing.
pub(super) fn value(rng: &mut Rng, operator: &str, options: &Options) -> Value {
    let bare = operator.rsplit(':').next().unwrap_or(operator);
    let odd = rng.chance(1, 8);
    let text = if bare.starts_with("Numeric") {
        let text = *rng.pick(if odd { &BAD_NUMBERS[..] } else { &NUMBERS });
        if let (Ok(number), true) = (text.parse::<i64>(), rng.chance(1, 4)) {
            return json!(number);
        }
        text
    } else if bare.starts_with("Date") {
        rng.pick(if odd { &BAD_DATES[..] } else { &DATES })
    } else if bare.contains("IpAddress") {
        rng.pick(if odd { &BAD_NETWORKS[..] } else { &NETWORKS })
    } else if bare == "Null" || bare.starts_with("Bool") {
        let text = *rng.pick(if odd { &FLAGS[..] } else { &FLAGS[..2] });
        if let (Ok(flag), true) = (text.parse::<bool>(), rng.chance(1, 3)) {
            return json!(flag);
        }
        text
    } else if bare.starts_with("Binary") {
        rng.pick(&BYTES)
    } else if bare.starts_with("Arn") {
        let variable = options.variables && rng.chance(1, 6);
        let plain = rng.chance(1, 2);
        let pool = if plain { &ARNS[..] } else { &ARN_PATTERNS };
        rng.pick(if variable { &VARIABLE_ARNS } else { pool })
    } else if options.variables && rng.chance(1, 7) {
        rng.pick(&VARIABLE_TEXTS)
    } else if bare.contains("Like") && rng.chance(2, 3) {
        rng.pick(&TEXT_PATTERNS)
    } else if rng.chance(1, 12) {
        rng.pick(&ARNS)
    } else {
        rng.pick(&TEXTS)
    };
    json!(text)
}
