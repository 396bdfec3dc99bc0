//! Reads what a request presents to be recognised by. Exactly one credential decides (SESS-10, KEY-05).

use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::{
    sessions::{BetterAuthCookies, CookieSettings, jwt::PresentedJwt},
    types::{AcceptedCredentials, ApiKey, SessionToken},
};

/// This many tokens are looked at where all that are presented count.
const MAX_TOKENS: usize = 16;

/// Is the one credential of a request, not yet checked against the database.
#[derive(Debug, Clone)]
pub enum Presented {
    /// Is neither our cookie nor a bearer token.
    None,
    Cookie(SessionToken),
    Bearer(SessionToken),
    /// Is a bearer token in the form of a JSON Web Token, not yet verified.
    Jwt(PresentedJwt),
    /// Is an API key, in its header or as a bearer token.
    ApiKey(ApiKey),
    /// Is an API key's header with a value that cannot be one, several of them, or one beside another bearer token.
    MalformedApiKey,
    /// Is our cookie with a value that cannot be a token, or twice with different values (cookie tossing).
    MalformedCookie,
    /// Is a bearer token that cannot be ours, or several `Authorization` fields.
    MalformedBearer,
}

/// Reads the credential out of those that are accepted where the request goes, API keys aside: where there are none, or
/// where none counts. A bearer token, good or bad, always wins over the cookie; other `Authorization` schemes are the
/// upstream's business.
#[must_use]
pub fn presented(headers: &HeaderMap, settings: &CookieSettings, accepted: AcceptedCredentials) -> Presented {
    presented_with_api_keys(headers, settings, None, accepted)
}

/// Does the same where API keys are on, which come in a header of this name or as bearer tokens. A key in its header,
/// good or bad, wins over the cookie too; beside another bearer token nobody can say which of the two was meant.
#[must_use]
pub fn presented_with_api_keys(
    headers: &HeaderMap,
    settings: &CookieSettings,
    api_key_header: Option<&HeaderName>,
    accepted: AcceptedCredentials,
) -> Presented {
    let key_header = api_key_header.filter(|_| accepted.api_key);
    if let Some(value) = key_header.and_then(|name| headers.get(name).map(|value| (name, value))) {
        return api_key(headers, value, accepted, settings.better_auth.is_some());
    }
    if accepted.bearer {
        let mut authorization = headers.get_all(header::AUTHORIZATION).iter();
        match (authorization.next(), authorization.next()) {
            (Some(_), Some(_)) => return Presented::MalformedBearer,
            (Some(value), None) => match bearer(value.as_bytes(), settings.better_auth.as_deref()) {
                Some(Bearer::Session(token)) => return Presented::Bearer(token),
                Some(Bearer::Jwt(token)) => return Presented::Jwt(token),
                Some(Bearer::ApiKey(key)) if key_header.is_some() => return Presented::ApiKey(key),
                Some(Bearer::ApiKey(_) | Bearer::Malformed) => return Presented::MalformedBearer,
                None => {}
            },
            (None, _) => {}
        }
    }
    if !accepted.cookie {
        return Presented::None;
    }
    let mut values = cookies(headers, &settings.name);
    match values.next() {
        None => better_auth_token(headers, settings).map_or(Presented::None, Presented::Cookie),
        Some(first) if values.any(|other| other != first) => Presented::MalformedCookie,
        Some(first) => settings.token(first).map_or(Presented::MalformedCookie, Presented::Cookie),
    }
}

/// Reads the cookie that ours takes the place of, where there is none of ours. It counts while its signature is good; any
/// other, and several with different values, are no cookie at all, as they were to better-auth.
fn better_auth_token(headers: &HeaderMap, settings: &CookieSettings) -> Option<SessionToken> {
    let better_auth = settings.better_auth.as_ref()?;
    let mut values =
        all_cookies(headers).filter(|(name, _)| better_auth.is_session_token(name)).map(|(_, value)| value);
    let first = values.next()?;
    let is_one = values.all(|other| other == first);
    better_auth.signed_token(first).filter(|_| is_one)
}

/// Reads a key in its header. The same key may stand in `Authorization` too, and other schemes than `Bearer`. Keys that
/// came with users of better-auth have another form.
fn api_key(
    headers: &HeaderMap,
    (name, value): (&HeaderName, &HeaderValue),
    accepted: AcceptedCredentials,
    takes_foreign: bool,
) -> Presented {
    let text = value.as_bytes().trim_ascii();
    let foreign = |error| if takes_foreign { ApiKey::parse_foreign(text) } else { Err(error) };
    let Ok(key) = ApiKey::parse(text).or_else(foreign) else { return Presented::MalformedApiKey };
    let is_same = |text: &[u8]| text == key.expose().as_bytes();
    let is_alone = headers.get_all(name).iter().all(|value| is_same(value.as_bytes().trim_ascii()));
    let is_undisputed = !accepted.bearer
        || headers.get_all(header::AUTHORIZATION).iter().all(|field| bearer_text(field.as_bytes()).is_none_or(is_same));
    if is_alone && is_undisputed { Presented::ApiKey(key) } else { Presented::MalformedApiKey }
}

/// Returns every token that a request holds, whether or not one of them decides: the bearer tokens and the values of
/// all cookies of the name, each once; those of better-auth's cookies too, where they count. A browser that was given
/// several cookies of one name is signed out of all of them (SESS-16).
#[must_use]
pub fn all_presented(headers: &HeaderMap, settings: &CookieSettings) -> Vec<SessionToken> {
    let better_auth = settings.better_auth.as_deref();
    let authorization = headers.get_all(header::AUTHORIZATION).iter();
    let bearers = authorization.filter_map(|value| match bearer(value.as_bytes(), better_auth) {
        Some(Bearer::Session(token)) => Some(token),
        _ => None,
    });
    let own = cookies(headers, &settings.name).filter_map(|value| settings.token(value));
    let theirs = better_auth.into_iter().flat_map(|better_auth| {
        let named = all_cookies(headers).filter(|(name, _)| better_auth.is_session_token(name));
        named.filter_map(|(_, value)| better_auth.signed_token(value))
    });
    let mut tokens: Vec<SessionToken> = Vec::new();
    for found in bearers.chain(own).chain(theirs) {
        if tokens.len() < MAX_TOKENS && !tokens.iter().any(|known| known.expose() == found.expose()) {
            tokens.push(found);
        }
    }
    tokens
}

/// Says what stands behind `Bearer`.
#[derive(Debug)]
pub(crate) enum Bearer {
    Session(SessionToken),
    Jwt(PresentedJwt),
    ApiKey(ApiKey),
    /// Is none of these, so nothing of ours.
    Malformed,
}

/// Reads what stands behind `Bearer` (in any case); `None` where that is not the scheme. Tokens of better-auth's are
/// read where its cookies are.
#[must_use]
pub(crate) fn bearer(value: &[u8], better_auth: Option<&BetterAuthCookies>) -> Option<Bearer> {
    let text = bearer_text(value)?;
    let theirs = || better_auth?.token(text);
    let known = token(text).or_else(theirs).map(Bearer::Session).or_else(|| jwt(text).map(Bearer::Jwt));
    Some(known.or_else(|| ApiKey::parse(text).ok().map(Bearer::ApiKey)).unwrap_or(Bearer::Malformed))
}

/// Returns the text behind `Bearer` (in any case), whatever it is; `None` where that is not the scheme.
#[must_use]
pub(crate) fn bearer_text(value: &[u8]) -> Option<&[u8]> {
    let (scheme, rest) = value.split_at_checked(6)?;
    let is_bearer = scheme.eq_ignore_ascii_case(b"bearer") && rest.first().is_none_or(|&b| b == b' ' || b == b'\t');
    is_bearer.then(|| rest.trim_ascii())
}

fn token(text: &[u8]) -> Option<SessionToken> {
    SessionToken::parse(std::str::from_utf8(text).ok()?).ok()
}

fn jwt(text: &[u8]) -> Option<PresentedJwt> {
    PresentedJwt::parse(std::str::from_utf8(text).ok()?)
}

/// Returns the values of every cookie of this name, over all `Cookie` fields in order. Other cookies may hold any
/// bytes: an app's own need not be UTF-8, and say nothing about ours (SESS-16).
pub(crate) fn cookies<'h>(headers: &'h HeaderMap, name: &str) -> impl Iterator<Item = &'h [u8]> {
    all_cookies(headers).filter_map(move |(found, value)| (found == name.as_bytes()).then_some(value))
}

/// Returns what follows the prefix in the names of the cookies that begin with it, and their values.
pub(crate) fn cookies_of_prefix<'h>(
    headers: &'h HeaderMap,
    prefix: &str,
) -> impl Iterator<Item = (&'h [u8], &'h [u8])> {
    all_cookies(headers).filter_map(move |(name, value)| Some((name.strip_prefix(prefix.as_bytes())?, value)))
}

/// Returns the names and values of all cookies, over all `Cookie` fields in order.
pub(crate) fn all_cookies(headers: &HeaderMap) -> impl Iterator<Item = (&[u8], &[u8])> {
    headers.get_all(header::COOKIE).iter().flat_map(|line| line.as_bytes().split(|&b| b == b';')).filter_map(|pair| {
        let pair = trim_blanks(pair);
        let equals = pair.iter().position(|&b| b == b'=')?;
        Some((&pair[..equals], &pair[equals + 1..]))
    })
}

/// Returns the value without the blanks and tabs around it.
fn trim_blanks(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{sessions::SameSite, types::Secret};

    fn settings() -> CookieSettings {
        CookieSettings { name: "sid".into(), secure: false, same_site: SameSite::Lax, domain: None, better_auth: None }
    }

    fn kind(fields: &[(&'static str, String)]) -> &'static str {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(*name, value.parse().unwrap());
        }
        let key_header = HeaderName::from_static("x-api-key");
        match presented_with_api_keys(&headers, &settings(), Some(&key_header), AcceptedCredentials::ALL) {
            Presented::None => "none",
            Presented::Cookie(_) => "cookie",
            Presented::Bearer(_) => "bearer",
            Presented::Jwt(_) => "jwt",
            Presented::ApiKey(_) => "key",
            Presented::MalformedApiKey => "malformed key",
            Presented::MalformedCookie => "malformed cookie",
            Presented::MalformedBearer => "malformed bearer",
        }
    }

    #[test]
    fn exactly_one_credential_decides() {
        let [key, other] = [(); 2].map(|()| ApiKey::generate("ag_").expose().to_owned());
        let a = "a".repeat(43);
        let b = "b".repeat(43);
        let raw = |bytes: &[u8]| {
            let mut headers = HeaderMap::new();
            headers.append("cookie", http::HeaderValue::from_bytes(bytes).unwrap());
            matches!(presented(&headers, &settings(), AcceptedCredentials::ALL), Presented::Cookie(_))
        };
        // Latin-1, GBK, in the value and in the name.
        for foreign in [&b"city=Malm\xf6"[..], b"ci\xf6ty=1", b"x=\xb9\xe3\xd6\xdd", b"\xff", b"=", b";;"] {
            assert!(raw(&[foreign, b"; sid=", a.as_bytes()].concat()), "{foreign:?}");
            assert!(raw(&[b"sid=", a.as_bytes(), b";", foreign].concat()), "{foreign:?}");
        }
        assert!(!raw(&[b"sid=\xff; sid=", a.as_bytes()].concat()), "two values of ours, one of them no token");
        for (fields, expected) in [
            (vec![], "none"),
            (vec![("cookie", format!("sid={a}"))], "cookie"),
            (vec![("cookie", format!("x=1; sid={a}; y=2"))], "cookie"),
            (vec![("cookie", format!("sid={a}")), ("cookie", format!("sid={a}"))], "cookie"),
            (vec![("cookie", format!("sid={a}; sid={b}"))], "malformed cookie"),
            (vec![("cookie", format!("sid={a}")), ("cookie", "sid=".to_owned())], "malformed cookie"),
            (vec![("cookie", "sid=short".to_owned())], "malformed cookie"),
            (vec![("cookie", format!("SID={a}"))], "none"),
            (vec![("cookie", format!("xsid={a}"))], "none"),
            (vec![("authorization", format!("Bearer {a}"))], "bearer"),
            (vec![("authorization", format!("bEaReR  {a} "))], "bearer"),
            (vec![("authorization", "Bearer".to_owned())], "malformed bearer"),
            (vec![("authorization", "bearer a.b.c".to_owned()), ("cookie", format!("sid={a}"))], "jwt"),
            (vec![("authorization", "Bearer a.b".to_owned())], "malformed bearer"),
            (vec![("authorization", "Bearer a.b.c, a.b.c".to_owned())], "malformed bearer"),
            (vec![("authorization", "Bearer nonsense".to_owned()), ("cookie", format!("sid={a}"))], "malformed bearer"),
            (vec![("authorization", format!("Bearer {a}, Bearer {b}"))], "malformed bearer"),
            (
                vec![("authorization", format!("Bearer {a}")), ("authorization", format!("Bearer {a}"))],
                "malformed bearer",
            ),
            (vec![("authorization", "Basic Zm9v".to_owned()), ("cookie", format!("sid={a}"))], "cookie"),
            (vec![("authorization", format!("Bearerx {a}"))], "none"),
            (vec![("x-api-key", key.clone()), ("cookie", format!("sid={a}"))], "key"),
            (vec![("authorization", format!("Bearer {key}")), ("cookie", format!("sid={a}"))], "key"),
            (vec![("x-api-key", key.clone()), ("authorization", "Basic Zm9v".to_owned())], "key"),
            (vec![("x-api-key", key.clone()), ("authorization", format!("Bearer {key}"))], "key"),
            (vec![("x-api-key", key.clone()), ("authorization", format!("Bearer {a}"))], "malformed key"),
            (vec![("x-api-key", key.clone()), ("authorization", "Bearer".to_owned())], "malformed key"),
            (vec![("x-api-key", key.clone()), ("x-api-key", other.clone())], "malformed key"),
            (vec![("x-api-key", String::new()), ("cookie", format!("sid={a}"))], "malformed key"),
            (vec![("x-api-key", format!("{key}x")), ("authorization", format!("Bearer {a}"))], "malformed key"),
            (vec![("authorization", format!("Bearer {key}x"))], "malformed bearer"),
        ] {
            assert_eq!(kind(&fields), expected, "{fields:?}");
        }
    }

    #[test]
    fn what_is_not_accepted_is_not_looked_at() {
        let token = "a".repeat(43);
        let headers: HeaderMap = [
            (header::AUTHORIZATION, format!("Bearer {token}").parse().unwrap()),
            (header::COOKIE, format!("sid={}", "b".repeat(43)).parse().unwrap()),
        ]
        .into_iter()
        .collect();
        let read =
            |cookie, bearer| presented(&headers, &settings(), AcceptedCredentials { cookie, bearer, api_key: true });
        assert!(matches!(read(true, true), Presented::Bearer(_)));
        assert!(matches!(read(false, true), Presented::Bearer(_)));
        assert!(matches!(read(true, false), Presented::Cookie(_)));
        assert!(matches!(read(false, false), Presented::None));
        let (name, key) = (HeaderName::from_static("x-api-key"), ApiKey::generate("ag_"));
        let by = |field: HeaderName, value: String, on: Option<&HeaderName>, bearer: bool, api_key: bool| {
            let headers = HeaderMap::from_iter([(field, value.parse().unwrap())]);
            presented_with_api_keys(&headers, &settings(), on, AcceptedCredentials { cookie: true, bearer, api_key })
        };
        let (header, bearer) = (key.expose().to_owned(), format!("Bearer {}", key.expose()));
        assert!(matches!(by(name.clone(), header.clone(), Some(&name), true, false), Presented::None));
        assert!(matches!(by(name.clone(), header.clone(), None, true, true), Presented::None), "there are no keys");
        assert!(matches!(by(name.clone(), header, Some(&name), false, true), Presented::ApiKey(_)));
        let authorization = header::AUTHORIZATION;
        assert!(matches!(by(authorization.clone(), bearer.clone(), Some(&name), false, true), Presented::None));
        assert!(matches!(
            by(authorization.clone(), bearer.clone(), Some(&name), true, false),
            Presented::MalformedBearer
        ));
        assert!(matches!(by(authorization, bearer, None, true, true), Presented::MalformedBearer));
    }
    const SIGNED: &str = "gFQ5u3KubakKeuW4DkCSgCULxCgeUevv.jUPA6tJl61FAEXGoX6noqpm9Oy%2Fwz%2BJCq6kIyS86%2Ba0%3D";

    /// Names the credential that decides, by the begin of its token.
    fn decides(fields: &[(HeaderName, String)], is_on: bool) -> (String, Vec<String>) {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(name, value.parse().unwrap());
        }
        let secret = Secret::new("test-secret-test-secret-0123456789abcdef".to_owned());
        let better_auth = is_on.then(|| BetterAuthCookies::new(&[secret], "better-auth", None).into());
        let settings = CookieSettings { better_auth, ..settings() };
        let begin = |token: &SessionToken| token.expose()[..2].to_owned();
        let decides = match presented(&headers, &settings, AcceptedCredentials::ALL) {
            Presented::Cookie(token) => format!("cookie {}", begin(&token)),
            Presented::Bearer(token) => format!("bearer {}", begin(&token)),
            other => format!("{other:?}"),
        };
        (decides, all_presented(&headers, &settings).iter().map(begin).collect())
    }

    #[test]
    fn a_cookie_of_better_auth_counts_where_there_is_none_of_ours() {
        let (a, raw) = ("a".repeat(43), &SIGNED[..32]);
        let cookie = |text: String| vec![(header::COOKIE, text)];
        let old = format!("better-auth.session_token={SIGNED}");
        for (fields, expected, all) in [
            (cookie(old.clone()), "cookie gF", &["gF"][..]),
            (cookie(format!("x=1; __Secure-{old}")), "cookie gF", &["gF"]),
            (cookie(format!("{old}; __Secure-{old}")), "cookie gF", &["gF"]),
            (cookie(format!("sid={a}; {old}")), "cookie aa", &["aa", "gF"]),
            (cookie(format!("sid=bad; {old}")), "MalformedCookie", &["gF"]),
            (cookie(format!("sid={raw}")), "cookie gF", &["gF"]),
            (cookie(format!("sid={SIGNED}")), "cookie gF", &["gF"]),
            (cookie(format!("{old}; better-auth.session_token=")), "None", &["gF"]),
            (cookie(format!("{old}; __Secure-{old}x")), "None", &["gF"]),
            (cookie(format!("better-auth.session_token={raw}")), "None", &[]),
            (cookie(format!("{old}x")), "None", &[]),
            (vec![(header::AUTHORIZATION, format!("Bearer {raw}"))], "bearer gF", &["gF"]),
            (vec![(header::AUTHORIZATION, format!("bearer {SIGNED}"))], "bearer gF", &["gF"]),
            (
                vec![(header::AUTHORIZATION, format!("Bearer {SIGNED}")), (header::COOKIE, format!("sid={a}"))],
                "bearer gF",
                &["gF", "aa"],
            ),
            (
                vec![(header::AUTHORIZATION, format!("Bearer {SIGNED}x")), (header::COOKIE, old.clone())],
                "MalformedBearer",
                &["gF"],
            ),
        ] {
            assert_eq!(
                decides(&fields, true),
                (expected.to_owned(), all.iter().map(|&s| s.to_owned()).collect()),
                "{fields:?}"
            );
        }
        for (fields, expected) in [
            (cookie(old.clone()), "None"),
            (cookie(format!("sid={raw}")), "MalformedCookie"),
            (cookie(format!("sid={SIGNED}")), "MalformedCookie"),
            (vec![(header::AUTHORIZATION, format!("Bearer {raw}"))], "MalformedBearer"),
            (vec![(header::AUTHORIZATION, format!("Bearer {SIGNED}"))], "MalformedBearer"),
        ] {
            assert_eq!(decides(&fields, false), (expected.to_owned(), vec![]), "{fields:?}");
        }
    }
}
