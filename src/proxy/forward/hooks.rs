//! Implements the framework's hooks, in the order in which they run. Each hands over to the room that knows.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use pingora::{
    Error, ErrorSource, ErrorType,
    http::{RequestHeader, ResponseHeader},
    modules::http::HttpModules,
    proxy::{FailToProxy, ProxyHttp, Session},
    upstreams::peer::HttpPeer,
};

use crate::{
    proxy::{
        decide::{
            current_gateway::Current,
            gateway::{Admitted, Gateway},
            rejection::Rejection,
            state::{RequestState, Responder},
        },
        forward::{access_log, bridge, ctx::Ctx, response, upstream_response},
        http1::{body_framing::BodyError, http10},
        identity::headers::{self, Authorization, Outgoing},
        session::{
            long_lived::{self, TERMINATION},
            refresh,
        },
        upstreams::pool::Tried,
    },
    routing::CorsBy,
};

/// Bounds the interim responses to one request. Servers send one or two.
const MAX_INTERIM_RESPONSES: usize = 16;

/// Implements what the framework calls. Each request takes the gateway that is in force when it arrives, and keeps it
/// to its end.
pub(crate) struct Hooks(pub(crate) Arc<Current>);

#[async_trait]
impl ProxyHttp for Hooks {
    /// Is boxed, as the framework hands it from one of its futures to the next, and each keeps places for it.
    type CTX = Box<Ctx>;

    fn new_ctx(&self) -> Box<Ctx> {
        Box::new(Ctx::new(self.0.load_full()))
    }

    /// Nothing here compresses, caches or rewrites bodies.
    fn init_downstream_modules(&self, modules: &mut HttpModules) {
        modules.add_module(Box::new(http10::Unchunk));
    }

    /// Decides on the request. `Ok(true)` means that the response was written here and nothing is forwarded.
    async fn request_filter(&self, session: &mut Session, ctx: &mut Box<Ctx>) -> pingora::Result<bool> {
        let gateway = Arc::clone(&ctx.gateway);
        let admitted = admit(&gateway, session, &mut ctx.state).await?;
        record_in_span(&gateway, &ctx.state);
        match admitted {
            Ok(Admitted::Upstream) => {
                if ctx.state.forward.as_ref().is_some_and(|forward| forward.is_upgrade) {
                    // An open WebSocket may be silent for long.
                    session.set_read_timeout(None);
                }
                Ok(false)
            }
            Ok(Admitted::Local(target)) => {
                bridge::serve(session, ctx, &target).await?;
                Ok(true)
            }
            Ok(Admitted::Preflight(fields)) => {
                response::write(session, ctx, StatusCode::NO_CONTENT, fields, Bytes::new()).await?;
                Ok(true)
            }
            Ok(Admitted::Authorized { mut fields, route, permit }) => {
                let cookie = refresh::record_forward_auth(&gateway, &session.req_header().headers, route, &permit);
                fields.extend(cookie.map(|cookie| (header::SET_COOKIE, cookie)));
                response::write(session, ctx, StatusCode::OK, fields, Bytes::new()).await?;
                Ok(true)
            }
            Err(rejection) => {
                response::reject(session, ctx, &rejection).await?;
                Ok(true)
            }
        }
    }

    /// Without a permit there is no upstream: a forgotten check is an internal error, never a pass.
    async fn upstream_peer(&self, _: &mut Session, ctx: &mut Box<Ctx>) -> pingora::Result<Box<HttpPeer>> {
        let Some(forward) = &ctx.state.forward else {
            return Err(Error::explain(ErrorType::InternalError, "no permit").into_in());
        };
        let route = ctx.gateway.routes.get(forward.route);
        let server = ctx.gateway.upstreams.choose(route.upstream, &mut ctx.state.tried);
        let peer = server.peer(route, forward.is_upgrade);
        ctx.state.server = Some(server);
        peer.ok_or_else(|| {
            let mut error = Error::explain(ErrorType::ConnectNoRoute, "the server's name leads nowhere").into_up();
            note_connect_failure(ctx, &mut error);
            error
        })
    }

    /// Counts the body, since a chunked one has no declared length.
    async fn request_body_filter(
        &self,
        _: &mut Session,
        body: &mut Option<Bytes>,
        _end: bool,
        ctx: &mut Box<Ctx>,
    ) -> pingora::Result<()> {
        ctx.state.body_received += body.as_ref().map_or(0, |chunk| chunk.len() as u64);
        let limit = ctx.state.forward.as_ref().and_then(|forward| ctx.gateway.routes.get(forward.route).max_body);
        if limit.is_some_and(|limit| ctx.state.body_received > limit) {
            return Err(Error::explain(ErrorType::HTTPStatus(413), "body over the route's limit").into_down());
        }
        Ok(())
    }

    /// Runs after the framework removed hop-by-hop fields, so the client's `Connection` cannot take ours away
    /// (HDR-05), and again for every retry.
    async fn upstream_request_filter(
        &self,
        _: &mut Session,
        request: &mut RequestHeader,
        ctx: &mut Box<Ctx>,
    ) -> pingora::Result<()> {
        let (Some(forward), Some(forwarded)) = (&ctx.state.forward, &ctx.state.forwarded) else {
            return Err(Error::explain(ErrorType::InternalError, "no permit").into_in());
        };
        if let Some(target) = &forward.target {
            request.set_raw_path(target)?;
        }
        let (gateway, route) = (&ctx.gateway, ctx.gateway.routes.get(forward.route));
        let is_own = |token: &[u8]| gateway.signed(token);
        let outgoing = Outgoing {
            names: &ctx.gateway.names,
            identity: forward.permit.identity(),
            assertion: gateway.assertion(&forward.permit, route.upstream, ctx.state.received_at),
            authorization: if route.credentials.bearer {
                Authorization::Filtered { is_own: &is_own }
            } else {
                Authorization::Untouched
            },
            forwarded,
            request_id: &ctx.state.id,
            cookie_names: ctx.gateway.settings.cookie.names(),
        };
        headers::rewrite(request, &outgoing)
    }

    async fn response_filter(
        &self,
        session: &mut Session,
        response: &mut ResponseHeader,
        ctx: &mut Box<Ctx>,
    ) -> pingora::Result<()> {
        if response.status.is_informational() && response.status != StatusCode::SWITCHING_PROTOCOLS {
            return interim(response, ctx);
        }
        let is_upgrade = ctx.state.forward.as_ref().is_some_and(|forward| forward.is_upgrade);
        if response.status == StatusCode::SWITCHING_PROTOCOLS && !is_upgrade {
            return Err(Error::explain(ErrorType::InvalidHTTPHeader, "an upgrade that nobody asked for").into_up());
        }
        ctx.state.has_response = true;
        if let Some(server) = &ctx.state.server {
            server.responded();
        }
        upstream_response::check_framing(response)?;
        http10::end_where_length_is_unknown(session, response);
        upstream_response::clean(response, &ctx.gateway.names, ctx.gateway.settings.cookie.names())?;
        response.insert_header(headers::REQUEST_ID, ctx.state.id.as_str())?;
        if ctx.gateway.settings.hsts && !response.headers.contains_key(header::STRICT_TRANSPORT_SECURITY) {
            let (name, value) = headers::HSTS;
            response.insert_header(name, value)?;
        }
        let is_personal = ctx.state.forward.as_ref().is_some_and(|forward| forward.permit.identity().is_some());
        if is_personal && !response.headers.contains_key(header::CACHE_CONTROL) {
            response.insert_header(header::CACHE_CONTROL, HeaderValue::from_static("private"))?;
        }
        if let Some(remaining) = ctx.state.rate_limit {
            remaining.tell(response)?;
        }
        if let Some(forward) = &ctx.state.forward {
            if !forward.is_upgrade && ctx.gateway.routes.get(forward.route).cors == CorsBy::Gateway {
                ctx.state.cors.replace(response)?;
            }
            refresh::record_use(&ctx.gateway, session, forward, response)?;
        }
        ctx.long_lived = long_lived::watch(&ctx.gateway, session, ctx.state.forward.as_ref(), response, &self.0)?;
        Ok(())
    }

    /// Counts what the client has not taken yet. Of a connection that speaks HTTP/1.1 the stream itself can tell.
    fn response_body_filter(
        &self,
        session: &mut Session,
        body: &mut Option<Bytes>,
        _end: bool,
        ctx: &mut Box<Ctx>,
    ) -> pingora::Result<Option<Duration>> {
        if let (Some(bytes), Some(load), true) = (body, &ctx.state.load, session.is_http2()) {
            *bytes = load.hold(std::mem::take(bytes));
        }
        Ok(None)
    }

    /// Nothing was sent yet, so another server may be tried whatever the method.
    fn fail_to_connect(&self, _: &mut Session, _: &HttpPeer, ctx: &mut Box<Ctx>, mut error: Box<Error>) -> Box<Error> {
        note_connect_failure(ctx, &mut error);
        error
    }

    /// The request had reached the server, so it is sent once more only where that changes nothing: without a body,
    /// with a method that may be repeated, and not after a timeout, which a second wait would only lengthen (FAIL-06).
    /// The identity is written anew by `upstream_request_filter`.
    fn error_while_proxy(
        &self,
        _: &HttpPeer,
        session: &mut Session,
        mut error: Box<Error>,
        ctx: &mut Box<Ctx>,
        is_reused: bool,
    ) -> Box<Error> {
        let is_upstreams = *error.esource() == ErrorSource::Upstream;
        let has_answered = session.response_written().is_some() || ctx.state.has_response;
        if let Some(server) = ctx.state.server.as_ref().filter(|_| is_upstreams && !is_reused) {
            server.failed();
        }
        let is_repeatable = session.req_header().method.is_idempotent() && session.is_body_empty();
        let may_retry = is_upstreams
            && !has_answered
            && !ctx.state.is_retried
            && is_repeatable
            && !matches!(error.etype(), ErrorType::ReadTimedout | ErrorType::WriteTimedout)
            && ctx.state.forward.as_ref().is_some_and(|forward| {
                // A kept connection may have been closed by the server just now: then the same server is fine.
                let upstream = ctx.gateway.routes.get(forward.route).upstream;
                !forward.is_upgrade && (is_reused || ctx.gateway.upstreams.has_other(upstream, ctx.state.tried))
            });
        if may_retry && let Some(forward) = &ctx.state.forward {
            ctx.state.is_retried = true;
            let upstream = ctx.gateway.routes.get(forward.route).upstream;
            if is_reused {
                ctx.state.tried = Tried::default();
            } else {
                ctx.gateway.upstreams.count_retry(upstream);
            }
        }
        error.set_retry(may_retry);
        error
    }

    async fn fail_to_proxy(&self, session: &mut Session, error: &Error, ctx: &mut Box<Ctx>) -> FailToProxy {
        let status = match rejection_of(error) {
            Some(rejection) => {
                let status = rejection.problem().status();
                access_log::failure(&ctx.gateway, &ctx.state, error, &rejection);
                if session.response_written().is_none() {
                    // The connection ends after this, and a client that is not told would use it once more.
                    session.set_keepalive(None);
                    // The client may be gone by now.
                    let _ = response::reject(session, ctx, &rejection).await;
                }
                status.as_u16()
            }
            None => 0,
        };
        FailToProxy { error_code: status, can_reuse_downstream: false }
    }

    /// Failures are logged once, in `fail_to_proxy`, with the request's id.
    fn suppress_error_log(&self, _: &Session, _: &Box<Ctx>, _: &Error) -> bool {
        true
    }

    /// Records the request. Runs last for every request, whether its response was made here or forwarded.
    async fn logging(&self, session: &mut Session, error: Option<&Error>, ctx: &mut Box<Ctx>) {
        ctx.long_lived = None;
        let _ = TERMINATION.try_with(|termination| termination.forget());
        access_log::request(&ctx.gateway, session, &ctx.state, error);
    }
}

/// Names the request and its route in the span that every line of the log about it shows at the level debug.
fn record_in_span(gateway: &Gateway, state: &RequestState) {
    if tracing::enabled!(tracing::Level::DEBUG) {
        let span = tracing::Span::current();
        span.record("request.id", state.id.as_str());
        if let Responder::Route(id) = state.responder {
            span.record("route.name", gateway.routes.get(id).name.as_str());
        }
    }
}

/// Asks whether the request is admitted. That ends with its client: where a stream is reset, nobody waits for the
/// response any more. Of a connection that speaks HTTP/1.1 nothing is read meanwhile, as that could be its next
/// request.
async fn admit(
    gateway: &Gateway,
    session: &mut Session,
    state: &mut RequestState,
) -> pingora::Result<Result<Admitted, Rejection>> {
    let peer = session.client_addr().and_then(|address| address.as_inet()).map(SocketAddr::ip);
    if !session.is_http2() {
        return Ok(gateway.admit(peer, session.req_header(), state).await);
    }
    // The head is lent out, so that the stream can be watched meanwhile.
    let nothing = RequestHeader::build("GET", b"/", Some(0))?;
    let request = std::mem::replace(session.req_header_mut(), nothing);
    let admitted = tokio::select! {
        biased;
        () = long_lived::until_gone(session) => {
            Err(Error::explain(ErrorType::ConnectionClosed, "the client is gone").into_down())
        }
        admitted = gateway.admit(peer, &request, state) => Ok(admitted),
    };
    *session.req_header_mut() = request;
    admitted
}

/// No connection to the chosen server came about, so nothing has reached it: another one may be tried.
fn note_connect_failure(ctx: &mut Ctx, error: &mut Error) {
    ctx.state.connect_failures += 1;
    if let Some(server) = &ctx.state.server {
        server.connect_failed();
    }
    let servers = ctx
        .state
        .forward
        .as_ref()
        .map_or(1, |forward| ctx.gateway.upstreams.count(ctx.gateway.routes.get(forward.route).upstream));
    error.set_retry(ctx.state.connect_failures < servers);
}

/// An interim response says nothing of ours and is not written down as the use of a session; the response proper
/// follows. An upstream that sends nothing else would hold the request for ever.
fn interim(response: &mut ResponseHeader, ctx: &mut Ctx) -> pingora::Result<()> {
    ctx.state.interim_responses += 1;
    if ctx.state.interim_responses > MAX_INTERIM_RESPONSES {
        return Err(Error::explain(ErrorType::InvalidHTTPHeader, "too many interim answers").into_up());
    }
    upstream_response::clean(response, &ctx.gateway.names, ctx.gateway.settings.cookie.names())
}

/// Returns the rejection for a failure while proxying; `None` when the client is gone.
fn rejection_of(error: &Error) -> Option<Rejection> {
    use ErrorType::{
        ConnectTimedout, ConnectionClosed, HTTPStatus, ReadError, ReadTimedout, TLSHandshakeTimedout, WriteError,
        WriteTimedout,
    };
    match (error.esource(), error.etype()) {
        (_, HTTPStatus(413)) => Some(Rejection::BodyTooLarge),
        (ErrorSource::Upstream, ConnectTimedout | ReadTimedout | WriteTimedout | TLSHandshakeTimedout) => {
            Some(Rejection::UpstreamTimedOut)
        }
        (ErrorSource::Upstream, _) => Some(Rejection::UpstreamFailed),
        (ErrorSource::Downstream, ReadTimedout) => Some(Rejection::ClientTimedOut),
        (ErrorSource::Downstream, ReadError) if is_misframed(error) => Some(Rejection::MalformedBody),
        (ErrorSource::Downstream, ReadError | WriteError | WriteTimedout | ConnectionClosed) => None,
        (ErrorSource::Downstream, _) => Some(Rejection::MalformedBody),
        (ErrorSource::Internal | ErrorSource::Unset, _) => Some(Rejection::Internal("the framework failed")),
    }
}

/// Tells whether reading failed because of what the client sent, see `body_framing`.
fn is_misframed(error: &Error) -> bool {
    let cause = error.cause.as_deref().and_then(|cause| cause.downcast_ref::<std::io::Error>());
    cause.is_some_and(BodyError::is_cause_of)
}
