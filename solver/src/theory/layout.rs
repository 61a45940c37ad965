//! Layouts: several records laid out as one, where literals tie their fields together.
//!
//! A positive equality makes two fields one. A glob to match with holes puts the fields that fill them inside the field
//! that the glob reads, which is split around them. The layout may be wider than the literals demand (a shape that
//! cannot be intersected is dropped, a second glob with holes on the same text is read with its holes as "any text"):
//! "nothing" found in it is right, a word must be checked.

use std::collections::{BTreeMap, BTreeSet};

use crate::budget::{Budget, Exhausted};
use crate::chars::CharClass;
use crate::formula::Formulas;
use crate::glob::{Glob, Item, Token};
use crate::record::{Form, Forms, Piece, Record, Run, Shape, Text};
use crate::theory::texts::Layout;
use crate::theory::walk::{Found, Problem, Track, walk};

/// A field of the merged record, or a new one between them.
type FieldId = usize;

/// What ties records together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ties {
    /// Texts that are one and the same.
    pub(crate) equal: Vec<(Text, Text)>,
    /// Globs to match whose holes are laid out, at most one for each text.
    pub(crate) filled: Vec<(Text, Glob)>,
}

/// Lays one record out by itself: exact.
pub(crate) fn single(formulas: &Formulas, record: Record, texts: &[Text], forms: Option<Forms>) -> Layout {
    let records = &formulas.records;
    let declared = records.declared_forms(record);
    let fields = records.field_count(record);
    let restricted = forms.map_or(declared, |f| records.forms_of(f)).to_vec();
    let pieces: Vec<(Text, Vec<Piece>)> = texts.iter().map(|t| (*t, records.pieces(*t).to_vec())).collect();
    Layout { fields, forms: restricted, restricted_by: None, identities: identities(fields, &pieces), pieces }
}

fn identities(fields: u16, pieces: &[(Text, Vec<Piece>)]) -> Vec<Vec<Text>> {
    let mut identities = vec![Vec::new(); usize::from(fields)];
    for (text, pieces) in pieces {
        if let [Piece::Field(field)] = pieces.as_slice()
            && let Some(texts) = identities.get_mut(usize::from(*field))
        {
            texts.push(*text);
        }
    }
    identities
}

/// Field values of each record, read off the word of a merged layout.
#[derive(Clone, Debug)]
pub(crate) struct Merged {
    pub(crate) layout: Layout,
    /// For each record, the pieces of each of its fields in the layout.
    pub(crate) fields: BTreeMap<Record, Vec<Vec<Piece>>>,
}

impl Merged {
    /// Field values by record.
    pub(crate) fn split(&self, word: &[String]) -> BTreeMap<Record, Vec<String>> {
        let value = |pieces: &Vec<Piece>| {
            let mut value = String::new();
            for piece in pieces {
                value.push_str(match piece {
                    Piece::Fixed(text) => text,
                    Piece::Field(field) => word.get(usize::from(*field)).map_or("", String::as_str),
                });
            }
            value
        };
        self.fields.iter().map(|(record, fields)| (*record, fields.iter().map(value).collect())).collect()
    }
}

struct Merge<'a> {
    formulas: &'a Formulas,
    /// Sequence of layout fields of each field of each record.
    sequences: BTreeMap<Record, Vec<Vec<FieldId>>>,
    /// Replaced-by links of unified fields.
    same: Vec<FieldId>,
    /// The fields that a split field was split into, shape dropped.
    shapes: BTreeMap<(Record, usize), BTreeSet<FieldId>>,
}

/// Lays several records out as one. `None` if the ties order the fields in a circle or tie in a way not laid out.
pub(crate) fn merge(formulas: &Formulas, records: &[Record], texts: &[Text], ties: &Ties) -> Option<Merged> {
    let mut merge = Merge { formulas, sequences: BTreeMap::new(), same: Vec::new(), shapes: BTreeMap::new() };
    for record in records {
        let count = usize::from(formulas.records.field_count(*record));
        let fields = (0..count).map(|_| vec![merge.new_field()]).collect();
        merge.sequences.insert(*record, fields);
    }
    for (a, b) in &ties.equal {
        let (a, b) = (merge.only_field(*a)?, merge.only_field(*b)?);
        merge.unify(a, b);
    }
    for (text, glob) in &ties.filled {
        merge.fill(*text, glob)?;
    }
    let merged = merge.finish(texts)?;
    // a hole whose field was split itself would never be read: nothing could be concluded
    let readable = |hole: Text| merged.layout.identities.iter().any(|texts| texts.contains(&hole));
    ties.filled.iter().all(|(_, glob)| glob.holes().all(readable)).then_some(merged)
}

/// Whether the holes of the glob always lie in the last field of the text, so that laying them out there loses nothing: no
/// value of the earlier fields and the fixed text around them, short of its end, matches what stands before the first
/// hole, and no shorter end of the fixed text behind the field what stands behind the last hole.
///
/// # Errors
/// [`Exhausted`] when the budget ends.
pub(crate) fn holes_in_last_field(
    formulas: &Formulas,
    text: Text,
    glob: &Glob,
    budget: &mut Budget,
) -> Result<bool, Exhausted> {
    let pieces = formulas.records.pieces(text);
    let Some(last) = pieces.iter().rposition(|piece| matches!(piece, Piece::Field(_))) else { return Ok(false) };
    let earlier = pieces.get(..last).unwrap_or(&[]);
    if may_end_later(glob, pieces.get(last + 1..).unwrap_or(&[])) {
        return Ok(false);
    }
    if earlier.is_empty() {
        return Ok(true);
    }
    let mut tokens = tokens_before_hole(glob);
    tokens.extend([Token::One, Token::Many]);
    let before = Glob::new(&tokens);
    let record = formulas.records.record_of(text);
    let fields = formulas.records.field_count(record);
    let problem = Problem {
        fields,
        forms: formulas.records.declared_forms(record),
        positives: vec![Track::new(&before, earlier, fields)],
        negatives: Vec::new(),
        identities: Vec::new(),
    };
    Ok(matches!(walk(&problem, budget)?, Found::Nothing(_)))
}

/// Whether the last hole may reach into the fixed pieces behind the last field.
fn may_end_later(glob: &Glob, behind: &[Piece]) -> bool {
    let fixed: String =
        behind.iter().map(|piece| if let Piece::Fixed(text) = piece { text.as_str() } else { "" }).collect();
    let tokens = glob.tokens();
    let last = tokens.iter().rposition(|token| matches!(token, Token::Hole(_)));
    let rest = Glob::new(tokens.get(last.map_or(0, |at| at + 1)..).unwrap_or(&[]));
    let shorter = fixed.char_indices().map(|(at, c)| at + c.len_utf8());
    shorter.filter_map(|at| fixed.get(at..)).any(|end| rest.matches(end))
}

fn tokens_before_hole(glob: &Glob) -> Vec<Token> {
    let mut tokens = Vec::new();
    for position in 0..=glob.items().len() {
        tokens.extend(glob.loop_token(position));
        match glob.item(position) {
            Some(Item::Hole(_)) | None => break,
            Some(Item::Char(c)) => tokens.push(Token::Char(c)),
            Some(Item::Folded(c)) => tokens.push(Token::Folded(c)),
            Some(Item::Any) => tokens.push(Token::One),
            Some(Item::Except(c)) => tokens.push(Token::OneExcept(c)),
        }
    }
    tokens
}

impl Merge<'_> {
    fn new_field(&mut self) -> FieldId {
        self.same.push(self.same.len());
        self.same.len() - 1
    }

    fn find(&self, mut field: FieldId) -> FieldId {
        while let Some(next) = self.same.get(field).copied() {
            if next == field {
                break;
            }
            field = next;
        }
        field
    }

    fn unify(&mut self, a: FieldId, b: FieldId) {
        let (a, b) = (self.find(a), self.find(b));
        if let Some(link) = self.same.get_mut(b) {
            *link = a;
        }
    }

    /// The one field a text consists of.
    fn only_field(&self, text: Text) -> Option<FieldId> {
        let [Piece::Field(field)] = self.formulas.records.pieces(text) else { return None };
        let record = self.formulas.records.record_of(text);
        let sequence = self.sequences.get(&record)?.get(usize::from(*field))?;
        if let [only] = sequence.as_slice() { Some(*only) } else { None }
    }

    /// Splits the last field of the text around the holes of the glob. Holes before the last field are not laid out.
    fn fill(&mut self, text: Text, glob: &Glob) -> Option<()> {
        let record = self.formulas.records.record_of(text);
        let last = self.formulas.records.pieces(text).iter().rev().find_map(|piece| match piece {
            Piece::Field(field) => Some(usize::from(*field)),
            Piece::Fixed(_) => None,
        })?;
        let mut sequence = vec![self.new_field()];
        for hole in glob.holes() {
            let filler = self.only_field(hole)?;
            if sequence.iter().any(|f| self.find(*f) == self.find(filler)) {
                return None; // the same hole twice in one glob
            }
            sequence.push(filler);
            sequence.push(self.new_field());
        }
        let fields = self.sequences.get_mut(&record)?;
        let split = fields.get_mut(last)?;
        if split.len() != 1 {
            return None;
        }
        let old = split.first().copied()?;
        if sequence.contains(&old) {
            return None; // the field would be part of itself
        }
        if self.same.iter().enumerate().any(|(field, link)| field != old && *link == old)
            || self.same.get(old) != Some(&old)
        {
            return None; // the field is tied to another one by an equality
        }
        *split = sequence.clone();
        self.shapes.insert((record, last), sequence.into_iter().collect());
        Some(())
    }

    /// An order of all fields that keeps every record's order, smallest number first among the free ones.
    fn order(&self) -> Option<Vec<FieldId>> {
        let mut before: BTreeMap<FieldId, BTreeSet<FieldId>> = BTreeMap::new();
        for fields in self.sequences.values() {
            let flat: Vec<FieldId> = fields.iter().flatten().map(|f| self.find(*f)).collect();
            for field in &flat {
                before.entry(*field).or_default();
            }
            for pair in flat.windows(2) {
                if let [a, b] = pair {
                    before.entry(*b).or_default().insert(*a);
                }
            }
        }
        let mut order = Vec::with_capacity(before.len());
        while !before.is_empty() {
            let next = before.iter().find(|(_, earlier)| earlier.is_empty()).map(|(field, _)| *field)?;
            before.remove(&next);
            for earlier in before.values_mut() {
                earlier.remove(&next);
            }
            order.push(next);
        }
        Some(order)
    }

    fn finish(&self, texts: &[Text]) -> Option<Merged> {
        let order = self.order()?;
        let number: BTreeMap<FieldId, u16> = order.iter().copied().zip(0u16..).collect();
        let count = u16::try_from(order.len()).ok()?;
        let place = |field: &FieldId| number.get(&self.find(*field)).copied().map(Piece::Field);
        let mut fields = BTreeMap::new();
        for (record, sequence) in &self.sequences {
            let pieces: Option<Vec<Vec<Piece>>> =
                sequence.iter().map(|parts| parts.iter().map(place).collect()).collect();
            fields.insert(*record, pieces?);
        }
        let view = |text: &Text| {
            let record = self.formulas.records.record_of(*text);
            let own: &Vec<Vec<Piece>> = fields.get(&record)?;
            let mut pieces = Vec::new();
            for piece in self.formulas.records.pieces(*text) {
                match piece {
                    Piece::Fixed(_) => pieces.push(piece.clone()),
                    Piece::Field(field) => pieces.extend(own.get(usize::from(*field))?.iter().cloned()),
                }
            }
            Some((*text, pieces))
        };
        let pieces: Vec<(Text, Vec<Piece>)> = texts.iter().map(view).collect::<Option<_>>()?;
        let forms = self.forms(count, &fields)?;
        let identities = identities(count, &pieces);
        Some(Merged { layout: Layout { fields: count, forms, restricted_by: None, pieces, identities }, fields })
    }

    /// The product of the records' forms; a field of several records takes the narrowest shape given first.
    fn forms(&self, count: u16, fields: &BTreeMap<Record, Vec<Vec<Piece>>>) -> Option<Vec<Form>> {
        const MOST: usize = 64;
        let mut forms: Vec<Form> = vec![vec![Shape::any(); usize::from(count)]];
        for (record, own) in fields {
            let mut next = Vec::new();
            for form in &forms {
                for declared in self.formulas.records.declared_forms(*record) {
                    let mut form = form.clone();
                    for (index, (shape, pieces)) in declared.iter().zip(own).enumerate() {
                        let split = self.shapes.contains_key(&(*record, index));
                        impose(&mut form, shape, pieces, split);
                    }
                    next.push(form);
                }
            }
            if next.len() > MOST {
                return None;
            }
            forms = next;
        }
        Some(forms)
    }
}

fn impose(form: &mut Form, shape: &Shape, pieces: &[Piece], split: bool) {
    // of a split field every second part is new; the fillers between have shapes of their own
    for piece in pieces.iter().step_by(if split { 2 } else { 1 }) {
        let Piece::Field(field) = piece else { continue };
        let Some(slot) = form.get_mut(usize::from(*field)) else { continue };
        if *slot != Shape::any() {
            continue; // narrower already; a word is checked against both
        }
        *slot = if split { loose(shape) } else { shape.clone() };
    }
}

/// Any text over the characters of a shape: what a part of such a text can be at most.
fn loose(shape: &Shape) -> Shape {
    let classes = shape.alternatives.iter().flatten().map(|run| &run.class);
    let all = classes.fold(CharClass::of(&[]), |all, class| all.with(class));
    Shape::runs(vec![Run::at_least(0, all)])
}

/// The glob with its holes read as "any text": at least as wide.
pub(crate) fn widened(glob: &Glob) -> Glob {
    let mut tokens = Vec::new();
    for position in 0..=glob.items().len() {
        tokens.extend(glob.loop_token(position));
        tokens.extend(glob.item(position).map(|item| match item {
            Item::Hole(_) => Token::Many,
            Item::Char(c) => Token::Char(c),
            Item::Folded(c) => Token::Folded(c),
            Item::Any => Token::One,
            Item::Except(c) => Token::OneExcept(c),
        }));
    }
    Glob::new(&tokens)
}

/// The glob with each hole replaced by the given text's characters.
pub(crate) fn substituted(glob: &Glob, value: &dyn Fn(Text) -> String) -> Glob {
    let mut tokens = Vec::new();
    for position in 0..=glob.items().len() {
        tokens.extend(glob.loop_token(position));
        match glob.item(position) {
            Some(Item::Hole(text)) => tokens.extend(value(text).chars().map(Token::Char)),
            Some(Item::Char(c)) => tokens.push(Token::Char(c)),
            Some(Item::Folded(c)) => tokens.push(Token::Folded(c)),
            Some(Item::Any) => tokens.push(Token::One),
            Some(Item::Except(c)) => tokens.push(Token::OneExcept(c)),
            None => {}
        }
    }
    Glob::new(&tokens)
}
