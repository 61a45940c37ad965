//! Theories: which combinations of literals some values satisfy.

pub(crate) mod walk;
