//! The truth of the clauses of `Condition` (spec 5).

use solver::decimal::Decimal;
use solver::interval::{Cut, IntervalSet};

use crate::policy::condition::{AddressRange, Clause, Operand, Operator, Order, Quantifier, Relation, Test, Value};
use crate::policy::template::{Piece, Template, Variable};
use crate::semantics::variable::{Draft, folded, literal, matched};
use crate::semantics::{Address, Algebra, Contested, NOWHERE, Part, Pattern, Token};

/// Whether the clause holds.
pub fn holds<A: Algebra>(a: &mut A, clause: &Clause) -> A::Truth {
    if let Some(truth) = a.clause(clause) {
        return a.mark(Part::Clause, clause.span, truth);
    }
    let truth = match &clause.test {
        Test::Compare { operator, values } => {
            let comparison = Comparison { key: &clause.key, operator: *operator, values };
            comparison.holds(a)
        }
        Test::Null { quantifier, values } => null(a, &clause.key, *quantifier, values),
        Test::Unknown { text } => a.unknown(text), // spec 5.12
    };
    a.mark(Part::Clause, clause.span, truth)
}

/// `Null` (spec 5.5): constant under a set prefix.
fn null<A: Algebra>(a: &mut A, key: &str, quantifier: Quantifier, values: &[Option<bool>]) -> A::Truth {
    match quantifier {
        Quantifier::All => return a.constant(true),
        Quantifier::Any => return a.constant(false),
        Quantifier::One => {}
    }
    let mut parts = Vec::new();
    for absent in values.iter().flatten() {
        let present = a.present(key);
        parts.push(if *absent { a.not(present) } else { present });
    }
    a.any(parts)
}

/// One key compared with a list of values.
struct Comparison<'p> {
    key: &'p str,
    operator: Operator,
    values: &'p [Value],
}

impl Comparison<'_> {
    /// The table of spec 5.2.
    fn holds<A: Algebra>(&self, a: &mut A) -> A::Truth {
        match self.operator.quantifier {
            Quantifier::One => self.unqualified(a),
            Quantifier::Any => a.choose(Contested::C8, true, |a, ordinary| self.for_any(a, ordinary)),
            Quantifier::All => a.choose(Contested::C8, true, |a, ordinary| self.for_all(a, ordinary)),
        }
    }

    /// Without set operator: one value is expected; two or more make it false {C3}. Absence satisfies negated operators
    /// and `IfExists`.
    fn unqualified<A: Algebra>(&self, a: &mut A) -> A::Truth {
        let single = a.single(self.key);
        let of_one = if a.known(&single) == Some(false) { single } else { self.of_single(a, single) };
        let mut parts = vec![of_one];
        if self.operator.negated || self.operator.if_exists {
            let present = a.present(self.key);
            parts.push(a.not(present));
        }
        if a.multiple(self.key) {
            parts.push(a.choose(
                Contested::C3,
                true,
                |a, other| {
                    if other { self.of_several(a) } else { a.constant(false) }
                },
            ));
        }
        a.any(parts)
    }

    fn of_single<A: Algebra>(&self, a: &mut A, single: A::Truth) -> A::Truth {
        let value = a.value(self.key);
        let test = self.test(a, &value);
        a.all(vec![single, test])
    }

    /// C3, other reading: a present key with any number of values, OR of the values, NOR under negation.
    fn of_several<A: Algebra>(&self, a: &mut A) -> A::Truth {
        if self.operator.negated {
            let (present, every) = (a.present(self.key), self.every(a));
            a.all(vec![present, every])
        } else {
            self.some(a)
        }
    }

    /// `ForAllValues` (spec 5.4): every value, or none; a key with only the empty string has none {C8}.
    fn for_all<A: Algebra>(&self, a: &mut A, ordinary: bool) -> A::Truth {
        let (counts, every) = (self.counts(a, ordinary), self.every(a));
        let nothing = a.not(counts);
        a.any(vec![nothing, every])
    }

    /// `ForAnyValue` (spec 5.4): some value; with `IfExists` also no value at all {C4}.
    fn for_any<A: Algebra>(&self, a: &mut A, ordinary: bool) -> A::Truth {
        let (counts, some) = (self.counts(a, ordinary), self.some(a));
        let some = a.all(vec![counts.clone(), some]);
        if !self.operator.if_exists {
            return some;
        }
        let nothing = a.not(counts);
        let on_absence = a.choose(Contested::C4, true, |a, other| a.constant(!other));
        let absent = a.all(vec![nothing, on_absence]);
        a.any(vec![absent, some])
    }

    /// Whether the key counts as present for a set operator: some value is not empty, or {C8} it has any value.
    fn counts<A: Algebra>(&self, a: &mut A, ordinary: bool) -> A::Truth {
        if ordinary {
            return a.present(self.key);
        }
        a.some(self.key, &mut |a, value| {
            let empty = a.matches(&value, &[Pattern { tokens: Vec::new(), span: NOWHERE }]);
            a.not(empty)
        })
    }

    fn some<A: Algebra>(&self, a: &mut A) -> A::Truth {
        a.some(self.key, &mut |a, value| self.test(a, &value))
    }

    fn every<A: Algebra>(&self, a: &mut A) -> A::Truth {
        let violated = a.some(self.key, &mut |a, value| {
            let test = self.test(a, &value);
            a.not(test)
        });
        a.not(violated)
    }

    /// `t(x)` of spec 5.2: the relation to some value, or to none under a negated operator; there a malformed value
    /// equals nothing {C7}.
    fn test<A: Algebra>(&self, a: &mut A, text: &A::Text) -> A::Truth {
        let related = self.related(a, text);
        if !self.operator.negated {
            return related;
        }
        let unrelated = a.not(related);
        let malformed = self.values.iter().any(|value| is_malformed(&value.operand));
        a.choose(Contested::C7, malformed, |a, other| if other { a.constant(false) } else { unrelated.clone() })
    }

    /// `m(x)` of spec 5.2: the positive relation to some value of the list.
    fn related<A: Algebra>(&self, a: &mut A, text: &A::Text) -> A::Truth {
        let truth = match self.operator.relation {
            Relation::StringEquals
            | Relation::StringEqualsIgnoreCase
            | Relation::StringLike
            | Relation::ArnLike
            | Relation::Bool
            | Relation::BinaryEquals => return self.textual(a, text),
            Relation::Numeric(order) => {
                let numbers = union(self.values, |operand| match operand {
                    Operand::Number(Some(number)) => Some(ordered(order, number)),
                    _ => None,
                });
                a.number_in(text, &numbers)
            }
            Relation::Date(order) => self.instants(a, text, order),
            Relation::IpAddress => self.addresses(a, text),
        };
        // the values of an ordered family are one set: only a lone value can be blamed by itself
        match self.values {
            [value] => a.mark(Part::Entry, value.span, truth),
            _ => truth,
        }
    }

    /// Families whose values are patterns of the text, in one question for the list.
    fn textual<A: Algebra>(&self, a: &mut A, text: &A::Text) -> A::Truth {
        let relation = self.operator.relation;
        let wild = matches!(relation, Relation::StringLike | Relation::ArnLike);
        let variables = wild && self.values.iter().any(|value| holds_variable(&value.operand));
        let short = self.values.iter().any(|value| matches!(value.operand, Operand::Arn { fields: None, .. }));
        let subject = format!("{relation:?} {}", self.key);
        a.choose(Contested::C6, variables, |a, active| {
            a.choose(Contested::C15, short, |a, whole| {
                let reading = Reading { relation, active, whole };
                let drafts: Vec<Draft<'_>> = self.values.iter().filter_map(|value| draft(value, reading)).collect();
                matched(a, text, &drafts, &subject)
            })
        })
    }

    /// Dates (spec 5.7), four digits in both readings of C17.
    fn instants<A: Algebra>(&self, a: &mut A, text: &A::Text, order: Order) -> A::Truth {
        let set = |as_year: bool| {
            union(self.values, |operand| match operand {
                Operand::Instant(Some(instant)) if as_year => Some(ordered(order, &instant.as_year)),
                Operand::Instant(Some(instant)) => Some(ordered(order, &instant.seconds)),
                _ => None,
            })
        };
        a.choose(Contested::C17, set(false) != set(true), |a, as_year| a.instant_in(text, &set(as_year)))
    }

    /// Addresses (spec 5.9), IPv6 without prefix in both readings of C10.
    fn addresses<A: Algebra>(&self, a: &mut A, text: &A::Text) -> A::Truth {
        let set = |short: bool| {
            union(self.values, |operand| match operand {
                Operand::Network(Some(network)) if short => Some(block(network.without_prefix)),
                Operand::Network(Some(network)) => Some(block(network.range)),
                _ => None,
            })
        };
        a.choose(Contested::C10, set(false) != set(true), |a, short| a.address_in(text, &set(short)))
    }
}

/// The union of the sets of the values; a malformed value adds nothing (spec 5.6–5.9).
fn union<T: Ord + Clone>(values: &[Value], set: impl Fn(&Operand) -> Option<IntervalSet<T>>) -> IntervalSet<T> {
    let sets = values.iter().filter_map(|value| set(&value.operand)).collect();
    union_of(sets)
}

/// By halves, so that a long list does not cost its square.
fn union_of<T: Ord + Clone>(mut sets: Vec<IntervalSet<T>>) -> IntervalSet<T> {
    while sets.len() > 1 {
        sets = sets.chunks(2).map(|pair| pair.iter().fold(IntervalSet::empty(), |all, set| all.union(set))).collect();
    }
    sets.pop().unwrap_or_else(IntervalSet::empty)
}

/// The request values in this order to the policy value.
fn ordered(order: Order, value: &Decimal) -> IntervalSet<Decimal> {
    let value = value.clone();
    match order {
        Order::Equal => IntervalSet::point(value),
        Order::Less => IntervalSet::between(Cut::Start, Cut::Before(value)),
        Order::LessEqual => IntervalSet::between(Cut::Start, Cut::After(value)),
        Order::Greater => IntervalSet::between(Cut::After(value), Cut::End),
        Order::GreaterEqual => IntervalSet::between(Cut::Before(value), Cut::End),
    }
}

fn block(range: AddressRange) -> IntervalSet<Address> {
    let address = |bits| Address { family: range.family, bits };
    IntervalSet::closed(address(range.first), address(range.last))
}

/// Whether the value could not be parsed for its family (C7).
fn is_malformed(operand: &Operand) -> bool {
    match operand {
        Operand::Text(_) | Operand::Arn { .. } => false,
        Operand::Bool(value) => value.is_none(),
        Operand::Number(value) => value.is_none(),
        Operand::Instant(value) => value.is_none(),
        Operand::Network(value) => value.is_none(),
        Operand::Binary(value) => value.is_none(),
    }
}

fn holds_variable(operand: &Operand) -> bool {
    match operand {
        Operand::Text(template) => template.has_variable(),
        Operand::Arn { whole, .. } => whole.has_variable(),
        Operand::Bool(_) | Operand::Number(_) | Operand::Instant(_) | Operand::Network(_) | Operand::Binary(_) => false,
    }
}

/// How the values of a textual family are read.
#[derive(Clone, Copy)]
struct Reading {
    relation: Relation,
    /// C6: wildcards in substituted values are active.
    active: bool,
    /// C15: a short ARN is one glob over the whole.
    whole: bool,
}

/// The pattern of a value of a textual family; `None` if it matches nothing.
fn draft(value: &Value, reading: Reading) -> Option<Draft<'_>> {
    let mut fenced = 0;
    let tokens = match &value.operand {
        Operand::Text(template) => text_tokens(template, reading)?,
        Operand::Arn { fields: Some(fields), .. } => arn_tokens(fields, reading.active, &mut fenced)?,
        Operand::Arn { fields: None, whole } if reading.whole => text_tokens(whole, reading)?,
        Operand::Bool(Some(value)) => value.to_string().chars().map(folded).collect(), // spec 5.8
        Operand::Binary(Some(bytes)) => literal(&base64(bytes)),                       // spec 5.11
        Operand::Arn { fields: None, .. }
        | Operand::Bool(None)
        | Operand::Binary(None)
        | Operand::Number(_)
        | Operand::Instant(_)
        | Operand::Network(_) => return None,
    };
    Some(Draft { tokens, fenced, text: &value.text, span: value.span })
}

/// The tokens of a string value (spec 5.3); `None` if it holds `${}`.
fn text_tokens(template: &Template, reading: Reading) -> Option<Vec<Token<&Variable>>> {
    let ignore_case = reading.relation == Relation::StringEqualsIgnoreCase;
    let token = |piece| match piece {
        Piece::Char(c) if ignore_case => Some(folded(c)),
        Piece::Char(c) => Some(Token::Char(c)),
        Piece::One => Some(Token::One),
        Piece::Many => Some(Token::Many),
        Piece::Variable(variable) if ignore_case => Some(Token::InsertFolded(variable)),
        Piece::Variable(variable) if reading.active => Some(Token::InsertGlob(variable)),
        Piece::Variable(variable) => Some(Token::Insert(variable)),
        Piece::Nothing => None,
    };
    template.pieces().map(token).collect()
}

/// The tokens of an ARN value (spec 5.10): six fields, each a glob of its own. The first five are fenced.
fn arn_tokens<'p>(fields: &'p [Template; 6], active: bool, fenced: &mut usize) -> Option<Vec<Token<&'p Variable>>> {
    let mut tokens = Vec::new();
    for (index, field) in fields.iter().enumerate() {
        if index > 0 {
            tokens.push(Token::Char(':'));
        }
        let inner = index < fields.len() - 1;
        for piece in field.pieces() {
            tokens.push(match piece {
                // a colon that is no separator (from a default or an escape) matches no early field
                Piece::Char(':') if inner => return None,
                Piece::Char(c) => Token::Char(c),
                Piece::One if inner => Token::OneInField,
                Piece::One => Token::One,
                Piece::Many if inner => Token::ManyInField,
                Piece::Many => Token::Many,
                Piece::Variable(variable) if active && inner => Token::InsertGlobInField(variable),
                Piece::Variable(variable) if active => Token::InsertGlob(variable),
                Piece::Variable(variable) => Token::Insert(variable),
                Piece::Nothing => return None,
            });
        }
        if inner {
            *fenced = tokens.len();
        }
    }
    Some(tokens)
}

/// Canonical base64 with padding: equal bytes have equal texts.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let group = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4 {
            let index = (group >> (18 - 6 * digit)) & 63;
            let letter = ALPHABET.get(index as usize).map_or('=', |byte| char::from(*byte));
            text.push(if digit > chunk.len() { '=' } else { letter });
        }
    }
    text
}
