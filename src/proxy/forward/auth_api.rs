//! Stands between the proxy and the gateway's own API: the only file that knows both. Requests and responses are
//! buffered whole, under hard limits. A handler learns when its client is gone.

use std::time::Duration;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use pingora::http::RequestHeader;
use time::OffsetDateTime;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::{
    api::{PictureBodies, RequestContext},
    proxy::{
        client::Client,
        decide::{
            auth_api::AuthApi,
            gateway::Gateway,
            long_bodies::{LongBodies, LongBodyPermit},
            rejection::Rejection,
            state::RequestState,
        },
        forward::{
            access_log,
            failure::Failure,
            interrupt::unless_gone,
            response::{self, OwnResponse},
        },
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
pub(crate) async fn serve(
    gateway: &Gateway,
    client: &mut Client,
    request: &RequestHeader,
    target: &str,
    state: &mut RequestState,
) -> Result<(), Failure> {
    match respond(gateway, client, request, target, state).await? {
        Ok(response) => {
            let set_cookies =
                response.fields.iter().filter(|(name, _)| name == header::SET_COOKIE).map(|(_, value)| value);
            gateway.exchange_old_cookies(&request.headers, set_cookies, state).await;
            response::write(gateway, client, &request.method, state, response).await
        }
        Err(rejection) => {
            access_log::defect(state, &rejection);
            response::reject(gateway, client, request, state, &rejection).await
        }
    }
}

async fn respond(
    gateway: &Gateway,
    client: &mut Client,
    received: &RequestHeader,
    target: &str,
    state: &RequestState,
) -> Result<Result<OwnResponse, Rejection>, Failure> {
    let limit = BodyLimit::new(&gateway.auth_api, target, state.forwarded.client);
    let (body, _permit) = match timeout(limit.time, read_body(client, received, &limit)).await {
        Ok(body) => match body? {
            Ok(body) => body,
            Err(rejection) => return Ok(Err(rejection)),
        },
        Err(_) => return Ok(Err(Rejection::ClientTimedOut)),
    };
    let gone = CancellationToken::new();
    let Some(request) = request_of(received, state, (target, body), &gone) else {
        return Ok(Err(Rejection::Internal("a request that axum cannot hold")));
    };
    let mut handling = Box::pin(gateway.auth_api.router.clone().oneshot(request));
    let (answered, left) = match unless_gone(client, handling.as_mut()).await {
        Ok(answered) => (answered, None),
        Err(Failure::CutOff) => return Err(Failure::CutOff),
        Err(failure) => {
            // The handler comes to its end where it has begun (a page may leave right after it signed out), and gives up
            // where it waits.
            gone.cancel();
            (handling.await, Some(failure))
        }
    };
    let response = match answered {
        Ok(response) => response,
        Err(never) => match never {},
    };
    if let (Some(failure), StatusCode::SERVICE_UNAVAILABLE) = (left, response.status()) {
        return Err(failure);
    }
    let (parts, body) = response.into_parts();
    let Ok(body) = Limited::new(body, MAX_RESPONSE).collect().await else {
        return Ok(Err(Rejection::Internal("a response that is too large")));
    };
    Ok(Ok(OwnResponse { status: parts.status, fields: drained(parts.headers), body: body.to_bytes() }))
}

/// Says how long a body may be and take.
struct BodyLimit<'a> {
    max: usize,
    /// Says, where it may hold a picture, how long that may be.
    max_picture: Option<usize>,
    time: Duration,
    long_bodies: &'a LongBodies,
    client: ClientIp,
}

impl<'a> BodyLimit<'a> {
    fn new(auth_api: &'a AuthApi, target: &str, client: ClientIp) -> Self {
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
            *permit = self.long_bodies.permit(self.client);
            return if permit.is_some() { Ok(()) } else { Err(Rejection::Overloaded) };
        }
        Ok(())
    }
}

/// Is a body, with the leave to hold it where it is a long one.
type Held<'a> = (Bytes, Option<LongBodyPermit<'a>>);

/// Returns the body, or why it is not read.
async fn read_body<'a>(
    client: &mut Client,
    request: &RequestHeader,
    limit: &BodyLimit<'a>,
) -> Result<Result<Held<'a>, Rejection>, Failure> {
    let mut permit = None;
    let declared = request.headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if let Err(rejection) = limit.check(declared.unwrap_or_default()) {
        return Ok(Err(rejection));
    }
    client.allow_body();
    client.write().await?;
    let mut body = BytesMut::new();
    while let Some(chunk) = client.body().await? {
        if let Err(rejection) = limit.admit(body.len() + chunk.len(), &mut permit) {
            return Ok(Err(rejection));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Ok((body.freeze(), permit)))
}

fn request_of(
    received: &RequestHeader,
    state: &RequestState,
    (target, body): (&str, Bytes),
    gone: &CancellationToken,
) -> Option<Request<Body>> {
    let mut request = Request::builder().method(received.method.clone()).uri(target).body(Body::from(body)).ok()?;
    *request.headers_mut() = received.headers.clone();
    request.extensions_mut().insert(RequestContext {
        request_id: state.id.clone(),
        client_ip: state.forwarded.client,
        // The body has come by now: whoever withholds it does not act in the past.
        now: OffsetDateTime::now_utc(),
        gone: gone.clone(),
    });
    Some(request)
}

/// Returns every field with its repetitions, in order; those of the connection are not the API's to say.
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
