//! A second request inside, behind or beside the first (SMUG-08 to -10).

use crate::harness::{TestGateway, eventually};

#[tokio::test]
async fn a_refused_body_is_never_read_as_a_request() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let cookie = format!("Cookie: {}={}\r\n", gw.cookie_name(), alice.token);
    let inner = String::from_utf8(gw.get_bytes("/items/smuggled", &cookie)).unwrap();
    let host = gw.host();
    for (path, fields) in [
        ("/items", String::new()),
        ("/admin", cookie.clone()),
        ("/items", format!("{cookie}Origin: https://evil.example\r\n")),
        ("/api/auth/zzz", String::new()),
        ("/api/auth/sign-out", "Content-Type: text/plain\r\n".to_owned()),
        ("/public/..", String::new()),
    ] {
        for framing in [
            format!("Content-Length: {}\r\n\r\n{inner}", inner.len()),
            format!("Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{inner}\r\n0\r\n\r\n", inner.len()),
        ] {
            let mut raw = gw.raw().await;
            raw.send(format!("POST {path} HTTP/1.1\r\nHost: {host}\r\n{fields}{framing}")).await;
            let status = raw.response().await.unwrap().status;
            assert!((400..500).contains(&status), "{path}: {status}");
            // Drained and kept, or closed: either way there is no second answer.
            raw.finish().await;
            let rest = raw.closed().await;
            assert!(rest.is_empty(), "{path}: {:?}", String::from_utf8_lossy(&rest));
            gw.assert_upstream_untouched(path).await;
        }
    }
}

#[tokio::test]
async fn every_request_of_a_connection_is_checked_by_itself() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let cookie = format!("Cookie: {}={}\r\n", gw.cookie_name(), alice.token);
    let mut raw = gw.raw().await;
    for (lines, expected) in [(cookie.as_str(), 200), ("", 401), (cookie.as_str(), 200), ("", 401)] {
        let response = raw.send(gw.get_bytes("/items", lines)).await.response().await.unwrap();
        assert_eq!(response.status, expected);
    }
    assert_eq!(gw.upstream.requests().len(), 2);
}

#[tokio::test]
async fn pipelined_requests_are_each_checked() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let cookie = format!("Cookie: {}={}\r\n", gw.cookie_name(), alice.token);
    let mut raw = gw.raw().await;
    raw.send([gw.get_bytes("/items/1", &cookie), gw.get_bytes("/items/2", "")].concat()).await;
    assert_eq!(raw.response().await.unwrap().status, 200);
    // The second may be refused by closing the connection, too.
    if let Some(second) = raw.finish().await.response().await {
        assert_eq!(second.status, 401);
    }
    let seen: Vec<String> = gw.upstream.requests().into_iter().map(|request| request.line).collect();
    assert_eq!(seen, ["GET /items/1 HTTP/1.1"]);
}

#[tokio::test]
async fn an_upgrade_does_not_open_a_tunnel_for_the_bytes_behind_it() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let cookie = format!("Cookie: {}={}\r\n", gw.cookie_name(), alice.token);
    let handshake = format!(
        "{cookie}Origin: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
        gw.origin()
    );
    // The upstream answers 200 instead of 101, so what follows is another request and needs a session of its own.
    let mut raw = gw.raw().await;
    raw.send([gw.get_bytes("/ws/plain", &handshake), gw.get_bytes("/admin/smuggled", "")].concat()).await;
    assert_eq!(raw.response().await.unwrap().status, 200);
    raw.finish().await.closed().await;
    let seen: Vec<String> = gw.upstream.requests().into_iter().map(|request| request.line).collect();
    assert_eq!(seen, ["GET /ws/plain HTTP/1.1"]);
    assert!(gw.upstream.faults().is_empty(), "{:?}", gw.upstream.faults());
}

#[tokio::test]
async fn other_upgrades_are_stripped() {
    let gw = TestGateway::start().await;
    for protocol in ["h2c", "foo", "TLS/1.0", "websocket, h2c"] {
        let lines = format!("Connection: Upgrade\r\nUpgrade: {protocol}\r\n");
        let response = gw.raw().await.send(gw.get_bytes("/public/x", &lines)).await.response().await.unwrap();
        if response.status == 200 {
            assert_eq!(gw.upstream.last().field("Upgrade"), None, "{protocol}");
        } else {
            assert!((400..500).contains(&response.status), "{protocol}: {}", response.status);
        }
    }
}

#[tokio::test]
async fn a_client_that_goes_away_ends_its_request() {
    let gw = TestGateway::start().await;
    let permits = gw.upstream.hold("/public/held");
    let mut raw = gw.raw().await;
    raw.send(gw.get_bytes("/public/held", "")).await;
    gw.upstream.received("/public/held").await;
    drop(raw);
    eventually("the request to be let go", async || {
        (gw.metric("authgate_requests_in_flight").await == 0.0).then_some(())
    })
    .await;
    permits.add_permits(1);
    assert_eq!(gw.anonymous().status("/public/x").await, 200);
}
