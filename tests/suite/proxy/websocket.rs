//! `WebSocket`s: the handshake is a request like any other, then bytes pass both ways (requirements WS-*).

use std::time::Duration;

use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::timeout,
};

use crate::harness::{Reply, TestGateway};

#[tokio::test]
async fn a_session_opens_a_socket_that_echoes() {
    let gw = TestGateway::start().await;
    gw.upstream.reply("/ws/echo", Reply::WebSocket);
    let alice = gw.insert_user("alice", &[]).await;
    let cookie = format!("{}={}; theirs=1", gw.cookie_name(), alice.token);
    let origin = gw.origin().to_owned();
    let fields = [("Cookie", cookie.as_str()), ("Origin", &origin), ("X-User-Id", "evil")];
    let mut socket = gw.websocket("/ws/echo", &fields).await.unwrap();
    assert_eq!(socket.text().await, Some(alice.id.clone()), "the upstream is told who it is");
    for text in ["one", "two", &"x".repeat(200_000)] {
        socket.send(text).await;
        assert_eq!(socket.text().await.as_deref(), Some(text));
    }
    let seen = gw.upstream.last();
    assert_eq!(seen.field("Cookie"), Some("theirs=1"));
    assert_eq!(seen.field("X-User-Id"), Some(alice.id.as_str()));
    assert_eq!(seen.field("Sec-WebSocket-Version"), Some("13"));
}

#[tokio::test]
async fn a_bearer_token_opens_one_without_an_origin() {
    let gw = TestGateway::start().await;
    gw.upstream.reply("/ws/echo", Reply::WebSocket);
    let alice = gw.insert_user("alice", &[]).await;
    let authorization = format!("Bearer {}", alice.token);
    let mut socket = gw.websocket("/ws/echo", &[("Authorization", &authorization)]).await.unwrap();
    assert_eq!(socket.text().await, Some(alice.id.clone()));
}

#[tokio::test]
async fn without_a_session_the_handshake_is_401() {
    let gw = TestGateway::start().await;
    gw.upstream.reply("/ws/echo", Reply::WebSocket);
    let alice = gw.insert_user("alice", &[]).await;
    let origin = gw.origin().to_owned();
    let stale = format!("{}={}", gw.cookie_name(), "A".repeat(43));
    for (path, fields) in [
        ("/ws/echo".to_owned(), vec![("Origin", origin.as_str())]),
        ("/ws/echo".to_owned(), vec![("Origin", origin.as_str()), ("Cookie", stale.as_str())]),
        (format!("/ws/echo?token={}", alice.token), vec![("Origin", origin.as_str())]),
        ("/ws/echo".to_owned(), vec![("Sec-WebSocket-Protocol", alice.token.as_str())]),
    ] {
        let refused = gw.websocket(&path, &fields).await.err().expect("no session, no socket");
        assert_eq!(refused.status, 401, "{path} {fields:?}");
        assert!(String::from_utf8_lossy(&refused.body).contains("UNAUTHORIZED") || refused.body.is_empty());
    }
    gw.assert_upstream_untouched("handshakes without a session").await;
}

#[tokio::test]
async fn foreign_pages_open_none_with_a_cookie() {
    let gw = TestGateway::start().await;
    gw.upstream.reply("/ws/echo", Reply::WebSocket);
    let alice = gw.insert_user("alice", &[]).await;
    let cookie = format!("{}={}", gw.cookie_name(), alice.token);
    for origin in [Some("https://evil.example"), Some("null"), Some("http://localhost"), None] {
        let mut fields = vec![("Cookie", cookie.as_str())];
        fields.extend(origin.map(|origin| ("Origin", origin)));
        let refused = gw.websocket("/ws/echo", &fields).await.err().expect("a foreign page gets no socket");
        assert_eq!(refused.status, 403, "{origin:?}");
    }
    gw.assert_upstream_untouched("handshakes of foreign pages").await;
}

#[tokio::test]
async fn routes_without_websocket_upgrade_nothing() {
    let gw = TestGateway::start().await;
    gw.upstream.reply("/items", Reply::WebSocket);
    gw.upstream.reply("/public/echo", Reply::WebSocket);
    let alice = gw.insert_user("alice", &[]).await;
    let cookie = format!("{}={}", gw.cookie_name(), alice.token);
    let origin = gw.origin().to_owned();
    for path in ["/items", "/public/echo"] {
        let fields = [("Cookie", cookie.as_str()), ("Origin", origin.as_str())];
        let refused = gw.websocket(path, &fields).await.err().expect("no socket on this route");
        assert!((400..500).contains(&refused.status), "{path}: {}", refused.status);
        let seen = gw.upstream.requests();
        assert!(seen.iter().all(|request| request.field("Upgrade").is_none()), "{path}: {seen:?}");
    }
}

#[tokio::test]
async fn a_handshake_that_is_none_opens_no_tunnel() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let base = format!("Authorization: Bearer {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n", alice.token);
    for (method, version, fields) in [
        ("POST", "HTTP/1.1", "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"),
        ("GET", "HTTP/1.0", "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"),
        ("GET", "HTTP/1.1", "Sec-WebSocket-Version: 8\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"),
        ("GET", "HTTP/1.1", "Sec-WebSocket-Version: 13\r\n"),
        ("GET", "HTTP/1.1", "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short\r\n"),
        ("GET", "HTTP/1.1", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"),
    ] {
        let request = format!("{method} /ws/echo {version}\r\nHost: {}\r\n{base}{fields}\r\n", gw.host());
        let response = gw.raw().await.send(request).await.response().await.unwrap();
        assert!(response.status >= 200, "{method} {version} {fields}: {}", response.status);
        let upgraded: Vec<_> = gw.upstream.requests().into_iter().filter(|r| r.field("Upgrade").is_some()).collect();
        assert!(upgraded.is_empty(), "{method} {version} {fields}: {upgraded:?}");
    }
}

#[tokio::test]
async fn role_routes_ask_sockets_for_the_role_too() {
    let routes = json!([
        {
            "name": "ws", "match": { "path": "/ws/**" }, "upstream": "api",
            "access": "required", "roles": ["admin"], "websocket": true,
        },
        { "name": "public", "match": { "path": "/public/**" }, "upstream": "api", "access": "public" },
    ]);
    let gw = TestGateway::with(json!({ "routes": routes })).await;
    gw.upstream.reply("/ws/echo", Reply::WebSocket);
    let (alice, root) = (gw.insert_user("alice", &[]).await, gw.insert_user("root", &["admin"]).await);
    let authorization = format!("Bearer {}", alice.token);
    let refused =
        gw.websocket("/ws/echo", &[("Authorization", &authorization)]).await.err().expect("no role, no socket");
    assert_eq!(refused.status, 403);
    gw.assert_upstream_untouched("a socket without the role").await;
    let authorization = format!("Bearer {}", root.token);
    assert!(gw.websocket("/ws/echo", &[("Authorization", &authorization)]).await.is_ok());
}

#[tokio::test]
async fn a_socket_outlives_the_read_timeout_while_it_is_idle() {
    let gw =
        TestGateway::with(json!({ "upstreams": { "api": { "timeouts": { "read": "300ms", "write": "300ms" } } } }))
            .await;
    gw.upstream.reply("/ws/echo", Reply::WebSocket);
    let alice = gw.insert_user("alice", &[]).await;
    let authorization = format!("Bearer {}", alice.token);
    let mut socket = gw.websocket("/ws/echo", &[("Authorization", &authorization)]).await.unwrap();
    assert_eq!(socket.text().await, Some(alice.id.clone()));
    let idle = tokio::time::timeout(std::time::Duration::from_secs(1), socket.text()).await;
    assert!(idle.is_err(), "an idle socket is cut off: {idle:?}");
    socket.send("still here").await;
    assert_eq!(socket.text().await.as_deref(), Some("still here"));
}

fn handshake(token: &str) -> String {
    format!(
        "Authorization: Bearer {token}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    )
}

/// An upstream so fast that its 101 and first frame are there before the gateway has finished sending the request.
#[tokio::test]
async fn a_socket_stays_open_however_fast_the_upstream_agrees() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let servers = [format!("http://{}", listener.local_addr().unwrap())];
    let gw = TestGateway::with(json!({ "upstreams": { "api": { "servers": servers } } })).await;
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            let head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
            stream.write_all(head).await.unwrap();
            let (mut from, mut to) = stream.into_split();
            open.push(tokio::spawn(async move { tokio::io::copy(&mut from, &mut to).await }));
        }
    });
    let alice = gw.insert_user("alice", &[]).await;
    for number in 0..16 {
        let lines = handshake(&alice.token);
        let mut socket = TcpStream::connect(gw.address).await.unwrap();
        socket.write_all(&gw.get_bytes("/ws/echo", &lines)).await.unwrap();
        let mut seen = Vec::new();
        while !seen.windows(4).any(|bytes| bytes == b"\r\n\r\n") {
            assert!(socket.read_buf(&mut seen).await.unwrap() > 0, "socket {number}: no answer");
        }
        assert!(seen.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&seen));
        socket.write_all(b"through the tunnel").await.unwrap();
        while !seen.ends_with(b"through the tunnel") {
            assert!(socket.read_buf(&mut seen).await.unwrap() > 0, "socket {number}: closed");
        }
    }
}

#[tokio::test]
async fn a_socket_that_the_upstream_closes_ends_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let servers = [format!("http://{}", listener.local_addr().unwrap())];
    let gw = TestGateway::with(json!({ "upstreams": { "api": { "servers": servers } } })).await;
    let upstream = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nbye";
        stream.write_all(head).await.unwrap();
        stream.shutdown().await.unwrap();
        stream
    });
    let alice = gw.insert_user("alice", &[]).await;
    let mut socket = TcpStream::connect(gw.address).await.unwrap();
    socket.write_all(&gw.get_bytes("/ws/echo", &handshake(&alice.token))).await.unwrap();
    let mut seen = Vec::new();
    let ended = timeout(Duration::from_millis(1500), socket.read_to_end(&mut seen)).await;
    assert!(seen.ends_with(b"\r\n\r\nbye"), "{}", String::from_utf8_lossy(&seen));
    assert!(ended.is_ok(), "the client still waits for the end");
    drop(upstream);
}
