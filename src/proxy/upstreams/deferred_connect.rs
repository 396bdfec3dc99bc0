//! Makes connections for requests that ask for an upgrade, with one difference: what is read is never seen in the
//! moment after something was written.
//!
//! The framework takes the end of the request's (empty) body for the end of the tunnel where it sees the upstream's 101
//! first (cloudflare/pingora#946, open in 0.9.1), and drops a socket that was just opened. Both are ready at once when
//! the upstream is fast, and it picks either. A read that is put off once lets it take the body first, always.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use async_trait::async_trait;
use pingora::{
    Error, ErrorType, OrErr,
    connectors::L4Connect,
    protocols::l4::{
        socket::SocketAddr,
        stream::Stream,
        virt::{VirtualSockOpt, VirtualSocket, VirtualSocketStream},
    },
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpStream, UnixStream},
    time::{Duration, timeout},
};

/// Makes such connections.
#[derive(Debug)]
pub(crate) struct Connector {
    /// Limits the time for the connection.
    pub(crate) timeout: Duration,
    pub(crate) is_plain: bool,
}

#[async_trait]
impl L4Connect for Connector {
    async fn connect(&self, address: &SocketAddr) -> pingora::Result<Stream> {
        let connect = async {
            io::Result::Ok(match address {
                SocketAddr::Inet(address) => Socket::Tcp(TcpStream::connect(address).await?),
                SocketAddr::Unix(address) => {
                    let path = address.as_pathname().ok_or(io::ErrorKind::InvalidInput)?;
                    Socket::Unix(UnixStream::connect(path).await?)
                }
            })
        };
        let socket = timeout(self.timeout, connect)
            .await
            .map_err(|late| Error::because(ErrorType::ConnectTimedout, "for an upgrade", late))?
            .or_err(ErrorType::ConnectError, "for an upgrade")?;
        let socket = DeferredReadSocket { socket, reads: Reads::Next, is_plain: self.is_plain };
        Ok(VirtualSocketStream::new(Box::new(socket)).into())
    }
}

#[derive(Debug)]
enum Socket {
    Tcp(TcpStream),
    Unix(UnixStream),
}

#[derive(Debug)]
struct DeferredReadSocket {
    socket: Socket,
    reads: Reads,
    /// Goes without TLS, whose handshake reads before there is a request.
    is_plain: bool,
}

/// Says what the next read does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reads {
    /// It reads.
    Next,
    /// It waits for one turn, as something was written since the last.
    Deferred,
    /// It reads, and so do all after it: the response has begun.
    Always,
}

impl DeferredReadSocket {
    fn written(&mut self) {
        if self.reads != Reads::Always {
            self.reads = Reads::Deferred;
        }
    }
}

/// Hands over to whichever it is.
macro_rules! either {
    ($self:ident, $call:ident ( $($argument:expr),* )) => {
        match &mut $self.socket {
            Socket::Tcp(stream) => Pin::new(stream).$call($($argument),*),
            Socket::Unix(stream) => Pin::new(stream).$call($($argument),*),
        }
    };
}

impl AsyncRead for DeferredReadSocket {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.reads == Reads::Deferred {
            self.reads = Reads::Next;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let read = either!(self, poll_read(cx, buf));
        if self.is_plain && read.is_ready() {
            self.reads = Reads::Always;
        }
        read
    }
}

impl AsyncWrite for DeferredReadSocket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.written();
        either!(self, poll_write(cx, buf))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self, poll_flush(cx))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self, poll_shutdown(cx))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.written();
        either!(self, poll_write_vectored(cx, bufs))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }
}

impl VirtualSocket for DeferredReadSocket {
    fn set_socket_option(&self, option: VirtualSockOpt) -> io::Result<()> {
        match (&self.socket, option) {
            (Socket::Tcp(stream), VirtualSockOpt::NoDelay) => stream.set_nodelay(true),
            // No other is asked for.
            _ => Ok(()),
        }
    }
}
