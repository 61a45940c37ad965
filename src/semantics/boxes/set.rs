//! Sets of box numbers: finite, or all but finitely many. What most statements say of most boxes is "no", so a set costs
//! what it holds and not how many boxes there are.

/// A set of numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Set {
    /// Whether the set is what `items` leaves out.
    negated: bool,
    /// Ascending, without repetition.
    items: Vec<u32>,
}

impl Set {
    /// No number.
    pub(crate) fn none() -> Self {
        Self::default()
    }

    /// Every number.
    pub(crate) fn all() -> Self {
        Self { negated: true, items: Vec::new() }
    }

    /// These numbers, in any order.
    pub(crate) fn of(mut items: Vec<u32>) -> Self {
        if !items.is_sorted_by(|a, b| a < b) {
            items.sort_unstable();
            items.dedup();
        }
        Self { negated: false, items }
    }

    /// Whether nothing is in it.
    pub(crate) fn is_none(&self) -> bool {
        !self.negated && self.items.is_empty()
    }

    /// Whether surely everything is in it.
    pub(crate) fn is_all(&self) -> bool {
        self.negated && self.items.is_empty()
    }

    /// Whether the number is in it.
    pub(crate) fn contains(&self, number: u32) -> bool {
        self.items.binary_search(&number).is_ok() != self.negated
    }

    /// Whether all numbers of the range are in it.
    pub(crate) fn contains_range(&self, range: std::ops::Range<u32>) -> bool {
        let listed = self.listed(&range).len();
        if self.negated { listed == 0 } else { listed == range.len() }
    }

    /// The numbers of the range that are in it.
    pub(crate) fn in_range<'s>(&'s self, range: &std::ops::Range<u32>) -> impl Iterator<Item = u32> + 's {
        let listed = self.listed(range);
        let rest = if self.negated { range.clone() } else { 0..0 };
        let rest = rest.filter(move |number| listed.binary_search(number).is_err());
        let own = if self.negated { &[] } else { listed };
        own.iter().copied().chain(rest)
    }

    /// The listed numbers in the range.
    fn listed(&self, range: &std::ops::Range<u32>) -> &[u32] {
        let from = self.items.partition_point(|item| *item < range.start);
        let to = self.items.partition_point(|item| *item < range.end);
        self.items.get(from..to).unwrap_or(&[])
    }

    /// What is not in it.
    pub(crate) fn complement(mut self) -> Self {
        self.negated = !self.negated;
        self
    }

    /// What is in both.
    pub(crate) fn and(self, other: Self) -> Self {
        match (self.negated, other.negated) {
            (false, false) => Self { negated: false, items: common(&self.items, &other.items) },
            (false, true) => Self { negated: false, items: without(self.items, &other.items) },
            (true, false) => Self { negated: false, items: without(other.items, &self.items) },
            (true, true) => Self { negated: true, items: merged(self.items, other.items) },
        }
    }

    /// What is in one of them.
    pub(crate) fn or(self, other: Self) -> Self {
        self.complement().and(other.complement()).complement()
    }

    /// What is in one of many: finite sets are merged at once, so that many small ones do not cost their square.
    pub(crate) fn union(sets: impl IntoIterator<Item = Self>) -> Self {
        let (mut items, mut rest) = (Vec::new(), Self::none());
        for set in sets {
            if set.negated {
                rest = rest.or(set);
            } else if items.is_empty() {
                items = set.items;
            } else {
                items.extend(set.items);
            }
        }
        Self::of(items).or(rest)
    }
}

/// What two ascending lists share, found by search in the longer one.
fn common(a: &[u32], b: &[u32]) -> Vec<u32> {
    let (short, mut long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let mut both = Vec::new();
    for item in short {
        let at = skip(long, *item);
        long = long.get(at..).unwrap_or(&[]);
        if long.first() == Some(item) {
            both.push(*item);
        }
    }
    both
}

/// How many leading numbers are smaller: by doubling steps, so that near ones are found at once.
fn skip(list: &[u32], number: u32) -> usize {
    let mut step = 1;
    while list.get(step).is_some_and(|item| *item < number) {
        step *= 2;
    }
    let until = list.len().min(step + 1);
    list.get(..until).unwrap_or(list).partition_point(|item| *item < number)
}

fn without(mut items: Vec<u32>, gone: &[u32]) -> Vec<u32> {
    if !gone.is_empty() {
        items.retain(|item| gone.binary_search(item).is_err());
    }
    items
}

fn merged(a: Vec<u32>, b: Vec<u32>) -> Vec<u32> {
    if a.is_empty() {
        return b;
    }
    Set::of([a, b].concat()).items
}

#[cfg(test)]
mod tests {
    use super::Set;

    /// Every set over {0, 1, 2} and the rest.
    fn sets() -> Vec<Set> {
        let finite = (0..8u32).map(|bits| Set::of((0..3).rev().filter(|i| bits >> i & 1 == 1).collect()));
        finite.flat_map(|set| [set.clone(), set.complement()]).collect()
    }

    #[test]
    fn operations_are_those_of_sets() {
        for a in sets() {
            for b in sets() {
                for number in 0..4 {
                    let (x, y) = (a.contains(number), b.contains(number));
                    assert_eq!(a.clone().and(b.clone()).contains(number), x && y);
                    assert_eq!(a.clone().or(b.clone()).contains(number), x || y);
                    assert_eq!(Set::union([a.clone(), b.clone(), Set::none()]).contains(number), x || y);
                }
                for end in 0..4 {
                    assert_eq!(a.contains_range(1..end), (1..end).all(|number| a.contains(number)));
                }
            }
        }
    }
}
