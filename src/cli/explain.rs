//! `keyaki explain`: the page of a diagnostic code.

use clap::Args;

use crate::cli::Failure;
use crate::cli::exit::Exit;
use crate::cli::options::Format;
use crate::cli::terminal::Terminal;
use crate::diagnostic::Code;
use crate::policy::read::nearest;
use crate::report::paint::printable;
use crate::report::{json, text};

/// What does a diagnostic code mean, and what to write instead?
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  keyaki explain dup-key")]
pub struct Arguments {
    /// The code as diagnostics show it in brackets
    #[arg(value_name = "CODE")]
    code: String,
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let name = arguments.code.trim_matches(['[', ']']);
    let Some(code) = Code::from_name(name) else { return Err(unknown(name)) };
    let shown = match terminal.format {
        Format::Json => format!("{}\n", json::page(code)),
        Format::Text => text::page(code, terminal.paint),
    };
    terminal.show(&shown)?;
    Ok(Exit::Holds)
}

fn unknown(name: &str) -> Failure {
    let near = nearest(name, Code::ALL.iter().map(|code| code.name()));
    let help = near.map_or(String::new(), |near| format!("\n  = help: did you mean `{near}`?"));
    Failure::CouldNotRun(format!("error: `{}` is no diagnostic code{help}", printable(name)))
}
