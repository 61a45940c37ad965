//! Three readings of the semantics against each other: the reference evaluator, the concrete and the symbolic one.
//!
//! Every test runs a smoke number of cases; `KEYAKI_CASES` sets another number, `KEYAKI_FROM` the first seed.

mod access;
mod agreement;
mod bytes;
mod compiled;
mod diff;
mod findings;
mod json;
mod laws;
mod managed;
mod pairs;
mod pinned;
mod smaller;
mod world;

pub(crate) use pairs::settings;
pub(crate) use world::policy;
