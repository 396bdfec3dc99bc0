//! Serves one request of a connection, whichever version the connection speaks.

use std::{sync::Arc, time::Duration};

use pingora::{
    apps::{HttpServerApp, ReusedHttpStream},
    protocols::http::ServerSession,
};
use tokio::sync::watch;
use tracing::{Instrument, field::Empty};

use crate::proxy::{
    server::proxy::Proxy,
    session::long_lived::{TERMINATION, Termination},
};

/// Bounds the time between two requests of a connection.
pub(crate) const IDLE_TIMEOUT: Duration = Duration::from_mins(1);
/// Bounds the time between two reads of a request body, and two writes of a response to a client that does not take it.
pub(crate) const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// Serves one request of either version, its head being parsed.
pub(crate) async fn serve_request(
    proxy: &Proxy,
    session: ServerSession,
    termination: &Arc<Termination>,
    is_stopping: &watch::Receiver<bool>,
) -> Option<ReusedHttpStream> {
    // This is no span at all where the log has no debug lines; `hooks` fills it in.
    let span = tracing::debug_span!("request", request.id = Empty, route.name = Empty);
    let request = TERMINATION
        .scope(Arc::clone(termination), proxy.http().process_new_http(session, is_stopping))
        .instrument(span);
    tokio::select! {
        reused = request => reused,
        // Everything that is left of the request goes with its future: the connection to the upstream, and the client's.
        () = termination.until_over() => None,
        () = termination.load().evicted() => None,
    }
}
