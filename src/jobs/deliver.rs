//! Empties the outbox.
//!
//! Delivery is at least once: a message is leased for 90 seconds, sent, and deleted when it was accepted. Whatever
//! stops a worker in between, `kill -9` included, lets the lease run out, and some replica sends the message again with
//! the same Message-ID. So does a panic of the worker, which is started again. No transaction and no connection is held
//! while a message travels.

use std::{sync::Arc, time::Duration};

use time::OffsetDateTime;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::{
    jobs::statement::{cause, in_time},
    mail::{DeliveryError, Outbox, OutboxMessage, Sender, Transport, UnreadableMessage},
    observe::Metrics,
    store::{
        Db, StoreError,
        outbox::{self, Backlog, Claimed},
    },
    tasks::{Tasks, backoff},
};

/// Limits the messages under way at once. Only as many are claimed as can start at once, so that none waits while its
/// lease runs.
const MAX_DELIVERIES: usize = 4;
/// Is longer than a delivery (30 s) and the writing down of its outcome (41 s) together.
const LEASE: Duration = Duration::from_secs(90);
/// Tells how often the table is polled when nobody calls: for other replicas' messages and for retries.
const POLL: Duration = Duration::from_secs(1);
const GAUGES_EVERY: Duration = Duration::from_secs(5);
/// Waits between the attempts to write an outcome down: where all fail, a sent message is sent again.
const OUTCOME_RETRIES: [Duration; 3] = [Duration::ZERO, Duration::from_millis(200), Duration::from_secs(1)];
/// Is the shortest wait between two polls of the outbox while the database is down.
const MIN_OUTAGE_WAIT: Duration = Duration::from_secs(1);
/// Is the longest wait between two polls of the outbox while the database is down.
const MAX_OUTAGE_WAIT: Duration = Duration::from_secs(5);
const MIN_RETRY_DELAY: Duration = Duration::from_secs(1);
const MAX_RETRY_DELAY: Duration = Duration::from_mins(5);
/// A message that nobody accepted for so long is given up.
const GIVE_UP_AFTER: time::Duration = time::Duration::hours(24);
/// A message that this process cannot read may be readable to a replica with a newer configuration or version, as long
/// as a release is being rolled out.
const GIVE_UP_UNREADABLE_AFTER: time::Duration = time::Duration::minutes(10);
/// Limits the time of deliveries under way at shutdown; those that need longer are repeated by another replica or the
/// next start.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(5);

/// Starts to deliver what is in the outbox, until `shutdown`; then it ends within about ten seconds. One per process;
/// replicas share the work.
pub fn deliver_mail(
    db: Db,
    outbox: Outbox,
    (transport, sender): (Transport, Sender),
    metrics: Arc<Metrics>,
    tasks: &Tasks,
    shutdown: &CancellationToken,
) {
    let worker = Arc::new(Worker { db, outbox, transport, sender, metrics });
    let (delivering, until) = (Arc::clone(&worker), shutdown.clone());
    tasks.supervise("mail_delivery", shutdown, move || {
        let (worker, until) = (Arc::clone(&delivering), until.clone());
        async move { deliver_all(&worker, &until).await }
    });
    let until = shutdown.clone();
    tasks.supervise("mail_backlog", shutdown, move || {
        let (worker, until) = (Arc::clone(&worker), until.clone());
        async move { watch_backlog(&worker, &until).await }
    });
}

async fn deliver_all(worker: &Arc<Worker>, shutdown: &CancellationToken) {
    let mut deliveries = JoinSet::new();
    let mut pace = Pace { failed_claims: 0, next_claim: Instant::now() };
    loop {
        let free = MAX_DELIVERIES.saturating_sub(deliveries.len());
        if free > 0 && Instant::now() >= pace.next_claim {
            match worker.claim(free).await {
                Ok(rows) => {
                    pace.claimed(rows.len() < free);
                    // A row beyond what was asked for is delivered when its lease has run out.
                    for row in rows.into_iter().take(free) {
                        deliveries.spawn(Arc::clone(worker).deliver(row));
                    }
                }
                Err(error) => pace.failed(&error),
            }
        }
        let can_claim = deliveries.len() < MAX_DELIVERIES;
        tokio::select! {
            biased;
            () = shutdown.cancelled() => break,
            Some(ended) = deliveries.join_next(), if !deliveries.is_empty() => report_panic(ended),
            () = worker.outbox.woken(), if can_claim => pace.next_claim = Instant::now(),
            () = sleep_until(pace.next_claim), if can_claim => {}
        }
    }
    let last = async { while deliveries.join_next().await.is_some() {} };
    if timeout(SHUTDOWN_GRACE, last).await.is_err() {
        tracing::warn!(mail.under_way = deliveries.len(), "stopping during deliveries; they will be repeated");
    }
}

/// Tells when the outbox is polled next.
struct Pace {
    /// Counts those in a row.
    failed_claims: u32,
    next_claim: Instant,
}

impl Pace {
    fn claimed(&mut self, is_drained: bool) {
        if self.failed_claims > 0 {
            tracing::info!("mail is delivered again: the outbox can be read");
        }
        self.failed_claims = 0;
        self.next_claim = Instant::now();
        if is_drained {
            self.next_claim += backoff::jittered(POLL, backoff::random());
        }
    }

    fn failed(&mut self, error: &StoreError) {
        if self.failed_claims == 0 {
            tracing::error!(%error, error.cause = cause(error), "mail waits: the outbox cannot be read");
        }
        self.failed_claims = self.failed_claims.saturating_add(1);
        self.next_claim = Instant::now()
            + backoff::exponential(MIN_OUTAGE_WAIT, MAX_OUTAGE_WAIT, self.failed_claims, backoff::random());
    }
}

/// Keeps the gauges, also while every slot is taken by a server that does not answer.
async fn watch_backlog(worker: &Worker, shutdown: &CancellationToken) {
    let watching = async {
        loop {
            worker.set_gauges().await;
            sleep(GAUGES_EVERY).await;
        }
    };
    tokio::select! {
        () = shutdown.cancelled() => {}
        () = watching => {}
    }
}

/// A message whose delivery panicked is tried again when its lease has run out.
fn report_panic(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a delivery ended without an outcome");
    }
}

struct Worker {
    db: Db,
    outbox: Outbox,
    transport: Transport,
    sender: Sender,
    metrics: Arc<Metrics>,
}

/// Tells what becomes of a row.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Sent,
    Retry { delay: Duration, reason: String },
    Failed { reason: String },
}

impl Worker {
    async fn claim(&self, limit: usize) -> Result<Vec<Claimed>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(1);
        in_time(async { outbox::claim(&mut *self.db.acquire().await?, limit, LEASE).await }).await
    }

    async fn set_gauges(&self) {
        let backlog = in_time(async { outbox::find_backlog(&mut *self.db.acquire().await?).await }).await;
        // Where the database is gone, the next claim says so.
        if let Ok(Backlog { depth, oldest_seconds }) = backlog {
            self.metrics.outbox_depth.set(depth);
            self.metrics.outbox_oldest.set(oldest_seconds);
        }
    }

    async fn deliver(self: Arc<Self>, row: Claimed) {
        let opened = self.outbox.open(&row.payload);
        let delivered = match &opened {
            Ok(queued) => Ok(self.transport.deliver(&self.sender, queued, row.created_at).await),
            Err(unreadable) => Err(unreadable),
        };
        let outcome = decide(delivered, OffsetDateTime::now_utc() - row.created_at, row.attempts, backoff::random());
        self.report(&row, opened.as_ref().ok(), &outcome);
        self.write_down(&row, &outcome).await;
    }

    /// Counts the outcome and logs it, without the recipient's full address and without the link.
    fn report(&self, row: &Claimed, queued: Option<&OutboxMessage>, outcome: &Outcome) {
        let to = queued.map(|queued| tracing::field::debug(&queued.to));
        let label = match outcome {
            Outcome::Sent => {
                tracing::debug!(outbox.id = %row.id, mail.kind = row.kind, mail.to = to, "mail sent");
                "sent"
            }
            Outcome::Retry { delay, reason } => {
                let seconds = delay.as_secs();
                tracing::warn!(
                    outbox.id = %row.id, mail.kind = row.kind, mail.to = to, mail.attempts = row.attempts,
                    retry_in_s = seconds, reason, "mail not delivered yet"
                );
                "retried"
            }
            Outcome::Failed { reason } => {
                tracing::error!(
                    outbox.id = %row.id, mail.kind = row.kind, mail.to = to, mail.attempts = row.attempts,
                    reason, "mail given up"
                );
                "failed"
            }
        };
        self.metrics.mail_deliveries.with_label_values(&[label]).inc();
    }

    async fn write_down(&self, row: &Claimed, outcome: &Outcome) {
        let mut last_error = None;
        for wait in OUTCOME_RETRIES {
            sleep(wait).await;
            let written = in_time(async {
                let mut connection = self.db.acquire().await?;
                match outcome {
                    Outcome::Sent => outbox::delete_delivered(&mut connection, row.id).await,
                    Outcome::Retry { delay, reason } => outbox::postpone(&mut connection, row, *delay, reason).await,
                    Outcome::Failed { reason } => outbox::fail(&mut connection, row, reason).await,
                }
            });
            match written.await {
                Ok(()) => return,
                Err(error) => last_error = Some(error),
            }
        }
        if let Some(error) = last_error {
            tracing::error!(
                outbox.id = %row.id, mail.kind = row.kind, %error, error.cause = cause(&error),
                "the outcome of a delivery is not written down; it will be repeated"
            );
        }
    }
}

/// Returns the outcome of an attempt at a message of this age.
fn decide(
    attempt: Result<Result<(), DeliveryError>, &UnreadableMessage>,
    age: time::Duration,
    attempts: i32,
    spread: u16,
) -> Outcome {
    let (reason, limit) = match attempt {
        Ok(Ok(())) => return Outcome::Sent,
        Ok(Err(DeliveryError::Permanent(reason))) => return Outcome::Failed { reason },
        Ok(Err(DeliveryError::Transient(reason))) => (reason, GIVE_UP_AFTER),
        Err(unreadable) => (unreadable.to_string(), GIVE_UP_UNREADABLE_AFTER),
    };
    let attempts = u32::try_from(attempts).unwrap_or(1);
    let delay = backoff::exponential(MIN_RETRY_DELAY, MAX_RETRY_DELAY, attempts, spread);
    if age + delay > limit { Outcome::Failed { reason } } else { Outcome::Retry { delay, reason } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::Unsealable;

    #[test]
    fn tries_again_what_may_pass_later_and_gives_up_what_cannot() {
        let transient = || Ok(Err(DeliveryError::Transient("down".to_owned())));
        let permanent = || Ok(Err(DeliveryError::Permanent("no such user".to_owned())));
        let unsealable = UnreadableMessage::Unsealable(Unsealable);
        let unknown = UnreadableMessage::UnknownKind;
        let retry = |seconds| (false, Some(Duration::from_secs(seconds)));
        let failed = (true, None);
        let day = 24 * 60 * 60;
        for (name, attempt, attempts, age_seconds, expected) in [
            ("sent", Ok(Ok(())), 1, 0, (false, None)),
            ("sent late", Ok(Ok(())), 500, 2 * day, (false, None)),
            ("refused", permanent(), 1, 0, failed),
            ("first failure", transient(), 1, 0, retry(1)),
            ("third failure", transient(), 3, 10, retry(4)),
            ("at the cap", transient(), 50, day - 400, retry(300)),
            ("next try past a day", transient(), 50, day - 200, failed),
            ("after a long standstill", transient(), 1, day, failed),
            ("secret not here yet", Err(&unsealable), 2, 5, retry(2)),
            ("secret lost", Err(&unsealable), 9, 600, failed),
            ("kind of a newer version", Err(&unknown), 1, 0, retry(1)),
            ("kind of no version", Err(&unknown), 9, 600, failed),
        ] {
            // This lies in the middle of the spread.
            let outcome = decide(attempt, time::Duration::seconds(age_seconds), attempts, u16::MAX / 2);
            let (is_failed, delay) = match outcome {
                Outcome::Sent => (false, None),
                // It is compared to the whole second: the middle is not exact.
                Outcome::Retry { delay, .. } => {
                    (false, Some(Duration::from_secs((delay + Duration::from_millis(500)).as_secs())))
                }
                Outcome::Failed { .. } => (true, None),
            };
            assert_eq!((is_failed, delay), expected, "{name}");
        }
    }
}
