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
        client::load::UnderWay,
        decide::rate_limit::Remaining,
        request::{cors::Cors, forwarded::Forwarded},
        session::exchange::CookieExchange,
    },
    routing::{RouteId, UpstreamId},
    types::{ActiveSession, RequestId},
};

/// Holds what is known of one request, from its head to its line in the access log.
pub(crate) struct RequestState {
    pub(crate) started: Instant,
    pub(crate) received_at: OffsetDateTime,
    pub(crate) id: RequestId,
    pub(crate) forwarded: Forwarded,
    pub(crate) cors: Cors,
    pub(crate) responder: Responder,
    /// This is who was recognised, whether or not the request was allowed.
    pub(crate) session: Option<Arc<ActiveSession>>,
    pub(crate) check: Option<Duration>,
    /// Is what the response does with cookies that better-auth left in the browser.
    pub(crate) exchange: Option<Box<CookieExchange>>,
    pub(crate) rate_limit: Option<Remaining>,
    /// Is the upstream that the request was admitted to.
    pub(crate) upstream: Option<UpstreamId>,
    /// This is the stable code of a rejection or failure.
    pub(crate) error: Option<&'static str>,
    pub(crate) load: UnderWay,
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

/// Holds a decided request on its way to an upstream. There is none without a permit.
pub(crate) struct Forward {
    pub(crate) route: RouteId,
    /// Is the method by which the route was found: for a preflight, the one that the page wants to send.
    pub(crate) routed_method: Method,
    pub(crate) permit: Permit,
    pub(crate) is_upgrade: bool,
    /// Is the target to send where it is not the client's spelling already: canonical path and query.
    pub(crate) target: Option<Vec<u8>>,
    pub(crate) received_at: OffsetDateTime,
}

impl RequestState {
    /// Begins with what the head says. `in_flight` counts the request until it is over.
    pub(crate) fn new(forwarded: Forwarded, cors: Cors, load: UnderWay, in_flight: IntGauge) -> Self {
        in_flight.inc();
        Self {
            started: Instant::now(),
            received_at: OffsetDateTime::now_utc(),
            id: forwarded.request_id.clone().unwrap_or_else(RequestId::generate),
            forwarded,
            cors,
            responder: Responder::NoRoute,
            session: None,
            check: None,
            exchange: None,
            rate_limit: None,
            upstream: None,
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
