//! The command line: the only part that reads files, standard input and the environment, and that writes.

pub mod access;
pub mod batch;
pub mod certificate;
mod check;
pub mod check_access_not_granted;
pub mod check_no_external_access;
pub mod check_no_new_access;
pub mod check_no_public_access;
pub mod completions;
pub mod diff;
pub mod document;
pub mod evaluate;
pub mod exit;
pub mod explain;
pub mod findings;
mod folders;
pub mod init;
pub mod options;
pub mod packs;
mod progress;
mod reports;
pub mod scan;
mod snapshot;
pub mod standard;
pub mod terminal;
pub mod test;
pub mod validate_policy;
pub mod verify;

use std::ffi::OsString;

use clap::{CommandFactory, Parser, Subcommand};

use exit::Exit;
use options::Output;
use terminal::Terminal;

/// Answers questions about AWS access policies for every possible request, offline.
///
/// Three answers: PASS (no request violates the property; proved), FAIL (here is a request, replayed, and the statement to
/// blame), UNKNOWN (a stated limit was reached; never counted as PASS).
#[derive(Debug, Parser)]
#[command(name = "keyaki", version, after_help = AFTER_HELP, arg_required_else_help = true, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    output: Output,
}

const AFTER_HELP: &str = "\
Exit codes:
  0  every property holds, or the question was answered
  1  at least one property fails
  2  could not run: usage, input or output, malformed document
  3  undecided, or input was left unchecked
  4  internal error: a defect of keyaki, never a verdict

Example:
  keyaki check-no-new-access --existing old.json --new new.json";

#[derive(Debug, Subcommand)]
enum Command {
    CheckNoNewAccess(check_no_new_access::Arguments),
    CheckAccessNotGranted(check_access_not_granted::Arguments),
    CheckNoPublicAccess(check_no_public_access::Arguments),
    CheckNoExternalAccess(check_no_external_access::Arguments),
    Diff(diff::Arguments),
    Evaluate(evaluate::Arguments),
    ValidatePolicy(validate_policy::Arguments),
    Scan(scan::Arguments),
    Findings(findings::Arguments),
    Test(test::Arguments),
    Batch(batch::Arguments),
    Explain(explain::Arguments),
    Verify(verify::Arguments),
    Packs(packs::Arguments),
    Init(init::Arguments),
    Completions(completions::Arguments),
    Man(completions::ManArguments),
}

/// Why a command could not run.
#[derive(Debug)]
pub enum Failure {
    /// Usage, input or output, malformed document; the sentences have been written or are here.
    CouldNotRun(String),
    /// A defect of ours.
    Internal(String),
}

impl Failure {
    fn exit(&self) -> Exit {
        match self {
            Failure::CouldNotRun(_) => Exit::CouldNotRun,
            Failure::Internal(_) => Exit::Internal,
        }
    }

    fn text(&self) -> String {
        match self {
            Failure::CouldNotRun(text) => text.clone(),
            Failure::Internal(text) => {
                format!("error: internal: {text}\n  = this is a defect of keyaki, not a verdict")
            }
        }
    }
}

/// Runs the program with its arguments, the first being its own name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let terminal = Terminal::of(&cli.output);
    if !cli.output.is_plain() && !matches!(cli.command, Command::Scan(_)) {
        terminal.complain("error: only `scan` writes other formats than text and json, several, and into files");
        return Exit::CouldNotRun;
    }
    let result = match &cli.command {
        Command::CheckNoNewAccess(arguments) => check_no_new_access::run(arguments, &terminal),
        Command::CheckAccessNotGranted(arguments) => check_access_not_granted::run(arguments, &terminal),
        Command::CheckNoPublicAccess(arguments) => check_no_public_access::run(arguments, &terminal),
        Command::CheckNoExternalAccess(arguments) => check_no_external_access::run(arguments, &terminal),
        Command::Diff(arguments) => diff::run(arguments, &terminal),
        Command::Evaluate(arguments) => evaluate::run(arguments, &terminal),
        Command::ValidatePolicy(arguments) => validate_policy::run(arguments, &terminal),
        Command::Findings(arguments) => findings::run(arguments, &terminal),
        Command::Scan(arguments) => scan::run(arguments, &cli.output, &terminal),
        Command::Test(arguments) => test::run(arguments, &terminal),
        Command::Batch(arguments) => batch::run(arguments),
        Command::Explain(arguments) => explain::run(arguments, &terminal),
        Command::Verify(arguments) => verify::run(arguments, &terminal),
        Command::Packs(arguments) => packs::run(arguments, &terminal),
        Command::Init(arguments) => init::run(arguments, &terminal),
        Command::Completions(arguments) => completions::run(arguments, Cli::command(), &terminal),
        Command::Man(arguments) => completions::man(arguments, Cli::command(), &terminal),
    };
    let exit = result.unwrap_or_else(|failure| {
        terminal.complain(&failure.text());
        failure.exit()
    });
    if cli.output.exit_zero { exit.forgiven() } else { exit }
}

/// Help and version go to standard output and are no failure; a usage error goes to standard error. That its reader is
/// gone changes nothing.
fn usage(error: &clap::Error) -> Exit {
    let _reader_gone = error.print();
    if error.use_stderr() { Exit::CouldNotRun } else { Exit::Holds }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_shows_an_example() {
        for command in Cli::command().get_subcommands_mut() {
            let help = command.render_long_help().to_string();
            assert!(help.contains("Example"), "{} has no example", command.get_name());
            assert!(help.contains(&format!("keyaki {}", command.get_name())), "{}", command.get_name());
        }
    }
}
