//! Keeps what an authenticator was asked until it answers: in the database, for five minutes and one answer, for one
//! browser and for either registration or sign-in (PKEY-02).

use http::HeaderMap;

use crate::{
    auth::{Flow, passkey::relying_party::CHALLENGE_EXPIRES_IN},
    sessions::{CookieSettings, credential::cookies},
    store::{
        StoreError,
        verifications::{self, NewVerification, PasskeyChallenge, Payload, Purpose},
    },
    types::{PasskeyChallengeToken, UserId, VerificationId},
};

/// Holds what a browser is told to ask its authenticator.
#[derive(Debug)]
pub struct NewPasskeyChallenge {
    /// Names it in the browser's cookie.
    pub token: PasskeyChallengeToken,
    /// Are the options as the browser takes them, in JSON.
    pub options: serde_json::Value,
}

/// Stores a challenge; `user` is whom it is for, where that is known.
pub(super) async fn store(
    flow: Flow<'_>,
    purpose: Purpose,
    user: Option<&UserId>,
    challenge: PasskeyChallenge,
) -> Result<PasskeyChallengeToken, StoreError> {
    let token = PasskeyChallengeToken::generate();
    let row = NewVerification {
        id: VerificationId::generate(),
        purpose,
        token: token.hash(),
        user_id: user,
        payload: Payload::PasskeyChallenge(challenge),
        created_at: flow.now,
        expires_at: flow.now + CHALLENGE_EXPIRES_IN,
    };
    verifications::insert(&mut *flow.auth.db.acquire().await?, &row).await?;
    Ok(token)
}

/// Uses a challenge up, before anybody looks at the answer: of several answers at once one gets it, and a wrong one ends
/// it. `None` where there is no such one.
pub(super) async fn take(
    flow: Flow<'_>,
    purpose: Purpose,
    token: Option<&PasskeyChallengeToken>,
) -> Result<Option<(Option<UserId>, PasskeyChallenge)>, StoreError> {
    let Some(token) = token else { return Ok(None) };
    let mut connection = flow.auth.db.acquire().await?;
    let spent = verifications::delete_by_token(&mut connection, purpose, &token.hash()).await?;
    Ok(match spent.filter(|spent| spent.expires_at > flow.now) {
        Some(verifications::Spent { user_id, payload: Some(Payload::PasskeyChallenge(challenge)), .. }) => {
            Some((user_id, challenge))
        }
        _ => None,
    })
}

/// Returns the challenge that a request presents. Two that differ are none: a neighbour on the same host may have put
/// one there (cookie tossing).
#[must_use]
pub fn presented_passkey_challenge(headers: &HeaderMap, settings: &CookieSettings) -> Option<PasskeyChallengeToken> {
    let mut values = cookies(headers, settings.passkey_name());
    let first = values.next()?;
    if values.any(|other| other != first) {
        return None;
    }
    PasskeyChallengeToken::parse(std::str::from_utf8(first).ok()?).ok()
}
