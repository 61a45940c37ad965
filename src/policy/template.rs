//! Pattern text taken apart: characters, wildcards, policy variables (spec 3, 4).

/// One piece of a pattern.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Piece {
    /// This character and no other (also `${*}`, `${?}`, `${$}`: spec 4.2).
    Char(char),
    /// `?`
    One,
    /// `*`
    Many,
    /// `${key}` or `${key, 'default'}` (spec 4.1), only where variables are active.
    Variable(Variable),
    /// `${}`: the entry matches nothing (spec 4.1; error EMPTY_VARIABLE).
    Nothing,
}

/// A policy variable.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Variable {
    /// The condition key in lower case.
    pub key: String,
    /// The default text, taken literally; may be empty.
    pub default: Option<String>,
}

/// A pattern as a sequence of pieces.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Template {
    /// In order of the text.
    pub pieces: Vec<Piece>,
}
