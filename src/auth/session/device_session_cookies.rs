//! Reads the cookies of a browser that keeps several sessions: one each, named by the session's id. None of them is a
//! credential of a request; what they hold is looked up where the browser's sessions are listed, switched or ended.

use http::HeaderMap;

use crate::{
    sessions::{CookieSettings, credential::cookies_of_prefix},
    types::{SessionId, SessionToken},
};

/// Is what one such cookie claims to be. It is a session only where the token opens the one that the name says.
#[derive(Debug, Clone)]
pub struct DeviceSessionCookie {
    pub id: SessionId,
    pub token: SessionToken,
}

/// Limits how many such cookies are read. It is more than a browser is ever given, so that a few made-up ones hide
/// none.
const MAX_PRESENTED: usize = 64;

/// Returns what the cookies of a request claim, at most `MAX_PRESENTED` of them.
#[must_use]
pub fn presented_device_sessions(headers: &HeaderMap, settings: &CookieSettings) -> Vec<DeviceSessionCookie> {
    let mut found: Vec<DeviceSessionCookie> = Vec::new();
    for (id, token) in cookies_of_prefix(headers, settings.device_session_prefix()) {
        let Ok(id) = std::str::from_utf8(id) else { continue };
        let (Ok(id), Some(token)) = (id.parse::<SessionId>(), settings.token(token)) else { continue };
        if !found.iter().any(|known| known.token.expose() == token.expose()) {
            found.push(DeviceSessionCookie { id, token });
        }
        if found.len() == MAX_PRESENTED {
            break;
        }
    }
    found
}

/// Returns the ids that such cookies are named by, whatever they hold: those that a sign-out takes. The ones that claim
/// a session come first, and there are at most `MAX_PRESENTED`.
#[must_use]
pub fn presented_device_session_ids(
    headers: &HeaderMap,
    settings: &CookieSettings,
    cookies: &[DeviceSessionCookie],
) -> Vec<SessionId> {
    let mut ids: Vec<SessionId> = Vec::new();
    let claimed = cookies.iter().map(|cookie| cookie.id.clone());
    let named = cookies_of_prefix(headers, settings.device_session_prefix());
    let named = named.filter_map(|(id, _)| std::str::from_utf8(id).ok()?.parse::<SessionId>().ok());
    for id in claimed.chain(named) {
        if ids.len() == MAX_PRESENTED {
            break;
        }
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids
}

#[cfg(test)]
mod tests {
    use http::{HeaderValue, header};

    use super::*;
    use crate::sessions::SameSite;

    fn settings(secure: bool) -> CookieSettings {
        CookieSettings { name: "sid".into(), secure, same_site: SameSite::Lax, domain: None, better_auth: None }
    }

    #[test]
    fn only_cookies_that_can_be_ours_are_read_and_not_more_than_a_few() {
        let settings = settings(true);
        let read = |text: &str| {
            let headers = HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(text).unwrap())]);
            let cookies = presented_device_sessions(&headers, &settings);
            cookies.iter().map(|cookie| cookie.id.to_string()).collect::<Vec<_>>()
        };
        let (a, b) = ("a".repeat(43), "b".repeat(43));
        for (text, expected) in [
            (format!("__Host-authgate_multi-1={a}; x=1; __Host-authgate_multi-2={b}"), &["1", "2"][..]),
            (format!("__Host-authgate_multi-1={a}; __Host-authgate_multi-2={a}"), &["1"]),
            (format!("authgate_multi-1={a}; __Host-authgate_multi-={a}; __Host-authgate_multi-1=short"), &[]),
            (format!("__Host-authgate_multi-a.b={a}; __Host-authgate_multi-{}={a}", "x".repeat(65)), &[]),
        ] {
            assert_eq!(read(&text), expected, "{text}");
        }
        let many = (10..99).map(|n| format!("__Host-authgate_multi-{n}={}{n}", "a".repeat(41)));
        assert_eq!(read(&many.collect::<Vec<_>>().join("; ")).len(), MAX_PRESENTED);
    }

    #[test]
    fn a_sign_out_takes_every_cookie_that_is_named_by_an_id() {
        let settings = settings(false);
        let read = |text: &str| {
            let headers = HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(text).unwrap())]);
            let cookies = presented_device_sessions(&headers, &settings);
            let ids = presented_device_session_ids(&headers, &settings, &cookies);
            ids.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        let a = "a".repeat(43);
        for (text, expected) in [
            (format!("authgate_multi-1=short; authgate_multi-2={a}; x=1"), &["2", "1"][..]),
            (format!("authgate_multi-1={a}; authgate_multi-2={a}; authgate_multi-2="), &["1", "2"]),
            (format!("authgate_multi-={a}; authgate_multi-a.b={a}; authgate_multiple={a}"), &[]),
        ] {
            assert_eq!(read(&text), expected, "{text}");
        }
        let many = (10..99).map(|n| format!("authgate_multi-{n}=short"));
        let ids = read(&format!("{}; authgate_multi-real={a}", many.collect::<Vec<_>>().join("; ")));
        assert_eq!((ids.len(), ids[0].as_str()), (MAX_PRESENTED, "real"));
    }
}
