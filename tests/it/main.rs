//! One integration-test binary.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests stop at the first surprise")]

mod cli;
mod corpus;
mod diagnostics;
mod generate;
mod metamorphic;
mod reference;
mod report;
mod tidy;
mod vectors;
