//! A policy with holes between two policies without: one that grants at least as much whatever the values, one that grants
//! at most as much.
//!
//! A hole is replaced where it stands by something larger or smaller, by the direction in which its place works: the
//! resources of an Allow widen access, those of a Deny narrow it, and `Not…` turns that round. A name in a resource or in
//! the value of a text condition needs no bound: it becomes a policy variable over a key of its own, and what is proved of
//! every request is then proved of every value.

use std::collections::BTreeMap;

use crate::policy::template::HOLE;
use crate::scan::tree::{Entry, Language, Piece, Text, Tree, Unknown, Value};
use crate::source::Span;

/// Which way to err.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Towards {
    /// At least as much access as for any values.
    More,
    /// At most as much.
    Less,
}

/// A policy without holes, and which of its statements are to be left out of it.
#[derive(Clone, Debug)]
pub struct Bounded {
    /// The policy; statements keep their places.
    pub tree: Tree,
    /// Statements that do not count, by index.
    pub dropped: Vec<usize>,
}

/// Numbers of the expressions that may become variables.
pub type Variables = BTreeMap<String, usize>;

/// What becomes of a list of entries.
enum Kept {
    List(Vec<Tree>),
    Everything,
}

/// Bounds a policy from above or below.
///
/// # Errors
/// The value that decides what the document is: its version, an effect, a whole statement.
pub fn bounded(policy: &Tree, towards: Towards, variables: &Variables) -> Result<Bounded, Unknown> {
    let entries = match &policy.value {
        Value::Map(entries) => entries,
        Value::Unknown(unknown) => return Err(unknown.clone()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::List(_) => {
            return Ok(Bounded { tree: policy.clone(), dropped: Vec::new() });
        }
    };
    let active = policy.get("Version").and_then(Tree::as_str) == Some("2012-10-17");
    let none = Variables::new();
    let bounder = Bounder { towards, variables: if active { variables } else { &none } };
    let mut dropped = Vec::new();
    let mut kept = Vec::with_capacity(entries.len());
    for entry in entries {
        match entry.key.as_known() {
            Some("Statement") => {
                let value = bounder.statements(&entry.value, &mut dropped)?;
                kept.push(Entry { value, ..entry.clone() });
            }
            Some("Id") if entry.value.is_open() => {}
            _ => match first_unknown(entry) {
                Some(unknown) => return Err(unknown),
                None => kept.push(entry.clone()),
            },
        }
    }
    Ok(Bounded { tree: Tree { span: policy.span, value: Value::Map(kept) }, dropped })
}

fn first_unknown(entry: &Entry) -> Option<Unknown> {
    let mut first = entry.key.unknowns().next().cloned();
    entry.value.each_text(&mut |text| first = first.take().or_else(|| text.unknowns().next().cloned()));
    first
}

struct Bounder<'a> {
    towards: Towards,
    variables: &'a Variables,
}

impl Bounder<'_> {
    fn statements(&self, tree: &Tree, dropped: &mut Vec<usize>) -> Result<Tree, Unknown> {
        let value = match &tree.value {
            Value::Unknown(unknown) => return Err(unknown.clone()),
            Value::List(trees) => {
                let mut out = Vec::with_capacity(trees.len());
                for (index, tree) in trees.iter().enumerate() {
                    out.push(self.statement(index, tree, dropped)?);
                }
                Value::List(out)
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::Map(_) => {
                return self.statement(0, tree, dropped);
            }
        };
        Ok(Tree { span: tree.span, value })
    }

    fn statement(&self, index: usize, tree: &Tree, dropped: &mut Vec<usize>) -> Result<Tree, Unknown> {
        if !tree.is_open() {
            return Ok(tree.clone());
        }
        let Value::Map(entries) = &tree.value else {
            let open = tree.unknowns().into_iter().next();
            return open.map_or(Ok(tree.clone()), |(expression, language)| Err(Unknown { expression, language }));
        };
        let allows = match tree.get("Effect").and_then(Tree::as_str) {
            Some("Deny") => false,
            Some(_) => true,
            None => match entries.iter().find(|entry| entry.key.as_known() == Some("Effect")).and_then(first_unknown) {
                Some(unknown) => return Err(unknown),
                None => true,
            },
        };
        let grow = allows == (self.towards == Towards::More);
        let mut drop = false;
        let mut kept = Vec::with_capacity(entries.len());
        for entry in entries {
            kept.extend(self.element(entry, grow, &mut drop)?);
        }
        if drop {
            dropped.push(index);
        }
        Ok(Tree { span: tree.span, value: Value::Map(kept) })
    }

    /// One element of a statement that is to apply to more (or to fewer) requests. `drop`: to none.
    fn element(&self, entry: &Entry, grow: bool, drop: &mut bool) -> Result<Option<Entry>, Unknown> {
        let Some(name) = entry.key.as_known() else {
            return first_unknown(entry).map_or(Ok(None), Err);
        };
        if !entry.value.is_open() {
            return Ok(Some(entry.clone()));
        }
        let (positive, negated) = match name.strip_prefix("Not") {
            Some(rest) => (rest, true),
            None => (name, false),
        };
        let span = entry.value.span;
        let value = match positive {
            "Sid" => return Ok(None),
            "Action" | "Resource" => {
                let exact = |text: &Text| if positive == "Resource" { self.in_resource(text) } else { None };
                let wide = |text: &Text| if positive == "Resource" { wide_resource(text) } else { wide_action(text) };
                self.entries(&entry.value, grow != negated, &exact, &wide)
            }
            "Principal" => self.principal(&entry.value, grow != negated),
            "Condition" => return Ok(self.condition(entry, grow, drop)),
            _ => return first_unknown(entry).map_or(Ok(None), Err),
        };
        Ok(Some(match value {
            Kept::Everything => whole(positive, negated, entry, span),
            Kept::List(trees) if trees.is_empty() && negated => whole(positive, false, entry, span),
            Kept::List(trees) if trees.is_empty() => {
                *drop = true;
                whole(positive, false, entry, span)
            }
            Kept::List(trees) if positive == "Principal" => {
                let members =
                    trees.into_iter().flat_map(|tree| tree.as_map().map(<[Entry]>::to_vec).unwrap_or_default());
                Entry { value: Tree { span, value: Value::Map(members.collect()) }, ..entry.clone() }
            }
            Kept::List(trees) => Entry { value: Tree { span, value: Value::List(trees) }, ..entry.clone() },
        }))
    }

    /// The entries of a list as a larger or smaller set.
    fn entries(
        &self,
        tree: &Tree,
        larger: bool,
        exact: &dyn Fn(&Text) -> Option<String>,
        wide: &dyn Fn(&Text) -> String,
    ) -> Kept {
        let trees = match &tree.value {
            Value::List(trees) => trees.as_slice(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::Map(_) | Value::Unknown(_) => {
                std::slice::from_ref(tree)
            }
        };
        let mut kept = Vec::with_capacity(trees.len());
        for tree in trees {
            match &tree.value {
                Value::Text(text) if text.as_known().is_none() => match exact(text) {
                    Some(exact) => kept.push(Tree::text(tree.span, exact)),
                    None if larger => kept.push(Tree::text(tree.span, wide(text))),
                    None => {}
                },
                _ if !tree.is_open() => kept.push(tree.clone()),
                _ if larger => return Kept::Everything,
                _ => {}
            }
        }
        Kept::List(kept)
    }

    fn principal(&self, tree: &Tree, larger: bool) -> Kept {
        let Value::Map(entries) = &tree.value else {
            return if larger { Kept::Everything } else { Kept::List(Vec::new()) };
        };
        let mut kept = Vec::new();
        for entry in entries {
            let Some(sort) = entry.key.as_known() else {
                if larger {
                    return Kept::Everything;
                }
                continue;
            };
            let wide = |text: &Text| if sort == "AWS" { wide_caller(text) } else { "*".to_owned() };
            let value = match self.entries(&entry.value, larger, &|_| None, &wide) {
                Kept::Everything => return Kept::Everything,
                Kept::List(trees) if trees.is_empty() => continue,
                Kept::List(trees) => Tree { span: entry.value.span, value: Value::List(trees) },
            };
            if sort == "CanonicalUser" && entry.value.is_open() && larger {
                return Kept::Everything;
            }
            kept.push(Tree { span: entry.value.span, value: Value::Map(vec![Entry { value, ..entry.clone() }]) });
        }
        Kept::List(kept)
    }

    /// A clause that is not known is left out, or takes its statement with it.
    fn condition(&self, entry: &Entry, grow: bool, drop: &mut bool) -> Option<Entry> {
        let Value::Map(operators) = &entry.value.value else {
            *drop = *drop || !grow;
            return None;
        };
        let mut kept = Vec::new();
        for operator in operators {
            let clauses = match (&operator.value.value, operator.key.as_known()) {
                (Value::Map(clauses), Some(name)) => self.clauses(name, clauses),
                _ => None,
            };
            match clauses {
                Some((clauses, complete)) => {
                    *drop = *drop || (!complete && !grow);
                    if !clauses.is_empty() {
                        let value = Tree { span: operator.value.span, value: Value::Map(clauses) };
                        kept.push(Entry { value, ..operator.clone() });
                    }
                }
                None => *drop = *drop || !grow,
            }
        }
        if kept.is_empty() {
            return None;
        }
        Some(Entry { value: Tree { span: entry.value.span, value: Value::Map(kept) }, ..entry.clone() })
    }

    /// The clauses of an operator that are known, variables in the place of names; and whether these are all.
    fn clauses(&self, operator: &str, clauses: &[Entry]) -> Option<(Vec<Entry>, bool)> {
        let textual = operator.contains("String") || operator.contains("Arn");
        let mut kept = Vec::with_capacity(clauses.len());
        let mut complete = true;
        for clause in clauses {
            if clause.key.as_known().is_none() {
                complete = false;
            } else if !clause.value.is_open() {
                kept.push(clause.clone());
            } else if let Some(value) = textual.then(|| self.values(&clause.value)).flatten() {
                kept.push(Entry { value, ..clause.clone() });
            } else {
                complete = false;
            }
        }
        Some((kept, complete))
    }

    /// Values of a condition with variables in all holes.
    fn values(&self, tree: &Tree) -> Option<Tree> {
        let value = match &tree.value {
            Value::Text(text) => Value::Text(Text::known(self.inserted(text)?)),
            Value::List(trees) => Value::List(trees.iter().map(|tree| self.values(tree)).collect::<Option<_>>()?),
            Value::Null | Value::Bool(_) | Value::Number(_) => tree.value.clone(),
            Value::Map(_) | Value::Unknown(_) => return None,
        };
        Some(Tree { span: tree.span, value })
    }

    /// A resource with variables in all holes.
    fn in_resource(&self, text: &Text) -> Option<String> {
        match text.pieces.first() {
            Some(Piece::Known(start)) if start.starts_with("arn:") => self.inserted(text),
            Some(Piece::Known(_) | Piece::Unknown(_)) | None => None,
        }
    }

    /// The text with variables in its holes, if all are names.
    fn inserted(&self, text: &Text) -> Option<String> {
        let mut out = String::new();
        for piece in &text.pieces {
            match piece {
                Piece::Known(known) => out.push_str(known),
                Piece::Unknown(unknown) if matches!(unknown.language, Language::Name | Language::Path) => {
                    let number = self.variables.get(&unknown.expression)?;
                    out.push_str(&format!("${{{HOLE}{number}}}"));
                }
                Piece::Unknown(_) => return None,
            }
        }
        Some(out)
    }
}

/// An element that speaks of everything (or, negated, of nothing).
fn whole(positive: &str, negated: bool, entry: &Entry, span: Span) -> Entry {
    let key = if negated { format!("Not{positive}") } else { positive.to_owned() };
    Entry { key: Text::known(key), key_span: entry.key_span, value: Tree::text(span, "*") }
}

/// A pattern that matches what the resource matches, whatever the values.
fn wide_resource(text: &Text) -> String {
    if completes_a_variable(text) {
        return "*".to_owned();
    }
    let mut out = String::new();
    for piece in &text.pieces {
        match piece {
            Piece::Known(known) => out.push_str(known),
            Piece::Unknown(unknown) => {
                let in_sixth = out.matches(':').count() >= 5;
                let in_field = match unknown.language {
                    Language::Account | Language::Name | Language::Path => true,
                    Language::OneOf(_) | Language::Pattern(_) | Language::Computed(_) | Language::Opaque => in_sixth,
                };
                if !in_field || !out.starts_with("arn:") {
                    return "*".to_owned();
                }
                out.push('*');
            }
        }
    }
    out
}

/// Whether a value could make a policy variable together with the text around it.
fn completes_a_variable(text: &Text) -> bool {
    let free = text.unknowns().any(|unknown| match unknown.language {
        Language::Account | Language::Name | Language::Path => false,
        Language::OneOf(_) | Language::Pattern(_) | Language::Computed(_) | Language::Opaque => true,
    });
    let odd = |piece: &Piece| matches!(piece, Piece::Known(known) if known.ends_with('$') || known.contains('}'));
    free && text.pieces.iter().any(odd)
}

/// As [`wide_resource`], of an action.
fn wide_action(text: &Text) -> String {
    let mut out = String::new();
    for piece in &text.pieces {
        match piece {
            Piece::Known(known) => out.push_str(known),
            Piece::Unknown(_) if !out.contains(':') => return "*".to_owned(),
            Piece::Unknown(_) => out.push('*'),
        }
    }
    out
}

/// The account of a caller of which only the name is not known, or everyone.
fn wide_caller(text: &Text) -> String {
    let everyone = || "*".to_owned();
    let [Piece::Known(start), ..] = text.pieces.as_slice() else { return everyone() };
    let fields: Vec<&str> = start.splitn(6, ':').collect();
    match fields.as_slice() {
        ["arn", partition, "iam" | "sts", "", account, rest]
            if Language::Account.admits(account)
                && !partition.is_empty()
                && ["user/", "role/", "assumed-role/", "federated-user/"].iter().any(|sort| rest.starts_with(sort)) =>
        {
            format!("arn:{partition}:iam::{account}:root")
        }
        _ => everyone(),
    }
}

/// Statements that the bound has as well, word by word: if the bound denies nothing that the policy does not deny as well,
/// they grant nothing new, whatever the values.
pub fn inherited(policy: &Tree, bound: &Tree) -> Vec<usize> {
    let (own, theirs) = (statements(policy), statements(bound));
    let version = |tree: &Tree| tree.get("Version").and_then(Tree::as_str).map(str::to_owned);
    let denies = |tree: &&Tree| tree.get("Effect").and_then(Tree::as_str) != Some("Allow");
    let among = |tree: &Tree, list: &[Tree]| list.iter().any(|other| says_the_same_statement(tree, other));
    if version(policy) != version(bound) || !theirs.iter().filter(denies).all(|tree| among(tree, own)) {
        return Vec::new();
    }
    let same = |(index, tree): (usize, &Tree)| (!denies(&tree) && among(tree, theirs)).then_some(index);
    own.iter().enumerate().filter_map(same).collect()
}

fn statements(policy: &Tree) -> &[Tree] {
    match policy.get("Statement") {
        Some(Tree { value: Value::List(trees), .. }) => trees,
        Some(tree) => std::slice::from_ref(tree),
        None => &[],
    }
}

/// Sids say nothing about access.
fn says_the_same_statement(one: &Tree, two: &Tree) -> bool {
    let without_sid = |tree: &Tree| {
        let entries = tree.as_map().unwrap_or_default().iter();
        let kept = entries.filter(|entry| entry.key.as_known() != Some("Sid")).cloned().collect();
        Tree { span: tree.span, value: Value::Map(kept) }
    };
    one.as_map().is_some() && two.as_map().is_some() && without_sid(one).says_the_same(&without_sid(two))
}
