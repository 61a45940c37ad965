//! The `keyaki` program: everything is in the library's `cli` module.

use std::process::ExitCode;

fn main() -> ExitCode {
    keyaki::cli::run(std::env::args_os()).into()
}
