//! `keyaki check-no-public-access`: does a resource policy grant access to everyone?

use std::ffi::OsString;

use clap::{Args, ValueEnum};

use crate::certificate::Property;
use crate::checks::public::block::block_public_access;
use crate::checks::public::{FromOutside, RESOURCE_TYPES, ResourceType};
use crate::checks::{self, Admission, Verdict};
use crate::cli::Failure;
use crate::cli::certificate::{self, Manner};
use crate::cli::check::Check;
use crate::cli::document::{Documents, Given, Reading, Side, refusal};
use crate::cli::exit::Exit;
use crate::cli::options::{Asking, Fixed, Format};
use crate::cli::terminal::Terminal;
use crate::policy::read::{did_you_mean, nearest};
use crate::report::{Answer, BlockAnswer, Question, json, text};

/// Does a resource policy grant access to everyone?
///
/// Public is what an outsider can do: an anonymous caller, or one of an account, organisation, network and source that the
/// policy does not name. Conditions on what callers choose themselves (referers, tags of their own roles, external ids)
/// keep nobody out. Source addresses are counted with everything else fixed: more than a /8 of IPv4 outside the private
/// ranges, or a /32 of IPv6, is the public. A stack counts with its resource policy and its RCPs.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The policy of a resource, or a stack
    #[arg(long, visible_alias = "policy", value_name = "DOCUMENT")]
    policy_document: OsString,
    /// What the policy is attached to, as the service names it
    #[arg(long, visible_alias = "type", value_name = "TYPE", value_parser = resource_type)]
    resource_type: ResourceType,
    /// What public means: by all requests, or by the rule of S3 Block Public Access (text only, S3 types only)
    #[arg(long, value_name = "RULE", default_value = "semantic")]
    public: Rule,
    #[command(flatten)]
    asking: Asking,
    #[command(flatten)]
    fixed: Fixed,
}

/// `--public`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Rule {
    /// What requests of outsiders are allowed.
    Semantic,
    /// The rule of S3 Block Public Access.
    S3,
}

const EXAMPLES: &str = "\
Examples:
  keyaki check-no-public-access --policy bucket.json --resource-type AWS::S3::Bucket
  keyaki check-no-public-access --policy-document file://trust.json \\
      --resource-type AWS::IAM::AssumeRolePolicyDocument --output json
  keyaki check-no-public-access --policy bucket.json --type AWS::S3::Bucket --public s3

Resource types:
  AWS::ApiGateway::RestApi, AWS::Backup::BackupVault, AWS::CloudTrail::Dashboard,
  AWS::CloudTrail::EventDataStore, AWS::CodeArtifact::Domain, AWS::DynamoDB::Stream,
  AWS::DynamoDB::Table, AWS::EFS::FileSystem, AWS::IAM::AssumeRolePolicyDocument, AWS::KMS::Key,
  AWS::Kinesis::Stream, AWS::Kinesis::StreamConsumer, AWS::Lambda::Function,
  AWS::OpenSearchService::Domain, AWS::S3::AccessPoint, AWS::S3::Bucket, AWS::S3::Glacier,
  AWS::S3Express::AccessPoint, AWS::S3Express::DirectoryBucket, AWS::S3Outposts::AccessPoint,
  AWS::S3Outposts::Bucket, AWS::S3Tables::Table, AWS::S3Tables::TableBucket, AWS::SNS::Topic,
  AWS::SQS::Queue, AWS::SecretsManager::Secret";

/// Reads `--resource-type`.
pub(super) fn resource_type(text: &str) -> Result<ResourceType, String> {
    ResourceType::named(text).ok_or_else(|| {
        let names = || RESOURCE_TYPES.iter().map(|known| known.name);
        let near = did_you_mean(nearest(text, names())).map(|near| format!("{near} ")).unwrap_or_default();
        format!("{near}The known types are {}", names().collect::<Vec<_>>().join(", "))
    })
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let mut documents = Documents::default();
    let strictness = arguments.asking.strictness();
    let resource_type = arguments.resource_type;
    if arguments.public == Rule::S3 && !resource_type.is_of_s3() {
        let message =
            format!("error: --public s3 is the rule for buckets and access points, not for {}", resource_type.name);
        return Err(Failure::CouldNotRun(message));
    }
    if arguments.public == Rule::S3 {
        certificate::none_for(&arguments.asking, "the rule of S3, which goes by the text")?;
    }
    let how = Reading { kind: Some(resource_type.kind), side: Side::Asked, strictness };
    let policy = documents.given(&arguments.policy_document, how)?;
    let catalogue = documents.catalogue(arguments.fixed.catalogue.as_deref())?;
    let admission = documents.admitted(strictness, terminal)?;
    let Some(policy) = policy else { return Err(refusal("a document", &documents.diagnostics)) };
    if let checks::Side::Stack(stack) = policy.document.side()
        && stack.resource.is_none()
    {
        return Err(Failure::CouldNotRun(format!("error: {} has no resource policy", policy.name)));
    }
    let settings = arguments.asking.settings(&arguments.fixed);
    let asked = FromOutside::public(policy.document.side(), resource_type.service_keys, &settings);
    let question = asked.question(&catalogue);
    let manner = Manner::of(&arguments.asking, &arguments.fixed);
    let (asking, documents) = (&arguments.asking, &documents);
    let shown = Question::NoPublicAccess { resource_type: resource_type.name };
    let check = Check { question, shown, asked: policy.named(), asking, admission, documents };
    let property = || property(&policy, resource_type, manner, documents);
    let report = check.report(|_, report| Ok(report), property, terminal)?;
    match arguments.public {
        Rule::Semantic => check.show(&report, terminal),
        Rule::S3 => by_text(arguments, &policy, &check.answer(&report), admission, terminal),
    }
}

/// What was asked, as certificates say it.
pub(super) fn property(
    policy: &Given,
    resource_type: ResourceType,
    manner: Manner<'_>,
    documents: &Documents,
) -> Property {
    let property = certificate::with_document(Property::of("no-public-access"), "policy", policy);
    certificate::with_manner(property.with("resource type", resource_type.name), manner, documents)
}

/// Decides by the rule of S3 Block Public Access; a document with errors never passes.
fn by_text(
    arguments: &Arguments,
    policy: &Given,
    answer: &Answer<'_>,
    admission: Admission,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let judged = match policy.document.side() {
        checks::Side::Document(policy) => Some(policy),
        checks::Side::Stack(stack) => stack.resource.as_ref(),
    };
    let public = judged.map(|policy| block_public_access(policy, arguments.resource_type)).unwrap_or_default();
    let verdict = match (public.is_public(), admission) {
        (true, _) => Verdict::Fail,
        (false, Admission::Clean) => Verdict::Pass,
        (false, Admission::NoPass | Admission::Refused) => Verdict::Unknown,
    };
    let shown = BlockAnswer { by_meaning: answer, verdict, rule: &public };
    let shown = match terminal.format {
        Format::Json => format!("{}\n", json::block_public_access(&shown)),
        Format::Text => text::block_public_access(&shown, terminal.paint),
    };
    terminal.show(&shown)?;
    Ok(Exit::from(verdict))
}
