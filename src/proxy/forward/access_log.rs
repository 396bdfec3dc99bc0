//! Writes one access log line, and counts once, for every request, whatever became of it.

use std::net::SocketAddr;

use http::header;
use pingora::{Error, proxy::Session};
use time::OffsetDateTime;

use crate::{
    observe::AccessLine,
    proxy::{
        decide::{
            gateway::Gateway,
            rejection::Rejection,
            state::{RequestState, Responder},
        },
        http1::head::HeadError,
        session::long_lived::{LongLived, TerminationReason},
    },
    types::{ClientIp, RequestId},
};

/// Stands for a client that went away before its response, as nginx counts it.
const CLIENT_CLOSED_REQUEST: u16 = 499;

/// Writes the line of a request that the framework saw.
pub(crate) fn request(gateway: &Gateway, session: &Session, state: &RequestState, error: Option<&Error>) {
    let status = session
        .response_written()
        .map_or_else(|| if error.is_some() { CLIENT_CLOSED_REQUEST } else { 0 }, |response| response.status.as_u16());
    let duration = state.started.elapsed();
    gateway.route_metrics.observe(state.responder, status, duration.as_secs_f64());

    let Some(forwarded) = &state.forwarded else { return };
    let request = session.req_header();
    let text = |name| request.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (route, upstream) = match state.responder {
        Responder::NoRoute => ("_none", None),
        Responder::Local => ("_auth", None),
        Responder::Route(id) => {
            let route = gateway.routes.get(id);
            (route.name.as_str(), state.forward.as_ref().map(|_| gateway.upstreams.name(route.upstream)))
        }
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
        upstream,
        client_ip: forwarded.client,
        user_id: state.session.as_ref().map(|session| &session.user_id),
        session_id: state.session.as_ref().map(|session| &session.session_id),
        bytes_in: session.body_bytes_read() as u64,
        bytes_out: session.body_bytes_sent() as u64,
        user_agent: text(header::USER_AGENT),
        error: state.error.or(error.map(|_| "CONNECTION_LOST")),
    });
}

/// Writes the line of a head that was rejected before the framework saw it. Nothing of it is logged but the reason.
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
pub(crate) fn failure(gateway: &Gateway, state: &RequestState, error: &Error, rejection: &Rejection) {
    let upstream =
        state.forward.as_ref().map(|forward| gateway.upstreams.name(gateway.routes.get(forward.route).upstream));
    match rejection {
        Rejection::Internal(_) => tracing::error!(request.id = %state.id, upstream, cause = %error, "a hook failed"),
        Rejection::UpstreamFailed | Rejection::UpstreamTimedOut => {
            tracing::warn!(request.id = %state.id, upstream, cause = %error, "the upstream failed");
        }
        _ => tracing::debug!(request.id = %state.id, upstream, cause = %error, "the client's request failed"),
    }
}

/// Writes the line of a request that was cut off: its session ended, its rule does not hold any more, or the process
/// ended.
pub(crate) fn terminated(gateway: &Gateway, state: &RequestState, request: &LongLived) {
    let reason = request.reason();
    let line = &request.line;
    if reason != TerminationReason::Other {
        let kind = if line.is_websocket { "websocket" } else { "stream" };
        gateway.metrics.sessions.connections_ended.with_label_values(&[kind]).inc();
    }
    let duration = state.started.elapsed();
    gateway.route_metrics.observe(state.responder, line.status, duration.as_secs_f64());
    let (Some(forwarded), Responder::Route(id)) = (&state.forwarded, state.responder) else { return };
    let route = gateway.routes.get(id);
    gateway.access_log.write(&AccessLine {
        time: state.received_at,
        request_id: state.id.as_str(),
        method: line.method.as_str(),
        path: &line.path,
        host: &line.host,
        route: &route.name,
        status: line.status,
        duration,
        check: state.check,
        upstream: Some(gateway.upstreams.name(route.upstream)),
        client_ip: forwarded.client,
        user_id: state.session.as_ref().map(|session| &session.user_id),
        session_id: state.session.as_ref().map(|session| &session.session_id),
        bytes_in: state.body_received,
        bytes_out: 0,
        user_agent: &line.user_agent,
        error: Some(match reason {
            TerminationReason::Session => "SESSION_ENDED",
            TerminationReason::Access => "ACCESS_ENDED",
            TerminationReason::Other => "CUT_OFF",
        }),
    });
}
