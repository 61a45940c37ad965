//! Sets: "some member satisfies φ" made quantifier-free.
//!
//! The formulas about one set are monadic: each says that some member satisfies a property, or that none does. If n
//! properties are spoken of, a set with a satisfying assignment has one with at most n members plus one (a witness for
//! each property that is met, and one member in case none is): take any set and keep only the witnesses; properties
//! that were met by none stay so. Hence n + 1 *slots*, each a copy of the set's bound variables and a Boolean "in use",
//! and `some φ` becomes the disjunction over slots of "in use and φ". No bound on the size of real sets is assumed.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap as HashMap;

use crate::formula::{Atom, BoolVar, Formula, Formulas, Link, Node, ScalarVar, SetDeclaration, SetVar};
use crate::record::Record;

/// A slot of a set variable: one possible member.
#[derive(Clone, Debug)]
pub struct Slot {
    /// Whether the slot is a member.
    pub in_use: BoolVar,
    /// The copy of the bound record.
    pub record: Record,
    /// Copies of the bound ordered variables, in order of declaration.
    pub scalars: Vec<ScalarVar>,
    /// Copies of the bound Boolean variables, in order of declaration.
    pub bools: Vec<BoolVar>,
}

/// The quantifier-free form of some formulas.
#[derive(Clone, Debug)]
pub struct Expanded {
    /// The given formulas, expanded, in order.
    pub formulas: Vec<Formula>,
    /// What must hold of the slots; to be conjoined.
    pub background: Formula,
    /// Slots by set; only sets that occur.
    pub slots: BTreeMap<SetVar, Vec<Slot>>,
}

/// Expands every `some` in the formulas. Linear in their size times the number of slots.
pub fn expand(formulas: &mut Formulas, roots: &[Formula]) -> Expanded {
    let bodies = collect(formulas, roots);
    if bodies.is_empty() {
        return Expanded { formulas: roots.to_vec(), background: Formula::TRUE, slots: BTreeMap::new() };
    }
    let slots: BTreeMap<SetVar, Vec<Slot>> = bodies
        .iter()
        .map(|(set, found)| {
            let count = (found.len() + 1).max(2);
            (*set, (0..count).map(|_| slot(formulas, *set)).collect())
        })
        .collect();
    let mut background = Vec::new();
    for (set, slots) in &slots {
        background.push(frame(formulas, *set, slots));
    }
    let mut expansion = Expansion { slots: &slots, done: HashMap::default() };
    let expanded = roots.iter().map(|root| expansion.rewrite(formulas, *root)).collect();
    let background = formulas.all(&background);
    Expanded { formulas: expanded, background, slots }
}

/// The sets spoken of and the properties of each. A property never speaks of another set.
fn collect(formulas: &Formulas, roots: &[Formula]) -> BTreeMap<SetVar, Vec<Formula>> {
    let mut bodies: BTreeMap<SetVar, Vec<Formula>> = BTreeMap::new();
    let mut seen = vec![false; formulas.len()];
    let mut stack: Vec<Formula> = roots.to_vec();
    while let Some(formula) = stack.pop() {
        match seen.get_mut(formula.node() as usize) {
            Some(seen) if !*seen => *seen = true,
            _ => continue,
        }
        match formulas.node_of(formula) {
            Node::True => {}
            Node::And(parts) => stack.extend(parts),
            Node::Atom(Atom::Some(set, body)) => {
                let found = bodies.entry(*set).or_default();
                if !found.contains(body) {
                    found.push(*body);
                }
            }
            Node::Atom(Atom::Bool(variable)) => {
                // presence or singleness alone also speaks of the set
                let owner = formulas.sets.iter().position(|s| s.present == *variable || s.single == *variable);
                if let Some(owner) = owner.and_then(|index| u32::try_from(index).ok()) {
                    bodies.entry(SetVar(owner)).or_default();
                }
            }
            Node::Atom(Atom::Member(..) | Atom::Scalar(..) | Atom::Within(..) | Atom::Equal(..)) => {}
        }
    }
    bodies
}

fn slot(formulas: &mut Formulas, set: SetVar) -> Slot {
    let declaration = formulas.sets.get(set.0 as usize).cloned();
    let in_use = formulas.declare_bool();
    let Some(declaration) = declaration else {
        return Slot { in_use, record: Record(u32::MAX), scalars: Vec::new(), bools: Vec::new() };
    };
    let record = formulas.records.copy(declaration.member);
    let scalars = declaration
        .scalars
        .iter()
        .map(|scalar| {
            let universe = formulas.universe(*scalar);
            formulas.declare_scalar(universe)
        })
        .collect::<Vec<ScalarVar>>();
    let bools: Vec<BoolVar> = declaration.bools.iter().map(|_| formulas.declare_bool()).collect();
    let slot = Slot { in_use, record, scalars, bools };
    relink(formulas, &declaration, &slot);
    slot
}

/// Links between bound variables hold for their copies.
fn relink(formulas: &mut Formulas, declaration: &SetDeclaration, slot: &Slot) {
    let bound = formulas.links.iter().copied().filter(|l| formulas.records.record_of(l.text) == declaration.member);
    for link in bound.collect::<Vec<Link>>() {
        let scalar = declaration.scalars.iter().position(|s| *s == link.scalar).and_then(|i| slot.scalars.get(i));
        let parsed = declaration.bools.iter().position(|b| *b == link.parsed).and_then(|i| slot.bools.get(i));
        if let (Some(scalar), Some(parsed)) = (scalar, parsed) {
            let text = formulas.records.moved(link.text, slot.record);
            formulas.link(Link { text, parsed: *parsed, scalar: *scalar, ..link });
        }
    }
}

/// Present iff some slot is in use; single iff only the first is; several members differ somewhere.
fn frame(formulas: &mut Formulas, set: SetVar, slots: &[Slot]) -> Formula {
    let used: Vec<Formula> = slots.iter().map(|slot| formulas.bool(slot.in_use)).collect();
    let (present, single) = (formulas.present(set), formulas.single(set));
    let some_used = formulas.any(&used);
    let mut parts = vec![iff(formulas, present, some_used)];
    let only_first: Vec<Formula> =
        used.iter().enumerate().map(|(i, u)| if i == 0 { *u } else { Formulas::not(*u) }).collect();
    let only_first = formulas.all(&only_first);
    parts.push(implies(formulas, single, only_first));
    if let ([first, second, ..], [used_first, used_second, ..]) = (slots, used.as_slice()) {
        let bound = formulas.sets.get(set.0 as usize).map(|s| s.member);
        let texts = bound.map(|_| {
            let whole = vec![crate::record::Piece::Field(0)];
            (formulas.records.view(first.record, whole.clone()), formulas.records.view(second.record, whole))
        });
        if let Some((a, b)) = texts {
            let same = formulas.equal(a, b);
            let several = formulas.all(&[*used_first, *used_second, Formulas::not(same)]);
            let not_single = formulas.all(&[present, Formulas::not(single)]);
            parts.push(implies(formulas, not_single, several));
        }
    }
    formulas.all(&parts)
}

fn implies(formulas: &mut Formulas, a: Formula, b: Formula) -> Formula {
    formulas.any(&[Formulas::not(a), b])
}

fn iff(formulas: &mut Formulas, a: Formula, b: Formula) -> Formula {
    let (there, back) = (implies(formulas, a, b), implies(formulas, b, a));
    formulas.all(&[there, back])
}

struct Expansion<'a> {
    slots: &'a BTreeMap<SetVar, Vec<Slot>>,
    done: HashMap<Formula, Formula>,
}

impl Expansion<'_> {
    /// Recursion is as deep as the formula is nested: a few levels, never input-sized.
    fn rewrite(&mut self, formulas: &mut Formulas, formula: Formula) -> Formula {
        if formula.is_negated() {
            let positive = self.rewrite(formulas, formula.negated());
            return Formulas::not(positive);
        }
        if let Some(done) = self.done.get(&formula) {
            return *done;
        }
        let result = match formulas.node_of(formula).clone() {
            Node::And(parts) => {
                let parts: Vec<Formula> = parts.iter().map(|p| self.rewrite(formulas, *p)).collect();
                formulas.all(&parts)
            }
            Node::Atom(Atom::Some(set, body)) => {
                let options: Vec<Formula> = self
                    .slots
                    .get(&set)
                    .map_or(&[][..], Vec::as_slice)
                    .iter()
                    .map(|slot| {
                        let in_use = formulas.bool(slot.in_use);
                        let body = instantiate(formulas, set, slot, body);
                        formulas.all(&[in_use, body])
                    })
                    .collect();
                formulas.any(&options)
            }
            Node::True | Node::Atom(_) => formula,
        };
        self.done.insert(formula, result);
        result
    }
}

/// The body with the set's bound variables replaced by those of the slot.
fn instantiate(formulas: &mut Formulas, set: SetVar, slot: &Slot, body: Formula) -> Formula {
    if body.is_negated() {
        let positive = instantiate(formulas, set, slot, body.negated());
        return Formulas::not(positive);
    }
    let Some(bound) = formulas.sets.get(set.0 as usize).cloned() else { return body };
    match formulas.node_of(body).clone() {
        Node::And(parts) => {
            let parts: Vec<Formula> = parts.iter().map(|p| instantiate(formulas, set, slot, *p)).collect();
            formulas.all(&parts)
        }
        Node::Atom(Atom::Member(text, language)) if formulas.records.record_of(text) == bound.member => {
            let text = formulas.records.moved(text, slot.record);
            formulas.member(text, language)
        }
        Node::Atom(Atom::Scalar(variable, values)) => {
            match bound.scalars.iter().position(|s| *s == variable).and_then(|i| slot.scalars.get(i)) {
                Some(copy) => formulas.scalar(*copy, &values),
                None => body,
            }
        }
        Node::Atom(Atom::Bool(variable)) => {
            match bound.bools.iter().position(|b| *b == variable).and_then(|i| slot.bools.get(i)) {
                Some(copy) => formulas.bool(*copy),
                None => body,
            }
        }
        Node::Atom(Atom::Equal(a, b)) => {
            let moved = |formulas: &mut Formulas, t| {
                if formulas.records.record_of(t) == bound.member { formulas.records.moved(t, slot.record) } else { t }
            };
            let (a, b) = (moved(formulas, a), moved(formulas, b));
            formulas.equal(a, b)
        }
        Node::True | Node::Atom(Atom::Member(..) | Atom::Within(..) | Atom::Some(..)) => body,
    }
}
