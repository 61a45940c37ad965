//! Things to say about an input: a stable code, a place, a hint (spec 2.9).

use crate::source::Span;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The service would not store the document: it is not analysed (spec 0.2).
    Fatal,
    /// Analysed, but never ends in PASS unless `--lenient`.
    Error,
    /// Probably not what was meant.
    Warning,
    /// Could be written better.
    Suggestion,
}

/// One thing to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The stable code.
    pub code: Code,
    /// Severity in this document (some codes depend on the policy kind).
    pub severity: Severity,
    /// One sentence: lower case, no full stop, user text in backticks.
    pub message: String,
    /// The place; `None` for the document as a whole.
    pub span: Option<Span>,
    /// A few words under the place.
    pub label: String,
    /// Other places with a few words each (`first here`).
    pub secondary: Vec<(Span, String)>,
    /// What to write instead.
    pub help: Option<String>,
}

/// Stable codes; kebab-case names are the specification's (spec 2.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// Not JSON.
    JsonSyntax,
}
