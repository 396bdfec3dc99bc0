//! Tells administrators how this process is: its database, its tasks, the upstreams, the mail that waits, and the
//! configuration in force. No secret is among it.

use std::time::{Duration, Instant};

use serde_json::json;
use time::OffsetDateTime;

use crate::{
    auth::{
        Auth,
        admin::administration::{Administration, AdministrationError},
    },
    observe::UpstreamState,
    store::{audit::Event, find_server_version},
};

/// Tells how the process is.
#[derive(Debug)]
pub struct Health {
    pub database_version: String,
    /// Is how long the database took for a question.
    pub database_took: Duration,
    /// Counts open connections, idle ones, and how many there may be.
    pub connections: (u32, usize, u32),
    /// Lists the tasks that do not run.
    pub stopped_tasks: Vec<&'static str>,
    pub upstreams: Vec<UpstreamState>,
    /// Counts the messages that wait, and is the age of the oldest in seconds.
    pub mail: (i64, i64),
    /// Is when the configuration in force was taken over.
    pub configured_at: OffsetDateTime,
    /// Is false where a later one was not taken over, because it is invalid.
    pub is_newest_configuration: bool,
}

/// Finds out how the process is.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn view_health(
    administration: &Administration,
    auth: &Auth,
    now: OffsetDateTime,
) -> Result<Health, AdministrationError> {
    let mut connection = auth.db.acquire().await?;
    let asked = Instant::now();
    let database_version = find_server_version(&mut connection).await?;
    let database_took = asked.elapsed();
    administration.record(&mut connection, Event::HealthViewed, None, json!({}), now).await?;
    let (open, idle) = auth.db.connections();
    let metrics = &auth.metrics;
    let configured_at = OffsetDateTime::from_unix_timestamp(metrics.config_reload_timestamp.get()).unwrap_or(now);
    Ok(Health {
        database_version,
        database_took,
        connections: (open, idle, auth.db.max_connections()),
        stopped_tasks: auth.instance.tasks.gone(),
        upstreams: metrics.upstreams(),
        mail: (metrics.outbox_depth.get(), metrics.outbox_oldest.get()),
        configured_at,
        is_newest_configuration: metrics.config_reload_success.get() == 1,
    })
}
