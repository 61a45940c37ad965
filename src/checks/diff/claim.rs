//! The claim that parts are all of a difference, so that it can be checked without them being looked for again.

use solver::formula::{Formula, Formulas};

use crate::checks::Question;
use crate::checks::cube::Cube;
use crate::checks::proof::Posed;
use crate::checks::space::Space;
use crate::semantics::realizability::Relations;
use crate::semantics::symbolic::{self, Readings, Symbolic};

/// That no request of the difference lies outside all of these cubes.
pub(in crate::checks) fn pose_rest(
    question: &Question<'_>,
    (relations, readings): (&Relations, &Readings),
    cubes: &[Cube],
) -> Posed {
    let how = symbolic::Settings {
        relations: relations.clone(),
        readings: readings.clone(),
        stack: question.is_about_stacks(),
    };
    let a = Symbolic::new(question.catalogue, question.footprint(), how);
    let (mut space, (difference, pinned, parts)) = Space::read(a, |a| {
        let difference = question.violation(a);
        let parts: Vec<Formula> = cubes.iter().map(|cube| cube.holds(a)).collect();
        (difference, question.is_pinned(a), parts)
    });
    let within = space.a.formulas.all(&[difference, pinned]);
    let parts = space.a.formulas.any(&parts);
    space.posed(within, vec![Formulas::not(parts)])
}
