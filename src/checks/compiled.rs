//! Policies prepared to be asked often: most verdicts by evaluation, the rest by the solver.
//!
//! A [`Shelf`] holds policies and the boxes of their grants. What another document says of all boxes is found in one
//! reading of the semantics, so that a question about one more policy of the shelf costs a look at its boxes: a PASS if
//! all of them are surely allowed, in every contested reading and without any fact about requests; a FAIL if a box that is
//! not allowed holds a request that the concrete reading has replayed. What is settled neither way goes to the solver, as a
//! question about the open boxes and what can meet them, and the answers are those of [`ask`](crate::checks::ask).
//!
//! ```
//! use keyaki::catalogue::Catalogue;
//! use keyaki::checks::{Settings, Verdict};
//! use keyaki::checks::compiled::Shelf;
//! use keyaki::policy::read::{ReadOptions, read};
//! use keyaki::source::Sources;
//!
//! let mut sources = Sources::default();
//! let mut policy = |actions: &str| {
//!     let text = format!(
//!         r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":{actions},"Resource":"*"}}}}"#
//!     );
//!     read(&mut sources, "example", text.as_bytes(), &ReadOptions::default()).policy.unwrap()
//! };
//! let policies = [policy(r#""s3:Get*""#), policy(r#"["s3:GetObject","s3:GetObjectAcl"]"#), policy(r#""sqs:*""#)];
//!
//! let (catalogue, settings) = (Catalogue::embedded(), Settings::default());
//! let shelf = Shelf::new(policies.iter().collect(), &catalogue, &settings);
//! // what does each policy allow that the first does not?
//! let answers = shelf.no_new_access(&policies[0]).unwrap();
//! assert_eq!(answers.verdicts, [Verdict::Pass, Verdict::Pass, Verdict::Fail]);
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use crate::catalogue::Catalogue;
use crate::checks::candidate::Beside;
use crate::checks::listed::is_listed;
use crate::checks::narrowed::{self, Narrowed};
use crate::checks::question::{Question, granted};
use crate::checks::verdict::search;
use crate::checks::{Access, Disagreement, Requests, Settings, Side, Verdict, candidate, unchanged};
use crate::policy::{Effect, Kind, Policy, Statement};
use crate::request::{ContextValue, Request};
use crate::semantics::Contested;
use crate::semantics::boxes::{Boxes, Cell, Reading, Resources, Set, Truth};
use crate::semantics::concrete::Concrete;
use crate::semantics::document::{self, Position};
use crate::semantics::realizability;
use crate::semantics::resource::{self, Reading as ResourceReading};
use crate::semantics::symbolic::footprint::keys_of;

/// Requests of one policy that are tried before the solver is asked.
const MOST_TRIES: usize = 48;

/// Policies prepared to be asked often.
#[derive(Debug)]
pub struct Shelf<'p> {
    catalogue: &'p Catalogue,
    settings: &'p Settings,
    policies: Vec<&'p Policy>,
    boxes: Boxes<'p>,
    /// The resources of the boxes, by the bits of their reading.
    resources: [Resources; 8],
    spoken: BTreeSet<String>,
    /// Unknown keys that whole documents behind these use under set operators.
    several: BTreeSet<&'p str>,
    /// By policy, the keys that it uses.
    keys: Vec<OnceLock<BTreeSet<String>>>,
    /// By policy, the rules about resource patterns whose readings differ.
    exercised: Vec<BTreeSet<Contested>>,
    guesses: Vec<OnceLock<Option<Box<Guess>>>>,
}

/// The answers to one question about every policy of a shelf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answers {
    /// In the order of the policies.
    pub verdicts: Vec<Verdict>,
    /// How many of them the solver had to search for; the others were settled by evaluation.
    pub searched: usize,
}

/// A request of a box, allowed by its policy and possible whatever the policies of the shelf speak of.
#[derive(Debug)]
struct Guess {
    request: Request,
    /// Whether it surely lies in the box: what a document does not allow anywhere in the box, it does not allow it.
    inside: bool,
}

/// What evaluation makes of a question.
#[derive(Clone, Debug)]
pub(super) enum Settled {
    /// Nothing violates the property, in any reading and whatever is known of requests.
    Pass,
    /// Some request does, in the default reading: it was found and replayed.
    Fail,
    /// No verdict yet: this is left of the question.
    Open(Box<Narrowed>),
}

/// What an existing document says of the boxes of a shelf.
struct Row<'e> {
    existing: &'e Policy,
    /// In the default reading of the rules about resource patterns.
    default: Truth,
    /// In their other readings, by the bits of the reading: what it surely allows.
    others: [OnceLock<Set>; 8],
    exercised: BTreeSet<Contested>,
    /// Unknown keys that the document uses under set operators: they may carry several values then (spec 6.5(15)).
    several: BTreeSet<&'e str>,
    /// Keys of the document, if the shelf does not speak of all of them.
    keys: Option<BTreeSet<String>>,
}

fn bits(reading: ResourceReading) -> usize {
    usize::from(reading.closed) | usize::from(reading.folded) << 1 | usize::from(reading.active) << 2
}

/// Whether documents of the kind speak of requests without naming callers: only such are settled by boxes.
fn is_plain(kind: Kind) -> bool {
    match kind {
        Kind::Identity | Kind::Boundary | Kind::Session | Kind::ServiceControl => true,
        Kind::Resource | Kind::Trust | Kind::ResourceControl | Kind::Endpoint => false,
    }
}

impl<'p> Shelf<'p> {
    /// Prepares the policies.
    pub fn new(policies: Vec<&'p Policy>, catalogue: &'p Catalogue, settings: &'p Settings) -> Self {
        let boxes = Boxes::new(policies.clone(), Effect::Allow);
        let spoken = policies.iter().flat_map(|policy| keys_of(policy)).map(str::to_owned).collect();
        let guesses = (0..boxes.len()).map(|_| OnceLock::new()).collect();
        let exercised = policies.iter().map(|policy| resource::exercised(policy)).collect();
        let keys = policies.iter().map(|_| OnceLock::new()).collect();
        let (resources, several) = Default::default();
        Self { catalogue, settings, policies, boxes, resources, spoken, several, keys, exercised, guesses }
    }

    /// The same, of policies that are parts of a larger one: what requests there are, that one says.
    fn of_whole(mut self, whole: &'p Policy) -> Self {
        self.spoken.extend(keys_of(whole).map(str::to_owned));
        self.several.extend(self.unknown_sets(whole));
        let exercised = resource::exercised(whole);
        self.exercised.iter_mut().for_each(|own| own.extend(&exercised));
        self
    }

    /// Unknown keys that a document uses under set operators: they may carry several values then (spec 6.5(15)).
    fn unknown_sets<'e>(&self, policy: &'e Policy) -> BTreeSet<&'e str> {
        candidate::quantified(policy).filter(|key| !self.catalogue.key(key).known).collect()
    }

    /// For each policy of the shelf, whether it allows a request that `existing` does not (spec 10.1).
    ///
    /// # Errors
    /// A counterexample of the solver that does not replay.
    pub fn no_new_access(&self, existing: &Policy) -> Result<Answers, Disagreement> {
        let row = self.row(existing);
        self.answers(|asked| self.settle(&row, asked, false), Some(existing), &[])
    }

    /// For each policy of the shelf, whether it allows any of the listed accesses (spec 10.2).
    ///
    /// # Errors
    /// A counterexample of the solver that does not replay.
    pub fn access_not_granted(&self, access: &[Access]) -> Result<Answers, Disagreement> {
        let listed = self.listed(access);
        self.answers(|asked| self.settle_access(&listed, asked, access), None, access)
    }

    fn answers(
        &self,
        settle: impl Fn(u32) -> Option<Settled>,
        existing: Option<&Policy>,
        access: &[Access],
    ) -> Result<Answers, Disagreement> {
        let mut answers = Answers { verdicts: Vec::with_capacity(self.policies.len()), searched: 0 };
        for (number, asked) in (0u32..).zip(&self.policies) {
            let verdict = match settle(number) {
                Some(Settled::Pass) => Verdict::Pass,
                Some(Settled::Fail) => Verdict::Fail,
                Some(Settled::Open(left)) => {
                    answers.searched += 1;
                    self.search(asked, existing, access, Some(&left))?
                }
                None => {
                    answers.searched += 1;
                    self.search(asked, existing, access, None)?
                }
            };
            answers.verdicts.push(verdict);
        }
        Ok(answers)
    }

    fn search(
        &self,
        asked: &Policy,
        existing: Option<&Policy>,
        access: &[Access],
        left: Option<&Narrowed>,
    ) -> Result<Verdict, Disagreement> {
        let (existing, asked) = (existing.map(Side::Document), Side::Document(asked));
        let (catalogue, settings) = (self.catalogue, self.settings);
        search(&Question { catalogue, existing, asked, access, outsiders: None, settings }, left)
    }

    /// Whether questions about these documents can be settled by boxes at all.
    fn is_open(&self, existing: Option<&Policy>) -> bool {
        let plain = |policy: &Policy| {
            is_plain(policy.kind) && policy.statements.iter().all(|statement| statement.principal.is_none())
        };
        let free = self.settings.principal.is_none()
            && self.settings.resource_account.is_none()
            && self.settings.zone.is_none()
            && self.settings.requests == Requests::Free;
        free && existing.is_none_or(plain)
    }

    fn fixed(&self) -> &BTreeMap<Contested, bool> {
        &self.settings.reading.fixed
    }

    fn default_reading(&self) -> ResourceReading {
        let is = |rule| self.fixed().get(&rule).copied().unwrap_or(false);
        ResourceReading { closed: is(Contested::C2), folded: is(Contested::C12), active: is(Contested::C6) }
    }

    /// The readings of the rules about resource patterns that differ on these rules, but the default one.
    fn other_readings(&self, exercised: &BTreeSet<Contested>) -> Vec<ResourceReading> {
        let mut readings = vec![self.default_reading()];
        for rule in exercised.iter().filter(|rule| !self.fixed().contains_key(rule)) {
            for at in 0..readings.len() {
                let Some(reading) = readings.get(at).copied() else { continue };
                readings.push(match rule {
                    Contested::C2 => ResourceReading { closed: true, ..reading },
                    Contested::C12 => ResourceReading { folded: true, ..reading },
                    _ => ResourceReading { active: true, ..reading },
                });
            }
        }
        readings.split_off(1)
    }

    /// What a question says of the boxes in one reading.
    fn read(&self, reading: ResourceReading, ask: impl FnOnce(&mut Reading<'_>) -> Truth) -> Truth {
        let Some(resources) = self.resources.get(bits(reading)) else { return Truth::unknown() };
        ask(&mut Reading::new(&self.boxes, (reading, resources), self.fixed()))
    }

    fn row<'e>(&'e self, existing: &'e Policy) -> Row<'e> {
        let keys: BTreeSet<&str> = keys_of(existing).collect();
        let foreign = keys.iter().any(|key| !self.spoken.contains(*key));
        let keys =
            foreign.then(|| self.spoken.iter().cloned().chain(keys.iter().map(|key| (*key).to_owned())).collect());
        let open = self.is_open(Some(existing));
        let default = self.read(self.default_reading(), |a| {
            if open { document::allows(a, existing, Position::Reference) } else { Truth::unknown() }
        });
        let exercised = resource::exercised(existing);
        let several = self.several.iter().copied().chain(self.unknown_sets(existing)).collect();
        Row { existing, default, others: Default::default(), exercised, several, keys }
    }

    /// What the document surely allows in each reading that differs on the asked policy or on it, but the default one.
    fn allowed_otherwise<'r>(&'r self, row: &'r Row<'_>, asked: u32) -> impl Iterator<Item = &'r Set> + 'r {
        let allows = |a: &mut Reading<'_>| document::allows(a, row.existing, Position::Reference);
        self.other_readings(&self.exercised_by(row, asked)).into_iter().filter_map(move |reading| {
            let set = row.others.get(bits(reading))?;
            Some(set.get_or_init(|| self.read(reading, allows).must))
        })
    }

    fn exercised_by(&self, row: &Row<'_>, asked: u32) -> BTreeSet<Contested> {
        self.exercised.get(asked as usize).into_iter().flatten().chain(&row.exercised).copied().collect()
    }

    /// `replayed`: a FAIL rests on the concrete reading of both documents, not on what holds of its box.
    fn settle(&self, row: &Row<'_>, asked: u32, replayed: bool) -> Option<Settled> {
        if !self.is_open(Some(row.existing)) || !self.policies.get(asked as usize).is_some_and(|p| is_plain(p.kind)) {
            return None;
        }
        let range = self.boxes.of_policy(asked)?;
        let is_allowed = |number: &u32| row.default.must.contains(*number);
        let open = || range.clone().filter(|number| !is_allowed(number));
        if open().next().is_none() && self.allowed_otherwise(row, asked).all(|set| set.contains_range(range.clone())) {
            return Some(Settled::Pass);
        }
        let (doubtful, outside): (Vec<u32>, Vec<u32>) = open().partition(|number| row.default.may.contains(*number));
        let is_outside = |guess: &Guess| guess.inside && !replayed || self.is_new(row, &guess.request);
        let is_doubtful = |guess: &Guess| self.is_new(row, &guess.request);
        if self.spread(outside).any(|number| self.guess(number, row).is_some_and(is_outside))
            || self.spread(doubtful.clone()).any(|number| self.guess(number, row).is_some_and(is_doubtful))
            || self.is_still_denied(row, doubtful)
        {
            return Some(Settled::Fail);
        }
        let otherwise: Vec<&Set> = self.allowed_otherwise(row, asked).collect();
        let left = range.filter(|number| !is_allowed(number) || otherwise.iter().any(|set| !set.contains(*number)));
        let exercised = self.exercised_by(row, asked);
        Some(Settled::Open(Box::new(self.narrowed(asked, left, Some(row.existing), &exercised)?)))
    }

    /// Whether a request comes to mind that the existing document denies and the asked one allows in one of these boxes.
    fn is_still_denied(&self, row: &Row<'_>, boxes: Vec<u32>) -> bool {
        let denies = || row.existing.statements.iter().filter(|statement| statement.effect == Effect::Deny);
        let pairs = self.spread(boxes).flat_map(|number| denies().map(move |deny| (number, deny)));
        pairs.take(MOST_TRIES).any(|(number, deny)| {
            let Some(cell) = self.boxes.cell(number) else { return false };
            let Some(policy) = self.policies.get(cell.policy as usize) else { return false };
            let beside = Beside { conditions: &deny.conditions, ..Beside::default() };
            candidate::request(self.catalogue, policy, cell, beside).is_some_and(|request| {
                self.fits(row, &request)
                    && self.is_new(row, &request)
                    && self.is_granted(policy, cell, &request)
                    && self.is_possible(&request, row.keys.as_ref().unwrap_or(&self.spoken))
            })
        })
    }

    /// A box of each statement, then another of each, as many as are tried: those of one statement are alike.
    fn spread(&self, ascending: Vec<u32>) -> impl Iterator<Item = u32> {
        let (mut statement, mut rank) = (None, 0u32);
        let mut ranked: Vec<(u32, u32)> = Vec::with_capacity(ascending.len());
        for number in ascending {
            let own = self.boxes.cell(number).map(|cell| (cell.policy, cell.statement));
            rank = if own == statement { rank.saturating_add(1) } else { 0 };
            statement = own;
            ranked.push((rank, number));
        }
        ranked.sort_unstable();
        ranked.into_iter().take(MOST_TRIES).map(|(_, number)| number)
    }

    /// Whether the first policy has no boxes: then it allows nothing, whatever the existing document says.
    fn grants_nothing(&self, existing: &Policy) -> bool {
        let plain = self.policies.first().is_some_and(|policy| is_plain(policy.kind));
        plain && self.is_open(Some(existing)) && self.boxes.of_policy(0).is_some_and(|range| range.is_empty())
    }

    /// The question about these boxes of a policy alone.
    fn narrowed(
        &self,
        asked: u32,
        open: impl Iterator<Item = u32>,
        existing: Option<&Policy>,
        exercised: &BTreeSet<Contested>,
    ) -> Option<Narrowed> {
        let policy = *self.policies.get(asked as usize)?;
        let mut own = narrowed::grants(policy, open.filter_map(|number| self.boxes.cell(number)));
        let boxes = Shelf::new(vec![&own], self.catalogue, self.settings);
        let readings: Vec<ResourceReading> =
            std::iter::once(self.default_reading()).chain(self.other_readings(exercised)).collect();
        let meets = |policy: &Policy, statement: &Statement, position: Position| {
            let reads = |reading: &ResourceReading| {
                boxes.read(*reading, |a| document::statement(a, policy, statement, position)).may
            };
            readings.iter().any(|reading| reads(reading).in_range(&(0..boxes.boxes.count())).next().is_some())
        };
        let existing = existing.map(|existing| {
            let meets = |statement: &Statement| meets(existing, statement, Position::Reference);
            let statements = existing.statements.iter().filter(|statement| meets(statement)).cloned().collect();
            Policy { statements, id: None, ..*existing }
        });
        let denies = policy.statements.iter().filter(|statement| statement.effect == Effect::Deny);
        let denies: Vec<Statement> = denies.filter(|deny| meets(policy, deny, Position::UnderTest)).cloned().collect();
        own.statements.extend(denies);
        Some(Narrowed { asked: own, existing })
    }

    /// Whether the existing document does not allow the request, by the concrete reading.
    fn is_new(&self, row: &Row<'_>, request: &Request) -> bool {
        !document::allows(&mut self.concrete(request), row.existing, Position::Reference)
    }

    fn concrete<'r>(&self, request: &'r Request) -> Concrete<'r> {
        let other = self.fixed().iter().filter(|(_, other)| **other).map(|(rule, _)| *rule);
        Concrete::new(request).with_readings(other)
    }

    /// A request of the box that its policy allows, made once.
    fn guess(&self, number: u32, row: &Row<'_>) -> Option<&Guess> {
        let guess = self.guesses.get(number as usize)?.get_or_init(|| self.make_guess(number)).as_deref()?;
        let possible = row.keys.as_ref().is_none_or(|keys| self.is_possible(&guess.request, keys));
        Some(guess).filter(|guess| possible && self.fits(row, &guess.request))
    }

    /// Whether no key has one value that may have several beside this document.
    fn fits(&self, row: &Row<'_>, request: &Request) -> bool {
        let alone = |key: &&str| matches!(request.context.get(*key), Some(ContextValue::Single(_)));
        !row.several.iter().any(alone)
    }

    fn make_guess(&self, number: u32) -> Option<Box<Guess>> {
        let cell = self.boxes.cell(number)?;
        let policy = self.policies.get(cell.policy as usize)?;
        let request = candidate::request(self.catalogue, policy, cell, Beside::default())?;
        let granted = self.is_granted(policy, cell, &request) && self.is_possible(&request, &self.spoken);
        let inside = self.boxes.surely_holds(cell, &request, self.default_reading());
        granted.then(|| Box::new(Guess { request, inside }))
    }

    /// Whether the statement of the box matches the request and its policy allows it, by the concrete reading.
    fn is_granted(&self, policy: &Policy, cell: Cell, request: &Request) -> bool {
        let Some(statement) = policy.statements.get(cell.statement as usize) else { return false };
        let mut concrete = self.concrete(request);
        document::statement(&mut concrete, policy, statement, Position::UnderTest)
            && !document::deny(&mut concrete, policy, Position::UnderTest)
    }

    /// Whether the relations in force hold (spec 6.5), as far as they concern these keys.
    fn is_possible(&self, request: &Request, keys: &BTreeSet<String>) -> bool {
        realizability::hold(&mut self.concrete(request), &granted(self.settings.realizability), keys)
    }

    /// The boxes that may hold a listed access, by the bits of the reading.
    fn listed(&self, access: &[Access]) -> [Option<Set>; 8] {
        let exercised = self.exercised.iter().flatten().copied().collect();
        let mut sets: [Option<Set>; 8] = Default::default();
        for reading in std::iter::once(self.default_reading()).chain(self.other_readings(&exercised)) {
            if let Some(slot) = sets.get_mut(bits(reading)) {
                *slot = Some(self.read(reading, |a| is_listed(a, access)).may);
            }
        }
        sets
    }

    fn settle_access(&self, listed: &[Option<Set>; 8], asked: u32, access: &[Access]) -> Option<Settled> {
        if !self.is_open(None) || !self.policies.get(asked as usize).is_some_and(|policy| is_plain(policy.kind)) {
            return None;
        }
        let range = self.boxes.of_policy(asked)?;
        let set = |reading| listed.get(bits(reading)).and_then(Option::as_ref);
        let is_free = |set: Option<&Set>| set.is_some_and(|set| set.in_range(&range).next().is_none());
        let default = set(self.default_reading());
        if is_free(default) {
            let others = self.other_readings(self.exercised.get(asked as usize)?);
            return others.into_iter().all(|reading| is_free(set(reading))).then_some(Settled::Pass);
        }
        let boxes = default?.in_range(&range).take(MOST_TRIES);
        if boxes.into_iter().any(|number| self.holds_listed(number, access)) {
            return Some(Settled::Fail);
        }
        let exercised = self.exercised.get(asked as usize)?;
        let open = range.clone().filter(|number| listed.iter().flatten().any(|set| set.contains(*number)));
        Some(Settled::Open(Box::new(self.narrowed(asked, open, None, exercised)?)))
    }

    /// Whether a request of a box comes to mind that is a listed access and that its policy allows.
    fn holds_listed(&self, number: u32, access: &[Access]) -> bool {
        let Some(cell) = self.boxes.cell(number) else { return false };
        let number = cell.policy as usize;
        let (Some(policy), Some(keys)) = (self.policies.get(number), self.keys.get(number)) else { return false };
        let keys = keys.get_or_init(|| keys_of(policy).map(str::to_owned).collect());
        let plain = |text: &&String| !text.contains(['*', '?']);
        let actions = access.iter().flat_map(|access| &access.actions).filter(plain);
        let actions = actions.map(|action| Some(action.as_str())).chain([None]).take(MOST_TRIES);
        let beside = actions.map(|action| Beside { action, ..Beside::default() });
        let mut requests = beside.filter_map(|beside| candidate::request(self.catalogue, policy, cell, beside));
        requests.any(|request| {
            is_listed(&mut self.concrete(&request), access)
                && self.is_granted(policy, cell, &request)
                && self.is_possible(&request, keys)
        })
    }
}

/// What evaluation makes of a question about documents; `None` if it can say nothing.
pub(super) fn settle(question: &Question<'_>) -> Option<Settled> {
    let (Side::Document(asked), None) = (question.asked, question.outsiders) else { return None };
    match question.existing {
        None if question.access.is_empty() => None, // whether anything is allowed at all
        None => {
            let shelf = Shelf::new(vec![asked], question.catalogue, question.settings);
            shelf.settle_access(&shelf.listed(question.access), 0, question.access)
        }
        Some(Side::Document(existing)) if question.access.is_empty() => {
            let left = unchanged::left(existing, asked);
            let policies = vec![left.as_ref().unwrap_or(asked)];
            let shelf = Shelf::new(policies, question.catalogue, question.settings).of_whole(asked);
            if shelf.grants_nothing(existing) {
                return Some(Settled::Pass);
            }
            shelf.settle(&shelf.row(existing), 0, true)
        }
        Some(Side::Document(_) | Side::Stack(_)) => None,
    }
}
