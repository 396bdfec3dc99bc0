//! Why nobody signs in through a provider.

use crate::store::StoreError;

use super::{ProviderError, id_token::IdTokenError};

/// One list for all flows; `http::problem` has a status and a word for each.
#[derive(Debug, thiserror::Error)]
pub enum SocialError {
    #[error("no such provider is configured")]
    UnknownProvider,
    #[error("the provider has no id tokens")]
    NoIdTokens,
    #[error("the callback names no flow")]
    StateNotFound,
    /// Unknown, expired, finished, of another provider or of another browser.
    #[error("the callback is of no flow of this browser and provider")]
    StateMismatch,
    #[error("the callback is of another issuer")]
    IssuerMismatch,
    #[error("the callback has no code")]
    NoCode,
    #[error("the provider sends an error: {}", .0.as_str())]
    Denied(Denied),
    #[error(transparent)]
    Provider(#[from] ProviderError),
    #[error("the provider tells no address that can own an account")]
    EmailNotFound,
    #[error("nobody has proved the address")]
    EmailNotVerified,
    /// The address is somebody's, and one of the two sides has not proved it.
    #[error("the address has an account that may not be linked")]
    AccountNotLinked,
    #[error("the user is banned")]
    Banned,
    #[error("the identity is linked to another user")]
    LinkedToOther,
    #[error("the identity has another address than the user")]
    EmailMismatch,
    /// The session that began it is gone, or another user's is there.
    #[error("who began to link is not who came back")]
    UnableToLink,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<IdTokenError> for SocialError {
    fn from(error: IdTokenError) -> Self {
        Self::Provider(error.into())
    }
}

/// What a provider says in place of a code: known words only, since they go on to the frontend (REDIR-04).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Denied(&'static str);

impl Denied {
    /// RFC 6749 §4.1.2.1, `OpenID` Connect Core §3.1.2.6, Apple.
    const KNOWN: [&'static str; 12] = [
        "access_denied",
        "invalid_request",
        "unauthorized_client",
        "unsupported_response_type",
        "invalid_scope",
        "server_error",
        "temporarily_unavailable",
        "interaction_required",
        "login_required",
        "account_selection_required",
        "consent_required",
        "user_cancelled_authorize",
    ];

    pub(super) fn parse(text: &str) -> Self {
        Self(Self::KNOWN.into_iter().find(|known| *known == text).unwrap_or("invalid_callback_request"))
    }

    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.0
    }
}
