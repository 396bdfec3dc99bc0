//! Describes one server of an upstream, and a request under way to it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwapOption;
use pingora::protocols::l4::socket::SocketAddr;

use crate::{
    observe::Metrics,
    proxy::{
        settings::{Upstream, UpstreamServer},
        upstreams::{health::Health, peer::Peers},
    },
    routing::Route,
};

/// Holds one server of an upstream.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) settings: UpstreamServer,
    /// Is replaced when the server's name leads to another address; it is nothing while the name leads nowhere.
    pub(crate) peers: ArcSwapOption<Peers>,
    pub(crate) health: Health,
    pub(crate) in_use: AtomicUsize,
    timeouts: Timeouts,
}

/// Limits the time between two reads from a server, and between two writes to it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timeouts {
    pub(crate) read: Duration,
    pub(crate) write: Duration,
}

/// Counts a request as under way to a server, until dropped.
#[derive(Debug)]
pub(crate) struct ServerGuard {
    server: Arc<Server>,
}

impl Server {
    /// Takes the server for healthy. Without an address its name leads nowhere yet.
    pub(crate) fn new(
        upstream: &Upstream,
        server: &UpstreamServer,
        metrics: &Metrics,
        address: Option<SocketAddr>,
    ) -> Self {
        let labels = [upstream.name.as_str(), server.url.as_str()];
        Self {
            settings: server.clone(),
            peers: ArcSwapOption::from_pointee(address.map(|address| Peers::new(upstream, server, address))),
            health: Health::new(labels, metrics, upstream.health_check.as_ref()),
            in_use: AtomicUsize::new(0),
            timeouts: Timeouts { read: upstream.timeouts.read, write: upstream.timeouts.write },
        }
    }

    /// Returns whether requests may go there now.
    pub(crate) fn is_usable(&self) -> bool {
        self.health.is_usable() && self.peers.load().is_some()
    }
}

impl ServerGuard {
    /// Counts one more request as under way to the server.
    pub(crate) fn new(server: Arc<Server>) -> Self {
        server.in_use.fetch_add(1, Ordering::Relaxed);
        Self { server }
    }

    /// Returns how the server is reached; `None` while its name leads nowhere.
    pub(crate) fn peers(&self) -> Option<Arc<Peers>> {
        self.server.peers.load_full()
    }

    /// Returns how long the server may take for a request of this route.
    pub(crate) fn timeouts(&self, route: &Route) -> Timeouts {
        let given = route.timeouts.as_ref();
        Timeouts {
            read: given.and_then(|timeouts| timeouts.read).unwrap_or(self.server.timeouts.read),
            write: given.and_then(|timeouts| timeouts.write).unwrap_or(self.server.timeouts.write),
        }
    }

    /// Tells whether the server's address is one of `https`.
    pub(crate) fn is_tls(&self) -> bool {
        self.server.settings.is_tls
    }

    /// Notes that the server gave a response, of whatever status.
    pub(crate) fn responded(&self) {
        self.server.health.responded();
    }

    /// Notes that the server could not be connected to.
    pub(crate) fn connect_failed(&self) {
        self.server.health.connect_failed();
    }

    /// Notes that the connection failed before the response.
    pub(crate) fn failed(&self) {
        self.server.health.failed();
    }
}

impl Drop for ServerGuard {
    fn drop(&mut self) {
        self.server.in_use.fetch_sub(1, Ordering::Relaxed);
    }
}
