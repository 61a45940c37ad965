//! Sources: the texts that were read, and byte ranges in them.

use std::sync::Arc;

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
        self.files.push(Source { name: name.into(), text: text.into() });
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

    /// Line and column of a byte offset. Linear in the length of the text.
    pub fn line_column(&self, file: FileId, offset: u32) -> LineColumn {
        let text = self.get(file).map_or("", |f| &*f.text);
        let head = text.get(..offset as usize).unwrap_or(text);
        let line = head.bytes().filter(|b| *b == b'\n').count() + 1;
        let column = head.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        LineColumn { line: u32::try_from(line).unwrap_or(u32::MAX), column: u32::try_from(column).unwrap_or(u32::MAX) }
    }
}
