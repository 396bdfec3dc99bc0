//! What a forwarded request does to its session: it is noted as used, and when that extends its life, the browser's
//! cookie is set anew (SESS-05, SESS-06; contract §3.2).

use http::{HeaderMap, header};
use pingora::{http::ResponseHeader, proxy::Session};

use super::{ctx::Forward, gateway::Gateway};
use crate::{
    auth::credential::{Presented, presented},
    http::session_cookie,
    types::{Activity, Credential},
};

/// Leaves a note for the writer, and on the answer the cookie that goes with it. An answer that shared caches may keep
/// must not carry anybody's cookie (SESS-13): then nothing happens, and the session's next request is asked again.
pub(super) fn record_use(
    gateway: &Gateway,
    session: &Session,
    forward: &Forward,
    response: &mut ResponseHeader,
) -> pingora::Result<()> {
    let Some((active, credential)) = forward.permit.identity() else { return Ok(()) };
    if let (Activity::Extended { lifetime }, Credential::Cookie) = (active.activity, credential) {
        if is_for_shared_caches(&response.headers) {
            return Ok(());
        }
        let cookie = &gateway.settings.cookie;
        if let Presented::Cookie(token) = presented(&session.req_header().headers, &cookie.name) {
            response.append_header(header::SET_COOKIE, session_cookie(cookie, &token, lifetime))?;
        }
    }
    gateway.activity.note(active);
    Ok(())
}

fn is_for_shared_caches(headers: &HeaderMap) -> bool {
    let mut directives = headers
        .get_all(header::CACHE_CONTROL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|directive| directive.trim().split('=').next().unwrap_or_default());
    directives.any(|name| name.eq_ignore_ascii_case("public") || name.eq_ignore_ascii_case("s-maxage"))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn shared_caches_are_told_by_directive() {
        for (values, expected) in [
            (&[][..], false),
            (&["private, max-age=60"], false),
            (&["no-store"], false),
            (&["max-age=60, Public"], true),
            (&["private", "s-maxage=10"], true),
            (&["x-public=1"], false),
        ] {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::CACHE_CONTROL, HeaderValue::from_static(value));
            }
            assert_eq!(is_for_shared_caches(&headers), expected, "{values:?}");
        }
    }
}
