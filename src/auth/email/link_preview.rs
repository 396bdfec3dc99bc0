//! Tells what a mailed link would do, without doing it: for pages that come before their button, for links that lost their
//! target on the way, and for HEAD.

use crate::{
    auth::{
        CallbackUrl, DeleteUserError, Flow, VerifyEmailError,
        email::{link::callback_of, signed_elsewhere::adopt},
    },
    store::{
        StoreError,
        verifications::{self, Purpose},
    },
    types::{MailToken, UserId},
};

/// Names what a link was mailed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailedFor {
    /// Is the proof of an address, the account's own or another one.
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
    flow: Flow<'_>,
    token: &MailToken,
    mailed_for: MailedFor,
) -> Result<Option<CallbackUrl>, StoreError> {
    let mut connection = flow.auth.db.acquire().await?;
    for purpose in mailed_for.purposes() {
        if let Some(found) = verifications::find_by_token(&mut connection, *purpose, &token.hash()).await? {
            return Ok(if found.expires_at > flow.now { callback_of(flow.auth, found.payload.as_ref()) } else { None });
        }
    }
    Ok(None)
}

/// Tells whether [`verify_email()`](super::verify::verify_email) would take a token.
pub async fn would_verify(flow: Flow<'_>, token: &MailToken) -> Result<(), VerifyEmailError> {
    let mut connection = flow.auth.db.acquire().await?;
    adopt(flow, &mut connection, token).await?;
    let mut is_expired = false;
    for purpose in [Purpose::VerifyEmail, Purpose::ChangeEmail, Purpose::ConsentEmailChange] {
        if verifications::find_user(&mut connection, purpose, &token.hash(), flow.now).await?.is_some() {
            return Ok(());
        }
        let found = verifications::find_by_token(&mut connection, purpose, &token.hash()).await?;
        is_expired |= found.is_some_and(|found| found.expires_at <= flow.now);
    }
    Err(if is_expired { VerifyEmailError::Expired } else { VerifyEmailError::Invalid })
}

/// Tells whether [`delete_user()`](crate::auth::delete_user()) would take a token of this user.
pub async fn would_delete(flow: Flow<'_>, token: &MailToken, user: &UserId) -> Result<(), DeleteUserError> {
    let mut connection = flow.auth.db.acquire().await?;
    let found = verifications::find_user(&mut connection, Purpose::DeleteUser, &token.hash(), flow.now).await?;
    found.filter(|found| found.id == *user).map(drop).ok_or(DeleteUserError::InvalidToken)
}
