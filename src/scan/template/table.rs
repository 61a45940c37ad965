//! Which properties of which CloudFormation and SAM resources are policies.
//!
//! Source: the properties of each resource in the CloudFormation template reference and the SAM specification
//! (`docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference`), by name of the resource, compared with the resource
//! schemas as the Python package `cfn-lint` 1.58.0 has them. The type in the last column is the one that
//! CheckNoPublicAccess has for such a policy, where it has one.

use crate::policy::Kind::{Endpoint, Identity, Resource, ServiceControl, Session, Trust};
use crate::scan::table::{ACCESS_POINT, BUCKET, DOMAIN, KEY, QUEUE, REST_API, ROLE, Row, STREAM, TABLE, TOPIC, row};

/// In order of the types.
pub(crate) const ROWS: &[Row] = &[
    row("AWS::AIOps::InvestigationGroup", "InvestigationGroupPolicy", Resource, None),
    row("AWS::APS::ResourcePolicy", "PolicyDocument", Resource, None),
    row("AWS::ApiGateway::DomainNameV2", "Policy", Resource, None),
    row("AWS::ApiGateway::RestApi", "Policy", Resource, REST_API),
    row("AWS::Backup::BackupVault", "AccessPolicy", Resource, Some("AWS::Backup::BackupVault")),
    row("AWS::Backup::LogicallyAirGappedBackupVault", "AccessPolicy", Resource, None),
    row("AWS::Bedrock::KnowledgeBasePolicy", "PolicyDocument", Resource, None),
    row("AWS::Bedrock::ResourcePolicy", "PolicyDocument", Resource, None),
    row("AWS::BedrockAgentCore::ResourcePolicy", "Policy", Resource, None),
    row("AWS::CloudTrail::ResourcePolicy", "ResourcePolicy", Resource, None),
    row("AWS::CodeArtifact::Domain", "PermissionsPolicyDocument", Resource, Some("AWS::CodeArtifact::Domain")),
    row("AWS::CodeArtifact::Repository", "PermissionsPolicyDocument", Resource, None),
    row("AWS::Comprehend::DocumentClassifier", "ModelPolicy", Resource, None),
    row("AWS::Comprehend::EntityRecognizer", "ModelPolicy", Resource, None),
    row("AWS::DSQL::Cluster", "PolicyDocument", Resource, None),
    row(
        "AWS::DynamoDB::GlobalTable",
        "Replicas[].ReplicaStreamSpecification.ResourcePolicy.PolicyDocument",
        Resource,
        STREAM,
    ),
    row("AWS::DynamoDB::GlobalTable", "Replicas[].ResourcePolicy.PolicyDocument", Resource, TABLE),
    row("AWS::DynamoDB::Table", "ResourcePolicy.PolicyDocument", Resource, TABLE),
    row("AWS::DynamoDB::Table", "StreamSpecification.ResourcePolicy.PolicyDocument", Resource, STREAM),
    row("AWS::EC2::VPCEndpoint", "PolicyDocument", Endpoint, None),
    row("AWS::ECR::PublicRepository", "RepositoryPolicyText", Resource, None),
    row("AWS::ECR::RegistryPolicy", "PolicyText", Resource, None),
    row("AWS::ECR::Repository", "RepositoryPolicyText", Resource, None),
    row("AWS::ECR::RepositoryCreationTemplate", "RepositoryPolicy", Resource, None),
    row("AWS::EFS::FileSystem", "FileSystemPolicy", Resource, Some("AWS::EFS::FileSystem")),
    row("AWS::EKS::PodIdentityAssociation", "Policy", Session, None),
    row("AWS::Elasticsearch::Domain", "AccessPolicies", Resource, DOMAIN),
    row("AWS::EventSchemas::RegistryPolicy", "Policy", Resource, None),
    row("AWS::Events::EventBus", "Policy", Resource, None),
    row("AWS::EventsV2::ResourcePolicy", "PolicyDocument", Resource, None),
    row("AWS::FSx::S3AccessPointAttachment", "S3AccessPoint.Policy", Resource, ACCESS_POINT),
    row("AWS::IAM::Group", "Policies[].PolicyDocument", Identity, None),
    row("AWS::IAM::GroupPolicy", "PolicyDocument", Identity, None),
    row("AWS::IAM::ManagedPolicy", "PolicyDocument", Identity, None),
    row("AWS::IAM::Policy", "PolicyDocument", Identity, None),
    row("AWS::IAM::Role", "AssumeRolePolicyDocument", Trust, ROLE),
    row("AWS::IAM::Role", "Policies[].PolicyDocument", Identity, None),
    row("AWS::IAM::RolePolicy", "PolicyDocument", Identity, None),
    row("AWS::IAM::User", "Policies[].PolicyDocument", Identity, None),
    row("AWS::IAM::UserPolicy", "PolicyDocument", Identity, None),
    row("AWS::IoT::Policy", "PolicyDocument", Identity, None),
    row("AWS::KMS::Key", "KeyPolicy", Resource, KEY),
    row("AWS::KMS::ReplicaKey", "KeyPolicy", Resource, KEY),
    row("AWS::Kinesis::ResourcePolicy", "ResourcePolicy", Resource, Some("AWS::Kinesis::Stream")),
    row("AWS::Lambda::ResourcePolicy", "PolicyDocument", Resource, None),
    row("AWS::Lex::ResourcePolicy", "Policy", Resource, None),
    row("AWS::Logs::DeliveryDestination", "DeliveryDestinationPolicy.DeliveryDestinationPolicy", Resource, None),
    row("AWS::Logs::Destination", "DestinationPolicy", Resource, None),
    row("AWS::Logs::LogGroup", "ResourcePolicyDocument", Resource, None),
    row("AWS::Logs::ResourcePolicy", "PolicyDocument", Resource, None),
    row("AWS::MSK::ClusterPolicy", "Policy", Resource, None),
    row("AWS::MediaPackageV2::ChannelPolicy", "Policy", Resource, None),
    row("AWS::MediaPackageV2::OriginEndpointPolicy", "Policy", Resource, None),
    row("AWS::MediaStore::Container", "Policy", Resource, None),
    row("AWS::MediaTailor::ChannelPolicy", "Policy", Resource, None),
    row("AWS::ODB::OdbNetwork", "KmsPolicyDocument", Endpoint, None),
    row("AWS::ODB::OdbNetwork", "S3PolicyDocument", Endpoint, None),
    row("AWS::ODB::OdbNetwork", "StsPolicyDocument", Endpoint, None),
    row("AWS::OSIS::Pipeline", "ResourcePolicy.Policy", Resource, None),
    row("AWS::Oam::Sink", "Policy", Resource, None),
    row("AWS::OpenSearchService::Domain", "AccessPolicies", Resource, DOMAIN),
    row("AWS::Organizations::Policy", "Content", ServiceControl, None),
    row("AWS::Organizations::ResourcePolicy", "Content", Resource, None),
    row("AWS::PaymentCryptography::Key", "Policy", Resource, None),
    row("AWS::RUM::AppMonitor", "ResourcePolicy.PolicyDocument", Resource, None),
    row("AWS::Redshift::Cluster", "NamespaceResourcePolicy", Resource, None),
    row("AWS::RedshiftServerless::Namespace", "NamespaceResourcePolicy", Resource, None),
    row("AWS::RolesAnywhere::Profile", "SessionPolicy", Session, None),
    row("AWS::S3::AccessPoint", "Policy", Resource, ACCESS_POINT),
    row("AWS::S3::BucketPolicy", "PolicyDocument", Resource, BUCKET),
    row("AWS::S3::MultiRegionAccessPointPolicy", "Policy", Resource, None),
    row("AWS::S3Express::AccessPoint", "Policy", Resource, Some("AWS::S3Express::AccessPoint")),
    row("AWS::S3Express::BucketPolicy", "PolicyDocument", Resource, Some("AWS::S3Express::DirectoryBucket")),
    row("AWS::S3Files::FileSystemPolicy", "Policy", Resource, None),
    row("AWS::S3ObjectLambda::AccessPointPolicy", "PolicyDocument", Resource, None),
    row("AWS::S3Outposts::AccessPoint", "Policy", Resource, Some("AWS::S3Outposts::AccessPoint")),
    row("AWS::S3Outposts::BucketPolicy", "PolicyDocument", Resource, Some("AWS::S3Outposts::Bucket")),
    row("AWS::S3Tables::TableBucketPolicy", "ResourcePolicy", Resource, Some("AWS::S3Tables::TableBucket")),
    row("AWS::S3Tables::TablePolicy", "ResourcePolicy", Resource, Some("AWS::S3Tables::Table")),
    row("AWS::S3Vectors::VectorBucketPolicy", "Policy", Resource, None),
    row("AWS::SMSVOICE::ResourcePolicy", "PolicyDocument", Resource, None),
    row("AWS::SNS::TopicInlinePolicy", "PolicyDocument", Resource, TOPIC),
    row("AWS::SNS::TopicPolicy", "PolicyDocument", Resource, TOPIC),
    row("AWS::SQS::QueueInlinePolicy", "PolicyDocument", Resource, QUEUE),
    row("AWS::SQS::QueuePolicy", "PolicyDocument", Resource, QUEUE),
    row("AWS::SSM::ResourcePolicy", "Policy", Resource, None),
    row("AWS::SSO::PermissionSet", "InlinePolicy", Identity, None),
    row("AWS::SageMaker::ModelPackageGroup", "ModelPackageGroupPolicy", Resource, None),
    row("AWS::SecretsManager::ResourcePolicy", "ResourcePolicy", Resource, Some("AWS::SecretsManager::Secret")),
    row("AWS::Serverless::Api", "Auth.ResourcePolicy.CustomStatements", Resource, REST_API),
    row("AWS::Serverless::Function", "AssumeRolePolicyDocument", Trust, ROLE),
    row("AWS::Serverless::Function", "Policies", Identity, None),
    row("AWS::Serverless::StateMachine", "Policies", Identity, None),
    row("AWS::Transfer::User", "Policy", Session, None),
    row("AWS::VpcLattice::AuthPolicy", "Policy", Resource, None),
    row("AWS::VpcLattice::ResourcePolicy", "Policy", Resource, None),
    row("AWS::XRay::ResourcePolicy", "PolicyDocument", Resource, None),
];

/// The policies of a resource of this type.
pub(super) fn rows(resource: &str) -> Vec<Row> {
    ROWS.iter().filter(|row| row.resource == resource).cloned().collect()
}

/// What `Ref` and an attribute of a resource are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arn {
    /// The type of the resource.
    pub(super) resource: &'static str,
    /// The property that names it, if it can be named.
    pub(super) name: Option<&'static str>,
    /// The attribute that is its ARN; `Ref` where that is.
    pub(super) attribute: &'static str,
    /// The ARN after the partition: `R` the region, `A` the account, `N` the name.
    pub(super) form: &'static str,
}

const fn arn(resource: &'static str, name: &'static str, attribute: &'static str, form: &'static str) -> Arn {
    Arn { resource, name: if name.is_empty() { None } else { Some(name) }, attribute, form }
}

/// Source: the return values of each resource in the same reference, and the ARN formats of the service authorization
/// reference.
const ARNS: &[Arn] = &[
    arn("AWS::CodeBuild::Project", "Name", "Arn", "codebuild:R:A:project/N"),
    arn("AWS::DynamoDB::Table", "TableName", "Arn", "dynamodb:R:A:table/N"),
    arn("AWS::ECR::Repository", "RepositoryName", "Arn", "ecr:R:A:repository/N"),
    arn("AWS::EFS::FileSystem", "", "Arn", "elasticfilesystem:R:A:file-system/N"),
    arn("AWS::Events::EventBus", "Name", "Arn", "events:R:A:event-bus/N"),
    arn("AWS::Events::Rule", "Name", "Arn", "events:R:A:rule/N"),
    arn("AWS::IAM::Group", "GroupName", "Arn", "iam::A:group/N"),
    arn("AWS::IAM::ManagedPolicy", "ManagedPolicyName", "Ref", "iam::A:policy/N"),
    arn("AWS::IAM::Role", "RoleName", "Arn", "iam::A:role/N"),
    arn("AWS::IAM::User", "UserName", "Arn", "iam::A:user/N"),
    arn("AWS::KMS::Key", "", "Arn", "kms:R:A:key/N"),
    arn("AWS::Kinesis::Stream", "Name", "Arn", "kinesis:R:A:stream/N"),
    arn("AWS::Lambda::Function", "FunctionName", "Arn", "lambda:R:A:function:N"),
    arn("AWS::Logs::LogGroup", "LogGroupName", "Arn", "logs:R:A:log-group:N:*"),
    arn("AWS::OpenSearchService::Domain", "DomainName", "Arn", "es:R:A:domain/N"),
    arn("AWS::S3::Bucket", "BucketName", "Arn", "s3:::N"),
    arn("AWS::SNS::Topic", "TopicName", "Ref", "sns:R:A:N"),
    arn("AWS::SNS::Topic", "TopicName", "TopicArn", "sns:R:A:N"),
    arn("AWS::SQS::Queue", "QueueName", "Arn", "sqs:R:A:N"),
    arn("AWS::SecretsManager::Secret", "", "Ref", "secretsmanager:R:A:secret:N"),
    arn("AWS::SecretsManager::Secret", "", "Id", "secretsmanager:R:A:secret:N"),
    arn("AWS::Serverless::Function", "FunctionName", "Arn", "lambda:R:A:function:N"),
    arn("AWS::Serverless::SimpleTable", "TableName", "Arn", "dynamodb:R:A:table/N"),
    arn("AWS::Serverless::StateMachine", "Name", "Ref", "states:R:A:stateMachine:N"),
    arn("AWS::StepFunctions::StateMachine", "StateMachineName", "Arn", "states:R:A:stateMachine:N"),
    arn("AWS::StepFunctions::StateMachine", "StateMachineName", "Ref", "states:R:A:stateMachine:N"),
];

/// The ARN that an attribute of a resource is.
pub(super) fn arn_of(resource: &str, attribute: &str) -> Option<Arn> {
    ARNS.iter().find(|row| row.resource == resource && row.attribute == attribute).copied()
}

/// The property that names a resource whose `Ref` is its name.
pub(super) fn name_of(resource: &str) -> Option<&'static str> {
    // the queue's Ref is a URL
    let row = ARNS.iter().find(|row| row.resource == resource && resource != "AWS::SQS::Queue")?;
    row.name
}
