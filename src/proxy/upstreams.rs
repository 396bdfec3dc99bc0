//! The servers behind, each as a ready-made peer, used in turn.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use pingora::upstreams::peer::HttpPeer;

use super::settings::Upstream;
use crate::routes::UpstreamId;

/// Below the keep-alive of common application servers (uvicorn: 5 s), so that a request is not sent down a connection
/// that the upstream is closing.
const IDLE_TIMEOUT: Duration = Duration::from_secs(4);

/// Every upstream of a configuration.
#[derive(Debug)]
pub(super) struct Upstreams(Vec<Balanced>);

#[derive(Debug)]
struct Balanced {
    name: String,
    servers: Vec<Server>,
    next: AtomicUsize,
}

/// Peers are built once; making one resolves and hashes.
#[derive(Debug)]
struct Server {
    peer: HttpPeer,
    /// Without read timeout: an open WebSocket may be silent for long.
    upgraded: HttpPeer,
}

impl Upstreams {
    pub(super) fn new(upstreams: &[Upstream]) -> Self {
        let balanced = upstreams.iter().map(|upstream| Balanced {
            name: upstream.name.clone(),
            servers: upstream.servers.iter().map(|server| Server::new(upstream, server.address)).collect(),
            next: AtomicUsize::new(0),
        });
        Self(balanced.collect())
    }

    pub(super) fn name(&self, id: UpstreamId) -> &str {
        &self.0[id.0].name
    }

    /// How many servers a request could be sent to.
    pub(super) fn count(&self, id: UpstreamId) -> usize {
        self.0[id.0].servers.len()
    }

    /// The next server in turn.
    pub(super) fn next(&self, id: UpstreamId, is_upgrade: bool) -> Box<HttpPeer> {
        let upstream = &self.0[id.0];
        let turn = upstream.next.fetch_add(1, Ordering::Relaxed) % upstream.servers.len();
        let server = &upstream.servers[turn];
        Box::new(if is_upgrade { server.upgraded.clone() } else { server.peer.clone() })
    }
}

impl Server {
    fn new(upstream: &Upstream, address: std::net::SocketAddr) -> Self {
        let mut peer = HttpPeer::new(address, false, String::new());
        peer.options.connection_timeout = Some(upstream.timeouts.connect);
        peer.options.total_connection_timeout = Some(upstream.timeouts.connect);
        peer.options.read_timeout = Some(upstream.timeouts.read);
        peer.options.write_timeout = Some(upstream.timeouts.write);
        peer.options.idle_timeout = Some(IDLE_TIMEOUT);
        let mut upgraded = peer.clone();
        upgraded.options.read_timeout = None;
        Self { peer, upgraded }
    }
}
