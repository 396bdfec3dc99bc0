//! Receives what the database's triggers tell of: sessions that ended or whose user changed.

use std::{
    future::pending,
    pin::Pin,
    time::{Duration, Instant},
};

use sqlx::postgres::{PgListener, PgNotification, PgPoolOptions};
use tokio::time::{sleep_until, timeout};

use crate::{
    store::{Db, listen_options},
    types::{Secret, SessionId, UserId},
};

const CHANNEL: &str = "authgate_sessions";
/// Is the payload that is sent when all sessions are gone at once.
const ALL: &str = "*";
/// Is the prefix before the id of a user who changed.
const USER: &str = "user:";
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Limits the time for a heartbeat to be sent, and for one that is due to come back: then the connection is given up.
const HEARTBEAT_TIMEOUT: Duration = Duration::from_secs(3);

/// Means that notifications may have been missed since the last one. Everything has to be looked at again, on a new
/// [`Listener`].
#[derive(Debug, thiserror::Error)]
#[error("the connection for notifications was lost")]
pub struct Disconnected(#[source] pub Option<sqlx::Error>);

/// Describes what a [`Listener`] received, in the order of the commits.
#[derive(Debug)]
pub enum Notification {
    /// These ended or changed.
    Sessions(Vec<SessionId>),
    /// Somebody changed, and with them all of their sessions.
    User(UserId),
    /// All may have ended.
    Everything,
    /// This is a heartbeat: all that was committed before it was sent was told before.
    Heartbeat { sent: Instant },
}

/// Holds one connection that listens. It receives whatever is committed after [`Listener::connect`] returned. At once
/// and then every so often it is sent a heartbeat, by way of the pool: what comes back proves that this connection
/// lives, and that it listens to the database in which sessions end.
pub struct Listener {
    connection: PgListener,
    db: Db,
    /// Only this connection listens to it.
    channel: String,
    every: Duration,
    due: Instant,
    heartbeat: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    last: (u64, Instant),
    received_at: Instant,
}

impl std::fmt::Debug for Listener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Listener").field("channel", &self.channel).finish_non_exhaustive()
    }
}

impl Listener {
    /// Connects past any pooler: a pooled connection listens for somebody else too.
    pub async fn connect(direct_url: &Secret, db: Db, every: Duration) -> Result<Self, Disconnected> {
        let connect = async {
            let pool = PgPoolOptions::new()
                .max_connections(1)
                .max_lifetime(None)
                .idle_timeout(None)
                .connect_with(listen_options(direct_url)?)
                .await?;
            let mut connection = PgListener::connect_with(&pool).await?;
            // After a gap a new listener is made, so that none goes unnoticed.
            connection.eager_reconnect(false);
            let channel = format!("authgate_beats_{}", uuid::Uuid::now_v7().simple());
            connection.listen_all([CHANNEL, &channel]).await?;
            let now = Instant::now();
            Ok::<_, sqlx::Error>(Self {
                connection,
                db,
                channel,
                every,
                due: now,
                heartbeat: None,
                last: (0, now),
                received_at: now,
            })
        };
        timeout(CONNECT_TIMEOUT, connect)
            .await
            .map_err(|_| Disconnected(None))?
            .map_err(|error| Disconnected(Some(error)))
    }

    /// Waits for the next notification. Nothing is lost when the future is dropped.
    pub async fn next(&mut self) -> Result<Notification, Disconnected> {
        loop {
            let heartbeat = async {
                match &mut self.heartbeat {
                    Some(heartbeat) => heartbeat.await,
                    None => pending().await,
                }
            };
            tokio::select! {
                notification = self.connection.try_recv() => {
                    let notification = notification.map_err(|error| Disconnected(Some(error)))?.ok_or(Disconnected(None))?;
                    if let Some(received) = self.understand(&notification) {
                        return Ok(received);
                    }
                }
                () = heartbeat => self.heartbeat = None,
                () = sleep_until(self.due.into()) => {
                    if self.received_at.elapsed() > self.every + 2 * HEARTBEAT_TIMEOUT {
                        return Err(Disconnected(None));
                    }
                    self.due = Instant::now() + self.every;
                    if self.heartbeat.is_none() {
                        self.send_heartbeat();
                    }
                }
            }
        }
    }

    fn understand(&mut self, notification: &PgNotification) -> Option<Notification> {
        let payload = notification.payload();
        if notification.channel() == self.channel {
            let (number, sent) = self.last;
            self.received_at = Instant::now();
            return (payload.parse() == Ok(number)).then_some(Notification::Heartbeat { sent });
        }
        if payload == ALL {
            return Some(Notification::Everything);
        }
        if let Some(user) = payload.strip_prefix(USER) {
            return user.parse().ok().map(Notification::User);
        }
        Some(Notification::Sessions(payload.split(',').filter_map(|id| id.parse().ok()).collect()))
    }

    fn send_heartbeat(&mut self) {
        self.last = (self.last.0 + 1, Instant::now());
        let (db, channel, number) = (self.db.clone(), self.channel.clone(), self.last.0.to_string());
        self.heartbeat = Some(Box::pin(async move {
            // One that cannot be sent does not come back, which is what counts.
            let _ = timeout(HEARTBEAT_TIMEOUT, async { notify(&db, &channel, &number).await }).await;
        }));
    }
}

async fn notify(db: &Db, channel: &str, payload: &str) -> Result<(), crate::store::StoreError> {
    // A heartbeat that a crash of the server loses is no loss.
    sqlx::query!("select set_config('synchronous_commit', 'off', true), pg_notify($1, $2)::text", channel, payload)
        .fetch_one(&mut *db.acquire().await?)
        .await?;
    Ok(())
}
