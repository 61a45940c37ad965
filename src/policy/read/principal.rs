//! `Principal` and `NotPrincipal` (spec 2.5).

use super::statement::Found;
use super::{Reader, clip, did_you_mean, nearest};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::json::{Member, Node, Value};
use crate::policy::principal::{PrincipalElement, PrincipalEntry, PrincipalName};
use crate::policy::template::{Template, Variables, Wildcards};
use crate::policy::{Effect, Kind};

/// Kinds of principal.
const KEYS: [&str; 4] = ["AWS", "Service", "Federated", "CanonicalUser"];

/// Under which name an entry stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Under {
    Aws,
    Service,
    Federated,
    CanonicalUser,
}

impl Under {
    fn from_key(key: &str) -> Option<Under> {
        match key {
            "AWS" => Some(Under::Aws),
            "Service" => Some(Under::Service),
            "Federated" => Some(Under::Federated),
            "CanonicalUser" => Some(Under::CanonicalUser),
            _ => None,
        }
    }
}

impl Reader<'_> {
    /// Reads the element; `about_sts`: all actions of the statement are of `sts`.
    pub(super) fn principal(
        &mut self,
        found: &Found<'_, '_>,
        effect: Option<Effect>,
        about_sts: bool,
    ) -> PrincipalElement {
        let (name, node) = (&found.member.key, &found.member.value);
        let mut entries = Vec::new();
        match &node.value {
            Value::String(text) => {
                if !is_stars(text) {
                    self.bare_principal(node, text);
                }
                entries.push(self.principal_entry(Under::Aws, node, text));
            }
            Value::Array(elements) => {
                if !elements.is_empty() {
                    self.bare_principal(node, "111122223333");
                }
                self.principal_list(Under::Aws, elements, &mut entries);
            }
            Value::Object(members) => self.principal_object(members, about_sts, &mut entries),
            Value::Null | Value::Bool(_) | Value::Number(_) => {
                self.wrong_type(&format!("`{name}`"), "`\"*\"` or an object", node);
                return PrincipalElement { negated: found.negated, entries, span: node.span };
            }
        }
        if entries.is_empty() {
            self.empty_principal(found);
        }
        self.check_trust_star(&entries, effect);
        PrincipalElement { negated: found.negated, entries, span: node.span }
    }

    fn empty_principal(&mut self, found: &Found<'_, '_>) {
        let (code, label) = if found.negated {
            (Code::EmptyNotprincipal, "excepts nobody, so it is about everyone")
        } else {
            (Code::EmptyPrincipal, "matches nobody")
        };
        self.say(code, found.member.value.span, format!("`{}` is empty", found.member.key), label);
    }

    /// Accepted as `{"AWS": …}`, as the reference article writes it (spec 2.5).
    fn bare_principal(&mut self, node: &Node<'_>, text: &str) {
        let message = "a principal without its kind; read as if under `AWS`";
        let diagnostic =
            Diagnostic::new(Code::PrincipalBareString, Some(node.span), message).label("the kind is missing");
        self.report(diagnostic.help(format!("write `{{\"AWS\": \"{}\"}}`", clip(text))));
    }

    fn principal_object(&mut self, members: &[Member<'_>], about_sts: bool, entries: &mut Vec<PrincipalEntry>) {
        self.check_duplicates(members);
        for member in members {
            let Some(under) = Under::from_key(&member.key) else {
                let message = format!("`{}` is no kind of principal", clip(&member.key));
                let mut diagnostic = Diagnostic::new(Code::BadPrincipalKey, Some(member.key_span), message);
                diagnostic.help = did_you_mean(nearest(&member.key, KEYS));
                self.report(diagnostic.label("unknown"));
                continue;
            };
            if under == Under::Federated && self.kind != Kind::Trust && !about_sts {
                let message = format!("{} has no `Federated` principal", self.kind.with_article());
                self.say(Code::UnsupportedPrincipal, member.key_span, message, "only in role trust policies");
            }
            match &member.value.value {
                Value::String(text) => entries.push(self.principal_entry(under, &member.value, text)),
                Value::Array(elements) => self.principal_list(under, elements, entries),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {
                    self.wrong_type(&format!("`{}`", member.key), "a string or a list of strings", &member.value);
                }
            }
        }
    }

    fn principal_list(&mut self, under: Under, elements: &[Node<'_>], entries: &mut Vec<PrincipalEntry>) {
        for node in elements {
            match node.as_str() {
                Some(text) => entries.push(self.principal_entry(under, node, text)),
                None => self.wrong_type("a principal", "a string", node),
            }
        }
    }

    fn principal_entry(&mut self, under: Under, node: &Node<'_>, text: &str) -> PrincipalEntry {
        self.check_no_variable(Code::VariableElsewhere, "principals", node.span, text);
        let name = match under {
            Under::Aws => self.aws_principal(node, text),
            Under::Service if is_stars(text) => {
                let message = "services must be named";
                self.say(Code::ServiceWildcard, node.span, message, "no wildcard for services");
                PrincipalName::AnyService
            }
            Under::Federated if is_stars(text) => {
                let message = "every federation provider";
                self.say(Code::FederatedWildcard, node.span, message, "users of any provider");
                PrincipalName::AnyFederated
            }
            Under::Service => self.literal_principal(node, text, PrincipalName::Service),
            Under::Federated => self.literal_principal(node, text, PrincipalName::Federated),
            Under::CanonicalUser => self.literal_principal(node, text, PrincipalName::CanonicalUser),
        };
        PrincipalEntry { text: text.to_owned(), name, span: node.span }
    }

    fn literal_principal(
        &mut self,
        node: &Node<'_>,
        text: &str,
        name: impl Fn(String) -> PrincipalName,
    ) -> PrincipalName {
        if text.contains(['*', '?']) {
            self.principal_wildcard(node, text);
        }
        if text.is_empty() {
            self.say(Code::BadPrincipal, node.span, "an empty principal name", "matches nobody");
            return PrincipalName::Nobody;
        }
        name(text.to_owned())
    }

    fn principal_wildcard(&mut self, node: &Node<'_>, text: &str) {
        let message = format!("`{}` has a wildcard: only `*` alone is a wildcard in a principal", clip(text));
        let diagnostic = Diagnostic::new(Code::PrincipalWildcard, Some(node.span), message).label("taken as it stands");
        self.report(diagnostic.help("name the account, and use `ArnLike` on `aws:PrincipalArn` in `Condition`"));
    }

    fn aws_principal(&mut self, node: &Node<'_>, text: &str) -> PrincipalName {
        if text == "*" {
            return PrincipalName::Everyone;
        }
        if is_stars(text) {
            self.say(Code::PrincipalStars, node.span, "several `*` are read as `*`", "everyone");
            return PrincipalName::Everyone;
        }
        if text.contains(['*', '?']) {
            if self.options.reference && text.starts_with("arn:") {
                // spec 2.5: only in the existing document of check-no-new-access
                return PrincipalName::Wildcard(Template::parse(
                    text,
                    Wildcards::Active,
                    Variables::Literal,
                    |_, _| {},
                ));
            }
            self.principal_wildcard(node, text);
            return PrincipalName::Wildcard(Template::literal(text));
        }
        if let Some(name) = named(text) {
            if let PrincipalName::UniqueId(_) = name {
                let message = "a unique id stands for one user or role that may be gone";
                self.say(
                    Code::UniqueIdPrincipal,
                    node.span,
                    message,
                    "the service shows ids of deleted users and roles",
                );
            }
            return name;
        }
        let message = format!("`{}` names no principal", clip(text));
        let mut diagnostic = Diagnostic::new(Code::BadPrincipal, Some(node.span), message).label("matches nobody");
        if text.ends_with(".amazonaws.com") {
            diagnostic.help = Some("a service stands under `Service`".to_owned());
        } else if text.contains(":saml-provider/") || text.contains(":oidc-provider/") {
            diagnostic.help = Some("a federation provider stands under `Federated`".to_owned());
        }
        self.report(diagnostic);
        PrincipalName::Nobody
    }

    /// `"Principal": "*"` in a trust policy (spec 2.4); usual in a Deny and in a reference document.
    fn check_trust_star(&mut self, entries: &[PrincipalEntry], effect: Option<Effect>) {
        if self.kind != Kind::Trust || self.options.reference {
            return;
        }
        let severity = if effect == Some(Effect::Deny) { Severity::Warning } else { Severity::Error };
        for entry in entries.iter().filter(|entry| entry.name == PrincipalName::Everyone) {
            let message = "a trust policy does not support `*` as a principal";
            let diagnostic = Diagnostic::new(Code::TrustStar, Some(entry.span), message).label("everyone");
            self.report(diagnostic.severity(severity).help("name the accounts, roles or services"));
        }
    }
}

fn is_stars(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte == b'*')
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// An account id, a unique id or an ARN without wildcards.
fn named(text: &str) -> Option<PrincipalName> {
    if is_account(text) {
        return Some(PrincipalName::Account { partition: None, account: text.to_owned() });
    }
    if is_unique_id(text) {
        return Some(PrincipalName::UniqueId(text.to_owned()));
    }
    let mut fields = text.splitn(6, ':');
    let mut field = || fields.next();
    let (arn, partition, service, region, account, rest) = (field()?, field()?, field()?, field()?, field()?, field()?);
    if arn != "arn" || partition.is_empty() || !region.is_empty() {
        return None;
    }
    // An origin access identity: somebody known only by this name, as a canonical user is.
    if service == "iam" && account == "cloudfront" && rest.starts_with("user/") {
        return Some(PrincipalName::CanonicalUser(text.to_owned()));
    }
    if !is_account(account) {
        return None;
    }
    let (arn, partition, account) = (text.to_owned(), partition.to_owned(), account.to_owned());
    let last = |path: &str| path.rsplit('/').next().filter(|name| !name.is_empty()).map(str::to_owned);
    match (service, rest.split_once('/')) {
        ("iam", None) if rest == "root" => Some(PrincipalName::Account { partition: Some(partition), account }),
        ("iam", Some(("user", path))) => Some(PrincipalName::User { name: last(path)?, arn, partition, account }),
        ("iam", Some(("role", path))) => Some(PrincipalName::Role { name: last(path)?, arn, partition, account }),
        ("sts", Some(("federated-user", name))) if !name.is_empty() => Some(PrincipalName::FederatedUser { arn }),
        ("sts", Some(("assumed-role", path))) => {
            let (role, session) = path.split_once('/')?;
            let complete = !role.is_empty() && !session.is_empty() && !session.contains('/');
            complete.then_some(PrincipalName::Session { arn })
        }
        _ => None,
    }
}

/// `AIDA…` of users and `AROA…` of roles.
fn is_unique_id(text: &str) -> bool {
    (text.starts_with("AIDA") || text.starts_with("AROA"))
        && (12..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}
