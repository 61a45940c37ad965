//! The meaning of policies for boxes of requests: what surely holds all over a box, and what may hold somewhere in it.
//!
//! A box is what one action entry, one resource entry and the condition of an Allow statement admit together. What a
//! document says of all boxes of another is found in one reading, and settles most questions: a box that it surely
//! allows, in every reading of the contested rules and whatever is known of requests, holds no new access; a box that it
//! surely does not allow is new access as soon as one request of the box is known. The rest goes to the solver.
//!
//! Patterns are compared by generic texts (a wildcard as one character that nothing names): exact for "surely inside"
//! where the outer pattern has stars only, and safe everywhere.

mod clauses;
mod column;
mod reading;
mod set;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use solver::record::{Records, Shape};

use crate::policy::action::ActionPattern;
use crate::policy::resource::ResourcePattern;
use crate::policy::template::Variable;
use crate::policy::{Effect, Policy, Statement};
use crate::request::Request;
use crate::semantics::Token;
use crate::semantics::document::{Position, Scope};
use crate::semantics::resource::{self, Reading as ResourceReading};
use crate::semantics::variable::plain_tokens;
use clauses::Clauses;
pub(crate) use clauses::Forms;
use column::{Column, Mask};
pub(crate) use reading::{Reading, Truth};
pub(crate) use set::Set;

/// Boxes of one statement beyond which it has none: the statement is then left to the solver.
const MOST_BOXES: usize = 100_000;

/// A value of a key as a letter of patterns.
type Letter = solver::record::Text;

/// A text of the requests of a box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Text {
    /// The action.
    Action,
    /// The resource.
    Resource,
    /// The value of a key.
    Key(Letter),
    /// Anything else: nothing is known of it.
    Other,
}

/// One box, by what it is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cell {
    /// Number of the policy.
    pub(crate) policy: u32,
    /// Number of the statement in the policy's list.
    pub(crate) statement: u32,
    /// Number of the action entry; `None`: any action.
    pub(crate) action: Option<u32>,
    /// Number of the resource entry, and which of the patterns that it stands for; `None`: any resource, or the request
    /// without one.
    pub(crate) resource: Option<(u32, u32)>,
    /// `s3:ListAllMyBuckets` without a resource, beside what the entries say (spec 3.2).
    pub(crate) buckets: bool,
}

/// The boxes of the statements of one effect of some policies; each statement lies inside its boxes.
#[derive(Debug)]
pub(crate) struct Boxes<'p> {
    policies: Vec<&'p Policy>,
    effect: Effect,
    cells: Vec<Cell>,
    /// The boxes of each policy.
    ranges: Vec<std::ops::Range<u32>>,
    /// Policies with a statement that has no boxes.
    unknown: BTreeSet<u32>,
    /// The boxes of each statement, by the numbers that clauses go by.
    statements: Vec<std::ops::Range<u32>>,
    actions: Column,
    clauses: Clauses,
    letters: BTreeMap<String, Letter>,
    foreign: Letter,
    /// Boxes that insert the value of a key: it has one there.
    inserting: BTreeMap<Letter, Vec<u32>>,
}

impl<'p> Boxes<'p> {
    /// The boxes of all statements of this effect.
    pub(crate) fn new(policies: Vec<&'p Policy>, effect: Effect) -> Self {
        let mut letters = Letters::default();
        let foreign = letters.declare();
        let mut boxes = Boxes {
            policies,
            effect,
            cells: Vec::new(),
            ranges: Vec::new(),
            unknown: BTreeSet::new(),
            statements: Vec::new(),
            actions: Column::default(),
            clauses: Clauses::default(),
            letters: BTreeMap::new(),
            foreign,
            inserting: BTreeMap::new(),
        };
        for (number, policy) in (0u32..).zip(boxes.policies.clone()) {
            let first = boxes.count();
            for (index, statement) in (0u32..).zip(&policy.statements).filter(|(_, s)| s.effect == effect) {
                if !boxes.add(&mut letters, (number, index), policy, statement) {
                    boxes.unknown.insert(number);
                }
            }
            boxes.ranges.push(first..boxes.count());
        }
        boxes
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether the action and resource of a request surely lie in a box; no, where the box inserts values.
    pub(crate) fn surely_holds(&self, cell: Cell, request: &Request, reading: ResourceReading) -> bool {
        let policy = self.policies.get(cell.policy as usize);
        let statement = policy.and_then(|policy| policy.statements.get(cell.statement as usize));
        let action = match (cell.action, statement) {
            (None, _) => !cell.buckets || request.action.eq_ignore_ascii_case(LIST_BUCKETS),
            (Some(index), Some(statement)) => {
                let masks = action_masks(statement);
                let own = masks.iter().find(|(entry, _)| *entry == Some(index));
                own.is_some_and(|(_, mask)| mask.surely_meets(&request.action.to_ascii_lowercase()))
            }
            (Some(_), None) => false,
        };
        let resource = match (cell.buckets, cell.resource) {
            (false, None) => true,
            _ => self.resource_mask(cell, reading).is_some_and(|mask| mask.surely_meets(&request.resource)),
        };
        action && resource
    }

    /// How many there are, as a number of boxes.
    pub(crate) fn count(&self) -> u32 {
        u32::try_from(self.cells.len()).unwrap_or(u32::MAX)
    }

    /// The boxes of a policy; `None` if not all of its statements have boxes.
    pub(crate) fn of_policy(&self, policy: u32) -> Option<std::ops::Range<u32>> {
        self.ranges.get(policy as usize).filter(|_| !self.unknown.contains(&policy)).cloned()
    }

    /// What a box is made of.
    pub(crate) fn cell(&self, number: u32) -> Option<Cell> {
        self.cells.get(number as usize).copied()
    }

    fn scope(&self, policy: &Policy) -> Scope {
        Scope { kind: policy.kind, effect: self.effect, position: Position::UnderTest, bounded: false }
    }

    /// Adds the boxes of a statement; says whether it could be done.
    fn add(&mut self, letters: &mut Letters, place: (u32, u32), policy: &Policy, statement: &Statement) -> bool {
        let actions = action_masks(statement);
        let resources = resource_entries(self.scope(policy), statement);
        if statement.principal.is_some() || actions.len().saturating_mul(resources.len()) > MOST_BOXES {
            return false;
        }
        let first = self.count();
        let number = u32::try_from(self.statements.len()).unwrap_or(u32::MAX);
        for (action, mask) in actions {
            let from = self.count();
            let cell = |resource: &Option<(u32, u32)>| Cell {
                policy: place.0,
                statement: place.1,
                action,
                resource: *resource,
                buckets: false,
            };
            self.cells.extend(resources.iter().map(cell));
            if names_buckets(self.scope(policy), statement) && mask.meets_text(LIST_BUCKETS) {
                self.cells.push(Cell { buckets: true, ..cell(&None) });
            }
            let column = self.actions.add(mask);
            self.actions.bound(column, from..self.count());
        }
        for clause in &statement.conditions {
            self.clauses.add(clause, number);
        }
        self.statements.push(first..self.count());
        self.note_inserted(letters, policy, statement, first);
        true
    }

    /// Notes the keys whose values the resource entries insert.
    fn note_inserted(&mut self, letters: &mut Letters, policy: &Policy, statement: &Statement, first: u32) {
        let Some(listed) = statement.resource.as_ref().filter(|listed| !listed.negated) else { return };
        let scope = self.scope(policy);
        for (index, entry) in (0u32..).zip(&listed.entries) {
            for key in resource::inserted(scope, entry) {
                let letter = *self.letters.entry(key.to_owned()).or_insert_with(|| letters.declare());
                let cells = (first..self.count()).zip(self.cells.iter().skip(first as usize));
                let own = cells
                    .filter(|(_, cell)| cell.resource.is_some_and(|(entry, _)| entry == index))
                    .map(|(number, _)| number);
                self.inserting.entry(letter).or_default().extend(own);
            }
        }
    }

    /// The resources of the boxes in a reading of the rules about patterns.
    fn resources(&self, reading: ResourceReading) -> Column {
        let mut column = Column::default();
        let mut places: BTreeMap<Cell, Vec<u32>> = BTreeMap::new();
        for (number, cell) in (0u32..).zip(&self.cells) {
            places.entry(Cell { action: None, ..*cell }).or_default().push(number);
        }
        for cells in places.into_values() {
            let first = cells.first().and_then(|number| self.cell(*number));
            let mask = first.and_then(|cell| self.resource_mask(cell, reading)).unwrap_or_else(Mask::any);
            let number = column.add(mask);
            column.bound(number, cells);
        }
        column
    }

    /// The resource pattern of a box; `None` if it has none or one that inserts values in a way that is not compared.
    fn resource_mask(&self, cell: Cell, reading: ResourceReading) -> Option<Mask> {
        if cell.buckets {
            return Mask::new(&[Token::Char('*')]);
        }
        let (policy, (entry, part)) = (self.policies.get(cell.policy as usize)?, cell.resource?);
        let listed = policy.statements.get(cell.statement as usize)?.resource.as_ref()?;
        let spelled = resource::spelled(self.scope(policy), listed.entries.get(entry as usize)?, reading);
        let text = |key: &str| self.letters.get(key).map_or(Text::Other, |letter| Text::Key(*letter));
        Mask::new(&with_letters(spelled.get(part as usize)?, &text))
    }
}

const LIST_BUCKETS: &str = "s3:listallmybuckets";

/// Letters, one for each key.
#[derive(Default)]
struct Letters(Records);

impl Letters {
    fn declare(&mut self) -> Letter {
        self.0.declare_text(Shape::any())
    }
}

/// The action entries that match something, with their patterns; one for any action where they are excepted.
fn action_masks(statement: &Statement) -> Vec<(Option<u32>, Mask)> {
    if statement.action.negated {
        return vec![(None, Mask::any())];
    }
    let mut masks = Vec::with_capacity(statement.action.entries.len());
    for (index, entry) in (0u32..).zip(&statement.action.entries) {
        match &entry.pattern {
            ActionPattern::All => masks.push((None, Mask::any())),
            ActionPattern::Glob(template) | ActionPattern::VendorWildcard(template) => {
                masks.extend(
                    plain_tokens(template).and_then(|tokens| Mask::new(&tokens)).map(|mask| (Some(index), mask)),
                );
            }
            ActionPattern::Nothing => {}
        }
    }
    masks
}

/// The resource entries that match something, each with the number of its pattern; `None` for any resource.
fn resource_entries(scope: Scope, statement: &Statement) -> Vec<Option<(u32, u32)>> {
    let Some(listed) = statement.resource.as_ref().filter(|listed| !listed.negated) else { return vec![None] };
    if listed.entries.iter().any(|entry| entry.pattern == ResourcePattern::All) {
        return vec![None];
    }
    let mut entries = Vec::with_capacity(listed.entries.len());
    for (index, entry) in (0u32..).zip(&listed.entries) {
        // a short ARN stands for two patterns
        let parts = (0u32..).zip(resource::spelled(scope, entry, ResourceReading::DEFAULT));
        entries.extend(parts.map(|(part, _)| Some((index, part))));
    }
    entries
}

/// The tokens with the values of keys as texts; a value that may be a default instead is any text.
fn with_letters(tokens: &[Token<&Variable>], text: &dyn Fn(&str) -> Text) -> Vec<Token<Text>> {
    let one = |token: &Token<&Variable>| match token {
        Token::Char(c) => Token::Char(*c),
        Token::Folded(c) => Token::Folded(*c),
        Token::One => Token::One,
        Token::OneInField => Token::OneInField,
        Token::Many => Token::Many,
        Token::ManyInField => Token::ManyInField,
        Token::Insert(v) | Token::InsertFolded(v) | Token::InsertGlob(v) | Token::InsertGlobInField(v) => {
            if v.default.is_some() { Token::Many } else { Token::Insert(text(&v.key)) }
        }
    };
    tokens.iter().map(one).collect()
}

fn names_buckets(scope: Scope, statement: &Statement) -> bool {
    let listed = statement.resource.as_ref().filter(|listed| !listed.negated);
    listed.is_some_and(|listed| listed.entries.iter().any(|entry| resource::names_all_buckets(scope, entry)))
}

/// The resources of some boxes in one reading, once a question has asked about them.
#[derive(Debug, Default)]
pub(crate) struct Resources(OnceLock<Column>);
