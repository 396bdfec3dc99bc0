//! Watches responses that outlive the check of their request: WebSockets, streams, long downloads. Their route's rule
//! is asked again when their session or its user changes and when another configuration takes over; they are terminated
//! when it holds no longer (WS-05, WS-06).

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use http::{HeaderMap, Method, StatusCode, header};
use pingora::{
    Error, ErrorType,
    http::{RequestHeader, ResponseHeader},
    proxy::Session,
};
use tokio::sync::{Notify, watch};

use crate::{
    proxy::{
        decide::{
            current_gateway::Current,
            gateway::{AdmittedRequest, Gateway, SEC_FETCH_SITE},
            state::Forward,
        },
        request::target,
        server::load::{ConnectionLoad, UnderWay},
        session::frames::Frames,
    },
    routing::CanonicalPath,
    sessions::Watched,
    types::{ActiveSession, Credential, Identity},
};

/// A response of more bytes than this may take long enough for its session to end meanwhile.
const MIN_LONG_RESPONSE: u64 = 1024 * 1024;
/// Bounds the time in which a client may take a close frame.
pub(crate) const CLOSE_FRAME_TIMEOUT: Duration = Duration::from_secs(1);

/// Holds what a connection and the request on it have to tell each other.
#[derive(Debug)]
pub(crate) struct Termination {
    admission: Mutex<Option<Admission>>,
    changed: Notify,
    is_over: AtomicBool,
    is_websocket: AtomicBool,
    is_reading_ahead: AtomicBool,
    frames: Mutex<Frames>,
    load: Arc<ConnectionLoad>,
}

tokio::task_local! {
    /// Belongs to the request that this task serves.
    pub(crate) static TERMINATION: Arc<Termination>;
}

impl Termination {
    pub(crate) fn new(load: Arc<ConnectionLoad>) -> Self {
        Self {
            admission: Mutex::default(),
            changed: Notify::new(),
            is_over: AtomicBool::new(false),
            is_websocket: AtomicBool::new(false),
            is_reading_ahead: AtomicBool::new(false),
            frames: Mutex::default(),
            load,
        }
    }

    /// Returns the load of the connection.
    pub(crate) fn load(&self) -> &Arc<ConnectionLoad> {
        &self.load
    }

    /// Returns when the request would not be admitted any more; never, where none is followed.
    pub(crate) async fn until_over(&self) {
        loop {
            let changed = self.changed.notified();
            let admission = self.admission().clone();
            let over = async {
                match admission {
                    Some(admission) => admission.over().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = over => {
                    self.is_over.store(true, Ordering::Relaxed);
                    return;
                }
                () = changed => {}
            }
        }
    }

    fn follow(&self, admission: Admission, is_websocket: bool) {
        self.is_websocket.store(is_websocket, Ordering::Relaxed);
        *self.admission() = Some(admission);
        self.changed.notify_one();
    }

    /// Notes that the request is over, and that the connection may serve another.
    pub(crate) fn forget(&self) {
        if self.admission().take().is_some() {
            self.changed.notify_one();
        }
    }

    fn admission(&self) -> MutexGuard<'_, Option<Admission>> {
        self.admission.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    /// Returns whether what the client sends meanwhile is kept for the next request, and only its end is reported.
    pub(crate) fn is_reading_ahead(&self) -> bool {
        self.is_reading_ahead.load(Ordering::Relaxed)
    }

    /// Takes note of what is written to the client.
    pub(crate) fn written(&self, bytes: &[u8]) {
        if self.is_websocket.load(Ordering::Relaxed) {
            self.frames.lock().unwrap_or_else(PoisonError::into_inner).follow(bytes);
        }
    }

    /// Returns whether the client is owed a close frame and can take one.
    pub(crate) fn wants_close_frame(&self) -> bool {
        self.is_over()
            && self.is_websocket.load(Ordering::Relaxed)
            && self.frames.lock().unwrap_or_else(PoisonError::into_inner).is_between()
    }
}

/// Counts one more request on the connection that this task serves, where it serves one.
pub(crate) fn begin_load() -> Option<UnderWay> {
    TERMINATION.try_with(|termination| UnderWay::begin(Arc::clone(termination.load()))).ok()
}

/// Returns when the client of a request whose body was read has gone away: closed its connection, or reset its stream.
/// Nothing of a request behind this one is lost.
pub(crate) async fn until_gone(session: &mut Session) {
    // Only the task of the connection has one.
    let _reading = TERMINATION.try_with(|termination| ReadingAhead::begin(Arc::clone(termination)));
    // There is no body left, so whatever this returns is the end.
    let _ = session.as_downstream_mut().read_body_or_idle(true).await;
}

struct ReadingAhead(Arc<Termination>);

impl ReadingAhead {
    fn begin(termination: Arc<Termination>) -> Self {
        termination.is_reading_ahead.store(true, Ordering::Relaxed);
        Self(termination)
    }
}

impl Drop for ReadingAhead {
    fn drop(&mut self) {
        self.0.is_reading_ahead.store(false, Ordering::Relaxed);
    }
}

/// Holds how a request was admitted, to ask the same again.
#[derive(Debug, Clone)]
struct Admission {
    request: Arc<OpenRequest>,
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
}

impl OpenRequest {
    fn new(request: &RequestHeader, routed_method: &Method, is_upgrade: bool) -> Option<Self> {
        let (host, path) = target::host_and_path(request)?;
        let mut headers = HeaderMap::new();
        for name in [header::ORIGIN, SEC_FETCH_SITE] {
            for value in request.headers.get_all(&name) {
                headers.append(name.clone(), value.clone());
            }
        }
        let (method, routed_method) = (request.method.clone(), routed_method.clone());
        Some(Self { host, path, method, routed_method, headers, is_upgrade })
    }

    fn summary(&self) -> AdmittedRequest<'_> {
        AdmittedRequest {
            host: &self.host,
            path: &self.path,
            method: &self.method,
            routed_method: &self.routed_method,
            headers: &self.headers,
            is_upgrade: self.is_upgrade,
        }
    }
}

/// Holds a request under watch. Its end is logged where the framework does not come to it.
#[derive(Debug)]
pub(crate) struct LongLived {
    watched: Option<Watched>,
    termination: Option<Arc<Termination>>,
    pub(crate) line: TerminatedLine,
}

/// Holds what is known of a request whose response may last, in case that it is cut off.
#[derive(Debug)]
pub(crate) struct TerminatedLine {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) host: String,
    pub(crate) user_agent: String,
    pub(crate) status: u16,
    pub(crate) is_websocket: bool,
}

impl TerminatedLine {
    fn new(gateway: &Gateway, session: &Session, status: u16, is_websocket: bool) -> Self {
        let request = session.req_header();
        let text =
            |name| request.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        Self {
            method: request.method.clone(),
            path: gateway.auth_api.paths.logged(request.uri.path()).into_owned(),
            host: text(header::HOST),
            user_agent: text(header::USER_AGENT),
            status,
            is_websocket,
        }
    }
}

/// Says how a request that was terminated came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TerminationReason {
    /// Its session is over.
    Session,
    /// The session lives, but the route's rule does not admit it any more.
    Access,
    /// Something else ended it, such as the end of the process.
    Other,
}

/// Follows a request from its response's head on, where the response may last.
pub(crate) fn watch(
    gateway: &Gateway,
    session: &Session,
    forward: Option<&Forward>,
    response: &ResponseHeader,
    current: &Arc<Current>,
) -> pingora::Result<Option<LongLived>> {
    let Some(forward) = forward else { return Ok(None) };
    let length =
        response.headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let is_websocket = forward.is_upgrade && response.status == StatusCode::SWITCHING_PROTOCOLS;
    let has_none = matches!(response.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    if !is_websocket && (has_none || length.is_some_and(|length| length <= MIN_LONG_RESPONSE)) {
        return Ok(None);
    }
    let request = OpenRequest::new(session.req_header(), &forward.routed_method, is_websocket)
        .ok_or_else(|| Error::explain(ErrorType::InternalError, "an admitted request without a place").into_in())?;
    let watched = forward.permit.identity().map(|(active, credential)| (gateway.watch(active), credential));
    let admission = Admission {
        request: Arc::new(request),
        session: watched.as_ref().map(|(watched, credential)| (watched.session(), *credential)),
        replaced: current.replacements(),
        current: Arc::clone(current),
    };
    // Only the task of the connection has one.
    let termination = TERMINATION.try_with(Arc::clone).ok();
    if let Some(termination) = &termination {
        termination.follow(admission, is_websocket);
    }
    let line = TerminatedLine::new(gateway, session, response.status.as_u16(), is_websocket);
    Ok(Some(LongLived { watched: watched.map(|(watched, _)| watched), termination, line }))
}

impl LongLived {
    pub(crate) fn reason(&self) -> TerminationReason {
        if !self.termination.as_ref().is_some_and(|termination| termination.is_over()) {
            return TerminationReason::Other;
        }
        match &self.watched {
            Some(watched) if watched.session().borrow().is_none() => TerminationReason::Session,
            _ => TerminationReason::Access,
        }
    }
}
