//! Which attributes of which Terraform resources are policies.
//!
//! Source: the arguments of each resource in the documentation of the Terraform AWS provider
//! (`registry.terraform.io/providers/hashicorp/aws/latest/docs`), read by name of the resource and compared with the
//! provider's schema as the npm package `@cdktf/provider-aws` 21.22.1 has it: every row is there, and of its arguments named
//! after policies those that are not here hold other things (lifecycle, scaling, redrive, routing, Cedar). The type in
//! the last column is the one that CheckNoPublicAccess has for such a policy, where it has one.

use crate::policy::Kind::{Endpoint, Identity, Resource, ServiceControl, Session, Trust};
use crate::scan::table::{ACCESS_POINT, BUCKET, DOMAIN, KEY, QUEUE, REST_API, ROLE, Row, SECRET, TOPIC, VAULT, row};
use crate::scan::template::table as template;

/// In order of the resources.
const ROWS: &[Row] = &[
    row("aws_acmpca_policy", "policy", Resource, None),
    row("aws_api_gateway_domain_name", "policy", Resource, None),
    row("aws_api_gateway_rest_api", "policy", Resource, REST_API),
    row("aws_api_gateway_rest_api_policy", "policy", Resource, REST_API),
    row("aws_backup_vault_policy", "policy", Resource, Some("AWS::Backup::BackupVault")),
    row("aws_cloudsearch_domain_service_access_policy", "access_policy", Resource, None),
    row("aws_cloudwatch_event_bus_policy", "policy", Resource, None),
    row("aws_cloudwatch_log_delivery_destination_policy", "delivery_destination_policy", Resource, None),
    row("aws_cloudwatch_log_destination_policy", "access_policy", Resource, None),
    row("aws_cloudwatch_log_resource_policy", "policy_document", Resource, None),
    row("aws_codeartifact_domain_permissions_policy", "policy_document", Resource, Some("AWS::CodeArtifact::Domain")),
    row("aws_codeartifact_repository_permissions_policy", "policy_document", Resource, None),
    row("aws_codebuild_resource_policy", "policy", Resource, None),
    row("aws_dynamodb_resource_policy", "policy", Resource, Some("AWS::DynamoDB::Table")),
    row("aws_ecr_registry_policy", "policy", Resource, None),
    row("aws_ecr_repository_creation_template", "repository_policy", Resource, None),
    row("aws_ecr_repository_policy", "policy", Resource, None),
    row("aws_ecrpublic_repository_policy", "policy", Resource, None),
    row("aws_efs_file_system_policy", "policy", Resource, Some("AWS::EFS::FileSystem")),
    row("aws_elasticsearch_domain", "access_policies", Resource, DOMAIN),
    row("aws_elasticsearch_domain_policy", "access_policies", Resource, DOMAIN),
    row("aws_fsx_s3_access_point_attachment", "s3_access_point[].policy", Resource, ACCESS_POINT),
    row("aws_glacier_vault", "access_policy", Resource, VAULT),
    row("aws_glacier_vault_lock", "policy", Resource, VAULT),
    row("aws_glue_resource_policy", "policy", Resource, None),
    row("aws_iam_group_policy", "policy", Identity, None),
    row("aws_iam_policy", "policy", Identity, None),
    row("aws_iam_role", "assume_role_policy", Trust, ROLE),
    row("aws_iam_role", "inline_policy[].policy", Identity, None),
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
    row("aws_odb_network", "s3_policy_document", Endpoint, None),
    row("aws_opensearch_domain", "access_policies", Resource, DOMAIN),
    row("aws_opensearch_domain_policy", "access_policies", Resource, DOMAIN),
    row("aws_organizations_policy", "content", ServiceControl, None),
    row("aws_organizations_resource_policy", "content", Resource, None),
    row("aws_prometheus_resource_policy", "policy_document", Resource, None),
    row("aws_redshift_resource_policy", "policy", Resource, None),
    row("aws_redshiftserverless_resource_policy", "policy", Resource, None),
    row("aws_rolesanywhere_profile", "session_policy", Session, None),
    row("aws_s3_access_point", "policy", Resource, ACCESS_POINT),
    row("aws_s3_bucket", "policy", Resource, BUCKET),
    row("aws_s3_bucket_policy", "policy", Resource, BUCKET),
    row("aws_s3control_access_grants_instance_resource_policy", "policy", Resource, None),
    row("aws_s3control_access_point_policy", "policy", Resource, ACCESS_POINT),
    row("aws_s3control_bucket_policy", "policy", Resource, Some("AWS::S3Outposts::Bucket")),
    row("aws_s3control_multi_region_access_point_policy", "details[].policy", Resource, None),
    row("aws_s3control_object_lambda_access_point_policy", "policy", Resource, None),
    row("aws_s3tables_table_bucket_policy", "resource_policy", Resource, Some("AWS::S3Tables::TableBucket")),
    row("aws_s3tables_table_policy", "resource_policy", Resource, Some("AWS::S3Tables::Table")),
    row("aws_s3vectors_vector_bucket_policy", "policy", Resource, None),
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
];

/// Names under which an attribute of a resource that is not in the table is taken for a policy even if it is not known.
pub(super) const USUAL: [&str; 6] =
    ["access_policies", "access_policy", "assume_role_policy", "policy", "policy_document", "resource_policy"];

/// The policies of a resource. The resources of Cloud Control (`awscc`) are those of CloudFormation in snake case.
pub(super) fn rows(resource: &str) -> Vec<Row> {
    if resource.starts_with("awscc_") {
        let rows = template::ROWS.iter().filter(|row| cloud_control(row.resource) == resource).cloned();
        return rows.map(|row| Row { path: snake(&row.path).into(), ..row }).collect();
    }
    ROWS.iter().filter(|row| row.resource == resource).cloned().collect()
}

/// The name of a CloudFormation type in Cloud Control: `AWS::EC2::VPCEndpoint` is `awscc_ec2_vpc_endpoint`.
fn cloud_control(sort: &str) -> String {
    let rest = sort.strip_prefix("AWS::").unwrap_or(sort);
    let (service, resource) = rest.split_once("::").unwrap_or((rest, ""));
    format!("awscc_{}_{}", service.to_lowercase(), snake(resource))
}

/// A name in snake case; runs of capitals are one word.
fn snake(name: &str) -> String {
    let (mut out, letters) = (String::new(), name.chars().collect::<Vec<char>>());
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| letters.get(at)).copied();
        let lower_next = letters.get(at + 1).is_some_and(char::is_ascii_lowercase);
        let begins = match before {
            Some(before) if before.is_ascii_uppercase() => lower_next,
            Some(before) => before.is_ascii_alphanumeric(),
            None => false,
        };
        if letter.is_ascii_uppercase() && begins {
            out.push('_');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cloud_control_names_are_those_of_cloudformation_in_snake_case() {
        for (sort, name) in [
            ("AWS::EC2::VPCEndpoint", "awscc_ec2_vpc_endpoint"),
            ("AWS::IAM::ManagedPolicy", "awscc_iam_managed_policy"),
            ("AWS::SecretsManager::ResourcePolicy", "awscc_secretsmanager_resource_policy"),
            ("AWS::S3ObjectLambda::AccessPointPolicy", "awscc_s3objectlambda_access_point_policy"),
        ] {
            assert_eq!(cloud_control(sort), name);
        }
        assert_eq!(snake("Policies[].PolicyDocument"), "policies[].policy_document");
        assert_eq!(snake("S3AccessPoint.Policy"), "s3_access_point.policy");
        assert_eq!(rows("awscc_iam_role").len(), 2);
        assert_eq!(rows("awscc_kms_key").first().map(|row| row.path.to_string()), Some("key_policy".to_owned()));
    }
}
