//! Public access: requests that outsiders can make, and from how many addresses (spec 9.2, 9.3).

mod beyond;
pub mod block;
mod count;
mod counted;
mod exposure;

use std::collections::BTreeSet;

use crate::catalogue::Catalogue;
use crate::checks::counterexample::Replay;
use crate::checks::question::{Question, ask};
use crate::checks::side::Side;
use crate::checks::{Disagreement, Report, Settings};
use crate::policy::{Effect, Kind, Policy};
use crate::request::{Caller, ContextValue, Request};
use crate::semantics::Algebra;
use crate::semantics::authorization::{Reach, Stack};
use crate::semantics::document::{self, Position};
use crate::semantics::outsider::{Outsiders, ServiceKeys};
use crate::semantics::realizability::{self, Relations};
use crate::semantics::zone::Zone;
pub(super) use beyond::beyond;
pub(super) use count::{Census, counts};
pub(super) use counted::counted;
pub use exposure::Exposure;
pub(super) use exposure::is_wide;

/// Whether the side, the policy of a resource, is public; `service_keys` as the resource's type says.
///
/// # Errors
/// A counterexample that does not replay.
pub fn no_public_access(
    side: Side<'_>,
    service_keys: ServiceKeys,
    catalogue: &Catalogue,
    settings: &Settings,
) -> Result<Report, Disagreement> {
    ask(&FromOutside::public(side, service_keys, settings).question(catalogue))
}

/// What a question about access from outside is made of.
///
/// Of a stack only what an outsider meets counts: the resource policy and the RCPs. He is in no organisation, account or
/// session of the stack, and need not pass its endpoint.
#[derive(Debug)]
pub struct FromOutside<'p> {
    side: Side<'p>,
    met: Option<Stack>,
    outsiders: Option<Outsiders>,
    settings: Settings,
}

impl<'p> FromOutside<'p> {
    fn of(side: Side<'p>, settings: Settings) -> Self {
        let met = match side {
            Side::Document(_) => None,
            Side::Stack(stack) => Some(met_by_outsiders(stack)),
        };
        Self { side, met, outsiders: None, settings }
    }

    /// Is the side public?
    pub fn public(side: Side<'p>, service_keys: ServiceKeys, settings: &Settings) -> Self {
        let mut asked = Self::of(side, settings.clone());
        asked.outsiders = Some(Outsiders::of(asked.asked().documents(), service_keys));
        asked
    }

    /// Does the side let anyone outside the zone in?
    pub fn external(side: Side<'p>, zone: &Zone, settings: &Settings) -> Self {
        Self::of(side, Settings { zone: Some(zone.clone()), ..settings.clone() })
    }

    fn asked(&self) -> Side<'_> {
        self.met.as_ref().map_or(self.side, Side::Stack)
    }

    /// The question itself.
    pub fn question<'a>(&'a self, catalogue: &'a Catalogue) -> Question<'a> {
        let outsiders = self.outsiders.as_ref();
        Question { catalogue, existing: None, asked: self.asked(), access: &[], outsiders, settings: &self.settings }
    }
}

/// The layers of a stack that an outsider meets.
pub(super) fn met_by_outsiders(stack: &Stack) -> Stack {
    Stack {
        resource: stack.resource.clone(),
        rcps: stack.rcps.clone(),
        management_account: stack.management_account.clone(),
        ..Stack::default()
    }
}

/// Whether a stack allows the request of an outsider: his own account, if he has one, lets him do everything (spec 8.3,
/// 8.5).
pub(super) fn exposes<A: Algebra>(a: &mut A, stack: &Stack) -> A::Truth {
    let mut granted = Vec::new();
    let mut forbidden = Vec::new();
    if let Some(policy) = &stack.resource {
        granted.push(document::allow(a, policy, Position::UnderTest));
        forbidden.push(document::deny(a, policy, Position::UnderTest));
    }
    if !stack.rcps.is_empty() {
        let reached = Reach::of_stack(a, stack).rcps;
        let mut denied = Vec::new();
        for policy in stack.rcps.iter().flatten() {
            denied.push(document::some_of(a, policy, Effect::Deny, Position::UnderTest, false));
        }
        let denied = a.any(denied);
        forbidden.push(a.all(vec![reached, denied]));
    }
    let (granted, forbidden) = (a.any(granted), a.any(forbidden));
    let free = a.not(forbidden);
    a.all(vec![granted, free])
}

/// Shows a request that needs source keys as the call of the service that fills them in, where that call is allowed too.
pub(super) fn as_served(replay: &Replay<'_>, request: &mut Request, spoken: &BTreeSet<String>) {
    let Some(outsiders) = replay.question.outsiders else { return };
    if !outsiders.source_keys().any(|key| request.context.contains_key(key)) {
        return;
    }
    for service in services(request) {
        let mut call = Request { principal: Caller::Service(service), ..request.clone() };
        for key in ["aws:principalarn", "aws:principalaccount", "aws:principaltype", "aws:userid", "aws:username"] {
            call.context.remove(key);
        }
        if serves(replay, outsiders, &call, spoken) {
            *request = call;
            return;
        }
    }
}

/// Whether a service may make the request for an outsider.
fn serves(replay: &Replay<'_>, outsiders: &Outsiders, call: &Request, spoken: &BTreeSet<String>) -> bool {
    let question = replay.question;
    let mut concrete = replay.circumstances.concrete(call);
    let granted = replay
        .grant
        .is_some_and(|grant| document::statement(&mut concrete, grant.policy, grant.statement, Position::UnderTest));
    granted
        && question.is_allowed(&mut concrete)
        && question.is_listed(&mut concrete)
        && outsiders.may_be_served(&mut concrete)
        && realizability::hold(&mut concrete, &Relations::all(), spoken)
}

/// Services that could act: the one of the source's ARN, then usual ones.
fn services(request: &Request) -> Vec<String> {
    let source = match request.context.get("aws:sourcearn") {
        Some(ContextValue::Single(arn)) => arn.split(':').nth(2).filter(|name| !name.is_empty()).map(str::to_owned),
        Some(ContextValue::Multi(_)) | None => None,
    };
    let usual = ["sns", "events", "s3"].map(str::to_owned);
    source.into_iter().chain(usual).map(|name| format!("{name}.amazonaws.com")).collect()
}

/// The kind of a policy that has this resource type, and the service keys that count for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResourceType {
    /// As the service names it.
    pub name: &'static str,
    /// What its policies are.
    pub kind: Kind,
    /// Which service keys an outsider cannot choose.
    pub service_keys: ServiceKeys,
}

const fn resource(name: &'static str, service_keys: ServiceKeys) -> ResourceType {
    ResourceType { name, kind: Kind::Resource, service_keys }
}

/// The types of resource that the service checks (spec 9.2).
pub const RESOURCE_TYPES: [ResourceType; 26] = [
    resource("AWS::DynamoDB::Table", ServiceKeys::None),
    resource("AWS::DynamoDB::Stream", ServiceKeys::None),
    resource("AWS::EFS::FileSystem", ServiceKeys::None),
    resource("AWS::OpenSearchService::Domain", ServiceKeys::None),
    resource("AWS::Kinesis::Stream", ServiceKeys::None),
    resource("AWS::Kinesis::StreamConsumer", ServiceKeys::None),
    resource("AWS::KMS::Key", ServiceKeys::Kms),
    resource("AWS::Lambda::Function", ServiceKeys::None),
    resource("AWS::S3::Bucket", ServiceKeys::S3),
    resource("AWS::S3::AccessPoint", ServiceKeys::S3),
    resource("AWS::S3Express::DirectoryBucket", ServiceKeys::S3Express),
    resource("AWS::S3::Glacier", ServiceKeys::None),
    resource("AWS::S3Outposts::Bucket", ServiceKeys::S3Outposts),
    resource("AWS::S3Outposts::AccessPoint", ServiceKeys::S3Outposts),
    resource("AWS::SecretsManager::Secret", ServiceKeys::None),
    resource("AWS::SNS::Topic", ServiceKeys::None),
    resource("AWS::SQS::Queue", ServiceKeys::None),
    ResourceType { name: "AWS::IAM::AssumeRolePolicyDocument", kind: Kind::Trust, service_keys: ServiceKeys::None },
    resource("AWS::S3Tables::TableBucket", ServiceKeys::None),
    resource("AWS::ApiGateway::RestApi", ServiceKeys::None),
    resource("AWS::CodeArtifact::Domain", ServiceKeys::None),
    resource("AWS::Backup::BackupVault", ServiceKeys::None),
    resource("AWS::CloudTrail::Dashboard", ServiceKeys::None),
    resource("AWS::CloudTrail::EventDataStore", ServiceKeys::None),
    resource("AWS::S3Tables::Table", ServiceKeys::None),
    resource("AWS::S3Express::AccessPoint", ServiceKeys::S3Express),
];

impl ResourceType {
    /// The type of this name.
    pub fn named(name: &str) -> Option<ResourceType> {
        RESOURCE_TYPES.into_iter().find(|known| known.name == name)
    }

    /// Whether S3 Block Public Access is about such resources: buckets, access points and tables, not archives.
    pub fn is_of_s3(self) -> bool {
        self.name.starts_with("AWS::S3") && self.name != "AWS::S3::Glacier"
    }

    /// Whether its policies are those of access points.
    pub fn is_access_point(self) -> bool {
        self.name.ends_with("::AccessPoint")
    }
}

/// The outsiders of one policy, whatever its resource is.
pub fn outsiders(policy: &Policy) -> Outsiders {
    Outsiders::of([policy], ServiceKeys::All)
}
