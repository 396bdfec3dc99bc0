//! Proving a password once more, before something sensitive.

use time::OffsetDateTime;

use crate::{
    store::{StoreError, accounts, sessions},
    types::Password,
};

use super::{Auth, Busy, Client, FoundSession, LimitError, RateClass, Verified, limit_user, turns::acquire_turn};

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
    let verified = auth.hasher.verify(&turn, password, stored).await;
    let mut connection = auth.db.acquire().await?;
    match verified {
        Ok(Verified::Match { .. }) => {
            sessions::update_proved(&mut connection, &asking.session.id, now).await?;
            Ok(counted.succeeded(&mut connection).await?)
        }
        Ok(Verified::Mismatch) => Err(VerifyPasswordError::WrongPassword),
        Err(busy) => {
            counted.was_not_tried(&mut connection).await?;
            Err(busy.into())
        }
    }
}
