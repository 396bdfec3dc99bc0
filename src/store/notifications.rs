//! What the database's triggers tell of: sessions that ended or whose user changed.

use std::time::Duration;

use sqlx::{
    Executor,
    postgres::{PgListener, PgPoolOptions},
};
use tokio::time::timeout;

use crate::types::{Secret, SessionId};

use super::connect_options;

const CHANNEL: &str = "authgate_sessions";
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// A connection that has been silent for so long is asked whether it lives.
const SILENCE: Duration = Duration::from_secs(10);
const PING_TIMEOUT: Duration = Duration::from_secs(3);

/// Notifications may have been missed since the last one. Everything has to be looked at again, on a new [`Listener`].
#[derive(Debug, thiserror::Error)]
#[error("the connection for notifications was lost")]
pub struct Gap(#[source] pub Option<sqlx::Error>);

/// One connection that listens. Whatever is committed after [`Listener::connect`] returned is told.
#[derive(Debug)]
pub struct Listener(PgListener);

impl Listener {
    /// Past any pooler: a pooled connection listens for somebody else too.
    pub async fn connect(direct_url: &Secret) -> Result<Self, Gap> {
        let connect = async {
            let pool = PgPoolOptions::new()
                .max_connections(1)
                .max_lifetime(None)
                .idle_timeout(None)
                .connect_with(connect_options(direct_url)?)
                .await?;
            let mut listener = PgListener::connect_with(&pool).await?;
            // After a gap a new listener is made, so that none goes unnoticed.
            listener.eager_reconnect(false);
            listener.listen(CHANNEL).await?;
            Ok::<_, sqlx::Error>(Self(listener))
        };
        timeout(CONNECT_TIMEOUT, connect).await.map_err(|_| Gap(None))?.map_err(|error| Gap(Some(error)))
    }

    /// The next sessions to look at. Nothing is lost when the future is dropped.
    pub async fn next(&mut self) -> Result<Vec<SessionId>, Gap> {
        loop {
            match timeout(SILENCE, self.0.try_recv()).await {
                Ok(Ok(Some(notification))) => {
                    return Ok(notification.payload().split(',').filter_map(|id| id.parse().ok()).collect());
                }
                Ok(Ok(None)) => return Err(Gap(None)),
                Ok(Err(error)) => return Err(Gap(Some(error))),
                Err(_) => {
                    let ping = timeout(PING_TIMEOUT, self.0.execute("select 1")).await;
                    ping.map_err(|_| Gap(None))?.map_err(|error| Gap(Some(error)))?;
                }
            }
        }
    }
}
