//! Writes imported sessions.

use serde::Serialize;
use sqlx::PgConnection;
use time::{OffsetDateTime, serde::rfc3339};

use crate::store::{StoreError, imports::rows};

/// Is a session as the table takes it.
#[derive(Debug, Clone, Serialize)]
pub struct NewSession {
    pub id: String,
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
            id, decode(token_hash, 'hex'), user_id, auth_method, remember, ip_address, user_agent,
            active_organization_id, created_at, updated_at, updated_at, expires_at, absolute_expires_at, created_at
        from jsonb_to_recordset($1) r (
            id text, token_hash text, user_id text, auth_method text, remember boolean, ip_address text,
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
