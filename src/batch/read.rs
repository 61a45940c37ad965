//! Reading questions: every problem is reported with its place, and none is passed over.

use crate::batch::{Check, Line, Question};
use crate::checks::findings::Mode;
use crate::checks::public::ResourceType;
use crate::checks::{Access, Strictness};
use crate::diagnostic::{Diagnostic, Fault, Severity};
use crate::json::{self, Limits, Member, Node, Value};
use crate::policy::Kind;
use crate::policy::read::{ReadOptions, clip, did_you_mean, nearest};
use crate::request::read::{read_node as read_request, repeated};
use crate::semantics::zone::Zone;
use crate::source::{FileId, Sources};
use crate::stack::{self, Document};

/// Members of every question.
const ALWAYS: [&str; 2] = ["id", "check"];

/// Members of each question, after those of all.
const QUESTIONS: [(&str, Sort, &[&str]); 7] = [
    ("no-new-access", Sort::NoNewAccess, &["policyType", "existingPolicyDocument", "newPolicyDocument"]),
    ("access-not-granted", Sort::AccessNotGranted, &["policyType", "policyDocument", "access"]),
    ("no-public-access", Sort::NoPublicAccess, &["policyDocument", "resourceType"]),
    ("no-external-access", Sort::NoExternalAccess, &["policyType", "policyDocument", "zoneOfTrust"]),
    ("evaluate", Sort::Evaluate, &["request", "policies"]),
    ("diff", Sort::Diff, &["policyType", "existingPolicyDocument", "newPolicyDocument"]),
    ("findings", Sort::Findings, &["policyType", "policyDocument", "zoneOfTrust", "mode"]),
];

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    NoNewAccess,
    AccessNotGranted,
    NoPublicAccess,
    NoExternalAccess,
    Evaluate,
    Diff,
    Findings,
}

/// How the values that are texts in the options of the commands are read there.
#[derive(Clone, Copy, Debug)]
pub struct Parsers {
    /// A policy type.
    pub kind: fn(&str) -> Result<Kind, String>,
    /// An access or a list of them, in JSON or shorthand.
    pub access: fn(&str) -> Result<Vec<Access>, String>,
    /// What a policy is attached to.
    pub resource_type: fn(&str) -> Result<ResourceType, String>,
    /// Which findings.
    pub mode: fn(&str) -> Result<Mode, String>,
    /// How strictly the documents of checks are read.
    pub strictness: Strictness,
}

/// Reads a text of the sources as one question.
pub fn read(sources: &mut Sources, file: FileId, parsers: Parsers) -> Line {
    let text = sources.shared(file);
    let parsed = json::parse(&text, file, Limits::CONTAINER);
    let mut reader = Reader::new(sources, parsers);
    reader.faults.extend(parsed.diagnostics.into_iter().map(Fault::from));
    let id = parsed.root.as_ref().and_then(|root| root.get("id")).map(|id| reader.sources.text(id.span).to_owned());
    let question = parsed.root.as_ref().and_then(|root| {
        repeated(root, &mut reader.faults);
        reader.question(root)
    });
    let question = question.filter(|_| reader.faults.is_empty());
    Line { id, question, faults: reader.faults, diagnostics: reader.diagnostics }
}

/// Reads parts of questions, and keeps what is wrong with them.
pub(crate) struct Reader<'a> {
    pub(crate) sources: &'a mut Sources,
    pub(crate) parsers: Parsers,
    /// What keeps the question from being asked.
    pub(crate) faults: Vec<Fault>,
    /// What else there is to say about its documents.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(sources: &'a mut Sources, parsers: Parsers) -> Self {
        Reader { sources, parsers, faults: Vec::new(), diagnostics: Vec::new() }
    }

    pub(crate) fn fault(&mut self, node: &Node<'_>, message: impl Into<String>) {
        self.faults.push(Fault::new(node.span, message));
    }

    /// A question of any sort.
    fn question(&mut self, node: &Node<'_>) -> Option<Question> {
        let sort = self.sort(node)?;
        match sort {
            Sort::Evaluate => self.evaluate(node),
            Sort::Diff => {
                let kind = self.kind(node);
                // each document bounds the other: both are read as an existing one may be
                let old = self.side(node, "existingPolicyDocument", kind, true);
                let new = self.side(node, "newPolicyDocument", kind, true);
                Some(Question::Diff { old: old?, new: new? })
            }
            Sort::Findings => {
                let (policy, zone) = (self.of_resource(node), self.zone(node));
                let mode = match node.get("mode") {
                    Some(_) => self.parsed(node, "mode", self.parsers.mode),
                    None => Some(Mode::Minimal),
                };
                Some(Question::Findings { policy: policy?, zone: zone?, mode: mode? })
            }
            Sort::NoNewAccess | Sort::AccessNotGranted | Sort::NoPublicAccess | Sort::NoExternalAccess => {
                self.of_sort(node, sort).map(Question::Check)
            }
        }
    }

    /// A question whose answer is a verdict.
    pub(crate) fn check(&mut self, node: &Node<'_>) -> Option<Check> {
        let sort = self.sort(node)?;
        self.of_sort(node, sort)
    }

    /// What is asked, once the members are known to be its own.
    fn sort(&mut self, node: &Node<'_>) -> Option<Sort> {
        if node.as_object().is_none() {
            self.fault(node, format!("a question is an object, not {}", node.describe()));
            return None;
        }
        let name = self.needed(node, "check")?;
        let Some((name, sort, own)) = QUESTIONS.into_iter().find(|(known, ..)| *known == name) else {
            let names = QUESTIONS.map(|(name, ..)| name);
            let help = did_you_mean(nearest(&name, names)).or(Some(format!("the checks are {}", names.join(", "))));
            let span = Some(node.get("check").unwrap_or(node).span);
            self.faults.push(Fault { message: format!("`{}` is no check", clip(&name)), span, help });
            return None;
        };
        let members: Vec<&'static str> = ALWAYS.iter().chain(own).copied().collect();
        self.members(node, &format!("`{name}`"), &members).then_some(sort)
    }

    fn of_sort(&mut self, node: &Node<'_>, sort: Sort) -> Option<Check> {
        match sort {
            Sort::NoNewAccess => {
                let kind = self.kind(node);
                let existing = self.side(node, "existingPolicyDocument", kind, true);
                let new = self.side(node, "newPolicyDocument", kind, false);
                Some(Check::NoNewAccess { existing: existing?, new: new? })
            }
            Sort::AccessNotGranted => {
                let kind = self.kind(node);
                let (policy, access) = (self.side(node, "policyDocument", kind, false), self.access(node));
                Some(Check::AccessNotGranted { policy: policy?, access: access? })
            }
            Sort::NoPublicAccess => {
                let resource_type = self.parsed(node, "resourceType", self.parsers.resource_type);
                let kind = resource_type.map_or(Kind::Resource, |of| of.kind);
                let policy = self.of_resource_kind(node, Some(kind));
                Some(Check::NoPublicAccess { policy: policy?, resource_type: resource_type? })
            }
            Sort::NoExternalAccess => {
                let (policy, zone) = (self.of_resource(node), self.zone(node));
                Some(Check::NoExternalAccess { policy: policy?, zone: zone? })
            }
            Sort::Evaluate => self.no_check(node, "one request is a scenario of its own, with `request`"),
            Sort::Diff | Sort::Findings => self.no_check(node, "its answer is no verdict that could be expected"),
        }
    }

    fn no_check(&mut self, node: &Node<'_>, why: &str) -> Option<Check> {
        self.fault(node.get("check").unwrap_or(node), why);
        None
    }

    fn evaluate(&mut self, node: &Node<'_>) -> Option<Question> {
        let request = match node.get("request") {
            Some(request) => self.request(request),
            None => {
                self.fault(node, "`request` is missing");
                None
            }
        };
        let policies = self.policies(node);
        Some(Question::Evaluate { request: Box::new(request?), policies: policies? })
    }

    pub(crate) fn request(&mut self, node: &Node<'_>) -> Option<crate::request::Request> {
        read_request(self.sources, node).map_err(|faults| self.faults.extend(faults)).ok()
    }

    /// The policies that one request meets: a document, or a stack whatever its members.
    pub(crate) fn policies(&mut self, node: &Node<'_>) -> Option<Document> {
        match node.get("policies") {
            Some(policies) if policies.get("Statement").is_some() => self.document(policies, &lenient()),
            Some(policies) => {
                let outcome = stack::read_stack(self.sources, policies, Vec::new(), &lenient());
                self.taken(outcome)
            }
            None => {
                self.fault(node, "`policies` is missing");
                None
            }
        }
    }

    /// Whether it is an object; members that it does not have are faults.
    pub(crate) fn members(&mut self, node: &Node<'_>, what: &str, known: &[&'static str]) -> bool {
        let Some(members) = node.as_object() else {
            self.fault(node, format!("{what} is an object, not {}", node.describe()));
            return false;
        };
        let unknown = |member: &&Member<'_>| !known.contains(&member.key.as_ref());
        for member in members.iter().filter(unknown) {
            let message = format!("{what} has no member `{}`", clip(&member.key));
            let help = did_you_mean(nearest(&member.key, known.iter().copied()));
            self.faults.push(Fault { message, span: Some(member.key_span), help });
        }
        true
    }

    pub(crate) fn text(&mut self, node: &Node<'_>, name: &str) -> Option<String> {
        let value = node.get(name)?;
        if value.as_str().is_none() {
            self.fault(value, format!("`{name}` is a text, not {}", value.describe()));
        }
        value.as_str().map(str::to_owned)
    }

    /// A required text.
    pub(crate) fn needed(&mut self, node: &Node<'_>, name: &str) -> Option<String> {
        if node.get(name).is_none() {
            self.fault(node, format!("`{name}` is missing"));
        }
        self.text(node, name)
    }

    fn kind(&mut self, check: &Node<'_>) -> Option<Kind> {
        let text = self.text(check, "policyType")?;
        let kind = (self.parsers.kind)(&text);
        kind.map_err(|error| self.fault(check.get("policyType").unwrap_or(check), error)).ok()
    }

    /// A required text that is read further.
    fn parsed<T>(&mut self, check: &Node<'_>, name: &str, parse: fn(&str) -> Result<T, String>) -> Option<T> {
        let text = self.needed(check, name)?;
        parse(&text).map_err(|error| self.fault(check.get(name).unwrap_or(check), error)).ok()
    }

    /// One id, several with commas, or a list of them.
    fn zone(&mut self, check: &Node<'_>) -> Option<Zone> {
        let name = "zoneOfTrust";
        let Some((node, ids)) = check.get(name).and_then(|node| Some((node, node.as_array()?))) else {
            return self.parsed(check, name, Zone::parse);
        };
        let Some(ids) = ids.iter().map(Node::as_str).collect::<Option<Vec<_>>>() else {
            self.fault(node, format!("`{name}` is a text or a list of texts"));
            return None;
        };
        Zone::parse(&ids.join(",")).map_err(|error| self.fault(node, error)).ok()
    }

    /// The policy of a resource: access from outside is what it gives.
    fn of_resource(&mut self, check: &Node<'_>) -> Option<Document> {
        let kind = self.kind(check);
        self.of_resource_kind(check, kind)
    }

    fn of_resource_kind(&mut self, check: &Node<'_>, kind: Option<Kind>) -> Option<Document> {
        let policy = self.side(check, "policyDocument", kind, false)?;
        let fits = policy.side().of_resource();
        fits.map_err(|why| self.fault(check.get("policyDocument").unwrap_or(check), why)).ok()?;
        Some(policy)
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
    pub(crate) fn taken(&mut self, outcome: stack::ReadOutcome) -> Option<Document> {
        let (fatal, other): (Vec<_>, Vec<_>) =
            outcome.diagnostics.into_iter().partition(|diagnostic| diagnostic.severity == Severity::Fatal);
        self.faults.extend(fatal.into_iter().map(Fault::from));
        self.diagnostics.extend(other);
        outcome.document
    }
}

/// For one request an unknown operator is false, and what is expected of it is its author's business (spec 5.12).
fn lenient() -> ReadOptions {
    ReadOptions { lenient: true, ..ReadOptions::default() }
}
