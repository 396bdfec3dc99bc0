//! Makes JSON Web Tokens that clients ask for and show to others (contract §4.8): anybody can verify them with the
//! published keys, and this gateway accepts them for as long as their session lives (JWT-04).
//!
//! Their keys are not those of the assertions that upstreams get, so no upstream can use what it was told of a user to
//! ask the gateway in the user's name (JWT-02).

use std::{sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{
    crypto::{PublicKey, Signer},
    types::{PublicUrl, SessionId, UserId},
};

/// Is the purpose that the keyring derives the keys for.
pub const JWT_PURPOSE: &str = "jwt";

/// Bounds a token that is looked at, in bytes. Every one that is made is shorter.
const MAX_LENGTH: usize = 8 * 1024;
/// Limits what a token says of its user, in bytes of JSON: in base64 with the rest it stays below 4 KiB as a rule, which
/// is what proxies give the whole head of a response by default.
pub(crate) const MAX_USER: usize = 2 * 1024;
/// Clocks of replicas may differ by this many seconds.
const CLOCK_SKEW: i64 = 5;

/// Holds `auth.jwt:` of gateway.yaml, compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JwtSettings {
    /// Is the time from issue to expiry, 1 s to 1 h. Default 15 min.
    pub expires_in: Duration,
    /// Is the `aud` claim; the origin of `public_url` where none is configured.
    pub audience: Option<String>,
}

impl Default for JwtSettings {
    fn default() -> Self {
        Self { expires_in: Duration::from_mins(15), audience: None }
    }
}

/// Is a text that has the form of a JSON Web Token, not verified.
#[derive(Clone, PartialEq, Eq)]
pub struct PresentedJwt(String);

impl PresentedJwt {
    /// Returns `None` where the text has not three parts of base64url, or is too long to be looked at.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_base64url = |part: &str| part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        let mut parts = text.split('.');
        let has_three = parts.by_ref().take(3).filter(|part| !part.is_empty() && is_base64url(part)).count() == 3;
        (text.len() <= MAX_LENGTH && has_three && parts.next().is_none()).then(|| Self(text.to_owned()))
    }
}

impl std::fmt::Debug for PresentedJwt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PresentedJwt")
    }
}

/// Says whose session a verified token names. Whether the session lives is the database's to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JwtSubject {
    pub session_id: SessionId,
    pub user_id: UserId,
}

/// Makes and verifies the tokens. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Jwts(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    issuer: String,
    audience: String,
    /// Is in seconds.
    expires_in: i64,
    signer: Signer,
}

/// Says who acts in the place of whom a token is about: `act` of RFC 8693.
#[derive(Serialize)]
pub(crate) struct Actor<'a> {
    sub: &'a UserId,
}

impl<'a> Actor<'a> {
    pub(crate) fn new(impersonated_by: Option<&'a UserId>) -> Option<Self> {
        impersonated_by.map(|sub| Self { sub })
    }
}

#[derive(Serialize)]
struct Claims<'a, U> {
    iat: i64,
    #[serde(flatten)]
    user: &'a U,
    sub: &'a UserId,
    sid: &'a SessionId,
    amr: &'a [&'static str],
    #[serde(skip_serializing_if = "Option::is_none")]
    act: Option<Actor<'a>>,
    exp: i64,
    iss: &'a str,
    aud: &'a str,
}

#[derive(Deserialize)]
struct ReadClaims {
    sub: UserId,
    sid: SessionId,
    iat: i64,
    exp: i64,
    iss: String,
    aud: String,
}

impl Jwts {
    /// Creates the maker of tokens. `signer` is the keyring's for [`JWT_PURPOSE`]; the origin of `issuer` is the `iss`
    /// claim.
    #[must_use]
    pub fn new(settings: &JwtSettings, issuer: &PublicUrl, signer: Signer) -> Self {
        let issuer = issuer.origin().as_str().to_owned();
        let audience = settings.audience.clone().unwrap_or_else(|| issuer.clone());
        let expires_in = i64::try_from(settings.expires_in.as_secs()).unwrap_or(i64::MAX);
        Self(Arc::new(Inner { issuer, audience, expires_in, signer }))
    }

    /// Returns a token for the session of a user, who is told of as `user` serialises, to 2 KiB at most. `amr` says how
    /// the session was proved, and `impersonated_by` who acts in the user's place.
    #[must_use]
    pub fn issue(
        &self,
        (session_id, user_id): (&SessionId, &UserId),
        user: &impl Serialize,
        (amr, impersonated_by): (&[&'static str], Option<&UserId>),
        now: OffsetDateTime,
    ) -> String {
        let Inner { issuer, audience, expires_in, signer } = &*self.0;
        let iat = now.unix_timestamp();
        let (iss, aud) = (issuer.as_str(), audience.as_str());
        let (act, exp) = (Actor::new(impersonated_by), iat + expires_in);
        signer.sign(&Claims { iat, user, sub: user_id, sid: session_id, amr, act, exp, iss, aud })
    }

    /// Returns whom a token names: one that we signed, for ourselves, that has not expired.
    #[must_use]
    pub fn verify(&self, PresentedJwt(token): &PresentedJwt, now: OffsetDateTime) -> Option<JwtSubject> {
        let Inner { issuer, audience, signer, .. } = &*self.0;
        let claims: ReadClaims = serde_json::from_slice(&signer.decode(token)?).ok()?;
        let now = now.unix_timestamp();
        let is_valid =
            claims.iss == *issuer && claims.aud == *audience && now < claims.exp && claims.iat <= now + CLOCK_SKEW;
        is_valid.then_some(JwtSubject { session_id: claims.sid, user_id: claims.sub })
    }

    /// Tells whether a token can only be one of ours, whether or not it is valid any more.
    #[must_use]
    pub(crate) fn is_issued_here(&self, token: &[u8]) -> bool {
        self.0.signer.is_named_by(token)
    }

    /// Returns the keys that verify the tokens, the signing one first.
    pub fn public_keys(&self) -> impl Iterator<Item = &PublicKey> {
        self.0.signer.public_keys()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use time::macros::datetime;

    use super::*;
    use crate::{
        crypto::{KeyAlgorithm, Keyring},
        types::Secret,
    };

    const NOW: OffsetDateTime = datetime!(2026-11-30 12:00 UTC);

    fn jwts(secrets: &[&str], purpose: &'static str, issuer: &str, settings: &JwtSettings) -> Jwts {
        let secrets: Vec<Secret> = secrets.iter().map(|text| Secret::new((*text).to_owned())).collect();
        let signer = Keyring::new(&secrets).signer(purpose, KeyAlgorithm::EdDsa);
        Jwts::new(settings, &PublicUrl::parse(issuer).unwrap(), signer)
    }

    const SECRET: &str = "a secret of at least thirty-two bytes";
    const OTHER: &str = "another secret of thirty-two bytes";
    const ISSUER: &str = "https://app.example.com";

    #[test]
    fn what_it_issues_names_the_session_until_it_expires() {
        let jwts = jwts(&[SECRET], JWT_PURPOSE, ISSUER, &JwtSettings::default());
        let subject = JwtSubject { session_id: SessionId::generate(), user_id: UserId::generate() };
        let token = jwts.issue((&subject.session_id, &subject.user_id), &json!({ "name": "Ada" }), (&[], None), NOW);
        let token = PresentedJwt::parse(&token).unwrap();
        for (after, is_valid) in [(0, true), (899, true), (900, false), (-5, true), (-6, false)] {
            let found = jwts.verify(&token, NOW + time::Duration::seconds(after));
            assert_eq!(found, is_valid.then(|| subject.clone()), "{after}");
        }
    }

    #[test]
    fn other_keys_issuers_audiences_and_purposes_are_refused() {
        let settings = JwtSettings::default();
        let own = jwts(&[SECRET], JWT_PURPOSE, ISSUER, &settings);
        let ids = (SessionId::generate(), UserId::generate());
        let of_b = JwtSettings { audience: Some("b".to_owned()), ..settings.clone() };
        for (name, issuer, is_valid) in [
            ("the former secret's", jwts(&[OTHER], JWT_PURPOSE, ISSUER, &settings), false),
            ("an assertion", jwts(&[SECRET], "identity-assertion", ISSUER, &settings), false),
            ("another origin's", jwts(&[SECRET], JWT_PURPOSE, "https://b.example.com", &settings), false),
            ("for somebody else", jwts(&[SECRET], JWT_PURPOSE, ISSUER, &of_b), false),
            ("another replica's", jwts(&[SECRET], JWT_PURPOSE, ISSUER, &settings), true),
        ] {
            let token = PresentedJwt::parse(&issuer.issue((&ids.0, &ids.1), &json!({}), (&[], None), NOW)).unwrap();
            assert_eq!(own.verify(&token, NOW).is_some(), is_valid, "{name}");
            let rotated = jwts(&[OTHER, SECRET], JWT_PURPOSE, ISSUER, &settings);
            let is_of_either = is_valid || name == "the former secret's";
            assert_eq!(rotated.verify(&token, NOW).is_some(), is_of_either, "{name}, after a rotation");
        }
    }

    #[test]
    fn a_change_of_the_algorithm_ends_no_token() {
        let secrets = [Secret::new(SECRET.to_owned())];
        let by = |algorithm| {
            let signer = Keyring::new(&secrets).signer(JWT_PURPOSE, algorithm);
            Jwts::new(&JwtSettings::default(), &PublicUrl::parse(ISSUER).unwrap(), signer)
        };
        let (former, current) = (by(KeyAlgorithm::EdDsa), by(KeyAlgorithm::Es256));
        let token = former.issue((&SessionId::generate(), &UserId::generate()), &json!({}), (&[], None), NOW);
        assert!(current.is_issued_here(token.as_bytes()));
        assert!(current.verify(&PresentedJwt::parse(&token).unwrap(), NOW).is_some());
        assert_eq!(current.public_keys().count(), 1, "only what signs now is published");
    }

    #[test]
    fn only_three_parts_of_base64url_are_looked_at() {
        for text in ["a.b.c", "eyJ.x-_.z"] {
            assert!(PresentedJwt::parse(text).is_some(), "{text}");
        }
        for text in ["", "a", "a.b", "a.b.c.d", ".b.c", "a..c", "a.b.", "a.b.c=", "a b.c.d", "a.b.\u{e4}"] {
            assert!(PresentedJwt::parse(text).is_none(), "{text}");
        }
        assert!(PresentedJwt::parse(&format!("a.{}.c", "b".repeat(MAX_LENGTH))).is_none());
    }
}
