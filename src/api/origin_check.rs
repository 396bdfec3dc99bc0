//! Tells whether a browser was tricked into a request (CSRF-01, CSRF-04; contract §6.1 and §6.2). It is decided on the
//! headers alone, before a body is read.

use http::{HeaderMap, HeaderName, Method, header};
use url::Url;

use crate::{
    sessions::CookieSettings,
    types::{Origin, RequestId, TrustedOrigins},
};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// Says how strictly a route is guarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// Acts on the caller's session: what carries no cookie cannot be forged.
    Session,
    /// Signs in or up: forged even without a cookie, to sign a victim in to the attacker's account.
    SignIn,
    /// Is a form of our own pages. Such forms act on a mailed token or a typed address and look at no cookie.
    Page,
    /// Acts on nothing that a browser adds by itself, and comes from other sites by its nature.
    None,
}

/// Says why a request is rejected.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
pub enum OriginRejection {
    #[error("the origin is missing or null")]
    MissingOrNull,
    #[error("the origin is not trusted")]
    Untrusted,
    #[error("another site navigated to a sign-in")]
    CrossSiteNavigation,
}

/// Validates where a request comes from. GET, HEAD and OPTIONS change nothing and pass.
pub fn check_origin(
    method: &Method,
    headers: &HeaderMap,
    guard: Guard,
    trusted: &TrustedOrigins,
) -> Result<(), OriginRejection> {
    if guard == Guard::None || matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    let has_cookie = has_cookie(headers);
    // A bearer token or nothing: no browser adds those by itself, so nobody can be tricked into sending them.
    if guard == Guard::Session && !has_cookie {
        return Ok(());
    }
    let site = text(headers, &SEC_FETCH_SITE);
    let is_navigation = text(headers, &SEC_FETCH_MODE) == Some("navigate");
    if guard == Guard::SignIn && !has_cookie && site == Some("cross-site") && is_navigation {
        return Err(OriginRejection::CrossSiteNavigation);
    }
    let is_own_site = matches!(site, Some("same-origin" | "none"));
    let (is_allowed, rejection) = match Source::from_headers(headers, trusted) {
        Source::Trusted => return Ok(()),
        Source::Untrusted => (false, OriginRejection::Untrusted),
        // Other sites' pages can hide where a form comes from.
        Source::Null => (false, OriginRejection::MissingOrNull),
        Source::Absent if guard == Guard::Page => (site.is_none() || is_own_site, OriginRejection::Untrusted),
        // Browsers name the origin, the site, or both.
        Source::Absent if has_cookie => (is_own_site, OriginRejection::MissingOrNull),
        // Node's fetch sends Sec-Fetch-Mode and nothing else: only a browser names the site.
        Source::Absent => (site.is_none(), OriginRejection::MissingOrNull),
    };
    if is_allowed { Ok(()) } else { Err(rejection) }
}

/// Tells whether a GET that signs in may act: one that a program sends, or a page of a trusted origin with `fetch`. A
/// browser that opens it as a page may have been led there by anybody, to sign it in to somebody else's account.
pub(crate) fn may_act_on_get(headers: &HeaderMap, trusted: &TrustedOrigins) -> bool {
    let is_fetch = matches!(text(headers, &SEC_FETCH_MODE), None | Some("cors" | "same-origin"));
    let is_page = text(headers, &header::ACCEPT).is_some_and(|accept| accept.contains("text/html"));
    let is_own = matches!(text(headers, &SEC_FETCH_SITE), None | Some("same-origin"));
    is_fetch
        && !is_page
        && match Source::from_headers(headers, trusted) {
            Source::Trusted => true,
            Source::Absent => is_own,
            Source::Null | Source::Untrusted => false,
        }
}

/// Tells whether a cookie came along. The one that keeps what was chosen at sign-up is none: it signs nobody in, and a
/// program that keeps its cookies goes on from signing up to signing in without an origin.
fn has_cookie(headers: &HeaderMap) -> bool {
    let pairs = headers.get_all(header::COOKIE).iter().flat_map(|line| line.as_bytes().split(|&b| b == b';'));
    pairs.map(<[u8]>::trim_ascii).any(|pair| {
        let name = pair.split(|&b| b == b'=').next().unwrap_or_default();
        let name = name.strip_prefix(b"__Host-").unwrap_or(name);
        !pair.is_empty() && name != CookieSettings::SIGN_UP.as_bytes()
    })
}

/// Says where a request comes from: `Origin`, or else the origin of `Referer`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Absent,
    Null,
    Trusted,
    Untrusted,
}

impl Source {
    fn from_headers(headers: &HeaderMap, trusted: &TrustedOrigins) -> Self {
        let mut origins = headers.get_all(header::ORIGIN).iter();
        let is_trusted = match (origins.next(), origins.next()) {
            (Some(origin), None) if origin == "null" => return Self::Null,
            (Some(origin), None) => origin.to_str().is_ok_and(|text| trusted.allows_header(text)),
            (Some(_), Some(_)) => false,
            (None, _) => match headers.get(header::REFERER) {
                None => return Self::Absent,
                Some(referer) => referer
                    .to_str()
                    .ok()
                    .and_then(|text| Url::parse(text).ok())
                    .and_then(|url| Origin::from_url(&url).ok())
                    .is_some_and(|origin| trusted.allows(&origin)),
            },
        };
        if is_trusted { Self::Trusted } else { Self::Untrusted }
    }
}

/// Returns the one trusted origin that a request names in `Origin`.
pub(crate) fn trusted_page(headers: &HeaderMap, trusted: &TrustedOrigins) -> Option<Origin> {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    match (origins.next(), origins.next()) {
        (Some(origin), None) => Origin::parse_any(origin.to_str().ok()?).ok().filter(|origin| trusted.allows(origin)),
        _ => None,
    }
}

/// Tells the operator which origin was rejected, and what would admit it. Every place that rejects one calls this.
pub fn log_rejected_origin(headers: &HeaderMap, request_id: &RequestId) {
    if let Some(origin) = named_origin(headers) {
        tracing::warn!(
            request.id = request_id.as_str(),
            origin,
            "an origin was refused; if its pages are yours, add it to auth.trusted_origins"
        );
    }
}

/// Returns the origin that a request names. `null` is none, and of two neither is: nothing admits them.
fn named_origin(headers: &HeaderMap) -> Option<String> {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let text = match (origins.next(), origins.next()) {
        (Some(origin), None) => origin.to_str(),
        (Some(_), Some(_)) => return None,
        (None, _) => headers.get(header::REFERER)?.to_str(),
    };
    text.ok().filter(|text| *text != "null").and_then(readable_origin)
}

/// Returns scheme, host and port: what else stands in a URL may be secret.
pub(crate) fn readable_origin(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    Some(format!("{}://{}{port}", url.scheme(), url.host_str()?))
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const MISSING: Result<(), OriginRejection> = Err(OriginRejection::MissingOrNull);
    const UNTRUSTED: Result<(), OriginRejection> = Err(OriginRejection::Untrusted);
    const NAVIGATION: Result<(), OriginRejection> = Err(OriginRejection::CrossSiteNavigation);

    fn check(method: &Method, guard: Guard, headers: &[(&'static str, &'static str)]) -> Result<(), OriginRejection> {
        let trusted = TrustedOrigins::new(Origin::parse("https://gw.example").unwrap(), Vec::new());
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_static(value));
        }
        check_origin(method, &map, guard, &trusted)
    }

    #[test]
    fn the_cookie_of_a_sign_up_asks_for_no_origin() {
        for cookie in
            ["authgate_sign_up=x", "__Host-authgate_sign_up=x; ", "__Host-authgate_sign_up=x;authgate_sign_up=y"]
        {
            assert_eq!(check(&Method::POST, Guard::SignIn, &[("cookie", cookie)]), Ok(()), "{cookie}");
        }
        for cookie in ["authgate_sign_up=x; sid=y", "sid=y", "authgate_sign_upx=y", "nameless"] {
            assert_eq!(check(&Method::POST, Guard::SignIn, &[("cookie", cookie)]), MISSING, "{cookie}");
        }
        let evil = ("origin", "https://evil.example");
        assert_eq!(check(&Method::POST, Guard::SignIn, &[("cookie", "authgate_sign_up=x"), evil]), UNTRUSTED);
    }

    #[test]
    fn unsafe_methods() {
        let cookie = ("cookie", "a=b");
        let good = ("origin", "https://gw.example");
        let evil = ("origin", "https://evil.example");
        let null = ("origin", "null");
        let good_referer = ("referer", "https://gw.example/page?x=1");
        let evil_referer = ("referer", "https://evil.example/https://gw.example");
        let own_site = ("sec-fetch-site", "same-origin");
        let cross_site = ("sec-fetch-site", "cross-site");
        let cors = ("sec-fetch-mode", "cors");
        let navigate = ("sec-fetch-mode", "navigate");
        for (headers, session, sign_in, page) in [
            (&[][..], Ok(()), Ok(()), Ok(())),
            (&[cookie], MISSING, MISSING, Ok(())),
            (&[cookie, good], Ok(()), Ok(()), Ok(())),
            (&[cookie, good, cross_site], Ok(()), Ok(()), Ok(())),
            (&[cookie, evil], UNTRUSTED, UNTRUSTED, UNTRUSTED),
            (&[cookie, evil, own_site], UNTRUSTED, UNTRUSTED, UNTRUSTED),
            (&[cookie, null], MISSING, MISSING, MISSING),
            (&[cookie, null, own_site], MISSING, MISSING, MISSING),
            (&[cookie, null, cross_site], MISSING, MISSING, MISSING),
            (&[cookie, own_site], Ok(()), Ok(()), Ok(())),
            (&[cookie, cross_site], MISSING, MISSING, UNTRUSTED),
            (&[cookie, good_referer], Ok(()), Ok(()), Ok(())),
            (&[cookie, evil_referer], UNTRUSTED, UNTRUSTED, UNTRUSTED),
            (&[cookie, evil, good_referer], UNTRUSTED, UNTRUSTED, UNTRUSTED),
            (&[cookie, good, good], UNTRUSTED, UNTRUSTED, UNTRUSTED),
            (&[good], Ok(()), Ok(()), Ok(())),
            (&[evil], Ok(()), UNTRUSTED, UNTRUSTED),
            (&[evil_referer], Ok(()), UNTRUSTED, UNTRUSTED),
            (&[null], Ok(()), MISSING, MISSING),
            (&[cors], Ok(()), Ok(()), Ok(())),
            (&[cors, own_site], Ok(()), MISSING, Ok(())),
            (&[cors, cross_site], Ok(()), MISSING, UNTRUSTED),
            (&[navigate, cross_site], Ok(()), NAVIGATION, UNTRUSTED),
            (&[navigate, cross_site, good], Ok(()), NAVIGATION, Ok(())),
            (&[("origin", "https://gw.example.evil.test")], Ok(()), UNTRUSTED, UNTRUSTED),
            (&[("origin", "")], Ok(()), UNTRUSTED, UNTRUSTED),
            (&[("referer", "about:blank")], Ok(()), UNTRUSTED, UNTRUSTED),
        ] {
            assert_eq!(check(&Method::POST, Guard::Session, headers), session, "session: {headers:?}");
            assert_eq!(check(&Method::POST, Guard::SignIn, headers), sign_in, "sign-in: {headers:?}");
            assert_eq!(check(&Method::POST, Guard::Page, headers), page, "page: {headers:?}");
            assert_eq!(check(&Method::DELETE, Guard::Session, headers), session, "delete: {headers:?}");
            assert_eq!(check(&Method::POST, Guard::None, headers), Ok(()), "none: {headers:?}");
        }
    }

    #[test]
    fn of_an_origin_scheme_host_and_port_are_told() {
        for (headers, expected) in [
            (&[("origin", "https://evil.example")][..], Some("https://evil.example")),
            (&[("origin", "http://evil.example:8080")], Some("http://evil.example:8080")),
            (&[("origin", "https://evil.example"), ("origin", "https://b.example")], None),
            (&[("origin", "capacitor://localhost")], Some("capacitor://localhost")),
            (&[("origin", "https://a:b@evil.example/x?token=1#y")], Some("https://evil.example")),
            (&[("referer", "https://evil.example/reset?token=1")], Some("https://evil.example")),
            (&[("origin", "null"), ("referer", "https://evil.example/")], None),
            (&[("origin", "not an origin")], None),
            (&[("origin", "data:text/html,x")], None),
            (&[], None),
        ] {
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                map.append(*name, HeaderValue::from_static(value));
            }
            assert_eq!(named_origin(&map).as_deref(), expected, "{headers:?}");
        }
    }

    #[test]
    fn safe_methods_pass() {
        for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
            let headers = [("cookie", "a=b"), ("origin", "https://evil.example")];
            assert_eq!(check(&method, Guard::Session, &headers), Ok(()), "{method}");
        }
    }
}
