//! What a certificate can be about: one claim, or several that make up one answer.

use solver::formula::Formula;

use crate::catalogue::Catalogue;
use crate::checks::diff::{Diff, pose_rest};
use crate::checks::findings::claim;
use crate::checks::proof::{Given, Posed, Unposed, demonstrated};
use crate::checks::question::{granted, read};
use crate::checks::redundancy::pose_equivalent;
use crate::checks::{Disagreement, Proof, Question, Settings, Side, Work, ask, public};
use crate::policy::Policy;
use crate::semantics::realizability::{Relation, Relations};
use crate::semantics::symbolic::Readings;
use crate::semantics::zone::Zone;

/// The claims of one answer.
#[derive(Clone, Copy, Debug)]
pub enum Claims<'q> {
    /// No request violates the property.
    Question(Question<'q>),
    /// Findings cover all access from outside the zone.
    Findings {
        /// The policy of a resource.
        side: Side<'q>,
        /// Who is inside.
        zone: &'q Zone,
        /// Facts about services.
        catalogue: &'q Catalogue,
    },
    /// Parts are all of the difference of two sides: of what is gained, and of what is lost.
    Difference {
        /// Old and new.
        sides: [Side<'q>; 2],
        /// Facts about services.
        catalogue: &'q Catalogue,
        /// How the questions are asked.
        settings: &'q Settings,
    },
    /// Two documents say the same: each allows what the other does, and wherever they stand both deny and grant alike.
    Equivalence {
        /// One and the other.
        documents: [&'q Policy; 2],
        /// Facts about services.
        catalogue: &'q Catalogue,
        /// How the questions are asked.
        settings: &'q Settings,
    },
}

/// The question as a proof of its PASS must find it; where addresses were counted, with the sets of blocks that the proof
/// gives.
///
/// # Errors
/// Something is given that this question does not speak of, or a set of blocks that is the public by itself.
pub fn pose(
    question: &Question<'_>,
    relations: &Relations,
    readings: &Readings,
    given: &Given,
) -> Result<Posed, Unposed> {
    let settings = question.settled();
    let question = &Question { settings: &settings, ..*question };
    let relations = match question.outsiders {
        // spec 9.3: an outsider can have a service act for a resource of his own
        Some(_) => relations.without(Relation::Source),
        None => relations.clone(),
    };
    let (mut a, context, goals) = read(question, &relations, readings);
    let (context, goals) = match given {
        Given::Nothing => (context, goals),
        Given::Blocks(sets) if question.outsiders.is_some() => {
            (Formula::TRUE, vec![public::beyond(question, &mut a, context, &goals, sets)?])
        }
        Given::Blocks(_) | Given::Regions(_) | Given::Cubes(_) => {
            return Err("it gives what the question does not speak of".into());
        }
    };
    let rests_on = Relation::ALL.into_iter().filter(|relation| a.may_rest_on(*relation)).collect();
    Ok(Posed { formulas: a.formulas, context, goals, rests_on })
}

/// The names of the claims of a difference.
const BOTH_WAYS: [&str; 2] = ["gained beside the parts", "lost beside the parts"];
/// The names of the claims of an equivalence.
const SAME: [&str; 3] = ["differing", "gained", "lost"];

impl<'q> Claims<'q> {
    /// What each claim says there is none of.
    pub fn names(&self) -> &'static [&'static str] {
        match self {
            Claims::Question(_) => &["violating"],
            Claims::Findings { .. } => &["outside the findings"],
            Claims::Difference { .. } => &BOTH_WAYS,
            Claims::Equivalence { .. } => &SAME,
        }
    }

    /// A claim as a proof of it must find it.
    ///
    /// # Errors
    /// There is no such claim, or what is given does not fit it.
    pub fn pose(
        &self,
        name: &str,
        relations: &Relations,
        readings: &Readings,
        given: &Given,
    ) -> Result<Posed, Unposed> {
        match (self, given) {
            (Claims::Question(question), _) if name == "violating" => pose(question, relations, readings, given),
            (Claims::Findings { side, zone, catalogue }, Given::Regions(regions)) => {
                claim::pose(*side, zone, catalogue, (relations, readings), regions)
            }
            (Claims::Difference { sides: [old, new], catalogue, settings }, Given::Cubes(cubes)) => {
                let (old, new) = if name == "gained beside the parts" { (*old, *new) } else { (*new, *old) };
                let question = Question::no_new_access(old, new, catalogue, settings);
                Ok(pose_rest(&question, (relations, readings), cubes))
            }
            (Claims::Equivalence { documents, catalogue, .. }, Given::Nothing) if name == "differing" => {
                Ok(pose_equivalent(*documents, catalogue, relations, readings))
            }
            (Claims::Equivalence { documents: [first, second], catalogue, settings }, Given::Nothing) => {
                let (old, new) = if name == "gained" { (*first, *second) } else { (*second, *first) };
                let (old, new) = (Side::Document(old), Side::Document(new));
                pose(&Question::no_new_access(old, new, catalogue, settings), relations, readings, given)
            }
            (
                Claims::Question(_) | Claims::Findings { .. } | Claims::Difference { .. } | Claims::Equivalence { .. },
                _,
            ) => Err("it gives what the claim does not speak of".into()),
        }
    }
}

/// The proofs that the parts of a difference are all of it, in the order of the claims; `None` if one was not found within
/// the budget.
///
/// # Errors
/// A proof is not accepted: a defect.
pub fn difference(
    sides: [Side<'_>; 2],
    catalogue: &Catalogue,
    settings: &Settings,
    found: &Diff,
) -> Result<Option<Vec<Proof>>, Disagreement> {
    let claims = Claims::Difference { sides, catalogue, settings };
    let relations = granted(settings.realizability);
    let readings = Readings { fixed: settings.reading.fixed.clone(), free: true };
    let mut proofs = Vec::new();
    for (name, parts) in BOTH_WAYS.into_iter().zip([&found.gained.parts, &found.lost.parts]) {
        let given = Given::Cubes(parts.iter().map(|part| part.cube.clone()).collect());
        let posed =
            |relations: &Relations, readings: &Readings, given: &Given| claims.pose(name, relations, readings, given);
        proofs.push(demonstrated((&relations, &readings, &given), settings, &mut Work::default(), &posed)?);
    }
    Ok(proofs.into_iter().collect())
}

/// The proofs that two documents say the same, in the order of the claims; `None` if one was not found within the budget.
///
/// # Errors
/// A counterexample that does not replay, a proof that is not accepted.
pub fn equivalence(
    documents: [&Policy; 2],
    catalogue: &Catalogue,
    settings: &Settings,
) -> Result<Option<Vec<Proof>>, Disagreement> {
    let [first, second] = documents;
    let claims = Claims::Equivalence { documents, catalogue, settings };
    let relations = granted(settings.realizability);
    let readings = Readings { fixed: settings.reading.fixed.clone(), free: true };
    let posed = |relations: &Relations, readings: &Readings, given: &Given| {
        claims.pose("differing", relations, readings, given)
    };
    let everywhere = demonstrated((&relations, &readings, &Given::Nothing), settings, &mut Work::default(), &posed)?;
    let mut proofs = vec![everywhere];
    for (old, new) in [(first, second), (second, first)] {
        let question = Question::no_new_access(Side::Document(old), Side::Document(new), catalogue, settings);
        proofs.push(ask(&question)?.proof);
    }
    Ok(proofs.into_iter().collect())
}
