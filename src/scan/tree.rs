//! A value of a plan or template as far as it is known: JSON with holes.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::json::{self, Node};
use crate::source::Span;

/// One value and its place.
#[derive(Clone, Debug)]
pub struct Tree {
    /// The place in the file.
    pub span: Span,
    /// The value.
    pub value: Value,
}

/// A value.
#[derive(Clone, Debug)]
pub enum Value {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number as written.
    Number(String),
    /// A text, perhaps with holes.
    Text(Text),
    /// A list.
    List(Vec<Tree>),
    /// Members in order.
    Map(Vec<Entry>),
    /// Not known, and it may be anything: a text, a list, an object.
    Unknown(Unknown),
}

/// A member of an object.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The name; with holes only as the key of a condition.
    pub key: Text,
    /// The place of the name.
    pub key_span: Span,
    /// The value.
    pub value: Tree,
}

/// A text with holes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// In order; no two known pieces beside each other, none empty.
    pub pieces: Vec<Piece>,
}

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// This.
    Known(String),
    /// A hole.
    Unknown(Unknown),
}

/// A value that is not known here. The same expression is the same value wherever it stands in one scope.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unknown {
    /// As the file writes it: `aws_s3_bucket.logs.arn`, `!Ref Logs`.
    pub expression: String,
    /// What it may be.
    pub language: Language,
}

/// What an unknown value may be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Language {
    /// The id of an account: 12 digits.
    Account,
    /// One of these texts.
    OneOf(Vec<String>),
    /// The name or id of something: not empty, no colon, no slash, no blank, nothing that a policy reads as a wildcard or
    /// variable.
    Name,
    /// As a name, but slashes may be in it.
    Path,
    /// Whatever matches this glob; wildcards in the value are wildcards of the policy.
    Pattern(String),
    /// Something computed from what it names; nothing more is known. With an example of what it usually looks like.
    Computed(String),
    /// Something computed from what it names; nothing more is known.
    Opaque,
}

/// Values for unknowns, by expression.
pub type Binding = BTreeMap<String, String>;

impl Text {
    /// A text without holes.
    pub fn known(text: impl Into<String>) -> Text {
        let mut out = Text::default();
        out.push_known(&text.into());
        out
    }

    /// A text that is one hole.
    pub fn unknown(unknown: Unknown) -> Text {
        Text { pieces: vec![Piece::Unknown(unknown)] }
    }

    /// Appends known text.
    pub fn push_known(&mut self, more: &str) {
        match self.pieces.last_mut() {
            _ if more.is_empty() => {}
            Some(Piece::Known(text)) => text.push_str(more),
            Some(Piece::Unknown(_)) | None => self.pieces.push(Piece::Known(more.to_owned())),
        }
    }

    /// Appends another text.
    pub fn push(&mut self, more: &Text) {
        for piece in &more.pieces {
            match piece {
                Piece::Known(text) => self.push_known(text),
                Piece::Unknown(unknown) => self.pieces.push(Piece::Unknown(unknown.clone())),
            }
        }
    }

    /// The text, if it has no holes.
    pub fn as_known(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [] => Some(""),
            [Piece::Known(text)] => Some(text),
            _ => None,
        }
    }

    /// The holes in order.
    pub fn unknowns(&self) -> impl Iterator<Item = &Unknown> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Known(_) => None,
            Piece::Unknown(unknown) => Some(unknown),
        })
    }

    /// With values in the holes that have one.
    #[must_use]
    pub fn bind(&self, binding: &Binding) -> Text {
        let mut out = Text::default();
        for piece in &self.pieces {
            match piece {
                Piece::Known(text) => out.push_known(text),
                Piece::Unknown(unknown) => match binding.get(&unknown.expression) {
                    Some(value) => out.push_known(value),
                    None => out.pieces.push(Piece::Unknown(unknown.clone())),
                },
            }
        }
        out
    }
}

impl Tree {
    /// A tree of JSON as it was read.
    pub fn of(node: &Node<'_>) -> Tree {
        let value = match &node.value {
            json::Value::Null => Value::Null,
            json::Value::Bool(value) => Value::Bool(*value),
            json::Value::Number(text) => Value::Number((*text).to_owned()),
            json::Value::String(text) => Value::Text(Text::known(text.as_ref())),
            json::Value::Array(nodes) => Value::List(nodes.iter().map(Tree::of).collect()),
            json::Value::Object(members) => Value::Map(members.iter().map(Entry::of).collect()),
        };
        Tree { span: node.span, value }
    }

    /// A text without holes.
    pub fn text(span: Span, text: impl Into<String>) -> Tree {
        Tree { span, value: Value::Text(Text::known(text)) }
    }

    /// As JSON for the reader of policies; `None` if something is not known.
    pub fn node(&self) -> Option<Node<'_>> {
        let value = match &self.value {
            Value::Null => json::Value::Null,
            Value::Bool(value) => json::Value::Bool(*value),
            Value::Number(text) => json::Value::Number(text),
            Value::Text(text) => json::Value::String(Cow::Borrowed(text.as_known()?)),
            Value::List(trees) => json::Value::Array(trees.iter().map(Tree::node).collect::<Option<_>>()?),
            Value::Map(entries) => json::Value::Object(entries.iter().map(Entry::member).collect::<Option<_>>()?),
            Value::Unknown(_) => return None,
        };
        Some(Node { span: self.span, value })
    }

    /// The value of the first member with this name.
    pub fn get(&self, key: &str) -> Option<&Tree> {
        let found = self.as_map()?.iter().find(|entry| entry.key.as_known() == Some(key));
        found.map(|entry| &entry.value)
    }

    /// The members of an object.
    pub fn as_map(&self) -> Option<&[Entry]> {
        if let Value::Map(entries) = &self.value { Some(entries) } else { None }
    }

    /// The elements of a list.
    pub fn as_list(&self) -> Option<&[Tree]> {
        if let Value::List(trees) = &self.value { Some(trees) } else { None }
    }

    /// The text, if it is one without holes.
    pub fn as_str(&self) -> Option<&str> {
        if let Value::Text(text) = &self.value { text.as_known() } else { None }
    }

    /// With values in the holes that have one.
    #[must_use]
    pub fn bind(&self, binding: &Binding) -> Tree {
        let value = match &self.value {
            Value::Null | Value::Bool(_) | Value::Number(_) => self.value.clone(),
            Value::Text(text) => Value::Text(text.bind(binding)),
            Value::List(trees) => Value::List(trees.iter().map(|tree| tree.bind(binding)).collect()),
            Value::Map(entries) => Value::Map(entries.iter().map(|entry| entry.bind(binding)).collect()),
            Value::Unknown(unknown) => match binding.get(&unknown.expression) {
                Some(text) => Value::Text(Text::known(text.as_str())),
                None => self.value.clone(),
            },
        };
        Tree { span: self.span, value }
    }

    /// With other texts.
    #[must_use]
    pub fn map_texts(&self, map: &dyn Fn(&Text) -> Text) -> Tree {
        let value = match &self.value {
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Unknown(_) => self.value.clone(),
            Value::Text(text) => Value::Text(map(text)),
            Value::List(trees) => Value::List(trees.iter().map(|tree| tree.map_texts(map)).collect()),
            Value::Map(entries) => {
                let entry = |entry: &Entry| {
                    let (key, value) = (map(&entry.key), entry.value.map_texts(map));
                    Entry { key, key_span: entry.key_span, value }
                };
                Value::Map(entries.iter().map(entry).collect())
            }
        };
        Tree { span: self.span, value }
    }

    /// Shows every text in it and every value that is not known as a whole.
    pub fn each_text(&self, see: &mut impl FnMut(&Text)) {
        match &self.value {
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
            Value::Text(text) => see(text),
            Value::List(trees) => trees.iter().for_each(|tree| tree.each_text(see)),
            Value::Map(entries) => {
                for entry in entries {
                    see(&entry.key);
                    entry.value.each_text(see);
                }
            }
            Value::Unknown(unknown) => see(&Text::unknown(unknown.clone())),
        }
    }

    /// What is not known in it, by expression.
    pub fn unknowns(&self) -> BTreeMap<String, Language> {
        let mut out = BTreeMap::new();
        self.each_text(&mut |text| {
            for unknown in text.unknowns() {
                out.entry(unknown.expression.clone()).or_insert_with(|| unknown.language.clone());
            }
        });
        out
    }

    /// Whether it holds something that is not known.
    pub fn is_open(&self) -> bool {
        let mut open = false;
        self.each_text(&mut |text| open = open || text.unknowns().next().is_some());
        open
    }

    /// The places of texts with holes and of values that are not known.
    pub fn open_spans(&self) -> Vec<Span> {
        let mut spans = Vec::new();
        let mut open = vec![self];
        while let Some(tree) = open.pop() {
            match &tree.value {
                Value::Unknown(_) => spans.push(tree.span),
                Value::Text(text) if text.as_known().is_none() => spans.push(tree.span),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => {}
                Value::List(trees) => open.extend(trees),
                Value::Map(entries) => open.extend(entries.iter().map(|entry| &entry.value)),
            }
        }
        spans
    }

    /// Whether it says the same, places aside.
    pub fn says_the_same(&self, other: &Tree) -> bool {
        match (&self.value, &other.value) {
            (Value::Null, Value::Null) => true,
            (Value::Bool(one), Value::Bool(two)) => one == two,
            (Value::Number(one), Value::Number(two)) => one == two,
            (Value::Text(one), Value::Text(two)) => one == two,
            (Value::Unknown(one), Value::Unknown(two)) => one == two,
            (Value::List(one), Value::List(two)) => {
                one.len() == two.len() && one.iter().zip(two).all(|(one, two)| one.says_the_same(two))
            }
            (Value::Map(one), Value::Map(two)) => {
                let same = |(one, two): (&Entry, &Entry)| one.key == two.key && one.value.says_the_same(&two.value);
                one.len() == two.len() && one.iter().zip(two).all(same)
            }
            _ => false,
        }
    }
}

impl Entry {
    fn of(member: &json::Member<'_>) -> Entry {
        Entry { key: Text::known(member.key.as_ref()), key_span: member.key_span, value: Tree::of(&member.value) }
    }

    fn member(&self) -> Option<json::Member<'_>> {
        let key = Cow::Borrowed(self.key.as_known()?);
        Some(json::Member { key, key_span: self.key_span, value: self.value.node()? })
    }

    fn bind(&self, binding: &Binding) -> Entry {
        Entry { key: self.key.bind(binding), key_span: self.key_span, value: self.value.bind(binding) }
    }
}

impl Language {
    /// Some value of the language: one that nothing else in a policy is likely to be.
    pub fn example(&self) -> String {
        match self {
            Language::Account => "111122223333".to_owned(),
            Language::OneOf(texts) => texts.first().cloned().unwrap_or_default(),
            Language::Name | Language::Path => "example-name".to_owned(),
            Language::Computed(example) => example.clone(),
            Language::Pattern(glob) => glob.replace('*', "example"),
            Language::Opaque => "example".to_owned(),
        }
    }

    /// Whether a text may be the value.
    pub fn admits(&self, text: &str) -> bool {
        match self {
            Language::Account => text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()),
            Language::OneOf(texts) => texts.iter().any(|one| one == text),
            Language::Name if text.contains('/') => false,
            Language::Name | Language::Path => {
                let bad =
                    |c: char| matches!(c, ':' | '*' | '?' | '$' | '{' | '}') || c.is_whitespace() || c.is_control();
                !text.is_empty() && !text.contains(bad)
            }
            Language::Pattern(glob) => matches(glob, text),
            Language::Computed(example) => example == text,
            Language::Opaque => false,
        }
    }
}

/// Whether a text matches a glob of `*` and `?`.
pub(super) fn matches(glob: &str, text: &str) -> bool {
    use crate::semantics::Token;
    let token = |c| match c {
        '*' => Token::Many,
        '?' => Token::One,
        c => Token::Char(c),
    };
    let tokens: Vec<Token<String>> = glob.chars().map(token).collect();
    crate::semantics::glob::matches(&tokens, text)
}
