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
