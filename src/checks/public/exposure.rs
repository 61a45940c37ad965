//! From how many addresses a request is allowed, and whether that is everybody (spec 9.3).

use crate::policy::condition::AddressRange;
use crate::semantics::symbolic::blocks::PRIVATE;

/// Addresses of a /8 of IPv4: more of them are the public.
const MOST_IPV4: u128 = 1 << 24;
/// Addresses of a /32 of IPv6.
const MOST_IPV6: u128 = 1 << 96;

/// The addresses from which outsiders may make a request, everything else in it being fixed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exposure {
    ranges: Vec<AddressRange>,
    /// Whether a block wider than the limit is written in a statement and allowed as a whole.
    wide: Option<AddressRange>,
}

impl Exposure {
    /// These addresses; `blocks` are the blocks that Allow statements spell out, each of which S3 tests by itself (spec
    /// 9.1).
    pub fn of(mut ranges: Vec<AddressRange>, blocks: &[AddressRange]) -> Self {
        ranges.sort_unstable_by_key(|range| (range.family, range.first));
        let mut joined: Vec<AddressRange> = Vec::with_capacity(ranges.len());
        for range in ranges {
            match joined.last_mut() {
                Some(last) if last.family == range.family && range.first <= last.last.saturating_add(1) => {
                    last.last = last.last.max(range.last);
                }
                Some(_) | None => joined.push(range),
            }
        }
        let held = |block: &&AddressRange| joined.iter().any(|range| holds(range, block));
        let wide = blocks.iter().filter(|block| is_wide(block)).find(held).copied();
        Self { ranges: joined, wide }
    }

    /// IPv4 addresses outside the private ranges.
    pub fn ipv4(&self) -> u128 {
        let four = self.ranges.iter().filter(|range| range.family == 4);
        four.map(|range| size(range) - PRIVATE.iter().map(|private| shared(range, private)).sum::<u128>()).sum()
    }

    /// IPv6 addresses.
    pub fn ipv6(&self) -> u128 {
        let six = self.ranges.iter().filter(|range| range.family == 6);
        six.map(size).fold(0, u128::saturating_add)
    }

    /// Whether that is everybody: more than a /8 or a /32 in total, or a whole block that is wider.
    pub fn is_public(&self) -> bool {
        self.ipv4() > MOST_IPV4 || self.ipv6() > MOST_IPV6 || self.wide.is_some()
    }

    /// Whether there is no address at all.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// The widest block that is written out and lies inside, if it is wider than a /8 or /32 by itself.
    pub fn widest_block(&self) -> Option<String> {
        self.wide.as_ref().map(block_text)
    }

    /// Both figures in words: `33,554,432 IPv4 addresses`.
    pub fn in_words(&self) -> String {
        let mut parts = Vec::new();
        for (count, family) in [(self.ipv4(), 4), (self.ipv6(), 6)] {
            match count {
                0 => {}
                1 => parts.push(format!("1 IPv{family} address")),
                _ => parts.push(format!("{} IPv{family} addresses", grouped(count))),
            }
        }
        if parts.is_empty() { "no public address".to_owned() } else { parts.join(" and ") }
    }
}

/// 1,234,567
fn grouped(number: u128) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn size(range: &AddressRange) -> u128 {
    (range.last - range.first).saturating_add(1)
}

/// Addresses that a range shares with a private one.
fn shared(range: &AddressRange, (first, last): &(u32, u32)) -> u128 {
    let (first, last) = (range.first.max(u128::from(*first)), range.last.min(u128::from(*last)));
    if first <= last { last - first + 1 } else { 0 }
}

fn holds(range: &AddressRange, block: &AddressRange) -> bool {
    range.family == block.family && range.first <= block.first && block.last <= range.last
}

/// Wider than /8 or /32 by itself (spec 9.1); no private range is.
pub(crate) fn is_wide(block: &AddressRange) -> bool {
    match block.family {
        4 => size(block) > MOST_IPV4,
        _ => size(block) > MOST_IPV6,
    }
}

/// `8.0.0.0/7`
fn block_text(block: &AddressRange) -> String {
    let bits = size(block).checked_ilog2().unwrap_or(0);
    match block.family {
        4 => {
            let address = std::net::Ipv4Addr::from(u32::try_from(block.first).unwrap_or(0));
            format!("{address}/{}", 32u32.saturating_sub(bits))
        }
        // the whole of IPv6 has one address more than fits
        _ if block.first == 0 && block.last == u128::MAX => "::/0".to_owned(),
        _ => format!("{}/{}", std::net::Ipv6Addr::from(block.first), 128u32.saturating_sub(bits)),
    }
}

#[cfg(test)]
mod tests {
    use super::Exposure;
    use crate::policy::condition::{AddressRange, Network};

    fn blocks(texts: &[&str]) -> Vec<AddressRange> {
        texts.iter().map(|text| Network::parse(text).unwrap().range).collect()
    }

    fn exposure(texts: &[&str]) -> Exposure {
        Exposure::of(blocks(texts), &blocks(texts))
    }

    #[test]
    fn the_threshold_is_more_than_a_slash_8_or_32() {
        let rows: [(&[&str], bool); 10] = [
            (&["203.0.113.0/24"], false),
            (&["12.0.0.0/8"], false),
            (&["12.0.0.0/8", "13.0.0.0/32"], true),
            (&["12.0.0.0/9", "12.128.0.0/9"], false),
            (&["12.0.0.0/8", "12.1.0.0/16"], false),
            (&["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"], false),
            (&["10.0.0.0/8", "12.0.0.0/8"], false),
            (&["2001:db8::/32"], false),
            (&["2001:db8::/32", "2001:db9::/128"], true),
            (&["0.0.0.0/0"], true),
        ];
        for (texts, public) in rows {
            assert_eq!(exposure(texts).is_public(), public, "{texts:?}");
        }
    }

    #[test]
    fn a_whole_wide_block_counts_by_itself() {
        // 11.0.0.0/8 outside the private ranges is no more than a /8; but S3 tests the /7
        let both = exposure(&["10.0.0.0/7"]);
        assert_eq!((both.ipv4(), both.is_public()), (1 << 24, true));
        assert_eq!(both.widest_block().as_deref(), Some("10.0.0.0/7"));
        assert!(!Exposure::of(blocks(&["10.0.0.0/8", "11.0.0.0/8"]), &[]).is_public());
    }

    #[test]
    fn figures_in_words() {
        assert_eq!(exposure(&["203.0.113.7"]).in_words(), "1 IPv4 address");
        assert_eq!(exposure(&["0.0.0.0/0"]).in_words(), "4,277,075,968 IPv4 addresses");
        assert_eq!(exposure(&["192.168.0.0/16"]).in_words(), "no public address");
        assert!(exposure(&["::/0"]).is_public());
        assert_eq!(exposure(&["::/0"]).widest_block().as_deref(), Some("::/0"));
    }
}
