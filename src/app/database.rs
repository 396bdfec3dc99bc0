//! Checks at start that the database is reachable, and new enough. This goes over a short connection of its own past
//! any pooler.

use std::time::Duration;

use anyhow::{Context, anyhow};
use sqlx::{Connection, PgConnection};
use tokio::time::timeout;
use url::Url;

use crate::{
    app::build_runtime,
    store::{self, Db, Pooler, schema},
    types::Secret,
};

/// Limits the wait for a connection: a database that does not respond at the start is a mistake to be told, not an
/// outage to be waited out: whoever starts the process restarts it.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Rejects a schema older than this binary knows, or brings it up to date.
pub(crate) async fn prepare(settings: &store::Settings, may_migrate: bool) -> anyhow::Result<()> {
    if may_migrate {
        let applied = apply(settings, &|what| tracing::warn!("{what}")).await?;
        if applied > 0 {
            tracing::info!(event = "migrated", migrations = applied, "the database was brought up to date");
        }
        return Ok(());
    }
    let mut connection = connect(&settings.direct_url).await?;
    schema::check(&mut connection).await?;
    close(connection).await;
    Ok(())
}

/// Runs `authgate migrate`: returns how many migrations were applied. `waiting` is told what is waited for.
pub(crate) fn migrate(settings: &store::Settings, waiting: &(dyn Fn(&str) + Sync)) -> anyhow::Result<usize> {
    build_runtime(1)?.block_on(apply(settings, waiting))
}

/// Brings a database up to date, for `authgate dev`.
pub(crate) async fn prepare_database(settings: &store::Settings) -> anyhow::Result<()> {
    prepare(settings, true).await
}

/// Opens one connection to a database that is new enough, past any pooler, for commands that administer.
pub(crate) async fn open_database(settings: &store::Settings) -> anyhow::Result<Db> {
    prepare(settings, false).await?;
    let settings = store::Settings {
        url: settings.direct_url.clone(),
        max_connections: 1,
        pooler: Pooler::None,
        ..settings.clone()
    };
    Db::connect_lazy(&settings).context("database.direct_url")
}

/// Applies what is missing; `waiting` is told what is waited for.
async fn apply(settings: &store::Settings, waiting: &(dyn Fn(&str) + Sync)) -> anyhow::Result<usize> {
    let mut connection = connect(&settings.direct_url).await?;
    let applied = schema::migrate(&mut connection, waiting).await?;
    close(connection).await;
    Ok(applied)
}

async fn connect(url: &Secret) -> anyhow::Result<PgConnection> {
    let database = describe_database(url);
    match timeout(CONNECT_TIMEOUT, store::connect(url)).await {
        Ok(Ok(connection)) => Ok(connection),
        // The server's own words; the rest of this error is about the server's source code.
        Ok(Err(sqlx::Error::Database(error))) => {
            Err(anyhow!("cannot connect to the database {database}: {}", error.message()))
        }
        Ok(Err(error @ sqlx::Error::Tls(_))) => Err(error).with_context(|| {
            format!(
                "cannot connect to the database {database} by TLS, which a database elsewhere has to speak: name its \
                 authority with sslrootcert=FILE in the URL, or say sslmode=disable on a network of your own"
            )
        }),
        Ok(Err(error)) => Err(error).with_context(|| format!("cannot connect to the database {database}")),
        Err(_) => Err(anyhow!("the database {database} did not answer within {} s", CONNECT_TIMEOUT.as_secs())),
    }
}

/// Closes a connection whose results are in; one that does not close nicely is closed by the server.
async fn close(connection: PgConnection) {
    let _ = timeout(Duration::from_secs(1), connection.close()).await;
}

/// Returns the database's name, host and port: what an operator needs to see, without user and password.
pub(crate) fn describe_database(url: &Secret) -> String {
    let Ok(url) = Url::parse(url.expose()) else { return "of database.url".to_owned() };
    let socket = url.query_pairs().find_map(|(key, value)| (key == "host").then(|| value.into_owned()));
    let host = socket.or_else(|| url.host_str().map(str::to_owned)).unwrap_or_default();
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{:?} at {host}{port}", url.path().trim_start_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_description_shows_neither_user_nor_password() {
        for (url, expected) in [
            ("postgres://app:s3cret@db.example.com:6432/auth?sslmode=require", "\"auth\" at db.example.com:6432"),
            ("postgres://app:s3cret@localhost/auth?host=/run/pg", "\"auth\" at /run/pg"),
            ("s3cret", "of database.url"),
        ] {
            assert_eq!(describe_database(&Secret::new(url.to_owned())), expected);
        }
    }
}
