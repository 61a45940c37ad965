//! Places in a document as the service gives them: the way from the top of the document, and lines, columns and offsets.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::json::{Limits, Node, Value, parse};
use crate::source::{FileId, Sources, Span};

/// One step from the top of a document to a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Into a list.
    Index(usize),
    /// To the name of a member.
    Key(String),
    /// To the value of a member.
    Value(String),
    /// Into a text, in characters.
    Substring {
        /// First character, from 0.
        start: usize,
        /// Characters.
        length: usize,
    },
}

/// A position: the line from 1, the rest from 0 and in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// From 1.
    pub line: u32,
    /// From 0.
    pub column: u32,
    /// From 0.
    pub offset: usize,
}

/// Where a byte of a text is.
pub fn position(sources: &Sources, span: Span, byte: u32) -> Position {
    let at = sources.line_column(span.file, byte);
    let offset = sources.characters_before(span.file, byte);
    Position { line: at.line, column: at.column.saturating_sub(1), offset }
}

/// The texts of some places.
#[derive(Clone, Debug)]
pub struct Texts {
    by_file: BTreeMap<FileId, Arc<str>>,
}

/// The trees of some texts, each read once.
#[derive(Clone, Debug)]
pub struct Trees<'t> {
    by_file: BTreeMap<FileId, (&'t str, Option<Node<'t>>)>,
}

impl Texts {
    /// The texts that hold the places.
    pub fn of(sources: &Sources, spans: impl IntoIterator<Item = Span>) -> Texts {
        Texts { by_file: spans.into_iter().map(|span| (span.file, sources.shared(span.file))).collect() }
    }

    /// Their trees.
    pub fn trees(&self) -> Trees<'_> {
        let read = |(file, text)| {
            let (file, text): (&FileId, &Arc<str>) = (file, text);
            (*file, (&**text, parse(text, *file, Limits::CONTAINER).root))
        };
        Trees { by_file: self.by_file.iter().map(read).collect() }
    }
}

impl Trees<'_> {
    /// The way to a place; as far as it can be told if the text is not JSON.
    pub fn path(&self, span: Span) -> Vec<Step> {
        let mut steps = Vec::new();
        if let Some((text, Some(root))) = self.by_file.get(&span.file) {
            descend(root, span, text, &mut steps);
        }
        steps
    }
}

/// Whether the inner place lies in the outer one.
fn within(inner: Span, outer: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

fn descend(node: &Node<'_>, span: Span, text: &str, steps: &mut Vec<Step>) {
    if node.span == span {
        return;
    }
    match &node.value {
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
        Value::String(_) => steps.extend(substring(node.span, span, text)),
        Value::Array(elements) => {
            if let Some((at, element)) = elements.iter().enumerate().find(|(_, element)| within(span, element.span)) {
                steps.push(Step::Index(at));
                descend(element, span, text, steps);
            }
        }
        Value::Object(members) => {
            for member in members {
                let name = || member.key.clone().into_owned();
                let whole = Span { end: member.value.span.end, ..member.key_span };
                if within(span, member.key_span) {
                    steps.push(Step::Key(name()));
                } else if within(span, member.value.span) {
                    steps.push(Step::Value(name()));
                    descend(&member.value, span, text, steps);
                } else if within(span, whole) {
                    steps.push(Step::Value(name()));
                } else {
                    continue;
                }
                return;
            }
        }
    }
}

/// A part of a string that is written without escapes before it.
fn substring(whole: Span, part: Span, text: &str) -> Option<Step> {
    if !within(part, whole) {
        return None;
    }
    let before = text.get(whole.start.saturating_add(1) as usize..part.start as usize)?;
    let inside = text.get(part.start as usize..part.end as usize)?;
    Some(Step::Substring { start: before.chars().count(), length: inside.chars().count() })
}

#[cfg(test)]
mod tests {
    use super::{Position, Step, Texts, position};
    use crate::source::{Sources, Span};

    const TEXT: &str = "{\n \"Statement\": [{\"Sid\": \"ä\", \"Action\": [\"s3:*\", \"a ${x\"], \"Condition\": {\"Bool\": {\"k\": \"v\"}}}]\n}";

    fn find(part: &str) -> (Vec<Step>, Position) {
        let mut sources = Sources::default();
        let file = sources.add("p", TEXT);
        let start = u32::try_from(TEXT.find(part).unwrap()).unwrap();
        let span = Span { file, start, end: start + u32::try_from(part.len()).unwrap() };
        (Texts::of(&sources, [span]).trees().path(span), position(&sources, span, start))
    }

    #[test]
    fn ways_to_places() {
        let value = |name: &str| Step::Value(name.to_owned());
        let statement = [value("Statement"), Step::Index(0)];
        let rows: [(&str, Vec<Step>); 6] = [
            ("\"s3:*\"", vec![value("Action"), Step::Index(0)]),
            ("\"Action\"", vec![Step::Key("Action".to_owned())]),
            ("${x", vec![value("Action"), Step::Index(1), Step::Substring { start: 2, length: 3 }]),
            ("\"k\": \"v\"", vec![value("Condition"), value("Bool"), value("k")]),
            ("[\"s3:*\", \"a ${x\"]", vec![value("Action")]),
            ("\"ä\"", vec![value("Sid")]),
        ];
        for (part, rest) in rows {
            let expected: Vec<Step> = statement.iter().cloned().chain(rest).collect();
            assert_eq!(find(part).0, expected, "{part}");
        }
    }

    #[test]
    fn characters_are_counted() {
        let at = find("\"Action\"").1;
        assert_eq!((at.line, at.column, at.offset), (2, 28, 30));
    }

    #[test]
    fn what_is_no_json_has_no_way() {
        let mut sources = Sources::default();
        let file = sources.add("p", "{\"a\":");
        let span = Span { file, start: 1, end: 2 };
        assert!(Texts::of(&sources, [span]).trees().path(span).is_empty());
    }
}
