//! Holds the hosts that are served here, and the one rule that a `Host` field is held against (PATH-12).

use crate::types::{is_loopback_host, split_port};

/// Holds the hosts that requests may name.
#[derive(Debug, Clone)]
pub(crate) struct AcceptedHosts {
    hosts: Vec<AcceptedHost>,
    default_port: &'static str,
    /// Any name and port of this machine is served too.
    accepts_loopback: bool,
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
        Self { hosts: hosts.iter().map(accepted).collect(), default_port, accepts_loopback: false }
    }

    /// Accepts any name and port of this machine as well, if so.
    pub(crate) fn with_loopback(self, accepts_loopback: bool) -> Self {
        Self { accepts_loopback, ..self }
    }

    /// Returns the name of a host in lower case and without port, where the host is served here.
    pub(crate) fn find(&self, host: &str) -> Option<String> {
        let (name, port) = split_port(host);
        let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
        let port = port.unwrap_or(self.default_port);
        let is_listed = self.hosts.iter().any(|accepted| accepted.name == name && accepted.port == port);
        let is_loopback = self.accepts_loopback && port.parse::<u16>().is_ok() && is_loopback_host(&name);
        (is_listed || is_loopback).then_some(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn for_development_every_name_of_this_machine_is_served() {
        let hosts = AcceptedHosts::new(&["localhost:8080".to_owned()], "http").with_loopback(true);
        for (host, is_accepted) in [
            ("localhost", true),
            ("LOCALHOST:5173", true),
            ("127.0.0.1:3000", true),
            ("127.9.9.9", true),
            ("[::1]:3000", true),
            ("localhost.evil.example", false),
            ("evil.example", false),
            ("127.0.0.1.evil.example:3000", false),
            ("192.168.1.10:3000", false),
            ("localhost:x", false),
            ("localhost:99999", false),
        ] {
            assert_eq!(hosts.find(host).is_some(), is_accepted, "{host}");
        }
        assert!(AcceptedHosts::new(&["localhost:8080".to_owned()], "http").find("localhost:3000").is_none());
    }

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
