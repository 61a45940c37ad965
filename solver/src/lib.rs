//! Satisfiability of Boolean formulas over texts, ordered values and sets of texts.

pub mod decimal;
pub mod interval;
