//! Keeps `auth.imports`: how far the import of an origin came.

use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::store::{StoreError, Timestamp};

/// Describes the last import of an origin.
#[derive(Debug, Clone)]
pub struct Import {
    pub kind: String,
    /// Is where to go on; `None` before the first batch was written.
    pub position: Option<Value>,
    pub counts: Value,
    pub started_at: OffsetDateTime,
    /// Is absent where the import was ended before it was through.
    pub finished_at: Option<OffsetDateTime>,
    /// Holds when the last complete import began that took a kind of record, by kind.
    pub completed: Value,
}

/// Finds the last import of an origin.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find(connection: &mut PgConnection, origin: &str) -> Result<Option<Import>, StoreError> {
    let row = sqlx::query!(
        r#"
        select
            kind, position, counts, started_at as "started_at: Timestamp", finished_at as "finished_at: Timestamp",
            completed
        from auth.imports
        where origin = $1
        "#,
        origin,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Import {
        kind: row.kind,
        position: row.position,
        counts: row.counts,
        started_at: row.started_at.into(),
        finished_at: row.finished_at.map(Into::into),
        completed: row.completed,
    }))
}

/// Begins an import anew.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn begin(
    connection: &mut PgConnection,
    origin: &str,
    kind: &str,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "
        insert into auth.imports (origin, kind, started_at) values ($1, $2, $3)
        on conflict (origin) do update
            set kind = excluded.kind, position = null, counts = '{}', started_at = excluded.started_at, finished_at = null
        ",
        origin,
        kind,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes down how far an import has come, in the transaction of the batch that brought it there.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn update(
    connection: &mut PgConnection,
    origin: &str,
    position: &Value,
    counts: &Value,
) -> Result<(), StoreError> {
    sqlx::query!("update auth.imports set position = $2, counts = $3 where origin = $1", origin, position, counts)
        .execute(connection)
        .await?;
    Ok(())
}

/// Ends an import that is through, and keeps when it began for each of the kinds of record that it took.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn finish(
    connection: &mut PgConnection,
    origin: &str,
    completed: &Value,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update auth.imports set finished_at = $3, completed = completed || $2 where origin = $1",
        origin,
        completed,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Keeps other imports of the origin away until the connection is given back; `false` where one is running.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn try_lock(connection: &mut PgConnection, origin: &str) -> Result<bool, StoreError> {
    let is_locked = sqlx::query_scalar!(
        r#"select pg_try_advisory_lock(hashtext('authgate import'), hashtext($1)) as "is_locked!""#,
        origin,
    )
    .fetch_one(connection)
    .await?;
    Ok(is_locked)
}
