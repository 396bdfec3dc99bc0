//! Signs what an upstream can verify by itself: who is asking, for this upstream and a short time (JWT-01).
//!
//! A signature costs more than everything else about a request, so one token serves a session for half of its life.
//! Reuse never makes it say anything old: a token whose content is not what the database just said is made anew.

use std::{
    collections::HashMap,
    hash::{BuildHasher, Hash, RandomState},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use http::{HeaderName, HeaderValue, header};
use serde::Serialize;
use time::OffsetDateTime;

use crate::{
    crypto::{KeyAlgorithm, Keyring, Signer},
    sessions::{OrganizationClaims, jwt::Actor},
    types::{ActiveSession, Principal, PublicUrl, SecondFactor, Secret, SessionId, UserId},
};

/// Is the purpose that the keyring derives the keys for.
const ASSERTION_PURPOSE: &str = "identity-assertion";

/// Is, together with [`GENERATION`], the bound of what is cached: 16 * 2 * 512 tokens of about 1 KB are 16 MB.
const SHARDS: usize = 16;
/// Limits the tokens in one generation of a shard. Beyond it the older generation goes, and its sessions get new tokens
/// sooner.
const GENERATION: usize = 512;
/// Requests overtake each other; a token made this many seconds "later" is still the one to send.
const CLOCK_SKEW: i64 = 5;

/// Holds `identity.assertion:` of gateway.yaml, compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssertionSettings {
    /// Is the header that carries it: `authorization`, as `Bearer …`, or one of its own. Default
    /// `x-identity-assertion`.
    pub header: HeaderName,
    pub keys: AssertionKeys,
    /// Is the `iss` claim; the origin of `public_url` where none is configured.
    pub issuer: Option<String>,
    /// Is the time from issue to expiry, 30 s to 5 min. Default 60 s.
    pub ttl: Duration,
    /// Lists the `aud` claim for each upstream, in the order of the upstreams.
    pub audiences: Vec<String>,
}

/// Says what signs the assertions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AssertionKeys {
    /// Takes keys that follow from the configured `secret` and are published at `/jwks`.
    Derived(KeyAlgorithm),
    /// Takes HS256 with secrets that the upstreams share: the first signs. They are nobody else's (JWT-05).
    Shared(Vec<Secret>),
}

impl AssertionKeys {
    /// Returns what signs with these keys.
    #[must_use]
    pub fn signer(&self, keyring: &Keyring) -> Signer {
        match self {
            Self::Derived(algorithm) => keyring.signer(ASSERTION_PURPOSE, *algorithm),
            Self::Shared(secrets) => Signer::with_shared_secrets(ASSERTION_PURPOSE, secrets),
        }
    }

    /// Returns the algorithm of the tokens that clients get: the assertions' own, where anybody can verify it.
    #[must_use]
    pub fn public_algorithm(&self) -> KeyAlgorithm {
        match self {
            Self::Derived(algorithm) => *algorithm,
            Self::Shared(_) => KeyAlgorithm::default(),
        }
    }
}

impl AssertionSettings {
    /// Is the default of [`AssertionSettings::ttl`].
    pub const TTL: Duration = Duration::from_mins(1);
    /// Is the default of [`AssertionSettings::header`].
    pub const HEADER: HeaderName = HeaderName::from_static("x-identity-assertion");
}

/// Makes assertions, and caches those that can be sent once more.
#[derive(Debug)]
pub struct Assertions {
    header: HeaderName,
    issuer: String,
    audiences: Vec<String>,
    /// Is in seconds.
    ttl: i64,
    signer: Signer,
    cache: TokenCache,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    #[serde(flatten)]
    principal: PrincipalClaims<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<&'a str>,
    /// Takes the place of the session's id where an API key was presented.
    #[serde(skip_serializing_if = "Option::is_none")]
    api_key_id: Option<&'a str>,
    auth_method: &'a str,
    amr: &'a [&'static str],
    #[serde(skip_serializing_if = "Option::is_none")]
    act: Option<Actor<'a>>,
    iat: i64,
    exp: i64,
}

#[derive(Serialize)]
#[serde(untagged)]
enum PrincipalClaims<'a> {
    User(UserClaims<'a>),
    /// Has no `sub`: an upstream that takes the subject for a user rejects it, in place of making one up.
    Organization {
        org_id: &'a str,
        org_slug: &'a str,
    },
}

/// Says the same of a user as the client's jwt plugin does (`id`, `emailVerified`, `role`), and as OpenID Connect does.
#[derive(Serialize)]
struct UserClaims<'a> {
    sub: &'a str,
    id: &'a str,
    email: &'a str,
    email_verified: bool,
    #[serde(rename = "emailVerified")]
    email_verified_by_plugin_name: bool,
    name: &'a str,
    roles: &'a [String],
    role: String,
    #[serde(flatten)]
    organization: Option<OrganizationClaims<'a>>,
}

impl<'a> From<&'a Principal> for PrincipalClaims<'a> {
    fn from(principal: &'a Principal) -> Self {
        match principal {
            Principal::User { user, .. } => Self::User(UserClaims {
                sub: user.id.as_str(),
                id: user.id.as_str(),
                email: user.email.as_str(),
                email_verified: user.email_verified,
                email_verified_by_plugin_name: user.email_verified,
                name: &user.name,
                roles: &user.roles,
                role: user.roles.join(","),
                organization: user.organization.as_ref().map(OrganizationClaims::from),
            }),
            Principal::Organization { organization, .. } => {
                Self::Organization { org_id: organization.id.as_str(), org_slug: &organization.slug }
            }
        }
    }
}

impl Assertions {
    /// Creates the maker of assertions. `public_url` is the issuer where the settings name none; `signer` is that of
    /// the settings' keys.
    #[must_use]
    pub fn new(settings: AssertionSettings, public_url: &PublicUrl, signer: Signer) -> Self {
        let AssertionSettings { header, keys: _, issuer, ttl, audiences } = settings;
        let issuer = issuer.unwrap_or_else(|| public_url.origin().as_str().to_owned());
        let ttl = i64::try_from(ttl.as_secs()).unwrap_or(i64::MAX);
        Self { header, issuer, audiences, ttl, signer, cache: TokenCache::new(ttl / 2) }
    }

    /// Returns the header that carries them.
    #[must_use]
    pub fn header(&self) -> &HeaderName {
        &self.header
    }

    /// Tells whether a token can only be an assertion of ours.
    #[must_use]
    pub(crate) fn is_issued_here(&self, token: &[u8]) -> bool {
        self.signer.is_named_by(token)
    }

    /// Returns the header's value for an upstream, by its place among them; at least half of its life is left. `None` for an
    /// upstream that the settings do not know.
    ///
    /// # Panics
    /// Never: a token is base64url and dots.
    #[must_use]
    pub fn token_for(&self, session: &ActiveSession, upstream: usize, now: OffsetDateTime) -> Option<HeaderValue> {
        let audience = self.audiences.get(upstream)?;
        let now = now.unix_timestamp();
        let made = |session: &ActiveSession| {
            let authentication = session.authentication();
            let claims = Claims {
                iss: &self.issuer,
                aud: audience,
                principal: PrincipalClaims::from(&session.principal),
                sid: session.api_key().is_none().then(|| session.session_id.as_str()),
                api_key_id: session.api_key().map(|key| key.id.as_str()),
                auth_method: &authentication.header_value(),
                amr: &authentication.amr(),
                act: Actor::new(session.impersonated_by.as_ref()),
                iat: now,
                exp: now + self.ttl,
            };
            let token = self.signer.sign(&claims);
            let text = if self.header == header::AUTHORIZATION { format!("Bearer {token}") } else { token };
            let mut value = HeaderValue::try_from(text).expect("a token is base64url and dots");
            value.set_sensitive(true);
            value
        };
        Some(self.cache.get_or_make(session, upstream, now, made))
    }
}

/// Holds tokens by session and audience, in shards so that threads seldom meet.
#[derive(Debug)]
struct TokenCache {
    hasher: RandomState,
    /// Counts the seconds from issue for which a token is sent again.
    reused_for: i64,
    shards: [Mutex<Generations>; SHARDS],
}

/// Holds two generations instead of a sweep: what was made since `began`, and what was made before. The older one is
/// dropped whole, when all in it is too old to be sent or when the younger one is full.
#[derive(Debug, Default)]
struct Generations {
    began: i64,
    young: HashMap<u64, Token>,
    old: HashMap<u64, Token>,
}

#[derive(Debug)]
struct Token {
    session: SessionId,
    upstream: usize,
    /// Stands for everything else that the database says of the session.
    content: u64,
    made_at: i64,
    value: HeaderValue,
}

impl TokenCache {
    fn new(reused_for: i64) -> Self {
        Self { hasher: RandomState::new(), reused_for, shards: std::array::from_fn(|_| Mutex::default()) }
    }

    /// Signs while the shard is held: requests of one session that come together get one token.
    fn get_or_make(
        &self,
        session: &ActiveSession,
        upstream: usize,
        now: i64,
        make: impl FnOnce(&ActiveSession) -> HeaderValue,
    ) -> HeaderValue {
        let key = self.hasher.hash_one((session.session_id.as_str(), upstream));
        let content = self.hasher.hash_one((
            told_of(&session.principal),
            session.auth_method.as_str(),
            session.second_factor.map(SecondFactor::as_str),
            session.impersonated_by.as_ref().map(UserId::as_str),
        ));
        // The key's place in its map comes from a hash of the key, so the shard can be taken from the key itself.
        let mut shard = lock(&self.shards[usize::try_from(key % SHARDS as u64).unwrap_or_default()]);
        let is_this = |token: &&Token| {
            // Keys are short; what they stand for is compared whole.
            token.session == session.session_id
                && token.upstream == upstream
                && token.content == content
                && now < token.made_at + self.reused_for
                && token.made_at <= now + CLOCK_SKEW
        };
        if let Some(token) = shard.young.get(&key).or_else(|| shard.old.get(&key)).filter(is_this) {
            return token.value.clone();
        }
        let value = make(session);
        shard.make_room(now, self.reused_for);
        let session = session.session_id.clone();
        shard.young.insert(key, Token { session, upstream, content, made_at: now, value: value.clone() });
        value
    }
}

/// Returns everything that the claims say of a principal.
fn told_of(principal: &Principal) -> impl Hash {
    match principal {
        Principal::User { user, .. } => {
            let (id, email) = (user.id.as_str(), user.email.as_str());
            (Some((id, email, user.email_verified, &user.name, &user.roles, &user.organization)), None)
        }
        Principal::Organization { organization, .. } => (None, Some((organization.id.as_str(), &organization.slug))),
    }
}

impl Generations {
    fn make_room(&mut self, now: i64, reused_for: i64) {
        if self.young.len() >= GENERATION || now >= self.began + reused_for || now + CLOCK_SKEW < self.began {
            self.old = std::mem::take(&mut self.young);
            self.began = now;
        }
    }
}

/// Nothing in a shard is ever half done.
fn lock(shard: &Mutex<Generations>) -> MutexGuard<'_, Generations> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::types::{ActiveOrganization, ActiveUser, Activity, OrganizationId, OrganizationRole, UserId};

    fn session() -> ActiveSession {
        ActiveSession {
            session_id: SessionId::generate(),
            principal: Principal::User {
                user: ActiveUser {
                    id: UserId::generate(),
                    email: "a@example.com".parse().unwrap(),
                    email_verified: true,
                    name: "A".to_owned(),
                    roles: vec!["user".to_owned()],
                    additional_fields: serde_json::Value::Null,
                    has_two_factor: false,
                    organization: None,
                },
                api_key: None,
            },
            auth_method: "password".to_owned(),
            second_factor: None,
            impersonated_by: None,
            proved_at: OffsetDateTime::UNIX_EPOCH,
            expires_at: OffsetDateTime::UNIX_EPOCH,
            is_remembered: true,
            activity: Activity::Recorded,
        }
    }

    const API: usize = 0;

    /// Tells whether a token had to be made.
    fn makes(cache: &TokenCache, session: &ActiveSession, upstream: usize, now: i64) -> bool {
        let is_made = Cell::new(false);
        cache.get_or_make(session, upstream, now, |_| {
            is_made.set(true);
            HeaderValue::from_static("token")
        });
        is_made.get()
    }

    #[test]
    fn one_token_serves_half_of_its_life_and_no_longer() {
        let (cache, alice) = (TokenCache::new(30), session());
        for (now, expected) in [(1000, true), (1000, false), (998, false), (1029, false), (1030, true), (1059, false)] {
            assert_eq!(makes(&cache, &alice, API, now), expected, "{now}");
        }
        assert!(makes(&cache, &alice, API, 900), "the clock was set back");
    }

    #[test]
    fn whatever_the_database_says_anew_makes_a_new_one() {
        let (cache, alice) = (TokenCache::new(30), session());
        assert!(makes(&cache, &alice, API, 1000));
        let changes: [fn(&mut ActiveSession); 9] = [
            |s| s.user_mut().roles.clear(),
            |s| s.user_mut().roles = vec!["us".to_owned(), "er".to_owned()],
            |s| s.user_mut().name = "B".to_owned(),
            |s| s.user_mut().email = "b@example.com".parse().unwrap(),
            |s| s.user_mut().email_verified = false,
            |s| s.user_mut().id = UserId::generate(),
            |s| s.auth_method = "google".to_owned(),
            |s| s.second_factor = Some(SecondFactor::Totp),
            |s| {
                let roles = OrganizationRole::Admin.into();
                s.user_mut().organization =
                    Some(ActiveOrganization { id: OrganizationId::generate(), slug: "acme".into(), roles });
            },
        ];
        for (index, change) in changes.into_iter().enumerate() {
            let mut other = alice.clone();
            change(&mut other);
            assert!(makes(&cache, &other, API, 1000), "{index}");
            assert!(!makes(&cache, &other, API, 1000), "{index}");
        }
        let mut seen = alice.clone();
        assert!(makes(&cache, &seen, API, 1000));
        seen.activity = Activity::Seen;
        seen.expires_at += time::Duration::DAY;
        assert!(!makes(&cache, &seen, API, 1000), "these are in no claim");
    }

    #[test]
    fn sessions_and_audiences_have_their_own() {
        let (cache, alice) = (TokenCache::new(30), session());
        for upstream in [API, 1] {
            assert!(makes(&cache, &alice, upstream, 1000), "{upstream}");
            assert!(!makes(&cache, &alice, upstream, 1000), "{upstream}");
            assert!(makes(&cache, &session(), upstream, 1000), "{upstream}");
        }
        assert!(!makes(&cache, &alice, API, 1000));
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let cache = TokenCache::new(30);
        let most = SHARDS * GENERATION * 2;
        for _ in 0..2 * most {
            makes(&cache, &session(), API, 1000);
        }
        let count: usize = cache.shards.iter().map(|shard| lock(shard)).map(|s| s.young.len() + s.old.len()).sum();
        assert!(count <= most && count > most / 2, "{count}");
    }
}
