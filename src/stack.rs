//! Stacks as documents: one JSON object with a member for every layer, accepted wherever a policy is (contract 3).

use std::borrow::Cow;

use crate::checks::Side;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::json::{self, Limits, Member, Node, Value};
use crate::policy::read::{ReadOptions, did_you_mean, duplicates, nearest};
use crate::policy::{Kind, Policy, read as policy};
use crate::semantics::authorization::Stack;
use crate::source::{Sources, Span};

/// The members of a stack.
const MEMBERS: [&str; 8] =
    ["identity", "resource", "scps", "rcps", "boundary", "session", "endpoint", "managementAccount"];

/// A document as the commands take it.
#[derive(Clone, Debug)]
pub enum Document {
    /// One policy, judged by itself.
    Policy(Box<Policy>),
    /// Everything that applies to a request.
    Stack(Box<Stack>),
}

impl Document {
    /// As a side of a question.
    pub fn side(&self) -> Side<'_> {
        match self {
            Document::Policy(policy) => Side::Document(policy),
            Document::Stack(stack) => Side::Stack(stack),
        }
    }
}

/// What came of reading.
#[derive(Clone, Debug)]
pub struct ReadOutcome {
    /// The document; `None` if something fatal is among the diagnostics.
    pub document: Option<Document>,
    /// Everything there is to say.
    pub diagnostics: Vec<Diagnostic>,
}

/// A layer of a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// Policies of the caller.
    Identity,
    /// The policy of the resource, or the trust policy of a role.
    Resource,
    /// One level of service control policies.
    ServiceControl,
    /// One level of resource control policies.
    ResourceControl,
    /// The permissions boundary.
    Boundary,
    /// Session policies.
    Session,
    /// The policy of the VPC endpoint.
    Endpoint,
}

impl Layer {
    fn kind(self) -> Kind {
        match self {
            Layer::Identity => Kind::Identity,
            Layer::Resource => Kind::Resource,
            Layer::ServiceControl => Kind::ServiceControl,
            Layer::ResourceControl => Kind::ResourceControl,
            Layer::Boundary => Kind::Boundary,
            Layer::Session => Kind::Session,
            Layer::Endpoint => Kind::Endpoint,
        }
    }

    /// Whether it holds one policy at most.
    fn is_single(self) -> bool {
        match self {
            Layer::Resource | Layer::Boundary | Layer::Endpoint => true,
            Layer::Identity | Layer::Session | Layer::ServiceControl | Layer::ResourceControl => false,
        }
    }
}

/// Reads a policy or a stack from bytes, adding them to the sources under `name`. A stack is told by its members.
pub fn read(sources: &mut Sources, name: &str, bytes: &[u8], options: &ReadOptions) -> ReadOutcome {
    let file = sources.next_id();
    if let Ok(text) = json::decode(bytes, file, Limits::CONTAINER)
        && MEMBERS.iter().any(|member| text.contains(&format!("\"{member}\"")))
    {
        let parsed = json::parse(text, file, Limits::CONTAINER);
        if let Some(root) = parsed.root.filter(is_stack) {
            sources.add(name, text);
            return read_stack(sources, &root, parsed.diagnostics, options);
        }
    }
    let outcome = policy::read(sources, name, bytes, options);
    ReadOutcome {
        document: outcome.policy.map(|policy| Document::Policy(Box::new(policy))),
        diagnostics: outcome.diagnostics,
    }
}

/// Reads a text as a stack, whatever its members.
pub fn read_as_stack(sources: &mut Sources, name: &str, bytes: &[u8], options: &ReadOptions) -> ReadOutcome {
    let file = sources.next_id();
    match json::decode(bytes, file, Limits::CONTAINER) {
        Ok(text) => {
            sources.add(name, text);
            let parsed = json::parse(text, file, Limits::CONTAINER);
            match &parsed.root {
                Some(root) => read_stack(sources, root, parsed.diagnostics, options),
                None => ReadOutcome { document: None, diagnostics: parsed.diagnostics },
            }
        }
        Err(undecodable) => {
            sources.add(name, undecodable.shown);
            ReadOutcome { document: None, diagnostics: vec![undecodable.problem] }
        }
    }
}

/// Reads a policy or a stack that is a value inside a larger text of `sources`.
pub fn read_node(sources: &mut Sources, node: &Node<'_>, options: &ReadOptions) -> ReadOutcome {
    if is_stack(node) {
        return read_stack(sources, node, Vec::new(), options);
    }
    let outcome = policy::read_node(sources, node, options);
    ReadOutcome {
        document: outcome.policy.map(|policy| Document::Policy(Box::new(policy))),
        diagnostics: outcome.diagnostics,
    }
}

/// Reads an object as a stack, whatever its members.
pub fn read_stack(
    sources: &mut Sources,
    node: &Node<'_>,
    diagnostics: Vec<Diagnostic>,
    options: &ReadOptions,
) -> ReadOutcome {
    let mut builder = Builder::new(options);
    builder.diagnostics = diagnostics;
    match node.as_object() {
        Some(members) => builder.members(sources, members),
        None => builder.wrong_type(node, "a stack", "an object with a member for every layer"),
    }
    let (stack, diagnostics) = builder.finish();
    ReadOutcome { document: stack.map(|stack| Document::Stack(Box::new(stack))), diagnostics }
}

/// Whether an object is a stack: it has one of its members and is no policy itself.
pub fn is_stack(node: &Node<'_>) -> bool {
    node.as_object().is_some_and(|members| {
        let names = |names: &[&str]| members.iter().any(|member| names.contains(&member.key.as_ref()));
        names(&MEMBERS) && !names(&["Statement"])
    })
}

/// The policies of a stack by their places, as the trace names them: `identity[0]`, `scps[1][0]`, `boundary`.
pub fn places(stack: &Stack) -> Vec<(String, &Policy)> {
    fn list<'p>(name: &str, policies: &'p [Policy], out: &mut Vec<(String, &'p Policy)>) {
        out.extend(policies.iter().enumerate().map(|(at, policy)| (format!("{name}[{at}]"), policy)));
    }
    let mut out = Vec::new();
    list("identity", &stack.identity, &mut out);
    out.extend(stack.resource.iter().map(|policy| ("resource".to_owned(), policy)));
    out.extend(stack.boundary.iter().map(|policy| ("boundary".to_owned(), policy)));
    list("session", &stack.session, &mut out);
    for (name, levels) in [("scps", &stack.scps), ("rcps", &stack.rcps)] {
        for (level, policies) in levels.iter().enumerate() {
            list(&format!("{name}[{level}]"), policies, &mut out);
        }
    }
    out.extend(stack.endpoint.iter().map(|policy| ("endpoint".to_owned(), policy)));
    out
}

/// The place in the stack of the policy that holds a span.
pub fn layer_of(stack: &Stack, span: Span) -> Option<String> {
    let holds = |policy: &Policy| {
        policy.span.file == span.file && policy.span.start <= span.start && span.end <= policy.span.end
    };
    places(stack).into_iter().find(|(_, policy)| holds(policy)).map(|(place, _)| place)
}

/// A stack in the making, from its members or from documents given one by one.
#[derive(Debug)]
pub struct Builder<'o> {
    options: &'o ReadOptions,
    stack: Stack,
    diagnostics: Vec<Diagnostic>,
}

impl<'o> Builder<'o> {
    /// An empty stack; the kind of the options does not matter, every layer has its own.
    pub fn new(options: &'o ReadOptions) -> Self {
        Builder { options, stack: Stack::default(), diagnostics: Vec::new() }
    }

    /// The stack, unless a policy of it cannot be analysed, and everything there is to say.
    pub fn finish(self) -> (Option<Stack>, Vec<Diagnostic>) {
        let fatal = self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Fatal);
        (Some(self.stack).filter(|_| !fatal), self.diagnostics)
    }

    /// The management account, 12 digits.
    pub fn set_management_account(&mut self, account: String) {
        self.stack.management_account = Some(account);
    }

    /// Adds the policy of a text, or a list of them, to a layer; of control policies, as the next level. Returns what
    /// there is to say about it.
    pub fn add(&mut self, sources: &mut Sources, layer: Layer, name: &str, bytes: &[u8]) -> Vec<Diagnostic> {
        let before = self.diagnostics.len();
        self.add_text(sources, layer, name, bytes);
        self.diagnostics.get(before..).unwrap_or_default().to_vec()
    }

    fn add_text(&mut self, sources: &mut Sources, layer: Layer, name: &str, bytes: &[u8]) {
        let file = sources.next_id();
        let text = json::decode(bytes, file, Limits::CONTAINER).ok().filter(|text| text.trim_start().starts_with('['));
        let Some(text) = text else {
            let policy = self.lone(sources, layer, |sources, options| policy::read(sources, name, bytes, options));
            return self.put(layer, policy.into_iter().collect());
        };
        sources.add(name, text);
        let mut parsed = json::parse(text, file, Limits::CONTAINER);
        self.diagnostics.append(&mut parsed.diagnostics);
        if let Some(root) = &parsed.root {
            let policies = self.policies(sources, layer, root);
            self.put(layer, policies);
        }
    }

    fn put(&mut self, layer: Layer, mut policies: Vec<Policy>) {
        match layer {
            Layer::Identity => self.stack.identity.append(&mut policies),
            Layer::Session => self.stack.session.append(&mut policies),
            Layer::ServiceControl => self.stack.scps.push(policies),
            Layer::ResourceControl => self.stack.rcps.push(policies),
            Layer::Resource => self.stack.resource = policies.pop(),
            Layer::Boundary => self.stack.boundary = policies.pop(),
            Layer::Endpoint => self.stack.endpoint = policies.pop(),
        }
    }

    fn members(&mut self, sources: &mut Sources, members: &[Member<'_>]) {
        for (first, again) in duplicates(members, |member| member.key.as_ref()) {
            let message = format!("`{}` is given twice in one stack", again.key);
            let diagnostic = Diagnostic::new(Code::DupKey, Some(again.key_span), message).label("again here");
            self.diagnostics.push(diagnostic.also(first.key_span, "first here"));
        }
        for member in members {
            match member.key.as_ref() {
                "identity" => self.layer(sources, Layer::Identity, &member.value),
                "resource" => self.layer(sources, Layer::Resource, &member.value),
                "boundary" => self.layer(sources, Layer::Boundary, &member.value),
                "session" => self.layer(sources, Layer::Session, &member.value),
                "endpoint" => self.layer(sources, Layer::Endpoint, &member.value),
                "scps" => self.levels(sources, Layer::ServiceControl, &member.value),
                "rcps" => self.levels(sources, Layer::ResourceControl, &member.value),
                "managementAccount" => self.management_account(&member.value),
                _ => self.unknown(member),
            }
        }
    }

    fn unknown(&mut self, member: &Member<'_>) {
        let message = format!("`{}` is no member of a stack", policy::clip(&member.key));
        let mut diagnostic = Diagnostic::new(Code::UnknownElement, Some(member.key_span), message).label("unknown");
        diagnostic.help =
            did_you_mean(nearest(&member.key, MEMBERS)).or(Some(format!("the members are {}", MEMBERS.join(", "))));
        self.diagnostics.push(diagnostic);
    }

    fn layer(&mut self, sources: &mut Sources, layer: Layer, node: &Node<'_>) {
        let policies = self.policies(sources, layer, node);
        self.put(layer, policies);
    }

    /// A list of levels; a level is a policy or a list of policies.
    fn levels(&mut self, sources: &mut Sources, layer: Layer, node: &Node<'_>) {
        match &node.value {
            Value::Null => {}
            Value::Array(levels) => {
                for level in levels {
                    self.layer(sources, layer, level);
                }
            }
            Value::Object(_) | Value::String(_) => self.layer(sources, layer, node),
            Value::Bool(_) | Value::Number(_) => {
                self.wrong_type(node, "a layer of levels", "a list of lists of policies");
            }
        }
    }

    fn policies(&mut self, sources: &mut Sources, layer: Layer, node: &Node<'_>) -> Vec<Policy> {
        match &node.value {
            Value::Null => Vec::new(),
            Value::Array(nodes) if layer.is_single() && nodes.len() > 1 => {
                self.wrong_type(node, "this layer", "one policy");
                Vec::new()
            }
            Value::Array(nodes) => nodes.iter().filter_map(|node| self.policy(sources, layer, node)).collect(),
            Value::Object(_) | Value::String(_) | Value::Bool(_) | Value::Number(_) => {
                self.policy(sources, layer, node).into_iter().collect()
            }
        }
    }

    fn policy(&mut self, sources: &mut Sources, layer: Layer, node: &Node<'_>) -> Option<Policy> {
        self.lone(sources, layer, |sources, options| policy::read_node(sources, node, options))
    }

    /// Reads one policy. The policy of a resource may be the trust policy of a role: that much is inferred (spec 2.4).
    fn lone(
        &mut self,
        sources: &mut Sources,
        layer: Layer,
        read: impl Fn(&mut Sources, &ReadOptions) -> policy::ReadOutcome,
    ) -> Option<Policy> {
        let with = |kind| ReadOptions { kind, ..self.options.clone() };
        let trust = match layer {
            Layer::Resource => Some(read(&mut sources.clone(), &with(None)))
                .filter(|outcome| outcome.policy.as_ref().is_some_and(|policy| policy.kind == Kind::Trust)),
            Layer::Identity
            | Layer::ServiceControl
            | Layer::ResourceControl
            | Layer::Boundary
            | Layer::Session
            | Layer::Endpoint => None,
        };
        let kind = if trust.is_some() { Kind::Trust } else { layer.kind() };
        let mut outcome = read(sources, &with(Some(kind)));
        self.diagnostics.append(&mut outcome.diagnostics);
        outcome.policy
    }

    fn management_account(&mut self, node: &Node<'_>) {
        let account = node.as_str().filter(|text| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()));
        match account {
            Some(account) => self.stack.management_account = Some(account.to_owned()),
            None => self.wrong_type(node, "`managementAccount`", "the 12 digits of an account, as text"),
        }
    }

    fn wrong_type(&mut self, node: &Node<'_>, what: &str, wanted: &str) {
        let found = match node.as_str() {
            Some(text) => Cow::Owned(format!("`{}`", policy::clip(text))),
            None => Cow::Borrowed(node.describe()),
        };
        let message = format!("{what} must be {wanted}, not {found}");
        let diagnostic = Diagnostic::new(Code::BadValueType, Some(node.span), message);
        self.diagnostics.push(diagnostic.label(format!("expected {wanted}")));
    }
}

#[cfg(test)]
mod tests;
