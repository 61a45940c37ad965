//! The small world: few actions, resources, callers and keys, close enough to collide.

/// The type of a condition key, which chooses its likely operators and values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Text,
    Flag,
    Number,
    Date,
    Address,
    Arn,
}

/// A condition key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) kind: Type,
    pub(super) multi: bool,
}

const fn key(name: &'static str, kind: Type, multi: bool) -> Key {
    Key { name, kind, multi }
}

pub(super) const KEYS: [Key; 15] = [
    key("aws:PrincipalTag/team", Type::Text, false),
    key("aws:ResourceTag/Team", Type::Text, false),
    key("s3:prefix", Type::Text, false),
    key("aws:username", Type::Text, false),
    key("aws:PrincipalOrgID", Type::Text, false),
    key("aws:TagKeys", Type::Text, true),
    key("dynamodb:LeadingKeys", Type::Text, true),
    key("aws:SecureTransport", Type::Flag, false),
    key("s3:max-keys", Type::Number, false),
    key("aws:CurrentTime", Type::Date, false),
    key("kms:ValidTo", Type::Date, false),
    key("aws:SourceIp", Type::Address, false),
    key("aws:PrincipalArn", Type::Arn, false),
    key("s3:DataAccessPointArn", Type::Arn, false),
    key("acme:Colour", Type::Text, false),
];

pub(super) const TEXTS: [&str; 14] = [
    "red",
    "Red",
    "re",
    "redd",
    "blue",
    "",
    "team-a",
    "team-b",
    "alice",
    "home/alice/",
    "o-abcdefghij",
    "a*b",
    "a?b",
    "é",
];
pub(super) const TEXT_PATTERNS: [&str; 10] =
    ["red*", "*", "r?d", "*e", "team-?", "team-*", "home/*/", "?", "*a*", "o-*"];
pub(super) const FLAGS: [&str; 5] = ["true", "false", "True", "FALSE", "yes"];
pub(super) const NUMBERS: [&str; 10] = ["10", "10.0", "9", "11", "-1", "+10", "010", "10.5", ".5", "0"];
pub(super) const BAD_NUMBERS: [&str; 4] = ["ten", "1e1", "", "1,0"];
pub(super) const DATES: [&str; 11] = [
    "2024-01-01T00:00:00Z",
    "1704067200",
    "2024-01-01",
    "2024-01",
    "2024-01-01T01:00:00+01:00",
    "2024-01-01T00:00:00.5Z",
    "2023-12-31T23:59Z",
    "2024-06-30T12:00:00",
    "1704067201",
    "-1",
    "2024",
];
pub(super) const BAD_DATES: [&str; 4] = ["soon", "2024-02-30", "2024-1-1", "2024-01-01T25:00Z"];
pub(super) const ADDRESSES: [&str; 8] = [
    "203.0.113.7",
    "203.0.113.8",
    "198.51.100.1",
    "2001:db8::1",
    "2001:db8::2",
    "2001:DB8:0::1",
    "2001:db9::1",
    "::ffff:203.0.113.7",
];
pub(super) const NETWORKS: [&str; 10] = [
    "203.0.113.0/24",
    "203.0.113.7/32",
    "203.0.113.99/29",
    "0.0.0.0/0",
    "203.0.113.7",
    "2001:db8::/32",
    "2001:db8::1",
    "2001:db8::2",
    "::/0",
    "198.51.0.0/16",
];
pub(super) const BAD_NETWORKS: [&str; 4] = ["203.0.*", "203.0.113.0/33", "203.0.113", "office"];
pub(super) const BYTES: [&str; 4] = ["cmVk", "Ymx1ZQ==", "QQ==", "no!"];

pub(super) const ACCOUNTS: [&str; 3] = ["111122223333", "444455556666", "777788889999"];

/// Callers as requests write them.
pub(super) const CALLERS: [&str; 17] = [
    "arn:aws:iam::111122223333:root",
    "arn:aws:iam::111122223333:user/alice",
    "arn:aws:iam::111122223333:user/team/bob",
    "arn:aws:iam::111122223333:role/app",
    "arn:aws:sts::111122223333:assumed-role/app/run",
    "arn:aws:sts::111122223333:assumed-role/app/other",
    "arn:aws:sts::111122223333:assumed-role/deploy/run",
    "arn:aws:sts::111122223333:assumed-role/linked/run",
    "arn:aws:sts::111122223333:assumed-role/unlinked/run",
    "arn:aws:sts::111122223333:federated-user/alice",
    "arn:aws:iam::444455556666:user/alice",
    "arn:aws:sts::444455556666:assumed-role/app/run",
    "arn:aws:iam::444455556666:root",
    "sns.amazonaws.com",
    "cloudtrail.amazonaws.com",
    "anonymous",
    "arn:aws:iam::111122223333:saml-provider/corp",
];

/// The path of each role of the world, which a session's ARN does not show.
pub(super) fn role_arn(account: &str, role: &str) -> String {
    let path = match role {
        "deploy" => "ci/",
        "linked" => "aws-service-role/x.amazonaws.com/",
        "unlinked" => ":role/aws-service-role/", // a path may hold colons (spec 3.2)
        _ => "",
    };
    format!("arn:aws:iam::{account}:role/{path}{role}")
}

/// Entries under `AWS`.
pub(super) const NAMES: [&str; 14] = [
    "*",
    "111122223333",
    "444455556666",
    "arn:aws:iam::111122223333:root",
    "arn:aws:iam::444455556666:root",
    "arn:aws:iam::111122223333:user/alice",
    "arn:aws:iam::111122223333:user/team/bob",
    "arn:aws:iam::111122223333:role/app",
    "arn:aws:iam::111122223333:role/ci/deploy",
    "arn:aws:sts::111122223333:assumed-role/app/run",
    "arn:aws:sts::111122223333:federated-user/alice",
    "arn:aws:iam::444455556666:user/alice",
    "arn:aws:iam::444455556666:role/app",
    "AROAEXAMPLEAPPROLE01",
];
/// The same with something that is an error, though not a fatal one.
pub(super) const BAD_NAMES: [&str; 3] =
    ["arn:aws:iam::111122223333:user/*", "arn:aws:iam::*:role/app", "arn:aws:iam::111122223333:role/ap?"];
pub(super) const SERVICES: [&str; 2] = ["sns.amazonaws.com", "cloudtrail.amazonaws.com"];
pub(super) const PROVIDERS: [&str; 2] = ["arn:aws:iam::111122223333:saml-provider/corp", "accounts.google.com"];

pub(super) const ACTIONS: [&str; 10] = [
    "s3:GetObject",
    "s3:GetObjectAcl",
    "s3:PutObject",
    "s3:ListBucket",
    "s3:ListAllMyBuckets",
    "sqs:SendMessage",
    "sqs:ReceiveMessage",
    "sqs:GetQueueUrl",
    "kms:Decrypt",
    "kms:DescribeKey",
];
pub(super) const ACTION_PATTERNS: [&str; 10] = [
    "*",
    "s3:*",
    "s3:Get*",
    "s3:?etObject",
    "s3:*Object*",
    "sqs:*Message",
    "sqs:*",
    "s3:GetObject?cl",
    "kms:De*",
    "S3:LIST*",
];
pub(super) const TRUST_ACTIONS: [&str; 6] = [
    "sts:AssumeRole",
    "sts:AssumeRoleWithSAML",
    "sts:AssumeRoleWithWebIdentity",
    "sts:TagSession",
    "sts:AssumeRole*",
    "sts:*",
];
pub(super) const ROLE: &str = "arn:aws:iam::111122223333:role/app";

pub(super) const RESOURCES: [&str; 10] = [
    "arn:aws:s3:::data",
    "arn:aws:s3:::data/a/x",
    "arn:aws:s3:::data/home/alice/x",
    "arn:aws:s3:::datab/a/x",
    "arn:aws:s3:::logs/x:y",
    "arn:aws:sqs:eu-west-1:111122223333:queue",
    "arn:aws:sqs:us-east-1:111122223333:queue2",
    "arn:aws:sqs:eu-west-1:444455556666:queue",
    "arn:aws:kms:eu-west-1:111122223333:key/k1",
    "arn:aws:kms:eu-west-1:111122223333:alias/k1",
];
pub(super) const RESOURCE_PATTERNS: [&str; 20] = [
    "*",
    "*",
    "arn:aws:s3:::data/*",
    "arn:aws:s3:::data*",
    "arn:aws:s3:::*",
    "arn:aws:s3:::data/?/x",
    "arn:aws:s3:::*/a/*",
    "arn:aws:s3:::logs/*",
    "arn:*:s3:::data/*",
    "arn:aws:sqs:*:*:queue",
    "arn:aws:sqs:eu-*:111122223333:queue*",
    "arn:aws:sqs:*:1111????3333:queue?",
    "arn:aws:sqs:*-1:111122223333:*",
    "arn:aws:kms:*:*:key/*",
    "arn:aws:sqs:*:queue",
    "arn:aws:sqs:EU-west-1:111122223333:queue",
    "arn:aws:s3:*",
    "arn:aws:sqs*",
    "arn:aws:sqs",
    "arn:*",
];
pub(super) const VARIABLE_RESOURCES: [&str; 5] = [
    "arn:aws:s3:::data/home/${aws:username}/*",
    "arn:aws:s3:::data/${aws:PrincipalTag/team}/*",
    "arn:aws:s3:::data/${aws:PrincipalTag/team, 'a'}/*",
    "arn:aws:s3:::data/${*}",
    "arn:aws:sqs:*:*:${acme:colour}?",
];
pub(super) const VARIABLE_TEXTS: [&str; 6] = [
    "${aws:username}",
    "${aws:PrincipalTag/Team}",
    "${acme:Colour, 'red'}",
    "home/${aws:username}/*",
    "a${*}b",
    "${$}${aws:TagKeys, ''}",
];
pub(super) const VARIABLE_ARNS: [&str; 2] =
    ["arn:aws:iam::${aws:PrincipalAccount}:user/*", "arn:aws:iam::111122223333:user/${aws:username}"];
pub(super) const ARNS: [&str; 5] = [
    "arn:aws:iam::111122223333:user/alice",
    "arn:aws:iam::111122223333:role/app",
    "arn:aws:iam::444455556666:user/alice",
    "arn:aws:s3:eu-west-1:111122223333:accesspoint/ap",
    "arn:aws:iam::111122223333:role/ci/deploy",
];
pub(super) const ARN_PATTERNS: [&str; 9] = [
    "arn:aws:iam::111122223333:*",
    "arn:aws:iam::*:user/alice",
    "arn:aws:iam::111122223333:role/*",
    "arn:*:iam::4444????6666:user/?lice",
    "arn:aws:s3:*:*:accesspoint/*",
    "arn:aws:iam::111122223333:user/Alice",
    "*",
    "arn:aws:iam*",
    "arn:*:*:*:*:*",
];
