//! Holds a connection's socket, whatever it is made of.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpStream, UnixStream},
};
use tokio_rustls::server::TlsStream;

/// Holds a socket, in plaintext or not.
#[derive(Debug)]
pub(crate) enum Socket {
    Tcp(TcpStream),
    Unix(UnixStream),
    /// Is a client's, whose handshake was answered here.
    Accepted(Box<TlsStream<TcpStream>>),
    /// Is an upstream's, whose handshake pingora made.
    Connected(pingora::protocols::Stream),
}

/// Hands over to whichever it is.
macro_rules! either {
    ($self:ident, $call:ident ( $($argument:expr),* )) => {
        match $self.get_mut() {
            Socket::Tcp(stream) => Pin::new(stream).$call($($argument),*),
            Socket::Unix(stream) => Pin::new(stream).$call($($argument),*),
            Socket::Accepted(stream) => Pin::new(stream.as_mut()).$call($($argument),*),
            Socket::Connected(stream) => Pin::new(stream).$call($($argument),*),
        }
    };
}

impl AsyncRead for Socket {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        either!(self, poll_read(cx, buf))
    }
}

impl AsyncWrite for Socket {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        either!(self, poll_write(cx, buf))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self, poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self, poll_shutdown(cx))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        either!(self, poll_write_vectored(cx, bufs))
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Tcp(stream) => stream.is_write_vectored(),
            Self::Unix(stream) => stream.is_write_vectored(),
            Self::Accepted(stream) => stream.is_write_vectored(),
            Self::Connected(stream) => stream.is_write_vectored(),
        }
    }
}
