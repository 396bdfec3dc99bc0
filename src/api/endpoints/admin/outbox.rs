//! Serves the mail outbox to administrators: `GET /admin/outbox` and `POST /admin/outbox/retry`.

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use serde::Serialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::{
    api::{
        Problem,
        error::problem::ProblemBody,
        extract::{
            administrator::Administrating,
            body::{JsonBody, pairs},
            fields::Fields,
            paging::part,
        },
        respond::{json::json_response, views::wire_time},
    },
    auth::{
        Auth,
        admin::{self, OutboxEntry, Permission},
    },
};

/// Describes the query.
#[derive(IntoParams)]
#[into_params(rename_all = "camelCase", parameter_in = Query)]
#[expect(dead_code, reason = "it describes the query, which is read by hand")]
pub(crate) struct OutboxQuery {
    /// Is `waiting` or `failed`; both where nothing is said.
    #[param(required = false)]
    state: String,
    /// Is the number of messages, 100 where nothing is said.
    #[param(required = false, minimum = 1, maximum = 200)]
    limit: u32,
    /// Leaves out so many messages.
    #[param(required = false)]
    offset: u32,
}

/// Shows a part of the outbox.
#[derive(Serialize, ToSchema)]
#[schema(as = Outbox)]
struct Body<'a> {
    mails: Vec<MailView<'a>>,
    /// Counts what waits, on all pages.
    waiting: i64,
    /// Counts what was given up.
    failed: i64,
}

/// Shows a message without what it says.
#[derive(Serialize, ToSchema)]
#[schema(as = OutboxMail)]
#[serde(rename_all = "camelCase")]
struct MailView<'a> {
    id: String,
    /// Names what the message is about, such as `reset_password`.
    kind: &'a str,
    recipient: &'a str,
    #[schema(format = DateTime)]
    created_at: String,
    /// Is `null` where it was given up.
    #[schema(format = DateTime, required)]
    next_attempt_at: Option<String>,
    attempts: i32,
    /// Is what the mail server said last.
    #[schema(required)]
    last_error: Option<&'a str>,
    #[schema(format = DateTime, required)]
    failed_at: Option<String>,
}

impl<'a> From<&'a OutboxEntry> for MailView<'a> {
    fn from(entry: &'a OutboxEntry) -> Self {
        Self {
            id: entry.id.to_string(),
            kind: &entry.kind,
            recipient: &entry.recipient,
            created_at: wire_time(entry.created_at),
            next_attempt_at: entry.failed_at.is_none().then(|| wire_time(entry.next_attempt_at)),
            attempts: entry.attempts,
            last_error: entry.last_error.as_deref(),
            failed_at: entry.failed_at.map(wire_time),
        }
    }
}

/// List mail that was not delivered yet
///
/// Messages that were given up come first, then those that wait. What they say is not told: it holds links that act.
#[utoipa::path(get, path = "/admin/outbox", tag = "Administration", params(OutboxQuery),
    security(("cookie" = []), ("bearer" = [])), responses(
    (status = 200, description = "The messages", body = Body<'_>),
    (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
    (status = 403, description = "`YOU_ARE_NOT_ALLOWED_TO_READ_MAIL`, `SESSION_NOT_FRESH`, `TWO_FACTOR_REQUIRED`",
        body = ProblemBody<'_>)))]
pub(crate) async fn list(
    State(auth): State<Arc<Auth>>,
    administrating: Administrating,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    administrating.require(&auth, Permission::MailRead)?;
    let query = pairs(query.unwrap_or_default().as_bytes());
    let mut fields = Fields::from_query(&query)?;
    let is_failed = match fields.optional_string("state") {
        None | Some("") => None,
        Some("waiting") => Some(false),
        Some("failed") => Some(true),
        Some(_) => {
            fields.complain("state", "Invalid option: expected one of waiting, failed");
            None
        }
    };
    let part = part(&mut fields);
    fields.finish()?;
    let now = administrating.signed_in.caller.now;
    let page = admin::list_outbox(&administrating.administration, is_failed, part, now).await?;
    let mails = page.entries.iter().map(MailView::from).collect();
    Ok(json_response(&Body { mails, waiting: page.counts.waiting, failed: page.counts.failed }))
}

/// Is the body of `POST /admin/outbox/retry`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes the body, which is read by hand")]
pub(crate) struct RetryBody {
    /// Is the `id` of a message that was given up; without it, all of these are tried again.
    #[schema(nullable = false)]
    id: Option<String>,
}

/// Says how many messages are tried again.
#[derive(Serialize, ToSchema)]
#[schema(as = OutboxRetried)]
struct Retried {
    retried: u64,
}

/// Try mail again that was given up
///
/// Each message is tried once more, at once; a link in it may have expired meanwhile.
#[utoipa::path(post, path = "/admin/outbox/retry", tag = "Administration", request_body = RetryBody,
    security(("cookie" = []), ("bearer" = [])), responses(
    (status = 200, description = "They are under way", body = Retried),
    (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
    (status = 403, description = "`YOU_ARE_NOT_ALLOWED_TO_RETRY_MAIL`, `SESSION_NOT_FRESH`, `TWO_FACTOR_REQUIRED`",
        body = ProblemBody<'_>)))]
pub(crate) async fn retry(
    State(auth): State<Arc<Auth>>,
    administrating: Administrating,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    administrating.require(&auth, Permission::MailRetry)?;
    let none = Value::Object(serde_json::Map::new());
    let mut fields = Fields::from_body(Some(body.as_ref().unwrap_or(&none)))?;
    let id = fields.optional_string("id").map(str::parse::<i64>);
    if matches!(id, Some(Err(_))) {
        fields.complain("id", "Invalid input: expected the id of a message");
    }
    fields.finish()?;
    let id = id.and_then(Result::ok);
    let retried = admin::retry_mail(&administrating.administration, id, administrating.signed_in.caller.now).await?;
    Ok(json_response(&Retried { retried }))
}
