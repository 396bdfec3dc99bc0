//! Running a flow again whose transaction PostgreSQL ended for another one's sake.

use std::{borrow::Cow, error::Error};

/// Runs a flow, and runs it once more when PostgreSQL broke its transaction off to let another one go on: a deadlock
/// (40P01) or a conflict of serializable transactions (40001). Nothing of the first run is left then, so `flow` must be
/// a transaction from its begin to its commit, with every effect of it inside: mail goes through the outbox, attempts are
/// counted before, wake-ups come after. A second break is the caller's to tell, as an outage.
pub async fn retry_once<T, E, F>(mut flow: impl FnMut() -> F) -> Result<T, E>
where
    F: Future<Output = Result<T, E>>,
    E: Error + 'static,
{
    match flow().await {
        Err(error) if was_broken_off(&error) => {
            tracing::warn!(
                error = &error as &dyn Error,
                "a transaction was broken off for another one's sake and is run again"
            );
            flow().await
        }
        done => done,
    }
}

fn was_broken_off(error: &(dyn Error + 'static)) -> bool {
    sql_state(error).is_some_and(|code| is_broken_off(&code))
}

/// The code of PostgreSQL's own error, under whatever was made of it.
pub(super) fn sql_state<'a>(error: &'a (dyn Error + 'static)) -> Option<Cow<'a, str>> {
    std::iter::successors(Some(error), |&error| error.source())
        .find_map(|error| error.downcast_ref::<sqlx::Error>()?.as_database_error()?.code())
}

/// `deadlock_detected` and `serialization_failure`.
pub(super) fn is_broken_off(code: &str) -> bool {
    matches!(code, "40P01" | "40001")
}
