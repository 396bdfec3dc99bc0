//! Nothing is buffered: bytes pass as they come, in both directions, however many there are.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures_util::StreamExt;
use tokio::sync::mpsc;

use crate::harness::{Reply, TestGateway, eventually, sha256_hex};

const MIB: u64 = 1024 * 1024;

#[tokio::test]
async fn events_arrive_one_by_one() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let feed = gw.upstream.stream("/events", "text/event-stream");
    let response = alice.get("/events").header("Accept", "text/event-stream").send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut body = response.bytes_stream();
    for n in 0..5 {
        let event = format!("id: {n}\ndata: tick\n\n");
        feed.send(event.clone().into_bytes()).unwrap();
        // The next event is not sent before this one is here.
        let piece = tokio::time::timeout(Duration::from_secs(10), body.next()).await.expect("no event is held back");
        assert_eq!(piece.unwrap().unwrap(), event);
    }
    drop(feed);
    assert!(body.next().await.is_none());
}

#[tokio::test]
async fn a_download_begins_before_it_is_complete() {
    let gw = TestGateway::start().await;
    let feed = gw.upstream.stream("/public/download", "application/octet-stream");
    let response = gw.anonymous().get("/public/download").send().await.unwrap();
    let mut body = response.bytes_stream();
    feed.send(vec![b'a']).unwrap();
    assert_eq!(body.next().await.unwrap().unwrap(), "a");
    feed.send(vec![b'b'; 100_000]).unwrap();
    drop(feed);
    let mut rest = 0;
    while let Some(piece) = body.next().await {
        rest += piece.unwrap().len();
    }
    assert_eq!(rest, 100_000);
}

#[tokio::test]
async fn an_upload_begins_before_it_is_complete() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let (feed, mut pieces) = mpsc::unbounded_channel::<Vec<u8>>();
    let stream = futures_util::stream::poll_fn(move |context| {
        pieces.poll_recv(context).map(|piece| piece.map(Ok::<_, std::io::Error>))
    });
    let request = alice.post("/upload").body(reqwest::Body::wrap_stream(stream)).send();
    let request = tokio::spawn(request);
    feed.send(b"first".to_vec()).unwrap();
    let seen = eventually("the first piece", async || {
        gw.upstream.requests().into_iter().find(|request| request.body == b"first")
    })
    .await;
    assert_eq!(seen.body_sha256, None, "it is not complete yet");
    assert_eq!(seen.field("X-User-Id"), Some(alice.id.as_str()));
    feed.send(b" last".to_vec()).unwrap();
    drop(feed);
    assert_eq!(request.await.unwrap().unwrap().status(), 200);
    assert_eq!(gw.upstream.last().body_sha256, Some(sha256_hex(b"first last")));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn measured_large_bodies_take_little_memory() {
    let gw = TestGateway::start().await;
    let length = 64 * MIB;
    gw.upstream.reply("/public/download", Reply::Bytes(length));
    assert_eq!(gw.anonymous().status("/public/x").await, 200);
    let before = gw.process.resident_peak();

    let response = gw.anonymous().get("/public/download").send().await.unwrap();
    let mut body = response.bytes_stream();
    let mut received = 0;
    while let Some(piece) = body.next().await {
        received += piece.unwrap().len() as u64;
    }
    assert_eq!(received, length);

    let pieces = std::iter::repeat_n(vec![b'x'; 64 * 1024], usize::try_from(length / (64 * 1024)).unwrap());
    let stream = reqwest::Body::wrap_stream(futures_util::stream::iter(pieces.map(Ok::<_, std::io::Error>)));
    assert_eq!(gw.anonymous().post("/public/upload").body(stream).send().await.unwrap().status(), 200);
    assert_eq!(gw.upstream.last().body_length, length);

    let grown = gw.process.resident_peak().saturating_sub(before);
    assert!(grown < 16 * MIB, "{} MiB more at the peak", grown / MIB);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn measured_many_connections_that_read_nothing_take_no_more_than_they_may() {
    let gw = TestGateway::with(serde_json::json!({ "server": { "max_unread": "32MiB" } })).await;
    gw.upstream.reply("/public/download", Reply::Bytes(1_000_000_000_000));
    gw.upstream.reply("/public/honest", Reply::Bytes(8 * MIB));
    assert_eq!(gw.anonymous().status("/public/x").await, 200);
    let before = gw.process.resident_peak();
    let mut readers = Vec::new();
    for _ in 0..400 {
        let mut raw = gw.raw().await;
        raw.send(gw.get_bytes("/public/download", "")).await;
        // The head, and then nothing more.
        assert!(!raw.piece().await.is_empty());
        readers.push(raw);
    }
    let honest = gw.anonymous().get("/public/honest").send().await.unwrap();
    assert_eq!(honest.status(), 200);
    assert_eq!(honest.bytes().await.unwrap().len() as u64, 8 * MIB, "whoever reads gets everything");
    let grown = gw.process.resident_peak().saturating_sub(before);
    eprintln!("400 connections that read nothing: {} MiB more at the peak", grown / MIB);
    assert!(grown < 128 * MIB, "{} MiB more at the peak", grown / MIB);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn measured_a_slow_reader_slows_the_upstream_down() {
    let gw = TestGateway::start().await;
    gw.upstream.reply("/public/download", Reply::Bytes(256 * MIB));
    assert_eq!(gw.anonymous().status("/public/x").await, 200);
    let before = gw.process.resident_peak();
    // Reads the head and then nothing more.
    let mut raw = gw.raw().await;
    raw.send(gw.get_bytes("/public/download", "")).await;
    assert!(!raw.piece().await.is_empty());
    // Whatever would be buffered is buffered within this time; others are served meanwhile.
    for _ in 0..50 {
        assert_eq!(gw.anonymous().status("/public/x").await, 200);
    }
    let grown = gw.process.resident_peak().saturating_sub(before);
    assert!(grown < 16 * MIB, "{} MiB more at the peak", grown / MIB);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn measured_an_upstream_that_pauses_slows_the_upload_down() {
    let gw = TestGateway::start().await;
    let length = 64 * MIB;
    let permits = gw.upstream.pause("/public/upload");
    assert_eq!(gw.anonymous().status("/public/x").await, 200);
    let before = gw.process.resident_peak();
    let sent = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&sent);
    let pieces = std::iter::repeat_n(vec![b'x'; 64 * 1024], usize::try_from(length / (64 * 1024)).unwrap());
    let pieces = futures_util::stream::iter(pieces).map(move |piece| {
        counted.fetch_add(piece.len() as u64, Ordering::Relaxed);
        Ok::<_, std::io::Error>(piece)
    });
    let upload = gw.anonymous().post("/public/upload").body(reqwest::Body::wrap_stream(pieces)).send();
    let upload = tokio::spawn(upload);
    gw.upstream.received("/public/upload").await;
    // Whatever would be buffered is buffered within this time; others are served meanwhile.
    for _ in 0..50 {
        assert_eq!(gw.anonymous().status("/public/x").await, 200);
    }
    assert!(sent.load(Ordering::Relaxed) < length, "the client waits for whoever does not read");
    let grown = gw.process.resident_peak().saturating_sub(before);
    assert!(grown < 16 * MIB, "{} MiB more at the peak", grown / MIB);
    permits.add_permits(1);
    assert_eq!(upload.await.unwrap().unwrap().status(), 200);
    assert_eq!(gw.upstream.received("/public/upload").await.body_length, length);
}

#[tokio::test]
async fn a_connection_that_is_cut_off_leaves_a_line_that_says_so() {
    let gw = TestGateway::with(serde_json::json!({ "server": { "max_unread": "16MiB" } })).await;
    gw.upstream.reply("/public/download", Reply::Bytes(1_000_000_000_000));
    let mut readers = Vec::new();
    for _ in 0..40 {
        let mut raw = gw.raw().await;
        raw.send(gw.get_bytes("/public/download", "")).await;
        assert!(!raw.piece().await.is_empty());
        readers.push(raw);
    }
    let line = gw.logged("the cut", |line| line["error"] == "CUT_OFF").await;
    assert_eq!((&line["path"], &line["status"]), (&"/public/download".into(), &200.into()));
}
