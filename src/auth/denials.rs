//! Refusals that no transaction belongs to: a role that is missing, a page of a foreign origin (LOG-03). Requests leave a
//! note, one statement writes those that came together. Bounded in every way, so that whoever is refused all day fills
//! neither memory nor disk. Reloads of the configuration take the same way, since they wait for no database either.

use std::{
    collections::HashSet,
    error::Error,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serde_json::json;
use time::OffsetDateTime;
use tokio::{
    sync::{Mutex as AsyncMutex, mpsc},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use crate::{
    observe::Metrics,
    store::{
        Db, StoreError,
        audit::{self, Cause, Entry, Event, Outcome},
    },
    tasks::Tasks,
    types::UserId,
};

use super::Client;

/// Notes waiting to be written, for example while the database is away.
const QUEUE: usize = 1024;
/// Most rows in one statement.
const BATCH: usize = 256;
/// Between two statements, while notes gather.
const PAUSE: Duration = Duration::from_millis(200);
/// For one statement, the wait for a connection included. Longer than the server's limit: what is given up earlier may
/// have been written, and would be written again.
const WRITE: Duration = Duration::from_secs(13);
/// Between two attempts while the database is away.
const RETRY: Duration = Duration::from_secs(1);
/// For the last notes at shutdown.
const LAST_WRITE: Duration = Duration::from_secs(1);
/// Rows a minute; a refusal like another one of the same minute is none.
const MOST_A_MINUTE: usize = 600;

/// A refused request.
#[derive(Debug)]
pub struct Denial {
    pub event: Event,
    pub outcome: Outcome,
    /// Whose session it carried, where that was looked at.
    pub user_id: Option<UserId>,
    /// The route's name or the endpoint, never a path with anything of the client's in it.
    pub place: String,
    pub client: Client,
    pub at: OffsetDateTime,
}

/// What is to be written.
#[derive(Debug)]
enum Note {
    Denied(Denial),
    Reloaded { outcome: Outcome, file: String, at: OffsetDateTime },
}

/// The handle that takes notes. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Denials {
    notes: mpsc::Sender<Note>,
    recent: Arc<Mutex<Recent>>,
    metrics: Arc<Metrics>,
}

impl Denials {
    /// Starts the writer. On shutdown it writes what was noted and ends.
    #[must_use]
    pub fn start(db: Db, metrics: Arc<Metrics>, tasks: &Tasks, shutdown: &CancellationToken) -> Self {
        let (notes, received) = mpsc::channel(QUEUE);
        let (received, until, counting) = (Arc::new(AsyncMutex::new(received)), shutdown.clone(), Arc::clone(&metrics));
        tasks.supervise("denials", shutdown, move || {
            let (db, metrics, received, until) =
                (db.clone(), Arc::clone(&counting), Arc::clone(&received), until.clone());
            async move { write_down(db, metrics, &mut *received.lock().await, until).await }
        });
        Self { notes, recent: Arc::default(), metrics }
    }

    /// Without a writer: every note is lost.
    #[cfg(test)]
    pub(crate) fn unwritten(metrics: Arc<Metrics>) -> Self {
        Self { notes: mpsc::channel(1).0, recent: Arc::default(), metrics }
    }

    /// Notes a refusal. Never waits.
    pub fn note(&self, denial: Denial) {
        let admitted = self.recent.lock().unwrap_or_else(PoisonError::into_inner).admit(&denial);
        let is_lost = match admitted {
            Admitted::Repeated => false,
            Admitted::TooMany => true,
            Admitted::New => self.notes.try_send(Note::Denied(denial)).is_err(),
        };
        if is_lost {
            self.metrics.audit_dropped.inc();
        }
    }

    /// Notes that the configuration was loaded once more from this file, and what came of it. Never waits.
    pub fn note_reload(&self, outcome: Outcome, file: String, at: OffsetDateTime) {
        if self.notes.try_send(Note::Reloaded { outcome, file, at }).is_err() {
            self.metrics.audit_dropped.inc();
        }
    }
}

impl Note {
    fn entry(&self) -> (OffsetDateTime, Entry<'_>) {
        match self {
            Self::Denied(Denial { event, outcome, user_id, place, client, at }) => {
                let cause =
                    Cause::Request { ip: client.ip, user_agent: &client.user_agent, request_id: &client.request_id };
                let detail = json!({ "place": place });
                (*at, Entry { event: *event, outcome: *outcome, user_id: user_id.as_ref(), cause, detail })
            }
            Self::Reloaded { outcome, file, at } => {
                let (event, cause) = (Event::ConfigReloaded, Cause::Unknown);
                let detail = json!({ "file": file });
                (*at, Entry { event, outcome: *outcome, user_id: None, cause, detail })
            }
        }
    }
}

/// What makes two refusals alike: the user, or where there is none the network they came from.
type Kind = (Event, Outcome, Result<UserId, IpAddr>, String);

/// The kinds of the current minute.
#[derive(Debug, Default)]
struct Recent {
    minute: i64,
    kinds: HashSet<Kind>,
}

#[derive(Debug, PartialEq, Eq)]
enum Admitted {
    New,
    Repeated,
    TooMany,
}

impl Recent {
    fn admit(&mut self, denial: &Denial) -> Admitted {
        let minute = denial.at.unix_timestamp() / 60;
        // A request of the last minute may come here after one of this; a clock that was set back is another matter.
        if minute > self.minute || minute < self.minute - 1 {
            self.minute = minute;
            self.kinds.clear();
        }
        let who = denial.user_id.clone().ok_or_else(|| denial.client.ip.bucket());
        let kind = (denial.event, denial.outcome, who, denial.place.clone());
        if self.kinds.contains(&kind) {
            Admitted::Repeated
        } else if self.kinds.len() >= MOST_A_MINUTE {
            Admitted::TooMany
        } else {
            self.kinds.insert(kind);
            Admitted::New
        }
    }
}

async fn write_down(db: Db, metrics: Arc<Metrics>, notes: &mut mpsc::Receiver<Note>, shutdown: CancellationToken) {
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        // What an outage left is tried again first.
        if batch.is_empty() {
            tokio::select! {
                biased;
                () = shutdown.cancelled() => break,
                received = notes.recv_many(&mut batch, BATCH) => if received == 0 { break },
            }
        }
        attempt(&db, &metrics, &mut batch).await;
        let wait = if batch.is_empty() { PAUSE } else { RETRY };
        if timeout(wait, shutdown.cancelled()).await.is_ok() {
            break;
        }
    }
    notes.close();
    let last = async {
        loop {
            write_batch(&db, &mut batch).await?;
            if notes.recv_many(&mut batch, BATCH).await == 0 {
                return Ok::<(), StoreError>(());
            }
        }
    };
    if !matches!(timeout(LAST_WRITE, last).await, Ok(Ok(()))) {
        tracing::warn!(rows = batch.len() + notes.len(), "events were not journalled before the end");
    }
}

/// Keeps the batch when the database is away, and gives it up when it cannot be written at all.
async fn attempt(db: &Db, metrics: &Metrics, batch: &mut Vec<Note>) {
    let unavailable = Err(StoreError::Unavailable(sqlx::Error::PoolTimedOut));
    let Err(error) = timeout(WRITE, write_batch(db, batch)).await.unwrap_or(unavailable) else { return };
    let is_away = matches!(error, StoreError::Unavailable(_));
    let (rows, error): (_, &dyn Error) = (batch.len(), &error);
    if is_away {
        tracing::warn!(error, rows, "events wait to be journalled");
    } else {
        tracing::error!(error, rows, "events cannot be journalled");
        metrics.audit_dropped.inc_by(rows as u64);
        batch.clear();
    }
}

async fn write_batch(db: &Db, batch: &mut Vec<Note>) -> Result<(), StoreError> {
    if batch.is_empty() {
        return Ok(());
    }
    let entries: Vec<(OffsetDateTime, Entry<'_>)> = batch.iter().map(Note::entry).collect();
    audit::insert_all(&mut *db.acquire().await?, &entries).await?;
    batch.clear();
    Ok(())
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::types::{ClientIp, RequestId};

    fn denial(user: Option<&str>, ip: &str, place: &str, at: OffsetDateTime) -> Denial {
        let client = Client {
            ip: ClientIp::new(ip.parse().unwrap()),
            user_agent: String::new(),
            request_id: RequestId::generate(),
            gone: CancellationToken::new(),
        };
        Denial {
            event: Event::AccessDenied,
            outcome: Outcome::MissingRole,
            user_id: user.map(|id| id.parse().unwrap()),
            place: place.to_owned(),
            client,
            at,
        }
    }

    #[test]
    fn alike_ones_of_a_minute_are_one() {
        let (first, later) = (datetime!(2026-01-01 10:00:01 UTC), datetime!(2026-01-01 10:00:59 UTC));
        let next_minute = datetime!(2026-01-01 10:01:00 UTC);
        let mut recent = Recent::default();
        for (denial, expected) in [
            (denial(Some("ada"), "192.0.2.1", "admin", first), Admitted::New),
            (denial(Some("ada"), "192.0.2.2", "admin", later), Admitted::Repeated),
            (denial(Some("bob"), "192.0.2.1", "admin", later), Admitted::New),
            (denial(Some("ada"), "192.0.2.1", "billing", later), Admitted::New),
            (denial(None, "2001:db8::1", "admin", later), Admitted::New),
            (denial(None, "2001:db8::2", "admin", later), Admitted::Repeated),
            (denial(None, "2001:db8:0:1::1", "admin", later), Admitted::New),
            (denial(Some("ada"), "192.0.2.1", "admin", next_minute), Admitted::New),
            (denial(Some("ada"), "192.0.2.1", "admin", later), Admitted::Repeated),
            (denial(Some("ada"), "192.0.2.1", "admin", datetime!(2026-01-01 09:00 UTC)), Admitted::New),
        ] {
            assert_eq!(recent.admit(&denial), expected, "{denial:?}");
        }
    }

    #[test]
    fn a_minute_holds_so_many_and_no_more() {
        let at = datetime!(2026-01-01 10:00 UTC);
        let mut recent = Recent::default();
        for number in 0..MOST_A_MINUTE {
            assert_eq!(recent.admit(&denial(None, "192.0.2.1", &number.to_string(), at)), Admitted::New);
        }
        assert_eq!(recent.admit(&denial(None, "192.0.2.1", "one more", at)), Admitted::TooMany);
        assert_eq!(recent.admit(&denial(None, "192.0.2.1", "0", at)), Admitted::Repeated);
    }
}
