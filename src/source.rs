//! Sources: the texts that were read, and byte ranges in them.

use std::sync::{Arc, OnceLock};

/// Index of a text in [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A byte range of one text: `start` inclusive, `end` exclusive, both on character boundaries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The text.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// Bytes.
    pub fn len(self) -> usize {
        self.end.saturating_sub(self.start) as usize
    }

    /// Whether it covers nothing.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }
}

/// A place as people count: both from 1; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineColumn {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// One text and the name its reader gave it.
#[derive(Clone, Debug)]
pub struct Source {
    /// As the user named it: a path, `<stdin>`, `<inline>`.
    pub name: String,
    /// The text that spans refer to; shared, so that a tree can borrow it while more texts are added.
    pub text: Arc<str>,
    index: OnceLock<Index>,
}

/// Bytes between two counts of characters.
const STRIDE: usize = 1024;

/// Where lines begin and how many characters precede every [`STRIDE`] bytes: places are then found without reading the
/// text again, however many are asked for. Made when the first place is asked for.
#[derive(Clone, Debug)]
struct Index {
    /// The first byte of every line.
    lines: Vec<usize>,
    /// Characters before each stride.
    characters: Vec<usize>,
}

impl Index {
    fn of(text: &str) -> Index {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at.saturating_add(1));
        let mut characters = vec![0];
        let mut count = 0usize;
        for stride in text.as_bytes().chunks(STRIDE) {
            count = count.saturating_add(characters_in(stride));
            characters.push(count);
        }
        Index { lines: std::iter::once(0).chain(breaks).collect(), characters }
    }

    /// Characters before a byte.
    fn characters_before(&self, text: &str, offset: usize) -> usize {
        let stride = offset / STRIDE;
        let before = self.characters.get(stride).copied().unwrap_or(0);
        before.saturating_add(characters_in(text.as_bytes().get(stride * STRIDE..offset).unwrap_or_default()))
    }
}

/// Bytes that begin a character.
fn characters_in(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0b1100_0000 != 0b1000_0000).count()
}

impl Source {
    fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::of(&self.text))
    }

    /// A line by its number from 0, without its line end; empty past the last.
    pub fn line(&self, number: usize) -> &str {
        let lines = &self.index().lines;
        let Some(start) = lines.get(number) else { return "" };
        let end = lines.get(number.saturating_add(1)).copied().unwrap_or(self.text.len());
        self.text.get(*start..end).unwrap_or("").trim_end_matches(['\n', '\r'])
    }
}

/// All texts of a run.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<Source>,
}

impl Sources {
    /// Adds a text. At most `u32::MAX` texts, each at most `u32::MAX` bytes (readers refuse far smaller ones).
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<Arc<str>>) -> FileId {
        let id = self.next_id();
        self.files.push(Source { name: name.into(), text: text.into(), index: OnceLock::new() });
        id
    }

    /// The id that the next text will get.
    pub fn next_id(&self) -> FileId {
        FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX))
    }

    /// The text with this id, if there is one.
    pub fn get(&self, id: FileId) -> Option<&Source> {
        self.files.get(id.0 as usize)
    }

    /// All texts in the order of their ids.
    pub fn all(&self) -> impl Iterator<Item = &Source> {
        self.files.iter()
    }

    /// The text with this id, shared; empty if there is none.
    pub fn shared(&self, id: FileId) -> Arc<str> {
        self.get(id).map_or_else(|| Arc::from(""), |file| Arc::clone(&file.text))
    }

    /// The name of the text with this id; empty if there is none.
    pub fn name(&self, id: FileId) -> &str {
        self.get(id).map_or("", |file| file.name.as_str())
    }

    /// The piece of text under a span; empty if the span is not of these sources.
    pub fn text(&self, span: Span) -> &str {
        self.get(span.file).and_then(|f| f.text.get(span.start as usize..span.end as usize)).unwrap_or("")
    }

    /// Characters before a byte offset; an offset past the end counts as the end.
    pub fn characters_before(&self, file: FileId, offset: u32) -> usize {
        let Some(source) = self.get(file) else { return 0 };
        source.index().characters_before(&source.text, (offset as usize).min(source.text.len()))
    }

    /// Line and column of a byte offset; an offset past the end counts as the end. Cheap, but for the first of a text.
    pub fn line_column(&self, file: FileId, offset: u32) -> LineColumn {
        let Some(source) = self.get(file) else { return LineColumn { line: 1, column: 1 } };
        let offset = (offset as usize).min(source.text.len());
        let index = source.index();
        let line = index.lines.partition_point(|start| *start <= offset).max(1);
        let start = index.lines.get(line.saturating_sub(1)).copied().unwrap_or(0);
        let characters = |at| index.characters_before(&source.text, at);
        let column = characters(offset).saturating_sub(characters(start)).saturating_add(1);
        LineColumn { line: u32::try_from(line).unwrap_or(u32::MAX), column: u32::try_from(column).unwrap_or(u32::MAX) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_agree_with_counting() {
        let text = "{\n  \"ä\": \"€𝄞\",\r\n\n}".repeat(400);
        let mut sources = Sources::default();
        let file = sources.add("p.json", text.as_str());
        for (offset, _) in text.char_indices().chain([(text.len(), ' ')]) {
            let head = &text[..offset];
            let line = head.matches('\n').count() + 1;
            let column = head.rsplit('\n').next().unwrap().chars().count() + 1;
            let found = sources.line_column(file, u32::try_from(offset).unwrap());
            assert_eq!((found.line as usize, found.column as usize), (line, column), "{offset}");
        }
        assert_eq!(sources.line_column(file, u32::MAX).column, 2);
        assert_eq!(sources.get(file).unwrap().line(1), "  \"ä\": \"€𝄞\",");
        assert_eq!(sources.get(file).unwrap().line(usize::MAX), "");
    }

    #[test]
    fn an_empty_text_has_one_place() {
        let mut sources = Sources::default();
        let file = sources.add("p.json", "");
        assert_eq!(sources.line_column(file, 5), LineColumn { line: 1, column: 1 });
    }
}
