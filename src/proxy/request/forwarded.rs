//! Tells where a request came from, and what the upstream is told about it (HDR-07). Forwarding headers count only from
//! peers in `server.trusted_proxies`, and a host only where it is served here (HDR-14).

use std::net::IpAddr;

use http::{HeaderMap, HeaderName, header::HOST};
use ipnet::IpNet;

use crate::types::{ClientIp, RequestId};

const FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Tells whether a host, with or without port, is one that is served here.
pub(crate) type IsServed<'a> = &'a dyn Fn(&str) -> bool;

/// Holds what `X-Forwarded-For`, `-Proto` and `-Host` will say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Forwarded {
    pub(crate) client: ClientIp,
    /// Tells whether a trusted proxy sent it.
    pub(crate) is_from_proxy: bool,
    /// Is what a trusted proxy calls the request.
    pub(crate) request_id: Option<RequestId>,
    /// Is the chain so far, ending with the peer.
    pub(crate) chain: String,
    pub(crate) proto: &'static str,
    pub(crate) host: String,
}

impl Forwarded {
    /// Reads the chain from right to left past trusted hops; the first address that is not one is the client. A
    /// malformed entry stops the walk. `public_scheme` is what clients use where no trusted proxy says otherwise: TLS
    /// may end before us.
    pub(crate) fn from_headers(
        peer: IpAddr,
        headers: &HeaderMap,
        (trusted, is_served): (&[IpNet], IsServed<'_>),
        public_scheme: &'static str,
    ) -> Self {
        let peer = peer.to_canonical();
        let is_trusted = |address: IpAddr| trusted.iter().any(|net| net.contains(&address));
        let host = text(headers, &HOST).unwrap_or_default().to_owned();
        if !is_trusted(peer) {
            return Self {
                client: ClientIp::new(peer),
                is_from_proxy: false,
                request_id: None,
                chain: peer.to_string(),
                proto: public_scheme,
                host,
            };
        }
        let mut client = peer;
        let mut chain = Vec::new();
        for line in headers.get_all(FOR) {
            chain.extend(line.to_str().unwrap_or("invalid").split(',').map(str::trim));
        }
        for entry in chain.iter().rev() {
            let Some(address) = address_of(entry) else { break };
            client = address;
            if !is_trusted(address) {
                break;
            }
        }
        let known: Vec<String> = chain.iter().filter_map(|entry| address_of(entry)).map(|a| a.to_string()).collect();
        let proto = match text(headers, &PROTO) {
            Some("https") => "https",
            Some("http") => "http",
            _ => public_scheme,
        };
        // Of two, nobody knows which the proxy meant.
        let is_one = headers.get_all(FORWARDED_HOST).iter().nth(1).is_none();
        let outer_host = text(headers, &FORWARDED_HOST).filter(|host| is_one && is_served(host));
        Self {
            client: ClientIp::new(client),
            is_from_proxy: true,
            request_id: text(headers, &REQUEST_ID).and_then(RequestId::from_trusted),
            chain: known.into_iter().chain([peer.to_string()]).collect::<Vec<_>>().join(", "),
            proto,
            host: outer_host.map_or(host, str::to_owned),
        }
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Parses an address, with or without port and brackets.
fn address_of(entry: &str) -> Option<IpAddr> {
    let address = entry
        .parse::<IpAddr>()
        .or_else(|_| entry.parse::<std::net::SocketAddr>().map(|address| address.ip()))
        .or_else(|_| entry.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>());
    address.ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn believes_only_trusted_peers() {
        let trusted: Vec<IpNet> = vec!["10.0.0.0/8".parse().unwrap()];
        for (peer, lines, client, chain) in [
            ("192.0.2.1", vec!["1.2.3.4"], "192.0.2.1", "192.0.2.1"),
            ("10.0.0.1", vec![], "10.0.0.1", "10.0.0.1"),
            ("10.0.0.1", vec!["1.2.3.4"], "1.2.3.4", "1.2.3.4, 10.0.0.1"),
            ("10.0.0.1", vec!["6.6.6.6, 1.2.3.4"], "1.2.3.4", "6.6.6.6, 1.2.3.4, 10.0.0.1"),
            ("10.0.0.1", vec!["6.6.6.6", "1.2.3.4, 10.0.0.9"], "1.2.3.4", "6.6.6.6, 1.2.3.4, 10.0.0.9, 10.0.0.1"),
            ("10.0.0.1", vec!["1.2.3.4, nonsense"], "10.0.0.1", "1.2.3.4, 10.0.0.1"),
            ("10.0.0.1", vec!["nonsense, 1.2.3.4:567"], "1.2.3.4", "1.2.3.4, 10.0.0.1"),
            ("::ffff:10.0.0.1", vec!["[2001:db8::1]"], "2001:db8::1", "2001:db8::1, 10.0.0.1"),
            ("10.0.0.1", vec!["10.0.0.2"], "10.0.0.2", "10.0.0.2, 10.0.0.1"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, "gw".parse().unwrap());
            for line in &lines {
                headers.append(FOR, line.parse().unwrap());
            }
            headers.insert(PROTO, "https".parse().unwrap());
            headers.insert(REQUEST_ID, "their-id".parse().unwrap());
            let forwarded = Forwarded::from_headers(peer.parse().unwrap(), &headers, (&trusted, &|_| true), "http");
            let id = forwarded.request_id.as_ref().map(RequestId::as_str);
            assert_eq!(id, peer.contains("10.").then_some("their-id"));
            assert_eq!(forwarded.client, ClientIp::new(client.parse().unwrap()), "{peer} {lines:?}");
            assert_eq!(forwarded.chain, chain, "{peer} {lines:?}");
            assert_eq!(forwarded.proto, if peer.contains("10.") { "https" } else { "http" });
            assert_eq!(forwarded.host, "gw");
        }
    }

    #[test]
    fn an_outer_host_counts_where_it_is_served() {
        let trusted: Vec<IpNet> = vec!["10.0.0.0/8".parse().unwrap()];
        for (peer, sent, expected) in [
            ("10.0.0.1", vec!["app.example"], "app.example"),
            ("192.0.2.1", vec!["app.example"], "gw"),
            ("10.0.0.1", vec!["evil.test"], "gw"),
            ("10.0.0.1", vec!["app.example, evil.test"], "gw"),
            ("10.0.0.1", vec!["app.example", "app.example"], "gw"),
            ("10.0.0.1", vec![], "gw"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, "gw".parse().unwrap());
            for host in &sent {
                headers.append(FORWARDED_HOST, host.parse().unwrap());
            }
            let is_served = |host: &str| host == "app.example";
            let forwarded = Forwarded::from_headers(peer.parse().unwrap(), &headers, (&trusted, &is_served), "http");
            assert_eq!(forwarded.host, expected, "{peer} {sent:?}");
        }
    }
}
