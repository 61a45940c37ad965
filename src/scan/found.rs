//! A policy found in a file.

use crate::diagnostic::Diagnostic;
use crate::policy::Kind;
use crate::source::Span;
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
    /// What there is to say about how it is written.
    pub diagnostics: Vec<Diagnostic>,
}

/// The text of a policy as far as it is known.
#[derive(Clone, Debug)]
pub enum Written {
    /// All of it.
    Whole(Box<Document>),
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

/// A value that is not known here.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unknown {
    /// As the file writes it: `aws_s3_bucket.logs.arn`, `!GetAtt Logs.Arn`.
    pub expression: String,
}

impl Found {
    /// The values in it that are not known here.
    pub fn unknowns(&self) -> Vec<&Unknown> {
        match &self.document {
            Written::Whole(_) => Vec::new(),
        }
    }

    /// The file, and the address if there is one: `plan.json: aws_sqs_queue.jobs`.
    pub fn name(&self) -> String {
        if self.address.is_empty() { self.file.clone() } else { format!("{}: {}", self.file, self.address) }
    }
}
