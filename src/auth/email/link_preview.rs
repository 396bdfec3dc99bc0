//! What a mailed link would do, without doing it: for pages that come before their button, for links that lost their
//! target on the way, and for HEAD.

use time::OffsetDateTime;

use crate::{
    auth::{Auth, CallbackUrl, DeleteUserError, VerifyEmailError, email::link::callback_of},
    store::{
        StoreError,
        verifications::{self, Purpose},
    },
    types::{MailToken, UserId},
};

/// Names what a link was mailed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailedFor {
    /// The proof of an address, the account's own or another one.
    Verification,
    Reset,
    Deletion,
}

impl MailedFor {
    fn purposes(self) -> &'static [Purpose] {
        match self {
            Self::Verification => &[Purpose::VerifyEmail, Purpose::ChangeEmail],
            Self::Reset => &[Purpose::ResetPassword],
            Self::Deletion => &[Purpose::DeleteUser],
        }
    }
}

/// Finds where a link that still works was asked to lead in the end, checked against today's configuration.
pub async fn link_target(
    auth: &Auth,
    token: &MailToken,
    mailed_for: MailedFor,
    now: OffsetDateTime,
) -> Result<Option<CallbackUrl>, StoreError> {
    let mut connection = auth.db.acquire().await?;
    for purpose in mailed_for.purposes() {
        if let Some(found) = verifications::find_by_token(&mut connection, *purpose, &token.hash()).await? {
            return Ok(if found.expires_at > now { callback_of(auth, &found.payload) } else { None });
        }
    }
    Ok(None)
}

/// Tells whether [`verify_email()`](super::verify::verify_email) would take a token.
pub async fn would_verify(auth: &Auth, token: &MailToken, now: OffsetDateTime) -> Result<(), VerifyEmailError> {
    let mut connection = auth.db.acquire().await?;
    let mut is_expired = false;
    for purpose in [Purpose::VerifyEmail, Purpose::ChangeEmail, Purpose::ConsentEmailChange] {
        if verifications::find_user(&mut connection, purpose, &token.hash(), now).await?.is_some() {
            return Ok(());
        }
        let found = verifications::find_by_token(&mut connection, purpose, &token.hash()).await?;
        is_expired |= found.is_some_and(|found| found.expires_at <= now);
    }
    Err(if is_expired { VerifyEmailError::Expired } else { VerifyEmailError::Invalid })
}

/// Tells whether [`delete_user()`](crate::auth::delete_user()) would take a token of this user.
pub async fn would_delete(
    auth: &Auth,
    token: &MailToken,
    user: &UserId,
    now: OffsetDateTime,
) -> Result<(), DeleteUserError> {
    let mut connection = auth.db.acquire().await?;
    let found = verifications::find_user(&mut connection, Purpose::DeleteUser, &token.hash(), now).await?;
    found.filter(|found| found.id == *user).map(drop).ok_or(DeleteUserError::InvalidToken)
}
