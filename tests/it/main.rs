//! One integration-test binary.

mod vectors;
