//! Begins with a client's connection: who is at the other end, and which protocol is spoken.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use crate::proxy::{
    http1::socket::Socket,
    server::{http1, http2, proxy::Proxy, proxy_protocol},
};

/// Bounds the time for a handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// Serves requests until the connection ends. `closing` asks it to end with the request that it is in.
pub(crate) async fn serve(proxy: Arc<Proxy>, mut stream: TcpStream, mut peer: SocketAddr, closing: CancellationToken) {
    match proxy.expects_proxy_protocol(peer) {
        None => {}
        Some(true) => match Box::pin(proxy_protocol::receive(&mut stream, peer)).await {
            Ok(client) => peer = client,
            Err(error) => {
                tracing::debug!(%peer, error = &error as &dyn std::error::Error, "no PROXY protocol header came");
                return;
            }
        },
        Some(false) => return,
    }
    match proxy.tls() {
        None => http1::serve(proxy, Socket::Tcp(stream), peer, closing).await,
        // Is boxed, so that connections in plaintext keep no place for a handshake.
        Some(config) => Box::pin(serve_tls(config, proxy, stream, peer, closing)).await,
    }
}

async fn serve_tls(
    config: Arc<rustls::ServerConfig>,
    proxy: Arc<Proxy>,
    stream: TcpStream,
    peer: SocketAddr,
    closing: CancellationToken,
) {
    // A handshake that fails or takes its time is the client's affair.
    let Ok(Ok(stream)) = timeout(HANDSHAKE_TIMEOUT, TlsAcceptor::from(config).accept(stream)).await else { return };
    let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
    let socket = Socket::Accepted(Box::new(stream));
    if is_http2 {
        http2::serve(proxy, socket, peer, closing).await;
    } else {
        http1::serve(proxy, socket, peer, closing).await;
    }
}
