//! Offers what the benches (benches/) and the fuzz targets (fuzz/) need of the proxy. It is part of no other build.

use std::net::IpAddr;

use http::HeaderMap;
pub use pingora::http::RequestHeader;
use time::OffsetDateTime;

use crate::{
    proxy::{
        identity::headers::{Authorization, IdentityNames, Outgoing, rewrite},
        request::forwarded::Forwarded,
        settings::IdentityPreset,
    },
    sessions::CookieNames,
    types::{ActiveSession, ActiveUser, Activity, Principal, RequestId, SessionId},
};

/// Names the cookie of the fuzzed gateway.
pub const COOKIE: &str = "sid";
/// Begins the names of the cookies that keep several sessions.
pub const DEVICE_SESSION_PREFIX: &str = "multi-";

/// Lists what is said of the one user of the fuzzed gateway.
pub const IDENTITY: [(&str, &str); 7] = [
    ("x-user-id", "u1"),
    ("x-user-email", "alice@example.com"),
    ("x-user-email-verified", "true"),
    ("x-user-name", "Alice"),
    ("x-user-roles", "admin,ops"),
    ("x-session-id", "01976a6f-0000-7000-8000-000000000000"),
    ("x-auth-method", "password"),
];

/// Makes a request with these fields.
///
/// # Panics
/// When a field cannot be sent.
#[must_use]
pub fn request(fields: &HeaderMap) -> RequestHeader {
    let mut request = RequestHeader::build("GET", b"/", None).expect("a request");
    for (name, value) in fields {
        request.append_header(name, value).expect("a field");
    }
    request
}

/// Holds what is known when the fields of a request are turned into those of its upstream.
#[derive(Debug)]
pub struct HeaderFilter {
    names: IdentityNames,
    session: Option<ActiveSession>,
    forwarded: Forwarded,
    request_id: RequestId,
    cookie_names: CookieNames<'static>,
}

impl HeaderFilter {
    /// Creates the filter of a request with these fields, and of the session whose cookie came with it.
    #[must_use]
    pub fn new(session: Option<ActiveSession>, fields: &HeaderMap, cookie_names: CookieNames<'static>) -> Self {
        Self {
            names: IdentityNames::new(IdentityPreset::XUser, None),
            session,
            forwarded: Forwarded::from_headers(IpAddr::from([192, 0, 2, 1]), fields, (&[], &|_| false), "https"),
            request_id: RequestId::generate(),
            cookie_names,
        }
    }

    /// Turns the client's fields into the upstream's, as for every request that is forwarded.
    ///
    /// # Panics
    /// When the rewriting fails, which no client may bring about.
    pub fn rewrite(&self, request: &mut RequestHeader) {
        let outgoing = Outgoing {
            names: &self.names,
            identity: self.session.as_ref(),
            assertion: None,
            authorization: Authorization::Filtered { is_own: &|_| false },
            forwarded: &self.forwarded,
            request_id: &self.request_id,
            cookie_names: self.cookie_names,
        };
        rewrite(request, &outgoing).expect("every request can be rewritten");
    }
}

/// Returns what the upstream of the fuzzed gateway sees of a request with these fields.
///
/// # Panics
/// When the rewriting fails, which no client may bring about.
#[must_use]
pub fn forwarded(sent: &HeaderMap, is_signed_in: bool) -> HeaderMap {
    let names = CookieNames {
        single: [COOKIE, "dev", "oauth", "sign_up", "two_factor", "trusted_device", "passkey", "admin", "form"],
        device_session_prefix: DEVICE_SESSION_PREFIX,
        better_auth: None,
    };
    let mut filter = HeaderFilter::new(is_signed_in.then(session), sent, names);
    filter.request_id = RequestId::from_trusted("request").expect("a request id");
    let mut request = request(sent);
    filter.rewrite(&mut request);
    request.headers.clone()
}

fn session() -> ActiveSession {
    let [(_, user), (_, email), _, (_, name), (_, roles), (_, session), _] = IDENTITY;
    ActiveSession {
        session_id: session.parse::<SessionId>().expect("a session id"),
        principal: Principal::User {
            user: ActiveUser {
                id: user.parse().expect("a user id"),
                email: email.parse().expect("an address"),
                email_verified: true,
                name: name.to_owned(),
                roles: roles.split(',').map(str::to_owned).collect(),
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
