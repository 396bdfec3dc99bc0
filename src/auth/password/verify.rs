//! Proving a password once more, before something sensitive.

use time::OffsetDateTime;

use crate::{
    auth::{
        Auth, Busy, Client, FoundSession, LimitError, RateClass, Verified, limit_user,
        limits::concurrency::acquire_turn, session::find::still_signed_in,
    },
    store::{StoreError, retry_once, sessions, users::accounts},
    types::Password,
};

/// Why nothing is proved.
#[derive(Debug, thiserror::Error)]
pub enum VerifyPasswordError {
    /// Or the account has none.
    #[error("the password is another")]
    WrongPassword,
    #[error(transparent)]
    Limit(#[from] LimitError),
    #[error(transparent)]
    Busy(#[from] Busy),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Holds a password against the user's; the session that asks counts as proved from then on. Failures are counted like those of a sign-in.
pub async fn verify_password(
    auth: &Auth,
    asking: &FoundSession,
    password: Password,
    client: &Client,
    now: OffsetDateTime,
) -> Result<(), VerifyPasswordError> {
    let user = &asking.user.id;
    let turn = acquire_turn(auth, client).await?;
    let counted = limit_user(auth, RateClass::VerifyPassword, user, client, now).await?;
    let stored = accounts::find_credential(&mut *auth.db.acquire().await?, user).await?.map(|(_, hash)| hash);
    match auth.hasher.verify(&turn, password, stored).await {
        Ok(Verified::Match { .. }) => {}
        Ok(Verified::Mismatch) => return Err(VerifyPasswordError::WrongPassword),
        Err(busy) => {
            counted.was_not_tried(&mut *auth.db.acquire().await?).await?;
            return Err(busy.into());
        }
    }
    retry_once(|| async {
        let mut transaction = auth.db.begin().await?;
        still_signed_in(&mut transaction, asking).await?;
        sessions::update_proved(&mut transaction, &asking.session.id, now).await?;
        counted.succeeded(&mut transaction).await?;
        transaction.commit().await.map_err(StoreError::from)?;
        Ok(())
    })
    .await
}
