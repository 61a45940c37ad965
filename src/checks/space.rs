//! The space of the requests of a question: which parts of it are empty, which lie inside others, and what is in them.

use solver::Limit;
use solver::budget::Budget;
use solver::formula::{Formula, Formulas};
use solver::search::{Outcome, solve_each};

use crate::checks::proof::Posed;
use crate::semantics::realizability::Relation;
use crate::semantics::symbolic::Symbolic;
use crate::semantics::symbolic::decode::Decoded;

/// What is in a part of the space.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    /// Nothing: proved.
    Empty,
    /// This request among others; it may rest on undecided parts, which it lists.
    Point(Box<Decoded>),
    /// Not decided.
    Undecided(Limit),
}

/// All requests that can exist, as the documents of a question tell them apart.
#[derive(Debug)]
pub(crate) struct Space<'c> {
    /// Builds the formulas of parts.
    pub(crate) a: Symbolic<'c>,
    /// What every request satisfies.
    frame: Formula,
}

impl<'c> Space<'c> {
    /// Reads what the question is made of. `read` is called once or twice on the same reading (see
    /// [`Symbolic::wants_second_reading`]); the formulas of the last call count. Every key that a part will speak of must
    /// be spoken of here.
    pub(crate) fn read<T>(mut a: Symbolic<'c>, mut read: impl FnMut(&mut Symbolic<'c>) -> T) -> (Self, T) {
        let (mut parts, mut relations) = (read(&mut a), a.relations());
        if a.wants_second_reading() {
            (parts, relations) = (read(&mut a), a.relations());
        }
        let frame = a.frame();
        let frame = a.formulas.all(&[relations, frame]);
        (Self { a, frame }, parts)
    }

    /// Leaves out everything outside this part, for good.
    pub(crate) fn narrow(&mut self, part: Formula) {
        self.frame = self.a.formulas.all(&[self.frame, part]);
    }

    /// What is in each of the parts within a common one.
    pub(crate) fn contents(&mut self, within: Formula, parts: &[Formula], budget: &mut Budget) -> Vec<Content> {
        let context = self.a.formulas.all(&[self.frame, within]);
        let (outcomes, _) = solve_each(&mut self.a.formulas, context, parts, budget);
        let content = |outcome: &Outcome| match outcome {
            Outcome::Unsatisfiable => Content::Empty,
            Outcome::Unknown(limit, _) => Content::Undecided(*limit),
            Outcome::Satisfiable(model) => Content::Point(Box::new(self.a.decode(model))),
        };
        outcomes.iter().map(content).collect()
    }

    /// The claim that nothing is in any of the parts within a common one, and that there is nothing else in the arena.
    pub(crate) fn posed(mut self, within: Formula, parts: Vec<Formula>) -> Posed {
        let context = self.a.formulas.all(&[self.frame, within]);
        let rests_on = Relation::ALL.into_iter().filter(|relation| self.a.may_rest_on(*relation)).collect();
        Posed { formulas: self.a.formulas, context, goals: parts, rests_on }
    }

    /// What is in the part.
    pub(crate) fn content(&mut self, part: Formula, budget: &mut Budget) -> Content {
        let found = self.contents(part, &[Formula::TRUE], budget).pop();
        found.unwrap_or(Content::Undecided(Limit::Budget))
    }

    /// Whether it is proved that the part is empty.
    pub(crate) fn is_empty(&mut self, part: Formula, budget: &mut Budget) -> bool {
        part == Formula::FALSE || matches!(self.content(part, budget), Content::Empty)
    }

    /// Whether it is proved that one part lies inside the other.
    pub(crate) fn is_inside(&mut self, inner: Formula, outer: Formula, budget: &mut Budget) -> bool {
        let outside = self.without(inner, outer);
        self.is_empty(outside, budget)
    }

    /// Whether it is proved that two parts hold the same requests.
    pub(crate) fn is_same(&mut self, one: Formula, other: Formula, budget: &mut Budget) -> bool {
        one == other || (self.is_inside(one, other, budget) && self.is_inside(other, one, budget))
    }

    /// One part without another.
    pub(crate) fn without(&mut self, part: Formula, other: Formula) -> Formula {
        self.a.formulas.all(&[part, Formulas::not(other)])
    }
}

#[cfg(test)]
mod tests {
    use super::{Content, Space};
    use crate::catalogue::Catalogue;
    use crate::semantics::symbolic::footprint::Footprint;
    use crate::semantics::symbolic::{Readings, Settings, Symbolic};
    use crate::semantics::{Algebra, Field, realizability, variable};
    use solver::budget::Budget;
    use solver::formula::Formulas;

    #[test]
    fn parts_of_the_space_are_empty_or_inside_one_another() {
        let catalogue = Catalogue::embedded();
        let settings =
            Settings { relations: realizability::Relations::all(), readings: Readings::default(), stack: false };
        let mut footprint = Footprint::default();
        footprint.action_chars.extend("s3:get".chars());
        let a = Symbolic::new(&catalogue, footprint, settings);
        let (mut space, [all, gets]) = Space::read(a, |a| {
            let action = a.field(Field::Action);
            ["s3:*", "s3:get*"].map(|text| a.matches(&action, &[variable::glob(text)]))
        });
        let budget = &mut Budget::new(100_000);
        assert!(space.is_inside(gets, all, budget));
        assert!(!space.is_inside(all, gets, budget));
        assert!(!space.is_same(all, gets, budget));
        let rest = space.without(all, gets);
        let Content::Point(point) = space.content(rest, budget) else { panic!("something is left") };
        assert!(point.request.action.starts_with("s3:") && !point.request.action.starts_with("s3:get"));
        space.narrow(Formulas::not(rest));
        assert!(space.is_same(all, gets, budget));
        assert!(matches!(space.content(gets, &mut Budget::new(0)), Content::Undecided(_)));
    }
}
