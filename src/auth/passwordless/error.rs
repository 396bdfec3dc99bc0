//! Says how flows with mailed codes and links fail.

use crate::{
    auth::{FlowError, SignUpRefusal, UsernameTaken, VerifyEmailError},
    store::{StoreError, audit::Outcome},
    types::PasswordError,
};

/// Describes why a code or a link did nothing.
#[derive(Debug, thiserror::Error)]
pub enum PasswordlessError {
    /// It is another one, or was used, or is of another purpose or address.
    #[error("the code or link is wrong")]
    Invalid,
    #[error("the code or link is too old")]
    Expired,
    #[error("the code was tried too often")]
    TooManyAttempts,
    /// The session was not proved lately, and no code of the old address came along.
    #[error("a code of the current address is needed")]
    CurrentCodeNeeded,
    #[error("it is the account's address already")]
    SameEmail,
    #[error("the address is of a domain that accounts may not have")]
    EmailDomain,
    /// A new account would lack this field.
    #[error("{0} is required")]
    MissingField(String),
    #[error(transparent)]
    UsernameTaken(#[from] UsernameTaken),
    /// This is said only to who has shown that the address is theirs.
    #[error(transparent)]
    Refused(#[from] SignUpRefusal),
    #[error(transparent)]
    Password(#[from] PasswordError),
    #[error(transparent)]
    Flow(#[from] FlowError),
}

impl From<StoreError> for PasswordlessError {
    fn from(error: StoreError) -> Self {
        Self::Flow(error.into())
    }
}

impl From<VerifyEmailError> for PasswordlessError {
    fn from(error: VerifyEmailError) -> Self {
        match error {
            // Nobody is to learn who has the address now.
            VerifyEmailError::Invalid | VerifyEmailError::EmailTaken => Self::Invalid,
            VerifyEmailError::Expired => Self::Expired,
            VerifyEmailError::Password(error) => error.into(),
            VerifyEmailError::Flow(error) => error.into(),
        }
    }
}

impl PasswordlessError {
    /// Returns what a sign-in that failed so is counted as. `None` means that nobody looked at what was shown.
    pub(crate) fn sign_in_outcome(&self, wrong: Outcome) -> Option<Outcome> {
        match self {
            Self::Invalid | Self::Expired | Self::TooManyAttempts => Some(wrong),
            Self::CurrentCodeNeeded
            | Self::SameEmail
            | Self::EmailDomain
            | Self::MissingField(_)
            | Self::UsernameTaken(_)
            | Self::Refused(_)
            | Self::Password(_) => Some(Outcome::Refused),
            Self::Flow(FlowError::RateLimited { .. }) => Some(Outcome::RateLimited),
            Self::Flow(FlowError::Busy(_) | FlowError::Store(_)) => None,
        }
    }
}
