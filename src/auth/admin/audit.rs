//! Reads the audit log for people, page after page, and writes its events for programs and for spreadsheets.

use serde_json::{Value, json};
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    auth::admin::administration::{Administration, AdministrationError},
    store::{
        StoreError,
        audit::Event,
        audit_search::{self, AuditCursor, AuditEvent, AuditFilter},
    },
    types::format_timestamp,
};

/// Limits the events on a page.
pub const MAX_AUDIT_PAGE: i64 = 1000;

/// Holds a page of the audit log.
#[derive(Debug)]
pub struct AuditPage {
    pub events: Vec<AuditEvent>,
    /// Is where the next page goes on; `None` behind the last.
    pub next: Option<AuditCursor>,
}

/// Reads a page of the audit log. That somebody looked is an event too: the first page of each search is recorded with
/// whose events were searched for.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn list_audit_events(
    administration: &Administration,
    filter: &AuditFilter,
    limit: i64,
    now: OffsetDateTime,
) -> Result<AuditPage, AdministrationError> {
    let mut connection = administration.db.acquire_for_content().await?;
    let page = read_page(&mut connection, filter, limit).await?;
    if filter.after.is_none() {
        let user_id = filter.user_id.as_deref().and_then(|id| id.parse().ok());
        let detail = json!({ "events": filter.events, "actor": filter.actor });
        administration.record(&mut connection, Event::AuditEventsListed, user_id.as_ref(), detail, now).await?;
    }
    Ok(page)
}

async fn read_page(connection: &mut PgConnection, filter: &AuditFilter, limit: i64) -> Result<AuditPage, StoreError> {
    let limit = limit.clamp(1, MAX_AUDIT_PAGE);
    let mut events = audit_search::list(connection, filter, limit + 1).await?;
    let has_more = i64::try_from(events.len()).is_ok_and(|count| count > limit);
    if has_more {
        events.pop();
    }
    let next = events.last().filter(|_| has_more).map(AuditEvent::cursor);
    Ok(AuditPage { events, next })
}

/// Writes a cursor as clients pass it on.
#[must_use]
pub fn write_cursor(cursor: AuditCursor) -> String {
    format!("{}-{}", cursor.occurred_at.unix_timestamp_nanos() / 1000, cursor.id)
}

/// Reads what [`write_cursor`] wrote.
#[must_use]
pub fn parse_cursor(text: &str) -> Option<AuditCursor> {
    let (microseconds, id) = text.split_once('-')?;
    let microseconds: i64 = microseconds.parse().ok()?;
    let occurred_at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(microseconds) * 1000).ok()?;
    let is_storable = (1900..10_000).contains(&occurred_at.year());
    id.parse().ok().filter(|_| is_storable).map(|id| AuditCursor { occurred_at, id })
}

/// Returns an event in the stable form (docs/administration.md).
#[must_use]
pub fn audit_object(event: &AuditEvent) -> Value {
    json!({
        "id": event.id.to_string(),
        "occurredAt": format_timestamp(event.occurred_at),
        "event": event.event,
        "outcome": event.outcome,
        "userId": event.user_id,
        "actor": event.actor,
        "ipAddress": event.ip_address,
        "userAgent": event.user_agent,
        "requestId": event.request_id,
        "detail": event.detail,
    })
}

/// Is the first line of a table.
pub const AUDIT_CSV_TITLES: &str = "id,occurredAt,event,outcome,userId,actor,ipAddress,userAgent,requestId,detail\r\n";

/// Returns an event as a line of a table (RFC 4180).
#[must_use]
pub fn audit_csv_line(event: &AuditEvent) -> String {
    let cells = [
        event.id.to_string(),
        format_timestamp(event.occurred_at),
        event.event.clone(),
        event.outcome.clone(),
        event.user_id.clone().unwrap_or_default(),
        event.actor.clone().unwrap_or_default(),
        event.ip_address.clone(),
        event.user_agent.clone(),
        event.request_id.clone().unwrap_or_default(),
        event.detail.to_string(),
    ];
    let cells: Vec<String> = cells.iter().map(|cell| csv_cell(cell)).collect();
    format!("{}\r\n", cells.join(","))
}

/// Quotes a cell. One that spreadsheets would take for a formula gets an apostrophe before it, and so does the part behind
/// a semicolon, where some of them split too: user agents are whatever a client says.
fn csv_cell(text: &str) -> String {
    let guarded: Vec<String> = text
        .split(';')
        .map(|part| {
            let is_formula = part.trim_start_matches(' ').starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '|', '%']);
            if is_formula { format!("'{part}") } else { part.to_owned() }
        })
        .collect();
    format!("\"{}\"", guarded.join(";").replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_or_breaks_out() {
        for (text, cell) in [
            ("Mozilla/5.0", r#""Mozilla/5.0""#),
            ("=cmd|' /C calc'!A0", r#""'=cmd|' /C calc'!A0""#),
            ("@SUM(1)", r#""'@SUM(1)""#),
            ("-1+1", r#""'-1+1""#),
            ("\t=1", "\"'\t=1\""),
            ("x;=HYPERLINK(1); =2;ok", r#""x;'=HYPERLINK(1);' =2;ok""#),
            (r#"a","b"#, r#""a"",""b""#),
            ("a\r\nb", "\"a\r\nb\""),
            ("", r#""""#),
        ] {
            assert_eq!(csv_cell(text), cell, "{text:?}");
        }
    }

    #[test]
    fn cursors_are_read_as_they_are_written() {
        let occurred_at = time::macros::datetime!(2026-11-30 12:00:00.123456 UTC);
        let cursor = AuditCursor { occurred_at, id: 42 };
        assert_eq!(parse_cursor(&write_cursor(cursor)), Some(cursor));
        for text in ["", "1", "a-1", "1-a", "999999999999999999-1", "9223372036854775807-1"] {
            assert_eq!(parse_cursor(text), None, "{text}");
        }
    }
}
