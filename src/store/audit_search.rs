//! Reads `auth.audit_events` for people: newest or oldest first, page after page. What a page ends with is where the next
//! one goes on, so that no page costs more than another.

use sqlx::{PgConnection, Postgres, QueryBuilder, Row as _, postgres::PgRow};
use time::OffsetDateTime;

use crate::store::{StoreError, Timestamp};

/// Tells which events to read.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Takes those about this account.
    pub user_id: Option<String>,
    /// Takes those that this user caused, or `cli:` and a name.
    pub actor: Option<String>,
    /// Takes those of these names.
    pub events: Vec<String>,
    pub outcome: Option<String>,
    /// Takes those from this time on.
    pub since: Option<OffsetDateTime>,
    /// Takes those before this time.
    pub until: Option<OffsetDateTime>,
    pub is_oldest_first: bool,
    /// Goes on behind this event.
    pub after: Option<AuditCursor>,
}

/// Names the place of an event in the order of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditCursor {
    pub occurred_at: OffsetDateTime,
    pub id: i64,
}

/// Describes an event as it is stored.
#[derive(Debug, Clone)]
pub struct AuditEvent {
    pub id: i64,
    pub occurred_at: OffsetDateTime,
    pub event: String,
    pub outcome: String,
    pub user_id: Option<String>,
    pub actor: Option<String>,
    pub ip_address: String,
    pub user_agent: String,
    pub request_id: Option<String>,
    pub detail: serde_json::Value,
}

impl AuditEvent {
    /// Returns where a page goes on behind this event.
    #[must_use]
    pub fn cursor(&self) -> AuditCursor {
        AuditCursor { occurred_at: self.occurred_at, id: self.id }
    }
}

/// Lists a page of events.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn list(
    connection: &mut PgConnection,
    filter: &AuditFilter,
    limit: i64,
) -> Result<Vec<AuditEvent>, StoreError> {
    let mut query = QueryBuilder::<Postgres>::new(
        "select id, occurred_at, event, outcome, user_id, actor, ip_address, user_agent, request_id, detail
        from auth.audit_events where true",
    );
    let actor = r#"(actor collate "C")"#;
    let equals = [("user_id", &filter.user_id), (actor, &filter.actor), ("outcome", &filter.outcome)];
    for (column, value) in equals {
        if let Some(value) = value {
            query.push(" and ").push(column).push(" = ").push_bind(value.clone());
        }
    }
    if !filter.events.is_empty() {
        query.push(r#" and (event collate "C") = any("#).push_bind(filter.events.clone()).push(")");
    }
    if let Some(since) = filter.since {
        query.push(" and occurred_at >= ").push_bind(since);
    }
    if let Some(until) = filter.until {
        query.push(" and occurred_at < ").push_bind(until);
    }
    let (direction, behind) = if filter.is_oldest_first { ("", " > ") } else { (" desc", " < ") };
    if let Some(AuditCursor { occurred_at, id }) = filter.after {
        query.push(" and (occurred_at, id)").push(behind);
        query.push("(").push_bind(occurred_at).push(", ").push_bind(id).push(")");
    }
    query.push(" order by occurred_at").push(direction).push(", id").push(direction);
    query.push(" limit ").push_bind(limit);
    let rows = query.build().persistent(false).fetch_all(connection).await?;
    rows.iter().map(|row| Ok(event(row)?)).collect()
}

fn event(row: &PgRow) -> Result<AuditEvent, sqlx::Error> {
    Ok(AuditEvent {
        id: row.try_get("id")?,
        occurred_at: row.try_get::<Timestamp, _>("occurred_at")?.into(),
        event: row.try_get("event")?,
        outcome: row.try_get("outcome")?,
        user_id: row.try_get("user_id")?,
        actor: row.try_get("actor")?,
        ip_address: row.try_get("ip_address")?,
        user_agent: row.try_get("user_agent")?,
        request_id: row.try_get("request_id")?,
        detail: row.try_get("detail")?,
    })
}
