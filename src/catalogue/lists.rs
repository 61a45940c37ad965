//! Lists of the specification that are data: each with the rule it comes from.

use super::keys::same_name;

/// Keys that only sessions of roles carry (spec 6.5(13)), in lower case, ascending.
pub const SESSION_ONLY_KEYS: &[&str] = &[
    "aws:chatbotsourcearn",
    "aws:ec2instancesourceprivateipv4",
    "aws:ec2instancesourcevpc",
    "aws:federatedprovider",
    "aws:sourceidentity",
    "codebuild:buildarn",
    "codebuild:projectarn",
    "ec2:roledelivery",
    "ec2:sourceinstancearn",
    "glue:credentialissuingservice",
    "glue:roleassumedby",
    "identitystore:userid",
    "lambda:sourcefunctionarn",
    "ssm:sourceinstancearn",
];

/// Services whose resources are under resource control policies (spec 8.5), ascending.
#[rustfmt::skip]
pub const RCP_SERVICES: &[&str] = &[
    "aoss", "appconfig", "appstream", "autoscaling", "autoscaling-plans", "budgets", "clouddirectory", "cloudfront",
    "cloudsearch", "cloudtrail-data", "codeartifact", "codebuild", "codecommit", "codepipeline", "cognito-identity",
    "cognito-idp", "comprehend", "comprehendmedical", "compute-optimizer", "cost-optimization-hub", "dax", "dsql",
    "dynamodb", "ecr", "ecr-public", "events", "firehose", "fis", "fms", "gamelift", "health", "inspector-scan",
    "kendra", "kinesisvideo", "kms", "logs", "memorydb", "networkmonitor", "notifications", "opensearch",
    "pca-connector-ad", "personalize", "polly", "pricing", "resource-groups", "rolesanywhere", "s3", "secretsmanager",
    "servicediscovery", "signin", "sqs", "sts", "support", "swf", "textract", "timestream-influxdb", "transcribe",
    "transfer", "translate", "wafv2", "workspaces", "xray",
];

/// Services none of whose actions carry `aws:ResourceAccount`, `aws:ResourceOrgID` and `aws:ResourceOrgPaths`
/// (spec 6.5(6): the EBS direct APIs and EventBridge).
pub const SERVICES_WITHOUT_RESOURCE_KEYS: &[&str] = &["ebs", "events"];

/// Actions that do not carry those keys, in lower case, ascending: those that spec 6.5(6) names by kind (peering, copy
/// and volume actions of EC2, some of Route 53, one of WorkSpaces), as the page on global keys lists them, and the
/// acceptances of invitations that it lists too.
pub const ACTIONS_WITHOUT_RESOURCE_KEYS: &[&str] = &[
    "auditmanager:updateassessmentframeworkshare",
    "detective:acceptinvitation",
    "ds:acceptshareddirectory",
    "ec2:accepttransitgatewaypeeringattachment",
    "ec2:acceptvpcendpointconnections",
    "ec2:acceptvpcpeeringconnection",
    "ec2:copyimage",
    "ec2:copysnapshot",
    "ec2:createtransitgatewaypeeringattachment",
    "ec2:createvolume",
    "ec2:createvpcendpoint",
    "ec2:createvpcpeeringconnection",
    "ec2:deletetransitgatewaypeeringattachment",
    "ec2:deletevpcpeeringconnection",
    "ec2:rejecttransitgatewaypeeringattachment",
    "ec2:rejectvpcendpointconnections",
    "ec2:rejectvpcpeeringconnection",
    "es:acceptinboundconnection",
    "guardduty:acceptadministratorinvitation",
    "macie2:acceptinvitation",
    "route53:associatevpcwithhostedzone",
    "route53:createvpcassociationauthorization",
    "route53:deletevpcassociationauthorization",
    "route53:disassociatevpcfromhostedzone",
    "route53:listhostedzonesbyvpc",
    "securityhub:acceptadministratorinvitation",
    "workspaces:describeworkspaceimages",
];

/// Whether only sessions of roles carry the key, in any letter case (spec 6.5(13)).
pub fn is_session_only(key: &str) -> bool {
    SESSION_ONLY_KEYS.iter().any(|listed| same_name(listed, key))
}

/// Whether the resources of a service (lower case) are under resource control policies (spec 8.5).
pub fn is_under_rcp(service: &str) -> bool {
    RCP_SERVICES.binary_search(&service).is_ok()
}

/// Whether requests of an action (lower case) carry no keys about the owner of the resource (spec 6.5(6)).
pub fn lacks_resource_keys(action: &str) -> bool {
    let service = action.split(':').next().unwrap_or(action);
    SERVICES_WITHOUT_RESOURCE_KEYS.contains(&service) || ACTIONS_WITHOUT_RESOURCE_KEYS.binary_search(&action).is_ok()
}
