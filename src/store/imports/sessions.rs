//! Writes imported sessions.

use serde::Serialize;
use sqlx::PgConnection;
use time::{OffsetDateTime, serde::rfc3339};

use crate::store::{StoreError, imports::rows};

/// Is a session as the table takes it.
#[derive(Debug, Clone, Serialize)]
pub struct NewSession {
    pub id: String,
    /// Is taken where another session has the id, which came from elsewhere.
    pub other_id: String,
    /// Is in hexadecimal digits.
    pub token_hash: String,
    pub user_id: String,
    pub auth_method: String,
    pub remember: bool,
    pub ip_address: String,
    pub user_agent: String,
    pub active_organization_id: Option<String>,
    #[serde(with = "rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "rfc3339")]
    pub updated_at: OffsetDateTime,
    #[serde(with = "rfc3339")]
    pub expires_at: OffsetDateTime,
    #[serde(with = "rfc3339")]
    pub absolute_expires_at: OffsetDateTime,
}

/// Returns those of the users who have another password here than the import left, or a second factor that was set up here
/// since they came: whoever signs in at the origin has proved neither.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_secured(
    connection: &mut PgConnection,
    origin: &str,
    user_ids: &[String],
) -> Result<Vec<String>, StoreError> {
    let secured = sqlx::query_scalar!(
        "
        select i.local_id
        from auth.imported_ids i
        where i.local_id = any($2) and i.origin = $1 and i.kind = 'user' and (
            exists (
                select from auth.accounts a
                where a.provider_id = 'credential' and a.account_id = i.local_id
                    and a.updated_at is distinct from a.left_at
            ) or exists (select from auth.two_factors f where f.user_id = i.local_id and f.enabled_at > i.brought_at)
        )
        ",
        origin,
        user_ids,
    )
    .fetch_all(connection)
    .await?;
    Ok(secured)
}

/// Adds sessions, and returns the ids of those that are new.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert(connection: &mut PgConnection, sessions: &[NewSession]) -> Result<Vec<String>, StoreError> {
    let inserted = sqlx::query_scalar!(
        "
        insert into auth.sessions (
            id, token_hash, user_id, auth_method, remember, ip_address, user_agent, active_organization_id, created_at,
            updated_at, last_seen_at, expires_at, absolute_expires_at, proved_at
        )
        select
            case
                when exists (
                    select from auth.sessions s where s.id = r.id and s.token_hash <> decode(r.token_hash, 'hex')
                ) then other_id
                else id
            end,
            decode(token_hash, 'hex'), user_id, auth_method, remember, ip_address, user_agent,
            active_organization_id, created_at, updated_at, updated_at, expires_at, absolute_expires_at, created_at
        from jsonb_to_recordset($1) r (
            id text, other_id text, token_hash text, user_id text, auth_method text, remember boolean, ip_address text,
            user_agent text, active_organization_id text, created_at timestamptz, updated_at timestamptz,
            expires_at timestamptz, absolute_expires_at timestamptz
        )
        on conflict do nothing
        returning id
        ",
        rows(sessions) as _,
    )
    .fetch_all(connection)
    .await?;
    Ok(inserted)
}
