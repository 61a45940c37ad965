//! JSON as a tree with byte spans: strict, with members in order and duplicates kept (spec 2.1).
//!
//! Slips that people make (comments, trailing commas, single quotes, raw control characters) are reported and read
//! over, so that the rest of the document is checked in the same run; anything else ends the reading.

mod reader;

use std::borrow::Cow;

use crate::diagnostic::{Code, Diagnostic};
use crate::source::{FileId, Span};

/// One value and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Node<'t> {
    /// The value as written, quotes and brackets included.
    pub span: Span,
    /// The value.
    pub value: Value<'t>,
}

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'t> {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number as its source text: `1.0` stays `1.0`.
    Number(&'t str),
    /// A string, unescaped.
    String(Cow<'t, str>),
    /// A list.
    Array(Vec<Node<'t>>),
    /// Members in order; names may occur twice.
    Object(Vec<Member<'t>>),
}

/// One member of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Member<'t> {
    /// The name, unescaped.
    pub key: Cow<'t, str>,
    /// The name as written, quotes included.
    pub key_span: Span,
    /// The value.
    pub value: Node<'t>,
}

impl<'t> Node<'t> {
    /// The string, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// The members, if it is an object.
    pub fn as_object(&self) -> Option<&[Member<'t>]> {
        match &self.value {
            Value::Object(members) => Some(members),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => None,
        }
    }

    /// The elements, if it is a list.
    pub fn as_array(&self) -> Option<&[Node<'t>]> {
        match &self.value {
            Value::Array(elements) => Some(elements),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => None,
        }
    }

    /// The value of the first member with this name, if it is an object with one.
    pub fn get(&self, key: &str) -> Option<&Node<'t>> {
        self.as_object()?.iter().find(|member| member.key == key).map(|member| &member.value)
    }

    /// What it is, for messages: `a string`.
    pub fn describe(&self) -> &'static str {
        match &self.value {
            Value::Null => "null",
            Value::Bool(_) => "a Boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        }
    }
}

/// How much is read before giving up (spec 2.1: a guard against hostile input).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Nested lists and objects.
    pub depth: usize,
    /// Bytes of text.
    pub bytes: usize,
}

impl Limits {
    /// A policy document: 64 levels, 1 MiB.
    pub const DOCUMENT: Limits = Limits { depth: 64, bytes: 1 << 20 };
    /// A file that holds documents: stacks, batches, plans, templates.
    pub const CONTAINER: Limits = Limits { depth: 128, bytes: 64 << 20 };
}

/// What a text held.
#[derive(Clone, Debug)]
pub struct Parsed<'t> {
    /// The tree; `None` if the text is not JSON. Present with diagnostics if a slip was read over.
    pub root: Option<Node<'t>>,
    /// What was wrong.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads one JSON text.
pub fn parse<'t>(text: &'t str, file: FileId, limits: Limits) -> Parsed<'t> {
    if let Some(problem) = size_problem(text.len(), limits) {
        return Parsed { root: None, diagnostics: vec![problem] };
    }
    reader::parse(text, file, limits.depth)
}

/// Bytes that are no text to read.
#[derive(Clone, Debug)]
pub struct Undecodable {
    /// What to show in their place: the faulty bytes replaced.
    pub shown: String,
    /// What is wrong, with its place in `shown`.
    pub problem: Diagnostic,
}

/// Bytes as text.
pub fn decode(bytes: &[u8], file: FileId, limits: Limits) -> Result<&str, Box<Undecodable>> {
    if let Some(problem) = size_problem(bytes.len(), limits) {
        return Err(Box::new(Undecodable { shown: String::new(), problem }));
    }
    std::str::from_utf8(bytes).map_err(|error| {
        let start = u32::try_from(error.valid_up_to()).unwrap_or(u32::MAX);
        let span = Span { file, start, end: start.saturating_add(3) }; // U+FFFD takes three bytes
        let problem = Diagnostic::new(Code::NotUtf8, Some(span), "the text is not UTF-8")
            .label("this byte starts no character")
            .help("save the file as UTF-8 without a byte-order mark");
        Box::new(Undecodable { shown: String::from_utf8_lossy(bytes).into_owned(), problem })
    })
}

fn size_problem(bytes: usize, limits: Limits) -> Option<Diagnostic> {
    let most = limits.bytes.min(u32::MAX as usize);
    (bytes > most).then(|| {
        Diagnostic::new(Code::TooLarge, None, format!("the text has {bytes} bytes, more than the {most} that are read"))
    })
}

#[cfg(test)]
mod tests;
