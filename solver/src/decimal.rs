//! Exact decimal numbers of any length.

use std::cmp::Ordering;
use std::fmt;

/// An exact decimal number: sign, digits before the point without leading zeros, digits after it without trailing ones.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Decimal {
    negative: bool,
    whole: String,
    fraction: String,
}

impl Decimal {
    /// Reads `[+-]?(\d+(\.\d*)?|\.\d+)`: no exponent, no blanks.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.as_bytes().first()? {
            b'-' => (true, text.get(1..)?),
            b'+' => (false, text.get(1..)?),
            _ => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if (whole.is_empty() && fraction.is_empty()) || !all_digits(whole) || !all_digits(fraction) {
            return None;
        }
        Some(Self::from_parts(negative, whole, fraction))
    }

    /// From digits before and after the point; both ASCII digits.
    fn from_parts(negative: bool, whole: &str, fraction: &str) -> Self {
        let whole = whole.trim_start_matches('0').to_owned();
        let fraction = fraction.trim_end_matches('0').to_owned();
        let zero = whole.is_empty() && fraction.is_empty();
        Self { negative: negative && !zero, whole, fraction }
    }

    /// An integer plus a fraction given by its decimal digits (`"5"` is a half): `-1` and `"5"` make −0.5.
    pub fn from_integer_and_fraction(integer: i64, fraction: &str) -> Option<Self> {
        if !fraction.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let fraction = fraction.trim_end_matches('0');
        if integer >= 0 || fraction.is_empty() {
            return Some(Self::from_parts(integer < 0, &integer.unsigned_abs().to_string(), fraction));
        }
        // −n + 0.f = −((n − 1) + (1 − 0.f)): the ten's complement of the fraction's digits.
        let mut complement: Vec<u8> = fraction.bytes().map(|b| b'9' - b + b'0').collect();
        if let Some(last) = complement.last_mut() {
            *last += 1; // the last digit of the fraction is not 0, so its nine's complement is below 9
        }
        let complement = String::from_utf8(complement).ok()?;
        Some(Self::from_parts(true, &(integer.unsigned_abs() - 1).to_string(), &complement))
    }

    /// A number strictly between the bounds (`None`: unbounded), short if possible; `lower` must be below `upper`.
    pub fn strictly_between(lower: Option<&Self>, upper: Option<&Self>) -> Self {
        match (lower, upper) {
            (None, None) => Self::from_parts(false, "0", ""),
            (Some(lower), None) => {
                let above = lower.clone().floor_step(true);
                if above > *lower { above } else { Self::from_parts(false, "1", "") }
            }
            (None, Some(upper)) => {
                let below = upper.clone().floor_step(false);
                if below < *upper { below } else { Self::from_parts(true, "1", "") }
            }
            (Some(lower), Some(upper)) => Self::between_bounds(lower, upper),
        }
    }

    /// One digit longer or shorter magnitude: a number above (`up`) or below the given one.
    fn floor_step(self, up: bool) -> Self {
        let moves_away_from_zero = up != self.negative;
        if !moves_away_from_zero {
            return Self::from_parts(false, "0", "");
        }
        let mut digits: Vec<u8> = self.whole.bytes().collect();
        let mut at = digits.len();
        loop {
            if at == 0 {
                digits.insert(0, b'1');
                break;
            }
            at -= 1;
            match digits.get_mut(at) {
                Some(digit) if *digit == b'9' => *digit = b'0',
                Some(digit) => {
                    *digit += 1;
                    break;
                }
                None => break,
            }
        }
        Self { negative: !up, whole: String::from_utf8(digits).unwrap_or_default(), fraction: String::new() }
    }

    fn between_bounds(lower: &Self, upper: &Self) -> Self {
        if lower.negative && !upper.negative && !upper.is_zero() {
            return Self::from_parts(false, "0", "");
        }
        if lower.negative || upper.negative {
            // both at or below zero: mirror
            let mirrored = Self::between_bounds(&upper.clone().negated(), &lower.clone().negated());
            return mirrored.negated();
        }
        // 0 ≤ lower < upper: cut upper's digits ever finer until the prefix lies strictly between; else append to lower.
        let above = lower.clone().floor_step(true);
        if above < *upper {
            return above;
        }
        let mut fraction: String = lower.fraction.clone();
        loop {
            // lower with more digits is above lower; enough leading zeros bring it below upper
            let candidate = Self::from_parts(false, &lower.whole, &format!("{fraction}5"));
            if candidate < *upper && candidate > *lower {
                return candidate;
            }
            fraction.push('0');
        }
    }

    fn negated(self) -> Self {
        let zero = self.is_zero();
        Self { negative: !self.negative && !zero, ..self }
    }

    fn is_zero(&self) -> bool {
        self.whole.is_empty() && self.fraction.is_empty()
    }

    fn cmp_magnitude(&self, other: &Self) -> Ordering {
        self.whole
            .len()
            .cmp(&other.whole.len())
            .then_with(|| self.whole.cmp(&other.whole))
            .then_with(|| self.fraction.cmp(&other.fraction))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => self.cmp_magnitude(other),
            (true, true) => other.cmp_magnitude(self),
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.negative { "-" } else { "" };
        let whole = if self.whole.is_empty() { "0" } else { &self.whole };
        if self.fraction.is_empty() { write!(f, "{sign}{whole}") } else { write!(f, "{sign}{whole}.{}", self.fraction) }
    }
}

#[cfg(test)]
mod tests {
    use super::Decimal;

    fn number(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    #[test]
    fn reads_the_grammar_and_nothing_else() {
        for text in ["1", "+1", "-1", "1.", ".5", "-0.50", "007"] {
            assert!(Decimal::parse(text).is_some(), "{text}");
        }
        for text in ["", "+", ".", "-.", "1e3", " 1", "1 ", "1.2.3", "0x1", "--1"] {
            assert!(Decimal::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn orders_exactly() {
        let sorted = ["-10", "-9.99", "-1", "-0.5", "0", "0.05", "0.5", "0.51", "1", "9", "10", "10.0001"];
        for (i, a) in sorted.iter().enumerate() {
            for (j, b) in sorted.iter().enumerate() {
                assert_eq!(number(a).cmp(&number(b)), i.cmp(&j), "{a} {b}");
            }
        }
        assert_eq!(number("-0"), number("0"));
        assert_eq!(number("1.50"), number("001.5"));
    }

    #[test]
    fn finds_a_number_between() {
        let texts = ["-10", "-1.5", "-1", "-0.001", "0", "0.001", "0.5", "1", "1.5", "9", "99.9", "100"];
        for a in texts {
            assert!(Decimal::strictly_between(Some(&number(a)), None) > number(a), "{a}");
            assert!(Decimal::strictly_between(None, Some(&number(a))) < number(a), "{a}");
            for b in texts {
                if number(a) < number(b) {
                    let middle = Decimal::strictly_between(Some(&number(a)), Some(&number(b)));
                    assert!(number(a) < middle && middle < number(b), "{a} {middle} {b}");
                }
            }
        }
    }

    #[test]
    fn integer_plus_fraction() {
        assert_eq!(Decimal::from_integer_and_fraction(-1, "5"), Decimal::parse("-0.5"));
        assert_eq!(Decimal::from_integer_and_fraction(-1, "250"), Decimal::parse("-0.75"));
        assert_eq!(Decimal::from_integer_and_fraction(3, ""), Decimal::parse("3"));
        assert_eq!(Decimal::from_integer_and_fraction(3, "x"), None);
    }
}
