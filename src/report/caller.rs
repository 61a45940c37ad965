//! A caller as people and programs write it: an ARN, a service name, or `anonymous` (spec 11).

use crate::request::Caller;

/// The principal of a request as text.
pub fn principal(caller: &Caller) -> String {
    match caller {
        Caller::Root { partition, account } => format!("arn:{partition}:iam::{account}:root"),
        Caller::User { partition, account, path, name } => format!("arn:{partition}:iam::{account}:user{path}{name}"),
        Caller::Session { partition, account, role, session: Some(session), .. } => {
            format!("arn:{partition}:sts::{account}:assumed-role/{role}/{session}")
        }
        Caller::Session { partition, account, path, role, session: None } => {
            format!("arn:{partition}:iam::{account}:role{}{role}", path.as_deref().unwrap_or("/"))
        }
        Caller::FederatedUser { partition, account, name } => {
            format!("arn:{partition}:sts::{account}:federated-user/{name}")
        }
        Caller::Service(name) | Caller::Federated(name) => name.clone(),
        Caller::Anonymous => "anonymous".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> String {
        value.to_owned()
    }

    #[test]
    fn every_kind_has_its_form() {
        let (partition, account) = (text("aws"), text("123456789012"));
        let session = |path: Option<&str>, session: Option<&str>| Caller::Session {
            partition: text("aws"),
            account: text("123456789012"),
            path: path.map(text),
            role: text("ci"),
            session: session.map(text),
        };
        let user = Caller::User { partition: partition.clone(), account, path: text("/team/"), name: text("alice") };
        let rows = [
            (user, "arn:aws:iam::123456789012:user/team/alice"),
            (session(None, Some("s1")), "arn:aws:sts::123456789012:assumed-role/ci/s1"),
            (session(None, None), "arn:aws:iam::123456789012:role/ci"),
            (session(Some("/x/"), None), "arn:aws:iam::123456789012:role/x/ci"),
            (Caller::Root { partition, account: text("111122223333") }, "arn:aws:iam::111122223333:root"),
            (Caller::Service(text("sns.amazonaws.com")), "sns.amazonaws.com"),
            (Caller::Anonymous, "anonymous"),
        ];
        for (caller, expected) in rows {
            assert_eq!(principal(&caller), expected);
        }
    }
}
