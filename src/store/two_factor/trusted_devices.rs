//! Keeps `auth.trusted_devices`: browsers that need no second factor for a while.

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    store::{StoreError, Timestamp},
    types::{SessionId, TokenHash, TrustedDeviceId, UserId},
};

/// Finds the trusted device of a user that one of the tokens names, and records its use.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn update_used(
    connection: &mut PgConnection,
    user: &UserId,
    tokens: &[TokenHash],
    now: OffsetDateTime,
) -> Result<Option<TrustedDeviceId>, StoreError> {
    let tokens: Vec<&[u8]> = tokens.iter().map(|token| token.as_bytes().as_slice()).collect();
    let found = sqlx::query_scalar!(
        r#"
        update auth.trusted_devices set last_used_at = greatest(last_used_at, $3)
        where user_id = $1 and token_hash = any($2) and expires_at > $3
        returning id as "id: TrustedDeviceId"
        "#,
        user.as_str(),
        &tokens as &[&[u8]],
        now,
    )
    .fetch_all(connection)
    .await?;
    Ok(found.into_iter().next())
}

/// Describes a row to write.
#[derive(Debug)]
pub struct NewRow<'a> {
    pub id: &'a TrustedDeviceId,
    pub token: TokenHash,
    pub user_id: &'a UserId,
    pub ip_address: &'a str,
    pub user_agent: &'a str,
    pub created_at: OffsetDateTime,
    pub expires_at: OffsetDateTime,
}

/// Trusts a browser.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert(connection: &mut PgConnection, row: &NewRow<'_>) -> Result<(), StoreError> {
    sqlx::query!(
        "
        insert into auth.trusted_devices (
            id, token_hash, user_id, ip_address, user_agent, created_at, last_used_at, expires_at
        )
        values ($1, $2, $3, $4, $5, $6, $6, $7)
        ",
        row.id.as_str(),
        row.token.as_bytes().as_slice(),
        row.user_id.as_str(),
        row.ip_address,
        row.user_agent,
        row.created_at,
        row.expires_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Describes a browser that is trusted.
#[derive(Debug)]
pub struct TrustedDevice {
    pub id: TrustedDeviceId,
    pub ip_address: String,
    pub user_agent: String,
    pub created_at: OffsetDateTime,
    pub last_used_at: OffsetDateTime,
    pub expires_at: OffsetDateTime,
}

/// Lists a user's trusted devices, newest first.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn list_of_user(
    connection: &mut PgConnection,
    user: &UserId,
    now: OffsetDateTime,
) -> Result<Vec<TrustedDevice>, StoreError> {
    let rows = sqlx::query_as!(
        TrustedDevice,
        r#"
        select id as "id: TrustedDeviceId", ip_address, user_agent, created_at as "created_at: Timestamp",
            last_used_at as "last_used_at: Timestamp", expires_at as "expires_at: Timestamp"
        from auth.trusted_devices
        where user_id = $1 and expires_at > $2
        order by created_at desc, id desc
        "#,
        user.as_str(),
        now,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows)
}

/// Ends the trust in one browser of a user's; false where there is no such one.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete(connection: &mut PgConnection, user: &UserId, id: &TrustedDeviceId) -> Result<bool, StoreError> {
    let result =
        sqlx::query!("delete from auth.trusted_devices where user_id = $1 and id = $2", user.as_str(), id.as_str())
            .execute(connection)
            .await?;
    Ok(result.rows_affected() == 1)
}

/// Ends the trust in all browsers of a user's but the one that the session to keep comes from, if any.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete_all_but(
    connection: &mut PgConnection,
    user: &UserId,
    keep: Option<&SessionId>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "
        delete from auth.trusted_devices
        where user_id = $1
            and id is distinct from (select trusted_device_id from auth.sessions where id = $2 and user_id = $1)
        ",
        user.as_str(),
        keep.map(SessionId::as_str),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Ends the trust in the oldest browsers of a user's beyond a number.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete_all_but_newest(connection: &mut PgConnection, user: &UserId, keep: i64) -> Result<(), StoreError> {
    sqlx::query!(
        "
        delete from auth.trusted_devices
        where id in (
            select id from auth.trusted_devices where user_id = $1 order by created_at desc, id desc offset $2
        )
        ",
        user.as_str(),
        keep,
    )
    .execute(connection)
    .await?;
    Ok(())
}
