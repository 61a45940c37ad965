//! `keyaki packs`: the packs and their pages.

use clap::Args;

use crate::cli::Failure;
use crate::cli::exit::Exit;
use crate::cli::options::{Format, kind};
use crate::cli::terminal::Terminal;
use crate::packs::{self, Pack};
use crate::policy::Kind;
use crate::policy::read::{did_you_mean, nearest};
use crate::report::packs as report;

/// Lists the packs of reference policies, or shows the page of one
///
/// A pack is named in `keyaki.toml` (`[checks.privilege-escalation]`) or asked for with `keyaki scan --pack NAME`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The pack whose page to show
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// Only its reference policy for this kind of policies, to adapt it
    #[arg(long, value_name = "KIND", value_parser = kind, requires = "name")]
    reference: Option<Kind>,
}

const EXAMPLES: &str = "\
Examples:
  keyaki packs
  keyaki packs privilege-escalation
  keyaki packs required-tags --reference identity > required-tags.json";

/// Runs the command.
pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let shown = match (&arguments.name, arguments.reference) {
        (None, _) => match terminal.format {
            Format::Json => report::list_json(&packs::all()),
            Format::Text => report::list(&packs::all(), terminal.paint),
        },
        (Some(name), None) => {
            let pack = find(name)?;
            match terminal.format {
                Format::Json => report::page_json(&pack),
                Format::Text => pack.page.to_owned(),
            }
        }
        (Some(name), Some(kind)) => {
            let text = find(name)?.reference_text(kind);
            let none = || Failure::CouldNotRun(format!("error: pack {name} has no reference policy for this kind"));
            text.ok_or_else(none)?.to_owned()
        }
    };
    terminal.show(&shown)?;
    Ok(Exit::Holds)
}

/// The pack, or the name that was probably meant.
pub(super) fn find(name: &str) -> Result<Pack, Failure> {
    packs::find(name).ok_or_else(|| {
        let meant = did_you_mean(nearest(name, packs::names()));
        let help = meant.unwrap_or_else(|| "`keyaki packs` lists them".to_owned());
        Failure::CouldNotRun(format!("error: there is no pack `{name}`\n  = help: {help}"))
    })
}
