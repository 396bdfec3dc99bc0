//! The wire to the upstream is cut in the middle of things.

use std::time::Duration;

use serde_json::json;

use crate::harness::{
    Reply, TestGateway, Upstream,
    chaos::{ChaosProxy, Wire},
    client::expect_problem,
    eventually,
};

async fn behind_a_wire() -> (TestGateway, Upstream, ChaosProxy) {
    let upstream = Upstream::start().await;
    let wire = ChaosProxy::start(upstream.address).await;
    let server = format!("http://{}", wire.address);
    let changes = json!({ "upstreams": { "api": { "servers": [server], "timeouts": { "read": "1s" } } } });
    (TestGateway::with(changes).await, upstream, wire)
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_not_taken_for_whole_nor_asked_for_again() {
    let (gw, upstream, wire) = behind_a_wire().await;
    let events = upstream.stream("/public/events", "text/event-stream");
    let mut response = gw.anonymous().get("/public/events").send().await.unwrap();
    events.send(b"data: 1\n\n".to_vec()).unwrap();
    assert_eq!(response.chunk().await.unwrap().unwrap(), "data: 1\n\n");
    wire.set(Wire::Cut);
    assert!(response.chunk().await.is_err(), "the client can tell");
    wire.set(Wire::Up);
    eventually("the upstream", async || (gw.anonymous().status("/public/x").await == 200).then_some(())).await;
    let asked = upstream.requests().iter().filter(|request| request.target() == "/public/events").count();
    assert_eq!(asked, 1);
}

#[tokio::test]
async fn a_write_whose_answer_is_lost_is_told_so_and_sent_once() {
    let (gw, upstream, wire) = behind_a_wire().await;
    let held = upstream.hold("/public/orders");
    let client = gw.anonymous();
    let order = tokio::spawn(async move { client.post("/public/orders").body("one").send().await.unwrap() });
    upstream.received("/public/orders").await;
    wire.set(Wire::Cut);
    expect_problem(order.await.unwrap(), 502, "BAD_GATEWAY").await;
    wire.set(Wire::Up);
    drop(held);
    eventually("the upstream", async || (gw.anonymous().status("/public/x").await == 200).then_some(())).await;
    let sent = upstream.requests().iter().filter(|request| request.target() == "/public/orders").count();
    assert_eq!(sent, 1);
}

#[tokio::test]
async fn a_silent_upstream_is_504_and_a_slow_one_is_waited_for() {
    let (gw, upstream, wire) = behind_a_wire().await;
    assert_eq!(gw.anonymous().status("/public/x").await, 200);
    wire.set(Wire::Silent);
    expect_problem(gw.anonymous().get("/public/x").send().await.unwrap(), 504, "GATEWAY_TIMEOUT").await;
    wire.set(Wire::Slow(Duration::from_millis(100)));
    eventually("the upstream", async || (gw.anonymous().status("/public/y").await == 200).then_some(())).await;
    upstream.reply("/public/z", Reply::text("late"));
    assert_eq!(gw.anonymous().get("/public/z").send().await.unwrap().text().await.unwrap(), "late");
}
