//! `keyaki findings`: who outside the zone of trust can do what.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use clap::{Args, ValueEnum};

use crate::catalogue::Catalogue;
use crate::certificate::Property;
use crate::checks::claims::Claims;
use crate::checks::findings::{Findings, Mode, findings, proof};
use crate::checks::{Admission, Settings};
use crate::cli::Failure;
use crate::cli::certificate::{self, Manner};
use crate::cli::document::{Documents, Given, Reading, Side, refusal};
use crate::cli::exit::Exit;
use crate::cli::options::{Asking, Fixed, Format, kind};
use crate::cli::snapshot::{self, How};
use crate::cli::terminal::Terminal;
use crate::policy::Kind;
use crate::report::{Named, Surveyed, account, json, text};
use crate::semantics::zone::Zone;

/// Who outside the zone of trust can do what with a resource.
///
/// The policy is that of a resource or the trust policy of a role; in a stack the resource policy and the RCPs count, for
/// they are what an outsider meets. That the findings cover all access from outside is decided on every run. With
/// --snapshot the trust policy of every role is asked about, and what the file lacks is named.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The policy, or a stack
    #[arg(value_name = "POLICY", allow_hyphen_values = true, required_unless_present = "snapshot")]
    policy: Option<OsString>,
    /// The trust policies of every role of an account: the answer of `aws iam get-account-authorization-details`
    #[arg(long, value_name = "FILE", conflicts_with_all = ["policy", "policy_type"])]
    snapshot: Option<OsString>,
    /// The account (12 digits) or organisation (o-…) that is trusted; several with commas
    #[arg(long, value_name = "ID", value_parser = Zone::parse)]
    zone_of_trust: Zone,
    /// The smallest cover found, or every smallest combination of labels as the service prints them
    #[arg(long, value_name = "MODE", default_value = "minimal")]
    mode: WhichFindings,
    /// What the document is attached to; inferred from the document if absent
    #[arg(long, visible_alias = "type", value_name = "TYPE", value_parser = kind)]
    policy_type: Option<Kind>,
    /// Exit 1 if there is a finding, or a public one
    #[arg(long, value_name = "WHAT")]
    fail_on: Option<FailOn>,
    #[command(flatten)]
    asking: Asking,
    #[command(flatten)]
    fixed: Fixed,
}

/// `--mode`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum WhichFindings {
    /// The smallest cover found.
    Minimal,
    /// As the service prints them.
    Aws,
}

impl From<WhichFindings> for Mode {
    fn from(which: WhichFindings) -> Mode {
        match which {
            WhichFindings::Minimal => Mode::Minimal,
            WhichFindings::Aws => Mode::Aws,
        }
    }
}

/// Reads what `--mode` takes.
pub(super) fn mode(text: &str) -> Result<Mode, String> {
    WhichFindings::from_str(text, false).map(Mode::from)
}

/// `--fail-on`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// A finding.
    Any,
    /// A finding that is public.
    Public,
}

const EXAMPLES: &str = "\
Examples:
  keyaki findings bucket-policy.json --zone-of-trust 123456789012
  keyaki findings trust.json --type trust --zone-of-trust o-a1b2c3d4e5 --fail-on public
  keyaki findings bucket-policy.json --zone-of-trust 123456789012 --mode aws --output json
  keyaki findings --snapshot account.json --zone-of-trust 123456789012";

/// Runs the command.
pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let mut documents = Documents::default();
    let strictness = arguments.asking.strictness();
    let how = Reading { kind: arguments.policy_type, side: Side::Asked, strictness };
    if let Some(file) = &arguments.snapshot {
        certificate::none_for(&arguments.asking, "snapshots")?;
        return of_account(file, arguments, &mut documents, terminal);
    }
    let policy = match &arguments.policy {
        Some(policy) => documents.given(policy, how)?,
        None => None,
    };
    let catalogue = documents.catalogue(arguments.fixed.catalogue.as_deref())?;
    let admission = documents.admitted(strictness, terminal)?;
    let Some(policy) = policy else { return Err(refusal("a document", &documents.diagnostics)) };
    attached_to_a_resource(policy.document.side())?;
    let settings = arguments.asking.settings(&arguments.fixed);
    let mode = arguments.mode.into();
    let found = findings(policy.document.side(), &arguments.zone_of_trust, mode, &catalogue, &settings);
    let surveyed = Surveyed {
        policy: policy.named(),
        zone: &arguments.zone_of_trust,
        found: &found,
        diagnostics: &documents.diagnostics,
        sources: &documents.sources,
        catalogue: &catalogue,
    };
    terminal.show(&match terminal.format {
        Format::Json => format!("{}\n", json::surveyed(&surveyed)),
        Format::Text => text::surveyed(&surveyed, terminal.paint),
    })?;
    let kept = match &arguments.asking.certificate {
        Some(path) if admission == Admission::Clean => {
            keep(path, arguments, (&policy, &found), (&catalogue, &settings), &documents, terminal)?
        }
        Some(path) => {
            certificate::not_written(path, "nothing is proved of a document with errors", terminal);
            Exit::Undecided
        }
        None => Exit::Holds,
    };
    Ok(arguments.exit(&found).and(kept))
}

/// Writes the proof that the findings cover all access.
fn keep(
    path: &Path,
    arguments: &Arguments,
    (policy, found): (&Given, &Findings),
    (catalogue, settings): (&Catalogue, &Settings),
    documents: &Documents,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let (side, zone) = (policy.document.side(), &arguments.zone_of_trust);
    let property = property(policy, zone, Manner::of(&arguments.asking, &arguments.fixed), documents);
    let proof = proof((side, zone), arguments.mode.into(), catalogue, settings, found)
        .map_err(|disagreement| certificate::defect(&disagreement, &property, documents))?;
    match proof {
        Some(proof) => {
            certificate::keep_all(path, property, &Claims::Findings { side, zone, catalogue }, vec![proof])?;
            Ok(Exit::Holds)
        }
        None => {
            certificate::not_written(path, "that the findings are complete was not proved", terminal);
            Ok(Exit::Undecided)
        }
    }
}

/// What was asked, as certificates say it.
pub(super) fn property(policy: &Given, zone: &Zone, manner: Manner<'_>, documents: &Documents) -> Property {
    let property = certificate::with_document(Property::of("findings"), "policy", policy);
    certificate::with_manner(property.with("zone of trust", zone.to_string()), manner, documents)
}

impl Arguments {
    fn exit(&self, found: &Findings) -> Exit {
        let fails = match self.fail_on {
            Some(FailOn::Any) => !found.findings.is_empty(),
            Some(FailOn::Public) => found.findings.iter().any(|finding| finding.is_public),
            None => false,
        };
        let answered = if found.is_complete() { Exit::Holds } else { Exit::Undecided };
        if fails { answered.and(Exit::Fails) } else { answered }
    }
}

/// The trust policy of every role of a snapshot; a role whose trust policy is missing is named.
fn of_account(
    file: &OsStr,
    arguments: &Arguments,
    documents: &mut Documents,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let catalogue = documents.catalogue(arguments.fixed.catalogue.as_deref())?;
    let how = How { asking: &arguments.asking, fixed: &arguments.fixed, terminal };
    let read = snapshot::read(file, Side::Asked, documents, how)?;
    let settings = arguments.asking.settings(&arguments.fixed);
    let (mut shown, mut exit) = (Vec::new(), Exit::Holds);
    for (entity, trust) in read.snapshot.entities.iter().filter_map(|e| Some((e, read.snapshot.trust_of(e)?))) {
        let side = crate::checks::Side::Document(trust);
        let found = findings(side, &arguments.zone_of_trust, arguments.mode.into(), &catalogue, &settings);
        let name = format!("{}: {}", read.name, entity.arn);
        let surveyed = Surveyed {
            policy: Named { name: &name, side },
            zone: &arguments.zone_of_trust,
            found: &found,
            diagnostics: &[],
            sources: &documents.sources,
            catalogue: &catalogue,
        };
        shown.push((
            entity.arn.clone(),
            match terminal.format {
                Format::Json => json::surveyed(&surveyed),
                Format::Text => text::surveyed(&surveyed, terminal.paint),
            },
        ));
        exit = exit.and(arguments.exit(&found));
    }
    terminal.show(&match terminal.format {
        Format::Json => format!("{}\n", account::findings_json(&shown, &read.name, &read.snapshot)),
        Format::Text => account::findings_text(&shown, &read.name, &read.snapshot),
    })?;
    Ok(if read.snapshot.missing.is_empty() { exit } else { exit.and(Exit::Undecided) })
}

/// Access from outside is what a resource's own policy gives.
pub(super) fn attached_to_a_resource(side: crate::checks::Side<'_>) -> Result<(), Failure> {
    let help = "give a resource or trust policy, a stack with a `resource` member, or --policy-type";
    side.of_resource().map_err(|why| Failure::CouldNotRun(format!("error: {why}\n  help: {help}")))
}
