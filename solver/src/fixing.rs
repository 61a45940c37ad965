//! A formula with one ordered variable fixed: what the formula compares the variable with, and its truth at one value.
//!
//! Values that no compared set tells apart give the same formula, so a question about how *many* values satisfy a formula
//! comes down to finitely many of them.

use std::collections::{BTreeMap, BTreeSet};

use crate::formula::{Atom, Formula, Formulas, Link, Node, Point, ScalarVar};
use crate::interval::IntervalSet;
use crate::language::Language;
use crate::record::{Record, Text};

/// What a formula says about an ordered variable.
#[derive(Clone, Debug, Default)]
pub struct Comparisons {
    /// The sets it is compared with, each once, in the order of their appearance.
    pub sets: Vec<IntervalSet<Point>>,
    /// Whether a text that is tied to the variable is compared otherwise than with whole texts.
    pub textual: bool,
}

/// The comparisons of an ordered variable, and of the text tied to it, in some formulas.
pub fn comparisons(formulas: &Formulas, roots: &[Formula], variable: ScalarVar) -> Comparisons {
    let view = View::of(formulas, variable);
    let mut found = Comparisons::default();
    let mut seen = BTreeSet::new();
    let mut open: Vec<Formula> = roots.iter().rev().copied().collect();
    while let Some(formula) = open.pop() {
        if !seen.insert(formula.node()) {
            continue;
        }
        match formulas.node_of(formula) {
            Node::True => {}
            Node::And(parts) => open.extend(parts.iter().rev().copied()),
            Node::Atom(Atom::Some(_, body)) => open.push(*body),
            Node::Atom(atom) => match view.reads(atom) {
                Reads::Nothing => {}
                Reads::Values(set) if found.sets.contains(&set) => {}
                Reads::Values(set) => found.sets.push(set),
                Reads::Text => found.textual = true,
            },
        }
    }
    found
}

/// The formula where the variable has this value. Comparisons of its text that are not with whole texts stay.
pub fn with_value(formulas: &mut Formulas, formula: Formula, variable: ScalarVar, value: &Point) -> Formula {
    let mut memo = BTreeMap::new();
    fixed(formulas, formula, variable, value, &mut memo)
}

fn fixed(
    formulas: &mut Formulas,
    formula: Formula,
    variable: ScalarVar,
    value: &Point,
    memo: &mut BTreeMap<u32, Formula>,
) -> Formula {
    let known = memo.get(&formula.node()).copied();
    let positive = known.unwrap_or_else(|| {
        let truth = match formulas.node_of(formula).clone() {
            Node::True => Formula::TRUE,
            Node::And(parts) => {
                let parts: Vec<Formula> =
                    parts.iter().map(|part| fixed(formulas, *part, variable, value, memo)).collect();
                formulas.all(&parts)
            }
            Node::Atom(Atom::Some(set, body)) => {
                let body = fixed(formulas, body, variable, value, memo);
                formulas.some(set, body)
            }
            Node::Atom(atom) => match View::of(formulas, variable).reads(&atom) {
                Reads::Values(set) => Formulas::constant(set.contains(value)),
                Reads::Nothing | Reads::Text => {
                    if formula.is_negated() {
                        Formulas::not(formula)
                    } else {
                        formula
                    }
                }
            },
        };
        memo.insert(formula.node(), truth);
        truth
    });
    if formula.is_negated() { Formulas::not(positive) } else { positive }
}

/// How an atom reads the variable.
enum Reads {
    Nothing,
    /// It asks whether the value lies in the set.
    Values(IntervalSet<Point>),
    /// It asks for more of the text than which whole text it is.
    Text,
}

/// An ordered variable and the text tied to it.
struct View<'f> {
    formulas: &'f Formulas,
    variable: ScalarVar,
    link: Option<&'f Link>,
}

impl<'f> View<'f> {
    fn of(formulas: &'f Formulas, variable: ScalarVar) -> Self {
        let link = formulas.links.iter().find(|link| link.scalar == variable);
        Self { formulas, variable, link }
    }

    fn reads(&self, atom: &Atom) -> Reads {
        let of = |record: Record| self.link.is_some_and(|link| self.formulas.records.record_of(link.text) == record);
        match atom {
            Atom::Scalar(variable, set) if *variable == self.variable => Reads::Values(set.clone()),
            Atom::Scalar(..) | Atom::Bool(_) | Atom::Some(..) => Reads::Nothing,
            Atom::Within(record, _) if of(*record) => Reads::Text,
            Atom::Within(..) => Reads::Nothing,
            Atom::Equal(a, b) if [a, b].iter().any(|text| of(self.formulas.records.record_of(**text))) => Reads::Text,
            Atom::Equal(..) => Reads::Nothing,
            Atom::Member(text, language) => self.membership(*text, *language, &of),
        }
    }

    fn membership(&self, text: Text, language: Language, of: &impl Fn(Record) -> bool) -> Reads {
        let languages = &self.formulas.languages;
        let globs = languages.globs_of(language).iter().filter_map(|id| languages.get(*id));
        let inserted = globs.clone().flat_map(|glob| glob.holes().collect::<Vec<_>>());
        if inserted.into_iter().any(|hole| of(self.formulas.records.record_of(hole))) {
            return Reads::Text;
        }
        if !of(self.formulas.records.record_of(text)) {
            return Reads::Nothing;
        }
        let Some(link) = self.link.filter(|link| link.text == text) else { return Reads::Text };
        let mut set = IntervalSet::empty();
        for glob in globs {
            let Some(literal) = glob.as_literal() else { return Reads::Text };
            if let Some(point) = (link.parse)(&literal) {
                set = set.union(&IntervalSet::point(point));
            }
        }
        Reads::Values(set)
    }
}

#[cfg(test)]
mod tests {
    use super::{comparisons, with_value};
    use crate::decimal::Decimal;
    use crate::formula::{Formula, Formulas, Link, Point};
    use crate::glob::Token;
    use crate::interval::{Cut, IntervalSet};
    use crate::record::Shape;

    fn number(text: &str) -> Point {
        Point::Number(Decimal::parse(text).unwrap())
    }

    fn from(text: &str) -> IntervalSet<Point> {
        IntervalSet::between(Cut::Before(number(text)), Cut::End)
    }

    #[test]
    fn the_truth_at_a_value() {
        let mut f = Formulas::default();
        let x = f.declare_scalar(IntervalSet::full());
        let b = f.declare_bool();
        let b = f.bool(b);
        let (low, high) = (f.scalar(x, &from("1")), f.scalar(x, &from("9")));
        let inner = f.any(&[b, high]);
        let formula = f.all(&[low, inner]);
        assert_eq!(comparisons(&f, &[formula], x).sets.len(), 2);
        assert_eq!(with_value(&mut f, formula, x, &number("0")), Formula::FALSE);
        assert_eq!(with_value(&mut f, formula, x, &number("5")), b);
        assert_eq!(with_value(&mut f, formula, x, &number("9")), Formula::TRUE);
        let not = Formulas::not(formula);
        assert_eq!(with_value(&mut f, not, x, &number("9")), Formula::FALSE);
    }

    #[test]
    fn a_tied_text_counts_by_its_whole_texts() {
        let mut f = Formulas::default();
        let x = f.declare_scalar(IntervalSet::full());
        let parsed = f.declare_bool();
        let text = f.records.declare_text(Shape::any());
        let parse: fn(&str) -> Option<Point> = |text| Decimal::parse(text).map(Point::Number);
        f.link(Link { text, parsed, scalar: x, parse, print: |_| String::new() });
        let seven = f.matches(text, ["7".chars().map(Token::Char).collect(), Vec::new()]);
        assert_eq!(with_value(&mut f, seven, x, &number("7")), Formula::TRUE);
        assert_eq!(with_value(&mut f, seven, x, &number("8")), Formula::FALSE);
        assert!(!comparisons(&f, &[seven], x).textual);
        let any = f.matches(text, [vec![Token::Char('7'), Token::Many]]);
        assert!(comparisons(&f, &[any], x).textual);
        assert_eq!(with_value(&mut f, any, x, &number("8")), any);
    }
}
