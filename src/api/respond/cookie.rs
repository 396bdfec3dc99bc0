//! Is the only place that writes `Set-Cookie` (SESS-03).

use std::fmt::Write as _;

use cookie::Cookie;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use time::{Duration, OffsetDateTime};

use crate::{
    auth::{
        Auth, CHALLENGE_EXPIRES_IN, DeviceCookie, Flow, NewSession, PASSKEY_CHALLENGE_EXPIRES_IN, Session, Settings,
        SignUpChoice, oauth::flow_same_site, trusted_devices_value,
    },
    sessions::{CookieSettings, SameSite, credential::Presented},
    types::{
        AuthMethod, BrowserToken, ChallengeToken, PasskeyChallengeToken, SessionId, SessionToken, TrustedDeviceToken,
    },
};

const SET_AUTH_TOKEN: HeaderName = HeaderName::from_static("set-auth-token");

/// Hands a new session to its owner: as a cookie, and in the header that clients with bearer tokens read (contract
/// §4.1). A session that the browser is to forget has a cookie without `Max-Age`.
pub(crate) fn set_session(headers: &mut HeaderMap, settings: &Settings, session: &NewSession) {
    let max_age = session.session.remember.then(|| {
        let lifetime = session.session.expires_at - session.session.created_at;
        lifetime.whole_seconds()
    });
    write_session(headers, settings, &session.token, max_age);
    for ended in &session.device_session_cookies.ended {
        clear_device_session_cookie(headers, settings, ended);
    }
    if session.device_session_cookies.keeps_new {
        write_device_session_cookie(headers, settings, &session.token, &session.session, session.session.created_at);
    }
    if settings.admin.is_some() {
        // An administrator's own session, kept while they acted in somebody's place, is not for whoever signs in next.
        clear_admin_session(headers, settings);
    }
    set_last_login_method(headers, settings, login_method(&session.session.auth_method));
}

/// Does the same for a session that goes on, for so long from now.
pub(crate) fn renew_session(headers: &mut HeaderMap, settings: &Settings, token: &SessionToken, lifetime: Duration) {
    write_session(headers, settings, token, Some(lifetime.whole_seconds()));
}

/// Lets a browser that keeps several sessions keep this one: past the session's cookie, which moves on with every
/// extension, and no longer than the session can last. One that the browser is to forget goes with it.
pub(crate) fn write_device_session_cookie(
    headers: &mut HeaderMap,
    settings: &Settings,
    token: &SessionToken,
    session: &Session,
    now: OffsetDateTime,
) {
    let max_age = session.remember.then(|| (session.absolute_expires_at - now).whole_seconds());
    append(headers, &kept_cookie(settings, &session.id), token.expose(), max_age);
}

/// Takes the cookie of a session that is kept no longer.
pub(crate) fn clear_device_session_cookie(headers: &mut HeaderMap, settings: &Settings, session: &SessionId) {
    append(headers, &kept_cookie(settings, session), "", Some(0));
}

fn kept_cookie(settings: &Settings, session: &SessionId) -> CookieSettings {
    CookieSettings { name: settings.cookie.device_session_name(session), ..settings.cookie.clone() }
}

/// Hands over a session that goes on under a new token, in the cookie too that keeps it among several.
pub(crate) fn replace_token(headers: &mut HeaderMap, flow: Flow<'_>, token: &SessionToken, session: &Session) {
    let settings = &flow.auth.settings;
    repeat_session(headers, settings, token, session, flow.now);
    if flow.device_session_cookies.iter().any(|kept| kept.id == session.id) {
        write_device_session_cookie(headers, settings, token, session, flow.now);
    }
}

/// Hands over the same session once more, where the contract wants that (§3.5).
pub(crate) fn repeat_session(
    headers: &mut HeaderMap,
    settings: &Settings,
    token: &SessionToken,
    session: &Session,
    now: OffsetDateTime,
) {
    let max_age = session.remember.then(|| (session.expires_at - now).whole_seconds());
    write_session(headers, settings, token, max_age);
}

/// Hands over once more the session that the request presented, where a cookie did that.
pub(crate) fn repeat_presented(
    headers: &mut HeaderMap,
    settings: &Settings,
    presented: &Presented,
    session: &Session,
    now: OffsetDateTime,
) {
    if let Presented::Cookie(token) = presented {
        repeat_session(headers, settings, token, session, now);
    }
}

fn write_session(headers: &mut HeaderMap, settings: &Settings, token: &SessionToken, max_age: Option<i64>) {
    append(headers, &settings.cookie, token.expose(), max_age);
    let token = HeaderValue::from_str(token.expose()).expect("a token is visible ASCII");
    headers.insert(SET_AUTH_TOKEN, token);
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("set-auth-token"));
}

/// Is the name that the client's plugin reads, on https too (contract §2.1).
const LAST_LOGIN_METHOD: &str = "better-auth.last_used_login_method";

/// Returns how the client's plugin calls what a session was opened with.
fn login_method(auth_method: &str) -> &str {
    match AuthMethod::parse(auth_method) {
        AuthMethod::Password => "email",
        other => other.as_str(),
    }
}

/// Tells pages what the browser signed in with last, where that is configured: in the place of what was said before. It
/// is for scripts to read, and says nothing to the gateway.
pub(crate) fn set_last_login_method(headers: &mut HeaderMap, settings: &Settings, method: &str) {
    if !settings.last_login_method {
        return;
    }
    let is_former = |value: &&HeaderValue| {
        value.as_bytes().strip_prefix(LAST_LOGIN_METHOD.as_bytes()).is_some_and(|rest| rest.starts_with(b"="))
    };
    let kept: Vec<HeaderValue> =
        headers.get_all(header::SET_COOKIE).iter().filter(|value| !is_former(value)).cloned().collect();
    headers.remove(header::SET_COOKIE);
    for value in kept {
        headers.append(header::SET_COOKIE, value);
    }
    let named = CookieSettings { name: LAST_LOGIN_METHOD.to_owned(), ..settings.cookie.clone() };
    let mut cookie = cookie(&named, method, Some(Duration::days(30).whole_seconds()));
    cookie.set_http_only(false);
    let value = HeaderValue::from_str(&write(&cookie)).expect("a configured name is visible ASCII");
    headers.append(header::SET_COOKIE, value);
}

/// Lets a browser be recognised as one that signed in before, for a year.
pub(crate) fn set_device(headers: &mut HeaderMap, settings: &Settings, device: &str) {
    let cookie = CookieSettings { name: settings.cookie.device_name().to_owned(), ..settings.cookie.clone() };
    append(headers, &cookie, device, Some(Duration::days(365).whole_seconds()));
}

/// Lets a browser that the account knows be known with its new password too.
pub(crate) fn renew_device(headers: &mut HeaderMap, auth: &Auth, device: Option<&DeviceCookie>) {
    if let Some(device) = device {
        set_device(headers, &auth.settings, &device.seal(&auth.devices));
    }
}

/// Ties flows at providers to a browser, for as long as one takes (OAUTH-01).
pub(crate) fn set_flow(headers: &mut HeaderMap, settings: &Settings, browser: &BrowserToken) {
    let cookie = CookieSettings {
        name: settings.cookie.oauth_name().to_owned(),
        secure: settings.cookie.secure,
        same_site: flow_same_site(settings.cookie.same_site),
        domain: None,
        better_auth: None,
    };
    append(headers, &cookie, browser.expose(), Some(Duration::minutes(10).whole_seconds()));
}

/// Lets a browser keep what it chose at sign-up, for as long as the mailed link works. It comes back with the link,
/// from another site's page: not with `Strict`.
pub(crate) fn set_sign_up(headers: &mut HeaderMap, auth: &Auth, choice: &SignUpChoice) {
    let (name, value) = sign_up(auth, choice);
    headers.append(name, value);
}

/// Returns the field that sets it, for responses that are made of fields.
pub(crate) fn sign_up(auth: &Auth, choice: &SignUpChoice) -> (HeaderName, HeaderValue) {
    let settings = &auth.settings;
    let cookie = CookieSettings {
        name: settings.cookie.sign_up_name().to_owned(),
        secure: settings.cookie.secure,
        same_site: flow_same_site(settings.cookie.same_site),
        domain: None,
        better_auth: None,
    };
    let max_age = i64::try_from(settings.verification.expires_in.as_secs()).unwrap_or(i64::MAX);
    (header::SET_COOKIE, field(&cookie, &choice.seal(&auth.sign_ups), Some(max_age)))
}

/// Lets a browser go on with a sign-in that waits for its second factor.
pub(crate) fn set_challenge(headers: &mut HeaderMap, settings: &Settings, token: &ChallengeToken) {
    let max_age = i64::try_from(CHALLENGE_EXPIRES_IN.as_secs()).unwrap_or(i64::MAX);
    append(headers, &challenge_cookie(settings), token.expose(), Some(max_age));
}

/// Takes the cookie of a sign-in that has ended.
pub(crate) fn clear_challenge(headers: &mut HeaderMap, settings: &Settings) {
    append(headers, &challenge_cookie(settings), "", Some(0));
}

/// Returns the field that does so, for responses that are made of fields.
pub(crate) fn cleared_challenge(settings: &Settings) -> (HeaderName, HeaderValue) {
    (header::SET_COOKIE, field(&challenge_cookie(settings), "", Some(0)))
}

/// Lets a browser be recognised as trusted, beside the accounts that it was trusted with before.
pub(crate) fn add_trusted_device(
    headers: &mut HeaderMap,
    settings: &Settings,
    presented: &[TrustedDeviceToken],
    token: &TrustedDeviceToken,
) {
    let max_age = i64::try_from(settings.two_factor.trust_device.as_secs()).unwrap_or(i64::MAX);
    let value = trusted_devices_value(token, presented);
    append(headers, &trusted_device_cookie(settings), &value, Some(max_age));
}

/// Takes the cookie of a browser that is trusted no longer.
pub(crate) fn clear_trusted_devices(headers: &mut HeaderMap, settings: &Settings) {
    append(headers, &trusted_device_cookie(settings), "", Some(0));
}

fn trusted_device_cookie(settings: &Settings) -> CookieSettings {
    CookieSettings { name: settings.cookie.trusted_device_name().to_owned(), ..settings.cookie.clone() }
}

/// Ties a passkey's challenge to the browser, for as long as it lasts.
pub(crate) fn set_passkey_challenge(headers: &mut HeaderMap, settings: &Settings, token: &PasskeyChallengeToken) {
    let max_age = i64::try_from(PASSKEY_CHALLENGE_EXPIRES_IN.as_secs()).unwrap_or(i64::MAX);
    append(headers, &passkey_cookie(settings), token.expose(), Some(max_age));
}

/// Returns the field that takes that cookie, as the challenge is used up.
pub(crate) fn cleared_passkey_challenge(settings: &Settings) -> (HeaderName, HeaderValue) {
    (header::SET_COOKIE, field(&passkey_cookie(settings), "", Some(0)))
}

fn passkey_cookie(settings: &Settings) -> CookieSettings {
    CookieSettings { name: settings.cookie.passkey_name().to_owned(), ..settings.cookie.clone() }
}

/// Lets a browser keep an administrator's own session while it is used in somebody else's place: no longer than that
/// session lasts.
pub(crate) fn keep_admin_session(
    headers: &mut HeaderMap,
    settings: &Settings,
    token: &SessionToken,
    session: &Session,
    now: OffsetDateTime,
) {
    let max_age = session.remember.then(|| (session.expires_at - now).whole_seconds());
    append(headers, &admin_cookie(settings), token.expose(), max_age);
}

/// Takes that cookie.
pub(crate) fn clear_admin_session(headers: &mut HeaderMap, settings: &Settings) {
    append(headers, &admin_cookie(settings), "", Some(0));
}

fn admin_cookie(settings: &Settings) -> CookieSettings {
    CookieSettings { name: settings.cookie.admin_session_name().to_owned(), ..settings.cookie.clone() }
}

fn challenge_cookie(settings: &Settings) -> CookieSettings {
    CookieSettings { name: settings.cookie.two_factor_name().to_owned(), ..settings.cookie.clone() }
}

/// Clears the session cookie, with the attributes it was set with.
pub(crate) fn clear_session(headers: &mut HeaderMap, settings: &Settings) {
    append(headers, &settings.cookie, "", Some(0));
}

/// Returns the field that clears the session cookie, for responses that are made of fields.
pub(crate) fn cleared_session(settings: &Settings) -> (HeaderName, HeaderValue) {
    (header::SET_COOKIE, field(&settings.cookie, "", Some(0)))
}

/// Returns the cookie alone, for responses that are not of the auth API. Without a lifetime, the browser forgets it when
/// it closes.
///
/// # Panics
/// Never: what a cookie is made of is visible ASCII.
#[must_use]
pub fn session_cookie(settings: &CookieSettings, token: &SessionToken, lifetime: Option<Duration>) -> HeaderValue {
    field(settings, token.expose(), lifetime.map(Duration::whole_seconds))
}

/// Returns what takes a cookie that better-auth set. Nobody can tell whether that was for the one host or for the domain,
/// so where ours are for a domain, both go. Browsers take no cookie of a `__Secure-` name without `Secure`.
///
/// # Panics
/// When the name is not visible ASCII.
pub fn cleared_better_auth_cookie(settings: &CookieSettings, name: &str) -> impl Iterator<Item = HeaderValue> {
    let secure = settings.secure || name.starts_with("__Secure-");
    let hosts = settings.domain.is_some().then_some(None);
    hosts.into_iter().chain([settings.domain.clone()]).map(move |domain| {
        let cookie = CookieSettings { name: name.to_owned(), secure, domain, ..settings.clone() };
        field(&cookie, "", Some(0))
    })
}

fn append(headers: &mut HeaderMap, settings: &CookieSettings, value: &str, max_age: Option<i64>) {
    headers.append(header::SET_COOKIE, field(settings, value, max_age));
}

fn field(settings: &CookieSettings, value: &str, max_age: Option<i64>) -> HeaderValue {
    let cookie = cookie(settings, value, max_age);
    HeaderValue::from_str(&write(&cookie)).expect("name, token and domain are visible ASCII")
}

fn cookie<'a>(settings: &'a CookieSettings, value: &'a str, max_age: Option<i64>) -> Cookie<'a> {
    let mut cookie = Cookie::new(settings.name.as_str(), value);
    cookie.set_path("/");
    cookie.set_http_only(true);
    cookie.set_secure(settings.secure.then_some(true));
    cookie.set_same_site(match settings.same_site {
        SameSite::Strict => cookie::SameSite::Strict,
        SameSite::Lax => cookie::SameSite::Lax,
        SameSite::None => cookie::SameSite::None,
    });
    if let Some(domain) = &settings.domain {
        cookie.set_domain(domain.as_str());
    }
    cookie.set_max_age(max_age.map(cookie::time::Duration::seconds));
    cookie
}

/// Writes the attributes in the order of the contract (§2.1), which the crate's own writer does not keep.
fn write(cookie: &Cookie<'_>) -> String {
    let mut text = format!("{}={}", cookie.name(), cookie.value());
    let mut attribute = |attribute: std::fmt::Arguments<'_>| {
        write!(text, "; {attribute}").expect("writing to a string does not fail");
    };
    if let Some(max_age) = cookie.max_age() {
        attribute(format_args!("Max-Age={}", max_age.whole_seconds()));
    }
    if let Some(domain) = cookie.domain() {
        attribute(format_args!("Domain={domain}"));
    }
    if let Some(path) = cookie.path() {
        attribute(format_args!("Path={path}"));
    }
    if cookie.http_only() == Some(true) {
        attribute(format_args!("HttpOnly"));
    }
    if cookie.secure() == Some(true) {
        attribute(format_args!("Secure"));
    }
    if let Some(same_site) = cookie.same_site() {
        attribute(format_args!("SameSite={same_site}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_follow_the_settings() {
        let settings = |name: &str, secure, same_site, domain: Option<&str>| CookieSettings {
            name: name.into(),
            secure,
            same_site,
            domain: domain.map(Into::into),
            better_auth: None,
        };
        let host = settings("__Host-authgate_session", true, SameSite::Lax, None);
        let wide = settings("__Secure-authgate_session", true, SameSite::None, Some("example.com"));
        let plain = settings("authgate_session", false, SameSite::Strict, None);
        for (settings, value, max_age, expected) in [
            (
                &host,
                "abc",
                Some(604_800),
                "__Host-authgate_session=abc; Max-Age=604800; Path=/; HttpOnly; Secure; SameSite=Lax",
            ),
            (&host, "abc", None, "__Host-authgate_session=abc; Path=/; HttpOnly; Secure; SameSite=Lax"),
            (&host, "", Some(0), "__Host-authgate_session=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax"),
            (
                &wide,
                "abc",
                Some(60),
                "__Secure-authgate_session=abc; Max-Age=60; Domain=example.com; Path=/; HttpOnly; Secure; SameSite=None",
            ),
            (&plain, "abc", None, "authgate_session=abc; Path=/; HttpOnly; SameSite=Strict"),
        ] {
            let text = write(&cookie(settings, value, max_age));
            assert_eq!(text, expected);
            assert_eq!(Cookie::parse(text.as_str()).unwrap(), cookie(settings, value, max_age));
        }
        for (settings, name, expected) in [
            (&host, "__Secure-a", &["__Secure-a=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax"][..]),
            (&plain, "a", &["a=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict"]),
            (&plain, "__Secure-a", &["__Secure-a=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Strict"]),
            (
                &wide,
                "a",
                &[
                    "a=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=None",
                    "a=; Max-Age=0; Domain=example.com; Path=/; HttpOnly; Secure; SameSite=None",
                ],
            ),
        ] {
            let cleared: Vec<HeaderValue> = cleared_better_auth_cookie(settings, name).collect();
            assert_eq!(cleared, expected, "{name}");
        }
    }
}
