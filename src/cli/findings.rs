//! `keyaki findings`: who outside the zone of trust can do what.

use std::ffi::OsString;

use clap::{Args, ValueEnum};

use crate::checks::findings::{Mode, findings};
use crate::cli::Failure;
use crate::cli::document::{Documents, Reading, Side, refusal};
use crate::cli::exit::Exit;
use crate::cli::options::{Asking, Fixed, Format, kind};
use crate::cli::terminal::Terminal;
use crate::policy::Kind;
use crate::report::{Surveyed, json, text};
use crate::semantics::zone::Zone;

/// Who outside the zone of trust can do what with a resource.
///
/// The policy is that of a resource or the trust policy of a role; in a stack the resource policy and the RCPs count, for
/// they are what an outsider meets. That the findings cover all access from outside is decided on every run.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The policy, or a stack
    #[arg(value_name = "POLICY", allow_hyphen_values = true)]
    policy: OsString,
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
  keyaki findings bucket-policy.json --zone-of-trust 123456789012 --mode aws --output json";

/// Runs the command.
pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let mut documents = Documents::default();
    let strictness = arguments.asking.strictness();
    let how = Reading { kind: arguments.policy_type, side: Side::Asked, strictness };
    let policy = documents.given(&arguments.policy, how)?;
    let catalogue = documents.catalogue(arguments.fixed.catalogue.as_deref())?;
    let _admission = documents.admitted(strictness, terminal)?;
    let Some(policy) = policy else { return Err(refusal("a document", &documents.diagnostics)) };
    attached_to_a_resource(policy.document.side())?;
    let settings = arguments.asking.settings(&arguments.fixed);
    let mode = match arguments.mode {
        WhichFindings::Minimal => Mode::Minimal,
        WhichFindings::Aws => Mode::Aws,
    };
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
    let fails = match arguments.fail_on {
        Some(FailOn::Any) => !found.findings.is_empty(),
        Some(FailOn::Public) => found.findings.iter().any(|finding| finding.is_public),
        None => false,
    };
    let answered = if found.is_complete() { Exit::Holds } else { Exit::Undecided };
    Ok(if fails { answered.and(Exit::Fails) } else { answered })
}

/// Access from outside is what a resource's own policy gives.
pub(super) fn attached_to_a_resource(side: crate::checks::Side<'_>) -> Result<(), Failure> {
    let fits = match side {
        crate::checks::Side::Document(policy) => policy.kind.names_principals(),
        crate::checks::Side::Stack(stack) => stack.resource.is_some(),
    };
    if fits {
        return Ok(());
    }
    Err(Failure::CouldNotRun(
        "error: this is not the policy of a resource, and so gives nobody outside access\n  help: give a resource or trust \
         policy, a stack with a `resource` member, or --policy-type"
            .to_owned(),
    ))
}
