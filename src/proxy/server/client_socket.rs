//! Brings a client's connection into the form the framework works on.

use std::{
    io,
    net::SocketAddr,
    os::fd::{AsRawFd, RawFd},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::SystemTime,
};

use async_trait::async_trait;
use bytes::{Buf, BytesMut};
use pingora::protocols::{
    GetProxyDigest, GetSocketDigest, GetTimingDigest, Peek, Shutdown, SocketDigest, Ssl, TimingDigest, UniqueID,
    UniqueIDType,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufWriter, ReadBuf},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::server::TlsStream;

use crate::proxy::{
    http1::{
        body_framing::{BodyError, ChunkedBody},
        head::Head,
    },
    session::{
        frames,
        long_lived::{CLOSE_FRAME_TIMEOUT, Termination},
    },
};

/// This is enough for a response head and a small body to leave in one packet, and little enough to hold for each of
/// many idle connections. Reads are not buffered: the head is read into a buffer of its own, and bodies by the
/// framework.
const WRITE_BUFFER: usize = 4 * 1024;
/// Bounds the bytes of further requests that are kept while one is under way; beyond it the client's end is not watched
/// for.
const MAX_AHEAD: usize = 16 * 1024;

/// Holds a TCP connection, in plaintext or not.
#[derive(Debug)]
pub(crate) enum ClientSocket {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
    /// Was handed over to say goodbye.
    Gone,
}

impl ClientSocket {
    fn fd(&self) -> RawFd {
        match self {
            Self::Plain(stream) => stream.as_raw_fd(),
            Self::Tls(stream) => stream.get_ref().0.as_raw_fd(),
            Self::Gone => -1,
        }
    }
}

/// Hands over to whichever it is.
macro_rules! either {
    ($self:ident, $call:ident ( $($argument:expr),* )) => {
        match $self.get_mut() {
            ClientSocket::Plain(stream) => Pin::new(stream).$call($($argument),*),
            ClientSocket::Tls(stream) => Pin::new(stream.as_mut()).$call($($argument),*),
            ClientSocket::Gone => Poll::Ready(Err(io::ErrorKind::NotConnected.into())),
        }
    };
}

impl AsyncRead for ClientSocket {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        either!(self, poll_read(cx, buf))
    }
}

impl AsyncWrite for ClientSocket {
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
            Self::Plain(stream) => stream.is_write_vectored(),
            Self::Tls(stream) => stream.is_write_vectored(),
            Self::Gone => false,
        }
    }
}

/// Holds a client's connection with buffered writes.
#[derive(Debug)]
pub(crate) struct ClientStream {
    stream: BufWriter<ClientSocket>,
    /// Is what is left of the chunked body that is being read.
    chunked: Option<ChunkedBody>,
    /// These bytes were read while a request was under way; the next one begins with them.
    ahead: BytesMut,
    socket: Arc<SocketDigest>,
    established: SystemTime,
    termination: Arc<Termination>,
    /// Tells whether the client takes nothing of what is being written.
    is_stalled: bool,
}

impl ClientStream {
    pub(crate) fn new(stream: ClientSocket, peer: SocketAddr, termination: Arc<Termination>) -> Self {
        let socket = SocketDigest::from_raw_fd(stream.fd());
        // A new digest holds no address yet, so this cannot fail.
        let _ = socket.peer_addr.set(Some(peer.into()));
        Self {
            stream: BufWriter::with_capacity(WRITE_BUFFER, stream),
            chunked: None,
            ahead: BytesMut::new(),
            socket: Arc::new(socket),
            established: SystemTime::now(),
            termination,
            is_stalled: false,
        }
    }

    /// Tells the load of the connection when its client stops to take what is written, and when it goes on.
    fn note_write<T>(&mut self, written: &Poll<T>) {
        let is_stalled = written.is_pending();
        if is_stalled != self.is_stalled {
            self.is_stalled = is_stalled;
            if is_stalled { self.termination.load().stalled() } else { self.termination.load().moved() }
        }
    }

    /// Holds what will be read to the framing of the request that has just arrived. `begun` is what came behind its
    /// head together with it; returns how much of that is the body's.
    pub(crate) fn expect_body(&mut self, head: &Head, begun: &[u8]) -> Result<usize, BodyError> {
        self.chunked = head.is_chunked.then(ChunkedBody::default);
        if let Some(body) = &mut self.chunked {
            return body.take(begun);
        }
        let length = usize::try_from(head.content_length.unwrap_or(0)).unwrap_or(usize::MAX);
        Ok(length.min(begun.len()))
    }

    /// Reads on without looking at what comes.
    pub(crate) fn forget_body(&mut self) {
        self.chunked = None;
    }

    /// Returns nothing but the end of the connection, and keeps what comes before it.
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.ahead.len() < MAX_AHEAD {
            let mut piece = [0; 1024];
            let mut piece = ReadBuf::new(&mut piece);
            ready!(Pin::new(&mut self.stream).poll_read(cx, &mut piece))?;
            if piece.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
            self.ahead.extend_from_slice(piece.filled());
        }
        Poll::Pending
    }

    fn poll_bytes(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.ahead.is_empty() {
            return Pin::new(&mut self.stream).poll_read(cx, buf);
        }
        let length = self.ahead.len().min(buf.remaining());
        buf.put_slice(&self.ahead[..length]);
        self.ahead.advance(length);
        Poll::Ready(Ok(()))
    }
}

/// Where the session of a WebSocket ended, its client is told so before the connection closes.
impl Drop for ClientStream {
    fn drop(&mut self) {
        self.note_write(&Poll::Ready(()));
        if !self.termination.wants_close_frame() || !self.stream.buffer().is_empty() {
            return;
        }
        let mut socket = std::mem::replace(self.stream.get_mut(), ClientSocket::Gone);
        tokio::spawn(timeout(CLOSE_FRAME_TIMEOUT, async move {
            socket.write_all(&frames::close()).await?;
            socket.shutdown().await?;
            // Unread bytes at close make the kernel reset the connection, which can destroy the frame on its way.
            let mut rest = [0; 4096];
            while socket.read(&mut rest).await? > 0 {}
            io::Result::Ok(())
        }));
    }
}

impl AsyncRead for ClientStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.termination.is_reading_ahead() {
            return self.poll_end(cx);
        }
        let before = buf.filled().len();
        ready!(self.poll_bytes(cx, buf))?;
        if let Some(body) = &mut self.chunked
            && buf.filled().len() > before
        {
            if body.has_failed() {
                // A caller that reads on only wants the response to arrive: see `forward::response::drain`.
                buf.set_filled(before);
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            // Nothing of a piece that is malformed somewhere is used.
            body.take(&buf.filled()[before..])?;
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for ClientStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.note_write(&written);
        if let Poll::Ready(Ok(length)) = written {
            self.termination.written(&buf[..length]);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        self.note_write(&flushed);
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.note_write(&written);
        if let Poll::Ready(Ok(mut length)) = written {
            for piece in bufs {
                let taken = length.min(piece.len());
                self.termination.written(&piece[..taken]);
                length -= taken;
            }
        }
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[async_trait]
impl Shutdown for ClientStream {
    async fn shutdown(&mut self) {
        // The peer may have gone first.
        let _ = self.stream.shutdown().await;
    }
}

impl UniqueID for ClientStream {
    fn id(&self) -> UniqueIDType {
        self.stream.get_ref().fd()
    }
}

impl Ssl for ClientStream {}

impl Peek for ClientStream {}

impl GetTimingDigest for ClientStream {
    fn get_timing_digest(&self) -> Vec<Option<TimingDigest>> {
        vec![Some(TimingDigest { established_ts: self.established, ..TimingDigest::default() })]
    }
}

impl GetProxyDigest for ClientStream {
    fn get_proxy_digest(&self) -> Option<Arc<pingora::protocols::raw_connect::ProxyDigest>> {
        None
    }
}

impl GetSocketDigest for ClientStream {
    fn get_socket_digest(&self) -> Option<Arc<SocketDigest>> {
        Some(Arc::clone(&self.socket))
    }
}
