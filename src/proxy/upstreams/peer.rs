//! Says how a server is connected to, in pingora's terms. It is made once; making one hashes and copies.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
    time::Duration,
};

use pingora::{
    protocols::{ALPN, l4::socket::SocketAddr},
    upstreams::peer::HttpPeer,
    utils::tls::{CertKey, WrappedX509, parse_x509},
};

use crate::proxy::{
    settings::{Upstream, UpstreamServer, UpstreamTls},
    upstreams::idle::{IDLE_TIMEOUT, IdleConnections},
};

/// Bounds the requests at a time on one HTTP/2 connection, as most servers do.
pub(crate) const MAX_STREAMS: usize = 100;

/// Holds how one server is connected to at its address, and the connections that are kept to it.
#[derive(Debug)]
pub(crate) struct Peers {
    pub(crate) peer: HttpPeer,
    /// Is the same where HTTP/1.1 has to be spoken, as for WebSockets.
    pub(crate) http1: HttpPeer,
    pub(crate) speaks_http2: bool,
    pub(crate) connect_timeout: Duration,
    pub(crate) idle: IdleConnections,
}

impl Peers {
    /// Creates the peers of a server. Connections are shared only within a group.
    pub(crate) fn new(upstream: &Upstream, server: &UpstreamServer, address: SocketAddr) -> Self {
        // An empty name would switch verification off, so there always is one.
        let name = upstream.tls.as_ref().and_then(|tls| tls.server_name.as_deref()).or(server.address.host());
        let name = if server.is_tls { name.unwrap_or("localhost").to_owned() } else { String::new() };
        let mut peer = HttpPeer::new(std::net::SocketAddr::from(([127, 0, 0, 1], 0)), server.is_tls, name);
        peer._address = address;
        peer.group_key = group(upstream);
        peer.options.connection_timeout = Some(upstream.timeouts.connect);
        peer.options.total_connection_timeout = Some(upstream.timeouts.connect);
        peer.options.idle_timeout = Some(IDLE_TIMEOUT);
        if let Some(UpstreamTls { ca, client, .. }) = upstream.tls.as_ref().filter(|_| server.is_tls) {
            peer.options.ca = ca.as_ref().map(|ca| {
                let certificates: Vec<WrappedX509> =
                    ca.iter().map(|der| WrappedX509::new(der.clone(), parse_x509)).collect();
                Arc::from(certificates)
            });
            peer.client_cert_key =
                client.as_ref().map(|client| Arc::new(CertKey::new(client.chain.clone(), client.key.clone())));
        }
        let http1 = peer.clone();
        if upstream.http2 {
            // In plaintext nothing is negotiated: the server has to speak it.
            peer.options.alpn = if server.is_tls { ALPN::H2H1 } else { ALPN::H2 };
            peer.options.max_h2_streams = MAX_STREAMS;
        }
        Self {
            peer,
            http1,
            speaks_http2: upstream.http2,
            connect_timeout: upstream.timeouts.connect,
            idle: IdleConnections::default(),
        }
    }
}

/// Returns the group of an upstream's connections, which are kept apart by upstream and by how they are secured.
fn group(upstream: &Upstream) -> u64 {
    let mut hasher = DefaultHasher::new();
    upstream.name.hash(&mut hasher);
    upstream.tls.hash(&mut hasher);
    hasher.finish()
}
