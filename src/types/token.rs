//! Defines the bearer values that AuthGate hands out. Only their SHA-256 is ever stored (SESS-01, MAIL-01): 256 random
//! bits need no salt and no slow hash.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

const RANDOM_BYTES: usize = 32;
const TEXT_LENGTH: usize = 43;
/// Are the lengths of the tokens in better-auth's mailed links: 142 random bits and more.
const BETTER_AUTH_LINKS: [usize; 2] = [24, 32];
/// Limits links that better-auth signed, in bytes.
const MAX_SIGNED_LINK: usize = 1024;
/// Is the length of better-auth's session tokens: 190 random bits.
const BETTER_AUTH_LENGTH: usize = 32;

/// Means that the text cannot be a token of ours, so asking the database would be waste (DOS-07).
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
#[error("not a token of this gateway")]
pub struct MalformedToken;

/// Is the SHA-256 of a token: the only form with a database representation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, sqlx::Type)]
#[sqlx(transparent)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    pub(super) fn from_token(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }

    /// Returns the raw digest.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Takes a digest read back from the database; `None` unless it is 32 bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash")
    }
}

macro_rules! token {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(Zeroizing<String>);

        impl $name {
            /// Makes a new token of 256 bits from the operating system.
            ///
            /// # Panics
            /// When the operating system has no randomness to give; a gateway that went on would hand out guessable
            /// tokens.
            #[must_use]
            pub fn generate() -> Self {
                Self(random_text())
            }

            /// Reads a token off the wire.
            pub fn parse(text: &str) -> Result<Self, MalformedToken> {
                let is_ours = text.len() == TEXT_LENGTH
                    && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
                if is_ours { Ok(Self(Zeroizing::new(text.to_owned()))) } else { Err(MalformedToken) }
            }

            /// Returns what is stored and looked up.
            #[must_use]
            pub fn hash(&self) -> TokenHash {
                TokenHash::from_token(&self.0)
            }

            /// Returns the token itself, for the cookie, header or link that carries it to its owner.
            #[must_use]
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($name))
            }
        }
    };
}

token! {
    /// Opens a session, from the cookie or as a bearer token.
    SessionToken
}
token! {
    /// Proves control of a mailbox, once: carried by a mailed link.
    MailToken
}

token! {
    /// Names a flow at a provider, once: the `state` that goes there and comes back.
    StateToken
}
token! {
    /// Ties flows at providers to the browser that began them, from a cookie.
    BrowserToken
}
token! {
    /// Is what only this gateway and a provider know of a flow: the PKCE verifier, the nonce.
    FlowSecret
}
token! {
    /// Names a sign-in that waits for its second factor, from a cookie. It opens nothing.
    ChallengeToken
}
token! {
    /// Spares a browser the second factor of one account for a while, from a cookie.
    TrustedDeviceToken
}
token! {
    /// Names what an authenticator was asked in a browser, once, from a cookie. It opens nothing.
    PasskeyChallengeToken
}

impl SessionToken {
    /// Reads a token that the library better-auth made, whose sessions can come here with their users (contract §5.3).
    /// It is asked only where they are expected: a text of this form may be anybody's.
    pub fn parse_better_auth(text: &str) -> Result<Self, MalformedToken> {
        let is_theirs = text.len() == BETTER_AUTH_LENGTH && text.bytes().all(|b| b.is_ascii_alphanumeric());
        if is_theirs { Ok(Self(Zeroizing::new(text.to_owned()))) } else { Err(MalformedToken) }
    }
}

impl MailToken {
    /// Reads the token of a link: one of ours, or one that the library better-auth mailed before its users came here
    /// (contract §§5.1, 13). Nothing is looked up of either but the hash, so that only rows that came make theirs work.
    pub fn parse_mailed(text: &str) -> Result<Self, MalformedToken> {
        let is_word = |part: &str| part.bytes().all(|b| b.is_ascii_alphanumeric());
        let is_stored = BETTER_AUTH_LINKS.contains(&text.len()) && is_word(text);
        if is_stored || is_signed(text) { Ok(Self(Zeroizing::new(text.to_owned()))) } else { Self::parse(text) }
    }
}

/// Tells whether a text has the form of a JSON Web Token, which better-auth mails where it stores nothing.
fn is_signed(text: &str) -> bool {
    let is_part =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    text.len() <= MAX_SIGNED_LINK && text.split('.').count() == 3 && text.split('.').all(is_part)
}

fn random_text() -> Zeroizing<String> {
    let mut bytes = Zeroizing::new([0_u8; RANDOM_BYTES]);
    getrandom::fill(bytes.as_mut()).expect("the operating system provides randomness");
    Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trips_and_never_shows_itself() {
        let token = SessionToken::generate();
        assert_eq!(token.expose().len(), TEXT_LENGTH);
        let parsed = SessionToken::parse(token.expose()).unwrap();
        assert_eq!(parsed.hash(), token.hash());
        assert_eq!(format!("{token:?} {:?}", token.hash()), "SessionToken TokenHash");
        assert_ne!(SessionToken::generate().hash(), token.hash());
    }

    #[test]
    fn tokens_of_links_that_better_auth_mailed_are_told_by_their_form() {
        let own = MailToken::generate();
        let signed = "eyJhbGciOiJIUzI1NiJ9.eyJlbWFpbCI6IiJ9.c2lnbmF0dXJl_-";
        for text in [own.expose(), &"aB3".repeat(8), &"aBcD".repeat(8), signed] {
            assert_eq!(MailToken::parse_mailed(text).unwrap().expose(), text);
            assert_eq!(MailToken::parse(text).is_ok(), text == own.expose(), "{text}");
        }
        let long = format!("{}.a.b", "a".repeat(MAX_SIGNED_LINK));
        for text in ["", "..", "a.b", "a..b", "a.b.c.d", "a.b.c=", &"a".repeat(25), &"-".repeat(24), &long] {
            assert!(MailToken::parse_mailed(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn refuses_what_cannot_be_ours() {
        let with_blank = format!("{} ", "a".repeat(42));
        for text in ["", "short", &"a".repeat(44), &"a".repeat(32), &with_blank, &format!("{}=", "a".repeat(42))] {
            assert!(SessionToken::parse(text).is_err(), "{text:?}");
        }
    }
}
