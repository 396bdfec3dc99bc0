//! Says how flows of second factors fail.

use std::time::Duration;

use crate::{auth::FlowError, store::StoreError};

/// Describes why a second factor was not set up, proved or changed.
#[derive(Debug, thiserror::Error)]
pub enum TwoFactorError {
    #[error("the code is wrong, too old, or was used before")]
    InvalidCode,
    #[error("the backup code is none of the account's, or was used before")]
    InvalidBackupCode,
    /// Nobody is on the way to sign in here, or the sign-in took too long.
    #[error("there is no sign-in that waits for a second factor")]
    InvalidChallenge,
    /// The sign-in has ended.
    #[error("too many codes were tried for one sign-in")]
    TooManyAttempts,
    #[error("too many wrong codes were tried for the account")]
    Locked {
        /// Is in whole seconds, at least one.
        retry_after: Duration,
    },
    #[error("no code was mailed, or it is too old")]
    CodeExpired,
    #[error("there is no authenticator app")]
    TotpNotEnabled,
    #[error("there is an authenticator app already")]
    AlreadyEnabled,
    #[error("there is no second factor")]
    NotEnabled,
    #[error("there are no backup codes")]
    BackupCodesNotEnabled,
    #[error("codes are not mailed here")]
    MailedCodesDisabled,
    #[error("the password is another")]
    WrongPassword,
    /// There is no password, and the session was opened too long ago to do without.
    #[error("the session is not fresh")]
    NotFresh,
    #[error("no second factor was proved in this session")]
    SecondFactorNeeded,
    #[error(transparent)]
    Flow(FlowError),
}

impl From<FlowError> for TwoFactorError {
    fn from(error: FlowError) -> Self {
        match error {
            FlowError::RateLimited { retry_after } => Self::Locked { retry_after },
            error @ (FlowError::Busy(_) | FlowError::Store(_)) => Self::Flow(error),
        }
    }
}

impl From<StoreError> for TwoFactorError {
    fn from(error: StoreError) -> Self {
        Self::Flow(error.into())
    }
}
