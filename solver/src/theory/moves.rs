//! One step of the walk: the ways to take a character, and the characters worth taking.

use crate::chars::CharClass;
use crate::glob::{Item, Loop, unfold};
use crate::theory::walk::{Matched, Missed, Track};

/// One way for a glob to match to take a character.
#[derive(Clone, Copy, Debug)]
pub(super) struct Move {
    takes: Takes,
    pub(super) to: Matched,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Takes {
    Anything,
    Item(Item),
    Loop(Loop),
}

impl Takes {
    fn accepts(self, c: char) -> bool {
        match self {
            Takes::Anything => true,
            Takes::Item(item) => item.accepts(c),
            Takes::Loop(l) => l.accepts(c),
        }
    }

    /// The only characters it takes, if they are few.
    fn only(self) -> Option<Vec<char>> {
        match self {
            Takes::Item(Item::Char(c)) => Some(vec![c]),
            Takes::Item(Item::Folded(c)) => Some([Some(c), unfold(c)].into_iter().flatten().collect()),
            Takes::Anything | Takes::Item(Item::Any | Item::Except(_) | Item::Hole(_)) | Takes::Loop(_) => None,
        }
    }
}

pub(super) fn moves(track: &Track<'_>, field: usize, state: Matched) -> Vec<Move> {
    if !track.feeds(field) || state.in_hole {
        return vec![Move { takes: Takes::Anything, to: state }];
    }
    let position = state.at as usize;
    let mut moves = Vec::with_capacity(2);
    match track.glob.item(position) {
        Some(Item::Hole(_)) | None => {}
        Some(item) => {
            moves.push(Move { takes: Takes::Item(item), to: Matched { at: state.at + 1, in_hole: false } });
        }
    }
    match track.glob.loop_at(position) {
        Loop::No => {}
        l => moves.push(Move { takes: Takes::Loop(l), to: state }),
    }
    moves
}

/// What the globs to miss name at this point.
pub(super) struct Named {
    /// Characters they wait for.
    chars: Vec<char>,
    /// Characters that their wildcards exclude.
    excluded: Vec<char>,
}

impl Named {
    pub(super) fn of(negatives: &[Track<'_>], missed: &[Missed], field: usize) -> Self {
        let mut named = Named { chars: Vec::new(), excluded: Vec::new() };
        for (track, state) in negatives.iter().zip(missed).filter(|(track, _)| track.feeds(field)) {
            for position in state.at.iter() {
                match track.glob.item(position) {
                    Some(Item::Char(c)) => named.chars.push(c),
                    Some(Item::Folded(c)) => named.chars.extend([Some(c), unfold(c)].into_iter().flatten()),
                    Some(Item::Except(c)) => named.excluded.push(c),
                    Some(Item::Any | Item::Hole(_)) | None => {}
                }
                if let Loop::Except(c) = track.glob.loop_at(position) {
                    named.excluded.push(c);
                }
            }
        }
        named.chars.sort_unstable();
        named.chars.dedup();
        named.excluded.sort_unstable();
        named.excluded.dedup();
        named
    }

    fn is_fresh(&self, c: char) -> bool {
        self.chars.binary_search(&c).is_err() && self.excluded.binary_search(&c).is_err()
    }
}

/// The characters worth trying for this combination of moves (see the module's text).
pub(super) fn letters(moves: &[Move], class: &CharClass, named: &Named) -> Vec<char> {
    let accepted = |c: &char| class.contains(*c) && moves.iter().all(|m| m.takes.accepts(*c));
    if let Some(only) = moves.iter().find_map(|m| m.takes.only()) {
        return only.into_iter().filter(accepted).collect();
    }
    let mut candidates = class.iter_pleasant_first().filter(accepted);
    match candidates.find(|c| named.is_fresh(*c)) {
        Some(fresh) => std::iter::once(fresh).chain(named.excluded.iter().copied().filter(accepted)).collect(),
        None => class.iter_pleasant_first().filter(accepted).collect(),
    }
}
