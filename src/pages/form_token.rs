//! Proves that a form was sent from a page that this browser was shown (CSRF-03, CSRF-05): a cookie that only the browser has,
//! and in each form the cookie's hash under the gateway's key. It keeps strangers from signing a browser in, too, where
//! there is no session yet. A second hash says which session the page was shown to, so that nothing which somebody typed
//! as one account happens to another.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, HeaderValue};

use crate::{
    crypto::Mac,
    sessions::{
        CookieSettings,
        credential::{Presented, cookies, presented},
    },
    types::{AcceptedCredentials, TokenHash},
};

/// Names what the keys of form tokens are derived for.
pub const FORM_PURPOSE: &str = "page forms";
const BYTES: usize = 32;

/// Holds what the browser keeps between a form and its submission.
#[derive(Clone)]
pub(crate) struct FormCookie {
    value: String,
    is_new: bool,
}

/// Says what a form's token proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(crate) enum FormProof {
    /// This browser was shown the form, in the session that it presents.
    Valid,
    /// This browser was shown the form, and has signed in or out since.
    Stale,
    Missing,
}

impl FormCookie {
    /// Returns the browser's cookie, or a new one. Two different ones are none (SESS-10).
    pub(crate) fn from_headers(headers: &HeaderMap, settings: &CookieSettings) -> Self {
        let mut values = cookies(headers, settings.form_name());
        let first = values.next().filter(|first| values.all(|other| other == *first));
        let presented = first
            .and_then(|value| std::str::from_utf8(value).ok())
            .filter(|value| URL_SAFE_NO_PAD.decode(value).is_ok_and(|bytes| bytes.len() == BYTES));
        if let Some(value) = presented {
            return Self { value: value.to_owned(), is_new: false };
        }
        let mut bytes = [0; BYTES];
        getrandom::fill(&mut bytes).expect("the system has randomness");
        Self { value: URL_SAFE_NO_PAD.encode(bytes), is_new: true }
    }

    /// Returns what the hidden field of each form holds.
    pub(crate) fn token(&self, shown_to: &ShownTo, mac: &Mac) -> String {
        let hash = |text: &str| URL_SAFE_NO_PAD.encode(mac.make(text));
        format!("{}.{}", hash(&self.value), hash(&shown_to.text(&self.value)))
    }

    /// Tells whether a form came from a page that this browser was shown, and in this session.
    pub(crate) fn prove(&self, token: &str, shown_to: &ShownTo, mac: &Mac) -> FormProof {
        let is_hash = |hash: &str, text: &str| URL_SAFE_NO_PAD.decode(hash).is_ok_and(|hash| mac.verifies(text, &hash));
        match token.split_once('.') {
            Some((browser, _)) if self.is_new || !is_hash(browser, &self.value) => FormProof::Missing,
            Some((_, session)) if is_hash(session, &shown_to.text(&self.value)) => FormProof::Valid,
            Some(_) => FormProof::Stale,
            None => FormProof::Missing,
        }
    }

    /// Returns the `Set-Cookie` line of one that the browser does not have yet.
    pub(crate) fn set_cookie(&self, settings: &CookieSettings) -> Option<String> {
        let secure = if settings.secure { "; Secure" } else { "" };
        let name = settings.form_name();
        self.is_new.then(|| format!("{name}={}; Path=/; HttpOnly; SameSite=Lax{secure}", self.value))
    }
}

/// Says which session the browser presents while it is shown a page, or none. The session's token tells, so that
/// nothing has to be looked up.
#[derive(Debug, Clone)]
pub(crate) struct ShownTo(Option<TokenHash>);

impl ShownTo {
    /// Reads the cookie that the browser sent.
    pub(crate) fn from_headers(headers: &HeaderMap, settings: &CookieSettings) -> Self {
        let accepted = AcceptedCredentials { cookie: true, bearer: false, api_key: false };
        Self(match presented(headers, settings, accepted) {
            Presented::Cookie(token) => Some(token.hash()),
            _ => None,
        })
    }

    /// Returns which one it presents next, after these `Set-Cookie` lines.
    pub(crate) fn after(self, lines: &[HeaderValue], settings: &CookieSettings) -> Self {
        lines.iter().fold(self, |before, line| {
            let line = line.to_str().unwrap_or_default();
            let value = line.strip_prefix(&settings.name).and_then(|rest| rest.strip_prefix('='));
            let Some(value) = value.map(|rest| rest.split(';').next().unwrap_or_default()) else { return before };
            Self(settings.token(value.as_bytes()).map(|token| token.hash()))
        })
    }

    /// Tells whether the browser has a session's cookie.
    pub(crate) fn is_somebody(&self) -> bool {
        self.0.is_some()
    }

    fn text(&self, form_cookie: &str) -> String {
        let session = self.0.as_ref().map(|hash| URL_SAFE_NO_PAD.encode(hash.as_bytes()));
        format!("{form_cookie} {}", session.as_deref().unwrap_or("nobody"))
    }
}

#[cfg(test)]
mod tests {
    use http::header;

    use super::*;
    use crate::{
        crypto::Keyring,
        sessions::SameSite,
        types::{Secret, SessionToken},
    };

    fn settings() -> CookieSettings {
        CookieSettings {
            name: "sid".to_owned(),
            secure: false,
            same_site: SameSite::Lax,
            domain: None,
            better_auth: None,
        }
    }

    fn headers(cookie: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::COOKIE, cookie.parse().unwrap())])
    }

    #[test]
    fn a_token_is_the_browsers_and_the_sessions() {
        let (mac, settings) = (Keyring::new(&[Secret::new("x".repeat(32))]).mac("forms"), settings());
        let (ada, bob) = (SessionToken::generate(), SessionToken::generate());
        let session =
            |token: &SessionToken| ShownTo::from_headers(&headers(&format!("sid={}", token.expose())), &settings);
        let nobody = ShownTo::from_headers(&HeaderMap::new(), &settings);
        let value = URL_SAFE_NO_PAD.encode([1; BYTES]);
        let own = FormCookie::from_headers(&headers(&format!("authgate_form={value}")), &settings);
        let token = own.token(&session(&ada), &mac);
        assert_eq!(own.prove(&token, &session(&ada), &mac), FormProof::Valid);
        for other in [&session(&bob), &nobody] {
            assert_eq!(own.prove(&token, other, &mac), FormProof::Stale);
        }
        let line = format!("sid={}; Path=/", ada.expose()).parse().unwrap();
        assert_eq!(own.prove(&token, &nobody.clone().after(&[line], &settings), &mac), FormProof::Valid);
        let cleared = "sid=; Path=/; Max-Age=0".parse().unwrap();
        let token = own.token(&session(&ada).after(&[cleared], &settings), &mac);
        assert_eq!(own.prove(&token, &nobody, &mac), FormProof::Valid);
        let stranger = FormCookie::from_headers(&HeaderMap::new(), &settings);
        for wrong in [&stranger.token(&nobody, &mac), "", "x", ".", token.split('.').next().unwrap()] {
            assert_eq!(own.prove(wrong, &nobody, &mac), FormProof::Missing, "{wrong}");
        }
        assert_eq!(stranger.prove(&stranger.token(&nobody, &mac), &nobody, &mac), FormProof::Missing);
    }

    #[test]
    fn two_different_cookies_are_none() {
        let value = |byte: u8| format!("authgate_form={}", URL_SAFE_NO_PAD.encode([byte; BYTES]));
        for (cookies, is_new) in [
            (value(1), false),
            (format!("{}; {}", value(1), value(1)), false),
            (format!("{}; {}", value(1), value(2)), true),
            (format!("{}; authgate_form=x", value(1)), true),
            ("authgate_form=x".to_owned(), true),
        ] {
            assert_eq!(FormCookie::from_headers(&headers(&cookies), &settings()).is_new, is_new, "{cookies}");
        }
    }
}
