//! CloudFormation, SAM and what CDK makes: the policies of every resource, with functions worked out.

mod intrinsic;
pub(super) mod table;

use std::cell::Cell;
use std::collections::BTreeMap;

use crate::policy::Kind;
use crate::scan::Skipped;
use crate::scan::permission::{self, On, Permission, object};
use crate::scan::policy::{Place, found};
use crate::scan::read::{Options, Seen, skipped};
use crate::scan::table::Row;
use crate::scan::tree::{Entry, Text, Tree, Value};
use crate::source::Sources;
use intrinsic::{Scope, scalar};
use table::rows;

/// Entries that loops make at most.
const MOST_ENTRIES: usize = 10_000;
/// Loops inside loops.
const MOST_LOOPS: usize = 8;

/// A template, read but not worked out: it may refer to others.
#[derive(Clone, Debug)]
pub(super) struct Template {
    /// The file, as the user gave it.
    pub(super) file: String,
    /// All of it, loops written out.
    root: Tree,
    /// Loops that cannot be written out.
    loops: Vec<(String, crate::source::Span)>,
}

/// What templates export, by name.
pub(super) type Exports = BTreeMap<String, Text>;

/// Whether a value is a template: it has resources with types.
pub(super) fn is_template(root: &Tree) -> bool {
    let typed = |entry: &Entry| {
        let sort = entry.value.get("Type").and_then(Tree::as_str);
        sort.is_some_and(|sort| sort.contains("::")) || is_loop(entry)
    };
    root.get("AWSTemplateFormatVersion").is_some()
        || root.get("Resources").and_then(Tree::as_map).is_some_and(|entries| entries.iter().any(typed))
}

fn is_loop(entry: &Entry) -> bool {
    entry.key.as_known().is_some_and(|key| key.starts_with("Fn::ForEach::"))
}

impl Template {
    /// Of a file. Loops over collections that parameters decide are written out here.
    pub(super) fn new(file: &str, root: &Tree, options: &Options) -> Template {
        let mut template = Template { file: file.to_owned(), root: root.clone(), loops: Vec::new() };
        let exports = Exports::new();
        let scope = Scope { root, parameters: &options.parameters, exports: &exports, made: Cell::new(0) };
        let mut left = MOST_ENTRIES;
        let mut loops = Vec::new();
        template.root = written_out(root, &scope, &mut left, MOST_LOOPS, &mut loops);
        template.loops = loops;
        template
    }

    /// What it exports: known as far as this template alone tells.
    pub(super) fn exports(&self, options: &Options, into: &mut Exports) {
        let none = Exports::new();
        let scope = self.scope(options, &none);
        for output in self.root.get("Outputs").and_then(Tree::as_map).unwrap_or_default() {
            let export = output.value.get("Export").and_then(|export| export.get("Name"));
            let (Some(export), Some(value)) = (export, output.value.get("Value")) else { continue };
            let (Some(name), Value::Text(value)) = (scalar(&scope.value(export)), scope.value(value).value) else {
                continue;
            };
            into.insert(name, self.of_this_file(&value));
        }
    }

    /// Expressions about resources say which template's.
    fn of_this_file(&self, text: &Text) -> Text {
        let mut out = Text::default();
        for piece in &text.pieces {
            match piece {
                crate::scan::tree::Piece::Known(known) => out.push_known(known),
                crate::scan::tree::Piece::Unknown(unknown) => {
                    let mut unknown = unknown.clone();
                    if !unknown.expression.starts_with("AWS::") || unknown.expression == "AWS::StackName" {
                        unknown.expression = format!("{} of {}", unknown.expression, self.file);
                    }
                    out.push(&Text::unknown(unknown));
                }
            }
        }
        out
    }

    fn scope<'a>(&'a self, options: &'a Options, exports: &'a Exports) -> Scope<'a> {
        Scope { root: &self.root, parameters: &options.parameters, exports, made: Cell::new(0) }
    }

    /// Its policies.
    pub(super) fn read(&self, sources: &mut Sources, options: &Options, exports: &Exports) -> Vec<Seen> {
        let scope = self.scope(options, exports);
        let mut seen = Vec::new();
        for (name, span) in &self.loops {
            let reason = "the collection of this loop is not known here".to_owned();
            let skipped = skipped(&self.file, reason);
            seen.push(Seen::Skipped(Skipped { address: Some(name.clone()), span: Some(*span), ..skipped }));
        }
        for entry in self.root.get("Resources").and_then(Tree::as_map).unwrap_or_default() {
            let (Some(name), Some(sort)) = (entry.key.as_known(), entry.value.get("Type").and_then(Tree::as_str))
            else {
                continue;
            };
            let condition = entry.value.get("Condition").and_then(Tree::as_str);
            if condition.is_some_and(|condition| scope.condition(condition, 0) == Some(false)) {
                continue; // not made
            }
            let Some(properties) = entry.value.get("Properties") else { continue };
            let reader = Reader { template: self, options, scope: &scope, name, sort, properties };
            reader.resource(sources, &mut seen);
        }
        seen
    }
}

/// One resource being read.
struct Reader<'a> {
    template: &'a Template,
    options: &'a Options,
    scope: &'a Scope<'a>,
    name: &'a str,
    sort: &'a str,
    properties: &'a Tree,
}

impl Reader<'_> {
    fn resource(&self, sources: &mut Sources, seen: &mut Vec<Seen>) {
        let on = match self.sort {
            "AWS::Lambda::Permission" => Some(On::Function),
            "AWS::Lambda::LayerVersionPermission" => Some(On::Layer),
            _ => None,
        };
        if let Some(on) = on {
            let tree = permission::policy(self.properties.span, on, &self.permission(on));
            let place = self.place("", Kind::Resource, on.checked_as());
            return seen.push(found(sources, &place, &tree, self.options));
        }
        let rows = rows(self.sort);
        if rows.is_empty() {
            return self.unlisted(sources, seen);
        }
        for row in &rows {
            self.row(sources, row, rows.len() > 1, seen);
        }
    }

    fn place(&self, member: &str, kind: Kind, resource_type: Option<&'static str>) -> Place {
        let address = match member {
            "" => self.name.to_owned(),
            member => format!("{}.{member}", self.name),
        };
        Place { file: self.template.file.clone(), address, kind, resource_type }
    }

    fn permission(&self, on: On) -> Permission {
        let text = |name: &str| match self.scope.value(self.properties.get(name)?).value {
            Value::Text(text) => Some(text),
            Value::Number(text) => Some(Text::known(text)),
            Value::Unknown(unknown) => Some(Text::unknown(unknown)),
            Value::Null | Value::Bool(_) | Value::List(_) | Value::Map(_) => None,
        };
        Permission {
            principal: text("Principal"),
            action: text("Action"),
            on: text(match on {
                On::Function => "FunctionName",
                On::Layer => "LayerVersionArn",
            }),
            qualifier: None,
            source_arn: text("SourceArn"),
            source_account: text("SourceAccount"),
            organisation: text("PrincipalOrgID").or_else(|| text("OrganizationId")),
            url_auth_type: text("FunctionUrlAuthType"),
            event_source_token: text("EventSourceToken"),
        }
    }

    /// The policies of one property.
    fn row(&self, sources: &mut Sources, row: &Row, several: bool, seen: &mut Vec<Seen>) {
        let sort = self.properties.get("Type").and_then(Tree::as_str);
        let Some((kind, checked_as)) = row.attached(sort) else { return };
        let mut at = vec![(String::new(), self.scope.value(self.properties))];
        for (name, in_list) in row.steps() {
            at = at.into_iter().flat_map(|(path, tree)| descend(&path, &tree, name, in_list)).collect();
        }
        for (path, tree) in at {
            let path = path.strip_suffix(".PolicyDocument").unwrap_or(&path);
            let place = self.place(if several || row.is_in_list() { path } else { "" }, kind, checked_as);
            if self.sort.starts_with("AWS::Serverless::") && row.path != "AssumeRolePolicyDocument" {
                self.serverless(sources, &place, &tree, seen);
            } else if !matches!(tree.value, Value::Null) {
                seen.push(found(sources, &place, &plain(&tree), self.options));
            }
        }
    }

    /// `Policies` of SAM: documents, names of managed policies, or names of templates with parameters; one or a list.
    /// Statements of an API.
    fn serverless(&self, sources: &mut Sources, place: &Place, tree: &Tree, seen: &mut Vec<Seen>) {
        let trees = match &tree.value {
            Value::List(trees) => trees.as_slice(),
            _ => std::slice::from_ref(tree),
        };
        if place.kind == Kind::Resource {
            let version = Tree::text(tree.span, "2012-10-17");
            let document = object(tree.span, vec![("Version", version), ("Statement", tree.clone())]);
            return seen.push(found(sources, place, &plain(&document), self.options));
        }
        for (index, tree) in trees.iter().enumerate() {
            let place = Place { address: format!("{}.{index}", place.address), ..place.clone() };
            match &tree.value {
                Value::Map(_) if tree.get("Statement").is_some() => {
                    seen.push(found(sources, &place, &plain(&versioned(tree)), self.options));
                }
                Value::Text(_) | Value::Null => {} // a managed policy by its name
                Value::Map(entries) => {
                    let name = entries.first().and_then(|entry| entry.key.as_known()).unwrap_or("");
                    let reason = format!("the policy template `{name}` of SAM is not written out here");
                    let skipped = skipped(&place.file, reason);
                    seen.push(Seen::Skipped(Skipped {
                        address: Some(place.address),
                        span: Some(tree.span),
                        ..skipped
                    }));
                }
                Value::Bool(_) | Value::Number(_) | Value::List(_) | Value::Unknown(_) => {
                    seen.push(found(sources, &place, &plain(tree), self.options));
                }
            }
        }
    }

    /// A resource that is not in the table: whatever in it looks like a policy.
    fn unlisted(&self, sources: &mut Sources, seen: &mut Vec<Seen>) {
        let mut open = vec![(String::new(), self.scope.value(self.properties))];
        while let Some((path, tree)) = open.pop() {
            let effects = |tree: &Tree| tree.get("Effect").is_some();
            let is_policy = tree.get("Statement").is_some_and(|statement| {
                effects(statement) || statement.as_list().is_some_and(|list| list.iter().any(effects))
            });
            if is_policy {
                let mut callers = false;
                tree.each_text(&mut |text| {
                    callers = callers || matches!(text.as_known(), Some("Principal" | "NotPrincipal"));
                });
                let kind = if callers { Kind::Resource } else { Kind::Identity };
                seen.push(found(sources, &self.place(&path, kind, None), &plain(&tree), self.options));
                continue;
            }
            let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
            match &tree.value {
                Value::Map(entries) => open.extend(
                    entries.iter().rev().filter_map(|entry| Some((below(entry.key.as_known()?), entry.value.clone()))),
                ),
                Value::List(trees) => {
                    let elements = trees.iter().enumerate().rev();
                    open.extend(elements.map(|(index, tree)| (below(&index.to_string()), tree.clone())));
                }
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::Unknown(_) => {}
            }
        }
    }
}

/// The member of this name, or what it has in its list, each with its path.
fn descend(path: &str, tree: &Tree, name: &str, in_list: bool) -> Vec<(String, Tree)> {
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    let member = match &tree.value {
        Value::Unknown(_) => return vec![(path.to_owned(), tree.clone())],
        _ => tree.get(name),
    };
    let Some(member) = member else { return Vec::new() };
    match (&member.value, in_list) {
        (Value::List(trees), true) => {
            let elements = trees.iter().enumerate();
            elements.map(|(index, tree)| (format!("{}.{index}", below(name)), tree.clone())).collect()
        }
        _ => vec![(below(name), member.clone())],
    }
}

/// SAM adds the version to documents without one.
fn versioned(tree: &Tree) -> Tree {
    let Value::Map(entries) = &tree.value else { return tree.clone() };
    if tree.get("Version").is_some() {
        return tree.clone();
    }
    let version =
        Entry { key: Text::known("Version"), key_span: tree.span, value: Tree::text(tree.span, "2012-10-17") };
    Tree { span: tree.span, value: Value::Map(std::iter::once(version).chain(entries.iter().cloned()).collect()) }
}

/// The service makes texts of numbers and Booleans in documents.
fn plain(tree: &Tree) -> Tree {
    let value = match &tree.value {
        Value::Number(text) => Value::Text(Text::known(text.as_str())),
        Value::Bool(value) => Value::Text(Text::known(value.to_string())),
        Value::Null | Value::Text(_) | Value::Unknown(_) => tree.value.clone(),
        Value::List(trees) => Value::List(trees.iter().map(plain).collect()),
        Value::Map(entries) => {
            Value::Map(entries.iter().map(|entry| Entry { value: plain(&entry.value), ..entry.clone() }).collect())
        }
    };
    Tree { span: tree.span, value }
}

/// Loops (`Fn::ForEach::Name`) written out, wherever they stand among members.
fn written_out(
    tree: &Tree,
    scope: &Scope<'_>,
    left: &mut usize,
    depth: usize,
    loops: &mut Vec<(String, crate::source::Span)>,
) -> Tree {
    let value = match &tree.value {
        Value::List(trees) => {
            Value::List(trees.iter().map(|tree| written_out(tree, scope, left, depth, loops)).collect())
        }
        Value::Map(entries) => {
            let mut out = Vec::with_capacity(entries.len());
            for entry in entries {
                match iterations(entry, scope).filter(|_| is_loop(entry)) {
                    Some(made) if made.len() <= *left && depth > 0 => {
                        *left -= made.len();
                        let body = Tree { span: entry.value.span, value: Value::Map(made) };
                        let body = written_out(&body, scope, left, depth - 1, loops);
                        out.extend(body.as_map().unwrap_or_default().iter().cloned());
                    }
                    _ if is_loop(entry) => {
                        loops.push((entry.key.as_known().unwrap_or("").to_owned(), entry.key_span));
                    }
                    _ => {
                        let value = written_out(&entry.value, scope, left, depth, loops);
                        out.push(Entry { value, ..entry.clone() });
                    }
                }
            }
            Value::Map(out)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::Unknown(_) => tree.value.clone(),
    };
    Tree { span: tree.span, value }
}

/// The members that a loop makes; `None` if its collection is not known.
fn iterations(entry: &Entry, scope: &Scope<'_>) -> Option<Vec<Entry>> {
    let [name, collection, body] = entry.value.as_list()? else { return None };
    let name = name.as_str()?;
    let collection = scope.value(collection);
    let values: Option<Vec<String>> = collection.as_list()?.iter().map(scalar).collect();
    let mut out = Vec::new();
    for value in values? {
        for member in body.as_map()? {
            out.push(Entry {
                key: replaced(&member.key, name, &value),
                key_span: member.key_span,
                value: with(&member.value, name, &value),
            });
        }
    }
    Some(out)
}

/// A body with the loop's variable replaced: `${Name}`, `&{Name}` (letters and digits of it), and `Ref`.
fn with(tree: &Tree, name: &str, value: &str) -> Tree {
    if let Some([entry]) = tree.as_map()
        && entry.key.as_known() == Some("Ref")
        && entry.value.as_str() == Some(name)
    {
        return Tree::text(tree.span, value);
    }
    let value = match &tree.value {
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Unknown(_) => tree.value.clone(),
        Value::Text(text) => Value::Text(replaced(text, name, value)),
        Value::List(trees) => Value::List(trees.iter().map(|tree| with(tree, name, value)).collect()),
        Value::Map(entries) => {
            let entry = |entry: &Entry| Entry {
                key: replaced(&entry.key, name, value),
                key_span: entry.key_span,
                value: with(&entry.value, name, value),
            };
            Value::Map(entries.iter().map(entry).collect())
        }
    };
    Tree { span: tree.span, value }
}

fn replaced(text: &Text, name: &str, value: &str) -> Text {
    let Some(known) = text.as_known() else { return text.clone() };
    let letters: String = value.chars().filter(char::is_ascii_alphanumeric).collect();
    Text::known(known.replace(&format!("${{{name}}}"), value).replace(&format!("&{{{name}}}"), &letters))
}
