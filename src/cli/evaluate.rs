//! `keyaki evaluate`: one concrete request against any set of policies.

use std::ffi::{OsStr, OsString};

use clap::{ArgGroup, Args};

use crate::checks::{self, Strictness};
use crate::cli::Failure;
use crate::cli::document::{Documents, Given, Reading, Side, refusal};
use crate::cli::exit::Exit;
use crate::cli::options::{Format, account, kind, reading};
use crate::cli::terminal::Terminal;
use crate::evaluation::evaluate;
use crate::policy::Kind;
use crate::report::{json, text};
use crate::request::Request;
use crate::request::read::read as read_request;
use crate::stack::Layer;

/// Is one concrete request allowed, and by which statements?
///
/// The request is {"principal","action","resource","resourceAccount"?,"context"?}. Keys that follow from the principal are
/// derived unless given. A layer that is not given restricts nothing; without identity and resource policy nothing is granted.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
#[command(group = ArgGroup::new("policies").multiple(true).required(true).args(
    ["identity", "resource_policy", "boundary", "session", "scp", "rcp", "endpoint_policy"]
        .into_iter()
        .chain(["stack", "policy_document"])
        .collect::<Vec<_>>()
))]
#[command(group = ArgGroup::new("layers").multiple(true).conflicts_with_all(["stack", "policy_document"]).args(
    ["identity", "resource_policy", "boundary", "session", "scp", "rcp", "endpoint_policy", "management_account"]
))]
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
    #[arg(long, value_name = "ACCOUNT", value_parser = account)]
    management_account: Option<String>,
    /// All of them in one document
    #[arg(long, value_name = "DOCUMENT", conflicts_with = "policy_document")]
    stack: Option<OsString>,
    /// One policy, judged by itself
    #[arg(long, visible_alias = "policy", value_name = "DOCUMENT")]
    policy_document: Option<OsString>,
    /// What that policy is attached to; inferred from the document if absent
    #[arg(long, visible_alias = "type", value_name = "TYPE", value_parser = kind, requires = "policy_document")]
    policy_type: Option<Kind>,
    /// Take warnings about a document as fatal
    #[arg(long, conflicts_with = "lenient")]
    strict: bool,
    /// Read a document with an unknown operator
    #[arg(long)]
    lenient: bool,
    /// Contested rules: read by default, other readings that matter being noted; or some fixed (`C2=alt`)
    #[arg(long, value_name = "READING", default_value = "all", value_parser = reading)]
    reading: checks::Reading,
}

const EXAMPLES: &str = "\
Examples:
  keyaki evaluate --request request.json --policy policy.json
  keyaki evaluate --request request.json --stack stack.json
  keyaki evaluate --request request.json --identity policy.json --resource-policy bucket.json \\
      --scp root.json --scp team.json --output json";

impl Arguments {
    /// Every document of a layer, in the order of the layers.
    fn layers(&self) -> Vec<(&OsStr, Layer)> {
        let rows: [(&[OsString], Layer); 4] = [
            (&self.identity, Layer::Identity),
            (&self.session, Layer::Session),
            (&self.scp, Layer::ServiceControl),
            (&self.rcp, Layer::ResourceControl),
        ];
        let lone = [
            (&self.resource_policy, Layer::Resource),
            (&self.boundary, Layer::Boundary),
            (&self.endpoint_policy, Layer::Endpoint),
        ];
        let lists =
            rows.into_iter().flat_map(|(documents, layer)| documents.iter().map(move |d| (d.as_os_str(), layer)));
        let lone = lone.into_iter().filter_map(|(document, layer)| Some((document.as_deref()?, layer)));
        lists.chain(lone).collect()
    }

    fn strictness(&self) -> Strictness {
        match (self.strict, self.lenient) {
            (true, _) => Strictness::Strict,
            (false, true) => Strictness::Lenient,
            (false, false) => Strictness::Ordinary,
        }
    }

    fn policies(&self, documents: &mut Documents) -> Result<Option<Given>, Failure> {
        let how = Reading { kind: self.policy_type, side: Side::Asked, strictness: self.strictness() };
        match (&self.stack, &self.policy_document) {
            (Some(stack), _) => documents.stack(stack, how),
            (None, Some(policy)) => documents.given(policy, how),
            (None, None) => documents.layers(&self.layers(), self.management_account.as_deref(), how),
        }
    }
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let mut documents = Documents::default();
    let request = request(&arguments.request, &mut documents, terminal);
    let policies = arguments.policies(&mut documents)?;
    documents.admitted(arguments.strictness(), terminal)?;
    let (request, Some(policies)) = (request?, policies) else {
        return Err(refusal("a document", &documents.diagnostics));
    };
    let found = evaluate(policies.document.side(), &request, &arguments.reading);
    let shown = match terminal.format {
        Format::Json => format!("{}\n", json::evaluation(&found, &documents.sources)),
        Format::Text => text::evaluation(&request, policies.named(), &found, &documents.sources, terminal.paint),
    };
    terminal.show(&shown)?;
    Ok(Exit::Holds)
}

fn request(argument: &OsStr, documents: &mut Documents, terminal: &Terminal) -> Result<Request, Failure> {
    let file = documents.text(argument)?;
    read_request(&documents.sources, file)
        .map_err(|faults| documents.refused(documents.sources.name(file), &faults, terminal))
}
