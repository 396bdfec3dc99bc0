//! Says why an authenticator's answer is none.

use webauthn_rs::prelude::WebauthnError;

/// Describes why an authenticator's answer is none. It is for the log.
#[derive(Debug, thiserror::Error)]
pub enum Unverified {
    #[error("it is not what WebAuthn describes")]
    Malformed,
    #[error("it is too long")]
    TooLong,
    #[error("the page that asked is of an origin that is not trusted or that the relying party id does not cover")]
    Origin,
    #[error("a frame in a page of another site asked")]
    CrossOrigin,
    #[error("it vouches for its make, which was not asked for")]
    Attestation,
    /// It belongs to another user than it says, or than was asked for.
    #[error("the user is another one")]
    User,
    /// Somebody else may have a copy of the key (WebAuthn §6.1.1).
    #[error("the signature counter went back")]
    Counter,
    #[error("what is stored of the passkey or of the challenge cannot be read")]
    Stored,
    #[error(transparent)]
    Library(WebauthnError),
}

impl Unverified {
    /// Tells whether nothing was verified at all, as there was nothing to be.
    #[must_use]
    pub fn is_malformed(&self) -> bool {
        matches!(
            self,
            Self::Malformed
                | Self::TooLong
                | Self::Library(
                    WebauthnError::ParseCBORFailure(_)
                        | WebauthnError::ParseJSONFailure(_)
                        | WebauthnError::ParseNOMFailure
                )
        )
    }
}

impl From<WebauthnError> for Unverified {
    fn from(error: WebauthnError) -> Self {
        match error {
            WebauthnError::CredentialPossibleCompromise => Self::Counter,
            error => Self::Library(error),
        }
    }
}
