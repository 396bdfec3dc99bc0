//! Writes the gateway's own responses to a client.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use pingora::http::{RequestHeader, ResponseHeader};
use tokio::time::timeout;

use crate::{
    proxy::{
        client::Client,
        decide::{
            gateway::{Gateway, shows_response},
            rejection::Rejection,
            state::RequestState,
        },
        forward::failure::Failure,
        http1::{body::BodyLength, header_case::HeaderCase, write},
        identity::headers::{HSTS, REQUEST_ID},
        session::caching::keep_from_shared_caches,
    },
    types::RequestId,
};

/// Bounds what is read of a body that nobody is going to use, in bytes. Whoever sends more has to live with a reset.
const MAX_DRAINED: u64 = 1024 * 1024;
const MAX_DRAIN_TIME: Duration = Duration::from_secs(2);

/// Holds a whole response of the gateway's own.
pub(crate) struct OwnResponse {
    pub(crate) status: StatusCode,
    pub(crate) fields: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: Bytes,
}

/// Responds with the rejection's problem, or with a page that tells it where a person's browser asked for one.
pub(crate) async fn reject(
    gateway: &Gateway,
    client: &mut Client,
    request: &RequestHeader,
    state: &mut RequestState,
    rejection: &Rejection,
) -> Result<(), Failure> {
    let problem = rejection.problem();
    state.error = Some(problem.code());
    let (status, mut fields, mut body) = problem.parts(Some(&state.id));
    let pages = gateway.auth_api.error_pages.as_ref().filter(|_| status.is_client_error() || status.is_server_error());
    if let Some(pages) = pages
        && shows_response(&request.method, &request.headers)
        && let Some(page) = pages.render(status, (&request.headers, here(request)), &state.id)
    {
        fields.retain(|(name, _)| page.fields.iter().all(|(own, _)| own != name));
        fields.extend(page.fields);
        body = page.body;
    }
    write(gateway, client, &request.method, state, OwnResponse { status, fields, body }).await
}

/// Returns the address that a GET asked for.
fn here(request: &RequestHeader) -> Option<&str> {
    let target = request.uri.path_and_query().filter(|_| request.method == Method::GET)?.as_str();
    // Two slashes would be another host to a browser.
    (target.starts_with('/') && !target.starts_with("//")).then_some(target)
}

/// Writes a whole response. A request body that was not read ends the connection, so that its bytes are never taken
/// for the next request (SMUG-09); what has come of it already is thrown away.
pub(crate) async fn write(
    gateway: &Gateway,
    client: &mut Client,
    method: &Method,
    state: &RequestState,
    OwnResponse { status, fields, body }: OwnResponse,
) -> Result<(), Failure> {
    let mut response = ResponseHeader::build_no_case(status, Some(fields.len() + 8))?;
    for (name, value) in fields {
        if name != header::CONTENT_LENGTH && name != header::TRANSFER_ENCODING && name != header::CONNECTION {
            response.append_header(name, value)?;
        }
    }
    response.insert_header(REQUEST_ID, state.id.as_str())?;
    if gateway.settings.hsts {
        let (name, value) = HSTS;
        response.insert_header(name, value)?;
    }
    state.cors.apply(&mut response)?;
    if let Some(exchange) = &state.exchange {
        exchange.apply(&gateway.settings.cookie, &mut response, &gateway.metrics.sessions.better_auth_cookies)?;
    }
    if response.headers.contains_key(header::SET_COOKIE) {
        keep_from_shared_caches(&mut response)?;
    }
    // RFC 9110 §8.6: neither of these may declare a length.
    if status != StatusCode::NO_CONTENT && status != StatusCode::NOT_MODIFIED {
        response.insert_header(header::CONTENT_LENGTH, body.len())?;
    }
    client.discard_received();
    let has_body = *method != Method::HEAD && !body.is_empty();
    client.respond(response, &HeaderCase::default(), if has_body { BodyLength::Declared } else { BodyLength::None })?;
    if has_body {
        client.push(body);
        client.finish(None);
    }
    client.write().await?;
    drain(client).await;
    Ok(())
}

/// Reads on for a moment. A connection that is closed with unread bytes is reset, and the reset can overtake the
/// response: the client would never learn why it was rejected.
pub(crate) async fn drain(client: &mut Client) {
    if client.waits_for_continue() || client.has_body_ended() {
        return;
    }
    let enough = client.bytes_in + MAX_DRAINED;
    let rest = async { while client.bytes_in < enough && matches!(client.body().await, Ok(Some(_))) {} };
    let _ = timeout(MAX_DRAIN_TIME, rest).await;
}

/// Returns the bytes of a response for a request that never became one; the connection ends with it.
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
    let own = [
        (header::CONTENT_LENGTH, HeaderValue::from(body.len())),
        (header::CONNECTION, HeaderValue::from_static("close")),
    ];
    let mut out = BytesMut::new();
    if let Ok(mut response) = ResponseHeader::build_no_case(status, Some(headers.len() + 3)) {
        for (name, value) in headers.into_iter().chain(own) {
            // There are far fewer than a head may have.
            let _ = response.append_header(name, value);
        }
        let _ = response.insert_header(REQUEST_ID, request_id.as_str());
        write::response(&mut out, &response, &HeaderCase::default());
    }
    out.extend_from_slice(body);
    out.to_vec()
}
