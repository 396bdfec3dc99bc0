//! Deletion of what has expired. Nothing depends on it: expired rows are refused wherever they are read.

use std::time::Duration;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::store::{Db, StoreError, sweep};

use super::{backoff, cause, in_time};

const EVERY: Duration = Duration::from_mins(5);
/// The first one, so that a restart does not begin with it.
const FIRST_AFTER: Duration = Duration::from_secs(30);
/// Rows a statement.
const BATCH: i64 = 1000;
/// Between full batches: the requests' statements come first.
const PAUSE: Duration = Duration::from_millis(100);
const KEEP_EXPIRED_VERIFICATIONS: Duration = Duration::from_hours(24);

/// `retention:` of gateway.yaml: for how long what is of use to operators only is kept (DATA-02).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Journal entries, which hold addresses and user agents. At least a day; default 90 days.
    pub audit_events: Duration,
    /// Mail that could not be delivered. Default 30 days.
    pub failed_mail: Duration,
}

impl Default for Retention {
    fn default() -> Self {
        Self { audit_events: Duration::from_hours(90 * 24), failed_mail: Duration::from_hours(30 * 24) }
    }
}

/// What is swept.
#[derive(Debug, Clone, Copy)]
enum Table {
    Sessions,
    Verifications,
    RateLimits,
    FailedMail,
    AuditEvents,
}

const TABLES: [Table; 5] =
    [Table::Sessions, Table::Verifications, Table::RateLimits, Table::FailedMail, Table::AuditEvents];

/// Sweeps every few minutes until `shutdown`. Replicas may sweep at once: each passes over the other's rows.
pub async fn sweep_expired(db: Db, retention: Retention, shutdown: CancellationToken) {
    let mut wait = FIRST_AFTER;
    let mut is_down = false;
    // Dropped in the middle of a batch at worst, which the database then rolls back.
    let sweeping = async {
        loop {
            sleep(backoff::jittered(wait, backoff::random())).await;
            match sweep_all(&db, retention).await {
                Ok(()) => is_down = false,
                Err(error) if is_down => tracing::debug!(%error, error.cause = cause(&error), "sweep failed again"),
                Err(error) => {
                    is_down = true;
                    tracing::warn!(%error, error.cause = cause(&error), "expired rows stay for now: the sweep failed");
                }
            }
            wait = EVERY;
        }
    };
    tokio::select! {
        () = shutdown.cancelled() => {}
        () = sweeping => {}
    }
}

async fn sweep_all(db: &Db, retention: Retention) -> Result<(), StoreError> {
    for table in TABLES {
        let mut deleted = 0;
        loop {
            let batch = in_time(delete_batch(db, table, retention)).await?;
            deleted += batch;
            if batch < BATCH.unsigned_abs() {
                break;
            }
            sleep(PAUSE).await;
        }
        if deleted > 0 {
            tracing::debug!(?table, rows = deleted, "expired rows deleted");
        }
    }
    Ok(())
}

async fn delete_batch(db: &Db, table: Table, retention: Retention) -> Result<u64, StoreError> {
    let mut connection = db.acquire().await?;
    match table {
        Table::Sessions => sweep::delete_expired_sessions(&mut connection, BATCH).await,
        Table::Verifications => {
            sweep::delete_expired_verifications(&mut connection, KEEP_EXPIRED_VERIFICATIONS, BATCH).await
        }
        Table::RateLimits => sweep::delete_expired_rate_limits(&mut connection, BATCH).await,
        Table::FailedMail => sweep::delete_failed_mail(&mut connection, retention.failed_mail, BATCH).await,
        Table::AuditEvents => sweep::delete_audit_events(&mut connection, retention.audit_events, BATCH).await,
    }
}
