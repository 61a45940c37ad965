//! Texts of a request read as ordered values: dates and addresses (spec 5.7, 5.9).

use std::net::{IpAddr, Ipv4Addr};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use solver::decimal::Decimal;

use crate::semantics::Address;

/// The instant of a date text in seconds since 1970-01-01T00:00Z, exact to the fraction: epoch seconds (all digits), or
/// `YYYY-MM[-DD[Thh:mm[:ss[.f]][Z|±hh:mm]]]`. Missing parts are the lowest, a missing zone is UTC (spec 5.7).
pub fn instant(text: &str) -> Option<Decimal> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Decimal::parse(text);
    }
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let midnight = midnight(date, time.is_some())?;
    let Some(time) = time else { return Decimal::from_integer_and_fraction(midnight, "") };
    let (seconds, fraction) = time_of_day(time)?;
    Decimal::from_integer_and_fraction(midnight.checked_add(seconds)?, fraction)
}

/// Four digits as a year: the other reading of C17.
pub fn year(text: &str) -> Option<Decimal> {
    let year = i16::try_from(number(text, 4)?).ok()?;
    Decimal::from_integer_and_fraction(epoch(Date::new(year, 1, 1).ok()?)?, "")
}

/// The first second of `YYYY-MM` or `YYYY-MM-DD`; only the latter if a time follows.
fn midnight(text: &str, with_time: bool) -> Option<i64> {
    let mut parts = text.split('-');
    let year = i16::try_from(number(parts.next()?, 4)?).ok()?;
    let month = i8::try_from(number(parts.next()?, 2)?).ok()?;
    let day = match parts.next() {
        Some(day) => i8::try_from(number(day, 2)?).ok()?,
        None if with_time => return None,
        None => 1,
    };
    if parts.next().is_some() { None } else { epoch(Date::new(year, month, day).ok()?) }
}

fn epoch(date: Date) -> Option<i64> {
    Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second())
}

/// Seconds after midnight UTC, and the digits of the fraction, of `hh:mm[:ss[.f]][Z|±hh:mm]`.
fn time_of_day(text: &str) -> Option<(i64, &str)> {
    let (clock, offset) = match text.find(['Z', '+', '-']) {
        None => (text, 0),
        Some(at) => (text.get(..at)?, zone(text.get(at..)?)?),
    };
    let (whole, fraction) = match clock.split_once('.') {
        None => (clock, ""),
        Some((whole, fraction)) => (whole, fraction),
    };
    let has_fraction = whole.len() < clock.len();
    let mut parts = whole.split(':');
    let hours = number(parts.next()?, 2).filter(|hours| *hours < 24)?;
    let minutes = number(parts.next()?, 2).filter(|minutes| *minutes < 60)?;
    let seconds = match parts.next() {
        Some(seconds) => number(seconds, 2).filter(|seconds| *seconds < 60)?,
        None if has_fraction => return None,
        None => 0,
    };
    let digits = !has_fraction || (!fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit()));
    (digits && parts.next().is_none()).then_some((hours * 3600 + minutes * 60 + seconds - offset, fraction))
}

/// Seconds east of UTC of `Z` or `±hh:mm`.
fn zone(text: &str) -> Option<i64> {
    if text == "Z" {
        return Some(0);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    let hours = number(hours, 2).filter(|hours| *hours < 24)?;
    let minutes = number(minutes, 2).filter(|minutes| *minutes < 60)?;
    Some(sign * (hours * 3600 + minutes * 60))
}

/// Exactly so many digits.
fn number(text: &str, digits: usize) -> Option<i64> {
    (text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

/// The address of a text; IPv4 mapped into IPv6 counts as IPv4 (spec 5.9).
pub fn address(text: &str) -> Option<Address> {
    let v4 = |address: Ipv4Addr| Address { family: 4, bits: u128::from(u32::from(address)) };
    match text.parse().ok()? {
        IpAddr::V4(address) => Some(v4(address)),
        IpAddr::V6(address) => Some(match address.to_ipv4_mapped() {
            Some(mapped) => v4(mapped),
            None => Address { family: 6, bits: u128::from(address) },
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::{address, instant, year};
    use solver::decimal::Decimal;

    #[test]
    fn reads_dates() {
        let cases = [
            ("0", "0"),
            ("-5", "-5"),
            ("1970-01", "0"),
            ("1970-01-02", "86400"),
            ("1970-01-01T00:01Z", "60"),
            ("1970-01-01T00:01", "60"),
            ("1970-01-01T00:00:01.50Z", "1.5"),
            ("1969-12-31T23:59:59.25Z", "-0.75"),
            ("1970-01-01T02:00+01:30", "1800"),
            ("1969-12-31T22:30:00-01:30", "0"),
            ("2020-02-29T00:00:00Z", "1582934400"),
            ("2020", "2020"),
        ];
        for (text, seconds) in cases {
            assert_eq!(instant(text), Decimal::parse(seconds), "{text}");
        }
        assert_eq!(year("1971"), Decimal::parse("31536000"));
    }

    #[test]
    fn refuses_what_is_no_date() {
        for text in [
            "",
            "-",
            "+5",
            "1.5",
            "2021-02-29",
            "1970-13",
            "1970-1-1",
            "1970-01T00:00Z",
            "1970-01-01T24:00Z",
            "1970-01-01T00:00.5Z",
            "1970-01-01T00:00:00.Z",
            "1970-01-01T00:00Zx",
            "1970-01-01 00:00Z",
            "1970-01-01T00Z",
            "1970-01-01T00:00é",
            "é970-01-01",
            "1970-01-01T00:00+1:00",
            "1970-01-01-01",
            "1970-01-01T",
        ] {
            assert_eq!(instant(text), None, "{text}");
        }
    }

    #[test]
    fn reads_addresses() {
        let v4 = address("1.2.3.4").unwrap();
        assert_eq!((v4.family, v4.bits), (4, 0x0102_0304));
        assert_eq!(address("::ffff:1.2.3.4"), Some(v4));
        assert_eq!(address("2001:DB8::1"), address("2001:db8:0:0:0:0:0:1"));
        assert_eq!(address("2001:db8::1").unwrap().family, 6);
        for text in ["", "10.*", "1.2.3", "1.2.3.4/32", "01.2.3.4", " 1.2.3.4", "fe80::1%1"] {
            assert_eq!(address(text), None, "{text}");
        }
    }
}
