//! Serves the audit log as a file: what the filters of its page find, up to a bound. A file that ends there says so in its
//! name, and where it goes on in `X-Next-Cursor`, as the API does.

use axum::{body::Body, response::Response};
use bytes::BytesMut;
use http::{HeaderValue, header};

use crate::pages::{
    admin::{
        access,
        audit::Filters,
        export_bounds::{MAX_BYTES, MAX_PAGES, PAGE},
    },
    error::PageError,
    visit::{PageResult, Visit},
};

/// Serves the file, as a table or as a JSON object a line. Where it has not all that the filters find, its name says so.
pub(crate) async fn show(visit: Visit) -> PageResult {
    let administrator = access::require(&visit).await?;
    let filters = Filters::of(&visit);
    let (format, media_type) = match visit.query("format") {
        Some("jsonl") => ("jsonl", "application/x-ndjson"),
        _ => ("csv", "text/csv; charset=utf-8"),
    };
    let limit = PAGE.to_string();
    let mut bytes = BytesMut::new();
    let mut cursor = String::new();
    let mut name = "audit-events-cut-off";
    for _ in 0..MAX_PAGES {
        let further = [("format", format), ("limit", limit.as_str()), ("cursor", cursor.as_str())];
        let target = filters.target(&visit, &administrator, &further).await?.ok_or(PageError::NotFound)?;
        let reply = visit.get(&target).await?;
        if !reply.status.is_success() {
            return Err(reply.ok().map_or_else(|problem| administrator.refused(problem), |_| PageError::Internal));
        }
        if bytes.len() + reply.bytes.len() > MAX_BYTES {
            break;
        }
        bytes.extend_from_slice(&reply.bytes);
        let Some(next) = reply.next_cursor else {
            name = "audit-events";
            break;
        };
        cursor = next;
    }
    let mut response = Response::new(Body::from(bytes.freeze()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if name != "audit-events"
        && let Ok(cursor) = HeaderValue::try_from(cursor)
    {
        headers.insert("x-next-cursor", cursor);
    }
    if let Ok(disposition) = HeaderValue::try_from(format!("attachment; filename=\"{name}.{format}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    Ok(response)
}
