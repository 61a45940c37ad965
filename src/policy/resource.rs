//! Entries of `Resource` and `NotResource` (spec 2.6, 3.2).

use crate::policy::template::Template;
use crate::source::Span;

/// One entry.
#[derive(Clone, Debug)]
pub struct ResourceEntry {
    /// As written.
    pub text: String,
    /// What it matches.
    pub pattern: ResourcePattern,
    /// The string as written, quotes included.
    pub span: Span,
}

/// What a resource entry matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResourcePattern {
    /// All `*`: every resource, and requests without one.
    All,
    /// An ARN pattern split on the colons outside `${…}` into one to six fields; the first is `arn`, the sixth keeps
    /// its colons. Variables occur in the sixth field only (elsewhere the text is literal: VARIABLE_IN_EARLY_FIELD).
    Arn(Vec<Template>),
    /// Not an ARN: matches nothing (error BAD_ARN).
    Nothing,
}
