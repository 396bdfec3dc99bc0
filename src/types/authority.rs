//! Parses `host[:port]`, as the `Host` field and the configuration write it (RFC 3986 §3.2).

/// Returns the host, and the port behind the last colon where there is one. The colons inside an IPv6 address are not
/// taken for it. Neither part is checked.
#[must_use]
pub fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    }
}

/// Returns the host without the port.
#[must_use]
pub fn without_port(authority: &str) -> &str {
    split_port(authority).0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_told_from_addresses() {
        for (authority, expected) in [
            ("gw", ("gw", None)),
            ("gw:80", ("gw", Some("80"))),
            ("gw:", ("gw", Some(""))),
            ("[::1]", ("[::1]", None)),
            ("[::1]:80", ("[::1]", Some("80"))),
        ] {
            assert_eq!(split_port(authority), expected);
            assert_eq!(without_port(authority), expected.0);
        }
    }
}
