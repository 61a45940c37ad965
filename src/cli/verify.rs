//! `keyaki verify`: does a certificate prove its property of these documents?

use std::ffi::OsString;
use std::fs::File as Opened;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args};
use serde_json::json;

use crate::certificate::{File, LONGEST, Refused};
use crate::checks::{Admission, Question, Settings, Strictness, pose};
use crate::cli::Failure;
use crate::cli::check_access_not_granted::{self, Listed};
use crate::cli::check_no_new_access;
use crate::cli::document::{Documents, Given, Reading, Side, refusal};
use crate::cli::exit::Exit;
use crate::cli::options::{Fixed, Format, kind};
use crate::cli::terminal::Terminal;
use crate::policy::Kind;
use crate::semantics::realizability::Relations;
use crate::semantics::symbolic::Readings;

/// Does a certificate prove its property of these documents?
///
/// The documents are read again and the question is put together again, from the options given here; the certificate is
/// believed in nothing. Each of its clauses must be one of the question's or a definition, each of its lemmas is decided
/// again with automata that the search does not use, each of its steps must follow from those before. The format is
/// described in the module `certificate` of the library.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
#[command(group = ArgGroup::new("asked").required(true).args(["new_policy_document", "policy_document"]))]
pub struct Arguments {
    /// The certificate
    #[arg(value_name = "CERTIFICATE")]
    certificate: PathBuf,
    /// The existing policy, or the bound
    #[arg(long, visible_alias = "existing", value_name = "DOCUMENT", requires = "new_policy_document")]
    existing_policy_document: Option<OsString>,
    /// The new policy
    #[arg(long, visible_alias = "new", value_name = "DOCUMENT", requires = "existing_policy_document")]
    new_policy_document: Option<OsString>,
    /// The policy that does not grant the listed access
    #[arg(long, visible_alias = "policy", value_name = "DOCUMENT")]
    policy_document: Option<OsString>,
    #[command(flatten)]
    listed: Listed,
    /// What the documents are attached to; inferred from the documents if absent
    #[arg(long, visible_alias = "type", value_name = "TYPE", value_parser = kind)]
    policy_type: Option<Kind>,
    /// Accept a document with errors that are not fatal
    #[arg(long)]
    lenient: bool,
    /// Work units to spend: counted, not timed
    #[arg(long, value_name = "N", default_value_t = Settings::DEFAULT_BUDGET, value_parser = clap::value_parser!(u64).range(1..))]
    budget: u64,
    #[command(flatten)]
    fixed: Fixed,
}

const EXAMPLES: &str = "\
Exit codes: 0 accepted, 1 rejected, 2 unreadable, 3 the budget ended.

Examples:
  keyaki check-no-new-access --existing old.json --new new.json --certificate pass.keyaki
  keyaki verify pass.keyaki --existing old.json --new new.json
  keyaki verify pass.keyaki --policy policy.json --access actions=s3:DeleteBucket";

/// The assumptions that it rests on, or why it is not accepted.
type Judgement = Result<Vec<String>, Refused>;

/// Runs the command.
pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let file = read(&arguments.certificate)?;
    let mut documents = Documents::default();
    let strictness = if arguments.lenient { Strictness::Lenient } else { Strictness::Ordinary };
    let how = |side| Reading { kind: arguments.policy_type, side, strictness };
    let mut given = |argument: &Option<OsString>, side| match argument {
        Some(argument) => documents.given(argument, how(side)).map(|given| (true, given)),
        None => Ok((false, None)),
    };
    let (has_existing, existing) = given(&arguments.existing_policy_document, Side::Existing)?;
    let asked = arguments.new_policy_document.clone().or_else(|| arguments.policy_document.clone());
    let (_, asked) = given(&asked, Side::Asked)?;
    let access = check_access_not_granted::accesses(&arguments.listed, &mut documents)?;
    let catalogue = documents.catalogue(arguments.fixed.catalogue.as_deref())?;
    let admission = documents.admitted(strictness, terminal)?;
    let (Some(asked), true) = (&asked, has_existing == existing.is_some()) else {
        return Err(refusal("a document", &documents.diagnostics));
    };
    let settings = Settings {
        budget: arguments.budget,
        principal: arguments.fixed.principal.clone(),
        resource_account: arguments.fixed.resource_account.clone(),
        ..Settings::default()
    };
    let question = match &existing {
        Some(old) => Question::no_new_access(old.document.side(), asked.document.side(), &catalogue, &settings),
        None => Question::access_not_granted(asked.document.side(), &access, &catalogue, &settings),
    };
    let property = match &existing {
        Some(old) => check_no_new_access::property(old, asked, &arguments.fixed, arguments.lenient, &documents),
        None => check_access_not_granted::property(asked, &access, &arguments.fixed, arguments.lenient, &documents),
    };
    let judgement = if admission == Admission::Clean {
        let posed = |relations: &Relations, readings: &Readings| pose(&question, relations, readings);
        file.verify(&property, posed, arguments.budget)
    } else {
        Err(Refused::Rejected("a document with errors never ends in PASS; see `--lenient`".to_owned()))
    };
    terminal.show(&shown(&judgement, existing.as_ref(), asked, &file, terminal.format))?;
    Ok(match judgement {
        Ok(_) => Exit::Holds,
        Err(Refused::Rejected(_)) => Exit::Fails,
        Err(Refused::Undecided(_)) => Exit::Undecided,
    })
}

fn read(path: &Path) -> Result<File, Failure> {
    let name = path.display();
    let unreadable = |what: String| Failure::CouldNotRun(format!("error: {name} cannot be read: {what}"));
    let opened = Opened::open(path).map_err(|error| unreadable(error.to_string()))?;
    let mut bytes = Vec::new();
    opened.take(LONGEST + 1).read_to_end(&mut bytes).map_err(|error| unreadable(error.to_string()))?;
    if bytes.len() as u64 > LONGEST {
        return Err(unreadable(format!("it is longer than {} MiB", LONGEST >> 20)));
    }
    let text = String::from_utf8(bytes).map_err(|_| unreadable("it is not UTF-8".to_owned()))?;
    File::read(&text).map_err(unreadable)
}

fn shown(judgement: &Judgement, existing: Option<&Given>, asked: &Given, file: &File, format: Format) -> String {
    let (result, reason) = match judgement {
        Ok(_) => ("ACCEPTED", ""),
        Err(Refused::Rejected(reason)) => ("REJECTED", reason.as_str()),
        Err(Refused::Undecided(reason)) => ("UNKNOWN", reason.as_str()),
    };
    match (format, judgement) {
        (Format::Json, Ok(assumptions)) => {
            format!("{}\n", json!({"result": result, "assumptions": assumptions, "schema": "keyaki/1"}))
        }
        (Format::Json, Err(_)) => format!("{}\n", json!({"result": result, "reason": reason, "schema": "keyaki/1"})),
        (Format::Text, Ok(assumptions)) => accepted(existing, asked, assumptions, file),
        (Format::Text, Err(_)) => format!("{result}  {reason}\n"),
    }
}

fn accepted(existing: Option<&Given>, asked: &Given, assumptions: &[String], file: &File) -> String {
    let claim = match existing {
        Some(existing) => format!("{} allows nothing that {} does not.", asked.name, existing.name),
        None => format!("{} grants none of the listed access.", asked.name),
    };
    let rests = if assumptions.is_empty() { "nothing but the documents".to_owned() } else { assumptions.join("; ") };
    let chosen = if file.proof.readings.fixed.is_empty() {
        "every one"
    } else {
        "some chosen, see `readings` in the certificate"
    };
    let certificate = &file.proof.certificate;
    format!(
        "ACCEPTED  {claim}\n\n  relies on     {rests}\n  readings      {chosen}\n  checked       {} lemmas, {} steps\n",
        certificate.lemmas.len(),
        certificate.steps.len()
    )
}
