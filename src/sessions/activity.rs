//! Records what using a session does to it: when it was last seen, and for how much longer it lives (SESS-05, SESS-06). Off the
//! request path: requests only queue a record, and one statement writes all records that came together.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{Mutex, mpsc},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use crate::{
    sessions::SessionSettings,
    store::{
        Db,
        sessions::activity::{self, Extension},
    },
    tasks::Tasks,
    types::{ActiveSession, Activity, SessionId},
};

/// Limits the records that wait to be written. Beyond it they are lost, and the session's next request queues another.
const MAX_QUEUED: usize = 4096;
/// Limits the sessions in one statement.
const MAX_BATCH: usize = 512;
/// This much time passes between two statements, while records gather.
const PAUSE: Duration = Duration::from_millis(100);
/// The last records may take this long to write at shutdown.
const LAST_WRITE_TIMEOUT: Duration = Duration::from_secs(1);

/// Is the handle that records uses of sessions. Cheap to clone.
#[derive(Debug, Clone)]
pub struct SessionActivity {
    used: mpsc::Sender<SessionId>,
}

impl SessionActivity {
    /// Starts the writer. On shutdown, or when the last handle is dropped, it writes what was recorded and ends.
    #[must_use]
    pub fn start(db: Db, settings: &SessionSettings, tasks: &Tasks, shutdown: &CancellationToken) -> Self {
        let (used, received) = mpsc::channel(MAX_QUEUED);
        let (received, until, extension) = (Arc::new(Mutex::new(received)), shutdown.clone(), settings.extension());
        tasks.supervise("session_activity", shutdown, move || {
            let (db, received, until) = (db.clone(), Arc::clone(&received), until.clone());
            async move { write_down(db, extension, &mut *received.lock().await, until).await }
        });
        Self { used }
    }

    /// Records that a session was used, where that is due. Never waits.
    pub fn record(&self, session: &ActiveSession) {
        // The use of a key is counted with its quota.
        if session.activity != Activity::Recorded && session.api_key().is_none() {
            // The queue is full or closing: the session's next request queues the record.
            let _ = self.used.try_send(session.session_id.clone());
        }
    }
}

async fn write_down(db: Db, extension: Extension, used: &mut mpsc::Receiver<SessionId>, shutdown: CancellationToken) {
    let mut batch = Vec::with_capacity(MAX_BATCH);
    loop {
        tokio::select! {
            biased;
            () = shutdown.cancelled() => break,
            received = used.recv_many(&mut batch, MAX_BATCH) => if received == 0 { break },
        }
        write_batch(&db, extension, &mut batch).await;
        let _ = timeout(PAUSE, shutdown.cancelled()).await;
    }
    while let Ok(id) = used.try_recv() {
        batch.push(id);
    }
    let _ = timeout(LAST_WRITE_TIMEOUT, write_batch(&db, extension, &mut batch)).await;
}

async fn write_batch(db: &Db, extension: Extension, batch: &mut Vec<SessionId>) {
    if batch.is_empty() {
        return;
    }
    let ids: Vec<&str> = batch.iter().map(SessionId::as_str).collect();
    let written = async { activity::update_used(&mut *db.acquire().await?, &ids, extension).await };
    if let Err(error) = written.await {
        // Nothing is lost but precision: the next request of each session queues another record.
        let error: &dyn std::error::Error = &error;
        tracing::warn!(error, sessions = batch.len(), "the use of sessions was not written down");
    }
    batch.clear();
}
