//! Reads the cookies of a browser that keeps several sessions: one each, named by the session's id. None of them is a
//! credential of a request; what they hold is looked up where the browser's sessions are listed, switched or ended.

use http::HeaderMap;

use crate::{
    auth::MultiSessionSettings,
    sessions::{CookieSettings, credential::cookies_of_prefix},
    types::{SessionId, SessionToken},
};

/// Is what one such cookie claims to be. It is a session only where the token opens the one that the name says.
#[derive(Debug, Clone)]
pub struct KeptSession {
    pub id: SessionId,
    pub token: SessionToken,
}

/// Returns what the cookies of a request claim, at most [`MultiSessionSettings::MAX`] of them.
#[must_use]
pub fn presented_kept_sessions(headers: &HeaderMap, settings: &CookieSettings) -> Vec<KeptSession> {
    let mut kept: Vec<KeptSession> = Vec::new();
    for (id, token) in cookies_of_prefix(headers, settings.device_session_prefix()) {
        let (Ok(id), Ok(token)) = (std::str::from_utf8(id), std::str::from_utf8(token)) else { continue };
        let (Ok(id), Ok(token)) = (id.parse::<SessionId>(), SessionToken::parse(token)) else { continue };
        let is_known = kept.iter().any(|known| known.token.hash() == token.hash());
        if !is_known && kept.len() < MultiSessionSettings::MAX {
            kept.push(KeptSession { id, token });
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use http::{HeaderValue, header};

    use super::*;
    use crate::sessions::SameSite;

    #[test]
    fn only_cookies_that_can_be_ours_are_read_and_not_more_than_a_few() {
        let settings = CookieSettings { name: "sid".into(), secure: true, same_site: SameSite::Lax, domain: None };
        let read = |text: &str| {
            let headers = HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(text).unwrap())]);
            let kept = presented_kept_sessions(&headers, &settings);
            kept.iter().map(|kept| kept.id.to_string()).collect::<Vec<_>>()
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
        let many = (10..50).map(|n| format!("__Host-authgate_multi-{n}={}{n}", "a".repeat(41)));
        assert_eq!(read(&many.collect::<Vec<_>>().join("; ")).len(), MultiSessionSettings::MAX);
    }
}
