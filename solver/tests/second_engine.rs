//! A second string engine: inclusion of globs decided by the solver and by products of regex-automata's DFAs, which
//! share no code with it.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::{HashSet, VecDeque};

use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::util::primitives::StateID;
use regex_automata::util::start::Config as StartConfig;
use regex_automata::{Anchored, MatchKind};
use solver::budget::Budget;
use solver::formula::{Formula, Formulas};
use solver::glob::Token;
use solver::record::Shape;
use solver::search::{Outcome, solve_each};

/// splitmix64
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n as u64) as usize
    }
}

fn tokens(random: &mut Random) -> Vec<Token> {
    let any = [
        Token::Char('a'),
        Token::Char('b'),
        Token::Char(':'),
        Token::One,
        Token::Many,
        Token::Many,
        Token::OneExcept(':'),
        Token::ManyExcept(':'),
    ];
    (0..random.below(6)).map(|_| any[random.below(any.len())].clone()).collect()
}

fn regex(tokens: &[Token]) -> String {
    let piece = |token: &Token| match token {
        Token::Char(c) => c.to_string(),
        Token::One => "(?s:.)".to_owned(),
        Token::OneExcept(_) => "[^:]".to_owned(),
        Token::Many => "(?s:.)*".to_owned(),
        Token::ManyExcept(_) => "[^:]*".to_owned(),
        Token::Folded(_) | Token::Hole(_) => unreachable!("not generated"),
    };
    tokens.iter().map(piece).collect()
}

fn dfa(tokens: &[Token]) -> dense::DFA<Vec<u32>> {
    let config = dense::Config::new().match_kind(MatchKind::All).start_kind(StartKind::Anchored).accelerate(false);
    let syntax = regex_automata::util::syntax::Config::new().unicode(false).utf8(false);
    dense::Builder::new().configure(config).syntax(syntax).build(&regex(tokens)).unwrap()
}

fn start(dfa: &dense::DFA<Vec<u32>>) -> StateID {
    dfa.start_state(&StartConfig::new().anchored(Anchored::Yes)).unwrap()
}

fn accepts(dfa: &dense::DFA<Vec<u32>>, state: StateID) -> bool {
    dfa.is_match_state(dfa.next_eoi_state(state))
}

/// Whether some word over a few letters (one of them fresh) is in the first and in none of the others.
fn escapes(inner: &[Token], outer: &[Vec<Token>]) -> bool {
    let dfas: Vec<_> = std::iter::once(dfa(inner)).chain(outer.iter().map(|t| dfa(t))).collect();
    let first: Vec<StateID> = dfas.iter().map(start).collect();
    let mut seen = HashSet::from([first.clone()]);
    let mut queue = VecDeque::from([first]);
    while let Some(states) = queue.pop_front() {
        let inside: Vec<bool> = dfas.iter().zip(&states).map(|(dfa, state)| accepts(dfa, *state)).collect();
        if inside[0] && !inside[1..].contains(&true) {
            return true;
        }
        for byte in *b"ab:#" {
            let next: Vec<StateID> =
                dfas.iter().zip(&states).map(|(dfa, state)| dfa.next_state(*state, byte)).collect();
            if seen.insert(next.clone()) {
                queue.push_back(next);
            }
        }
    }
    false
}

#[test]
fn inclusion_in_unions_agrees_with_products_of_dfas() {
    let rounds = std::env::var("KEYAKI_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(1_500);
    let (mut random, mut inside) = (Random(7), 0);
    for round in 0..rounds {
        let inner = tokens(&mut random);
        let outer: Vec<Vec<Token>> = (0..1 + random.below(3)).map(|_| tokens(&mut random)).collect();
        let mut formulas = Formulas::default();
        let text = formulas.records.declare_text(Shape::any());
        let member = formulas.matches(text, [inner.clone()]);
        let mut parts = vec![member];
        for tokens in &outer {
            let other = formulas.matches(text, [tokens.clone()]);
            parts.push(Formulas::not(other));
        }
        let goal = formulas.all(&parts);
        let (outcomes, _) = solve_each(&mut formulas, Formula::TRUE, &[goal], &mut Budget::new(1_000_000));
        let found = match outcomes[0] {
            Outcome::Satisfiable(_) => true,
            Outcome::Unsatisfiable => false,
            Outcome::Unknown(..) => continue,
        };
        assert_eq!(found, escapes(&inner, &outer), "round {round}: {inner:?} in {outer:?}");
        inside += usize::from(!found);
    }
    assert!(inside * 8 > rounds, "{inside} of {rounds}");
}
