//! Forwards a request that was admitted: chooses a server, connects, sends, and passes the response on.

use std::sync::Arc;

use http::{HeaderValue, StatusCode, header};
use pingora::http::{RequestHeader, ResponseHeader};

use crate::{
    proxy::{
        client::Client,
        decide::{
            current_gateway::Current,
            gateway::Gateway,
            state::{Forward, RequestState},
        },
        forward::{exchange::Exchange, failure::Failure, interrupt::unless_gone, response, upstream_response},
        http1::{body::BodyLength, header_case::HeaderCase, response_head::ResponseHead},
        identity::headers::{self, Authorization, Outgoing},
        request::hop_by_hop,
        session::{long_lived, refresh},
        upstreams::{
            connect::{Connector, Wanted},
            connection::UpstreamError,
            peer::Peers,
            pool::Tried,
            server::ServerGuard,
        },
    },
    routing::{CorsBy, Route},
};

/// Bounds the interim responses to one request. Servers send one or two.
const MAX_INTERIM_RESPONSES: usize = 16;

/// Holds what forwarding needs beside the request itself.
#[derive(Clone, Copy)]
pub(crate) struct Forwarding<'a> {
    pub(crate) gateway: &'a Gateway,
    pub(crate) current: &'a Arc<Current>,
    pub(crate) connector: &'a Connector,
}

/// Is a request as its client sent it.
#[derive(Clone, Copy)]
pub(crate) struct ClientRequest<'a> {
    pub(crate) header: &'a RequestHeader,
    pub(crate) header_case: &'a HeaderCase,
}

/// Is a server that a request was sent to, and the connection that it is on.
struct Attempt {
    server: ServerGuard,
    peers: Arc<Peers>,
    exchange: Exchange,
    is_reused: bool,
}

impl Forwarding<'_> {
    /// Forwards a request and passes the response on. There is no [`Forward`] without a permit.
    pub(crate) async fn forward(
        self,
        client: &mut Client,
        request: ClientRequest<'_>,
        forward: &Forward,
        state: &mut RequestState,
    ) -> Result<(), Failure> {
        state.upstream = Some(self.route(forward).upstream);
        let (mut attempt, mut head) = self.send_until_response(client, request, forward, state).await?;
        let exchange = &mut attempt.exchange;
        let mut long_lived = long_lived::watch(self.gateway, request.header, forward, &head.header, self.current);
        if head.header.status == StatusCode::SWITCHING_PROTOCOLS {
            self.complete(request, forward, state, &mut head.header)?;
            head.header.insert_header(header::CONNECTION, HeaderValue::from_static("Upgrade"))?;
            head.header.insert_header(header::UPGRADE, HeaderValue::from_static("websocket"))?;
            client.switch_protocols(&head.header, &head.header_case);
            exchange.begin_tunnel();
        } else {
            let has_body = exchange.upstream.begin_body(&head.header, &request.header.method);
            self.complete(request, forward, state, &mut head.header)?;
            let body = match (has_body, head.header.headers.contains_key(header::CONTENT_LENGTH)) {
                (false, _) => BodyLength::None,
                (true, true) => BodyLength::Declared,
                (true, false) => BodyLength::Unknown,
            };
            if forward.is_upgrade {
                // The client may have sent bytes behind its request that are meant for the protocol that was refused.
                client.end_with_response();
            }
            client.respond(head.header, &head.header_case, body)?;
        }
        let ended = exchange.rest(client, &mut long_lived).await;
        match &ended {
            // Nothing that comes through a tunnel is the rest of a request, and its client is to see at once that it has
            // ended.
            Ok(()) if exchange.is_tunnel() => {}
            Ok(()) => response::drain(client).await,
            Err(Failure::Terminated(_)) if exchange.is_between_frames() => client.close_websocket().await,
            // A stream that is quiet for long says nothing against its server.
            Err(Failure::Upstream(error)) if !attempt.is_reused && !error.is_timeout() => attempt.server.failed(),
            Err(_) => {}
        }
        if let Some(kept) = attempt.exchange.upstream.into_reusable() {
            self.connector.keep(&attempt.peers, kept);
        }
        ended
    }

    /// Sends the request to one server after the other until one responds, and returns the head of its response.
    async fn send_until_response(
        self,
        client: &mut Client,
        request: ClientRequest<'_>,
        forward: &Forward,
        state: &RequestState,
    ) -> Result<(Attempt, ResponseHead), Failure> {
        let upstreams = &self.gateway.upstreams;
        let id = self.route(forward).upstream;
        // A request is sent again only where that changes nothing: without a body, with a method that may be repeated,
        // and not after a timeout, which a second wait would only lengthen (FAIL-06).
        let may_repeat = !forward.is_upgrade && request.header.method.is_idempotent() && client.has_body_ended();
        // It is once for a kept connection, which the server may have closed just now, and once for another server.
        let (mut may_reconnect, mut may_go_elsewhere) = (may_repeat, may_repeat);
        let mut wanted = if forward.is_upgrade { Wanted::Tunnel } else { Wanted::Any };
        let (mut tried, mut connect_failures) = (Tried::default(), 0);
        loop {
            let server = upstreams.choose(id, &mut tried);
            let mut attempt = match self.connect(client, server, forward, wanted).await? {
                Ok(attempt) => attempt,
                Err((server, error)) => {
                    // Nothing was sent yet, so another server may be tried whatever the method.
                    server.connect_failed();
                    connect_failures += 1;
                    if connect_failures < upstreams.count(id) {
                        continue;
                    }
                    return Err(error.into());
                }
            };
            let answered = match self.send(&mut attempt, client, request, forward, state) {
                Ok(()) => self.head(&mut attempt.exchange, client, forward).await,
                Err(error) => Err(error),
            };
            let failure = match answered {
                Ok(head) => {
                    attempt.server.responded();
                    return Ok((attempt, head));
                }
                Err(failure) => failure,
            };
            let Failure::Upstream(error) = &failure else { return Err(failure) };
            let is_stale = attempt.is_reused || error.was_not_processed();
            if !attempt.is_reused {
                attempt.server.failed();
            }
            // A timeout would only be waited for twice, and whoever answered, however badly, has the request.
            if !error.is_broken_connection() && !error.was_not_processed() {
                return Err(failure);
            }
            if is_stale && std::mem::take(&mut may_reconnect) {
                // The same server is as good as another, over a connection of its own.
                tried = Tried::default();
                wanted = Wanted::New;
            } else if upstreams.has_other(id, tried) && std::mem::take(&mut may_go_elsewhere) {
                upstreams.count_retry(id);
            } else {
                return Err(failure);
            }
        }
    }

    async fn connect(
        self,
        client: &mut Client,
        server: ServerGuard,
        forward: &Forward,
        wanted: Wanted,
    ) -> Result<Result<Attempt, (ServerGuard, UpstreamError)>, Failure> {
        let Some(peers) = server.peers() else { return Ok(Err((server, UpstreamError::Unresolved))) };
        let route = self.route(forward);
        match unless_gone(client, self.connector.connect(&peers, wanted)).await? {
            Ok((end, is_reused)) => {
                let exchange = Exchange::new(end, server.timeouts(route), route.max_body);
                Ok(Ok(Attempt { server, peers, exchange, is_reused }))
            }
            Err(error) => Ok(Err((server, error))),
        }
    }

    /// Writes down the request's head as the upstream sees it, with the identity made anew for each attempt.
    fn send(
        self,
        attempt: &mut Attempt,
        client: &Client,
        request: ClientRequest<'_>,
        forward: &Forward,
        state: &RequestState,
    ) -> Result<(), Failure> {
        let ClientRequest { header, header_case } = request;
        let body = match (client.has_body_ended(), header.headers.contains_key(header::CONTENT_LENGTH)) {
            (true, _) => BodyLength::None,
            (false, true) => BodyLength::Declared,
            (false, false) => BodyLength::Unknown,
        };
        let mut outgoing = header.clone();
        hop_by_hop::strip_request(&mut outgoing);
        if let Some(target) = &forward.target {
            outgoing.set_raw_path(target)?;
        }
        self.rewrite(&mut outgoing, forward, state)?;
        if forward.is_upgrade {
            outgoing.insert_header(header::CONNECTION, HeaderValue::from_static("Upgrade"))?;
            outgoing.insert_header(header::UPGRADE, HeaderValue::from_static("websocket"))?;
        }
        attempt.exchange.upstream.send(outgoing, header_case, body, attempt.server.is_tls())?;
        Ok(())
    }

    /// Puts our fields in the place of the client's. Runs after the hop-by-hop fields are gone, so that the client's
    /// `Connection` cannot take ours away (HDR-05).
    fn rewrite(self, request: &mut RequestHeader, forward: &Forward, state: &RequestState) -> Result<(), Failure> {
        let (gateway, route) = (self.gateway, self.route(forward));
        let is_own = |token: &[u8]| gateway.signed(token);
        let outgoing = Outgoing {
            names: &gateway.names,
            identity: forward.permit.session(),
            assertion: gateway.assertion(&forward.permit, route.upstream, state.received_at),
            authorization: if route.credentials.bearer {
                Authorization::Filtered { is_own: &is_own }
            } else {
                Authorization::Untouched
            },
            forwarded: &state.forwarded,
            request_id: &state.id,
            cookie_names: gateway.settings.cookie.names(),
        };
        Ok(headers::rewrite(request, &outgoing)?)
    }

    /// Returns the head of the response proper. Interim ones say nothing of ours and stop here, but for the leave to send
    /// a body (SMUG-13). An upstream that sends nothing else would hold the request for ever.
    async fn head(
        self,
        exchange: &mut Exchange,
        client: &mut Client,
        forward: &Forward,
    ) -> Result<ResponseHead, Failure> {
        for _ in 0..=MAX_INTERIM_RESPONSES {
            let head = exchange.head(client).await?;
            match head.header.status {
                StatusCode::SWITCHING_PROTOCOLS if forward.is_upgrade => return Ok(head),
                StatusCode::SWITCHING_PROTOCOLS => {
                    return Err(UpstreamError::Unexpected("an upgrade that nobody asked for").into());
                }
                StatusCode::CONTINUE => exchange.allow_body(client),
                status if status.is_informational() => {}
                _ => return Ok(head),
            }
        }
        Err(UpstreamError::Unexpected("too many interim responses").into())
    }

    /// Removes from the response what an upstream may not say, and adds what the gateway says.
    fn complete(
        self,
        request: ClientRequest<'_>,
        forward: &Forward,
        state: &RequestState,
        response: &mut ResponseHeader,
    ) -> Result<(), Failure> {
        let gateway = self.gateway;
        hop_by_hop::strip_response(response);
        if response.status == StatusCode::NO_CONTENT {
            response.remove_header(&header::CONTENT_LENGTH);
        }
        upstream_response::clean(response, &gateway.names, gateway.settings.cookie.names())?;
        response.insert_header(headers::REQUEST_ID, state.id.as_str())?;
        if gateway.settings.hsts && !response.headers.contains_key(header::STRICT_TRANSPORT_SECURITY) {
            let (name, value) = headers::HSTS;
            response.insert_header(name, value)?;
        }
        if forward.permit.session().is_some() && !response.headers.contains_key(header::CACHE_CONTROL) {
            response.insert_header(header::CACHE_CONTROL, HeaderValue::from_static("private"))?;
        }
        if let Some(remaining) = state.rate_limit {
            remaining.tell(response)?;
        }
        if !forward.is_upgrade && self.route(forward).cors == CorsBy::Gateway {
            state.cors.replace(response)?;
        }
        refresh::record_use(gateway, &request.header.headers, forward, response)?;
        if let Some(exchange) = &state.exchange {
            exchange.apply(&gateway.settings.cookie, response, &gateway.metrics.sessions.better_auth_cookies)?;
        }
        Ok(())
    }

    fn route(&self, forward: &Forward) -> &Route {
        self.gateway.routes.get(forward.route)
    }
}
