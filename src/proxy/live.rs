//! Requests that outlive the check of their session: WebSockets, streams, long downloads. They are cut when it ends.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use http::{StatusCode, header};
use pingora::{http::ResponseHeader, proxy::Session};
use tokio_util::sync::CancellationToken;

use super::{ctx::RequestState, frames::Frames, record};
use crate::auth::Watched;

/// An answer of more bytes than this may take long enough for its session to end meanwhile.
const LONG: u64 = 1024 * 1024;
/// For a client to take a close frame.
pub(super) const GOODBYE: Duration = Duration::from_secs(1);

/// What a connection and the request on it have to tell each other.
#[derive(Debug, Default)]
pub(super) struct Cut {
    ended: Mutex<Option<CancellationToken>>,
    changed: tokio::sync::Notify,
    is_websocket: AtomicBool,
    is_reading_ahead: AtomicBool,
    frames: Mutex<Frames>,
}

tokio::task_local! {
    /// Of the request that this task serves.
    pub(super) static CUT: Arc<Cut>;
}

impl Cut {
    /// Returns when the session of the request has ended; never, where none is watched.
    pub(super) async fn due(&self) {
        loop {
            let changed = self.changed.notified();
            let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner).clone();
            if let Some(ended) = ended {
                return ended.cancelled().await;
            }
            changed.await;
        }
    }

    fn follow(&self, watched: &Watched, is_websocket: bool) {
        self.is_websocket.store(is_websocket, Ordering::Relaxed);
        *self.ended.lock().unwrap_or_else(PoisonError::into_inner) = Some(watched.ended().clone());
        self.changed.notify_one();
    }

    /// The request is over, and the connection may serve another.
    pub(super) fn forget(&self) {
        *self.ended.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Whether what the client sends meanwhile is kept for the next request, and only its end is reported.
    pub(super) fn is_reading_ahead(&self) -> bool {
        self.is_reading_ahead.load(Ordering::Relaxed)
    }

    /// Takes note of what is written to the client.
    pub(super) fn written(&self, bytes: &[u8]) {
        if self.is_websocket.load(Ordering::Relaxed) {
            self.frames.lock().unwrap_or_else(PoisonError::into_inner).follow(bytes);
        }
    }

    /// Whether the client is owed a close frame and can take one.
    pub(super) fn wants_goodbye(&self) -> bool {
        let is_ended = self
            .ended
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .as_ref()
            .is_some_and(CancellationToken::is_cancelled);
        is_ended
            && self.is_websocket.load(Ordering::Relaxed)
            && self.frames.lock().unwrap_or_else(PoisonError::into_inner).is_between()
    }
}

/// Returns when the client of a request whose body was read has gone away: closed its connection, or reset its stream.
/// Nothing of a request behind this one is lost.
pub(super) async fn until_gone(session: &mut Session) {
    // Only the task of the connection has one.
    let _reading = CUT.try_with(|cut| ReadingAhead::begin(Arc::clone(cut)));
    // There is no body left, so whatever this returns is the end.
    let _ = session.as_downstream_mut().read_body_or_idle(true).await;
}

struct ReadingAhead(Arc<Cut>);

impl ReadingAhead {
    fn begin(cut: Arc<Cut>) -> Self {
        cut.is_reading_ahead.store(true, Ordering::Relaxed);
        Self(cut)
    }
}

impl Drop for ReadingAhead {
    fn drop(&mut self) {
        self.0.is_reading_ahead.store(false, Ordering::Relaxed);
    }
}

/// A request under watch. Its end is logged where the framework does not come to it.
#[derive(Debug)]
pub(super) struct Live {
    watched: Watched,
    pub(super) line: record::CutLine,
}

/// Watches a request from its answer's head on, where the answer may last.
pub(super) fn watch(session: &Session, state: &mut RequestState, response: &ResponseHeader) {
    let Some(forward) = &state.forward else { return };
    let Some((active, _)) = forward.permit.identity() else { return };
    let length =
        response.headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let is_websocket = forward.is_upgrade && response.status == StatusCode::SWITCHING_PROTOCOLS;
    let has_none = matches!(response.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    if !is_websocket && (has_none || length.is_some_and(|length| length <= LONG)) {
        return;
    }
    let watched = state.gateway.watch(active);
    // Only the task of the connection has one.
    let _ = CUT.try_with(|cut| cut.follow(&watched, is_websocket));
    state.live = Some(Live { watched, line: record::CutLine::of(session, response.status.as_u16(), is_websocket) });
}

impl Live {
    pub(super) fn is_ended(&self) -> bool {
        self.watched.ended().is_cancelled()
    }
}
