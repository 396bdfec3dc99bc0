//! Is one end of a connection that speaks HTTP/1.1: what was received and not used yet, the body that is being read, and
//! what is still to be written. Nothing here knows whether a client or a server is at the other end.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, Waker, ready},
};

use bytes::{Bytes, BytesMut};
use tokio::io::AsyncWrite;
use tokio_util::io::poll_read_buf;

use crate::proxy::http1::{
    body::{Framing, Taken},
    body_framing::BodyError,
    output::Output,
    socket::Socket,
};

/// So many bytes are read at first; more where the sender fills them.
const FIRST_READ: usize = 4 * 1024;
const LARGE_READ: usize = 64 * 1024;

/// Says why a body cannot be read to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("the connection ended in the middle of the body")]
    Truncated,
    #[error(transparent)]
    Framing(#[from] BodyError),
}

/// Holds a connection.
#[derive(Debug)]
pub(crate) struct Http1Connection {
    pub(crate) socket: Socket,
    pub(crate) received: BytesMut,
    /// Is the body that is being read.
    pub(crate) incoming: Framing,
    pub(crate) output: Output,
    next_read: usize,
}

impl Http1Connection {
    pub(crate) fn new(socket: Socket) -> Self {
        let (received, output) = (BytesMut::new(), Output::new());
        Self { socket, received, incoming: Framing::Length(0), output, next_read: FIRST_READ }
    }

    /// Reads what is there. Returns how many bytes came; none where the other end has finished. No memory is held while
    /// there is nothing.
    pub(crate) fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        self.received.reserve(self.next_read);
        let room = self.received.capacity() - self.received.len();
        let read = poll_read_buf(Pin::new(&mut self.socket), cx, &mut self.received);
        match &read {
            Poll::Ready(Ok(count)) => self.next_read = if *count == room { LARGE_READ } else { FIRST_READ.max(*count) },
            Poll::Ready(Err(_)) | Poll::Pending => {
                if self.received.is_empty() {
                    self.received = BytesMut::new();
                }
            }
        }
        read
    }

    /// Returns the next piece of the body; `None` at its end.
    pub(crate) fn poll_body(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, ReadError>> {
        loop {
            match self.incoming.take(&mut self.received)? {
                Taken::Piece(piece) => return Poll::Ready(Ok(Some(piece))),
                Taken::End => return Poll::Ready(Ok(None)),
                Taken::Nothing => {}
            }
            if ready!(self.poll_read(cx))? == 0 {
                let is_whole = self.incoming.ends_with_connection();
                return Poll::Ready(if is_whole { Ok(None) } else { Err(ReadError::Truncated) });
            }
        }
    }

    /// Reads what is there and throws it away. Returns how many bytes it was.
    pub(crate) fn poll_discard(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        self.received = BytesMut::new();
        self.poll_read(cx)
    }

    /// Writes everything that waits.
    pub(crate) fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.output.poll_write(cx, Pin::new(&mut self.socket))
    }

    /// Tells the other end that nothing more comes.
    pub(crate) fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }

    /// Tells whether nothing came and nothing ended: only then may a kept connection carry another request.
    pub(crate) fn is_quiet(&mut self) -> bool {
        self.received.is_empty() && self.poll_read(&mut Context::from_waker(Waker::noop())).is_pending()
    }
}
