//! Says how flows with passkeys fail.

use crate::{
    auth::{FlowError, passkey::unverified::Unverified},
    store::StoreError,
};

/// Describes why no passkey was added.
#[derive(Debug, thiserror::Error)]
pub enum RegisterPasskeyError {
    /// None was asked for in this browser, or it was used up, or took too long.
    #[error("there is no such challenge")]
    NoChallenge,
    /// It was asked for in another session.
    #[error("the challenge is another session's")]
    OtherSession,
    #[error("the passkey was not verified: {0}")]
    Unverified(Unverified),
    /// It is a passkey of an account already.
    #[error("the credential is known")]
    Known,
    #[error("the user has as many passkeys as anybody may have")]
    TooMany,
    /// The account has a second factor, and the session has not proved it.
    #[error("a second factor is needed")]
    SecondFactorNeeded,
    #[error(transparent)]
    Flow(#[from] FlowError),
}

/// Describes why a passkey signed nobody in.
#[derive(Debug, thiserror::Error)]
pub enum PasskeySignInError {
    /// None was asked for in this browser, or it was used up, or took too long.
    #[error("there is no such challenge")]
    NoChallenge,
    #[error("nobody has such a passkey")]
    UnknownPasskey,
    #[error("the passkey was not verified: {0}")]
    Unverified(Unverified),
    #[error("the user is banned or gone")]
    Banned,
    #[error("the address is not verified")]
    EmailNotVerified,
    #[error(transparent)]
    Flow(#[from] FlowError),
}

/// Describes why a passkey was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ManagePasskeyError {
    /// Means that it is not there, or is somebody else's.
    #[error("the user has no such passkey")]
    UnknownPasskey,
    #[error("there would be no way left to sign in")]
    LastWayIn,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<StoreError> for RegisterPasskeyError {
    fn from(error: StoreError) -> Self {
        Self::Flow(error.into())
    }
}

impl From<StoreError> for PasskeySignInError {
    fn from(error: StoreError) -> Self {
        Self::Flow(error.into())
    }
}
