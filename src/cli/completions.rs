//! `keyaki completions` and `keyaki man`: what a shell and a reader of manuals want to know of the command line.

use clap::{Args, Command};
use clap_complete::Shell;

use crate::cli::Failure;
use crate::cli::exit::Exit;
use crate::cli::terminal::Terminal;

/// Print the completions of a shell.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  keyaki completions bash > ~/.local/share/bash-completion/completions/keyaki")]
pub struct Arguments {
    /// The shell
    shell: Shell,
}

/// Print the manual page, or that of one command.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  keyaki man > keyaki.1\n  keyaki man evaluate | man -l -")]
pub struct ManArguments {
    /// The command
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
}

/// Prints completions.
pub(super) fn run(arguments: &Arguments, mut command: Command, terminal: &Terminal) -> Result<Exit, Failure> {
    let mut bytes = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, "keyaki", &mut bytes);
    terminal.show(&String::from_utf8_lossy(&bytes))?;
    Ok(Exit::Holds)
}

/// Prints a manual page.
pub(super) fn man(arguments: &ManArguments, mut command: Command, terminal: &Terminal) -> Result<Exit, Failure> {
    command.build();
    let page = match &arguments.command {
        None => command,
        Some(name) => match command.find_subcommand(name) {
            Some(found) => found.clone(),
            None => return Err(Failure::CouldNotRun(format!("error: there is no command `{name}`"))),
        },
    };
    let mut bytes = Vec::new();
    clap_mangen::Man::new(page)
        .render(&mut bytes)
        .map_err(|error| Failure::Internal(format!("the manual page was not made: {error}")))?;
    terminal.show(&String::from_utf8_lossy(&bytes))?;
    Ok(Exit::Holds)
}
