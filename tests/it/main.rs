//! One integration-test binary.

mod diagnostics;
mod vectors;
