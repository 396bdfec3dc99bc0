//! Writes the log's line on a sign-in that failed at a provider, whichever way it took.

use crate::{auth::oauth::OAuthError, types::RequestId};

/// Tells the operator what a provider, or its configuration, does wrong; what people do is not for the log. The causes
/// hold no token and nobody's data.
pub(crate) fn log_failure(error: &OAuthError, provider: &str, request_id: &RequestId) {
    let is_for_operator = match error {
        OAuthError::Provider(_) | OAuthError::IssuerMismatch { .. } | OAuthError::EmailNotFound => true,
        OAuthError::Denied(denied) => !denied.is_by_user(),
        OAuthError::UnknownProvider
        | OAuthError::NoIdTokens
        | OAuthError::StateNotFound
        | OAuthError::StateMismatch
        | OAuthError::NoCode
        | OAuthError::EmailNotVerified
        | OAuthError::AwaitsProof(_)
        | OAuthError::AccountNotLinked
        | OAuthError::SignUpRefused(_)
        | OAuthError::Banned
        | OAuthError::LinkedToOther
        | OAuthError::EmailMismatch
        | OAuthError::UnableToLink
        | OAuthError::Store(_) => false,
    };
    if !is_for_operator {
        return;
    }
    let mut causes = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        causes.push_str(": ");
        causes.push_str(&inner.to_string());
        source = inner.source();
    }
    tracing::warn!(request.id = request_id.as_str(), provider, error = causes, "a sign-in through a provider failed");
}
