//! Upstreams that break the framing of their answers (SMUG-07, SMUG-13): the client of the request is told, and nobody
//! gets an answer that was meant for somebody else.

use std::{fmt::Write as _, sync::Arc, time::Duration};

use serde_json::json;
use tokio::{sync::Notify, time::timeout};

use crate::harness::{Reply, TestGateway, client::problem};

/// Starts one with one thread, so that a connection that could be used again is.
async fn gateway() -> TestGateway {
    TestGateway::with(json!({ "server": { "threads": 1 } })).await
}

/// Ten requests get their own answers.
async fn assert_in_step(gw: &TestGateway, after: &str) {
    for n in 0..10 {
        let path = format!("/public/own-{n}");
        let response =
            gw.anonymous().get(&path).send().await.unwrap_or_else(|error| panic!("after {after:?}: {error}"));
        assert_eq!(response.status(), 200, "after {after:?}");
        assert_eq!(response.text().await.unwrap(), format!("GET {path}"), "after {after:?}");
    }
}

#[tokio::test]
async fn heads_that_are_none_are_502() {
    let gw = gateway().await;
    let many = (0..300).fold("HTTP/1.1 200 OK\r\n".to_owned(), |mut lines, n| {
        write!(lines, "X-{n}: 1\r\n").unwrap();
        lines
    }) + "Content-Length: 2\r\n\r\nok";
    let large = format!("HTTP/1.1 200 OK\r\nX: {}\r\nContent-Length: 2\r\n\r\nok", "x".repeat(2 * 1024 * 1024));
    for answer in [
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!",
        "HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\nok!",
        "HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nContent-Length: 0x2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nok",
        "HTTP/1.1 2000 OK\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 20 OK\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 OK\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/3.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        "ICY 200 OK\r\nContent-Length: 2\r\n\r\nok",
        "\0\0\0\x04\0\0\0\0\0",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX\0: a\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        &many,
        &large,
    ] {
        gw.upstream.reply("/public/bad", Reply::Kept(answer.into()));
        let refused = problem(gw.anonymous().get("/public/bad").send().await.unwrap()).await;
        let begin: String = answer.chars().take(80).collect();
        assert_eq!((refused.status, &*refused.code), (502, "BAD_GATEWAY"), "{begin:?}");
        assert_in_step(&gw, &begin).await;
    }
}

#[tokio::test]
async fn a_length_that_is_said_in_two_ways_is_502() {
    let gw = gateway().await;
    for fields in [
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 400\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n",
    ] {
        let answer = format!("HTTP/1.1 200 OK\r\n{fields}\r\n5\r\nhello\r\n0\r\n\r\n");
        gw.upstream.reply("/public/both", Reply::Kept(answer.into()));
        let refused = problem(gw.anonymous().get("/public/both").send().await.unwrap()).await;
        assert_eq!((refused.status, &*refused.code), (502, "BAD_GATEWAY"), "{fields:?}");
        assert_in_step(&gw, fields).await;
    }
}

#[tokio::test]
async fn a_length_that_is_said_twice_is_502() {
    let gw = gateway().await;
    for (version, fields) in [
        ("1.1", "Content-Length: 5\r\nContent-Length: 5\r\n"),
        ("1.1", "Content-Length: 5, 5\r\n"),
        ("1.1", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
        ("1.1", "Transfer-Encoding: chunked, chunked\r\n"),
        ("1.1", "Transfer-Encoding: gzip, chunked\r\n"),
        ("1.1", "Transfer-Encoding: chunked, gzip\r\n"),
        ("1.1", "Transfer-Encoding: gzip\r\n"),
        ("1.1", "Transfer-Encoding: identity\r\n"),
        ("1.0", "Transfer-Encoding: chunked\r\n"),
    ] {
        let answer = format!("HTTP/{version} 200 OK\r\n{fields}\r\n5\r\nhello\r\n0\r\n\r\n");
        gw.upstream.reply("/public/twice", Reply::Kept(answer.into()));
        let refused = problem(gw.anonymous().get("/public/twice").send().await.unwrap()).await;
        assert_eq!((refused.status, &*refused.code), (502, "BAD_GATEWAY"), "{version} {fields:?}");
        assert_in_step(&gw, fields).await;
    }
}

#[tokio::test]
async fn what_stands_behind_an_answer_is_nobodys_answer() {
    let gw = gateway().await;
    let forged = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged";
    for answer in [
        format!("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok{forged}"),
        format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n{forged}"),
        format!("HTTP/1.1 204 No Content\r\n\r\n{forged}"),
        format!("HTTP/1.1 304 Not Modified\r\nContent-Length: 6\r\n\r\n{forged}"),
        format!("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n{forged}"),
    ] {
        gw.upstream.reply("/public/two", Reply::Kept(answer.clone().into()));
        let response = gw.anonymous().get("/public/two").send().await.unwrap();
        assert!(!response.text().await.unwrap().contains("forged"), "{answer:?}");
        assert_in_step(&gw, &answer).await;
    }
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok{forged}");
    gw.upstream.reply("/public/head", Reply::Kept(head.into()));
    let mut raw = gw.raw().await;
    raw.send(format!("HEAD /public/head HTTP/1.1\r\nHost: {}\r\n\r\n", gw.host())).await;
    assert_eq!(raw.head_response().await.unwrap().status, 200);
    assert_in_step(&gw, "a HEAD with a body").await;
}

#[tokio::test]
async fn answers_that_nobody_asked_for_are_nobodys() {
    let gw = gateway().await;
    let (go, closed) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".to_vec();
    let later = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged".to_vec();
    gw.upstream
        .reply("/public/unasked", Reply::Unasked { answer, later, go: Arc::clone(&go), closed: Arc::clone(&closed) });
    for _ in 0..5 {
        assert_eq!(gw.anonymous().get("/public/unasked").send().await.unwrap().text().await.unwrap(), "ok");
        go.notify_one();
        // They lie on an idle connection, which is given up for them.
        timeout(Duration::from_secs(20), closed.notified()).await.expect("the connection is closed");
        assert_in_step(&gw, "an answer without a question").await;
    }
}

#[tokio::test]
async fn a_chunked_answer_that_breaks_is_cut_off_and_its_connection_given_up() {
    let gw = gateway().await;
    for body in
        ["5\r\nhelloX0\r\n\r\n", "zz\r\nhello\r\n0\r\n\r\n", "11111111111111111\r\nhello", "5\nhello\r\n0\r\n\r\n"]
    {
        let answer = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{body}");
        gw.upstream.reply("/public/chunks", Reply::Kept(answer.into()));
        let is_whole = match gw.anonymous().get("/public/chunks").send().await {
            Ok(response) if response.status() == 200 => response.bytes().await.is_ok(),
            Ok(response) => {
                assert_eq!(response.status(), 502, "{body:?}");
                false
            }
            Err(_) => false,
        };
        assert!(!is_whole, "{body:?} is passed off as a whole answer");
        assert_in_step(&gw, body).await;
    }
}

#[tokio::test]
async fn interim_answers_stop_here_and_are_not_without_end() {
    let gw = gateway().await;
    let alice = gw.insert_user("alice", &[]).await;
    let cookie = format!("Cookie: {}={}\r\n", gw.cookie_name(), alice.token);
    let interim = "HTTP/1.1 103 Early Hints\r\nLink: </x.css>; rel=preload\r\nX-User-Id: forged\r\n\r\n\
                   HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 199 What\r\nContent-Length: 5\r\n\r\n";
    let answer = format!("{interim}HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    gw.upstream.reply("/items", Reply::Kept(answer.into()));
    let mut raw = gw.raw().await;
    raw.send(gw.get_bytes("/items", &format!("{cookie}Connection: close\r\n"))).await;
    let received = String::from_utf8(raw.closed().await).unwrap();
    assert!(received.starts_with("HTTP/1.1 200 OK\r\n"), "{received}");
    assert_eq!(received.matches("HTTP/1.1 ").count(), 1, "{received}");

    for status in ["100 Continue", "102 Processing", "103 Early Hints"] {
        let flood = format!("HTTP/1.1 {status}\r\n\r\n").repeat(1000);
        gw.upstream.reply("/public/flood", Reply::Kept(flood.into()));
        let refused = problem(gw.anonymous().get("/public/flood").send().await.unwrap()).await;
        assert_eq!((refused.status, &*refused.code), (502, "BAD_GATEWAY"), "{status}");
        assert_in_step(&gw, status).await;
    }
}
