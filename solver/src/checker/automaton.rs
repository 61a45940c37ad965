//! Patterns and shapes as regular expressions, these as nondeterministic automata over UTF-8 bytes, and sets of their
//! states: the plain subset construction, one step at a time.

use std::rc::Rc;

use regex_automata::nfa::thompson::{Compiler, Config, NFA, State, WhichCaptures};
use regex_automata::util::primitives::StateID;
use regex_syntax::hir::{Class, ClassBytes, ClassBytesRange, ClassUnicode, ClassUnicodeRange, Dot, Hir, Repetition};
use rustc_hash::FxHashMap as HashMap;

use crate::chars::CharClass;
use crate::formula::Formulas;
use crate::glob::Token;
use crate::language::GlobId;
use crate::record::{Run, Shape, Text};

/// The first of the bytes that stand for inserted values; none of them occurs in UTF-8.
const FIRST_HOLE: u8 = 0xF8;
/// How many inserted values one lemma can speak of.
pub(super) const MOST_HOLES: usize = 8;
/// Bytes of memory that one automaton may take.
const LARGEST: usize = 64 << 20;

/// A set of states, sorted.
pub(super) type States = Vec<u32>;

/// An automaton: for each state the byte ranges it reads, and for each state what it is without reading.
#[derive(Debug)]
pub(super) struct Automaton {
    reads: Vec<Vec<(u8, u8, u32)>>,
    /// States that read or accept, reached without reading.
    closures: Vec<States>,
    accepting: Vec<bool>,
    start: u32,
}

impl Automaton {
    /// The union of some expressions; `None` if it would be too large.
    fn of(expressions: &[Hir]) -> Option<Self> {
        let config = Config::new().utf8(false).which_captures(WhichCaptures::None).nfa_size_limit(Some(LARGEST));
        let nfa = Compiler::new().configure(config).build_many_from_hir(expressions).ok()?;
        let ids = 0..nfa.states().len();
        let start = u32::try_from(nfa.start_anchored().as_usize()).ok()?;
        let accepting = nfa.states().iter().map(|state| matches!(state, State::Match { .. })).collect();
        let mut seen = vec![usize::MAX; nfa.states().len()];
        let closures = ids.map(|id| closure(&nfa, id, &mut seen)).collect();
        Some(Self { reads: nfa.states().iter().map(reads).collect(), closures, accepting, start })
    }

    /// The states before anything is read.
    pub(super) fn start(&self) -> States {
        self.closures.get(self.start as usize).cloned().unwrap_or_default()
    }

    /// The states after one more byte.
    pub(super) fn step(&self, states: &[u32], byte: u8) -> States {
        let mut next = States::new();
        for state in states {
            for (from, to, target) in self.reads.get(*state as usize).into_iter().flatten() {
                if (*from..=*to).contains(&byte) {
                    next.extend(self.closures.get(*target as usize).into_iter().flatten());
                }
            }
        }
        next.sort_unstable();
        next.dedup();
        next
    }

    /// The states after some text.
    pub(super) fn run(&self, states: States, text: &str) -> States {
        text.bytes().fold(states, |states, byte| self.step(&states, byte))
    }

    /// Whether one of the states accepts.
    pub(super) fn accepts(&self, states: &[u32]) -> bool {
        states.iter().any(|state| self.accepting.get(*state as usize) == Some(&true))
    }

    /// Marks the bytes at which some range of the states begins, or has just ended: between marks all bytes are alike.
    pub(super) fn cut(&self, states: &[u32], cuts: &mut [bool; 257]) {
        for (from, to, _) in states.iter().filter_map(|state| self.reads.get(*state as usize)).flatten() {
            for at in [usize::from(*from), usize::from(*to) + 1] {
                if let Some(cut) = cuts.get_mut(at) {
                    *cut = true;
                }
            }
        }
    }
}

fn reads(state: &State) -> Vec<(u8, u8, u32)> {
    let range = |t: &regex_automata::nfa::thompson::Transition| (t.start, t.end, t.next.as_u32());
    match state {
        State::ByteRange { trans } => vec![range(trans)],
        State::Sparse(sparse) => sparse.transitions.iter().map(range).collect(),
        State::Dense(dense) => {
            let targets = (0..=u8::MAX).zip(&dense.transitions).filter(|(_, target)| **target != StateID::ZERO);
            targets.map(|(byte, target)| (byte, byte, target.as_u32())).collect()
        }
        State::Look { .. }
        | State::Union { .. }
        | State::BinaryUnion { .. }
        | State::Capture { .. }
        | State::Fail
        | State::Match { .. } => Vec::new(),
    }
}

/// The states that read or accept and are reached from a state without reading. Expressions have no assertions.
fn closure(nfa: &NFA, from: usize, seen: &mut [usize]) -> States {
    let mut stack = vec![from];
    let mut found = States::new();
    while let Some(id) = stack.pop() {
        match seen.get_mut(id) {
            Some(last) if *last != from => *last = from,
            _ => continue,
        }
        match nfa.states().get(id) {
            Some(State::Union { alternates }) => stack.extend(alternates.iter().map(|id| id.as_usize())),
            Some(State::BinaryUnion { alt1, alt2 }) => stack.extend([alt1.as_usize(), alt2.as_usize()]),
            Some(State::Capture { next, .. }) => stack.push(next.as_usize()),
            Some(State::ByteRange { .. } | State::Sparse(_) | State::Dense(_) | State::Match { .. }) => {
                found.extend(u32::try_from(id));
            }
            Some(State::Look { .. } | State::Fail) | None => {}
        }
    }
    found.sort_unstable();
    found
}

/// Patterns as their pieces, for automata that are made once.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Globs(Vec<GlobId>, Vec<Text>),
    Shape(Shape),
    Words(Vec<String>),
    Widened(Vec<GlobId>),
    Before(GlobId),
    Behind(GlobId),
}

/// Automata already made.
#[derive(Debug, Default)]
pub(super) struct Library {
    made: HashMap<Key, Option<Rc<Automaton>>>,
}

impl Library {
    fn get(&mut self, key: Key, expressions: impl FnOnce() -> Option<Vec<Hir>>) -> Option<Rc<Automaton>> {
        let make = || expressions().and_then(|all| Automaton::of(&all)).map(Rc::new);
        self.made.entry(key).or_insert_with(make).clone()
    }

    /// The union of some globs; the value of the n-th hole is read as the n-th of the bytes that stand for values.
    pub(super) fn globs(&mut self, formulas: &Formulas, globs: &[GlobId], holes: &[Text]) -> Option<Rc<Automaton>> {
        let one = |id: &GlobId| formulas.languages.get(*id).and_then(|glob| expression(&glob.tokens(), holes));
        self.get(Key::Globs(globs.to_vec(), holes.to_vec()), || globs.iter().map(one).collect())
    }

    /// The union of some globs with any text in the place of inserted values.
    pub(super) fn widened(&mut self, formulas: &Formulas, globs: &[GlobId]) -> Option<Rc<Automaton>> {
        let wide = |token: Token| if let Token::Hole(_) = token { Token::Many } else { token };
        let one = |id: &GlobId| {
            let tokens: Vec<Token> = formulas.languages.get(*id)?.tokens().into_iter().map(wide).collect();
            expression(&tokens, &[])
        };
        self.get(Key::Widened(globs.to_vec()), || globs.iter().map(one).collect())
    }

    /// Exactly these texts.
    pub(super) fn words(&mut self, words: &[String]) -> Option<Rc<Automaton>> {
        let one = |word: &String| Hir::literal(word.as_bytes());
        self.get(Key::Words(words.to_vec()), || Some(words.iter().map(one).collect()))
    }

    /// A shape, its exclusions apart.
    pub(super) fn shape(&mut self, shape: &Shape) -> Option<Rc<Automaton>> {
        let runs = |runs: &Vec<Run>| Hir::concat(runs.iter().map(run).collect());
        let key = Key::Shape(Shape { alternatives: shape.alternatives.clone(), except: Vec::new() });
        self.get(key, || Some(shape.alternatives.iter().map(runs).collect()))
    }

    /// What stands before the first hole of a glob, and then at least one more character.
    pub(super) fn before_hole(&mut self, formulas: &Formulas, glob: GlobId) -> Option<Rc<Automaton>> {
        let tokens = formulas.languages.get(glob)?.tokens();
        let mut before: Vec<Token> = tokens.into_iter().take_while(|t| !matches!(t, Token::Hole(_))).collect();
        before.extend([Token::One, Token::Many]);
        self.get(Key::Before(glob), || expression(&before, &[]).map(|one| vec![one]))
    }
}

impl Library {
    /// What stands behind the last hole of a glob.
    pub(super) fn behind_holes(&mut self, formulas: &Formulas, glob: GlobId) -> Option<Rc<Automaton>> {
        let tokens = formulas.languages.get(glob)?.tokens();
        let last = tokens.iter().rposition(|token| matches!(token, Token::Hole(_)))?;
        let behind = tokens.get(last + 1..).unwrap_or(&[]);
        self.get(Key::Behind(glob), || expression(behind, &[]).map(|one| vec![one]))
    }
}

/// A pattern as a regular expression; `None` if it inserts a value that is not among the holes.
fn expression(tokens: &[Token], holes: &[Text]) -> Option<Hir> {
    let one = |token: &Token| {
        Some(match token {
            Token::Char(c) => Hir::literal(c.to_string().into_bytes()),
            Token::Folded(c) => characters(&either_case(*c)),
            Token::One => Hir::dot(Dot::AnyChar),
            Token::OneExcept(c) => Hir::dot(Dot::AnyCharExcept(*c)),
            Token::Many => many(Hir::dot(Dot::AnyChar), 0, None),
            Token::ManyExcept(c) => many(Hir::dot(Dot::AnyCharExcept(*c)), 0, None),
            Token::Hole(text) => {
                let byte = hole_byte(holes.iter().position(|hole| hole == text)?)?;
                Hir::class(Class::Bytes(ClassBytes::new([ClassBytesRange::new(byte, byte)])))
            }
        })
    };
    tokens.iter().map(one).collect::<Option<Vec<Hir>>>().map(Hir::concat)
}

/// The byte that stands for the value of the n-th hole.
pub(super) fn hole_byte(number: usize) -> Option<u8> {
    (number < MOST_HOLES).then(|| u8::try_from(number).ok().map(|n| FIRST_HOLE + n)).flatten()
}

fn many(one: Hir, min: u32, max: Option<u32>) -> Hir {
    Hir::repetition(Repetition { min, max, greedy: true, sub: Box::new(one) })
}

fn run(run: &Run) -> Hir {
    many(characters(run.class.ranges()), run.min, run.max)
}

fn characters(ranges: &[(char, char)]) -> Hir {
    if ranges == CharClass::any().ranges() {
        return Hir::dot(Dot::AnyChar);
    }
    Hir::class(Class::Unicode(ClassUnicode::new(ranges.iter().map(|(a, b)| ClassUnicodeRange::new(*a, *b)))))
}

/// A lower-case letter of ASCII or Latin-1 and its upper-case partner; any other character alone.
fn either_case(c: char) -> Vec<(char, char)> {
    let upper = match c {
        'a'..='z' | 'à'..='ö' | 'ø'..='þ' => char::from_u32(c as u32 - 32),
        _ => None,
    };
    upper.into_iter().chain([c]).map(|c| (c, c)).collect()
}
