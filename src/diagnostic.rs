//! Things to say about an input: a stable code, a place, a hint (spec 2.9).

mod code;

pub use code::{Code, Page};

use crate::source::Span;

/// More diagnostics than this are not collected from one text.
pub const MOST_DIAGNOSTICS: usize = 1000;

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

impl Severity {
    /// As written in reports: `fatal` and `error` differ there by what follows, not by name.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Fatal => "fatal",
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Suggestion => "suggestion",
        }
    }
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

/// What is wrong with an input that is no policy: a request, a scenario, an option's value. It has no code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// One sentence, as in a diagnostic.
    pub message: String,
    /// The place, if it has one.
    pub span: Option<Span>,
    /// What to write instead.
    pub help: Option<String>,
}

impl Fault {
    /// With nothing but a message and a place.
    pub fn new(span: Span, message: impl Into<String>) -> Self {
        Fault { message: message.into(), span: Some(span), help: None }
    }

    /// With what to write instead.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        Fault { help: Some(help.into()), ..self }
    }
}

impl Diagnostic {
    /// With the code's usual severity and nothing but a message.
    pub fn new(code: Code, span: Option<Span>, message: impl Into<String>) -> Self {
        Diagnostic {
            code,
            severity: code.severity(),
            message: message.into(),
            span,
            label: String::new(),
            secondary: Vec::new(),
            help: None,
        }
    }

    /// With a few words under the place.
    #[must_use]
    pub fn label(self, label: impl Into<String>) -> Self {
        Diagnostic { label: label.into(), ..self }
    }

    /// With what to write instead.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        Diagnostic { help: Some(help.into()), ..self }
    }

    /// With another place.
    #[must_use]
    pub fn also(mut self, span: Span, label: impl Into<String>) -> Self {
        self.secondary.push((span, label.into()));
        self
    }

    /// With another severity than the code's usual one.
    #[must_use]
    pub fn severity(self, severity: Severity) -> Self {
        Diagnostic { severity, ..self }
    }
}
