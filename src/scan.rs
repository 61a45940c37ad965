//! Every policy of many files, held to rules: what was seen, what was checked with which result, what was skipped and
//! why. Nothing is passed over silently.
//!
//! Readers turn the text of a file into [`Found`] policies and [`Skipped`] places; [`hold`] holds one found policy to
//! [`Rule`]s; [`Scan`] is all of it, in the order of files and of places in them.

pub mod against;
pub mod bounds;
pub mod found;
mod hold;
pub mod outcome;
mod permission;
mod plan;
mod policy;
pub mod read;
pub mod rule;
mod snapshot;
mod table;
mod template;
pub mod tree;
mod values;
mod yaml;

pub use found::{Before, Found, Open, Written};
pub use hold::{Asking, hold};
pub use outcome::{Outcome, Standing, Value};
pub use rule::{Bound, Level, Question, Reference, Rule};

use crate::checks::Verdict;
use crate::diagnostic::Diagnostic;
use crate::source::{Sources, Span};

/// Everything that a scan saw.
#[derive(Debug, Default)]
pub struct Scan {
    /// The texts; all spans refer to them.
    pub sources: Sources,
    /// The policies that were read, with the result of every rule that speaks of them.
    pub policies: Vec<Checked>,
    /// What was not checked.
    pub skipped: Vec<Skipped>,
    /// Files read.
    pub files: usize,
}

/// A policy and the results of the rules that speak of it.
#[derive(Debug)]
pub struct Checked {
    /// The policy.
    pub found: Found,
    /// One for every rule that speaks of it, in the order of the rules; empty if none does.
    pub outcomes: Vec<Outcome>,
}

/// Something that was not checked.
#[derive(Clone, Debug)]
pub struct Skipped {
    /// The file, as the user gave it.
    pub file: String,
    /// The address of the policy in it, if it got that far.
    pub address: Option<String>,
    /// What sort of reason.
    pub cause: Cause,
    /// Why, in a clause: `its text is known only after apply (aws_s3_bucket.b.arn)`.
    pub reason: String,
    /// The place in the file, if there is one.
    pub span: Option<Span>,
    /// What the reader said about it.
    pub diagnostics: Vec<Diagnostic>,
}

/// Sorts of reasons for which something was not checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// The file cannot be read: exit 2.
    Unreadable,
    /// What should be a policy, plan or template is malformed: exit 2.
    Malformed,
    /// It is a policy, but what it says is not known here: exit 3 unless skips are allowed.
    Undetermined,
    /// A file named by the user holds no policy: exit 3 unless skips are allowed.
    NothingInFile,
    /// A file found in a folder holds no policy: listed, without consequence.
    NoPolicy,
}

impl Cause {
    /// Whether something that is or may be a policy was not read; the rest holds none.
    pub fn is_about_a_policy(self) -> bool {
        match self {
            Cause::Unreadable | Cause::Malformed | Cause::Undetermined => true,
            Cause::NothingInFile | Cause::NoPolicy => false,
        }
    }
}

/// Counts of a scan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Files read.
    pub files: usize,
    /// Policies read.
    pub policies: usize,
    /// Rules asked of policies.
    pub checks: usize,
    /// … that hold.
    pub passed: usize,
    /// … that fail, neither suppressed nor in the baseline.
    pub failed: usize,
    /// … that stayed undecided, neither suppressed nor in the baseline.
    pub unknown: usize,
    /// Failures and undecided results that are suppressed.
    pub suppressed: usize,
    /// Failures and undecided results that are in the baseline.
    pub baselined: usize,
    /// Defects of ours: a replay did not agree.
    pub internal: usize,
    /// Things not checked, without the next.
    pub skipped: usize,
    /// Files in folders that hold no policy.
    pub without_policy: usize,
}

impl Scan {
    /// The counts.
    pub fn summary(&self) -> Summary {
        let mut summary = Summary { files: self.files, policies: self.policies.len(), ..Summary::default() };
        for outcome in self.policies.iter().flat_map(|checked| &checked.outcomes) {
            summary.checks += 1;
            *summary.of(outcome) += 1;
        }
        summary.without_policy = self.skipped.iter().filter(|skipped| skipped.cause == Cause::NoPolicy).count();
        summary.skipped = self.skipped.len().saturating_sub(summary.without_policy);
        summary
    }
}

impl Summary {
    /// The count that an outcome belongs to.
    fn of(&mut self, outcome: &Outcome) -> &mut usize {
        match (&outcome.report, &outcome.standing) {
            (Err(_), _) => &mut self.internal,
            (Ok(report), Standing::Counts) => match report.verdict {
                Verdict::Pass => &mut self.passed,
                Verdict::Fail => &mut self.failed,
                Verdict::Unknown => &mut self.unknown,
            },
            (Ok(_), Standing::Suppressed { .. }) => &mut self.suppressed,
            (Ok(_), Standing::Baselined) => &mut self.baselined,
        }
    }
}
