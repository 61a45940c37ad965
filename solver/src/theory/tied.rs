//! One component of a conjunction: records that depend on each other through equalities, inserted texts and links.
//!
//! A component of one record without any of these is decided exactly by [`Conjunction`]. Otherwise: lay the records out
//! as one ([`crate::theory::layout`]); "nothing" there is a conflict; a word is checked against every literal, repaired
//! by fixing the inserted texts if it fails, and given up as undecided if that fails too.

use std::collections::BTreeMap;

use crate::budget::{Budget, Exhausted};
use crate::formula::{Formula, Formulas};
use crate::glob::Glob;
use crate::language::{GlobId, Language};
use crate::record::{Forms, Record, Text};
use crate::theory::check::{Limit, Undecided, Values};
use crate::theory::layout::{self, Ties};
use crate::theory::links::{self, Linked};
use crate::theory::texts::{Conjunction, Membership, Outcome};

/// Literals about records that depend on each other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Component {
    pub(crate) records: Vec<Record>,
    pub(crate) positives: Vec<Membership>,
    pub(crate) negatives: Vec<Membership>,
    pub(crate) equal: Vec<(Formula, Text, Text)>,
    pub(crate) different: Vec<(Formula, Text, Text)>,
    pub(crate) within: Vec<(Formula, Record, Forms)>,
    pub(super) links: Vec<Linked>,
}

/// The answer for a component.
pub(crate) enum Decision {
    Values(Values),
    Conflict(Vec<Formula>),
    Undecided(Undecided),
}

type Fields = BTreeMap<Record, Vec<String>>;

impl Component {
    fn texts(&self, formulas: &Formulas) -> Vec<Text> {
        let mut texts: Vec<Text> = Vec::new();
        for membership in self.positives.iter().chain(&self.negatives) {
            texts.push(membership.text);
            texts.extend(formulas.languages.holes(membership.language));
        }
        texts.extend(self.equal.iter().chain(&self.different).flat_map(|(_, a, b)| [*a, *b]));
        texts.extend(self.links.iter().map(|linked| linked.link.text));
        texts.sort_unstable();
        texts.dedup();
        texts
    }

    pub(super) fn literals(&self) -> Vec<Formula> {
        let members = self.positives.iter().chain(&self.negatives).map(|m| m.literal);
        let ties = self.equal.iter().chain(&self.different).map(|(literal, _, _)| *literal);
        let links = self.links.iter().flat_map(|linked| linked.literals.iter().copied());
        members.chain(ties).chain(links).chain(self.within.iter().map(|(literal, _, _)| *literal)).collect()
    }

    pub(super) fn undecided(&self, limit: Limit, text: Option<Text>) -> Decision {
        Decision::Undecided(Undecided { literals: self.literals(), limit, text })
    }

    fn has_holes(&self, formulas: &Formulas) -> bool {
        self.positives.iter().chain(&self.negatives).any(|m| !formulas.languages.holes(m.language).is_empty())
    }
}

/// Decides a component.
///
/// # Errors
/// [`Exhausted`] when the budget ends.
pub(crate) fn decide(
    formulas: &mut Formulas,
    component: &Component,
    fresh: char,
    budget: &mut Budget,
) -> Result<Decision, Exhausted> {
    if let Some(linked) = component.links.first() {
        return links::decide_linked(formulas, component, linked, fresh, budget);
    }
    match decide_texts(formulas, component, fresh, budget)? {
        Decision::Values(values) => {
            match component
                .different
                .iter()
                .find(|(_, a, b)| read(formulas, &values.records, *a) == read(formulas, &values.records, *b))
            {
                Some(clash) => separate(formulas, component, *clash, &values.records, fresh, budget),
                None => Ok(Decision::Values(values)),
            }
        }
        other => Ok(other),
    }
}

pub(super) fn read(formulas: &Formulas, fields: &Fields, text: Text) -> String {
    let record = formulas.records.record_of(text);
    fields.get(&record).map_or_else(String::new, |own| formulas.records.read(text, own))
}

/// Memberships, equalities and holes; disequalities and links are the caller's.
fn decide_texts(
    formulas: &mut Formulas,
    component: &Component,
    fresh: char,
    budget: &mut Budget,
) -> Result<Decision, Exhausted> {
    match component.records.as_slice() {
        [record] if component.equal.is_empty() && !component.has_holes(formulas) => {
            decide_one(formulas, component, *record, fresh, budget)
        }
        _ => decide_tied(formulas, component, fresh, budget),
    }
}

/// A single record without holes: exact.
fn decide_one(
    formulas: &Formulas,
    component: &Component,
    record: Record,
    fresh: char,
    budget: &mut Budget,
) -> Result<Decision, Exhausted> {
    let texts = component.texts(formulas);
    let restriction = component.within.iter().find(|(_, r, _)| *r == record);
    let mut layout = layout::single(formulas, record, &texts, restriction.map(|(_, _, forms)| *forms));
    layout.restricted_by =
        restriction.map(|(literal, _, _)| (*literal, formulas.records.declared_forms(record).to_vec()));
    let conjunction = Conjunction {
        formulas,
        layout: &layout,
        fresh,
        positives: component.positives.clone(),
        negatives: component.negatives.clone(),
    };
    Ok(match conjunction.decide(budget)? {
        Outcome::Word(word) => {
            Decision::Values(Values { records: BTreeMap::from([(record, word)]), ..Values::default() })
        }
        Outcome::Conflict(conflict) => Decision::Conflict(conflict),
    })
}

/// Most choices of globs with holes that are tried.
const MOST_CHOICES: usize = 64;

fn decide_tied(
    formulas: &mut Formulas,
    component: &Component,
    fresh: char,
    budget: &mut Budget,
) -> Result<Decision, Exhausted> {
    let entangled = component.positives.iter().chain(&component.negatives);
    let entangled = entangled.copied().find(|m| !formulas.languages.holes(m.language).is_empty()).map(|m| m.text);
    let Some(choices) = choices(formulas, component) else {
        return Ok(component.undecided(Limit::EntangledTexts, entangled));
    };
    let texts = component.texts(formulas);
    let mut blame: Vec<Formula> = component.equal.iter().map(|(literal, _, _)| *literal).collect();
    let mut incomplete = false;
    for choice in choices {
        budget.spend(1)?;
        let ties = Ties { equal: component.equal.iter().map(|(_, a, b)| (*a, *b)).collect(), filled: choice.filled };
        let Some(merged) = layout::merge(formulas, &component.records, &texts, &ties) else {
            incomplete = true;
            continue;
        };
        for (text, glob) in &ties.filled {
            incomplete |= !layout::holes_in_last_field(formulas, *text, glob, budget)?;
        }
        let outcome = Conjunction {
            formulas,
            layout: &merged.layout,
            fresh,
            positives: choice.positives,
            negatives: component.negatives.clone(),
        }
        .decide(budget)?;
        match outcome {
            Outcome::Conflict(conflict) => {
                // the layout itself rests on the literals whose holes it lays out
                let laid_out = |m: &&Membership| ties.filled.iter().any(|(text, _)| *text == m.text);
                blame.extend(component.positives.iter().filter(laid_out).map(|m| m.literal));
                blame.extend(conflict);
            }
            Outcome::Word(word) => {
                let fields = merged.split(&word);
                match checked(formulas, component, fields, fresh, budget)? {
                    Some(records) => return Ok(Decision::Values(Values { records, ..Values::default() })),
                    None => incomplete = true,
                }
            }
        }
    }
    if incomplete {
        return Ok(component.undecided(Limit::EntangledTexts, entangled));
    }
    blame.sort_unstable();
    blame.dedup();
    Ok(Decision::Conflict(blame))
}

/// One way to read the positive literals with holes.
struct Choice {
    positives: Vec<Membership>,
    filled: Vec<(Text, Glob)>,
}

/// Every choice of one glob with holes (or all the globs without) from each positive literal; of several globs with
/// holes on one text only the first is laid out, the others are widened.
fn choices(formulas: &mut Formulas, component: &Component) -> Option<Vec<Choice>> {
    let mut all = vec![Choice { positives: Vec::new(), filled: Vec::new() }];
    for membership in &component.positives {
        let globs = formulas.languages.globs_of(membership.language).to_vec();
        let has_holes = |id: &GlobId| formulas.languages.get(*id).is_some_and(Glob::has_holes);
        let (holed, plain): (Vec<GlobId>, Vec<GlobId>) = globs.into_iter().partition(has_holes);
        let mut options: Vec<(Language, Option<Glob>)> = Vec::new();
        if !plain.is_empty() {
            options.push((formulas.languages.union(plain), None));
        }
        for id in holed {
            let glob = formulas.languages.get(id).cloned();
            options.push((formulas.languages.union(vec![id]), glob));
        }
        let mut next = Vec::new();
        for choice in &all {
            for (language, glob) in &options {
                next.push(extended(formulas, choice, membership, *language, glob.as_ref()));
            }
        }
        if next.len() > MOST_CHOICES {
            return None;
        }
        all = next;
    }
    Some(all)
}

fn extended(
    formulas: &mut Formulas,
    choice: &Choice,
    membership: &Membership,
    language: Language,
    glob: Option<&Glob>,
) -> Choice {
    let mut positives = choice.positives.clone();
    let mut filled = choice.filled.clone();
    let language = match glob {
        None => language,
        Some(glob) if filled.iter().any(|(text, _)| *text == membership.text) => {
            let id = formulas.languages.glob(layout::widened(glob));
            formulas.languages.union(vec![id])
        }
        Some(glob) => {
            filled.push((membership.text, glob.clone()));
            language
        }
    };
    positives.push(Membership { language, ..*membership });
    Choice { positives, filled }
}

/// The values, if they satisfy everything, or after one repair: inserted and equated texts fixed, the rest solved again.
fn checked(
    formulas: &mut Formulas,
    component: &Component,
    fields: Fields,
    fresh: char,
    budget: &mut Budget,
) -> Result<Option<Fields>, Exhausted> {
    if satisfied(formulas, component, &fields) {
        return Ok(Some(fields));
    }
    let Some(repaired) = repair(formulas, component, &fields, fresh, budget)? else { return Ok(None) };
    Ok(satisfied(formulas, component, &repaired).then_some(repaired))
}

fn satisfied(formulas: &Formulas, component: &Component, fields: &Fields) -> bool {
    let holds = |m: &Membership| {
        let text = read(formulas, fields, m.text);
        formulas.languages.globs_of(m.language).iter().filter_map(|id| formulas.languages.get(*id)).any(|glob| {
            let value = |hole| read(formulas, fields, hole);
            if glob.has_holes() { layout::substituted(glob, &value).matches(&text) } else { glob.matches(&text) }
        })
    };
    let formed = |record: &Record| {
        let within = component.within.iter().find(|(_, r, _)| r == record).map(|(_, _, forms)| *forms);
        let declared = formulas.records.declared_forms(*record);
        let forms = within.map_or(declared, |forms| formulas.records.forms_of(forms));
        fields.get(record).is_some_and(|own| formulas.records.has_form(forms, own))
    };
    let same = |(_, a, b): &(Formula, Text, Text)| read(formulas, fields, *a) == read(formulas, fields, *b);
    component.records.iter().all(formed)
        && component.positives.iter().all(holds)
        && !component.negatives.iter().any(holds)
        && component.equal.iter().all(same)
}

/// Solves each record by itself with the inserted and equated texts at their present values.
fn repair(
    formulas: &mut Formulas,
    component: &Component,
    fields: &Fields,
    fresh: char,
    budget: &mut Budget,
) -> Result<Option<Fields>, Exhausted> {
    let mut pinned: Vec<Text> = component.equal.iter().flat_map(|(_, a, b)| [*a, *b]).collect();
    for membership in component.positives.iter().chain(&component.negatives) {
        pinned.extend(formulas.languages.holes(membership.language));
    }
    pinned.sort_unstable();
    pinned.dedup();
    let mut fixed = component.clone();
    fixed.equal.clear();
    for membership in fixed.positives.iter_mut().chain(&mut fixed.negatives) {
        membership.language = fix_holes(formulas, membership.language, fields);
    }
    for text in pinned {
        let value = Glob::literal(&read(formulas, fields, text));
        let glob = formulas.languages.glob(value);
        let language = formulas.languages.union(vec![glob]);
        fixed.positives.push(Membership { literal: Formula::TRUE, text, language });
    }
    let mut repaired = Fields::new();
    for record in &component.records {
        let of_record = |m: &&Membership| formulas.records.record_of(m.text) == *record;
        let own = Component {
            records: vec![*record],
            positives: fixed.positives.iter().filter(of_record).copied().collect(),
            negatives: fixed.negatives.iter().filter(of_record).copied().collect(),
            within: fixed.within.clone(),
            ..Component::default()
        };
        match decide_one(formulas, &own, *record, fresh, budget)? {
            Decision::Values(values) => repaired.extend(values.records),
            Decision::Conflict(_) | Decision::Undecided(_) => return Ok(None),
        }
    }
    Ok(Some(repaired))
}

fn fix_holes(formulas: &mut Formulas, language: Language, fields: &Fields) -> Language {
    let globs: Vec<Glob> =
        formulas.languages.globs_of(language).iter().filter_map(|id| formulas.languages.get(*id)).cloned().collect();
    let fixed: Vec<GlobId> = globs
        .iter()
        .map(|glob| {
            let value = |hole| read(formulas, fields, hole);
            layout::substituted(glob, &value)
        })
        .collect::<Vec<Glob>>()
        .into_iter()
        .map(|glob| formulas.languages.glob(glob))
        .collect();
    formulas.languages.union(fixed)
}

/// Most steps away from common values in one branch.
const MOST_MOVES: usize = 12;

/// Two texts that must differ came out equal: move one away from the common value, or prove that neither can move.
fn separate(
    formulas: &mut Formulas,
    component: &Component,
    (literal, a, b): (Formula, Text, Text),
    fields: &Fields,
    fresh: char,
    budget: &mut Budget,
) -> Result<Decision, Exhausted> {
    if tied_together(component, a, b) {
        let mut conflict: Vec<Formula> = component.equal.iter().map(|(literal, _, _)| *literal).collect();
        conflict.push(literal);
        return Ok(Decision::Conflict(conflict));
    }
    let glob = formulas.languages.glob(Glob::literal(&read(formulas, fields, a)));
    let language = formulas.languages.union(vec![glob]);
    let moves = component.negatives.iter().filter(|m| component.different.iter().any(|(l, _, _)| *l == m.literal));
    if moves.count() > MOST_MOVES {
        return Ok(component.undecided(Limit::EntangledTexts, Some(a)));
    }
    let mut blame = Vec::new();
    for text in [a, b] {
        budget.spend(1)?;
        let mut moved = component.clone();
        moved.negatives.push(Membership { literal, text, language });
        match decide(formulas, &moved, fresh, budget)? {
            Decision::Conflict(conflict) => blame.extend(conflict),
            found => return Ok(found),
        }
    }
    blame.push(literal);
    blame.sort_unstable();
    blame.dedup();
    Ok(Decision::Conflict(blame))
}

/// Whether equalities alone make the two texts one.
fn tied_together(component: &Component, a: Text, b: Text) -> bool {
    let mut reached = vec![a];
    let mut at = 0;
    while let Some(text) = reached.get(at).copied() {
        for (_, x, y) in &component.equal {
            let other = if *x == text { *y } else { *x };
            if (*x == text || *y == text) && !reached.contains(&other) {
                reached.push(other);
            }
        }
        at += 1;
    }
    reached.contains(&b)
}
