//! Showing answers: text for people, JSON for programs. Everything here returns text; only `cli` writes it.

pub mod caller;
pub mod diagnostic;
pub mod json;
pub mod messages;
pub mod paint;
pub mod text;

use crate::checks::{Access, Report};
use crate::diagnostic::Diagnostic;
use crate::policy::Policy;
use crate::source::Sources;

/// The question that was asked.
#[derive(Clone, Copy, Debug)]
pub enum Question<'a> {
    /// Does the policy allow a request that `existing` does not?
    NoNewAccess {
        /// The existing policy, the bound.
        existing: &'a Policy,
    },
    /// Does the policy allow any of these?
    AccessNotGranted {
        /// What must not be granted.
        access: &'a [Access],
    },
}

/// A question with its answer and all that is needed to show it.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// What was asked.
    pub question: Question<'a>,
    /// About which policy: the new one, or the one under test.
    pub policy: &'a Policy,
    /// The answer.
    pub report: &'a Report,
    /// What there is to say about the documents.
    pub diagnostics: &'a [Diagnostic],
    /// The texts.
    pub sources: &'a Sources,
}

impl<'a> Answer<'a> {
    /// The name of the policy under test.
    pub fn policy_name(&self) -> &'a str {
        self.sources.get(self.policy.file).map_or("the policy", |source| source.name.as_str())
    }

    /// The name of the existing policy, if there is one.
    pub fn existing_name(&self) -> Option<&'a str> {
        match self.question {
            Question::NoNewAccess { existing } => self.sources.get(existing.file).map(|source| source.name.as_str()),
            Question::AccessNotGranted { .. } => None,
        }
    }
}
