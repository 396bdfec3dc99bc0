//! Keeps what has to be known again when somebody comes back from a provider: stored under the state's hash, sealed,
//! for ten minutes and one use, and tied to the browser by a cookie (OAUTH-01).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

use crate::{
    auth::{Auth, CallbackUrl},
    crypto::Sealer,
    sessions::{CookieSettings, SameSite, credential::cookies},
    store::{
        StoreError,
        verifications::{self, OauthState, Payload, Purpose, Spent},
    },
    types::{BrowserToken, SessionId, StateToken, UserId, VerificationId},
};

/// Limits the time from the authorization to the return.
const VALID: Duration = Duration::minutes(10);

/// Describes a flow that is under way.
#[derive(Serialize, Deserialize)]
pub(crate) struct PendingAuthorization {
    pub(crate) provider: String,
    /// Is the SHA-256 of what the browser's cookie holds.
    browser: [u8; 32],
    pub(crate) verifier: String,
    pub(crate) nonce: String,
    callback_url: Option<String>,
    error_callback_url: Option<String>,
    new_user_callback_url: Option<String>,
    link: Option<(String, String)>,
}

/// Tells where a flow leads in the end.
#[derive(Debug, Default)]
pub struct Targets {
    pub callback: Option<CallbackUrl>,
    pub error: Option<CallbackUrl>,
    pub new_user: Option<CallbackUrl>,
}

impl PendingAuthorization {
    pub(crate) fn new(
        provider: &str,
        browser: &BrowserToken,
        (verifier, nonce): (&str, &str),
        targets: &Targets,
        link: Option<(&UserId, &SessionId)>,
    ) -> Self {
        let text = |target: &Option<CallbackUrl>| target.as_ref().map(|target| target.as_str().to_owned());
        Self {
            provider: provider.to_owned(),
            browser: *browser.hash().as_bytes(),
            verifier: verifier.to_owned(),
            nonce: nonce.to_owned(),
            callback_url: text(&targets.callback),
            error_callback_url: text(&targets.error),
            new_user_callback_url: text(&targets.new_user),
            link: link.map(|(user, session)| (user.to_string(), session.to_string())),
        }
    }

    /// Tells whether the flow began in this browser. Hashes of 256 random bits may be compared as they come.
    #[must_use]
    pub(crate) fn is_of(&self, browser: Option<&BrowserToken>) -> bool {
        browser.is_some_and(|browser| *browser.hash().as_bytes() == self.browser)
    }

    /// Returns the targets, checked again against today's configuration (REDIR-01).
    pub(crate) fn targets(&self, auth: &Auth) -> Targets {
        let settings = &auth.settings;
        let target = |text: &Option<String>| {
            CallbackUrl::parse(text.as_deref()?, &settings.trusted_origins, &settings.public_url).ok()
        };
        Targets {
            callback: target(&self.callback_url),
            error: target(&self.error_callback_url),
            new_user: target(&self.new_user_callback_url),
        }
    }

    /// Returns who links an account, and from which session.
    pub(crate) fn link(&self) -> Option<(UserId, SessionId)> {
        let (user, session) = self.link.as_ref()?;
        Some((user.parse().ok()?, session.parse().ok()?))
    }
}

/// Returns the browser that a request comes from, if a flow began there lately. Two different cookies are none (cookie
/// tossing).
#[must_use]
pub fn presented_browser(headers: &HeaderMap, settings: &CookieSettings) -> Option<BrowserToken> {
    let mut values = cookies(headers, settings.oauth_name());
    let first = values.next()?;
    if values.any(|other| other != first) { None } else { BrowserToken::parse(std::str::from_utf8(first).ok()?).ok() }
}

/// Returns the `SameSite` of the cookie that ties flows to a browser. It has to come along from the provider, and to be
/// set at the call of a page of another site where sessions are.
#[must_use]
pub fn flow_same_site(session: SameSite) -> SameSite {
    match session {
        SameSite::Strict | SameSite::Lax => SameSite::Lax,
        SameSite::None => SameSite::None,
    }
}

/// Stores a flow.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    sealer: &Sealer,
    state: &StateToken,
    pending: &PendingAuthorization,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    let plain = serde_json::to_vec(pending).expect("a tree of texts and bytes serialises");
    let payload = Payload::OauthState(OauthState { sealed: STANDARD.encode(sealer.seal(&plain)) });
    let user = pending.link().map(|(user, _)| user);
    let id = VerificationId::generate();
    verifications::insert_oauth_state(connection, &id, &state.hash(), user.as_ref(), &payload, (now, now + VALID)).await
}

/// Spends a state. `None` where there is no such flow, or it took too long.
pub(crate) async fn take(
    connection: &mut PgConnection,
    sealer: &Sealer,
    state: &StateToken,
    now: OffsetDateTime,
) -> Result<Option<PendingAuthorization>, StoreError> {
    let spent = verifications::delete_by_token(connection, Purpose::OauthState, &state.hash()).await?;
    Ok(spent.and_then(|spent| open(sealer, &spent, now)))
}

/// Does the same without spending it.
pub(crate) async fn find(
    connection: &mut PgConnection,
    sealer: &Sealer,
    state: &StateToken,
    now: OffsetDateTime,
) -> Result<Option<PendingAuthorization>, StoreError> {
    let found = verifications::find_by_token(connection, Purpose::OauthState, &state.hash()).await?;
    Ok(found.and_then(|found| open(sealer, &found, now)))
}

fn open(sealer: &Sealer, row: &Spent, now: OffsetDateTime) -> Option<PendingAuthorization> {
    if row.expires_at <= now {
        return None;
    }
    let Some(Payload::OauthState(state)) = &row.payload else { return None };
    let bytes = STANDARD.decode(&state.sealed).ok()?;
    serde_json::from_slice(&sealer.open(&bytes).ok()?).ok()
}
