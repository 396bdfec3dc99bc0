//! Makes keys.

use std::time::Duration;

use serde_json::{Map, Value, json};
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    auth::{
        ApiKeyError, ApiKeySettings, Flow, FoundSession, KeyRateLimit, api_key::owner, audit::record::record_about,
    },
    store::{
        api_keys::{self, StoredApiKey},
        audit::{Event, Outcome},
        retry_once,
    },
    types::{ApiKey, ApiKeyId, ApiKeyOwner, OrganizationId},
};

/// Says what a key is to be like, as far as whoever makes it may say so.
#[derive(Debug, Clone, Default)]
pub struct NewApiKey<'a> {
    /// Owns the key, in place of whoever makes it.
    pub organization: Option<&'a OrganizationId>,
    pub name: Option<&'a str>,
    /// Begins the key; the configured one where nothing is said.
    pub prefix: Option<&'a str>,
    /// Is in seconds; the configured time where nothing is said.
    pub expires_in: Option<u64>,
    pub metadata: Option<&'a Value>,
}

/// Makes a key for whoever is signed in, or for an organization of theirs. The key itself is told here and nowhere else.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str(), user.id = %current.user.id))]
pub async fn create_api_key(
    flow: Flow<'_>,
    current: &FoundSession,
    new: &NewApiKey<'_>,
) -> Result<(StoredApiKey, ApiKey), ApiKeyError> {
    let user = &current.user;
    if user.two_factor_enabled && !current.session.authentication().has_second_factor() {
        return Err(ApiKeyError::SecondFactorNeeded);
    }
    // The routes are there only where there are keys.
    let settings = flow.auth.settings.api_keys.clone().unwrap_or_default();
    let expires_at = expires_at(new.expires_in, settings.expires_in, flow.now)?;
    let prefix = new.prefix.unwrap_or(&settings.prefix);
    let key = ApiKey::generate(prefix);
    retry_once(|| async {
        let mut transaction = flow.auth.db.begin().await?;
        let owner = owner::lock(flow.auth, &mut transaction, current, new.organization).await?;
        let stored = StoredApiKey {
            name: new.name.map(str::to_owned),
            expires_at,
            metadata: new.metadata.cloned(),
            ..new_stored_key(owner, (prefix, &key), &settings, flow.now)
        };
        insert(&mut transaction, &stored, &key, settings.max_per_user).await?;
        let event = (Event::ApiKeyCreated, Outcome::Success);
        record_about(flow, &mut transaction, event, Some(&user.id), detail(&stored)).await?;
        transaction.commit().await?;
        Ok((stored, key.clone()))
    })
    .await
}

/// Returns what the audit log says of a key: never more of it than its id, and the organization that owns it.
pub(crate) fn detail(key: &StoredApiKey) -> Value {
    match key.owner.ids() {
        (_, Some(organization)) => json!({ "key": key.id, "organization": organization }),
        (_, None) => json!({ "key": key.id }),
    }
}

/// Describes a new key as the configuration has it.
pub(crate) fn new_stored_key(
    owner: ApiKeyOwner,
    (prefix, key): (&str, &ApiKey),
    settings: &ApiKeySettings,
    now: OffsetDateTime,
) -> StoredApiKey {
    let limit = settings.rate_limit.unwrap_or(KeyRateLimit::DEFAULT);
    StoredApiKey {
        id: ApiKeyId::generate_for_key(),
        owner,
        name: None,
        prefix: prefix.to_owned(),
        start: key.start().to_owned(),
        enabled: true,
        expires_at: None,
        metadata: None,
        permissions: permissions(&settings.permissions),
        remaining: None,
        refill_amount: None,
        refill_interval_ms: None,
        last_refill_at: None,
        rate_limit_enabled: settings.rate_limit.is_some(),
        rate_limit_max: limit.limit.into(),
        rate_limit_window_ms: limit.window.as_millis().try_into().unwrap_or(i64::MAX),
        window_used: 0,
        last_used_at: None,
        created_at: now,
        updated_at: now,
    }
}

/// Writes a key, unless its owner has as many as one may. The caller has locked the owner, so that of two at once one
/// finds itself with the other.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    key: &StoredApiKey,
    secret: &ApiKey,
    max_per_owner: u32,
) -> Result<(), ApiKeyError> {
    if api_keys::count(connection, &key.owner).await? >= i64::from(max_per_owner) {
        return Err(ApiKeyError::TooMany);
    }
    Ok(api_keys::insert(connection, key, &secret.hash()).await?)
}

/// Returns scopes as they are stored: actions by resource.
#[must_use]
pub(crate) fn permissions(scopes: &[String]) -> Value {
    let mut object: Map<String, Value> = Map::new();
    for (resource, action) in scopes.iter().filter_map(|scope| scope.split_once(':')) {
        let actions = object.entry(resource).or_insert_with(|| json!([]));
        if let Value::Array(actions) = actions
            && !actions.iter().any(|known| known == action)
        {
            actions.push(action.into());
        }
    }
    Value::Object(object)
}

/// Returns when a key ends that is to last for so many seconds.
pub(crate) fn expires_at(
    seconds: Option<u64>,
    default: Option<Duration>,
    now: OffsetDateTime,
) -> Result<Option<OffsetDateTime>, ApiKeyError> {
    const DAY: u64 = 24 * 60 * 60;
    let Some(seconds) = seconds else { return Ok(default.map(|lifetime| now + lifetime)) };
    let (shortest, longest) =
        (ApiKeySettings::EXPIRES_IN_DAYS.start() * DAY, ApiKeySettings::EXPIRES_IN_DAYS.end() * DAY);
    if seconds < shortest {
        Err(ApiKeyError::EndsTooSoon)
    } else if seconds > longest {
        Err(ApiKeyError::EndsTooLate)
    } else {
        Ok(Some(now + Duration::from_secs(seconds)))
    }
}
