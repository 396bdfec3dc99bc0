//! Who the client is, by the word of a load balancer that speaks the PROXY protocol.

use serde_json::json;

use crate::harness::TestGateway;

async fn behind_a_balancer(trusted: &str) -> TestGateway {
    TestGateway::with(json!({ "server": { "proxy_protocol": true, "trusted_proxies": [trusted] } })).await
}

/// Version 2: a TCP connection of 192.0.2.7:4711 to 192.0.2.1:443, with one further field that nobody needs.
fn version_2() -> Vec<u8> {
    let mut header = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0f".to_vec();
    header.extend([192, 0, 2, 7, 192, 0, 2, 1, 0x12, 0x67, 0x01, 0xbb, 0x04, 0x00, 0x00]);
    header
}

#[tokio::test]
async fn the_client_is_who_the_header_says() {
    let gw = behind_a_balancer("127.0.0.0/8").await;
    for (n, header) in [b"PROXY TCP4 192.0.2.7 192.0.2.1 4711 443\r\n".to_vec(), version_2()].into_iter().enumerate() {
        let mut raw = gw.raw().await;
        // In pieces, as a network may deliver it.
        let (first, second) = header.split_at(9);
        raw.send(first).await.send(second).await;
        let target = format!("/public/{n}");
        let request = gw.get_bytes(&target, "X-Forwarded-For: 198.51.100.9\r\n");
        assert_eq!(raw.send(request).await.response().await.unwrap().status, 200);
        let seen = gw.upstream.received(&target).await;
        assert_eq!(seen.field("x-forwarded-for"), Some("192.0.2.7"), "who is no proxy says nothing of others");
    }
}

#[tokio::test]
async fn without_a_header_or_with_a_wrong_one_the_connection_ends() {
    let gw = behind_a_balancer("127.0.0.0/8").await;
    for start in ["", "PROXY TCP4 nonsense\r\n", "PROXY TCP9 192.0.2.7 192.0.2.1 1 2\r\n"] {
        let mut raw = gw.raw().await;
        raw.send(start).await.send(gw.get_bytes("/public/x", "")).await;
        assert!(raw.closed().await.is_empty(), "{start}");
    }
    assert!(gw.upstream.requests().is_empty());
}

#[tokio::test]
async fn nobody_else_may_speak_it() {
    let gw = behind_a_balancer("10.0.0.0/8").await;
    let mut raw = gw.raw().await;
    raw.send("PROXY TCP4 192.0.2.7 192.0.2.1 4711 443\r\n").await.send(gw.get_bytes("/public/x", "")).await;
    assert!(raw.closed().await.is_empty());
    assert!(gw.upstream.requests().is_empty());
}
