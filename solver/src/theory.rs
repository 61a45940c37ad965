//! Theories: which combinations of literals some values satisfy.

pub(crate) mod check;
pub(crate) mod layout;
mod links;
mod moves;
pub(crate) mod scalars;
pub(crate) mod texts;
pub(crate) mod tied;
pub(crate) mod walk;
