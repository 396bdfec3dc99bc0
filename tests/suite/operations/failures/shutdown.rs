//! The end of the process.

use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use serde_json::json;
use tokio::net::TcpStream;

use crate::harness::{Reply, TestGateway, eventually};

#[tokio::test]
async fn requests_in_flight_finish_and_nothing_new_is_taken() {
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        let mut gw = TestGateway::start().await;
        let alice = gw.insert_user("alice", &[]).await;
        let permits = gw.upstream.hold("/items");
        let client = (*alice).clone();
        let request = tokio::spawn(async move { client.get("/items").send().await });
        gw.upstream.received("/items").await;
        gw.process.signal(signal);
        let address = gw.address;
        eventually("the listener to close", async || TcpStream::connect(address).await.is_err().then_some(())).await;
        assert!(gw.process.exited().is_none(), "{signal}: it waits for the request");
        permits.add_permits(1);
        let response = request.await.unwrap().unwrap();
        assert_eq!(response.status(), 200, "{signal}");
        assert_eq!(response.text().await.unwrap(), "held");
        assert_eq!(gw.process.ended().await.code(), Some(0), "{signal}: {}", gw.process.output());
    }
}

#[tokio::test]
async fn idle_connections_do_not_delay_the_end() {
    let mut gw = TestGateway::start().await;
    let mut idle = Vec::new();
    for _ in 0..5 {
        let mut raw = gw.raw().await;
        assert_eq!(raw.send(gw.get_bytes("/public/x", "")).await.response().await.unwrap().status, 200);
        idle.push(raw);
    }
    let silent = gw.raw().await;
    let began = Instant::now();
    gw.process.signal(Signal::SIGTERM);
    assert_eq!(gw.process.ended().await.code(), Some(0), "{}", gw.process.output());
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    drop((idle, silent));
}

#[tokio::test]
async fn a_request_that_never_ends_does_not_keep_the_process() {
    let mut gw = TestGateway::start().await;
    gw.upstream.reply("/public/never", Reply::Never);
    let client = gw.anonymous();
    let request = tokio::spawn(async move { client.get("/public/never").send().await.is_ok() });
    gw.upstream.received("/public/never").await;
    gw.process.signal(Signal::SIGTERM);
    // Within the patience of `ended`, which is 30 s.
    gw.process.ended().await;
    drop(request);
}

#[tokio::test]
async fn mail_accepted_before_the_end_leaves_after_the_next_start() {
    let port = crate::harness::free_port();
    let transport = json!({ "directory": null, "smtp": format!("smtp://127.0.0.1:{port}") });
    let mut gw = TestGateway::with(json!({ "mail": { "transport": transport } })).await;
    let email = gw.sign_up("alice").await;
    gw.process.signal(Signal::SIGTERM);
    assert_eq!(gw.process.ended().await.code(), Some(0), "{}", gw.process.output());
    let sink = crate::harness::smtp::SmtpSink::start(port).await;
    gw.kill_and_restart().await;
    gw.db.execute("update auth.mail_outbox set next_attempt_at = now()").await;
    assert!(gw.confirm(&sink.to(&email).await).await.status().as_u16() < 400);
}

#[tokio::test]
async fn sessions_survive_a_kill() {
    let mut gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    gw.kill_and_restart().await;
    assert_eq!(alice.status("/items").await, 200);
    assert_eq!(alice.bearer().status("/items").await, 200);
}

#[tokio::test]
async fn the_log_is_complete_at_the_end() {
    let mut gw = TestGateway::start().await;
    let mut ids = Vec::new();
    for _ in 0..20 {
        let response = gw.anonymous().get("/public/x").send().await.unwrap();
        ids.push(response.headers()["x-request-id"].to_str().unwrap().to_owned());
    }
    gw.process.signal(Signal::SIGTERM);
    gw.process.ended().await;
    let output = gw.process.output();
    for id in ids {
        assert!(output.contains(&id), "{id} is missing in\n{output}");
    }
}
