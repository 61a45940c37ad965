//! Keyaki answers questions about AWS access policies for every possible request, offline.
//!
//! The pipeline, one module an arrow: [`json`] turns bytes into a tree with byte spans, [`policy`] turns the tree into
//! a typed document and [`diagnostic`]s, [`semantics`] says what a document means (over any algebra of truth values:
//! one request, all requests, or one request with reasons), [`checks`] poses the questions to the solver and replays
//! every counterexample, [`report`] shows the answers.
//!
//! The library does no I/O and reads no clock and no environment; [`cli`] does.

pub mod batch;
pub mod catalogue;
pub mod certificate;
pub mod checks;
pub mod cli;
pub mod diagnostic;
pub mod evaluation;
pub mod json;
pub mod minify;
pub mod packs;
pub mod policy;
pub mod report;
pub mod request;
pub mod scan;
pub mod scenario;
pub mod semantics;
pub mod snapshot;
pub mod source;
pub mod stack;
pub mod standard;
pub mod validation;
