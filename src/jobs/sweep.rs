//! Deletes what has expired. Nothing depends on it: expired rows are refused wherever they are read.

use std::{collections::HashSet, sync::Arc, time::Duration};

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::{
    jobs::statement::{cause, in_time},
    observe::Metrics,
    store::{Db, StoreError, sweep},
    tasks::{Tasks, backoff},
};

const INTERVAL: Duration = Duration::from_mins(5);
/// Is the wait before the first sweep, so that a restart does not begin with it.
const INITIAL_DELAY: Duration = Duration::from_secs(30);
/// Limits the rows of a statement.
const BATCH_SIZE: i64 = 1000;
/// This much time passes between full batches: the requests' statements come first.
const PAUSE: Duration = Duration::from_millis(100);
const KEEP_EXPIRED_VERIFICATIONS: Duration = Duration::from_hours(24);

/// Holds `retention:` of gateway.yaml: for how long what is of use to operators only is kept (DATA-02).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Says how long audit records, which hold addresses and user agents, are kept. At least a day; default 90 days.
    pub audit_events: Duration,
    /// Says how long mail that could not be delivered is kept. Default 30 days.
    pub failed_mail: Duration,
}

impl Default for Retention {
    fn default() -> Self {
        Self { audit_events: Duration::from_hours(90 * 24), failed_mail: Duration::from_hours(30 * 24) }
    }
}

/// Names what is swept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Table {
    Sessions,
    Verifications,
    ClosedUsers,
    EmailChanges,
    TwoFactorChallenges,
    TwoFactorCodes,
    TrustedDevices,
    RateLimits,
    FailedMail,
    AuditEvents,
}

impl Table {
    /// Returns the label of `authgate_sweep_failures_total`.
    fn name(self) -> &'static str {
        match self {
            Self::Sessions => "sessions",
            Self::Verifications => "verifications",
            Self::ClosedUsers => "closed_users",
            Self::EmailChanges => "email_changes",
            Self::TwoFactorChallenges => "two_factor_challenges",
            Self::TwoFactorCodes => "two_factor_codes",
            Self::TrustedDevices => "trusted_devices",
            Self::RateLimits => "rate_limits",
            Self::FailedMail => "failed_mail",
            Self::AuditEvents => "audit_events",
        }
    }
}

const TABLES: [Table; 10] = [
    Table::Sessions,
    Table::Verifications,
    Table::ClosedUsers,
    Table::EmailChanges,
    Table::TwoFactorChallenges,
    Table::TwoFactorCodes,
    Table::TrustedDevices,
    Table::RateLimits,
    Table::FailedMail,
    Table::AuditEvents,
];

/// Starts to sweep every few minutes, until `shutdown`. Replicas may sweep at once: each passes over the other's rows.
pub fn sweep_expired(db: Db, retention: Retention, metrics: Arc<Metrics>, tasks: &Tasks, shutdown: &CancellationToken) {
    for table in TABLES {
        metrics.sweep_failures.with_label_values(&[table.name()]);
    }
    let until = shutdown.clone();
    tasks.supervise("sweep", shutdown, move || {
        let (db, metrics, until) = (db.clone(), Arc::clone(&metrics), until.clone());
        async move {
            // This is dropped in the middle of a batch at worst, which the database then rolls back.
            until.run_until_cancelled(sweep_again_and_again(&db, retention, &metrics)).await;
        }
    });
}

async fn sweep_again_and_again(db: &Db, retention: Retention, metrics: &Metrics) {
    let mut wait = INITIAL_DELAY;
    let mut failing = HashSet::new();
    loop {
        sleep(backoff::jittered(wait, backoff::random())).await;
        // A table that cannot be swept keeps no other from being swept.
        for table in TABLES {
            match sweep_table(db, table, retention).await {
                Ok(rows) => {
                    failing.remove(&table);
                    tracing::debug!(table = table.name(), rows, "expired rows deleted");
                }
                Err(error) => {
                    metrics.sweep_failures.with_label_values(&[table.name()]).inc();
                    let (table, cause, is_new) = (table.name(), cause(&error), failing.insert(table));
                    if is_new {
                        tracing::warn!(table, %error, error.cause = cause, "expired rows stay for now: the sweep failed");
                    } else {
                        tracing::debug!(table, %error, error.cause = cause, "sweep failed again");
                    }
                }
            }
        }
        wait = INTERVAL;
    }
}

/// Removes what has expired in a table, batch by batch; how many rows went.
async fn sweep_table(db: &Db, table: Table, retention: Retention) -> Result<u64, StoreError> {
    let mut deleted: u64 = 0;
    loop {
        let batch = in_time(delete_batch(db, table, retention)).await?;
        deleted = deleted.saturating_add(batch);
        if batch < BATCH_SIZE.unsigned_abs() {
            return Ok(deleted);
        }
        sleep(PAUSE).await;
    }
}

async fn delete_batch(db: &Db, table: Table, retention: Retention) -> Result<u64, StoreError> {
    let mut connection = db.acquire().await?;
    match table {
        Table::Sessions => sweep::delete_expired_sessions(&mut connection, BATCH_SIZE).await,
        Table::Verifications => {
            sweep::delete_expired_verifications(&mut connection, KEEP_EXPIRED_VERIFICATIONS, BATCH_SIZE).await
        }
        Table::ClosedUsers => sweep::delete_closed_users(&mut connection, BATCH_SIZE).await,
        Table::EmailChanges => sweep::delete_expired_email_changes(&mut connection, BATCH_SIZE).await,
        Table::TwoFactorChallenges => sweep::delete_expired_challenges(&mut connection, BATCH_SIZE).await,
        Table::TwoFactorCodes => sweep::delete_expired_codes(&mut connection, BATCH_SIZE).await,
        Table::TrustedDevices => sweep::delete_expired_trusted_devices(&mut connection, BATCH_SIZE).await,
        Table::RateLimits => sweep::delete_expired_rate_limits(&mut connection, BATCH_SIZE).await,
        Table::FailedMail => sweep::delete_failed_mail(&mut connection, retention.failed_mail, BATCH_SIZE).await,
        Table::AuditEvents => sweep::delete_audit_events(&mut connection, retention.audit_events, BATCH_SIZE).await,
    }
}
