//! Says who proves a second factor: somebody on the way to sign in, or somebody who is signed in.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::{
    auth::{Flow, FoundSession, TwoFactorError, session::find::is_live},
    store::{
        StoreError, Tx,
        two_factor::challenges::{self, Challenge},
        users::{self, IsBanned, User},
    },
    types::{ChallengeToken, SessionId, UserId},
};

/// Limits the codes that are tried for one sign-in, and those that are tried for one mailed code (TOTP-04).
pub(crate) const MAX_ATTEMPTS: i32 = 5;

/// Tells who proves a second factor.
#[derive(Debug, Clone, Copy)]
pub enum Claimant<'a> {
    /// Is on the way to sign in.
    SigningIn(&'a ChallengeToken),
    SignedIn(&'a FoundSession),
}

/// Describes the same, looked up.
#[derive(Debug)]
pub(crate) enum FoundClaimant<'a> {
    SigningIn { token: &'a ChallengeToken, challenge: Challenge },
    SignedIn(&'a FoundSession),
}

impl<'a> FoundClaimant<'a> {
    /// Finds who proves, without counting anything.
    pub(crate) async fn find(flow: Flow<'_>, claimant: Claimant<'a>) -> Result<Self, TwoFactorError> {
        match claimant {
            Claimant::SignedIn(found) => Ok(Self::SignedIn(found)),
            Claimant::SigningIn(token) => {
                let found = challenges::find(&mut *flow.auth.db.acquire().await?, &token.hash(), flow.now).await?;
                let challenge = found.ok_or(TwoFactorError::InvalidChallenge)?;
                Ok(Self::SigningIn { token, challenge })
            }
        }
    }

    /// Finds who proves, and counts the attempt for the sign-in that waits before the code is looked at. With one too
    /// many the sign-in ends.
    pub(crate) async fn begin_attempt(flow: Flow<'_>, claimant: Claimant<'a>) -> Result<Self, TwoFactorError> {
        let token = match claimant {
            Claimant::SignedIn(found) => return Ok(Self::SignedIn(found)),
            Claimant::SigningIn(token) => token,
        };
        let mut connection = flow.auth.db.acquire().await?;
        let counted = challenges::update_attempted(&mut connection, &token.hash(), MAX_ATTEMPTS, flow.now).await?;
        let challenge = counted.ok_or(TwoFactorError::InvalidChallenge)?;
        if challenge.attempts > MAX_ATTEMPTS {
            return Err(TwoFactorError::TooManyAttempts);
        }
        Ok(Self::SigningIn { token, challenge })
    }

    /// Refunds the attempt, where no code was looked at after all.
    pub(crate) async fn refund(&self, flow: Flow<'_>) -> Result<(), StoreError> {
        match self {
            Self::SignedIn(_) => Ok(()),
            Self::SigningIn { token, .. } => {
                challenges::update_refunded(&mut *flow.auth.db.acquire().await?, &token.hash()).await
            }
        }
    }

    pub(crate) fn user_id(&self) -> &UserId {
        match self {
            Self::SigningIn { challenge, .. } => &challenge.user_id,
            Self::SignedIn(found) => &found.user.id,
        }
    }

    /// Returns the key of the code that is mailed to whoever proves.
    pub(crate) fn code_key(&self) -> String {
        match self {
            Self::SigningIn { token, .. } => format!("challenge:{}", URL_SAFE_NO_PAD.encode(token.hash().as_bytes())),
            Self::SignedIn(found) => session_key(&found.session.id),
        }
    }

    /// Locks the user and looks once more whether they may go on.
    pub(crate) async fn lock(&self, transaction: &mut Tx) -> Result<User, TwoFactorError> {
        let id = self.user_id();
        let locked = users::find_locked_for_sign_in(transaction, id, None).await?;
        let is_free = locked == Some(IsBanned(false));
        match self {
            Self::SigningIn { .. } if !is_free => return Err(TwoFactorError::InvalidChallenge),
            Self::SigningIn { .. } => {}
            Self::SignedIn(found) => {
                if !is_live(transaction, &found.session.id, id).await? {
                    return Err(StoreError::SessionEnded.into());
                }
            }
        }
        Ok(users::find(transaction, id).await?.ok_or(StoreError::UserGone)?)
    }
}

fn session_key(id: &SessionId) -> String {
    format!("session:{id}")
}
