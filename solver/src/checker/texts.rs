//! Conjunctions about texts: whether some values of the records satisfy them.
//!
//! "Nothing" is a proof; values found need not be values of the records. Each way to choose one pattern with inserted
//! values from each list to match is looked at by itself, in a layout with those values in their places.

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::budget::{Budget, Exhausted};
use crate::checker::automaton::{Automaton, Library, MOST_HOLES, hole_byte};
use crate::checker::layout::Layout;
use crate::checker::walk::{Part, Track, Walk};
use crate::formula::Formulas;
use crate::glob::Token;
use crate::language::GlobId;
use crate::record::{Form, Forms, Piece, Record, Shape, Text};

/// A list of patterns, or one text.
#[derive(Clone, Debug)]
pub(super) enum Patterns {
    Globs(Vec<GlobId>),
    Word(String),
}

/// A text that matches one of the patterns, or none.
#[derive(Clone, Debug)]
pub(super) struct Constraint {
    pub(super) text: Text,
    pub(super) patterns: Patterns,
    pub(super) holds: bool,
}

/// A conjunction about texts.
#[derive(Clone, Debug, Default)]
pub(super) struct Texts {
    pub(super) constraints: Vec<Constraint>,
    pub(super) equal: Vec<(Text, Text)>,
    pub(super) different: Vec<(Text, Text)>,
    pub(super) within: Vec<(Record, Forms)>,
}

/// Most combinations of patterns with inserted values that are looked at.
const MOST_CHOICES: usize = 256;
/// Most steps away from values that were found equal and must differ.
const MOST_MOVES: usize = 12;

/// What is used everywhere below.
pub(super) struct Judge<'a> {
    pub(super) formulas: &'a Formulas,
    pub(super) library: &'a mut Library,
    pub(super) budget: &'a mut Budget,
}

/// What was found.
enum Found {
    Nothing,
    /// Two texts that must differ have this same value.
    Same(Text, Text, String),
    /// Values, or no answer.
    Something,
}

impl Judge<'_> {
    /// Whether surely no values satisfy the conjunction.
    pub(super) fn is_impossible(&mut self, texts: &Texts, moves: usize) -> Result<bool, Exhausted> {
        self.budget.spend(1)?;
        if self.is_impossible_in_one_text(texts)? {
            return Ok(true);
        }
        let records = self.records(texts);
        let Some(layout) = Layout::new(self.formulas, &records, &texts.equal) else { return Ok(false) };
        let one = |text: Text| layout.place(self.formulas, text);
        if texts.different.iter().any(|(a, b)| one(*a).is_some() && one(*a) == one(*b)) {
            return Ok(true);
        }
        let Some(choices) = self.choices(&texts.constraints) else { return Ok(false) };
        for choice in choices {
            match self.look(&layout, &records, texts, &choice)? {
                Found::Nothing => {}
                Found::Something => return Ok(false),
                Found::Same(a, b, value) => {
                    // they differ, so one of them is not this value
                    if moves >= MOST_MOVES {
                        return Ok(false);
                    }
                    let away = |text| {
                        let mut moved = texts.clone();
                        let patterns = Patterns::Word(value.clone());
                        moved.constraints.push(Constraint { text, patterns, holds: false });
                        moved
                    };
                    return Ok(self.is_impossible(&away(a), moves + 1)? && self.is_impossible(&away(b), moves + 1)?);
                }
            }
        }
        Ok(true)
    }

    /// The cheapest reason: one text that cannot be any text at all, whatever its record.
    fn is_impossible_in_one_text(&mut self, texts: &Texts) -> Result<bool, Exhausted> {
        let Some(first) = texts.constraints.first() else { return Ok(false) };
        if texts.constraints.iter().any(|c| c.text != first.text || !self.holes(c).is_empty()) {
            return Ok(false);
        }
        let whole = vec![Part::Field(0)];
        let mut tracks = Vec::new();
        for constraint in &texts.constraints {
            let Some(automaton) = self.automaton(&constraint.patterns, &[]) else { return Ok(false) };
            tracks.push(Track { automaton, holds: constraint.holds, parts: whole.clone() });
        }
        let Some(any) = self.library.shape(&Shape::any()) else { return Ok(false) };
        tracks.push(Track { automaton: any, holds: true, parts: whole });
        let walk = Walk { fields: 1, tracks, inserted: Vec::new() };
        Ok(walk.find(self.budget)?.is_none())
    }

    /// Whether every text of one glob is a text of another.
    pub(super) fn is_inside(&mut self, inner: GlobId, outer: GlobId) -> Result<bool, Exhausted> {
        let one = |glob, holds| Constraint { text: Text(0), patterns: Patterns::Globs(vec![glob]), holds };
        let constraints = vec![one(inner, true), one(outer, false)];
        self.is_impossible_in_one_text(&Texts { constraints, ..Texts::default() })
    }

    fn records(&self, texts: &Texts) -> BTreeSet<Record> {
        let holes = texts.constraints.iter().flat_map(|c| self.holes(c));
        let named = texts.constraints.iter().map(|c| c.text);
        let tied = texts.equal.iter().chain(&texts.different).flat_map(|(a, b)| [*a, *b]);
        holes.chain(named).chain(tied).map(|text| self.formulas.records.record_of(text)).collect()
    }

    fn holes(&self, constraint: &Constraint) -> Vec<Text> {
        match &constraint.patterns {
            Patterns::Globs(globs) => globs.iter().flat_map(|glob| self.holes_of(*glob)).collect(),
            Patterns::Word(_) => Vec::new(),
        }
    }

    fn holes_of(&self, glob: GlobId) -> Vec<Text> {
        let tokens = self.formulas.languages.get(glob).map(|glob| glob.tokens()).unwrap_or_default();
        tokens.iter().filter_map(|token| if let Token::Hole(text) = token { Some(*text) } else { None }).collect()
    }

    /// Each way to take from each list to match either its patterns without inserted values, or one of the others.
    fn choices(&self, constraints: &[Constraint]) -> Option<Vec<Vec<Constraint>>> {
        let mut all: Vec<Vec<Constraint>> = vec![Vec::new()];
        for constraint in constraints {
            let options: Vec<Constraint> = match &constraint.patterns {
                Patterns::Globs(globs) if constraint.holds => {
                    let (plain, holed): (Vec<GlobId>, Vec<GlobId>) =
                        globs.iter().partition(|glob| self.holes_of(**glob).is_empty());
                    let plain = (!plain.is_empty()).then_some(plain);
                    let lists = plain.into_iter().chain(holed.into_iter().map(|glob| vec![glob]));
                    lists.map(|list| Constraint { patterns: Patterns::Globs(list), ..constraint.clone() }).collect()
                }
                Patterns::Globs(_) | Patterns::Word(_) => vec![constraint.clone()],
            };
            let extend = |choice: &Vec<Constraint>| {
                let with = |option: &Constraint| choice.iter().chain([option]).cloned().collect::<Vec<Constraint>>();
                options.iter().map(with).collect::<Vec<_>>()
            };
            all = all.iter().flat_map(extend).collect();
            if all.len() > MOST_CHOICES {
                return None;
            }
        }
        Some(all)
    }

    /// Looks for values under one choice. Of several patterns that insert values into one text, a layout shows those of one
    /// in their places and reads the others with any text there; so each of them is laid out first in turn. Every layout
    /// holds all values that there are, so one that holds none settles it.
    fn look(
        &mut self,
        layout: &Layout,
        records: &BTreeSet<Record>,
        texts: &Texts,
        choice: &[Constraint],
    ) -> Result<Found, Exhausted> {
        let inserting: Vec<usize> = (0..choice.len()).filter(|at| self.inserts_beside_another(choice, *at)).collect();
        let mut order: Vec<usize> = (0..choice.len()).collect();
        let found = self.look_in_order(layout, records, texts, choice, &order)?;
        for first in inserting {
            if matches!(found, Found::Nothing) {
                break;
            }
            order.sort_unstable_by_key(|at| (*at != first, *at));
            if let Found::Nothing = self.look_in_order(layout, records, texts, choice, &order)? {
                return Ok(Found::Nothing);
            }
        }
        Ok(found)
    }

    /// Whether the constraint is to match and inserts values into a text into which another one does as well.
    fn inserts_beside_another(&self, choice: &[Constraint], at: usize) -> bool {
        let inserts = |constraint: &Constraint| constraint.holds && !self.holes(constraint).is_empty();
        let Some(own) = choice.get(at).filter(|own| inserts(own)) else { return false };
        choice.iter().enumerate().any(|(other, beside)| other != at && beside.text == own.text && inserts(beside))
    }

    /// Looks for values in the layout that fills in the patterns in this order.
    fn look_in_order(
        &mut self,
        layout: &Layout,
        records: &BTreeSet<Record>,
        texts: &Texts,
        choice: &[Constraint],
        order: &[usize],
    ) -> Result<Found, Exhausted> {
        let mut layout = layout.clone();
        let mut holes: Vec<Text> = choice.iter().flat_map(|c| self.holes(c)).collect();
        holes.sort_unstable();
        holes.dedup();
        holes.truncate(MOST_HOLES);
        let mut tracks = Vec::new();
        let mut filled = vec![false; choice.len()];
        for at in order {
            let (Some(constraint), Some(filled)) = (choice.get(*at), filled.get_mut(*at)) else { continue };
            if constraint.holds
                && let Some(better) = self.with_values_in_place(&layout, constraint, &holes)?
            {
                (layout, *filled) = (better, true);
            }
        }
        let tied = texts.different.iter().flat_map(|(a, b)| [*a, *b]);
        layout = layout.of_texts(self.formulas, &choice.iter().map(|c| c.text).chain(tied).collect());
        for (constraint, filled) in choice.iter().zip(filled) {
            let Some(parts) = layout.parts(self.formulas, constraint.text) else { return Ok(Found::Something) };
            if let Some(automaton) = self.fitted(constraint, &holes, filled) {
                tracks.push(Track { automaton, holds: constraint.holds, parts });
            }
        }
        let mut inserted = vec![Vec::new(); layout.fields()];
        for (number, hole) in holes.iter().enumerate() {
            let place = layout.place(self.formulas, *hole).and_then(|place| inserted.get_mut(place));
            if let (Some(bytes), Some(byte)) = (place, hole_byte(number)) {
                bytes.push(byte);
            }
        }
        let row = Row { layout: &layout, walk: Walk { fields: layout.fields(), tracks, inserted }, texts };
        let open: Vec<Record> = records.iter().copied().collect();
        self.search_forms(&row, &open, &[])
    }

    /// The layout with the values that a pattern to match inserts in their places; `None` if they may stand elsewhere.
    fn with_values_in_place(
        &mut self,
        layout: &Layout,
        constraint: &Constraint,
        holes: &[Text],
    ) -> Result<Option<Layout>, Exhausted> {
        let Patterns::Globs(globs) = &constraint.patterns else { return Ok(None) };
        let [glob] = globs.as_slice() else { return Ok(None) };
        let own = self.holes_of(*glob);
        if own.is_empty() || own.iter().any(|hole| !holes.contains(hole)) {
            return Ok(None);
        }
        let Some(better) = layout.filled(self.formulas, constraint.text, &own) else { return Ok(None) };
        let surely =
            self.ends_in_last_field(constraint.text, *glob) && self.begins_in_last_field(constraint.text, *glob)?;
        Ok(surely.then_some(better))
    }

    /// Whether the first inserted value always begins in the last field of the text: nothing that stands before it in the
    /// pattern matches a shorter beginning of the text.
    fn begins_in_last_field(&mut self, text: Text, glob: GlobId) -> Result<bool, Exhausted> {
        let record = self.formulas.records.record_of(text);
        let Some(layout) = Layout::new(self.formulas, &BTreeSet::from([record]), &[]) else { return Ok(false) };
        let Some(mut parts) = layout.parts(self.formulas, text) else { return Ok(false) };
        while let Some(Part::Fixed(_)) = parts.pop() {}
        if parts.is_empty() {
            return Ok(true);
        }
        let Some(automaton) = self.library.before_hole(self.formulas, glob) else { return Ok(false) };
        let tracks = vec![Track { automaton, holds: true, parts }];
        let walk = Walk { fields: layout.fields(), tracks, inserted: Vec::new() };
        let row = Row { layout: &layout, walk, texts: &Texts::default() };
        Ok(matches!(self.search_forms(&row, &[record], &[])?, Found::Nothing))
    }

    /// Whether the last inserted value always ends in the last field of the text: no shorter end of the fixed text behind
    /// the field matches what stands behind the value in the pattern.
    fn ends_in_last_field(&mut self, text: Text, glob: GlobId) -> bool {
        let mut fixed: Vec<char> = Vec::new();
        for piece in self.formulas.records.pieces(text) {
            match piece {
                Piece::Fixed(text) => fixed.extend(text.chars()),
                Piece::Field(_) => fixed.clear(),
            }
        }
        let Some(rest) = self.library.behind_holes(self.formulas, glob) else { return false };
        let shorter = (1..=fixed.len()).filter_map(|from| fixed.get(from..));
        let matched = |end: &[char]| rest.accepts(&rest.run(rest.start(), &end.iter().collect::<String>()));
        !shorter.into_iter().any(matched)
    }

    /// The automaton of a constraint; a pattern to match whose values are not in place matches with any text in theirs.
    /// `None` says nothing, which is weaker.
    fn fitted(&mut self, constraint: &Constraint, holes: &[Text], filled: bool) -> Option<Rc<Automaton>> {
        match &constraint.patterns {
            Patterns::Globs(globs) if constraint.holds && !filled => self.library.widened(self.formulas, globs),
            Patterns::Globs(globs) if !constraint.holds => {
                let known = |glob: &GlobId| self.holes_of(*glob).iter().all(|hole| holes.contains(hole));
                let globs: Vec<GlobId> = globs.iter().copied().filter(known).collect();
                self.library.globs(self.formulas, &globs, holes)
            }
            patterns => self.automaton(patterns, holes),
        }
    }

    fn automaton(&mut self, patterns: &Patterns, holes: &[Text]) -> Option<Rc<Automaton>> {
        match patterns {
            Patterns::Globs(globs) => self.library.globs(self.formulas, globs, holes),
            Patterns::Word(word) => self.library.words(std::slice::from_ref(word)),
        }
    }

    /// Looks for values with the forms of some records fixed; only where that finds any are further forms fixed.
    fn search_forms(
        &mut self,
        row: &Row<'_>,
        open: &[Record],
        fixed: &[(Vec<Part>, Shape)],
    ) -> Result<Found, Exhausted> {
        let Some((record, rest)) = open.split_first() else {
            let Some(walk) = self.shaped(row, fixed) else { return Ok(Found::Something) };
            let found = walk.find(self.budget)?;
            return Ok(found.map_or(Found::Nothing, |values| row.judged(self.formulas, &values)));
        };
        let forms = self.forms(row, *record);
        if forms.len() > 1 {
            let Some(walk) = self.shaped(row, fixed) else { return Ok(Found::Something) };
            if walk.find(self.budget)?.is_none() {
                return Ok(Found::Nothing);
            }
        }
        for form in forms {
            self.budget.spend(1)?;
            let fixed: Vec<(Vec<Part>, Shape)> = fixed.iter().cloned().chain(form).collect();
            match self.search_forms(row, rest, &fixed)? {
                Found::Nothing => {}
                found => return Ok(found),
            }
        }
        Ok(Found::Nothing)
    }

    /// The forms of a record, each as far as the row shows it.
    fn forms(&self, row: &Row<'_>, record: Record) -> BTreeSet<Vec<(Vec<Part>, Shape)>> {
        let restricted = row.texts.within.iter().find(|(r, _)| *r == record).map(|(_, forms)| *forms);
        let records = &self.formulas.records;
        let forms = restricted.map_or(records.declared_forms(record), |forms| records.forms_of(forms));
        let shown = |form: &Form| {
            let shapes = form.iter().enumerate();
            let shown = shapes.filter_map(|(at, shape)| Some((row.layout.field_parts(record, at)?, shape.clone())));
            shown.collect()
        };
        forms.iter().map(shown).collect()
    }

    /// The walk with the shapes of the fixed forms; every other field holds any text.
    fn shaped(&mut self, row: &Row<'_>, fixed: &[(Vec<Part>, Shape)]) -> Option<Walk> {
        let mut walk = row.walk.clone();
        let mut free: BTreeSet<usize> = (0..walk.fields).collect();
        for (parts, shape) in fixed {
            if let [Part::Field(only)] = parts.as_slice() {
                free.remove(only);
            }
            if !shape.except.is_empty() {
                let automaton = self.library.words(&shape.except)?;
                walk.tracks.push(Track { automaton, holds: false, parts: parts.clone() });
            }
            walk.tracks.push(Track { automaton: self.library.shape(shape)?, holds: true, parts: parts.clone() });
        }
        for field in free {
            let automaton = self.library.shape(&Shape::any())?;
            walk.tracks.push(Track { automaton, holds: true, parts: vec![Part::Field(field)] });
        }
        Some(walk)
    }
}

/// A walk, and what its row of fields stands for.
struct Row<'a> {
    layout: &'a Layout,
    walk: Walk,
    texts: &'a Texts,
}

impl Row<'_> {
    /// Whether two texts that must differ have the same value.
    fn judged(&self, formulas: &Formulas, values: &[String]) -> Found {
        for (a, b) in &self.texts.different {
            let read = |text| self.layout.read(formulas, text, values);
            if let (Some(one), Some(other)) = (read(*a), read(*b))
                && one == other
            {
                return Found::Same(*a, *b, one);
            }
        }
        Found::Something
    }
}
