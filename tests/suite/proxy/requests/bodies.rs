//! Request bodies: framing, limits.

use serde_json::json;

use crate::harness::{Reply, TestGateway, eventually, sha256_hex};

fn limited() -> serde_json::Value {
    json!({
        "routes": [
            {
                "name": "upload", "match": { "path": "/upload" }, "upstream": "api",
                "access": "public", "max_body": "64KiB",
            },
            { "name": "public", "match": { "path": "/public/**" }, "upstream": "api", "access": "public" },
        ],
    })
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_by_its_stated_length() {
    let gw = TestGateway::with(limited()).await;
    let mut raw = gw.raw().await;
    // Refused by the head alone: the body is never sent.
    raw.send(format!("POST /upload HTTP/1.1\r\nHost: {}\r\nContent-Length: 65537\r\n\r\n", gw.host())).await;
    let response = raw.response().await.unwrap();
    assert_eq!((response.status, response.code().as_str()), (413, "PAYLOAD_TOO_LARGE"));
    gw.assert_upstream_untouched("a stated length over the limit").await;
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_when_it_gets_there() {
    let gw = TestGateway::with(limited()).await;
    let mut raw = gw.raw().await;
    raw.send(format!("POST /upload HTTP/1.1\r\nHost: {}\r\nTransfer-Encoding: chunked\r\n\r\n", gw.host())).await;
    for _ in 0..5 {
        raw.send("4000\r\n").await.send(vec![b'x'; 0x4000]).await.send("\r\n").await;
    }
    let response = raw.response().await.unwrap();
    assert_eq!(response.status, 413);
    raw.closed().await;
    let complete = gw.upstream.requests().iter().filter(|request| request.body_sha256.is_some()).count();
    assert_eq!(complete, 0, "the upstream never takes it for a whole request");
}

#[tokio::test]
async fn a_body_at_the_limit_passes() {
    let gw = TestGateway::with(limited()).await;
    let body = vec![b'x'; 64 * 1024];
    for chunked in [false, true] {
        let request = gw.anonymous().post("/upload");
        let request = if chunked {
            let pieces: Vec<Result<_, std::io::Error>> = body.chunks(1000).map(|piece| Ok(piece.to_vec())).collect();
            request.body(reqwest::Body::wrap_stream(futures_util::stream::iter(pieces)))
        } else {
            request.body(body.clone())
        };
        assert_eq!(request.send().await.unwrap().status(), 200, "chunked: {chunked}");
        assert_eq!(gw.upstream.last().body_sha256, Some(sha256_hex(&body)), "chunked: {chunked}");
    }
}

#[tokio::test]
async fn bodies_are_framed_anew() {
    let gw = TestGateway::start().await;
    let mut raw = gw.raw().await;
    raw.send(format!(
        "POST /public/x HTTP/1.1\r\nHost: {}\r\nTransfer-Encoding: CHUNKED\r\nTrailer: X-User-Id\r\n\r\n\
         3;ext=1\r\nabc\r\n0002\r\nde\r\n0\r\nX-User-Id: 1\r\nX-Trailer: 2\r\n\r\n",
        gw.host()
    ))
    .await;
    let response = raw.response().await.unwrap();
    // Extensions and trailers may also be refused; what must not happen is that they arrive.
    if response.status == 200 {
        let seen = gw.upstream.last();
        assert_eq!(seen.body, b"abcde");
        assert_eq!((seen.field("X-User-Id"), seen.field("X-Trailer"), seen.field("Trailer")), (None, None, None));
    } else {
        assert_eq!(response.status, 400);
    }
    assert!(gw.upstream.faults().is_empty(), "{:?}", gw.upstream.faults());
}

#[tokio::test]
async fn an_expectation_is_met_before_the_body_is_sent() {
    let gw = TestGateway::start().await;
    let head = "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n";
    let mut raw = gw.raw().await;
    raw.send(format!("POST /items HTTP/1.1\r\nHost: {}\r\n{head}", gw.host())).await;
    assert_eq!(raw.response().await.unwrap().status, 401, "refused without asking for the body");
    gw.assert_upstream_untouched("an expectation on a required route").await;

    let mut raw = gw.raw().await;
    raw.send(format!("POST /public/x HTTP/1.1\r\nHost: {}\r\n{head}", gw.host())).await;
    // The upstream of the harness reads the body first, so the client sends it without waiting for the 100.
    let seen = eventually("the head", async || gw.upstream.requests().pop()).await;
    assert_eq!(seen.target(), "/public/x");
    raw.send("hello").await;
    assert_eq!(raw.response().await.unwrap().status, 200);
    assert_eq!(gw.upstream.last().body, b"hello");
}

#[tokio::test]
async fn a_continue_that_comes_after_the_body_is_not_taken_for_the_answer() {
    let gw = TestGateway::with(json!({ "server": { "threads": 1 } })).await;
    // It asks for the body when it has it, twice, and then answers.
    let answer = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 4\r\n\r\nlate";
    gw.upstream.reply("/public/late", Reply::Kept(answer.into()));
    for expectation in ["", "Expect: 100-continue\r\n"] {
        let mut raw = gw.raw().await;
        let head =
            format!("POST /public/late HTTP/1.1\r\nHost: {}\r\nContent-Length: 5\r\n{expectation}\r\n", gw.host());
        for _ in 0..3 {
            raw.send(format!("{head}hello")).await;
            let response = raw.response().await.unwrap();
            assert_eq!((response.status, &*response.body), (201, &b"late"[..]), "{expectation:?}");
            assert_eq!(gw.upstream.last().body, b"hello");
        }
    }
    assert!(gw.upstream.faults().is_empty(), "{:?}", gw.upstream.faults());
}
