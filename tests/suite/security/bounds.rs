//! Sizes and slowness (DOS-01, -02, -07).

use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::harness::{TestGateway, client::AUTH};

#[tokio::test]
async fn a_request_line_over_8_kib_is_414() {
    let gw = TestGateway::start().await;
    for length in [8 * 1024, 64 * 1024, 1024 * 1024] {
        let mut raw = gw.raw().await;
        raw.send(gw.get_bytes(&format!("/public/{}", "a".repeat(length)), "")).await;
        let response = raw.response().await.unwrap();
        assert_eq!((response.status, response.code().as_str()), (414, "URI_TOO_LONG"), "{length}");
        raw.closed().await;
    }
    gw.assert_upstream_untouched("a long request line").await;
    assert_eq!(gw.anonymous().status(&format!("/public/{}", "a".repeat(8000))).await, 200);
}

#[tokio::test]
async fn too_many_or_too_large_headers_are_431() {
    let gw = TestGateway::start().await;
    let many = (0..200).fold(String::new(), |mut lines, n| {
        write!(lines, "X-{n}: 1\r\n").unwrap();
        lines
    });
    let large = format!("X-Large: {}\r\n", "a".repeat(33 * 1024));
    let huge = format!("X-Large: {}\r\n", "a".repeat(2 * 1024 * 1024));
    for lines in [&many, &large, &huge] {
        let mut raw = gw.raw().await;
        raw.send(gw.get_bytes("/public/x", lines)).await;
        let response = raw.response().await.unwrap();
        assert_eq!(response.status, 431, "{} bytes", lines.len());
        assert_eq!(response.code(), "REQUEST_HEADER_FIELDS_TOO_LARGE");
        raw.closed().await;
    }
    gw.assert_upstream_untouched("oversized header sections").await;
    let many_but_allowed = (0..95).fold(String::new(), |mut lines, n| {
        write!(lines, "X-{n}: 1\r\n").unwrap();
        lines
    });
    let response = gw.raw().await.send(gw.get_bytes("/public/x", &many_but_allowed)).await.response().await.unwrap();
    assert_eq!(response.status, 200);
}

#[tokio::test]
async fn a_head_that_trickles_in_is_cut_off() {
    let gw = TestGateway::start().await;
    let began = Instant::now();
    let mut raw = gw.raw().await;
    raw.send(format!("GET /public/x HTTP/1.1\r\nHost: {}\r\n", gw.host())).await;
    let trickle = async {
        loop {
            tokio::time::sleep(Duration::from_millis(500)).await;
            raw.send("X: 1\r\n").await;
            if began.elapsed() > Duration::from_secs(12) {
                break;
            }
        }
    };
    trickle.await;
    if let Some(response) = raw.response().await {
        assert_eq!(response.status, 408);
    }
    raw.closed().await;
    assert!(began.elapsed() < Duration::from_secs(25), "{:?}", began.elapsed());
    gw.assert_upstream_untouched("half a head").await;
}

/// One test for all, as they take as long as the longest of them.
#[tokio::test]
async fn whoever_stops_sending_is_let_go() {
    let gw = TestGateway::start().await;
    let ended_after = async |request: String, statuses: &[u16]| {
        let mut raw = gw.raw().await.with_patience(Duration::from_secs(90));
        let began = Instant::now();
        raw.send(request).await;
        for status in statuses {
            assert_eq!(raw.response().await.map(|response| response.status), Some(*status));
        }
        assert!(raw.closed().await.is_empty());
        began.elapsed().as_secs()
    };
    let half = |path: &str| {
        let head = format!("POST {path} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json", gw.host());
        format!("{head}\r\nContent-Length: 100\r\n\r\n{{\"email\":")
    };
    let whole = format!("GET /public/idle HTTP/1.1\r\nHost: {}\r\n\r\n", gw.host());
    let sign_in = format!("{AUTH}/sign-in/email");
    let (auth, proxied, idle) = tokio::join!(
        ended_after(half(&sign_in), &[408]),
        ended_after(half("/public/upload"), &[408]),
        ended_after(whole, &[200]),
    );
    // Each ends after its own time, of 15, 30 and 60 seconds; a busy machine is late, and never early.
    assert!(
        (14..28).contains(&auth) && (29..55).contains(&proxied) && (59..85).contains(&idle),
        "{auth} {proxied} {idle}"
    );
    let seen = gw.upstream.requests();
    assert!(seen.iter().all(|request| request.body_sha256.is_none() || !request.line.contains("upload")), "{seen:?}");
}

#[tokio::test]
async fn auth_bodies_are_bounded_before_they_are_read() {
    let gw = TestGateway::start().await;
    let mut raw = gw.raw().await;
    let head = format!(
        "POST {AUTH}/sign-in/email HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
         Content-Length: 10000000\r\n\r\n",
        gw.host()
    );
    raw.send(head).await;
    let response = raw.response().await.unwrap();
    assert_eq!((response.status, response.code().as_str()), (413, "PAYLOAD_TOO_LARGE"));
    raw.closed().await;

    let password = "x".repeat(1024 * 1024);
    let body = json!({ "email": "alice@example.com", "password": password });
    let response = gw.anonymous().auth("/sign-in/email", &body).await;
    assert_eq!(response.status(), 413);
    assert!(gw.metric("authgate_password_hashing_duration_seconds_count").await < 0.5, "nothing was hashed");
}

#[tokio::test]
async fn junk_credentials_cost_no_query() {
    let gw = TestGateway::start().await;
    let name = gw.cookie_name();
    for value in ["", "x", "null", "undefined", &"A".repeat(42), &"A".repeat(44), &"!".repeat(43), "..", "%00"] {
        assert_eq!(gw.anonymous().with_cookie(format!("{name}={value}")).status("/items").await, 401, "{value}");
        let lines = format!("Authorization: Bearer {value}\r\n");
        let response = gw.raw().await.send(gw.get_bytes("/items", &lines)).await.response().await.unwrap();
        assert_eq!(response.status, 401, "{value}");
    }
    assert_eq!(gw.metric("authgate_session_check_duration_seconds_count").await.to_string(), "0");
    let well_formed = gw.anonymous().with_cookie(format!("{name}={}", "A".repeat(43)));
    assert_eq!(well_formed.status("/items").await, 401);
    assert_eq!(gw.metric("authgate_session_check_duration_seconds_count").await.to_string(), "1");
}
