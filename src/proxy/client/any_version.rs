//! Offers a client in one form, whichever version of HTTP it speaks.

use std::{
    future::poll_fn,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use pingora::http::ResponseHeader;
use tokio::time::{Instant, timeout};
use tokio_util::sync::WaitForCancellationFutureOwned;

use crate::proxy::{
    client::{
        http1::Http1Client,
        http2::Http2Client,
        load::{ConnectionLoad, UnderWay},
        timer::Timer,
    },
    http1::{body::BodyLength, body_framing::BodyError, connection::ReadError, header_case::HeaderCase},
    session::frames,
};

/// Bounds the time between two reads of a request body, and two writes of a response to a client that does not take it.
pub(crate) const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// Bounds the time in which a client may take a close frame.
const CLOSE_FRAME_TIMEOUT: Duration = Duration::from_secs(1);

/// Says why a request cannot go on because of its client.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientError {
    #[error("the client is gone")]
    Gone,
    #[error("the client sent nothing of its request for too long")]
    SentNothing,
    #[error("the client took nothing of its response for too long")]
    TookNothing,
    #[error("the client's body is not framed correctly: {0}")]
    Misframed(BodyError),
}

impl From<ReadError> for ClientError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Framing(error) => Self::Misframed(error),
            ReadError::Io(_) | ReadError::Truncated => Self::Gone,
        }
    }
}

impl From<io::Error> for ClientError {
    fn from(_: io::Error) -> Self {
        Self::Gone
    }
}

impl From<h2::Error> for ClientError {
    fn from(_: h2::Error) -> Self {
        Self::Gone
    }
}

/// Is the client of one request, or of several one after the other.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) end: ClientEnd,
    load: Arc<ConnectionLoad>,
    /// Returns when the connection has to end at once.
    cut_off: Pin<Box<WaitForCancellationFutureOwned>>,
    /// Is the status of the response, once that has begun.
    pub(crate) status: Option<StatusCode>,
    /// Counts the bytes of the bodies of this request and its response.
    pub(crate) bytes_in: u64,
    pub(crate) bytes_out: u64,
}

/// Is a connection or a stream.
#[derive(Debug)]
pub(crate) enum ClientEnd {
    Http1(Box<Http1Client>),
    Http2(Box<Http2Client>),
}

impl Client {
    pub(crate) fn new(end: ClientEnd, load: Arc<ConnectionLoad>) -> Self {
        let cut_off = Box::pin(load.evicted_token().cancelled_owned());
        Self { end, load, cut_off, status: None, bytes_in: 0, bytes_out: 0 }
    }

    /// Counts a request that begins.
    pub(crate) fn begin_request(&mut self) -> UnderWay {
        (self.status, self.bytes_in, self.bytes_out) = (None, 0, 0);
        UnderWay::begin(Arc::clone(&self.load))
    }

    /// Returns once the connection has to end, because of what it leaves unread or because the process ends.
    pub(crate) fn poll_cut_off(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.cut_off.as_mut().poll(cx)
    }

    /// Tells whether the whole body was read.
    pub(crate) fn has_body_ended(&self) -> bool {
        match &self.end {
            ClientEnd::Http1(client) => client.connection.incoming.has_ended(),
            ClientEnd::Http2(client) => client.has_body_ended(),
        }
    }

    /// Tells whether the client waits for leave to send its body.
    pub(crate) fn waits_for_continue(&self) -> bool {
        matches!(&self.end, ClientEnd::Http1(client) if client.waits_for_continue())
    }

    /// Gives the client leave to send its body, where it waits for that.
    pub(crate) fn allow_body(&mut self) {
        if let ClientEnd::Http1(client) = &mut self.end {
            client.allow_body();
        }
    }

    /// Lets the connection end with this request, where it carries no others at the same time.
    pub(crate) fn end_with_response(&mut self) {
        if let ClientEnd::Http1(client) = &mut self.end {
            client.end_with_response();
        }
    }

    /// Leaves the client with part of a response, in a way that it can tell.
    pub(crate) fn abort(&mut self) {
        if let ClientEnd::Http1(client) = &mut self.end {
            client.abort();
        }
    }

    /// Returns the next piece of the body; `None` at its end.
    pub(crate) fn poll_body(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, ClientError>> {
        let body = match &mut self.end {
            ClientEnd::Http1(client) => client.poll_body(cx).map_err(ClientError::from),
            ClientEnd::Http2(client) => client.poll_body(cx).map_err(ClientError::from),
        };
        if let Poll::Ready(Ok(Some(piece))) = &body {
            self.bytes_in += piece.len() as u64;
        }
        body
    }

    /// Returns the next piece of the body, unless it takes too long.
    pub(crate) async fn body(&mut self) -> Result<Option<Bytes>, ClientError> {
        let deadline = Instant::now() + BODY_TIMEOUT;
        poll_fn(|cx| match self.poll_body(cx) {
            Poll::Pending => self.timer().poll_until(cx, deadline).map(|()| Err(ClientError::SentNothing)),
            body @ Poll::Ready(_) => body,
        })
        .await
    }

    /// Throws away what has already come of a body that nobody wants.
    pub(crate) fn discard_received(&mut self) {
        if let ClientEnd::Http1(client) = &mut self.end
            && let Ok(discarded) = client.discard_received()
        {
            self.bytes_in += discarded as u64;
        }
    }

    /// Begins the response. `body` says what will be pushed.
    pub(crate) fn respond(
        &mut self,
        mut response: ResponseHeader,
        header_case: &HeaderCase,
        body: BodyLength,
    ) -> Result<(), ClientError> {
        let status = response.status;
        match &mut self.end {
            ClientEnd::Http1(client) => client.respond(&mut response, header_case, body),
            ClientEnd::Http2(client) => {
                client.respond(response, body != BodyLength::None).map_err(|error| {
                    tracing::debug!(cause = %error, "the head of a response could not be written to a stream");
                    ClientError::Gone
                })?;
            }
        }
        self.status = Some(status);
        Ok(())
    }

    /// Begins a tunnel. Only a connection of HTTP/1.1 can be one.
    pub(crate) fn switch_protocols(&mut self, response: &ResponseHeader, header_case: &HeaderCase) {
        self.status = Some(response.status);
        if let ClientEnd::Http1(client) = &mut self.end {
            client.switch_protocols(response, header_case);
        }
    }

    pub(crate) fn has_room(&self) -> bool {
        match &self.end {
            ClientEnd::Http1(client) => client.connection.output.has_room(),
            ClientEnd::Http2(client) => client.has_room(),
        }
    }

    /// Returns how many bytes wait to be written.
    pub(crate) fn waiting(&self) -> usize {
        match &self.end {
            ClientEnd::Http1(client) => client.connection.output.waiting(),
            ClientEnd::Http2(client) => client.waiting(),
        }
    }

    /// Adds a piece of the response's body. There has to be room for it.
    pub(crate) fn push(&mut self, piece: Bytes) {
        self.bytes_out += piece.len() as u64;
        match &mut self.end {
            ClientEnd::Http1(client) => client.connection.output.push(piece),
            ClientEnd::Http2(client) => client.push(piece, &self.load),
        }
    }

    /// Ends the response's body. Trailers go where they can: clients of HTTP/1.1 get none.
    pub(crate) fn finish(&mut self, trailers: Option<HeaderMap>) {
        match &mut self.end {
            ClientEnd::Http1(client) => client.connection.output.finish(),
            ClientEnd::Http2(client) => client.finish(trailers),
        }
    }

    /// Hands over everything that waits.
    pub(crate) fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), ClientError>> {
        match &mut self.end {
            ClientEnd::Http1(client) => client.poll_write(cx).map_err(ClientError::from),
            ClientEnd::Http2(client) => client.poll_write(cx).map_err(ClientError::from),
        }
    }

    /// Hands over everything that waits, unless the client takes nothing for too long.
    pub(crate) async fn write(&mut self) -> Result<(), ClientError> {
        let deadline = Instant::now() + BODY_TIMEOUT;
        poll_fn(|cx| match self.poll_write(cx) {
            Poll::Pending => self.timer().poll_until(cx, deadline).map(|()| Err(ClientError::TookNothing)),
            written @ Poll::Ready(_) => written,
        })
        .await
    }

    /// Returns when the client of a request whose body was read has gone away: closed its connection, or reset its stream.
    /// Nothing of a request behind this one is lost.
    pub(crate) fn poll_gone(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match &mut self.end {
            ClientEnd::Http1(client) => client.poll_gone(cx),
            ClientEnd::Http2(client) => client.poll_gone(cx),
        }
    }

    /// Tells the client of a WebSocket that its session has ended. All that was pushed goes before that; there has to be no
    /// frame that has begun and not ended.
    pub(crate) async fn close_websocket(&mut self) {
        let ClientEnd::Http1(client) = &mut self.end else { return };
        let closed = async {
            client.write().await?;
            client.connection.output.push(Bytes::from(frames::close()));
            client.write().await?;
            poll_fn(|cx| client.connection.poll_shutdown(cx)).await?;
            // Unread bytes at close make the kernel reset the connection, which can destroy the frame on its way.
            while poll_fn(|cx| client.connection.poll_discard(cx)).await? > 0 {}
            io::Result::Ok(())
        };
        // It changes nothing whether the client took it.
        let _ = timeout(CLOSE_FRAME_TIMEOUT, closed).await;
    }

    pub(crate) fn timer(&mut self) -> &mut Timer {
        match &mut self.end {
            ClientEnd::Http1(client) => &mut client.timer,
            ClientEnd::Http2(client) => &mut client.timer,
        }
    }
}
