//! One integration-test binary.

mod diagnostics;
