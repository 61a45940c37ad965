//! Conjunctions of range literals on one ordered variable.

use crate::formula::{Formula, Point};
use crate::interval::{Cut, IntervalSet};

/// A range literal: the values it leaves.
#[derive(Clone, Debug)]
pub(crate) struct Range {
    pub(crate) literal: Formula,
    pub(crate) values: IntervalSet<Point>,
}

/// The values that all literals leave, or a smallest subset (by deletion, in order) that leaves none.
pub(crate) fn decide(universe: &IntervalSet<Point>, ranges: &[Range]) -> Result<IntervalSet<Point>, Vec<Formula>> {
    let common = intersection(universe, ranges);
    if has_value(&common) {
        return Ok(common);
    }
    let mut needed = ranges.to_vec();
    let mut at = 0;
    while at < needed.len() {
        let mut fewer = needed.clone();
        fewer.remove(at);
        if has_value(&intersection(universe, &fewer)) {
            at += 1;
        } else {
            needed = fewer;
        }
    }
    Err(needed.into_iter().map(|range| range.literal).collect())
}

fn intersection(universe: &IntervalSet<Point>, ranges: &[Range]) -> IntervalSet<Point> {
    ranges.iter().fold(universe.clone(), |all, range| all.intersection(&range.values))
}

fn has_value(set: &IntervalSet<Point>) -> bool {
    set.intervals().iter().any(|interval| pick_from(interval).is_some())
}

/// Some values of the set, plain ones first: interval ends and a point inside.
pub(crate) fn picks(set: &IntervalSet<Point>) -> Vec<Point> {
    let mut all: Vec<Point> = Vec::new();
    for interval in set.intervals() {
        all.extend(pick_from(interval));
        if let (_, Cut::After(Point::Number(n))) = interval {
            all.push(Point::Number(n.clone()));
        }
        if let (Cut::Before(a), Cut::After(b) | Cut::Before(b)) = interval
            && let (Point::Number(a), Point::Number(b)) = (a, b)
            && a < b
        {
            all.push(Point::Number(crate::decimal::Decimal::strictly_between(Some(a), Some(b))));
        }
        if let (_, Cut::After(Point::Lined(line, n))) = interval {
            all.push(Point::Lined(*line, *n));
        }
    }
    all.dedup();
    all
}

/// A value of the interval. Numbers are dense. On a line of whole numbers intervals start at a value or nowhere: their
/// sets are built from closed ranges, and the gap between neighbours holds nothing.
fn pick_from((from, to): &(Cut<Point>, Cut<Point>)) -> Option<Point> {
    use crate::decimal::Decimal;
    let number = |cut: &Cut<Point>| match cut {
        Cut::Before(Point::Number(n)) | Cut::After(Point::Number(n)) => Some(n.clone()),
        Cut::Before(Point::Lined(..)) | Cut::After(Point::Lined(..)) | Cut::Start | Cut::End => None,
    };
    match from {
        Cut::Before(point) => Some(point.clone()),
        Cut::After(Point::Lined(line, n)) => {
            let next = Point::Lined(*line, n.checked_add(1)?);
            (Cut::After(next.clone()) <= *to).then_some(next)
        }
        Cut::After(Point::Number(n)) => Some(Point::Number(Decimal::strictly_between(Some(n), number(to).as_ref()))),
        Cut::Start => Some(Point::Number(Decimal::strictly_between(None, number(to).as_ref()))),
        Cut::End => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Range, decide, picks};
    use crate::formula::{Formula, Point};
    use crate::interval::IntervalSet;

    fn lined(a: u128, b: u128) -> IntervalSet<Point> {
        IntervalSet::closed(Point::Lined(4, a), Point::Lined(4, b))
    }

    #[test]
    fn neighbours_leave_nothing_between_them() {
        let universe = lined(0, 255);
        let covered = lined(0, 127).union(&lined(128, 255));
        let rest = Range { literal: Formula::TRUE, values: covered.complement() };
        assert_eq!(decide(&universe, std::slice::from_ref(&rest)), Err(vec![Formula::TRUE]));
        let hole = Range { literal: Formula::TRUE, values: lined(0, 127).union(&lined(129, 255)).complement() };
        let left = decide(&universe, &[hole]).unwrap();
        assert_eq!(picks(&left).first(), Some(&Point::Lined(4, 128)));
    }
}
