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
use solver::search::{Learnt, Outcome, solve_and_learn};

use crate::checks::claims::pose;
use crate::checks::cube::Cube;
use crate::checks::public::counted;
use crate::checks::question::{Attempt, Question};
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
    /// What it speaks of beside the documents and the question.
    pub given: Given,
    /// Why no request violates the property.
    pub certificate: Certificate,
    /// Whether it was checked here.
    pub checked: bool,
}

/// What a claim speaks of beside the documents and the question. Whoever poses the claim checks that it may.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Given {
    /// Nothing.
    #[default]
    Nothing,
    /// Sets of blocks of addresses, by number: every request can be made by outsiders from the blocks of one set at most,
    /// and none of the sets is the public (spec 9.3).
    Blocks(Vec<Vec<usize>>),
    /// Findings: together they cover all access from outside.
    Regions(Vec<Region>),
    /// Parts of a difference: together they are all of it.
    Cubes(Vec<Cube>),
}

/// A set of requests by what the documents say, as numbers into the list of all that they say.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Region {
    /// All of these hold.
    pub all: Vec<usize>,
    /// And some of these, if there are any.
    pub some: Vec<usize>,
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

/// Why a claim is not posed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unposed {
    /// What is given does not fit it.
    Unfit(String),
    /// The budget ended while addresses were told apart.
    Exhausted,
}

impl fmt::Display for Unposed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unposed::Unfit(what) => what.fmt(f),
            Unposed::Exhausted => "the budget ended while addresses were told apart".fmt(f),
        }
    }
}

impl From<&str> for Unposed {
    fn from(what: &str) -> Self {
        Unposed::Unfit(what.to_owned())
    }
}

/// Work units that went into an answer. The same question takes the same on every machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Searching for counterexamples, in all readings and under all choices of relations that were tried.
    pub search: u64,
    /// Making the proof of a PASS.
    pub proof: u64,
    /// Checking it.
    pub check: u64,
}

impl Work {
    /// All of it.
    pub fn total(&self) -> u64 {
        self.search.saturating_add(self.proof).saturating_add(self.check)
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
    given: Given,
    settings: &Settings,
    work: &mut Work,
    posed: &dyn Fn(&Relations, &Readings, &Given) -> Result<Posed, Unposed>,
) -> Result<Certified, Disagreement> {
    let Refuted { formulas, learnt } = refuted;
    let mut budget = Budget::new(settings.budget);
    let proved = prove(formulas, &learnt.claim, &learnt.lemmas, &mut budget);
    work.proof += budget.used();
    let certificate = match proved {
        Ok(certificate) => certificate,
        Err(Failure::Exhausted) => return Ok(Certified::Exhausted),
        Err(Failure::Unfounded) => {
            return Err(Disagreement { what: "a PASS does not follow from what was learnt".to_owned() });
        }
    };
    let mut proof = Proof { relations, readings, given, certificate, checked: false };
    if settings.certification == Certification::Checked {
        let mut budget = Budget::new(settings.budget);
        let posed = match posed(&proof.relations, &proof.readings, &proof.given) {
            Ok(posed) => posed,
            Err(Unposed::Exhausted) => return Ok(Certified::Exhausted),
            Err(Unposed::Unfit(what)) => {
                return Err(Disagreement { what: format!("the proof of a PASS was not accepted: {what}") });
            }
        };
        let checked = proof.verify_within(posed, &mut budget);
        work.check += budget.used();
        match checked {
            Ok(()) => proof.checked = true,
            Err(refusal) if refusal.is_exhausted() => return Ok(Certified::Exhausted),
            Err(refusal) => {
                return Err(Disagreement { what: format!("the proof of a PASS was not accepted: {refusal}") });
            }
        }
    }
    Ok(Certified::Proved(Box::new(proof)))
}

/// What a proof can be made of.
pub(super) struct Basis {
    /// How every goal was refuted; `None` if addresses were counted, which a proof has to say by itself.
    pub(super) refuted: Option<Refuted>,
    pub(super) relations: Relations,
    pub(super) readings: Readings,
    /// The blocks of addresses that outsiders may come from, if they were counted.
    pub(super) possible: Vec<bool>,
}

/// The proof of a PASS; if there is none within the budget, something stayed open.
pub(super) fn proved(
    question: &Question<'_>,
    attempt: &mut Attempt,
    work: &mut Work,
) -> Result<Option<Proof>, Disagreement> {
    if question.settings.certification == Certification::Omitted {
        return Ok(None);
    }
    let Some(Basis { refuted, relations, readings, possible }) = attempt.basis.take() else {
        return Err(Disagreement { what: "a PASS has no proof".to_owned() });
    };
    // where no contested rule was exercised, one reading is all of them
    let readings = Readings { free: true, ..readings };
    let posed = |relations: &Relations, readings: &Readings, given: &Given| pose(question, relations, readings, given);
    let certified = match refuted {
        Some(refuted) => certify(&refuted, relations, readings, Given::Nothing, question.settings, work, &posed)?,
        None => counted(question, &relations, &readings, &possible, work)?,
    };
    match certified {
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

/// Looks for a proof of a claim that was decided in another way, or in many steps: without the relations that it may rest
/// on, else with them. `None` if no search within the budget refutes it.
///
/// # Errors
/// What was learnt does not prove the claim, or the checker does not agree: a defect.
pub(super) fn demonstrated(
    (relations, readings, given): (&Relations, &Readings, &Given),
    settings: &Settings,
    work: &mut Work,
    posed: &dyn Fn(&Relations, &Readings, &Given) -> Result<Posed, Unposed>,
) -> Result<Option<Proof>, Disagreement> {
    let rests_on = match posed(relations, readings, given) {
        Ok(posed) => posed.rests_on,
        Err(Unposed::Exhausted) => return Ok(None),
        Err(Unposed::Unfit(what)) => return Err(Disagreement { what }),
    };
    let bare = rests_on.iter().fold(relations.clone(), |on, relation| on.without(*relation));
    let mut tries = vec![bare];
    if !rests_on.is_empty() {
        tries.push(relations.clone());
    }
    for relations in tries {
        let posed_anew = match posed(&relations, readings, given) {
            Ok(posed) => posed,
            Err(Unposed::Exhausted) => continue,
            Err(Unposed::Unfit(what)) => return Err(Disagreement { what }),
        };
        let Some(refuted) = refuted(posed_anew, settings, work) else { continue };
        let certified = certify(&refuted, relations, readings.clone(), given.clone(), settings, work, posed)?;
        return Ok(match certified {
            Certified::Proved(proof) => Some(*proof),
            Certified::Exhausted => None,
        });
    }
    Ok(None)
}

/// One search, if it refutes every goal.
fn refuted(posed: Posed, settings: &Settings, work: &mut Work) -> Option<Refuted> {
    let Posed { mut formulas, context, goals, .. } = posed;
    let mut budget = Budget::new(settings.budget);
    let (outcomes, _, learnt) = solve_and_learn(&mut formulas, context, &goals, &mut budget);
    work.search += budget.used();
    let refuted = outcomes.iter().all(|outcome| matches!(outcome, Outcome::Unsatisfiable));
    refuted.then_some(Refuted { formulas, learnt })
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
        self.verify_within(posed, &mut Budget::new(budget))
    }

    fn verify_within(&self, posed: Posed, budget: &mut Budget) -> Result<(), Refusal> {
        let Posed { mut formulas, context, goals, .. } = posed;
        let claim = Claim::new(&mut formulas, context, &goals);
        checker::check(&formulas, &claim, &self.certificate, budget).map_err(Refusal)
    }
}
