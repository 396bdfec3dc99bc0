//! Keeps connections to a server between requests.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crate::proxy::http1::connection::Http1Connection;

/// Idle connections are closed after this time. It lies below the keep-alive of common application servers (uvicorn: 5
/// s), so that a request is not sent down a connection that the upstream is closing.
pub(crate) const IDLE_TIMEOUT: Duration = Duration::from_secs(4);
/// Bounds the connections that are kept to one server.
const MAX_KEPT: usize = 4096;

/// Holds the connections, the one that was used last at the end.
#[derive(Debug, Default)]
pub(crate) struct IdleConnections(Mutex<VecDeque<(Instant, Http1Connection)>>);

impl IdleConnections {
    /// Returns a connection that the server has neither closed nor written to.
    pub(crate) fn take(&self) -> Option<Http1Connection> {
        loop {
            let (since, mut connection) = self.lock().pop_back()?;
            if since.elapsed() < IDLE_TIMEOUT && connection.is_quiet() {
                return Some(connection);
            }
        }
    }

    /// Keeps a connection for the next request.
    pub(crate) fn keep(&self, connection: Http1Connection) {
        let mut connections = self.lock();
        if connections.len() == MAX_KEPT {
            connections.pop_front();
        }
        connections.push_back((Instant::now(), connection));
    }

    /// Closes those that were kept for too long.
    pub(crate) fn close_expired(&self) {
        let mut connections = self.lock();
        while connections.front().is_some_and(|(since, _)| since.elapsed() >= IDLE_TIMEOUT) {
            connections.pop_front();
        }
        if connections.is_empty() {
            connections.shrink_to_fit();
        }
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<(Instant, Http1Connection)>> {
        // Nothing that holds the lock can panic half-way through a change.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
