//! Setting a new password with a mailed token (MAIL-02, MAIL-05, MAIL-06).

use time::OffsetDateTime;

use crate::{
    auth::{
        Auth, Busy, Client, DeviceCookie,
        audit::record::record,
        forget_failures,
        limits::{attempts::reserve_attempts, concurrency::hash_in_turn},
        password::notice::announce,
    },
    store::{
        StoreError,
        audit::{Event, Outcome},
        retry_once, sessions,
        users::{self, accounts},
        verifications::{self, Purpose},
    },
    types::{AccountId, MailToken, Password, PasswordError, UserId},
};

/// Why the password is what it was.
#[derive(Debug, thiserror::Error)]
pub enum ResetPasswordError {
    /// Never made by us, of another purpose, used, too old, or replaced by a newer one.
    #[error("the token sets no password")]
    InvalidToken,
    /// The token can still be used.
    #[error(transparent)]
    Password(#[from] PasswordError),
    #[error(transparent)]
    Busy(#[from] Busy),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Whether a token would set a password now. Nothing is spent.
pub async fn is_reset_token(auth: &Auth, token: &MailToken, now: OffsetDateTime) -> Result<bool, StoreError> {
    let mut connection = auth.db.acquire().await?;
    let found = verifications::find_user(&mut connection, Purpose::ResetPassword, &token.hash(), now).await?;
    Ok(found.is_some())
}

/// Sets the password of the token's user, who may have had none; every session and every other mailed link of theirs
/// ends, and where nobody has proved the address so far, every identity at a provider too (SESS-14). Of several requests
/// with one token, one succeeds. Signs nobody in, and marks no address as verified (contract §3.4).
/// Gives back the device cookie that was presented, for the new password.
pub async fn reset_password(
    auth: &Auth,
    token: &MailToken,
    password: Password,
    device: Option<&DeviceCookie>,
    client: &Client,
    now: OffsetDateTime,
) -> Result<Option<DeviceCookie>, ResetPasswordError> {
    // Looked up before the hash, so that made-up tokens cost none; spent after it, so that no transaction waits.
    let token = token.hash();
    let found = verifications::find_user(&mut *auth.db.acquire().await?, Purpose::ResetPassword, &token, now).await?;
    let Some(user) = found else {
        refuse(auth, None, client, now).await?;
        return Err(ResetPasswordError::InvalidToken);
    };
    password.must_suit(&auth.settings.password, user.owner())?;
    let hash = hash_in_turn(auth, client, password).await?;
    retry_once(|| async {
        let mut transaction = auth.db.begin().await?;
        // First of all, so that two links of one user wait for each other here and nowhere else.
        let provable = users::find_provable_locked(&mut transaction, &user.id).await?;
        let spent = verifications::delete_by_token(&mut transaction, Purpose::ResetPassword, &token).await?;
        if spent.is_none_or(|spent| spent.expires_at <= now || spent.user_id.as_ref() != Some(&user.id)) {
            transaction.rollback().await.map_err(StoreError::from)?;
            refuse(auth, Some(&user.id), client, now).await?;
            return Err(ResetPasswordError::InvalidToken);
        }
        // Before the sessions: a sign-in under way holds the account, and its session must not outlive this.
        accounts::upsert_credential(&mut transaction, &AccountId::generate(), &user.id, &hash, now).await?;
        if provable.is_some_and(|provable| !provable.user.email_verified) {
            // The link was mailed to the address: what others put there before ends, and this password outlives the proof.
            accounts::update_credential_proved(&mut transaction, &user.id).await?;
            accounts::delete_unproved(&mut transaction, &user.id, None).await?;
        }
        sessions::delete_all_but(&mut transaction, &user.id, None).await?;
        let pending = [Purpose::ResetPassword, Purpose::ChangeEmail, Purpose::ConsentEmailChange, Purpose::DeleteUser];
        verifications::delete_of_user(&mut transaction, &user.id, &pending).await?;
        // Whoever tried to guess the old password, its owner included, has not tried the new one.
        forget_failures(&mut transaction, &user.email, &user.id).await?;
        reserve_attempts(&mut transaction, &user.email, client).await?;
        announce(auth, &mut transaction, &user, Event::PasswordReset, client, now).await?;
        transaction.commit().await.map_err(StoreError::from)?;
        auth.outbox.wake();
        Ok(DeviceCookie::renewed(device, &user.email, &hash))
    })
    .await
}

async fn refuse(auth: &Auth, user: Option<&UserId>, client: &Client, now: OffsetDateTime) -> Result<(), StoreError> {
    let mut connection = auth.db.acquire().await?;
    record(&mut connection, (Event::PasswordReset, Outcome::InvalidToken), user, client, now).await
}
