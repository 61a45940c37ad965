//! The second opinion: a slow, plain, concrete evaluator of the specification, for tests only.
//!
//! Written from the specification alone; it shares with the product nothing but JSON text. Every branch names its rule.
//! It expects documents without fatal diagnostics and panics on the others.

#![allow(dead_code, reason = "asked by the tests that compare the product with it")]

mod caller;
mod condition;
mod examples;
mod pattern;
mod scalar;
mod stack;
mod vectors;

use caller::{Caller, Class};
use pattern::{Token, glob, resolve, split_fields, tokens};
use serde_json::{Map, Value};

#[allow(unused_imports, reason = "asked by the tests that compare the product with it")]
pub(crate) use stack::{evaluate, evaluate_as};

/// The outcome of a request (spec 0.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    Allowed,
    ExplicitlyDenied,
    ImplicitlyDenied,
}

/// C1: whom a Deny with NotPrincipal exempts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Exempt {
    /// R1: whoever any entry matches.
    #[default]
    AnyEntry,
    /// R2: whoever is listed at every identity level.
    EveryLevel,
    /// R3: as R2, but the session level need not be listed.
    EveryLevelButSession,
}

/// The contested rules (spec 0.3); the default is the default reading, `true` the other one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Readings {
    pub(crate) c1: Exempt,
    pub(crate) c2: bool,
    pub(crate) c3: bool,
    pub(crate) c4: bool,
    pub(crate) c5: bool,
    pub(crate) c6: bool,
    pub(crate) c7: bool,
    pub(crate) c8: bool,
    pub(crate) c9: bool,
    pub(crate) c10: bool,
    pub(crate) c12: bool,
    pub(crate) c15: bool,
    pub(crate) c16: bool,
    pub(crate) c17: bool,
}

/// The other readings of one contested rule; none for C14, which only says which requests exist.
pub(crate) fn others(rule: &str) -> Vec<Readings> {
    let base = Readings::default();
    match rule {
        "C1" => [Exempt::EveryLevel, Exempt::EveryLevelButSession].map(|c1| Readings { c1, ..base }).to_vec(),
        "C2" => vec![Readings { c2: true, ..base }],
        "C3" => vec![Readings { c3: true, ..base }],
        "C4" => vec![Readings { c4: true, ..base }],
        "C5" => vec![Readings { c5: true, ..base }],
        "C6" => vec![Readings { c6: true, ..base }],
        "C7" => vec![Readings { c7: true, ..base }],
        "C8" => vec![Readings { c8: true, ..base }],
        "C9" => vec![Readings { c9: true, ..base }],
        "C10" => vec![Readings { c10: true, ..base }],
        "C12" => vec![Readings { c12: true, ..base }],
        "C15" => vec![Readings { c15: true, ..base }],
        "C16" => vec![Readings { c16: true, ..base }],
        "C17" => vec![Readings { c17: true, ..base }],
        _ => Vec::new(),
    }
}

/// The side of a question a document is on: where a construct has no sure meaning, the document under test is
/// read wide and the existing one narrow (spec 2.5, 2.6, 8.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    UnderTest,
    Reference,
}

/// What a document is (spec 2.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Identity,
    Resource,
    Trust,
    Scp,
    Rcp,
    Boundary,
    Session,
    Vpce,
}

fn kind_named(name: &str) -> Kind {
    match name {
        "identity" => Kind::Identity,
        "resource" => Kind::Resource,
        "trust" => Kind::Trust,
        "scp" => Kind::Scp,
        "rcp" => Kind::Rcp,
        "boundary" => Kind::Boundary,
        "session" => Kind::Session,
        "vpce" => Kind::Vpce,
        other => panic!("unknown policy kind {other}"),
    }
}

/// Judges one document by itself: allow and not deny, whatever the class of the principal match (spec 10.1).
pub(crate) fn allows(document: &Value, kind: &str, request: &Value, readings: &Readings, role: Role) -> bool {
    let request = Request::read(request);
    let kind = kind_named(kind);
    let question = Question { request: &request, readings, role, boundary: false };
    // An RCP is always read together with RCPFullAWSAccess (spec 10.1).
    let allowed = kind == Kind::Rcp || question.class(document, kind, "Allow") != Class::None;
    allowed && !question.denies(document, kind)
}

/// A request, with the caller parsed and the context keys in lower case (spec 1).
struct Request {
    caller: Caller,
    action: String,
    resource: String,
    resource_account: Option<String>,
    context: Vec<(String, Values)>,
    principal_in_management: bool,
    resource_in_management: bool,
}

/// The values of a context key; never empty, since an empty list is an absent key (spec 1).
struct Values {
    list: Vec<String>,
    multi: bool,
}

impl Request {
    fn read(value: &Value) -> Request {
        let text = |name: &str| value[name].as_str().unwrap_or_else(|| panic!("request without {name}")).to_owned();
        let empty = Map::new();
        let context: Vec<(String, Values)> =
            value["context"].as_object().unwrap_or(&empty).iter().map(context).collect();
        let context: Vec<_> = context.into_iter().filter(|(_, values)| !values.list.is_empty()).collect();
        let arn = context.iter().find(|(key, _)| key == "aws:principalarn").map(|(_, values)| values.list[0].clone());
        let account = value["resourceAccount"].as_str().or_else(|| value["resource_account"].as_str());
        Request {
            caller: Caller::read(&text("principal"), arn.as_deref()),
            action: text("action").to_ascii_lowercase(), // spec 3.1
            resource: text("resource"),
            resource_account: account.map(str::to_owned),
            context,
            principal_in_management: value["env"]["principalInManagementAccount"] == Value::Bool(true),
            resource_in_management: value["env"]["resourceInManagementAccount"] == Value::Bool(true),
        }
    }

    /// The values of a key, whatever the letter case of its name (spec 2.7).
    fn values(&self, key: &str) -> Option<&Values> {
        let key = key.to_lowercase();
        self.context.iter().find(|(name, _)| *name == key).map(|(_, values)| values)
    }
}

fn context((key, value): (&String, &Value)) -> (String, Values) {
    (key.to_lowercase(), Values { list: list(value).iter().map(scalar_text).collect(), multi: value.is_array() })
}

/// A JSON scalar as the string it stands for (spec 1).
fn scalar_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => panic!("not a scalar: {value}"),
    }
}

/// A value or a list of values, as a list.
fn list(value: &Value) -> &[Value] {
    value.as_array().map_or_else(|| std::slice::from_ref(value), Vec::as_slice)
}

/// A string or a list of strings, as a list.
fn strings(value: &Value) -> Vec<String> {
    list(value).iter().map(|item| item.as_str().unwrap_or_else(|| panic!("not a string: {item}")).to_owned()).collect()
}

/// One request asked of documents under one set of readings.
#[derive(Clone, Copy)]
struct Question<'a> {
    request: &'a Request,
    readings: &'a Readings,
    role: Role,
    /// The caller has a permissions boundary (spec 6.4).
    boundary: bool,
}

impl Question<'_> {
    /// Every class with which an Allow (or Deny) statement of the document matches; `Class::None` never (spec 8.1).
    fn classes(&self, document: &Value, kind: Kind, effect: &str) -> Vec<Class> {
        let of_effect = list(&document["Statement"]).iter().filter(|statement| statement["Effect"] == effect);
        of_effect
            .map(|statement| self.statement(document, kind, statement))
            .filter(|class| *class != Class::None)
            .collect()
    }

    fn class(&self, document: &Value, kind: Kind, effect: &str) -> Class {
        self.classes(document, kind, effect).into_iter().max().unwrap_or(Class::None)
    }

    fn denies(&self, document: &Value, kind: Kind) -> bool {
        self.class(document, kind, "Deny") != Class::None // any class is a match for Deny (spec 6.2)
    }

    /// principal ∧ action ∧ resource ∧ condition, with the class of the principal match (spec 8.1).
    fn statement(&self, document: &Value, kind: Kind, statement: &Value) -> Class {
        let variables = document["Version"] == "2012-10-17"; // an absent Version means 2008-10-17 (spec 2.2, 4.1)
        let rest = self.action(statement)
            && self.resource(statement, kind, variables)
            && self.condition(statement.get("Condition"), variables);
        if rest { self.principal(statement, kind) } else { Class::None }
    }

    /// Whether something of no sure meaning counts as a match when it stands in a positive element (spec 2.5, 2.6):
    /// what widens the document under test, or narrows the existing one.
    fn doubtful(&self, statement: &Value, positive: bool) -> bool {
        let grants = statement["Effect"] == "Allow";
        (grants == positive) == (self.role == Role::UnderTest)
    }

    fn action(&self, statement: &Value) -> bool {
        let listed = |name: &str, positive: bool| {
            let vendor = self.doubtful(statement, positive);
            strings(&statement[name]).iter().any(|pattern| self.action_entry(pattern, vendor))
        };
        if statement.get("Action").is_some() { listed("Action", true) } else { !listed("NotAction", false) }
    }

    /// One entry of Action or NotAction (spec 3.1).
    fn action_entry(&self, pattern: &str, vendor_wildcards: bool) -> bool {
        let all_stars = |text: &str| !text.is_empty() && text.chars().all(|c| c == '*');
        if all_stars(pattern) || pattern == "*:*" {
            return true; // spec 2.6, 3.1
        }
        let Some((vendor, name)) = pattern.split_once(':') else {
            return false; // no colon (spec 2.6)
        };
        if name.contains(':') || pattern.contains(|c: char| c.is_whitespace() || c == ',') {
            return false; // spec 2.6, 3.1
        }
        if vendor.contains(['*', '?']) && !vendor_wildcards {
            return false; // ACTION_VENDOR_WILDCARD (spec 2.6)
        }
        glob(&tokens(&pattern.to_ascii_lowercase(), true), &self.request.action)
    }

    fn resource(&self, statement: &Value, kind: Kind, variables: bool) -> bool {
        if let Some(entries) = statement.get("Resource") {
            return strings(entries).iter().any(|pattern| self.resource_entry(pattern, kind, variables) == Some(true));
        }
        let Some(entries) = statement.get("NotResource") else {
            return true; // trust policies and the like: the resource is the one they hang on (spec 2.4)
        };
        let answers: Vec<_> =
            strings(entries).iter().map(|pattern| self.resource_entry(pattern, kind, variables)).collect();
        if self.readings.c9 && answers.contains(&None) {
            return false; // C9: the statement does not apply
        }
        !answers.contains(&Some(true)) // spec 3.2; an entry without value matches nothing (spec 4.3)
    }

    /// One entry of Resource or NotResource (spec 3.2); `None` if a variable of it has no value (spec 4.3).
    fn resource_entry(&self, pattern: &str, kind: Kind, variables: bool) -> Option<bool> {
        let resource = &self.request.resource;
        if !pattern.is_empty() && pattern.chars().all(|c| c == '*') {
            return Some(true); // every resource, `*` included (spec 3.2)
        }
        let fields = split_fields(pattern, variables);
        if fields.len() == 6 {
            resolve(&fields[5], true, variables, self)?;
        }
        if resource == "*" {
            // A request without a resource (spec 3.2).
            return Some(self.request.action == "s3:listallmybuckets" && pattern == "arn:aws:s3:::*");
        }
        if fields[0] != "arn" || fields.len() == 1 {
            return Some(false); // spec 2.6, 3.2
        }
        if fields.len() == 6 {
            return self.arn_matches(&fields, variables);
        }
        let completes = match kind {
            Kind::Identity | Kind::Boundary | Kind::Session => true,
            Kind::Resource | Kind::Trust | Kind::Vpce => pattern.contains('*'),
            Kind::Scp => pattern.ends_with('*'),
            Kind::Rcp => false,
        };
        if !completes {
            return Some(false); // spec 3.2, short ARNs
        }
        let mut completed = fields.clone();
        completed.resize(6, "*".to_owned());
        Some(self.arn_matches(&fields, variables)? || self.arn_matches(&completed, variables)?)
    }

    /// The regular expression of spec 3.2 against the request's resource.
    fn arn_matches(&self, fields: &[String], variables: bool) -> Option<bool> {
        let mut pattern = Vec::new();
        for (index, field) in fields.iter().enumerate() {
            if index == 5 {
                pattern.push(Token::Char(':'));
                pattern.extend(resolve(field, true, variables, self)?);
                continue;
            }
            if variables && pattern::has_variable(field) {
                return Some(false); // spec 3.2, 4.1: literal there, so it matches nothing
            }
            if index > 0 {
                pattern.push(Token::Char(':'));
            }
            pattern.extend(self.early_field(field));
        }
        let resource =
            if self.readings.c12 { fold_early(&self.request.resource) } else { self.request.resource.clone() };
        Some(glob(&pattern, &resource))
    }

    /// Fields 1 to 5: wildcards stay in the field, but for a `*` that ends it {C2}; letter case counts {C12}.
    fn early_field(&self, field: &str) -> Vec<Token> {
        let field = if self.readings.c12 { field.to_lowercase() } else { field.to_owned() };
        let mut inner: Vec<Token> = tokens(&field, true).into_iter().map(Token::within_field).collect();
        if field.ends_with('*') && !self.readings.c2 {
            inner.pop();
            inner.push(Token::Many);
        }
        inner
    }

    /// The principal element (spec 6); `Class::Direct` where the kind has none.
    fn principal(&self, statement: &Value, kind: Kind) -> Class {
        if let Some(element) = statement.get("Principal") {
            let wide = self.doubtful(statement, true);
            let classes = entries(element).into_iter().map(|entry| self.principal_entry(&entry, kind, wide));
            return classes.max().unwrap_or(Class::None); // the best over the entries (spec 6.2); none if empty (2.5)
        }
        let Some(element) = statement.get("NotPrincipal") else {
            return Class::Direct;
        };
        let entries = entries(element);
        let deny = statement["Effect"] == "Deny";
        let person = matches!(self.request.caller, Caller::User { .. } | Caller::Session { .. });
        if deny && self.boundary && person && kind == Kind::Resource {
            return Class::Direct; // the boundary rule (spec 6.4)
        }
        let wide = self.doubtful(statement, false);
        let matching: Vec<&Entry> =
            entries.iter().filter(|entry| self.principal_entry(entry, kind, wide) != Class::None).collect();
        let exempt = match self.readings.c1 {
            Exempt::EveryLevel if deny => self.request.caller.listed(&matching, self.userid(), self.role, true),
            Exempt::EveryLevelButSession if deny => {
                self.request.caller.listed(&matching, self.userid(), self.role, false)
            }
            Exempt::AnyEntry | Exempt::EveryLevel | Exempt::EveryLevelButSession => !matching.is_empty(),
        };
        if exempt { Class::None } else { Class::Direct }
    }

    fn principal_entry(&self, entry: &Entry, kind: Kind, wide: bool) -> Class {
        let caller = &self.request.caller;
        let all = !entry.name.is_empty() && entry.name.chars().all(|c| c == '*');
        match (entry.member.as_str(), caller) {
            ("AWS", _) if all => Class::Direct, // everyone, `**` too (spec 2.5, 6.2)
            ("AWS", _) => {
                let class = caller.class(&entry.name, self.userid(), self.role);
                // A gateway endpoint takes an account for its root user alone (spec 8.8).
                let narrow = kind == Kind::Vpce && !wide && class == Class::Account;
                if narrow && !matches!(caller, Caller::Root { .. }) { Class::None } else { class }
            }
            ("Service", Caller::Service(_)) if entry.name == "*" => Class::Direct.when(wide), // spec 2.5
            ("Service", Caller::Service(name)) => Class::Direct.when(*name == entry.name),    // spec 6.3
            ("Federated", Caller::Federated(name)) => {
                // spec 2.5, 6.3
                let listed = entry.name == "*" || *name == entry.name;
                Class::Direct.when(listed && caller::federates(&self.request.action))
            }
            // An opaque account, different from all named ones (spec 6.3).
            ("CanonicalUser" | "Service" | "Federated", _) => Class::None,
            (other, _) => panic!("unknown principal member {other}"),
        }
    }

    fn userid(&self) -> Option<&str> {
        self.request.values("aws:userid").map(|values| values.list[0].as_str())
    }
}

/// Lower case in the first five fields, the sixth as it is (C12).
fn fold_early(arn: &str) -> String {
    let mut fields = split_fields(arn, false);
    for field in fields.iter_mut().take(5) {
        *field = field.to_lowercase();
    }
    fields.join(":")
}

/// One string of a principal element with the member it stands under.
#[derive(Clone, Debug)]
struct Entry {
    member: String,
    name: String,
}

/// The entries of Principal or NotPrincipal in any of its shapes (spec 2.5).
fn entries(element: &Value) -> Vec<Entry> {
    let under = |member: &str, value: &Value| -> Vec<Entry> {
        strings(value).into_iter().map(|name| Entry { member: member.to_owned(), name }).collect()
    };
    match element {
        Value::Object(members) => members.iter().flat_map(|(member, value)| under(member, value)).collect(),
        Value::String(_) | Value::Array(_) => under("AWS", element), // bare strings and lists
        Value::Null | Value::Bool(_) | Value::Number(_) => panic!("not a principal: {element}"),
    }
}
