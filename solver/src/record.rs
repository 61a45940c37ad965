//! Records: text variables made of fields, and the texts one can read off them.
//!
//! A plain text variable is a record of one field. Several texts that share parts (a name inside a path, a number
//! inside two identifiers) are *views* of one record: fixed pieces and fields in the order of the fields. One walk over
//! the fields then decides every condition on every view at once.

use rustc_hash::FxHashMap as HashMap;

use crate::chars::CharClass;

/// A record variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Record(pub(crate) u32);

/// A view of a record: an interned text term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(pub(crate) u32);

/// A set of forms that a record may be restricted to by [`crate::formula::Formulas::within`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Forms(pub(crate) u32);

/// One piece of a view.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Piece {
    /// This text.
    Fixed(String),
    /// The field with this number.
    Field(u16),
}

/// `min` to `max` characters of a class; no `max` means any number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Run {
    /// Which characters.
    pub class: CharClass,
    /// At least so many.
    pub min: u32,
    /// At most so many.
    pub max: Option<u32>,
}

impl Run {
    /// Any number of characters of the class, at least `min`.
    pub fn at_least(min: u32, class: CharClass) -> Self {
        Self { class, min, max: None }
    }

    /// Exactly so many characters of the class.
    pub fn exactly(count: u32, class: CharClass) -> Self {
        Self { class, min: count, max: Some(count) }
    }
}

/// The texts that a field may hold: one of the alternatives (each a sequence of runs), and none of `except`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shape {
    /// Alternatives; none means no text at all.
    pub alternatives: Vec<Vec<Run>>,
    /// Excluded texts.
    pub except: Vec<String>,
}

impl Shape {
    /// Any text, the empty one included.
    pub fn any() -> Self {
        Self::runs(vec![Run::at_least(0, CharClass::any())])
    }

    /// One alternative.
    pub fn runs(runs: Vec<Run>) -> Self {
        Self { alternatives: vec![runs], except: Vec::new() }
    }

    /// Exactly these texts.
    pub fn words<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let word = |w: &str| {
            let mut buffer = [0u8; 4];
            w.chars().map(|c| Run::exactly(1, CharClass::chars(c.encode_utf8(&mut buffer)))).collect()
        };
        Self { alternatives: words.into_iter().map(word).collect(), except: Vec::new() }
    }

    /// This shape or that one; exclusions of either side must not be needed.
    #[must_use]
    pub fn or(mut self, other: Shape) -> Self {
        self.alternatives.extend(other.alternatives);
        self.except.extend(other.except);
        self
    }

    /// Without these texts.
    #[must_use]
    pub fn without<'a>(mut self, words: impl IntoIterator<Item = &'a str>) -> Self {
        self.except.extend(words.into_iter().map(str::to_owned));
        self
    }

    /// Whether the text is one of the shape. Linear in the text times the number of runs.
    pub fn contains(&self, text: &str) -> bool {
        !self.except.iter().any(|word| word == text) && self.alternatives.iter().any(|runs| runs_match(runs, text))
    }
}

/// Simulates a sequence of runs on sets of (run, count) states.
fn runs_match(runs: &[Run], text: &str) -> bool {
    let mut states = vec![RunState::default()];
    close(runs, &mut states);
    for c in text.chars() {
        let mut next: Vec<RunState> = states.iter().filter_map(|state| state.step(runs, c)).collect();
        close(runs, &mut next);
        if next.is_empty() {
            return false;
        }
        states = next;
    }
    states.iter().any(|state| state.run == runs.len())
}

/// Adds the states that follow without a character; sorted and without repetition.
fn close(runs: &[Run], states: &mut Vec<RunState>) {
    let mut at = 0;
    while let Some(next) = states.get(at).map(|state| state.next_run(runs)) {
        states.extend(next);
        at += 1;
    }
    states.sort_unstable();
    states.dedup();
}

/// A place in a sequence of runs: `count` characters of run number `run` were read (counted up to what matters).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct RunState {
    pub(crate) run: usize,
    pub(crate) count: u32,
}

impl RunState {
    /// After one more character of the same run, if it may have one more.
    pub(crate) fn step(self, runs: &[Run], c: char) -> Option<Self> {
        let run = runs.get(self.run)?;
        if !run.class.contains(c) {
            return None;
        }
        self.one_more(runs)
    }

    /// After one more character of the run's class.
    pub(crate) fn one_more(self, runs: &[Run]) -> Option<Self> {
        let run = runs.get(self.run)?;
        match run.max {
            Some(max) if self.count >= max => None,
            Some(_) => Some(Self { count: self.count + 1, ..self }),
            None => Some(Self { count: (self.count + 1).min(run.min), ..self }),
        }
    }

    /// The start of the next run, if this one may end here.
    pub(crate) fn next_run(self, runs: &[Run]) -> Option<Self> {
        let run = runs.get(self.run)?;
        (self.count >= run.min).then_some(Self { run: self.run + 1, count: 0 })
    }
}

/// One form of a record: a shape per field.
pub type Form = Vec<Shape>;

#[derive(Clone, Debug)]
struct Declaration {
    fields: u16,
    forms: Forms,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct View {
    record: Record,
    pieces: Vec<Piece>,
}

/// Declared records and interned views.
#[derive(Clone, Debug, Default)]
pub struct Records {
    records: Vec<Declaration>,
    forms: Vec<Vec<Form>>,
    views: Vec<View>,
    view_ids: HashMap<View, Text>,
}

impl Records {
    /// Declares a record whose values have one of the forms; all forms have the same number of fields.
    pub fn declare(&mut self, forms: Vec<Form>) -> Record {
        let fields = forms.iter().map(Vec::len).max().unwrap_or(0);
        let forms = self.forms(forms);
        let fields = u16::try_from(fields).unwrap_or(u16::MAX);
        self.records.push(Declaration { fields, forms });
        Record(id(self.records.len() - 1))
    }

    /// A set of forms, for declaring or restricting.
    pub fn forms(&mut self, forms: Vec<Form>) -> Forms {
        self.forms.push(forms);
        Forms(id(self.forms.len() - 1))
    }

    /// Declares a plain text variable.
    pub fn declare_text(&mut self, shape: Shape) -> Text {
        let record = self.declare(vec![vec![shape]]);
        self.view(record, vec![Piece::Field(0)])
    }

    /// The text made of these pieces; fields in increasing order, each at most once.
    pub fn view(&mut self, record: Record, pieces: Vec<Piece>) -> Text {
        let view = View { record, pieces };
        if let Some(text) = self.view_ids.get(&view) {
            return *text;
        }
        let text = Text(id(self.views.len()));
        self.views.push(view.clone());
        self.view_ids.insert(view, text);
        text
    }

    /// A record of the same forms as another: a fresh copy.
    pub fn copy(&mut self, record: Record) -> Record {
        let declaration =
            self.records.get(record.0 as usize).cloned().unwrap_or(Declaration { fields: 0, forms: Forms(u32::MAX) });
        self.records.push(declaration);
        Record(id(self.records.len() - 1))
    }

    /// The same view of another record.
    pub fn moved(&mut self, text: Text, to: Record) -> Text {
        let pieces = self.pieces(text).to_vec();
        self.view(to, pieces)
    }

    /// The record that a text is a view of.
    pub fn record_of(&self, text: Text) -> Record {
        self.views.get(text.0 as usize).map_or(Record(u32::MAX), |view| view.record)
    }

    /// The pieces of a text.
    pub fn pieces(&self, text: Text) -> &[Piece] {
        self.views.get(text.0 as usize).map_or(&[], |view| view.pieces.as_slice())
    }

    /// The number of fields.
    pub fn field_count(&self, record: Record) -> u16 {
        self.records.get(record.0 as usize).map_or(0, |d| d.fields)
    }

    /// The forms a record was declared with.
    pub fn declared_forms(&self, record: Record) -> &[Form] {
        self.records.get(record.0 as usize).map_or(&[], |d| self.forms_of(d.forms))
    }

    /// The forms of a restriction.
    pub fn forms_of(&self, forms: Forms) -> &[Form] {
        self.forms.get(forms.0 as usize).map_or(&[], Vec::as_slice)
    }

    /// Whether some value of the text may hold one of these characters.
    pub fn may_hold(&self, text: Text, chars: &[char]) -> bool {
        let forms = self.declared_forms(self.record_of(text));
        self.pieces(text).iter().any(|piece| match piece {
            Piece::Fixed(fixed) => fixed.contains(chars),
            Piece::Field(field) => {
                let shapes = forms.iter().filter_map(|form| form.get(usize::from(*field)));
                let runs = shapes.flat_map(|shape| shape.alternatives.iter().flatten());
                runs.into_iter().any(|run| chars.iter().any(|c| run.class.contains(*c)))
            }
        })
    }

    /// The text of a view, given the record's fields.
    pub fn read(&self, text: Text, fields: &[String]) -> String {
        let mut out = String::new();
        for piece in self.pieces(text) {
            match piece {
                Piece::Fixed(fixed) => out.push_str(fixed),
                Piece::Field(field) => out.push_str(fields.get(*field as usize).map_or("", String::as_str)),
            }
        }
        out
    }

    /// Whether these field values have one of the forms.
    pub fn has_form(&self, forms: &[Form], fields: &[String]) -> bool {
        forms.iter().any(|form| {
            form.len() == fields.len() && form.iter().zip(fields).all(|(shape, value)| shape.contains(value))
        })
    }
}

fn id(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::{Piece, Records, Run, Shape};
    use crate::chars::CharClass;

    #[test]
    fn shapes() {
        let digits = CharClass::of(&[('0', '9')]);
        let account = Shape::runs(vec![Run::exactly(3, digits.clone())]).or(Shape::words(["", "me"]));
        for (text, expected) in [("123", true), ("12", false), ("1234", false), ("", true), ("me", true), ("m", false)]
        {
            assert_eq!(account.contains(text), expected, "{text}");
        }
        let mixed = Shape::runs(vec![
            Run::at_least(0, CharClass::except(':')),
            Run { class: CharClass::chars(":"), min: 0, max: Some(1) },
            Run::at_least(1, CharClass::except(':')),
        ]);
        for (text, expected) in [("a", true), ("a:b", true), (":b", true), ("a:", false), ("a:b:c", false), ("", false)]
        {
            assert_eq!(mixed.contains(text), expected, "{text}");
        }
        assert!(!Shape::any().without(["x"]).contains("x"));
    }

    #[test]
    fn views_read_fields_in_order() {
        let mut records = Records::default();
        let record = records.declare(vec![vec![Shape::any(), Shape::any()]]);
        let text = records.view(record, vec![Piece::Fixed("<".into()), Piece::Field(1), Piece::Fixed(">".into())]);
        assert_eq!(records.read(text, &["a".into(), "b".into()]), "<b>");
        assert_eq!(
            text,
            records.view(record, vec![Piece::Fixed("<".into()), Piece::Field(1), Piece::Fixed(">".into())])
        );
        let copy = records.copy(record);
        assert_ne!(records.moved(text, copy), text);
    }
}
