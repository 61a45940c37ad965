//! The proof of a PASS: made from what the search learnt, and checked on formulas that are built anew.
//!
//! Whatever decides a question, its PASS rests on a claim that some formulas have no model. A [`Posed`] question is those
//! formulas; [`certify`] takes it from a search that refuted it to a [`Proof`], [`Proof::verify`] takes a proof back to a
//! question. The two meet only in the numbers of the formulas, which the documents and the question determine.

use std::fmt;

use solver::budget::Budget;
use solver::certificate::{Certificate, Claim, Failure, prove};
use solver::checker::{self, Rejection};
use solver::formula::{Formula, Formulas};
use solver::search::Learnt;

use crate::checks::question::{Attempt, Question, pose};
use crate::checks::{Certification, Disagreement, Settings, Undecided};
use crate::semantics::realizability::{Relation, Relations};
use crate::semantics::symbolic::Readings;

/// The proof of a PASS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The relations between the parts of a request that it uses (spec 6.5).
    pub relations: Relations,
    /// The readings of contested rules that it holds in (spec 0.3).
    pub readings: Readings,
    /// Why no request violates the property.
    pub certificate: Certificate,
    /// Whether it was checked here.
    pub checked: bool,
}

/// A question as formulas: violating requests are the models of the context and of one of the goals.
#[derive(Clone, Debug)]
pub struct Posed {
    /// The arena, with nothing in it but what the question needed.
    pub formulas: Formulas,
    /// What holds of every request that is asked about.
    pub context: Formula,
    /// Ways to violate the property.
    pub goals: Vec<Formula>,
    /// The relations in force that the answer may rest on.
    pub rests_on: Vec<Relation>,
}

/// A question that a search refuted, with what it learnt on the way.
#[derive(Clone, Debug)]
pub struct Refuted {
    /// The arena of the search.
    pub formulas: Formulas,
    /// What it learnt.
    pub learnt: Learnt,
}

/// What became of a proof.
#[derive(Clone, Debug)]
pub enum Certified {
    /// Here it is; checked, if the settings ask for that.
    Proved(Box<Proof>),
    /// The budget ended before it was made and checked. The PASS is then none.
    Exhausted,
}

/// Why a proof was not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal(Rejection);

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Refusal {
    /// Whether nothing is known because the budget ended.
    pub fn is_exhausted(&self) -> bool {
        self.0 == Rejection::Exhausted
    }
}

/// Makes the proof of what a search refuted and, if the settings say so, checks it on the question `posed` anew. The
/// budget of a question is given to each of the two once more.
///
/// # Errors
/// What was learnt does not prove the claim, or the checker does not agree: a defect.
pub fn certify(
    refuted: &Refuted,
    relations: Relations,
    readings: Readings,
    settings: &Settings,
    posed: impl FnOnce(&Relations, &Readings) -> Posed,
) -> Result<Certified, Disagreement> {
    let Refuted { formulas, learnt } = refuted;
    let certificate = match prove(formulas, &learnt.claim, &learnt.lemmas, &mut Budget::new(settings.budget)) {
        Ok(certificate) => certificate,
        Err(Failure::Exhausted) => return Ok(Certified::Exhausted),
        Err(Failure::Unfounded) => {
            return Err(Disagreement { what: "a PASS does not follow from what was learnt".to_owned() });
        }
    };
    let mut proof = Proof { relations, readings, certificate, checked: false };
    if settings.certification == Certification::Checked {
        match proof.verify(posed(&proof.relations, &proof.readings), settings.budget) {
            Ok(()) => proof.checked = true,
            Err(refusal) if refusal.is_exhausted() => return Ok(Certified::Exhausted),
            Err(refusal) => {
                return Err(Disagreement { what: format!("the proof of a PASS was not accepted: {refusal}") });
            }
        }
    }
    Ok(Certified::Proved(Box::new(proof)))
}

/// The proof of a PASS; if there is none within the budget, something stayed open.
pub(super) fn proved(question: &Question<'_>, attempt: &mut Attempt) -> Result<Option<Proof>, Disagreement> {
    if question.settings.certification == Certification::Omitted {
        return Ok(None);
    }
    let Some((refuted, relations, readings)) = attempt.basis.take() else {
        if question.outsiders.is_some() {
            return Ok(None); // addresses were counted: no certificate says that yet
        }
        return Err(Disagreement { what: "a PASS has no proof".to_owned() });
    };
    let posed = |relations: &Relations, readings: &Readings| pose(question, relations, readings);
    // where no contested rule was exercised, one reading is all of them
    match certify(&refuted, relations, Readings { free: true, ..readings }, question.settings, posed)? {
        Certified::Proved(proof) => Ok(Some(*proof)),
        Certified::Exhausted => {
            attempt.open.push(Undecided {
                reason: "a proof was found, but the work budget ended before it was checked".to_owned(),
                span: None,
                needed: "a larger `--budget`, or `--no-self-check`".to_owned(),
            });
            Ok(None)
        }
    }
}

impl Posed {
    /// What the answer rests on, in words (spec 6.5).
    pub fn assumptions(&self) -> Vec<String> {
        self.rests_on.iter().map(|relation| relation.sentence().to_owned()).collect()
    }
}

impl Proof {
    /// Checks the proof against the question, which is to be posed under the proof's own relations and readings.
    ///
    /// # Errors
    /// What is wrong.
    pub fn verify(&self, posed: Posed, budget: u64) -> Result<(), Refusal> {
        let Posed { mut formulas, context, goals, .. } = posed;
        let claim = Claim::new(&mut formulas, context, &goals);
        checker::check(&formulas, &claim, &self.certificate, &mut Budget::new(budget)).map_err(Refusal)
    }
}
