//! Runs listeners in plaintext that send everybody to where TLS is spoken.

use std::{io, net::TcpListener as StdListener, sync::Arc, time::Duration};

use http::{HeaderValue, StatusCode, header};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::timeout,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    proxy::{
        decide::rejection::Rejection,
        forward::response,
        http1::head::{self, Progress},
        server::{accept::accept, proxy::Proxy},
    },
    tasks::Tasks,
    types::RequestId,
};

/// Bounds the time for a request's head and its response; every connection serves one.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Bounds the connections at a time.
const MAX_CONNECTIONS: usize = 1024;

/// Starts to respond to every request with a redirect, until `shutdown`.
pub fn start(
    proxy: &Arc<Proxy>,
    listeners: Vec<StdListener>,
    tasks: &Tasks,
    shutdown: &CancellationToken,
) -> io::Result<()> {
    let permits = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    for listener in listeners {
        listener.set_nonblocking(true)?;
        let listener = Arc::new(TcpListener::from_std(listener)?);
        let (proxy, permits, until) = (Arc::clone(proxy), Arc::clone(&permits), shutdown.clone());
        tasks.supervise("redirect_listener", shutdown, move || {
            let (listener, proxy, permits) = (Arc::clone(&listener), Arc::clone(&proxy), Arc::clone(&permits));
            let until = until.clone();
            async move {
                let serve = |stream, _, permit| {
                    let proxy = Arc::clone(&proxy);
                    async move {
                        // A client that is too slow, or gone, gets nothing.
                        let _ = timeout(TIMEOUT, redirect(&proxy, stream)).await;
                        drop(permit);
                    }
                };
                until.run_until_cancelled(accept(&listener, "redirect", &permits, &TaskTracker::new(), serve)).await;
            }
        });
    }
    Ok(())
}

async fn redirect(proxy: &Proxy, mut stream: TcpStream) -> io::Result<()> {
    let mut received = Vec::with_capacity(1024);
    let answer = loop {
        if stream.read_buf(&mut received).await? == 0 {
            return Ok(());
        }
        match head::parse(&received) {
            Ok(Progress::Partial) => {}
            Ok(Progress::Complete(head)) => break response_to(proxy, &received[head.begin..][..head.length]),
            Err(error) => break response::raw_rejection(&Rejection::Head(error), &RequestId::generate()),
        }
    };
    stream.write_all(&answer).await?;
    stream.shutdown().await
}

/// Redirects to the same path below `public_url`. Of the request nothing else is repeated, so nobody is led elsewhere.
fn response_to(proxy: &Proxy, head: &[u8]) -> Vec<u8> {
    let id = RequestId::generate();
    let target = head.split(|&b| b == b' ').nth(1).filter(|target| target.starts_with(b"/"));
    let location = target.and_then(|target| {
        let target = std::str::from_utf8(target).ok()?;
        HeaderValue::from_str(&format!("{}{target}", proxy.public_origin())).ok()
    });
    match location {
        Some(location) => response::raw(StatusCode::PERMANENT_REDIRECT, vec![(header::LOCATION, location)], b"", &id),
        None => response::raw_rejection(&Rejection::Misdirected, &id),
    }
}
