//! The one loop that accepts connections, whatever they are for.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_util::task::TaskTracker;

/// The listener pauses this long after a failed `accept`, usually for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Accepts connections and serves each in a task of its own, as long as the future is polled. Further ones than there
/// are permits wait in the kernel's queue. `name` tells the listener in the log; whoever drops the future may wait for
/// `connections` to end.
pub(crate) async fn accept<S, F>(
    listener: &TcpListener,
    name: &'static str,
    permits: &Arc<Semaphore>,
    connections: &TaskTracker,
    serve: S,
) where
    S: Fn(TcpStream, SocketAddr) -> F,
    F: Future<Output = ()> + Send + 'static,
{
    loop {
        let permit = Arc::clone(permits).acquire_owned().await.expect("the semaphore is never closed");
        match listener.accept().await {
            Ok((stream, peer)) => {
                let serving = serve(stream, peer);
                connections.spawn(async move {
                    serving.await;
                    drop(permit);
                });
            }
            Err(error) => {
                tracing::warn!(event = "accept_failed", listener = name, %error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}
