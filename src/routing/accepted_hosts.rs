//! The hosts that are served here, and the one rule that a `Host` field is held against (PATH-12).

use crate::types::split_port;

/// Holds the hosts that requests may name.
#[derive(Debug, Clone)]
pub(crate) struct AcceptedHosts {
    hosts: Vec<AcceptedHost>,
    default_port: &'static str,
}

#[derive(Debug, Clone)]
struct AcceptedHost {
    name: String,
    port: String,
}

impl AcceptedHosts {
    /// Takes lower-case hosts with or without port. What names no port has that of the scheme that clients use.
    pub(crate) fn new(hosts: &[String], public_scheme: &str) -> Self {
        let default_port = if public_scheme == "https" { "443" } else { "80" };
        let accepted = |host: &String| {
            let (name, port) = split_port(host);
            AcceptedHost { name: name.to_owned(), port: port.unwrap_or(default_port).to_owned() }
        };
        Self { hosts: hosts.iter().map(accepted).collect(), default_port }
    }

    /// Returns the name of a host in lower case and without port, where the host is served here.
    pub(crate) fn find(&self, host: &str) -> Option<String> {
        let (name, port) = split_port(host);
        let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
        let port = port.unwrap_or(self.default_port);
        self.hosts.iter().any(|accepted| accepted.name == name && accepted.port == port).then_some(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_is_left_out_is_the_schemes() {
        let configured = ["gw.example", "gw.example:8443", "[::1]:8080"].map(str::to_owned);
        for (scheme, host, expected) in [
            ("https", "gw.example", Some("gw.example")),
            ("https", "GW.Example.", Some("gw.example")),
            ("https", "gw.example:443", Some("gw.example")),
            ("https", "gw.example:8443", Some("gw.example")),
            ("https", "gw.example:80", None),
            ("http", "gw.example:80", Some("gw.example")),
            ("http", "gw.example:443", None),
            ("https", "[::1]:8080", Some("[::1]")),
            ("https", "[::1]", None),
            ("https", "evil.example", None),
            ("https", "xgw.example", None),
        ] {
            let found = AcceptedHosts::new(&configured, scheme).find(host);
            assert_eq!(found.as_deref(), expected, "{scheme} {host}");
        }
    }
}
