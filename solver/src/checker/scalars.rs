//! Ordered variables: whether some value lies in every one of several interval sets.
//!
//! Between two neighbouring ends of intervals all values are alike, so it is enough to look at each end and at each gap.

use crate::formula::Point;
use crate::interval::{Cut, IntervalSet};

/// A value, or all values of a gap between two neighbouring ends (`None`: nothing on that side).
enum Place<'a> {
    At(&'a Point),
    Between(Option<&'a Point>, Option<&'a Point>),
}

/// Whether surely no value lies in all sets. Whole numbers on a line have none between neighbours; of any other gap it is
/// not assumed that it is empty.
pub(super) fn disjoint(sets: &[IntervalSet<Point>]) -> bool {
    let cuts = sets.iter().flat_map(|set| set.intervals()).flat_map(|(from, to)| [from, to]);
    let mut ends: Vec<&Point> = cuts.filter_map(value).collect();
    ends.sort_unstable();
    ends.dedup();
    let mut places: Vec<Place<'_>> = ends.iter().map(|end| Place::At(end)).collect();
    let before = std::iter::once(None).chain(ends.iter().copied().map(Some));
    let after = ends.iter().copied().map(Some).chain([None]);
    places.extend(before.zip(after).map(|(from, to)| Place::Between(from, to)));
    let inhabited = |place: &Place<'_>| match place {
        Place::Between(Some(Point::Lined(a, m)), Some(Point::Lined(b, n))) => a != b || n.saturating_sub(*m) > 1,
        Place::Between(..) | Place::At(_) => true,
    };
    !places.iter().any(|place| inhabited(place) && sets.iter().all(|set| holds(set, place)))
}

fn value(cut: &Cut<Point>) -> Option<&Point> {
    match cut {
        Cut::Before(point) | Cut::After(point) => Some(point),
        Cut::Start | Cut::End => None,
    }
}

/// Whether one interval of the set holds the whole place.
fn holds(set: &IntervalSet<Point>, place: &Place<'_>) -> bool {
    set.intervals().iter().any(|(from, to)| match place {
        Place::At(point) => begins_before(from, point) && ends_after(to, point),
        Place::Between(low, high) => {
            // the gap begins just after `low` and ends just before `high`
            let from_ok = match (from, low) {
                (Cut::Start, _) => true,
                (Cut::Before(start) | Cut::After(start), Some(low)) => start <= *low,
                (Cut::Before(_) | Cut::After(_), None) | (Cut::End, _) => false,
            };
            let to_ok = match (to, high) {
                (Cut::End, _) => true,
                (Cut::Before(end) | Cut::After(end), Some(high)) => end >= *high,
                (Cut::Before(_) | Cut::After(_), None) | (Cut::Start, _) => false,
            };
            from_ok && to_ok
        }
    })
}

fn begins_before(from: &Cut<Point>, point: &Point) -> bool {
    match from {
        Cut::Start => true,
        Cut::Before(start) => start <= point,
        Cut::After(start) => start < point,
        Cut::End => false,
    }
}

fn ends_after(to: &Cut<Point>, point: &Point) -> bool {
    match to {
        Cut::End => true,
        Cut::After(end) => end >= point,
        Cut::Before(end) => end > point,
        Cut::Start => false,
    }
}

#[cfg(test)]
mod tests {
    use super::disjoint;
    use crate::formula::Point;
    use crate::interval::{Cut, IntervalSet};

    #[test]
    fn values_at_ends_and_in_gaps() {
        let number = |n: u8| Point::Number(n.to_string().parse_number());
        let closed = |a, b| IntervalSet::closed(number(a), number(b));
        assert!(!disjoint(&[closed(1, 3), closed(3, 5)]));
        assert!(disjoint(&[IntervalSet::between(Cut::Start, Cut::Before(number(3))), closed(3, 5)]));
        assert!(!disjoint(&[IntervalSet::between(Cut::After(number(3)), Cut::End), closed(1, 4)]));
        assert!(!disjoint(&[IntervalSet::between(Cut::After(number(3)), Cut::Before(number(4)))]));
        assert!(disjoint(&[IntervalSet::empty()]) && !disjoint(&[IntervalSet::full()]) && !disjoint(&[]));
        assert!(disjoint(&[closed(1, 2).complement(), closed(1, 2)]));
    }

    #[test]
    fn whole_numbers_have_neighbours() {
        let line = |a, b| IntervalSet::closed(Point::Lined(4, a), Point::Lined(4, b));
        let rest = line(0, 127).union(&line(128, 255)).complement();
        assert!(disjoint(&[line(0, 255), rest]));
        let rest = line(0, 126).union(&line(128, 255)).complement();
        assert!(!disjoint(&[line(0, 255), rest]));
        assert!(!disjoint(&[line(0, 9), line(9, 12)]));
    }

    trait ParseNumber {
        fn parse_number(&self) -> crate::decimal::Decimal;
    }

    impl ParseNumber for String {
        fn parse_number(&self) -> crate::decimal::Decimal {
            crate::decimal::Decimal::parse(self).unwrap()
        }
    }
}
