//! `server:`, `upstreams:` and `identity:` of gateway.yaml, compiled.

use std::{net::SocketAddr, time::Duration};

use ipnet::IpNet;

use crate::{
    auth::{AssertionSettings, CookieSettings},
    types::TrustedOrigins,
};

/// What the proxy needs to know beside the route table.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Accepted `Host` values, lower case, with port where one was configured or is not the scheme's default.
    /// `public_url`'s is the first.
    pub hosts: Vec<String>,
    /// `http` or `https`: what clients use, from `public_url`.
    pub public_scheme: &'static str,
    /// Peers whose forwarding headers are believed.
    pub trusted_proxies: Vec<IpNet>,
    pub identity_headers: IdentityPreset,
    /// The signed token beside them. Default: none.
    pub assertion: Option<AssertionSettings>,
    /// Where the auth surface is mounted.
    pub base_path: String,
    /// Origins that may send cookie-authenticated unsafe requests and open WebSockets.
    pub trusted_origins: TrustedOrigins,
    /// The session cookie, to be read, kept from upstreams, and renewed.
    pub cookie: CookieSettings,
    /// Where browser navigations go to sign in: a path or an absolute URL.
    pub sign_in_page: Option<String>,
    pub upstreams: Vec<Upstream>,
}

/// One entry of `upstreams:`.
#[derive(Debug, Clone)]
pub struct Upstream {
    pub name: String,
    /// At least one; used in turn.
    pub servers: Vec<UpstreamServer>,
    pub timeouts: UpstreamTimeouts,
}

/// A server of an upstream, resolved when the configuration was loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpstreamServer {
    /// As configured, for logs.
    pub url: String,
    pub address: SocketAddr,
}

/// `timeouts:` of an upstream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpstreamTimeouts {
    /// To establish the connection. Default 2 s.
    pub connect: Duration,
    /// Between two reads. Default 60 s.
    pub read: Duration,
    /// Between two writes. Default 60 s.
    pub write: Duration,
}

impl Default for UpstreamTimeouts {
    fn default() -> Self {
        let minute = Duration::from_mins(1);
        Self { connect: Duration::from_secs(2), read: minute, write: minute }
    }
}

/// Which header names carry the identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum IdentityPreset {
    /// `X-User-Id`, `X-User-Email`, `X-User-Name`, `X-User-Roles`.
    #[default]
    XUser,
    /// `Remote-User`, `Remote-Email`, `Remote-Name`, `Remote-Groups`.
    RemoteUser,
    /// `X-Forwarded-User`, `X-Forwarded-Email`, `X-Forwarded-Preferred-Username`, `X-Forwarded-Groups`.
    XForwardedUser,
    /// `X-Auth-Request-User`, `X-Auth-Request-Email`, `X-Auth-Request-Preferred-Username`, `X-Auth-Request-Groups`.
    XAuthRequest,
}
