//! From the texts of files to the policies in them.

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Severity};
use crate::json::{self, Limits, Node};
use crate::policy::Kind;
use crate::policy::read::ReadOptions;
use crate::scan::found::{Before, Found, Written};
use crate::scan::policy::{self, Place};
use crate::scan::template::{self, Exports, Template};
use crate::scan::tree::{Text, Tree};
use crate::scan::{Cause, Skipped, plan, snapshot, yaml};
use crate::snapshot::Snapshot;
use crate::source::Sources;
use crate::stack::{self, Document};

/// How files are read.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Unknown operators are no reason to refuse a policy.
    pub lenient: bool,
    /// Warnings are.
    pub strict: bool,
    /// The policies are bounds: the existing side of a question.
    pub reference: bool,
    /// Values of parameters and pseudo parameters of templates.
    pub parameters: BTreeMap<String, String>,
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
#[derive(Debug)]
pub struct Collector {
    options: Options,
    sources: Sources,
    /// By file, in order.
    files: Vec<Vec<Part>>,
}

/// A part of a file.
#[derive(Debug)]
enum Part {
    Seen(Seen),
    /// To be worked out when all files are known.
    Template(Box<Template>),
}

/// What a JSON file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    Policy,
    Plan,
    Template,
    Snapshot,
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
    pub(super) fn read_options(&self) -> ReadOptions {
        let Options { lenient, strict, reference, .. } = *self;
        ReadOptions { kind: None, lenient, strict, reference, holes: false }
    }
}

impl Collector {
    /// Without files yet; texts are added to the sources.
    pub fn new(options: Options, sources: Sources) -> Collector {
        Collector { options, sources, files: Vec::new() }
    }

    /// Reads a file.
    pub fn add(&mut self, input: &Input) {
        let parts = self.read(input);
        self.files.push(parts);
    }

    /// A file that cannot be read.
    pub fn unreadable(&mut self, name: &str, reason: String) {
        let skipped = Skipped { cause: Cause::Unreadable, ..skipped(name, reason) };
        self.files.push(vec![Part::Seen(Seen::Skipped(skipped))]);
    }

    /// Everything, in the order of the files; and how many files there were.
    pub fn finish(mut self) -> (Sources, Vec<Seen>, usize) {
        let mut exports = Exports::new();
        for part in self.files.iter().flatten() {
            if let Part::Template(template) = part {
                template.exports(&self.options, &mut exports);
            }
        }
        let files = self.files.len();
        let mut seen = Vec::new();
        for part in self.files.into_iter().flatten() {
            match part {
                Part::Seen(one) => seen.push(one),
                Part::Template(template) => {
                    seen.append(&mut template.read(&mut self.sources, &self.options, &exports));
                }
            }
        }
        (self.sources, seen, files)
    }

    fn read(&mut self, input: &Input) -> Vec<Part> {
        let file = self.sources.next_id();
        let text = match json::decode(&input.bytes, file, Limits::CONTAINER) {
            Ok(text) => text,
            Err(undecodable) => return self.nothing(input, undecodable.problem.message),
        };
        if is_yaml(&input.name, text) {
            return self.yaml(input, text);
        }
        let parsed = json::parse(text, file, Limits::CONTAINER);
        let sort = match &parsed.root {
            _ if text.trim_start().get(..3).is_some_and(|start| start.eq_ignore_ascii_case("%7B")) => Sort::Policy,
            Some(root) => sort(root),
            None if TELLTALE.iter().any(|word| text.contains(word)) => {
                self.sources.add(input.name.as_str(), text);
                return vec![Part::Seen(Seen::Skipped(malformed(&input.name, None, parsed.diagnostics)))];
            }
            None => return self.nothing(input, "it is no JSON, and nothing in it is of a policy".to_owned()),
        };
        match sort {
            Sort::Policy => vec![Part::Seen(self.policy(input))],
            Sort::Plan => {
                self.sources.add(input.name.as_str(), text);
                let root = parsed.root.as_ref();
                let seen = root.map(|root| plan::read(&mut self.sources, &input.name, root, &self.options));
                seen.unwrap_or_default().into_iter().map(Part::Seen).collect()
            }
            Sort::Snapshot => {
                self.sources.add(input.name.as_str(), text);
                let root = parsed.root.as_ref();
                let seen = root.map(|root| snapshot::read(&mut self.sources, &input.name, root, &self.options));
                seen.unwrap_or_default().into_iter().map(Part::Seen).collect()
            }
            Sort::Template => {
                self.sources.add(input.name.as_str(), text);
                let tree = parsed.root.as_ref().map(Tree::of);
                tree.iter().map(|tree| self.template(input, tree)).collect()
            }
            Sort::Nothing => self.nothing(input, "there is no policy in it".to_owned()),
        }
    }

    fn template(&self, input: &Input, tree: &Tree) -> Part {
        Part::Template(Box::new(Template::new(&input.name, tree, &self.options)))
    }

    /// A YAML file: templates and policies among its documents.
    fn yaml(&mut self, input: &Input, text: &str) -> Vec<Part> {
        let file = self.sources.next_id();
        let trees = match yaml::parse(text, file) {
            Ok(trees) => trees,
            Err((reason, span)) if TELLTALE.iter().any(|word| text.contains(word)) => {
                self.sources.add(input.name.as_str(), text);
                let skipped = skipped(&input.name, format!("it is malformed: {reason}"));
                let skipped = Skipped { cause: Cause::Malformed, span: Some(span), ..skipped };
                return vec![Part::Seen(Seen::Skipped(skipped))];
            }
            Err(_) => return self.nothing(input, "it is no YAML, and nothing in it is of a policy".to_owned()),
        };
        let mut parts = Vec::new();
        let mut policies = Vec::new();
        for tree in trees {
            if template::is_template(&tree) {
                parts.push(self.template(input, &tree));
            } else if tree.get("Statement").is_some() {
                policies.push(tree);
            }
        }
        if parts.is_empty() && policies.is_empty() {
            return self.nothing(input, "there is no policy in it".to_owned());
        }
        self.sources.add(input.name.as_str(), text);
        for tree in policies {
            let mut callers = false;
            let is_caller = |text: &Text| matches!(text.as_known(), Some("Principal" | "NotPrincipal"));
            tree.each_text(&mut |text| callers = callers || is_caller(text));
            let kind = if callers { Kind::Resource } else { Kind::Identity };
            let place = Place { file: input.name.clone(), address: String::new(), kind, resource_type: None };
            parts.push(Part::Seen(policy::found(&mut self.sources, &place, &tree, &self.options)));
        }
        parts
    }

    fn nothing(&mut self, input: &Input, reason: String) -> Vec<Part> {
        self.sources.add(input.name.as_str(), "");
        let cause = if input.named { Cause::NothingInFile } else { Cause::NoPolicy };
        vec![Part::Seen(Seen::Skipped(Skipped { cause, ..skipped(&input.name, reason) }))]
    }

    /// A file that is a policy or a stack.
    fn policy(&mut self, input: &Input) -> Seen {
        let outcome = stack::read(&mut self.sources, &input.name, &input.bytes, &self.options.read_options());
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
            supposed: None,
            diagnostics: outcome.diagnostics,
        }))
    }
}

/// Whether a text is to be read as YAML: by its ending, unless it begins as JSON does.
fn is_yaml(name: &str, text: &str) -> bool {
    let ending = name.rsplit('.').next().unwrap_or("").to_ascii_lowercase();
    let begins_as_json = text.trim_start().starts_with(['{', '[', '%']);
    !begins_as_json && matches!(ending.as_str(), "yaml" | "yml" | "template")
}

/// What a JSON file is, by its members.
fn sort(root: &Node<'_>) -> Sort {
    if plan::is_plan(root) {
        Sort::Plan
    } else if Snapshot::is_snapshot(root) {
        Sort::Snapshot
    } else if template::is_template(&Tree::of(root)) {
        Sort::Template
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
