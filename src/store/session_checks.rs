//! The hot query: which of these tokens open a live session, and whose.

use sqlx::PgConnection;

use crate::types::{ActiveSession, Email, SessionId, TokenHash, UserId};

use super::StoreError;

/// The live ones among the hashes, in any order. A session lives while it has not expired by the database's clock and
/// its user is not banned. One index probe a hash and one for its user.
pub async fn list_active(
    connection: &mut PgConnection,
    hashes: &[&[u8]],
) -> Result<Vec<(TokenHash, ActiveSession)>, StoreError> {
    let rows = sqlx::query!(
        r#"
        select
            s.token_hash as "token_hash: TokenHash",
            s.id as "session_id: SessionId",
            s.expires_at,
            u.id as "user_id: UserId",
            u.email as "email: Email",
            u.email_verified,
            u.name,
            u.roles
        from auth.sessions s
        join auth.users u on u.id = s.user_id
        where s.token_hash = any($1)
            and s.expires_at > now()
            and (u.banned_at is null or u.ban_expires_at <= now())
        "#,
        hashes as &[&[u8]],
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let session = ActiveSession {
                session_id: row.session_id,
                user_id: row.user_id,
                email: row.email,
                email_verified: row.email_verified,
                name: row.name,
                roles: row.roles,
                expires_at: row.expires_at,
            };
            (row.token_hash, session)
        })
        .collect())
}
