//! Keeps `auth.backup_codes`: hashes of codes that work once each (TOTP-06).

use sqlx::PgConnection;

use crate::{
    store::StoreError,
    types::{TokenHash, UserId},
};

/// Replaces all codes of a user.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert_set(connection: &mut PgConnection, user: &UserId, codes: &[TokenHash]) -> Result<(), StoreError> {
    delete_of_user(connection, user).await?;
    let codes: Vec<&[u8]> = codes.iter().map(|code| code.as_bytes().as_slice()).collect();
    sqlx::query!(
        "insert into auth.backup_codes (user_id, code_hash) select $1, code from unnest($2::bytea[]) code",
        user.as_str(),
        &codes as &[&[u8]],
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Uses up a code. Of several at once with one code, one gets true.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete(connection: &mut PgConnection, user: &UserId, code: &TokenHash) -> Result<bool, StoreError> {
    let result = sqlx::query!(
        "delete from auth.backup_codes where user_id = $1 and code_hash = $2",
        user.as_str(),
        code.as_bytes().as_slice(),
    )
    .execute(connection)
    .await?;
    Ok(result.rows_affected() == 1)
}

/// Deletes all codes of a user.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete_of_user(connection: &mut PgConnection, user: &UserId) -> Result<(), StoreError> {
    sqlx::query!("delete from auth.backup_codes where user_id = $1", user.as_str()).execute(connection).await?;
    Ok(())
}

/// Counts the codes that a user has left.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn count(connection: &mut PgConnection, user: &UserId) -> Result<i64, StoreError> {
    let count =
        sqlx::query_scalar!(r#"select count(*) as "count!" from auth.backup_codes where user_id = $1"#, user.as_str(),)
            .fetch_one(connection)
            .await?;
    Ok(count)
}
