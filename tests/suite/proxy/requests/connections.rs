//! Connections to upstreams: kept, shared out, lost.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::harness::{Reply, TestGateway, Upstream, client::problem, free_port};

#[tokio::test]
async fn one_upstream_connection_serves_request_after_request() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let cookie = format!("Cookie: {}={}\r\n", gw.cookie_name(), alice.token);
    let mut raw = gw.raw().await;
    for _ in 0..20 {
        for (target, lines) in [("/public/x", ""), ("/items", cookie.as_str())] {
            let response = raw.send(gw.get_bytes(target, lines)).await.response().await.unwrap();
            assert_eq!(response.status, 200);
        }
    }
    assert_eq!(gw.upstream.requests().len(), 40);
    assert_eq!(gw.upstream.connections(), 1);
}

#[tokio::test]
async fn servers_of_an_upstream_take_turns() {
    let second = Upstream::start().await;
    let first = Upstream::start().await;
    let gw = TestGateway::with(json!({ "upstreams": { "api": { "servers": [first.url(), second.url()] } } })).await;
    for _ in 0..10 {
        assert_eq!(gw.anonymous().status("/public/x").await, 200);
    }
    assert_eq!((first.requests().len(), second.requests().len()), (5, 5));
}

#[tokio::test]
async fn a_server_that_is_down_is_passed_over() {
    let alive = Upstream::start().await;
    let dead = format!("http://127.0.0.1:{}", free_port());
    let gw = TestGateway::with(json!({ "upstreams": { "api": { "servers": [dead, alive.url()] } } })).await;
    for _ in 0..6 {
        assert_eq!(gw.anonymous().status("/public/x").await, 200);
    }
    assert_eq!(alive.requests().len(), 6);
}

#[tokio::test]
async fn an_upstream_that_is_down_is_502_and_one_that_is_back_is_used() {
    let address = std::net::SocketAddr::from(([127, 0, 0, 1], free_port()));
    let gw = TestGateway::with(json!({ "upstreams": { "api": { "servers": [format!("http://{address}")] } } })).await;
    let refused = problem(gw.anonymous().get("/public/x").send().await.unwrap()).await;
    assert_eq!(refused.status, 502);
    assert!(!refused.message.contains("127.0.0.1"), "{}", refused.message);
    let upstream = Upstream::start_at(address).await;
    assert_eq!(gw.anonymous().status("/public/x").await, 200);
    assert_eq!(upstream.requests().len(), 1);
}

#[tokio::test]
async fn a_slow_upstream_is_504_after_its_timeout() {
    let gw = TestGateway::with(json!({ "upstreams": { "api": { "timeouts": { "read": "300ms" } } } })).await;
    gw.upstream.reply("/public/slow", Reply::Never);
    let began = Instant::now();
    let refused = problem(gw.anonymous().get("/public/slow").send().await.unwrap()).await;
    assert_eq!(refused.status, 504);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!(gw.anonymous().status("/public/x").await, 200, "others are not held up");
}

#[tokio::test]
async fn an_upstream_that_hangs_up_without_an_answer_is_502() {
    let gw = TestGateway::start().await;
    gw.upstream.reply("/public/close", Reply::Close);
    let refused = problem(gw.anonymous().post("/public/close").body("x").send().await.unwrap()).await;
    assert_eq!(refused.status, 502);
    let attempts = gw.upstream.requests().iter().filter(|request| request.target() == "/public/close").count();
    assert_eq!(attempts, 1, "a request with a body is never sent twice");
}

#[tokio::test]
async fn answers_with_bad_framing_are_502() {
    let gw = TestGateway::start().await;
    for (path, answer) in [
        ("/public/two-lengths", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc"),
        ("/public/bad-length", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nabc"),
        ("/public/nonsense", "SSH-2.0-OpenSSH_9.2\r\n\r\n"),
    ] {
        gw.upstream.reply(path, Reply::Raw(answer.into()));
        let refused = problem(gw.anonymous().get(path).send().await.unwrap()).await;
        assert_eq!(refused.status, 502, "{path}");
    }
    assert_eq!(gw.anonymous().status("/public/x").await, 200);
}

#[tokio::test]
async fn an_answer_cut_short_is_not_passed_off_as_whole() {
    let gw = TestGateway::start().await;
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this";
    gw.upstream.reply("/public/cut", Reply::Raw(answer.into()));
    let mut raw = gw.raw().await;
    raw.send(gw.get_bytes("/public/cut", "")).await;
    let received = raw.closed().await;
    let received = String::from_utf8_lossy(&received);
    assert!(received.starts_with("HTTP/1.1 200 "), "what came goes on: {received}");
    assert!(received.contains("Content-Length: 100\r\n") && received.ends_with("\r\n\r\nonly this"), "{received}");
    let line = gw.logged("the request", |line| line["path"] == "/public/cut").await;
    assert_eq!((&line["status"], &line["error"], &line["bytes_out"]), (&json!(200), &json!("BAD_GATEWAY"), &json!(9)));
}

#[tokio::test]
async fn clients_keep_their_connection_too() {
    let gw = TestGateway::start().await;
    let mut raw = gw.raw().await;
    for target in ["/public/1", "/items", "/public/2"] {
        let status = raw.send(gw.get_bytes(target, "")).await.response().await.unwrap().status;
        assert_eq!(status, if target == "/items" { 401 } else { 200 }, "{target}");
    }
    raw.send(gw.get_bytes("/public/3", "Connection: close\r\n")).await;
    assert_eq!(raw.response().await.unwrap().status, 200);
    assert!(raw.closed().await.is_empty());
}

#[tokio::test]
async fn a_client_that_withholds_its_body_is_not_the_upstreams_delay() {
    let gw = TestGateway::with(json!({ "upstreams": { "api": { "timeouts": { "read": "300ms" } } } })).await;
    let mut raw = gw.raw().await;
    raw.send(format!("POST /public/x HTTP/1.1\r\nHost: {}\r\nContent-Length: 2\r\n\r\na", gw.host())).await;
    let early = tokio::time::timeout(Duration::from_millis(900), raw.piece()).await;
    assert!(early.is_err(), "{}", String::from_utf8_lossy(&early.unwrap_or_default()));
    raw.send("b").await;
    assert_eq!(raw.response().await.unwrap().status, 200);
}
