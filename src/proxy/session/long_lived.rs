//! Watches responses that outlive the check of their request: WebSockets, streams, long downloads. Their route's rule
//! is asked again when their session or its user changes and when another configuration takes over; they are terminated
//! when it holds no longer (WS-05, WS-06). How long ago the session was proved is asked at the beginning only.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use http::{HeaderMap, Method, StatusCode, header};
use pingora::http::{RequestHeader, ResponseHeader};
use time::OffsetDateTime;
use tokio::sync::watch;

use crate::{
    proxy::{
        decide::{
            current_gateway::Current,
            gateway::{AdmittedRequest, Gateway, SEC_FETCH_SITE},
            state::Forward,
        },
        request::target,
    },
    routing::CanonicalPath,
    sessions::Watched,
    types::{ActiveSession, Credential, Identity},
};

/// A response of more bytes than this may take long enough for its session to end meanwhile.
const MIN_LONG_RESPONSE: u64 = 1024 * 1024;

/// Holds a request under watch, from its response's head to its end.
pub(crate) struct LongLived {
    watched: Option<Watched>,
    over: Pin<Box<dyn Future<Output = ()> + Send>>,
}

/// Says why a request is terminated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TerminationReason {
    /// Its session is over.
    Session,
    /// The session lives, but the route's rule does not admit it any more.
    Access,
}

/// Follows a request from its response's head on, where the response may last.
pub(crate) fn watch(
    gateway: &Gateway,
    request: &RequestHeader,
    forward: &Forward,
    response: &ResponseHeader,
    current: &Arc<Current>,
) -> Option<LongLived> {
    let length =
        response.headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let is_websocket = forward.is_upgrade && response.status == StatusCode::SWITCHING_PROTOCOLS;
    let has_none = matches!(response.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    if !is_websocket && (has_none || length.is_some_and(|length| length <= MIN_LONG_RESPONSE)) {
        return None;
    }
    // An admitted request has both, so there always is one.
    let request = OpenRequest::new(request, forward, is_websocket)?;
    let watched = forward.permit.identity().map(|(active, credential)| (gateway.watch(active), credential));
    let admission = Admission {
        request,
        session: watched.as_ref().map(|(watched, credential)| (watched.session(), *credential)),
        replaced: current.replacements(),
        current: Arc::clone(current),
    };
    Some(LongLived { watched: watched.map(|(watched, _)| watched), over: Box::pin(admission.over()) })
}

impl LongLived {
    /// Returns when the request would not be admitted any more.
    pub(crate) fn poll_over(&mut self, cx: &mut Context<'_>) -> Poll<TerminationReason> {
        ready!(self.over.as_mut().poll(cx));
        Poll::Ready(match &self.watched {
            Some(watched) if watched.session().borrow().is_none() => TerminationReason::Session,
            _ => TerminationReason::Access,
        })
    }
}

impl std::fmt::Debug for LongLived {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LongLived")
    }
}

/// Holds how a request was admitted, to ask the same again.
struct Admission {
    request: OpenRequest,
    /// Is whoever was admitted; `None` for somebody whom the route did not ask.
    session: Option<(watch::Receiver<Option<Arc<ActiveSession>>>, Credential)>,
    current: Arc<Current>,
    replaced: watch::Receiver<()>,
}

impl Admission {
    /// Returns when the request would be rejected.
    async fn over(mut self) {
        while self.holds() {
            let session = self.session.as_mut().map(|(session, _)| session);
            let changed = async {
                match session {
                    Some(session) => session.changed().await,
                    None => std::future::pending().await,
                }
            };
            let told = tokio::select! {
                told = changed => told,
                told = self.replaced.changed() => told,
            };
            if told.is_err() {
                // The request is over and its watch with it.
                std::future::pending::<()>().await;
            }
        }
    }

    fn holds(&mut self) -> bool {
        let identity = match &mut self.session {
            None => Identity::Anonymous,
            Some((session, credential)) => match session.borrow_and_update().clone() {
                Some(session) => Identity::Session { session, credential: *credential },
                None => return false,
            },
        };
        self.replaced.mark_unchanged();
        self.current.load().still_admits(&self.request.summary(), identity)
    }
}

/// Holds what a route's rule looks at in a request, kept for as long as its response lasts.
#[derive(Debug)]
struct OpenRequest {
    host: String,
    path: CanonicalPath,
    method: Method,
    routed_method: Method,
    /// Holds those that tell which page sent it.
    headers: HeaderMap,
    is_upgrade: bool,
    received_at: OffsetDateTime,
}

impl OpenRequest {
    fn new(request: &RequestHeader, forward: &Forward, is_upgrade: bool) -> Option<Self> {
        let (host, path) = target::host_and_path(request)?;
        let mut headers = HeaderMap::new();
        for name in [header::ORIGIN, SEC_FETCH_SITE] {
            for value in request.headers.get_all(&name) {
                headers.append(name.clone(), value.clone());
            }
        }
        let (method, routed_method) = (request.method.clone(), forward.routed_method.clone());
        Some(Self { host, path, method, routed_method, headers, is_upgrade, received_at: forward.received_at })
    }

    fn summary(&self) -> AdmittedRequest<'_> {
        AdmittedRequest {
            host: &self.host,
            path: &self.path,
            method: &self.method,
            routed_method: &self.routed_method,
            headers: &self.headers,
            is_upgrade: self.is_upgrade,
            received_at: self.received_at,
        }
    }
}
