//! Is the address a request came from.

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
};

/// Is the client's address by the one rule in `proxy::request::forwarded`. IPv4 mapped into IPv6 is folded to IPv4, so
/// that one client has one spelling (BRUTE-02).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientIp(IpAddr);

impl ClientIp {
    /// Folds mapped addresses.
    #[must_use]
    pub fn new(address: IpAddr) -> Self {
        Self(address.to_canonical())
    }

    /// Returns the address itself.
    #[must_use]
    pub fn address(self) -> IpAddr {
        self.0
    }

    /// Returns what limits count by: an IPv4 address, or the /64 that one IPv6 customer owns.
    #[must_use]
    pub fn bucket(self) -> IpAddr {
        match self.0 {
            IpAddr::V4(_) => self.0,
            IpAddr::V6(v6) => {
                let [a, b, c, d, ..] = v6.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
        }
    }
}

impl fmt::Display for ClientIp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_customer_is_one_bucket() {
        for (address, bucket) in
            [("192.0.2.7", "192.0.2.7"), ("::ffff:192.0.2.7", "192.0.2.7"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::")]
        {
            let ip = ClientIp::new(address.parse().unwrap());
            assert_eq!(ip.bucket(), bucket.parse::<IpAddr>().unwrap(), "{address}");
        }
    }
}
