//! What is measured, for the clock (`hot_paths.rs`) and for the count of instructions (`instructions.rs`) alike.

use std::sync::Arc;

use authgate::{
    policy::RequestFacts,
    proxy::header_filter::{self, HeaderFilter, RequestHeader},
    routing::{
        Access, CanonicalPath, CorsBy, CrossOriginWrites, OnUnauthenticated, PathPattern, Requirements, Route, Routes,
        UpstreamId,
    },
    sessions::{CookieNames, CookieSettings, SameSite},
    types::{AcceptedCredentials, ActiveSession, ActiveUser, Activity, Credential, Identity, Principal, SessionToken},
};
use http::{HeaderMap, HeaderName, HeaderValue};
use time::OffsetDateTime;

// The binary's, since most of what is measured allocates.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

pub(crate) const HOST: &str = "app.example.com";
pub(crate) const COOKIE_NAMES: CookieNames<'static> = CookieNames {
    single: [
        "__Host-authgate_session",
        "__Host-authgate_device",
        "__Host-authgate_oauth",
        "__Host-authgate_sign_up",
        "__Host-authgate_two_factor",
        "__Host-authgate_trusted_device",
        "__Host-authgate_passkey",
        "__Host-authgate_admin_session",
        "__Host-authgate_form",
    ],
    device_session_prefix: "__Host-authgate_multi-",
    better_auth: None,
};

/// The cookie whose value opens a session.
pub(crate) fn cookie() -> CookieSettings {
    let name = COOKIE_NAMES.single[0].to_owned();
    CookieSettings { name, secure: true, same_site: SameSite::Lax, domain: None, better_auth: None }
}

const TOKEN: &str = "h2nL8w0pQeXo5v1cY7tZ_rKbJ4mD-9sUaGfWiN3xT6E";

/// A path that is canonical already, as nearly all are.
pub(crate) const PLAIN_PATH: &str = "/api/v1/orders/4711/items";
/// Hardly longer, with escapes to undo, to keep, and to write in upper case.
pub(crate) const ESCAPED_PATH: &str = "/%61pi/caf%c3%a9/4711%20it";

/// So many routes of one shape, and a path that the last of them takes: each is tried and differs late.
pub(crate) fn table(routes: usize) -> (Routes, CanonicalPath) {
    let pattern = |number: usize| format!("/api/v1/resource-{number:04}");
    let path = CanonicalPath::parse(&format!("{}/4711", pattern(routes))).expect("a canonical path");
    let route = |number| Route {
        name: format!("resource-{number}"),
        path: PathPattern::parse(&format!("{}/**", pattern(number))).expect("a pattern"),
        methods: Vec::new(),
        hosts: Vec::new(),
        upstream: UpstreamId(0),
        access: roles(),
        require: Requirements::default(),
        credentials: AcceptedCredentials::ALL,
        on_unauthenticated: OnUnauthenticated::default(),
        websocket: false,
        max_body: None,
        rate_limit: None,
        timeouts: None,
        cors: CorsBy::default(),
        cross_origin_writes: CrossOriginWrites::default(),
    };
    (Routes::new((1..=routes).map(route).collect()), path)
}

/// A browser's request: 15 fields, among them one that claims an identity and one with three cookies, of which ours is
/// the last.
pub(crate) fn browser_fields() -> HeaderMap {
    let cookies = format!("_ga=GA1.1.1187643321.1731999999; theme=dark; {}={TOKEN}", COOKIE_NAMES.single[0]);
    let mut fields = HeaderMap::new();
    for (name, value) in [
        ("host", HOST),
        ("connection", "keep-alive"),
        ("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
        ("accept", "application/json, text/plain, */*"),
        ("accept-language", "en-GB,en;q=0.8,de;q=0.5"),
        ("accept-encoding", "gzip, deflate, br, zstd"),
        ("referer", "https://app.example.com/orders"),
        ("sec-fetch-dest", "empty"),
        ("sec-fetch-mode", "cors"),
        ("sec-fetch-site", "same-origin"),
        ("priority", "u=4"),
        ("cache-control", "no-cache"),
        ("x-forwarded-for", "198.51.100.7"),
        ("x-user-id", "somebody-else"),
        ("cookie", &cookies),
    ] {
        fields.append(HeaderName::from_static(name), HeaderValue::from_str(value).expect("a value"));
    }
    fields
}

/// The filter of the browser's request, and the request itself.
pub(crate) fn header_filter() -> (HeaderFilter, RequestHeader) {
    let fields = browser_fields();
    (HeaderFilter::new(Some(session()), &fields, COOKIE_NAMES), header_filter::request(&fields))
}

pub(crate) fn token() -> SessionToken {
    SessionToken::parse(TOKEN).expect("a token")
}

/// A route for two roles, somebody who has the second, and a write from a page of the application itself.
pub(crate) fn decision() -> (Access, Identity, RequestFacts) {
    let identity = Identity::Session { session: Arc::new(session()), credential: Credential::Cookie };
    (
        roles(),
        identity,
        RequestFacts { is_sensitive: true, is_from_trusted_origin: true, received_at: OffsetDateTime::UNIX_EPOCH },
    )
}

fn roles() -> Access {
    Access::Required { roles: vec!["support".to_owned(), "admin".to_owned()] }
}

fn session() -> ActiveSession {
    ActiveSession {
        session_id: "01976a6f-0000-7000-8000-000000000000".parse().expect("a session id"),
        principal: Principal::User {
            user: ActiveUser {
                id: "01976a6f-0000-7000-8000-000000000001".parse().expect("a user id"),
                email: "alice@example.com".parse().expect("an address"),
                email_verified: true,
                name: "Alice Example".to_owned(),
                roles: vec!["user".to_owned(), "admin".to_owned()],
                additional_fields: serde_json::Value::Null,
                has_two_factor: false,
                organization: None,
            },
            api_key: None,
        },
        auth_method: "password".to_owned(),
        second_factor: None,
        impersonated_by: None,
        proved_at: OffsetDateTime::UNIX_EPOCH,
        expires_at: OffsetDateTime::UNIX_EPOCH,
        is_remembered: true,
        activity: Activity::Recorded,
    }
}
