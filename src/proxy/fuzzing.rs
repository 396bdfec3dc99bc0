//! What the fuzz targets (fuzz/) need of this room. Not part of any other build.

use http::HeaderMap;
use pingora::http::RequestHeader;
use time::OffsetDateTime;

use crate::{
    proxy::{
        identity::headers::{IdentityNames, Outgoing, rewrite},
        request::forwarded::Forwarded,
        settings::IdentityPreset,
    },
    types::{ActiveSession, Activity, Credential, RequestId, SessionId},
};

/// The gateway's cookie.
pub const COOKIE: &str = "sid";

/// What is said of the one user.
pub const IDENTITY: [(&str, &str); 6] = [
    ("x-user-id", "u1"),
    ("x-user-email", "alice@example.com"),
    ("x-user-name", "Alice"),
    ("x-user-roles", "admin,ops"),
    ("x-session-id", "01976a6f-0000-7000-8000-000000000000"),
    ("x-auth-method", "cookie"),
];

/// What the upstream sees of a request with these fields.
///
/// # Panics
/// When the rewriting fails, which no client may bring about.
#[must_use]
pub fn forwarded(sent: &HeaderMap, is_signed_in: bool) -> HeaderMap {
    let [(_, user), (_, email), (_, name), (_, roles), (_, session), _] = IDENTITY;
    let session = ActiveSession {
        session_id: session.parse::<SessionId>().expect("a session id"),
        user_id: user.parse().expect("a user id"),
        email: email.parse().expect("an address"),
        email_verified: true,
        name: name.to_owned(),
        roles: roles.split(',').map(str::to_owned).collect(),
        expires_at: OffsetDateTime::UNIX_EPOCH,
        activity: Activity::Recorded,
    };
    let mut request = RequestHeader::build("GET", b"/", None).expect("a request");
    for (name, value) in sent {
        request.append_header(name, value).expect("a field");
    }
    let outgoing = Outgoing {
        names: &IdentityNames::new(IdentityPreset::XUser, None),
        identity: is_signed_in.then_some((&session, Credential::Cookie)),
        assertion: None,
        forwarded: &Forwarded::from_headers([192, 0, 2, 1].into(), sent, (&[], &|_| false), "https"),
        request_id: &RequestId::from_trusted("request").expect("a request id"),
        cookie_names: [COOKIE, "dev", "oauth", "sign_up"],
    };
    rewrite(&mut request, &outgoing).expect("every request can be rewritten");
    request.headers.clone()
}
