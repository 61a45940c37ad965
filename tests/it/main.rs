//! One integration-test binary.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that cannot go on says so by panicking, and what it did not run by printing"
)]

mod batch;
mod certificates;
mod cli;
mod corpus;
mod counterexamples;
mod data;
mod diagnostics;
mod diff;
mod differential;
mod explain;
mod generate;
mod metamorphic;
mod minify;
mod packs;
mod public;
mod reference;
mod report;
mod standard;
mod tidy;
mod validate;
mod vectors;
