//! Ends the sessions in which administrators act in others' places, where the configuration does not let them any more.

use std::time::Duration;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::{
    jobs::statement::{cause, in_time},
    store::{Db, StoreError, sessions::impersonation},
    tasks::{Tasks, backoff},
};

/// Is the wait before the next attempt where the database does not answer.
const RETRY: Duration = Duration::from_secs(1);

/// Ends them all, once, as soon as the database answers. A configuration with it turned off is either new, and then takes
/// the power away at once, or finds nothing to end.
pub fn end_impersonations(db: Db, tasks: &Tasks, shutdown: &CancellationToken) {
    let until = shutdown.clone();
    tasks.supervise("end_impersonations", shutdown, move || {
        let (db, until) = (db.clone(), until.clone());
        async move {
            until.run_until_cancelled(end_all(&db)).await;
        }
    });
}

async fn end_all(db: &Db) {
    loop {
        match in_time(delete(db)).await {
            Ok(0) => return,
            Ok(count) => {
                tracing::info!(count, "impersonation is off: the sessions in others' places were ended");
                return;
            }
            Err(error) => {
                tracing::debug!(%error, error.cause = cause(&error), "impersonations stay for now");
                sleep(backoff::jittered(RETRY, backoff::random())).await;
            }
        }
    }
}

async fn delete(db: &Db) -> Result<u64, StoreError> {
    impersonation::delete_all(&mut *db.acquire().await?).await
}
