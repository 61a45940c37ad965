//! Several records laid out as one row of fields, so that one walk sees all of them.
//!
//! Each field of each record becomes a field of the row. Two fields that are equal become one. Where a text surely holds
//! an inserted value inside its last field, that field is split: what stands before the value, the value's own field,
//! what stands behind it. The row holds every combination of values that the records have; it may hold more.

use std::collections::{BTreeMap, BTreeSet};

use crate::checker::walk::Part;
use crate::formula::Formulas;
use crate::record::{Piece, Record, Text};

/// A field of the row before the fields are put in order.
type Id = usize;

/// Records as sequences of fields of the row.
#[derive(Clone, Debug, Default)]
pub(super) struct Layout {
    sequences: BTreeMap<Record, Vec<Vec<Id>>>,
    count: usize,
    /// Places of the fields in the row.
    places: BTreeMap<Id, usize>,
}

impl Layout {
    /// Each record by itself, equal fields as one. `None` if an equality is not between whole fields, or the fields cannot
    /// be ordered.
    pub(super) fn new(formulas: &Formulas, records: &BTreeSet<Record>, equal: &[(Text, Text)]) -> Option<Self> {
        let mut layout = Self::default();
        for record in records {
            let fields = (0..formulas.records.field_count(*record)).map(|_| vec![layout.fresh()]).collect();
            layout.sequences.insert(*record, fields);
        }
        for (a, b) in equal {
            let (a, b) = (layout.field(formulas, *a)?, layout.field(formulas, *b)?);
            for id in layout.sequences.values_mut().flatten().flatten().filter(|id| **id == b) {
                *id = a;
            }
        }
        layout.ordered().then_some(layout)
    }

    fn fresh(&mut self) -> Id {
        self.count += 1;
        self.count - 1
    }

    /// The one field of the row that a text is, if it is one.
    fn field(&self, formulas: &Formulas, text: Text) -> Option<Id> {
        let [Piece::Field(field)] = formulas.records.pieces(text) else { return None };
        let sequence = self.sequences.get(&formulas.records.record_of(text))?.get(usize::from(*field))?;
        if let [only] = sequence.as_slice() { Some(*only) } else { None }
    }

    /// The layout with the text's last field split around these inserted values. The caller has made sure that they
    /// always lie inside it. `None` if the row cannot show that.
    pub(super) fn filled(&self, formulas: &Formulas, text: Text, holes: &[Text]) -> Option<Self> {
        let last = formulas.records.pieces(text).iter().rev().find_map(|piece| match piece {
            Piece::Field(field) => Some(field),
            Piece::Fixed(_) => None,
        })?;
        let record = formulas.records.record_of(text);
        let [old] = self.sequences.get(&record)?.get(usize::from(*last))?.as_slice() else { return None };
        let uses = self.sequences.values().flatten().flatten().filter(|id| *id == old).count();
        if uses != 1 {
            return None; // another text reads the field too
        }
        let mut layout = self.clone();
        let mut sequence = vec![layout.fresh()];
        for hole in holes {
            let value = layout.field(formulas, *hole)?;
            if value == *old || sequence.contains(&value) {
                return None;
            }
            let behind = layout.fresh();
            sequence.extend([value, behind]);
        }
        *layout.sequences.get_mut(&record)?.get_mut(usize::from(*last))? = sequence;
        layout.ordered().then_some(layout)
    }

    /// Puts the fields in a row that keeps the order of every record; false if there is none.
    fn ordered(&mut self) -> bool {
        let mut before: BTreeMap<Id, BTreeSet<Id>> = BTreeMap::new();
        for fields in self.sequences.values() {
            let row: Vec<Id> = fields.iter().flatten().copied().collect();
            for (at, id) in row.iter().enumerate() {
                before.entry(*id).or_default().extend(row.iter().take(at));
            }
        }
        self.places.clear();
        while let Some(next) = before.iter().find(|(_, earlier)| earlier.is_empty()).map(|(id, _)| *id) {
            before.remove(&next);
            for earlier in before.values_mut() {
                earlier.remove(&next);
            }
            self.places.insert(next, self.places.len());
        }
        before.is_empty()
    }

    /// The layout with a row of those fields only that the texts are made of.
    pub(super) fn of_texts(&self, formulas: &Formulas, texts: &BTreeSet<Text>) -> Self {
        let mut spoken: BTreeSet<Id> = BTreeSet::new();
        for text in texts {
            let sequences = self.sequences.get(&formulas.records.record_of(*text));
            for piece in formulas.records.pieces(*text) {
                if let (Piece::Field(field), Some(sequences)) = (piece, sequences) {
                    spoken.extend(sequences.get(usize::from(*field)).into_iter().flatten());
                }
            }
        }
        let mut row: Vec<(usize, Id)> = self.places.iter().map(|(id, place)| (*place, *id)).collect();
        row.sort_unstable();
        row.retain(|(_, id)| spoken.contains(id));
        let places = row.into_iter().enumerate().map(|(place, (_, id))| (id, place)).collect();
        Self { places, ..self.clone() }
    }

    /// The number of fields in the row.
    pub(super) fn fields(&self) -> usize {
        self.places.len()
    }

    /// The place of a text that is exactly one field.
    pub(super) fn place(&self, formulas: &Formulas, text: Text) -> Option<usize> {
        self.places.get(&self.field(formulas, text)?).copied()
    }

    /// A text as parts of the row.
    pub(super) fn parts(&self, formulas: &Formulas, text: Text) -> Option<Vec<Part>> {
        let record = formulas.records.record_of(text);
        let mut parts = Vec::new();
        for piece in formulas.records.pieces(text) {
            match piece {
                Piece::Fixed(fixed) => parts.push(Part::Fixed(fixed.clone())),
                Piece::Field(field) => parts.extend(self.field_parts(record, usize::from(*field))?),
            }
        }
        increasing(&parts).then_some(parts)
    }

    /// A field of a record as parts of the row, if it is in the row.
    pub(super) fn field_parts(&self, record: Record, field: usize) -> Option<Vec<Part>> {
        let sequence = self.sequences.get(&record)?.get(field)?;
        sequence.iter().map(|id| self.places.get(id).map(|place| Part::Field(*place))).collect()
    }

    /// What a text is, given the values of the row.
    pub(super) fn read(&self, formulas: &Formulas, text: Text, row: &[String]) -> Option<String> {
        let parts = self.parts(formulas, text)?;
        let value = |part: &Part| match part {
            Part::Fixed(text) => text.clone(),
            Part::Field(field) => row.get(*field).cloned().unwrap_or_default(),
        };
        Some(parts.iter().map(value).collect())
    }
}

/// A walk reads fields in their order, each once.
fn increasing(parts: &[Part]) -> bool {
    let fields: Vec<usize> =
        parts.iter().filter_map(|part| if let Part::Field(field) = part { Some(*field) } else { None }).collect();
    fields.is_sorted_by(|a, b| a < b)
}
