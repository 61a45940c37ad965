//! The questions and their answers: PASS, FAIL with reasons, UNKNOWN with what is missing (spec 10).

pub mod account;
mod blame;
mod candidate;
mod catalogued;
pub mod claims;
pub mod compiled;
mod counterexample;
pub mod cube;
pub mod diff;
mod explanation;
pub mod external;
pub mod findings;
mod label;
mod listed;
mod narrowed;
pub mod proof;
pub mod public;
mod question;
mod redundancy;
mod shrink;
mod side;
mod space;
mod unchanged;
mod verdict;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::catalogue::Catalogue;
use crate::diagnostic::{Diagnostic, Severity};
use crate::policy::Policy;
use crate::request::{Caller, Request};
use crate::semantics::Contested;
use crate::semantics::realistic::Combinations;
use crate::semantics::zone::Zone;
use crate::source::Span;
pub use claims::pose;
pub use explanation::explained;
pub use proof::{Proof, Work};
pub use public::Exposure;
pub use question::{Question, ask, ask_counting};
pub use redundancy::{Cause as RedundancyCause, Element, Name, Place, Redundancy, Redundant, redundancy};
pub(crate) use redundancy::{equivalent, removable_spans};
pub use side::Side;
pub use verdict::{verdict, verdict_by_search};

/// The three answers; never a bool, and UNKNOWN is never a PASS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// No request violates the property.
    Pass,
    /// Some request violates it, and here it is.
    Fail,
    /// A stated limit was reached, or a construct is outside what is decided.
    Unknown,
}

/// The answer to one question.
#[derive(Clone, Debug)]
pub struct Report {
    /// PASS, FAIL or UNKNOWN.
    pub verdict: Verdict,
    /// One for every guilty Allow statement of the policy under test, in order; empty unless FAIL.
    pub reasons: Vec<Reason>,
    /// What stayed undecided; empty on PASS.
    pub unknown: Vec<Undecided>,
    /// Whether every statement was decided.
    pub complete: bool,
    /// Facts about requests that the proof of a PASS needed (spec 6.5), as clauses: `requests carry …`.
    pub assumptions: Vec<String>,
    /// What carries a PASS, in words; computed by [`explained`].
    pub carried_by: Vec<String>,
    /// What else there is to know of the answer, in sentences.
    pub remarks: Vec<String>,
    /// Whether only combinations of action, resource and keys that the catalogue knows were looked at (spec 10.4).
    pub realistic: bool,
    /// The proof of a PASS, unless [`Certification::Omitted`].
    pub proof: Option<Proof>,
}

/// One guilty statement, with its own counterexample.
#[derive(Clone, Debug)]
pub struct Reason {
    /// Position in the policy under test, from 0.
    pub statement_index: usize,
    /// Its Sid, if not empty.
    pub statement_id: Option<String>,
    /// The whole statement.
    pub span: Span,
    /// The part of the statement that matters.
    pub part: Part,
    /// The entries to underline: those of that part that the request matches; empty if no statement grants it.
    pub guilty: Vec<Span>,
    /// A request that violates the property, already replayed by the concrete reading.
    pub counterexample: Request,
    /// Why it was not allowed before.
    pub why_not_before: Cause,
    /// In a stack: the Allow statements of other layers without which it would not be allowed, one a layer.
    pub also: Vec<Needed>,
    /// A small edit that was checked to remove the violation ([`explained`]).
    pub suggestion: Option<Suggestion>,
    /// Contested rules in their other reading, on which the violation depends.
    pub readings: Vec<Contested>,
    /// Whether neither the catalogue nor a document names the action.
    pub future_action: bool,
    /// More to know, for example the contested rule that the answer depends on.
    pub note: Option<String>,
    /// From how many addresses outsiders may make it, where addresses count (spec 9.3).
    pub exposure: Option<Exposure>,
}

/// The part of a guilty statement for which the existing side has nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Who.
    Principal,
    /// What.
    Action,
    /// On what.
    Resource,
    /// Under which conditions.
    Condition,
    /// No statement grants the request: it is allowed without one.
    Nothing,
}

/// A statement by its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementAt {
    /// Position in its policy, from 0.
    pub statement_index: usize,
    /// Its Sid, if not empty.
    pub statement_id: Option<String>,
    /// The whole statement.
    pub span: Span,
}

impl StatementAt {
    pub(crate) fn of(statement: &crate::policy::Statement) -> StatementAt {
        StatementAt { statement_index: statement.index, statement_id: statement.sid.clone(), span: statement.span }
    }
}

/// An Allow statement that a request needs beside the guilty one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needed {
    /// Its layer by its member: `boundary`, `scps[1]`.
    pub layer: String,
    /// The statement.
    pub place: StatementAt,
    /// Its actions that name the request's.
    pub entries: Vec<Span>,
}

/// A Deny of the asked side that looks like one of the existing side but does not stop the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Narrowed {
    /// The Deny of the asked side.
    pub place: StatementAt,
    /// The part of it that the request does not match.
    pub now: Span,
    /// What stood in its place.
    pub before: Option<Span>,
}

/// A small edit after which the check was asked again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// What to do.
    pub edit: Edit,
    /// Whether the whole check passes then; if not, this statement is no longer among the reasons.
    pub passes: bool,
}

/// A small edit of the asked side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Leave these entries of a list out.
    DropEntries(Vec<Span>),
    /// Leave a statement out.
    DropStatement(StatementAt),
    /// Put a Deny of the existing side back.
    RestoreDeny(StatementAt),
    /// Put clauses of the existing side back into the statement.
    RestoreConditions(Vec<Span>),
}

/// Why a request was not allowed by the existing side.
#[derive(Clone, Debug)]
pub enum Cause {
    /// No statement of the existing side allows it.
    NothingAllows,
    /// A Deny of the existing side forbids it.
    DeniedByOld {
        /// Position in the existing policy, from 0.
        statement_index: usize,
        /// Its Sid, if not empty.
        statement_id: Option<String>,
        /// The Deny.
        span: Span,
        /// Its actions that name the request's.
        entries: Vec<Span>,
        /// Its counterpart in the asked side, if it was narrowed and not removed.
        narrowed: Option<Box<Narrowed>>,
    },
    /// The existing stack grants it, but in this layer nothing allows it.
    NothingInLayer {
        /// The layer by its member: `boundary`, `scps[1]`.
        layer: String,
    },
    /// An Allow of the existing side names it, under a condition that does not hold.
    ConditionLoosened {
        /// Position in the existing policy, from 0.
        statement_index: usize,
        /// Its Sid, if not empty.
        statement_id: Option<String>,
        /// The clauses that do not hold.
        spans: Vec<Span>,
    },
    /// There is no existing side: it is simply granted.
    Granted,
}

/// Something that was not decided.
#[derive(Clone, Debug)]
pub struct Undecided {
    /// What stood in the way.
    pub reason: String,
    /// Where.
    pub span: Option<Span>,
    /// What would make it decidable.
    pub needed: String,
}

/// A replay or a certificate did not agree: a defect of ours, never a verdict.
#[derive(Clone, Debug)]
pub struct Disagreement {
    /// What did not agree with what.
    pub what: String,
}

/// Actions and resources that must not be granted (spec 10.2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// Action patterns; empty: any action.
    pub actions: Vec<String>,
    /// Resource ARN patterns; empty: any resource. Never both empty.
    pub resources: Vec<String>,
}

/// Which relations between the parts of a request hold (spec 6.5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Realizability {
    /// All of them.
    #[default]
    All,
    /// None: every key is free.
    Nothing,
    /// Without those that the service is not known to use.
    LikeAws,
}

/// The contested rules whose reading was chosen; true is the other reading. The rest are free: a PASS then holds in
/// every reading (spec 0.3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Chosen rules.
    pub fixed: BTreeMap<Contested, bool>,
}

/// Every contested rule by the name of its other reading (spec 0.3): `C5`, and for C1 `C1=R2` and `C1=R3`.
pub const READINGS: [(&str, Contested); 16] = [
    ("C1=R2", Contested::C1R2),
    ("C1=R3", Contested::C1R3),
    ("C2", Contested::C2),
    ("C3", Contested::C3),
    ("C4", Contested::C4),
    ("C5", Contested::C5),
    ("C6", Contested::C6),
    ("C7", Contested::C7),
    ("C8", Contested::C8),
    ("C9", Contested::C9),
    ("C10", Contested::C10),
    ("C12", Contested::C12),
    ("C14", Contested::C14),
    ("C15", Contested::C15),
    ("C16", Contested::C16),
    ("C17", Contested::C17),
];

/// Which combinations of action, resource and keys are looked at (spec 10.4).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Requests {
    /// All: the service's own checks know nothing of the relation between them.
    #[default]
    Free,
    /// Those that the catalogue knows.
    Realistic,
    /// These.
    Among(Arc<Combinations>),
}

/// What becomes of the proof of a PASS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Certification {
    /// It is made and checked before anyone sees the PASS.
    #[default]
    Checked,
    /// It is made, for others to check.
    Made,
    /// There is none: the search is trusted.
    Omitted,
}

/// How a question is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Work units to spend; counted, never timed.
    pub budget: u64,
    /// Relations in force.
    pub realizability: Realizability,
    /// Contested rules.
    pub reading: Reading,
    /// In questions about stacks: the only caller; free if `None`.
    pub principal: Option<Caller>,
    /// In questions about stacks: the account of every resource; free if `None`.
    pub resource_account: Option<String>,
    /// Only requests from outside this zone of trust; all if `None`.
    pub zone: Option<Zone>,
    /// Which requests are looked at.
    pub requests: Requests,
    /// What becomes of the proof of a PASS.
    pub certification: Certification,
}

impl Settings {
    /// Keeps any single question below a few seconds on a slow machine.
    pub const DEFAULT_BUDGET: u64 = 2_000_000;
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            budget: Settings::DEFAULT_BUDGET,
            realizability: Realizability::default(),
            reading: Reading::default(),
            principal: None,
            resource_account: None,
            zone: None,
            requests: Requests::default(),
            certification: Certification::default(),
        }
    }
}

/// How strictly diagnostics are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strictness {
    /// Fatal ones stop, errors turn a PASS into UNKNOWN.
    #[default]
    Ordinary,
    /// Errors and warnings stop as well.
    Strict,
    /// Errors do not turn a PASS into UNKNOWN.
    Lenient,
}

/// What the diagnostics of a document leave possible (spec 0.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Any verdict.
    Clean,
    /// Anything but PASS.
    NoPass,
    /// The document is not analysed.
    Refused,
}

/// Decides, in this one place, whether a check may proceed.
pub fn admission(diagnostics: &[Diagnostic], strictness: Strictness) -> Admission {
    match diagnostics.iter().map(|d| d.severity).min() {
        Some(Severity::Fatal) => Admission::Refused,
        Some(Severity::Error) => match strictness {
            Strictness::Ordinary => Admission::NoPass,
            Strictness::Strict => Admission::Refused,
            Strictness::Lenient => Admission::Clean,
        },
        Some(Severity::Warning) if strictness == Strictness::Strict => Admission::Refused,
        Some(Severity::Warning | Severity::Suggestion) | None => Admission::Clean,
    }
}

impl Report {
    /// A PASS of which nothing else is known.
    pub fn pass() -> Report {
        Report {
            verdict: Verdict::Pass,
            reasons: Vec::new(),
            unknown: Vec::new(),
            complete: true,
            assumptions: Vec::new(),
            carried_by: Vec::new(),
            remarks: Vec::new(),
            realistic: false,
            proof: None,
        }
    }

    /// A report of something undecided.
    pub fn undecided(unknown: Undecided) -> Report {
        Report { verdict: Verdict::Unknown, unknown: vec![unknown], complete: false, ..Report::pass() }
    }

    /// Under [`Admission::NoPass`] a PASS becomes UNKNOWN and every error-level diagnostic a thing undecided.
    pub fn admitted(mut self, admission: Admission, diagnostics: &[Diagnostic]) -> Report {
        if admission == Admission::Clean || self.verdict != Verdict::Pass {
            return self;
        }
        self.verdict = Verdict::Unknown;
        self.complete = false;
        self.proof = None;
        let errors = diagnostics.iter().filter(|d| d.severity <= Severity::Error);
        self.unknown.extend(errors.map(|d| Undecided {
            reason: d.message.clone(),
            span: d.span,
            needed: d.help.clone().unwrap_or_else(|| "correct it, or pass with `--lenient`".to_owned()),
        }));
        self
    }
}

/// Whether `new` allows a request that `old` does not (spec 10.1).
///
/// # Errors
/// A counterexample that does not replay.
pub fn no_new_access(old: &Policy, new: &Policy, settings: &Settings) -> Result<Report, Disagreement> {
    no_new_access_between(Side::Document(old), Side::Document(new), &Catalogue::embedded(), settings)
}

/// [`no_new_access`] of documents or stacks, with the facts of a catalogue.
///
/// # Errors
/// A counterexample that does not replay.
pub fn no_new_access_between(
    old: Side<'_>,
    new: Side<'_>,
    catalogue: &Catalogue,
    settings: &Settings,
) -> Result<Report, Disagreement> {
    ask(&Question::no_new_access(old, new, catalogue, settings))
}

/// Whether `policy` allows any of the listed accesses (spec 10.2).
///
/// # Errors
/// A counterexample that does not replay.
pub fn access_not_granted(policy: &Policy, access: &[Access], settings: &Settings) -> Result<Report, Disagreement> {
    access_not_granted_by(Side::Document(policy), access, &Catalogue::embedded(), settings)
}

/// [`access_not_granted`] of a document or a stack, with the facts of a catalogue.
///
/// # Errors
/// A counterexample that does not replay.
pub fn access_not_granted_by(
    side: Side<'_>,
    access: &[Access],
    catalogue: &Catalogue,
    settings: &Settings,
) -> Result<Report, Disagreement> {
    ask(&Question::access_not_granted(side, access, catalogue, settings))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;

    fn of(severity: Severity) -> Diagnostic {
        Diagnostic {
            code: Code::JsonSyntax,
            severity,
            message: "something".to_owned(),
            span: None,
            label: String::new(),
            secondary: Vec::new(),
            help: None,
        }
    }

    #[test]
    fn admission_is_decided_by_the_worst_diagnostic() {
        use Severity::{Error, Fatal, Suggestion, Warning};
        let rows = [
            (vec![], [Admission::Clean, Admission::Clean, Admission::Clean]),
            (vec![Suggestion], [Admission::Clean, Admission::Clean, Admission::Clean]),
            (vec![Suggestion, Warning], [Admission::Clean, Admission::Refused, Admission::Clean]),
            (vec![Warning, Error], [Admission::NoPass, Admission::Refused, Admission::Clean]),
            (vec![Error, Fatal, Warning], [Admission::Refused; 3]),
        ];
        for (severities, expected) in rows {
            let found: Vec<_> = severities.into_iter().map(of).collect();
            let modes = [Strictness::Ordinary, Strictness::Strict, Strictness::Lenient];
            assert_eq!(modes.map(|mode| admission(&found, mode)), expected, "{found:?}");
        }
    }

    #[test]
    fn an_error_never_ends_in_pass() {
        let pass = Report::pass();
        let found = [of(Severity::Warning), of(Severity::Error)];
        let report = pass.clone().admitted(Admission::NoPass, &found);
        assert_eq!((report.verdict, report.complete, report.unknown.len()), (Verdict::Unknown, false, 1));
        assert_eq!(pass.admitted(Admission::Clean, &found).verdict, Verdict::Pass);
    }
}
