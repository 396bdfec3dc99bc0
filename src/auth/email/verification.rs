//! Defines what comes of a mailed token that proves an address.

use crate::{
    auth::{FlowError, NewSession},
    store::{StoreError, users::User},
    types::{MailToken, PasswordError},
};

/// Describes a proved address.
#[derive(Debug)]
pub struct VerifiedEmail {
    /// Is its owner, where it has replaced the account's former address.
    pub changed: Option<User>,
    /// Is the session of the browser that signed up, where the proof is to open one.
    pub session: Option<NewSession>,
    /// Sets a password, where the account is left with no way to sign in.
    pub choose_password: Option<MailToken>,
}

/// Describes why a token proves nothing.
#[derive(Debug, thiserror::Error)]
pub enum VerifyEmailError {
    /// The token was never made by us, is of another purpose, or was used.
    #[error("the token is unknown or was used")]
    Invalid,
    #[error("the token is too old")]
    Expired,
    /// The new address has become somebody else's since the mail was sent.
    #[error("the address belongs to another account")]
    EmailTaken,
    /// The token can still be used.
    #[error(transparent)]
    Password(#[from] PasswordError),
    #[error(transparent)]
    Flow(#[from] FlowError),
}

impl From<StoreError> for VerifyEmailError {
    fn from(error: StoreError) -> Self {
        Self::Flow(error.into())
    }
}
