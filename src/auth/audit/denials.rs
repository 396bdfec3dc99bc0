//! Records denials that no transaction belongs to: a role that is missing, a page of a foreign origin (LOG-03).
//! Requests queue a record, one statement writes those that came together. They are bounded in every way, so that
//! whoever is refused all day fills neither memory nor disk. Reloads of the configuration take the same way, since they
//! wait for no database either.

use std::{
    error::Error,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use serde_json::json;
use time::OffsetDateTime;
use tokio::{sync::Notify, time::timeout};
use tokio_util::sync::CancellationToken;

use crate::{
    auth::audit::denial_queue::{Admitted, AuditRecord, Denial, DenialQueue},
    observe::Metrics,
    store::{
        Db, StoreError,
        audit::{self, Cause, Entry, Event, Outcome},
    },
    tasks::Tasks,
};

/// This much time passes between two statements, while records gather.
const PAUSE: Duration = Duration::from_millis(200);
/// One statement may take this long, the wait for a connection included. It is longer than the server's limit: what is
/// given up earlier may have been written, and would be written again.
const WRITE_TIMEOUT: Duration = Duration::from_secs(13);
/// This much time passes between two attempts while the database is away.
const RETRY_PAUSE: Duration = Duration::from_secs(1);
/// The last records may take this long to write at shutdown.
const LAST_WRITE_TIMEOUT: Duration = Duration::from_secs(1);
/// The writer waits for this long, then looks by itself whether there is something to tell.
const TICK: Duration = Duration::from_mins(1);

/// Is the handle that records denials. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Denials {
    shared: Arc<Shared>,
    metrics: Arc<Metrics>,
}

/// Holds what requests and the writer share.
#[derive(Debug, Default)]
struct Shared {
    queue: Mutex<DenialQueue>,
    added: Notify,
}

impl Denials {
    /// Starts the writer. On shutdown it writes what was recorded and ends.
    #[must_use]
    pub fn start(db: Db, metrics: Arc<Metrics>, tasks: &Tasks, shutdown: &CancellationToken) -> Self {
        let shared = Arc::<Shared>::default();
        let (writing, counting, until) = (Arc::clone(&shared), Arc::clone(&metrics), shutdown.clone());
        tasks.supervise("denials", shutdown, move || {
            write_down(db.clone(), Arc::clone(&counting), Arc::clone(&writing), until.clone())
        });
        Self { shared, metrics }
    }

    /// Returns a handle without a writer: every record is lost.
    #[cfg(test)]
    pub(crate) fn unwritten(metrics: Arc<Metrics>) -> Self {
        Self { shared: Arc::default(), metrics }
    }

    /// Records a denial. Never waits.
    pub fn record(&self, denial: Denial) {
        let admitted = self.shared.lock().push_denial(denial);
        self.wake_writer(&admitted);
    }

    /// Records that the configuration was loaded once more from this file, and what came of it. Never waits.
    pub fn record_reload(&self, outcome: Outcome, file: String, at: OffsetDateTime) {
        let admitted = self.shared.lock().push_reload(outcome, file, at);
        self.wake_writer(&admitted);
    }

    fn wake_writer(&self, admitted: &Admitted) {
        match admitted {
            Admitted::Repeated => return,
            Admitted::New => {}
            Admitted::Dropped => self.metrics.audit_dropped.inc(),
        }
        self.shared.added.notify_one();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, DenialQueue> {
        // Nothing that holds the lock can panic half-way through a change.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AuditRecord {
    fn entry(&self) -> (OffsetDateTime, Entry<'_>) {
        let entry = match self {
            Self::Denied(Denial { event, outcome, user_id, place, client, .. }) => {
                let detail = json!({ "place": place });
                Entry { event: *event, outcome: *outcome, user_id: user_id.as_ref(), cause: client.cause(), detail }
            }
            Self::Reloaded { outcome, file, .. } => {
                let (event, cause) = (Event::ConfigReloaded, Cause::Unknown);
                Entry { event, outcome: *outcome, user_id: None, cause, detail: json!({ "file": file }) }
            }
            Self::Dropped { kind: (event, outcome), count, .. } => {
                let detail = json!({ "event": event.as_str(), "outcome": outcome.as_str(), "count": count });
                let (event, outcome) = (Event::EventsDropped, Outcome::RateLimited);
                Entry { event, outcome, user_id: None, cause: Cause::Unknown, detail }
            }
        };
        (self.at(), entry)
    }
}

async fn write_down(db: Db, metrics: Arc<Metrics>, shared: Arc<Shared>, shutdown: CancellationToken) {
    let mut batch = Vec::new();
    loop {
        // What an outage left is tried again first.
        if batch.is_empty() {
            batch = shared.lock().take(Some(Instant::now()));
        }
        if batch.is_empty() {
            tokio::select! {
                biased;
                () = shutdown.cancelled() => break,
                () = shared.added.notified() => {}
                () = tokio::time::sleep(TICK) => {}
            }
            continue;
        }
        attempt(&db, &metrics, &mut batch).await;
        let wait = if batch.is_empty() { PAUSE } else { RETRY_PAUSE };
        if timeout(wait, shutdown.cancelled()).await.is_ok() {
            break;
        }
    }
    let last = async {
        loop {
            write_batch(&db, &mut batch).await?;
            batch = shared.lock().take(None);
            if batch.is_empty() {
                return Ok::<(), StoreError>(());
            }
        }
    };
    if !matches!(timeout(LAST_WRITE_TIMEOUT, last).await, Ok(Ok(()))) {
        let rows = batch.len() + shared.lock().len();
        tracing::warn!(rows, "events were not audited before the end");
    }
}

/// Keeps the batch when the database is away, and gives it up when it cannot be written at all.
async fn attempt(db: &Db, metrics: &Metrics, batch: &mut Vec<AuditRecord>) {
    let unavailable = Err(StoreError::Unavailable(sqlx::Error::PoolTimedOut));
    let Err(error) = timeout(WRITE_TIMEOUT, write_batch(db, batch)).await.unwrap_or(unavailable) else { return };
    let is_away = matches!(error, StoreError::Unavailable(_));
    let (rows, error): (_, &dyn Error) = (batch.len(), &error);
    if is_away {
        tracing::warn!(error, rows, "events wait to be audited");
    } else {
        tracing::error!(error, rows, "events cannot be audited");
        metrics.audit_dropped.inc_by(rows as u64);
        batch.clear();
    }
}

async fn write_batch(db: &Db, batch: &mut Vec<AuditRecord>) -> Result<(), StoreError> {
    if batch.is_empty() {
        return Ok(());
    }
    let entries: Vec<(OffsetDateTime, Entry<'_>)> = batch.iter().map(AuditRecord::entry).collect();
    audit::insert_all(&mut *db.acquire().await?, &entries).await?;
    batch.clear();
    Ok(())
}
