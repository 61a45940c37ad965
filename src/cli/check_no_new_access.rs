//! `keyaki check-no-new-access`: does the new policy allow a request that the existing one does not?

use std::ffi::OsString;

use clap::Args;

use crate::certificate::Property;
use crate::checks::{self, Proof, pose};
use crate::cli::Failure;
use crate::cli::certificate;
use crate::cli::document::{Documents, Given, Reading, Side, refusal};
use crate::cli::exit::Exit;
use crate::cli::options::{Asking, Fixed, Format, kind};
use crate::cli::terminal::Terminal;
use crate::policy::Kind;
use crate::report::{Answer, Question, json, text};

/// Does the new policy allow a request that the existing one does not?
///
/// Any document can be the existing side, so a bound ("never more than this") is checked the same way. A document is a
/// path, file://path, - for standard input, or inline JSON. Either side may be a stack: {"identity","resource","scps",
/// "rcps","boundary","session","endpoint","managementAccount"}, of which the members that are absent restrict nothing.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The existing policy, or the bound
    #[arg(long, visible_alias = "existing", value_name = "DOCUMENT")]
    existing_policy_document: OsString,
    /// The new policy
    #[arg(long, visible_alias = "new", value_name = "DOCUMENT")]
    new_policy_document: OsString,
    /// What both documents are attached to; inferred from the documents if absent
    #[arg(long, visible_alias = "type", value_name = "TYPE", value_parser = kind)]
    policy_type: Option<Kind>,
    #[command(flatten)]
    asking: Asking,
    #[command(flatten)]
    fixed: Fixed,
}

const EXAMPLES: &str = "\
Examples:
  keyaki check-no-new-access --existing old.json --new new.json
  git show HEAD:policy.json | keyaki check-no-new-access --existing - --new policy.json
  keyaki check-no-new-access --existing-policy-document file://old.json \\
      --new-policy-document file://new.json --policy-type IDENTITY_POLICY --output json";

/// Runs the command.
pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let mut documents = Documents::default();
    let strictness = arguments.asking.strictness();
    let how = |side| Reading { kind: arguments.policy_type, side, strictness };
    let old = documents.given(&arguments.existing_policy_document, how(Side::Existing))?;
    let new = documents.given(&arguments.new_policy_document, how(Side::Asked))?;
    let catalogue = documents.catalogue(arguments.fixed.catalogue.as_deref())?;
    let admission = documents.admitted(strictness, terminal)?;
    let (Some(old), Some(new)) = (old, new) else { return Err(refusal("a document", &documents.diagnostics)) };
    let settings = arguments.asking.settings(&arguments.fixed);
    let (existing, asked) = (old.document.side(), new.document.side());
    let question = checks::Question::no_new_access(existing, asked, &catalogue, &settings);
    let property = || property(&old, &new, &arguments.fixed, arguments.asking.lenient, &documents);
    let report = checks::ask(&question)
        .map_err(|disagreement| certificate::defect(&disagreement, &property(), &documents))?
        .admitted(admission, &documents.diagnostics);
    let posed = |proof: &Proof| pose(&question, &proof.relations, &proof.readings);
    certificate::keep(&arguments.asking, &report, property, posed, terminal)?;
    let answer = Answer {
        question: Question::NoNewAccess { existing: old.named() },
        asked: new.named(),
        report: &report,
        diagnostics: &documents.diagnostics,
        sources: &documents.sources,
        catalogue: &catalogue,
    };
    show(&answer, terminal)?;
    Ok(Exit::from(report.verdict))
}

/// What was asked, as certificates say it.
pub(super) fn property(old: &Given, new: &Given, fixed: &Fixed, lenient: bool, documents: &Documents) -> Property {
    let property = certificate::with_document(Property::of("no-new-access"), "existing", old);
    certificate::with_fixed(certificate::with_document(property, "new", new), fixed, lenient, documents)
}

/// Shows the answer to a check in the format asked for.
pub(super) fn show(answer: &Answer<'_>, terminal: &Terminal) -> Result<(), Failure> {
    let shown = match terminal.format {
        Format::Json => format!("{}\n", json::answer(answer)),
        Format::Text => text::answer(answer, terminal.paint, terminal.length),
    };
    terminal.show(&shown)
}
