//! One side of the boxes: the patterns that bound them, found by the beginning of a text.

use std::collections::BTreeMap;
use std::ops::Bound;

use solver::glob::{Glob, Token as Glyph};

use crate::semantics::Token;
use crate::semantics::boxes::Text;

/// A pattern.
#[derive(Clone, Debug)]
pub(super) enum Mask {
    /// One text.
    Literal(String),
    /// A pattern with wildcards or inserted values.
    Wild(Wild),
}

/// A pattern, the value of each inserted key as one letter of its own, and with any text in the place of such values.
#[derive(Clone, Debug)]
pub(super) struct Wild {
    letters: Glob,
    /// `None`: nothing is inserted.
    wide: Option<Glob>,
    /// The characters it surely begins with.
    prefix: String,
}

impl Wild {
    fn wide(&self) -> &Glob {
        self.wide.as_ref().unwrap_or(&self.letters)
    }
}

impl Mask {
    /// The pattern; `None` if it inserts what is no value of a key, or inserts it in another letter case.
    pub(super) fn new(tokens: &[Token<Text>]) -> Option<Self> {
        let plain = |token: &Token<Text>| if let Token::Char(c) = token { Some(*c) } else { None };
        let mut prefix = String::with_capacity(tokens.len());
        prefix.extend(tokens.iter().map_while(plain));
        if tokens.iter().all(|token| plain(token).is_some()) {
            return Some(Mask::Literal(prefix));
        }
        let letters: Vec<Glyph> = tokens.iter().map(glyph).collect::<Option<_>>()?;
        let inserts = letters.iter().any(|glyph| matches!(glyph, Glyph::Hole(_)));
        let any = |glyph: &Glyph| if matches!(glyph, Glyph::Hole(_)) { Glyph::Many } else { glyph.clone() };
        let wide = inserts.then(|| Glob::new(&letters.iter().map(any).collect::<Vec<_>>()));
        Some(Mask::Wild(Wild { letters: Glob::new(&letters), wide, prefix }))
    }

    /// The pattern of any text.
    pub(super) fn any() -> Self {
        Mask::Wild(Wild { letters: Glob::new(&[Glyph::Many]), wide: None, prefix: String::new() })
    }

    /// Whether the text is one of it, whatever the values of keys are.
    pub(super) fn surely_meets(&self, text: &str) -> bool {
        match self {
            Mask::Literal(own) => own == text,
            Mask::Wild(wild) => wild.wide.is_none() && wild.letters.matches(text),
        }
    }

    /// Whether the text may be one of it.
    pub(super) fn meets_text(&self, text: &str) -> bool {
        match self {
            Mask::Literal(own) => own == text,
            Mask::Wild(wild) => wild.wide().matches(text),
        }
    }

    /// The characters it surely begins with.
    fn prefix(&self) -> &str {
        match self {
            Mask::Literal(text) => text,
            Mask::Wild(wild) => &wild.prefix,
        }
    }

    /// Whether every text of it surely matches the other, whatever is inserted: a value is a letter that only the same
    /// letter or a `*` takes.
    fn is_inside(&self, other: &Mask) -> bool {
        match (self, other) {
            (Mask::Literal(text), Mask::Literal(other)) => text == other,
            (Mask::Literal(text), Mask::Wild(other)) => other.letters.matches(text),
            (Mask::Wild(_), Mask::Literal(_)) => false,
            (Mask::Wild(own), Mask::Wild(other)) => own.letters.surely_inside(&other.letters),
        }
    }

    /// Whether the two may share a text.
    fn may_meet(&self, other: &Mask) -> bool {
        match (self, other) {
            (Mask::Literal(text), other) | (other, Mask::Literal(text)) => other.meets_text(text),
            (Mask::Wild(own), Mask::Wild(other)) => !own.wide().surely_apart(other.wide()),
        }
    }
}

/// How many bytes of two texts are the same characters at their beginnings.
fn shared(a: &str, b: &str) -> usize {
    a.chars().zip(b.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum()
}

fn glyph(token: &Token<Text>) -> Option<Glyph> {
    match token {
        Token::Char(c) => Some(Glyph::Char(*c)),
        Token::Folded(c) => Some(Glyph::Folded(*c)),
        Token::One => Some(Glyph::One),
        Token::OneInField => Some(Glyph::OneExcept(':')),
        Token::Many => Some(Glyph::Many),
        Token::ManyInField => Some(Glyph::ManyExcept(':')),
        Token::Insert(Text::Key(letter)) | Token::InsertGlob(Text::Key(letter)) => Some(Glyph::Hole(*letter)),
        Token::Insert(_) | Token::InsertGlob(_) | Token::InsertFolded(_) | Token::InsertGlobInField(_) => None,
    }
}

/// Distinct patterns of one side, each with the boxes that it bounds.
#[derive(Clone, Debug, Default)]
pub(super) struct Column {
    masks: Vec<Mask>,
    boxes: Vec<Vec<u32>>,
    literals: BTreeMap<String, u32>,
    /// Patterns with wildcards by the characters they begin with.
    wild: BTreeMap<String, Vec<u32>>,
}

impl Column {
    /// Adds a pattern; its number.
    pub(super) fn add(&mut self, mask: Mask) -> u32 {
        let number = u32::try_from(self.masks.len()).unwrap_or(u32::MAX);
        match &mask {
            Mask::Literal(text) => {
                if let Some(known) = self.literals.get(text) {
                    return *known;
                }
                self.literals.insert(text.clone(), number);
            }
            Mask::Wild(wild) => {
                let same = |mask: &Mask| matches!(mask, Mask::Wild(own) if own.letters == wild.letters);
                let known = |n: &&u32| self.masks.get(**n as usize).is_some_and(same);
                let begun = self.wild.get(&wild.prefix);
                if let Some(known) = begun.and_then(|numbers| numbers.iter().find(known)) {
                    return *known;
                }
                self.wild.entry(wild.prefix.clone()).or_default().push(number);
            }
        }
        self.masks.push(mask);
        self.boxes.push(Vec::new());
        number
    }

    /// The pattern bounds these boxes, numbered higher than those before.
    pub(super) fn bound(&mut self, number: u32, boxes: impl IntoIterator<Item = u32>) {
        if let Some(list) = self.boxes.get_mut(number as usize) {
            list.extend(boxes);
        }
    }

    /// The boxes of a pattern.
    pub(super) fn boxes(&self, number: u32) -> &[u32] {
        self.boxes.get(number as usize).map_or(&[], Vec::as_slice)
    }

    /// Whether a text beginning with these characters may be in some box: a cheap first question.
    pub(super) fn may_begin(&self, start: &str, whole: bool) -> bool {
        if whole && self.literals.contains_key(start) {
            return true;
        }
        let shorter = || self.shorter(start).next().is_some();
        let from = (Bound::Included(start), Bound::Unbounded);
        let begins = |entry: Option<(&String, &u32)>| entry.is_some_and(|(text, _)| text.starts_with(start));
        let longer = || self.wild.range::<str, _>(from).next().is_some_and(|(text, _)| text.starts_with(start));
        shorter() || (!whole && (begins(self.literals.range::<str, _>(from).next()) || longer()))
    }

    /// Patterns with wildcards whose beginning is a beginning of the text: of the known beginnings up to a bound in the
    /// order of texts the last one is it, or shares with the bound all that any other can.
    fn shorter<'a>(&'a self, text: &'a str) -> impl Iterator<Item = u32> + 'a {
        let mut bound = Some(text);
        let beginnings = std::iter::from_fn(move || {
            while let Some(until) = bound {
                let (last, numbers) =
                    self.wild.range::<str, _>((Bound::Unbounded, Bound::Included(until))).next_back()?;
                if let Some(rest) = until.strip_prefix(last.as_str()) {
                    let own = until.get(..until.len() - rest.len());
                    bound = own.and_then(|own| own.char_indices().next_back()).and_then(|(at, _)| until.get(..at));
                    return Some(numbers);
                }
                bound = until.get(..shared(until, last));
            }
            None
        });
        beginnings.flatten().copied()
    }

    /// The patterns surely inside this one, and those that may meet it. `work` counts the comparisons.
    pub(super) fn compare(&self, mask: &Mask, work: &mut u64) -> (Vec<u32>, Vec<u32>) {
        let start = mask.prefix();
        let mut near: Vec<u32> = self.shorter(start).collect();
        match mask {
            Mask::Literal(text) => near.extend(self.literals.get(text)),
            Mask::Wild(_) => {
                let from = (Bound::Included(start), Bound::Unbounded);
                let literals = self.literals.range::<str, _>(from);
                near.extend(literals.take_while(|(text, _)| text.starts_with(start)).map(|(_, number)| *number));
                let wild = self.wild.range::<str, _>(from).take_while(|(text, _)| text.starts_with(start));
                let longer = wild.filter(|(text, _)| text.len() > start.len());
                near.extend(longer.flat_map(|(_, numbers)| numbers.iter().copied()));
            }
        }
        *work += 1 + near.len() as u64;
        let (mut inside, mut meets) = (Vec::new(), Vec::new());
        for number in near {
            let Some(own) = self.masks.get(number as usize) else { continue };
            if own.is_inside(mask) {
                inside.push(number);
                meets.push(number);
            } else if own.may_meet(mask) {
                meets.push(number);
            }
        }
        (inside, meets)
    }
}

#[cfg(test)]
mod tests {
    use super::{Column, Mask};
    use crate::semantics::Token;

    #[test]
    fn beginnings_of_a_text() {
        let mut column = Column::default();
        for start in ["", "a", "ab", "abc", "abd", "b", "é", "éa"] {
            let tokens: Vec<_> = start.chars().map(Token::Char).chain([Token::Many]).collect();
            column.add(Mask::new(&tokens).unwrap());
        }
        let starts = |text: &str| {
            let mut found: Vec<u32> = column.shorter(text).collect();
            found.sort_unstable();
            found
        };
        assert_eq!(starts(""), [0]);
        assert_eq!(starts("abcd"), [0, 1, 2, 3]);
        assert_eq!(starts("abe"), [0, 1, 2]);
        assert_eq!(starts("éab"), [0, 6, 7]);
        assert_eq!(starts("c"), [0]);
    }
}
