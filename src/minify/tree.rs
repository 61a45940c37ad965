//! A document as a tree to be changed and printed: the texts of its values as they were, nothing else kept.

use std::collections::BTreeSet;

use crate::json::{Node, Value};
use crate::source::{FileId, Span};

/// A value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tree {
    /// A text, number, Boolean or null as JSON.
    Leaf(String),
    List(Vec<Tree>),
    /// Members in order.
    Object(Vec<(String, Tree)>),
}

/// The lists of a statement that can be joined with those of another statement.
const JOINED: [&str; 2] = ["Action", "Resource"];

impl Tree {
    /// The value without the places removed, and without the members and lists that become empty by that.
    pub(super) fn of(node: &Node<'_>, removed: &BTreeSet<Span>) -> Tree {
        match &node.value {
            Value::Null => Tree::Leaf("null".to_owned()),
            Value::Bool(value) => Tree::Leaf(value.to_string()),
            Value::Number(text) => Tree::Leaf((*text).to_owned()),
            Value::String(text) => Tree::Leaf(quoted(text)),
            Value::Array(elements) => {
                let kept = elements.iter().filter(|element| !removed.contains(&element.span));
                Tree::List(kept.map(|element| Tree::of(element, removed)).collect())
            }
            Value::Object(members) => {
                let mut kept = Vec::with_capacity(members.len());
                for member in members {
                    let span = whole(member.key_span, member.value.span);
                    if removed.contains(&span) || removed.contains(&member.value.span) {
                        continue;
                    }
                    let value = Tree::of(&member.value, removed);
                    if !value.is_empty() || Tree::of(&member.value, &BTreeSet::new()).is_empty() {
                        kept.push((member.key.clone().into_owned(), value));
                    }
                }
                Tree::Object(kept)
            }
        }
    }

    fn is_empty(&self) -> bool {
        match self {
            Tree::Leaf(_) => false,
            Tree::List(elements) => elements.is_empty(),
            Tree::Object(members) => members.is_empty(),
        }
    }

    /// JSON without white space.
    pub(super) fn compact(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        match self {
            Tree::Leaf(text) => out.push_str(text),
            Tree::List(elements) => {
                out.push('[');
                for (at, element) in elements.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    element.write(out);
                }
                out.push(']');
            }
            Tree::Object(members) => {
                out.push('{');
                for (at, (key, value)) in members.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    out.push_str(&quoted(key));
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }

    /// Lists of one text as the text.
    pub(super) fn shorten(&mut self) {
        match self {
            Tree::Leaf(_) => {}
            Tree::List(elements) => {
                elements.iter_mut().for_each(Tree::shorten);
                if let [Tree::Leaf(only)] = elements.as_slice() {
                    *self = Tree::Leaf(only.clone());
                }
            }
            Tree::Object(members) => members.iter_mut().for_each(|(_, value)| value.shorten()),
        }
    }

    fn get(&self, key: &str) -> Option<&Tree> {
        let Tree::Object(members) = self else { return None };
        members.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    fn get_mut(&mut self, key: &str) -> Option<&mut Tree> {
        let Tree::Object(members) = self else { return None };
        members.iter_mut().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The entries of a list, or the value alone.
    fn entries(&self) -> Vec<Tree> {
        match self {
            Tree::List(elements) => elements.clone(),
            Tree::Leaf(_) | Tree::Object(_) => vec![self.clone()],
        }
    }

    /// Joins statements that differ in one list only. A Sid is never lost: two statements with one each stay apart.
    pub(super) fn join_statements(&mut self) {
        let Some(Tree::List(statements)) = self.get_mut("Statement") else { return };
        let mut at = 0;
        while at < statements.len() {
            let joined = (at + 1..statements.len()).find_map(|other| {
                let (first, second) = (statements.get(at)?, statements.get(other)?);
                JOINED.iter().find_map(|list| joined(first, second, list)).map(|joined| (other, joined))
            });
            match joined {
                Some((other, joined)) => {
                    statements.remove(other);
                    if let Some(place) = statements.get_mut(at) {
                        *place = joined;
                    }
                }
                None => at += 1,
            }
        }
    }
}

/// The two statements as one, if they differ in this list only.
fn joined(first: &Tree, second: &Tree, list: &str) -> Option<Tree> {
    let named = [first, second].iter().filter(|statement| statement.get("Sid").is_some()).count();
    if named > 1 || rest(first, list)? != rest(second, list)? {
        return None;
    }
    let mut entries = first.get(list)?.entries();
    for entry in second.get(list)?.entries() {
        if !entries.contains(&entry) {
            entries.push(entry);
        }
    }
    let mut joined = if second.get("Sid").is_some() { second.clone() } else { first.clone() };
    *joined.get_mut(list)? = Tree::List(entries);
    Some(joined)
}

/// Everything that the statement says beside its Sid and the list, whatever the order.
fn rest(statement: &Tree, list: &str) -> Option<Vec<(String, Tree)>> {
    let Tree::Object(members) = statement else { return None };
    let kept = members.iter().filter(|(key, _)| key != "Sid" && key != list);
    let mut rest: Vec<(String, Tree)> = kept.map(|(key, value)| (key.clone(), sorted(value))).collect();
    rest.sort();
    Some(rest)
}

/// Members and entries in one order: theirs means nothing.
fn sorted(tree: &Tree) -> Tree {
    match tree {
        Tree::Leaf(_) => tree.clone(),
        Tree::List(elements) => {
            let mut elements: Vec<Tree> = elements.iter().map(sorted).collect();
            elements.sort();
            Tree::List(elements)
        }
        Tree::Object(members) => {
            let mut members: Vec<(String, Tree)> =
                members.iter().map(|(key, value)| (key.clone(), sorted(value))).collect();
            members.sort();
            Tree::Object(members)
        }
    }
}

/// From the beginning of one place to the end of another.
fn whole(first: Span, last: Span) -> Span {
    let file: FileId = first.file;
    Span { file, start: first.start, end: last.end }
}

/// A JSON string.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
