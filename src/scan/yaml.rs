//! YAML as trees with places: the short tags of templates become their long forms.

use saphyr_parser::{Event, Parser, ScalarStyle, Span as Place, Tag};

use crate::scan::tree::{Entry, Text, Tree, Value};
use crate::source::{FileId, Span};

/// Nested lists and objects.
const DEEPEST: usize = 128;
/// Values that aliases may repeat, all together.
const MOST_REPEATED: usize = 100_000;

/// Reads all documents of a text.
///
/// # Errors
/// What is wrong, with its place.
pub(super) fn parse(text: &str, file: FileId) -> Result<Vec<Tree>, (String, Span)> {
    let mut builder = Builder::new(text, file);
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        match event {
            Ok((event, place)) => builder.event(event, place)?,
            Err(error) => {
                let at = builder.offset(error.marker().index());
                return Err((error.info().to_owned(), Span { file, start: at, end: at }));
            }
        }
    }
    Ok(builder.documents)
}

/// A list or object that is not closed yet.
struct Level {
    tag: Option<String>,
    anchor: usize,
    span: Span,
    sort: Sort,
}

enum Sort {
    List(Vec<Tree>),
    /// Members, and the name that waits for its value.
    Map(Vec<Entry>, Option<(Text, Span)>),
}

struct Builder {
    file: FileId,
    /// The byte of every character, and the end.
    offsets: Vec<u32>,
    levels: Vec<Level>,
    anchors: Vec<(usize, Tree)>,
    repeated: usize,
    documents: Vec<Tree>,
}

impl Builder {
    fn new(text: &str, file: FileId) -> Builder {
        let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
        let offsets = ends.map(|at| u32::try_from(at).unwrap_or(u32::MAX)).collect();
        Builder { file, offsets, levels: Vec::new(), anchors: Vec::new(), repeated: 0, documents: Vec::new() }
    }

    fn offset(&self, index: usize) -> u32 {
        self.offsets.get(index).or(self.offsets.last()).copied().unwrap_or(0)
    }

    fn span(&self, place: Place) -> Span {
        Span { file: self.file, start: self.offset(place.start.index()), end: self.offset(place.end.index()) }
    }

    fn event(&mut self, event: Event<'_>, place: Place) -> Result<(), (String, Span)> {
        let span = self.span(place);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let tag = tag.as_deref().and_then(short);
                let value = scalar(&text, style, tag.is_some());
                self.value(Tree { span, value }, tag, anchor)
            }
            Event::SequenceStart(anchor, tag) => self.open(Sort::List(Vec::new()), anchor, tag.as_deref(), span),
            Event::MappingStart(anchor, tag) => self.open(Sort::Map(Vec::new(), None), anchor, tag.as_deref(), span),
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            Event::Alias(anchor) => {
                let found = self.anchors.iter().rev().find(|(id, _)| *id == anchor).map(|(_, tree)| tree.clone());
                let Some(tree) = found else { return Err(("an alias inside of what it names".to_owned(), span)) };
                self.repeated = self.repeated.saturating_add(size(&tree));
                if self.repeated > MOST_REPEATED {
                    return Err(("aliases repeat too much".to_owned(), span));
                }
                self.value(tree, None, 0)
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => {
                Ok(())
            }
        }
    }

    fn open(&mut self, sort: Sort, anchor: usize, tag: Option<&Tag>, span: Span) -> Result<(), (String, Span)> {
        if self.levels.len() >= DEEPEST {
            return Err(("nested too deep".to_owned(), span));
        }
        self.levels.push(Level { tag: tag.and_then(short), anchor, span, sort });
        Ok(())
    }

    fn close(&mut self) -> Result<(), (String, Span)> {
        let Some(level) = self.levels.pop() else { return Ok(()) };
        let (value, end) = match level.sort {
            Sort::List(trees) => {
                let end = trees.last().map(|tree| tree.span.end);
                (Value::List(trees), end)
            }
            Sort::Map(entries, _) => {
                let end = entries.last().map(|entry| entry.value.span.end);
                (Value::Map(entries), end)
            }
        };
        // the end that the parser tells lies behind the blanks that follow; a flow collection has its bracket there
        let span = Span { end: end.unwrap_or(level.span.end).max(level.span.end), ..level.span };
        self.value(Tree { span, value }, level.tag, level.anchor)
    }

    /// A finished value: with a tag it is the argument of a function.
    fn value(&mut self, tree: Tree, tag: Option<String>, anchor: usize) -> Result<(), (String, Span)> {
        let tree = match tag {
            Some(tag) => applied(&tag, tree),
            None => tree,
        };
        if anchor > 0 {
            self.anchors.push((anchor, tree.clone()));
        }
        match self.levels.last_mut() {
            None => self.documents.push(tree),
            Some(Level { sort: Sort::List(trees), .. }) => trees.push(tree),
            Some(Level { sort: Sort::Map(entries, waiting), .. }) => match waiting.take() {
                Some((key, key_span)) => entries.push(Entry { key, key_span, value: tree }),
                None => {
                    let key = match &tree.value {
                        Value::Text(text) => text.clone(),
                        Value::Number(text) => Text::known(text.as_str()),
                        Value::Bool(value) => Text::known(value.to_string()),
                        Value::Null => Text::known("null"),
                        Value::List(_) | Value::Map(_) | Value::Unknown(_) => {
                            return Err(("the name of a member is no text".to_owned(), tree.span));
                        }
                    };
                    *waiting = Some((key, tree.span));
                }
            },
        }
        Ok(())
    }
}

fn size(tree: &Tree) -> usize {
    match &tree.value {
        Value::List(trees) => trees.iter().map(size).fold(1, usize::saturating_add),
        Value::Map(entries) => entries.iter().map(|entry| size(&entry.value)).fold(1, usize::saturating_add),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::Unknown(_) => 1,
    }
}

/// The name of a short tag: `Sub` of `!Sub`.
fn short(tag: &Tag) -> Option<String> {
    (tag.handle == "!" && !tag.suffix.is_empty()).then(|| tag.suffix.clone())
}

/// The long form of a short tag.
fn applied(tag: &str, tree: Tree) -> Tree {
    let span = tree.span;
    let name = match tag {
        "Ref" | "Condition" => tag.to_owned(),
        other => format!("Fn::{other}"),
    };
    let argument = match (tag, &tree.value) {
        ("GetAtt", Value::Text(text)) => match text.as_known().and_then(|text| text.split_once('.')) {
            Some((resource, attribute)) => {
                let parts = [resource, attribute].map(|part| Tree::text(span, part));
                Tree { span, value: Value::List(parts.into()) }
            }
            None => tree,
        },
        _ => tree,
    };
    let entry = Entry { key: Text::known(name), key_span: span, value: argument };
    Tree { span, value: Value::Map(vec![entry]) }
}

/// A scalar by the core schema; what a tag is applied to is text.
fn scalar(text: &str, style: ScalarStyle, tagged: bool) -> Value {
    if style != ScalarStyle::Plain || tagged {
        return Value::Text(Text::known(text));
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        number if is_number(number) => Value::Number(number.to_owned()),
        other => Value::Text(Text::known(other)),
    }
}

/// Numbers as JSON writes them; others stay texts.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    all(whole) && all(fraction) && (whole == "0" || !whole.starts_with('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Tree {
        parse(text, FileId(0)).unwrap().remove(0)
    }

    #[test]
    fn tags_become_functions() {
        let tree = one("A: !GetAtt Queue.Arn\nB: !Sub\n  - '${x}'\n  - x: 1\nC: !Ref P\nD: 2012-10-17\n");
        let attribute = tree.get("A").unwrap().get("Fn::GetAtt").unwrap();
        assert_eq!(attribute.as_list().unwrap().iter().filter_map(Tree::as_str).collect::<Vec<_>>(), ["Queue", "Arn"]);
        assert_eq!(tree.get("B").unwrap().get("Fn::Sub").unwrap().as_list().unwrap().len(), 2);
        assert_eq!(tree.get("C").unwrap().get("Ref").unwrap().as_str(), Some("P"));
        assert_eq!(tree.get("D").unwrap().as_str(), Some("2012-10-17"));
    }

    #[test]
    fn places_are_bytes() {
        let text = "# ü\nName: ünder\n";
        let span = one(text).get("Name").unwrap().span;
        assert_eq!(&text[span.start as usize..span.end as usize], "ünder");
    }

    #[test]
    fn hostile_texts_end() {
        let bomb = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n\
                    d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e]\n";
        assert!(parse(bomb, FileId(0)).is_err());
        assert!(parse(&"[".repeat(100_000), FileId(0)).is_err());
        assert!(parse("a: *b", FileId(0)).is_err());
    }
}
