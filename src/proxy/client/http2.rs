//! Serves a client over one stream of HTTP/2.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::HeaderMap;
use pingora::{http::ResponseHeader, protocols::http::v2::server::HttpSession};

use crate::proxy::{
    client::{load::ConnectionLoad, timer::Timer},
    http2::stream_writer::StreamWriter,
};

/// Holds a client's stream.
pub(crate) struct Http2Client {
    session: HttpSession,
    /// Is there once the response has begun.
    writer: Option<StreamWriter>,
    has_body_ended: bool,
    pub(crate) timer: Timer,
}

impl std::fmt::Debug for Http2Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Http2Client")
    }
}

impl Http2Client {
    /// Begins with a request.
    pub(crate) fn new(session: HttpSession) -> Self {
        let has_body_ended = session.is_body_empty();
        Self { session, writer: None, has_body_ended, timer: Timer::default() }
    }

    pub(crate) fn has_body_ended(&self) -> bool {
        self.has_body_ended
    }

    pub(crate) fn poll_body(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, h2::Error>> {
        loop {
            match ready!(self.session.poll_read_body_bytes(cx)) {
                Some(Ok(piece)) if piece.is_empty() => {}
                Some(piece) => return Poll::Ready(piece.map(Some)),
                None => {
                    self.has_body_ended = true;
                    return Poll::Ready(Ok(None));
                }
            }
        }
    }

    /// Writes a response's head.
    pub(crate) fn respond(&mut self, response: ResponseHeader, has_body: bool) -> pingora::Result<()> {
        self.session.write_response_header(Box::new(response), !has_body)?;
        self.writer = self.session.take_response_body_writer().map(|stream| StreamWriter::new(stream, !has_body));
        Ok(())
    }

    pub(crate) fn has_room(&self) -> bool {
        self.writer.as_ref().is_none_or(StreamWriter::has_room)
    }

    pub(crate) fn waiting(&self) -> usize {
        self.writer.as_ref().map_or(0, StreamWriter::waiting)
    }

    /// Adds a piece of the body, which counts as unread until the connection has taken it.
    pub(crate) fn push(&mut self, piece: Bytes, load: &Arc<ConnectionLoad>) {
        if let Some(writer) = &mut self.writer {
            writer.push(load.hold(piece));
        }
    }

    pub(crate) fn finish(&mut self, trailers: Option<HeaderMap>) {
        if let Some(writer) = &mut self.writer {
            writer.finish(trailers);
        }
    }

    pub(crate) fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), h2::Error>> {
        match &mut self.writer {
            Some(writer) => writer.poll_write(cx),
            None => Poll::Ready(Ok(())),
        }
    }

    /// Returns when the client has reset the stream, or is gone with its connection.
    pub(crate) fn poll_gone(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Some(writer) = &mut self.writer {
            return writer.poll_reset(cx);
        }
        Pin::new(&mut self.session.idle()).poll(cx).map(|_| ())
    }
}
