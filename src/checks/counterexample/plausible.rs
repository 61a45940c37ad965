//! Names that requests of real life have: callers, actions that readers know, parts of ARNs, values of keys.

use std::collections::BTreeMap;

use crate::catalogue::{KeyDomain, KeyFacts};
use crate::policy::template::{Piece, Template};
use crate::request::{Caller, ContextValue};

/// The account of examples, and a second one.
pub(super) const ACCOUNTS: [&str; 2] = ["123456789012", "111122223333"];

/// The name of a session.
pub(super) const SESSION: &str = "ci";

/// Actions that most readers know, those that say most about a grant first.
#[rustfmt::skip]
pub(super) const WELL_KNOWN: [&str; 36] = [
    "s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket", "s3:DeleteBucket", "s3:GetBucketPolicy",
    "iam:PassRole", "iam:CreateUser", "iam:AttachRolePolicy", "iam:GetRole", "sts:AssumeRole", "kms:Decrypt",
    "kms:DescribeKey", "ec2:RunInstances", "ec2:TerminateInstances", "ec2:DescribeInstances", "ec2:CreateTags",
    "lambda:InvokeFunction", "lambda:UpdateFunctionCode", "lambda:GetFunction", "dynamodb:GetItem", "dynamodb:PutItem",
    "dynamodb:DeleteTable", "sqs:SendMessage", "sqs:ReceiveMessage", "sns:Publish", "secretsmanager:GetSecretValue",
    "ssm:GetParameter", "ssm:SendCommand", "logs:PutLogEvents", "logs:CreateLogGroup", "ecr:BatchGetImage",
    "cloudformation:CreateStack", "rds:DescribeDBInstances", "cloudwatch:PutMetricData", "organizations:LeaveOrganization",
];

/// Services to look for an action in, where the policy does not say which.
pub(super) const COMMON_SERVICES: [&str; 9] = ["s3", "ec2", "iam", "lambda", "dynamodb", "sqs", "sns", "kms", "sts"];

/// Callers to try in this order; of the account that the request has at last.
pub(super) fn callers(own: Option<&str>) -> Vec<Caller> {
    let text = str::to_owned;
    let user = |account: &str| Caller::User {
        partition: text("aws"),
        account: text(account),
        path: text("/"),
        name: text("alice"),
    };
    let role = |account: &str| Caller::Session {
        partition: text("aws"),
        account: text(account),
        path: None,
        role: text("app"),
        session: Some(text(SESSION)),
    };
    let accounts: Vec<&str> = ACCOUNTS.into_iter().chain(own.filter(|own| !ACCOUNTS.contains(own))).collect();
    let mut callers: Vec<Caller> = accounts.iter().map(|account| user(account)).collect();
    callers.extend(accounts.iter().map(|account| role(account)));
    let providers = ["accounts.google.com", "arn:aws:iam::123456789012:saml-provider/corp"];
    callers.extend(providers.map(|name| Caller::Federated(text(name))));
    callers.extend(["s3.amazonaws.com", "cloudtrail.amazonaws.com"].map(|name| Caller::Service(text(name))));
    callers
}

/// ARNs that a pattern matches: usual values where a whole field is `*`, and where the last part is open a name, a name
/// in a folder, nothing. Where a value is inserted, it is the one of the context.
pub(super) fn arns(fields: &[Template], context: &BTreeMap<String, ContextValue>) -> Vec<String> {
    let filled = |template: &Template| filled(template, context);
    let usual = ["arn", "aws", "s3", "us-east-1", "123456789012", "example"];
    let mut head = String::new();
    for (index, usual) in usual.into_iter().take(5).enumerate() {
        match fields.get(index) {
            Some(field) if !is_open(field) => head.push_str(&filled(field)),
            Some(_) | None => head.push_str(usual),
        }
        head.push(':');
    }
    let Some(own) = fields.get(5) else { return vec![format!("{head}example")] };
    let mut arns = vec![format!("{head}{}", filled(own))];
    if own.pieces().last() == Some(Piece::Many) {
        let stem: Template = own.pieces().take(own.len() - 1).collect();
        let stem = filled(&stem);
        arns.push(format!("{head}{stem}example/report.csv"));
        if !stem.is_empty() && !stem.ends_with([':', '/', '-']) {
            arns.push(format!("{head}{stem}"));
        }
    }
    arns
}

fn is_open(template: &Template) -> bool {
    !template.is_empty() && template.pieces().all(|piece| piece == Piece::Many)
}

fn filled(template: &Template, context: &BTreeMap<String, ContextValue>) -> String {
    let mut text = String::new();
    for piece in template.pieces() {
        match piece {
            Piece::Char(c) => text.push(c),
            Piece::One => text.push('1'),
            Piece::Many => text.push_str("example"),
            Piece::Variable(variable) => match context.get(&variable.key) {
                Some(ContextValue::Single(value)) => text.push_str(value),
                Some(ContextValue::Multi(_)) | None => text.push_str("alice"),
            },
            Piece::Nothing => {}
        }
    }
    text
}

/// `arn:${Partition}:sqs:${Region}:${Account}:${QueueName}` with plausible parts.
pub(super) fn arn_of_format(format: &str) -> String {
    let mut text = String::new();
    let mut rest = format;
    while let Some((before, after)) = rest.split_once("${") {
        text.push_str(before);
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        text.push_str(part(name));
        rest = after;
    }
    text.push_str(rest);
    text
}

/// A value for a named part of an ARN format.
fn part(name: &str) -> &'static str {
    match name {
        "Partition" => "aws",
        "Region" => "us-east-1",
        "Account" => "123456789012",
        "BucketName" => "amzn-s3-demo-bucket",
        "ObjectName" => "report.csv",
        "RoleNameWithPath" | "RoleName" => "app",
        "UserNameWithPath" | "UserName" => "alice",
        "GroupNameWithPath" | "GroupName" => "developers",
        "PolicyNameWithPath" | "PolicyName" => "example-policy",
        "InstanceId" => "i-0123456789abcdef0",
        "VolumeId" => "vol-0123456789abcdef0",
        "VpcId" => "vpc-1a2b3c4d",
        "SubnetId" => "subnet-0123456789abcdef0",
        "SecurityGroupId" => "sg-0123456789abcdef0",
        "ImageId" => "ami-0123456789abcdef0",
        "SnapshotId" => "snap-0123456789abcdef0",
        "KeyId" => "1234abcd-12ab-34cd-56ef-1234567890ab",
        "QueueName" => "example-queue",
        "TopicName" => "example-topic",
        "TableName" => "example-table",
        "FunctionName" => "example-function",
        "LogGroupName" => "example-log-group",
        "RepositoryName" => "example-repository",
        "ClusterName" => "example-cluster",
        "SecretId" => "example-secret-AbCdEf",
        _ => "example",
    }
}

/// Values of a key that requests of real life carry.
pub(super) fn values(facts: &KeyFacts) -> &'static [&'static str] {
    match facts.domain {
        KeyDomain::AccountId | KeyDomain::CallerAccount => &["123456789012", "111122223333"],
        KeyDomain::OrgId => &["o-a1b2c3d4e5"],
        KeyDomain::OrgPath => &["o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/"],
        KeyDomain::VpcId => &["vpc-1a2b3c4d"],
        KeyDomain::VpceId => &["vpce-1a2b3c4d"],
        KeyDomain::Region => &["us-east-1", "eu-west-1", "ap-northeast-1"],
        KeyDomain::ServiceName => &["ec2.amazonaws.com", "lambda.amazonaws.com"],
        KeyDomain::Ip => &["203.0.113.7", "198.51.100.7"],
        KeyDomain::Arn => &["arn:aws:s3:::amzn-s3-demo-bucket"],
        KeyDomain::Date => &["2027-01-01T00:00:00Z"],
        KeyDomain::Text => text_values(&facts.spelling),
        KeyDomain::Bool => match facts.spelling.as_str() {
            "aws:ViaAWSService" => &["false"],
            _ => &["true"],
        },
        // such as the comparison at hand asks for
        KeyDomain::Number | KeyDomain::EpochSeconds => &[],
        KeyDomain::Base64 | KeyDomain::PrincipalType => &[],
    }
}

/// A value of the key that a pattern with `*` matches.
pub(super) fn value_like(key: &str, pattern: &str) -> String {
    let regional = key.ends_with(":viaservice");
    let arn = pattern.starts_with("arn:");
    let mut fields: Vec<String> = Vec::new();
    for (index, field) in pattern.split(':').enumerate() {
        let usual = match index {
            1 if arn => "aws",
            3 if arn => "us-east-1",
            4 if arn => "123456789012",
            _ if regional => "us-east-1",
            _ => "example",
        };
        fields.push(field.replace('*', usual));
    }
    fields.join(":")
}

/// By what the last part of the name says.
fn text_values(spelling: &str) -> &'static [&'static str] {
    let lower = spelling.to_ascii_lowercase();
    let (family, name) = lower.rsplit_once(['/', ':']).unwrap_or(("", &lower));
    match name {
        "environment" | "env" | "stage" => &["dev", "prod"],
        "team" | "department" | "project" | "owner" | "costcenter" | "cost-center" => &["blue", "ops"],
        "useragent" => &["aws-cli/2.0"],
        "prefix" => &["reports/", "home/alice/"],
        "tagkeys" => &["team", "project"],
        "instancetype" => &["m5.large", "t3.micro"],
        _ if family.ends_with("tag") => &["blue", "example"],
        _ => &["example"],
    }
}
