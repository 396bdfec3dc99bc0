//! Exchanges the cookies that better-auth left in browsers for ours: a session that came here with its user goes on, and
//! its browser needs nothing of better-auth's from then on.
//!
//! Ours holds the same token, and nothing is written: the row stays as it is until it ends or is revoked. A browser that
//! opens a page sends many requests at once, all of them with the old cookie and before the first response. A token that
//! changed on the first would sign the others out; here all of them are the same session, and every response hands over
//! the same cookie.

use http::{HeaderMap, HeaderValue, header};
use pingora::http::ResponseHeader;
use prometheus::IntCounterVec;
use time::OffsetDateTime;

use crate::{
    api::{cleared_better_auth_cookie, session_cookie},
    proxy::session::caching::{is_offered_to_all, keep_from_shared_caches},
    sessions::{
        BetterAuthCookies, CookieSettings,
        credential::{Presented, all_cookies, cookies},
    },
    types::{ActiveSession, SessionToken},
};

/// Limits how many cookies one response takes. Only `session_data` can be many, and it is a few at most.
const MAX_CLEARED: usize = 16;

/// Is the token of a session that was presented by a cookie of better-auth's alone.
#[derive(Debug)]
pub(crate) struct OldCookie(SessionToken);

impl OldCookie {
    /// Returns it where it is what decided on a request. Nothing is looked at where no such cookies are known.
    pub(crate) fn from_request(settings: &CookieSettings, headers: &HeaderMap, presented: &Presented) -> Option<Self> {
        settings.better_auth.as_ref()?;
        let Presented::Cookie(token) = presented else { return None };
        // A cookie of ours may have the name of the old one, and then holds what that held until it is exchanged.
        let is_ours = cookies(headers, &settings.name).any(|value| value == token.expose().as_bytes());
        (!is_ours).then(|| Self(token.clone()))
    }

    /// Decides what the response does, as the session lives or not.
    pub(crate) fn exchange(
        self,
        settings: &CookieSettings,
        headers: &HeaderMap,
        session: Option<&ActiveSession>,
        now: OffsetDateTime,
    ) -> CookieExchange {
        let is_forgotten = || {
            let mut held = all_cookies(headers);
            let better_auth = settings.better_auth.as_ref();
            better_auth.is_some_and(|own| held.any(|(name, value)| own.forgets_session(name, value)))
        };
        let set = session.map(|session| {
            let is_remembered = session.is_remembered && !is_forgotten();
            session_cookie(settings, &self.0, is_remembered.then(|| session.expires_at - now))
        });
        CookieExchange { set, cleared: cleared(settings, headers) }
    }
}

/// Says which cookies a response sets and takes.
#[derive(Debug)]
pub(crate) struct CookieExchange {
    /// Is ours; `None` where the old one opened nothing any more.
    set: Option<HeaderValue>,
    cleared: Vec<HeaderValue>,
}

impl CookieExchange {
    /// Returns what goes with a response that sets or takes ours by itself: whatever the old ones are worth, none of them
    /// may come to count after ours is gone.
    pub(crate) fn of_old_cookies(settings: &CookieSettings, headers: &HeaderMap) -> Option<Self> {
        let cleared = cleared(settings, headers);
        (!cleared.is_empty()).then_some(Self { set: None, cleared })
    }

    /// Puts it on a response, unless that is offered to everybody: then the next response exchanges them (SESS-13). Ours
    /// stands there already where the session was extended, or where the auth API opened or ended one.
    pub(crate) fn apply(
        &self,
        settings: &CookieSettings,
        response: &mut ResponseHeader,
        count: &IntCounterVec,
    ) -> pingora::Result<()> {
        if is_offered_to_all(&response.headers) {
            return Ok(());
        }
        let is_said = names_ours(settings, response.headers.get_all(header::SET_COOKIE).iter());
        if let Some(cookie) = self.set.as_ref().filter(|_| !is_said) {
            response.append_header(header::SET_COOKIE, cookie)?;
        }
        for cookie in &self.cleared {
            response.append_header(header::SET_COOKIE, cookie)?;
        }
        let goes_on = values_of_ours(settings, response.headers.get_all(header::SET_COOKIE).iter())
            .any(|value| !value.starts_with(b";") && !value.is_empty());
        count.with_label_values(&[if goes_on { "exchanged" } else { "cleared" }]).inc();
        keep_from_shared_caches(response)
    }
}

/// Tells whether one of these `Set-Cookie` sets or takes our session cookie.
pub(crate) fn names_ours<'v>(settings: &CookieSettings, set_cookies: impl Iterator<Item = &'v HeaderValue>) -> bool {
    values_of_ours(settings, set_cookies).next().is_some()
}

/// Returns the values that these `Set-Cookie` give to our session cookie, with the attributes behind them.
fn values_of_ours<'v>(
    settings: &CookieSettings,
    set_cookies: impl Iterator<Item = &'v HeaderValue>,
) -> impl Iterator<Item = &'v [u8]> {
    let name = settings.name.as_bytes();
    set_cookies.filter_map(move |cookie| cookie.as_bytes().strip_prefix(name)?.strip_prefix(b"="))
}

/// Returns what takes those of better-auth's cookies that the request held, each once.
fn cleared(settings: &CookieSettings, headers: &HeaderMap) -> Vec<HeaderValue> {
    let Some(better_auth) = &settings.better_auth else { return Vec::new() };
    let mut names: Vec<&str> = Vec::new();
    for name in all_cookies(headers).filter_map(|(name, _)| to_clear(settings, better_auth, name)) {
        if names.len() < MAX_CLEARED && !names.contains(&name) {
            names.push(name);
        }
    }
    names.into_iter().flat_map(|name| cleared_better_auth_cookie(settings, name)).collect()
}

/// Returns the name of a cookie that goes: none of ours, which may have the name of an old one, and of letters that
/// better-auth writes.
fn to_clear<'n>(settings: &CookieSettings, better_auth: &BetterAuthCookies, name: &'n [u8]) -> Option<&'n str> {
    let name = std::str::from_utf8(name).ok().filter(|name| *name != settings.name)?;
    let bare = name.strip_prefix("__Secure-").unwrap_or(name);
    let is_plain = name.bytes().all(|b| b.is_ascii_graphic() && !b"=;,\"\\".contains(&b));
    (is_plain && better_auth.contains(bare.as_bytes())).then_some(name)
}
