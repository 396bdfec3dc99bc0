//! Stands between the framework and the gateway's own API: the only file that knows both. Requests and responses are
//! buffered whole, under hard limits. A handler learns when its client is gone.

use std::time::Duration;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use pingora::{Error, ErrorType, proxy::Session};
use time::OffsetDateTime;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::{
    api::RequestContext,
    proxy::{
        decide::{rejection::Rejection, state::RequestState},
        forward::{ctx::Ctx, response},
        http1::http10,
        session::long_lived,
    },
    types::ClientIp,
};

/// Bounds the request body of the auth API, in bytes (DOS-03).
const MAX_REQUEST: usize = 64 * 1024;
/// Bounds a response of our own, in bytes. Pages and lists are far smaller.
const MAX_RESPONSE: usize = 4 * 1024 * 1024;
/// Bounds the time in which the whole body has to arrive (DOS-02).
const BODY_TIMEOUT: Duration = Duration::from_secs(15);

/// Lets the auth API respond to a request. `target` is the canonical path with its query.
pub(crate) async fn serve(session: &mut Session, ctx: &mut Ctx, target: &str) -> pingora::Result<()> {
    let body = match timeout(BODY_TIMEOUT, read_body(session)).await {
        Ok(Ok(Some(body))) => body,
        Ok(Ok(None)) => return response::reject(session, ctx, &Rejection::BodyTooLarge).await,
        Ok(Err(error)) => return Err(error.into_down()),
        Err(_) => return response::reject(session, ctx, &Rejection::ClientTimedOut).await,
    };
    let gone = CancellationToken::new();
    let Some(request) = request_of(session, &ctx.state, (target, body), &gone) else {
        return response::reject(session, ctx, &Rejection::Internal("a request that axum cannot hold")).await;
    };
    let mut answer = Box::pin(ctx.gateway.auth_api.router.clone().oneshot(request));
    let answered = tokio::select! {
        biased;
        answered = &mut answer => answered,
        () = long_lived::until_gone(session) => {
            // What has begun comes to its end (a page may leave right after it signed out); what waits gives up.
            gone.cancel();
            answer.await
        }
    };
    let response = match answered {
        Ok(response) => response,
        Err(never) => match never {},
    };
    if gone.is_cancelled() && response.status() == StatusCode::SERVICE_UNAVAILABLE {
        return Err(Error::explain(ErrorType::ConnectionClosed, "the client is gone").into_down());
    }
    let (parts, body) = response.into_parts();
    let Ok(body) = Limited::new(body, MAX_RESPONSE).collect().await else {
        return response::reject(session, ctx, &Rejection::Internal("a response that is too large")).await;
    };
    let headers = drained(parts.headers);
    response::write(session, ctx, parts.status, headers, body.to_bytes()).await
}

/// Returns the body, or `None` when it is larger than allowed.
async fn read_body(session: &mut Session) -> pingora::Result<Option<Bytes>> {
    if session.is_body_empty() {
        return Ok(Some(Bytes::new()));
    }
    let declared = session.get_header(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if declared.is_some_and(|length: usize| length > MAX_REQUEST) {
        return Ok(None);
    }
    // An expectation of HTTP/1.0 is none (RFC 9110 §10.1.1).
    if session.get_header(header::EXPECT).is_some() && !http10::is_spoken(session.req_header()) {
        // Otherwise the framework takes the interim response for a final one and ends the connection.
        session.set_close_on_response_before_downstream_finish(false);
        session.write_continue_response().await?;
        session.set_close_on_response_before_downstream_finish(true);
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = session.read_request_body().await? {
        if body.len() + chunk.len() > MAX_REQUEST {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body.freeze()))
}

fn request_of(
    session: &Session,
    state: &RequestState,
    (target, body): (&str, Bytes),
    gone: &CancellationToken,
) -> Option<Request<Body>> {
    let client_ip: ClientIp = state.forwarded.as_ref()?.client;
    let received = session.req_header();
    let mut request = Request::builder().method(received.method.clone()).uri(target).body(Body::from(body)).ok()?;
    *request.headers_mut() = received.headers.clone();
    request.extensions_mut().insert(RequestContext {
        request_id: state.id.clone(),
        client_ip,
        // The body has come by now: whoever withholds it does not act in the past.
        now: OffsetDateTime::now_utc(),
        gone: gone.clone(),
    });
    Some(request)
}

/// Returns every field with its repetitions, in order; hop-by-hop ones are the framework's.
fn drained(headers: HeaderMap) -> Vec<(header::HeaderName, HeaderValue)> {
    let mut fields = Vec::with_capacity(headers.len());
    let mut current = None;
    for (name, value) in headers {
        current = name.or(current);
        if let Some(name) = current.clone().filter(|name| name != header::CONNECTION) {
            fields.push((name, value));
        }
    }
    fields
}
