//! Holds all the SQL, as modules of plain functions on a connection, one statement each; the flows in `auth` and `jobs`
//! own the transactions.
//!
//! # The order of locks
//!
//! A transaction that writes more than one row about a user locks the user's row first ([`users::find_locked`],
//! [`users::find_locked_for_sign_in`], [`users::admin::find_id_for_update`]), always `for update`, so that no lock
//! grows later. Where two users are concerned, both rows are locked by one statement in the order of their ids. What
//! changes an organization or who is in it locks the organization's row next ([`organizations::find_locked`]).
//! Everything that hangs on the user (accounts, sessions, one-time tokens, devices, counters) is then touched by one
//! transaction at a time, in any order. Statements that run without the user's lock either touch a single row and
//! nothing after it, or pass over rows that are locked (`skip locked`: sweeps, the activity of sessions, the claims of
//! the outbox). What cannot be foreseen, such as an operator's own SQL, is caught by [`retry_once`].

pub mod api_keys;
pub mod audit;
pub mod audit_search;
mod error;
pub mod exports;
pub mod imports;
pub mod notifications;
pub mod organizations;
pub mod outbox;
pub mod outbox_search;
pub mod passkeys;
pub mod rate_limits;
mod retry;
pub mod schema;
mod server_version;
pub mod sessions;
pub mod sweep;
mod timestamp;
pub mod two_factor;
mod tx;
pub mod users;
pub mod verifications;

use std::{
    io,
    net::IpAddr,
    ops::{Deref, DerefMut},
    sync::Arc,
    time::Duration,
};

use sqlx::{
    PgConnection, PgPool, Postgres,
    postgres::{PgConnectOptions, PgPoolOptions, PgSslMode},
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use crate::types::Secret;

pub use error::{Constraint, StoreError};
pub use retry::retry_once;
pub use server_version::find_server_version;
pub use timestamp::Timestamp;
pub use tx::Tx;

/// Holds `database:` of gateway.yaml.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Is `postgres://user:password@host:port/database`; it holds the password.
    pub url: Secret,
    /// Leads past a pooler, for migrations, locks and LISTEN; it is the same as `url` where none is configured.
    pub direct_url: Secret,
    /// Limits the connections of this process's pool, 1 to 1000.
    pub max_connections: u32,
    /// Says what stands between.
    pub pooler: Pooler,
}

/// Says what stands between AuthGate and PostgreSQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Pooler {
    /// Means that nothing does.
    #[default]
    None,
    /// Is a transaction pooler that follows prepared statements, such as PgBouncer from 1.21 on or Neon's pooled
    /// address.
    Transaction,
}

/// Tells how long a flow waits for a connection, or for the begin of a transaction, before the answer is 503 (DOS-06).
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(2);

/// Is the pool that the flows draw from. A connection is asked before use, so that a restart or a fail-over of
/// PostgreSQL goes unnoticed; beside a password hash that round trip is nothing, and the session check has connections
/// of its own.
#[derive(Debug, Clone)]
pub struct Db {
    pool: PgPool,
    /// Holds as many as there can be connections: beyond these nobody waits inside the pool, where each keeps fourteen
    /// kilobytes, but for a permit, which takes a hundred bytes.
    permits: Arc<Semaphore>,
    /// Holds a quarter of them.
    content_permits: Arc<Semaphore>,
}

/// Is a connection that [`Db::acquire_for_content`] lent.
#[derive(Debug)]
pub struct ContentConnection {
    connection: sqlx::pool::PoolConnection<Postgres>,
    _permit: OwnedSemaphorePermit,
}

impl Deref for ContentConnection {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.connection
    }
}

impl DerefMut for ContentConnection {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.connection
    }
}

impl Db {
    /// Makes a pool that connects when first used, in the runtime that this is called in. Fails only on a malformed
    /// URL.
    pub fn connect_lazy(settings: &Settings) -> Result<Self, sqlx::Error> {
        let pool = PgPoolOptions::new()
            .max_connections(settings.max_connections)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .idle_timeout(Duration::from_mins(10))
            .max_lifetime(Duration::from_mins(30))
            .after_connect(|connection, _| Box::pin(expect_primary(connection)))
            .test_before_acquire(false)
            .before_acquire(|connection, metadata| {
                let is_stale = retry::may_hold_stale_statements(metadata.age);
                Box::pin(async move { Ok(!is_stale && is_primary(connection).await?) })
            })
            .connect_lazy_with(settings.pooler.options(connect_options(&settings.url)?, &FOR_FLOWS));
        let connections = settings.max_connections.min(1000) as usize;
        let permits = Arc::new(Semaphore::new(connections));
        let content_permits = Arc::new(Semaphore::new((connections / 4).max(1)));
        Ok(Self { pool, permits, content_permits })
    }

    /// Begins a transaction, which is rolled back when dropped uncommitted.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        self.with_permit(|| self.pool.begin()).await.map(Tx::new)
    }

    /// Takes a connection for single statements.
    pub async fn acquire(&self) -> Result<sqlx::pool::PoolConnection<Postgres>, StoreError> {
        self.with_permit(|| self.pool.acquire()).await
    }

    /// The pool's future is made once there is a permit, and is no part of the flow's, which waits for a hash later.
    async fn with_permit<T, F>(&self, take: impl FnOnce() -> F) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, sqlx::Error>>,
    {
        let taken = timeout(ACQUIRE_TIMEOUT, async {
            let _permit = self.permits.acquire().await.map_err(|_| sqlx::Error::PoolClosed)?;
            Box::pin(take()).await
        });
        Ok(taken.await.unwrap_or(Err(sqlx::Error::PoolTimedOut))?)
    }

    /// Takes a connection to read what may be large and anybody may ask for. Only some of the connections are for that,
    /// so that it never keeps the flows from theirs.
    pub async fn acquire_for_content(&self) -> Result<ContentConnection, StoreError> {
        let permit = timeout(ACQUIRE_TIMEOUT, Arc::clone(&self.content_permits).acquire_owned()).await;
        let permit = permit.map_err(|_| sqlx::Error::PoolTimedOut)?.map_err(|_| sqlx::Error::PoolClosed)?;
        Ok(ContentConnection { connection: self.acquire().await?, _permit: permit })
    }

    /// Returns when the database responds, for readiness.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let mut connection = self.acquire().await?;
        sqlx::query!(r#"select 1 as "one!""#).fetch_one(&mut *connection).await?;
        Ok(())
    }

    /// Counts the open connections, and how many of them are idle.
    #[must_use]
    pub fn connections(&self) -> (u32, usize) {
        (self.pool.size(), self.pool.num_idle())
    }

    /// Returns how many connections there may be.
    #[must_use]
    pub fn max_connections(&self) -> u32 {
        self.pool.options().get_max_connections()
    }

    /// Closes every connection, waiting for those in use.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// These are settings of every connection that does not go through a pooler. The server may end idle sessions, but not
/// those that wait here for what seldom comes. A client that has gone without a word, with its locks, is found out in
/// half a minute.
const FOR_ALL: [(&str, &str); 5] = [
    ("idle_session_timeout", "0"),
    ("tcp_keepalives_idle", "15s"),
    ("tcp_keepalives_interval", "5s"),
    ("tcp_keepalives_count", "3"),
    ("tcp_user_timeout", "20s"),
];

/// These are settings of connections for flows. A flow waits for nothing but the database while a transaction is open,
/// so that one which is idle belongs to a process that is stopped or starved: it lets go of its locks before whoever
/// waits for them gives up.
const FOR_FLOWS: [(&str, &str); 3] =
    [("statement_timeout", "10s"), ("lock_timeout", "7s"), ("idle_in_transaction_session_timeout", "5s")];

/// These are settings of connections for session checks. Nobody waits for an answer for longer than two seconds.
/// PostgreSQL takes a list of unknown length for ten tokens, so it would plan the look-up of fewer anew each time, at
/// twice the price of the look-up itself (docs/performance.md). The one plan has to be by index, also where it was made
/// while the tables were small.
const FOR_CHECKS: [(&str, &str); 3] =
    [("statement_timeout", "2s"), ("plan_cache_mode", "force_generic_plan"), ("enable_seqscan", "off")];

impl Pooler {
    /// Sends settings at the start of a connection. Behind a pooler they are for the role to have (docs/scaling.md): it
    /// takes no setting but those that it restores on each connection it lends.
    fn options(self, options: PgConnectOptions, settings: &[(&str, &str)]) -> PgConnectOptions {
        match self {
            Self::None => options.options(FOR_ALL).options(settings.iter().copied()),
            Self::Transaction => options.extra_float_digits(None),
        }
    }
}

/// Opens one connection outside the pool to the server itself, as migrations hold it. Never to a standby.
pub async fn connect(url: &Secret) -> Result<PgConnection, sqlx::Error> {
    let options = Pooler::None.options(connect_options(url)?, &FOR_FLOWS);
    connect_with(options.application_name("authgate migrations")).await
}

/// Opens one connection outside the pool that reads for as long as it takes, and changes nothing.
pub async fn connect_to_read(url: &Secret) -> Result<PgConnection, sqlx::Error> {
    let settings = [("default_transaction_read_only", "on"), ("TimeZone", "UTC"), ("DateStyle", "ISO")];
    let options = connect_options(url)?.application_name("authgate reader").options(settings);
    sqlx::ConnectOptions::connect(&options).await
}

/// Opens one connection outside the pool, for session checks and nothing else. Never to a standby.
pub async fn connect_for_checks(settings: &Settings) -> Result<PgConnection, sqlx::Error> {
    connect_with(settings.pooler.options(connect_options(&settings.url)?, &FOR_CHECKS)).await
}

/// Tells how a connection listens: past any pooler, and for as long as it takes.
fn listen_options(direct_url: &Secret) -> Result<PgConnectOptions, sqlx::Error> {
    Ok(Pooler::None.options(connect_options(direct_url)?, &[]).application_name("authgate notifications"))
}

async fn connect_with(options: PgConnectOptions) -> Result<PgConnection, sqlx::Error> {
    let mut connection = sqlx::ConnectOptions::connect(&options).await?;
    expect_primary(&mut connection).await?;
    Ok(connection)
}

/// Tells whether the server takes writes. A standby is behind by an unknown time: a session that it shows may have
/// ended, and what it is told is refused. The same rule as libpq's `target_session_attrs=read-write`.
async fn is_primary(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(r#"select current_setting('transaction_read_only') = 'off' as "is_primary!""#)
        .fetch_one(connection)
        .await
}

async fn expect_primary(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    if is_primary(connection).await? {
        Ok(())
    } else {
        Err(sqlx::Error::Io(io::Error::other("the server is a standby or read-only")))
    }
}

/// Every connection names itself. Where nothing is said of TLS, a server elsewhere has to prove who it is (SECR-04):
/// the driver's own default goes on in plaintext where somebody on the way says that the server has no TLS.
fn connect_options(url: &Secret) -> Result<PgConnectOptions, sqlx::Error> {
    let mut options: PgConnectOptions = url.expose().parse()?;
    let is_said = url::Url::parse(url.expose())
        .is_ok_and(|url| url.query_pairs().any(|(key, _)| matches!(&*key, "sslmode" | "ssl-mode")));
    if matches!(options.get_ssl_mode(), PgSslMode::Prefer) && !is_said && !is_here(&options) {
        options = options.ssl_mode(PgSslMode::VerifyFull);
    }
    Ok(options.application_name("authgate"))
}

/// Tells whether what is said to the server stays on this machine.
fn is_here(options: &PgConnectOptions) -> bool {
    let host = options.get_host().trim_start_matches('[').trim_end_matches(']');
    options.get_socket().is_some()
        || host.starts_with('/')
        || host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_elsewhere_proves_who_it_is_unless_told_otherwise() {
        for (url, is_verified) in [
            ("postgres://app@db.example.com/auth", true),
            ("postgres://app:sslmode=disable@db/auth?application_name=x", true),
            ("postgres://app@10.0.0.5:6432/auth", true),
            ("postgres://app@db.example.com/auth?sslmode=verify-full", true),
            ("postgres://app@db.example.com/auth?sslmode=prefer", false),
            ("postgres://app@db.example.com/auth?sslmode=require", false),
            ("postgres://app@db.example.com/auth?sslmode=disable", false),
            ("postgres://app@localhost:5432/auth", false),
            ("postgres://app@127.0.0.1/auth", false),
            ("postgres://app@[::1]/auth", false),
            ("postgres://app@localhost/auth?host=/run/postgresql", false),
            ("postgres://app@%2Frun%2Fpostgresql/auth", false),
        ] {
            let mode = connect_options(&Secret::new(url.to_owned())).unwrap().get_ssl_mode();
            assert_eq!(matches!(mode, PgSslMode::VerifyFull), is_verified, "{url}: {mode:?}");
        }
    }
}
