//! Keeps `auth.api_keys`. What a key was used for is counted in [`quota`].

pub mod quota;

use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    store::{StoreError, Timestamp},
    types::{ApiKeyId, ApiKeyOwner, OrganizationId, TokenHash, UserId},
};

/// Describes a key, as far as anybody is shown it.
#[derive(Debug, Clone)]
pub struct StoredApiKey {
    pub id: ApiKeyId,
    pub owner: ApiKeyOwner,
    pub name: Option<String>,
    pub prefix: String,
    pub start: String,
    pub enabled: bool,
    pub expires_at: Option<OffsetDateTime>,
    pub metadata: Option<Value>,
    pub permissions: Value,
    pub remaining: Option<i64>,
    pub refill_amount: Option<i64>,
    pub refill_interval_ms: Option<i64>,
    pub last_refill_at: Option<OffsetDateTime>,
    pub rate_limit_enabled: bool,
    pub rate_limit_max: i64,
    pub rate_limit_window_ms: i64,
    pub window_used: i64,
    pub last_used_at: Option<OffsetDateTime>,
    pub created_at: OffsetDateTime,
    pub updated_at: OffsetDateTime,
}

struct Row {
    id: ApiKeyId,
    user_id: Option<UserId>,
    organization_id: Option<OrganizationId>,
    name: Option<String>,
    prefix: String,
    start: String,
    enabled: bool,
    expires_at: Option<Timestamp>,
    metadata: Option<Value>,
    permissions: Value,
    remaining: Option<i64>,
    refill_amount: Option<i64>,
    refill_interval_ms: Option<i64>,
    last_refill_at: Option<Timestamp>,
    rate_limit_enabled: bool,
    rate_limit_max: i64,
    rate_limit_window_ms: i64,
    window_used: i64,
    last_used_at: Option<Timestamp>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl TryFrom<Row> for StoredApiKey {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let owner = match (row.user_id, row.organization_id) {
            (Some(user), _) => ApiKeyOwner::User(user),
            (None, Some(organization)) => ApiKeyOwner::Organization(organization),
            (None, None) => return Err(StoreError::Statement(sqlx::Error::Decode("a key of nobody".into()))),
        };
        Ok(Self {
            id: row.id,
            owner,
            name: row.name,
            prefix: row.prefix,
            start: row.start,
            enabled: row.enabled,
            expires_at: row.expires_at.map(Into::into),
            metadata: row.metadata,
            permissions: row.permissions,
            remaining: row.remaining,
            refill_amount: row.refill_amount,
            refill_interval_ms: row.refill_interval_ms,
            last_refill_at: row.last_refill_at.map(Into::into),
            rate_limit_enabled: row.rate_limit_enabled,
            rate_limit_max: row.rate_limit_max,
            rate_limit_window_ms: row.rate_limit_window_ms,
            window_used: row.window_used,
            last_used_at: row.last_used_at.map(Into::into),
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        })
    }
}

/// Writes a new key, which nobody has used. The caller has locked its owner.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert(connection: &mut PgConnection, key: &StoredApiKey, hash: &TokenHash) -> Result<(), StoreError> {
    let (user, organization) = key.owner.ids();
    sqlx::query!(
        "
        insert into auth.api_keys (
            id, user_id, organization_id, key_hash, name, prefix, start, enabled, expires_at, metadata, permissions, remaining, refill_amount,
            refill_interval_ms, rate_limit_enabled, rate_limit_max, rate_limit_window_ms, created_at, updated_at
        )
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $18)
        ",
        key.id.as_str(),
        user.map(UserId::as_str),
        organization.map(OrganizationId::as_str),
        hash.as_bytes().as_slice(),
        key.name,
        key.prefix,
        key.start,
        key.enabled,
        key.expires_at,
        key.metadata,
        key.permissions,
        key.remaining,
        key.refill_amount,
        key.refill_interval_ms,
        key.rate_limit_enabled,
        key.rate_limit_max,
        key.rate_limit_window_ms,
        key.created_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Counts the keys of an owner.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn count(connection: &mut PgConnection, owner: &ApiKeyOwner) -> Result<i64, StoreError> {
    let (user, organization) = owner.ids();
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from auth.api_keys where user_id = $1 or organization_id = $2"#,
        user.map(UserId::as_str),
        organization.map(OrganizationId::as_str),
    )
    .fetch_one(connection)
    .await?;
    Ok(count)
}

/// Lists the keys of an owner, oldest first.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn list(connection: &mut PgConnection, owner: &ApiKeyOwner) -> Result<Vec<StoredApiKey>, StoreError> {
    let (user, organization) = owner.ids();
    let rows = sqlx::query_as!(
        Row,
        r#"
        select
            id as "id: ApiKeyId", user_id as "user_id: UserId", organization_id as "organization_id: OrganizationId", name, prefix,
            start, enabled,
            expires_at as "expires_at: Timestamp", metadata, permissions, remaining, refill_amount, refill_interval_ms,
            last_refill_at as "last_refill_at: Timestamp", rate_limit_enabled, rate_limit_max, rate_limit_window_ms,
            window_used, last_used_at as "last_used_at: Timestamp", created_at as "created_at: Timestamp",
            updated_at as "updated_at: Timestamp"
        from auth.api_keys
        where user_id = $1 or organization_id = $2
        order by created_at, id
        "#,
        user.map(UserId::as_str),
        organization.map(OrganizationId::as_str),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(StoredApiKey::try_from).collect()
}

/// Finds a key by its id, whosever it is.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find(connection: &mut PgConnection, id: &ApiKeyId) -> Result<Option<StoredApiKey>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        r#"
        select
            id as "id: ApiKeyId", user_id as "user_id: UserId", organization_id as "organization_id: OrganizationId", name, prefix,
            start, enabled,
            expires_at as "expires_at: Timestamp", metadata, permissions, remaining, refill_amount, refill_interval_ms,
            last_refill_at as "last_refill_at: Timestamp", rate_limit_enabled, rate_limit_max, rate_limit_window_ms,
            window_used, last_used_at as "last_used_at: Timestamp", created_at as "created_at: Timestamp",
            updated_at as "updated_at: Timestamp"
        from auth.api_keys
        where id = $1
        "#,
        id.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    row.map(StoredApiKey::try_from).transpose()
}

/// Says what the owner changes of a key; `None` leaves as it is.
#[derive(Debug, Clone, Default)]
pub struct KeyChange<'a> {
    pub name: Option<&'a str>,
    pub enabled: Option<bool>,
    /// Is the new end; `Some(None)` takes the end away.
    pub expires_at: Option<Option<OffsetDateTime>>,
    /// Is the new metadata; `Some(None)` takes it away.
    pub metadata: Option<Option<&'a Value>>,
}

/// Changes a key; `None` where it is gone. The caller knows whose it is.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn update(
    connection: &mut PgConnection,
    id: &ApiKeyId,
    change: &KeyChange<'_>,
    now: OffsetDateTime,
) -> Result<Option<StoredApiKey>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        r#"
        update auth.api_keys
        set name = coalesce($2, name),
            enabled = coalesce($3, enabled),
            expires_at = case when $4 then $5 else expires_at end,
            metadata = case when $6 then $7 else metadata end,
            updated_at = $8
        where id = $1
        returning
            id as "id: ApiKeyId", user_id as "user_id: UserId", organization_id as "organization_id: OrganizationId", name, prefix,
            start, enabled,
            expires_at as "expires_at: Timestamp", metadata, permissions, remaining, refill_amount, refill_interval_ms,
            last_refill_at as "last_refill_at: Timestamp", rate_limit_enabled, rate_limit_max, rate_limit_window_ms,
            window_used, last_used_at as "last_used_at: Timestamp", created_at as "created_at: Timestamp",
            updated_at as "updated_at: Timestamp"
        "#,
        id.as_str(),
        change.name,
        change.enabled,
        change.expires_at.is_some(),
        change.expires_at.flatten(),
        change.metadata.is_some(),
        change.metadata.flatten(),
        now,
    )
    .fetch_optional(connection)
    .await?;
    row.map(StoredApiKey::try_from).transpose()
}

/// Turns the keys of a user off, and returns how many were on.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn disable_of_user(
    connection: &mut PgConnection,
    user: &UserId,
    now: OffsetDateTime,
) -> Result<u64, StoreError> {
    let result = sqlx::query!(
        "update auth.api_keys set enabled = false, updated_at = $2 where user_id = $1 and enabled",
        user.as_str(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(result.rows_affected())
}

/// Deletes a key; false where it is gone. The caller knows whose it is.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete(connection: &mut PgConnection, id: &ApiKeyId) -> Result<bool, StoreError> {
    let result = sqlx::query!("delete from auth.api_keys where id = $1", id.as_str()).execute(connection).await?;
    Ok(result.rows_affected() == 1)
}

/// Deletes the keys of an organization, and returns how many they were.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete_of_organization(
    connection: &mut PgConnection,
    organization: &OrganizationId,
) -> Result<u64, StoreError> {
    let result = sqlx::query!("delete from auth.api_keys where organization_id = $1", organization.as_str())
        .execute(connection)
        .await?;
    Ok(result.rows_affected())
}

/// Deletes the keys of a user that were made at this time or later; all of them where no time is given.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete_made_since(
    connection: &mut PgConnection,
    user: &UserId,
    since: Option<OffsetDateTime>,
) -> Result<u64, StoreError> {
    let result = sqlx::query!(
        "delete from auth.api_keys where user_id = $1 and ($2::timestamptz is null or created_at >= $2)",
        user.as_str(),
        since,
    )
    .execute(connection)
    .await?;
    Ok(result.rows_affected())
}

/// Returns what a key may as a list of `resource:action`; what is not written as the gateway writes it allows nothing.
#[must_use]
pub fn scopes_of(permissions: &Value) -> Vec<String> {
    let resources = permissions.as_object().into_iter().flatten();
    resources
        .flat_map(|(resource, actions)| {
            let actions = actions.as_array().into_iter().flatten().filter_map(Value::as_str);
            actions.map(move |action| format!("{resource}:{action}"))
        })
        .collect()
}
