//! Stands between the framework and the gateway's own API: the only file that knows both. Requests and responses are
//! buffered whole, under hard limits. A handler learns when its client is gone.

use std::{sync::Arc, time::Duration};

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
    api::{PictureBodies, RequestContext},
    proxy::{
        decide::{
            auth_api::AuthApi,
            long_bodies::{LongBodies, LongBodyPermit},
            rejection::Rejection,
            state::RequestState,
        },
        forward::{ctx::Ctx, response},
        http1::http10,
        session::long_lived,
    },
    types::ClientIp,
};

/// Bounds the request body of the auth API, in bytes, but for paths that take pictures (DOS-03).
const MAX_REQUEST: usize = 64 * 1024;
/// Bounds a response of our own, in bytes. Pages and lists are far smaller.
const MAX_RESPONSE: usize = 4 * 1024 * 1024;
/// Bounds the time in which the whole body has to arrive (DOS-02).
const BODY_TIMEOUT: Duration = Duration::from_secs(15);
/// Does the same where a picture may come over a slow line.
const LONG_BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// Lets the auth API respond to a request. `target` is the canonical path with its query.
pub(crate) async fn serve(session: &mut Session, ctx: &mut Ctx, target: &str) -> pingora::Result<()> {
    let gateway = Arc::clone(&ctx.gateway);
    let client = ctx.state.forwarded.as_ref().map(|forwarded| forwarded.client);
    let limit = BodyLimit::new(&gateway.auth_api, target, client);
    let (body, _permit) = match timeout(limit.time, read_body(session, &limit)).await {
        Ok(Ok(Ok(body))) => body,
        Ok(Ok(Err(rejection))) => return response::reject(session, ctx, &rejection).await,
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

/// Says how long a body may be and take.
struct BodyLimit<'a> {
    max: usize,
    /// Says, where it may hold a picture, how long that may be.
    max_picture: Option<usize>,
    time: Duration,
    long_bodies: &'a LongBodies,
    client: Option<ClientIp>,
}

impl<'a> BodyLimit<'a> {
    fn new(auth_api: &'a AuthApi, target: &str, client: Option<ClientIp>) -> Self {
        let long_bodies = &*auth_api.long_bodies;
        match long_bodies.find(target) {
            Some(PictureBodies { max_body: max, max_picture, .. }) => {
                Self { max: *max, max_picture: Some(*max_picture), time: LONG_BODY_TIMEOUT, long_bodies, client }
            }
            None => Self { max: MAX_REQUEST, max_picture: None, time: BODY_TIMEOUT, long_bodies, client },
        }
    }

    /// Rejects what is declared to be too long.
    fn check(&self, length: usize) -> Result<(), Rejection> {
        if length > self.max {
            return Err(self.max_picture.map_or(Rejection::BodyTooLarge, Rejection::PictureTooLarge));
        }
        Ok(())
    }

    /// Admits a body of which so many bytes have come, to be called again as they become more. Only what has come
    /// takes a permit, so that nobody holds one by announcing a body.
    fn admit(&self, length: usize, permit: &mut Option<LongBodyPermit<'a>>) -> Result<(), Rejection> {
        self.check(length)?;
        if length > MAX_REQUEST && permit.is_none() {
            *permit = self.client.and_then(|client| self.long_bodies.permit(client));
            return if permit.is_some() { Ok(()) } else { Err(Rejection::Overloaded) };
        }
        Ok(())
    }
}

/// Is a body, with the leave to hold it where it is a long one.
type Held<'a> = (Bytes, Option<LongBodyPermit<'a>>);

/// Returns the body, or why it is not read.
async fn read_body<'a>(session: &mut Session, limit: &BodyLimit<'a>) -> pingora::Result<Result<Held<'a>, Rejection>> {
    let mut permit = None;
    if session.is_body_empty() {
        return Ok(Ok((Bytes::new(), permit)));
    }
    let declared = session.get_header(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if let Err(rejection) = limit.check(declared.unwrap_or_default()) {
        return Ok(Err(rejection));
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
        if let Err(rejection) = limit.admit(body.len() + chunk.len(), &mut permit) {
            return Ok(Err(rejection));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Ok((body.freeze(), permit)))
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
