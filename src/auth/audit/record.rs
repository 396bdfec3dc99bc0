//! Writes audit records of the flows, with the client that caused them.

use sqlx::PgConnection;

use crate::{
    auth::{Client, Flow},
    store::{
        StoreError,
        audit::{self, Entry, Event, Outcome},
    },
    types::UserId,
};

/// Appends an entry in the transaction of its cause.
pub(crate) async fn record(
    flow: Flow<'_>,
    connection: &mut PgConnection,
    (event, outcome): (Event, Outcome),
    user_id: Option<&UserId>,
) -> Result<(), StoreError> {
    audit::insert(connection, &entry((event, outcome), user_id, flow.client, serde_json::json!({})), flow.now).await
}

/// Does the same with what the event is about.
pub(crate) async fn record_about(
    flow: Flow<'_>,
    connection: &mut PgConnection,
    what: (Event, Outcome),
    user_id: Option<&UserId>,
    detail: serde_json::Value,
) -> Result<(), StoreError> {
    audit::insert(connection, &entry(what, user_id, flow.client, detail), flow.now).await
}

/// Appends an entry for a flow that changed nothing, on a connection of its own: the flow's transaction is rolled back.
pub(crate) async fn record_failure(
    flow: Flow<'_>,
    what: (Event, Outcome),
    user_id: Option<&UserId>,
) -> Result<(), StoreError> {
    let mut connection = flow.auth.db.acquire().await?;
    record(flow, &mut connection, what, user_id).await
}

/// Does the same as [`record`] for what happened through a provider.
pub(crate) async fn record_provider(
    flow: Flow<'_>,
    connection: &mut PgConnection,
    what: (Event, Outcome),
    user_id: Option<&UserId>,
    provider: &str,
) -> Result<(), StoreError> {
    let detail = serde_json::json!({ "provider": provider });
    audit::insert(connection, &entry(what, user_id, flow.client, detail), flow.now).await
}

fn entry<'a>(
    (event, outcome): (Event, Outcome),
    user_id: Option<&'a UserId>,
    client: &'a Client,
    detail: serde_json::Value,
) -> Entry<'a> {
    Entry { event, outcome, user_id, cause: client.cause(), detail }
}
