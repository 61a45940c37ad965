//! Which members of which resources are policies: what the tables of plans and templates have in common.

use std::borrow::Cow;

use crate::policy::Kind;

/// A member of a resource that is a policy.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// The type of the resource.
    pub(super) resource: &'static str,
    /// The way to the policy: members, separated by points; `[]` after one that is a list, of which every element counts.
    pub(super) path: Cow<'static, str>,
    /// What the policy is attached to.
    pub(super) kind: Kind,
    /// The type of check-no-public-access.
    pub(super) checked_as: Option<&'static str>,
}

pub(super) const fn row(
    resource: &'static str,
    path: &'static str,
    kind: Kind,
    checked_as: Option<&'static str>,
) -> Row {
    Row { resource, path: Cow::Borrowed(path), kind, checked_as }
}

impl Row {
    /// The kind of a policy and its type, where the resource says `sort` of itself. The policies of an organisation are of
    /// several kinds, of which two are about access.
    pub(super) fn attached(&self, sort: Option<&str>) -> Option<(Kind, Option<&'static str>)> {
        if self.kind != Kind::ServiceControl {
            return Some((self.kind, self.checked_as));
        }
        match sort {
            None | Some("SERVICE_CONTROL_POLICY") => Some((Kind::ServiceControl, None)),
            Some("RESOURCE_CONTROL_POLICY") => Some((Kind::ResourceControl, None)),
            Some(_) => None,
        }
    }

    /// The members of the way, and whether each is a list.
    pub(super) fn steps(&self) -> impl Iterator<Item = (&str, bool)> {
        self.path.split('.').map(|step| match step.strip_suffix("[]") {
            Some(name) => (name, true),
            None => (step, false),
        })
    }

    /// Whether there may be several policies in this place.
    pub(super) fn is_in_list(&self) -> bool {
        self.path.contains("[]")
    }
}

pub(super) const ACCESS_POINT: Option<&str> = Some("AWS::S3::AccessPoint");
pub(super) const BUCKET: Option<&str> = Some("AWS::S3::Bucket");
pub(super) const DOMAIN: Option<&str> = Some("AWS::OpenSearchService::Domain");
pub(super) const KEY: Option<&str> = Some("AWS::KMS::Key");
pub(super) const QUEUE: Option<&str> = Some("AWS::SQS::Queue");
pub(super) const REST_API: Option<&str> = Some("AWS::ApiGateway::RestApi");
pub(super) const ROLE: Option<&str> = Some("AWS::IAM::AssumeRolePolicyDocument");
pub(super) const SECRET: Option<&str> = Some("AWS::SecretsManager::Secret");
pub(super) const STREAM: Option<&str> = Some("AWS::DynamoDB::Stream");
pub(super) const TABLE: Option<&str> = Some("AWS::DynamoDB::Table");
pub(super) const TOPIC: Option<&str> = Some("AWS::SNS::Topic");
pub(super) const VAULT: Option<&str> = Some("AWS::S3::Glacier");
