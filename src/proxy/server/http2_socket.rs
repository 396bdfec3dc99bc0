//! Brings a client's socket into the form in which pingora speaks HTTP/2 over it.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use async_trait::async_trait;
use pingora::protocols::{
    GetProxyDigest, GetSocketDigest, GetTimingDigest, Peek, Shutdown, SocketDigest, Ssl, TimingDigest, UniqueID,
    UniqueIDType, raw_connect::ProxyDigest,
};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};

use crate::proxy::{
    client::load::{ConnectionLoad, StallGuard},
    http1::socket::Socket,
};

/// Holds the socket, and watches whether its client takes what is written.
#[derive(Debug)]
pub(crate) struct Http2Socket {
    socket: Socket,
    stall: StallGuard,
}

impl Http2Socket {
    pub(crate) fn new(socket: Socket, load: Arc<ConnectionLoad>) -> Self {
        Self { socket, stall: StallGuard::new(load) }
    }
}

impl AsyncRead for Http2Socket {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_read(cx, buf)
    }
}

impl AsyncWrite for Http2Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.socket).poll_write(cx, buf);
        self.stall.note_write(&written);
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.socket).poll_flush(cx);
        self.stall.note_write(&flushed);
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.socket).poll_write_vectored(cx, bufs);
        self.stall.note_write(&written);
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }
}

#[async_trait]
impl Shutdown for Http2Socket {
    async fn shutdown(&mut self) {
        // The peer may have gone first.
        let _ = self.socket.shutdown().await;
    }
}

impl UniqueID for Http2Socket {
    /// Is asked for connections to servers only, which are told apart by it.
    fn id(&self) -> UniqueIDType {
        -1
    }
}

impl Ssl for Http2Socket {}

impl Peek for Http2Socket {}

impl GetTimingDigest for Http2Socket {
    fn get_timing_digest(&self) -> Vec<Option<TimingDigest>> {
        Vec::new()
    }
}

impl GetProxyDigest for Http2Socket {
    fn get_proxy_digest(&self) -> Option<Arc<ProxyDigest>> {
        None
    }
}

impl GetSocketDigest for Http2Socket {
    fn get_socket_digest(&self) -> Option<Arc<SocketDigest>> {
        None
    }
}
