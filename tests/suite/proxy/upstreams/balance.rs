//! Which server a request goes to.

use serde_json::json;

use crate::harness::{TestGateway, Upstream};

#[tokio::test]
async fn a_busy_server_gets_less_when_connections_are_counted() {
    let (first, second) = (Upstream::start().await, Upstream::start().await);
    let upstream = json!({ "servers": [first.url(), second.url()], "balance": "least_connections" });
    let gw = TestGateway::with(json!({ "upstreams": { "api": upstream } })).await;
    let held = [first.hold("/public/slow"), second.hold("/public/slow")];
    let client = gw.anonymous();
    let slow = tokio::spawn(async move { client.status("/public/slow").await });
    let busy = loop {
        if !first.requests().is_empty() {
            break &first;
        }
        if !second.requests().is_empty() {
            break &second;
        }
        tokio::task::yield_now().await;
    };
    for _ in 0..10 {
        assert_eq!(gw.anonymous().status("/public/x").await, 200);
    }
    assert_eq!(busy.requests().len(), 1, "the other one had nothing to do");
    for held in held {
        held.add_permits(1);
    }
    assert_eq!(slow.await.unwrap(), 200);
}

#[tokio::test]
async fn a_route_waits_as_long_as_it_says() {
    let upstream = json!({ "timeouts": { "read": "60s" } });
    let route = json!({
        "name": "quick", "match": { "path": "/quick/**" }, "upstream": "api", "access": "public",
        "timeouts": { "read": "200ms" },
    });
    let gw = TestGateway::with(json!({ "upstreams": { "api": upstream }, "routes": [route] })).await;
    gw.upstream.reply("/quick/never", crate::harness::Reply::Never);
    assert_eq!(gw.anonymous().status("/quick/never").await, 504);
    assert_eq!(gw.anonymous().status("/quick/x").await, 200);
}
