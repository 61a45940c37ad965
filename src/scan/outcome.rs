//! The result of one rule for one policy.

use std::sync::Arc;

use crate::checks::{Disagreement, Report};
use crate::diagnostic::Diagnostic;
use crate::scan::rule::Rule;
use crate::stack::Document;

/// The result of one rule for one policy.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The rule.
    pub rule: Arc<Rule>,
    /// The policy as it was asked about: with values in the place of those that are not known.
    pub asked: Arc<Document>,
    /// The bound and its name, if the question has one.
    pub existing: Option<(String, Arc<Document>)>,
    /// The answer, or the defect of ours that kept it from being one.
    pub report: Result<Report, Disagreement>,
    /// The values of a FAIL for what is not known, by expression.
    pub values: Vec<Value>,
    /// What there is to say about the policy and the bound.
    pub diagnostics: Vec<Diagnostic>,
    /// Whether it counts.
    pub standing: Standing,
}

/// A value for something that is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// As the file writes it.
    pub expression: String,
    /// The value that makes the rule fail.
    pub text: String,
}

/// Whether an outcome counts. A PASS always does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// It does.
    #[default]
    Counts,
    /// The team accepted it.
    Suppressed {
        /// Why.
        reason: String,
        /// Until when, as a date.
        until: Option<String>,
    },
    /// It was there when the baseline was written.
    Baselined,
}
