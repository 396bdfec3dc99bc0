//! Spending the mailed token that proves an address.

use time::OffsetDateTime;

use crate::{
    store::{
        StoreError,
        audit::{Event, Outcome},
        users,
        verifications::{self, Purpose},
    },
    types::{MailToken, UserId},
};

use super::{Auth, CallbackUrl, Client, journal::record};

/// A proved address.
#[derive(Debug)]
pub struct VerifiedEmail {
    pub user_id: UserId,
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
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Marks the address as verified. Of several requests with one token, one succeeds.
pub async fn verify_email(
    auth: &Auth,
    token: &MailToken,
    client: &Client,
    now: OffsetDateTime,
) -> Result<VerifiedEmail, VerifyEmailError> {
    let mut transaction = auth.db.begin().await?;
    let spent = verifications::delete_by_token(&mut transaction, Purpose::VerifyEmail, &token.hash()).await?;
    let spent = spent.ok_or(VerifyEmailError::Invalid)?;
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
    let callback_url = spent.payload.get("callbackURL").and_then(serde_json::Value::as_str);
    let settings = &auth.settings;
    let callback_url =
        callback_url.and_then(|text| CallbackUrl::parse(text, &settings.trusted_origins, &settings.public_url).ok());
    Ok(VerifiedEmail { user_id, callback_url })
}
