//! Wildcard patterns as position automata.
//!
//! A glob of *n* items has positions 0..=n; position *i* stands before item *i*, and may loop (a star stood there).
//! The automaton is simulated on sets of positions, one bit each (Shift-And, Baeza-Yates and Gonnet 1992); a set
//! steps on a character in a few word operations.

use crate::record::Text;

/// One token of a pattern as written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Token {
    /// This character.
    Char(char),
    /// This character, given in lower case, in either case.
    Folded(char),
    /// Any one character.
    One,
    /// Any one character but this one.
    OneExcept(char),
    /// Any text.
    Many,
    /// Any text without this character.
    ManyExcept(char),
    /// The value of another text, literally.
    Hole(Text),
}

/// What one item consumes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Item {
    Char(char),
    Folded(char),
    Any,
    Except(char),
    /// Consumes a whole field of a record at once, never single characters.
    Hole(Text),
}

/// Whether a position consumes characters and stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Loop {
    No,
    Any,
    Except(char),
}

impl Item {
    /// The character the item waits for, if it waits for one.
    pub(crate) fn named(self) -> Option<char> {
        match self {
            Item::Char(c) | Item::Folded(c) => Some(c),
            Item::Any | Item::Except(_) | Item::Hole(_) => None,
        }
    }

    pub(crate) fn accepts(self, c: char) -> bool {
        match self {
            Item::Char(d) => c == d,
            Item::Folded(d) => fold(c) == d,
            Item::Any => true,
            Item::Except(d) => c != d,
            Item::Hole(_) => false,
        }
    }
}

impl Loop {
    pub(crate) fn accepts(self, c: char) -> bool {
        match self {
            Loop::No => false,
            Loop::Any => true,
            Loop::Except(d) => c != d,
        }
    }

    fn join(self, other: Loop) -> Loop {
        match (self, other) {
            (Loop::No, x) | (x, Loop::No) => x,
            (Loop::Except(c), Loop::Except(d)) if c == d => Loop::Except(c),
            // a text without c followed by a text without d, or by any text
            (Loop::Any, _) | (_, Loop::Any) | (Loop::Except(_), Loop::Except(_)) => Loop::Any,
        }
    }
}

/// Simple lower-casing of ASCII and Latin-1 letters; every other character stays.
pub fn fold(c: char) -> char {
    match c {
        'A'..='Z' => c.to_ascii_lowercase(),
        'À'..='Ö' | 'Ø'..='Þ' => char::from_u32(c as u32 + 32).unwrap_or(c),
        _ => c,
    }
}

/// The upper-case partner of a folded character, if it has one.
pub(crate) fn unfold(c: char) -> Option<char> {
    match c {
        'a'..='z' => Some(c.to_ascii_uppercase()),
        'à'..='ö' | 'ø'..='þ' => char::from_u32(c as u32 - 32),
        _ => None,
    }
}

/// A compiled pattern.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Glob {
    items: Vec<Item>,
    /// One longer than `items`.
    loops: Vec<Loop>,
    /// Whether every loop is unrestricted and every item a character or `?`.
    plain: bool,
}

impl Glob {
    /// Compiles tokens. Linear.
    pub fn new(tokens: &[Token]) -> Self {
        let mut items = Vec::with_capacity(tokens.len());
        let mut loops = vec![Loop::No];
        for token in tokens {
            let item = match token {
                Token::Many => {
                    join_last(&mut loops, Loop::Any);
                    continue;
                }
                Token::ManyExcept(c) => {
                    join_last(&mut loops, Loop::Except(*c));
                    continue;
                }
                Token::Char(c) => Item::Char(*c),
                Token::Folded(c) if unfold(*c).is_none() => Item::Char(*c),
                Token::Folded(c) => Item::Folded(*c),
                Token::One => Item::Any,
                Token::OneExcept(c) => Item::Except(*c),
                Token::Hole(text) => Item::Hole(*text),
            };
            items.push(item);
            loops.push(Loop::No);
        }
        let plain = is_plain(&items, &loops);
        Self { items, loops, plain }
    }

    /// The pattern that matches this text only.
    pub fn literal(text: &str) -> Self {
        let tokens: Vec<Token> = text.chars().map(Token::Char).collect();
        Self::new(&tokens)
    }

    /// The one text that the pattern matches, if it has no wildcard, no folded letter and no hole.
    pub fn as_literal(&self) -> Option<String> {
        if self.loops.iter().any(|l| *l != Loop::No) {
            return None;
        }
        self.items.iter().map(|item| if let Item::Char(c) = item { Some(*c) } else { None }).collect()
    }

    /// The pattern as tokens, adjacent stars as one.
    pub fn tokens(&self) -> Vec<Token> {
        let mut tokens = Vec::with_capacity(self.items.len());
        for position in 0..=self.items.len() {
            tokens.extend(self.loop_token(position));
            tokens.extend(self.item(position).map(|item| match item {
                Item::Char(c) => Token::Char(c),
                Item::Folded(c) => Token::Folded(c),
                Item::Any => Token::One,
                Item::Except(c) => Token::OneExcept(c),
                Item::Hole(text) => Token::Hole(text),
            }));
        }
        tokens
    }

    pub(crate) fn items(&self) -> &[Item] {
        &self.items
    }

    pub(crate) fn item(&self, position: usize) -> Option<Item> {
        self.items.get(position).copied()
    }

    pub(crate) fn loop_at(&self, position: usize) -> Loop {
        self.loops.get(position).copied().unwrap_or(Loop::No)
    }

    /// The token of the loop at a position, if there is one.
    pub(crate) fn loop_token(&self, position: usize) -> Option<Token> {
        match self.loop_at(position) {
            Loop::No => None,
            Loop::Any => Some(Token::Many),
            Loop::Except(c) => Some(Token::ManyExcept(c)),
        }
    }

    pub(crate) fn has_holes(&self) -> bool {
        self.holes().next().is_some()
    }

    pub(crate) fn holes(&self) -> impl Iterator<Item = Text> + '_ {
        self.items.iter().filter_map(|item| if let Item::Hole(text) = item { Some(*text) } else { None })
    }

    /// Literal characters at the start, before any wildcard.
    pub(crate) fn literal_prefix(&self) -> impl Iterator<Item = char> + '_ {
        self.items.iter().zip(&self.loops).map_while(|(item, l)| match (item, l) {
            (Item::Char(c), Loop::No) => Some(*c),
            _ => None,
        })
    }

    /// Characters at the start, before any wildcard, whatever their letter case.
    pub(crate) fn named_prefix(&self) -> impl Iterator<Item = char> + '_ {
        self.items.iter().zip(&self.loops).map_while(|(item, l)| if *l == Loop::No { item.named() } else { None })
    }

    /// Literal characters at the end, last first.
    pub(crate) fn literal_suffix(&self) -> impl Iterator<Item = char> + '_ {
        self.items.iter().zip(self.loops.iter().skip(1)).rev().map_while(|(item, l)| match (item, l) {
            (Item::Char(c), Loop::No) => Some(*c),
            _ => None,
        })
    }

    /// Whether the pattern matches the text; holes match nothing. Linear for literals, O(n·m/64) at worst.
    pub fn matches(&self, text: &str) -> bool {
        if self.plain { self.matches_greedily(text) } else { self.matches_by_positions(text) }
    }

    /// Leftmost matching of the pieces between stars: with unrestricted stars only the last star need be retried.
    fn matches_greedily(&self, text: &str) -> bool {
        let mut rest = text.chars();
        let mut position = 0;
        let mut retry: Option<(usize, std::str::Chars<'_>)> = None;
        loop {
            if self.loop_at(position) == Loop::Any {
                retry = Some((position, rest.clone()));
                if position == self.items.len() {
                    return true;
                }
            }
            let mut ahead = rest.clone();
            match (ahead.next(), self.item(position)) {
                (None, None) => return true,
                (Some(c), Some(item)) if item.accepts(c) => {
                    rest = ahead;
                    position += 1;
                }
                (None, Some(_)) => return false, // more text can only be needed later too
                (Some(_), _) => match retry.as_mut() {
                    Some((star, from)) => {
                        from.next();
                        position = *star;
                        rest = from.clone();
                        // skip the re-entry above: it would set the same retry point
                    }
                    None => return false,
                },
            }
        }
    }

    fn matches_by_positions(&self, text: &str) -> bool {
        let mut set = self.start();
        for c in text.chars() {
            set = self.step(&set, c);
            if set.is_empty() {
                return false;
            }
        }
        self.accepts(&set)
    }

    pub(crate) fn start(&self) -> Positions {
        let mut set = Positions::none(self.items.len() + 1);
        set.insert(0);
        set
    }

    pub(crate) fn step(&self, set: &Positions, c: char) -> Positions {
        let mut next = Positions::none(self.items.len() + 1);
        for position in set.iter() {
            if self.loop_at(position).accepts(c) {
                next.insert(position);
            }
            if self.item(position).is_some_and(|item| item.accepts(c)) {
                next.insert(position + 1);
            }
        }
        next
    }

    pub(crate) fn accepts(&self, set: &Positions) -> bool {
        set.contains(self.items.len())
    }

    /// Whether every text of this pattern is a text of `other`, decided by one generic text: wildcards replaced by a
    /// character that `other` does not name. True is always right; false may be wrong if `other` has `?`, restricted
    /// loops or holes. Exact if `other` has unrestricted stars and characters only (generic points: a match of the
    /// generic text lets only stars of `other` consume the replaced places).
    pub fn surely_inside(&self, other: &Glob) -> bool {
        if !self.has_ends_of(other) {
            return false;
        }
        let mut set = other.start();
        for (position, item) in self.items.iter().enumerate() {
            set = self.generic_loop(self.loop_at(position), other, set);
            set = match item {
                Item::Char(c) => other.step(&set, *c),
                Item::Folded(c) => other.step_folded(&set, *c),
                Item::Any => other.step_any(&set, None),
                Item::Except(c) => other.step_any(&set, Some(*c)),
                Item::Hole(text) => other.step_hole(&set, *text),
            };
            if set.is_empty() {
                return false;
            }
        }
        set = self.generic_loop(self.loop_at(self.items.len()), other, set);
        other.accepts(&set)
    }

    /// Whether the fixed beginning and end of `other` are those of this pattern too: only then can it be inside.
    fn has_ends_of(&self, other: &Glob) -> bool {
        let (mut start, mut end) = (self.literal_prefix(), self.literal_suffix());
        other.literal_prefix().all(|c| start.next() == Some(c)) && other.literal_suffix().all(|c| end.next() == Some(c))
    }

    /// Whether the two patterns surely share no text: their fixed beginnings or ends differ. False may be wrong.
    pub fn surely_apart(&self, other: &Glob) -> bool {
        let differ = |(x, y): (char, char)| x != y;
        self.literal_prefix().zip(other.literal_prefix()).any(differ)
            || self.literal_suffix().zip(other.literal_suffix()).any(differ)
    }

    /// Positions from which `other` absorbs any text of the loop and stays: those with a wide enough loop of their own.
    /// The empty text of the loop must be matched as well, so only looping positions may remain.
    fn generic_loop(&self, mine: Loop, other: &Glob, set: Positions) -> Positions {
        let keeps = |theirs: Loop| match (mine, theirs) {
            (Loop::No, _) | (_, Loop::Any) => true,
            (Loop::Except(c), Loop::Except(d)) => c == d,
            (Loop::Any, Loop::Except(_)) | (_, Loop::No) => false,
        };
        if mine == Loop::No {
            return set;
        }
        let mut kept = Positions::none(other.items.len() + 1);
        for position in set.iter() {
            if keeps(other.loop_at(position)) {
                kept.insert(position);
            }
        }
        kept
    }

    /// Steps on "any character" (but perhaps one): only items and loops that take all of them.
    fn step_any(&self, set: &Positions, except: Option<char>) -> Positions {
        let mut next = Positions::none(self.items.len() + 1);
        for position in set.iter() {
            let stays = match self.loop_at(position) {
                Loop::Any => true,
                Loop::Except(c) => except == Some(c),
                Loop::No => false,
            };
            let moves = match self.item(position) {
                Some(Item::Any) => true,
                Some(Item::Except(c)) => except == Some(c),
                Some(Item::Char(_) | Item::Folded(_) | Item::Hole(_)) | None => false,
            };
            if stays {
                next.insert(position);
            }
            if moves {
                next.insert(position + 1);
            }
        }
        next
    }

    /// Steps on "this letter in either case": positions that take both.
    fn step_folded(&self, set: &Positions, c: char) -> Positions {
        let both = |accepts: &dyn Fn(char) -> bool| accepts(c) && unfold(c).is_none_or(accepts);
        let mut next = Positions::none(self.items.len() + 1);
        for position in set.iter() {
            let stays = self.loop_at(position);
            if both(&|d| stays.accepts(d)) {
                next.insert(position);
            }
            if self.item(position).is_some_and(|item| both(&|d| item.accepts(d))) {
                next.insert(position + 1);
            }
        }
        next
    }

    /// Steps on the unknown value of a text: the same hole, or an unrestricted loop.
    fn step_hole(&self, set: &Positions, text: Text) -> Positions {
        let mut next = Positions::none(self.items.len() + 1);
        for position in set.iter() {
            if self.loop_at(position) == Loop::Any {
                next.insert(position);
            }
            if self.item(position) == Some(Item::Hole(text)) {
                next.insert(position + 1);
            }
        }
        next
    }
}

fn is_plain(items: &[Item], loops: &[Loop]) -> bool {
    loops.iter().all(|l| !matches!(l, Loop::Except(_)))
        && items.iter().all(|i| matches!(i, Item::Char(_) | Item::Any | Item::Folded(_)))
}

fn join_last(loops: &mut [Loop], star: Loop) {
    if let Some(last) = loops.last_mut() {
        *last = last.join(star);
    }
}

/// A set of positions.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Positions {
    Small(u64),
    Large(Vec<u64>),
}

impl Positions {
    pub(crate) fn none(size: usize) -> Self {
        if size <= 64 { Positions::Small(0) } else { Positions::Large(vec![0; size.div_ceil(64)]) }
    }

    fn words(&self) -> &[u64] {
        match self {
            Positions::Small(word) => std::slice::from_ref(word),
            Positions::Large(words) => words,
        }
    }

    pub(crate) fn insert(&mut self, position: usize) {
        let words = match self {
            Positions::Small(word) => std::slice::from_mut(word),
            Positions::Large(words) => words,
        };
        if let Some(word) = words.get_mut(position / 64) {
            *word |= 1 << (position % 64);
        }
    }

    pub(crate) fn contains(&self, position: usize) -> bool {
        self.words().get(position / 64).is_some_and(|word| word >> (position % 64) & 1 == 1)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.words().iter().all(|word| *word == 0)
    }

    pub(crate) fn is_subset(&self, other: &Self) -> bool {
        self.words().iter().zip(other.words()).all(|(a, b)| a & !b == 0)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.words().iter().enumerate().flat_map(|(index, word)| Bits(*word).map(move |bit| index * 64 + bit))
    }
}

/// The set bits of a word, lowest first.
struct Bits(u64);

impl Iterator for Bits {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        if self.0 == 0 {
            return None;
        }
        let bit = self.0.trailing_zeros() as usize;
        self.0 &= self.0 - 1;
        Some(bit)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::{Glob, Token};

    /// `*` and `?` as usual, `%` any text without `:`, `_` any character but `:`, `^x` the letter in either case.
    pub(crate) fn glob(text: &str) -> Glob {
        let mut tokens = Vec::new();
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            tokens.push(match c {
                '*' => Token::Many,
                '?' => Token::One,
                '%' => Token::ManyExcept(':'),
                '_' => Token::OneExcept(':'),
                '^' => Token::Folded(chars.next().unwrap()),
                c => Token::Char(c),
            });
        }
        Glob::new(&tokens)
    }

    /// All words over the letters up to the length.
    pub(crate) fn words(letters: &str, longest: usize) -> Vec<String> {
        let mut all = vec![String::new()];
        let mut last = all.clone();
        for _ in 0..longest {
            last = last.iter().flat_map(|w| letters.chars().map(move |c| format!("{w}{c}"))).collect();
            all.extend(last.iter().cloned());
        }
        all
    }

    /// The plainest possible matcher, as a second opinion.
    fn slow(pattern: &[char], text: &[char]) -> bool {
        match (pattern.first(), text.first()) {
            (None, None) => true,
            (Some('*'), _) => slow(&pattern[1..], text) || (!text.is_empty() && slow(pattern, &text[1..])),
            (Some('%'), first) => {
                slow(&pattern[1..], text) || (first.is_some_and(|c| *c != ':') && slow(pattern, &text[1..]))
            }
            (Some('?'), Some(_)) => slow(&pattern[1..], &text[1..]),
            (Some('_'), Some(c)) => *c != ':' && slow(&pattern[1..], &text[1..]),
            (Some(p), Some(c)) => p == c && slow(&pattern[1..], &text[1..]),
            _ => false,
        }
    }

    #[test]
    fn matching_agrees_with_the_plain_matcher() {
        let texts = words("ab:", 5);
        for pattern in words("ab*?%_", 4).iter().chain(&words("a:*%", 5)) {
            let letters: Vec<char> = pattern.chars().collect();
            for text in &texts {
                let expected = slow(&letters, &text.chars().collect::<Vec<_>>());
                assert_eq!(glob(pattern).matches(text), expected, "{pattern} {text}");
                assert_eq!(glob(pattern).matches_by_positions(text), expected, "{pattern} {text}");
            }
        }
    }

    #[test]
    fn sure_containment_is_right_and_exact_for_stars() {
        let texts = words("ab:#", 5);
        let patterns = words("ab*?%", 3);
        for p in &patterns {
            let inside: Vec<&String> = texts.iter().filter(|t| glob(p).matches(t)).collect();
            for q in &patterns {
                let truth = inside.iter().all(|t| glob(q).matches(t));
                let sure = glob(p).surely_inside(&glob(q));
                assert!(truth || !sure, "{p} is not inside {q}");
                if !q.contains(['?', '%']) {
                    assert_eq!(sure, truth, "{p} inside {q}");
                }
            }
        }
    }

    #[test]
    fn folded_letters_match_both_cases() {
        assert!(glob("^a^b").matches("aB") && !glob("^a^b").matches("aC"));
        assert!(glob("^é").matches("É"));
        assert!(glob("^a").surely_inside(&glob("^a")) && glob("a").surely_inside(&glob("^a")));
        assert!(!glob("^a").surely_inside(&glob("a")));
    }
}
