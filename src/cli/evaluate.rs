//! `keyaki evaluate`: one concrete request against any set of policies.

use std::ffi::OsString;

use clap::Args;

use crate::cli::Failure;
use crate::cli::document::{Documents, Reading, Side};
use crate::cli::exit::Exit;
use crate::cli::options::Asking;
use crate::cli::terminal::Terminal;
use crate::policy::Kind;

/// Is one concrete request allowed, and by which statements?
///
/// The request is {"principal","action","resource","resourceAccount"?,"context"?}. Keys that follow from the principal are
/// derived unless given. A layer that is not given restricts nothing; without identity and resource policy nothing is granted.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The request
    #[arg(long, value_name = "DOCUMENT")]
    request: OsString,
    /// An identity policy of the caller; repeatable
    #[arg(long, value_name = "DOCUMENT")]
    identity: Vec<OsString>,
    /// The policy of the resource
    #[arg(long, value_name = "DOCUMENT")]
    resource_policy: Option<OsString>,
    /// The caller's permissions boundary
    #[arg(long, value_name = "DOCUMENT")]
    boundary: Option<OsString>,
    /// A policy passed when the session was created; repeatable
    #[arg(long, value_name = "DOCUMENT")]
    session: Vec<OsString>,
    /// The service control policies of one level, root first; repeatable
    #[arg(long, value_name = "DOCUMENT")]
    scp: Vec<OsString>,
    /// The resource control policies of one level, root first; repeatable
    #[arg(long, value_name = "DOCUMENT")]
    rcp: Vec<OsString>,
    /// The policy of the VPC endpoint
    #[arg(long, value_name = "DOCUMENT")]
    endpoint_policy: Option<OsString>,
    /// The organisation's management account
    #[arg(long, value_name = "ACCOUNT")]
    management_account: Option<String>,
    /// All of them in one document
    #[arg(long, value_name = "DOCUMENT")]
    stack: Option<OsString>,
    #[command(flatten)]
    asking: Asking,
}

const EXAMPLES: &str = "\
Examples:
  keyaki evaluate --request request.json --identity policy.json
  keyaki evaluate --request request.json --identity policy.json --resource-policy bucket.json \\
      --scp root.json --scp team.json --output json";

impl Arguments {
    /// Every document that is a single policy, with its kind.
    fn policies(&self) -> Vec<(&OsString, Kind)> {
        let mut out = Vec::new();
        out.extend(self.identity.iter().map(|document| (document, Kind::Identity)));
        out.extend(self.resource_policy.iter().map(|document| (document, Kind::Resource)));
        out.extend(self.boundary.iter().map(|document| (document, Kind::Boundary)));
        out.extend(self.session.iter().map(|document| (document, Kind::Session)));
        out.extend(self.endpoint_policy.iter().map(|document| (document, Kind::Endpoint)));
        out
    }
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let mut documents = Documents::default();
    documents.text(&arguments.request)?;
    let strictness = arguments.asking.strictness();
    for (document, kind) in arguments.policies() {
        documents.policy(document, Reading { kind: Some(kind), side: Side::Asked, strictness })?;
    }
    for document in arguments.scp.iter().chain(&arguments.rcp).chain(&arguments.stack) {
        documents.text(document)?;
    }
    documents.admitted(strictness, terminal)?;
    terminal.complain(&format!("not answered: the evaluation is not built yet"));
    Ok(Exit::Undecided)
}
