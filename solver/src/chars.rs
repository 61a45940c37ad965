//! Sets of characters.

/// A set of characters as sorted disjoint inclusive ranges.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CharClass {
    ranges: Vec<(char, char)>,
}

/// Characters that read well in a witness, best first; any other character of a class comes after them.
const PLEASANT: &str = "x1a0bcdefghijklmnopqrstuvwyz23456789XABCDEFGHIJKLMNOPQRSTUVWYZ-_.~+=@,!()'/:";

impl CharClass {
    /// Every character.
    pub fn any() -> Self {
        Self { ranges: vec![('\0', char::MAX)] }
    }

    /// The characters of these inclusive ranges.
    pub fn of(ranges: &[(char, char)]) -> Self {
        let mut sorted: Vec<(char, char)> = ranges.iter().copied().filter(|(a, b)| a <= b).collect();
        sorted.sort_unstable();
        let mut merged: Vec<(char, char)> = Vec::with_capacity(sorted.len());
        for (from, to) in sorted {
            match merged.last_mut() {
                Some(last) if from <= last.1 || next_char(last.1) == Some(from) => last.1 = last.1.max(to),
                _ => merged.push((from, to)),
            }
        }
        Self { ranges: merged }
    }

    /// Exactly these characters.
    pub fn chars(text: &str) -> Self {
        let ranges: Vec<(char, char)> = text.chars().map(|c| (c, c)).collect();
        Self::of(&ranges)
    }

    /// Every character but this one.
    pub fn except(c: char) -> Self {
        let mut ranges = Vec::new();
        if let Some(before) = previous_char(c) {
            ranges.push(('\0', before));
        }
        if let Some(after) = next_char(c) {
            ranges.push((after, char::MAX));
        }
        Self { ranges }
    }

    /// Both sets together.
    #[must_use]
    pub fn with(&self, other: &Self) -> Self {
        let all: Vec<(char, char)> = self.ranges.iter().chain(&other.ranges).copied().collect();
        Self::of(&all)
    }

    /// The ranges, sorted, disjoint, both ends included.
    pub fn ranges(&self) -> &[(char, char)] {
        &self.ranges
    }

    /// Whether the character is in the set.
    pub fn contains(&self, c: char) -> bool {
        self.ranges.iter().any(|(from, to)| *from <= c && c <= *to)
    }

    /// The characters of the set: pleasant ones first, then in order. Long for large sets: take what is needed.
    pub fn iter_pleasant_first(&self) -> impl Iterator<Item = char> + '_ {
        let pleasant = PLEASANT.chars().filter(|c| self.contains(*c));
        let rest = self.ranges.iter().flat_map(|(from, to)| *from..=*to).filter(|c| !PLEASANT.contains(*c));
        pleasant.chain(rest)
    }
}

fn next_char(c: char) -> Option<char> {
    (c..=char::MAX).nth(1)
}

fn previous_char(c: char) -> Option<char> {
    ('\0'..c).next_back()
}

#[cfg(test)]
mod tests {
    use super::CharClass;

    #[test]
    fn membership_and_order() {
        let class = CharClass::of(&[('a', 'c'), ('0', '9'), ('b', 'f')]);
        assert!(class.contains('d') && class.contains('5') && !class.contains('g'));
        assert_eq!(class.iter_pleasant_first().count(), 16);
        let colonless = CharClass::except(':');
        assert!(!colonless.contains(':') && colonless.contains('é') && colonless.contains(';'));
        assert_eq!(colonless.iter_pleasant_first().next(), Some('x'));
        assert_eq!(CharClass::chars(":").iter_pleasant_first().collect::<String>(), ":");
        assert!(CharClass::chars("ab").with(&CharClass::chars("z")).contains('z'));
    }
}
