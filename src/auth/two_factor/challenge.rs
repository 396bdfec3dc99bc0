//! Keeps a sign-in whose first factor was proved, until the second one is (TOTP-01).

use std::time::Duration;

use http::HeaderMap;

use crate::{
    auth::{Flow, session::first_factor::FirstFactor},
    sessions::{CookieSettings, credential::cookies},
    store::{
        StoreError, Tx,
        two_factor::{EnabledFactor, challenges},
    },
    types::{AuthMethod, ChallengeToken},
};

/// Says how long a sign-in waits.
pub const CHALLENGE_EXPIRES_IN: Duration = Duration::from_mins(10);
/// Limits the sign-ins of one user that wait at a time; the oldest end beyond.
const MAX_CHALLENGES: i64 = 10;

/// Names a way to prove a second factor, as the client knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TwoFactorMethod {
    /// Is a code of an authenticator app.
    Totp,
    /// Is a code that is mailed.
    Otp,
}

impl TwoFactorMethod {
    /// Returns the name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::Otp => "otp",
        }
    }
}

/// Holds a challenge that was just made, with the only copy of its token.
#[derive(Debug)]
pub struct NewChallenge {
    pub token: ChallengeToken,
    pub methods: Vec<TwoFactorMethod>,
}

/// Makes a challenge for whoever proved the first factor.
pub(crate) async fn open_challenge(
    flow: Flow<'_>,
    transaction: &mut Tx,
    first: &FirstFactor<'_>,
    enabled: EnabledFactor,
) -> Result<NewChallenge, StoreError> {
    let token = ChallengeToken::generate();
    let row = challenges::NewRow {
        token: token.hash(),
        user_id: &first.user.id,
        auth_method: first.method.as_str(),
        remember: first.remember,
        created_at: flow.now,
        expires_at: flow.now + CHALLENGE_EXPIRES_IN,
    };
    challenges::insert(transaction, &row).await?;
    challenges::delete_all_but_newest(transaction, &first.user.id, MAX_CHALLENGES).await?;
    Ok(NewChallenge { token, methods: methods(flow, enabled, Some(first.method)) })
}

/// Returns what can prove the second factor of a sign-in that began in this way, or of a session. Whoever signed in by mail
/// has shown that they read it: a code that is mailed would prove the same once more.
pub(crate) fn methods(flow: Flow<'_>, enabled: EnabledFactor, first: Option<AuthMethod<'_>>) -> Vec<TwoFactorMethod> {
    let is_mailed = flow.auth.settings.two_factor.mailed_code && !first.is_some_and(AuthMethod::is_mailed);
    let totp = enabled.has_totp.then_some(TwoFactorMethod::Totp);
    totp.into_iter().chain(is_mailed.then_some(TwoFactorMethod::Otp)).collect()
}

/// Returns the sign-in that a request presents. Where there are two that differ, a neighbour on the same host may have
/// put one there: then none counts (cookie tossing).
#[must_use]
pub fn presented_challenge(headers: &HeaderMap, settings: &CookieSettings) -> Option<ChallengeToken> {
    let values = cookies(headers, settings.two_factor_name()).filter_map(|value| std::str::from_utf8(value).ok());
    let mut found = values.filter_map(|value| ChallengeToken::parse(value).ok());
    let first = found.next()?;
    found.all(|other| other.hash() == first.hash()).then_some(first)
}
