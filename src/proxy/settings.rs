//! Holds `server:`, `upstreams:` and `identity:` of gateway.yaml, compiled.

use std::{net::IpAddr, path::PathBuf, time::Duration};

use http::HeaderName;
use ipnet::IpNet;

use crate::{
    proxy::server::certificate::Certificate,
    sessions::{AssertionSettings, CookieSettings},
    types::{FirstSeen, TrustedOrigins, UserFields},
};

/// Holds what the proxy needs to know beside the route table.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the configuration, and any may be on")]
pub struct Settings {
    /// Lists the accepted `Host` values, lower case, with port where one was configured or is not the scheme's default.
    /// `public_url`'s is the first.
    pub hosts: Vec<String>,
    /// Any `Host` of this machine is accepted too: for development.
    pub accepts_loopback: bool,
    /// Is told the hosts that are rejected: for development.
    pub rejected_hosts: Option<FirstSeen>,
    /// Is `http` or `https`: what clients use, from `public_url`.
    pub public_scheme: &'static str,
    /// Lists the peers whose forwarding headers are believed.
    pub trusted_proxies: Vec<IpNet>,
    pub identity_headers: IdentityPreset,
    /// Describes the signed token beside them. Default: none.
    pub assertion: Option<AssertionSettings>,
    /// Describes what users have beside; some of it is told to upstreams. Default: nothing.
    pub user_fields: UserFields,
    /// Upstreams are told of the organization that a session works in. Default false.
    pub organizations: bool,
    /// The auth API is mounted here.
    pub base_path: String,
    /// Lists the origins that may send cookie-authenticated unsafe requests and open WebSockets.
    pub trusted_origins: TrustedOrigins,
    /// Describes the session cookie, to be read, kept from upstreams, and renewed.
    pub cookie: CookieSettings,
    /// Names the header that API keys come in; `None` where there are no keys. Default: none.
    pub api_key_header: Option<HeaderName>,
    /// Says where browser navigations go to sign in.
    pub sign_in_page: Option<SignInPage>,
    pub upstreams: Vec<Upstream>,
    /// Every public listener shows this certificate; without one they speak in plaintext.
    pub tls: Option<Certificate>,
    /// Trusted proxies begin each connection with a PROXY protocol header, and nobody else connects.
    pub proxy_protocol: bool,
    /// Browsers are told to come by https only.
    pub hsts: bool,
    /// So many requests may be under way at a time; further ones are rejected with 503. Default 20,000.
    pub max_requests: usize,
    /// Limits the memory for responses that clients do not take, in bytes. Default 512 MiB.
    pub max_unread: usize,
}

/// Names the page to sign in at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInPage {
    /// Is a path or an absolute URL.
    pub page: String,
    /// Names the parameter in which the page learns where the browser came from.
    pub parameter: &'static str,
}

impl SignInPage {
    /// Names it for pages of one's own (`auth.sign_in_page`).
    pub const OWN: &'static str = "callbackURL";
    /// Names it for the built-in pages.
    pub const BUILT_IN: &'static str = "redirect";
}

/// Describes one entry of `upstreams:`.
#[derive(Debug, Clone)]
pub struct Upstream {
    pub name: String,
    /// Has at least one.
    pub servers: Vec<UpstreamServer>,
    pub timeouts: UpstreamTimeouts,
    pub balance: Balance,
    /// Says whether HTTP/2 is spoken: where the server agrees (TLS), or in plaintext without asking.
    pub http2: bool,
    /// Says what differs from the defaults for `https://` servers.
    pub tls: Option<UpstreamTls>,
    pub health_check: Option<HealthCheck>,
}

/// Says how a server is chosen among several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Balance {
    /// Takes one after the other.
    #[default]
    RoundRobin,
    /// Takes the one with the fewest requests under way from this replica.
    LeastConnections,
}

/// Describes a server of an upstream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpstreamServer {
    /// Is the URL as configured, for logs and metrics.
    pub url: String,
    pub address: ServerAddress,
    pub is_tls: bool,
}

/// Says where a server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerAddress {
    /// Is a host name or an address literal. Names are looked up when the servers are started, and again from time to
    /// time.
    Tcp { host: String, port: u16 },
    /// Is a socket's path.
    Unix(PathBuf),
}

/// Holds `tls:` of an upstream.
#[derive(Debug, Clone, Hash)]
pub struct UpstreamTls {
    /// Holds the certificates (DER) of the only authorities that are trusted; the system's where none are given.
    pub ca: Option<Vec<Vec<u8>>>,
    /// Is what is shown to servers that ask for a certificate.
    pub client: Option<ClientCertificate>,
    /// Is the name that the certificate has to be for; the server's host where none is given.
    pub server_name: Option<String>,
}

/// Holds a certificate chain (DER, its own first) with its key.
#[derive(Clone, Hash)]
pub struct ClientCertificate {
    pub chain: Vec<Vec<u8>>,
    /// Is PKCS#8, PKCS#1 or SEC1 in DER.
    pub key: Vec<u8>,
}

impl std::fmt::Debug for ClientCertificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ClientCertificate")
    }
}

/// Holds `health_check:` of an upstream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthCheck {
    /// Is asked for with GET; a status from 200 to 399 is healthy.
    pub path: String,
    /// Is the time from one probe to the next. Default 5 s.
    pub interval: Duration,
    /// Limits the whole probe. Default 2 s.
    pub timeout: Duration,
    /// Counts failed probes in a row, at least 1. Default 3.
    pub unhealthy_after: u32,
    /// Counts passed ones in a row, at least 1. Default 2.
    pub healthy_after: u32,
}

impl HealthCheck {
    /// Returns the health check of a path with the defaults.
    #[must_use]
    pub fn with_defaults(path: String) -> Self {
        let (interval, timeout) = (Duration::from_secs(5), Duration::from_secs(2));
        Self { path, interval, timeout, unhealthy_after: 3, healthy_after: 2 }
    }
}

impl ServerAddress {
    pub(crate) fn host(&self) -> Option<&str> {
        match self {
            Self::Tcp { host, .. } => Some(host),
            Self::Unix(_) => None,
        }
    }

    /// Returns whether the address may change while the host stays.
    pub(crate) fn is_name(&self) -> bool {
        self.host().is_some_and(|host| host.parse::<IpAddr>().is_err())
    }
}

impl UpstreamServer {
    /// Returns what a probe sends as Host.
    pub(crate) fn authority(&self) -> &str {
        match self.address {
            ServerAddress::Tcp { .. } => {
                self.url.split_once("://").map_or("localhost", |(_, rest)| rest.trim_end_matches('/'))
            }
            ServerAddress::Unix(_) => "localhost",
        }
    }
}

/// Holds `timeouts:` of an upstream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpstreamTimeouts {
    /// Limits the time to establish the connection. Default 2 s.
    pub connect: Duration,
    /// Limits the time between two reads. Default 60 s.
    pub read: Duration,
    /// Limits the time between two writes. Default 60 s.
    pub write: Duration,
}

impl Default for UpstreamTimeouts {
    fn default() -> Self {
        let minute = Duration::from_mins(1);
        Self { connect: Duration::from_secs(2), read: minute, write: minute }
    }
}

/// Says which header names carry the identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum IdentityPreset {
    /// Uses `X-User-Id`, `X-User-Email`, `X-User-Name`, `X-User-Roles`.
    #[default]
    XUser,
    /// Uses `Remote-User`, `Remote-Email`, `Remote-Name`, `Remote-Groups`.
    RemoteUser,
    /// Uses `X-Forwarded-User`, `X-Forwarded-Email`, `X-Forwarded-Preferred-Username`, `X-Forwarded-Groups`.
    XForwardedUser,
    /// Uses `X-Auth-Request-User`, `X-Auth-Request-Email`, `X-Auth-Request-Preferred-Username`,
    /// `X-Auth-Request-Groups`.
    XAuthRequest,
}
