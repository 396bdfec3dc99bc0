//! Watches over connections that outlive the check of their session: they are told when it ends and when its user
//! changes (WS-05, WS-06, SESS-04). PostgreSQL says which sessions to look at again; those that are open here are asked
//! for, all in one query. Nothing is polled for: what wakes the watch is a notification, the end of a session's time,
//! or a lost connection, after which all are asked for.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use time::OffsetDateTime;
use tokio::{
    sync::{Notify, watch},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::{
    observe::Metrics,
    sessions::SessionCache,
    store::{
        Db, StoreError,
        notifications::{Disconnected, Listener, Notification},
        sessions::lookup,
    },
    tasks::Tasks,
    types::{ActiveSession, Secret, SessionId, UserId},
};

/// Limits the sessions in one query.
const BATCH: usize = 1000;
const QUERY_TIMEOUT: Duration = Duration::from_secs(3);
/// This much time passes after the database did not answer.
const RETRY: Duration = Duration::from_millis(500);
/// This much time passes between attempts to listen again.
const RECONNECT: [Duration; 5] = [
    Duration::from_millis(50),
    Duration::from_millis(200),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
];
/// Tells how often the connection is tried, where nothing more is asked of it.
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(10);
/// Two clocks and a round trip lie between the end of a session's time and what the database says of it.
const CLOCK_SKEW: Duration = Duration::from_millis(100);

/// Is the handle of the feed. Cheap to clone.
#[derive(Debug, Clone)]
pub struct RevocationFeed(Arc<Feed>);

#[derive(Debug)]
struct Feed {
    open: Mutex<HashMap<SessionId, Open>>,
    /// Holds the sessions that have to be looked at.
    due: Mutex<HashSet<SessionId>>,
    wake: Notify,
    cache: Option<SessionCache>,
    metrics: Arc<Metrics>,
}

/// Describes a session with connections.
#[derive(Debug)]
struct Open {
    connections: usize,
    /// Is whose it is; `None` for the key of an organization.
    user: Option<UserId>,
    expires_at: OffsetDateTime,
    /// Holds what is known of it; `None` once it has ended.
    known: watch::Sender<Option<Arc<ActiveSession>>>,
}

/// Watches a connection until it is dropped.
#[derive(Debug)]
pub struct Watched {
    watch: Arc<Feed>,
    session: SessionId,
    known: watch::Receiver<Option<Arc<ActiveSession>>>,
}

impl Watched {
    /// Returns what is known of the session and its user, and every change of it; `None` once the session has ended.
    #[must_use]
    pub fn session(&self) -> watch::Receiver<Option<Arc<ActiveSession>>> {
        self.known.clone()
    }
}

impl RevocationFeed {
    /// Starts to listen, on the current runtime, until `shutdown`. Keeps the cache true, where there is one.
    #[must_use]
    pub fn start(
        db: Db,
        direct_url: Secret,
        cache: Option<SessionCache>,
        metrics: Arc<Metrics>,
        tasks: &Tasks,
        shutdown: &CancellationToken,
    ) -> Self {
        let (open, due) = (Mutex::default(), Mutex::default());
        let watch = Arc::new(Feed { open, due, wake: Notify::new(), cache, metrics });
        let (watching, until) = (Arc::clone(&watch), shutdown.clone());
        // What was due when it panicked is found again: who listens anew looks at all that is open.
        tasks.supervise("session_watch", shutdown, move || {
            let (watch, until) = (Arc::clone(&watching), until.clone());
            let (direct_url, db) = (direct_url.clone(), db.clone());
            async move {
                tokio::select! {
                    () = until.cancelled() => {}
                    () = watch.listen(&direct_url, &db) => {}
                    () = watch.look_again(&db) => {}
                }
            }
        });
        Self(watch)
    }

    /// Watches a connection of this session. The check of the session lies some time back, so it is checked again.
    #[must_use]
    pub fn watch(&self, session: &ActiveSession) -> Watched {
        let known = {
            let mut open = self.0.open();
            let entry = open.entry(session.session_id.clone()).or_insert_with(|| Open {
                connections: 0,
                user: session.user_id().cloned(),
                expires_at: session.expires_at,
                known: watch::Sender::new(Some(Arc::new(session.clone()))),
            });
            entry.connections += 1;
            entry.known.subscribe()
        };
        self.0.look_at([session.session_id.clone()]);
        Watched { watch: Arc::clone(&self.0), session: session.session_id.clone(), known }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let mut open = self.watch.open();
        if let Some(entry) = open.get_mut(&self.session) {
            entry.connections -= 1;
            if entry.connections == 0 {
                open.remove(&self.session);
            }
        }
    }
}

impl Feed {
    // Nothing that holds a lock can panic half-way through a change.

    fn open(&self) -> MutexGuard<'_, HashMap<SessionId, Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn due(&self) -> MutexGuard<'_, HashSet<SessionId>> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn look_at(&self, sessions: impl IntoIterator<Item = SessionId>) {
        self.due().extend(sessions);
        self.wake.notify_one();
    }

    async fn listen(&self, direct_url: &Secret, db: &Db) {
        let every = self.cache.as_ref().map_or(HEARTBEAT_INTERVAL, SessionCache::heartbeat_interval);
        let mut failures = 0;
        // After a panic nobody has said yet that it is not so.
        self.metrics.sessions.notifications_connected.set(0);
        self.forget_all();
        loop {
            match Listener::connect(direct_url, db.clone(), every).await {
                Ok(mut listener) => {
                    if failures > 0 {
                        tracing::info!("notifications of ended sessions arrive again");
                    }
                    failures = 0;
                    self.metrics.sessions.notifications_connected.set(1);
                    // What was said before is lost.
                    self.look_at_open(|_, _| true);
                    let Disconnected(cause) = self.pass_on(&mut listener).await;
                    self.forget_all();
                    self.metrics.sessions.notifications_connected.set(0);
                    tracing::debug!(cause = cause.map(|error| error.to_string()), "notifications stopped");
                }
                Err(Disconnected(cause)) => {
                    if failures == 0 {
                        let cause = cause.map(|error| error.to_string());
                        tracing::warn!(cause, "no notifications of ended sessions; open connections may outlive them");
                    }
                    failures += 1;
                }
            }
            sleep(RECONNECT[failures.min(RECONNECT.len() - 1)]).await;
        }
    }

    async fn pass_on(&self, listener: &mut Listener) -> Disconnected {
        self.forget_all();
        loop {
            match listener.next().await {
                Ok(Notification::Sessions(sessions)) => {
                    self.look_at_open(|session, _| sessions.contains(session));
                    if let Some(cache) = &self.cache {
                        cache.forget(sessions);
                    }
                }
                Ok(Notification::User(user)) => {
                    self.look_at_open(|_, open| open.user.as_ref() == Some(&user));
                    if let Some(cache) = &self.cache {
                        cache.forget_user(user);
                    }
                }
                Ok(Notification::Everything) => {
                    self.forget_all();
                    self.look_at_open(|_, _| true);
                }
                Ok(Notification::Heartbeat { sent }) => {
                    self.metrics.sessions.revocation_lag.observe(sent.elapsed().as_secs_f64());
                    if let Some(cache) = &self.cache {
                        cache.extend_lease(sent);
                    }
                }
                Err(disconnected) => return disconnected,
            }
        }
    }

    fn look_at_open(&self, is_due: impl Fn(&SessionId, &Open) -> bool) {
        let due: Vec<SessionId> = self
            .open()
            .iter()
            .filter(|(session, open)| is_due(session, open))
            .map(|(session, _)| session.clone())
            .collect();
        if !due.is_empty() {
            self.look_at(due);
        }
    }

    fn forget_all(&self) {
        if let Some(cache) = &self.cache {
            cache.forget_all();
        }
    }

    async fn look_again(&self, db: &Db) {
        loop {
            let next_end = self.open().values().map(|open| open.expires_at).min();
            let woken = self.wake.notified();
            match next_end {
                None => woken.await,
                Some(end) => {
                    let left = Duration::try_from(end - OffsetDateTime::now_utc()).unwrap_or_default() + CLOCK_SKEW;
                    tokio::select! {
                        () = woken => {}
                        () = sleep(left) => {}
                    }
                }
            }
            let now = OffsetDateTime::now_utc();
            let over: Vec<SessionId> =
                self.open().iter().filter(|(_, open)| open.expires_at <= now).map(|(id, _)| id.clone()).collect();
            let mut due: Vec<SessionId> = {
                let mut due = self.due();
                due.extend(over);
                due.drain().collect()
            };
            while !due.is_empty() {
                let batch: Vec<SessionId> = due.drain(..due.len().min(BATCH)).collect();
                if self.query(db, &batch).await.is_err() {
                    self.due().extend(batch.into_iter().chain(due.drain(..)));
                    sleep(RETRY).await;
                    self.wake.notify_one();
                }
            }
        }
    }

    /// Ends those of the sessions that do not live any more, and tells what has changed of the others.
    async fn query(&self, db: &Db, sessions: &[SessionId]) -> Result<(), StoreError> {
        let mut living = find_living(db, sessions).await?;
        let mut open = self.open();
        for session in sessions {
            let Some(entry) = open.get_mut(session) else { continue };
            if let Some(session) = living.remove(session) {
                entry.expires_at = session.expires_at;
                entry.known.send_if_modified(|known| {
                    // What has ended stays ended.
                    let is_news = known.as_deref().is_some_and(|known| *known != session);
                    if is_news {
                        *known = Some(Arc::new(session));
                    }
                    is_news
                });
            } else {
                entry.known.send_replace(None);
                // Its end is told; what is left of it goes when its connections do.
                entry.expires_at = OffsetDateTime::now_utc() + time::Duration::DAY;
            }
        }
        Ok(())
    }
}

/// Finds those of the sessions that are live. One that cannot be read, or whose user cannot, counts as ended, as the
/// next request with it would find; its row makes the query fail for all of them, so halves are asked for until it
/// stands alone.
async fn find_living(db: &Db, sessions: &[SessionId]) -> Result<HashMap<SessionId, ActiveSession>, StoreError> {
    let (mut living, mut parts) = (HashMap::new(), vec![sessions]);
    while let Some(part) = parts.pop() {
        let ids: Vec<&str> = part.iter().map(SessionId::as_str).collect();
        let found = async { lookup::list_living(&mut *db.acquire().await?, &ids).await };
        let unavailable = Err(StoreError::Unavailable(sqlx::Error::PoolTimedOut));
        match timeout(QUERY_TIMEOUT, found).await.unwrap_or(unavailable) {
            Ok(found) => living.extend(found.into_iter().map(|session| (session.session_id.clone(), session))),
            Err(error) if !error.is_unreadable_row() => return Err(error),
            Err(_) if part.len() > 1 => {
                let (first, second) = part.split_at(part.len() / 2);
                parts.extend([first, second]);
            }
            Err(_) => {}
        }
    }
    Ok(living)
}
