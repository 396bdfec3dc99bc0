//! Shows API keys as JSON (contract §4.7).

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    api::respond::views::wire_time,
    auth::StoredApiKey,
    types::{ApiKeyId, ApiKeyOwner},
};

/// Shows a key to its owner, but for the key itself.
#[derive(Serialize, ToSchema)]
#[schema(as = ApiKey)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ApiKeyView<'a> {
    #[schema(value_type = String)]
    id: &'a ApiKeyId,
    /// Is `default` for the key of a user and `organization` for that of an organization: there are no other configurations.
    config_id: &'static str,
    #[schema(required)]
    name: Option<&'a str>,
    /// Is the beginning of the key, to tell keys apart.
    start: &'a str,
    prefix: &'a str,
    /// Names the user or the organization whose key it is.
    reference_id: &'a str,
    enabled: bool,
    rate_limit_enabled: bool,
    /// Is in milliseconds.
    rate_limit_time_window: i64,
    rate_limit_max: i64,
    /// Counts the uses within the window that is under way, with those that replicas have leased.
    request_count: i64,
    /// Counts the uses that are left, without those that replicas have leased.
    #[schema(required)]
    remaining: Option<i64>,
    #[schema(required)]
    refill_amount: Option<i64>,
    /// Is in milliseconds.
    #[schema(required)]
    refill_interval: Option<i64>,
    #[schema(format = DateTime, required)]
    last_refill_at: Option<String>,
    #[schema(format = DateTime, required)]
    last_request: Option<String>,
    #[schema(format = DateTime, required)]
    expires_at: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
    /// Lists actions by resource.
    #[schema(required, value_type = Option<Object>)]
    permissions: Option<&'a Value>,
    #[schema(required, value_type = Option<Object>)]
    metadata: Option<&'a Value>,
}

impl<'a> From<&'a StoredApiKey> for ApiKeyView<'a> {
    fn from(key: &'a StoredApiKey) -> Self {
        let (config_id, reference_id) = match &key.owner {
            ApiKeyOwner::User(user) => ("default", user.as_str()),
            ApiKeyOwner::Organization(organization) => ("organization", organization.as_str()),
        };
        Self {
            id: &key.id,
            config_id,
            name: key.name.as_deref(),
            start: &key.start,
            prefix: &key.prefix,
            reference_id,
            enabled: key.enabled,
            rate_limit_enabled: key.rate_limit_enabled,
            rate_limit_time_window: key.rate_limit_window_ms,
            rate_limit_max: key.rate_limit_max,
            request_count: key.window_used,
            remaining: key.remaining,
            refill_amount: key.refill_amount,
            refill_interval: key.refill_interval_ms,
            last_refill_at: key.last_refill_at.map(wire_time),
            last_request: key.last_used_at.map(wire_time),
            expires_at: key.expires_at.map(wire_time),
            created_at: wire_time(key.created_at),
            updated_at: wire_time(key.updated_at),
            permissions: key.permissions.as_object().filter(|object| !object.is_empty()).map(|_| &key.permissions),
            metadata: key.metadata.as_ref(),
        }
    }
}

/// Shows a key when it is made: the only time that it is told.
#[derive(Serialize, ToSchema)]
#[schema(as = NewApiKey)]
pub(crate) struct NewApiKeyView<'a> {
    /// Is the key itself.
    pub(crate) key: &'a str,
    #[serde(flatten)]
    pub(crate) rest: ApiKeyView<'a>,
}
