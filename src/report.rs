//! Answers and diagnostics as people and programs see them.

pub mod diagnostic;
