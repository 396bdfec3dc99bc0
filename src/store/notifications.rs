//! What the database's triggers tell of: sessions that ended or whose user changed.

use std::time::{Duration, Instant};

use sqlx::{
    Executor,
    postgres::{PgListener, PgNotification, PgPoolOptions},
};
use tokio::time::timeout;

use crate::types::{Secret, SessionId};

use super::connect_options;

const CHANNEL: &str = "authgate_sessions";
/// What is told when all sessions are gone at once.
const ALL: &str = "*";
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// A beat that the server does not take within this time ends the connection.
const BEAT_TIMEOUT: Duration = Duration::from_secs(3);

/// Notifications may have been missed since the last one. Everything has to be looked at again, on a new [`Listener`].
#[derive(Debug, thiserror::Error)]
#[error("the connection for notifications was lost")]
pub struct Gap(#[source] pub Option<sqlx::Error>);

/// What a [`Listener`] was told. In the order of the commits.
#[derive(Debug)]
pub enum Heard {
    /// These ended, or they or their user changed.
    Sessions(Vec<SessionId>),
    /// All may have ended.
    Everything,
    /// Its own voice: all that was committed before this time was told before.
    Beat { sent: Instant },
}

/// One connection that listens. Whatever is committed after [`Listener::connect`] returned is told.
#[derive(Debug)]
pub struct Listener {
    connection: PgListener,
    /// Only this connection listens to it.
    beats: String,
    every: Duration,
    due: Instant,
    last: (u64, Instant),
}

impl Listener {
    /// Past any pooler: a pooled connection listens for somebody else too. Sends a beat at once and then `every` so often,
    /// by which a connection that died silently is noticed.
    pub async fn connect(direct_url: &Secret, every: Duration) -> Result<Self, Gap> {
        let connect = async {
            let pool = PgPoolOptions::new()
                .max_connections(1)
                .max_lifetime(None)
                .idle_timeout(None)
                .connect_with(connect_options(direct_url)?.application_name("authgate notifications"))
                .await?;
            let mut connection = PgListener::connect_with(&pool).await?;
            // After a gap a new listener is made, so that none goes unnoticed.
            connection.eager_reconnect(false);
            // A beat that a crash of the server loses is no loss.
            connection.execute("set synchronous_commit = off").await?;
            let beats = format!("authgate_beats_{}", uuid::Uuid::now_v7().simple());
            connection.listen_all([CHANNEL, &beats]).await?;
            let now = Instant::now();
            Ok::<_, sqlx::Error>(Self { connection, beats, every, due: now, last: (0, now) })
        };
        timeout(CONNECT_TIMEOUT, connect).await.map_err(|_| Gap(None))?.map_err(|error| Gap(Some(error)))
    }

    /// What is told next. Nothing is lost when the future is dropped.
    pub async fn next(&mut self) -> Result<Heard, Gap> {
        loop {
            let left = self.due.saturating_duration_since(Instant::now());
            match timeout(left, self.connection.try_recv()).await {
                Ok(Ok(Some(notification))) => {
                    if let Some(heard) = self.understand(&notification) {
                        return Ok(heard);
                    }
                }
                Ok(Ok(None)) => return Err(Gap(None)),
                Ok(Err(error)) => return Err(Gap(Some(error))),
                Err(_) => self.beat().await?,
            }
        }
    }

    fn understand(&self, notification: &PgNotification) -> Option<Heard> {
        let payload = notification.payload();
        if notification.channel() == self.beats {
            let (number, sent) = self.last;
            return (payload.parse() == Ok(number)).then_some(Heard::Beat { sent });
        }
        if payload == ALL {
            return Some(Heard::Everything);
        }
        Some(Heard::Sessions(payload.split(',').filter_map(|id| id.parse().ok()).collect()))
    }

    async fn beat(&mut self) -> Result<(), Gap> {
        let sent = Instant::now();
        self.last = (self.last.0 + 1, sent);
        self.due = sent + self.every;
        let notify = sqlx::query("select pg_notify($1, $2)").bind(&self.beats).bind(self.last.0.to_string());
        let done = timeout(BEAT_TIMEOUT, self.connection.execute(notify)).await;
        done.map_err(|_| Gap(None))?.map_err(|error| Gap(Some(error)))?;
        Ok(())
    }
}
