//! `keyaki check-no-new-access`: does the new policy allow a request that the existing one does not?

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

use crate::certificate::Property;
use crate::checks;
use crate::cli::Failure;
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

/// Does the new policy allow a request that the existing one does not?
///
/// Any document can be the existing side, so a bound ("never more than this") is checked the same way. A document is a
/// path, file://path, - for standard input, or inline JSON. Either side may be a stack: {"identity","resource","scps",
/// "rcps","boundary","session","endpoint","managementAccount"}, of which the members that are absent restrict nothing.
///
/// Folders are compared document by document, paired by their paths in them. One that is new had no access before; one that
/// is gone is named.
///
/// Snapshots of an account are compared role by role and user by user, paired by ARN: what each may do, and who may assume
/// each role. One that is new had no access before; one that is gone is named. What a file lacks is named.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The existing policy, or the bound
    #[arg(long, visible_alias = "existing", value_name = "DOCUMENT")]
    #[arg(required_unless_present_any = ["existing_snapshot", "existing_dir"])]
    existing_policy_document: Option<OsString>,
    /// The new policy
    #[arg(long, visible_alias = "new", value_name = "DOCUMENT")]
    #[arg(required_unless_present_any = ["new_snapshot", "new_dir"])]
    new_policy_document: Option<OsString>,
    /// An account as it was: the answer of `aws iam get-account-authorization-details`
    #[arg(long, value_name = "FILE", requires = "new_snapshot", conflicts_with_all = INSTEAD)]
    existing_snapshot: Option<OsString>,
    /// The account as it is; roles and users are paired by ARN
    #[arg(long, value_name = "FILE", requires = "existing_snapshot", conflicts_with_all = INSTEAD)]
    new_snapshot: Option<OsString>,
    /// A folder of policies as they were; all `.json` files in it
    #[arg(long, value_name = "FOLDER", requires = "new_dir", conflicts_with_all = INSTEAD_OF_DOCUMENTS)]
    existing_dir: Option<PathBuf>,
    /// The folder of policies as they are; paired by their paths in it
    #[arg(long, value_name = "FOLDER", requires = "existing_dir", conflicts_with_all = INSTEAD_OF_DOCUMENTS)]
    new_dir: Option<PathBuf>,
    /// What both documents are attached to; inferred from the documents if absent
    #[arg(long, visible_alias = "type", value_name = "TYPE", value_parser = kind)]
    policy_type: Option<Kind>,
    #[command(flatten)]
    asking: Asking,
    #[command(flatten)]
    fixed: Fixed,
}

/// What snapshots take the place of.
const INSTEAD: [&str; 5] =
    ["existing_policy_document", "new_policy_document", "policy_type", "principal", "certificate"];

/// What folders take the place of.
const INSTEAD_OF_DOCUMENTS: [&str; 5] =
    ["existing_policy_document", "new_policy_document", "existing_snapshot", "new_snapshot", "certificate"];

const EXAMPLES: &str = "\
Examples:
  keyaki check-no-new-access --existing old.json --new new.json
  git show HEAD:policy.json | keyaki check-no-new-access --existing - --new policy.json
  keyaki check-no-new-access --existing-policy-document file://old.json \\
      --new-policy-document file://new.json --policy-type IDENTITY_POLICY --output json
  keyaki check-no-new-access --existing-snapshot monday.json --new-snapshot today.json
  keyaki check-no-new-access --existing-dir released/ --new-dir policies/";

impl Arguments {
    fn folders<'a>(&'a self, terminal: &'a Terminal) -> folders::How<'a> {
        folders::How { kind: self.policy_type, asking: &self.asking, fixed: &self.fixed, terminal }
    }
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let mut documents = Documents::default();
    let strictness = arguments.asking.strictness();
    if let (Some(old), Some(new)) = (&arguments.existing_snapshot, &arguments.new_snapshot) {
        let how = How { asking: &arguments.asking, fixed: &arguments.fixed, terminal };
        return snapshot::no_new_access((old, new), &mut documents, how);
    }
    if let (Some(old), Some(new)) = (&arguments.existing_dir, &arguments.new_dir) {
        return folders::no_new_access((old, new), &mut documents, arguments.folders(terminal));
    }
    let mut given = |document: &Option<OsString>, side| {
        let how = Reading { kind: arguments.policy_type, side, strictness };
        document.as_ref().map_or(Ok(None), |document| documents.given(document, how))
    };
    let old = given(&arguments.existing_policy_document, Side::Existing)?;
    let new = given(&arguments.new_policy_document, Side::Asked)?;
    let catalogue = documents.catalogue(arguments.fixed.catalogue.as_deref())?;
    let admission = documents.admitted(strictness, terminal)?;
    let (Some(old), Some(new)) = (old, new) else { return Err(refusal("a document", &documents.diagnostics)) };
    let settings = arguments.asking.settings(&arguments.fixed);
    let (existing, asked) = (old.document.side(), new.document.side());
    let question = checks::Question::no_new_access(existing, asked, &catalogue, &settings);
    let manner = Manner::of(&arguments.asking, &arguments.fixed);
    let (asking, documents) = (&arguments.asking, &documents);
    let shown = Question::NoNewAccess { existing: old.named() };
    let check = Check { question, shown, asked: new.named(), asking, admission, documents };
    let report = check.report(checks::explained, || property(&old, &new, manner, documents), terminal)?;
    check.show(&report, terminal)
}

/// What was asked, as certificates say it.
pub(super) fn property(old: &Given, new: &Given, manner: Manner<'_>, documents: &Documents) -> Property {
    let property = certificate::with_document(Property::of("no-new-access"), "existing", old);
    certificate::with_manner(certificate::with_document(property, "new", new), manner, documents)
}
