//! Serves `POST /api-key/verify`, for backends and scripts that were handed a key.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{
        Problem,
        extract::{api_keys::asked_permissions, body::JsonBody, caller::Caller, fields::Fields},
        respond::{api_key_view::ApiKeyView, json::json_response},
    },
    auth::{self, Auth, VerifyApiKeyError},
    sessions::QuotaExceeded,
};

/// Is the body of `POST /api-key/verify`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes the body; its fields are read one by one")]
pub(crate) struct VerifyApiKeyBody<'a> {
    key: &'a str,
    /// Lists what the key has to be allowed: actions by resource.
    #[schema(value_type = Option<Object>)]
    permissions: Option<&'a str>,
}

/// Says what a key is worth.
#[derive(Serialize, ToSchema)]
#[schema(as = ApiKeyVerification)]
struct Verification<'a> {
    valid: bool,
    #[schema(required)]
    error: Option<VerificationError>,
    #[schema(required)]
    key: Option<ApiKeyView<'a>>,
}

/// Says why a key does not do.
#[derive(Serialize, ToSchema)]
#[schema(as = ApiKeyVerificationError)]
struct VerificationError {
    code: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    details: Option<TryAgain>,
}

/// Says when there will be more uses.
#[derive(Serialize, ToSchema)]
#[schema(as = ApiKeyTryAgain)]
#[serde(rename_all = "camelCase")]
struct TryAgain {
    /// Is in milliseconds.
    try_again_in: u64,
}

/// Tell what an API key is worth, for backends and scripts that were handed one
///
/// Counts as a use of the key. Nobody has to be signed in: whoever knows the key may ask.
#[utoipa::path(post, path = "/api-key/verify", tag = "API keys", request_body = VerifyApiKeyBody<'_>, responses(
    (status = 200, description = "Valid or not: `INVALID_API_KEY`, `KEY_DISABLED`, `KEY_EXPIRED`, `KEY_NOT_FOUND` (it may \
        not do what is asked), `RATE_LIMITED`, `USAGE_EXCEEDED`", body = Verification<'_>)))]
pub(crate) async fn verify(
    State(auth): State<Arc<Auth>>,
    _: Caller,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let mut fields = Fields::from_body(body.as_ref())?;
    let (text, permissions) = (fields.string("key"), asked_permissions(&mut fields));
    fields.finish()?;
    let error = match auth::verify_api_key(&auth, text, &permissions).await {
        Ok(key) => {
            return Ok(json_response(&Verification { valid: true, error: None, key: Some(ApiKeyView::from(&key)) }));
        }
        Err(error) => error,
    };
    let (problem, details) = match error {
        VerifyApiKeyError::Rejected(rejection) => (Problem::api_key_rejected(rejection), None),
        // The client's code for a key that lacks a permission.
        VerifyApiKeyError::MissingScope => (Problem::from(auth::ApiKeyError::UnknownKey), None),
        VerifyApiKeyError::Exceeded(QuotaExceeded::Unavailable) => {
            return Err(Problem::api_key_exceeded(QuotaExceeded::Unavailable));
        }
        VerifyApiKeyError::Exceeded(exceeded) => (Problem::api_key_exceeded(exceeded), try_again(exceeded)),
        VerifyApiKeyError::Store(error) => return Err(error.into()),
    };
    let error = VerificationError { code: problem.code(), message: problem.message().to_owned(), details };
    Ok(json_response(&Verification { valid: false, error: Some(error), key: None }))
}

fn try_again(exceeded: QuotaExceeded) -> Option<TryAgain> {
    let retry_after = match exceeded {
        QuotaExceeded::RateLimited { retry_after } => Some(retry_after),
        QuotaExceeded::UsedUp { retry_after } => retry_after,
        QuotaExceeded::Gone | QuotaExceeded::Unavailable => None,
    };
    retry_after.map(|left| TryAgain { try_again_in: u64::try_from(left.as_millis()).unwrap_or(u64::MAX) })
}
