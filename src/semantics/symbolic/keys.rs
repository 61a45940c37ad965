//! Context keys as variables.

use solver::decimal::Decimal;
use solver::formula::{Formula, Formulas, Link, Point, ScalarVar, SetVar};
use solver::interval::{Cut, IntervalSet};
use solver::record::{Piece, Record, Text};

use crate::catalogue::{KeyDomain, KeyFacts};
use crate::policy::condition::Instant;
use crate::policy::template::Template;
use crate::semantics::symbolic::domain;
use crate::semantics::symbolic::footprint::KeyUse;
use crate::semantics::{Address, address};

/// A key of its own: not derived from anything else.
#[derive(Clone, Debug)]
pub(super) struct KeyVariable {
    pub(super) present: Formula,
    pub(super) text: Text,
    pub(super) record: Record,
    pub(super) set: Option<SetVar>,
    /// Numeric, date and address readings that are used.
    pub(super) orders: Vec<Ordered>,
}

/// An ordered reading of a key.
#[derive(Clone, Debug)]
pub(super) struct Ordered {
    pub(super) family: Family,
    pub(super) scalar: ScalarVar,
    /// Whether the text denotes a value of the family; [`Formula::TRUE`] for keys that always do.
    pub(super) parsed: Formula,
    /// Whether the key's domain promises that it does.
    promised: bool,
}

/// The ordered families.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Family {
    Number,
    Instant,
    Address,
}

impl Family {
    pub(super) fn parse(self) -> fn(&str) -> Option<Point> {
        match self {
            Family::Number => |text| Decimal::parse(text).map(Point::Number),
            Family::Instant => |text| Instant::parse(text).map(|instant| Point::Number(instant.seconds)),
            Family::Address => |text| address::parse(text).map(address_point),
        }
    }

    pub(super) fn print(self) -> fn(&Point) -> String {
        match self {
            Family::Number => print_number,
            Family::Instant => print_instant,
            Family::Address => print_address,
        }
    }

    pub(super) fn universe(self) -> IntervalSet<Point> {
        match self {
            Family::Number | Family::Instant => IntervalSet::full(),
            Family::Address => {
                let four = IntervalSet::closed(Point::Lined(4, 0), Point::Lined(4, u128::from(u32::MAX)));
                let six = IntervalSet::closed(Point::Lined(6, 0), Point::Lined(6, u128::MAX));
                // spec 5.9: an IPv4 address in the form of an IPv6 one is an IPv4 address
                let mapped = 0xFFFF << 32;
                let mapped = IntervalSet::closed(Point::Lined(6, mapped), Point::Lined(6, mapped | 0xFFFF_FFFF));
                four.union(&six.intersection(&mapped.complement()))
            }
        }
    }

    /// Whether the domain promises a text of the family.
    fn is_promised(self, facts: &KeyFacts) -> bool {
        match self {
            Family::Number => matches!(facts.domain, KeyDomain::Number | KeyDomain::EpochSeconds),
            Family::Instant => matches!(facts.domain, KeyDomain::Date | KeyDomain::EpochSeconds),
            Family::Address => facts.domain == KeyDomain::Ip,
        }
    }
}

pub(super) fn address_point(address: Address) -> Point {
    Point::Lined(address.family, address.bits)
}

fn print_number(point: &Point) -> String {
    match point {
        Point::Number(number) => number.to_string(),
        Point::Lined(_, number) => number.to_string(),
    }
}

/// As a date if there is one for it, else as epoch seconds.
fn print_instant(point: &Point) -> String {
    let Point::Number(number) = point else { return print_number(point) };
    let text = number.to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let mut seconds: Option<i64> = whole.parse().ok();
    let mut digits = fraction.to_owned();
    if text.starts_with('-') && !fraction.is_empty() {
        // −n.f is −(n + 1) + (1 − 0.f)
        seconds = seconds.and_then(|s| s.checked_sub(1));
        let ones: String = fraction.bytes().map(|b| char::from(b'9' - b + b'0')).collect();
        digits = increment(&ones);
    }
    let Some(timestamp) = seconds.and_then(|s| jiff::Timestamp::from_second(s).ok()) else { return text };
    let date = timestamp.to_string();
    let date = date.trim_end_matches('Z');
    if digits.is_empty() { format!("{date}Z") } else { format!("{date}.{digits}Z") }
}

/// Adds one to the last digit of a digit string that does not end in 9s only.
fn increment(digits: &str) -> String {
    let mut out: Vec<u8> = digits.bytes().collect();
    for digit in out.iter_mut().rev() {
        if *digit == b'9' {
            *digit = b'0';
        } else {
            *digit += 1;
            break;
        }
    }
    String::from_utf8(out).unwrap_or_default()
}

pub(super) fn print_address(point: &Point) -> String {
    match point {
        Point::Lined(4, bits) => std::net::Ipv4Addr::from(u32::try_from(*bits).unwrap_or(u32::MAX)).to_string(),
        Point::Lined(_, bits) => std::net::Ipv6Addr::from(*bits).to_string(),
        Point::Number(number) => number.to_string(),
    }
}

/// A set of numbers as a set of points.
pub(super) fn numbers(set: &IntervalSet<Decimal>) -> IntervalSet<Point> {
    mapped(set, |number| Point::Number(number.clone()))
}

/// A set of addresses as a set of points.
pub(super) fn addresses(set: &IntervalSet<Address>) -> IntervalSet<Point> {
    mapped(set, |address| address_point(*address))
}

fn mapped<T: Ord + Clone>(set: &IntervalSet<T>, point: impl Fn(&T) -> Point) -> IntervalSet<Point> {
    let cut = |cut: &Cut<T>| match cut {
        Cut::Start => Cut::Start,
        Cut::Before(value) => Cut::Before(point(value)),
        Cut::After(value) => Cut::After(point(value)),
        Cut::End => Cut::End,
    };
    set.intervals()
        .iter()
        .fold(IntervalSet::empty(), |all, (from, to)| all.union(&IntervalSet::between(cut(from), cut(to))))
}

impl KeyVariable {
    /// Declares a key. `typed`: relation 6.5(14) is in force.
    pub(super) fn declare(formulas: &mut Formulas, facts: &KeyFacts, usage: &KeyUse, typed: bool) -> Self {
        let named: Vec<&Template> = usage.named.iter().collect();
        let shape = domain::key(facts, &named, typed);
        let record = formulas.records.declare(vec![vec![shape]]);
        let text = formulas.records.view(record, vec![Piece::Field(0)]);
        let multivalued = facts.multivalued || (!facts.known && usage.quantified);
        let set = multivalued.then(|| formulas.declare_set(record));
        let present = match set {
            Some(set) => formulas.present(set),
            None => {
                let variable = formulas.declare_bool();
                formulas.bool(variable)
            }
        };
        let mut key = Self { present, text, record, set, orders: Vec::new() };
        let families =
            [(usage.number, Family::Number), (usage.date, Family::Instant), (usage.address, Family::Address)];
        for (_, family) in families.into_iter().filter(|(used, _)| *used) {
            key.order(formulas, family, facts, usage, typed);
        }
        key
    }

    fn order(&mut self, formulas: &mut Formulas, family: Family, facts: &KeyFacts, usage: &KeyUse, typed: bool) {
        // epoch seconds are a number and a date at once (spec 5.13)
        let shared = facts.domain == KeyDomain::EpochSeconds && typed;
        if let Some(other) = self.orders.iter().find(|other| shared && other.family != Family::Address) {
            let other = Ordered { family, ..other.clone() };
            self.orders.push(other);
            return;
        }
        let scalar = match self.set {
            Some(set) => formulas.declare_member_scalar(set, family.universe()),
            None => formulas.declare_scalar(family.universe()),
        };
        let parsed_variable = match self.set {
            Some(set) => formulas.declare_member_bool(set),
            None => formulas.declare_bool(),
        };
        let alone = [usage.number, usage.date, usage.address].iter().filter(|used| **used).count() == 1;
        let promised = typed && family.is_promised(facts);
        // a domain that promises another family than this one ties the number to its texts
        let open = !typed || facts.domain == KeyDomain::Text;
        let separate = !usage.text && (alone && (promised || open) || shared);
        let parsed = if promised && separate { Formula::TRUE } else { formulas.bool(parsed_variable) };
        if !separate {
            formulas.link(Link {
                text: self.text,
                parsed: parsed_variable,
                scalar,
                parse: family.parse(),
                print: family.print(),
            });
        }
        self.orders.push(Ordered { family, scalar, parsed, promised });
    }

    /// A present single value of a promised family denotes a value of it (spec 6.5(14)).
    pub(super) fn well_formed(&self, formulas: &mut Formulas) -> Formula {
        let promised = self.orders.iter().filter(|ordered| ordered.promised && self.set.is_none());
        let parsed: Vec<Formula> = promised.map(|ordered| ordered.parsed).collect();
        let parsed = formulas.all(&parsed);
        formulas.any(&[Formulas::not(self.present), parsed])
    }

    /// Makes the instant of this key that of another.
    pub(super) fn share_instant(&mut self, other: &KeyVariable) {
        let Some(theirs) = other.orders.iter().find(|ordered| ordered.family != Family::Address) else { return };
        for ordered in self.orders.iter_mut().filter(|ordered| ordered.family != Family::Address) {
            ordered.scalar = theirs.scalar;
        }
    }

    /// The ordered reading of a family.
    pub(super) fn ordered(&self, family: Family) -> Option<&Ordered> {
        self.orders.iter().find(|ordered| ordered.family == family)
    }
}
