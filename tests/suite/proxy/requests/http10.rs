//! Clients of HTTP/1.0: they read no chunks, so what has no length ends with its connection.

use crate::harness::{RawConnection, Reply, TestGateway, client::AUTH};

const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\n\r\n";
const UNTIL_THE_END: &str = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabcdefg";

fn request(gw: &TestGateway, method: &str, target: &str, lines: &str) -> String {
    format!("{method} {target} HTTP/1.0\r\nHost: {}\r\n{lines}\r\n", gw.host())
}

/// Sends a request; asserts the body, that nothing is chunked, and that the answer says how its connection ends.
async fn assert_answer(raw: &mut RawConnection, request: String, body: &str, connection: &str) {
    let response = raw.send(&request).await.response().await.unwrap();
    assert_eq!(response.status, 200, "{request}");
    assert_eq!(response.field("Transfer-Encoding"), None, "{request}");
    assert_eq!(response.field("Connection"), Some(connection), "{request}");
    assert_eq!(String::from_utf8_lossy(&response.body), body, "{request}");
}

#[tokio::test]
async fn an_answer_without_length_ends_with_its_connection() {
    let gw = TestGateway::start().await;
    for (path, answer) in [("/public/chunked", CHUNKED), ("/public/end", UNTIL_THE_END)] {
        gw.upstream.reply(path, Reply::Raw(answer.into()));
        for lines in ["", "Connection: keep-alive\r\n", "Connection: close\r\n"] {
            let mut raw = gw.raw().await;
            assert_answer(&mut raw, request(&gw, "GET", path, lines), "abcdefg", "close").await;
            assert!(raw.closed().await.is_empty(), "{path} {lines}");
        }
        // A client of HTTP/1.1 gets it in chunks, and keeps its connection.
        let mut raw = gw.raw().await;
        for _ in 0..2 {
            let response = raw.send(gw.get_bytes(path, "")).await.response().await.unwrap();
            assert_eq!(response.field("Transfer-Encoding"), Some("chunked"), "{path}");
            assert_eq!(response.body, b"abcdefg", "{path}");
        }
    }
}

#[tokio::test]
async fn a_head_without_length_says_nothing_of_chunks() {
    let gw = TestGateway::start().await;
    gw.upstream.reply("/public/x", Reply::Raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec()));
    let mut raw = gw.raw().await;
    let response = raw.send(request(&gw, "HEAD", "/public/x", "")).await.head_response().await.unwrap();
    assert_eq!((response.status, response.field("Transfer-Encoding")), (200, None));
    assert!(raw.closed().await.is_empty());
}

#[tokio::test]
async fn an_answer_with_a_length_keeps_the_connection_where_that_is_asked_for() {
    let gw = TestGateway::start().await;
    gw.upstream.reply("/public/x", Reply::text("plain"));
    let mut raw = gw.raw().await;
    for _ in 0..2 {
        let kept = request(&gw, "GET", "/public/x", "Connection: keep-alive\r\n");
        assert_answer(&mut raw, kept, "plain", "keep-alive").await;
        let own = request(&gw, "GET", &format!("{AUTH}/ok"), "Connection: keep-alive\r\n");
        assert_answer(&mut raw, own, r#"{"ok":true}"#, "keep-alive").await;
        let refused = request(&gw, "GET", "/items", "Connection: keep-alive\r\n");
        let refused = raw.send(refused).await.response().await.unwrap();
        assert_eq!((refused.status, refused.field("Transfer-Encoding")), (401, None));
        assert_eq!(refused.field("Connection"), Some("keep-alive"));
    }
    assert_answer(&mut raw, request(&gw, "GET", "/public/x", ""), "plain", "close").await;
    assert!(raw.closed().await.is_empty());
}

#[tokio::test]
async fn its_expectation_is_ignored() {
    let gw = TestGateway::start().await;
    let body = r#"{"token":"x"}"#;
    let lines = format!("Content-Type: application/json\r\nContent-Length: {}\r\nExpect: 100-continue\r\n", body.len());
    let mut raw = gw.raw().await;
    raw.send(request(&gw, "POST", &format!("{AUTH}/verify-token"), &lines) + body).await;
    let all = raw.closed().await;
    let all = String::from_utf8_lossy(&all);
    assert!(all.starts_with("HTTP/1.1 200 ") && !all.contains(" 100 "), "{all}");
}
