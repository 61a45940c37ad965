//! Conjunctions of memberships on the views of one record.
//!
//! A ladder, cheapest first: (1) a generic text of each glob to match, tried against everything else by plain matching;
//! (2) sure containment of that glob in one language to miss; (3) the exact walk. An inconsistent conjunction comes back
//! as a conflict: a subset of the literals that no value satisfies.

use crate::budget::{Budget, Exhausted};
use crate::formula::{Formula, Formulas};
use crate::glob::{Glob, Item, Loop};
use crate::language::{GlobId, Language};
use crate::record::{Form, Piece, Text};
use crate::theory::walk::{Found, Problem, Track, walk};

/// A membership literal.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Membership {
    /// The literal as it stands in the formula.
    pub(crate) literal: Formula,
    pub(crate) text: Text,
    pub(crate) language: Language,
}

impl Membership {
    /// Whether it says the same. The literal alone does not tell: texts that are tried out all hang on no literal.
    fn is(&self, other: &Membership) -> bool {
        (self.literal, self.text, self.language) == (other.literal, other.text, other.language)
    }
}

/// Where the texts of a conjunction live: a record, or several laid out as one.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    pub(crate) fields: u16,
    pub(crate) forms: Vec<Form>,
    /// Literals that the forms rest on beyond the declaration, and the forms without them.
    pub(crate) restricted_by: Option<(Formula, Vec<Form>)>,
    /// Pieces of each text that occurs.
    pub(crate) pieces: Vec<(Text, Vec<Piece>)>,
    /// Texts that are exactly one field, by field.
    pub(crate) identities: Vec<Vec<Text>>,
}

impl Layout {
    pub(crate) fn pieces(&self, text: Text) -> &[Piece] {
        self.pieces.iter().find(|(t, _)| *t == text).map_or(&[], |(_, pieces)| pieces.as_slice())
    }

    fn track<'a>(&self, glob: &'a Glob, text: Text) -> Track<'a> {
        Track::new(glob, self.pieces(text), self.fields)
    }
}

/// What came of a conjunction.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    /// Field values that satisfy all literals (holes apart).
    Word(Vec<String>),
    /// No value satisfies these literals together.
    Conflict(Vec<Formula>),
}

/// A conjunction of memberships over one layout.
pub(crate) struct Conjunction<'a> {
    pub(crate) formulas: &'a Formulas,
    pub(crate) layout: &'a Layout,
    /// A character that no glob names, if there is one.
    pub(crate) fresh: char,
    pub(crate) positives: Vec<Membership>,
    pub(crate) negatives: Vec<Membership>,
}

/// A conflict found by refuting: which negatives were needed.
type Blame = Vec<usize>;

enum Refutation {
    Word(Vec<String>),
    Refuted(Blame),
}

impl Conjunction<'_> {
    /// Decides the conjunction; a conflict is made smaller as far as that is cheap.
    ///
    /// # Errors
    /// [`Exhausted`] when the budget ends.
    pub(crate) fn decide(&self, budget: &mut Budget) -> Result<Outcome, Exhausted> {
        let forms = self.layout.forms.as_slice();
        match self.refute(&self.positives, &self.negatives, forms, budget)? {
            Refutation::Word(word) => Ok(Outcome::Word(word)),
            Refutation::Refuted(blame) => {
                let negatives: Vec<Membership> = blame.iter().filter_map(|i| self.negatives.get(*i)).copied().collect();
                self.minimised(self.positives.clone(), negatives, budget).map(Outcome::Conflict)
            }
        }
    }

    /// Drops literals one at a time while the rest stays inconsistent.
    fn minimised(
        &self,
        mut positives: Vec<Membership>,
        mut negatives: Vec<Membership>,
        budget: &mut Budget,
    ) -> Result<Vec<Formula>, Exhausted> {
        let mut forms = self.layout.forms.as_slice();
        let mut restriction = None;
        if let Some((literal, unrestricted)) = &self.layout.restricted_by {
            match self.refute(&positives, &negatives, unrestricted, budget)? {
                Refutation::Refuted(_) => forms = unrestricted,
                Refutation::Word(_) => restriction = Some(*literal),
            }
        }
        if positives.len() > 1 {
            if !negatives.is_empty()
                && let Refutation::Refuted(_) = self.refute(&positives, &[], forms, budget)?
            {
                negatives.clear();
            }
            let mut at = 0;
            while positives.len() > 1 && at < positives.len() {
                let mut fewer = positives.clone();
                fewer.remove(at);
                match self.refute(&fewer, &negatives, forms, budget)? {
                    Refutation::Refuted(blame) => {
                        positives = fewer;
                        negatives = blame.iter().filter_map(|i| negatives.get(*i)).copied().collect();
                    }
                    Refutation::Word(_) => at += 1,
                }
            }
        }
        let literals = positives.iter().chain(&negatives).map(|m| m.literal).chain(restriction);
        Ok(literals.collect())
    }

    fn refute(
        &self,
        positives: &[Membership],
        negatives: &[Membership],
        forms: &[Form],
        budget: &mut Budget,
    ) -> Result<Refutation, Exhausted> {
        let attempt = Attempt { conjunction: self, positives, negatives, forms };
        attempt.run(budget)
    }
}

struct Attempt<'a> {
    conjunction: &'a Conjunction<'a>,
    positives: &'a [Membership],
    negatives: &'a [Membership],
    forms: &'a [Form],
}

impl Attempt<'_> {
    fn run(&self, budget: &mut Budget) -> Result<Refutation, Exhausted> {
        let languages = &self.conjunction.formulas.languages;
        let size = |m: &&Membership| languages.globs_of(m.language).len();
        let Some(primary) = self.positives.iter().min_by_key(size) else {
            return self.explore(&[], None, budget);
        };
        for glob in languages.globs_of(primary.language) {
            budget.spend(1)?;
            if let Some(word) = self.try_candidate(primary, *glob, budget)? {
                return Ok(Refutation::Word(word));
            }
        }
        self.refute_each(primary, budget)
    }

    /// Rung 1: the generic text of a glob, tried on every literal about the same text, then laid out in fields.
    fn try_candidate(
        &self,
        primary: &Membership,
        glob: GlobId,
        budget: &mut Budget,
    ) -> Result<Option<Vec<String>>, Exhausted> {
        let languages = &self.conjunction.formulas.languages;
        let Some(candidate) = languages.get(glob).and_then(|g| generic_text(g, self.conjunction.fresh)) else {
            return Ok(None);
        };
        let same = |m: &&Membership| m.text == primary.text;
        let fits = self.positives.iter().filter(same).all(|m| languages.contains(m.language, &candidate))
            && !self.negatives.iter().filter(same).any(|m| languages.contains(m.language, &candidate));
        if !fits {
            return Ok(None);
        }
        let pinned = Glob::literal(&candidate);
        let others: Vec<Membership> = self.positives.iter().filter(|m| m.text != primary.text).copied().collect();
        let found =
            self.explore_combinations(&others, &mut vec![(&pinned, primary.text)], Some(primary.text), budget)?;
        Ok(match found {
            Refutation::Word(word) => Some(word),
            Refutation::Refuted(_) => None,
        })
    }

    /// Rungs 2 and 3 for every glob of the primary literal; the blame is a small cover.
    fn refute_each(&self, primary: &Membership, budget: &mut Budget) -> Result<Refutation, Exhausted> {
        let languages = &self.conjunction.formulas.languages;
        let mut blame: Blame = Vec::new();
        let mut open: Vec<Vec<usize>> = Vec::new();
        for glob in languages.globs_of(primary.language) {
            let covers: Vec<usize> = self
                .negatives
                .iter()
                .enumerate()
                .filter(|(_, m)| m.text == primary.text && languages.surely_contains(m.language, *glob))
                .map(|(index, _)| index)
                .collect();
            budget.spend(1 + self.negatives.len() as u64 / 8)?;
            if !covers.is_empty() {
                open.push(covers);
                continue;
            }
            let others: Vec<Membership> = self.positives.iter().filter(|m| !m.is(primary)).copied().collect();
            let Some(glob) = languages.get(*glob) else { continue };
            match self.explore_combinations(&others, &mut vec![(glob, primary.text)], None, budget)? {
                Refutation::Word(word) => return Ok(Refutation::Word(word)),
                Refutation::Refuted(needed) => blame.extend(needed),
            }
        }
        blame.sort_unstable();
        blame.dedup();
        cover(&mut blame, open);
        Ok(Refutation::Refuted(blame))
    }

    /// Chooses one glob of each remaining positive literal, in every compatible way.
    fn explore_combinations<'g>(
        &'g self,
        others: &[Membership],
        chosen: &mut Vec<(&'g Glob, Text)>,
        settled: Option<Text>,
        budget: &mut Budget,
    ) -> Result<Refutation, Exhausted> {
        let Some((next, rest)) = others.split_first() else {
            return self.explore(chosen, settled, budget);
        };
        let languages = &self.conjunction.formulas.languages;
        let mut blame: Blame = Vec::new();
        for id in languages.globs_of(next.language) {
            let Some(glob) = languages.get(*id) else { continue };
            budget.spend(1)?;
            if chosen.iter().any(|(other, text)| *text == next.text && other.surely_apart(glob)) {
                continue;
            }
            chosen.push((glob, next.text));
            let found = self.explore_combinations(rest, chosen, settled, budget);
            chosen.pop();
            match found? {
                Refutation::Word(word) => return Ok(Refutation::Word(word)),
                Refutation::Refuted(needed) => blame.extend(needed),
            }
        }
        blame.sort_unstable();
        blame.dedup();
        Ok(Refutation::Refuted(blame))
    }

    /// Rung 3: the exact walk for these globs against the negatives that can matter; those about a `settled` text are
    /// known to be missed.
    fn explore(
        &self,
        chosen: &[(&Glob, Text)],
        settled: Option<Text>,
        budget: &mut Budget,
    ) -> Result<Refutation, Exhausted> {
        let (languages, layout) = (&self.conjunction.formulas.languages, self.conjunction.layout);
        let mut owners = Vec::new();
        let mut negatives = Vec::new();
        for (index, membership) in self.negatives.iter().enumerate().filter(|(_, m)| settled != Some(m.text)) {
            for id in languages.globs_of(membership.language) {
                let Some(glob) = languages.get(*id) else { continue };
                if !chosen.iter().any(|(other, text)| *text == membership.text && other.surely_apart(glob)) {
                    negatives.push(layout.track(glob, membership.text));
                    owners.push(index);
                }
            }
        }
        budget.spend(1 + negatives.len() as u64)?;
        let problem = Problem {
            fields: layout.fields,
            forms: self.forms,
            positives: chosen.iter().map(|(glob, text)| layout.track(glob, *text)).collect(),
            negatives,
            identities: layout.identities.clone(),
        };
        Ok(match walk(&problem, budget)? {
            Found::Word(word) => Refutation::Word(word),
            Found::Nothing(tracks) => {
                let mut blame: Blame = tracks.iter().filter_map(|track| owners.get(*track)).copied().collect();
                blame.sort_unstable();
                blame.dedup();
                Refutation::Refuted(blame)
            }
        })
    }
}

/// Adds to `blame` so that every set of alternatives is met; greedy, most often useful first, lowest number first.
fn cover(blame: &mut Blame, mut open: Vec<Vec<usize>>) {
    open.retain(|alternatives| !alternatives.iter().any(|a| blame.contains(a)));
    while !open.is_empty() {
        let mut counts: std::collections::BTreeMap<usize, usize> = std::collections::BTreeMap::new();
        for alternative in open.iter().flatten() {
            *counts.entry(*alternative).or_default() += 1;
        }
        let Some((best, _)) = counts.iter().max_by_key(|(index, count)| (**count, usize::MAX - **index)) else {
            return;
        };
        let best = *best;
        blame.push(best);
        open.retain(|alternatives| !alternatives.contains(&best));
    }
    blame.sort_unstable();
}

/// A text of the glob with a fresh character for every wildcard; `None` for globs with holes.
fn generic_text(glob: &Glob, fresh: char) -> Option<String> {
    let mut text = String::new();
    for (position, item) in glob.items().iter().enumerate() {
        if glob.loop_at(position) != Loop::No {
            text.push(fresh);
        }
        match item {
            Item::Char(c) | Item::Folded(c) => text.push(*c),
            Item::Any | Item::Except(_) => text.push(fresh),
            Item::Hole(_) => return None,
        }
    }
    if glob.loop_at(glob.items().len()) != Loop::No {
        text.push(fresh);
    }
    Some(text)
}
