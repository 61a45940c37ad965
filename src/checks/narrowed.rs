//! What evaluation left open of a question: the boxes that are not settled, as a document of their own, and the statements
//! that can meet them.
//!
//! A request that violates the property lies in an open box, and a statement that holds nowhere in the open boxes says
//! nothing of it. So the narrowed question has the violations that lie in its boxes, and no others.

use std::collections::{BTreeMap, BTreeSet};

use crate::checks::{Question, Side};
use crate::policy::{Listed, Policy, Statement};
use crate::semantics::boxes::Cell;

/// A question about two documents, or one, with less in them.
#[derive(Clone, Debug)]
pub(super) struct Narrowed {
    /// The open boxes, and the Deny statements that meet them.
    pub(super) asked: Policy,
    /// The statements that meet the open boxes.
    pub(super) existing: Option<Policy>,
}

impl Narrowed {
    /// The question about these documents. What requests there are, the whole documents say.
    pub(super) fn question<'n>(&'n self, whole: &Question<'n>) -> Question<'n> {
        Question { existing: self.existing.as_ref().map(Side::Document), asked: Side::Document(&self.asked), ..*whole }
    }
}

/// The Allow statements of a policy with nothing in their lists but what these boxes of them are made of.
pub(super) fn grants(policy: &Policy, cells: impl Iterator<Item = Cell>) -> Policy {
    let mut kept: BTreeMap<u32, (Kept, Kept)> = BTreeMap::new();
    for cell in cells {
        let (actions, resources) = kept.entry(cell.statement).or_default();
        actions.keep(cell.action);
        resources.keep(cell.resource.map(|(entry, _)| entry));
    }
    let statement = |(index, (actions, resources)): (u32, (Kept, Kept))| {
        let whole = policy.statements.get(index as usize)?;
        Some(Statement {
            action: actions.of(&whole.action),
            resource: whole.resource.as_ref().map(|listed| resources.of(listed)),
            sid: None,
            principal: None,
            conditions: whole.conditions.clone(),
            ..*whole
        })
    };
    Policy { statements: kept.into_iter().filter_map(statement).collect(), id: None, ..*policy }
}

/// Entries of a list by number.
#[derive(Default)]
struct Kept {
    /// The list as it stands.
    whole: bool,
    entries: BTreeSet<u32>,
}

impl Kept {
    fn keep(&mut self, entry: Option<u32>) {
        self.whole |= entry.is_none();
        self.entries.extend(entry);
    }

    fn of<T: Clone>(&self, listed: &Listed<T>) -> Listed<T> {
        if self.whole {
            return listed.clone();
        }
        let entries = self.entries.iter().filter_map(|index| listed.entries.get(*index as usize)).cloned();
        Listed { entries: entries.collect(), ..*listed }
    }
}
