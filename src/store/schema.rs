//! Migrations of the schema `auth`, and whether a database is new enough to serve from.

use sqlx::{
    Connection, PgConnection,
    migrate::{MigrateError, Migrator},
};

/// The bookkeeping lives in `auth` too: `public` belongs to the backend.
const TABLE: &str = "auth.schema_migrations";

/// What a database lacks, or has too much of.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    #[error("the database lacks {0} migration(s): run `authgate migrate`, or start with `--migrate`")]
    Older(usize),
    #[error("could not read the database's schema version")]
    Read(#[source] sqlx::Error),
    #[error("a migration failed; nothing of it was applied")]
    Migrate(#[from] MigrateError),
}

fn migrator() -> Migrator {
    let mut migrator = sqlx::migrate!();
    migrator.dangerous_set_table_name(TABLE);
    migrator.create_schema("auth");
    // A newer release may have added some already, while this one is still being replaced.
    migrator.set_ignore_missing(true);
    migrator
}

/// Applies what is missing, one replica at a time (advisory lock, so the connection must not go through a transaction
/// pooler). Returns how many were applied.
pub async fn migrate(connection: &mut PgConnection) -> Result<usize, SchemaError> {
    let missing = count_missing(connection).await?;
    if missing > 0 {
        // Index builds may take longer than a statement of the gateway's own is allowed to.
        sqlx::query!("select set_config('statement_timeout', '0', false)")
            .fetch_one(&mut *connection)
            .await
            .map_err(SchemaError::Read)?;
        migrator().run(&mut *connection).await?;
    }
    Ok(missing)
}

/// Fails when the database lacks a migration that this binary knows.
pub async fn check(connection: &mut PgConnection) -> Result<(), SchemaError> {
    match count_missing(connection).await? {
        0 => Ok(()),
        missing => Err(SchemaError::Older(missing)),
    }
}

async fn count_missing(connection: &mut PgConnection) -> Result<usize, SchemaError> {
    let mut transaction = connection.begin().await.map_err(SchemaError::Read)?;
    let exists = sqlx::query_scalar!("select to_regclass($1) is not null as \"exists!\"", TABLE)
        .fetch_one(&mut *transaction)
        .await
        .map_err(SchemaError::Read)?;
    let applied = if exists {
        // Not a checked macro: the table is made by the migrator itself.
        sqlx::query_scalar::<_, i64>("select version from auth.schema_migrations where success")
            .fetch_all(&mut *transaction)
            .await
            .map_err(SchemaError::Read)?
    } else {
        Vec::new()
    };
    Ok(migrator().iter().filter(|migration| !applied.contains(&migration.version)).count())
}
