//! Remembers sessions between requests, where `session.check` is `cached`: with a bound, and only while it can be kept.
//! PostgreSQL tells of every session that ends or changes, in the order of the commits, and among them of the
//! heartbeats that its listener is sent. When a heartbeat comes back, everything that was committed before it was sent
//! is known here, so what is remembered may be trusted for `max_staleness` from then. When none comes back, each
//! request asks the database.

#[cfg(test)]
mod tests;

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
    time::{Duration, Instant},
};

use time::OffsetDateTime;

use crate::types::{ActiveSession, Activity, SessionId, SessionKey, TokenHash, Told, UserId};

/// Limits the sessions, about 500 bytes each, and whatever the additional fields that have a header hold: as long as the
/// headers in most cases (8 KiB at most where users fill them in), and never longer than the column (16 KiB). Beyond it
/// the database is asked for the rest each time.
const CAPACITY: usize = 200_000;
/// Limits the age of an entry. Then the database is asked again, so that its use is written down and its end moved as
/// without a cache.
const MAX_AGE: Duration = Duration::from_mins(1);
/// Tells how often what is too old is removed.
const SWEEP: Duration = Duration::from_secs(15);
/// Tells by how much the database's clock and ours may differ: what ends within this time is not remembered.
const CLOCK_SKEW: Duration = Duration::from_mins(5);
/// Limits how many of the latest changes are remembered, for results of queries that began before.
const RECENT: usize = 4096;

/// Is the handle of the cache. Cheap to clone.
#[derive(Debug, Clone)]
pub struct SessionCache {
    state: Arc<RwLock<State>>,
    max_staleness: Duration,
}

/// Tells when a query was begun, in terms of what had been received by then.
#[derive(Debug, Clone, Copy)]
pub struct QueryStart {
    changes: u64,
    at: Instant,
}

#[derive(Debug, Default)]
struct State {
    /// Requests that arrive before this may be answered from here.
    lease_until: Option<Instant>,
    entries: HashMap<TokenHash, Entry>,
    hashes: HashMap<SessionId, TokenHash>,
    /// Finds the entries of a user without a walk through all, which everybody would wait for.
    users: HashMap<UserId, HashSet<TokenHash>>,
    swept: Option<Instant>,
    /// So many changes were received.
    changes: u64,
    /// Holds the latest of them, each with its number.
    recent: VecDeque<(u64, Changed)>,
    /// Results of queries from before this number may be old, whatever they are about.
    oldest_known: u64,
}

/// Tells what a notification named.
#[derive(Debug)]
enum Changed {
    Session(SessionId),
    User(UserId),
}

impl Changed {
    fn is(&self, session: &ActiveSession) -> bool {
        match self {
            Self::Session(id) => *id == session.session_id,
            Self::User(id) => session.user_id() == Some(id),
        }
    }
}

#[derive(Debug)]
struct Entry {
    session: Arc<ActiveSession>,
    /// The query asked for this: a configuration that tells more has to ask again.
    told: Arc<Told>,
    until: Instant,
}

impl SessionCache {
    /// Creates an empty cache, which is not trusted until the first heartbeat.
    #[must_use]
    pub fn new(max_staleness: Duration) -> Self {
        Self { state: Arc::default(), max_staleness }
    }

    /// Returns how often a heartbeat has to be sent, so that a late one is no reason to ask the database.
    #[must_use]
    pub fn heartbeat_interval(&self) -> Duration {
        self.max_staleness / 4
    }

    /// Returns the session, for a request that arrived at `now`, where it is remembered and trusted.
    #[must_use]
    pub fn get(&self, key: &SessionKey, told: &Told, now: Instant) -> Option<Arc<ActiveSession>> {
        let state = self.read();
        state.lease_until.filter(|until| now < *until)?;
        let hash = match key {
            SessionKey::Token(hash) => hash,
            SessionKey::Id(id) => state.hashes.get(id)?,
            // Keys are never remembered: their quotas are counted anew at each request, and few requests bring one.
            SessionKey::ApiKey(_) => return None,
        };
        let entry = state.entries.get(hash)?;
        (now < entry.until && *entry.told == *told).then(|| Arc::clone(&entry.session))
    }

    /// Marks the beginning of a query whose answer is to be remembered.
    #[must_use]
    pub fn begin_query(&self) -> QueryStart {
        QueryStart { changes: self.read().changes, at: Instant::now() }
    }

    /// Remembers what was found, except sessions that a notification named since the query began.
    pub fn remember(&self, asked: QueryStart, found: &[(TokenHash, Arc<ActiveSession>)], told: &Arc<Told>) {
        let now = OffsetDateTime::now_utc();
        let mut state = self.write();
        if asked.changes < state.oldest_known {
            return;
        }
        for (hash, session) in found.iter().filter(|(_, session)| session.api_key().is_none()) {
            let left = Duration::try_from(session.expires_at - now).unwrap_or_default().saturating_sub(CLOCK_SKEW);
            let mut since = state.recent.iter().rev().take_while(|(number, _)| *number > asked.changes);
            if left.is_zero() || since.any(|(_, changed)| changed.is(session)) {
                continue;
            }
            if state.entries.len() >= CAPACITY {
                return;
            }
            // The request that asked records what is due to be recorded.
            let session = match session.activity {
                Activity::Recorded => Arc::clone(session),
                Activity::Seen | Activity::Extended { .. } => {
                    Arc::new(ActiveSession { activity: Activity::Recorded, ..ActiveSession::clone(session) })
                }
            };
            // Its token may have been replaced, of which the notification is still on its way.
            if let Some(former) = state.hashes.insert(session.session_id.clone(), *hash)
                && former != *hash
            {
                state.remove(&former);
                state.hashes.insert(session.session_id.clone(), *hash);
            }
            if let Some(user) = session.user_id() {
                state.users.entry(user.clone()).or_default().insert(*hash);
            }
            state.entries.insert(*hash, Entry { session, told: Arc::clone(told), until: asked.at + left.min(MAX_AGE) });
        }
    }

    /// Forgets these sessions, which ended or changed.
    pub fn forget(&self, sessions: Vec<SessionId>) {
        let mut state = self.write();
        for session in sessions {
            if let Some(hash) = state.hashes.get(&session).copied() {
                state.remove(&hash);
            }
            state.record_change(Changed::Session(session));
        }
    }

    /// Forgets all sessions of a user, which changed.
    pub fn forget_user(&self, user: UserId) {
        let mut state = self.write();
        for hash in state.users.get(&user).cloned().unwrap_or_default() {
            state.remove(&hash);
        }
        state.record_change(Changed::User(user));
    }

    /// Forgets everything, since something may have been missed; nothing is trusted before the next heartbeat.
    pub fn forget_all(&self) {
        let mut state = self.write();
        let changes = state.changes + 1;
        *state = State { changes, oldest_known: changes, ..State::default() };
    }

    /// Extends the lease: a heartbeat that was sent at this time came back.
    pub fn extend_lease(&self, sent: Instant) {
        let mut state = self.write();
        state.lease_until = Some(sent + self.max_staleness);
        if state.swept.is_none_or(|swept| sent - swept >= SWEEP) {
            state.drop_aged(sent);
        }
    }

    // Nothing that holds the lock can panic half-way through a change.

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn record_change(&mut self, changed: Changed) {
        self.changes += 1;
        self.recent.push_back((self.changes, changed));
        if self.recent.len() > RECENT
            && let Some((number, _)) = self.recent.pop_front()
        {
            self.oldest_known = number;
        }
    }

    fn remove(&mut self, hash: &TokenHash) {
        let Some(Entry { session, .. }) = self.entries.remove(hash) else { return };
        self.hashes.remove(&session.session_id);
        if let Some(user) = session.user_id()
            && let Some(theirs) = self.users.get_mut(user)
        {
            theirs.remove(hash);
            if theirs.is_empty() {
                self.users.remove(user);
            }
        }
    }

    fn drop_aged(&mut self, now: Instant) {
        let aged: Vec<TokenHash> =
            self.entries.iter().filter(|(_, entry)| now >= entry.until).map(|(hash, _)| *hash).collect();
        for hash in aged {
            self.remove(&hash);
        }
        self.swept = Some(now);
    }
}
