//! Where answers go: results to standard output, everything else to standard error; colour when it is welcome.

use std::io::{ErrorKind, IsTerminal, Write};

use crate::cli::Failure;
use crate::cli::options::{ColorChoice, Format, Output};
use crate::report::paint::Paint;
use crate::report::text::Length;

/// How and where to show answers.
#[derive(Clone, Copy, Debug)]
pub struct Terminal {
    /// Text or JSON.
    pub format: Format,
    /// Colour of the text.
    pub paint: Paint,
    /// Colour of what goes to standard error.
    pub error_paint: Paint,
    /// How much of it.
    pub length: Length,
    /// Whether to say also how to reproduce it.
    pub verbose: bool,
}

impl Terminal {
    /// As the options and the environment ask.
    pub fn of(output: &Output) -> Terminal {
        let environment = |terminal| Environment {
            no_color: set("NO_COLOR"),
            force: std::env::var_os("CLICOLOR_FORCE").is_some_and(|value| !value.is_empty() && value != "0"),
            dumb: std::env::var_os("TERM").is_some_and(|value| value == "dumb"),
            terminal,
        };
        let length = if output.all { Length::Full } else { Length::Short };
        Terminal {
            format: output.format(),
            paint: paint(output.color, environment(std::io::stdout().is_terminal())),
            error_paint: paint(output.color, environment(std::io::stderr().is_terminal())),
            length,
            verbose: output.verbose,
        }
    }

    /// Writes a result. A reader that went away (`keyaki … | head`) is not an error.
    ///
    /// # Errors
    /// Standard output does not take it.
    pub fn show(&self, text: &str) -> Result<(), Failure> {
        let mut out = std::io::stdout().lock();
        let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        match written {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                Err(Failure::CouldNotRun(format!("error: cannot write to standard output: {error}")))
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Writes to standard error. If that fails there is nobody left to tell.
    pub fn complain(&self, text: &str) {
        if !text.is_empty() {
            let _nobody_listens = writeln!(std::io::stderr().lock(), "{}", text.trim_end());
        }
    }
}

/// What the environment says about colour.
#[derive(Clone, Copy, Debug)]
struct Environment {
    no_color: bool,
    force: bool,
    dumb: bool,
    terminal: bool,
}

/// The option first, then `NO_COLOR`, then `CLICOLOR_FORCE`, then whether a person is looking.
fn paint(choice: ColorChoice, environment: Environment) -> Paint {
    let ansi = match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto if environment.no_color => false,
        ColorChoice::Auto if environment.force => true,
        ColorChoice::Auto => environment.terminal && !environment.dumb,
    };
    if ansi { Paint::Ansi } else { Paint::Plain }
}

/// Set to something.
fn set(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_follows_option_then_environment_then_terminal() {
        let plain = Environment { no_color: false, force: false, dumb: false, terminal: false };
        let rows = [
            (ColorChoice::Auto, plain, Paint::Plain),
            (ColorChoice::Auto, Environment { terminal: true, ..plain }, Paint::Ansi),
            (ColorChoice::Auto, Environment { terminal: true, dumb: true, ..plain }, Paint::Plain),
            (ColorChoice::Auto, Environment { terminal: true, no_color: true, ..plain }, Paint::Plain),
            (ColorChoice::Auto, Environment { force: true, ..plain }, Paint::Ansi),
            (ColorChoice::Auto, Environment { force: true, no_color: true, ..plain }, Paint::Plain),
            (ColorChoice::Always, Environment { no_color: true, ..plain }, Paint::Ansi),
            (ColorChoice::Never, Environment { terminal: true, force: true, ..plain }, Paint::Plain),
        ];
        for (choice, environment, expected) in rows {
            assert_eq!(paint(choice, environment), expected, "{choice:?} {environment:?}");
        }
    }
}
