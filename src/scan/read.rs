//! From the texts of files to the policies in them.

use crate::diagnostic::{Diagnostic, Severity};
use crate::json::{self, Limits, Node};
use crate::policy::read::ReadOptions;
use crate::scan::found::{Before, Found, Written};
use crate::scan::{Cause, Skipped, plan};
use crate::source::Sources;
use crate::stack::{self, Document};

/// How files are read.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Unknown operators are no reason to refuse a policy.
    pub lenient: bool,
    /// Warnings are.
    pub strict: bool,
}

/// A file to read.
#[derive(Clone, Debug)]
pub struct Input {
    /// As the user gave it.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The user named it, rather than a folder that it is in.
    pub named: bool,
}

/// Something seen in a file.
#[derive(Clone, Debug)]
pub enum Seen {
    /// A policy.
    Found(Box<Found>),
    /// Something that is not checked.
    Skipped(Skipped),
}

/// Reads files one by one; what they hold is known when all have been read, because templates refer to each other.
#[derive(Debug, Default)]
pub struct Collector {
    options: Options,
    sources: Sources,
    /// By file, in order.
    seen: Vec<Vec<Seen>>,
}

/// What a JSON file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    Policy,
    Plan,
    Nothing,
}

/// Words of which a text that cannot be read must hold one to be reported as malformed: without them it can be no policy,
/// plan, template or snapshot.
const TELLTALE: [&str; 7] = [
    "Statement",
    "planned_values",
    "resource_changes",
    "AWSTemplateFormatVersion",
    "AWS::",
    "RoleDetailList",
    "managementAccount",
];

impl Options {
    /// For the reader of policies.
    pub(super) fn read_options(&self, reference: bool) -> ReadOptions {
        ReadOptions { kind: None, lenient: self.lenient, strict: self.strict, reference, holes: false }
    }
}

impl Collector {
    /// Without files yet; texts are added to the sources.
    pub fn new(options: Options, sources: Sources) -> Collector {
        Collector { options, sources, seen: Vec::new() }
    }

    /// Reads a file.
    pub fn add(&mut self, input: &Input) {
        let seen = self.read(input);
        self.seen.push(seen);
    }

    /// A file that cannot be read.
    pub fn unreadable(&mut self, name: &str, reason: String) {
        let skipped = Skipped { cause: Cause::Unreadable, ..skipped(name, reason) };
        self.seen.push(vec![Seen::Skipped(skipped)]);
    }

    /// Everything, in the order of the files; and how many files there were.
    pub fn finish(self) -> (Sources, Vec<Seen>, usize) {
        let files = self.seen.len();
        (self.sources, self.seen.into_iter().flatten().collect(), files)
    }

    fn read(&mut self, input: &Input) -> Vec<Seen> {
        let file = self.sources.next_id();
        let text = match json::decode(&input.bytes, file, Limits::CONTAINER) {
            Ok(text) => text,
            Err(undecodable) => return self.nothing(input, undecodable.problem.message),
        };
        let parsed = json::parse(text, file, Limits::CONTAINER);
        let sort = match &parsed.root {
            _ if text.trim_start().get(..3).is_some_and(|start| start.eq_ignore_ascii_case("%7B")) => Sort::Policy,
            Some(root) => sort(root),
            None if TELLTALE.iter().any(|word| text.contains(word)) => {
                self.sources.add(input.name.as_str(), text);
                return vec![Seen::Skipped(malformed(&input.name, None, parsed.diagnostics))];
            }
            None => return self.nothing(input, "it is no JSON, and nothing in it is of a policy".to_owned()),
        };
        match sort {
            Sort::Policy => vec![self.policy(input)],
            Sort::Plan => {
                self.sources.add(input.name.as_str(), text);
                let root = parsed.root.as_ref();
                root.map_or(Vec::new(), |root| plan::read(&mut self.sources, &input.name, root, &self.options))
            }
            Sort::Nothing => self.nothing(input, "there is no policy in it".to_owned()),
        }
    }

    fn nothing(&mut self, input: &Input, reason: String) -> Vec<Seen> {
        self.sources.add(input.name.as_str(), "");
        let cause = if input.named { Cause::NothingInFile } else { Cause::NoPolicy };
        vec![Seen::Skipped(Skipped { cause, ..skipped(&input.name, reason) })]
    }

    /// A file that is a policy or a stack.
    fn policy(&mut self, input: &Input) -> Seen {
        let outcome = stack::read(&mut self.sources, &input.name, &input.bytes, &self.options.read_options(false));
        let Some(document) = outcome.document else {
            return Seen::Skipped(malformed(&input.name, None, outcome.diagnostics));
        };
        let (kind, span) = match &document {
            Document::Policy(policy) => (Some(policy.kind), Some(policy.span)),
            Document::Stack(_) => (None, None),
        };
        Seen::Found(Box::new(Found {
            file: input.name.clone(),
            address: String::new(),
            kind,
            resource_type: None,
            span,
            document: Written::Whole(Box::new(document)),
            before: Before::Unasked,
            diagnostics: outcome.diagnostics,
        }))
    }
}

/// What a JSON file is, by its members.
fn sort(root: &Node<'_>) -> Sort {
    if plan::is_plan(root) {
        Sort::Plan
    } else if stack::is_stack(root) || is_policy(root) {
        Sort::Policy
    } else {
        Sort::Nothing
    }
}

/// Whether a value is a policy or an envelope that holds one (contract 4).
pub(super) fn is_policy(node: &Node<'_>) -> bool {
    if node.get("Statement").is_some() {
        return true;
    }
    let held = ["PolicyVersion", "PolicyDocument", "Document", "Policy"].iter().find_map(|name| node.get(name));
    held.is_some_and(|inner| match inner.as_str() {
        Some(text) => text.contains("Statement"),
        None => is_policy(inner),
    })
}

/// A thing not checked, of the sort that is settled by the caller.
pub(super) fn skipped(file: &str, reason: String) -> Skipped {
    Skipped {
        file: file.to_owned(),
        address: None,
        cause: Cause::Undetermined,
        reason,
        span: None,
        diagnostics: Vec::new(),
    }
}

/// A policy that the reader refused.
pub(super) fn malformed(file: &str, address: Option<String>, diagnostics: Vec<Diagnostic>) -> Skipped {
    let worst = diagnostics.iter().find(|found| found.severity == Severity::Fatal).or(diagnostics.first());
    let reason = worst.map_or("it is malformed".to_owned(), |found| format!("it is malformed: {}", found.message));
    let span = worst.and_then(|found| found.span);
    Skipped { address, cause: Cause::Malformed, span, diagnostics, ..skipped(file, reason) }
}
