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

/// Lists a page of events. One of the filters drives the query: it stands first in the order too, as a range of one value,
/// which no index but its own serves. With a plain equality the planner would often walk all events in the order of time
/// and filter, through years of others where those asked for are old.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn list(
    connection: &mut PgConnection,
    filter: &AuditFilter,
    limit: i64,
) -> Result<Vec<AuditEvent>, StoreError> {
    let mut query = QueryBuilder::<Postgres>::new("");
    let driver = Driver::choose(filter);
    if driver == Driver::Events {
        // Each name has a range of its own.
        query.push("select found.* from (select distinct unnest(").push_bind(filter.events.clone());
        query.push("::text[]) as event) asked cross join lateral (");
        push_page(&mut query, filter, driver, limit);
        query.push(") found");
        push_order(&mut query, "found.", None, filter, limit);
    } else {
        push_page(&mut query, filter, driver, limit);
    }
    let rows = query.build().persistent(false).fetch_all(connection).await?;
    rows.iter().map(|row| Ok(event(row)?)).collect()
}

/// Names the filter whose index is walked, from the one that usually leaves the fewest events to the one that leaves the
/// most. The other filters apply to what it leaves, or serve instead where the planner knows better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Driver {
    User,
    Actor,
    Events,
    Outcome,
    Time,
}

impl Driver {
    fn choose(filter: &AuditFilter) -> Self {
        match filter {
            AuditFilter { user_id: Some(_), .. } => Self::User,
            AuditFilter { actor: Some(_), .. } => Self::Actor,
            AuditFilter { events, .. } if !events.is_empty() => Self::Events,
            // Most events are successes, so those are not in the index of outcomes.
            AuditFilter { outcome: Some(outcome), .. } if outcome != "success" => Self::Outcome,
            _ => Self::Time,
        }
    }

    /// Returns the column as its index has it.
    fn column(self) -> Option<&'static str> {
        match self {
            Self::User => Some("e.user_id"),
            Self::Actor => Some(r#"(e.actor collate "C")"#),
            Self::Events => Some(r#"(e.event collate "C")"#),
            Self::Outcome => Some(r#"(e.outcome collate "C")"#),
            Self::Time => None,
        }
    }
}

fn push_page(query: &mut QueryBuilder<Postgres>, filter: &AuditFilter, driver: Driver, limit: i64) {
    query.push(
        "select e.id, e.occurred_at, e.event, e.outcome, e.user_id, e.actor, e.ip_address, e.user_agent, e.request_id,
            e.detail
        from auth.audit_events e where true",
    );
    let columns = [(Driver::User, &filter.user_id), (Driver::Actor, &filter.actor), (Driver::Outcome, &filter.outcome)];
    for (column, value) in columns {
        let (Some(name), Some(value)) = (column.column(), value) else { continue };
        if column == driver {
            query.push(" and ").push(name).push(" >= ").push_bind(value.clone());
            query.push(" and ").push(name).push(" <= ").push_bind(value.clone());
        } else {
            query.push(" and ").push(name).push(" = ").push_bind(value.clone());
        }
    }
    match driver {
        Driver::Events => {
            query.push(r#" and (e.event collate "C") >= asked.event and (e.event collate "C") <= asked.event"#);
        }
        _ if !filter.events.is_empty() => {
            query.push(r#" and (e.event collate "C") = any("#).push_bind(filter.events.clone()).push(")");
        }
        Driver::Outcome => {
            // The index says so of what is in it.
            query.push(r#" and (e.outcome collate "C") <> 'success'"#);
        }
        Driver::User | Driver::Actor | Driver::Time => {}
    }
    if let Some(since) = filter.since {
        query.push(" and e.occurred_at >= ").push_bind(since);
    }
    if let Some(until) = filter.until {
        query.push(" and e.occurred_at < ").push_bind(until);
    }
    if let Some(AuditCursor { occurred_at, id }) = filter.after {
        query.push(" and (e.occurred_at, e.id)").push(if filter.is_oldest_first { " > " } else { " < " });
        query.push("(").push_bind(occurred_at).push(", ").push_bind(id).push(")");
    }
    push_order(query, "e.", driver.column(), filter, limit);
}

fn push_order(query: &mut QueryBuilder<Postgres>, table: &str, first: Option<&str>, filter: &AuditFilter, limit: i64) {
    let direction = if filter.is_oldest_first { "" } else { " desc" };
    query.push(" order by ");
    if let Some(first) = first {
        query.push(first).push(direction).push(", ");
    }
    for column in ["occurred_at", "id"] {
        query.push(if column == "id" { ", " } else { "" }).push(table).push(column).push(direction);
    }
    query.push(" limit ").push_bind(limit);
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
