//! Keeps `auth.two_factor_codes`: codes that were mailed, one for each sign-in that waits and each session.

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{store::StoreError, types::UserId};

/// Describes a row to write.
#[derive(Debug)]
pub struct NewRow<'a> {
    /// Names the sign-in or the session.
    pub key: &'a str,
    pub user_id: &'a UserId,
    /// Is sealed.
    pub code: &'a [u8],
    pub created_at: OffsetDateTime,
    pub expires_at: OffsetDateTime,
}

/// Tells what came of an attempt.
#[derive(Debug)]
pub enum Attempted {
    /// This is the code that was mailed, sealed.
    Counted(Vec<u8>),
    /// There is none, or its time is over.
    Expired,
    /// All attempts were used up before.
    Exhausted,
}

/// Writes a code in place of the former one.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn upsert(connection: &mut PgConnection, row: &NewRow<'_>) -> Result<(), StoreError> {
    sqlx::query!(
        "
        insert into auth.two_factor_codes (key, user_id, code, created_at, expires_at) values ($1, $2, $3, $4, $5)
        on conflict on constraint two_factor_codes_pkey do update
        set user_id = excluded.user_id, code = excluded.code, attempts = 0,
            created_at = excluded.created_at, expires_at = excluded.expires_at
        ",
        row.key,
        row.user_id.as_str(),
        row.code,
        row.created_at,
        row.expires_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Counts an attempt at a code, before the code is looked at.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn update_attempted(
    connection: &mut PgConnection,
    (key, user): (&str, &UserId),
    max_attempts: i32,
    now: OffsetDateTime,
) -> Result<Attempted, StoreError> {
    let counted = sqlx::query!(
        "
        update auth.two_factor_codes set attempts = least(attempts + 1, $3 + 1)
        where key = $1 and user_id = $2 and expires_at > $4
        returning code, attempts
        ",
        key,
        user.as_str(),
        max_attempts,
        now,
    )
    .fetch_optional(connection)
    .await?;
    Ok(match counted {
        None => Attempted::Expired,
        Some(row) if row.attempts > max_attempts => Attempted::Exhausted,
        Some(row) => Attempted::Counted(row.code),
    })
}

/// Uses up a code. Of several at once, one gets true.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete(connection: &mut PgConnection, key: &str, code: &[u8]) -> Result<bool, StoreError> {
    let result = sqlx::query!("delete from auth.two_factor_codes where key = $1 and code = $2", key, code)
        .execute(connection)
        .await?;
    Ok(result.rows_affected() == 1)
}

/// Deletes all codes that were mailed to a user.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete_of_user(connection: &mut PgConnection, user: &UserId) -> Result<(), StoreError> {
    sqlx::query!("delete from auth.two_factor_codes where user_id = $1", user.as_str()).execute(connection).await?;
    Ok(())
}
