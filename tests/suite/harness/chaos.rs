//! A wire that can be cut: a TCP proxy that passes, delays, falls silent, hangs up, or leads elsewhere.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::JoinHandle,
};

/// Says what happens to what is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wire {
    /// It arrives.
    Up,
    /// It arrives after this long, each piece in each direction.
    Slow(Duration),
    /// It is swallowed, and nobody is told: connections stay open, new ones are accepted.
    Silent,
    /// Connections are reset, new ones too.
    Cut,
}

/// A proxy in front of one address at a time. Stops with this value.
pub(crate) struct ChaosProxy {
    pub(crate) address: SocketAddr,
    wire: watch::Sender<Wire>,
    target: watch::Sender<SocketAddr>,
    accepting: JoinHandle<()>,
}

impl ChaosProxy {
    /// A working wire to `target`.
    pub(crate) async fn start(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port is free");
        let address = listener.local_addr().expect("a listener has an address");
        let (wire, state) = watch::channel(Wire::Up);
        let (target, leads_to) = watch::channel(target);
        let accepting = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                connections.spawn(connect(client, leads_to.clone(), state.clone()));
            }
        });
        Self { address, wire, target, accepting }
    }

    /// Changes the wire, for connections that exist too.
    pub(crate) fn set(&self, wire: Wire) {
        self.wire.send_replace(wire);
    }

    /// Leads new connections to another address, as a name does whose entry was changed.
    pub(crate) fn lead_to(&self, target: SocketAddr) {
        self.target.send_replace(target);
    }
}

impl Drop for ChaosProxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn connect(client: TcpStream, target: watch::Receiver<SocketAddr>, wire: watch::Receiver<Wire>) {
    // Then closing is a reset, which is what a cut looks like.
    let _ = client.set_zero_linger();
    let mut is_cut = wire.clone();
    tokio::select! {
        () = converse(client, target, wire) => {}
        _ = is_cut.wait_for(|wire| *wire == Wire::Cut) => {}
    }
}

async fn converse(client: TcpStream, target: watch::Receiver<SocketAddr>, mut wire: watch::Receiver<Wire>) {
    if wire.wait_for(|wire| *wire != Wire::Silent).await.is_err() {
        return;
    }
    let target = *target.borrow();
    let Ok(server) = TcpStream::connect(target).await else { return };
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::join!(pass(from_client, to_server, wire.clone()), pass(from_server, to_client, wire));
}

async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut wire: watch::Receiver<Wire>) {
    let mut piece = vec![0; 16 * 1024];
    while let Ok(length) = from.read(&mut piece).await {
        let Ok(state) = wire.wait_for(|wire| *wire != Wire::Silent).await.map(|wire| *wire) else { break };
        if let Wire::Slow(delay) = state {
            tokio::time::sleep(delay).await;
        }
        if length == 0 || to.write_all(&piece[..length]).await.is_err() {
            break;
        }
    }
    let _ = to.shutdown().await;
}
