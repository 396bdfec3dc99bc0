//! Turns the errors of flows with passkeys into responses, as [`super::flows`] does with those of the others.

use http::StatusCode;

use crate::{
    api::error::problem::Problem,
    auth::{ManagePasskeyError, PasskeySignInError, RegisterPasskeyError},
    types::StepUp,
};

impl From<RegisterPasskeyError> for Problem {
    fn from(error: RegisterPasskeyError) -> Self {
        match error {
            RegisterPasskeyError::NoChallenge => Self::passkey_challenge_not_found(),
            RegisterPasskeyError::OtherSession => Self::new(
                StatusCode::UNAUTHORIZED,
                "YOU_ARE_NOT_ALLOWED_TO_REGISTER_THIS_PASSKEY",
                "You are not allowed to register this passkey",
            ),
            RegisterPasskeyError::Unverified(_) => {
                Self::bad_request("FAILED_TO_VERIFY_REGISTRATION", "Failed to verify registration").with_cause(error)
            }
            RegisterPasskeyError::Known => Self::bad_request("PREVIOUSLY_REGISTERED", "Previously registered"),
            RegisterPasskeyError::TooMany => {
                Self::bad_request("TOO_MANY_PASSKEYS", "Too many passkeys: remove one of them first")
            }
            RegisterPasskeyError::SecondFactorNeeded => Self::step_up(StepUp::TwoFactor),
            RegisterPasskeyError::Flow(error) => error.into(),
        }
    }
}

impl From<PasskeySignInError> for Problem {
    fn from(error: PasskeySignInError) -> Self {
        let failed = |status| Self::new(status, "AUTHENTICATION_FAILED", "Authentication failed");
        match error {
            PasskeySignInError::NoChallenge => Self::passkey_challenge_not_found(),
            PasskeySignInError::UnknownPasskey => {
                Self::new(StatusCode::UNAUTHORIZED, "PASSKEY_NOT_FOUND", "Passkey not found")
            }
            // Anybody can send what is none, and the log need not tell of it.
            PasskeySignInError::Unverified(ref unverified) if unverified.is_malformed() => {
                failed(StatusCode::BAD_REQUEST)
            }
            PasskeySignInError::Unverified(_) => failed(StatusCode::UNAUTHORIZED).with_cause(error),
            PasskeySignInError::Banned => failed(StatusCode::UNAUTHORIZED),
            PasskeySignInError::EmailNotVerified => {
                Self::new(StatusCode::FORBIDDEN, "EMAIL_NOT_VERIFIED", "Email not verified")
            }
            PasskeySignInError::Flow(error) => error.into(),
        }
    }
}

impl From<ManagePasskeyError> for Problem {
    fn from(error: ManagePasskeyError) -> Self {
        match error {
            ManagePasskeyError::UnknownPasskey => {
                Self::new(StatusCode::NOT_FOUND, "PASSKEY_NOT_FOUND", "Passkey not found")
            }
            ManagePasskeyError::LastWayIn => Self::bad_request(
                "FAILED_TO_DELETE_LAST_PASSKEY",
                "It is the last way to sign in: set a password or add another passkey first",
            ),
            ManagePasskeyError::Store(error) => error.into(),
        }
    }
}
