//! Runs a flow again whose transaction PostgreSQL ended for another one's sake, or for a migration's.

use std::{
    borrow::Cow,
    error::Error,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Runs a flow, and runs it once more when PostgreSQL broke its transaction off to let another one go on: a deadlock
/// (40P01) or a conflict of serializable transactions (40001); or when a migration made its prepared statements useless
/// (0A000), in which case the second run has a new connection. Nothing of the first run is left then, so `flow` must be
/// a transaction from its begin to its commit, with every effect of it inside: mail goes through the outbox, attempts
/// are counted before, wake-ups come after. A second break is the caller's to tell, as an outage.
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

/// Returns the code of PostgreSQL's own error, under whatever was made of it.
pub(crate) fn sql_state<'a>(error: &'a (dyn Error + 'static)) -> Option<Cow<'a, str>> {
    std::iter::successors(Some(error), |&error| error.source())
        .find_map(|error| error.downcast_ref::<sqlx::Error>()?.as_database_error()?.code())
}

/// Recognises `deadlock_detected`, `serialization_failure`, and statements that were prepared before a migration.
pub(crate) fn is_broken_off(code: &str) -> bool {
    matches!(code, "40P01" | "40001") || is_stale_statement(code)
}

/// Recognises `feature_not_supported`: a column of the answer has another type or collation than when the statement was
/// prepared ("cached plan must not change result type"). No statement of ours asks for what PostgreSQL does not have.
pub(crate) fn is_stale_statement(code: &str) -> bool {
    code == "0A000"
}

/// Tells when a statement last turned out to be stale. Whatever connection was open by then may hold more of them.
static LAST_STALE: Mutex<Option<Instant>> = Mutex::new(None);

/// Records that connections of this process hold stale statements.
pub(crate) fn note_stale_statements() {
    *LAST_STALE.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
}

/// Tells whether a connection of this age may hold stale statements, and is to be closed.
pub(crate) fn may_hold_stale_statements(age: Duration) -> bool {
    let last = *LAST_STALE.lock().unwrap_or_else(PoisonError::into_inner);
    last.is_some_and(|last| last.elapsed() <= age)
}
