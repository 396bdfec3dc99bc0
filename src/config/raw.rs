//! The serde mirror of gateway.yaml: every key, no logic. The doc comments are the descriptions in the JSON Schema.
//!
//! Everything may be absent here; what must be there, and what a value may be, is `compile`'s business, so that all
//! mistakes are found in one go.

mod auth;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

pub(super) use self::auth::{
    Auth, Blocklist, CheckMode, EmailVerification, EndpointRateLimit, Password, Provider, Session, SessionCheck,
};
use super::text::{SecretText, Secrets, Text};
use crate::{
    observe::LogFormat,
    proxy::{Balance, IdentityPreset},
    routes::{CorsBy, CrossOriginWrites, OnUnauthenticated, RatePer},
    store::Pooler,
};

/// The configuration of an AuthGate gateway.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "gateway.yaml")]
pub(super) struct Raw {
    /// Where the gateway listens and how it is reached.
    pub(super) server: Server,
    /// The PostgreSQL database.
    pub(super) database: Database,
    /// At least 32 bytes from the environment or a file, for example made by `openssl rand -base64 32`. A list rotates:
    /// the first signs and seals, all verify and open.
    #[schemars(required)]
    pub(super) secret: Option<Secrets>,
    /// The backends by name.
    pub(super) upstreams: BTreeMap<String, Upstream>,
    /// The route table. The first match wins; a request that matches none is refused.
    pub(super) routes: Vec<Route>,
    /// How the backends learn who is asking.
    pub(super) identity: Identity,
    /// Sign-up, sign-in and sessions.
    pub(super) auth: Auth,
    /// How mail leaves.
    pub(super) mail: Mail,
    /// For how long what is of use to operators only is kept.
    pub(super) retention: Retention,
    /// City and country on sessions.
    pub(super) geoip: Option<GeoIp>,
    /// The gateway's own log and its access log.
    pub(super) log: Log,
}

/// Where the gateway listens and how it is reached.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Server {
    /// Addresses of the public listener, each an IP address with a port. Default: `127.0.0.1:8080`.
    pub(super) listen: Option<Vec<Text>>,
    /// How people reach the gateway, as an origin: `https://app.example.com`. Links and redirects are built from it,
    /// never from a request.
    #[schemars(required)]
    pub(super) public_url: Option<Text>,
    /// Allows a `public_url` of plain http that is not on loopback: passwords and cookies then cross the network
    /// readable. Default: false.
    pub(super) insecure_public_url: Option<bool>,
    /// Address of `/healthz`, `/readyz` and `/metrics`. Default: `127.0.0.1:9090`.
    pub(super) ops_listen: Option<Text>,
    /// Threads that serve requests, 1 to 512. Default: the processor's.
    pub(super) threads: Option<usize>,
    /// TLS on the public listener. Default: none, something in front speaks it.
    pub(super) tls: Option<Tls>,
    /// Whether browsers are told, for a year at a time, to come by https only (`Strict-Transport-Security`). Default: where
    /// `public_url` is https and not of this machine.
    pub(super) hsts: Option<bool>,
    /// Requests under way at a time; further ones are answered with 503 and `Retry-After`. 100 to 1,000,000. Default:
    /// 20000.
    pub(super) max_requests: Option<usize>,
    /// Memory for answers that clients do not take, `16MiB` or more. Beyond it the connections that leave most unread
    /// are closed. Default: `512MiB`.
    pub(super) max_unread: Option<Text>,
    /// Addresses in clear at which everybody is sent to `public_url`. Default: none.
    pub(super) redirect_listen: Vec<Text>,
    /// Whether trusted proxies begin each connection with a PROXY protocol header; nobody else may connect then.
    /// Default: false.
    pub(super) proxy_protocol: Option<bool>,
    /// Addresses or CIDRs of proxies in front, whose forwarding headers are believed. Default: none.
    pub(super) trusted_proxies: Vec<Text>,
    /// Further accepted `Host` values, `host` or `host:port`. `public_url`'s is always accepted.
    pub(super) hosts: Vec<Text>,
}

/// Certificate and key of the public listener.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Tls {
    /// PEM file with the certificate chain.
    #[schemars(required)]
    pub(super) cert_file: Option<Text>,
    /// PEM file with the private key.
    #[schemars(required)]
    pub(super) key_file: Option<Text>,
}

/// The PostgreSQL database.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Database {
    /// `postgres://user:password@host:port/database`, from the environment or a file.
    #[schemars(required)]
    pub(super) url: Option<SecretText>,
    /// The same database past a pooler, for migrations, locks and LISTEN. Default: `url`.
    pub(super) direct_url: Option<SecretText>,
    /// Connections of this process, 1 to 1000. Default: 16.
    pub(super) max_connections: Option<u32>,
    /// What stands between. Default: none. `transaction` needs `direct_url`.
    pub(super) pooler: Option<Pooler>,
}

/// A backend.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Upstream {
    /// `http://host:port`, `https://host` or `unix:/path/of/socket` of each server.
    #[schemars(required)]
    pub(super) servers: Option<Vec<Text>>,
    /// How a server is chosen among several. Default: `round_robin`.
    pub(super) balance: Option<Balance>,
    /// Speak HTTP/2: by agreement with `https://` servers, without asking with the others. Default: false.
    pub(super) http2: Option<bool>,
    /// For `https://` servers. Default: the system's authorities, no certificate of our own.
    pub(super) tls: Option<UpstreamTls>,
    /// How long to wait.
    pub(super) timeouts: Timeouts,
    /// Leaves out servers that do not answer. Default: none; servers that fail requests are left out for a while.
    pub(super) health_check: Option<HealthCheck>,
    /// The `aud` claim of assertions for this backend. Default: `identity.assertion.audience`.
    pub(super) audience: Option<Text>,
}

/// How backends are verified, and what is shown to them.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct UpstreamTls {
    /// PEM file with the only authorities to trust. Default: the system's.
    pub(super) ca_file: Option<Text>,
    /// PEM file with a certificate chain for servers that ask for one.
    pub(super) cert_file: Option<Text>,
    /// PEM file with its key.
    pub(super) key_file: Option<Text>,
    /// The name that the server's certificate has to be for. Default: the host of its URL.
    pub(super) server_name: Option<Text>,
}

/// How long to wait for a backend.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Timeouts {
    /// For the connection. Default: `2s`.
    pub(super) connect: Option<Text>,
    /// Between two reads. Default: `60s`.
    pub(super) read: Option<Text>,
    /// Between two writes. Default: `60s`.
    pub(super) write: Option<Text>,
}

/// How servers are probed.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct HealthCheck {
    /// What is requested, for example `/health`; a status from 200 to 399 is healthy.
    #[schemars(required)]
    pub(super) path: Option<Text>,
    /// How often. Default: `5s`.
    pub(super) interval: Option<Text>,
    /// For a whole probe. Default: `2s`.
    pub(super) timeout: Option<Text>,
    /// Failed probes in a row that leave a server out. Default: 3.
    pub(super) unhealthy_after: Option<u32>,
    /// Passed probes in a row that take it back. Default: 2.
    pub(super) healthy_after: Option<u32>,
}

/// One route.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Route {
    /// Unique name for logs and metrics: 1 to 64 of `a-z 0-9 _ -`, not beginning with `_`.
    #[schemars(required)]
    pub(super) name: Option<Text>,
    /// Which requests.
    #[serde(rename = "match")]
    pub(super) matches: Match,
    /// Name of the upstream that answers.
    #[schemars(required)]
    pub(super) upstream: Option<Text>,
    /// Who may: there is no default.
    #[schemars(required)]
    pub(super) access: Option<Access>,
    /// With `access: required`: only users with one of these roles.
    pub(super) roles: Option<Vec<Text>>,
    /// Whether WebSocket upgrades pass. Default: false.
    pub(super) websocket: Option<bool>,
    /// Limits requests, in each replica by itself. Default: no limit.
    pub(super) rate_limit: Option<RouteRateLimit>,
    /// In place of the upstream's timeouts.
    pub(super) timeouts: RouteTimeouts,
    /// Largest request body, for example `50MiB`. Default: no limit.
    pub(super) max_body: Option<Text>,
    /// What an anonymous request to a required route gets. Default: auto.
    pub(super) on_unauthenticated: Option<OnUnauthenticated>,
    /// Who says which pages of other origins may read the answers. Default: gateway.
    pub(super) cors: Option<CorsBy>,
    /// What becomes of cookie-authenticated requests that change something and do not come from a trusted origin.
    /// Default: refuse.
    pub(super) cross_origin_writes: Option<CrossOriginWrites>,
}

/// How long to wait for the backend of one route.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RouteTimeouts {
    /// Between two reads. Default: the upstream's.
    pub(super) read: Option<Text>,
    /// Between two writes. Default: the upstream's.
    pub(super) write: Option<Text>,
}

/// Which requests a route takes.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Match {
    /// `/items/*` (one segment), `/items/{id}` (one segment), `/items/**` (itself and everything below).
    #[schemars(required)]
    pub(super) path: Option<Text>,
    /// Methods in upper case; `GET` covers `HEAD`. Default: all.
    pub(super) methods: Option<Vec<Text>>,
    /// Accepted host names, lower case, without port. Default: all.
    pub(super) hosts: Option<Vec<Text>>,
}

/// Who may use a route.
#[derive(Deserialize, JsonSchema, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Access {
    /// Anybody; the credential is not looked at.
    Public,
    /// Anybody; whoever has a session is named to the upstream.
    Optional,
    /// Only with a session.
    Required,
}

/// A limit on requests to a route.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RouteRateLimit {
    /// Who is counted.
    #[schemars(required)]
    pub(super) per: Option<RatePer>,
    /// Requests that may come at once; they come back evenly over the window.
    #[schemars(required)]
    pub(super) limit: Option<u32>,
    /// Length of the window, at most 24h. Default: `1m`.
    pub(super) window: Option<Text>,
}

/// How the backends learn who is asking.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Identity {
    /// Names of the headers. Default: x-user.
    pub(super) headers: Option<IdentityPreset>,
    /// A signed token for the backend, which verifies it with the keys at `/jwks`. Default: none.
    pub(super) assertion: Option<Assertion>,
}

/// A signed token for the backend.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Assertion {
    /// Header that carries it. Default: `X-Identity-Assertion`.
    pub(super) header: Option<Text>,
    /// Its `aud` claim where the backend has no `audience` of its own. Default: the backend's name.
    pub(super) audience: Option<Text>,
    /// How long it is valid, `30s` to `5m`. Default: `60s`.
    pub(super) ttl: Option<Text>,
}

/// How mail leaves.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Mail {
    /// Sender: `App <no-reply@example.com>`.
    #[schemars(required)]
    pub(super) from: Option<Text>,
    /// Exactly one of `smtp`, `directory` and `console`.
    #[schemars(required)]
    pub(super) transport: Option<Transport>,
}

/// Exactly one of `smtp`, `directory` and `console`.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Transport {
    /// `smtps://user@host:465` or `smtp://user@host:587?tls=required`; the password comes separately.
    pub(super) smtp: Option<Text>,
    /// Of the SMTP user, from the environment or a file.
    pub(super) password: Option<SecretText>,
    /// Folder for one `.eml` file a message.
    pub(super) directory: Option<Text>,
    /// Messages are printed to standard output. For development only.
    pub(super) console: Option<bool>,
}

/// For how long what is of use to operators only is kept.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Retention {
    /// The security journal, which holds addresses and user agents. At least `1d`. Default: `90d`.
    pub(super) audit_events: Option<Text>,
    /// Mail that could not be delivered. Default: `30d`.
    pub(super) failed_mail: Option<Text>,
}

/// City and country on sessions.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct GeoIp {
    /// An `.mmdb` file with cities or countries, such as `GeoLite2-City.mmdb`. Relative to the folder of this file; read
    /// at start.
    #[schemars(required)]
    pub(super) database: Option<Text>,
}

/// The gateway's own log and its access log.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Log {
    /// Default: json.
    pub(super) format: Option<LogFormat>,
    /// `error`, `warn`, `info`, `debug`, `trace`, or a filter such as `info,authgate=debug`. Default: info.
    pub(super) level: Option<Text>,
}
