//! Makes connections to upstreams' servers, or takes kept ones.

use std::{io, time::Duration};

use pingora::{
    connectors::{
        ConnectorOptions,
        http::v2::{self, H2HandshakeSettings, handshake},
    },
    protocols::{ALPN, l4::socket::SocketAddr},
    upstreams::peer::Peer as _,
};
use tokio::{
    net::{TcpStream, UnixStream},
    time::timeout,
};

use crate::proxy::{
    http1::{connection::Http1Connection, socket::Socket},
    upstreams::{
        connection::{Reusable, UpstreamEnd, UpstreamError},
        idle::IDLE_TIMEOUT,
        peer::{MAX_STREAMS, Peers},
    },
};

/// Bounds the connections of HTTP/2 that are kept.
const MAX_KEPT: usize = 1024;

/// Says which connection a request needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    Any,
    /// The connection has to be new, and have carried no request before.
    New,
    /// The connection becomes a tunnel, so it is a new one of HTTP/1.1.
    Tunnel,
}

/// Makes connections. It belongs to the process, since what TLS needs is read once.
pub(crate) struct Connector {
    http2: v2::Connector,
}

impl Connector {
    pub(crate) fn new() -> Self {
        Self { http2: v2::Connector::new(Some(ConnectorOptions::new(MAX_KEPT))) }
    }

    /// Returns a connection for a request, and whether it was used before.
    pub(crate) async fn connect(&self, peers: &Peers, wanted: Wanted) -> Result<(UpstreamEnd, bool), UpstreamError> {
        if wanted == Wanted::Any
            && let Some(kept) = self.kept(peers).await?
        {
            return Ok((kept, true));
        }
        // Is boxed, as a handshake takes more room than all the rest of a request.
        let new = if peers.speaks_http2 && wanted != Wanted::Tunnel {
            Box::pin(self.connect_http2(peers)).await?
        } else {
            UpstreamEnd::http1(Box::pin(self.connect_http1(peers)).await?)
        };
        Ok((new, false))
    }

    async fn kept(&self, peers: &Peers) -> Result<Option<UpstreamEnd>, UpstreamError> {
        if peers.speaks_http2
            && let Some(session) = Box::pin(self.http2.reused_http_session(&peers.peer)).await?
        {
            return Ok(Some(UpstreamEnd::http2(session)));
        }
        Ok(peers.idle.take().map(UpstreamEnd::http1))
    }

    /// Keeps a connection for other requests.
    pub(crate) fn keep(&self, peers: &Peers, kept: Reusable) {
        match kept {
            Reusable::Http1(connection) => peers.idle.keep(connection),
            Reusable::Http2(session) => self.http2.release_http_session(session, &peers.peer, Some(IDLE_TIMEOUT)),
        }
    }

    async fn connect_http1(&self, peers: &Peers) -> Result<Http1Connection, UpstreamError> {
        let socket = if peers.http1.is_tls() {
            Socket::Connected(
                self.http2.transport().new_stream(&peers.http1).await.map_err(|error| connect_error(&error))?,
            )
        } else {
            connect_in_plaintext(&peers.http1._address, peers.connect_timeout).await?
        };
        Ok(Http1Connection::new(socket))
    }

    /// Speaks HTTP/2 where the server agrees (TLS), or in plaintext without asking.
    async fn connect_http2(&self, peers: &Peers) -> Result<UpstreamEnd, UpstreamError> {
        let peer = &peers.peer;
        let stream = self.http2.transport().new_stream(peer).await.map_err(|error| connect_error(&error))?;
        if peer.is_tls() && stream.selected_alpn_proto() != Some(ALPN::H2) {
            return Ok(UpstreamEnd::http1(Http1Connection::new(Socket::Connected(stream))));
        }
        let mut settings = H2HandshakeSettings::new();
        settings.max_streams = MAX_STREAMS;
        let connection = timeout(peers.connect_timeout, handshake(stream, settings))
            .await
            .map_err(|_| UpstreamError::ConnectTimedOut)?
            .map_err(|error| connect_error(&error))?;
        let session =
            connection.spawn_stream().await?.ok_or(UpstreamError::Unexpected("no stream on a new connection"))?;
        if connection.more_streams_allowed() {
            self.http2.in_use_pool().insert(peer.reuse_hash(), connection);
        }
        Ok(UpstreamEnd::http2(session))
    }
}

impl std::fmt::Debug for Connector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Connector")
    }
}

async fn connect_in_plaintext(address: &SocketAddr, limit: Duration) -> Result<Socket, UpstreamError> {
    let connect = async {
        io::Result::Ok(match address {
            SocketAddr::Inet(address) => {
                let stream = TcpStream::connect(address).await?;
                // A failure only delays small packets.
                let _ = stream.set_nodelay(true);
                Socket::Tcp(stream)
            }
            SocketAddr::Unix(address) => {
                let path = address.as_pathname().ok_or(io::ErrorKind::InvalidInput)?;
                Socket::Unix(UnixStream::connect(path).await?)
            }
        })
    };
    let connected = timeout(limit, connect).await.map_err(|_| UpstreamError::ConnectTimedOut)?;
    connected.map_err(|error| UpstreamError::Connect(error.to_string()))
}

fn connect_error(error: &pingora::Error) -> UpstreamError {
    use pingora::ErrorType::{ConnectTimedout, TLSHandshakeTimedout};
    match error.etype() {
        ConnectTimedout | TLSHandshakeTimedout => UpstreamError::ConnectTimedOut,
        _ => UpstreamError::Connect(error.to_string()),
    }
}
