//! What an update leaves as it was: entries of Allow statements that the existing document has word for word, and what is
//! left of the asked document without them.
//!
//! A request that the asked document allows by such an entry is allowed by the existing one too, as long as that denies
//! nothing that the asked one does not deny as well. So what is left allows the same new access as the whole.

use std::collections::BTreeMap;

use crate::policy::action::{ActionEntry, ActionPattern};
use crate::policy::resource::{ResourceEntry, ResourcePattern};
use crate::policy::{Effect, Listed, Policy, Statement};
use crate::semantics::boxes::Forms;

/// A list as written: whether it excepts, and its entries in ascending order.
type Texts<'p> = (bool, Vec<&'p str>);

/// The asked document without what the existing one grants word for word; `None` if nothing can be told apart like this.
pub(super) fn left(existing: &Policy, asked: &Policy) -> Option<Policy> {
    let named = |policy: &Policy| policy.statements.iter().any(|statement| statement.principal.is_some());
    if existing.kind != asked.kind || existing.version != asked.version || named(existing) || named(asked) {
        return None;
    }
    let mut forbidden = existing.statements.iter().filter(|statement| statement.effect == Effect::Deny).peekable();
    if forbidden.peek().is_some() {
        let still = Said::new(asked, Effect::Deny);
        if forbidden.any(|deny| still.left_of(deny).is_some()) {
            return None;
        }
    }
    let granted = Said::new(existing, Effect::Allow);
    let left = |statement: &Statement| match statement.effect {
        Effect::Allow => granted.left_of(statement),
        Effect::Deny => Some(statement.clone()),
    };
    let statements = asked.statements.iter().filter_map(left).collect();
    Some(Policy { statements, id: None, ..*asked })
}

/// What the statements of one effect say, by the parts that another statement may share with them.
#[derive(Default)]
struct Said<'p> {
    /// Actions, of statements with the same resources and conditions.
    actions: BTreeMap<(Option<Texts<'p>>, Forms), BTreeMap<&'p str, &'p ActionPattern>>,
    /// Resources, of statements with the same actions and conditions.
    resources: BTreeMap<(Texts<'p>, Forms), BTreeMap<&'p str, &'p ResourcePattern>>,
    /// Lists of excepted actions, of statements with the same resources and conditions.
    but_actions: BTreeMap<(Option<Texts<'p>>, Forms), Vec<Vec<&'p str>>>,
    /// Lists of excepted resources, of statements with the same actions and conditions.
    but_resources: BTreeMap<(Texts<'p>, Forms), Vec<Vec<&'p str>>>,
}

impl<'p> Said<'p> {
    fn new(policy: &'p Policy, effect: Effect) -> Self {
        let mut said = Self::default();
        for statement in policy.statements.iter().filter(|statement| statement.effect == effect) {
            said.add(statement);
        }
        said
    }

    fn add(&mut self, statement: &'p Statement) {
        let Some(forms) = Forms::of(&statement.conditions) else { return };
        if !statement.action.negated {
            let plain = statement.action.entries.iter().filter(|entry| !is_doubtful(entry));
            let entries = plain.map(|entry| (entry.text.as_str(), &entry.pattern));
            self.actions.entry((resources(statement), forms.clone())).or_default().extend(entries);
        }
        let Some(actions) = actions(&statement.action) else { return };
        if let (true, excepted) = &actions {
            self.but_actions.entry((resources(statement), forms.clone())).or_default().push(excepted.clone());
        }
        match (excepting_none(statement), resources(statement)) {
            (Some(listed), _) => {
                let entries = listed.entries.iter().map(|entry| (entry.text.as_str(), &entry.pattern));
                self.resources.entry((actions, forms)).or_default().extend(entries);
            }
            (None, Some((_, excepted))) => self.but_resources.entry((actions, forms)).or_default().push(excepted),
            (None, None) => {}
        }
    }

    /// What of a statement is not said; `None` if nothing is left.
    fn left_of(&self, statement: &Statement) -> Option<Statement> {
        let Some(forms) = Forms::of(&statement.conditions) else { return Some(statement.clone()) };
        let by_resources = (resources(statement), forms);
        let actions_said = self.actions.get(&by_resources).filter(|_| !statement.action.negated);
        let excepting = |lists: Option<&Vec<Vec<&str>>>, own: Option<Texts<'_>>| match (lists, own) {
            (Some(lists), Some((true, own))) => lists.iter().any(|list| is_within(list, &own)),
            (_, _) => false,
        };
        if excepting(self.but_actions.get(&by_resources), actions(&statement.action)) {
            return None;
        }
        let (_, forms) = by_resources;
        let by_actions = actions(&statement.action).map(|actions| (actions, forms));
        if excepting(by_actions.as_ref().and_then(|parts| self.but_resources.get(parts)), resources(statement)) {
            return None;
        }
        let resources_said = by_actions.and_then(|parts| self.resources.get(&parts));
        let action = match actions_said {
            Some(said) => without(&statement.action, |entry| {
                said.get(entry.text.as_str()).is_some_and(|pattern| **pattern == entry.pattern && !is_doubtful(entry))
            })?,
            None => statement.action.clone(),
        };
        let resource = match (excepting_none(statement), resources_said) {
            (Some(listed), Some(said)) => Some(without(listed, |entry: &ResourceEntry| {
                said.get(entry.text.as_str()).is_some_and(|pattern| **pattern == entry.pattern)
            })?),
            (_, _) => statement.resource.clone(),
        };
        Some(Statement {
            action,
            resource,
            sid: None,
            principal: None,
            conditions: statement.conditions.clone(),
            ..*statement
        })
    }
}

/// Whether all texts of the first list are in the other, which is ascending: who excepts them alone speaks of more.
fn is_within(few: &[&str], many: &[&str]) -> bool {
    few.iter().all(|text| many.binary_search(text).is_ok())
}

/// The list without the entries that are said; `None` if none is left.
fn without<T: Clone>(listed: &Listed<T>, is_said: impl Fn(&T) -> bool) -> Option<Listed<T>> {
    let entries: Vec<T> = listed.entries.iter().filter(|entry| !is_said(entry)).cloned().collect();
    (!entries.is_empty()).then_some(Listed { entries, ..*listed })
}

/// Whether the entry is read in one way on one side of a question and in another on the other (spec 2.6).
fn is_doubtful(entry: &ActionEntry) -> bool {
    match entry.pattern {
        ActionPattern::VendorWildcard(_) => true,
        ActionPattern::All | ActionPattern::Glob(_) | ActionPattern::Nothing => false,
    }
}

/// The actions as written, if they mean the same on both sides of a question.
fn actions(listed: &Listed<ActionEntry>) -> Option<Texts<'_>> {
    let texts = listed.entries.iter().map(|entry| entry.text.as_str());
    (!listed.entries.iter().any(is_doubtful)).then(|| ascending(listed.negated, texts.collect()))
}

fn resources(statement: &Statement) -> Option<Texts<'_>> {
    let listed = statement.resource.as_ref()?;
    Some(ascending(listed.negated, listed.entries.iter().map(|entry| entry.text.as_str()).collect()))
}

fn excepting_none(statement: &Statement) -> Option<&Listed<ResourceEntry>> {
    statement.resource.as_ref().filter(|listed| !listed.negated)
}

fn ascending(negated: bool, mut texts: Vec<&str>) -> Texts<'_> {
    texts.sort_unstable();
    texts.dedup();
    (negated, texts)
}
