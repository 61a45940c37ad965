//! A policy found in a file.

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostic;
use crate::policy::read::{ReadOptions, read_node};
use crate::policy::{Kind, Policy};
use crate::scan::tree::{Language, Tree};
use crate::source::{Sources, Span};
use crate::stack::Document;

/// A policy found in a file.
#[derive(Clone, Debug)]
pub struct Found {
    /// The file, as the user gave it; below a given folder, that folder and the path in it.
    pub file: String,
    /// Where in the file: the address in a plan, the logical id in a template, the ARN in a snapshot, each followed by
    /// the member's path where a resource has several policies; empty for a file that is one policy.
    pub address: String,
    /// What it is attached to; `None` for a stack.
    pub kind: Option<Kind>,
    /// The type of resource it is attached to, as check-no-public-access names it, if that is known.
    pub resource_type: Option<&'static str>,
    /// Its place in the text of the file. Places inside the policy may be in a text of their own, if the file holds the
    /// policy as a string.
    pub span: Option<Span>,
    /// What it says.
    pub document: Written,
    /// What it said before.
    pub before: Before,
    /// What the file does not show and is taken to be so, as a clause: `the policy is …`.
    pub supposed: Option<String>,
    /// What there is to say about how it is written.
    pub diagnostics: Vec<Diagnostic>,
}

/// The text of a policy as far as it is known.
#[derive(Clone, Debug)]
pub enum Written {
    /// All of it.
    Whole(Box<Document>),
    /// Some of it.
    Open(Box<Open>),
}

/// A policy with holes.
#[derive(Clone, Debug)]
pub struct Open {
    /// What it says.
    pub tree: Tree,
    /// What it is attached to.
    pub kind: Kind,
    /// Whether it is the existing side of a question, where wildcards in principals are patterns (spec 2.5).
    pub reference: bool,
}

impl Open {
    /// Reads a tree in the place of this one; `None` if it is no policy, or has holes left.
    pub fn read(&self, tree: &Tree) -> Option<Policy> {
        let options =
            ReadOptions { kind: Some(self.kind), lenient: true, strict: false, reference: self.reference, holes: true };
        // its places are those of the file; the text is not needed again
        read_node(&mut Sources::default(), &tree.node()?, &options).policy
    }
}

/// What a policy said before.
#[derive(Clone, Debug)]
pub enum Before {
    /// There is nothing to compare with.
    Unasked,
    /// It did not exist: it granted nothing.
    Absent,
    /// This.
    Policy {
        /// How to name it: `before the plan`, `at main`.
        name: String,
        /// What it said, read as the existing side of a question.
        document: Written,
    },
    /// It existed, but what it said is not known.
    Undetermined {
        /// Why, in a clause.
        reason: String,
    },
}

impl Found {
    /// The values in it that are not known here, by expression.
    pub fn unknowns(&self) -> BTreeMap<String, Language> {
        match &self.document {
            Written::Whole(_) => BTreeMap::new(),
            Written::Open(open) => open.tree.unknowns(),
        }
    }

    /// The file, and the address if there is one: `plan.json: aws_sqs_queue.jobs`.
    pub fn name(&self) -> String {
        if self.address.is_empty() { self.file.clone() } else { format!("{}: {}", self.file, self.address) }
    }
}
