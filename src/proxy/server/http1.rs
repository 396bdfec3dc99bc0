//! Serves a client's connection of HTTP/1.1: each request's head is received and validated, then the request is served.

use std::{future::poll_fn, io, net::SocketAddr, pin::pin, sync::Arc, task::Poll, time::Duration};

use bytes::{BufMut, Bytes};
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, field::Empty};

use crate::proxy::{
    client::{Client, ClientEnd, http1::Http1Client},
    http1::{
        head::{self, Head, HeadError, Progress},
        output::BodyFraming,
        request,
        socket::Socket,
    },
    server::proxy::Proxy,
};

/// Bounds the time between two requests of a connection.
pub(crate) const IDLE_TIMEOUT: Duration = Duration::from_mins(1);
/// Bounds the time from the first byte of a head to its last (DOS-02).
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// Bounds the wait for one more request on an idle connection, once the process is ending.
const LAST_REQUEST: Duration = Duration::from_secs(1);
/// Bounds the time in which a client may take a rejection before the connection is cut.
const LINGER: Duration = Duration::from_secs(1);

enum Received {
    /// Is a validated head with its bytes.
    Head(Head, Bytes),
    Rejected(HeadError),
    /// The client is gone or idle, or we are shutting down.
    Closed,
}

/// Serves requests until the connection ends.
pub(crate) async fn serve(proxy: Arc<Proxy>, socket: Socket, peer: SocketAddr, closing: CancellationToken) {
    let load = proxy.connection_load();
    let http1 = Http1Client::new(socket, Arc::clone(&load));
    let mut client = Client::new(ClientEnd::Http1(Box::new(http1)), load);
    loop {
        let (head, bytes) = match receive_head(&mut client, &closing).await {
            Received::Head(head, bytes) => (head, bytes),
            Received::Closed => return,
            Received::Rejected(error) => return reject(&proxy, &mut client, peer, error).await,
        };
        let Ok(request) = request::from_head(&head, &bytes) else {
            // Beyond what the RFCs say, a path holds none of the characters that browsers escape.
            return reject(&proxy, &mut client, peer, HeadError::Target).await;
        };
        let ClientEnd::Http1(http1) = &mut client.end else { return };
        http1.begin(&head, &request.0, !closing.is_cancelled());
        // This is no span at all where the log has no debug lines; `serve` fills it in.
        let span = tracing::debug_span!("request", request.id = Empty, route.name = Empty);
        // Is boxed, so that an idle connection keeps no place for a request.
        Box::pin(proxy.serve_request(&mut client, request, peer)).instrument(span).await;
        let ClientEnd::Http1(http1) = &mut client.end else { return };
        if http1.is_aborted() {
            return;
        }
        if !http1.may_go_on() {
            return close(http1).await;
        }
    }
}

async fn receive_head(client: &mut Client, closing: &CancellationToken) -> Received {
    let mut deadline = Instant::now() + IDLE_TIMEOUT;
    let mut is_idle = true;
    let mut is_closing = false;
    let mut until_closing = pin!(closing.cancelled());
    loop {
        let ClientEnd::Http1(http1) = &mut client.end else { return Received::Closed };
        let received = &mut http1.connection.received;
        if is_idle && head::has_begun(received) {
            is_idle = false;
            deadline = Instant::now() + HEAD_TIMEOUT;
        }
        if !received.is_empty() {
            match head::parse(received) {
                Ok(Progress::Complete(head)) => {
                    let _ = received.split_to(head.begin);
                    let bytes = received.split_to(head.length).freeze();
                    return Received::Head(head, bytes);
                }
                Ok(Progress::Partial) => {}
                Err(error) => return Received::Rejected(error),
            }
        }
        let read = poll_fn(|cx| {
            let ClientEnd::Http1(http1) = &mut client.end else { return Poll::Ready(Event::Ended) };
            if let Poll::Ready(read) = http1.connection.poll_read(cx) {
                return Poll::Ready(if read.is_ok_and(|count| count > 0) { Event::Read } else { Event::Ended });
            }
            if !is_closing && until_closing.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Event::Closing);
            }
            if http1.timer.poll_until(cx, deadline).is_ready() {
                return Poll::Ready(Event::TimedOut);
            }
            client.poll_cut_off(cx).map(|()| Event::Ended)
        });
        match read.await {
            Event::Read => {}
            Event::Closing => {
                is_closing = true;
                // A request may be on its way to a connection that was promised to stay open.
                if is_idle {
                    deadline = deadline.min(Instant::now() + LAST_REQUEST);
                }
            }
            Event::TimedOut if !is_idle => return Received::Rejected(HeadError::Timeout),
            Event::TimedOut | Event::Ended => return Received::Closed,
        }
    }
}

/// Is what happens to a connection that waits for a head.
enum Event {
    Read,
    Closing,
    TimedOut,
    Ended,
}

/// Rejects the head and ends the connection, since nobody knows where the next request would begin.
async fn reject(proxy: &Proxy, client: &mut Client, peer: SocketAddr, error: HeadError) {
    let response = proxy.raw_rejection(peer, error);
    let ClientEnd::Http1(http1) = &mut client.end else { return };
    http1.connection.output.head(BodyFraming::Plain).put_slice(&response);
    http1.expect_more();
    close(http1).await;
}

/// Ends the connection behind a response. Clients over TLS tell that by `close_notify` from an end that somebody
/// else brought about. Where the client may still be sending, what comes is read and thrown away: unread bytes make the kernel
/// reset the connection, which can destroy the response on its way.
async fn close(http1: &mut Http1Client) {
    let closed = async {
        http1.write().await?;
        poll_fn(|cx| http1.connection.poll_shutdown(cx)).await?;
        if http1.expects_more() {
            while poll_fn(|cx| http1.connection.poll_discard(cx)).await? > 0 {}
        }
        io::Result::Ok(())
    };
    // It changes nothing whether the client took the response.
    let _ = timeout(LINGER, closed).await;
}
