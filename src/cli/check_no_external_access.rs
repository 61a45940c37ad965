//! `keyaki check-no-external-access`: does the policy of a resource let anyone outside the zone of trust in?

use std::ffi::OsString;

use clap::Args;

use crate::certificate::Property;
use crate::checks::public::FromOutside;
use crate::cli::Failure;
use crate::cli::certificate::{self, Manner};
use crate::cli::check::Check;
use crate::cli::document::{Documents, Given, Reading, Side, refusal};
use crate::cli::exit::Exit;
use crate::cli::findings::attached_to_a_resource;
use crate::cli::options::{Asking, Fixed, kind};
use crate::cli::terminal::Terminal;
use crate::policy::Kind;
use crate::report::Question;
use crate::semantics::zone::Zone;

/// Does the policy of a resource let anyone outside the zone of trust in?
///
/// The policy is that of a resource or the trust policy of a role; a stack counts with its resource policy and its RCPs. A
/// service counts as inside where the policy asks that it acts for a resource of the zone. `keyaki findings` lists all that
/// is let in.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The policy of a resource, or a stack
    #[arg(long, visible_alias = "policy", value_name = "DOCUMENT")]
    policy_document: OsString,
    /// The account (12 digits) or organisation (o-…) that is trusted; several with commas
    #[arg(long, value_name = "ID", value_parser = Zone::parse)]
    zone_of_trust: Zone,
    /// What the document is attached to; inferred from the document if absent
    #[arg(long, visible_alias = "type", value_name = "TYPE", value_parser = kind)]
    policy_type: Option<Kind>,
    #[command(flatten)]
    asking: Asking,
    #[command(flatten)]
    fixed: Fixed,
}

const EXAMPLES: &str = "\
Examples:
  keyaki check-no-external-access --policy bucket.json --zone-of-trust 123456789012
  keyaki check-no-external-access --policy-document file://trust.json --type trust \\
      --zone-of-trust 123456789012,o-a1b2c3d4e5 --output json";

/// Runs the command.
pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let mut documents = Documents::default();
    let strictness = arguments.asking.strictness();
    let how = Reading { kind: arguments.policy_type, side: Side::Asked, strictness };
    let policy = documents.given(&arguments.policy_document, how)?;
    let catalogue = documents.catalogue(arguments.fixed.catalogue.as_deref())?;
    let admission = documents.admitted(strictness, terminal)?;
    let Some(policy) = policy else { return Err(refusal("a document", &documents.diagnostics)) };
    attached_to_a_resource(policy.document.side())?;
    let settings = arguments.asking.settings(&arguments.fixed);
    let asked = FromOutside::external(policy.document.side(), &arguments.zone_of_trust, &settings);
    let question = asked.question(&catalogue);
    let manner = Manner::of(&arguments.asking, &arguments.fixed);
    let (zone, asking, documents) = (&arguments.zone_of_trust, &arguments.asking, &documents);
    let shown = Question::NoExternalAccess { zone };
    let check = Check { question, shown, asked: policy.named(), asking, admission, documents };
    let report = check.report(|_, report| Ok(report), || property(&policy, zone, manner, documents), terminal)?;
    check.show(&report, terminal)
}

/// What was asked, as certificates say it.
pub(super) fn property(policy: &Given, zone: &Zone, manner: Manner<'_>, documents: &Documents) -> Property {
    let property = certificate::with_document(Property::of("no-external-access"), "policy", policy);
    certificate::with_manner(property.with("zone of trust", zone.to_string()), manner, documents)
}
