//! What one client may have under way and leave unread (DOS-10).

use bytes::Bytes;
use h2::client::{self, SendRequest};
use serde_json::json;
use tokio::{sync::Notify, task::JoinSet};

use super::{
    Secured,
    http2::{get, http2, status},
};
use crate::harness::{Reply, eventually};

const IN_FLIGHT: &str = "authgate_requests_in_flight";
const MIB: u64 = 1024 * 1024;
const UNBOUNDED: u32 = (1 << 31) - 1;

#[tokio::test]
async fn the_check_of_a_session_ends_with_its_stream_too() {
    let secured = Secured::start(json!({})).await;
    let alice = secured.gw.insert_user("alice", &[]).await;
    secured.gw.upstream.reply("/never", Reply::Never);
    let mut connection = secured.gw.db.connect().await;
    let mut holder = sqlx::Connection::begin(&mut connection).await.unwrap();
    sqlx::query("lock table auth.sessions in access exclusive mode").execute(&mut *holder).await.unwrap();
    let mut requests = http2(&secured).await;
    let bearer = format!("Bearer {}", alice.token);
    let request = get(&secured, "/never", &[("authorization", bearer.as_str())]);
    let (answer, mut stream) = requests.send_request(request, true).unwrap();
    let waiting = "select count(*) from pg_locks where not granted";
    eventually("the check", async || (secured.gw.db.count(waiting).await > 0).then_some(())).await;
    stream.send_reset(h2::Reason::CANCEL);
    drop(answer);
    eventually("its end", async || (secured.gw.metric(IN_FLIGHT).await < 0.5).then_some(())).await;
    holder.rollback().await.unwrap();
    assert_eq!(status(&mut requests, get(&secured, "/public/x", &[])).await, 200);
    assert!(secured.gw.upstream.requests().iter().all(|request| request.target() != "/never"), "nobody asked any more");
}

#[tokio::test]
async fn beyond_the_requests_that_may_be_under_way_the_answer_is_503() {
    let secured = Secured::start(json!({ "server": { "max_requests": 100 } })).await;
    let held = secured.gw.upstream.hold("/public/held");
    let (mut first, mut second) = (http2(&secured).await, http2(&secured).await);
    let mut answers = Vec::new();
    for requests in [&mut first, &mut second] {
        for _ in 0..50 {
            let mut ready = requests.clone().ready().await.unwrap();
            answers.push(ready.send_request(get(&secured, "/public/held", &[]), true).unwrap().0);
        }
    }
    eventually("all of them", async || (secured.gw.metric(IN_FLIGHT).await > 99.5).then_some(())).await;
    for path in ["/public/x", "/items", "/api/auth/ok"] {
        let refused = second.clone().ready().await.unwrap().send_request(get(&secured, path, &[]), true).unwrap().0;
        let refused = refused.await.unwrap();
        assert_eq!((refused.status().as_u16(), refused.headers().get("retry-after").is_some()), (503, true), "{path}");
    }
    held.add_permits(100);
    for answer in answers {
        assert_eq!(answer.await.unwrap().status(), 200);
    }
    eventually("room", async || (status(&mut second, get(&secured, "/public/x", &[])).await == 200).then_some(()))
        .await;
}

/// Asks for as many answers as a connection may and takes none of them; its windows are as wide as there are.
async fn hostile(secured: &Secured, path: &str) -> JoinSet<()> {
    let stream = secured.connect(b"h2").await.unwrap();
    let mut builder = client::Builder::new();
    builder.initial_window_size(UNBOUNDED).initial_connection_window_size(UNBOUNDED);
    let (requests, connection): (SendRequest<Bytes>, _) = builder.handshake(stream).await.unwrap();
    let sent = std::sync::Arc::new(Notify::new());
    let stop = std::sync::Arc::clone(&sent);
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let mut connection = Box::pin(connection);
        tokio::select! {
            _ = &mut connection => {}
            // From here on nothing is read, and the connection stays open.
            () = stop.notified() => std::future::pending().await,
        }
    });
    let mut answers = Vec::new();
    for _ in 0..100 {
        let mut ready = requests.clone().ready().await.unwrap();
        answers.push(ready.send_request(get(secured, path, &[]), true).unwrap().0);
    }
    // The last of them has been sent when the first is answered.
    let _ = answers.remove(99).await;
    sent.notify_one();
    tasks.spawn(async move {
        std::future::pending::<()>().await;
        drop((answers, requests));
    });
    tasks
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn measured_answers_that_nobody_reads_take_no_more_than_they_may() {
    let secured = Secured::start(json!({ "server": { "max_unread": "64MiB" } })).await;
    secured.gw.upstream.reply("/public/large", Reply::Bytes(1_000_000_000_000));
    secured.gw.upstream.reply("/public/honest", Reply::Bytes(8 * MIB));
    assert_eq!(status(&mut http2(&secured).await, get(&secured, "/public/x", &[])).await, 200);
    let before = secured.gw.process.resident_peak();
    let mut readers = Vec::new();
    for _ in 0..15 {
        readers.push(hostile(&secured, "/public/large").await);
    }
    // Somebody who takes small pieces gets all of them meanwhile.
    let stream = secured.connect(b"h2").await.unwrap();
    let (requests, connection) =
        client::Builder::new().initial_window_size(16 * 1024).handshake::<_, Bytes>(stream).await.unwrap();
    tokio::spawn(async move { drop(connection.await) });
    let mut answers = Vec::new();
    for _ in 0..4 {
        let mut ready = requests.clone().ready().await.unwrap();
        answers.push(ready.send_request(get(&secured, "/public/honest", &[]), true).unwrap().0);
    }
    for answer in answers {
        let mut body = answer.await.unwrap().into_body();
        let mut received = 0;
        while let Some(piece) = body.data().await {
            let piece = piece.expect("who reads is not cut off");
            received += piece.len() as u64;
            body.flow_control().release_capacity(piece.len()).unwrap();
        }
        assert_eq!(received, 8 * MIB);
    }
    let grown = secured.gw.process.resident_peak().saturating_sub(before);
    eprintln!("1,500 unread answers: {} MiB more at the peak", grown / MIB);
    assert!(grown < 256 * MIB, "{} MiB more at the peak", grown / MIB);
}
