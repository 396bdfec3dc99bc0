//! Does to a session what a forwarded request causes: it is noted as used, and when that extends its life, the
//! browser's cookie is set anew (SESS-05, SESS-06; contract §3.2).

use http::{HeaderMap, HeaderValue, header};
use pingora::http::ResponseHeader;
use time::Duration;

use crate::{
    api::session_cookie,
    policy::Permit,
    proxy::{
        decide::{gateway::Gateway, state::Forward},
        session::caching::{is_offered_to_all, keep_from_shared_caches},
    },
    routing::RouteId,
    sessions::credential::{Presented, presented},
    types::{AcceptedCredentials, Activity, Credential},
};

/// Leaves a note for the writer, and on the response the cookie that goes with it. A response that the upstream offers
/// to everybody carries nobody's cookie (SESS-13): then nothing happens, and the session's next request is asked again.
/// Any other response is kept from shared caches with the cookie on it (SESS-15).
pub(crate) fn record_use(
    gateway: &Gateway,
    request: &HeaderMap,
    forward: &Forward,
    response: &mut ResponseHeader,
) -> pingora::Result<()> {
    let Some((active, credential)) = forward.permit.identity() else { return Ok(()) };
    if let (Activity::Extended { lifetime }, Credential::Cookie) = (active.activity, credential) {
        if is_offered_to_all(&response.headers) {
            return Ok(());
        }
        let accepted = gateway.routes.get(forward.route).credentials;
        if let Some(cookie) = cookie(gateway, request, accepted, lifetime) {
            response.append_header(header::SET_COOKIE, cookie)?;
            keep_from_shared_caches(response)?;
        }
    }
    gateway.activity.record(active);
    Ok(())
}

/// Does the same for a request that somebody else forwards; the cookie is theirs to pass on.
pub(crate) fn record_forward_auth(
    gateway: &Gateway,
    headers: &HeaderMap,
    route: RouteId,
    permit: &Permit,
) -> Option<HeaderValue> {
    let accepted = gateway.routes.get(route).credentials;
    let (active, credential) = permit.identity()?;
    gateway.activity.record(active);
    match (active.activity, credential) {
        (Activity::Extended { lifetime }, Credential::Cookie) => cookie(gateway, headers, accepted, lifetime),
        _ => None,
    }
}

fn cookie(
    gateway: &Gateway,
    headers: &HeaderMap,
    accepted: AcceptedCredentials,
    lifetime: Duration,
) -> Option<HeaderValue> {
    let settings = &gateway.settings.cookie;
    match presented(headers, settings, accepted) {
        Presented::Cookie(token) => Some(session_cookie(settings, &token, Some(lifetime))),
        _ => None,
    }
}
