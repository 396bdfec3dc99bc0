//! Clients that go away while their sign-in waits (BRUTE-09): over TLS, and on a connection of HTTP/2 that goes on.

use h2::{Reason, client};
use http::{Method, Request, Version};
use serde_json::json;
use sqlx::Connection;
use tokio::io::AsyncWriteExt;

use super::Secured;
use crate::harness::{PASSWORD, client::AUTH, eventually};

/// Those of an address that may be under way at a time, and more.
const AT_ONCE: usize = 8;
const SIGN_INS: usize = 40;

async fn wait_for(secured: &Secured, requests: usize) {
    eventually("the requests to arrive or to end", async || {
        let in_flight = secured.gw.metric("authgate_requests_in_flight").await;
        (in_flight.to_string() == requests.to_string()).then_some(())
    })
    .await;
}

/// A gateway where sign-ins stay under way until the connection is closed.
async fn held() -> (Secured, sqlx::PgConnection) {
    let secured = Secured::start(json!({ "database": { "max_connections": 32 } })).await;
    let row = "insert into auth.rate_limits (key, count, window_started_at, expires_at)
               values ('sign_in_address:address:127.0.0.1', 0, now(), now() + interval '1 minute')";
    secured.gw.db.execute(row).await;
    let mut lock = secured.gw.db.connect().await;
    sqlx::raw_sql("begin; select from auth.rate_limits for update").execute(&mut lock).await.unwrap();
    (secured, lock)
}

fn body() -> String {
    json!({ "email": "nobody@example.com", "password": PASSWORD }).to_string()
}

#[tokio::test]
async fn streams_that_are_reset_take_their_sign_ins_along() {
    let (secured, lock) = held().await;
    let stream = secured.connect(b"h2").await.unwrap();
    let (requests, connection) = client::handshake(stream).await.unwrap();
    tokio::spawn(async move { drop(connection.await) });
    let mut streams = Vec::new();
    for _ in 0..SIGN_INS {
        let mut requests = requests.clone().ready().await.unwrap();
        let request = Request::builder()
            .method(Method::POST)
            .uri(format!("https://{}{AUTH}/sign-in/email", secured.gw.host()))
            .version(Version::HTTP_2)
            .header("content-type", "application/json")
            .header("origin", secured.gw.origin())
            .body(())
            .unwrap();
        let (response, mut stream) = requests.send_request(request, false).unwrap();
        stream.send_data(body().into(), true).unwrap();
        streams.push((response, stream));
        if streams.len() == AT_ONCE {
            // These are under way, so that those behind them wait.
            let held =
                "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
            secured.gw.eventually_counts(8, held).await;
        }
    }
    wait_for(&secured, SIGN_INS).await;
    // Not all: a client that resets many streams at once is disconnected.
    for (_, stream) in streams.iter_mut().skip(SIGN_INS - 10) {
        stream.send_reset(Reason::CANCEL);
    }
    wait_for(&secured, SIGN_INS - 10).await;
    drop((streams, requests));
    wait_for(&secured, AT_ONCE).await;
    lock.close().await.unwrap();
    wait_for(&secured, 0).await;
}

#[tokio::test]
async fn a_connection_that_closes_takes_its_sign_in_along() {
    let (secured, lock) = held().await;
    let (body, mut streams) = (body(), Vec::new());
    for _ in 0..SIGN_INS {
        let mut stream = secured.connect(b"http/1.1").await.unwrap();
        let fields = format!("Origin: {}\r\nContent-Type: application/json\r\n", secured.gw.origin());
        let head = format!("POST {AUTH}/sign-in/email HTTP/1.1\r\nHost: {}\r\n{fields}", secured.gw.host());
        let request = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
        stream.write_all(request.as_bytes()).await.unwrap();
        streams.push(stream);
    }
    wait_for(&secured, SIGN_INS).await;
    drop(streams);
    wait_for(&secured, AT_ONCE).await;
    lock.close().await.unwrap();
    wait_for(&secured, 0).await;
}
