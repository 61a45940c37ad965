//! Entries of `Action` and `NotAction` (spec 2.6, 3.1).

use crate::policy::template::Template;
use crate::source::Span;

/// One entry.
#[derive(Clone, Debug)]
pub struct ActionEntry {
    /// As written.
    pub text: String,
    /// What it matches.
    pub pattern: ActionPattern,
    /// The string as written, quotes included.
    pub span: Span,
}

/// What an action entry matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActionPattern {
    /// `*`, `**`, `*:*`: every action.
    All,
    /// `prefix:name`, lower-cased, no wildcard in the prefix, no variables.
    Glob(Template),
    /// A wildcard in the service prefix (ACTION_VENDOR_WILDCARD), lower-cased: read so that no PASS rests on it
    /// (spec 2.6).
    VendorWildcard(Template),
    /// No colon, several colons, a blank or a comma: matches nothing (error).
    Nothing,
}
