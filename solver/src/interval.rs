//! Sets of ordered values as sorted disjoint intervals.
//!
//! An interval lies between two cuts; a cut is a place just before or just after a value, or an end of the line. The
//! sets are closed under union, intersection and complement, each linear in the number of intervals.

use std::cmp::Ordering;

/// A place on the line between values.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Cut<T> {
    /// Before every value.
    Start,
    /// Just before this value.
    Before(T),
    /// Just after this value.
    After(T),
    /// After every value.
    End,
}

impl<T: Ord> Cut<T> {
    fn key(&self) -> (u8, Option<&T>, u8) {
        match self {
            Cut::Start => (0, None, 0),
            Cut::Before(value) => (1, Some(value), 0),
            Cut::After(value) => (1, Some(value), 1),
            Cut::End => (2, None, 0),
        }
    }
}

impl<T: Ord> Ord for Cut<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl<T: Ord> PartialOrd for Cut<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A set of values: sorted, disjoint, non-touching intervals, each from its first cut up to its second.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IntervalSet<T> {
    intervals: Vec<(Cut<T>, Cut<T>)>,
}

impl<T: Ord + Clone> IntervalSet<T> {
    /// No value.
    pub fn empty() -> Self {
        Self { intervals: Vec::new() }
    }

    /// Every value.
    pub fn full() -> Self {
        Self { intervals: vec![(Cut::Start, Cut::End)] }
    }

    /// The values between two cuts; empty if they are out of order.
    pub fn between(from: Cut<T>, to: Cut<T>) -> Self {
        if from < to { Self { intervals: vec![(from, to)] } } else { Self::empty() }
    }

    /// Just this value.
    pub fn point(value: T) -> Self {
        Self::between(Cut::Before(value.clone()), Cut::After(value))
    }

    /// Both ends included.
    pub fn closed(first: T, last: T) -> Self {
        Self::between(Cut::Before(first), Cut::After(last))
    }

    /// The intervals in order.
    pub fn intervals(&self) -> &[(Cut<T>, Cut<T>)] {
        &self.intervals
    }

    /// Whether there is no interval.
    pub fn is_empty(&self) -> bool {
        self.intervals.is_empty()
    }

    /// Whether the value is in the set.
    pub fn contains(&self, value: &T) -> bool {
        let (before, after) = (Cut::Before(value.clone()), Cut::After(value.clone()));
        self.intervals.iter().any(|(from, to)| *from <= before && after <= *to)
    }

    /// Values in either set.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let mut all: Vec<_> = self.intervals.iter().chain(&other.intervals).cloned().collect();
        all.sort();
        let mut merged: Vec<(Cut<T>, Cut<T>)> = Vec::with_capacity(all.len());
        for (from, to) in all {
            match merged.last_mut() {
                Some(last) if from <= last.1 => {
                    if last.1 < to {
                        last.1 = to;
                    }
                }
                _ => merged.push((from, to)),
            }
        }
        Self { intervals: merged }
    }

    /// Values not in the set.
    #[must_use]
    pub fn complement(&self) -> Self {
        let mut gaps = Vec::with_capacity(self.intervals.len() + 1);
        let mut from = Cut::Start;
        for (start, end) in &self.intervals {
            if from < *start {
                gaps.push((from, start.clone()));
            }
            from = end.clone();
        }
        if from < Cut::End {
            gaps.push((from, Cut::End));
        }
        Self { intervals: gaps }
    }

    /// Values in both sets.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let mut common = Vec::new();
        let (mut i, mut j) = (0, 0);
        while let (Some(a), Some(b)) = (self.intervals.get(i), other.intervals.get(j)) {
            let from = if a.0 < b.0 { b.0.clone() } else { a.0.clone() };
            let to = if a.1 < b.1 { a.1.clone() } else { b.1.clone() };
            if from < to {
                common.push((from, to));
            }
            if a.1 < b.1 {
                i += 1;
            } else {
                j += 1;
            }
        }
        Self { intervals: common }
    }
}

#[cfg(test)]
mod tests {
    use super::{Cut, IntervalSet};

    #[test]
    fn the_ends_of_intervals_are_in_them_or_not() {
        let members = |set: IntervalSet<i32>| (0..8).filter(|value| set.contains(value)).collect::<Vec<i32>>();
        assert_eq!(members(IntervalSet::point(3)), [3]);
        assert_eq!(members(IntervalSet::closed(2, 4)), [2, 3, 4]);
        assert_eq!(members(IntervalSet::between(Cut::After(2), Cut::Before(5))), [3, 4]);
        assert_eq!(members(IntervalSet::closed(4, 2)), []);
    }

    #[test]
    fn algebra_agrees_with_membership_on_a_small_line() {
        let sets: Vec<IntervalSet<i32>> = vec![
            IntervalSet::empty(),
            IntervalSet::full(),
            IntervalSet::point(3),
            IntervalSet::closed(2, 5),
            IntervalSet::between(Cut::After(2), Cut::Before(6)),
            IntervalSet::closed(2, 3).union(&IntervalSet::closed(6, 8)),
        ];
        for a in &sets {
            for b in &sets {
                for value in 0..10 {
                    assert_eq!(a.union(b).contains(&value), a.contains(&value) || b.contains(&value));
                    assert_eq!(a.intersection(b).contains(&value), a.contains(&value) && b.contains(&value));
                    assert_eq!(a.complement().contains(&value), !a.contains(&value));
                }
            }
        }
    }
}
