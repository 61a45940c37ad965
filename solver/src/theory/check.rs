//! Whether a conjunction of literals has values, theory by theory.

use std::collections::BTreeMap;

use crate::budget::{Budget, Exhausted};
use crate::formula::{Atom, BoolVar, Formula, Formulas, Node, Point, ScalarVar};
use crate::record::{Forms, Record, Text};
use crate::theory::scalars::{self, Range};
use crate::theory::texts::Membership;
use crate::theory::tied::{self, Component};

/// Values of the variables that matter.
#[derive(Clone, Debug, Default)]
pub struct Values {
    /// Field values by record.
    pub records: BTreeMap<Record, Vec<String>>,
    /// Values of ordered variables.
    pub scalars: BTreeMap<ScalarVar, Point>,
    /// Truth of Boolean variables.
    pub bools: BTreeMap<BoolVar, bool>,
}

/// The answer for a conjunction.
pub(crate) enum Consistency {
    Values(Values),
    /// Each list of literals has no values together.
    Conflicts(Vec<Vec<Formula>>),
    /// Nothing was proved: these literals are outside what is decided.
    Undecided(Undecided),
}

/// A question that a theory left open.
#[derive(Clone, Debug)]
pub struct Undecided {
    /// The literals that could not be decided together.
    pub(crate) literals: Vec<Formula>,
    /// The kind of limit.
    pub limit: Limit,
    /// The text whose patterns are too entangled, if it is about texts.
    pub text: Option<Text>,
}

/// Limits of what is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Limit {
    /// The work budget ended.
    Budget,
    /// Patterns that insert other texts overlap in a way that is not decided.
    EntangledTexts,
    /// A text is compared both as text and as a number, and neither side is finite.
    MixedComparison,
}

/// Literals by kind.
#[derive(Default)]
struct Sorted {
    bools: BTreeMap<BoolVar, bool>,
    members: Vec<(Membership, bool)>,
    ranges: BTreeMap<ScalarVar, Vec<Range>>,
    within: Vec<(Formula, Record, Forms)>,
    equal: Vec<(Formula, Text, Text, bool)>,
    bool_literals: BTreeMap<BoolVar, Formula>,
}

fn sort(formulas: &Formulas, literals: &[Formula]) -> Sorted {
    let mut sorted = Sorted::default();
    for literal in literals {
        let holds = !literal.is_negated();
        let Node::Atom(atom) = formulas.node_of(*literal) else { continue };
        match atom {
            Atom::Bool(variable) => {
                sorted.bools.insert(*variable, holds);
                sorted.bool_literals.insert(*variable, *literal);
            }
            Atom::Member(text, language) => {
                let membership = Membership { literal: *literal, text: *text, language: *language };
                sorted.members.push((membership, holds));
            }
            Atom::Scalar(variable, set) => {
                let values = if holds { set.clone() } else { set.complement() };
                sorted.ranges.entry(*variable).or_default().push(Range { literal: *literal, values });
            }
            Atom::Within(record, forms) if holds => sorted.within.push((*literal, *record, *forms)),
            Atom::Equal(a, b) => sorted.equal.push((*literal, *a, *b, holds)),
            // expanded before the search, or read as unknown
            Atom::Some(..) | Atom::Within(..) => {}
        }
    }
    sorted
}

/// Decides the literals.
///
/// # Errors
/// [`Exhausted`] when the budget ends.
pub(crate) fn check(
    formulas: &mut Formulas,
    literals: &[Formula],
    fresh: char,
    budget: &mut Budget,
) -> Result<Consistency, Exhausted> {
    let sorted = sort(formulas, literals);
    let mut values = Values { bools: sorted.bools.clone(), ..Values::default() };
    let mut conflicts = Vec::new();
    let mut left: BTreeMap<ScalarVar, _> = BTreeMap::new();
    for (variable, ranges) in &sorted.ranges {
        match scalars::decide(&formulas.universe(*variable), ranges) {
            Ok(set) => {
                if let Some(point) = scalars::picks(&set).into_iter().next() {
                    values.scalars.insert(*variable, point);
                }
                left.insert(*variable, set);
            }
            Err(conflict) => conflicts.push(conflict),
        }
    }
    let mut open = None;
    for mut component in components(formulas, &sorted) {
        component.attach_links(formulas, &left, &sorted.ranges, &sorted.bool_literals);
        match tied::decide(formulas, &component, fresh, budget)? {
            tied::Decision::Values(solved) => {
                values.records.extend(solved.records);
                values.scalars.extend(solved.scalars);
            }
            tied::Decision::Conflict(conflict) => conflicts.push(conflict),
            tied::Decision::Undecided(undecided) => open = Some(undecided),
        }
    }
    Ok(match (conflicts.is_empty(), open) {
        (false, _) => Consistency::Conflicts(conflicts),
        (true, Some(undecided)) => Consistency::Undecided(undecided),
        (true, None) => Consistency::Values(values),
    })
}

/// Groups the literals about texts by records that depend on each other.
fn components(formulas: &Formulas, sorted: &Sorted) -> Vec<Component> {
    let mut groups = Groups::default();
    let record = |text: Text| formulas.records.record_of(text);
    for (membership, _) in &sorted.members {
        let own = record(membership.text);
        groups.add(own);
        for hole in formulas.languages.holes(membership.language) {
            groups.join(own, record(hole));
        }
    }
    for (_, a, b, _) in &sorted.equal {
        groups.join(record(*a), record(*b));
    }
    for link in &formulas.links {
        if sorted.bools.contains_key(&link.parsed) || sorted.ranges.contains_key(&link.scalar) {
            groups.add(record(link.text));
        }
    }
    let mut components: BTreeMap<Record, Component> = BTreeMap::new();
    for (record, root) in groups.roots() {
        components.entry(root).or_default().records.push(record);
    }
    for (membership, holds) in &sorted.members {
        if let Some(component) = components.get_mut(&groups.find(record(membership.text))) {
            let side = if *holds { &mut component.positives } else { &mut component.negatives };
            side.push(*membership);
        }
    }
    for (literal, a, b, holds) in &sorted.equal {
        if let Some(component) = components.get_mut(&groups.find(record(*a))) {
            let side = if *holds { &mut component.equal } else { &mut component.different };
            side.push((*literal, *a, *b));
        }
    }
    for (literal, record, forms) in &sorted.within {
        if let Some(component) = components.get_mut(&groups.find(*record)) {
            component.within.push((*literal, *record, *forms));
        }
    }
    components.into_values().collect()
}

/// Union-find over records.
#[derive(Default)]
struct Groups {
    parent: BTreeMap<Record, Record>,
}

impl Groups {
    fn add(&mut self, record: Record) {
        self.parent.entry(record).or_insert(record);
    }

    fn find(&self, mut record: Record) -> Record {
        while let Some(parent) = self.parent.get(&record) {
            if *parent == record {
                break;
            }
            record = *parent;
        }
        record
    }

    fn join(&mut self, a: Record, b: Record) {
        self.add(a);
        self.add(b);
        let (a, b) = (self.find(a), self.find(b));
        self.parent.insert(a.max(b), a.min(b));
    }

    fn roots(&self) -> Vec<(Record, Record)> {
        self.parent.keys().map(|record| (*record, self.find(*record))).collect()
    }
}
