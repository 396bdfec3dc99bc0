//! Is the one loop that accepts connections, whatever they are for.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tokio_util::task::TaskTracker;

/// The listener pauses this long after a failed `accept`, usually for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Accepts connections and serves each in a task of its own, as long as the future is polled. Further ones than there are
/// permits wait in the kernel's queue. What `serve` returns holds its permit until the connection ends; it is spawned as it is,
/// since a future within another would be stored twice. `name` names the listener in the log; whoever drops the future may wait
/// for `connections` to end.
pub(crate) async fn accept<S, F>(
    listener: &TcpListener,
    name: &'static str,
    permits: &Arc<Semaphore>,
    connections: &TaskTracker,
    serve: S,
) where
    S: Fn(TcpStream, SocketAddr, OwnedSemaphorePermit) -> F,
    F: Future<Output = ()> + Send + 'static,
{
    loop {
        let permit = Arc::clone(permits).acquire_owned().await.expect("the semaphore is never closed");
        match listener.accept().await {
            Ok((stream, peer)) => {
                connections.spawn(serve(stream, peer, permit));
            }
            Err(error) => {
                tracing::warn!(event = "accept_failed", listener = name, %error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}
