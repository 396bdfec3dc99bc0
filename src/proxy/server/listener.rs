//! Runs the public listeners: they accept connections until shutdown, never more at a time than the process can serve.

use std::{io, net::TcpListener as StdListener, sync::Arc};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::JoinSet,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::proxy::server::{accept::accept, connection, proxy::Proxy};

/// Bounds the connections that are open at one time; further ones wait in the kernel's queue.
const MAX_CONNECTIONS: usize = 20_000;

/// Serves the listeners until `shutdown`, then lets connections finish the request they are in. Returns when the last
/// one has ended; the caller sets the limit to that wait.
pub async fn serve(proxy: Arc<Proxy>, listeners: Vec<StdListener>, shutdown: &CancellationToken) -> io::Result<()> {
    let connections = TaskTracker::new();
    let permits = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut accepting = JoinSet::new();
    for listener in listeners {
        listener.set_nonblocking(true)?;
        let listener = TcpListener::from_std(listener)?;
        let proxy = Arc::clone(&proxy);
        let (connections, permits) = (connections.clone(), Arc::clone(&permits));
        let shutdown = shutdown.clone();
        accepting.spawn(async move {
            let serve = |stream: TcpStream, peer, permit| {
                // A failure only delays small packets.
                let _ = stream.set_nodelay(true);
                // Each has one of its own, as waiting for a shared one would let connections wait for each other.
                let (proxy, closing) = (Arc::clone(&proxy), shutdown.child_token());
                async move {
                    connection::serve(proxy, stream, peer, closing).await;
                    drop(permit);
                }
            };
            shutdown.run_until_cancelled(accept(&listener, "public", &permits, &connections, serve)).await;
        });
    }
    // The caller ends the process after a panic: a listener that accepts nobody is worse than none.
    while let Some(ended) = accepting.join_next().await {
        ended.map_err(io::Error::other)?;
    }
    connections.close();
    connections.wait().await;
    Ok(())
}
