//! Dates as condition values: epoch seconds or ISO 8601 (spec 5.7).

use jiff::civil::Date;
use solver::decimal::Decimal;

use crate::policy::condition::Instant;

impl Instant {
    /// Reads one of the documented forms; used for policy values and request values alike.
    pub fn parse(text: &str) -> Option<Instant> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
            let seconds = Decimal::parse(text)?; // all digits: epoch seconds
            let as_year = if is_year(text) { calendar(text)? } else { seconds.clone() }; // C17
            return Some(Instant { seconds, as_year });
        }
        let seconds = calendar(text)?;
        Some(Instant { as_year: seconds.clone(), seconds })
    }

    /// Whether the two readings of C17 may differ: the text is four digits.
    pub fn is_ambiguous(text: &str) -> bool {
        is_year(text)
    }
}

fn is_year(text: &str) -> bool {
    text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit())
}

/// `YYYY[-MM[-DD[Thh:mm[:ss[.f…]][Z|±hh:mm]]]]`; missing parts are the lowest, a missing zone is UTC.
fn calendar(text: &str) -> Option<Decimal> {
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let mut parts = date.split('-');
    let year = digits(parts.next()?, 4)?;
    let month = parts.next().map_or(Some(1), |part| digits(part, 2))?;
    let day = match parts.next() {
        Some(part) => digits(part, 2)?,
        None if time.is_some() => return None,
        None => 1,
    };
    if parts.next().is_some() {
        return None;
    }
    let epoch = Date::new(1970, 1, 1).ok()?;
    let date = Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?).ok()?;
    let midnight = date.duration_since(epoch).as_secs();
    let (seconds, fraction) = time.map_or(Some((0, "")), clock)?;
    Decimal::from_integer_and_fraction(midnight + seconds, fraction)
}

/// Seconds after midnight UTC, and the digits of the fraction, of `hh:mm[:ss[.f…]][Z|±hh:mm]`.
fn clock(text: &str) -> Option<(i64, &str)> {
    let at = text.find(['Z', '+', '-']).unwrap_or(text.len());
    let (time, zone) = text.split_at_checked(at)?;
    let offset = match zone.as_bytes().first() {
        None => 0,
        Some(b'Z') if zone.len() == 1 => 0,
        Some(b'+') => hours_minutes(zone.get(1..)?)?,
        Some(b'-') => -hours_minutes(zone.get(1..)?)?,
        Some(_) => return None,
    };
    let (minutes, seconds) = time.split_at_checked(5)?;
    let (seconds, fraction) = match seconds.strip_prefix(':') {
        None if seconds.is_empty() => (0, ""),
        None => return None,
        Some(seconds) => second_and_fraction(seconds)?,
    };
    Some((hours_minutes(minutes)? + seconds - offset, fraction))
}

fn second_and_fraction(text: &str) -> Option<(i64, &str)> {
    let (second, fraction) = match text.split_once('.') {
        Some((second, fraction)) if !fraction.is_empty() => (second, fraction),
        Some(_) => return None,
        None => (text, ""),
    };
    let second = digits(second, 2)?;
    (second < 60 && fraction.bytes().all(|b| b.is_ascii_digit())).then_some((second, fraction))
}

/// Seconds of `hh:mm`.
fn hours_minutes(text: &str) -> Option<i64> {
    let (hours, minutes) = text.split_once(':')?;
    let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
    (hours < 24 && minutes < 60).then_some(hours * 3600 + minutes * 60)
}

/// Exactly so many digits.
fn digits(text: &str, count: usize) -> Option<i64> {
    (text.len() == count && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::Instant;

    fn seconds(text: &str) -> Option<String> {
        Instant::parse(text).map(|instant| instant.seconds.to_string())
    }

    #[test]
    fn every_form() {
        for (text, expected) in [
            ("0", "0"),
            ("-5", "-5"),
            ("1700000000", "1700000000"),
            ("1970-01", "0"),
            ("1970-01-02", "86400"),
            ("2023-11-14T22:13Z", "1699999980"),
            ("2023-11-14T22:13:20Z", "1700000000"),
            ("2023-11-14T22:13:20", "1700000000"),
            ("2023-11-14T23:13:20.250+01:00", "1700000000.25"),
            ("1969-12-31T23:59:59.5Z", "-0.5"),
            ("2024-02-29", "1709164800"),
            ("0001-01-01", "-62135596800"),
        ] {
            assert_eq!(seconds(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn everything_else() {
        for text in [
            "",
            "-",
            "+5",
            "1.5",
            "2023-13",
            "2023-02-29",
            "2023-1-1",
            "20-01-01",
            "2023-01-01T",
            "2023-01T10:00Z",
            "2023-01-01T24:00Z",
            "2023-01-01T10:00:60Z",
            "2023-01-01T10:00z",
            "2023-01-01T10:00:00.Z",
            "2023-01-01 10:00",
            "2023-01-01T10:00+1:00",
            "2023-01-01T10:00ZZ",
            "2023-01-01T10:0é",
            "now",
            "１９７０",
        ] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }

    #[test]
    fn four_digits_have_two_readings() {
        let instant = Instant::parse("2030").unwrap();
        assert_eq!((instant.seconds.to_string(), instant.as_year.to_string()), ("2030".into(), "1893456000".into()));
    }
}
