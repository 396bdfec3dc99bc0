//! Writes the body of one stream of HTTP/2, as fast as the other end takes it.

use std::task::{Context, Poll, ready};

use bytes::Bytes;
use h2::{Reason, SendStream};
use http::HeaderMap;

/// Holds what is to be written to a stream: one piece at a time, then the end.
#[derive(Debug)]
pub(crate) struct StreamWriter {
    stream: SendStream<Bytes>,
    piece: Bytes,
    end: End,
}

#[derive(Debug)]
enum End {
    Open,
    /// Comes behind the piece, with trailers where there are any.
    Wanted(Option<HeaderMap>),
    Written,
}

impl StreamWriter {
    pub(crate) fn new(stream: SendStream<Bytes>, has_ended: bool) -> Self {
        Self { stream, piece: Bytes::new(), end: if has_ended { End::Written } else { End::Open } }
    }

    pub(crate) fn has_room(&self) -> bool {
        self.piece.is_empty()
    }

    /// Returns how many bytes wait to be written.
    pub(crate) fn waiting(&self) -> usize {
        self.piece.len()
    }

    /// Adds a piece. There has to be room for it.
    pub(crate) fn push(&mut self, piece: Bytes) {
        debug_assert!(self.has_room(), "pieces wait for room");
        self.piece = piece;
    }

    /// Ends the body.
    pub(crate) fn finish(&mut self, trailers: Option<HeaderMap>) {
        if matches!(self.end, End::Open) {
            self.end = End::Wanted(trailers);
        }
    }

    /// Hands over everything, as the other end takes it.
    pub(crate) fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), h2::Error>> {
        while !self.piece.is_empty() {
            self.stream.reserve_capacity(self.piece.len());
            let capacity = match self.stream.capacity() {
                0 => match ready!(self.stream.poll_capacity(cx)) {
                    Some(capacity) => capacity?,
                    None => return Poll::Ready(Err(Reason::STREAM_CLOSED.into())),
                },
                capacity => capacity,
            };
            let part = self.piece.split_to(capacity.min(self.piece.len()));
            let is_last = self.piece.is_empty() && matches!(self.end, End::Wanted(None));
            if !part.is_empty() {
                self.stream.send_data(part, is_last)?;
            }
            if is_last {
                self.end = End::Written;
            }
        }
        match std::mem::replace(&mut self.end, End::Open) {
            End::Open => {}
            End::Wanted(None) => {
                self.stream.send_data(Bytes::new(), true)?;
                self.end = End::Written;
            }
            End::Wanted(Some(trailers)) => {
                self.stream.send_trailers(trailers)?;
                self.end = End::Written;
            }
            End::Written => self.end = End::Written,
        }
        Poll::Ready(Ok(()))
    }

    /// Returns when the other end wants nothing more of the stream.
    pub(crate) fn poll_reset(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.stream.poll_reset(cx).map(|_| ())
    }
}
