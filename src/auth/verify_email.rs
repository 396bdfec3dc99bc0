//! Spending the mailed token that proves an address: the account's own, or the one that replaces it.

use time::OffsetDateTime;

use crate::{
    store::{
        StoreError,
        audit::{Event, Outcome},
        users::{self, User},
        verifications::{self, Purpose},
    },
    types::MailToken,
};

use super::{Auth, CallbackUrl, Client, change_email::confirm_email_change, journal::record, mailed_link::callback_of};

/// A proved address.
#[derive(Debug)]
pub struct VerifiedEmail {
    /// Its owner, where it has replaced the account's former address.
    pub changed: Option<User>,
    /// Where the mail was asked to lead, checked again against today's configuration.
    pub callback_url: Option<CallbackUrl>,
}

/// Why a token proves nothing.
#[derive(Debug, thiserror::Error)]
pub enum VerifyEmailError {
    /// Never made by us, of another purpose, or used.
    #[error("the token is unknown or was used")]
    Invalid,
    #[error("the token is too old")]
    Expired,
    /// The new address has become somebody else's since the mail was sent.
    #[error("the address belongs to another account")]
    EmailTaken,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Marks the address as verified, or makes it the account's where that was asked for. Of several requests with one token, one succeeds.
pub async fn verify_email(
    auth: &Auth,
    token: &MailToken,
    client: &Client,
    now: OffsetDateTime,
) -> Result<VerifiedEmail, VerifyEmailError> {
    let mut transaction = auth.db.begin().await?;
    let spent = verifications::delete_by_token(&mut transaction, Purpose::VerifyEmail, &token.hash()).await?;
    let Some(spent) = spent else {
        transaction.rollback().await.map_err(StoreError::from)?;
        return confirm_email_change(auth, token, client, now).await;
    };
    if spent.expires_at <= now {
        transaction.commit().await.map_err(StoreError::from)?;
        return Err(VerifyEmailError::Expired);
    }
    let user_id = spent.user_id.ok_or(VerifyEmailError::Invalid)?;
    if !users::update_email_verified(&mut transaction, &user_id, now).await? {
        return Err(VerifyEmailError::Invalid);
    }
    record(&mut transaction, (Event::EmailVerified, Outcome::Success), Some(&user_id), client, now).await?;
    transaction.commit().await.map_err(StoreError::from)?;
    Ok(VerifiedEmail { changed: None, callback_url: callback_of(auth, &spent.payload) })
}
