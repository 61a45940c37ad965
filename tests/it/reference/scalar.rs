//! Numbers, dates, addresses and bytes as condition operators read them (spec 5.6, 5.7, 5.9, 5.11).

use std::cmp::Ordering;
use std::net::{IpAddr, Ipv6Addr};

/// An exact decimal number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Decimal {
    negative: bool,
    /// Without leading zeros.
    whole: String,
    /// Without trailing zeros.
    fraction: String,
}

fn digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

impl Decimal {
    /// `[+-]?(\d+(\.\d*)?|\.\d+)` (spec 5.6)
    pub(super) fn read(text: &str) -> Option<Decimal> {
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        if !digits(whole) || !digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
            return None;
        }
        let (whole, fraction) = (whole.trim_start_matches('0').to_owned(), fraction.trim_end_matches('0').to_owned());
        let zero = whole.is_empty() && fraction.is_empty();
        Some(Decimal { negative: negative && !zero, whole, fraction })
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let size = |d: &Decimal| (d.whole.len(), d.whole.clone(), d.fraction.clone());
        match (self.negative, other.negative) {
            (false, false) => size(self).cmp(&size(other)),
            (true, true) => size(other).cmp(&size(self)),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// An instant: whole seconds since 1970, rounded down, and the digits of the fraction.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Instant {
    seconds: Decimal,
    fraction: String,
}

impl Instant {
    /// The forms of spec 5.7; four digits are a year under the other reading of C17.
    pub(super) fn read(text: &str, four_digits_are_a_year: bool) -> Option<Instant> {
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        if !unsigned.is_empty() && digits(unsigned) && !(four_digits_are_a_year && digits(text) && text.len() == 4) {
            return Some(Instant { seconds: Decimal::read(text)?, fraction: String::new() });
        }
        let (date, time) = match text.split_once('T') {
            Some((date, time)) => (date, Some(time)),
            None => (text, None),
        };
        let mut parts = date.split('-');
        let year = number(parts.next()?, 4)?;
        let month = parts.next().map_or(Some(1), |part| number(part, 2))?;
        let day = parts.next().map_or(Some(1), |part| number(part, 2))?;
        if parts.next().is_some() || (time.is_some() && date.len() != 10) || !(1..=12).contains(&month) {
            return None;
        }
        if day < 1 || day > month_length(year, month) {
            return None;
        }
        let (seconds, fraction) = time.map_or(Some((0, "")), time_of_day)?;
        let total = days_since_1970(year, month, day) * 86_400 + seconds;
        Some(Instant {
            seconds: Decimal::read(&total.to_string())?,
            fraction: fraction.trim_end_matches('0').to_owned(),
        })
    }
}

/// Exactly so many digits.
fn number(text: &str, length: usize) -> Option<i64> {
    (text.len() == length && digits(text)).then(|| text.parse().ok())?
}

fn leap(year: i64) -> bool {
    (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
}

fn month_length(year: i64, month: i64) -> i64 {
    match month {
        2 if leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Counted year by year: slow and plain.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year_length = |y: i64| if leap(y) { 366 } else { 365 };
    let years: i64 =
        if year >= 1970 { (1970..year).map(year_length).sum() } else { -(year..1970).map(year_length).sum::<i64>() };
    years + (1..month).map(|m| month_length(year, m)).sum::<i64>() + day - 1
}

/// `hh:mm[:ss[.f]][Z|±hh:mm]` as seconds (zone taken off) and the digits of the fraction.
fn time_of_day(text: &str) -> Option<(i64, &str)> {
    let (clock, offset) = match text.find(['Z', '+', '-']) {
        None => (text, 0), // no zone: UTC (spec 5.7)
        Some(at) => (&text[..at], zone(&text[at..])?),
    };
    let (clock, fraction) = match clock.split_once('.') {
        Some((clock, fraction)) => (clock, Some(fraction)),
        None => (clock, None),
    };
    let parts: Vec<&str> = clock.split(':').collect();
    let seconds = match (parts.len(), fraction) {
        (2, None) => 0,
        (3, None) => number(parts[2], 2)?,
        (3, Some(f)) if !f.is_empty() && digits(f) => number(parts[2], 2)?,
        _ => return None,
    };
    let (hours, minutes) = (number(parts[0], 2)?, number(parts[1], 2)?);
    let valid = hours < 24 && minutes < 60 && seconds < 60;
    valid.then_some((hours * 3600 + minutes * 60 + seconds - offset, fraction.unwrap_or("")))
}

fn zone(text: &str) -> Option<i64> {
    if text == "Z" {
        return Some(0);
    }
    let (hours, minutes) = text[1..].split_once(':')?;
    let (hours, minutes) = (number(hours, 2)?, number(minutes, 2)?);
    let sign = match text.chars().next()? {
        '+' => 1,
        '-' => -1,
        _ => return None,
    };
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

/// The addresses of a policy value: the bits of the first one, how many of them count, out of how many (spec 5.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Network {
    bits: u128,
    prefix: u32,
    width: u32,
}

impl Network {
    pub(super) fn read(text: &str, bare_v6_prefix: u32) -> Option<Network> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let (bits, width, bare) = match address.parse().ok()? {
            IpAddr::V4(v4) => (u128::from(u32::from(v4)), 32, 32),
            IpAddr::V6(v6) => (u128::from(v6), 128, bare_v6_prefix),
        };
        let prefix = match prefix {
            None => bare,
            Some(text) if !text.is_empty() && text.len() <= 3 && digits(text) => text.parse().ok()?,
            Some(_) => return None,
        };
        (prefix <= width).then_some(Network { bits, prefix, width })
    }

    /// Whether a request address lies in it; an IPv4-mapped request address is an IPv4 one (spec 5.9).
    pub(super) fn contains(self, address: &str) -> bool {
        let mapped = |v6: Ipv6Addr| v6.to_ipv4_mapped();
        let (bits, width) = match address.parse() {
            Ok(IpAddr::V4(v4)) => (u128::from(u32::from(v4)), 32),
            Ok(IpAddr::V6(v6)) => mapped(v6).map_or((u128::from(v6), 128), |v4| (u128::from(u32::from(v4)), 32)),
            Err(_) => return false,
        };
        let unused = self.width - self.prefix;
        width == self.width && (unused == 128 || bits >> unused == self.bits >> unused)
    }
}

/// The bytes of a base64 text (spec 5.11).
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let body = text.trim_end_matches('=');
    if !text.len().is_multiple_of(4) || text.len() - body.len() > 2 {
        return None;
    }
    let mut bits = String::new();
    for byte in body.bytes() {
        let value = ALPHABET.iter().position(|letter| *letter == byte)?;
        bits.push_str(&format!("{value:06b}"));
    }
    let whole = bits.len() / 8 * 8;
    (0..whole).step_by(8).map(|i| u8::from_str_radix(&bits[i..i + 8], 2).ok()).collect()
}

#[test]
fn decimals_are_exact() {
    let d = |text: &str| Decimal::read(text);
    assert_eq!(d("+01.50"), d("1.5"));
    assert_eq!(d("-0"), d("0."));
    assert!(d("-2") < d("-1.5") && d("9") < d("10") && d("0.1") < d("0.11") && d("-.5") < d(".5"));
    assert!([".", "", "1e3", "0x1", "1.2.3", "--1", "१"].iter().all(|text| d(text).is_none()));
}

#[test]
fn dates_are_instants() {
    let i = |text: &str| Instant::read(text, false);
    assert_eq!(i("2024-03-01T00:00:00Z"), i("1709251200"));
    assert_eq!(i("2024-03-01"), i("2024-03-01T01:00+01:00"));
    assert_eq!(i("2024-03"), i("2024-03-01T00:00"));
    assert_eq!(i("1969-12-31T23:59:59.50Z"), i("1969-12-31T23:59:59.5Z"));
    assert!(i("1969-12-31T23:59:59.5Z") > i("-1") && i("1969-12-31T23:59:59.5Z") < i("0"));
    assert_eq!(i("2024"), i("1970-01-01T00:33:44Z"));
    assert_eq!(Instant::read("2024", true), i("2024-01-01"));
    assert_eq!(Instant::read("-202", true), i("-202"));
    let bad = [
        "",
        "-",
        "2023-02-29",
        "2024-13",
        "2024-1",
        "2024-01-01T24:00Z",
        "2024-01T00:00Z",
        "yesterday",
        "1.5",
        "T00:00",
    ];
    assert!(bad.iter().all(|text| i(text).is_none()));
}

#[test]
fn networks_and_bytes() {
    let within = |network: &str, address: &str| Network::read(network, 128).is_some_and(|n| n.contains(address));
    assert!(within("10.1.2.3/8", "10.9.9.9") && within("0.0.0.0/0", "1.2.3.4") && within("::/0", "::1"));
    assert!(within("10.0.0.1", "::ffff:10.0.0.1") && !within("::/0", "::ffff:10.0.0.1") && !within("10.*", "10.0.0.0"));
    assert_eq!(base64("aGk="), Some(b"hi".to_vec()));
    assert_eq!((base64(""), base64("a"), base64("a=b=")), (Some(vec![]), None, None));
}
