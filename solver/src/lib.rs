//! Satisfiability of Boolean formulas over texts, ordered values and sets of texts.

pub mod budget;
pub mod certificate;
pub mod chars;
pub mod checker;
pub mod decimal;
pub mod evaluate;
pub mod fixing;
pub mod formula;
mod generalise;
pub mod glob;
pub mod interval;
mod justify;
pub mod language;
pub mod quantifier;
pub mod record;
mod sat;
pub mod search;
mod skeleton;
mod theory;

pub use theory::check::{Limit, Undecided, Values};
