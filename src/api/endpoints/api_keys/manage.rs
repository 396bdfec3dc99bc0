//! Serves API keys to their owner and to members of the organization that owns them: `GET /api-key/list`, `GET /api-key/get`, `POST /api-key/update` and
//! `POST /api-key/delete`.

use std::{cmp::Ordering, sync::Arc};

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    api::{
        Problem,
        error::problem::ProblemBody,
        extract::{
            api_keys::{key_lifetime, key_metadata, key_name, key_organization, reject_server_only},
            body::{JsonBody, pairs},
            fields::Fields,
            signed_in::SignedIn,
        },
        respond::{api_key_view::ApiKeyView, json::json_response},
    },
    auth::{self, ApiKeyError, ApiKeyUpdate, Auth, StoredApiKey},
    types::ApiKeyId,
};

/// Shows one's keys.
#[derive(Serialize, ToSchema)]
#[schema(as = ApiKeyList)]
#[serde(rename_all = "camelCase")]
struct List<'a> {
    api_keys: Vec<ApiKeyView<'a>>,
    /// Counts all of them, whatever page this is.
    total: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    limit: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    offset: Option<usize>,
}

/// Says by what a list is sorted.
type Order = fn(&StoredApiKey, &StoredApiKey) -> Ordering;

const ORDERS: [(&str, Order); 5] = [
    ("createdAt", |a, b| a.created_at.cmp(&b.created_at)),
    ("updatedAt", |a, b| a.updated_at.cmp(&b.updated_at)),
    ("expiresAt", |a, b| a.expires_at.cmp(&b.expires_at)),
    ("lastRequest", |a, b| a.last_used_at.cmp(&b.last_used_at)),
    ("name", |a, b| a.name.cmp(&b.name)),
];

/// List one's API keys, or those of an organization
#[utoipa::path(get, path = "/api-key/list", tag = "API keys",
    security(("cookie" = []), ("bearer" = [])),
    params(
        ("limit" = Option<u32>, Query, description = "1 to 1000"),
        ("offset" = Option<u32>, Query),
        ("sortBy" = Option<String>, Query, description = "`createdAt`, `updatedAt`, `expiresAt`, `lastRequest` or `name`"),
        ("sortDirection" = Option<String>, Query, description = "`asc` or `desc`"),
        ("organizationId" = Option<String>, Query, description = "the keys of this organization, in place of one's own"),
    ),
    responses(
        (status = 200, description = "The keys, oldest first where nothing is said", body = List<'_>),
        (status = 400, description = "`VALIDATION_ERROR`; `ORGANIZATION_PLUGIN_REQUIRED`", body = ProblemBody<'_>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
        (status = 403, description = "`USER_NOT_MEMBER_OF_ORGANIZATION`, `INSUFFICIENT_API_KEY_PERMISSIONS`",
            body = ProblemBody<'_>),
    ))]
pub(crate) async fn list(
    State(auth): State<Arc<Auth>>,
    SignedIn { found, .. }: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = pairs(query.unwrap_or_default().as_bytes());
    let mut fields = Fields::from_query(&query)?;
    let mut number =
        |key: &str, min| fields.number_within(key, &(min..=1000)).and_then(|number| usize::try_from(number).ok());
    let (limit, offset) = (number("limit", 1), number("offset", 0));
    let order = sort_order(&mut fields);
    let is_descending = fields.is_descending();
    let organization = key_organization(&mut fields)?;
    fields.finish()?;
    let mut keys = match &organization {
        Some(organization) => auth::list_organization_api_keys(&auth, &found.user.id, organization).await?,
        None => auth::list_api_keys(&auth, &found.user.id).await?,
    };
    keys.sort_by(order);
    if is_descending {
        keys.reverse();
    }
    let page = keys.iter().skip(offset.unwrap_or_default()).take(limit.unwrap_or(usize::MAX));
    Ok(json_response(&List { api_keys: page.map(ApiKeyView::from).collect(), total: keys.len(), limit, offset }))
}

fn sort_order(fields: &mut Fields<'_>) -> Order {
    let (_, default) = ORDERS[0];
    let Some(by) = fields.optional_string("sortBy") else { return default };
    ORDERS.iter().find(|(name, _)| *name == by).map_or_else(
        || {
            fields.complain(
                "sortBy",
                "Invalid option: expected one of \"createdAt\"|\"updatedAt\"|\"expiresAt\"|\"lastRequest\"|\"name\"",
            );
            default
        },
        |(_, order)| *order,
    )
}

/// Get an API key of one's own, or of an organization
#[utoipa::path(get, path = "/api-key/get", tag = "API keys",
    security(("cookie" = []), ("bearer" = [])),
    params(("id" = String, Query)),
    responses(
        (status = 200, description = "The key, but for itself", body = ApiKeyView<'_>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
        (status = 403, description = "`INSUFFICIENT_API_KEY_PERMISSIONS`", body = ProblemBody<'_>),
        (status = 404, description = "`KEY_NOT_FOUND`: it is not there, or somebody else's", body = ProblemBody<'_>),
    ))]
pub(crate) async fn get(
    State(auth): State<Arc<Auth>>,
    SignedIn { found, .. }: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = pairs(query.unwrap_or_default().as_bytes());
    let mut fields = Fields::from_query(&query)?;
    let id = fields.string("id");
    fields.finish()?;
    let key = auth::find_api_key(&auth, &found.user.id, &key_id(id)?).await?;
    Ok(json_response(&ApiKeyView::from(&key)))
}

/// Is the body of `POST /api-key/update`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes the body; its fields are read one by one")]
#[schema(rename_all = "camelCase")]
pub(crate) struct UpdateApiKeyBody<'a> {
    key_id: &'a str,
    #[schema(min_length = 1, max_length = 32)]
    name: Option<&'a str>,
    enabled: Option<bool>,
    /// Is in seconds from now, a day to a year; `null` lets the key last.
    #[schema(minimum = 86400, maximum = 31_536_000)]
    expires_in: Option<u64>,
    /// Is kept with the key, at most 2048 bytes of JSON; `null` takes it away.
    #[schema(value_type = Option<Object>)]
    metadata: Option<&'a Value>,
}

/// Change an API key of one's own or of an organization: its name, end and metadata, and whether it works
#[utoipa::path(post, path = "/api-key/update", tag = "API keys", request_body = UpdateApiKeyBody<'_>,
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "The key, but for itself", body = ApiKeyView<'_>),
        (status = 400, description = "`SERVER_ONLY_PROPERTY`, `NO_VALUES_TO_UPDATE`, and those of `/api-key/create`",
            body = ProblemBody<'_>),
        (status = 401, description = "`UNAUTHORIZED`, `UNAUTHORIZED_SESSION`", body = ProblemBody<'_>),
        (status = 403, description = "`NOT_ALLOWED_WHILE_IMPERSONATING`; `INSUFFICIENT_API_KEY_PERMISSIONS`; or not from a \
            trusted origin",
            body = ProblemBody<'_>),
        (status = 404, description = "`KEY_NOT_FOUND`: it is not there, or somebody else's", body = ProblemBody<'_>),
    ))]
pub(crate) async fn update(
    State(auth): State<Arc<Auth>>,
    SignedIn { caller, found, .. }: SignedIn,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let mut fields = Fields::from_body(body.as_ref())?;
    if fields.value("userId").is_some_and(|user| user.as_str() != Some(found.user.id.as_str())) {
        return Err(Problem::unauthorized_session());
    }
    reject_server_only(&mut fields);
    let id = fields.string("keyId");
    let enabled = fields.value("enabled").is_some().then(|| fields.boolean_or("enabled", true));
    let update = ApiKeyUpdate {
        name: key_name(&mut fields),
        enabled,
        expires_in: key_lifetime(&mut fields),
        metadata: key_metadata(&mut fields),
    };
    let ApiKeyUpdate { name, enabled, expires_in, metadata } = &update;
    if name.is_none() && enabled.is_none() && expires_in.is_none() && metadata.is_none() {
        fields.reject("NO_VALUES_TO_UPDATE", "No values to update.".to_owned());
    }
    fields.finish()?;
    let key = auth::update_api_key(caller.flow(&auth), &found, &key_id(id)?, &update).await?;
    Ok(json_response(&ApiKeyView::from(&key)))
}

/// Is the body of `POST /api-key/delete`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct DeleteApiKeyBody<'a> {
    key_id: &'a str,
}

impl<'a> DeleteApiKeyBody<'a> {
    fn parse(body: Option<&'a Value>) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let parsed = Self { key_id: fields.string("keyId") };
        fields.finish()?;
        Ok(parsed)
    }
}

/// Says that it is done.
#[derive(Serialize, ToSchema)]
#[schema(as = ApiKeyDeleted)]
struct Deleted {
    success: bool,
}

/// Delete an API key of one's own or of an organization
///
/// The next request with it is rejected on every replica, and connections that it opened are closed.
#[utoipa::path(post, path = "/api-key/delete", tag = "API keys", request_body = DeleteApiKeyBody<'_>,
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "It is gone", body = Deleted),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
        (status = 403, description = "`NOT_ALLOWED_WHILE_IMPERSONATING`; `INSUFFICIENT_API_KEY_PERMISSIONS`; or not from a \
            trusted origin",
            body = ProblemBody<'_>),
        (status = 404, description = "`KEY_NOT_FOUND`: it is not there, or somebody else's", body = ProblemBody<'_>),
    ))]
pub(crate) async fn delete(
    State(auth): State<Arc<Auth>>,
    SignedIn { caller, found, .. }: SignedIn,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let body = DeleteApiKeyBody::parse(body.as_ref())?;
    auth::delete_api_key(caller.flow(&auth), &found, &key_id(body.key_id)?).await?;
    Ok(json_response(&Deleted { success: true }))
}

/// Parses an id; what is none names no key.
fn key_id(text: &str) -> Result<ApiKeyId, Problem> {
    text.parse().map_err(|_| ApiKeyError::UnknownKey.into())
}
