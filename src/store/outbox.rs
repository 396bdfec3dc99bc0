//! Keeps the rows of `auth.mail_outbox`: written by the flows, leased by the delivery workers of all replicas.
//!
//! Leases and due times go by the database's clock, so that replicas need not agree on the time.

use std::{fmt, time::Duration};

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    store::{StoreError, Timestamp},
    types::Email,
};

/// Limits how much of a delivery's error is kept, in characters.
const MAX_ERROR_CHARS: i32 = 500;

/// Limits the count: more waiting messages are not told apart.
const MAX_COUNTED: i64 = 10_000;

/// Is a row's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, sqlx::Type)]
#[sqlx(transparent)]
pub struct OutboxId(i64);

impl fmt::Display for OutboxId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Describes a row leased to the caller. Of two workers that hold one row after a lease ran out, only the later one may
/// postpone or fail it: `attempts` tells them apart.
#[derive(Clone)]
pub struct Claimed {
    pub id: OutboxId,
    pub kind: String,
    pub payload: Vec<u8>,
    pub created_at: OffsetDateTime,
    /// Counts the deliveries tried, this one included; from 1.
    pub attempts: i32,
}

impl fmt::Debug for Claimed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Claimed({} {}, attempt {})", self.id, self.kind, self.attempts)
    }
}

/// Describes what waits for delivery, in all replicas' outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backlog {
    pub depth: i64,
    /// Is the age of the oldest one; zero where none waits.
    pub oldest_seconds: i64,
}

/// Writes a message that is due at once.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert(
    connection: &mut PgConnection,
    kind: &str,
    recipient: &Email,
    payload: &[u8],
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into auth.mail_outbox (kind, recipient, payload, created_at, next_attempt_at)
        values ($1, $2, $3, $4, now())",
        kind,
        recipient.as_str(),
        payload,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Leases up to `limit` due messages, longest due first. Nobody else gets them before the lease has run out; a worker
/// that died is thereby replaced. The rows are chosen once, as in [`crate::store::sweep`]; an `attempts` that cannot be
/// counted up stays what it is, so that no row keeps others from being claimed.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn claim(connection: &mut PgConnection, limit: i64, lease: Duration) -> Result<Vec<Claimed>, StoreError> {
    let rows = sqlx::query_as!(
        Claimed,
        r#"
        update auth.mail_outbox
        set next_attempt_at = now() + make_interval(secs => $2), attempts = least(attempts, 2147483646) + 1
        where id = any(array(
            select id from auth.mail_outbox
            where failed_at is null and next_attempt_at <= now()
            order by next_attempt_at
            limit $1
            for update skip locked
        ))
        returning id as "id: OutboxId", kind, payload,
            least(greatest(created_at, '1900-01-01'), now()) as "created_at!: Timestamp", attempts
        "#,
        limit,
        lease.as_secs_f64(),
    )
    .fetch_all(connection)
    .await?;
    Ok(rows)
}

/// Removes a delivered message, whoever holds it now: it must not be sent once more.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete_delivered(connection: &mut PgConnection, id: OutboxId) -> Result<(), StoreError> {
    sqlx::query!("delete from auth.mail_outbox where id = $1", id as OutboxId).execute(connection).await?;
    Ok(())
}

/// Makes a claimed message due again after `delay`. Does nothing when the lease ran out and somebody else took it.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn postpone(
    connection: &mut PgConnection,
    claimed: &Claimed,
    delay: Duration,
    error: &str,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update auth.mail_outbox
        set next_attempt_at = now() + make_interval(secs => $3), last_error = left($4, $5)
        where id = $1 and attempts = $2 and failed_at is null",
        claimed.id as OutboxId,
        claimed.attempts,
        delay.as_secs_f64(),
        error,
        MAX_ERROR_CHARS,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Gives a claimed message up; the row stays for the operator. Does nothing when somebody else took it.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn fail(connection: &mut PgConnection, claimed: &Claimed, error: &str) -> Result<(), StoreError> {
    sqlx::query!(
        "update auth.mail_outbox
        set failed_at = now(), last_error = left($3, $4)
        where id = $1 and attempts = $2 and failed_at is null",
        claimed.id as OutboxId,
        claimed.attempts,
        error,
        MAX_ERROR_CHARS,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Counts how much waits, up to `MAX_COUNTED`, and for how long. Both are read from the end of an index.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_backlog(connection: &mut PgConnection) -> Result<Backlog, StoreError> {
    let backlog = sqlx::query_as!(
        Backlog,
        r#"
        select
            (select count(*) from (select from auth.mail_outbox where failed_at is null limit $1) waiting) as "depth!",
            (
                select case
                    when min(created_at) is null then 0
                    else extract(epoch from now() - least(greatest(min(created_at), now() - interval '100 years'), now()))
                end::bigint
                from auth.mail_outbox
                where failed_at is null
            ) as "oldest_seconds!"
        "#,
        MAX_COUNTED,
    )
    .fetch_one(connection)
    .await?;
    Ok(backlog)
}
