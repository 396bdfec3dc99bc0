//! Runs statements with a limit on their time.

use std::{error::Error as _, time::Duration};

use tokio::time::timeout;

use crate::store::StoreError;

/// One statement may take this long: two seconds for a connection, ten that the server gives it, and one for the way.
/// Whoever gives up before the server does cannot know whether the statement took effect.
const DATABASE_TIMEOUT: Duration = Duration::from_secs(13);

/// Fails a statement that does not answer in time as an outage: a peer that is gone without a word is not noticed by
/// the server's own time limit.
pub(crate) async fn in_time<T>(statement: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    timeout(DATABASE_TIMEOUT, statement).await.unwrap_or(Err(StoreError::Unavailable(sqlx::Error::PoolTimedOut)))
}

/// Returns what is behind a failed statement, for the log.
pub(crate) fn cause(error: &StoreError) -> Option<String> {
    error.source().map(ToString::to_string)
}
