//! Runs migrations of the schema `auth`, and tells whether a database is new enough to serve from.

use std::{error::Error, time::Duration};

use sqlx::{
    AssertSqlSafe, Connection, PgConnection,
    migrate::{Migrate, MigrateError, Migration, Migrator},
};
use tokio::time::sleep;

use crate::store::retry::sql_state;

/// The bookkeeping lives in `auth` too: `public` belongs to the backend.
const TABLE: &str = "auth.schema_migrations";
/// A migration waits for each lock for this long: everybody who needs the table queues behind it for so long. This is
/// longer than the second (`deadlock_timeout`) after which PostgreSQL sends an autovacuum away that is in the way.
const LOCK_TIMEOUT: &str = "1500ms";
/// A process waits this long at a time for the lock that migrations run under. It is shorter than that second: an index
/// that is built concurrently waits for all who wait for it, which would be a deadlock.
const TURN_TIMEOUT: &str = "300ms";
/// This much time passes between two attempts, so that whoever queued gets through.
const RETRY_PAUSE: Duration = Duration::from_secs(1);
/// Limits the attempts at one migration to some minutes.
const MAX_ATTEMPTS: u32 = 120;
/// A process that waits for its turn says so again after as many attempts, which is about every half a minute.
const TURNS_PER_LINE: u64 = 24;

/// Describes what a database lacks, or has too much of.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    #[error("the database lacks {0} migration(s): run `authgate migrate`, or start with `--migrate`")]
    Older(usize),
    #[error("could not read the database's schema version")]
    Read(#[source] sqlx::Error),
    #[error("a migration failed; nothing of it was applied")]
    Migrate(#[from] MigrateError),
    #[error(
        "a migration did not get its locks in {MAX_ATTEMPTS} attempts; nothing of it was applied. pg_stat_activity shows \
         which transaction has been open for long"
    )]
    Locked(#[source] MigrateError),
}

fn migrator() -> Migrator {
    let mut migrator = sqlx::migrate!();
    migrator.dangerous_set_table_name(TABLE);
    migrator.create_schema("auth");
    // A newer release may have added some already, while this one is still being replaced.
    migrator.set_ignore_missing(true);
    // The lock is taken here, since the migrator would wait for it without a limit.
    migrator.set_locking(false);
    migrator
}

/// Applies what is missing, one replica at a time (advisory lock, so the connection must not go through a transaction
/// pooler). Waits for locks a moment at a time, so that nobody queues behind it for long, and tells `waiting` so.
/// Returns how many were applied.
pub async fn migrate(connection: &mut PgConnection, waiting: &(dyn Fn(&str) + Sync)) -> Result<usize, SchemaError> {
    if count_missing(connection).await? == 0 {
        return Ok(0);
    }
    // Index builds may take longer than a statement of the gateway's own is allowed to.
    set(connection, "statement_timeout", "0").await?;
    set(connection, "lock_timeout", TURN_TIMEOUT).await?;
    take_turn(waiting, async || connection.lock().await).await?;
    let applied = apply_missing(connection, waiting).await;
    let unlocked = connection.unlock().await;
    // Both failed where the connection broke, and the first tells why. The lock ends with the connection as well.
    let applied = applied?;
    unlocked?;
    Ok(applied)
}

/// Waits until no other process migrates, however long that one takes: it may be building indexes on large tables.
async fn take_turn(
    waiting: &(dyn Fn(&str) + Sync),
    mut lock: impl AsyncFnMut() -> Result<(), MigrateError>,
) -> Result<(), SchemaError> {
    let mut attempts = 0_u64;
    while let Err(error) = lock().await {
        if !is_locked(&error) {
            return Err(error.into());
        }
        if attempts.is_multiple_of(TURNS_PER_LINE) {
            waiting("another process is migrating the database");
        }
        attempts += 1;
        sleep(RETRY_PAUSE).await;
    }
    Ok(())
}

async fn apply_missing(connection: &mut PgConnection, waiting: &(dyn Fn(&str) + Sync)) -> Result<usize, SchemaError> {
    let migrator = migrator();
    let missing = list_missing(connection, &migrator).await?;
    for migration in &missing {
        let what = format!("migration {} waits for a lock that another transaction holds", migration.version);
        patiently(waiting, &what, async || apply(connection, &migrator, migration).await).await?;
    }
    Ok(missing.len())
}

async fn apply(connection: &mut PgConnection, migrator: &Migrator, migration: &Migration) -> Result<(), MigrateError> {
    // What runs outside of a transaction builds an index concurrently: nobody queues behind it, and it has to wait for
    // every transaction that is older, however long that takes.
    set(connection, "lock_timeout", if migration.no_tx { "0" } else { LOCK_TIMEOUT }).await?;
    if migration.no_tx {
        drop_half_built(connection, migration).await?;
    }
    migrator.run_direct(Some(migration.version), connection, false).await
}

/// An index whose concurrent build failed stays behind, invalid and in the way of another attempt.
async fn drop_half_built(connection: &mut PgConnection, migration: &Migration) -> Result<(), sqlx::Error> {
    // This is not a checked macro: it only reads the catalogue.
    let invalid: Vec<String> = sqlx::query_scalar(
        "select c.relname::text from pg_index i join pg_class c on c.oid = i.indexrelid
         where c.relnamespace = 'auth'::regnamespace and not i.indisvalid",
    )
    .fetch_all(&mut *connection)
    .await?;
    for name in invalid.iter().filter(|name| migration.sql.as_str().contains(&***name)) {
        let sql = format!("drop index concurrently if exists auth.\"{name}\"");
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *connection).await?;
    }
    Ok(())
}

/// Retries what failed for want of a lock.
async fn patiently(
    waiting: &(dyn Fn(&str) + Sync),
    what: &str,
    mut attempt: impl AsyncFnMut() -> Result<(), MigrateError>,
) -> Result<(), SchemaError> {
    let mut attempts = 1;
    loop {
        match attempt().await {
            Err(error) if is_locked(&error) && attempts == MAX_ATTEMPTS => return Err(SchemaError::Locked(error)),
            Err(error) if is_locked(&error) => {
                waiting(what);
                attempts += 1;
                sleep(RETRY_PAUSE).await;
            }
            done => return Ok(done?),
        }
    }
}

/// Recognises `lock_not_available` and `deadlock_detected`.
fn is_locked(error: &(dyn Error + 'static)) -> bool {
    sql_state(error).is_some_and(|code| matches!(&*code, "55P03" | "40P01"))
}

/// Fails when the database lacks a migration that this binary knows.
pub async fn check(connection: &mut PgConnection) -> Result<(), SchemaError> {
    match count_missing(connection).await? {
        0 => Ok(()),
        missing => Err(SchemaError::Older(missing)),
    }
}

async fn count_missing(connection: &mut PgConnection) -> Result<usize, SchemaError> {
    Ok(list_missing(connection, &migrator()).await?.len())
}

async fn list_missing(connection: &mut PgConnection, migrator: &Migrator) -> Result<Vec<Migration>, SchemaError> {
    let mut transaction = connection.begin().await.map_err(SchemaError::Read)?;
    let exists = sqlx::query_scalar!("select to_regclass($1) is not null as \"exists!\"", TABLE)
        .fetch_one(&mut *transaction)
        .await
        .map_err(SchemaError::Read)?;
    let applied = if exists {
        // This is not a checked macro: the table is made by the migrator itself.
        sqlx::query_scalar::<_, i64>("select version from auth.schema_migrations where success")
            .fetch_all(&mut *transaction)
            .await
            .map_err(SchemaError::Read)?
    } else {
        Vec::new()
    };
    Ok(migrator.iter().filter(|migration| !applied.contains(&migration.version)).cloned().collect())
}

async fn set(connection: &mut PgConnection, name: &str, value: &str) -> Result<(), MigrateError> {
    sqlx::query!("select set_config($1, $2, false)", name, value).fetch_one(&mut *connection).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::{
        borrow::Cow,
        fmt,
        sync::atomic::{AtomicU64, Ordering},
    };

    use sqlx::error::{DatabaseError, ErrorKind};

    use super::*;

    /// Is what PostgreSQL says when a lock was not to be had in time.
    #[derive(Debug)]
    struct NotAvailable;

    impl fmt::Display for NotAvailable {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("canceling statement due to lock timeout")
        }
    }

    impl Error for NotAvailable {}

    impl DatabaseError for NotAvailable {
        fn message(&self) -> &'static str {
            "canceling statement due to lock timeout"
        }

        fn code(&self) -> Option<Cow<'_, str>> {
            Some("55P03".into())
        }

        fn as_error(&self) -> &(dyn Error + Send + Sync + 'static) {
            self
        }

        fn as_error_mut(&mut self) -> &mut (dyn Error + Send + Sync + 'static) {
            self
        }

        fn into_error(self: Box<Self>) -> Box<dyn Error + Send + Sync + 'static> {
            self
        }

        fn kind(&self) -> ErrorKind {
            ErrorKind::Other
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_turn_to_migrate_is_waited_for_without_end_and_a_lock_is_not() {
        let (lines, mut attempts) = (AtomicU64::new(0), 0);
        let waiting = |_: &str| {
            lines.fetch_add(1, Ordering::Relaxed);
        };
        let busy = async || {
            attempts += 1;
            if attempts > 1000 { Ok(()) } else { Err(sqlx::Error::Database(Box::new(NotAvailable)).into()) }
        };
        take_turn(&waiting, busy).await.unwrap();
        assert_eq!(lines.load(Ordering::Relaxed), 1000_u64.div_ceil(TURNS_PER_LINE));
        let locked = async || Err(sqlx::Error::Database(Box::new(NotAvailable)).into());
        let ended = patiently(&waiting, "x", locked).await;
        assert!(matches!(ended, Err(SchemaError::Locked(_))), "{ended:?}");
    }
}
