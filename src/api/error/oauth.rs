//! Turns the errors of sign-in through others into what clients get: as responses, and as the codes that go on in a
//! redirect (contract §3.6, §3.7).

use http::{StatusCode, header};

use crate::{
    api::error::problem::{Problem, RETRY_AFTER},
    auth::{
        SignUpRefusal,
        oauth::{HttpError, IdTokenError, OAuthError, ProviderError, TokenError},
    },
};

/// Tells what a client hears that asked itself (contract §3.7).
impl From<OAuthError> for Problem {
    fn from(error: OAuthError) -> Self {
        let (status, code, message) = match error {
            OAuthError::UnknownProvider => (StatusCode::NOT_FOUND, "PROVIDER_NOT_FOUND", "Provider not found"),
            OAuthError::NoIdTokens => (StatusCode::NOT_FOUND, "ID_TOKEN_NOT_SUPPORTED", "id_token not supported"),
            OAuthError::StateNotFound
            | OAuthError::StateMismatch
            | OAuthError::IssuerMismatch { .. }
            | OAuthError::NoCode
            | OAuthError::Denied(_) => {
                (StatusCode::BAD_REQUEST, "INVALID_CALLBACK_REQUEST", "Invalid callback request")
            }
            OAuthError::Provider(error) => return Self::from(&error),
            OAuthError::EmailNotFound => (StatusCode::UNAUTHORIZED, "USER_EMAIL_NOT_FOUND", "User email not found"),
            OAuthError::EmailNotVerified | OAuthError::AwaitsProof(_) => {
                (StatusCode::FORBIDDEN, "EMAIL_NOT_VERIFIED", "Email not verified")
            }
            OAuthError::SignUpRefused(SignUpRefusal::EmailDomain) => return Self::email_domain_not_allowed(),
            OAuthError::SignUpRefused(
                SignUpRefusal::Closed | SignUpRefusal::InvitationNeeded | SignUpRefusal::InvalidInvitation,
            ) => (StatusCode::UNAUTHORIZED, "OAUTH_LINK_ERROR", "signup disabled"),
            OAuthError::AccountNotLinked => (StatusCode::UNAUTHORIZED, "OAUTH_LINK_ERROR", "account not linked"),
            OAuthError::Banned => (
                StatusCode::FORBIDDEN,
                "BANNED_USER",
                "You have been banned from this application. Please contact support if you believe this is an error.",
            ),
            OAuthError::LinkedToOther => {
                (StatusCode::CONFLICT, "SOCIAL_ACCOUNT_ALREADY_LINKED", "Social account already linked")
            }
            OAuthError::EmailMismatch => (
                StatusCode::UNAUTHORIZED,
                "LINKING_DIFFERENT_EMAILS_NOT_ALLOWED",
                "Account not linked - different emails not allowed",
            ),
            OAuthError::UnableToLink => (StatusCode::EXPECTATION_FAILED, "LINKING_FAILED", "Linking failed"),
            OAuthError::Store(error) => return error.into(),
        };
        Self::new(status, code, message)
    }
}

/// Leaves out the cause, which the flows log with the provider's name.
impl From<&ProviderError> for Problem {
    fn from(error: &ProviderError) -> Self {
        match error {
            ProviderError::Unavailable { .. } | ProviderError::Discovery(_) => {
                let message = "The provider does not answer, try again shortly";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "PROVIDER_UNAVAILABLE", message)
                    .with_header(header::RETRY_AFTER, RETRY_AFTER)
            }
            ProviderError::IdToken(_) => Self::new(StatusCode::UNAUTHORIZED, "INVALID_TOKEN", "Invalid token"),
            ProviderError::Refused(_)
            | ProviderError::NoIdToken
            | ProviderError::OtherSubject
            | ProviderError::NoProfile => {
                Self::new(StatusCode::UNAUTHORIZED, "FAILED_TO_GET_USER_INFO", "Failed to get user info")
            }
        }
    }
}

/// Says what a provider was asked with its stored tokens: the same failures have names of their own there (contract
/// §3.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProviderRequest {
    Token,
    Refresh,
    Profile,
}

impl Problem {
    /// Returns what a client is told that got no token, or no response to it.
    pub(crate) fn from_token_error(error: TokenError, request: ProviderRequest) -> Self {
        use ProviderRequest::{Profile, Refresh, Token};
        let (code, message) = match (error, request) {
            (TokenError::Store(error), _) => return error.into(),
            (TokenError::Provider { provider, source }, _) => {
                let problem = Self::from_provider_error(&source, request);
                return problem.with_cause(TokenError::Provider { provider, source });
            }
            (TokenError::UnknownAccount, _) => ("ACCOUNT_NOT_FOUND", "Account not found"),
            (TokenError::NoProvider, Token | Refresh) => ("PROVIDER_NOT_SUPPORTED", "Provider not supported"),
            (TokenError::NoProvider, Profile) => {
                ("PROVIDER_NOT_CONFIGURED", "Account is not associated with a configured social provider.")
            }
            (TokenError::NoToken, Token | Refresh) => {
                ("FAILED_TO_GET_ACCESS_TOKEN", "Failed to get a valid access token")
            }
            (TokenError::NoToken, Profile) => ("ACCESS_TOKEN_NOT_FOUND", "Access token not found"),
            (TokenError::NoRefreshToken, _) => ("REFRESH_TOKEN_NOT_FOUND", "Refresh token not found"),
        };
        Self::bad_request(code, message)
    }

    fn from_provider_error(error: &ProviderError, request: ProviderRequest) -> Self {
        match (error, request) {
            // The token is not taken any more.
            (ProviderError::Unavailable { source: HttpError::Status(401 | 403), .. }, ProviderRequest::Profile) => {
                Self::from(&ProviderError::NoProfile)
            }
            (ProviderError::Unavailable { .. } | ProviderError::Discovery(_), _)
            | (
                ProviderError::IdToken(_)
                | ProviderError::NoIdToken
                | ProviderError::OtherSubject
                | ProviderError::NoProfile,
                ProviderRequest::Profile,
            ) => Self::from(error),
            (_, ProviderRequest::Token | ProviderRequest::Refresh) | (ProviderError::Refused(_), _) => {
                Self::bad_request("FAILED_TO_REFRESH_ACCESS_TOKEN", "Failed to refresh access token")
            }
        }
    }
}

/// Returns the error code that goes on in a redirect (contract §3.7).
pub(crate) fn callback_error_code(error: &OAuthError) -> &'static str {
    match error {
        OAuthError::UnknownProvider => "oauth_provider_not_found",
        OAuthError::StateNotFound => "state_not_found",
        OAuthError::StateMismatch => "state_mismatch",
        OAuthError::IssuerMismatch { .. } => "issuer_mismatch",
        OAuthError::NoCode => "no_code",
        OAuthError::Denied(denied) => denied.as_str(),
        OAuthError::Provider(ProviderError::Unavailable { .. } | ProviderError::Discovery(_)) => {
            "temporarily_unavailable"
        }
        OAuthError::Provider(ProviderError::Refused(_)) => "invalid_code",
        OAuthError::Provider(ProviderError::IdToken(IdTokenError::Nonce(_))) => "nonce_binding_missing",
        OAuthError::Provider(
            ProviderError::IdToken(_)
            | ProviderError::NoIdToken
            | ProviderError::OtherSubject
            | ProviderError::NoProfile,
        ) => "unable_to_get_user_info",
        OAuthError::EmailNotFound => "email_not_found",
        OAuthError::EmailNotVerified | OAuthError::AwaitsProof(_) => "email_not_verified",
        OAuthError::SignUpRefused(SignUpRefusal::EmailDomain) => "email_domain_not_allowed",
        OAuthError::SignUpRefused(
            SignUpRefusal::Closed | SignUpRefusal::InvitationNeeded | SignUpRefusal::InvalidInvitation,
        ) => "signup_disabled",
        OAuthError::AccountNotLinked => "account_not_linked",
        OAuthError::Banned => "BANNED_USER",
        OAuthError::LinkedToOther => "account_already_linked_to_different_user",
        OAuthError::EmailMismatch => "email_does_not_match",
        OAuthError::UnableToLink => "unable_to_link_account",
        OAuthError::NoIdTokens | OAuthError::Store(_) => "internal_server_error",
    }
}
