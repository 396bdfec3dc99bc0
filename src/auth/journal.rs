//! Journal entries of the flows, with the client that caused them.

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    store::{
        StoreError,
        audit::{self, Cause, Entry, Event, Outcome},
    },
    types::UserId,
};

use super::Client;

/// Appends an entry in the transaction of its cause.
pub(super) async fn record(
    connection: &mut PgConnection,
    (event, outcome): (Event, Outcome),
    user_id: Option<&UserId>,
    client: &Client,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    let entry = Entry {
        event,
        outcome,
        user_id,
        cause: Cause::Request { ip: client.ip, user_agent: &client.user_agent, request_id: &client.request_id },
        detail: serde_json::json!({}),
    };
    audit::insert(connection, &entry, now).await
}

/// Appends what an operator did on the command line.
pub(super) async fn record_operator(
    connection: &mut PgConnection,
    event: Event,
    user_id: &UserId,
    (operator, detail): (&str, serde_json::Value),
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    let cause = Cause::Operator(operator);
    let entry = Entry { event, outcome: Outcome::Success, user_id: Some(user_id), cause, detail };
    audit::insert(connection, &entry, now).await
}
