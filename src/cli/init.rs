//! `keyaki init`: a commented `keyaki.toml` to begin with.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::PathBuf;

use clap::Args;

use crate::cli::Failure;
use crate::cli::exit::Exit;
use crate::cli::terminal::Terminal;

/// Writes a commented keyaki.toml, which says what `keyaki scan` holds policies to
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The file to write; an existing one is left alone
    #[arg(value_name = "FILE", default_value = "keyaki.toml")]
    file: PathBuf,
}

const EXAMPLES: &str = "\
Example:
  keyaki init
  keyaki scan .";

/// What is written.
const TEMPLATE: &str = include_str!("../standard/keyaki.toml");

/// Runs the command.
pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let name = arguments.file.display();
    let file = OpenOptions::new().write(true).create_new(true).open(&arguments.file);
    let written = file.and_then(|mut file| file.write_all(TEMPLATE.as_bytes()));
    match written {
        Ok(()) => {
            terminal.complain(&format!("{name} is written; next: keyaki scan ."));
            Ok(Exit::Holds)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            Err(Failure::CouldNotRun(format!("error: {name} is there already, and was left as it is")))
        }
        Err(error) => Err(Failure::CouldNotRun(format!("error: cannot write {name}: {error}"))),
    }
}
