//! Is the upstream's side of a request: HTTP/1.1 on a connection, HTTP/2 on a stream.

use std::{
    io,
    pin::pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use h2::Reason;
use http::{HeaderMap, HeaderValue, Method, Uri, Version, header};
use pingora::{
    http::{RequestHeader, ResponseHeader},
    protocols::http::v2::client::Http2Session,
};

use crate::proxy::{
    http1::{
        body::{BodyLength, Framing},
        connection::{Http1Connection, ReadError},
        header_case::HeaderCase,
        output::BodyFraming,
        response_head::{self, ResponseHead, ResponseHeadError},
        write,
    },
    http2::stream_writer::StreamWriter,
};

/// Says why a request could not be made, or its response not be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UpstreamError {
    #[error("the server's name leads nowhere")]
    Unresolved,
    #[error("no connection came about: {0}")]
    Connect(String),
    #[error("no connection came about in time")]
    ConnectTimedOut,
    /// The server ended the connection. Where it was a kept one, that happened while nobody used it.
    #[error("the server closed the connection without a response")]
    Closed,
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("{0}")]
    Http2(#[from] h2::Error),
    #[error("pingora failed: {0}")]
    Pingora(#[from] Box<pingora::Error>),
    #[error("{0}")]
    Head(#[from] ResponseHeadError),
    #[error("the response's body: {0}")]
    Body(ReadError),
    #[error("{0}")]
    Unexpected(&'static str),
    #[error("the server did not answer in time")]
    ReadTimedOut,
    #[error("the server did not take the request in time")]
    WriteTimedOut,
}

impl UpstreamError {
    pub(crate) fn is_timeout(&self) -> bool {
        matches!(self, Self::ConnectTimedOut | Self::ReadTimedOut | Self::WriteTimedOut)
    }

    /// Tells whether the connection broke before anything of a response had come.
    pub(crate) fn is_broken_connection(&self) -> bool {
        match self {
            Self::Closed | Self::Io(_) => true,
            Self::Http2(error) => error.is_io(),
            _ => false,
        }
    }

    /// Tells whether the server certainly did nothing with the request.
    pub(crate) fn was_not_processed(&self) -> bool {
        match self {
            Self::Http2(error) => {
                error.reason() == Some(Reason::REFUSED_STREAM)
                    || (error.is_go_away() && error.reason() == Some(Reason::NO_ERROR))
            }
            _ => false,
        }
    }
}

/// Is what comes next of a response's body.
#[derive(Debug)]
pub(crate) enum ResponsePiece {
    Data(Bytes),
    /// It has ended, with these trailers where there are any.
    End(Option<HeaderMap>),
}

/// Carries one request at a time to an upstream's server.
pub(crate) enum UpstreamEnd {
    Http1(Box<Http1Upstream>),
    Http2(Box<Http2Upstream>),
}

/// Is a connection of HTTP/1.1.
#[derive(Debug)]
pub(crate) struct Http1Upstream {
    connection: Http1Connection,
    /// Tells whether the connection may carry another request.
    keeps_alive: bool,
    /// Tells whether the request was sent to its end.
    is_sent: bool,
    method: Method,
}

/// Is a stream of HTTP/2.
pub(crate) struct Http2Upstream {
    session: Http2Session,
    writer: Option<StreamWriter>,
    /// Tells whether the response may have a body, by its status and the request's method.
    has_body: bool,
}

impl UpstreamEnd {
    pub(crate) fn http1(connection: Http1Connection) -> Self {
        Self::Http1(Box::new(Http1Upstream { connection, keeps_alive: false, is_sent: false, method: Method::GET }))
    }

    pub(crate) fn http2(session: Http2Session) -> Self {
        Self::Http2(Box::new(Http2Upstream { session, writer: None, has_body: true }))
    }

    /// Begins with a request. `is_tls` says whether its address is one of `https`.
    pub(crate) fn send(
        &mut self,
        mut request: RequestHeader,
        header_case: &HeaderCase,
        body: BodyLength,
        is_tls: bool,
    ) -> Result<(), UpstreamError> {
        match self {
            Self::Http1(upstream) => {
                let framing = if body == BodyLength::Unknown { BodyFraming::Chunked } else { BodyFraming::Plain };
                if framing == BodyFraming::Chunked {
                    request.insert_header(header::TRANSFER_ENCODING, HeaderValue::from_static("chunked"))?;
                }
                write::request(upstream.connection.output.head(framing), &request, header_case);
                upstream.method = request.method.clone();
            }
            Self::Http2(upstream) => {
                let has_no_body = body == BodyLength::None;
                upstream.session.write_request_header(Box::new(as_http2(request, is_tls)?), has_no_body)?;
                let stream = upstream.session.take_request_body_writer();
                upstream.writer = stream.map(|stream| StreamWriter::new(stream, has_no_body));
            }
        }
        Ok(())
    }

    pub(crate) fn has_room(&self) -> bool {
        match self {
            Self::Http1(upstream) => upstream.connection.output.has_room(),
            Self::Http2(upstream) => upstream.writer.as_ref().is_none_or(StreamWriter::has_room),
        }
    }

    /// Returns how many bytes wait to be written.
    pub(crate) fn waiting(&self) -> usize {
        match self {
            Self::Http1(upstream) => upstream.connection.output.waiting(),
            Self::Http2(upstream) => upstream.writer.as_ref().map_or(0, StreamWriter::waiting),
        }
    }

    /// Adds a piece of the request's body. There has to be room for it.
    pub(crate) fn push(&mut self, piece: Bytes) {
        match self {
            Self::Http1(upstream) => upstream.connection.output.push(piece),
            Self::Http2(upstream) => {
                if let Some(writer) = &mut upstream.writer {
                    writer.push(piece);
                }
            }
        }
    }

    /// Ends the request's body.
    pub(crate) fn finish(&mut self) {
        match self {
            Self::Http1(upstream) => {
                upstream.connection.output.finish();
                upstream.is_sent = true;
            }
            Self::Http2(upstream) => {
                if let Some(writer) = &mut upstream.writer {
                    writer.finish(None);
                }
            }
        }
    }

    /// Hands over everything that waits.
    pub(crate) fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), UpstreamError>> {
        match self {
            Self::Http1(upstream) => upstream.connection.poll_write(cx).map_err(UpstreamError::from),
            Self::Http2(upstream) => match &mut upstream.writer {
                Some(writer) => writer.poll_write(cx).map_err(UpstreamError::from),
                None => Poll::Ready(Ok(())),
            },
        }
    }

    /// Returns the head of the response; the next one, where an interim one came before.
    pub(crate) fn poll_head(&mut self, cx: &mut Context<'_>) -> Poll<Result<ResponseHead, UpstreamError>> {
        match self {
            Self::Http1(upstream) => upstream.poll_head(cx),
            Self::Http2(upstream) => {
                ready!(upstream.session.poll_read_response_header(cx))?;
                let header = upstream.session.response_header().ok_or(UpstreamError::Closed)?.clone();
                response_head::check_framing(&header.headers, Version::HTTP_2)?;
                Poll::Ready(Ok(ResponseHead { header, header_case: HeaderCase::default(), keeps_alive: true }))
            }
        }
    }

    /// Sets the framing of the response's body, and returns whether there is one.
    pub(crate) fn begin_body(&mut self, header: &ResponseHeader, method: &Method) -> bool {
        let framing = response_head::framing(header, method);
        let has_body = !framing.has_ended();
        match self {
            Self::Http1(upstream) => {
                upstream.keeps_alive &= !framing.ends_with_connection();
                upstream.connection.incoming = framing;
            }
            Self::Http2(upstream) => upstream.has_body = has_body,
        }
        has_body
    }

    /// Turns the connection into a tunnel: whatever comes from now on goes through as it is.
    pub(crate) fn begin_tunnel(&mut self) {
        if let Self::Http1(upstream) = self {
            upstream.keeps_alive = false;
            upstream.connection.incoming = Framing::CloseDelimited;
            upstream.connection.output.head(BodyFraming::Plain);
        }
    }

    /// Returns what comes next of the response's body.
    pub(crate) fn poll_body(&mut self, cx: &mut Context<'_>) -> Poll<Result<ResponsePiece, UpstreamError>> {
        match self {
            Self::Http1(upstream) => Poll::Ready(match ready!(upstream.connection.poll_body(cx)) {
                Ok(Some(piece)) => Ok(ResponsePiece::Data(piece)),
                Ok(None) => Ok(ResponsePiece::End(None)),
                Err(error) => Err(UpstreamError::Body(error)),
            }),
            Self::Http2(upstream) => upstream.poll_body(cx),
        }
    }

    /// Tells the server that nothing more comes through the tunnel.
    pub(crate) fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Http1(upstream) => upstream.connection.poll_shutdown(cx),
            Self::Http2(_) => Poll::Ready(Ok(())),
        }
    }

    /// Returns the connection where it may carry another request: this one and its response went to their ends.
    pub(crate) fn into_reusable(self) -> Option<Reusable> {
        match self {
            Self::Http1(upstream) => {
                let Http1Upstream { connection, keeps_alive, is_sent, .. } = *upstream;
                let is_over = is_sent && connection.incoming.has_ended() && connection.output.is_empty();
                (keeps_alive && is_over && connection.received.is_empty()).then_some(Reusable::Http1(connection))
            }
            Self::Http2(upstream) => Some(Reusable::Http2(upstream.session)),
        }
    }
}

/// Is a connection that may carry another request.
pub(crate) enum Reusable {
    Http1(Http1Connection),
    Http2(Http2Session),
}

impl Http1Upstream {
    fn poll_head(&mut self, cx: &mut Context<'_>) -> Poll<Result<ResponseHead, UpstreamError>> {
        loop {
            let received = &mut self.connection.received;
            if !received.is_empty()
                && let Some(length) = response_head::length(received)?
            {
                let head = response_head::parse(&received.split_to(length).freeze())?;
                self.keeps_alive = head.keeps_alive;
                return Poll::Ready(Ok(head));
            }
            if ready!(self.connection.poll_read(cx))? == 0 {
                return Poll::Ready(Err(UpstreamError::Closed));
            }
        }
    }
}

impl Http2Upstream {
    fn poll_body(&mut self, cx: &mut Context<'_>) -> Poll<Result<ResponsePiece, UpstreamError>> {
        loop {
            let Some(piece) = ready!(self.session.poll_read_response_body(cx)).transpose()? else {
                let trailers = pin!(self.session.read_trailers());
                return Poll::Ready(Ok(ResponsePiece::End(ready!(trailers.poll(cx))?)));
            };
            if !piece.is_empty() && !self.has_body {
                // A client would take it for the next response.
                return Poll::Ready(Err(UpstreamError::Unexpected("a body behind a response that has none")));
            }
            if !piece.is_empty() {
                return Poll::Ready(Ok(ResponsePiece::Data(piece)));
            }
        }
    }
}

/// Turns a request into one of HTTP/2, whose host is no field.
fn as_http2(mut request: RequestHeader, is_tls: bool) -> Result<RequestHeader, UpstreamError> {
    const NO_ADDRESS: UpstreamError = UpstreamError::Unexpected("a request that HTTP/2 cannot carry");
    let host = request.remove_header(&header::HOST).ok_or(NO_ADDRESS)?;
    let path = request.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    let uri = Uri::builder()
        .scheme(if is_tls { "https" } else { "http" })
        .authority(host.as_bytes())
        .path_and_query(path)
        .build()
        .map_err(|_| NO_ADDRESS)?;
    request.set_uri(uri);
    request.set_version(Version::HTTP_2);
    Ok(request)
}
