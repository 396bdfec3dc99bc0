//! Keeps the sessions in which an administrator acts in a user's place.

use sqlx::PgConnection;

use crate::{
    store::{StoreError, sessions::Session},
    types::{SessionId, TokenHash, UserId},
};

/// Opens such a session; it ends with the one that it is opened from, which is the administrator's own.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert(
    connection: &mut PgConnection,
    session: &Session,
    token: &TokenHash,
    from: &SessionId,
) -> Result<(), StoreError> {
    sqlx::query!(
        "
        insert into auth.sessions (
            id, token_hash, user_id, auth_method, remember, ip_address, user_agent, created_at, updated_at, last_seen_at,
            expires_at, absolute_expires_at, proved_at, impersonated_by, impersonated_from
        )
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $8, $10, $11, $12, $13, $14)
        ",
        session.id.as_str(),
        token.as_bytes().as_slice(),
        session.user_id.as_str(),
        session.auth_method,
        session.remember,
        session.ip_address,
        session.user_agent,
        session.created_at,
        session.updated_at,
        session.expires_at,
        session.absolute_expires_at,
        session.proved_at,
        session.impersonated_by.as_ref().map(UserId::as_str),
        from.as_str(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Finds the session that one was opened from.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_origin(connection: &mut PgConnection, session: &SessionId) -> Result<Option<SessionId>, StoreError> {
    let origin = sqlx::query_scalar!(
        r#"
        select impersonated_from as "from!: SessionId" from auth.sessions
        where id = $1 and impersonated_from is not null
        "#,
        session.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(origin)
}

/// Ends the sessions in which an administrator acts in others' places, but for so many of the newest.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete_all_but_newest(
    connection: &mut PgConnection,
    administrator: &UserId,
    kept: i64,
) -> Result<(), StoreError> {
    sqlx::query!(
        "
        delete from auth.sessions
        where id in (
            select id from auth.sessions where impersonated_by = $1 order by created_at desc, id desc offset $2
        )
        ",
        administrator.as_str(),
        kept,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Ends every session in which an administrator acts in somebody's place, and returns how many there were.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete_all(connection: &mut PgConnection) -> Result<u64, StoreError> {
    let result =
        sqlx::query!("delete from auth.sessions where impersonated_by is not null").execute(connection).await?;
    Ok(result.rows_affected())
}
