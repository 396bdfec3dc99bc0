//! Reads `auth.mail_outbox` for people, and lets mail that was given up be tried again. What a message says is sealed, and
//! stays so: it holds links that act.

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::store::{StoreError, Timestamp};

/// Describes a message that was not delivered yet.
#[derive(Debug, Clone)]
pub struct OutboxEntry {
    pub id: i64,
    pub kind: String,
    pub recipient: String,
    pub created_at: OffsetDateTime,
    /// Is when it is tried next, unless it was given up.
    pub next_attempt_at: OffsetDateTime,
    pub attempts: i32,
    /// Is what the mail server said last.
    pub last_error: Option<String>,
    /// Is when it was given up.
    pub failed_at: Option<OffsetDateTime>,
}

/// Counts what is in the outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutboxCounts {
    pub waiting: i64,
    pub failed: i64,
}

struct Row {
    id: i64,
    kind: String,
    recipient: String,
    created_at: Timestamp,
    next_attempt_at: Timestamp,
    attempts: i32,
    last_error: Option<String>,
    failed_at: Option<Timestamp>,
}

impl From<Row> for OutboxEntry {
    fn from(row: Row) -> Self {
        let Row { id, kind, recipient, created_at, next_attempt_at, attempts, last_error, failed_at } = row;
        Self {
            id,
            kind,
            recipient,
            created_at: created_at.into(),
            next_attempt_at: next_attempt_at.into(),
            attempts,
            last_error,
            failed_at: failed_at.map(Into::into),
        }
    }
}

/// Lists a part of the outbox: what was given up, the newest first, then what waits, the next first. `is_failed` chooses
/// one of the two.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn list(
    connection: &mut PgConnection,
    is_failed: Option<bool>,
    (limit, offset): (i64, i64),
) -> Result<Vec<OutboxEntry>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        r#"
        select id, kind, recipient, created_at as "created_at: Timestamp", next_attempt_at as "next_attempt_at: Timestamp",
            attempts, last_error, failed_at as "failed_at: Timestamp"
        from auth.mail_outbox
        where $1::boolean is null or (failed_at is not null) = $1
        order by failed_at desc nulls last, next_attempt_at, id
        limit $2 offset $3
        "#,
        is_failed,
        limit,
        offset,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(OutboxEntry::from).collect())
}

/// Counts what waits and what was given up.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn count(connection: &mut PgConnection) -> Result<OutboxCounts, StoreError> {
    let counts = sqlx::query_as!(
        OutboxCounts,
        r#"
        select
            count(*) filter (where failed_at is null) as "waiting!",
            count(*) filter (where failed_at is not null) as "failed!"
        from auth.mail_outbox
        "#,
    )
    .fetch_one(connection)
    .await?;
    Ok(counts)
}

/// Makes messages that were given up due at once: one, or all. Returns how many these are. What waits is left alone, since
/// some worker may be sending it.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn update_due(connection: &mut PgConnection, id: Option<i64>) -> Result<u64, StoreError> {
    let updated = sqlx::query!(
        "
        update auth.mail_outbox
        set failed_at = null, next_attempt_at = now()
        where failed_at is not null and ($1::bigint is null or id = $1)
        ",
        id,
    )
    .execute(connection)
    .await?;
    Ok(updated.rows_affected())
}
