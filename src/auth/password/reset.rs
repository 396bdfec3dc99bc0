//! Sets a new password with a mailed token (MAIL-02, MAIL-05, MAIL-06).

use sqlx::PgConnection;

use crate::{
    auth::{
        DeviceCookie, Flow, FlowError,
        audit::record::record_failure,
        forget_failures,
        limits::attempts::reserve_attempts,
        password::{notice::announce, proof::hash_new_password},
    },
    store::{
        StoreError, Tx, api_keys,
        audit::{Event, Outcome},
        passkeys, retry_once, sessions,
        two_factor::{self, challenges, trusted_devices},
        users::{self, Provable, accounts, credentials},
        verifications::{self, NewVerification, Payload, Purpose},
    },
    types::{AccountId, MailToken, Password, PasswordError, PasswordHash, UserId, VerificationId},
};

/// Lists what was mailed before a reset and ends with it (MAIL-05).
const PENDING: [Purpose; 6] = [
    Purpose::ResetPassword,
    Purpose::ChangeEmail,
    Purpose::ConsentEmailChange,
    Purpose::DeleteUser,
    Purpose::ResetPasswordCode,
    Purpose::ChangeEmailCode,
];

/// Describes why the password was not reset.
#[derive(Debug, thiserror::Error)]
pub enum ResetPasswordError {
    /// The token was never made by us, is of another purpose, was used, is too old, or was replaced by a newer one.
    #[error("the token sets no password")]
    InvalidToken,
    /// The token can still be used.
    #[error(transparent)]
    Password(#[from] PasswordError),
    #[error(transparent)]
    Flow(#[from] FlowError),
}

impl From<StoreError> for ResetPasswordError {
    fn from(error: StoreError) -> Self {
        Self::Flow(error.into())
    }
}

/// Tells whether a token would set a password now. Nothing is spent.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str()))]
pub async fn is_reset_token(flow: Flow<'_>, token: &MailToken) -> Result<bool, StoreError> {
    let mut connection = flow.auth.db.acquire().await?;
    let found = verifications::find_user(&mut connection, Purpose::ResetPassword, &token.hash(), flow.now).await?;
    Ok(found.is_some())
}

/// Sets the password of the token's user, who may have had none; every session and every other mailed link of theirs
/// ends, and where nobody has proved the address so far, every identity at a provider too (SESS-14). Of several
/// requests with one token, one succeeds. Signs nobody in, and marks no address as verified (contract §3.4). Gives back
/// the device cookie that was presented, for the new password.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str()))]
pub async fn reset_password(
    flow: Flow<'_>,
    token: &MailToken,
    password: Password,
    device: Option<&DeviceCookie>,
) -> Result<Option<DeviceCookie>, ResetPasswordError> {
    // The token is looked up before the hash, so that made-up tokens cost none, and spent after it, so that no
    // transaction waits.
    let token = token.hash();
    let found =
        verifications::find_user(&mut *flow.auth.db.acquire().await?, Purpose::ResetPassword, &token, flow.now).await?;
    let Some(user) = found else {
        record_failure(flow, (Event::PasswordReset, Outcome::InvalidToken), None).await?;
        return Err(ResetPasswordError::InvalidToken);
    };
    password.must_suit(&flow.auth.settings.password, user.owner())?;
    let hash = hash_new_password(flow, password).await?;
    retry_once(|| async {
        let mut transaction = flow.auth.db.begin().await?;
        // The user is locked first of all, so that two links of one user wait for each other here and nowhere else.
        let provable = users::find_provable_locked(&mut transaction, &user.id).await?;
        let spent = verifications::delete_by_token(&mut transaction, Purpose::ResetPassword, &token).await?;
        let is_live =
            spent.is_some_and(|spent| spent.expires_at > flow.now && spent.user_id.as_ref() == Some(&user.id));
        let Some(provable) = provable.filter(|_| is_live) else {
            transaction.rollback().await?;
            record_failure(flow, (Event::PasswordReset, Outcome::InvalidToken), Some(&user.id)).await?;
            return Err(ResetPasswordError::InvalidToken);
        };
        apply_reset(flow, &mut transaction, &provable, &hash).await?;
        transaction.commit().await?;
        Ok(DeviceCookie::renewed(device, &user.email, &hash))
    })
    .await
}

/// Sets the password of a locked user to whom a mail proved themselves, and ends what was there before.
pub(crate) async fn apply_reset(
    flow: Flow<'_>,
    transaction: &mut Tx,
    provable: &Provable,
    hash: &PasswordHash,
) -> Result<(), StoreError> {
    let user = &provable.user;
    // The account comes before the sessions: a sign-in under way holds the account, and its session must not outlive this.
    credentials::upsert(transaction, &AccountId::generate(), &user.id, hash, flow.now).await?;
    if !user.email_verified {
        // It was mailed to the address: what others put there before ends, and this password outlives the proof.
        credentials::update_proved(transaction, &user.id).await?;
        accounts::delete_unproved(transaction, &user.id, None).await?;
        two_factor::delete(transaction, &user.id).await?;
        passkeys::delete_added_since(transaction, &user.id, None).await?;
        api_keys::delete_made_since(transaction, &user.id, None).await?;
    }
    trusted_devices::delete_all_but(transaction, &user.id, None).await?;
    challenges::delete_all_but_newest(transaction, &user.id, 0).await?;
    sessions::delete_all_but(transaction, &user.id, None).await?;
    verifications::delete_of_user(transaction, &user.id, &PENDING).await?;
    // Somebody who tried to guess the old password, its owner included, has not tried the new one.
    forget_failures(transaction, &user.email, &user.id).await?;
    reserve_attempts(transaction, &user.email, flow.client).await?;
    announce(flow, transaction, user, Event::PasswordReset).await
}

/// Writes a single-use token with which whoever has just proved the address chooses a password on the next page.
pub(crate) async fn insert_reset_token(
    flow: Flow<'_>,
    connection: &mut PgConnection,
    user: &UserId,
) -> Result<MailToken, StoreError> {
    let token = MailToken::generate();
    let row = NewVerification {
        id: VerificationId::generate(),
        purpose: Purpose::ResetPassword,
        token: token.hash(),
        user_id: Some(user),
        payload: Payload::empty(),
        created_at: flow.now,
        expires_at: flow.now + flow.auth.settings.reset_expires_in,
    };
    verifications::insert(connection, &row).await?;
    Ok(token)
}
