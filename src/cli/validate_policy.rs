//! `keyaki validate-policy`: is a policy well formed, and written as it is meant?

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::checks::{Admission, admission, redundancy};
use crate::cli::Failure;
use crate::cli::certificate;
use crate::cli::document::{Documents, Reading, Side};
use crate::cli::exit::Exit;
use crate::cli::options::{Asking, Fixed, Format, kind};
use crate::cli::terminal::Terminal;
use crate::policy::Kind;
use crate::report::explanation::Explanation;
use crate::report::formula::Notation;
use crate::report::{json, validation as text};
use crate::stack::{self, Document};
use crate::validation::{Finding, FindingType, passing_any_role, redundant, unknown_actions};

/// Is a policy well formed, and written as it is meant?
///
/// Findings in the shape of the service's ValidatePolicy: errors, security warnings, warnings and suggestions, size quotas
/// among them. What can be left out without a change of meaning is proved and suggested. Exit code 1 if there is an ERROR.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The policy, or a stack
    #[arg(long, visible_alias = "policy", value_name = "DOCUMENT")]
    policy_document: OsString,
    /// What the document is attached to; inferred from the document if absent
    #[arg(long, visible_alias = "type", value_name = "TYPE", value_parser = kind)]
    policy_type: Option<Kind>,
    /// The resource that a resource policy is attached to
    #[arg(long, value_name = "TYPE")]
    validate_policy_resource_type: Option<ResourceType>,
    /// The language of the findings, as the service takes it; they are always in English
    #[arg(long, value_name = "LOCALE")]
    locale: Option<Locale>,
    /// Facts about services instead of the built-in ones
    #[arg(long, value_name = "FILE")]
    catalogue: Option<PathBuf>,
    #[command(flatten)]
    asking: Asking,
}

const EXAMPLES: &str = "\
Examples:
  keyaki validate-policy --policy-document file://policy.json --policy-type IDENTITY_POLICY
  keyaki validate-policy --policy trust.json --policy-type RESOURCE_POLICY \\
      --validate-policy-resource-type AWS::IAM::AssumeRolePolicyDocument --output json";

/// `--validate-policy-resource-type`, as the service takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ResourceType {
    /// A bucket.
    #[value(name = "AWS::S3::Bucket")]
    Bucket,
    /// An access point.
    #[value(name = "AWS::S3::AccessPoint")]
    AccessPoint,
    /// A multi-region access point.
    #[value(name = "AWS::S3::MultiRegionAccessPoint")]
    MultiRegionAccessPoint,
    /// An object-lambda access point.
    #[value(name = "AWS::S3ObjectLambda::AccessPoint")]
    ObjectLambdaAccessPoint,
    /// The trust policy of a role.
    #[value(name = "AWS::IAM::AssumeRolePolicyDocument")]
    AssumeRolePolicyDocument,
    /// A table.
    #[value(name = "AWS::DynamoDB::Table")]
    Table,
}

impl ResourceType {
    fn kind(self) -> Kind {
        match self {
            ResourceType::AssumeRolePolicyDocument => Kind::Trust,
            ResourceType::Bucket
            | ResourceType::AccessPoint
            | ResourceType::MultiRegionAccessPoint
            | ResourceType::ObjectLambdaAccessPoint
            | ResourceType::Table => Kind::Resource,
        }
    }
}

/// `--locale`, as the service takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "SCREAMING_SNAKE_CASE")]
#[allow(missing_docs, reason = "the service's names of languages")]
pub enum Locale {
    De,
    En,
    Es,
    Fr,
    It,
    Ja,
    Ko,
    PtBr,
    ZhCn,
    ZhTw,
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    certificate::none_for(&arguments.asking, "findings about a document by itself")?;
    let kind = attached(arguments)?;
    if arguments.locale.is_some_and(|locale| locale != Locale::En) {
        terminal.complain("note: findings are in English");
    }
    let mut documents = Documents::default();
    let how = Reading { kind, side: Side::Asked, strictness: arguments.asking.strictness() };
    let given = documents.given(&arguments.policy_document, how)?;
    let catalogue = documents.catalogue(arguments.catalogue.as_deref())?;
    let mut findings: Vec<Finding> = documents.diagnostics.iter().map(Finding::of).collect();
    let fixed = Fixed { principal: None, resource_account: None, catalogue: None };
    let settings = arguments.asking.settings(&fixed);
    let policies = match given.as_ref().map(|given| &given.document) {
        None => Vec::new(),
        Some(Document::Policy(policy)) => vec![policy.as_ref()],
        Some(Document::Stack(stack)) => stack::places(stack).into_iter().map(|(_, policy)| policy).collect(),
    };
    let clean = admission(&documents.diagnostics, arguments.asking.strictness()) == Admission::Clean;
    for policy in policies {
        findings.extend(unknown_actions(policy, &catalogue).iter().map(Finding::of));
        findings.extend(passing_any_role(policy));
        if !clean {
            continue;
        }
        let found = redundancy(policy, &catalogue, &settings);
        let explanation = Explanation {
            name: "",
            layer: None,
            policy,
            redundancy: Some(&found),
            diagnostics: &[],
            sources: &documents.sources,
            notation: Notation::Signs,
        };
        findings.extend(redundant(&found, |place| explanation.sentence(place)));
    }
    findings.sort_by_key(|finding| (finding.finding_type, finding.diagnostic.span));
    let name = given.map_or_else(|| arguments.policy_document.to_string_lossy().into_owned(), |given| given.name);
    terminal.show(&match terminal.format {
        Format::Json => format!("{}\n", json::findings(&findings, &documents.sources)),
        Format::Text => text::findings(&name, &findings, &documents.sources, terminal.paint),
    })?;
    let error = findings.iter().any(|finding| finding.finding_type == FindingType::Error);
    Ok(if error { Exit::Fails } else { Exit::Holds })
}

/// The kind that the options name together.
fn attached(arguments: &Arguments) -> Result<Option<Kind>, Failure> {
    match (arguments.policy_type, arguments.validate_policy_resource_type) {
        (given, None) => Ok(given),
        (None | Some(Kind::Resource | Kind::Trust), Some(resource)) => Ok(Some(resource.kind())),
        (Some(_), Some(_)) => {
            let text = "error: --validate-policy-resource-type goes with RESOURCE_POLICY only";
            Err(Failure::CouldNotRun(text.to_owned()))
        }
    }
}
