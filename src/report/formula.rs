//! A document as a formula in conventional notation: ∧ ∨ ¬ ∈, or words where only ASCII can be shown.

use crate::policy::condition::{Clause, Order, Quantifier, Relation, Test, Value};
use crate::policy::{Effect, Kind, Listed, Policy, Statement};

/// Which signs are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    /// ∧ ∨ ¬ ∈ ∀ ∃.
    Signs,
    /// and, or, not, in, all, some.
    Words,
}

impl Notation {
    /// Between parts that must all hold.
    pub fn and(self) -> &'static str {
        self.pick("∧", "and")
    }

    fn or(self) -> &'static str {
        self.pick("∨", "or")
    }

    fn not(self) -> &'static str {
        self.pick("¬", "not ")
    }

    fn element(self) -> &'static str {
        self.pick("∈", "in")
    }

    fn no_element(self) -> &'static str {
        self.pick("∉", "not in")
    }

    fn every(self) -> &'static str {
        self.pick("∀v ∈", "all v in")
    }

    fn some(self) -> &'static str {
        self.pick("∃v ∈", "some v in")
    }

    fn constant(self, value: bool) -> &'static str {
        if value { self.pick("⊤", "true") } else { self.pick("⊥", "false") }
    }

    fn order(self, order: Order) -> &'static str {
        match order {
            Order::Equal => "=",
            Order::Less => "<",
            Order::LessEqual => self.pick("≤", "<="),
            Order::Greater => ">",
            Order::GreaterEqual => self.pick("≥", ">="),
        }
    }

    fn pick(self, sign: &'static str, word: &'static str) -> &'static str {
        match self {
            Notation::Signs => sign,
            Notation::Words => word,
        }
    }
}

/// One part of a statement: `action ∈ {` s3:Get*, s3:List* `}`. Without items the head is all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conjunct {
    /// What stands before the list.
    pub head: String,
    /// The list.
    pub items: Vec<String>,
    /// What stands after the list.
    pub tail: String,
}

impl Conjunct {
    fn plain(text: String) -> Conjunct {
        Conjunct { head: text, items: Vec::new(), tail: String::new() }
    }

    /// On one line.
    pub fn line(&self) -> String {
        format!("{}{}{}", self.head, self.items.join(", "), self.tail)
    }
}

/// What the document allows by itself: `(S0 ∨ S2) ∧ ¬S1` (spec 8.1, 10.1).
pub fn allowed(policy: &Policy, notation: Notation) -> String {
    let names = |effect| -> Vec<String> {
        policy.statements.iter().filter(|s| s.effect == effect).map(|s| format!("S{}", s.index)).collect()
    };
    let (allows, denies) = (names(Effect::Allow), names(Effect::Deny));
    let or = format!(" {} ", notation.or());
    let group = |names: &[String], alone: bool| match names {
        [only] => only.clone(),
        several if alone => several.join(&or),
        several => format!("({})", several.join(&or)),
    };
    // spec 8.5: beside a resource control policy the service attaches one that allows everything
    let granted = match (policy.kind, allows.as_slice()) {
        (Kind::ResourceControl, _) => None,
        (_, []) => return notation.constant(false).to_owned(),
        (_, allows) => Some(group(allows, denies.is_empty())),
    };
    let denied = (!denies.is_empty()).then(|| format!("{}{}", notation.not(), group(&denies, false)));
    let parts: Vec<String> = granted.into_iter().chain(denied).collect();
    if parts.is_empty() { notation.constant(true).to_owned() } else { parts.join(&format!(" {} ", notation.and())) }
}

/// The parts of a statement, all of which must hold.
pub fn statement(statement: &Statement, notation: Notation) -> Vec<Conjunct> {
    let mut parts = Vec::with_capacity(3 + statement.conditions.len());
    if let Some(who) = &statement.principal {
        let names = who.entries.iter().map(|entry| entry.text.clone()).collect();
        parts.push(membership("principal", who.negated, names, notation));
    }
    parts.push(listed("action", &statement.action, |entry| entry.text.clone(), notation));
    if let Some(resource) = &statement.resource {
        parts.push(listed("resource", resource, |entry| entry.text.clone(), notation));
    }
    parts.extend(statement.conditions.iter().map(|clause| condition(clause, notation)));
    parts
}

/// The statement on one line.
pub fn one_line(whole: &Statement, notation: Notation) -> String {
    let parts: Vec<String> = statement(whole, notation).iter().map(Conjunct::line).collect();
    parts.join(&format!(" {} ", notation.and()))
}

fn listed<T>(what: &str, listed: &Listed<T>, text: impl Fn(&T) -> String, notation: Notation) -> Conjunct {
    membership(what, listed.negated, listed.entries.iter().map(text).collect(), notation)
}

fn membership(what: &str, negated: bool, items: Vec<String>, notation: Notation) -> Conjunct {
    let relation = if negated { notation.no_element() } else { notation.element() };
    Conjunct { head: format!("{what} {relation} {{"), items, tail: "}".to_owned() }
}

/// One clause (spec 5.2): absence satisfies what is negated or `IfExists`.
fn condition(clause: &Clause, notation: Notation) -> Conjunct {
    let key = &clause.key_text;
    let (operator, values) = match &clause.test {
        Test::Compare { operator, values } => (*operator, values),
        Test::Null { quantifier, values } => return Conjunct::plain(null(key, *quantifier, values, notation)),
        Test::Unknown { text } => return Conjunct::plain(format!("unknown({text})")),
    };
    let Conjunct { head, items, tail } = match operator.quantifier {
        Quantifier::One => comparison(key, operator.relation, values, notation),
        Quantifier::Any | Quantifier::All => comparison("v", operator.relation, values, notation),
    };
    let (head, tail) =
        if operator.negated { (format!("{}({head}", notation.not()), format!("{tail})")) } else { (head, tail) };
    let head = match operator.quantifier {
        Quantifier::One => head,
        Quantifier::Any => format!("{} {key}: {head}", notation.some()),
        Quantifier::All => format!("{} {key}: {head}", notation.every()),
    };
    // absence satisfies a negated operator and `ForAllValues` already
    let adds = operator.if_exists && operator.quantifier != Quantifier::All;
    if adds && !(operator.negated && operator.quantifier == Quantifier::One) {
        let (or, tail) = (notation.or(), format!("{tail})"));
        return Conjunct { head: format!("(absent({key}) {or} {head}"), items, tail };
    }
    Conjunct { head, items, tail }
}

/// `Null` (spec 5.5): constant under a set prefix.
fn null(key: &str, quantifier: Quantifier, values: &[Option<bool>], notation: Notation) -> String {
    match quantifier {
        Quantifier::All => return notation.constant(true).to_owned(),
        Quantifier::Any => return notation.constant(false).to_owned(),
        Quantifier::One => {}
    }
    let name = |absent: &bool| if *absent { format!("absent({key})") } else { format!("present({key})") };
    let names: Vec<String> = values.iter().flatten().map(name).collect();
    match names.as_slice() {
        [] => notation.constant(false).to_owned(),
        [only] => only.clone(),
        several => format!("({})", several.join(&format!(" {} ", notation.or()))),
    }
}

/// The positive relation of a value to a list.
fn comparison(subject: &str, relation: Relation, values: &[Value], notation: Notation) -> Conjunct {
    let texts = |quote: bool| -> Vec<String> {
        let shown = |value: &Value| if quote { format!("{:?}", value.text) } else { value.text.clone() };
        values.iter().map(shown).collect()
    };
    let (subject, sign, items) = match relation {
        Relation::StringEquals => (subject.to_owned(), notation.element(), texts(true)),
        Relation::StringEqualsIgnoreCase => {
            let lower = |text: String| text.to_lowercase();
            (format!("lower({subject})"), notation.element(), texts(true).into_iter().map(lower).collect())
        }
        Relation::StringLike | Relation::ArnLike => (subject.to_owned(), "like", texts(true)),
        Relation::Bool | Relation::BinaryEquals | Relation::IpAddress => {
            (subject.to_owned(), notation.element(), texts(false))
        }
        Relation::Numeric(Order::Equal) | Relation::Date(Order::Equal) => {
            (subject.to_owned(), notation.element(), texts(false))
        }
        Relation::Numeric(order) | Relation::Date(order) => {
            let sign = notation.order(order);
            let each: Vec<String> = texts(false).iter().map(|text| format!("{subject} {sign} {text}")).collect();
            return match each.as_slice() {
                [only] => Conjunct::plain(only.clone()),
                several => Conjunct::plain(format!("({})", several.join(&format!(" {} ", notation.or())))),
            };
        }
    };
    match items.as_slice() {
        [only] if sign == notation.element() && relation != Relation::IpAddress => {
            Conjunct::plain(format!("{subject} = {only}"))
        }
        [only] if sign == "like" => Conjunct::plain(format!("{subject} like {only}")),
        _ => Conjunct { head: format!("{subject} {sign} {{"), items, tail: "}".to_owned() },
    }
}

#[cfg(test)]
mod tests {
    use super::{Notation, allowed, one_line};
    use crate::policy::Policy;
    use crate::policy::read::{ReadOptions, read};
    use crate::source::Sources;

    fn policy(statements: &str) -> Policy {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        read(&mut Sources::default(), "p", text.as_bytes(), &ReadOptions::default()).policy.unwrap()
    }

    fn clause(condition: &str) -> String {
        let text = format!(r#"{{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{{{condition}}}}}"#);
        let shown = one_line(&policy(&text).statements[0], Notation::Signs);
        shown.strip_prefix("action ∈ {s3:*} ∧ resource ∈ {*} ∧ ").unwrap().to_owned()
    }

    #[test]
    fn clauses_by_operator() {
        let rows = [
            (r#""StringEquals":{"aws:a":"x"}"#, r#"aws:a = "x""#),
            (r#""StringNotEquals":{"aws:a":["x","y"]}"#, r#"¬(aws:a ∈ {"x", "y"})"#),
            (r#""StringLikeIfExists":{"aws:a":"x*"}"#, r#"(absent(aws:a) ∨ aws:a like "x*")"#),
            (r#""StringNotLikeIfExists":{"aws:a":"x*"}"#, r#"¬(aws:a like "x*")"#),
            (r#""ForAllValues:StringEquals":{"aws:TagKeys":["x","y"]}"#, r#"∀v ∈ aws:TagKeys: v ∈ {"x", "y"}"#),
            (r#""ForAnyValue:StringNotEquals":{"aws:TagKeys":"x"}"#, r#"∃v ∈ aws:TagKeys: ¬(v = "x")"#),
            (r#""StringEqualsIgnoreCase":{"aws:a":"X"}"#, r#"lower(aws:a) = "x""#),
            (r#""NumericLessThanEquals":{"s3:max-keys":"10"}"#, "s3:max-keys ≤ 10"),
            (r#""NumericGreaterThan":{"s3:max-keys":["1","2"]}"#, "(s3:max-keys > 1 ∨ s3:max-keys > 2)"),
            (r#""NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#, "¬(aws:SourceIp ∈ {203.0.113.0/24})"),
            (r#""Bool":{"aws:SecureTransport":"true"}"#, "aws:SecureTransport = true"),
            (r#""Null":{"aws:a":"true"}"#, "absent(aws:a)"),
            (r#""Null":{"aws:a":["true","false"]}"#, "(absent(aws:a) ∨ present(aws:a))"),
            (r#""ForAnyValue:Null":{"aws:a":"true"}"#, "⊥"),
        ];
        for (condition, expected) in rows {
            assert_eq!(clause(condition), expected, "{condition}");
        }
    }

    #[test]
    fn documents() {
        let (allow, deny) = (
            r#"{"Effect":"Allow","NotAction":["s3:*","iam:*"],"Resource":"*"}"#,
            r#"{"Effect":"Deny","Action":"s3:*","NotResource":"arn:aws:s3:::a"}"#,
        );
        let rows = [
            (vec![allow], "S0"),
            (vec![deny], "⊥"),
            (vec![allow, allow], "S0 ∨ S1"),
            (vec![allow, deny, allow, deny], "(S0 ∨ S2) ∧ ¬(S1 ∨ S3)"),
            (vec![deny, allow], "S1 ∧ ¬S0"),
        ];
        for (statements, expected) in rows {
            assert_eq!(allowed(&policy(&statements.join(",")), Notation::Signs), expected);
        }
        let words = one_line(&policy(deny).statements[0], Notation::Words);
        assert_eq!(words, "action in {s3:*} and resource not in {arn:aws:s3:::a}");
    }
}
