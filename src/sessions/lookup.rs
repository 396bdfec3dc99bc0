//! Checks every request's session against PostgreSQL, after the request arrived.
//!
//! Requests hand their token's hash, or the id that a verified JSON Web Token names, to a queue. Two workers, each with
//! a connection of its own, take turns: one takes whatever is waiting and asks for all of it in one query, and while that
//! is under way the next batch gathers by itself. No question waits for a timer and nothing is remembered, so the answer
//! is never older than the question, and the cost of an answer falls as load rises. Where a configuration chose
//! `session.check: cached`, a [`SessionCache`] is asked first.

use std::{
    collections::{HashMap, HashSet},
    pin::pin,
    sync::Arc,
    time::{Duration, Instant},
};

use sqlx::{Connection, PgConnection};
use tokio::{
    sync::{Mutex, mpsc, oneshot},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use crate::{
    observe::Metrics,
    sessions::{SessionCache, SessionSettings},
    store::{
        self,
        sessions::{activity::Extension, lookup},
    },
    tasks::Tasks,
    types::{ActiveSession, SessionKey, TokenHash, Told},
};

/// Is the number of connections, and so of batches that can be under way at once. More make batches smaller.
const WORKERS: usize = 2;
/// Limits how long a worker stays the only one that asks. Most answers come within it, and meanwhile one large batch
/// gathers in place of two small ones; a query that takes longer holds up nobody else.
const TURN: Duration = Duration::from_millis(2);
/// Limits the sessions in one query.
const BATCH: usize = 256;
/// Limits the queries that wait; beyond this the answer is 503 at once.
const QUEUE: usize = 8192;
/// A query not answered by then is answered with 503.
const DEADLINE: Duration = Duration::from_secs(2);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// Queries are refused for this long after a failed connect, without another try.
const RECONNECT_PAUSE: Duration = Duration::from_millis(100);
/// An idle connection is pinged this often, so that one that died silently is found before a request needs it.
const PING_INTERVAL: Duration = Duration::from_secs(15);

/// Means that the database gave no answer in time. Fails closed: 503, never a pass.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the session could not be checked")]
pub struct Unavailable;

struct Lookup {
    key: SessionKey,
    answer: oneshot::Sender<Result<Option<Arc<ActiveSession>>, Unavailable>>,
}

/// Is the handle that asks the database. Cheap to clone.
#[derive(Clone)]
pub struct SessionCheck {
    lookups: mpsc::Sender<Lookup>,
    told: Arc<Told>,
    cache: Option<SessionCache>,
    metrics: Arc<Metrics>,
}

impl std::fmt::Debug for SessionCheck {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionCheck")
    }
}

impl SessionCheck {
    /// Starts the workers on the current runtime. They connect at once, reconnect by themselves, and stop on shutdown.
    /// Once `superseded`, they answer whoever still asks, and hold no connection between questions.
    #[must_use]
    pub fn start(
        database: &store::Settings,
        settings: &SessionSettings,
        cache: Option<SessionCache>,
        metrics: Arc<Metrics>,
        tasks: &Tasks,
        shutdown: &CancellationToken,
        superseded: &CancellationToken,
    ) -> Self {
        let (lookups, receiver) = mpsc::channel(QUEUE);
        let receiver = Arc::new(Mutex::new(receiver));
        let told = Arc::new(settings.told.clone());
        for _ in 0..WORKERS {
            let told = Arc::clone(&told);
            let (database, extension, cache) = (database.clone(), settings.extension(), cache.clone());
            let (metrics, superseded) = (Arc::clone(&metrics), superseded.clone());
            let (receiver, stopped) = (Arc::clone(&receiver), shutdown.clone());
            tasks.supervise("session_check", shutdown, move || {
                let worker = Worker {
                    database: database.clone(),
                    extension,
                    told: Arc::clone(&told),
                    cache: cache.clone(),
                    connection: None,
                    retry_at: Instant::now(),
                    is_outage: false,
                    metrics: Arc::clone(&metrics),
                    superseded: superseded.clone(),
                };
                let (run, stopped) = (Box::pin(worker.run(Arc::clone(&receiver))), stopped.clone());
                async move {
                    stopped.run_until_cancelled(run).await;
                }
            });
        }
        Self { lookups, told, cache, metrics }
    }

    /// Returns the live session that the token opens or the id names, if any, by a query that began after this call, or
    /// by what the cache may still answer.
    pub async fn check(&self, key: SessionKey) -> Result<Option<Arc<ActiveSession>>, Unavailable> {
        let asked = Instant::now();
        if let Some(session) = self.cache.as_ref().and_then(|cache| cache.get(&key, &self.told, asked)) {
            self.metrics.sessions.cached_checks.inc();
            return Ok(Some(session));
        }
        let (answer, answered) = oneshot::channel();
        let result = match self.lookups.try_send(Lookup { key, answer }) {
            Ok(()) => match timeout(DEADLINE, answered).await {
                Ok(Ok(result)) => result,
                Ok(Err(_)) | Err(_) => Err(Unavailable),
            },
            Err(_) => Err(Unavailable),
        };
        self.metrics.check_duration.observe(asked.elapsed().as_secs_f64());
        if result.is_err() {
            self.metrics.check_failures.inc();
        }
        result
    }
}

/// Tells why there is no answer.
#[derive(Debug, Clone, Copy)]
enum Failed {
    Unavailable,
    /// A row holds what no gateway writes.
    Unreadable,
}

/// Returns each session under the keys that may have asked for it.
fn by_key(rows: Vec<(TokenHash, Arc<ActiveSession>)>, keys: &[&SessionKey]) -> Vec<(SessionKey, Arc<ActiveSession>)> {
    let mut found: Vec<(SessionKey, Arc<ActiveSession>)> = Vec::with_capacity(rows.len());
    if keys.iter().any(|key| matches!(key, SessionKey::Id(_))) {
        let sessions = rows.iter().filter(|(_, session)| session.api_key().is_none());
        found.extend(sessions.map(|(_, session)| (SessionKey::Id(session.session_id.clone()), Arc::clone(session))));
    }
    found.extend(rows.into_iter().map(|(hash, session)| {
        // The text of a key opens no session, and a token no key, whatever their hashes.
        let is_key = session.api_key().is_some();
        (if is_key { SessionKey::ApiKey(hash) } else { SessionKey::Token(hash) }, session)
    }));
    found
}

struct Worker {
    database: store::Settings,
    extension: Extension,
    told: Arc<Told>,
    cache: Option<SessionCache>,
    connection: Option<PgConnection>,
    retry_at: Instant,
    /// Makes an outage one line at its start and one at its end, not one a request.
    is_outage: bool,
    metrics: Arc<Metrics>,
    /// Is cancelled by a configuration that replaced this one's.
    superseded: CancellationToken,
}

impl Worker {
    async fn run(mut self, lookups: Arc<Mutex<mpsc::Receiver<Lookup>>>) {
        // A failure is reported by the first question instead.
        let _ = self.connected().await;
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            let take_turn = async {
                let mut turn = lookups.lock().await;
                let received = turn.recv_many(&mut batch, BATCH).await;
                (received, turn)
            };
            let taken = tokio::select! {
                taken = timeout(PING_INTERVAL, take_turn) => taken,
                () = self.superseded.cancelled(), if self.connection.is_some() => {
                    self.connection = None;
                    continue;
                }
            };
            match taken {
                Err(_) if self.superseded.is_cancelled() => {}
                Err(_) => self.ping().await,
                Ok((0, _)) => return,
                Ok((_, turn)) => {
                    let mut answer = pin!(self.answer(&mut batch));
                    if timeout(TURN, &mut answer).await.is_err() {
                        drop(turn);
                        answer.await;
                    }
                }
            }
        }
    }

    async fn answer(&mut self, batch: &mut Vec<Lookup>) {
        batch.retain(|waiting| !waiting.answer.is_closed());
        if batch.is_empty() {
            return;
        }
        let asked: Vec<SessionKey> = batch.iter().map(|waiting| waiting.key.clone()).collect();
        let mut keys: Vec<&SessionKey> = asked.iter().collect();
        keys.sort_unstable();
        keys.dedup();
        #[expect(clippy::cast_precision_loss, reason = "a batch has at most 256 keys")]
        self.metrics.check_batch_size.observe(keys.len() as f64);
        let (found, unknown) = self.find(&keys).await;
        for Lookup { key, answer } in batch.drain(..) {
            // The asker may have gone; then nobody is waiting for this.
            let _ = answer.send(if unknown.contains(&key) { Err(Unavailable) } else { Ok(found.get(&key).cloned()) });
        }
    }

    /// Finds the live sessions among the keys, and the keys of which nothing can be said. A row that cannot be read
    /// makes the query fail for all of them, so its halves are asked for, until the row stands alone.
    async fn find<'a>(
        &mut self,
        keys: &[&'a SessionKey],
    ) -> (HashMap<SessionKey, Arc<ActiveSession>>, HashSet<&'a SessionKey>) {
        let (mut found, mut unknown) = (HashMap::with_capacity(keys.len()), HashSet::new());
        let mut parts = vec![keys];
        while let Some(part) = parts.pop() {
            match self.query(part).await {
                Ok(sessions) => found.extend(sessions),
                Err(Failed::Unreadable) if part.len() > 1 => {
                    let (first, second) = part.split_at(part.len() / 2);
                    parts.extend([first, second]);
                }
                Err(_) => unknown.extend(part.iter().copied()),
            }
        }
        (found, unknown)
    }

    async fn query(&mut self, keys: &[&SessionKey]) -> Result<Vec<(SessionKey, Arc<ActiveSession>)>, Failed> {
        let attempts = if self.connection.is_some() { 2 } else { 1 };
        for attempt in 1..=attempts {
            let (extension, told) = (self.extension, Arc::clone(&self.told));
            let asked = self.cache.as_ref().map(SessionCache::begin_query);
            let Some(connection) = self.connected().await else { break };
            match timeout(DEADLINE, lookup::list_active(connection, keys, extension, &told)).await {
                Ok(Ok(rows)) => {
                    self.recovered();
                    let rows: Vec<_> = rows.into_iter().map(|(hash, row)| (hash, Arc::new(row))).collect();
                    if let (Some(cache), Some(asked)) = (&self.cache, asked) {
                        cache.remember(asked, &rows, &told);
                    }
                    return Ok(by_key(rows, keys));
                }
                Ok(Err(error)) if error.is_unreadable_row() => {
                    if keys.len() == 1 {
                        let error: &dyn std::error::Error = &error;
                        tracing::error!(
                            error,
                            "a session or its user cannot be read; its requests are answered with 503"
                        );
                    }
                    return Err(Failed::Unreadable);
                }
                // Most likely PostgreSQL restarted since; the second try has a fresh connection.
                Ok(Err(_)) if attempt == 1 && attempts == 2 => self.connection = None,
                Ok(Err(error)) => self.failed("a session check failed", Some(&error)),
                Err(_) => {
                    self.failed("a session check timed out", None);
                    break;
                }
            }
        }
        Err(Failed::Unavailable)
    }

    async fn connected(&mut self) -> Option<&mut PgConnection> {
        if self.connection.is_none() && Instant::now() >= self.retry_at {
            match timeout(CONNECT_TIMEOUT, store::connect_for_checks(&self.database)).await {
                Ok(Ok(connection)) => self.connection = Some(connection),
                Ok(Err(error)) => self.failed("no connection for session checks", Some(&error)),
                Err(_) => self.failed("no connection for session checks within its time", None),
            }
        }
        self.connection.as_mut()
    }

    fn failed(&mut self, what: &'static str, error: Option<&(dyn std::error::Error + 'static)>) {
        self.connection = None;
        self.retry_at = Instant::now() + RECONNECT_PAUSE;
        if !std::mem::replace(&mut self.is_outage, true) {
            tracing::error!(error, "{what}; non-public routes answer 503 until the database is back");
        }
    }

    fn recovered(&mut self) {
        if std::mem::replace(&mut self.is_outage, false) {
            tracing::info!("session checks work again");
        }
    }

    async fn ping(&mut self) {
        if let Some(connection) = &mut self.connection
            && !matches!(timeout(CONNECT_TIMEOUT, connection.ping()).await, Ok(Ok(())))
        {
            self.connection = None;
        }
        let _ = self.connected().await;
    }
}
