//! `keyaki check-access-not-granted`: does a policy grant any of the listed access?

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use clap::{ArgGroup, Args};

use crate::certificate::Property;
use crate::checks::{self, Access};
use crate::cli::Failure;
use crate::cli::access::{Form, form, listed, parse, warnings};
use crate::cli::certificate::{self, Manner};
use crate::cli::check::Check;
use crate::cli::document::{Documents, Given, Reading, Side, refusal};
use crate::cli::exit::Exit;
use crate::cli::folders;
use crate::cli::options::{Asking, Fixed, kind};
use crate::cli::snapshot::{self, How};
use crate::cli::terminal::Terminal;
use crate::policy::Kind;
use crate::report::Question;

/// Does a policy grant any of the listed access?
///
/// With actions only: a listed action on any resource. With resources only: any action on a listed resource. With both: a
/// listed action on a listed resource. Several --access are asked at once: it fails if any of them is granted.
///
/// With --policy-dir every document of a folder is asked about.
///
/// With --snapshot every role and user is asked about, with its inline, attached and group policies and its boundary, and
/// every trust policy for access to its role; what the file lacks is named.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
#[command(group = ArgGroup::new("what").args(["access", "action", "resource"]).required(true).multiple(true))]
pub struct Arguments {
    /// The policy, or a stack
    #[arg(long, visible_alias = "policy", value_name = "DOCUMENT")]
    #[arg(required_unless_present_any = ["snapshot", "policy_dir"])]
    policy_document: Option<OsString>,
    /// Every role and user of an account: the answer of `aws iam get-account-authorization-details`
    #[arg(long, value_name = "FILE", conflicts_with_all = ["policy_document", "policy_type", "principal", "certificate"])]
    snapshot: Option<OsString>,
    /// A folder of policies: all `.json` files in it
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["policy_document", "snapshot", "certificate"])]
    policy_dir: Option<PathBuf>,
    #[command(flatten)]
    listed: Listed,
    /// What the document is attached to; inferred from the document if absent
    #[arg(long, visible_alias = "type", value_name = "TYPE", value_parser = kind)]
    policy_type: Option<Kind>,
    #[command(flatten)]
    asking: Asking,
    #[command(flatten)]
    fixed: Fixed,
}

/// What must not be granted.
#[derive(Debug, Args)]
pub struct Listed {
    /// Access that must not be granted: actions=A,B,resources=C,D or JSON or a file of either; repeatable
    #[arg(long, value_name = "ACCESS", num_args = 1..)]
    access: Vec<String>,
    /// An action that must not be granted; repeatable, together with --resource one access
    #[arg(long, value_name = "ACTION")]
    action: Vec<String>,
    /// The ARN of a resource that must not be granted; repeatable
    #[arg(long, value_name = "ARN")]
    resource: Vec<String>,
}

const EXAMPLES: &str = "\
Examples:
  keyaki check-access-not-granted --policy policy.json --action s3:DeleteBucket --action 'iam:*'
  keyaki check-access-not-granted --policy-document file://policy.json \\
      --access actions=s3:DeleteBucket,resources='arn:aws:s3:::prod-*' --policy-type IDENTITY_POLICY
  keyaki check-access-not-granted --policy policy.json --access file://critical.json
  keyaki check-access-not-granted --policy-dir policies/ --action iam:PassRole
  aws iam get-account-authorization-details > account.json
  keyaki check-access-not-granted --snapshot account.json --action iam:CreateAccessKey";

/// Runs the command.
pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let mut documents = Documents::default();
    let strictness = arguments.asking.strictness();
    let how = Reading { kind: arguments.policy_type, side: Side::Asked, strictness };
    let policy = match &arguments.policy_document {
        Some(document) => documents.given(document, how)?,
        None => None,
    };
    let access = accesses(&arguments.listed, &mut documents)?;
    for warning in access.iter().flat_map(warnings) {
        terminal.complain(&format!("warning: {warning}"));
    }
    if let Some(file) = &arguments.snapshot {
        let how = How { asking: &arguments.asking, fixed: &arguments.fixed, terminal };
        return snapshot::access_not_granted(file, &access, &mut documents, how);
    }
    if let Some(folder) = &arguments.policy_dir {
        let (kind, asking, fixed) = (arguments.policy_type, &arguments.asking, &arguments.fixed);
        return folders::access_not_granted(
            folder,
            access,
            &mut documents,
            folders::How { kind, asking, fixed, terminal },
        );
    }
    let catalogue = documents.catalogue(arguments.fixed.catalogue.as_deref())?;
    let admission = documents.admitted(strictness, terminal)?;
    let Some(policy) = policy else { return Err(refusal("a document", &documents.diagnostics)) };
    let settings = arguments.asking.settings(&arguments.fixed);
    let question = checks::Question::access_not_granted(policy.document.side(), &access, &catalogue, &settings);
    let manner = Manner::of(&arguments.asking, &arguments.fixed);
    let (asking, documents) = (&arguments.asking, &documents);
    let shown = Question::AccessNotGranted { access: &access };
    let check = Check { question, shown, asked: policy.named(), asking, admission, documents };
    let report = check.report(checks::explained, || property(&policy, &access, manner, documents), terminal)?;
    check.show(&report, terminal)
}

/// What was asked, as certificates say it.
pub(super) fn property(policy: &Given, access: &[Access], manner: Manner<'_>, documents: &Documents) -> Property {
    let property = certificate::with_document(Property::of("access-not-granted"), "policy", policy);
    certificate::with_manner(property.with_access(access), manner, documents)
}

/// Everything that the options list.
pub(super) fn accesses(arguments: &Listed, documents: &mut Documents) -> Result<Vec<Access>, Failure> {
    let refused = |what: &str| {
        let what = what.to_owned();
        move |error: String| Failure::CouldNotRun(format!("error: {what}: {error}"))
    };
    let mut out = Vec::new();
    for value in &arguments.access {
        out.extend(match form(value) {
            Form::Inline(text) => parse(text).map_err(refused("--access"))?,
            Form::File(name) => {
                let file = documents.text(OsStr::new(name))?;
                let text = documents.sources.get(file).map_or("", |source| &*source.text);
                parse(text).map_err(refused(name))?
            }
        });
    }
    if !arguments.action.is_empty() || !arguments.resource.is_empty() {
        out.push(listed(&arguments.action, &arguments.resource).map_err(refused("--action, --resource"))?);
    }
    Ok(out)
}
