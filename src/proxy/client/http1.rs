//! Serves a client over a connection of HTTP/1.1 or HTTP/1.0, one request after the other.

use std::{
    future::poll_fn,
    io,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::{BufMut, Bytes};
use http::{HeaderName, HeaderValue, Version, header};
use pingora::{
    http::{RequestHeader, ResponseHeader},
    protocols::http::date::get_cached_date,
};

use crate::proxy::{
    client::{
        load::{ConnectionLoad, StallGuard},
        timer::Timer,
    },
    http1::{
        body::{BodyLength, Framing, Taken},
        connection::{Http1Connection, ReadError},
        field::{ConnectionOption, connection_option},
        head::Head,
        header_case::HeaderCase,
        output::BodyFraming,
        socket::Socket,
        write,
    },
};

/// Bounds the bytes of further requests that are kept while one is under way; beyond it the client's end is not watched
/// for.
const MAX_AHEAD: usize = 16 * 1024;

/// Holds a client's connection.
#[derive(Debug)]
pub(crate) struct Http1Client {
    pub(crate) connection: Http1Connection,
    pub(crate) timer: Timer,
    stall: StallGuard,
    /// Says what becomes of the connection after this request.
    next: Next,
    is_http_1_0: bool,
    waits_for_continue: bool,
}

/// Says what becomes of a connection when its request is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// It may serve another request.
    Request,
    /// It ends.
    Close,
    /// It ends as it is: what was written of the response is not all of it.
    Abort,
}

impl Http1Client {
    pub(crate) fn new(socket: Socket, load: Arc<ConnectionLoad>) -> Self {
        Self {
            connection: Http1Connection::new(socket),
            timer: Timer::default(),
            stall: StallGuard::new(load),
            next: Next::Request,
            is_http_1_0: false,
            waits_for_continue: false,
        }
    }

    /// Begins with a request whose head was taken off the connection.
    pub(crate) fn begin(&mut self, head: &Head, request: &RequestHeader, may_be_reused: bool) {
        self.connection.incoming =
            if head.is_chunked { Framing::chunked() } else { Framing::Length(head.content_length.unwrap_or(0)) };
        self.is_http_1_0 = request.version < Version::HTTP_11;
        // An expectation of HTTP/1.0 is none (RFC 9110 §10.1.1).
        self.waits_for_continue = head.expects_continue && !self.is_http_1_0;
        let keeps_alive = match connection_option(&request.headers) {
            Some(ConnectionOption::Close) => false,
            Some(ConnectionOption::KeepAlive) => true,
            None => !self.is_http_1_0,
        };
        self.next = if keeps_alive && may_be_reused { Next::Request } else { Next::Close };
    }

    /// Tells whether the connection may serve another request.
    pub(crate) fn may_go_on(&self) -> bool {
        self.next == Next::Request && self.connection.incoming.has_ended() && self.connection.output.is_empty()
    }

    /// Tells whether the client may be sending more of its request.
    pub(crate) fn expects_more(&self) -> bool {
        !self.connection.incoming.has_ended() || !self.connection.received.is_empty()
    }

    /// Notes that nobody knows where what the client sends ends.
    pub(crate) fn expect_more(&mut self) {
        self.connection.incoming = Framing::CloseDelimited;
    }

    /// Lets the connection end as it is.
    pub(crate) fn abort(&mut self) {
        self.next = Next::Abort;
    }

    /// Tells whether the client was left with part of a response.
    pub(crate) fn is_aborted(&self) -> bool {
        self.next == Next::Abort
    }

    /// Lets the connection end with this request.
    pub(crate) fn end_with_response(&mut self) {
        self.next = Next::Close;
    }

    /// Tells the client to send the body that it waits with.
    pub(crate) fn allow_body(&mut self) {
        if std::mem::take(&mut self.waits_for_continue) {
            self.connection.output.head(BodyFraming::Plain).put_slice(b"HTTP/1.1 100 Continue\r\n\r\n");
        }
    }

    /// Tells whether the client waits for leave to send the body.
    pub(crate) fn waits_for_continue(&self) -> bool {
        self.waits_for_continue
    }

    /// Writes down a response's head. The connection ends with a response whose end cannot be told otherwise, and with one
    /// that came before the whole request: its rest is never taken for the next one (SMUG-09).
    pub(crate) fn respond(&mut self, response: &mut ResponseHeader, header_case: &HeaderCase, body: BodyLength) {
        let ends_with_connection = body == BodyLength::Unknown && self.is_http_1_0;
        if ends_with_connection || !self.connection.incoming.has_ended() {
            self.next = Next::Close;
        }
        let framing = match body {
            BodyLength::Unknown if !self.is_http_1_0 => BodyFraming::Chunked,
            BodyLength::Unknown | BodyLength::Declared | BodyLength::None => BodyFraming::Plain,
        };
        if !response.headers.contains_key(header::DATE) {
            insert(response, header::DATE, get_cached_date());
        }
        if framing == BodyFraming::Chunked {
            insert(response, header::TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
        }
        match (self.next, self.is_http_1_0) {
            (Next::Request, false) => {}
            (Next::Request, true) => insert(response, header::CONNECTION, HeaderValue::from_static("keep-alive")),
            (Next::Close | Next::Abort, _) => insert(response, header::CONNECTION, HeaderValue::from_static("close")),
        }
        write::response(self.connection.output.head(framing), response, header_case);
    }

    /// Writes down the head of a response that turns the connection into a tunnel.
    pub(crate) fn switch_protocols(&mut self, response: &ResponseHeader, header_case: &HeaderCase) {
        self.next = Next::Close;
        self.connection.incoming = Framing::CloseDelimited;
        write::response(self.connection.output.head(BodyFraming::Plain), response, header_case);
    }

    pub(crate) fn poll_body(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, ReadError>> {
        self.connection.poll_body(cx)
    }

    /// Throws away what has already come of a body that nobody wants.
    pub(crate) fn discard_received(&mut self) -> Result<usize, ReadError> {
        let mut discarded = 0;
        while let Taken::Piece(piece) = self.connection.incoming.take(&mut self.connection.received)? {
            discarded += piece.len();
        }
        Ok(discarded)
    }

    pub(crate) fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let written = self.connection.poll_write(cx);
        self.stall.note_write(&written);
        written
    }

    /// Writes everything that waits, however long the client takes.
    pub(crate) async fn write(&mut self) -> io::Result<()> {
        poll_fn(|cx| self.poll_write(cx)).await
    }

    /// Returns when the client has gone away. What it sends before that is kept: it is the rest of the body, or its next
    /// request. A client that has finished while its body lies here has not gone: what is wrong with the body, or right,
    /// is found out by reading it.
    pub(crate) fn poll_gone(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while self.connection.received.len() < MAX_AHEAD {
            match ready!(self.connection.poll_read(cx)) {
                Ok(0) if !self.connection.incoming.has_ended() => return Poll::Pending,
                Ok(0) | Err(_) => return Poll::Ready(()),
                Ok(_) => {}
            }
        }
        Poll::Pending
    }
}

fn insert(response: &mut ResponseHeader, name: HeaderName, value: HeaderValue) {
    // The map has room for more fields than any head may have.
    let _ = response.insert_header(name, value);
}
