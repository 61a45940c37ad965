//! The functions of templates: values as far as parameters, mappings, conditions and other templates tell.

use std::collections::BTreeMap;

use crate::scan::template::table::{arn_of, name_of};
use crate::scan::tree::{Entry, Language, Text, Tree, Unknown, Value};
use crate::source::Span;

/// Functions inside functions.
const DEEPEST: usize = 64;
/// Values made from one template.
const MOST_VALUES: usize = 1_000_000;
/// The partitions that have regions for customers.
const PARTITIONS: [&str; 3] = ["aws", "aws-cn", "aws-us-gov"];

/// What expressions of one template refer to.
pub(super) struct Scope<'a> {
    /// The template.
    pub(super) root: &'a Tree,
    /// Values of parameters and pseudo parameters.
    pub(super) parameters: &'a BTreeMap<String, String>,
    /// What other templates export.
    pub(super) exports: &'a BTreeMap<String, Text>,
    /// How much was made.
    pub(super) made: std::cell::Cell<usize>,
}

/// A function call: its name and argument.
fn call(tree: &Tree) -> Option<(&str, &Tree)> {
    match tree.as_map() {
        Some([entry]) => match entry.key.as_known() {
            Some(name) if name == "Ref" || name == "Condition" || name.starts_with("Fn::") => {
                Some((name, &entry.value))
            }
            Some(_) | None => None,
        },
        Some(_) | None => None,
    }
}

fn unknown(expression: impl Into<String>, language: Language) -> Unknown {
    Unknown { expression: expression.into(), language }
}

fn any() -> Language {
    Language::Pattern("*".to_owned())
}

fn one_of(texts: &[&str]) -> Language {
    Language::OneOf(texts.iter().map(|text| (*text).to_owned()).collect())
}

impl Scope<'_> {
    /// A value with its functions worked out. What `AWS::NoValue` removes is gone.
    pub(super) fn value(&self, tree: &Tree) -> Tree {
        self.resolved(tree, 0).unwrap_or(Tree { span: tree.span, value: Value::Null })
    }

    /// `None`: no value.
    fn resolved(&self, tree: &Tree, depth: usize) -> Option<Tree> {
        self.made.set(self.made.get().saturating_add(1));
        if depth > DEEPEST || self.made.get() > MOST_VALUES {
            let gone = unknown("something nested too deep", Language::Opaque);
            return Some(Tree { span: tree.span, value: Value::Unknown(gone) });
        }
        if let Some((name, argument)) = call(tree)
            && name != "Condition"
        {
            return self.applied(name, argument, tree.span, depth + 1);
        }
        let value = match &tree.value {
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Unknown(_) => tree.value.clone(),
            Value::Text(text) => Value::Text(dynamic(text)),
            Value::List(trees) => Value::List(trees.iter().filter_map(|tree| self.resolved(tree, depth + 1)).collect()),
            Value::Map(entries) => {
                let entry =
                    |entry: &Entry| Some(Entry { value: self.resolved(&entry.value, depth + 1)?, ..entry.clone() });
                Value::Map(entries.iter().filter_map(entry).collect())
            }
        };
        Some(Tree { span: tree.span, value })
    }

    fn applied(&self, name: &str, argument: &Tree, span: Span, depth: usize) -> Option<Tree> {
        let text = |text: Text| Some(Tree { span, value: Value::Text(text) });
        let list = argument.as_list().unwrap_or_default();
        match (name, list) {
            ("Ref", _) => self.reference(argument.as_str()?, span, depth),
            ("Fn::GetAtt", [resource, attribute]) => {
                let attribute = self.text(attribute, depth)?;
                text(self.attribute(resource.as_str()?, attribute.as_known()?, depth))
            }
            ("Fn::Sub", _) => text(self.substituted(argument, depth)),
            ("Fn::Join", [separator, parts]) => text(self.joined(separator, parts, depth)),
            ("Fn::Select", [index, values]) => self.selected(index, values, span, depth),
            ("Fn::Split", [separator, whole]) => Some(self.split(separator, whole, span, depth)),
            ("Fn::If", [condition, then, otherwise]) => self.chosen(condition.as_str()?, then, otherwise, span, depth),
            ("Fn::FindInMap", [map, first, second, ..]) => self.mapped([map, first, second], list.get(3), span, depth),
            ("Fn::ImportValue", _) => text(self.imported(argument, depth)),
            ("Fn::ToJsonString", _) => self.resolved(argument, depth),
            _ => Some(Tree { span, value: Value::Unknown(unknown(format!("!{}", short(name)), Language::Opaque)) }),
        }
    }

    /// A value as text with holes.
    fn text(&self, tree: &Tree, depth: usize) -> Option<Text> {
        let tree = self.resolved(tree, depth)?;
        Some(match tree.value {
            Value::Text(text) => text,
            Value::Number(text) => Text::known(text),
            Value::Bool(value) => Text::known(value.to_string()),
            Value::Unknown(unknown) => Text::unknown(unknown),
            Value::Null => Text::default(),
            Value::List(_) | Value::Map(_) => Text::unknown(unknown("a list in the place of a text", Language::Opaque)),
        })
    }

    fn reference(&self, name: &str, span: Span, depth: usize) -> Option<Tree> {
        if name == "AWS::NoValue" {
            return None;
        }
        let value = match self.pseudo(name).or_else(|| self.parameter(name, span)) {
            Some(value) => value,
            None => Value::Text(self.resource(name, depth)),
        };
        Some(Tree { span, value })
    }

    /// `AWS::…`
    fn pseudo(&self, name: &str) -> Option<Value> {
        if !name.starts_with("AWS::") {
            return None;
        }
        let given = |name: &str| self.parameters.get(name).map(String::as_str);
        let region = given("AWS::Region");
        let of_region = |region: &str| match region.split('-').collect::<Vec<_>>().as_slice() {
            ["cn", ..] => "aws-cn",
            ["us", "gov", ..] => "aws-us-gov",
            _ => "aws",
        };
        let partition = given("AWS::Partition").or(region.map(of_region));
        let known = match name {
            "AWS::Partition" => partition,
            "AWS::URLSuffix" => {
                let suffix = |partition| if partition == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
                given(name).or(partition.map(suffix))
            }
            _ => given(name),
        };
        if let Some(known) = known {
            return Some(Value::Text(Text::known(known)));
        }
        Some(Value::Text(Text::unknown(unknown(
            name,
            match name {
                "AWS::AccountId" => Language::Account,
                "AWS::Partition" => one_of(&PARTITIONS),
                "AWS::URLSuffix" => one_of(&["amazonaws.com", "amazonaws.com.cn"]),
                "AWS::Region" | "AWS::StackName" => Language::Name,
                "AWS::StackId" => Language::Pattern("arn:*".to_owned()),
                _ => Language::Opaque,
            },
        ))))
    }

    /// A parameter: the value given, else its default, else any value that it admits.
    fn parameter(&self, name: &str, span: Span) -> Option<Value> {
        let declared = self.root.get("Parameters")?.get(name)?;
        let sort = declared.get("Type").and_then(Tree::as_str).unwrap_or("String");
        let given = self.parameters.get(name).cloned();
        // the value and default of such a parameter are the name under which the value is stored
        let stored = sort.starts_with("AWS::SSM::Parameter::Value<");
        let value = given.or_else(|| scalar(declared.get("Default")?)).filter(|_| !stored);
        let is_list = sort.contains("List<") || sort == "CommaDelimitedList";
        if let Some(value) = value {
            let item = |item: &str| Tree::text(span, item.trim());
            return Some(if is_list {
                Value::List(value.split(',').map(item).collect())
            } else {
                Value::Text(dynamic(&Text::known(value)))
            });
        }
        let allowed = declared.get("AllowedValues").and_then(Tree::as_list).filter(|list| !list.is_empty());
        let language = match allowed.and_then(|list| list.iter().map(scalar).collect::<Option<Vec<_>>>()) {
            Some(texts) => Language::OneOf(texts),
            None if sort.starts_with("AWS::EC2::") => Language::Name,
            None => any(),
        };
        let hole = unknown(format!("!Ref {name}"), language);
        Some(if is_list { Value::Unknown(hole) } else { Value::Text(Text::unknown(hole)) })
    }

    /// `Ref` of a resource.
    fn resource(&self, name: &str, depth: usize) -> Text {
        let Some((sort, properties)) = self.declared(name) else {
            return Text::unknown(unknown(format!("!Ref {name}"), Language::Opaque));
        };
        if arn_of(sort, "Ref").is_some() {
            return self.arn(name, sort, properties, "Ref", depth).unwrap_or_default();
        }
        match name_of(sort) {
            Some(property) => self.named(name, properties, Some(property), depth),
            None => Text::unknown(unknown(format!("!Ref {name}"), any())),
        }
    }

    fn attribute(&self, name: &str, attribute: &str, depth: usize) -> Text {
        let whole = || unknown(format!("!GetAtt {name}.{attribute}"), any());
        let Some((sort, properties)) = self.declared(name) else { return Text::unknown(whole()) };
        if let Some(text) = self.arn(name, sort, properties, attribute, depth) {
            return text;
        }
        // a property of the same name is what the attribute shows
        let property = properties.and_then(|properties| properties.get(attribute));
        match property.and_then(|property| self.text(property, depth)) {
            Some(text) => text,
            None if attribute.ends_with("Arn") => {
                Text::unknown(Unknown { language: Language::Pattern("arn:*".to_owned()), ..whole() })
            }
            None => Text::unknown(whole()),
        }
    }

    fn declared(&self, name: &str) -> Option<(&str, Option<&Tree>)> {
        let resource = self.root.get("Resources")?.get(name)?;
        Some((resource.get("Type")?.as_str()?, resource.get("Properties")))
    }

    /// The ARN that an attribute is, piece by piece.
    fn arn(&self, name: &str, sort: &str, properties: Option<&Tree>, attribute: &str, depth: usize) -> Option<Text> {
        let row = arn_of(sort, attribute)?;
        let mut out = Text::known("arn:");
        let pseudo = |name: &str| match self.pseudo(name) {
            Some(Value::Text(text)) => text,
            _ => Text::default(),
        };
        out.push(&pseudo("AWS::Partition"));
        out.push_known(":");
        for c in row.form.chars() {
            match c {
                'R' => out.push(&pseudo("AWS::Region")),
                'A' => out.push(&pseudo("AWS::AccountId")),
                'N' => {
                    let path = properties.filter(|_| sort.starts_with("AWS::IAM::")).and_then(|p| p.get("Path"));
                    if let Some(path) = path.and_then(|path| self.text(path, depth)) {
                        match path.as_known() {
                            Some(known) => out.push_known(known.trim_start_matches('/')),
                            None => out.push(&path),
                        }
                    }
                    out.push(&self.named(name, properties, row.name, depth));
                }
                other => out.push_known(other.encode_utf8(&mut [0; 4])),
            }
        }
        Some(out)
    }

    /// The name of a resource: given by a property, or made by the service.
    fn named(&self, name: &str, properties: Option<&Tree>, property: Option<&str>, depth: usize) -> Text {
        let given = property.and_then(|property| properties?.get(property));
        let text = given.and_then(|given| self.text(given, depth));
        text.unwrap_or_else(|| {
            let language = match self.declared(name) {
                Some(("AWS::ECR::Repository" | "AWS::Logs::LogGroup" | "AWS::SecretsManager::Secret", _)) => {
                    Language::Path
                }
                Some(_) | None => Language::Name,
            };
            Text::unknown(unknown(format!("!Ref {name}"), language))
        })
    }

    /// `Fn::Sub`: `${Name}`, `${Name.Attribute}`, `${!Literal}`, and names of its own.
    fn substituted(&self, argument: &Tree, depth: usize) -> Text {
        let (template, own) = match argument.as_list() {
            Some([template, own]) => (template.as_str(), Some(own)),
            Some(_) => (None, None),
            None => (argument.as_str(), None),
        };
        let Some(mut rest) = template else { return Text::unknown(unknown("!Sub", Language::Opaque)) };
        let mut out = Text::default();
        while let Some((before, after)) = rest.split_once("${") {
            out.push_known(before);
            let Some((name, after)) = after.split_once('}') else {
                out.push_known("${");
                rest = after;
                break;
            };
            rest = after;
            if let Some(literal) = name.strip_prefix('!') {
                out.push_known(&format!("${{{literal}}}"));
                continue;
            }
            out.push(&self.inserted(name.trim(), own, depth));
        }
        out.push_known(rest);
        dynamic(&out)
    }

    fn inserted(&self, name: &str, own: Option<&Tree>, depth: usize) -> Text {
        if let Some(value) = own.and_then(|own| own.get(name)) {
            return self.text(value, depth).unwrap_or_default();
        }
        if let Some((resource, attribute)) = name.split_once('.') {
            return self.attribute(resource, attribute, depth);
        }
        let span = self.root.span;
        match self.reference(name, span, depth).map(|tree| tree.value) {
            Some(Value::Text(text)) => text,
            Some(Value::List(trees)) => {
                let texts: Vec<&str> = trees.iter().filter_map(Tree::as_str).collect();
                Text::known(texts.join(","))
            }
            Some(Value::Unknown(unknown)) => Text::unknown(unknown),
            Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Map(_)) | None => Text::default(),
        }
    }

    fn joined(&self, separator: &Tree, parts: &Tree, depth: usize) -> Text {
        let opaque = || Text::unknown(unknown("!Join", Language::Opaque));
        let Some(separator) = separator.as_str() else { return opaque() };
        let Some(Tree { value: Value::List(parts), .. }) = self.resolved(parts, depth) else { return opaque() };
        let mut out = Text::default();
        for (at, part) in parts.iter().enumerate() {
            if at > 0 {
                out.push_known(separator);
            }
            match self.text(part, depth) {
                Some(text) => out.push(&text),
                None => return opaque(),
            }
        }
        dynamic(&out)
    }

    fn selected(&self, index: &Tree, values: &Tree, span: Span, depth: usize) -> Option<Tree> {
        let opaque = Tree { span, value: Value::Unknown(unknown("!Select", Language::Opaque)) };
        let index = self.text(index, depth)?.as_known().and_then(|text| text.parse::<usize>().ok());
        match (index, self.resolved(values, depth)) {
            (Some(index), Some(Tree { value: Value::List(trees), .. })) => {
                Some(trees.get(index).cloned().unwrap_or(opaque))
            }
            (_, Some(Tree { value: Value::Unknown(whole), .. })) => {
                let index = index.map_or("?".to_owned(), |index| index.to_string());
                let hole = unknown(format!("!Select [{index}, {}]", whole.expression), whole.language);
                Some(Tree { span, value: Value::Unknown(hole) })
            }
            (_, Some(_) | None) => Some(opaque),
        }
    }

    fn split(&self, separator: &Tree, whole: &Tree, span: Span, depth: usize) -> Tree {
        let text = self.text(whole, depth).unwrap_or_default();
        let value = match (separator.as_str().filter(|separator| !separator.is_empty()), text.as_known()) {
            (Some(separator), Some(known)) => {
                Value::List(known.split(separator).map(|part| Tree::text(span, part)).collect())
            }
            _ => {
                let names: Vec<&str> = text.unknowns().map(|unknown| unknown.expression.as_str()).collect();
                Value::Unknown(unknown(format!("!Split of {}", names.join(", ")), any()))
            }
        };
        Tree { span, value }
    }

    fn chosen(&self, condition: &str, then: &Tree, otherwise: &Tree, span: Span, depth: usize) -> Option<Tree> {
        match self.condition(condition, depth) {
            Some(true) => self.resolved(then, depth),
            Some(false) => self.resolved(otherwise, depth),
            None => {
                let (one, two) = (self.resolved(then, depth), self.resolved(otherwise, depth));
                if let (Some(one), Some(two)) = (&one, &two) {
                    if one.says_the_same(two) {
                        return Some(one.clone());
                    }
                    if let (Some(one), Some(two)) = (one.as_str(), two.as_str()) {
                        let hole = unknown(format!("!If {condition}"), one_of(&[one, two]));
                        return Some(Tree { span, value: Value::Text(Text::unknown(hole)) });
                    }
                }
                Some(Tree { span, value: Value::Unknown(unknown(format!("!If {condition}"), Language::Opaque)) })
            }
        }
    }

    /// Whether a condition of the template holds; `None`: not known.
    pub(super) fn condition(&self, name: &str, depth: usize) -> Option<bool> {
        self.truth(self.root.get("Conditions")?.get(name)?, depth + 1)
    }

    fn truth(&self, tree: &Tree, depth: usize) -> Option<bool> {
        if depth > DEEPEST {
            return None;
        }
        let (name, argument) = call(tree)?;
        let list = argument.as_list().unwrap_or_default();
        match (name, list) {
            ("Condition", _) => self.condition(argument.as_str()?, depth),
            ("Fn::Not", [one]) => self.truth(one, depth + 1).map(|truth| !truth),
            ("Fn::And", parts) => {
                let truths: Vec<Option<bool>> = parts.iter().map(|part| self.truth(part, depth + 1)).collect();
                if truths.contains(&Some(false)) { Some(false) } else { (!truths.contains(&None)).then_some(true) }
            }
            ("Fn::Or", parts) => {
                let truths: Vec<Option<bool>> = parts.iter().map(|part| self.truth(part, depth + 1)).collect();
                if truths.contains(&Some(true)) { Some(true) } else { (!truths.contains(&None)).then_some(false) }
            }
            ("Fn::Equals", [one, two]) => {
                let (one, two) = (self.text(one, depth)?, self.text(two, depth)?);
                match (one.as_known(), two.as_known()) {
                    (Some(one), Some(two)) => Some(one == two),
                    _ => (one == two).then_some(true),
                }
            }
            _ => None,
        }
    }

    fn mapped(&self, keys: [&Tree; 3], otherwise: Option<&Tree>, span: Span, depth: usize) -> Option<Tree> {
        let [map, first, second] = keys.map(|key| self.text(key, depth).unwrap_or_default());
        let name = |text: &Text| text.as_known().map_or("?".to_owned(), str::to_owned);
        let expression = format!("!FindInMap [{}, {}, {}]", name(&map), name(&first), name(&second));
        let table = map.as_known().and_then(|map| self.root.get("Mappings")?.get(map));
        let found = match (table, first.as_known(), second.as_known()) {
            (Some(table), Some(first), Some(second)) => table.get(first).and_then(|row| row.get(second)).cloned(),
            (Some(table), None, Some(second)) => {
                let rows = table.as_map().unwrap_or_default().iter();
                let values: Option<Vec<String>> = rows.map(|row| scalar(row.value.get(second)?)).collect();
                let language = values.filter(|values| !values.is_empty()).map_or(any(), Language::OneOf);
                Some(Tree { span, value: Value::Text(Text::unknown(unknown(expression.as_str(), language))) })
            }
            _ => None,
        };
        let fallback = || otherwise.and_then(|tree| self.resolved(tree.get("DefaultValue")?, depth));
        let opaque = || Tree { span, value: Value::Unknown(unknown(expression.as_str(), Language::Opaque)) };
        Some(found.or_else(fallback).unwrap_or_else(opaque))
    }

    fn imported(&self, argument: &Tree, depth: usize) -> Text {
        let name = self.text(argument, depth).unwrap_or_default();
        let shown = name.as_known().map_or("?".to_owned(), str::to_owned);
        let found = name.as_known().and_then(|name| self.exports.get(name)).cloned();
        found.unwrap_or_else(|| Text::unknown(unknown(format!("!ImportValue {shown}"), any())))
    }
}

fn short(name: &str) -> &str {
    name.strip_prefix("Fn::").unwrap_or(name)
}

/// A known scalar as text.
pub(super) fn scalar(tree: &Tree) -> Option<String> {
    match &tree.value {
        Value::Text(text) => text.as_known().map(str::to_owned),
        Value::Number(text) => Some(text.clone()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Null | Value::List(_) | Value::Map(_) | Value::Unknown(_) => None,
    }
}

/// Dynamic references (`{{resolve:ssm:…}}`) as holes.
fn dynamic(text: &Text) -> Text {
    const START: &str = "{{resolve:";
    let mut out = Text::default();
    for piece in &text.pieces {
        let mut rest = match piece {
            crate::scan::tree::Piece::Known(known) => known.as_str(),
            crate::scan::tree::Piece::Unknown(unknown) => {
                out.push(&Text::unknown(unknown.clone()));
                continue;
            }
        };
        while let Some((before, after)) = rest.split_once(START) {
            out.push_known(before);
            let (name, after) = after.split_once("}}").unwrap_or((after, ""));
            out.push(&Text::unknown(unknown(format!("{START}{name}}}}}"), any())));
            rest = after;
        }
        out.push_known(rest);
    }
    out
}
