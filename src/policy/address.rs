//! IP addresses and blocks as condition values (spec 5.9).

use std::net::{IpAddr, Ipv6Addr};

use crate::policy::condition::{AddressRange, Network};

impl Network {
    /// Reads `a.b.c.d[/n]` or IPv6 with or without prefix length; bits after the prefix are ignored.
    pub fn parse(text: &str) -> Option<Network> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix_length(prefix)?)),
            None => (text, None),
        };
        match address.parse::<IpAddr>().ok()? {
            IpAddr::V4(v4) => block(4, u128::from(u32::from(v4)), prefix.unwrap_or(32)).map(certain),
            IpAddr::V6(v6) => match (v6.to_ipv4_mapped(), prefix) {
                // A mapped request address is treated as IPv4, so a mapped block is too.
                (Some(v4), Some(length @ 96..=128)) => block(4, u128::from(u32::from(v4)), length - 96).map(certain),
                (Some(v4), None) => block(4, u128::from(u32::from(v4)), 32).map(certain),
                (_, Some(length)) => block(6, u128::from(v6), length).map(certain),
                (None, None) => Some(Network {
                    range: block(6, u128::from(v6), 128)?,
                    without_prefix: block(6, u128::from(v6), 32)?, // C10
                }),
            },
        }
    }

    /// Whether the text is an IPv6 address or block inside `::ffff:0:0/96`.
    pub fn is_mapped(text: &str) -> bool {
        let address = text.split('/').next().unwrap_or(text);
        address.parse::<Ipv6Addr>().is_ok_and(|v6| v6.to_ipv4_mapped().is_some())
    }

    /// Whether every address of the block is private (RFC 1918).
    pub fn is_private(&self) -> bool {
        let blocks = [(0x0A00_0000, 0x0AFF_FFFF), (0xAC10_0000, 0xAC1F_FFFF), (0xC0A8_0000, 0xC0A8_FFFF)];
        let range = self.range;
        range.family == 4 && blocks.iter().any(|(first, last)| *first <= range.first && range.last <= *last)
    }
}

fn certain(range: AddressRange) -> Network {
    Network { range, without_prefix: range }
}

fn block(family: u8, address: u128, prefix: u32) -> Option<AddressRange> {
    let bits: u32 = if family == 4 { 32 } else { 128 };
    let host_bits = bits.checked_sub(prefix)?;
    let hosts = if host_bits == 128 { u128::MAX } else { (1 << host_bits) - 1 };
    Some(AddressRange { family, first: address & !hosts, last: address | hosts })
}

/// Digits without sign or leading zero.
fn prefix_length(text: &str) -> Option<u32> {
    let canonical = text == "0" || !text.starts_with(['0', '+']);
    (canonical && text.len() <= 3).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::Network;

    fn range(text: &str) -> Option<(u8, u128, u128)> {
        Network::parse(text).map(|network| (network.range.family, network.range.first, network.range.last))
    }

    #[test]
    fn blocks() {
        assert_eq!(range("203.0.113.7"), Some((4, 0xCB00_7107, 0xCB00_7107)));
        assert_eq!(range("203.0.113.7/24"), Some((4, 0xCB00_7100, 0xCB00_71FF)));
        assert_eq!(range("0.0.0.0/0"), Some((4, 0, 0xFFFF_FFFF)));
        assert_eq!(range("::/0"), Some((6, 0, u128::MAX)));
        assert_eq!(range("2001:DB8::1/128"), range("2001:0db8:0::1"));
        assert_eq!(range("::ffff:203.0.113.7"), range("203.0.113.7"));
        assert_eq!(range("::ffff:203.0.113.7/120"), range("203.0.113.0/24"));
        let open = Network::parse("2001:db8::1").unwrap();
        assert_eq!(open.without_prefix, Network::parse("2001:db8::/32").unwrap().range);
    }

    #[test]
    fn everything_else() {
        for text in [
            "",
            "10.*",
            "1.2.3",
            "1.2.3.4.5",
            "01.2.3.4",
            "256.1.1.1",
            "1.2.3.4/33",
            "1.2.3.4/",
            "1.2.3.4/+8",
            "1.2.3.4/08",
            "::1/129",
            "1.2.3.4/8/8",
            " 1.2.3.4",
            "fe80::1%eth0",
            "[::1]",
        ] {
            assert_eq!(range(text), None, "{text}");
        }
    }

    #[test]
    fn private_blocks() {
        for (text, private) in [
            ("10.0.0.0/8", true),
            ("10.0.0.0/7", false),
            ("172.31.0.0/16", true),
            ("192.168.1.1", true),
            ("8.8.8.8", false),
        ] {
            assert_eq!(Network::parse(text).unwrap().is_private(), private, "{text}");
        }
    }
}
