//! Scenarios: policy unit tests as JSON, each a request or a check with the answer that is expected (contract 3).

mod read;

use crate::batch::Check;
use crate::catalogue::Catalogue;
use crate::checks::{self, Disagreement, Reading, Report, Settings, Strictness, Verdict};
use crate::diagnostic::Diagnostic;
use crate::evaluation::{Evaluation, evaluate};
use crate::request::Request;
use crate::semantics::authorization::Decision;
use crate::source::Span;
use crate::stack::Document;

pub use read::{Scenarios, read};

/// One scenario.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Its name, unique by convention; its number from 0 if it has none.
    pub id: String,
    /// What it is about.
    pub note: Option<String>,
    /// Where it stands.
    pub span: Span,
    /// What is asked and expected.
    pub expectation: Expectation,
}

/// What is asked and expected.
#[derive(Clone, Debug)]
pub enum Expectation {
    /// One request against policies.
    Request {
        /// Who does what.
        request: Box<Request>,
        /// Against what.
        policies: Document,
        /// The result in the default reading.
        expected: Wanted,
        /// The contested rule that the result depends on (`C5`), and the result in its other reading.
        otherwise: Option<(String, Wanted)>,
    },
    /// One check, for all requests.
    Check {
        /// The question.
        check: Box<Check>,
        /// The verdict.
        expected: Verdict,
        /// What there is to say about its documents; an error keeps a PASS from being one (spec 0.2).
        diagnostics: Vec<Diagnostic>,
    },
}

/// An expected result of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// This one.
    Exactly(Decision),
    /// `Denied`: implicitly or explicitly.
    Denied,
}

/// What came of a scenario.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Of a request.
    Evaluated {
        /// The expected result under the reading.
        wanted: Wanted,
        /// The result.
        evaluation: Evaluation,
    },
    /// Of a check.
    Checked {
        /// The expected verdict.
        wanted: Verdict,
        /// The answer.
        report: Box<Report>,
    },
}

impl Outcome {
    /// Whether the answer is the expected one.
    pub fn is_expected(&self) -> bool {
        match self {
            Outcome::Evaluated { wanted, evaluation } => wanted.admits(evaluation.decision),
            Outcome::Checked { wanted, report } => *wanted == report.verdict,
        }
    }
}

impl Wanted {
    fn admits(self, decision: Decision) -> bool {
        match (self, decision) {
            (Wanted::Exactly(wanted), found) => wanted == found,
            (Wanted::Denied, Decision::ImplicitlyDenied | Decision::ExplicitlyDenied) => true,
            (Wanted::Denied, Decision::Allowed) => false,
        }
    }
}

impl Scenario {
    /// Asks, and keeps what was expected beside the answer.
    ///
    /// # Errors
    /// A counterexample that does not replay.
    pub fn run(
        &self,
        catalogue: &Catalogue,
        settings: &Settings,
        strictness: Strictness,
    ) -> Result<Outcome, Disagreement> {
        match &self.expectation {
            Expectation::Request { request, policies, expected, otherwise } => {
                let flipped = otherwise.as_ref().filter(|(rule, _)| is_flipped(rule, &settings.reading));
                let wanted = flipped.map_or(*expected, |(_, other)| *other);
                let evaluation = evaluate(policies.side(), request, &settings.reading);
                Ok(Outcome::Evaluated { wanted, evaluation })
            }
            Expectation::Check { check, expected, diagnostics } => {
                let report = check.ask(diagnostics, catalogue, settings, strictness)?;
                Ok(Outcome::Checked { wanted: *expected, report: Box::new(report) })
            }
        }
    }
}

/// Whether the rule is fixed to its other reading.
fn is_flipped(rule: &str, reading: &Reading) -> bool {
    checks::READINGS.iter().any(|(name, contested)| {
        name.split('=').next() == Some(rule) && reading.fixed.get(contested).copied().unwrap_or(false)
    })
}
