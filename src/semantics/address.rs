//! Texts of a request read as addresses (spec 5.9); dates and numbers have one reader for policies and requests.

use std::net::{IpAddr, Ipv4Addr};

use crate::semantics::Address;

/// The address of a text; IPv4 mapped into IPv6 counts as IPv4 (spec 5.9).
pub fn parse(text: &str) -> Option<Address> {
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
    use super::parse as address;

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
