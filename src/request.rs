//! A concrete request (spec 1), and how it is read from and written to JSON.

pub mod read;

use std::collections::BTreeMap;
use std::fmt;

use crate::policy::condition::canonical_key;

/// A request: who does what to which resource, with which context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Who calls.
    pub principal: Caller,
    /// `service:Name`, in any letter case.
    pub action: String,
    /// An ARN, or `*` for actions without a resource.
    pub resource: String,
    /// The account that owns the resource, 12 digits, if known.
    pub resource_account: Option<String>,
    /// Values by lower-case key name; an absent key is not in the map.
    pub context: BTreeMap<String, ContextValue>,
    /// The caller's account is the organisation's management account (`env.principalInManagementAccount`).
    pub principal_in_management_account: bool,
    /// The resource's account is the organisation's management account.
    pub resource_in_management_account: bool,
}

/// The value of a context key. An empty list counts as an absent key (spec 1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContextValue {
    /// A single value.
    Single(String),
    /// A list of values.
    Multi(Vec<String>),
}

/// The kinds of caller (spec 6.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CallerKind {
    /// The account's root user.
    Root,
    /// An IAM user.
    User,
    /// A session of a role.
    Session,
    /// A session made by `GetFederationToken`.
    FederatedUser,
    /// An AWS service by its own principal.
    Service,
    /// A caller of `AssumeRoleWithSAML` or `AssumeRoleWithWebIdentity`.
    Federated,
    /// An unsigned request.
    Anonymous,
}

/// Who calls (spec 1, 6.1).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Caller {
    /// `arn:P:iam::A:root`
    Root {
        /// Partition.
        partition: String,
        /// Account, 12 digits.
        account: String,
    },
    /// `arn:P:iam::A:user<path><name>`
    User {
        /// Partition.
        partition: String,
        /// Account, 12 digits.
        account: String,
        /// Path with both slashes: `/` or `/team/`.
        path: String,
        /// Name, without slash.
        name: String,
    },
    /// `arn:P:sts::A:assumed-role/<role>/<session>`
    Session {
        /// Partition.
        partition: String,
        /// Account, 12 digits.
        account: String,
        /// Path of the role with both slashes, if known; a session ARN does not show it (spec 6.2).
        path: Option<String>,
        /// Role name.
        role: String,
        /// Session name; `None` for "some session of the role", written as the role's ARN (spec 6.2).
        session: Option<String>,
    },
    /// `arn:P:sts::A:federated-user/<name>`
    FederatedUser {
        /// Partition.
        partition: String,
        /// Account, 12 digits.
        account: String,
        /// Name.
        name: String,
    },
    /// A service principal, for example `sns.amazonaws.com`.
    Service(String),
    /// A federation provider: an ARN of a SAML or OIDC provider, or a host name.
    Federated(String),
    /// Nobody in particular.
    Anonymous,
}

impl Caller {
    /// The kind.
    pub fn kind(&self) -> CallerKind {
        match self {
            Caller::Root { .. } => CallerKind::Root,
            Caller::User { .. } => CallerKind::User,
            Caller::Session { .. } => CallerKind::Session,
            Caller::FederatedUser { .. } => CallerKind::FederatedUser,
            Caller::Service(_) => CallerKind::Service,
            Caller::Federated(_) => CallerKind::Federated,
            Caller::Anonymous => CallerKind::Anonymous,
        }
    }

    /// The account, if the caller has one.
    pub fn account(&self) -> Option<&str> {
        match self {
            Caller::Root { account, .. }
            | Caller::User { account, .. }
            | Caller::Session { account, .. }
            | Caller::FederatedUser { account, .. } => Some(account),
            Caller::Service(_) | Caller::Federated(_) | Caller::Anonymous => None,
        }
    }

    /// The partition, if the caller has one.
    pub fn partition(&self) -> Option<&str> {
        match self {
            Caller::Root { partition, .. }
            | Caller::User { partition, .. }
            | Caller::Session { partition, .. }
            | Caller::FederatedUser { partition, .. } => Some(partition),
            Caller::Service(_) | Caller::Federated(_) | Caller::Anonymous => None,
        }
    }

    /// `aws:PrincipalArn`: the role's ARN for a session (spec 6.1), a role of unknown path being taken to have none.
    pub fn principal_arn(&self) -> Option<String> {
        match self {
            Caller::Root { .. } | Caller::User { .. } | Caller::FederatedUser { .. } => Some(self.to_string()),
            Caller::Session { partition, account, path, role, .. } => {
                Some(format!("arn:{partition}:iam::{account}:role{}{role}", path.as_deref().unwrap_or("/")))
            }
            Caller::Service(_) | Caller::Federated(_) | Caller::Anonymous => None,
        }
    }
}

impl fmt::Display for Caller {
    /// The form that [`Caller::parse`] reads: the caller's own ARN, a name, or `anonymous`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Caller::Root { partition, account } => write!(f, "arn:{partition}:iam::{account}:root"),
            Caller::User { partition, account, path, name } => {
                write!(f, "arn:{partition}:iam::{account}:user{path}{name}")
            }
            Caller::Session { partition, account, role, session: Some(session), .. } => {
                write!(f, "arn:{partition}:sts::{account}:assumed-role/{role}/{session}")
            }
            Caller::Session { partition, account, path, role, session: None } => {
                write!(f, "arn:{partition}:iam::{account}:role{}{role}", path.as_deref().unwrap_or("/"))
            }
            Caller::FederatedUser { partition, account, name } => {
                write!(f, "arn:{partition}:sts::{account}:federated-user/{name}")
            }
            Caller::Service(name) | Caller::Federated(name) => f.write_str(name),
            Caller::Anonymous => f.write_str("anonymous"),
        }
    }
}

/// Host names of the web identity providers that have no provider ARN (spec 6.3).
const WEB_IDENTITY_PROVIDERS: [&str; 4] =
    ["accounts.google.com", "cognito-identity.amazonaws.com", "graph.facebook.com", "www.amazon.com"];

impl Caller {
    /// Reads an ARN, a service name, the host name of a federation provider, or `anonymous`.
    pub fn parse(text: &str) -> Result<Self, RequestError> {
        let fail = || RequestError::BadPrincipal { text: text.to_owned() };
        if text == "anonymous" {
            return Ok(Caller::Anonymous);
        }
        if text.starts_with("arn:") {
            return Self::from_arn(text).ok_or_else(fail);
        }
        let is_host = text.contains('.') && text.chars().all(|c| !c.is_whitespace() && !"*?:".contains(c));
        if !is_host {
            return Err(fail());
        }
        let of_service = [".amazonaws.com", ".amazonaws.com.cn"].iter().any(|suffix| text.ends_with(suffix));
        let service = of_service && !WEB_IDENTITY_PROVIDERS.contains(&text);
        Ok(if service { Caller::Service(text.to_owned()) } else { Caller::Federated(text.to_owned()) })
    }

    fn from_arn(text: &str) -> Option<Self> {
        let mut fields = text.splitn(6, ':').skip(1);
        let (partition, service) = (fields.next()?.to_owned(), fields.next()?);
        let (region, account, own) = (fields.next()?, fields.next()?.to_owned(), fields.next()?);
        let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
        if partition.is_empty() || !region.is_empty() || !is_account {
            return None;
        }
        if (service, own) == ("iam", "root") {
            return Some(Caller::Root { partition, account });
        }
        let (sort, rest) = own.split_once('/')?;
        if rest.is_empty() {
            return None;
        }
        match (service, sort) {
            ("iam", "user") => {
                let (path, name) = path_and_name(rest)?;
                Some(Caller::User { partition, account, path, name })
            }
            ("iam", "role") => {
                let (path, role) = path_and_name(rest)?;
                Some(Caller::Session { partition, account, path: Some(path), role, session: None })
            }
            ("sts", "assumed-role") => {
                let (role, session) =
                    rest.split_once('/').filter(|(role, name)| !role.is_empty() && !name.is_empty())?;
                let (role, session) = (role.to_owned(), Some(session.to_owned()));
                Some(Caller::Session { partition, account, path: None, role, session })
            }
            ("sts", "federated-user") => Some(Caller::FederatedUser { partition, account, name: rest.to_owned() }),
            ("iam", "saml-provider" | "oidc-provider") => Some(Caller::Federated(text.to_owned())),
            _ => None,
        }
    }
}

/// `team/app` is the name `app` under the path `/team/`.
fn path_and_name(text: &str) -> Option<(String, String)> {
    let (path, name) = text.rsplit_once('/').unwrap_or(("", text));
    let path = if path.is_empty() { "/".to_owned() } else { format!("/{path}/") };
    (!name.is_empty()).then(|| (path, name.to_owned()))
}

/// Why a request could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestError {
    /// Not a JSON object.
    NotAnObject,
    /// A required member is missing.
    Missing(&'static str),
    /// A member that a request does not have.
    UnknownMember(String),
    /// A member of the wrong type.
    WrongType {
        /// The member, with its path.
        member: String,
        /// What it should be.
        expected: &'static str,
    },
    /// No caller is written so.
    BadPrincipal {
        /// As written.
        text: String,
    },
    /// No action is written so.
    BadAction {
        /// As written.
        text: String,
    },
    /// Neither an ARN nor `*`.
    BadResource {
        /// As written.
        text: String,
    },
    /// Not 12 digits.
    BadAccount {
        /// As written.
        text: String,
    },
    /// Two spellings of one context key (names do not differ by letter case).
    DuplicateKey(String),
}

impl RequestError {
    /// What to write instead.
    pub fn hint(&self) -> &'static str {
        match self {
            RequestError::NotAnObject | RequestError::Missing(_) | RequestError::UnknownMember(_) => {
                "a request is {\"principal\": …, \"action\": …, \"resource\": …}, optionally with \"resourceAccount\", \
                 \"context\" and \"env\""
            }
            RequestError::WrongType { .. } => "give the value as text; a context key may also have a list of texts",
            RequestError::BadPrincipal { .. } => {
                "write the ARN of a user, role, session, federated user, provider or account root without wildcards, a \
                 service name such as `sns.amazonaws.com`, the host name of a web identity provider, or `anonymous`"
            }
            RequestError::BadAction { .. } => "write `service:Name`, for example `s3:GetObject`, without wildcards",
            RequestError::BadResource { .. } => "write an ARN with six fields, or `*` for an action without a resource",
            RequestError::BadAccount { .. } => "an account id has 12 digits; as JSON text, not as a number",
            RequestError::DuplicateKey(_) => "keep one; a key with several values has a list",
        }
    }
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RequestError::NotAnObject => f.write_str("the request is no JSON object"),
            RequestError::Missing(member) => write!(f, "the request has no `{member}`"),
            RequestError::UnknownMember(member) => write!(f, "a request has no member `{member}`"),
            RequestError::WrongType { member, expected } => write!(f, "`{member}` is not {expected}"),
            RequestError::BadPrincipal { text } => write!(f, "`{text}` is no caller"),
            RequestError::BadAction { text } => write!(f, "`{text}` is no action"),
            RequestError::BadResource { text } => write!(f, "`{text}` is no resource"),
            RequestError::BadAccount { text } => write!(f, "`{text}` is no account id"),
            RequestError::DuplicateKey(key) => write!(f, "the context key `{key}` is given twice"),
        }
    }
}

impl std::error::Error for RequestError {}

impl Request {
    /// A request by nobody for nothing: what is asked of another text does not depend on it.
    pub(crate) fn nothing() -> Request {
        Request {
            principal: Caller::Anonymous,
            action: String::new(),
            resource: String::new(),
            resource_account: None,
            context: BTreeMap::new(),
            principal_in_management_account: false,
            resource_in_management_account: false,
        }
    }

    /// The request as `keyaki evaluate` reads it (contract 3).
    pub fn to_json(&self) -> serde_json::Value {
        let context: serde_json::Map<String, serde_json::Value> = self
            .context
            .iter()
            .map(|(key, value)| {
                let value = match value {
                    ContextValue::Single(value) => serde_json::Value::from(value.clone()),
                    ContextValue::Multi(values) => serde_json::Value::from(values.clone()),
                };
                (key.clone(), value)
            })
            .collect();
        let mut json = serde_json::json!({
            "principal": self.principal.to_string(),
            "action": self.action,
            "resource": self.resource,
            "context": context,
        });
        if let (Some(account), Some(members)) = (&self.resource_account, json.as_object_mut()) {
            members.insert("resourceAccount".to_owned(), account.clone().into());
        }
        json
    }

    /// Reads `{"principal","action","resource","resourceAccount"?,"context"?,"env"?}`; `resource_account` is accepted
    /// too.
    pub fn from_json(json: &serde_json::Value) -> Result<Self, RequestError> {
        let object = json.as_object().ok_or(RequestError::NotAnObject)?;
        let known = ["principal", "action", "resource", "resourceAccount", "resource_account", "context", "env"];
        if let Some(member) = object.keys().find(|member| !known.contains(&member.as_str())) {
            return Err(RequestError::UnknownMember(member.clone()));
        }
        let text = |member: &'static str| match object.get(member) {
            None | Some(serde_json::Value::Null) => Ok(None),
            Some(serde_json::Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(RequestError::WrongType { member: member.to_owned(), expected: "a text" }),
        };
        let required = |member| text(member)?.ok_or(RequestError::Missing(member));
        let resource_account = match text("resourceAccount")? {
            Some(account) => Some(account),
            None => text("resource_account")?,
        };
        Ok(Self {
            principal: Caller::parse(&required("principal")?)?,
            action: action(required("action")?)?,
            resource: resource(required("resource")?)?,
            resource_account: resource_account.map(account).transpose()?,
            context: object.get("context").map_or(Ok(BTreeMap::new()), context)?,
            principal_in_management_account: flag(object.get("env"), "principalInManagementAccount")?,
            resource_in_management_account: flag(object.get("env"), "resourceInManagementAccount")?,
        })
    }
}

fn action(text: String) -> Result<String, RequestError> {
    let mut parts = text.split(':');
    let named = |part: Option<&str>| part.is_some_and(|part| !part.is_empty() && !part.contains([' ', ',', '*', '?']));
    let complete = named(parts.next()) && named(parts.next()) && parts.next().is_none();
    if complete { Ok(text) } else { Err(RequestError::BadAction { text }) }
}

fn resource(text: String) -> Result<String, RequestError> {
    let is_arn = text.starts_with("arn:") && text.split(':').count() >= 6;
    if is_arn || text == "*" { Ok(text) } else { Err(RequestError::BadResource { text }) }
}

fn account(text: String) -> Result<String, RequestError> {
    let complete = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    if complete { Ok(text) } else { Err(RequestError::BadAccount { text }) }
}

/// The context; keys in lower case.
fn context(json: &serde_json::Value) -> Result<BTreeMap<String, ContextValue>, RequestError> {
    let wrong = |member: &str, expected| RequestError::WrongType { member: member.to_owned(), expected };
    let object = json.as_object().ok_or_else(|| wrong("context", "an object"))?;
    let mut context = BTreeMap::new();
    for (key, json) in object {
        let value = match json {
            serde_json::Value::Array(values) => {
                values.iter().map(scalar).collect::<Option<_>>().map(ContextValue::Multi)
            }
            json => scalar(json).map(ContextValue::Single),
        };
        let value = value.ok_or_else(|| wrong(&format!("context.{key}"), "a text or a list of texts"))?;
        if context.insert(canonical_key(key), value).is_some() {
            return Err(RequestError::DuplicateKey(key.clone()));
        }
    }
    Ok(context)
}

/// A scalar as text (spec 1).
fn scalar(json: &serde_json::Value) -> Option<String> {
    match json {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Bool(_) | serde_json::Value::Number(_) => Some(json.to_string()),
        serde_json::Value::Null | serde_json::Value::Array(_) | serde_json::Value::Object(_) => None,
    }
}

/// A flag of `env`; false if absent.
fn flag(env: Option<&serde_json::Value>, member: &str) -> Result<bool, RequestError> {
    let wrong = |member: &str, expected| RequestError::WrongType { member: member.to_owned(), expected };
    let Some(env) = env else { return Ok(false) };
    match env.as_object().ok_or_else(|| wrong("env", "an object"))?.get(member) {
        None => Ok(false),
        Some(serde_json::Value::Bool(flag)) => Ok(*flag),
        Some(_) => Err(wrong(&format!("env.{member}"), "true or false")),
    }
}

#[cfg(test)]
mod tests {
    use super::{Caller, CallerKind, ContextValue, Request, RequestError};
    use serde_json::json;

    #[test]
    fn callers_print_as_they_are_read() {
        let cases = [
            ("anonymous", CallerKind::Anonymous),
            ("arn:aws:iam::111122223333:root", CallerKind::Root),
            ("arn:aws-cn:iam::111122223333:user/alice", CallerKind::User),
            ("arn:aws:iam::111122223333:user/team/a/alice", CallerKind::User),
            ("arn:aws:iam::111122223333:role/app", CallerKind::Session),
            ("arn:aws:iam::111122223333:role/team/app", CallerKind::Session),
            ("arn:aws:sts::111122223333:assumed-role/app/i-1", CallerKind::Session),
            ("arn:aws:sts::111122223333:federated-user/bob", CallerKind::FederatedUser),
            ("arn:aws:iam::111122223333:saml-provider/idp", CallerKind::Federated),
            ("graph.facebook.com", CallerKind::Federated),
            ("cognito-identity.amazonaws.com", CallerKind::Federated),
            ("sns.amazonaws.com", CallerKind::Service),
            // no wildcard: a name of documents, which is then in the domain of names (spec 6.5(14))
            ("arn:aws:iam::111122223333:user/a?b*", CallerKind::User),
        ];
        for (text, kind) in cases {
            let caller = Caller::parse(text).unwrap();
            assert_eq!((caller.to_string().as_str(), caller.kind()), (text, kind));
        }
    }

    #[test]
    fn refuses_what_is_no_caller() {
        for text in [
            "",
            "*",
            "111122223333",
            "arn:aws:iam::111122223333",
            "arn:aws:iam::111122223333:user/",
            "arn:aws:iam::1111:root",
            "arn:aws:sts::111122223333:assumed-role/app",
            "arn:aws:s3:::bucket",
            "two words.example",
        ] {
            assert!(matches!(Caller::parse(text), Err(RequestError::BadPrincipal { .. })), "{text}");
        }
    }

    #[test]
    fn reads_a_request() {
        let request = Request::from_json(&json!({
            "principal": "arn:aws:iam::111122223333:user/alice", "action": "s3:GetObject", "resource": "*",
            "resource_account": "444455556666", "env": {"resourceInManagementAccount": true},
            "context": {"aws:SourceIp": "203.0.113.1", "aws:TagKeys": ["a", "b"], "s3:max-keys": 5, "aws:SecureTransport": true}
        }))
        .unwrap();
        assert_eq!(request.resource_account.as_deref(), Some("444455556666"));
        assert!(request.resource_in_management_account && !request.principal_in_management_account);
        assert_eq!(request.context["s3:max-keys"], ContextValue::Single("5".into()));
        assert_eq!(request.context["aws:tagkeys"], ContextValue::Multi(vec!["a".into(), "b".into()]));
        assert_eq!(request.context["aws:securetransport"], ContextValue::Single("true".into()));
    }

    #[test]
    fn says_what_is_wrong_with_a_request() {
        let read = |json: serde_json::Value| Request::from_json(&json).unwrap_err();
        assert_eq!(read(json!([])), RequestError::NotAnObject);
        assert_eq!(read(json!({"principal": "anonymous"})), RequestError::Missing("action"));
        assert_eq!(read(json!({"prinicpal": "anonymous"})), RequestError::UnknownMember("prinicpal".into()));
        let base = |member: &str, value: serde_json::Value| {
            let mut json = json!({"principal": "anonymous", "action": "s3:GetObject", "resource": "*"});
            json[member] = value;
            read(json)
        };
        assert!(matches!(base("action", json!("s3:Get*")), RequestError::BadAction { .. }));
        assert!(matches!(base("resource", json!("bucket")), RequestError::BadResource { .. }));
        assert!(matches!(base("resourceAccount", json!("12")), RequestError::BadAccount { .. }));
        assert!(matches!(base("resourceAccount", json!(12)), RequestError::WrongType { .. }));
        assert!(matches!(base("context", json!({"a:b": null})), RequestError::WrongType { .. }));
        assert!(matches!(base("context", json!({"a:B": "1", "A:b": "1"})), RequestError::DuplicateKey(_)));
        assert!(matches!(base("env", json!({"principalInManagementAccount": 1})), RequestError::WrongType { .. }));
    }
}
