//! One statement (spec 2.3, 2.4).

use super::Reader;
use super::document::is_about_sts;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::json::{Member, Node, Value};
use crate::policy::action::ActionEntry;
use crate::policy::condition::Clause;
use crate::policy::principal::PrincipalElement;
use crate::policy::resource::ResourceEntry;
use crate::policy::{Effect, Kind, Listed, Statement};
use crate::source::Span;

/// The elements of a statement.
const ELEMENTS: [&str; 9] =
    ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];

/// `X` or `NotX` as found: the name as written, its value, and whether it is the `Not` form.
pub(super) struct Found<'n, 't> {
    pub(super) member: &'n Member<'t>,
    pub(super) negated: bool,
}

impl Reader<'_> {
    /// Reads a statement; `None` if an element without which it has no meaning is missing (then that was reported).
    pub(super) fn statement(&mut self, index: usize, node: &Node<'_>) -> Option<Statement> {
        let Value::Object(members) = &node.value else {
            self.wrong_type("a statement", "an object", node);
            return None;
        };
        self.check_duplicates(members);
        for member in members.iter().filter(|member| !ELEMENTS.contains(&member.key.as_ref())) {
            self.unknown_element(member, "a statement", &ELEMENTS);
        }
        let sid = node.get("Sid").and_then(|sid| self.sid(sid));
        let effect = self.effect(node);
        let principal = self.principal_of(node, members, effect);
        let action = self.action_of(node, members);
        let resource = self.resource_of(node, members);
        let conditions = node.get("Condition").map_or_else(Vec::new, |condition| self.conditions(condition, effect));
        self.check_shape(node, effect, action.as_ref(), resource.as_ref(), &conditions);
        Some(Statement {
            index,
            sid,
            effect: effect?,
            principal,
            action: action?,
            resource,
            conditions,
            span: node.span,
        })
    }

    fn sid(&mut self, node: &Node<'_>) -> Option<String> {
        let Some(text) = node.as_str() else {
            self.wrong_type("`Sid`", "a string", node);
            return None;
        };
        if text.is_empty() {
            self.say(Code::EmptySid, node.span, "an empty `Sid` has no effect", "empty");
            return None;
        }
        if !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            let message = "a `Sid` has letters and digits only, though some services take more";
            let diagnostic = Diagnostic::new(Code::BadSid, Some(node.span), message).label("other characters");
            self.report(diagnostic.severity(self.sid_severity()));
        }
        Some(text.to_owned())
    }

    fn effect(&mut self, statement: &Node<'_>) -> Option<Effect> {
        let Some(node) = statement.get("Effect") else {
            self.say(Code::MissingEffect, statement.span.first(), "a statement without `Effect`", "this statement");
            return None;
        };
        match node.as_str() {
            Some("Allow") => Some(Effect::Allow),
            Some("Deny") => Some(Effect::Deny),
            Some(_) => {
                self.say(Code::BadEffect, node.span, "`Effect` is `Allow` or `Deny`, exactly so", "neither");
                None
            }
            None => {
                self.wrong_type("`Effect`", "a string", node);
                None
            }
        }
    }

    /// `X` or `NotX`; both together are fatal (spec 2.3).
    fn one_of<'n, 't>(&mut self, members: &'n [Member<'t>], names: (&str, &str), both: Code) -> Option<Found<'n, 't>> {
        let find = |name: &str| members.iter().find(|member| member.key == name);
        match (find(names.0), find(names.1)) {
            (Some(plain), Some(not)) => {
                let message = format!("a statement has `{}` or `{}`, not both", names.0, names.1);
                let diagnostic = Diagnostic::new(both, Some(not.key_span), message).label("and this");
                self.report(diagnostic.also(plain.key_span, "this"));
                Some(Found { member: plain, negated: false })
            }
            (Some(member), None) => Some(Found { member, negated: false }),
            (None, Some(member)) => Some(Found { member, negated: true }),
            (None, None) => None,
        }
    }

    fn action_of(&mut self, statement: &Node<'_>, members: &[Member<'_>]) -> Option<Listed<ActionEntry>> {
        let found = self.one_of(members, ("Action", "NotAction"), Code::BothActionNotaction);
        let Some(found) = found else {
            let message = "a statement without `Action` or `NotAction`";
            self.say(Code::MissingAction, statement.span.first(), message, "this statement");
            return None;
        };
        let entries = self.listed(&found, Self::action);
        Some(Listed { negated: found.negated, entries, span: found.member.value.span })
    }

    fn resource_of(&mut self, statement: &Node<'_>, members: &[Member<'_>]) -> Option<Listed<ResourceEntry>> {
        let found = self.one_of(members, ("Resource", "NotResource"), Code::BothResourceNotresource);
        let Some(found) = found else {
            self.check_resource_absent(statement);
            return None;
        };
        if self.kind == Kind::Trust {
            let message = "a trust policy has no `Resource`: its resource is the role itself";
            self.say(Code::ResourceForbidden, found.member.key_span, message, "remove this");
        }
        let entries = self.listed(&found, Self::resource);
        Some(Listed { negated: found.negated, entries, span: found.member.value.span })
    }

    fn check_resource_absent(&mut self, statement: &Node<'_>) {
        match self.kind {
            // Absent means every resource (spec 2.4; a recorded answer of the service).
            Kind::Resource | Kind::Trust => {}
            Kind::Identity
            | Kind::Boundary
            | Kind::Session
            | Kind::ServiceControl
            | Kind::ResourceControl
            | Kind::Endpoint => {
                let message = format!("a statement of {} without `Resource`", self.kind.with_article());
                self.say(Code::MissingResource, statement.span.first(), message, "this statement");
            }
        }
    }

    /// The entries of a list, or of a single string (spec 2.6).
    fn listed<T>(&mut self, found: &Found<'_, '_>, mut read: impl FnMut(&mut Self, &Node<'_>, &str) -> T) -> Vec<T> {
        let (name, node) = (&found.member.key, &found.member.value);
        let nodes = match &node.value {
            Value::String(text) => return vec![read(self, node, text)],
            Value::Array(nodes) => nodes,
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {
                self.wrong_type(&format!("`{name}`"), "a string or a list of strings", node);
                return Vec::new();
            }
        };
        if nodes.is_empty() {
            let (code, label) = if found.negated {
                (Code::EmptyNotList, "excepts nothing")
            } else {
                (Code::EmptyList, "matches nothing")
            };
            self.say(code, node.span, format!("`{name}` is empty"), label);
        }
        let mut entries = Vec::with_capacity(nodes.len());
        for node in nodes {
            match node.as_str() {
                Some(text) => entries.push(read(self, node, text)),
                None => self.wrong_type(&format!("an entry of `{name}`"), "a string", node),
            }
        }
        entries
    }

    fn principal_of(
        &mut self,
        statement: &Node<'_>,
        members: &[Member<'_>],
        effect: Option<Effect>,
    ) -> Option<PrincipalElement> {
        let found = self.one_of(members, ("Principal", "NotPrincipal"), Code::BothPrincipalNotprincipal);
        let Some(found) = found else {
            if self.kind.has_principal() {
                let message = format!("a statement of {} without `Principal`", self.kind.with_article());
                let diagnostic = Diagnostic::new(Code::PrincipalRequired, Some(statement.span.first()), message);
                self.report(diagnostic.label("this statement"));
            }
            return None;
        };
        self.check_principal_allowed(&found, effect);
        let about_sts = is_about_sts(statement);
        Some(self.principal(&found, effect, about_sts))
    }

    /// Which kinds have which form (spec 2.4).
    fn check_principal_allowed(&mut self, found: &Found<'_, '_>, effect: Option<Effect>) {
        let (span, name) = (found.member.key_span, &found.member.key);
        match self.kind {
            Kind::Identity | Kind::Boundary | Kind::Session | Kind::ServiceControl => {
                let message = format!("{} has no `{name}`", self.kind.with_article());
                let diagnostic = Diagnostic::new(Code::PrincipalForbidden, Some(span), message).label("remove this");
                self.report(diagnostic.help("if the policy is attached to a resource, say so by its type"));
            }
            Kind::Trust | Kind::ResourceControl if found.negated => {
                let message = format!("{} has no `NotPrincipal`", self.kind.with_article());
                self.say(Code::NotprincipalForbidden, span, message, "not here");
            }
            Kind::Resource | Kind::Endpoint if found.negated && effect == Some(Effect::Allow) => {
                let message = "`Allow` with `NotPrincipal` grants to everyone else";
                self.say(Code::AllowNotprincipal, span, message, "everyone but these, anonymous callers included");
            }
            Kind::ResourceControl => {
                if found.member.value.as_str() != Some("*") {
                    let message = "the principal of a resource control policy is `\"*\"`";
                    self.say(Code::PrincipalNotStar, found.member.value.span, message, "must be `\"*\"`");
                }
            }
            Kind::Trust | Kind::Resource | Kind::Endpoint => {}
        }
    }

    /// What a resource control policy may say as a whole (spec 2.4).
    fn check_shape(
        &mut self,
        statement: &Node<'_>,
        effect: Option<Effect>,
        action: Option<&Listed<ActionEntry>>,
        resource: Option<&Listed<ResourceEntry>>,
        conditions: &[Clause],
    ) {
        let (Kind::ResourceControl, Some(action)) = (self.kind, action) else { return };
        let stars = |texts: Vec<&str>| texts == ["*"];
        let all_actions = stars(action.entries.iter().map(|entry| entry.text.as_str()).collect()) && !action.negated;
        let all_resources = resource.is_some_and(|resource| {
            stars(resource.entries.iter().map(|entry| entry.text.as_str()).collect()) && !resource.negated
        });
        if effect == Some(Effect::Allow) {
            // The policy that the service itself attaches, RCPFullAWSAccess.
            if !(all_actions && all_resources && conditions.is_empty()) {
                let span = statement.get("Effect").map_or(statement.span, |node| node.span);
                self.say(Code::EffectForbidden, span, "a resource control policy only denies", "must be `Deny`");
            }
            return;
        }
        if action.negated {
            let message = "a resource control policy has no `NotAction`";
            self.say(Code::NotactionForbidden, action.span, message, "list what is denied");
        }
        let star = action.entries.iter().find(|entry| entry.text.bytes().all(|byte| byte == b'*'));
        if let Some(entry) = star.filter(|_| !action.negated) {
            let message = "a resource control policy names the services it is about";
            self.say(Code::ActionStarForbidden, entry.span, message, "needs a service prefix");
        }
    }
}

impl Span {
    /// Its first byte: where something begins, for excerpts that should not show all of it.
    pub(super) fn first(self) -> Span {
        Span { end: self.end.min(self.start.saturating_add(1)), ..self }
    }
}

impl Kind {
    /// Whether its statements have a principal (spec 2.4).
    pub fn has_principal(self) -> bool {
        match self {
            Kind::Identity | Kind::Boundary | Kind::Session | Kind::ServiceControl => false,
            Kind::Resource | Kind::Trust | Kind::ResourceControl | Kind::Endpoint => true,
        }
    }

    /// In words: `identity policy`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Identity => "identity policy",
            Kind::Boundary => "permissions boundary",
            Kind::Session => "session policy",
            Kind::Resource => "resource policy",
            Kind::Trust => "trust policy",
            Kind::ServiceControl => "service control policy",
            Kind::ResourceControl => "resource control policy",
            Kind::Endpoint => "endpoint policy",
        }
    }

    /// In a sentence: `an identity policy`.
    pub fn with_article(self) -> String {
        let article = match self {
            Kind::Identity | Kind::Endpoint => "an",
            Kind::Boundary
            | Kind::Session
            | Kind::Resource
            | Kind::Trust
            | Kind::ServiceControl
            | Kind::ResourceControl => "a",
        };
        format!("{article} {}", self.name())
    }
}

/// Severity of what IAM refuses for policies of identities, and of which nothing is known elsewhere.
pub(super) fn fatal_for_identities(kind: Kind) -> Severity {
    match kind {
        Kind::Identity | Kind::Boundary | Kind::Session => Severity::Fatal,
        Kind::Resource | Kind::Trust | Kind::ServiceControl | Kind::ResourceControl | Kind::Endpoint => Severity::Error,
    }
}
