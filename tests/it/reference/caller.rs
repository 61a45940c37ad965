//! Who calls, and which entries of a principal element match (spec 6).

use super::pattern::{glob, split_fields, tokens};
use super::{Entry, Role};

/// How an entry matches a caller, weakest first (spec 6.2). `Session` is the part of DIRECT that C5 asks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    None,
    Account,
    Role,
    /// DIRECT, through the exact ARN of the session.
    Session,
    Direct,
}

impl Class {
    pub(super) fn when(self, condition: bool) -> Class {
        if condition { self } else { Class::None }
    }
}

/// The callers of spec 6.1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Caller {
    Anonymous,
    Service(String),
    Federated(String),
    Root {
        partition: String,
        account: String,
    },
    User {
        partition: String,
        account: String,
        arn: String,
    },
    /// `path` with both slashes, if known; no `session` when the request names the role alone (spec 6.2).
    Session {
        partition: String,
        account: String,
        path: Option<String>,
        role: String,
        session: Option<String>,
    },
    FederatedUser {
        partition: String,
        account: String,
        name: String,
    },
}

/// The path with both slashes and the name of `team/app`.
fn path_and_name(text: &str) -> (String, String) {
    let (path, name) = text.rsplit_once('/').unwrap_or(("", text));
    (if path.is_empty() { "/".to_owned() } else { format!("/{path}/") }, name.to_owned())
}

/// The requests of federated callers: `AssumeRoleWith…` (spec 6.3, 8.3), and the actions that those requests need as
/// well when they pass tags, a source identity or contexts.
pub(super) fn federates(action: &str) -> bool {
    action.starts_with("sts:assumerolewith")
        || ["sts:tagsession", "sts:setsourceidentity", "sts:setcontext"].contains(&action)
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

impl Caller {
    /// From `principal` of a request, and `aws:PrincipalArn` if present, which shows a role's path (spec 11).
    pub(super) fn read(text: &str, principal_arn: Option<&str>) -> Caller {
        if text == "anonymous" {
            return Caller::Anonymous;
        }
        let fields = split_fields(text, false);
        if fields.len() < 6 {
            let service = text.ends_with(".amazonaws.com") || text.ends_with(".amazonaws.com.cn");
            // Cognito is an identity provider, whatever its host name looks like.
            let service = service && text != "cognito-identity.amazonaws.com";
            return if service { Caller::Service(text.to_owned()) } else { Caller::Federated(text.to_owned()) };
        }
        let (partition, account) = (fields[1].clone(), fields[4].clone());
        let (kind, rest) = fields[5].split_once('/').unwrap_or((&fields[5], ""));
        match (fields[2].as_str(), kind) {
            ("iam", "root") => Caller::Root { partition, account },
            ("iam", "user") => Caller::User { partition, account, arn: text.to_owned() },
            ("iam", "role") => {
                let (path, role) = path_and_name(rest);
                Caller::Session { partition, account, path: Some(path), role, session: None }
            }
            ("sts", "assumed-role") => {
                let (role, session) = rest.split_once('/').unwrap_or((rest, ""));
                let prefix = format!("arn:{partition}:iam::{account}:role/");
                let shown = principal_arn.and_then(|arn| arn.strip_prefix(&prefix)).map(path_and_name);
                let path = shown.filter(|(_, name)| name == role).map(|(path, _)| path);
                Caller::Session { partition, account, path, role: role.to_owned(), session: Some(session.to_owned()) }
            }
            ("sts", "federated-user") => Caller::FederatedUser { partition, account, name: rest.to_owned() },
            _ => Caller::Federated(text.to_owned()),
        }
    }

    /// Partition and account of an IAM caller.
    pub(super) fn home(&self) -> Option<(&str, &str)> {
        match self {
            Caller::Anonymous | Caller::Service(_) | Caller::Federated(_) => None,
            Caller::Root { partition, account }
            | Caller::User { partition, account, .. }
            | Caller::Session { partition, account, .. }
            | Caller::FederatedUser { partition, account, .. } => Some((partition, account)),
        }
    }

    /// A role that AWS services own (spec 8.4).
    pub(super) fn is_service_linked(&self) -> bool {
        matches!(self, Caller::Session { path: Some(path), .. } if path.starts_with("/aws-service-role/"))
    }

    /// The class of one entry under `AWS` other than `*` (spec 6.2).
    pub(super) fn class(&self, entry: &str, userid: Option<&str>, role: Role) -> Class {
        self.classes(entry, userid, role).into_iter().max().unwrap_or(Class::None)
    }

    /// The classes of one entry: more than one only for a wildcard in the existing document.
    fn classes(&self, entry: &str, userid: Option<&str>, role: Role) -> Vec<Class> {
        let Some((partition, account)) = self.home() else {
            return Vec::new(); // services, federated callers and anonymous: only `*` (spec 6.2, 6.3)
        };
        if is_account(entry) {
            return vec![Class::Account.when(entry == account)];
        }
        if entry.starts_with("AIDA") || entry.starts_with("AROA") {
            return vec![unique_id(entry, userid)];
        }
        if entry.contains(['*', '?']) && entry.starts_with("arn:") && role == Role::Reference {
            // Only the existing document has wildcards here (spec 2.5); elsewhere they are letters.
            let pattern = tokens(entry, true);
            return self.arns().into_iter().filter(|(arn, _)| glob(&pattern, arn)).map(|(_, class)| class).collect();
        }
        if entry == format!("arn:{partition}:iam::{account}:root") {
            return vec![Class::Account];
        }
        vec![self.named(entry, partition, account)]
    }

    /// The class of a user, role, session or federated-user ARN (spec 6.2).
    fn named(&self, entry: &str, partition: &str, account: &str) -> Class {
        let iam = |kind: &str| entry.strip_prefix(&format!("arn:{partition}:iam::{account}:{kind}/"));
        let sts = |kind: &str| entry.strip_prefix(&format!("arn:{partition}:sts::{account}:{kind}/"));
        match self {
            Caller::User { arn, .. } => Class::Direct.when(arn == entry),
            Caller::Session { path, role, session, .. } => {
                let own = session.as_ref().is_some_and(|s| sts("assumed-role") == Some(&format!("{role}/{s}")));
                let named = iam("role").map(path_and_name).is_some_and(|(entry_path, name)| {
                    // A path that is not known does not tell roles apart (spec 6.2).
                    name == *role && path.as_ref().is_none_or(|path| *path == entry_path)
                });
                Class::Session.when(own).max(Class::Role.when(named))
            }
            Caller::FederatedUser { name, .. } => {
                let own = sts("federated-user") == Some(name);
                let user = iam("user").map(path_and_name).is_some_and(|(_, user)| user == *name);
                Class::Session.when(own).max(Class::Role.when(user))
            }
            Caller::Root { .. } | Caller::Anonymous | Caller::Service(_) | Caller::Federated(_) => Class::None,
        }
    }

    /// The ARNs that a wildcard in the existing document is held against (spec 2.5), with the class of each (6.2).
    fn arns(&self) -> Vec<(String, Class)> {
        match self {
            Caller::Anonymous | Caller::Service(_) | Caller::Federated(_) => Vec::new(),
            Caller::Root { partition, account } => {
                vec![(format!("arn:{partition}:iam::{account}:root"), Class::Account)]
            }
            Caller::User { arn, .. } => vec![(arn.clone(), Class::Direct)],
            Caller::Session { partition, account, path, role, session } => {
                let path = path.as_deref().unwrap_or("/");
                let own = |s| (format!("arn:{partition}:sts::{account}:assumed-role/{role}/{s}"), Class::Session);
                let of_role = (format!("arn:{partition}:iam::{account}:role{path}{role}"), Class::Role);
                session.iter().map(own).chain([of_role]).collect()
            }
            Caller::FederatedUser { partition, account, name } => {
                vec![(format!("arn:{partition}:sts::{account}:federated-user/{name}"), Class::Session)]
            }
        }
    }

    /// Whether every identity level of the caller is among the entries that match it (spec 6.4, R2; without
    /// `sessions` R3).
    pub(super) fn listed(&self, matching: &[&Entry], userid: Option<&str>, role: Role, sessions: bool) -> bool {
        let everyone = |entry: &&&Entry| entry.member == "AWS" && entry.name.chars().all(|c| c == '*');
        if matching.iter().any(|entry| everyone(&entry)) {
            return true;
        }
        let level =
            |wanted: Class| matching.iter().any(|entry| self.classes(&entry.name, userid, role).contains(&wanted));
        match self {
            Caller::Anonymous | Caller::Service(_) | Caller::Federated(_) => !matching.is_empty(),
            Caller::Root { .. } => level(Class::Account),
            Caller::User { .. } => level(Class::Account) && level(Class::Direct),
            Caller::Session { .. } | Caller::FederatedUser { .. } => {
                let own = level(Class::Session) || level(Class::Direct);
                level(Class::Account) && level(Class::Role) && (own || !sessions)
            }
        }
    }
}

/// `AIDA…` and `AROA…` are held against aws:userid (spec 6.2).
fn unique_id(entry: &str, userid: Option<&str>) -> Class {
    match userid {
        Some(userid) if userid == entry => Class::Direct,
        Some(userid) if userid.starts_with(&format!("{entry}:")) => Class::Role,
        Some(_) | None => Class::None,
    }
}
