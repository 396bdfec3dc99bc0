//! Running a flow again whose transaction PostgreSQL ended for another one's sake.

use std::error::Error;

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

/// Looks for PostgreSQL's own error under whatever the flow made of it.
fn was_broken_off(error: &(dyn Error + 'static)) -> bool {
    std::iter::successors(Some(error), |&error| error.source()).any(|error| {
        let code = error.downcast_ref::<sqlx::Error>().and_then(|error| error.as_database_error()?.code());
        code.is_some_and(|code| is_broken_off(&code))
    })
}

/// `deadlock_detected` and `serialization_failure`.
pub(super) fn is_broken_off(code: &str) -> bool {
    matches!(code, "40P01" | "40001")
}
