//! The colon budget of spec 3.2 where it goes beyond the ARN formats of the data, entry by entry with its reason.
//!
//! The larger of data and table holds. A budget that is too large only admits odd resources; one that is too small
//! would let a check pass without cause, so doubts go upwards.

/// How many colons the resource part of an ARN can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Colons {
    /// Up to this number.
    AtMost(u32),
    /// Any number.
    Unlimited,
}

use Colons::{AtMost, Unlimited};

/// By service, ascending.
#[rustfmt::skip]
pub const CORRECTIONS: &[(&str, Colons, &str)] = &[
    ("apigateway", AtMost(5), "spec 3.2: more than the formats of the data, which have none"),
    ("bedrock", AtMost(2), "spec 3.2: model ids with version and variant, `...-v1:0:18k`"),
    ("cognito-identity", AtMost(1), "spec 3.2: identity pool ids are `REGION:UUID`"),
    ("dynamodb", AtMost(2), "spec 3.2: stream labels are time stamps"),
    ("ecs", AtMost(1), "spec 3.2: task definitions with revision"),
    ("execute-api", Unlimited, "ours: the last part is the path of the call, which may hold any character of a URL"),
    ("greengrass", AtMost(6), "spec 3.2: more than the formats of the data"),
    ("iam", Unlimited, "spec 3.2: paths hold any printable ASCII character"),
    ("lex", AtMost(7), "spec 3.2: more than the formats of the data"),
    ("logs", AtMost(3), "spec 3.2: log streams inside log groups"),
    ("redshift", AtMost(2), "spec 3.2: automated snapshots `rs:...` and database users `IAM:...`"),
    ("s3", Unlimited, "spec 3.2: object keys"),
    ("s3-outposts", Unlimited, "ours: object keys, as in s3"),
    ("sns", AtMost(1), "spec 3.2: subscriptions are `TOPIC:UUID`"),
    ("ssm", AtMost(2), "spec 3.2: parameters and documents with versions; one more than the formats, to be safe"),
];

/// Beginnings of resource parts after which the rest is free text, by service, ascending.
#[rustfmt::skip]
pub const FREE_TEXT: &[(&str, &[&str], &str)] = &[
    ("cloudwatch", &["alarm:"], "ours: alarm names are free text"),
    ("ec2", &["key-pair/"], "spec 3.2: key-pair names are free text; instances, volumes and all else have none"),
    ("iot", &["client/", "topic/", "topicfilter/"], "ours: MQTT names are free text"),
];

/// The larger of the number in the data and the correction, if there is one.
pub(super) fn corrected(service: &str, listed: u32) -> Colons {
    let correction = CORRECTIONS.iter().find(|entry| entry.0 == service);
    correction.map_or(AtMost(listed), |entry| entry.1.max(AtMost(listed)))
}

/// The free-text beginnings of a service.
pub(super) fn free_text(service: &str) -> &'static [&'static str] {
    FREE_TEXT.iter().find(|entry| entry.0 == service).map_or(&[], |entry| entry.1)
}
