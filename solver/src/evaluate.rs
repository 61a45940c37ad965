//! The truth of a formula at given values, by structural recursion: the smallest possible judge.

use std::collections::BTreeMap;

use crate::formula::{Atom, BoolVar, Formula, Formulas, Node, Point, ScalarVar, SetVar};
use crate::record::{Record, Text};
use crate::theory::layout::substituted;

/// One member of a set: values of the set's bound variables.
#[derive(Clone, Debug, Default)]
pub struct Member {
    /// Fields of the bound record.
    pub fields: Vec<String>,
    /// Bound ordered variables, in order of declaration.
    pub scalars: Vec<Point>,
    /// Bound Boolean variables, in order of declaration.
    pub bools: Vec<bool>,
}

/// Values of all variables; what is missing is false, empty, or zero.
#[derive(Clone, Debug, Default)]
pub struct Assignment {
    /// Boolean variables.
    pub bools: BTreeMap<BoolVar, bool>,
    /// Fields of records.
    pub records: BTreeMap<Record, Vec<String>>,
    /// Ordered variables.
    pub scalars: BTreeMap<ScalarVar, Point>,
    /// Members of sets.
    pub sets: BTreeMap<SetVar, Vec<Member>>,
}

impl Assignment {
    fn text(&self, formulas: &Formulas, text: Text) -> String {
        let fields = self.records.get(&formulas.records.record_of(text)).map_or(&[][..], Vec::as_slice);
        formulas.records.read(text, fields)
    }

    fn with_member(&self, formulas: &Formulas, set: SetVar, member: &Member) -> Self {
        let mut inner = self.clone();
        if let Some(declaration) = formulas.sets.get(set.0 as usize) {
            inner.records.insert(declaration.member, member.fields.clone());
            inner.scalars.extend(declaration.scalars.iter().copied().zip(member.scalars.iter().cloned()));
            inner.bools.extend(declaration.bools.iter().copied().zip(member.bools.iter().copied()));
        }
        inner
    }
}

/// Whether the formula is true. Presence and singleness of sets follow from their members.
pub fn evaluate(formulas: &Formulas, formula: Formula, at: &Assignment) -> bool {
    let truth = match formulas.node_of(formula) {
        Node::True => true,
        Node::And(parts) => parts.iter().all(|part| evaluate(formulas, *part, at)),
        Node::Atom(atom) => evaluate_atom(formulas, atom, at),
    };
    truth != formula.is_negated()
}

fn evaluate_atom(formulas: &Formulas, atom: &Atom, at: &Assignment) -> bool {
    match atom {
        Atom::Bool(variable) => evaluate_bool(formulas, *variable, at),
        Atom::Member(text, language) => {
            let word = at.text(formulas, *text);
            let globs = formulas.languages.globs_of(*language).iter().filter_map(|id| formulas.languages.get(*id));
            globs.into_iter().any(|glob| substituted(glob, &|hole| at.text(formulas, hole)).matches(&word))
        }
        Atom::Scalar(variable, set) => at.scalars.get(variable).is_some_and(|value| set.contains(value)),
        Atom::Within(record, forms) => {
            let fields = at.records.get(record).map_or(&[][..], Vec::as_slice);
            formulas.records.has_form(formulas.records.forms_of(*forms), fields)
        }
        Atom::Equal(a, b) => at.text(formulas, *a) == at.text(formulas, *b),
        Atom::Some(set, body) => {
            let members = at.sets.get(set).map_or(&[][..], Vec::as_slice);
            members.iter().any(|member| evaluate(formulas, *body, &at.with_member(formulas, *set, member)))
        }
    }
}

fn evaluate_bool(formulas: &Formulas, variable: BoolVar, at: &Assignment) -> bool {
    for (index, declaration) in formulas.sets.iter().enumerate() {
        let size = || u32::try_from(index).ok().and_then(|i| at.sets.get(&SetVar(i))).map_or(0, Vec::len);
        if declaration.present == variable {
            return size() > 0;
        }
        if declaration.single == variable {
            return size() == 1;
        }
    }
    at.bools.get(&variable).copied().unwrap_or(false)
}
