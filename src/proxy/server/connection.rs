//! Serves one client connection: each request's head is received and parsed here, then the framework takes over.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use bytes::{Buf, BytesMut};
use pingora::protocols::http::{ServerSession, v1::server::HttpSession as Http1Session};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::watch,
    time::{Instant, timeout, timeout_at},
};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use crate::proxy::{
    http1::head::{self, Head, HeadError, Progress},
    server::{
        client_socket::{ClientSocket, ClientStream},
        http2,
        proxy::Proxy,
        proxy_protocol,
        request::{BODY_TIMEOUT, IDLE_TIMEOUT, serve_request},
    },
    session::long_lived::Termination,
};

/// Bounds the time from the first byte of a head to its last (DOS-02).
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// Bounds the wait for one more request on an idle connection, once the process is ending.
const LAST_REQUEST: Duration = Duration::from_secs(1);
/// Bounds the time in which a client may take a rejection before the connection is cut.
const LINGER: Duration = Duration::from_secs(1);
const FIRST_READ: usize = 2 * 1024;

enum Received {
    /// Is a parsed head, and its bytes with whatever came behind them.
    Head(Head, BytesMut),
    Rejected(HeadError),
    /// The client is gone or idle, or we are shutting down.
    Closed,
}

/// Serves requests until the connection ends.
pub(crate) async fn serve(
    proxy: Arc<Proxy>,
    mut stream: TcpStream,
    mut peer: SocketAddr,
    is_stopping: watch::Receiver<bool>,
    shutdown: CancellationToken,
) {
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
    let termination = Arc::new(Termination::new(proxy.connection_load()));
    let Some(config) = proxy.tls() else {
        let stream = Box::new(ClientStream::new(ClientSocket::Plain(stream), peer, Arc::clone(&termination)));
        return serve_http1(proxy, stream, peer, termination, is_stopping, shutdown).await;
    };
    Box::pin(serve_tls(config, proxy, stream, peer, termination, is_stopping, shutdown)).await;
}

/// Is boxed by its caller, so that connections in plaintext keep no place for a handshake.
async fn serve_tls(
    config: Arc<rustls::ServerConfig>,
    proxy: Arc<Proxy>,
    stream: TcpStream,
    peer: SocketAddr,
    termination: Arc<Termination>,
    is_stopping: watch::Receiver<bool>,
    shutdown: CancellationToken,
) {
    // A handshake that fails or takes its time is the client's affair.
    let Ok(Ok(stream)) = timeout(HEAD_TIMEOUT, TlsAcceptor::from(config).accept(stream)).await else { return };
    let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
    let stream = ClientStream::new(ClientSocket::Tls(Box::new(stream)), peer, Arc::clone(&termination));
    if is_http2 {
        http2::serve(proxy, stream, peer, Arc::clone(termination.load()), is_stopping, shutdown).await;
    } else {
        serve_http1(proxy, Box::new(stream), peer, termination, is_stopping, shutdown).await;
    }
}

async fn serve_http1(
    proxy: Arc<Proxy>,
    mut stream: Box<ClientStream>,
    peer: SocketAddr,
    termination: Arc<Termination>,
    is_stopping: watch::Receiver<bool>,
    shutdown: CancellationToken,
) {
    loop {
        let (parsed, mut head) = match receive_head(&mut stream, &shutdown).await {
            Received::Head(parsed, head) => (parsed, head),
            Received::Closed => return,
            Received::Rejected(error) => {
                reject(&proxy, stream, peer, error).await;
                return;
            }
        };
        let begun = match stream.expect_body(&parsed, &head[parsed.length..]) {
            Ok(begun) => begun,
            Err(error) => {
                reject(&proxy, stream, peer, error.into()).await;
                return;
            }
        };
        if head::is_blank(&head[parsed.length + begun..]) {
            // The framework takes any byte behind a request for the next one, for which it does not keep the connection.
            head.truncate(parsed.length + begun);
        }
        let session = new_session(stream, head, !shutdown.is_cancelled());
        match serve_request(&proxy, session, &termination, &is_stopping).await {
            // The framework gives back what it was given.
            Some(reused) => match reused.consume().0.into_any().downcast() {
                Ok(own) => stream = own,
                Err(_) => return,
            },
            None => return,
        }
    }
}

/// Returns the framework's view of a request whose head is parsed; `head` is what was read of the stream so far.
fn new_session(stream: Box<ClientStream>, head: BytesMut, may_be_reused: bool) -> ServerSession {
    let mut session = Http1Session::new(stream);
    // Only one of an upstream's interim responses goes on, the 100 that the client waits for (SMUG-13).
    session.set_ignore_info_resp(true);
    let mut session = ServerSession::H1(session);
    session.set_keepalive(may_be_reused.then_some(IDLE_TIMEOUT.as_secs()));
    session.set_read_timeout(Some(BODY_TIMEOUT));
    session.set_write_timeout(Some(BODY_TIMEOUT));
    session.set_pipelined_prefix(head);
    session
}

async fn receive_head(stream: &mut ClientStream, shutdown: &CancellationToken) -> Received {
    let mut head = BytesMut::with_capacity(FIRST_READ);
    let mut deadline = Instant::now() + IDLE_TIMEOUT;
    let mut is_idle = true;
    loop {
        let read = tokio::select! {
            biased;
            read = timeout_at(deadline, stream.read_buf(&mut head)) => read,
            () = shutdown.cancelled(), if is_idle && deadline > Instant::now() + LAST_REQUEST => {
                // A request may be on its way to a connection that was promised to stay open.
                deadline = Instant::now() + LAST_REQUEST;
                continue;
            }
        };
        match read {
            Ok(Ok(0) | Err(_)) => return Received::Closed,
            Ok(Ok(_)) if is_idle && head::has_begun(&head) => {
                is_idle = false;
                deadline = Instant::now() + HEAD_TIMEOUT;
            }
            Ok(Ok(_)) => {}
            Err(_) if is_idle => return Received::Closed,
            Err(_) => return Received::Rejected(HeadError::Timeout),
        }
        match head::parse(&head) {
            Ok(Progress::Complete(parsed)) => {
                head.advance(parsed.begin);
                return Received::Head(parsed, head);
            }
            Ok(Progress::Partial) => head.reserve(FIRST_READ),
            Err(error) => return Received::Rejected(error),
        }
    }
}

/// Rejects the head and ends the connection, since nobody knows where the next request would begin.
async fn reject(proxy: &Proxy, mut stream: Box<ClientStream>, peer: SocketAddr, error: HeadError) {
    let response = proxy.raw_rejection(peer, error);
    // Everything that still comes is thrown away.
    stream.forget_body();
    let answered = async {
        stream.write_all(&response).await?;
        stream.shutdown().await?;
        // Unread bytes at close make the kernel reset the connection, which can destroy the response on its way.
        // Not in the future, which is part of every connection's.
        let mut rest = vec![0; 4096];
        while stream.read(&mut rest).await? > 0 {}
        std::io::Result::Ok(())
    };
    // It changes nothing whether the client took the response.
    let _ = timeout(LINGER, answered).await;
}
