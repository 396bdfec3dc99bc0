//! The public listeners: they accept connections until shutdown, never more at a time than the process can serve.

use std::{io, net::TcpListener as StdListener, sync::Arc, time::Duration};

use tokio::{
    net::TcpListener,
    sync::{Semaphore, watch},
    task::JoinSet,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::proxy::server::{connection, proxy::Proxy};

/// Connections open at one time; further ones wait in the kernel's queue.
const MAX_CONNECTIONS: usize = 20_000;
/// After the system ran out of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves the listeners until `shutdown`, then lets connections finish the request they are in. Returns when the last
/// one has ended; the caller sets the limit to that wait.
pub async fn serve(proxy: Arc<Proxy>, listeners: Vec<StdListener>, shutdown: &CancellationToken) -> io::Result<()> {
    let connections = TaskTracker::new();
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    // The framework asks this watch whether to offer keep-alive.
    let (stopping, is_stopping) = watch::channel(false);
    let mut accepting = JoinSet::new();
    for listener in listeners {
        listener.set_nonblocking(true)?;
        let listener = TcpListener::from_std(listener)?;
        let proxy = Arc::clone(&proxy);
        let (connections, places) = (connections.clone(), Arc::clone(&places));
        let (is_stopping, shutdown) = (is_stopping.clone(), shutdown.clone());
        accepting.spawn(async move {
            let accept = accept_all(&listener, &proxy, &connections, &places, &is_stopping, &shutdown);
            tokio::select! {
                () = accept => {}
                () = shutdown.cancelled() => {}
            }
        });
    }
    // After a panic the caller ends the process: a listener that accepts nobody is worse than none.
    while let Some(ended) = accepting.join_next().await {
        ended.map_err(io::Error::other)?;
    }
    let _ = stopping.send(true);
    connections.close();
    connections.wait().await;
    Ok(())
}

async fn accept_all(
    listener: &TcpListener,
    proxy: &Arc<Proxy>,
    connections: &TaskTracker,
    places: &Arc<Semaphore>,
    is_stopping: &watch::Receiver<bool>,
    shutdown: &CancellationToken,
) {
    loop {
        let Ok(place) = Arc::clone(places).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, peer)) => {
                // Only delays small packets when it fails.
                let _ = stream.set_nodelay(true);
                let (proxy, is_stopping, shutdown) = (Arc::clone(proxy), is_stopping.clone(), shutdown.clone());
                connections.spawn(async move {
                    connection::serve(proxy, stream, peer, is_stopping, shutdown).await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}
