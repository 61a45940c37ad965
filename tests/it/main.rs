//! One integration-test binary.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that cannot go on says so by panicking, and what it did not run by printing"
)]

mod cli;
mod corpus;
mod counterexamples;
mod data;
mod diagnostics;
mod differential;
mod generate;
mod metamorphic;
mod reference;
mod report;
mod tidy;
mod vectors;
