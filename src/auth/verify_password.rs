//! Proving a password once more, before something sensitive.

use crate::{
    store::{StoreError, accounts},
    types::{Password, UserId},
};

use super::{Auth, Busy, Verified};

/// Why nothing is proved.
#[derive(Debug, thiserror::Error)]
pub enum VerifyPasswordError {
    /// Or the account has none.
    #[error("the password is another")]
    WrongPassword,
    #[error(transparent)]
    Busy(#[from] Busy),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Holds a password against the user's.
pub async fn verify_password(auth: &Auth, user: &UserId, password: Password) -> Result<(), VerifyPasswordError> {
    let stored = accounts::find_credential(&mut *auth.db.acquire().await?, user).await?.map(|(_, hash)| hash);
    match auth.hasher.verify(password, stored).await? {
        Verified::Match { .. } => Ok(()),
        Verified::Mismatch => Err(VerifyPasswordError::WrongPassword),
    }
}
