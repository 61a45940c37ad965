//! All access gained and lost between two policies, as cubes of requests (contract 3).

mod claim;
mod express;
mod search;

use solver::budget::Budget;

use crate::catalogue::Catalogue;
use crate::checks::cube::Cube;
use crate::checks::{Admission, Disagreement, Question, Settings, Side, Undecided};
use crate::diagnostic::{Diagnostic, Severity};
use crate::request::Request;
pub(super) use claim::pose_rest;
pub use search::Review;
use search::{Search, review};

/// The difference of two sides.
#[derive(Clone, Debug)]
pub struct Diff {
    /// What the new side allows and the old one does not.
    pub gained: Difference,
    /// What the old side allows and the new one does not.
    pub lost: Difference,
}

/// The requests that one side allows and the other does not.
#[derive(Clone, Debug, Default)]
pub struct Difference {
    /// Parts that lie inside it: proved. They may overlap.
    pub parts: Vec<Part>,
    /// What kept the parts from being all of it; empty if they are: proved.
    pub unknown: Vec<Undecided>,
}

/// One part of a difference.
#[derive(Clone, Debug)]
pub struct Part {
    /// The requests.
    pub cube: Cube,
    /// One of them, replayed.
    pub witness: Request,
    /// The undocumented rule that it depends on.
    pub note: Option<String>,
}

impl Diff {
    /// Whether the parts are all of the difference.
    pub fn is_complete(&self) -> bool {
        self.gained.unknown.is_empty() && self.lost.unknown.is_empty()
    }

    /// Whether both sides allow the same requests: proved.
    pub fn is_empty(&self) -> bool {
        self.is_complete() && self.gained.parts.is_empty() && self.lost.parts.is_empty()
    }

    /// Under [`Admission::NoPass`] an empty difference is not claimed (spec 0.2).
    #[must_use]
    pub fn admitted(mut self, admission: Admission, diagnostics: &[Diagnostic]) -> Diff {
        if admission != Admission::Clean && self.is_empty() {
            let errors = diagnostics.iter().filter(|d| d.severity <= Severity::Error);
            self.gained.unknown.extend(errors.map(|d| Undecided {
                reason: d.message.clone(),
                span: d.span,
                needed: d.help.clone().unwrap_or_else(|| "correct it, or pass with `--lenient`".to_owned()),
            }));
        }
        self
    }
}

/// A difference is many questions of the size of one check.
const QUESTIONS: u64 = 10;

/// All access gained and lost from `old` to `new`.
///
/// # Errors
/// A witness that does not replay.
pub fn diff(old: Side<'_>, new: Side<'_>, catalogue: &Catalogue, settings: &Settings) -> Result<Diff, Disagreement> {
    let ask = |existing, asked| {
        let mut budget = Budget::new(settings.budget.saturating_mul(QUESTIONS));
        let question = Question { catalogue, existing: Some(existing), asked, access: &[], outsiders: None, settings };
        Search::all(&question, &mut budget)
    };
    Ok(Diff { gained: ask(old, new)?, lost: ask(new, old)? })
}

/// Asks the solver about a finished difference again, from nothing: gained, then lost.
pub fn reviewed(old: Side<'_>, new: Side<'_>, catalogue: &Catalogue, settings: &Settings, diff: &Diff) -> [Review; 2] {
    let ask = |existing, asked, difference: &Difference| {
        let question = Question { catalogue, existing: Some(existing), asked, access: &[], outsiders: None, settings };
        review(&question, &difference.parts, settings.budget.saturating_mul(QUESTIONS))
    };
    [ask(old, new, &diff.gained), ask(new, old, &diff.lost)]
}
