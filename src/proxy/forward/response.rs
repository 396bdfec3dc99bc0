//! Writes the gateway's own responses to a client.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use pingora::{http::ResponseHeader, proxy::Session};
use tokio::time::timeout;

use crate::{
    proxy::{
        decide::rejection::Rejection,
        forward::ctx::Ctx,
        identity::headers::{HSTS, REQUEST_ID},
        session::caching::keep_from_shared_caches,
    },
    types::RequestId,
};

/// Bounds what is read of a body that nobody is going to use, in bytes. Whoever sends more has to live with a reset.
const MAX_DRAINED: usize = 1024 * 1024;
const MAX_DRAIN_TIME: Duration = Duration::from_secs(2);

/// Responds with the rejection's problem.
pub(crate) async fn reject(session: &mut Session, ctx: &mut Ctx, rejection: &Rejection) -> pingora::Result<()> {
    if let Rejection::Internal(what) = rejection {
        tracing::error!(request.id = %ctx.state.id, what, "a request failed here");
    }
    let problem = rejection.problem();
    ctx.state.error = Some(problem.code());
    let (status, headers, body) = problem.parts(Some(&ctx.state.id));
    write(session, ctx, status, headers, body).await
}

/// Writes a whole response. A request body that was not read ends the connection, so that its bytes are never taken
/// for the next request (SMUG-09); the framework sees to that.
pub(crate) async fn write(
    session: &mut Session,
    ctx: &Ctx,
    status: StatusCode,
    headers: impl IntoIterator<Item = (HeaderName, HeaderValue)>,
    body: Bytes,
) -> pingora::Result<()> {
    let mut response = ResponseHeader::build(status, Some(8))?;
    for (name, value) in headers {
        if name != header::CONTENT_LENGTH && name != header::TRANSFER_ENCODING {
            response.append_header(name, value)?;
        }
    }
    response.insert_header(REQUEST_ID, ctx.state.id.as_str())?;
    if ctx.gateway.settings.hsts {
        let (name, value) = HSTS;
        response.insert_header(name, value)?;
    }
    ctx.state.cors.apply(&mut response)?;
    if response.headers.contains_key(header::SET_COOKIE) {
        keep_from_shared_caches(&mut response)?;
    }
    // RFC 9110 §8.6: neither of these may declare a length.
    if status != StatusCode::NO_CONTENT && status != StatusCode::NOT_MODIFIED {
        response.insert_header(header::CONTENT_LENGTH, body.len())?;
    }
    let has_body = session.req_header().method != Method::HEAD && !body.is_empty();
    session.write_response_header(Box::new(response), !has_body).await?;
    session.write_response_body(has_body.then_some(body), true).await?;
    drain(session).await;
    Ok(())
}

/// Reads on for a moment. A connection that is closed with unread bytes is reset, and the reset can overtake the
/// response: the client would never learn why it was rejected.
async fn drain(session: &mut Session) {
    let waits_for_leave = session.req_header().headers.contains_key(header::EXPECT);
    if waits_for_leave || session.is_body_done() {
        return;
    }
    let mut left = MAX_DRAINED;
    let rest = async {
        while let Ok(Some(chunk)) = session.read_request_body().await {
            left = left.saturating_sub(chunk.len());
            if left == 0 {
                break;
            }
        }
    };
    let _ = timeout(MAX_DRAIN_TIME, rest).await;
}

/// Returns the bytes of a response that the framework has no part in; the connection ends with it.
pub(crate) fn raw_rejection(rejection: &Rejection, request_id: &RequestId) -> Vec<u8> {
    let (status, headers, body) = rejection.problem().parts(Some(request_id));
    raw(status, headers, &body, request_id)
}

/// Does the same for any response.
pub(crate) fn raw(
    status: StatusCode,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: &[u8],
    request_id: &RequestId,
) -> Vec<u8> {
    let mut response =
        format!("HTTP/1.1 {} {}\r\n", status.as_u16(), status.canonical_reason().unwrap_or_default()).into_bytes();
    let own = [
        (header::CONTENT_LENGTH, HeaderValue::from(body.len())),
        (header::CONNECTION, HeaderValue::from_static("close")),
    ];
    for (name, value) in headers.into_iter().chain(own) {
        response.extend_from_slice(name.as_str().as_bytes());
        response.extend_from_slice(b": ");
        response.extend_from_slice(value.as_bytes());
        response.extend_from_slice(b"\r\n");
    }
    response.extend_from_slice(format!("{REQUEST_ID}: {request_id}\r\n\r\n").as_bytes());
    response.extend_from_slice(body);
    response
}
