//! Reading scenario files: every problem is reported with its place, and none is passed over.

use crate::checks::{Access, Strictness, Verdict};
use crate::diagnostic::{Diagnostic, Fault, Severity};
use crate::json::{self, Limits, Member, Node, Value};
use crate::policy::Kind;
use crate::policy::read::{ReadOptions, clip, did_you_mean, nearest};
use crate::request::read::{read_node as read_request, repeated};
use crate::scenario::{Check, Expectation, Scenario, Wanted};
use crate::semantics::authorization::Decision;
use crate::source::{FileId, Sources};
use crate::stack::{self, Document};

/// Members of a scenario. The last two are remarks of other tools beside the answers, which are passed over.
const MEMBERS: [&str; 11] =
    ["id", "rule", "note", "policies", "request", "check", "expected", "contested", "alt", "iamSimulate", "agree"];

/// Members of a check.
const CHECK: [&str; 6] =
    ["check", "policyType", "existingPolicyDocument", "newPolicyDocument", "policyDocument", "access"];

/// How the values of a check that are texts in the options of the commands are read there.
#[derive(Clone, Copy, Debug)]
pub struct Parsers {
    /// A policy type.
    pub kind: fn(&str) -> Result<Kind, String>,
    /// An access or a list of them, in JSON or shorthand.
    pub access: fn(&str) -> Result<Vec<Access>, String>,
    /// How strictly the documents of checks are read.
    pub strictness: Strictness,
}

/// What was read of a file.
#[derive(Clone, Debug, Default)]
pub struct Scenarios {
    /// Those that can be asked.
    pub scenarios: Vec<Scenario>,
    /// What is wrong with the others.
    pub faults: Vec<Fault>,
    /// What there is to say about the policies.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a text of the sources: a list of scenarios.
pub fn read(sources: &mut Sources, file: FileId, parsers: Parsers) -> Scenarios {
    let text = sources.shared(file);
    let parsed = json::parse(&text, file, Limits::CONTAINER);
    let mut reader = Reader { sources, parsers, out: Scenarios::default() };
    reader.out.faults.extend(parsed.diagnostics.into_iter().map(Fault::from));
    match parsed.root.as_ref().map(|root| (root, root.as_array())) {
        Some((_, Some(nodes))) => nodes.iter().enumerate().for_each(|(number, node)| reader.scenario(number, node)),
        Some((root, None)) => {
            let message = format!("a scenario file holds a list of scenarios, not {}", root.describe());
            reader.fault(root, message);
        }
        None => {}
    }
    reader.out
}

struct Reader<'a> {
    sources: &'a mut Sources,
    parsers: Parsers,
    out: Scenarios,
}

impl Reader<'_> {
    fn fault(&mut self, node: &Node<'_>, message: impl Into<String>) {
        self.out.faults.push(Fault::new(node.span, message));
    }

    fn scenario(&mut self, number: usize, node: &Node<'_>) {
        let before = self.out.faults.len();
        repeated(node, &mut self.out.faults);
        if !self.members(node, "a scenario", &MEMBERS) {
            return;
        }
        let id = self.text(node, "id").unwrap_or_else(|| number.to_string());
        let note = self.text(node, "note");
        let expectation = match (node.get("request"), node.get("check")) {
            (Some(request), None) => self.request(node, request),
            (None, Some(check)) => self.check(node, check),
            (Some(_), Some(check)) => {
                self.fault(check, "a scenario has a `request` or a `check`, not both");
                None
            }
            (None, None) => {
                self.fault(node, "a scenario has neither `request` nor `check`");
                None
            }
        };
        if let Some(expectation) = expectation.filter(|_| self.out.faults.len() == before) {
            self.out.scenarios.push(Scenario { id, note, span: node.span, expectation });
        }
    }

    /// Whether it is an object; members that it does not have are faults.
    fn members(&mut self, node: &Node<'_>, what: &str, known: &[&'static str]) -> bool {
        let Some(members) = node.as_object() else {
            self.fault(node, format!("{what} is an object, not {}", node.describe()));
            return false;
        };
        let unknown = |member: &&Member<'_>| !known.contains(&member.key.as_ref());
        for member in members.iter().filter(unknown) {
            let message = format!("{what} has no member `{}`", clip(&member.key));
            let help = did_you_mean(nearest(&member.key, known.iter().copied()));
            self.out.faults.push(Fault { message, span: Some(member.key_span), help });
        }
        true
    }

    fn text(&mut self, node: &Node<'_>, name: &str) -> Option<String> {
        let value = node.get(name)?;
        if value.as_str().is_none() {
            self.fault(value, format!("`{name}` is a text, not {}", value.describe()));
        }
        value.as_str().map(str::to_owned)
    }

    /// A required text.
    fn needed(&mut self, node: &Node<'_>, name: &str) -> Option<String> {
        if node.get(name).is_none() {
            self.fault(node, format!("`{name}` is missing"));
        }
        self.text(node, name)
    }

    fn request(&mut self, node: &Node<'_>, request: &Node<'_>) -> Option<Expectation> {
        let read = read_request(self.sources, request).map_err(|faults| self.out.faults.extend(faults)).ok();
        let policies = match node.get("policies") {
            Some(policies) if policies.get("Statement").is_some() => self.document(policies, &lenient()),
            Some(policies) => {
                let outcome = stack::read_stack(self.sources, policies, Vec::new(), &lenient());
                self.taken(outcome)
            }
            None => {
                self.fault(node, "`policies` is missing");
                None
            }
        };
        let expected = self.needed(node, "expected");
        let expected = self.wanted(node, "expected", expected);
        let other = self.text(node, "alt");
        let other = self.wanted(node, "alt", other);
        let rule = self.text(node, "contested").and_then(|text| rule(&text));
        Some(Expectation::Request {
            request: Box::new(read?),
            policies: policies?,
            expected: expected?,
            otherwise: rule.zip(other),
        })
    }

    fn wanted(&mut self, node: &Node<'_>, name: &str, text: Option<String>) -> Option<Wanted> {
        match text?.as_str() {
            "Allowed" => Some(Wanted::Exactly(Decision::Allowed)),
            "ImplicitlyDenied" => Some(Wanted::Exactly(Decision::ImplicitlyDenied)),
            "ExplicitlyDenied" => Some(Wanted::Exactly(Decision::ExplicitlyDenied)),
            "Denied" => Some(Wanted::Denied),
            _ => {
                let value = node.get(name).unwrap_or(node);
                self.fault(value, "a request is `Allowed`, `ImplicitlyDenied`, `ExplicitlyDenied` or `Denied`");
                None
            }
        }
    }

    fn check(&mut self, node: &Node<'_>, check: &Node<'_>) -> Option<Expectation> {
        if !self.members(check, "a check", &CHECK) {
            return None;
        }
        let expected = match self.needed(node, "expected").as_deref() {
            Some("PASS") => Some(Verdict::Pass),
            Some("FAIL") => Some(Verdict::Fail),
            Some("UNKNOWN") => Some(Verdict::Unknown),
            Some(_) => {
                self.fault(node.get("expected").unwrap_or(node), "a check gives `PASS`, `FAIL` or `UNKNOWN`");
                None
            }
            None => None,
        };
        let kind = self.kind(check);
        let before = self.out.diagnostics.len();
        let check = match self.needed(check, "check").as_deref() {
            Some("no-new-access") => {
                let existing = self.side(check, "existingPolicyDocument", kind, true);
                let new = self.side(check, "newPolicyDocument", kind, false);
                Some(Check::NoNewAccess { existing: existing?, new: new? })
            }
            Some("access-not-granted") => {
                let policy = self.side(check, "policyDocument", kind, false);
                let access = self.access(check);
                Some(Check::AccessNotGranted { policy: policy?, access: access? })
            }
            Some(_) => {
                self.fault(check.get("check").unwrap_or(check), "a check is `no-new-access` or `access-not-granted`");
                None
            }
            None => None,
        };
        let diagnostics = self.out.diagnostics.get(before..).unwrap_or_default().to_vec();
        Some(Expectation::Check { check: Box::new(check?), expected: expected?, diagnostics })
    }

    fn kind(&mut self, check: &Node<'_>) -> Option<Kind> {
        let text = self.text(check, "policyType")?;
        let kind = (self.parsers.kind)(&text);
        kind.map_err(|error| self.fault(check.get("policyType").unwrap_or(check), error)).ok()
    }

    fn access(&mut self, check: &Node<'_>) -> Option<Vec<Access>> {
        let Some(node) = check.get("access") else {
            self.fault(check, "`access` is missing");
            return None;
        };
        let text = node.as_str().unwrap_or_else(|| self.sources.text(node.span)).to_owned();
        (self.parsers.access)(&text).map_err(|error| self.fault(node, error)).ok()
    }

    fn side(&mut self, check: &Node<'_>, name: &str, kind: Option<Kind>, reference: bool) -> Option<Document> {
        match check.get(name) {
            Some(node) => {
                let strictness = self.parsers.strictness;
                let (lenient, strict) = (strictness == Strictness::Lenient, strictness == Strictness::Strict);
                self.document(node, &ReadOptions { kind, lenient, strict, reference, holes: false })
            }
            None => {
                self.fault(check, format!("`{name}` is missing"));
                None
            }
        }
    }

    /// A document in its place, or as text.
    fn document(&mut self, node: &Node<'_>, options: &ReadOptions) -> Option<Document> {
        let outcome = match &node.value {
            Value::Object(_) | Value::String(_) => stack::read_node(self.sources, node, options),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => {
                self.fault(node, format!("a policy document is an object or its text, not {}", node.describe()));
                return None;
            }
        };
        self.taken(outcome)
    }

    /// Keeps the diagnostics; a document that cannot be analysed is a fault.
    fn taken(&mut self, outcome: stack::ReadOutcome) -> Option<Document> {
        let (fatal, other): (Vec<_>, Vec<_>) =
            outcome.diagnostics.into_iter().partition(|diagnostic| diagnostic.severity == Severity::Fatal);
        self.out.faults.extend(fatal.into_iter().map(Fault::from));
        self.out.diagnostics.extend(other);
        outcome.document
    }
}

/// For one request an unknown operator is false, and what a scenario expects of it is its author's business (spec 5.12).
fn lenient() -> ReadOptions {
    ReadOptions { lenient: true, ..ReadOptions::default() }
}

/// `C5` of `C5: a session policy …`
fn rule(text: &str) -> Option<String> {
    let word: String = text.chars().take_while(char::is_ascii_alphanumeric).collect();
    let digits = word.strip_prefix('C')?;
    (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(word)
}
