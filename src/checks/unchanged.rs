//! What an update leaves as it was: entries of Allow statements that the existing document has word for word, and what is
//! left of the asked document without them.
//!
//! A request that the asked document allows by such an entry is allowed by the existing one too, as long as that denies
//! nothing that the asked one does not deny as well. So what is left allows the same new access as the whole.

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap, HashSet};

use crate::checks::cube::entry::Entry;
use crate::policy::action::{ActionEntry, ActionPattern};
use crate::policy::resource::ResourceEntry;
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

/// An entry of a list, by how it is written; entries are equal by what they mean.
trait Written: Entry {
    /// Whether it is read in one way on one side of a question and in another on the other (spec 2.6).
    fn is_doubtful(&self) -> bool;
}

impl Written for ActionEntry {
    fn is_doubtful(&self) -> bool {
        match self.pattern {
            ActionPattern::VendorWildcard(_) => true,
            ActionPattern::All | ActionPattern::Glob(_) | ActionPattern::Nothing => false,
        }
    }
}

impl Written for ResourceEntry {
    fn is_doubtful(&self) -> bool {
        false
    }
}

/// What the statements of one effect say.
#[derive(Default)]
struct Said<'p> {
    actions: Lists<'p, ActionEntry, ResourceEntry>,
    resources: Lists<'p, ResourceEntry, ActionEntry>,
}

impl<'p> Said<'p> {
    fn new(policy: &'p Policy, effect: Effect) -> Self {
        let mut said = Self::default();
        for statement in policy.statements.iter().filter(|statement| statement.effect == effect) {
            let Some(forms) = Forms::of(&statement.conditions) else { continue };
            let (actions, resources) = (&statement.action, statement.resource.as_ref());
            said.actions.add(actions, resources, &forms);
            if let Some(resources) = resources {
                said.resources.add(resources, Some(actions), &forms);
            }
        }
        said
    }

    /// What of a statement is not said; `None` if nothing is left.
    fn left_of(&self, statement: &Statement) -> Option<Statement> {
        let Some(forms) = Forms::of(&statement.conditions) else { return Some(statement.clone()) };
        let (actions, resources) = (&statement.action, statement.resource.as_ref());
        let left_actions = || self.actions.left_of(actions, resources, &forms);
        let left_resources = || match resources {
            Some(resources) => self.resources.left_of(resources, Some(actions), &forms).map(Some),
            None => Some(None),
        };
        // the shorter list is the cheaper one to look for, and often nothing is left to look for then
        let (action, resource) = if resources.is_none_or(|resources| resources.entries.len() <= actions.entries.len()) {
            (left_actions()?, left_resources()?)
        } else {
            let resource = left_resources()?;
            (left_actions()?, resource)
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

/// What statements have in one of their lists, by what they have in the other (`beside`) and their conditions.
struct Lists<'p, T, B> {
    /// By the length of the other list: only lists of the same length are compared.
    by_length: BTreeMap<usize, Group<'p, T, B>>,
}

impl<T, B> Default for Lists<'_, T, B> {
    fn default() -> Self {
        Self { by_length: BTreeMap::new() }
    }
}

/// Statements whose other lists are of one length.
struct Group<'p, T, B> {
    members: Vec<Member<'p, T, B>>,
    shared: OnceCell<BTreeMap<Shared<'p>, Entries<'p, T>>>,
}

/// The lists of a statement, and its conditions.
struct Member<'p, T, B> {
    own: &'p Listed<T>,
    beside: Option<&'p Listed<B>>,
    forms: Forms,
}

/// What statements must share: the other list as written, and the conditions.
type Shared<'p> = (Option<Texts<'p>>, Forms);

/// What statements that share the rest have in a list.
struct Entries<'p, T> {
    listed: HashMap<&'p str, &'p T>,
    /// What they except, list by list.
    excepted: Vec<HashSet<&'p str>>,
}

impl<'p, T: Written, B: Written> Lists<'p, T, B> {
    fn add(&mut self, own: &'p Listed<T>, beside: Option<&'p Listed<B>>, forms: &Forms) {
        let new = || Group { members: Vec::new(), shared: OnceCell::new() };
        let group = self.by_length.entry(length(beside)).or_insert_with(new);
        group.members.push(Member { own, beside, forms: forms.clone() });
    }

    /// What of a list is not said beside the same other list and conditions; `None` if nothing is left.
    fn left_of(&self, own: &Listed<T>, beside: Option<&Listed<B>>, forms: &Forms) -> Option<Listed<T>> {
        let said = self.by_length.get(&length(beside)).and_then(|group| {
            let beside = texts(beside)?;
            group.shared.get_or_init(|| shared(&group.members)).get(&(beside, forms.clone()))
        });
        let Some(said) = said else { return Some(own.clone()) };
        if own.negated {
            let texts: HashSet<&str> = own.entries.iter().map(Entry::text).collect();
            // who excepts fewer alone speaks of more
            let is_said = !own.entries.iter().any(Written::is_doubtful)
                && said.excepted.iter().any(|excepted| excepted.is_subset(&texts));
            return (!is_said).then(|| own.clone());
        }
        let is_said = |entry: &&T| {
            let same = said.listed.get(entry.text()).is_some_and(|other| *other == *entry);
            same && !entry.is_doubtful()
        };
        let entries: Vec<T> = own.entries.iter().filter(|entry| !is_said(entry)).cloned().collect();
        (!entries.is_empty()).then_some(Listed { entries, ..*own })
    }
}

fn shared<'p, T: Written, B: Written>(members: &[Member<'p, T, B>]) -> BTreeMap<Shared<'p>, Entries<'p, T>> {
    let mut shared = BTreeMap::new();
    for member in members {
        let Some(beside) = texts(member.beside) else { continue };
        let new = || Entries { listed: HashMap::new(), excepted: Vec::new() };
        let entries = shared.entry((beside, member.forms.clone())).or_insert_with(new);
        let plain = member.own.entries.iter().filter(|entry| !entry.is_doubtful());
        if !member.own.negated {
            entries.listed.extend(plain.map(|entry| (entry.text(), entry)));
        } else if !member.own.entries.iter().any(Written::is_doubtful) {
            entries.excepted.push(plain.map(Entry::text).collect());
        }
    }
    shared
}

fn length<T>(listed: Option<&Listed<T>>) -> usize {
    listed.map_or(0, |listed| listed.entries.len())
}

/// A list as written, in ascending order, if it means the same on both sides of a question.
fn texts<T: Written>(listed: Option<&Listed<T>>) -> Option<Option<Texts<'_>>> {
    let Some(listed) = listed else { return Some(None) };
    let mut texts: Vec<&str> = listed.entries.iter().map(Entry::text).collect();
    texts.sort_unstable();
    (!listed.entries.iter().any(Written::is_doubtful)).then_some(Some((listed.negated, texts)))
}

#[cfg(test)]
mod tests {
    use super::left;
    use crate::policy::read::{ReadOptions, read};
    use crate::policy::{Kind, Policy, Statement};
    use crate::source::Sources;

    fn policy(statements: &str) -> Policy {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        let options = ReadOptions { kind: Some(Kind::ServiceControl), ..ReadOptions::default() };
        read(&mut Sources::default(), "policy", text.as_bytes(), &options).policy.unwrap()
    }

    /// The texts of the actions and resources that are left, statement by statement.
    fn texts(policy: &Policy) -> Vec<Vec<String>> {
        let actions = |s: &Statement| s.action.entries.iter().map(|e| e.text.clone()).collect::<Vec<_>>();
        let resources = |s: &Statement| {
            s.resource.iter().flat_map(|listed| &listed.entries).map(|e| e.text.clone()).collect::<Vec<_>>()
        };
        policy.statements.iter().map(|s| [actions(s), resources(s)].concat()).collect()
    }

    #[test]
    fn what_may_be_read_in_two_ways_is_left() {
        let both = policy(r#"{"Effect":"Allow","Action":["s*:GetObject","s3:PutObject"],"Resource":"*"}"#);
        assert_eq!(texts(&left(&both, &both).unwrap()), [["s*:GetObject", "*"]]);
    }

    #[test]
    fn entries_that_are_new_are_left_beside_the_same_other_list() {
        let allow = |actions: &str, resources: &str| {
            format!(r#"{{"Effect":"Allow","Action":[{actions}],"Resource":[{resources}]}}"#)
        };
        let (a, b) = (r#""arn:aws:s3:::a/*""#, r#""arn:aws:s3:::b/*""#);
        let old = policy(&allow(r#""s3:GetObject","s3:PutObject""#, a));
        let grown = policy(&allow(r#""s3:PutObject","s3:GetObject""#, &format!("{b},{a}")));
        assert_eq!(texts(&left(&old, &grown).unwrap()), [["s3:PutObject", "s3:GetObject", "arn:aws:s3:::b/*"]]);
        let other = policy(&allow(r#""s3:GetObject""#, b));
        assert_eq!(texts(&left(&old, &other).unwrap()), [["s3:GetObject", "arn:aws:s3:::b/*"]]);
        assert!(left(&old, &old).unwrap().statements.is_empty());
        // a Deny that is gone may be all that is new
        let denied = policy(&format!(
            r#"{},{{"Effect":"Deny","Action":"s3:PutObject","Resource":"*"}}"#,
            allow(r#""s3:GetObject""#, a)
        ));
        assert!(left(&denied, &old).is_none());
    }
}
