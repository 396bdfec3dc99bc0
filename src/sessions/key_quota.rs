//! Counts the uses of API keys, off the request path as far as can be: a key's limits hold over all replicas, so they are
//! kept in PostgreSQL, and this replica leases a few uses of a key at a time and hands them out from memory. The fewer
//! are left the fewer it gets, so that the last ones are leased singly and no more ever pass than may (KEY-06).
//!
//! Leases that are not used within [`KEPT_FOR`] go back. Only a replica that dies, or is cut off from the
//! database, keeps what it held: at most an eighth of what was left of the key.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use time::OffsetDateTime;
use tokio::{sync::Mutex as AsyncMutex, time::timeout};
use tokio_util::sync::CancellationToken;

use crate::{
    observe::Metrics,
    store::{
        Db, StoreError,
        api_keys::quota::{self, Lease, Unused, UsedUp},
    },
    tasks::Tasks,
    types::{ActiveSession, Activity, ApiKeyGrant, ApiKeyId},
};

/// Is how long a lease is kept without being used.
const KEPT_FOR: Duration = Duration::from_secs(30);
/// Is how often unused leases and uses are written down.
const PAUSE: Duration = Duration::from_millis(500);
/// Limits how long it is remembered that nothing is left: somebody may have given uses back.
const DENIED_FOR: Duration = Duration::from_secs(1);
/// Limits the keys whose use waits to be written down. Beyond it the record is lost, and the key's next use makes another.
const MAX_USED: usize = 4096;
/// A lease that takes longer is answered with 503.
const DEADLINE: Duration = Duration::from_secs(2);
/// The last leases may take this long to go back at shutdown.
const LAST_WRITE_TIMEOUT: Duration = Duration::from_secs(1);

/// Is the handle that counts. Cheap to clone.
#[derive(Debug, Clone)]
pub struct KeyQuotas(Arc<Quotas>);

#[derive(Debug)]
struct Quotas {
    db: Db,
    tasks: Tasks,
    metrics: Arc<Metrics>,
    /// Holds the keys that were used within [`KEPT_FOR`].
    counters: Mutex<HashMap<ApiKeyId, Arc<Counter>>>,
    /// Holds the keys whose use is to be written down.
    used: Mutex<HashSet<ApiKeyId>>,
    /// Holds leases that count no more here, to be given back.
    unused: Mutex<Vec<Unused>>,
}

/// Says why a use of a key was not counted, so that the request goes no further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuotaExceeded {
    /// The key had as many uses as its rate limit allows.
    RateLimited { retry_after: Duration },
    /// All its uses are gone, until it is refilled where it is.
    UsedUp { retry_after: Option<Duration> },
    /// The key is gone.
    Gone,
    /// The database did not answer: fails closed.
    Unavailable,
}

/// Counts one key.
#[derive(Debug, Default)]
struct Counter {
    held: Mutex<Held>,
    /// Is held by whoever leases, so that many requests at once lease once.
    leasing: AsyncMutex<()>,
}

#[derive(Debug, Default)]
struct Held {
    uses: u32,
    revision: i64,
    window_started_at: Option<OffsetDateTime>,
    /// Is when the uses count no more; `None` where they do always.
    until: Option<Instant>,
    denied: Option<Denied>,
    last_used: Option<Instant>,
}

/// Remembers that nothing was left.
#[derive(Debug, Clone, Copy)]
struct Denied {
    used_up: UsedUp,
    /// Is when there is more; `None` where there never is.
    again_at: Option<Instant>,
    until: Instant,
    revision: i64,
}

impl Denied {
    fn exceeded(self, now: Instant) -> QuotaExceeded {
        let left = self.again_at.map(|at| at.saturating_duration_since(now));
        match self.used_up {
            UsedUp::Window => QuotaExceeded::RateLimited { retry_after: left.unwrap_or_default() },
            UsedUp::Remaining => QuotaExceeded::UsedUp { retry_after: left },
        }
    }
}

impl KeyQuotas {
    /// Starts what writes down, on the current runtime. On shutdown all that is held goes back.
    #[must_use]
    pub fn start(db: Db, metrics: Arc<Metrics>, tasks: &Tasks, shutdown: &CancellationToken) -> Self {
        let quotas = Self::unwritten(db, metrics, tasks.clone());
        let (kept, until) = (Arc::clone(&quotas.0), shutdown.clone());
        tasks.supervise("api_key_usage", shutdown, move || {
            let (quotas, until) = (Arc::clone(&kept), until.clone());
            async move {
                while until.run_until_cancelled(tokio::time::sleep(PAUSE)).await.is_some() {
                    quotas.write_down(Instant::now().checked_sub(KEPT_FOR)).await;
                }
                let _ = timeout(LAST_WRITE_TIMEOUT, quotas.write_down(Some(Instant::now()))).await;
            }
        });
        quotas
    }

    /// Counts without writing down what is left: for tests.
    #[must_use]
    pub(crate) fn unwritten(db: Db, metrics: Arc<Metrics>, tasks: Tasks) -> Self {
        let (counters, used, unused) = (Mutex::default(), Mutex::default(), Mutex::default());
        Self(Arc::new(Quotas { db, tasks, metrics, counters, used, unused }))
    }

    /// Counts a use of the key that was presented, and has it written down that it was used.
    pub async fn take(&self, session: &ActiveSession, key: &ApiKeyGrant) -> Result<(), QuotaExceeded> {
        let taken = if key.is_counted { self.count(key).await } else { Ok(()) };
        let outcome = match taken {
            Ok(()) => "allowed",
            Err(QuotaExceeded::RateLimited { .. }) => "rate_limited",
            Err(QuotaExceeded::UsedUp { .. }) => "used_up",
            Err(QuotaExceeded::Gone) => "gone",
            Err(QuotaExceeded::Unavailable) => "unavailable",
        };
        self.0.metrics.api_keys.uses.with_label_values(&[outcome]).inc();
        if taken.is_ok() && session.activity != Activity::Recorded {
            let mut used = lock(&self.0.used);
            if used.len() < MAX_USED {
                used.insert(key.id.clone());
            }
        }
        taken
    }

    async fn count(&self, key: &ApiKeyGrant) -> Result<(), QuotaExceeded> {
        let counter = Arc::clone(lock(&self.0.counters).entry(key.id.clone()).or_default());
        if let Some(taken) = self.0.take_held(&counter, key) {
            return taken;
        }
        let _leasing = counter.leasing.lock().await;
        if let Some(taken) = self.0.take_held(&counter, key) {
            return taken;
        }
        // A client that goes away takes no lease with it: the task puts it where the next request finds it.
        let (quotas, leased, key) = (Arc::clone(&self.0), Arc::clone(&counter), key.clone());
        let lease = self.0.tasks.spawn(async move { quotas.lease(&leased, &key).await });
        lease.await.unwrap_or(Err(QuotaExceeded::Unavailable))
    }
}

impl Quotas {
    /// Takes one of the uses that are held; `None` where that takes a lease.
    fn take_held(&self, counter: &Counter, key: &ApiKeyGrant) -> Option<Result<(), QuotaExceeded>> {
        let now = Instant::now();
        let mut held = lock(&counter.held);
        held.last_used = Some(now);
        if held.uses > 0 && (held.revision < key.quota_revision || held.until.is_some_and(|until| now >= until)) {
            self.put_back(&key.id, &mut held);
        }
        if held.uses > 0 {
            held.uses -= 1;
            return Some(Ok(()));
        }
        let denied = held.denied.filter(|denied| now < denied.until && denied.revision >= key.quota_revision)?;
        Some(Err(denied.exceeded(now)))
    }

    fn put_back(&self, id: &ApiKeyId, held: &mut Held) {
        let uses = std::mem::take(&mut held.uses);
        if uses > 0 {
            let (revision, window_started_at) = (held.revision, held.window_started_at);
            lock(&self.unused).push(Unused { id: id.clone(), uses, revision, window_started_at });
        }
    }

    /// Leases uses, takes one of them, and keeps the others.
    async fn lease(&self, counter: &Counter, key: &ApiKeyGrant) -> Result<(), QuotaExceeded> {
        // The times in the answer are counted from before it was asked for, so that no lease outlives its window.
        let asked = Instant::now();
        let leased = async {
            // Returned uses go first: they may be those that are asked for.
            self.give_back().await?;
            quota::lease(&mut *self.db.acquire().await?, &key.id).await
        };
        let lease = match timeout(DEADLINE, leased).await {
            Ok(Ok(Some(lease))) => lease,
            Ok(Ok(None)) => return Err(QuotaExceeded::Gone),
            Ok(Err(error)) => {
                let error: &dyn std::error::Error = &error;
                tracing::warn!(error, "the uses of an API key were not counted; its request is answered with 503");
                return Err(QuotaExceeded::Unavailable);
            }
            Err(_) => return Err(QuotaExceeded::Unavailable),
        };
        self.metrics.api_keys.leases.inc();
        let at = |left: Option<Duration>| left.and_then(|left| asked.checked_add(left));
        let Lease { uses, revision, window_started_at, window_left, refill_left, used_up } = lease;
        let mut held = lock(&counter.held);
        if let Some(used_up) = used_up {
            let again_at = at(match used_up {
                UsedUp::Window => window_left,
                UsedUp::Remaining => refill_left,
            });
            let now = Instant::now();
            let until = again_at.unwrap_or(now + DENIED_FOR).min(now + DENIED_FOR);
            let denied = Denied { used_up, again_at, until, revision };
            held.denied = Some(denied);
            return Err(denied.exceeded(now));
        }
        let until = [at(window_left), at(refill_left)].into_iter().flatten().min();
        // Another lease may have come in between, where its request went away.
        self.put_back(&key.id, &mut held);
        *held = Held {
            uses: uses.saturating_sub(1),
            revision,
            window_started_at,
            until,
            denied: None,
            last_used: Some(Instant::now()),
        };
        Ok(())
    }

    /// Gives back what was not used since, and writes down what was.
    async fn write_down(&self, since: Option<Instant>) {
        let written = async {
            if let Some(since) = since {
                self.collect_idle(since);
            }
            self.give_back().await?;
            let used: Vec<ApiKeyId> = lock(&self.used).drain().collect();
            if !used.is_empty() {
                let ids: Vec<&str> = used.iter().map(ApiKeyId::as_str).collect();
                quota::update_used(&mut *self.db.acquire().await?, &ids).await?;
            }
            Ok::<_, StoreError>(())
        };
        if let Err(error) = written.await {
            let error: &dyn std::error::Error = &error;
            tracing::warn!(error, "the use of API keys was not written down");
        }
    }

    fn collect_idle(&self, since: Instant) {
        let mut counters = lock(&self.counters);
        counters.retain(|id, counter| {
            // Nobody else can get hold of it meanwhile: the map is locked.
            if Arc::strong_count(counter) > 1 {
                return true;
            }
            let mut held = lock(&counter.held);
            let is_idle = held.last_used.is_none_or(|used| used <= since);
            if is_idle {
                self.put_back(id, &mut held);
            }
            !is_idle
        });
    }

    async fn give_back(&self) -> Result<(), StoreError> {
        let unused: Vec<Unused> = std::mem::take(&mut *lock(&self.unused));
        // A key may have several leases, and a statement changes a row once.
        let mut rest = unused;
        while !rest.is_empty() {
            let mut seen = HashSet::new();
            let (now, later): (Vec<Unused>, Vec<Unused>) =
                rest.into_iter().partition(|unused| seen.insert(unused.id.clone()));
            quota::give_back(&mut *self.db.acquire().await?, &now).await?;
            rest = later;
        }
        Ok(())
    }
}

/// Nothing that holds a lock can panic half-way through a change.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
