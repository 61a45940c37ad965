//! The exact search for a record value that matches some globs and misses others.
//!
//! A breadth-first walk over the fields of a record, character by character. Globs to match are followed
//! nondeterministically, one position each; globs to miss deterministically, a set of positions each. Two facts keep
//! the walk small:
//!
//! * *Local freshness*: where every glob to match takes "any character", only a character that no glob to miss names at
//!   this point need be tried (any other character moves the sets to miss at least as far), and the characters that
//!   restricted wildcards exclude. If the class has no such character, all of its characters are tried.
//! * *Antichains* (De Wulf, Doyen, Henzinger, Raskin 2006): a node is dropped if an earlier node at the same place has
//!   smaller sets to miss.
//!
//! Holes: a hole is matched by the whole field that carries its text, nothing else. That is exact for globs to match
//! (the caller lays the field out) and too weak for globs to miss, so "refuted" is always right and a word is a proposal.

use rustc_hash::FxHashMap as HashMap;

use crate::budget::{Budget, Exhausted};
use crate::chars::CharClass;
use crate::glob::{Glob, Item, Positions};
use crate::record::{Form, Piece, Run, RunState, Text};
use crate::theory::moves::{Move, Named, letters, moves};

/// A glob on a view of the record.
#[derive(Clone, Debug)]
pub(crate) struct Track<'a> {
    pub(crate) glob: &'a Glob,
    plan: Plan,
}

/// How a view feeds a glob: fixed text before each fed field and at the end.
#[derive(Clone, Debug)]
struct Plan {
    /// By field; one more entry for the end.
    lead: Vec<String>,
    feeds: Vec<bool>,
}

impl<'a> Track<'a> {
    pub(crate) fn new(glob: &'a Glob, pieces: &[Piece], fields: u16) -> Self {
        let count = usize::from(fields);
        let mut plan = Plan { lead: vec![String::new(); count + 1], feeds: vec![false; count] };
        let mut text = String::new();
        for piece in pieces {
            match piece {
                Piece::Fixed(fixed) => text.push_str(fixed),
                Piece::Field(field) => {
                    let field = usize::from(*field);
                    if let (Some(lead), Some(feeds)) = (plan.lead.get_mut(field), plan.feeds.get_mut(field)) {
                        *lead = std::mem::take(&mut text);
                        *feeds = true;
                    }
                }
            }
        }
        if let Some(tail) = plan.lead.last_mut() {
            *tail = text;
        }
        Self { glob, plan }
    }

    pub(super) fn feeds(&self, field: usize) -> bool {
        self.plan.feeds.get(field).copied().unwrap_or(false)
    }

    fn lead(&self, field: usize) -> &str {
        self.plan.lead.get(field).map_or("", String::as_str)
    }

    fn end(&self) -> usize {
        self.glob.items().len()
    }
}

/// What to search for.
pub(crate) struct Problem<'a> {
    /// Number of fields.
    pub(crate) fields: u16,
    /// The record has one of these forms.
    pub(crate) forms: &'a [Form],
    /// Globs to match.
    pub(crate) positives: Vec<Track<'a>>,
    /// Globs to miss.
    pub(crate) negatives: Vec<Track<'a>>,
    /// Texts that are exactly one field, by field.
    pub(crate) identities: Vec<Vec<Text>>,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// Field values.
    Word(Vec<String>),
    /// There is none, and these globs to miss (by number, sorted) are the reason.
    Nothing(Vec<usize>),
}

/// Searches. Exponential at worst in the stars of the globs; counted.
///
/// # Errors
/// [`Exhausted`] when the budget ends.
pub(crate) fn walk(problem: &Problem<'_>, budget: &mut Budget) -> Result<Found, Exhausted> {
    let mut blamed = Vec::new();
    for form in problem.forms {
        let excluded = exclusions(form);
        let mut search = Search::new(problem, form, &excluded, blamed);
        if let Some(word) = search.run(budget)? {
            return Ok(Found::Word(word));
        }
        blamed = search.blamed;
    }
    blamed.sort_unstable();
    Ok(Found::Nothing(blamed))
}

/// The texts that the shapes of a form exclude, as globs on single fields.
fn exclusions(form: &Form) -> Vec<(u16, Glob)> {
    let mut globs = Vec::new();
    for (field, shape) in (0u16..).zip(form) {
        globs.extend(shape.except.iter().map(|word| (field, Glob::literal(word))));
    }
    globs
}

/// A glob to miss, somewhere in the walk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Missed {
    pub(super) at: Positions,
    /// Positions whose hole is being read by the current field.
    in_hole: Option<Positions>,
}

impl Missed {
    fn is_subset(&self, other: &Self) -> bool {
        let holes = match (&self.in_hole, &other.in_hole) {
            (None, _) => true,
            (Some(mine), Some(theirs)) => mine.is_subset(theirs),
            (Some(mine), None) => mine.is_empty(),
        };
        holes && self.at.is_subset(&other.at)
    }

    fn is_dead(&self) -> bool {
        self.at.is_empty() && self.in_hole.as_ref().is_none_or(Positions::is_empty)
    }
}

/// A glob to match, somewhere in the walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Matched {
    pub(super) at: u32,
    pub(super) in_hole: bool,
}

/// A place in the walk, apart from the sets to miss.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Place {
    field: usize,
    alternative: usize,
    run: RunState,
    matched: Vec<Matched>,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    /// A field was entered.
    Enter,
    /// A character was read.
    Read(char),
    /// Nothing was read.
    Silent,
}

struct Node {
    parent: usize,
    step: Step,
    place: Place,
    missed: Vec<Missed>,
}

struct Search<'p> {
    problem: &'p Problem<'p>,
    form: &'p Form,
    negatives: Vec<Track<'p>>,
    nodes: Vec<Node>,
    seen: HashMap<Place, Vec<usize>>,
    blamed: Vec<usize>,
    word: Option<Vec<String>>,
}

impl<'p> Search<'p> {
    fn new(problem: &'p Problem<'p>, form: &'p Form, excluded: &'p [(u16, Glob)], blamed: Vec<usize>) -> Self {
        let mut negatives = problem.negatives.clone();
        let field_track = |(field, glob)| Track::new(glob, &[Piece::Field(field)], problem.fields);
        negatives.extend(excluded.iter().map(|(field, glob)| field_track((*field, glob))));
        Self { problem, form, negatives, nodes: Vec::new(), seen: HashMap::default(), blamed, word: None }
    }

    fn run(&mut self, budget: &mut Budget) -> Result<Option<Vec<String>>, Exhausted> {
        let matched = vec![Matched { at: 0, in_hole: false }; self.problem.positives.len()];
        let missed = self.negatives.iter().map(|t| Missed { at: t.glob.start(), in_hole: None }).collect();
        self.enter(0, 0, &matched, missed, budget)?;
        let mut next = 0;
        while self.word.is_none() && next < self.nodes.len() {
            self.expand(next, budget)?;
            next += 1;
        }
        Ok(self.word.take())
    }

    fn runs(&self, place: &Place) -> &'p [Run] {
        let shape = self.form.get(place.field);
        shape.and_then(|shape| shape.alternatives.get(place.alternative)).map_or(&[], Vec::as_slice)
    }

    /// Goes on to a field (or to the end): feeds the fixed texts before it, opens its holes.
    fn enter(
        &mut self,
        parent: usize,
        field: usize,
        matched: &[Matched],
        missed: Vec<Missed>,
        budget: &mut Budget,
    ) -> Result<(), Exhausted> {
        let mut fed = missed;
        for (track, state) in self.negatives.iter().zip(&mut fed) {
            for c in track.lead(field).chars() {
                state.at = track.glob.step(&state.at, c);
            }
        }
        let options: Vec<Vec<Matched>> = self
            .problem
            .positives
            .iter()
            .zip(matched)
            .map(|(track, state)| positions_after(track, *state, track.lead(field)))
            .collect();
        for combination in combinations(&options) {
            if field == usize::from(self.problem.fields) {
                self.arrive(parent, &combination, &fed);
            } else {
                self.open(parent, field, &combination, &fed, budget)?;
            }
        }
        Ok(())
    }

    /// Starts reading a field, with each choice of globs whose hole it fills.
    fn open(
        &mut self,
        parent: usize,
        field: usize,
        matched: &[Matched],
        missed: &[Missed],
        budget: &mut Budget,
    ) -> Result<(), Exhausted> {
        let identity = self.problem.identities.get(field).map_or(&[][..], Vec::as_slice);
        let fills = |track: &Track<'_>, position: usize| {
            track.feeds(field)
                && matches!(track.glob.item(position), Some(Item::Hole(text)) if identity.contains(&text))
        };
        let mut opened = missed.to_vec();
        for (track, state) in self.negatives.iter().zip(&mut opened) {
            let mut holes = Positions::none(track.end() + 1);
            for position in state.at.iter().filter(|p| fills(track, *p)) {
                holes.insert(position);
            }
            state.in_hole = (!holes.is_empty()).then_some(holes);
        }
        let options: Vec<Vec<Matched>> = self
            .problem
            .positives
            .iter()
            .zip(matched)
            .map(|(track, state)| {
                let mut choices = vec![*state];
                if fills(track, state.at as usize) {
                    choices.push(Matched { in_hole: true, ..*state });
                }
                choices
            })
            .collect();
        let alternatives = self.form.get(field).map_or(0, |shape| shape.alternatives.len());
        for combination in combinations(&options) {
            for alternative in 0..alternatives {
                let place = Place { field, alternative, run: RunState::default(), matched: combination.clone() };
                self.push(parent, Step::Enter, place, opened.clone(), budget)?;
            }
        }
        Ok(())
    }

    /// All fields are read: a word, or the globs to miss that match it.
    fn arrive(&mut self, parent: usize, matched: &[Matched], missed: &[Missed]) {
        let complete =
            self.problem.positives.iter().zip(matched).all(|(track, state)| state.at as usize == track.end());
        if !complete || self.word.is_some() {
            return;
        }
        let hit: Vec<usize> = self
            .negatives
            .iter()
            .zip(missed)
            .enumerate()
            .filter(|(_, (track, state))| track.glob.accepts(&state.at))
            .map(|(index, _)| index)
            .collect();
        if hit.is_empty() {
            self.word = Some(self.spell(parent));
        } else if let Some(first) = hit.first().filter(|_| !hit.iter().any(|i| self.needs_no_blame(*i))) {
            self.blamed.push(*first);
        }
    }

    /// Blamed already, or an exclusion of the form itself.
    fn needs_no_blame(&self, negative: usize) -> bool {
        negative >= self.problem.negatives.len() || self.blamed.contains(&negative)
    }

    fn spell(&self, mut node: usize) -> Vec<String> {
        let mut fields = vec![String::new(); usize::from(self.problem.fields)];
        while let Some(Node { parent, step, place, .. }) = self.nodes.get(node) {
            if let (Step::Read(c), Some(field)) = (step, fields.get_mut(place.field)) {
                field.push(*c);
            }
            if *parent == node {
                break;
            }
            node = *parent;
        }
        fields.iter().map(|field| field.chars().rev().collect()).collect()
    }

    fn push(
        &mut self,
        parent: usize,
        step: Step,
        place: Place,
        missed: Vec<Missed>,
        budget: &mut Budget,
    ) -> Result<(), Exhausted> {
        let earlier = self.seen.entry(place.clone()).or_default();
        // comparing is work too: charge for it, so that no antichain grows unpaid
        budget.spend(1 + (earlier.len() * missed.len() / 16) as u64)?;
        let nodes = &self.nodes;
        let dominated = earlier.iter().any(|index| {
            nodes.get(*index).is_some_and(|node| node.missed.iter().zip(&missed).all(|(a, b)| a.is_subset(b)))
        });
        if !dominated {
            earlier.push(nodes.len());
            // the first node is its own parent: spelling ends there
            self.nodes.push(Node { parent, step, place, missed });
        }
        Ok(())
    }

    fn expand(&mut self, index: usize, budget: &mut Budget) -> Result<(), Exhausted> {
        let Some(node) = self.nodes.get(index) else { return Ok(()) };
        let (place, missed) = (node.place.clone(), node.missed.clone());
        let runs = self.runs(&place);
        if place.run.run == runs.len() {
            return self.leave(index, &place, missed, budget);
        }
        if let (Some(run), Some(more)) = (runs.get(place.run.run), place.run.one_more(runs)) {
            self.read(index, &place, &missed, &run.class, more, budget)?;
        }
        if let Some(next) = place.run.next_run(runs) {
            let place = Place { run: next, ..place };
            self.push(index, Step::Silent, place, missed, budget)?;
        }
        Ok(())
    }

    /// Ends a field: what its holes read is matched.
    fn leave(
        &mut self,
        index: usize,
        place: &Place,
        mut missed: Vec<Missed>,
        budget: &mut Budget,
    ) -> Result<(), Exhausted> {
        for state in &mut missed {
            if let Some(holes) = state.in_hole.take() {
                for position in holes.iter() {
                    state.at.insert(position + 1);
                }
            }
        }
        let close = |state: &Matched| match state.in_hole {
            true => Matched { at: state.at + 1, in_hole: false },
            false => *state,
        };
        let matched: Vec<Matched> = place.matched.iter().map(close).collect();
        self.enter(index, place.field + 1, &matched, missed, budget)
    }

    /// Reads one more character of the class, in every way that the globs to match allow.
    fn read(
        &mut self,
        index: usize,
        place: &Place,
        missed: &[Missed],
        class: &CharClass,
        run: RunState,
        budget: &mut Budget,
    ) -> Result<(), Exhausted> {
        let positives = &self.problem.positives;
        let moves: Vec<Vec<Move>> =
            positives.iter().zip(&place.matched).map(|(track, state)| moves(track, place.field, *state)).collect();
        let named = Named::of(&self.negatives, missed, place.field);
        for combination in combinations(&moves) {
            budget.spend(1)?;
            let matched: Vec<Matched> = combination.iter().map(|m| m.to).collect();
            for c in letters(&combination, class, &named) {
                let next = self
                    .negatives
                    .iter()
                    .zip(missed)
                    .map(|(track, state)| step_missed(track, place.field, state, c))
                    .collect();
                let place = Place { run, matched: matched.clone(), ..place.clone() };
                self.push(index, Step::Read(c), place, next, budget)?;
            }
        }
        Ok(())
    }
}

fn step_missed(track: &Track<'_>, field: usize, state: &Missed, c: char) -> Missed {
    if !track.feeds(field) || state.is_dead() {
        return state.clone();
    }
    Missed { at: track.glob.step(&state.at, c), in_hole: state.in_hole.clone() }
}

/// The positions a glob to match may be at after a fixed text.
fn positions_after(track: &Track<'_>, state: Matched, text: &str) -> Vec<Matched> {
    let mut set = Positions::none(track.end() + 1);
    set.insert(state.at as usize);
    for c in text.chars() {
        set = track.glob.step(&set, c);
    }
    let to_state = |position: usize| Matched { at: u32::try_from(position).unwrap_or(u32::MAX), in_hole: false };
    set.iter().map(to_state).collect()
}

/// One choice from each list, in every way.
pub(crate) fn combinations<T: Copy>(options: &[Vec<T>]) -> Vec<Vec<T>> {
    let mut all = vec![Vec::with_capacity(options.len())];
    for choices in options {
        all = all
            .iter()
            .flat_map(|chosen: &Vec<T>| {
                choices.iter().map(move |choice| {
                    let mut longer = chosen.clone();
                    longer.push(*choice);
                    longer
                })
            })
            .collect();
    }
    all
}

#[cfg(test)]
mod tests {
    use super::{Found, Problem, Track, walk};
    use crate::budget::Budget;
    use crate::chars::CharClass;
    use crate::glob::Glob;
    use crate::glob::tests::{glob, words};
    use crate::record::{Form, Piece, Run, Shape};

    fn search(forms: &[Form], positives: &[&Glob], negatives: &[&Glob], views: &[&[Piece]]) -> Found {
        let fields = forms[0].len() as u16;
        let view = |i: usize| views.get(i).copied().unwrap_or(&[Piece::Field(0)]);
        let track = |(i, glob): (usize, &&'static Glob)| Track::new(glob, view(i), fields);
        let leak = |globs: &[&Glob]| -> Vec<&'static Glob> {
            globs.iter().map(|g| &*Box::leak(Box::new((*g).clone()))).collect()
        };
        let problem = Problem {
            fields,
            forms,
            positives: leak(positives).iter().enumerate().map(track).collect(),
            negatives: leak(negatives).iter().enumerate().map(|(i, g)| track((i + positives.len(), g))).collect(),
            identities: Vec::new(),
        };
        walk(&problem, &mut Budget::new(1_000_000)).unwrap()
    }

    /// Brute force: all words over a small alphabet with a letter that no pattern names.
    #[test]
    fn agrees_with_brute_force_on_small_worlds() {
        let texts = words("ab:#", 6);
        let patterns =
            ["*", "a*", "*a", "*a*b", "a?", "?*", "??", "%", "%:*", "a%", "*:%", "_*", "ab", "*??", "a*a", "", ":*"];
        let forms: Vec<Form> = vec![vec![Shape::any()]];
        for p in patterns {
            for p2 in patterns {
                for q in patterns {
                    for q2 in ["*b", "?%", "*a*"] {
                        let (gp, gp2, gq, gq2) = (glob(p), glob(p2), glob(q), glob(q2));
                        let fits = |t: &str| gp.matches(t) && gp2.matches(t) && !gq.matches(t) && !gq2.matches(t);
                        let exists = texts.iter().any(|t| fits(t));
                        match search(&forms, &[&gp, &gp2], &[&gq, &gq2], &[]) {
                            Found::Word(word) => assert!(fits(&word[0]), "{p} {p2} {q} {q2}: {word:?}"),
                            Found::Nothing(_) => assert!(!exists, "{p} {p2} not {q} {q2}"),
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_small_alphabet_is_exhausted() {
        let binary = Shape::runs(vec![Run::exactly(2, CharClass::chars("01"))]);
        let forms: Vec<Form> = vec![vec![binary]];
        let (all, zero, one, ten) = (glob("*"), glob("0*"), glob("1*"), glob("10"));
        assert_eq!(search(&forms, &[&all], &[&zero, &one], &[]), Found::Nothing(vec![0, 1]));
        assert_eq!(search(&forms, &[&all], &[&zero, &ten], &[]), Found::Word(vec!["11".to_owned()]));
    }

    #[test]
    fn exclusions_of_a_shape_hold() {
        let forms: Vec<Form> = vec![vec![Shape::words(["aa", "ab"]).without(["aa"])]];
        let all = glob("*");
        assert_eq!(search(&forms, &[&all], &[], &[]), Found::Word(vec!["ab".to_owned()]));
        let b = glob("*b");
        assert_eq!(search(&forms, &[&all], &[&b], &[]), Found::Nothing(vec![0]));
    }

    #[test]
    fn views_share_fields() {
        // whole = "<" f0 "/" f1 ">", name = f1: whole in <x/*>, name not in y*, whole not in *z>
        let forms: Vec<Form> = vec![vec![Shape::any(), Shape::runs(vec![Run::at_least(1, CharClass::chars("yz"))])]];
        let fixed = |t: &str| Piece::Fixed(t.to_owned());
        let whole = [fixed("<"), Piece::Field(0), fixed("/"), Piece::Field(1), fixed(">")];
        let name = [Piece::Field(1)];
        let (a, b, c) = (glob("<x/*>"), glob("y*"), glob("*z>"));
        let found = search(&forms, &[&a], &[&b, &c], &[&whole, &name, &whole]);
        assert_eq!(found, Found::Word(vec!["x".to_owned(), "zy".to_owned()]));
        let d = glob("*y>");
        let found = search(&forms, &[&a], &[&c, &d], &[&whole, &whole, &whole]);
        assert_eq!(found, Found::Nothing(vec![0, 1]));
    }

    #[test]
    fn long_tails_of_question_marks_stay_small() {
        let tail = "?".repeat(24);
        let (p, q) = (glob(&format!("*b*a{tail}")), glob(&format!("*a{tail}")));
        assert_eq!(search(&[vec![Shape::any()]], &[&p], &[&q], &[]), Found::Nothing(vec![0]));
    }
}
