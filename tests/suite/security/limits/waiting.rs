//! Sign-ins that wait: bounded for each client address, over with their client, and out of everybody else's way (BRUTE-09).

use std::time::Duration;

use serde_json::json;
use sqlx::{Connection, PgConnection};
use tokio::task::JoinSet;

use super::{assert_hashed, sign_in_from, try_sign_in};
use crate::harness::{
    PASSWORD, RawConnection, TestGateway,
    client::{AUTH, expect_problem},
    eventually,
};

/// The address that floods.
const FLOOD: &str = "192.0.2.1";

/// A gateway that believes `X-Forwarded-For`, with connections to spare.
async fn gateway() -> TestGateway {
    let server = json!({ "trusted_proxies": ["127.0.0.1/32"] });
    TestGateway::with(json!({ "server": server, "database": { "max_connections": 32 } })).await
}

/// Holds the counter of an address, so that whatever signs in from there stays under way. The address must have failed
/// once.
async fn hold_counter(gw: &TestGateway, address: &str) -> PgConnection {
    let mut connection = gw.db.connect().await;
    sqlx::query("begin").execute(&mut connection).await.unwrap();
    let held = sqlx::query("select from auth.rate_limits where key = 'sign_in_address:address:' || $1 for update");
    assert_eq!(held.bind(address).execute(&mut connection).await.unwrap().rows_affected(), 1);
    connection
}

/// A sign-in as bytes; nobody has the account.
fn sign_in_bytes(gw: &TestGateway, address: &str) -> Vec<u8> {
    let body = json!({ "email": "nobody@example.com", "password": PASSWORD }).to_string();
    let fields = format!("X-Forwarded-For: {address}\r\nOrigin: {}\r\nContent-Type: application/json\r\n", gw.origin());
    let head = format!("POST {AUTH}/sign-in/email HTTP/1.1\r\nHost: {}\r\n{fields}", gw.host());
    format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

async fn wait_for(gw: &TestGateway, requests: u32) {
    let name = "authgate_requests_in_flight";
    eventually("the requests to arrive or to end", async || {
        (gw.metric(name).await.to_string() == requests.to_string()).then_some(())
    })
    .await;
}

#[tokio::test]
async fn thousands_from_one_address_leave_places_for_everybody_else() {
    let gw = gateway().await;
    let email = gw.verified_user("alice").await;
    assert_eq!(sign_in_from(&gw.anonymous(), FLOOD, "nobody@example.com", PASSWORD).await.status(), 401);
    let held = hold_counter(&gw, FLOOD).await;
    let mut flood = JoinSet::new();
    for _ in 0..2100 {
        // Those that wait do so for as long as the test takes.
        let mut raw = gw.raw().await.with_patience(Duration::from_mins(10));
        let bytes = sign_in_bytes(&gw, FLOOD);
        flood.spawn(async move { raw.send(bytes).await.response().await });
    }
    // What does not fit is told so at once; the rest waits.
    for _ in 0..1000 {
        let refused = flood.join_next().await.unwrap().unwrap().unwrap();
        assert_eq!(refused.status, 503);
        assert!(refused.field("Retry-After").is_some_and(|seconds| seconds.parse::<u32>().is_ok()));
    }
    // Another operation with a password is no way around.
    let sign_up = json!({ "name": "bob", "email": "bob@example.com", "password": PASSWORD });
    let request = gw.anonymous().post(&format!("{AUTH}/sign-up/email")).header("X-Forwarded-For", FLOOD);
    expect_problem(request.json(&sign_up).send().await.unwrap(), 503, "SERVICE_BUSY").await;
    for address in ["192.0.2.2", "2001:db8::1"] {
        let response = sign_in_from(&gw.anonymous(), address, &email, PASSWORD).await;
        assert_eq!(response.status(), 200, "{address}");
    }
    assert!(flood.len() > 1000, "while the flood waits");
    flood.shutdown().await;
    held.close().await.unwrap();
    wait_for(&gw, 0).await;
    assert_eq!(sign_in_from(&gw.anonymous(), FLOOD, &email, PASSWORD).await.status(), 200);
}

#[tokio::test]
async fn a_client_that_leaves_takes_its_work_along() {
    let gw = gateway().await;
    gw.verified_user("alice").await;
    assert_eq!(sign_in_from(&gw.anonymous(), FLOOD, "nobody@example.com", PASSWORD).await.status(), 401);
    assert_hashed(&gw, 2).await;
    let held = hold_counter(&gw, FLOOD).await;
    let mut connections = Vec::new();
    for _ in 0..40 {
        let mut raw = gw.raw().await;
        raw.send(sign_in_bytes(&gw, FLOOD)).await;
        connections.push(raw);
    }
    wait_for(&gw, 40).await;
    drop(connections);
    // The eight that the counter is held for come to their end with it.
    wait_for(&gw, 8).await;
    held.close().await.unwrap();
    wait_for(&gw, 0).await;
    assert_hashed(&gw, 2).await;
    gw.logged("a client that is gone", |line| line["status"] == 499 && line["route.name"] == "_auth").await;
}

#[tokio::test]
async fn a_request_behind_one_that_waits_is_answered_after_it() {
    let gw = gateway().await;
    assert_eq!(sign_in_from(&gw.anonymous(), FLOOD, "nobody@example.com", PASSWORD).await.status(), 401);
    let held = hold_counter(&gw, FLOOD).await;
    let mut raw: RawConnection = gw.raw().await;
    raw.send(sign_in_bytes(&gw, FLOOD)).await;
    wait_for(&gw, 1).await;
    raw.send(gw.get_bytes("/public/next", "")).await;
    held.close().await.unwrap();
    assert_eq!(raw.response().await.unwrap().status, 401);
    assert_eq!(raw.response().await.unwrap().status, 200);
    let seen: Vec<String> = gw.upstream.requests().into_iter().map(|request| request.line).collect();
    assert_eq!(seen, ["GET /public/next HTTP/1.1"]);
}

#[tokio::test]
async fn whoever_signs_out_and_leaves_is_signed_out() {
    let gw = gateway().await;
    let alice = gw.insert_user("alice", &[]).await;
    let mut lock = gw.db.connect().await;
    sqlx::raw_sql("begin; select from auth.sessions for update").execute(&mut lock).await.unwrap();
    let fields = format!("Cookie: {}={}\r\nOrigin: {}\r\n", gw.cookie_name(), alice.token, gw.origin());
    let mut raw = gw.raw().await;
    raw.send(format!("POST {AUTH}/sign-out HTTP/1.1\r\nHost: {}\r\n{fields}Content-Length: 0\r\n\r\n", gw.host()))
        .await;
    let waiting =
        "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    gw.eventually_counts(1, waiting).await;
    drop(raw);
    lock.close().await.unwrap();
    gw.eventually_counts(0, "select count(*) from auth.sessions").await;
    assert_eq!(try_sign_in(&gw.anonymous(), "nobody@example.com", PASSWORD).await, 401, "and others go on");
}
