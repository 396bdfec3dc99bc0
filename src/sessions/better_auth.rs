//! Reads what opens a session that the library better-auth opened, before its users came here (contract §§2.1–2.3, 4.1).
//!
//! A session's row came with them, so its token identifies it as ours do. In the browser it stands signed in a cookie of
//! another name; a program sends it signed or alone. This file knows names and signatures, and reads no headers.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use percent_encoding::percent_decode;

use crate::{
    crypto::Mac,
    sessions::better_auth_links::SignedLink,
    types::{Secret, SessionToken},
};

/// Stands before the names on https.
const SECURE: &str = "__Secure-";
/// Limits what is looked at, in bytes. A signed token has 77, and three times that where every byte is escaped.
const MAX_SIGNED: usize = 256;
/// Is the length of an HMAC-SHA256 in standard base64.
const SIGNATURE_LENGTH: usize = 44;

/// Holds the names of better-auth's cookies and the secrets that they are signed with.
pub struct BetterAuthCookies {
    mac: Mac,
    session_token: String,
    session_data: String,
    dont_remember: String,
    admin_session: String,
}

impl BetterAuthCookies {
    /// Is the prefix of the names where nothing else was configured.
    pub const DEFAULT_PREFIX: &'static str = "better-auth";

    /// Takes the secrets that may have signed, and how the cookies are named: by a prefix, and the session's by a name
    /// of its own where it has one. Neither includes `__Secure-`.
    #[must_use]
    pub fn new(secrets: &[Secret], prefix: &str, session_token: Option<&str>) -> Self {
        let named = |name: &str| format!("{prefix}.{name}");
        Self {
            mac: Mac::from_secrets(secrets),
            session_token: session_token.map_or_else(|| named("session_token"), str::to_owned),
            session_data: named("session_data"),
            dont_remember: named("dont_remember"),
            admin_session: named("admin_session"),
        }
    }

    /// Reads a token as a program sends it, or as it stands in a cookie of ours: alone or signed.
    #[must_use]
    pub fn token(&self, text: &[u8]) -> Option<SessionToken> {
        let alone = std::str::from_utf8(text).ok().and_then(|text| SessionToken::parse_better_auth(text).ok());
        alone.or_else(|| self.signed_token(text))
    }

    /// Reads a token as it stands in a cookie of theirs: signed, and nothing else will do.
    #[must_use]
    pub fn signed_token(&self, text: &[u8]) -> Option<SessionToken> {
        SessionToken::parse_better_auth(&self.verified(text)?).ok()
    }

    /// Reads a link that better-auth mailed to prove an address; nothing that it signed for another purpose will do.
    #[must_use]
    pub fn signed_link(&self, token: &str) -> Option<SignedLink> {
        SignedLink::read(token, &self.mac)
    }

    /// Tells whether a cookie says that its browser is to forget the session when it closes.
    #[must_use]
    pub fn forgets_session(&self, name: &[u8], value: &[u8]) -> bool {
        is_named(name, &self.dont_remember) && self.verified(value).as_deref() == Some("true")
    }

    /// Tells whether a cookie of this name holds the session's token.
    #[must_use]
    pub fn is_session_token(&self, name: &[u8]) -> bool {
        is_named(name, &self.session_token)
    }

    /// Tells whether a cookie of this name, without prefix, says whose session it is. Apps see none of them: what is in
    /// them opens sessions, and so it is their successor's secret.
    #[must_use]
    pub fn contains(&self, bare: &[u8]) -> bool {
        self.contains_by(bare, <[u8]>::eq)
    }

    /// Does the same for a name in any case.
    #[must_use]
    pub fn contains_in_any_case(&self, bare: &[u8]) -> bool {
        self.contains_by(bare, <[u8]>::eq_ignore_ascii_case)
    }

    fn contains_by(&self, name: &[u8], is_same: impl Fn(&[u8], &[u8]) -> bool) -> bool {
        // A long `session_data` is spread over several cookies, and a browser with several sessions has one of each.
        let begins = |prefix: &str, end: &[u8]| {
            let (begin, rest) = name.split_at_checked(prefix.len()).unwrap_or_default();
            !rest.is_empty()
                && is_same(begin, prefix.as_bytes())
                && rest.split_at_checked(end.len()).is_some_and(|(begin, _)| is_same(begin, end))
        };
        let single = [&self.session_token, &self.session_data, &self.dont_remember, &self.admin_session];
        single.iter().any(|own| is_same(name, own.as_bytes()))
            || begins(&self.session_data, b".")
            || begins(&self.session_token, b"_multi-")
    }

    /// Returns the value whose signature is good. The signature stands behind the last dot, and cookies have the whole
    /// URL-encoded. The comparison takes the same time whatever differs.
    fn verified(&self, text: &[u8]) -> Option<String> {
        if text.len() > MAX_SIGNED {
            return None;
        }
        let text = percent_decode(text).decode_utf8().ok()?;
        let (value, signature) = text.rsplit_once('.')?;
        if signature.len() != SIGNATURE_LENGTH {
            return None;
        }
        let signature = STANDARD.decode(signature).ok()?;
        self.mac.verifies(value, &signature).then(|| value.to_owned())
    }
}

impl fmt::Debug for BetterAuthCookies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BetterAuthCookies({})", self.session_token)
    }
}

/// Tells whether a cookie has this name, with `__Secure-` before it or without.
fn is_named(found: &[u8], name: &str) -> bool {
    found.strip_prefix(SECURE.as_bytes()).unwrap_or(found) == name.as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "test-secret-test-secret-0123456789abcdef";
    const TOKEN: &str = "gFQ5u3KubakKeuW4DkCSgCULxCgeUevv";
    const SIGNATURE: &str = "jUPA6tJl61FAEXGoX6noqpm9Oy/wz+JCq6kIyS86+a0=";

    fn cookies(secrets: &[&str]) -> BetterAuthCookies {
        let secrets: Vec<Secret> = secrets.iter().map(|text| Secret::new((*text).to_owned())).collect();
        BetterAuthCookies::new(&secrets, BetterAuthCookies::DEFAULT_PREFIX, None)
    }

    /// As `encodeURIComponent` writes it.
    fn encoded(text: &str) -> String {
        text.replace('/', "%2F").replace('+', "%2B").replace('=', "%3D")
    }

    #[test]
    fn a_signed_token_is_read_in_every_form_that_clients_send() {
        let signed = format!("{TOKEN}.{SIGNATURE}");
        let read = |secrets: &[&str], text: &str| {
            let cookies = cookies(secrets);
            let expose = |token: Option<SessionToken>| token.map(|token| token.expose().to_owned());
            (expose(cookies.signed_token(text.as_bytes())), expose(cookies.token(text.as_bytes())))
        };
        for text in [signed.clone(), encoded(&signed), encoded(&signed).replace("%3D", "%3d")] {
            assert_eq!(read(&[SECRET], &text), (Some(TOKEN.to_owned()), Some(TOKEN.to_owned())), "{text}");
        }
        assert_eq!(read(&["another", SECRET], &signed).0.as_deref(), Some(TOKEN), "any of the secrets");
        assert_eq!(read(&[SECRET], TOKEN), (None, Some(TOKEN.to_owned())), "alone, it is nothing in their cookie");
        for text in [
            format!("{TOKEN}."),
            format!("{TOKEN}.{}", SIGNATURE.trim_end_matches('=')),
            format!("{TOKEN}.{}", SIGNATURE.replace('/', "_").replace('+', "-")),
            format!("{TOKEN}.k{}", &SIGNATURE[1..]),
            format!("h{}.{SIGNATURE}", &TOKEN[1..]),
            format!(".{SIGNATURE}"),
            format!("{TOKEN}.{SIGNATURE} "),
            format!("\"{signed}\""),
            encoded(&encoded(&signed)).replace('%', "%25"),
            // A good signature of what is no token.
            "true.mc3KK7lK6j9KfjeHi4xQB7oM/Amo/w8jRTrliZ/Klyk=".to_owned(),
            format!("{TOKEN}x"),
            "-".repeat(32),
            "%".repeat(80),
            "a".repeat(MAX_SIGNED + 1),
            String::new(),
        ] {
            assert_eq!(read(&[SECRET], &text), (None, None), "{text}");
        }
        assert_eq!(read(&["another"], &signed), (None, None));
        assert!(cookies(&[SECRET]).token(b"\xff%ff.\xff").is_none());
    }

    #[test]
    fn names_are_known_with_and_without_prefix() {
        let own = cookies(&[SECRET]);
        for name in ["better-auth.session_token", "__Secure-better-auth.session_token"] {
            assert!(own.is_session_token(name.as_bytes()), "{name}");
        }
        for name in ["better-auth.session_data", "__Host-better-auth.session_token", "Better-Auth.session_token"] {
            assert!(!own.is_session_token(name.as_bytes()), "{name}");
        }
        for name in [
            "better-auth.session_token",
            "better-auth.session_data",
            "better-auth.session_data.0",
            "better-auth.dont_remember",
            "better-auth.admin_session",
            "better-auth.session_token_multi-abc",
        ] {
            let upper = name.to_ascii_uppercase();
            assert!(own.contains(name.as_bytes()) && own.contains_in_any_case(upper.as_bytes()), "{name}");
            assert!(!own.contains(upper.as_bytes()), "{upper}");
        }
        for theirs in [
            "",
            "better-auth",
            "better-auth.last_used_login_method",
            "better-auth.session_tokens",
            "better-auth.session_data_x",
            "other.session_token",
        ] {
            assert!(!own.contains_in_any_case(theirs.as_bytes()), "{theirs}");
        }
        let named = BetterAuthCookies::new(&[], "shop", Some("sid"));
        assert!(named.is_session_token(b"__Secure-sid") && !named.is_session_token(b"shop.session_token"));
        assert!(named.contains(b"shop.session_data") && named.contains(b"sid_multi-a"));
    }

    #[test]
    fn a_browser_forgets_where_the_signed_word_says_so() {
        let own = cookies(&[SECRET]);
        let value = encoded("true.mc3KK7lK6j9KfjeHi4xQB7oM/Amo/w8jRTrliZ/Klyk=");
        for (name, value, expected) in [
            ("better-auth.dont_remember", value.as_str(), true),
            ("__Secure-better-auth.dont_remember", &value, true),
            ("better-auth.session_token", &value, false),
            ("better-auth.dont_remember", "true", false),
            ("better-auth.dont_remember", &encoded(&format!("{TOKEN}.{SIGNATURE}")), false),
        ] {
            assert_eq!(own.forgets_session(name.as_bytes(), value.as_bytes()), expected, "{name}={value}");
        }
    }
}
