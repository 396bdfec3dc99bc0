//! Mirrors gateway.yaml for serde: every key, no logic. The doc comments are the descriptions in the JSON Schema.
//!
//! Everything may be absent here; what must be there, and what a value may be, is `compile`'s business, so that all
//! mistakes are found in one go.

pub(crate) mod auth;
pub(crate) mod pages;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) use self::auth::{
    AdditionalField, Admin, ApiKeys, Auth, Avatars, BetterAuth, Blocklist, CheckMode, CookiePrefix, EmailOtp,
    EmailVerification, EndpointRateLimit, FieldDefault, Impersonation, Jwt, MagicLink, MultiSession, Organizations,
    Passkeys, Password, Provider, Session, SessionCheck, SignUp, Teams, TwoFactor, Username,
};
pub(crate) use self::pages::{Pages, PagesAdmin};
use crate::{
    config::source::text::{SecretText, Secrets, Text},
    observe::LogFormat,
    proxy::{Balance, IdentityPreset},
    routing::{CorsBy, CrossOriginWrites, OnUnauthenticated, RatePer},
    store::Pooler,
};

/// Configures an AuthGate gateway.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "gateway.yaml")]
pub(crate) struct Raw {
    /// Says where the gateway listens and how it is reached.
    pub(crate) server: Server,
    /// Describes the PostgreSQL database.
    pub(crate) database: Database,
    /// Is the gateway's secret, at least 32 bytes from the environment or a file, for example made by
    /// `openssl rand -base64 32`. A list rotates: the first signs and seals, all verify and open.
    #[schemars(required)]
    pub(crate) secret: Option<Secrets>,
    /// Lists the backends by name.
    pub(crate) upstreams: BTreeMap<String, Upstream>,
    /// Lists the routes. The first match wins; a request that matches none is refused.
    pub(crate) routes: Vec<Route>,
    /// Says how the backends learn who is asking.
    pub(crate) identity: Identity,
    /// Configures sign-up, sign-in and sessions.
    pub(crate) auth: Auth,
    /// Describes the built-in pages: sign-in, sign-up, account, administration.
    pub(crate) pages: Pages,
    /// Says how mail leaves.
    pub(crate) mail: Mail,
    /// Says for how long what is of use to operators only is kept.
    pub(crate) retention: Retention,
    /// Puts city and country on sessions.
    pub(crate) geoip: Option<GeoIp>,
    /// Configures the gateway's own log and its access log.
    pub(crate) log: Log,
}

/// Says where the gateway listens and how it is reached.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Server {
    /// Lists the addresses of the public listener, each an IP address with a port. Default: `127.0.0.1:8080`.
    pub(crate) listen: Option<Vec<Text>>,
    /// Says how people reach the gateway, as an origin: `https://app.example.com`. Links and redirects are built from
    /// it, never from a request.
    #[schemars(required)]
    pub(crate) public_url: Option<Text>,
    /// Allows a `public_url` of plain http that is not on loopback: passwords and cookies then cross the network
    /// readable. Default: false.
    pub(crate) insecure_public_url: Option<bool>,
    /// Is the address of `/healthz`, `/readyz` and `/metrics`. Default: `127.0.0.1:9090`.
    pub(crate) ops_listen: Option<Text>,
    /// Counts the threads that serve requests, 1 to 512. Default: the processor's.
    pub(crate) threads: Option<usize>,
    /// Puts TLS on the public listener. Default: none, something in front speaks it.
    pub(crate) tls: Option<Tls>,
    /// Says whether browsers are told, for a year at a time, to come by https only (`Strict-Transport-Security`).
    /// Default: where `public_url` is https and not of this machine.
    pub(crate) hsts: Option<bool>,
    /// Limits the requests under way at a time, 100 to 1,000,000; further ones are answered with 503 and `Retry-After`.
    /// Default: 20000.
    pub(crate) max_requests: Option<usize>,
    /// Limits the memory for answers that clients do not take, `16MiB` or more. Beyond it the connections that leave
    /// most unread are closed. Default: `512MiB`.
    pub(crate) max_unread: Option<Text>,
    /// Lists plaintext addresses at which everybody is sent to `public_url`. Default: none.
    pub(crate) redirect_listen: Vec<Text>,
    /// Says whether trusted proxies begin each connection with a PROXY protocol header; nobody else may connect then.
    /// Default: false.
    pub(crate) proxy_protocol: Option<bool>,
    /// Lists the addresses or CIDRs of proxies in front, whose forwarding headers are believed. Default: none.
    pub(crate) trusted_proxies: Vec<Text>,
    /// Lists further accepted `Host` values, `host` or `host:port`. `public_url`'s is always accepted.
    pub(crate) hosts: Vec<Text>,
}

/// Names the certificate and key of the public listener.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Tls {
    /// Names the PEM file with the certificate chain.
    #[schemars(required)]
    pub(crate) cert_file: Option<Text>,
    /// Names the PEM file with the private key.
    #[schemars(required)]
    pub(crate) key_file: Option<Text>,
}

/// Describes the PostgreSQL database.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Database {
    /// Is the database's URL, `postgres://user:password@host:port/database`, from the environment or a file.
    #[schemars(required)]
    pub(crate) url: Option<SecretText>,
    /// Is the URL of the same database past a pooler, for migrations, locks and LISTEN. Default: `url`.
    pub(crate) direct_url: Option<SecretText>,
    /// Limits the connections of this process, 1 to 1000. Default: 16.
    pub(crate) max_connections: Option<u32>,
    /// Says what stands between; `transaction` needs `direct_url`. Default: none.
    pub(crate) pooler: Option<Pooler>,
}

/// Describes a backend.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Upstream {
    /// Lists each server as `http://host:port`, `https://host` or `unix:/path/of/socket`.
    #[schemars(required)]
    pub(crate) servers: Option<Vec<Text>>,
    /// Says how a server is chosen among several. Default: `round_robin`.
    pub(crate) balance: Option<Balance>,
    /// Speaks HTTP/2: by agreement with `https://` servers, without asking with the others. Default: false.
    pub(crate) http2: Option<bool>,
    /// Says how `https://` servers are verified. Default: the system's authorities, no certificate of our own.
    pub(crate) tls: Option<UpstreamTls>,
    /// Says how long to wait.
    pub(crate) timeouts: Timeouts,
    /// Leaves out servers that do not answer. Default: none; servers that fail requests are left out for a while.
    pub(crate) health_check: Option<HealthCheck>,
    /// Is the `aud` claim of assertions for this backend. Default: `identity.assertion.audience`.
    pub(crate) audience: Option<Text>,
}

/// Says how backends are verified, and what is shown to them.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct UpstreamTls {
    /// Names a PEM file with the only authorities to trust. Default: the system's.
    pub(crate) ca_file: Option<Text>,
    /// Names a PEM file with a certificate chain for servers that ask for one.
    pub(crate) cert_file: Option<Text>,
    /// Names a PEM file with its key.
    pub(crate) key_file: Option<Text>,
    /// Is the name that the server's certificate has to be for. Default: the host of its URL.
    pub(crate) server_name: Option<Text>,
}

/// Says how long to wait for a backend.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Timeouts {
    /// Limits the wait for the connection. Default: `2s`.
    pub(crate) connect: Option<Text>,
    /// Limits the time between two reads. Default: `60s`.
    pub(crate) read: Option<Text>,
    /// Limits the time between two writes. Default: `60s`.
    pub(crate) write: Option<Text>,
}

/// Says how servers are probed.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct HealthCheck {
    /// Says what is requested, for example `/health`; a status from 200 to 399 is healthy.
    #[schemars(required)]
    pub(crate) path: Option<Text>,
    /// Says how often servers are probed. Default: `5s`.
    pub(crate) interval: Option<Text>,
    /// Limits the time of a whole probe. Default: `2s`.
    pub(crate) timeout: Option<Text>,
    /// Counts the failed probes in a row that leave a server out. Default: 3.
    pub(crate) unhealthy_after: Option<u32>,
    /// Counts the passed probes in a row that take it back. Default: 2.
    pub(crate) healthy_after: Option<u32>,
}

/// Describes one route.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Route {
    /// Names the route in logs and metrics, uniquely: 1 to 64 of `a-z 0-9 _ -`, not beginning with `_`.
    #[schemars(required)]
    pub(crate) name: Option<Text>,
    /// Says which requests the route takes.
    #[serde(rename = "match")]
    pub(crate) matches: Match,
    /// Names the upstream that answers.
    #[schemars(required)]
    pub(crate) upstream: Option<Text>,
    /// Says who may; there is no default.
    #[schemars(required)]
    pub(crate) access: Option<Access>,
    /// Lists by what a request may be recognised here; the rest is not looked at. Without bearer, `Authorization` is
    /// the backend's and passes untouched. Default: cookie, bearer and `api_key`.
    pub(crate) credentials: Option<Vec<Credential>>,
    /// Lets, with `access: required`, only users with one of these roles pass.
    pub(crate) roles: Option<Vec<Text>>,
    /// Lets, with `access: required`, only users with one of these roles in their active organization pass: owner, admin,
    /// member.
    pub(crate) organization_roles: Option<Vec<Text>>,
    /// Lists what an API key has to be allowed here, each a `resource:action` of its permissions. Sessions are not
    /// limited by them. Default: nothing.
    pub(crate) scopes: Option<Vec<Text>>,
    /// Says what a session must have proved beside being live; for `access: required`. Default: nothing.
    pub(crate) require: Option<Require>,
    /// Says whether WebSocket upgrades pass. Default: false.
    pub(crate) websocket: Option<bool>,
    /// Limits requests, in each replica by itself. Default: no limit.
    pub(crate) rate_limit: Option<RouteRateLimit>,
    /// Takes the place of the upstream's timeouts.
    pub(crate) timeouts: RouteTimeouts,
    /// Limits the request body, for example to `50MiB`. Default: no limit.
    pub(crate) max_body: Option<Text>,
    /// Says what a request gets that has no session where one is required, or whose session has to prove more. Default:
    /// auto.
    pub(crate) on_unauthenticated: Option<OnUnauthenticated>,
    /// Says who says which pages of other origins may read the answers. Default: gateway.
    pub(crate) cors: Option<CorsBy>,
    /// Says what becomes of cookie-authenticated requests that change something and do not come from a trusted origin.
    /// Default: refuse.
    pub(crate) cross_origin_writes: Option<CrossOriginWrites>,
}

/// Says what a session must have proved.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Require {
    /// A second factor was proved in the session. Default: false.
    pub(crate) two_factor: Option<bool>,
    /// Its holder proved who they are within this time, `1m` to `30d`: by signing in, or with the password or a code
    /// later. Default: no limit.
    pub(crate) max_age: Option<Text>,
}

/// Says how long to wait for the backend of one route.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RouteTimeouts {
    /// Limits the time between two reads. Default: the upstream's.
    pub(crate) read: Option<Text>,
    /// Limits the time between two writes. Default: the upstream's.
    pub(crate) write: Option<Text>,
}

/// Says which requests a route takes.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Match {
    /// Is the pattern of the paths: `/items/*` (one segment), `/items/{id}` (one segment), `/items/**` (itself and
    /// everything below).
    #[schemars(required)]
    pub(crate) path: Option<Text>,
    /// Lists methods in upper case; `GET` covers `HEAD`. Default: all.
    pub(crate) methods: Option<Vec<Text>>,
    /// Lists accepted host names, lower case, without port. Default: all.
    pub(crate) hosts: Option<Vec<Text>>,
}

/// Says what a request can be recognised by.
#[derive(Deserialize, JsonSchema, Serialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Credential {
    /// Is the session cookie.
    Cookie,
    /// Is a session token or a JSON Web Token in `Authorization`.
    Bearer,
    /// Is an API key, where `auth.api_keys.enabled` is true.
    ApiKey,
}

/// Says who may use a route.
#[derive(Deserialize, Serialize, JsonSchema, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Access {
    /// Lets anybody pass; the credential is not looked at.
    Public,
    /// Lets anybody pass; whoever has a session is named to the upstream.
    Optional,
    /// Lets requests pass only with a session.
    Required,
}

/// Limits requests to a route.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RouteRateLimit {
    /// Says who is counted.
    #[schemars(required)]
    pub(crate) per: Option<RatePer>,
    /// Counts the requests that may come at once; they come back evenly over the window.
    #[schemars(required)]
    pub(crate) limit: Option<u32>,
    /// Is the length of the window, at most 24h. Default: `1m`.
    pub(crate) window: Option<Text>,
}

/// Says how the backends learn who is asking.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Identity {
    /// Names the headers. Default: x-user.
    pub(crate) headers: Option<IdentityPreset>,
    /// Describes a signed token for the backend, which verifies it with the keys at `/jwks`. Default: none.
    pub(crate) assertion: Option<Assertion>,
}

/// Describes a signed token for the backend.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Assertion {
    /// Names the header that carries it. With `Authorization` it is sent as `Bearer …`, in place of the client's own.
    /// Default: `X-Identity-Assertion`.
    pub(crate) header: Option<Text>,
    /// Says what it is signed with. Default: `EdDSA`.
    pub(crate) algorithm: Option<AssertionAlgorithm>,
    /// Is, with HS256, the secret that the backends share, from the environment or a file, of at least 32 bytes and
    /// nobody else's. A list rotates: the first signs.
    pub(crate) key: Option<Secrets>,
    /// Is its `iss` claim. Default: the origin of `public_url`.
    pub(crate) issuer: Option<Text>,
    /// Is its `aud` claim where the backend has no `audience` of its own. Default: the backend's name.
    pub(crate) audience: Option<Text>,
    /// Says how long it is valid, `30s` to `5m`. Default: `60s`.
    pub(crate) ttl: Option<Text>,
}

/// Says what a token is signed with.
#[derive(Deserialize, JsonSchema, Serialize, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum AssertionAlgorithm {
    /// Is Ed25519, which most libraries verify. The keys are at `/jwks`.
    #[default]
    #[serde(rename = "EdDSA")]
    EdDsa,
    /// Is ECDSA on P-256, for libraries that know no `EdDSA`, such as python-jose. The keys are at `/jwks`.
    #[serde(rename = "ES256")]
    Es256,
    /// Is a secret that the backends share, for those that verify no other. It needs `key`.
    #[serde(rename = "HS256")]
    Hs256,
}

/// Says how mail leaves.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Mail {
    /// Is the sender: `App <no-reply@example.com>`.
    #[schemars(required)]
    pub(crate) from: Option<Text>,
    /// Says where mail goes: it holds exactly one of `smtp`, `directory` and `console`.
    #[schemars(required)]
    pub(crate) transport: Option<Transport>,
}

/// Holds exactly one of `smtp`, `directory` and `console`.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Transport {
    /// Is the server's URL, `smtps://user@host:465` or `smtp://user@host:587?tls=required`; the password comes
    /// separately.
    pub(crate) smtp: Option<Text>,
    /// Is the password of the SMTP user, from the environment or a file.
    pub(crate) password: Option<SecretText>,
    /// Names the folder for one `.eml` file a message.
    pub(crate) directory: Option<Text>,
    /// Prints messages to standard output. This is for development only.
    pub(crate) console: Option<bool>,
}

/// Says for how long what is of use to operators only is kept.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Retention {
    /// Keeps the audit log, which holds addresses and user agents, for this long. At least `1d`. Default: `90d`.
    pub(crate) audit_events: Option<Text>,
    /// Keeps mail that could not be delivered for this long. Default: `30d`.
    pub(crate) failed_mail: Option<Text>,
}

/// Puts city and country on sessions.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct GeoIp {
    /// Names an `.mmdb` file with cities or countries, such as `GeoLite2-City.mmdb`. The path is relative to the folder
    /// of this file; the file is read at start.
    #[schemars(required)]
    pub(crate) database: Option<Text>,
}

/// Configures the gateway's own log and its access log.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Log {
    /// Says how lines are written. Default: json.
    pub(crate) format: Option<LogFormat>,
    /// Is the level: `error`, `warn`, `info`, `debug`, `trace`, or a filter such as `info,authgate=debug`. Default:
    /// info.
    pub(crate) level: Option<Text>,
}
