//! Satisfiability of Boolean formulas over texts, ordered values and sets of texts.

pub mod budget;
pub mod chars;
pub mod decimal;
pub mod glob;
pub mod interval;
pub mod language;
pub mod record;
mod theory;
