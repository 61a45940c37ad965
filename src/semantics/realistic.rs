//! The requests that the catalogue knows: an action on a resource of its types, with keys that it supports (spec 10.4).

use std::collections::{BTreeMap, BTreeSet};

use crate::catalogue::{Action, Catalogue, SupportedType};
use crate::semantics::{Algebra, Field, NOWHERE, Pattern, Token};

/// Combinations of action, resource and keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Combinations {
    groups: Vec<Group>,
}

/// Actions that are alike.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Group {
    /// In lower case.
    actions: Vec<String>,
    rows: Vec<Row>,
}

/// Resources of an action, and which of the keys that matter its requests on them do not carry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    /// The ARN format with `*` for the parts to fill in; `None`: the request has no resource.
    resource: Option<String>,
    absent: Vec<String>,
}

impl Combinations {
    /// Of the actions (in lower case) that are wanted, as far as these keys are concerned. Keys that the catalogue does
    /// not know stay free.
    pub fn new(catalogue: &Catalogue, keys: &BTreeSet<String>, wanted: impl Fn(&str) -> bool) -> Self {
        let keys: Vec<&str> = keys.iter().map(String::as_str).filter(|key| catalogue.key(key).known).collect();
        let mut groups: BTreeMap<Vec<Row>, Vec<String>> = BTreeMap::new();
        for service in catalogue.services() {
            for action in catalogue.actions(service) {
                let name = action.name().to_ascii_lowercase();
                if wanted(&name) {
                    groups.entry(rows(&action, &keys)).or_default().push(name);
                }
            }
        }
        Self { groups: groups.into_iter().map(|(rows, actions)| Group { actions, rows }).collect() }
    }

    /// The ARN formats of all resources, as patterns.
    pub fn resources(&self) -> BTreeSet<&str> {
        self.groups.iter().flat_map(|group| &group.rows).filter_map(|row| row.resource.as_deref()).collect()
    }

    /// Whether the request is one of them.
    pub fn hold<A: Algebra>(&self, a: &mut A) -> A::Truth {
        let mut any = Vec::with_capacity(self.groups.len());
        for group in &self.groups {
            let field = a.field(Field::Action);
            let named: Vec<_> = group.actions.iter().map(|name| exactly(name)).collect();
            let action = a.matches(&field, &named);
            if a.settled(&action) {
                continue;
            }
            let rows = group.rows.iter().map(|row| row.holds(a)).collect();
            let rows = a.any(rows);
            any.push(a.all(vec![action, rows]));
        }
        a.any(any)
    }
}

impl Row {
    fn holds<A: Algebra>(&self, a: &mut A) -> A::Truth {
        let field = a.field(Field::Resource);
        let pattern = self.resource.as_deref().map_or_else(|| exactly("*"), of_format);
        let mut parts = vec![a.matches(&field, &[pattern])];
        for key in &self.absent {
            let present = a.present(key);
            parts.push(a.not(present));
        }
        a.all(parts)
    }
}

fn rows(action: &Action<'_>, keys: &[&str]) -> Vec<Row> {
    let types = action.resource_types();
    let absent = |on: Option<&SupportedType<'_>>| -> Vec<String> {
        keys.iter().filter(|key| !action.carries(on, key)).map(|key| (*key).to_owned()).collect()
    };
    let mut rows: Vec<Row> =
        types.iter().map(|of| Row { resource: Some(of.resource.arn_glob()), absent: absent(Some(of)) }).collect();
    if !types.iter().any(|of| of.required) {
        rows.push(Row { resource: None, absent: absent(None) });
    }
    rows.sort();
    rows.dedup();
    rows
}

fn exactly<Text>(text: &str) -> Pattern<Text> {
    Pattern { tokens: text.chars().map(Token::Char).collect(), span: NOWHERE }
}

/// `arn:*:s3:::*`: a `*` stays in its field but in the last.
fn of_format<Text>(format: &str) -> Pattern<Text> {
    let mut tokens = Vec::with_capacity(format.len());
    let mut field = 0;
    for c in format.chars() {
        field += usize::from(c == ':');
        tokens.push(match c {
            '*' if field < 5 => Token::ManyInField,
            '*' => Token::Many,
            c => Token::Char(c),
        });
    }
    Pattern { tokens, span: NOWHERE }
}
