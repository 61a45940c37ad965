//! Showing answers: text for people, JSON for programs. Everything here returns text; only `cli` writes it.

pub mod account;
pub mod baseline;
pub mod diagnostic;
pub mod document;
pub mod explanation;
pub mod finding;
pub mod formula;
pub mod github;
pub mod gitlab;
pub mod html;
pub mod json;
pub mod junit;
pub mod location;
pub mod markdown;
pub mod messages;
pub mod packs;
pub mod paint;
pub mod reproduction;
pub mod sarif;
pub mod scan;
pub mod text;
pub mod validation;

use crate::catalogue::Catalogue;
use crate::checks::diff::Diff;
use crate::checks::findings::Findings;
use crate::checks::public::block::BlockPublicAccess;
use crate::checks::{Access, Report, Side, Verdict};
use crate::diagnostic::Diagnostic;
use crate::policy::Kind;
use crate::semantics::zone::Zone;
use crate::source::{Sources, Span};
use crate::stack;

/// One side of a question, with the name that the user gave it.
#[derive(Clone, Copy, Debug)]
pub struct Named<'a> {
    /// As the user named it: a path, `<stdin>`, `<inline>`.
    pub name: &'a str,
    /// The document or stack.
    pub side: Side<'a>,
}

impl Named<'_> {
    /// The kind of a document, and whether it was inferred; a stack has none.
    pub fn kind(&self) -> Option<(Kind, bool)> {
        match self.side {
            Side::Document(policy) => Some((policy.kind, policy.inferred)),
            Side::Stack(_) => None,
        }
    }

    /// The layer of a stack that holds a place: `scps[1][0]`.
    pub fn layer(&self, span: Span) -> Option<String> {
        match self.side {
            Side::Document(_) => None,
            Side::Stack(stack) => stack::layer_of(stack, span),
        }
    }
}

/// The question that was asked.
#[derive(Clone, Copy, Debug)]
pub enum Question<'a> {
    /// Does the policy allow a request that `existing` does not?
    NoNewAccess {
        /// The existing policy, the bound.
        existing: Named<'a>,
    },
    /// Does the policy allow any of these?
    AccessNotGranted {
        /// What must not be granted.
        access: &'a [Access],
    },
    /// Does the policy grant access to everyone?
    NoPublicAccess {
        /// What it is attached to, as the service names it.
        resource_type: &'a str,
    },
    /// Does the policy grant access outside the zone of trust?
    NoExternalAccess {
        /// Whom its owner trusts.
        zone: &'a Zone,
    },
}

/// An answer by the rule of S3 Block Public Access, beside the one by meaning.
#[derive(Clone, Copy, Debug)]
pub struct BlockAnswer<'a> {
    /// What the same policy means for all requests.
    pub by_meaning: &'a Answer<'a>,
    /// The verdict by the rule.
    pub verdict: Verdict,
    /// What the rule finds.
    pub rule: &'a BlockPublicAccess,
}

impl BlockAnswer<'_> {
    /// What to say where rule and meaning part; `None` where they agree or the meaning is not decided.
    pub fn difference(&self) -> Option<&'static str> {
        match (self.verdict, self.by_meaning.report.verdict) {
            (Verdict::Fail, Verdict::Pass) => Some(
                "by its meaning the policy is not public: no outsider can make a request that it allows; the rule reads \
                 each Allow by itself",
            ),
            (Verdict::Pass, Verdict::Fail) => Some(
                "by its meaning the policy is public: the rule takes a condition for narrow that lets outsiders in",
            ),
            (Verdict::Pass | Verdict::Fail | Verdict::Unknown, _) => None,
        }
    }
}

/// A question with its answer and all that is needed to show it.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// What was asked.
    pub question: Question<'a>,
    /// About what: the new side, or the one under test.
    pub asked: Named<'a>,
    /// The answer.
    pub report: &'a Report,
    /// What there is to say about the documents.
    pub diagnostics: &'a [Diagnostic],
    /// The texts.
    pub sources: &'a Sources,
    /// How condition keys are spelt.
    pub catalogue: &'a Catalogue,
}

impl<'a> Answer<'a> {
    /// The existing side, if there is one.
    pub fn existing(&self) -> Option<Named<'a>> {
        match self.question {
            Question::NoNewAccess { existing } => Some(existing),
            Question::AccessNotGranted { .. } | Question::NoPublicAccess { .. } | Question::NoExternalAccess { .. } => {
                None
            }
        }
    }
}

/// A difference with all that is needed to show it.
#[derive(Clone, Copy, Debug)]
pub struct Compared<'a> {
    /// The old side.
    pub old: Named<'a>,
    /// The new side.
    pub new: Named<'a>,
    /// What was gained and lost.
    pub diff: &'a Diff,
    /// What there is to say about the documents.
    pub diagnostics: &'a [Diagnostic],
    /// The texts.
    pub sources: &'a Sources,
    /// How condition keys are spelt.
    pub catalogue: &'a Catalogue,
}

/// Findings with all that is needed to show them.
#[derive(Clone, Copy, Debug)]
pub struct Surveyed<'a> {
    /// The policy.
    pub policy: Named<'a>,
    /// Whom its owner trusts.
    pub zone: &'a Zone,
    /// The findings.
    pub found: &'a Findings,
    /// What there is to say about the policy.
    pub diagnostics: &'a [Diagnostic],
    /// The texts.
    pub sources: &'a Sources,
    /// How condition keys are spelt.
    pub catalogue: &'a Catalogue,
}
