//! Serves a client connection that speaks HTTP/2. Its requests are written down as HTTP/1.1 heads and parsed by the
//! same rules (`head`); then they are served, each in a task of its own.

use std::{net::SocketAddr, sync::Arc};

use bytes::{Bytes, BytesMut};
use h2::server::Connection as H2Connection;
use http::{HeaderValue, header};
use pingora::{
    http::{RequestHeader, ResponseHeader},
    protocols::{
        Digest, Stream,
        http::v2::server::{H2Accept, H2Options, HttpSession, handshake},
    },
};
use tokio::time::timeout;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{Instrument, field::Empty};

use crate::proxy::{
    client::{Client, ClientEnd, http2::Http2Client, load::ConnectionLoad},
    http1::{
        head::{self, HeadError, MAX_HEAD, Progress},
        header_case::HeaderCase,
        socket::Socket,
        write,
    },
    server::{http1::IDLE_TIMEOUT, http2_socket::Http2Socket, proxy::Proxy},
};

/// Bounds the requests at a time on one connection (DOS-04).
const MAX_STREAMS: u32 = 100;
/// Bounds the bytes of bodies that nobody has read yet, for one request and for all of a connection.
const STREAM_WINDOW: u32 = 256 * 1024;
const CONNECTION_WINDOW: u32 = 1024 * 1024;
/// Bounds the bytes of a response that the client does not take.
const SEND_BUFFER: usize = 64 * 1024;
/// Bounds the streams that were reset and not yet forgotten; a client that resets faster is disconnected
/// (CVE-2023-44487).
const MAX_RESETS: usize = 20;
/// After so many malformed requests the connection ends.
const MAX_MALFORMED: usize = 32;

fn options() -> H2Options {
    let mut options = H2Options::default();
    options
        .max_concurrent_streams(MAX_STREAMS)
        .max_header_list_size(u32::try_from(MAX_HEAD).unwrap_or(u32::MAX))
        .initial_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_send_buffer_size(SEND_BUFFER)
        .max_pending_accept_reset_streams(MAX_RESETS)
        .max_concurrent_reset_streams(MAX_RESETS)
        .max_local_error_reset_streams(Some(MAX_RESETS));
    options
}

/// Serves requests until the connection ends or has been idle for long, and returns when the last request is over.
pub(crate) async fn serve(proxy: Arc<Proxy>, socket: Socket, peer: SocketAddr, closing: CancellationToken) {
    let load = proxy.connection_load();
    let socket = Http2Socket::new(socket, Arc::clone(&load));
    let handshake = timeout(IDLE_TIMEOUT, handshake(Box::new(socket), Some(options())));
    let Ok(Ok(connection)) = handshake.await else { return };
    let requests = TaskTracker::new();
    // Only a closed one tells when it is empty; it takes further requests all the same.
    requests.close();
    accept_requests(&proxy, connection, peer, &load, &closing, &requests).await;
    // The connection is gone, so those that are left find out soon.
    requests.wait().await;
}

async fn accept_requests(
    proxy: &Arc<Proxy>,
    mut connection: H2Connection<Stream, Bytes>,
    peer: SocketAddr,
    load: &Arc<ConnectionLoad>,
    closing: &CancellationToken,
    requests: &TaskTracker,
) {
    let digest = Arc::new(Digest::default());
    let mut malformed = 0;
    let mut is_closing = false;
    loop {
        let accepted = tokio::select! {
            accepted = HttpSession::from_h2_conn(&mut connection, Arc::clone(&digest)) => accepted,
            () = closing.cancelled(), if !is_closing => {
                connection.graceful_shutdown();
                is_closing = true;
                continue;
            }
            () = until_idle(requests) => return,
            () = load.evicted() => return,
        };
        let session = match accepted {
            Ok(Some(H2Accept::Session(session))) => session,
            Ok(Some(H2Accept::Rejected)) => {
                malformed += 1;
                if malformed > MAX_MALFORMED {
                    return;
                }
                continue;
            }
            // The client is gone, or every response is written.
            Ok(None) | Err(_) => return,
        };
        let (proxy, load) = (Arc::clone(proxy), Arc::clone(load));
        let span = tracing::debug_span!("request", request.id = Empty, route.name = Empty);
        requests.spawn(async move { serve_stream(&proxy, session, peer, load).await }.instrument(span));
    }
}

/// Waits until no request has been under way for as long as a connection may be idle.
async fn until_idle(requests: &TaskTracker) {
    requests.wait().await;
    tokio::time::sleep(IDLE_TIMEOUT).await;
}

async fn serve_stream(proxy: &Proxy, mut session: HttpSession, peer: SocketAddr, load: Arc<ConnectionLoad>) {
    if let Err(error) = normalise(session.req_header_mut()) {
        // The client may be gone by now.
        let _ = reject(proxy, &mut session, peer, error).await;
        return;
    }
    let request = session.req_header().clone();
    let mut client = Client::new(ClientEnd::Http2(Box::new(Http2Client::new(session))), load);
    proxy.serve_request(&mut client, (request, HeaderCase::default()), peer).await;
}

/// Makes of it what an HTTP/1.1 request would be: a Host field, one Cookie field (RFC 9113 §8.2.3), nothing that `head`
/// rejects.
fn normalise(request: &mut RequestHeader) -> Result<(), HeadError> {
    if let Some(authority) = request.uri.authority() {
        let authority = HeaderValue::from_str(authority.as_str()).map_err(|_| HeadError::Host)?;
        match request.headers.get(header::HOST) {
            Some(host) if *host != authority => return Err(HeadError::TargetHost),
            Some(_) => {}
            None => request.insert_header(header::HOST, authority).map_err(|_| HeadError::Host)?,
        }
    }
    if request.headers.get_all(header::COOKIE).iter().nth(1).is_some() {
        let crumbs: Vec<&[u8]> = request.headers.get_all(header::COOKIE).iter().map(HeaderValue::as_bytes).collect();
        let whole = HeaderValue::from_bytes(&crumbs.join(&b"; "[..])).map_err(|_| HeadError::FieldValue)?;
        request.insert_header(header::COOKIE, whole).map_err(|_| HeadError::FieldValue)?;
    }
    match head::parse(&as_http1(request))? {
        Progress::Complete(_) => Ok(()),
        Progress::Partial => Err(HeadError::RequestLine),
    }
}

fn as_http1(request: &RequestHeader) -> BytesMut {
    let mut text = BytesMut::new();
    write::request(&mut text, request, &HeaderCase::default());
    text
}

async fn reject(proxy: &Proxy, session: &mut HttpSession, peer: SocketAddr, error: HeadError) -> pingora::Result<()> {
    let (status, fields, body) = proxy.reject(peer, error);
    let mut response = ResponseHeader::build(status, Some(fields.len()))?;
    for (name, value) in fields {
        response.append_header(name, value)?;
    }
    session.write_response_header(Box::new(response), false)?;
    session.write_body(body, true).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(uri: &str, fields: &[(&'static str, &str)]) -> RequestHeader {
        let mut builder = http::Request::builder().method("GET").uri(uri).version(http::Version::HTTP_2);
        for (name, value) in fields {
            builder = builder.header(*name, *value);
        }
        builder.body(()).unwrap().into_parts().0.into()
    }

    #[test]
    fn a_request_becomes_what_http_1_would_have_sent() {
        let mut request = request("https://gw/a?b", &[("cookie", "a=1"), ("cookie", "b=2")]);
        normalise(&mut request).unwrap();
        assert_eq!(&as_http1(&request)[..], b"GET /a?b HTTP/1.1\r\ncookie: a=1; b=2\r\nhost: gw\r\n\r\n");
    }

    #[test]
    fn what_http_1_refuses_is_refused_here() {
        for (uri, fields, expected) in [
            ("https://gw/a", &[("host", "other")][..], HeadError::TargetHost),
            ("/a", &[], HeadError::Host),
            ("https://gw/a", &[("content-length", "+1")], HeadError::ContentLength),
            ("https://gw/a", &[("expect", "the-unexpected")], HeadError::Expectation),
            ("https://user@gw/a", &[], HeadError::Host),
        ] {
            assert_eq!(normalise(&mut request(uri, fields)), Err(expected), "{uri} {fields:?}");
        }
        let many: Vec<(&'static str, &str)> = (0..120).map(|_| ("x-a", "b")).collect();
        assert_eq!(normalise(&mut request("https://gw/a", &many)), Err(HeadError::TooLarge));
    }
}
