//! Upstreams on Unix sockets.

use serde_json::json;
use tempfile::TempDir;
use tokio::{
    io::copy_bidirectional,
    net::{TcpStream, UnixListener},
};

use crate::harness::{Setup, Upstream};

#[tokio::test]
async fn an_upstream_may_listen_on_a_unix_socket() {
    let upstream = Upstream::start().await;
    let directory = TempDir::new().unwrap();
    let socket = directory.path().join("app.sock");
    let listener = UnixListener::bind(&socket).unwrap();
    let address = upstream.address;
    let passing = tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut server = TcpStream::connect(address).await.unwrap();
                let _ = copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    let servers = [format!("unix:{}", socket.display())];
    let check = json!({ "path": "/health", "interval": "20ms" });
    let gw = Setup::new(json!({ "upstreams": { "api": { "servers": servers, "health_check": check } } })).start().await;
    let alice = gw.insert_user("alice", &[]).await;
    assert_eq!(alice.status("/items").await, 200);
    assert_eq!(upstream.received("/items").await.field("x-user-id"), Some(alice.id.as_str()));
    assert_eq!(upstream.received("/health").await.field("host"), Some("localhost"));
    passing.abort();
}
