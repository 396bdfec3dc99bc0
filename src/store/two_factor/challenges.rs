//! Keeps `auth.two_factor_challenges`: sign-ins that wait for a second factor.

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    store::StoreError,
    types::{TokenHash, UserId},
};

/// Describes a row to write.
#[derive(Debug)]
pub struct NewRow<'a> {
    pub token: TokenHash,
    pub user_id: &'a UserId,
    pub auth_method: &'a str,
    pub remember: bool,
    pub created_at: OffsetDateTime,
    pub expires_at: OffsetDateTime,
}

/// Writes a challenge.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert(connection: &mut PgConnection, row: &NewRow<'_>) -> Result<(), StoreError> {
    sqlx::query!(
        "
        insert into auth.two_factor_challenges (token_hash, user_id, auth_method, remember, created_at, expires_at)
        values ($1, $2, $3, $4, $5, $6)
        ",
        row.token.as_bytes().as_slice(),
        row.user_id.as_str(),
        row.auth_method,
        row.remember,
        row.created_at,
        row.expires_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Deletes all but the newest challenges of a user: whoever knows the password makes no more rows than these.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete_all_but_newest(connection: &mut PgConnection, user: &UserId, keep: i64) -> Result<(), StoreError> {
    sqlx::query!(
        "
        delete from auth.two_factor_challenges
        where token_hash in (
            select token_hash from auth.two_factor_challenges
            where user_id = $1
            order by created_at desc, token_hash
            offset $2
        )
        ",
        user.as_str(),
        keep,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Describes a sign-in that waits.
#[derive(Debug)]
pub struct Challenge {
    pub user_id: UserId,
    pub auth_method: String,
    pub remember: bool,
    /// Counts the codes that were tried, this one included.
    pub attempts: i32,
}

/// Finds a sign-in that waits, of a user who is not banned.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find(
    connection: &mut PgConnection,
    token: &TokenHash,
    now: OffsetDateTime,
) -> Result<Option<Challenge>, StoreError> {
    let found = sqlx::query_as!(
        Challenge,
        r#"
        select c.user_id as "user_id: UserId", c.auth_method, c.remember, c.attempts
        from auth.two_factor_challenges c
        join auth.users u on u.id = c.user_id
        where c.token_hash = $1 and c.expires_at > $2 and (u.banned_at is null or u.ban_expires_at <= now())
        "#,
        token.as_bytes().as_slice(),
        now,
    )
    .fetch_optional(connection)
    .await?;
    Ok(found)
}

/// Counts an attempt at a challenge, before its code is looked at (TOTP-04). The counter stops one past the most.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn update_attempted(
    connection: &mut PgConnection,
    token: &TokenHash,
    max_attempts: i32,
    now: OffsetDateTime,
) -> Result<Option<Challenge>, StoreError> {
    let counted = sqlx::query_as!(
        Challenge,
        r#"
        update auth.two_factor_challenges set attempts = least(attempts + 1, $2 + 1)
        where token_hash = $1 and expires_at > $3
        returning user_id as "user_id: UserId", auth_method, remember, attempts
        "#,
        token.as_bytes().as_slice(),
        max_attempts,
        now,
    )
    .fetch_optional(connection)
    .await?;
    Ok(counted)
}

/// Refunds an attempt: nothing was looked at after all.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn update_refunded(connection: &mut PgConnection, token: &TokenHash) -> Result<(), StoreError> {
    sqlx::query!(
        "update auth.two_factor_challenges set attempts = greatest(attempts - 1, 0) where token_hash = $1",
        token.as_bytes().as_slice(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Spends a challenge. Of several at once, one gets true.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete(connection: &mut PgConnection, token: &TokenHash) -> Result<bool, StoreError> {
    let result =
        sqlx::query!("delete from auth.two_factor_challenges where token_hash = $1", token.as_bytes().as_slice(),)
            .execute(connection)
            .await?;
    Ok(result.rows_affected() == 1)
}
