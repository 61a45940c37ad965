//! Which attributes of which Terraform resources are policies.
//!
//! Source: the arguments of each resource in the documentation of the Terraform AWS provider
//! (`registry.terraform.io/providers/hashicorp/aws/latest/docs`), read by name of the resource; the type in the last
//! column is the one that CheckNoPublicAccess has for such a policy, where it has one.

use crate::policy::Kind::{self, Endpoint, Identity, Resource, ServiceControl, Session, Trust};

/// An attribute that is a policy.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    /// The resource.
    pub(super) resource: &'static str,
    /// Its attribute; `block.attribute` inside the blocks of a list.
    pub(super) attribute: &'static str,
    /// What the policy is attached to.
    pub(super) kind: Kind,
    /// The type of check-no-public-access.
    pub(super) checked_as: Option<&'static str>,
}

const fn row(resource: &'static str, attribute: &'static str, kind: Kind, checked_as: Option<&'static str>) -> Row {
    Row { resource, attribute, kind, checked_as }
}

const ACCESS_POINT: Option<&str> = Some("AWS::S3::AccessPoint");
const BUCKET: Option<&str> = Some("AWS::S3::Bucket");
const DOMAIN: Option<&str> = Some("AWS::OpenSearchService::Domain");
const KEY: Option<&str> = Some("AWS::KMS::Key");
const QUEUE: Option<&str> = Some("AWS::SQS::Queue");
const REST_API: Option<&str> = Some("AWS::ApiGateway::RestApi");
const ROLE: Option<&str> = Some("AWS::IAM::AssumeRolePolicyDocument");
const SECRET: Option<&str> = Some("AWS::SecretsManager::Secret");
const TOPIC: Option<&str> = Some("AWS::SNS::Topic");
const VAULT: Option<&str> = Some("AWS::S3::Glacier");

/// In order of the resources.
pub(super) const ROWS: [Row; 83] = [
    row("aws_acmpca_policy", "policy", Resource, None),
    row("aws_api_gateway_rest_api", "policy", Resource, REST_API),
    row("aws_api_gateway_rest_api_policy", "policy", Resource, REST_API),
    row("aws_backup_vault_policy", "policy", Resource, Some("AWS::Backup::BackupVault")),
    row("aws_cloudsearch_domain_service_access_policy", "access_policy", Resource, None),
    row("aws_cloudwatch_event_bus_policy", "policy", Resource, None),
    row("aws_cloudwatch_log_destination_policy", "access_policy", Resource, None),
    row("aws_cloudwatch_log_resource_policy", "policy_document", Resource, None),
    row("aws_codeartifact_domain_permissions_policy", "policy_document", Resource, Some("AWS::CodeArtifact::Domain")),
    row("aws_codeartifact_repository_permissions_policy", "policy_document", Resource, None),
    row("aws_codebuild_resource_policy", "policy", Resource, None),
    row("aws_dynamodb_resource_policy", "policy", Resource, Some("AWS::DynamoDB::Table")),
    row("aws_ecr_registry_policy", "policy", Resource, None),
    row("aws_ecr_repository_policy", "policy", Resource, None),
    row("aws_ecrpublic_repository_policy", "policy", Resource, None),
    row("aws_efs_file_system_policy", "policy", Resource, Some("AWS::EFS::FileSystem")),
    row("aws_elasticsearch_domain", "access_policies", Resource, DOMAIN),
    row("aws_elasticsearch_domain_policy", "access_policies", Resource, DOMAIN),
    row("aws_glacier_vault", "access_policy", Resource, VAULT),
    row("aws_glacier_vault_lock", "policy", Resource, VAULT),
    row("aws_glue_resource_policy", "policy", Resource, None),
    row("aws_iam_group_policy", "policy", Identity, None),
    row("aws_iam_policy", "policy", Identity, None),
    row("aws_iam_role", "assume_role_policy", Trust, ROLE),
    row("aws_iam_role", "inline_policy.policy", Identity, None),
    row("aws_iam_role_policy", "policy", Identity, None),
    row("aws_iam_user_policy", "policy", Identity, None),
    row("aws_iot_policy", "policy", Identity, None),
    row("aws_kinesis_resource_policy", "policy", Resource, Some("AWS::Kinesis::Stream")),
    row("aws_kms_external_key", "policy", Resource, KEY),
    row("aws_kms_key", "policy", Resource, KEY),
    row("aws_kms_key_policy", "policy", Resource, KEY),
    row("aws_kms_replica_external_key", "policy", Resource, KEY),
    row("aws_kms_replica_key", "policy", Resource, KEY),
    row("aws_media_store_container_policy", "policy", Resource, None),
    row("aws_msk_cluster_policy", "policy", Resource, None),
    row("aws_networkfirewall_resource_policy", "policy", Resource, None),
    row("aws_oam_sink_policy", "policy", Resource, None),
    row("aws_opensearch_domain", "access_policies", Resource, DOMAIN),
    row("aws_opensearch_domain_policy", "access_policies", Resource, DOMAIN),
    row("aws_organizations_policy", "content", ServiceControl, None),
    row("aws_organizations_resource_policy", "content", Resource, None),
    row("aws_redshift_resource_policy", "policy", Resource, None),
    row("aws_redshiftserverless_resource_policy", "policy", Resource, None),
    row("aws_rolesanywhere_profile", "session_policy", Session, None),
    row("aws_s3_access_point", "policy", Resource, ACCESS_POINT),
    row("aws_s3_bucket", "policy", Resource, BUCKET),
    row("aws_s3_bucket_policy", "policy", Resource, BUCKET),
    row("aws_s3control_access_point_policy", "policy", Resource, ACCESS_POINT),
    row("aws_s3control_bucket_policy", "policy", Resource, Some("AWS::S3Outposts::Bucket")),
    row("aws_s3control_multi_region_access_point_policy", "details.policy", Resource, None),
    row("aws_s3control_object_lambda_access_point_policy", "policy", Resource, None),
    row("aws_s3tables_table_bucket_policy", "resource_policy", Resource, Some("AWS::S3Tables::TableBucket")),
    row("aws_s3tables_table_policy", "resource_policy", Resource, Some("AWS::S3Tables::Table")),
    row("aws_sagemaker_model_package_group_policy", "resource_policy", Resource, None),
    row("aws_schemas_registry_policy", "policy", Resource, None),
    row("aws_secretsmanager_secret", "policy", Resource, SECRET),
    row("aws_secretsmanager_secret_policy", "policy", Resource, SECRET),
    row("aws_ses_identity_policy", "policy", Resource, None),
    row("aws_sesv2_email_identity_policy", "policy", Resource, None),
    row("aws_sns_topic", "policy", Resource, TOPIC),
    row("aws_sns_topic_policy", "policy", Resource, TOPIC),
    row("aws_sqs_queue", "policy", Resource, QUEUE),
    row("aws_sqs_queue_policy", "policy", Resource, QUEUE),
    row("aws_ssoadmin_permission_set_inline_policy", "inline_policy", Identity, None),
    row("aws_transfer_access", "policy", Session, None),
    row("aws_transfer_user", "policy", Session, None),
    row("aws_vpc_endpoint", "policy", Endpoint, None),
    row("aws_vpc_endpoint_policy", "policy", Endpoint, None),
    row("aws_vpclattice_auth_policy", "policy", Resource, None),
    row("aws_vpclattice_resource_policy", "policy", Resource, None),
    row("aws_xray_resource_policy", "policy_document", Resource, None),
    // the same by Cloud Control (`awscc`), whose attributes are those of CloudFormation in snake case
    row("awscc_iam_managed_policy", "policy_document", Identity, None),
    row("awscc_iam_role", "assume_role_policy_document", Trust, ROLE),
    row("awscc_iam_role", "policies.policy_document", Identity, None),
    row("awscc_iam_role_policy", "policy_document", Identity, None),
    row("awscc_iam_user_policy", "policy_document", Identity, None),
    row("awscc_kms_key", "key_policy", Resource, KEY),
    row("awscc_s3_bucket_policy", "policy_document", Resource, BUCKET),
    row("awscc_secretsmanager_resource_policy", "resource_policy", Resource, SECRET),
    row("awscc_sns_topic_inline_policy", "policy_document", Resource, TOPIC),
    row("awscc_sns_topic_policy", "policy_document", Resource, TOPIC),
    row("awscc_sqs_queue_policy", "policy_document", Resource, QUEUE),
];

/// Names under which an attribute of a resource that is not in the table is taken for a policy even if it is not known.
pub(super) const USUAL: [&str; 6] =
    ["access_policies", "access_policy", "assume_role_policy", "policy", "policy_document", "resource_policy"];

/// The policies of a resource.
pub(super) fn rows(resource: &str) -> Vec<Row> {
    ROWS.iter().filter(|row| row.resource == resource).copied().collect()
}
