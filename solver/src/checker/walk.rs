//! The product of automata over a row of fields: whether some field values please every track.
//!
//! A track reads a text made of fixed pieces and of some of the fields, in their order. The walk fills the fields from
//! the first to the last, byte by byte, and keeps for every track the set of states it may be in. An inserted value that
//! is exactly one field can also be read at once: the states behind it wait at the end of that field. Every state of the
//! product is visited once; if none is left over, no field values do.

use std::rc::Rc;

use rustc_hash::FxHashSet as HashSet;

use crate::budget::{Budget, Exhausted};
use crate::checker::automaton::{Automaton, States};

/// A piece of the text that a track reads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// This text.
    Fixed(String),
    /// The field with this number.
    Field(usize),
}

/// A text and what it must match, or must not.
#[derive(Clone, Debug)]
pub(super) struct Track {
    pub(super) automaton: Rc<Automaton>,
    pub(super) holds: bool,
    /// Fields in increasing order.
    pub(super) parts: Vec<Part>,
}

/// A row of fields with tracks over them.
#[derive(Clone, Debug, Default)]
pub(super) struct Walk {
    pub(super) fields: usize,
    pub(super) tracks: Vec<Track>,
    /// By field: the bytes that stand for its value where it is inserted.
    pub(super) inserted: Vec<Vec<u8>>,
}

/// A state of the product: a field, and where each track is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Node {
    field: usize,
    /// By track: its states, and those at the end of the field if the field is read as one inserted value. A track is
    /// empty before its first field and after its last one, where it is judged.
    tracks: Vec<(States, States)>,
}

/// Memory that one unit of work pays for, so that the budget bounds both.
const BYTES_PER_UNIT: u64 = 128;

impl Node {
    /// Memory that the state takes, about.
    fn bytes(&self) -> usize {
        let sizes = self.tracks.iter().map(|(states, waiting)| 48 + 4 * (states.len() + waiting.len()));
        64 + sizes.sum::<usize>()
    }
}

/// How a state was reached: from which one, by a byte or (`None`) by the end of a field.
type Step = (usize, Option<u8>);

impl Walk {
    /// Field values that please every track; `None` if there are none.
    ///
    /// # Errors
    /// [`Exhausted`] when the budget ends.
    pub(super) fn find(&self, budget: &mut Budget) -> Result<Option<Vec<String>>, Exhausted> {
        if !self.tracks.iter().filter(|track| track.first().is_none()).all(Track::is_pleased_without_fields) {
            return Ok(None);
        }
        let start = self.entered(Node { field: 0, tracks: vec![(States::new(), States::new()); self.tracks.len()] });
        let mut nodes: Vec<(Rc<Node>, Step)> = Vec::new();
        let mut seen: HashSet<Rc<Node>> = HashSet::default();
        let mut found: Vec<(Node, Step)> = start.map(|node| (node, (usize::MAX, None))).into_iter().collect();
        let mut at = 0;
        loop {
            for (node, step) in found.drain(..) {
                budget.spend(1 + node.bytes() as u64 / BYTES_PER_UNIT)?;
                let node = Rc::new(node);
                if seen.insert(Rc::clone(&node)) {
                    nodes.push((node, step));
                }
            }
            let Some((node, _)) = nodes.get(at) else { return Ok(None) };
            if node.field == self.fields {
                return Ok(Some(self.values(&nodes, at)));
            }
            found.extend(self.left(node).map(|next| (next, (at, None))));
            found.extend(self.bytes(node).into_iter().map(|(byte, next)| (next, (at, Some(byte)))));
            at += 1;
        }
    }

    /// The field begins: its first readers start; where its value is inserted, the states behind it wait.
    fn entered(&self, mut node: Node) -> Option<Node> {
        let bytes = self.inserted.get(node.field).map_or(&[][..], Vec::as_slice);
        for (track, (states, waiting)) in self.tracks.iter().zip(&mut node.tracks) {
            if track.first() == Some(node.field) {
                *states = track.feed(track.automaton.start(), None);
            }
            if track.reads(node.field) {
                for byte in bytes {
                    waiting.extend(track.automaton.step(states, *byte));
                }
                waiting.sort_unstable();
                waiting.dedup();
                if track.holds && states.is_empty() && waiting.is_empty() {
                    return None;
                }
            }
        }
        Some(node)
    }

    /// The field ends here: its last readers are judged.
    fn left(&self, node: &Node) -> Option<Node> {
        let mut tracks = Vec::with_capacity(node.tracks.len());
        for (track, (states, waiting)) in self.tracks.iter().zip(&node.tracks) {
            if !track.reads(node.field) {
                tracks.push((states.clone(), States::new()));
                continue;
            }
            let mut states = states.clone();
            states.extend(waiting);
            states.sort_unstable();
            states.dedup();
            let states = track.feed(states, Some(node.field));
            if track.last() == Some(node.field) {
                if track.automaton.accepts(&states) != track.holds {
                    return None;
                }
                tracks.push((States::new(), States::new()));
            } else if track.holds && states.is_empty() {
                return None;
            } else {
                tracks.push((states, States::new()));
            }
        }
        self.entered(Node { field: node.field + 1, tracks })
    }

    /// The field goes on: one byte of each kind that the tracks tell apart.
    fn bytes(&self, node: &Node) -> Vec<(u8, Node)> {
        let mut cuts = [false; 257];
        for (track, (states, _)) in self.tracks.iter().zip(&node.tracks).filter(|pair| pair.0.reads(node.field)) {
            track.automaton.cut(states, &mut cuts);
        }
        let alike = |byte: &u8| *byte == 0 || cuts.get(usize::from(*byte)) == Some(&true);
        (0..=u8::MAX).filter(alike).filter_map(|byte| self.step(node, byte).map(|next| (byte, next))).collect()
    }

    fn step(&self, node: &Node, byte: u8) -> Option<Node> {
        let mut tracks = Vec::with_capacity(node.tracks.len());
        for (track, (states, waiting)) in self.tracks.iter().zip(&node.tracks) {
            if !track.reads(node.field) {
                tracks.push((states.clone(), waiting.clone()));
                continue;
            }
            let states = track.automaton.step(states, byte);
            if track.holds && states.is_empty() && waiting.is_empty() {
                return None;
            }
            tracks.push((states, waiting.clone()));
        }
        Some(Node { field: node.field, tracks })
    }

    /// The field values on the way to a state.
    fn values(&self, nodes: &[(Rc<Node>, Step)], last: usize) -> Vec<String> {
        let mut values = vec![Vec::new(); self.fields];
        let mut at = last;
        while let Some((_, (from, byte))) = nodes.get(at) {
            let field = nodes.get(*from).map_or(0, |(node, _)| node.field);
            if let (Some(byte), Some(value)) = (byte, values.get_mut(field)) {
                value.push(*byte);
            }
            at = *from;
        }
        let text = |mut bytes: Vec<u8>| {
            bytes.reverse();
            String::from_utf8_lossy(&bytes).into_owned()
        };
        values.into_iter().map(text).collect()
    }
}

impl Track {
    fn fields(&self) -> impl DoubleEndedIterator<Item = usize> + '_ {
        self.parts.iter().filter_map(|part| if let Part::Field(field) = part { Some(*field) } else { None })
    }

    fn first(&self) -> Option<usize> {
        self.fields().next()
    }

    fn last(&self) -> Option<usize> {
        self.fields().next_back()
    }

    fn is_pleased_without_fields(&self) -> bool {
        self.automaton.accepts(&self.feed(self.automaton.start(), None)) == self.holds
    }

    fn reads(&self, field: usize) -> bool {
        self.parts.contains(&Part::Field(field))
    }

    /// Reads the fixed text that follows a field, or (`None`) that stands at the beginning.
    fn feed(&self, mut states: States, after: Option<usize>) -> States {
        let from = match after {
            None => 0,
            Some(field) => self.parts.iter().position(|part| *part == Part::Field(field)).map_or(0, |at| at + 1),
        };
        for part in self.parts.iter().skip(from) {
            match part {
                Part::Fixed(text) => states = self.automaton.run(states, text),
                Part::Field(_) => break,
            }
        }
        states
    }
}
