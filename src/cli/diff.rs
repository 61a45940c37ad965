//! `keyaki diff`: all access gained and lost between two policies.

use std::ffi::OsString;
use std::path::Path;

use clap::{Args, ValueEnum};

use crate::catalogue::Catalogue;
use crate::certificate::Property;
use crate::checks::claims::{Claims, difference};
use crate::checks::diff::{Diff, diff};
use crate::checks::{Admission, Settings};
use crate::cli::Failure;
use crate::cli::certificate::{self, Manner};
use crate::cli::document::{Documents, Given, Reading, Side, refusal};
use crate::cli::exit::Exit;
use crate::cli::options::{Asking, Fixed, Format, kind};
use crate::cli::terminal::Terminal;
use crate::policy::Kind;
use crate::report::{Compared, json, text};

/// All access gained and lost between two policies, in words.
///
/// Each part is a set of requests that lies wholly in the difference, with one of its requests. Together the parts are all
/// of the difference, proved, or it is said that there may be more. Both sides may be documents or stacks.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The old policy
    #[arg(value_name = "OLD", allow_hyphen_values = true)]
    old: OsString,
    /// The new policy
    #[arg(value_name = "NEW", allow_hyphen_values = true)]
    new: OsString,
    /// What both documents are attached to; inferred from the documents if absent
    #[arg(long, visible_alias = "type", value_name = "TYPE", value_parser = kind)]
    policy_type: Option<Kind>,
    /// Exit 1 if access was gained, lost, or either
    #[arg(long, value_name = "WHAT")]
    fail_on: Option<FailOn>,
    #[command(flatten)]
    asking: Asking,
    #[command(flatten)]
    fixed: Fixed,
}

/// `--fail-on`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// Access that the new policy allows and the old one does not.
    Gained,
    /// Access that the old policy allows and the new one does not.
    Lost,
    /// Either.
    Any,
}

const EXAMPLES: &str = "\
Examples:
  keyaki diff old.json new.json
  git show HEAD:policy.json | keyaki diff - policy.json --fail-on gained
  keyaki diff old.json new.json --output json";

/// Runs the command.
pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let mut documents = Documents::default();
    let strictness = arguments.asking.strictness();
    // each document bounds the other: both are read as an existing one may be
    let how = Reading { kind: arguments.policy_type, side: Side::Existing, strictness };
    let old = documents.given(&arguments.old, how)?;
    let new = documents.given(&arguments.new, how)?;
    let catalogue = documents.catalogue(arguments.fixed.catalogue.as_deref())?;
    let admission = documents.admitted(strictness, terminal)?;
    let (Some(old), Some(new)) = (old, new) else { return Err(refusal("a document", &documents.diagnostics)) };
    let settings = arguments.asking.settings(&arguments.fixed);
    let found = diff(old.document.side(), new.document.side(), &catalogue, &settings)
        .map_err(|disagreement| Failure::Internal(disagreement.what))?
        .admitted(admission, &documents.diagnostics);
    let compared = Compared {
        old: old.named(),
        new: new.named(),
        diff: &found,
        diagnostics: &documents.diagnostics,
        sources: &documents.sources,
        catalogue: &catalogue,
    };
    terminal.show(&match terminal.format {
        Format::Json => format!("{}\n", json::diff(&compared)),
        Format::Text => text::diff(&compared, terminal.paint, terminal.length),
    })?;
    let (gained, lost) = (!found.gained.parts.is_empty(), !found.lost.parts.is_empty());
    let fails = match arguments.fail_on {
        Some(FailOn::Gained) => gained,
        Some(FailOn::Lost) => lost,
        Some(FailOn::Any) => gained || lost,
        None => false,
    };
    let kept = match &arguments.asking.certificate {
        Some(path) if admission == Admission::Clean && found.is_complete() => {
            keep(path, arguments, [&old, &new], &found, (&catalogue, &settings, &documents), terminal)?
        }
        Some(path) => {
            certificate::not_written(path, "the parts are not proved to be all of the difference", terminal);
            Exit::Undecided
        }
        None => Exit::Holds,
    };
    let answered = if found.is_complete() { kept } else { Exit::Undecided };
    Ok(if fails { answered.and(Exit::Fails) } else { answered })
}

/// Writes the proof that the parts are all of the difference.
fn keep(
    path: &Path,
    arguments: &Arguments,
    [old, new]: [&Given; 2],
    found: &Diff,
    (catalogue, settings, documents): (&Catalogue, &Settings, &Documents),
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let property = property(old, new, Manner::of(&arguments.asking, &arguments.fixed), documents);
    let sides = [old.document.side(), new.document.side()];
    let proofs = difference(sides, catalogue, settings, found)
        .map_err(|disagreement| certificate::defect(&disagreement, &property, documents))?;
    match proofs {
        Some(proofs) => {
            certificate::keep_all(path, property, &Claims::Difference { sides, catalogue, settings }, proofs)?;
            Ok(Exit::Holds)
        }
        None => {
            certificate::not_written(path, "the parts were not proved to be all of the difference", terminal);
            Ok(Exit::Undecided)
        }
    }
}

/// What was asked, as certificates say it.
pub(super) fn property(old: &Given, new: &Given, manner: Manner<'_>, documents: &Documents) -> Property {
    let property = certificate::with_document(Property::of("diff"), "existing", old);
    certificate::with_manner(certificate::with_document(property, "new", new), manner, documents)
}
