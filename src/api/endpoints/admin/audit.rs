//! Serves the audit log to administrators: `GET /admin/audit-events`.

use std::{fmt::Write as _, sync::Arc};

use axum::{
    body::Body,
    extract::{RawQuery, State},
    response::Response,
};
use http::{HeaderName, HeaderValue, header};
use serde::Serialize;
use serde_json::Value;
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};

use crate::{
    api::{
        Problem,
        error::problem::ProblemBody,
        extract::{administrator::Administrating, body::pairs, fields::Fields},
        respond::json::json_response,
    },
    auth::{
        Auth,
        admin::{
            self, AUDIT_CSV_TITLES, AuditFilter, AuditPage, MAX_AUDIT_PAGE, Permission, audit_csv_line, audit_object,
            parse_cursor, write_cursor,
        },
    },
    types::parse_timestamp,
};

/// Is the number of events on a page where nothing is asked for.
const DEFAULT_LIMIT: i64 = 100;
/// Limits the names of events that are asked for at once.
const MAX_EVENTS: usize = 50;
/// Carries the cursor of the next page beside lines that have no room for it.
const NEXT_CURSOR: HeaderName = HeaderName::from_static("x-next-cursor");

/// Describes the query.
#[derive(IntoParams)]
#[into_params(rename_all = "camelCase", parameter_in = Query)]
#[expect(dead_code, reason = "it describes the query, which is read by hand")]
pub(crate) struct AuditQuery {
    /// Takes events about this account.
    #[param(required = false)]
    user_id: String,
    /// Takes events that this user caused, or `cli:` and a name.
    #[param(required = false)]
    actor: String,
    /// Takes events of this name; may be there several times.
    #[param(required = false)]
    event: String,
    #[param(required = false)]
    outcome: String,
    /// Takes events from this time on, as `2026-11-30T12:00:00.000Z`.
    #[param(required = false, format = DateTime)]
    since: String,
    /// Takes events before this time.
    #[param(required = false, format = DateTime)]
    until: String,
    /// Is `desc`, the newest first, or `asc`; `desc` where nothing is said.
    #[param(required = false)]
    order: String,
    /// Goes on behind a page: its `nextCursor`.
    #[param(required = false)]
    cursor: String,
    /// Is the number of events, 100 where nothing is said.
    #[param(required = false, minimum = 1, maximum = 1000)]
    limit: u32,
    /// Is `json`, `jsonl` (an object a line) or `csv`; `json` where nothing is said.
    #[param(required = false)]
    format: String,
}

/// Shows a page of the audit log.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditEvents)]
#[serde(rename_all = "camelCase")]
struct JsonPage {
    #[schema(value_type = Vec<AuditEventView>)]
    events: Vec<Value>,
    /// Is where the next page goes on; `null` behind the last.
    #[schema(required)]
    next_cursor: Option<String>,
}

/// Describes an event.
#[derive(ToSchema)]
#[schema(as = AuditEvent, rename_all = "camelCase")]
#[expect(dead_code, reason = "it describes what is written elsewhere")]
pub(crate) struct AuditEventView {
    id: String,
    #[schema(format = DateTime)]
    occurred_at: String,
    event: String,
    outcome: String,
    /// Is the account that the event is about.
    #[schema(required)]
    user_id: Option<String>,
    /// Is who caused it: the account itself, an administrator, or `cli:` and a name.
    #[schema(required)]
    actor: Option<String>,
    ip_address: String,
    user_agent: String,
    #[schema(required)]
    request_id: Option<String>,
    #[schema(value_type = Object)]
    detail: Value,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Json,
    JsonLines,
    Csv,
}

/// Read the audit log
///
/// Page after page, by the cursor that a page ends with; in `jsonl` and `csv` it is in `X-Next-Cursor`. Whole exports are
/// made with `authgate audit export`.
#[utoipa::path(get, path = "/admin/audit-events", tag = "Administration", params(AuditQuery),
    security(("cookie" = []), ("bearer" = [])), responses(
    (status = 200, description = "A page of events", content(
        (JsonPage = "application/json"), (String = "application/x-ndjson"), (String = "text/csv"))),
    (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
    (status = 403, description = "`YOU_ARE_NOT_ALLOWED_TO_LIST_AUDIT_EVENTS`, `SESSION_NOT_FRESH`, `TWO_FACTOR_REQUIRED`",
        body = ProblemBody<'_>)))]
pub(crate) async fn list(
    State(auth): State<Arc<Auth>>,
    administrating: Administrating,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    administrating.require(&auth, Permission::AuditList)?;
    let query = pairs(query.unwrap_or_default().as_bytes());
    let (filter, limit, format) = parse(&query)?;
    let (administration, now) = (&administrating.administration, administrating.signed_in.caller.now);
    let page = admin::list_audit_events(administration, &filter, limit, now).await?;
    Ok(respond(&page, format, filter.after.is_none()))
}

fn respond(page: &AuditPage, format: Format, is_first: bool) -> Response {
    let next_cursor = page.next.map(write_cursor);
    let (text, content_type) = match format {
        Format::Json => {
            return json_response(&JsonPage { events: page.events.iter().map(audit_object).collect(), next_cursor });
        }
        Format::JsonLines => {
            let mut text = String::new();
            for event in &page.events {
                let _ = writeln!(text, "{}", audit_object(event));
            }
            (text, "application/x-ndjson")
        }
        Format::Csv => {
            let titles = if is_first { AUDIT_CSV_TITLES } else { "" };
            let lines = page.events.iter().map(audit_csv_line);
            (std::iter::once(titles.to_owned()).chain(lines).collect(), "text/csv; charset=utf-8")
        }
    };
    let mut response = Response::new(Body::from(text));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
    if let Some(cursor) = next_cursor.and_then(|cursor| HeaderValue::try_from(cursor).ok()) {
        headers.insert(NEXT_CURSOR, cursor);
    }
    response
}

fn parse(query: &Value) -> Result<(AuditFilter, i64, Format), Problem> {
    let mut fields = Fields::from_query(query)?;
    let events: Vec<String> = match query.get("event") {
        None => Vec::new(),
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Some(_) => vec![fields.string("event").to_owned()],
    };
    let is_name = |name: &String| (1..=64).contains(&name.len()) && !name.contains('\0');
    if events.len() > MAX_EVENTS || !events.iter().all(is_name) {
        fields.complain("event", "Invalid input: expected up to 50 names of events");
    }
    let mut text = |key: &str| {
        let text = fields.optional_string(key).filter(|text| !text.is_empty());
        if text.is_some_and(|text| text.len() > 255 || text.contains('\0')) {
            fields.complain(key, "Too big: expected string to have <=255 bytes");
        }
        text.map(str::to_owned)
    };
    let (user_id, actor, outcome) = (text("userId"), text("actor"), text("outcome"));
    let (since, until) = (time(&mut fields, "since"), time(&mut fields, "until"));
    let is_oldest_first = match fields.optional_string("order") {
        None | Some("desc") => false,
        Some("asc") => true,
        Some(_) => {
            fields.complain("order", "Invalid option: expected one of asc, desc");
            false
        }
    };
    let after = fields.optional_string("cursor").and_then(|text| {
        let cursor = parse_cursor(text);
        if cursor.is_none() {
            fields.complain("cursor", "Invalid input: expected the nextCursor of a page");
        }
        cursor
    });
    let limit = match fields.optional_string("limit").map(str::parse::<i64>) {
        None => DEFAULT_LIMIT,
        Some(Ok(limit)) if (1..=MAX_AUDIT_PAGE).contains(&limit) => limit,
        Some(_) => {
            fields.complain("limit", "Invalid input: expected 1 to 1000");
            DEFAULT_LIMIT
        }
    };
    let format = match fields.optional_string("format") {
        None | Some("json") => Format::Json,
        Some("jsonl") => Format::JsonLines,
        Some("csv") => Format::Csv,
        Some(_) => {
            fields.complain("format", "Invalid option: expected one of json, jsonl, csv");
            Format::Json
        }
    };
    fields.finish()?;
    let filter = AuditFilter { user_id, actor, events, outcome, since, until, is_oldest_first, after };
    Ok((filter, limit, format))
}

/// Reads a time; one that the database cannot hold is none.
fn time(fields: &mut Fields<'_>, key: &str) -> Option<OffsetDateTime> {
    let text = fields.optional_string(key).filter(|text| !text.is_empty())?;
    let time = parse_timestamp(text);
    if time.is_none() {
        fields.complain(key, "Invalid input: expected a time such as 2026-11-30T12:00:00.000Z");
    }
    time
}
