//! Patterns on terms as formulas: plain ones, ones that insert other terms, and comparisons of ordered values.

use solver::formula::{Formula, Formulas, Point};
use solver::glob::{Glob, Token as Glyph};
use solver::interval::IntervalSet;
use solver::record::Text;

use crate::semantics::symbolic::keys::Family;
use crate::semantics::symbolic::{Origin, Symbolic, Term};
use crate::semantics::{Algebra, NOWHERE, Pattern, Token, glob};

/// A pattern that inserts values loosely, with the value as one letter, and its truth.
#[derive(Clone, Debug)]
pub(super) struct Loose {
    pub(super) text: Text,
    pub(super) letters: Glob,
    pub(super) truth: Formula,
}

impl Symbolic<'_> {
    /// The patterns on one origin.
    pub(super) fn matches_origin(&mut self, origin: &Origin, patterns: &[Pattern<Term>]) -> Formula {
        match origin {
            Origin::Text(text) => self.matches_text(*text, patterns),
            Origin::Constant(text) => self.matches_constant(text, patterns),
            Origin::Only(set, member) => {
                let body = self.matches_text(*member, patterns);
                self.formulas.some(*set, body)
            }
        }
    }

    pub(super) fn matches_text(&mut self, text: Text, patterns: &[Pattern<Term>]) -> Formula {
        let mut plain: Vec<Vec<Glyph>> = Vec::with_capacity(patterns.len());
        let mut parts = Vec::new();
        for pattern in patterns {
            match pattern.tokens.iter().map(glyph).collect::<Option<Vec<Glyph>>>() {
                Some(glyphs) => plain.push(glyphs),
                None => parts.push(self.matches_inserting(text, pattern)),
            }
        }
        parts.push(self.formulas.matches(text, plain));
        self.formulas.any(&parts)
    }

    /// A pattern with inserted terms: one alternative for each combination of their cases.
    pub(super) fn matches_inserting(&mut self, text: Text, pattern: &Pattern<Term>) -> Formula {
        if let Some(plain) = with_plain_inserts(pattern, false) {
            return self.matches_loosely(text, pattern, &plain);
        }
        let mut alternatives: Vec<(Vec<Formula>, Vec<Glyph>)> = vec![(Vec::new(), Vec::new())];
        for token in &pattern.tokens {
            let options: Vec<(Formula, Vec<Glyph>)> = match (glyph(token), token) {
                (Some(glyph), _) => vec![(Formula::TRUE, vec![glyph])],
                (None, Token::Insert(term)) => match inserted(self.cases(*term)) {
                    Some(options) => options,
                    None => {
                        let reason = "it inserts the value of a key that can carry several values";
                        return self.opaque(Some(text), Some(pattern), reason);
                    }
                },
                // read by `matches_loosely`
                (None, _) => return Formula::FALSE,
            };
            let mut next = Vec::with_capacity(alternatives.len() * options.len());
            for (guards, glyphs) in &alternatives {
                for (guard, more) in &options {
                    let mut guards = guards.clone();
                    if *guard != Formula::TRUE && !guards.contains(guard) {
                        guards.push(*guard);
                    }
                    next.push((guards, [glyphs.as_slice(), more].concat()));
                }
            }
            alternatives = next;
        }
        let mut parts = Vec::new();
        for (mut guards, glyphs) in alternatives {
            let matched = match glyphs.as_slice() {
                [Glyph::Hole(other)] => self.formulas.equal(text, *other),
                _ => self.formulas.matches(text, [glyphs]),
            };
            guards.push(matched);
            parts.push(self.formulas.all(&guards));
        }
        self.formulas.any(&parts)
    }

    /// A pattern that inserts values in letter case or as patterns {C6}: it matches where the plain insertion does, and
    /// perhaps elsewhere. Where a value has no wildcard, there is no elsewhere.
    pub(super) fn matches_loosely(&mut self, text: Text, pattern: &Pattern<Term>, plain: &Pattern<Term>) -> Formula {
        let exact = self.matches_text(text, std::slice::from_ref(plain));
        let mut active = Vec::new();
        for token in &pattern.tokens {
            match token {
                Token::InsertGlob(term) | Token::InsertGlobInField(term) => active.push(self.holds_wildcard(term)),
                Token::InsertFolded(_) => active.push(Formula::TRUE),
                Token::Char(_)
                | Token::Folded(_)
                | Token::One
                | Token::OneInField
                | Token::Many
                | Token::ManyInField
                | Token::Insert(_) => {}
            }
        }
        let active = self.formulas.any(&active);
        if active == Formula::FALSE {
            return exact;
        }
        let wide = with_plain_inserts(pattern, true).map_or(Formula::TRUE, |wide| self.matches_text(text, &[wide]));
        let perhaps =
            self.opaque(Some(text), Some(pattern), "it inserts a value in either letter case or as a pattern");
        let elsewhere = self.formulas.all(&[active, wide, perhaps]);
        let truth = self.formulas.any(&[exact, elsewhere]);
        let Some(letters) = self.letters(pattern).map(|glyphs| Glob::new(&glyphs)) else { return truth };
        if self.loose_is_complete {
            // a loose pattern inside this one, whatever language the inserted value stands for, implies it
            let inside = self.loose.iter().filter(|other| other.text == text && other.letters.surely_inside(&letters));
            let implied: Vec<Formula> = inside.map(|other| other.truth).chain([truth]).collect();
            return self.formulas.any(&implied);
        }
        if !self.loose.iter().any(|other| other.text == text && other.truth == truth) {
            self.loose.push(Loose { text, letters, truth });
        }
        truth
    }

    /// The pattern with each inserted value as one letter; `None` if a value is not one text or is read in either case.
    pub(super) fn letters(&self, pattern: &Pattern<Term>) -> Option<Vec<Glyph>> {
        let letter = |term: &Term| match self.cases(*term) {
            [(_, Origin::Text(text))] => Some(Glyph::Hole(*text)),
            _ => None,
        };
        let one = |token: &Token<Term>| match token {
            Token::Insert(term) | Token::InsertGlob(term) => letter(term),
            other => glyph(other),
        };
        pattern.tokens.iter().map(one).collect()
    }

    /// Whether the documents insert values loosely and were read for the first time: they are to be read once more, so
    /// that each such pattern knows the others.
    pub fn wants_second_reading(&mut self) -> bool {
        !std::mem::replace(&mut self.loose_is_complete, true) && !self.loose.is_empty()
    }

    /// Whether the value holds a `*` or `?`; false where it cannot.
    pub(super) fn holds_wildcard(&mut self, term: &Term) -> Formula {
        let mut parts = Vec::new();
        for (guard, origin) in &self.cases(*term).to_vec() {
            let holds = match origin {
                Origin::Constant(text) => Formulas::constant(text.contains(['*', '?'])),
                Origin::Only(..) => Formula::TRUE,
                Origin::Text(text) if !self.formulas.records.may_hold(*text, &['*', '?']) => Formula::FALSE,
                Origin::Text(text) => {
                    let around = |c| vec![Glyph::Many, Glyph::Char(c), Glyph::Many];
                    self.formulas.matches(*text, [around('*'), around('?')])
                }
            };
            parts.push(self.formulas.all(&[*guard, holds]));
        }
        self.formulas.any(&parts)
    }

    pub(super) fn matches_constant(&mut self, text: &str, patterns: &[Pattern<Term>]) -> Formula {
        let mut parts = Vec::new();
        for pattern in patterns {
            if pattern.tokens.iter().all(|token| glyph(token).is_some()) {
                parts.push(Formulas::constant(glob::matches(&glob::expand(&pattern.tokens, |_| String::new()), text)));
            } else if let [Token::Insert(term)] = pattern.tokens.as_slice() {
                // a constant compared with a whole value: the value matches the constant
                let literal = Pattern { tokens: text.chars().map(Token::Char).collect(), span: pattern.span };
                parts.push(self.matches(term, &[literal]));
            } else if matches!(pattern.tokens.first(), Some(Token::Char(c)) if !text.starts_with(*c)) {
                parts.push(Formula::FALSE);
            } else {
                parts.push(self.opaque(None, Some(pattern), "it inserts a value into a pattern on a fixed text"));
            }
        }
        self.formulas.any(&parts)
    }

    pub(super) fn ordered(&mut self, term: &Term, family: Family, set: &IntervalSet<Point>) -> Formula {
        let key = self.key_of(*term).map(str::to_owned);
        let cases = self.cases(*term).to_vec();
        let ordered = key.as_deref().and_then(|name| self.keys.get(name)).and_then(|key| key.ordered(family)).cloned();
        let derived = key.as_deref().is_some_and(|name| self.derived(name).is_some() || self.is_owner(name));
        let Some(ordered) = ordered.filter(|_| !derived) else {
            let said = format!("{family:?} {set:?}");
            let tokens = std::iter::once(Token::Insert(*term)).chain(said.chars().map(Token::Char)).collect();
            let pattern = Pattern { tokens, span: NOWHERE };
            let reason = "a part of the caller or resource is compared as a number, date or address";
            return self.opaque(None, Some(&pattern), reason);
        };
        let inside = self.formulas.scalar(ordered.scalar, set);
        let truth = self.formulas.all(&[ordered.parsed, inside]);
        match cases.first() {
            Some((_, Origin::Only(member_of, _))) => self.formulas.some(*member_of, truth),
            _ => truth,
        }
    }
}

/// The cases of an inserted term as glyphs; `None` for the only member of a set.
fn inserted(cases: &[(Formula, Origin)]) -> Option<Vec<(Formula, Vec<Glyph>)>> {
    let glyphs = |origin: &Origin| match origin {
        Origin::Text(text) => Some(vec![Glyph::Hole(*text)]),
        Origin::Constant(text) => Some(text.chars().map(Glyph::Char).collect()),
        Origin::Only(..) => None,
    };
    cases.iter().map(|(guard, origin)| Some((*guard, glyphs(origin)?))).collect()
}

/// The pattern with its loose insertions made plain, or (`wide`) with any text in their place; `None` if it has none.
fn with_plain_inserts(pattern: &Pattern<Term>, wide: bool) -> Option<Pattern<Term>> {
    let mut loose = false;
    let mut tokens = Vec::with_capacity(pattern.tokens.len());
    for token in &pattern.tokens {
        tokens.push(match token {
            Token::InsertFolded(term) | Token::InsertGlob(term) | Token::InsertGlobInField(term) => {
                loose = true;
                if wide { Token::Many } else { Token::Insert(*term) }
            }
            Token::Char(_)
            | Token::Folded(_)
            | Token::One
            | Token::OneInField
            | Token::Many
            | Token::ManyInField
            | Token::Insert(_) => token.clone(),
        });
    }
    loose.then_some(Pattern { tokens, span: pattern.span })
}

fn glyph(token: &Token<Term>) -> Option<Glyph> {
    match token {
        Token::Char(c) => Some(Glyph::Char(*c)),
        Token::Folded(c) => Some(Glyph::Folded(*c)),
        Token::One => Some(Glyph::One),
        Token::OneInField => Some(Glyph::OneExcept(':')),
        Token::Many => Some(Glyph::Many),
        Token::ManyInField => Some(Glyph::ManyExcept(':')),
        Token::Insert(_) | Token::InsertFolded(_) | Token::InsertGlob(_) | Token::InsertGlobInField(_) => None,
    }
}
