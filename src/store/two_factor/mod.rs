//! Keeps second factors: `auth.two_factors` and what belongs to it. Whoever writes here has locked the user.

pub mod backup_codes;
pub mod challenges;
pub mod codes;
pub mod trusted_devices;

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    store::{StoreError, Timestamp},
    types::UserId,
};

/// Describes a second factor that is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EnabledFactor {
    /// Tells whether there is an authenticator app; otherwise codes are mailed.
    pub has_totp: bool,
}

/// Holds what is stored of a user's second factor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TwoFactor {
    /// Is sealed; `None` where codes are mailed.
    pub secret: Option<Vec<u8>>,
    /// Is `None` until the first code was proved: nobody is asked for it before.
    pub enabled_at: Option<OffsetDateTime>,
}

/// Finds out whether a user's sign-in needs a second factor.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_enabled(connection: &mut PgConnection, user: &UserId) -> Result<Option<EnabledFactor>, StoreError> {
    let found = sqlx::query_as!(
        EnabledFactor,
        r#"
        select secret is not null as "has_totp!" from auth.two_factors where user_id = $1 and enabled_at is not null
        "#,
        user.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(found)
}

/// Finds a user's second factor, in force or not.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find(connection: &mut PgConnection, user: &UserId) -> Result<Option<TwoFactor>, StoreError> {
    let row = sqlx::query!(
        r#"
        select secret, enabled_at as "enabled_at: Timestamp" from auth.two_factors where user_id = $1
        "#,
        user.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| TwoFactor { secret: row.secret, enabled_at: row.enabled_at.map(Into::into) }))
}

/// Writes a second factor that is not in force yet, in place of an earlier one that never came into force. False where
/// one is in force: then nothing changes.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn upsert_pending(
    connection: &mut PgConnection,
    user: &UserId,
    secret: Option<&[u8]>,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let result = sqlx::query!(
        "
        insert into auth.two_factors (user_id, secret, created_at) values ($1, $2, $3)
        on conflict on constraint two_factors_pkey do update
        set secret = excluded.secret, created_at = excluded.created_at, last_step = 0
        where auth.two_factors.enabled_at is null
        ",
        user.as_str(),
        secret,
        now,
    )
    .execute(connection)
    .await?;
    Ok(result.rows_affected() == 1)
}

/// Uses up a time step: true for the first code of it, and false for any of it or of a step before (TOTP-02).
#[tracing::instrument(level = "debug", skip_all)]
pub async fn update_step(connection: &mut PgConnection, user: &UserId, step: i64) -> Result<bool, StoreError> {
    let result = sqlx::query!(
        "update auth.two_factors set last_step = $2 where user_id = $1 and last_step < $2",
        user.as_str(),
        step,
    )
    .execute(connection)
    .await?;
    Ok(result.rows_affected() == 1)
}

/// Puts a second factor in force.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn update_enabled(
    connection: &mut PgConnection,
    user: &UserId,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!("update auth.two_factors set enabled_at = $2 where user_id = $1", user.as_str(), now)
        .execute(&mut *connection)
        .await?;
    sqlx::query!("update auth.users set two_factor_enabled = true where id = $1", user.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

/// Deletes a user's second factor with everything that belongs to it. False where there was none.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete(connection: &mut PgConnection, user: &UserId) -> Result<bool, StoreError> {
    backup_codes::delete_of_user(connection, user).await?;
    challenges::delete_all_but_newest(connection, user, 0).await?;
    codes::delete_of_user(connection, user).await?;
    trusted_devices::delete_all_but(connection, user, None).await?;
    sqlx::query!("update auth.users set two_factor_enabled = false where id = $1", user.as_str())
        .execute(&mut *connection)
        .await?;
    let result =
        sqlx::query!("delete from auth.two_factors where user_id = $1", user.as_str()).execute(connection).await?;
    Ok(result.rows_affected() == 1)
}

/// Deletes a user's second factor where it came into force after `since`: somebody else's who had the account then.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete_enabled_since(
    connection: &mut PgConnection,
    user: &UserId,
    since: OffsetDateTime,
) -> Result<(), StoreError> {
    let found = find(connection, user).await?;
    if found.is_some_and(|found| found.enabled_at.is_none_or(|enabled| enabled >= since)) {
        delete(connection, user).await?;
    }
    Ok(())
}
