//! The serde mirror of gateway.yaml: every key, no logic. The doc comments are the descriptions in the JSON Schema.
//!
//! Everything may be absent here; what must be there, and what a value may be, is `compile`'s business, so that all
//! mistakes are found in one go.

pub(crate) mod auth;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) use self::auth::{
    AdditionalField, Auth, Avatars, Blocklist, CheckMode, CookiePrefix, EmailVerification, EndpointRateLimit,
    FieldDefault, Jwt, Password, Provider, Session, SessionCheck, SignUp,
};
use crate::{
    config::source::text::{SecretText, Secrets, Text},
    observe::LogFormat,
    proxy::{Balance, IdentityPreset},
    routing::{CorsBy, CrossOriginWrites, OnUnauthenticated, RatePer},
    store::Pooler,
};

/// The configuration of an AuthGate gateway.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "gateway.yaml")]
pub(crate) struct Raw {
    /// Where the gateway listens and how it is reached.
    pub(crate) server: Server,
    /// The PostgreSQL database.
    pub(crate) database: Database,
    /// At least 32 bytes from the environment or a file, for example made by `openssl rand -base64 32`. A list rotates:
    /// the first signs and seals, all verify and open.
    #[schemars(required)]
    pub(crate) secret: Option<Secrets>,
    /// The backends by name.
    pub(crate) upstreams: BTreeMap<String, Upstream>,
    /// The route table. The first match wins; a request that matches none is refused.
    pub(crate) routes: Vec<Route>,
    /// How the backends learn who is asking.
    pub(crate) identity: Identity,
    /// Sign-up, sign-in and sessions.
    pub(crate) auth: Auth,
    /// How mail leaves.
    pub(crate) mail: Mail,
    /// For how long what is of use to operators only is kept.
    pub(crate) retention: Retention,
    /// City and country on sessions.
    pub(crate) geoip: Option<GeoIp>,
    /// The gateway's own log and its access log.
    pub(crate) log: Log,
}

/// Where the gateway listens and how it is reached.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Server {
    /// Addresses of the public listener, each an IP address with a port. Default: `127.0.0.1:8080`.
    pub(crate) listen: Option<Vec<Text>>,
    /// How people reach the gateway, as an origin: `https://app.example.com`. Links and redirects are built from it,
    /// never from a request.
    #[schemars(required)]
    pub(crate) public_url: Option<Text>,
    /// Allows a `public_url` of plain http that is not on loopback: passwords and cookies then cross the network
    /// readable. Default: false.
    pub(crate) insecure_public_url: Option<bool>,
    /// Address of `/healthz`, `/readyz` and `/metrics`. Default: `127.0.0.1:9090`.
    pub(crate) ops_listen: Option<Text>,
    /// Threads that serve requests, 1 to 512. Default: the processor's.
    pub(crate) threads: Option<usize>,
    /// TLS on the public listener. Default: none, something in front speaks it.
    pub(crate) tls: Option<Tls>,
    /// Whether browsers are told, for a year at a time, to come by https only (`Strict-Transport-Security`). Default: where
    /// `public_url` is https and not of this machine.
    pub(crate) hsts: Option<bool>,
    /// Requests under way at a time; further ones are answered with 503 and `Retry-After`. 100 to 1,000,000. Default:
    /// 20000.
    pub(crate) max_requests: Option<usize>,
    /// Memory for answers that clients do not take, `16MiB` or more. Beyond it the connections that leave most unread
    /// are closed. Default: `512MiB`.
    pub(crate) max_unread: Option<Text>,
    /// Plaintext addresses at which everybody is sent to `public_url`. Default: none.
    pub(crate) redirect_listen: Vec<Text>,
    /// Whether trusted proxies begin each connection with a PROXY protocol header; nobody else may connect then.
    /// Default: false.
    pub(crate) proxy_protocol: Option<bool>,
    /// Addresses or CIDRs of proxies in front, whose forwarding headers are believed. Default: none.
    pub(crate) trusted_proxies: Vec<Text>,
    /// Further accepted `Host` values, `host` or `host:port`. `public_url`'s is always accepted.
    pub(crate) hosts: Vec<Text>,
}

/// Certificate and key of the public listener.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Tls {
    /// PEM file with the certificate chain.
    #[schemars(required)]
    pub(crate) cert_file: Option<Text>,
    /// PEM file with the private key.
    #[schemars(required)]
    pub(crate) key_file: Option<Text>,
}

/// The PostgreSQL database.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Database {
    /// `postgres://user:password@host:port/database`, from the environment or a file.
    #[schemars(required)]
    pub(crate) url: Option<SecretText>,
    /// The same database past a pooler, for migrations, locks and LISTEN. Default: `url`.
    pub(crate) direct_url: Option<SecretText>,
    /// Connections of this process, 1 to 1000. Default: 16.
    pub(crate) max_connections: Option<u32>,
    /// What stands between. Default: none. `transaction` needs `direct_url`.
    pub(crate) pooler: Option<Pooler>,
}

/// A backend.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Upstream {
    /// `http://host:port`, `https://host` or `unix:/path/of/socket` of each server.
    #[schemars(required)]
    pub(crate) servers: Option<Vec<Text>>,
    /// How a server is chosen among several. Default: `round_robin`.
    pub(crate) balance: Option<Balance>,
    /// Speak HTTP/2: by agreement with `https://` servers, without asking with the others. Default: false.
    pub(crate) http2: Option<bool>,
    /// For `https://` servers. Default: the system's authorities, no certificate of our own.
    pub(crate) tls: Option<UpstreamTls>,
    /// How long to wait.
    pub(crate) timeouts: Timeouts,
    /// Leaves out servers that do not answer. Default: none; servers that fail requests are left out for a while.
    pub(crate) health_check: Option<HealthCheck>,
    /// The `aud` claim of assertions for this backend. Default: `identity.assertion.audience`.
    pub(crate) audience: Option<Text>,
}

/// How backends are verified, and what is shown to them.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct UpstreamTls {
    /// PEM file with the only authorities to trust. Default: the system's.
    pub(crate) ca_file: Option<Text>,
    /// PEM file with a certificate chain for servers that ask for one.
    pub(crate) cert_file: Option<Text>,
    /// PEM file with its key.
    pub(crate) key_file: Option<Text>,
    /// The name that the server's certificate has to be for. Default: the host of its URL.
    pub(crate) server_name: Option<Text>,
}

/// How long to wait for a backend.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Timeouts {
    /// For the connection. Default: `2s`.
    pub(crate) connect: Option<Text>,
    /// Between two reads. Default: `60s`.
    pub(crate) read: Option<Text>,
    /// Between two writes. Default: `60s`.
    pub(crate) write: Option<Text>,
}

/// How servers are probed.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct HealthCheck {
    /// What is requested, for example `/health`; a status from 200 to 399 is healthy.
    #[schemars(required)]
    pub(crate) path: Option<Text>,
    /// How often. Default: `5s`.
    pub(crate) interval: Option<Text>,
    /// For a whole probe. Default: `2s`.
    pub(crate) timeout: Option<Text>,
    /// Failed probes in a row that leave a server out. Default: 3.
    pub(crate) unhealthy_after: Option<u32>,
    /// Passed probes in a row that take it back. Default: 2.
    pub(crate) healthy_after: Option<u32>,
}

/// One route.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Route {
    /// Unique name for logs and metrics: 1 to 64 of `a-z 0-9 _ -`, not beginning with `_`.
    #[schemars(required)]
    pub(crate) name: Option<Text>,
    /// Which requests.
    #[serde(rename = "match")]
    pub(crate) matches: Match,
    /// Name of the upstream that answers.
    #[schemars(required)]
    pub(crate) upstream: Option<Text>,
    /// Who may: there is no default.
    #[schemars(required)]
    pub(crate) access: Option<Access>,
    /// By what a request may be recognised here; the rest is not looked at. Without bearer, `Authorization` is the
    /// backend's and passes untouched. Default: cookie, bearer and `api_key`.
    pub(crate) credentials: Option<Vec<Credential>>,
    /// With `access: required`: only users with one of these roles.
    pub(crate) roles: Option<Vec<Text>>,
    /// Whether WebSocket upgrades pass. Default: false.
    pub(crate) websocket: Option<bool>,
    /// Limits requests, in each replica by itself. Default: no limit.
    pub(crate) rate_limit: Option<RouteRateLimit>,
    /// In place of the upstream's timeouts.
    pub(crate) timeouts: RouteTimeouts,
    /// Largest request body, for example `50MiB`. Default: no limit.
    pub(crate) max_body: Option<Text>,
    /// What an anonymous request to a required route gets. Default: auto.
    pub(crate) on_unauthenticated: Option<OnUnauthenticated>,
    /// Who says which pages of other origins may read the answers. Default: gateway.
    pub(crate) cors: Option<CorsBy>,
    /// What becomes of cookie-authenticated requests that change something and do not come from a trusted origin.
    /// Default: refuse.
    pub(crate) cross_origin_writes: Option<CrossOriginWrites>,
}

/// How long to wait for the backend of one route.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RouteTimeouts {
    /// Between two reads. Default: the upstream's.
    pub(crate) read: Option<Text>,
    /// Between two writes. Default: the upstream's.
    pub(crate) write: Option<Text>,
}

/// Which requests a route takes.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Match {
    /// `/items/*` (one segment), `/items/{id}` (one segment), `/items/**` (itself and everything below).
    #[schemars(required)]
    pub(crate) path: Option<Text>,
    /// Methods in upper case; `GET` covers `HEAD`. Default: all.
    pub(crate) methods: Option<Vec<Text>>,
    /// Accepted host names, lower case, without port. Default: all.
    pub(crate) hosts: Option<Vec<Text>>,
}

/// What a request can be recognised by.
#[derive(Deserialize, JsonSchema, Serialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Credential {
    /// The session cookie.
    Cookie,
    /// A session token or a JSON Web Token in `Authorization`.
    Bearer,
    /// An API key. There are none yet.
    ApiKey,
}

/// Who may use a route.
#[derive(Deserialize, Serialize, JsonSchema, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Access {
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
pub(crate) struct RouteRateLimit {
    /// Who is counted.
    #[schemars(required)]
    pub(crate) per: Option<RatePer>,
    /// Requests that may come at once; they come back evenly over the window.
    #[schemars(required)]
    pub(crate) limit: Option<u32>,
    /// Length of the window, at most 24h. Default: `1m`.
    pub(crate) window: Option<Text>,
}

/// How the backends learn who is asking.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Identity {
    /// Names of the headers. Default: x-user.
    pub(crate) headers: Option<IdentityPreset>,
    /// A signed token for the backend, which verifies it with the keys at `/jwks`. Default: none.
    pub(crate) assertion: Option<Assertion>,
}

/// A signed token for the backend.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Assertion {
    /// Header that carries it. With `Authorization` it is sent as `Bearer …`, in place of the client's own. Default:
    /// `X-Identity-Assertion`.
    pub(crate) header: Option<Text>,
    /// What it is signed with. Default: `EdDSA`.
    pub(crate) algorithm: Option<AssertionAlgorithm>,
    /// With HS256: the secret that the backends share, from the environment or a file, of at least 32 bytes and nobody
    /// else's. A list rotates: the first signs.
    pub(crate) key: Option<Secrets>,
    /// Its `iss` claim. Default: the origin of `public_url`.
    pub(crate) issuer: Option<Text>,
    /// Its `aud` claim where the backend has no `audience` of its own. Default: the backend's name.
    pub(crate) audience: Option<Text>,
    /// How long it is valid, `30s` to `5m`. Default: `60s`.
    pub(crate) ttl: Option<Text>,
}

/// What a token is signed with.
#[derive(Deserialize, JsonSchema, Serialize, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum AssertionAlgorithm {
    /// Ed25519: what most libraries verify. The keys are at `/jwks`.
    #[default]
    #[serde(rename = "EdDSA")]
    EdDsa,
    /// ECDSA on P-256, for libraries that know no `EdDSA`, such as python-jose. The keys are at `/jwks`.
    #[serde(rename = "ES256")]
    Es256,
    /// A secret that the backends share, for those that verify no other. It needs `key`.
    #[serde(rename = "HS256")]
    Hs256,
}

/// How mail leaves.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Mail {
    /// Sender: `App <no-reply@example.com>`.
    #[schemars(required)]
    pub(crate) from: Option<Text>,
    /// Exactly one of `smtp`, `directory` and `console`.
    #[schemars(required)]
    pub(crate) transport: Option<Transport>,
}

/// Exactly one of `smtp`, `directory` and `console`.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Transport {
    /// `smtps://user@host:465` or `smtp://user@host:587?tls=required`; the password comes separately.
    pub(crate) smtp: Option<Text>,
    /// Of the SMTP user, from the environment or a file.
    pub(crate) password: Option<SecretText>,
    /// Folder for one `.eml` file a message.
    pub(crate) directory: Option<Text>,
    /// Messages are printed to standard output. For development only.
    pub(crate) console: Option<bool>,
}

/// For how long what is of use to operators only is kept.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Retention {
    /// The audit log, which holds addresses and user agents. At least `1d`. Default: `90d`.
    pub(crate) audit_events: Option<Text>,
    /// Mail that could not be delivered. Default: `30d`.
    pub(crate) failed_mail: Option<Text>,
}

/// City and country on sessions.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct GeoIp {
    /// An `.mmdb` file with cities or countries, such as `GeoLite2-City.mmdb`. Relative to the folder of this file; read
    /// at start.
    #[schemars(required)]
    pub(crate) database: Option<Text>,
}

/// The gateway's own log and its access log.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Log {
    /// Default: json.
    pub(crate) format: Option<LogFormat>,
    /// `error`, `warn`, `info`, `debug`, `trace`, or a filter such as `info,authgate=debug`. Default: info.
    pub(crate) level: Option<Text>,
}
