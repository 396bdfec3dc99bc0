//! Serves `POST /api-key/create`.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use http::{HeaderValue, header};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    api::{
        Problem,
        error::problem::ProblemBody,
        extract::{
            api_keys::{key_lifetime, key_metadata, key_name, key_organization, key_prefix, reject_server_only},
            body::JsonBody,
            fields::Fields,
            signed_in::{ProvedLately, SignedIn},
        },
        respond::{
            api_key_view::{ApiKeyView, NewApiKeyView},
            json::json_response,
        },
    },
    auth::{self, Auth, NewApiKey},
};

/// Is the body of `POST /api-key/create`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes the body; its fields are read one by one")]
#[schema(rename_all = "camelCase")]
pub(crate) struct CreateApiKeyBody<'a> {
    #[schema(min_length = 1, max_length = 32)]
    name: Option<&'a str>,
    /// Begins the key, in place of the configured prefix.
    #[schema(min_length = 1, max_length = 32, pattern = "^[A-Za-z0-9_-]+$")]
    prefix: Option<&'a str>,
    /// Is in seconds, a day to a year; `null` is the configured time.
    #[schema(minimum = 86400, maximum = 31_536_000)]
    expires_in: Option<u64>,
    /// Is kept with the key, at most 2048 bytes of JSON.
    #[schema(value_type = Option<Object>)]
    metadata: Option<&'a Value>,
    /// Owns the key, in place of oneself: an organization in which one's role allows `apiKey: ["create"]`.
    organization_id: Option<&'a str>,
}

/// Make an API key for oneself, or for an organization
///
/// The key is told in this response alone. Needs a session opened or proved within the last ten minutes, with the second
/// factor where the account has one. What the key may and how often is the configuration's to say. The key of an organization
/// stands for nobody: it goes with the organization, whatever becomes of whoever made it.
#[utoipa::path(post, path = "/api-key/create", tag = "API keys", request_body = CreateApiKeyBody<'_>,
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "The key", body = NewApiKeyView<'_>),
        (status = 400, description = "`SERVER_ONLY_PROPERTY`, `TOO_MANY_API_KEYS`, `EXPIRES_IN_IS_TOO_SMALL`, \
            `EXPIRES_IN_IS_TOO_LARGE`, `INVALID_NAME_LENGTH`, `INVALID_PREFIX_LENGTH`, `INVALID_METADATA_TYPE`, \
            `ORGANIZATION_PLUGIN_REQUIRED`", body = ProblemBody<'_>),
        (status = 401, description = "`UNAUTHORIZED`; `UNAUTHORIZED_SESSION`: keys are made for oneself",
            body = ProblemBody<'_>),
        (status = 403, description = "`SESSION_NOT_FRESH`; `TWO_FACTOR_REQUIRED`: prove it in this session first; \
            `USER_NOT_MEMBER_OF_ORGANIZATION`, `INSUFFICIENT_API_KEY_PERMISSIONS`",
            body = ProblemBody<'_>),
    ))]
pub(crate) async fn create(
    State(auth): State<Arc<Auth>>,
    ProvedLately(SignedIn { caller, found, .. }): ProvedLately,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let empty = Value::Object(serde_json::Map::new());
    let mut fields = Fields::from_body(Some(body.as_ref().unwrap_or(&empty)))?;
    if fields.value("userId").is_some() {
        return Err(Problem::unauthorized_session());
    }
    reject_server_only(&mut fields);
    let organization = key_organization(&mut fields)?;
    let new = NewApiKey {
        organization: organization.as_ref(),
        name: key_name(&mut fields),
        prefix: key_prefix(&mut fields),
        expires_in: key_lifetime(&mut fields).flatten(),
        metadata: key_metadata(&mut fields).flatten(),
    };
    fields.finish()?;
    let (stored, key) = auth::create_api_key(caller.flow(&auth), &found, &new).await?;
    let mut response = json_response(&NewApiKeyView { key: key.expose(), rest: ApiKeyView::from(&stored) });
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
