//! Writes one access log line, and counts once, for every request, whatever became of it.

use std::net::SocketAddr;

use http::header;
use pingora::http::RequestHeader;
use time::OffsetDateTime;

use crate::{
    observe::AccessLine,
    proxy::{
        client::Client,
        decide::{
            gateway::Gateway,
            rejection::Rejection,
            state::{RequestState, Responder},
        },
        forward::failure::Failure,
        http1::head::HeadError,
    },
    types::{ClientIp, RequestId},
};

/// Stands for a client that went away before its response, as nginx counts it.
const CLIENT_CLOSED_REQUEST: u16 = 499;

/// Writes the line of a request that is over.
pub(crate) fn request(
    gateway: &Gateway,
    client: &Client,
    request: &RequestHeader,
    state: &RequestState,
    failure: Option<&Failure>,
) {
    let status = client.status.map_or(CLIENT_CLOSED_REQUEST, |status| status.as_u16());
    let duration = state.started.elapsed();
    gateway.route_metrics.observe(state.responder, status, duration.as_secs_f64());
    let text = |name| request.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let route = match state.responder {
        Responder::NoRoute => "_none",
        Responder::Local => "_auth",
        Responder::Route(id) => gateway.routes.get(id).name.as_str(),
    };
    gateway.access_log.write(&AccessLine {
        time: state.received_at,
        request_id: state.id.as_str(),
        method: request.method.as_str(),
        path: &gateway.auth_api.paths.logged(request.uri.path()),
        host: text(header::HOST),
        route,
        status,
        duration,
        check: state.check,
        upstream: state.upstream.map(|id| gateway.upstreams.name(id)),
        client_ip: state.forwarded.client,
        user_id: state.session.as_ref().and_then(|session| session.user_id()),
        session_id: state.session.as_ref().map(|session| &session.session_id),
        bytes_in: client.bytes_in,
        bytes_out: client.bytes_out,
        user_agent: text(header::USER_AGENT),
        error: state.error.or(failure.map(Failure::code)),
    });
}

/// Writes the line of a head that was rejected, and so never became a request. Nothing of it is logged but the reason.
pub(crate) fn rejected_head(
    gateway: &Gateway,
    id: &RequestId,
    peer: SocketAddr,
    error: HeadError,
    now: OffsetDateTime,
) {
    let (status, code) = error.response();
    gateway.metrics.requests_refused.with_label_values(&[code]).inc();
    gateway.route_metrics.observe(Responder::NoRoute, status.as_u16(), 0.0);
    gateway.access_log.write(&AccessLine {
        time: now,
        request_id: id.as_str(),
        method: "",
        path: "",
        host: "",
        route: "_none",
        status: status.as_u16(),
        duration: std::time::Duration::ZERO,
        check: None,
        upstream: None,
        client_ip: ClientIp::new(peer.ip()),
        user_id: None,
        session_id: None,
        bytes_in: 0,
        bytes_out: 0,
        user_agent: "",
        error: Some(code),
    });
}

/// Logs the cause of a failure for the operator; the client sees only the problem.
pub(crate) fn failure(gateway: &Gateway, state: &RequestState, failure: &Failure) {
    let upstream = state.upstream.map(|id| gateway.upstreams.name(id));
    match failure {
        Failure::Message(_) => {
            tracing::error!(request.id = %state.id, upstream, cause = %failure, "a request failed here");
        }
        Failure::Upstream(_) => {
            tracing::warn!(request.id = %state.id, upstream, cause = %failure, "the upstream failed");
        }
        Failure::Client(_) | Failure::BodyTooLarge | Failure::Terminated(_) | Failure::CutOff => {
            tracing::debug!(request.id = %state.id, upstream, cause = %failure, "the request ended early");
        }
    }
}

/// Logs a rejection that is a defect of ours, which its client is told without the cause.
pub(crate) fn defect(state: &RequestState, rejection: &Rejection) {
    if let Rejection::Internal(what) = rejection {
        tracing::error!(request.id = %state.id, what, "a request failed here");
    }
}
