//! Holds what is known of a request while it passes.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use http::Method;
use prometheus::IntGauge;
use time::OffsetDateTime;

use crate::{
    policy::Permit,
    proxy::{
        decide::rate_limit::Remaining,
        request::{cors::Cors, forwarded::Forwarded},
        server::load::UnderWay,
        upstreams::{pool::Tried, server::ServerGuard},
    },
    routing::RouteId,
    types::{ActiveSession, RequestId},
};

/// Holds the state of one request. It is made before the first hook, and dropped after the access log line.
pub(crate) struct RequestState {
    pub(crate) started: Instant,
    pub(crate) received_at: OffsetDateTime,
    pub(crate) id: RequestId,
    /// This is set first of all; it is `None` only if the framework failed before the first hook.
    pub(crate) forwarded: Option<Forwarded>,
    pub(crate) cors: Cors,
    pub(crate) responder: Responder,
    /// Only a request with this reaches an upstream.
    pub(crate) forward: Option<Forward>,
    /// This is who was recognised, whether or not the request was allowed.
    pub(crate) session: Option<Arc<ActiveSession>>,
    pub(crate) check: Option<Duration>,
    pub(crate) rate_limit: Option<Remaining>,
    pub(crate) body_received: u64,
    /// Is the server that the request is at, and those it was at.
    pub(crate) server: Option<ServerGuard>,
    pub(crate) tried: Tried,
    pub(crate) connect_failures: usize,
    /// Counts the 1xx responses that have come from the upstream.
    pub(crate) interim_responses: usize,
    /// This tells whether the head of a response has come from the upstream.
    pub(crate) has_response: bool,
    /// This tells whether it was sent once more after it had reached a server.
    pub(crate) is_retried: bool,
    /// This is the stable code of a rejection or failure.
    pub(crate) error: Option<&'static str>,
    /// Is `None` only outside of a client's connection.
    pub(crate) load: Option<UnderWay>,
    _in_flight: InFlight,
}

/// Says who responds to a request: what metrics and logs call its route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Responder {
    /// Is the gateway, because no route matched or the request was rejected before.
    NoRoute,
    /// Is the gateway's own API.
    Local,
    Route(RouteId),
}

/// Holds a decided request on its way to an upstream.
pub(crate) struct Forward {
    pub(crate) route: RouteId,
    /// Is the method by which the route was found: for a preflight, the one that the page wants to send.
    pub(crate) routed_method: Method,
    pub(crate) permit: Permit,
    pub(crate) is_upgrade: bool,
    /// Is the target to send where it is not the client's spelling already: canonical path and query.
    pub(crate) target: Option<Vec<u8>>,
}

impl RequestState {
    /// Begins with nothing known. `in_flight` counts the request until it is over.
    pub(crate) fn new(in_flight: IntGauge, load: Option<UnderWay>) -> Self {
        in_flight.inc();
        Self {
            started: Instant::now(),
            received_at: OffsetDateTime::now_utc(),
            id: RequestId::generate(),
            forwarded: None,
            cors: Cors::default(),
            responder: Responder::NoRoute,
            forward: None,
            session: None,
            check: None,
            rate_limit: None,
            body_received: 0,
            server: None,
            tried: Tried::default(),
            connect_failures: 0,
            interim_responses: 0,
            has_response: false,
            is_retried: false,
            error: None,
            load,
            _in_flight: InFlight(in_flight),
        }
    }
}

impl std::fmt::Debug for RequestState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RequestState({})", self.id)
    }
}

/// Counts the request until it is over, however it ends.
struct InFlight(IntGauge);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}
