//! The meaning of policies for one request: truth is `bool`, texts are strings.

use std::collections::{BTreeMap, BTreeSet};

use solver::decimal::Decimal;
use solver::interval::IntervalSet;

use crate::policy::condition::{Instant, canonical_key};
use crate::policy::template::Piece;
use crate::request::{Caller, CallerKind, ContextValue, Request};
use crate::semantics::{Address, Algebra, Contested, Field, Pattern, Side, Token, address, glob};

/// One request, with the readings and unknowns that are in force.
#[derive(Clone, Debug)]
pub struct Concrete<'r> {
    request: &'r Request,
    action: String,
    resource_account: String,
    context: BTreeMap<String, Vec<String>>,
    /// Keys that the request gives as lists.
    lists: BTreeSet<String>,
    other_readings: BTreeSet<Contested>,
    true_unknowns: BTreeSet<String>,
    session_policy_unlisted: bool,
}

/// A text of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Text {
    /// This text.
    Known(String),
    /// The ARN of a role whose path is not known: against an ARN without wildcards only the name counts (spec 6.2).
    Pathless {
        /// `arn:P:iam::A:role`
        head: String,
        /// The name of the role.
        name: String,
    },
}

impl Text {
    /// As plain text; an unknown path is taken as `/`.
    pub fn text(&self) -> String {
        match self {
            Text::Known(text) => text.clone(),
            Text::Pathless { head, name } => format!("{head}/{name}"),
        }
    }
}

impl<'r> Concrete<'r> {
    /// The request in the default reading, every unknown false.
    pub fn new(request: &'r Request) -> Self {
        Self {
            request,
            action: request.action.to_ascii_lowercase(),
            resource_account: resource_account(request),
            context: context(request),
            lists: lists(request),
            other_readings: BTreeSet::new(),
            true_unknowns: BTreeSet::new(),
            session_policy_unlisted: false,
        }
    }

    /// With the other reading of these rules.
    #[must_use]
    pub fn with_readings(mut self, other: impl IntoIterator<Item = Contested>) -> Self {
        self.other_readings.extend(other);
        self
    }

    /// With these unknowns true (spec 5.12).
    #[must_use]
    pub fn with_unknowns(mut self, names: impl IntoIterator<Item = String>) -> Self {
        self.true_unknowns.extend(names);
        self
    }

    /// With a federated user whose session policy is not listed but allows, as questions about all requests assume
    /// (spec 8.2).
    #[must_use]
    pub fn with_unlisted_session_policy(mut self) -> Self {
        self.session_policy_unlisted = true;
        self
    }

    /// The request.
    pub fn request(&self) -> &'r Request {
        self.request
    }

    /// The values of a key, given or derived; none if the key is absent.
    pub(crate) fn values(&self, key: &str) -> &[String] {
        self.context.get(key).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn matches_one(&self, text: &Text, tokens: &[Token<Text>]) -> bool {
        if matches!(text, Text::Known(text) if !glob::begins(tokens, text)) {
            return false;
        }
        let tokens = glob::expand(tokens, Text::text);
        match text {
            Text::Known(text) => glob::matches(&tokens, text),
            Text::Pathless { head, name } => match exact(&tokens) {
                Some(arn) => arn.strip_prefix(head.as_str()).is_some_and(|rest| {
                    rest.starts_with('/') && rest.strip_suffix(name.as_str()).is_some_and(|path| path.ends_with('/'))
                }),
                None => glob::matches(&tokens, &text.text()),
            },
        }
    }

    fn role_arn(&self) -> Text {
        let Caller::Session { partition, account, path, role, .. } = &self.request.principal else {
            return Text::Known(String::new());
        };
        let head = format!("arn:{partition}:iam::{account}:role");
        if let Some(path) = path {
            return Text::Known(format!("{head}{path}{role}"));
        }
        // the context may know the path (spec 11); a derived ARN does not
        match self.request.context.iter().find(|(key, _)| canonical_key(key) == "aws:principalarn") {
            Some((_, ContextValue::Single(arn)))
                if arn.starts_with(&format!("{head}/")) && arn.ends_with(&format!("/{role}")) =>
            {
                Text::Known(arn.clone())
            }
            Some(_) | None => Text::Pathless { head, name: role.clone() },
        }
    }

    fn caller_name(&self) -> String {
        match &self.request.principal {
            Caller::FederatedUser { name, .. } | Caller::Service(name) | Caller::Federated(name) => name.clone(),
            Caller::Root { .. } | Caller::User { .. } | Caller::Session { .. } | Caller::Anonymous => String::new(),
        }
    }
}

/// The text of a pattern without wildcards.
fn exact(tokens: &[Token<String>]) -> Option<String> {
    tokens.iter().map(|token| if let Token::Char(c) = token { Some(*c) } else { None }).collect()
}

/// The resource's account: given, else in its ARN, else the caller's (contract 3).
fn resource_account(request: &Request) -> String {
    let in_arn = request.resource.split(':').nth(4).filter(|field| is_account(field));
    let given = request.resource_account.as_deref();
    given.or(in_arn).or(request.principal.account()).unwrap_or_default().to_owned()
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The context with the keys that follow from the principal, unless given (spec 6.1, 6.5(1)–(3)). A key given with an
/// empty list is absent and stays so.
fn context(request: &Request) -> BTreeMap<String, Vec<String>> {
    let mut context: BTreeMap<String, Vec<String>> = derived(&request.principal);
    for (key, value) in &request.context {
        let values = match value {
            ContextValue::Single(value) => vec![value.clone()],
            ContextValue::Multi(values) => values.clone(),
        };
        context.insert(canonical_key(key), values);
    }
    context
}

/// The keys whose values the request gives as a list, of whatever length.
fn lists(request: &Request) -> BTreeSet<String> {
    let listed = request.context.iter().filter(|(_, value)| matches!(value, ContextValue::Multi(_)));
    listed.map(|(key, _)| canonical_key(key)).collect()
}

/// The keys that follow from the principal and that the context does not give, as an explicit context would have them.
pub fn derived_keys(request: &Request) -> BTreeMap<String, String> {
    let given: BTreeSet<String> = request.context.keys().map(|key| canonical_key(key)).collect();
    let derived = derived(&request.principal).into_iter().filter(|(key, _)| !given.contains(key));
    derived.filter_map(|(key, values)| Some((key, values.into_iter().next()?))).collect()
}

/// The keys that follow from the principal.
fn derived(caller: &Caller) -> BTreeMap<String, Vec<String>> {
    let service = caller.kind() == CallerKind::Service;
    let mut keys = vec![
        ("aws:principalarn", caller.principal_arn()),
        ("aws:principalaccount", caller.account().map(str::to_owned)),
        ("aws:principaltype", principal_type(caller).map(str::to_owned)),
        ("aws:principalisawsservice", Some(service.to_string())),
    ];
    match caller {
        Caller::Root { account, .. } => keys.push(("aws:userid", Some(account.clone()))),
        Caller::User { name, .. } => keys.push(("aws:username", Some(name.clone()))),
        Caller::FederatedUser { account, name, .. } => keys.push(("aws:userid", Some(format!("{account}:{name}")))),
        Caller::Service(name) => keys
            .extend(["aws:principalservicename", "aws:principalservicenameslist"].map(|key| (key, Some(name.clone())))),
        Caller::Anonymous => {
            keys.extend(["aws:principalaccount", "aws:userid"].map(|key| (key, Some("anonymous".to_owned()))));
            keys.retain(|(key, _)| *key != "aws:principalisawsservice");
        }
        Caller::Session { .. } | Caller::Federated(_) => {}
    }
    keys.into_iter().filter_map(|(key, value)| Some((key.to_owned(), vec![value?]))).collect()
}

/// `aws:PrincipalType` (spec 6.1).
fn principal_type(caller: &Caller) -> Option<&'static str> {
    match caller {
        Caller::Root { .. } => Some("Account"),
        Caller::User { .. } => Some("User"),
        Caller::Session { .. } => Some("AssumedRole"),
        Caller::FederatedUser { .. } => Some("FederatedUser"),
        Caller::Anonymous => Some("Anonymous"),
        Caller::Service(_) | Caller::Federated(_) => None,
    }
}

impl Algebra for Concrete<'_> {
    type Truth = bool;
    type Text = Text;

    fn constant(&mut self, value: bool) -> bool {
        value
    }

    fn all(&mut self, parts: Vec<bool>) -> bool {
        parts.into_iter().all(|part| part)
    }

    fn any(&mut self, parts: Vec<bool>) -> bool {
        parts.into_iter().any(|part| part)
    }

    fn not(&mut self, part: bool) -> bool {
        !part
    }

    fn contested(&mut self, rule: Contested) -> bool {
        self.other_readings.contains(&rule)
    }

    fn unknown(&mut self, name: &str) -> bool {
        self.true_unknowns.contains(name)
    }

    fn kind(&mut self, kind: CallerKind) -> bool {
        self.request.principal.kind() == kind
    }

    fn field(&mut self, field: Field) -> Text {
        let caller = &self.request.principal;
        Text::Known(match field {
            Field::Action => self.action.clone(),
            Field::Resource => self.request.resource.clone(),
            Field::CallerAccount => caller.account().unwrap_or_default().to_owned(),
            Field::CallerPartition => caller.partition().unwrap_or_default().to_owned(),
            Field::CallerArn => caller.to_string(),
            Field::RoleArn => return self.role_arn(),
            Field::CallerName => self.caller_name(),
            Field::CallerId => self.values("aws:userid").first().cloned().unwrap_or_default(),
            Field::ResourceAccount => self.resource_account.clone(),
        })
    }

    fn present(&mut self, key: &str) -> bool {
        // C14, other reading: a service principal has neither
        let withheld = matches!(key, "aws:principalarn" | "aws:principalaccount")
            && self.other_readings.contains(&Contested::C14)
            && self.request.principal.kind() == CallerKind::Service;
        !withheld && !self.values(key).is_empty()
    }

    fn single(&mut self, key: &str) -> bool {
        self.present(key) && self.values(key).len() == 1
    }

    fn value(&mut self, key: &str) -> Text {
        Text::Known(self.values(key).first().cloned().unwrap_or_default())
    }

    fn some(&mut self, key: &str, body: &mut dyn FnMut(&mut Self, Text) -> bool) -> bool {
        let values = if self.present(key) { self.values(key).to_vec() } else { Vec::new() };
        values.into_iter().any(|value| body(self, Text::Known(value)))
    }

    fn matches(&mut self, text: &Text, patterns: &[Pattern<Text>]) -> bool {
        patterns.iter().any(|pattern| self.matches_one(text, &pattern.tokens))
    }

    fn number_in(&mut self, text: &Text, set: &IntervalSet<Decimal>) -> bool {
        Decimal::parse(&text.text()).is_some_and(|number| set.contains(&number))
    }

    fn instant_in(&mut self, text: &Text, set: &IntervalSet<Decimal>) -> bool {
        let as_year = self.contested(Contested::C17);
        Instant::parse(&text.text())
            .is_some_and(|instant| set.contains(if as_year { &instant.as_year } else { &instant.seconds }))
    }

    fn address_in(&mut self, text: &Text, set: &IntervalSet<Address>) -> bool {
        address::parse(&text.text()).is_some_and(|found| set.contains(&found))
    }

    fn may_match<'p>(&self, text: &Text, pieces: impl IntoIterator<Item = Piece<'p>>) -> bool {
        let Text::Known(text) = text else { return true };
        let mut rest = text.chars();
        for piece in pieces {
            match piece {
                Piece::Char(c) if rest.next() == Some(c) => {}
                Piece::Char(_) => return false,
                Piece::One | Piece::Many | Piece::Variable(_) | Piece::Nothing => return true,
            }
        }
        rest.next().is_none()
    }

    fn known(&self, truth: &bool) -> Option<bool> {
        Some(*truth)
    }

    fn settled(&self, truth: &bool) -> bool {
        !truth
    }

    fn multiple(&mut self, key: &str) -> bool {
        self.lists.contains(key)
    }

    fn member(&mut self, side: Side) -> bool {
        match side {
            Side::Caller => !self.request.principal_in_management_account,
            Side::Resource => !self.request.resource_in_management_account,
        }
    }

    fn unlisted_session_policy(&mut self) -> bool {
        self.session_policy_unlisted
    }
}
