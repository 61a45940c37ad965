//! One integration-test binary.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that cannot go on says so by panicking, and what it did not run by printing"
)]

mod account;
mod batch;
mod browser;
mod certificates;
mod certified;
mod cli;
mod command;
mod corpus;
mod counterexamples;
mod data;
mod diagnostics;
mod diff;
mod differential;
mod explain;
mod families;
mod findings;
mod folders;
mod generate;
mod metamorphic;
mod minify;
mod mutants;
mod outputs;
mod packs;
mod pipeline;
mod public;
mod reference;
mod report;
mod scan;
mod snapshots;
mod standard;
mod tidy;
mod validate;
mod vectors;
