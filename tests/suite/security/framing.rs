//! Requests that two servers could read as different requests (SMUG-01 to -04, -12, HDR-04): one answer, then the end.

use crate::harness::{Reply, TestGateway, eventually};

/// Sends bytes to a gateway with `{host}` filled in; asserts one error answer, a closed connection and a quiet upstream.
async fn assert_refused(gw: &TestGateway, request: &str, status: u16, code: &str) {
    let mut raw = gw.raw().await;
    raw.send(request.replace("{host}", gw.host())).await;
    let response = raw.response().await.unwrap_or_else(|| panic!("closed without an answer to {request:?}"));
    assert_eq!((response.status, response.code().as_str()), (status, code), "{request:?}");
    assert_eq!(response.json()["status"], status, "{request:?}");
    let rest = raw.closed().await;
    assert!(rest.is_empty(), "a second answer to {request:?}: {:?}", String::from_utf8_lossy(&rest));
    gw.assert_upstream_untouched(request).await;
}

#[tokio::test]
async fn ambiguous_framing_is_refused() {
    let gw = TestGateway::start().await;
    for fields in [
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
        "Content-Length: 4\r\nContent-Length: 5\r\n",
        "Content-Length: 4\r\nContent-Length: 4\r\n",
        "Content-Length: 4, 4\r\n",
        "Content-Length: +4\r\n",
        "Content-Length: -4\r\n",
        "Content-Length: 4 4\r\n",
        "Content-Length: 4_0\r\n",
        "Content-Length: 0x4\r\n",
        "Content-Length: 4.0\r\n",
        "Content-Length: \r\n",
        "Content-Length: 99999999999999999999\r\n",
        "Transfer-Encoding: chunked, chunked\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        "Transfer-Encoding:\x0bchunked\r\n",
        "Transfer-Encoding:\x0cchunked\r\n",
        "Transfer-Encoding: chunked\x0c\r\n",
        "Content-Length:\x0c4\r\n",
        "Transfer-Encoding: \"chunked\"\r\n",
        "Transfer-Encoding: \r\n",
        "Transfer-Encoding : chunked\r\n",
        "Content-Length : 4\r\n",
        "Connection: Content-Length\r\nContent-Length: 4\r\n",
    ] {
        let request = format!("POST /public/x HTTP/1.1\r\nHost: {{host}}\r\n{fields}\r\n0\r\n\r\n");
        assert_refused(&gw, &request, 400, "MALFORMED_REQUEST").await;
    }
}

#[tokio::test]
async fn old_and_unknown_versions_are_refused_where_they_confuse() {
    let gw = TestGateway::start().await;
    let old = "POST /public/x HTTP/1.0\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    assert_refused(&gw, old, 400, "MALFORMED_REQUEST").await;
    for version in ["HTTP/2.0", "HTTP/1.2", "HTTP/0.9", "HTTP/11", "HTTP/1"] {
        let request = format!("GET /public/x {version}\r\nHost: {{host}}\r\n\r\n");
        assert_refused(&gw, &request, 505, "HTTP_VERSION_NOT_SUPPORTED").await;
    }
    for line in
        ["GET /public/x", "GET /public/x http/1.1", "GET  /public/x HTTP/1.1", "GET /public/x HTTP/1.1 x", "GET"]
    {
        assert_refused(&gw, &format!("{line}\r\nHost: {{host}}\r\n\r\n"), 400, "MALFORMED_REQUEST").await;
    }
}

#[tokio::test]
async fn line_ends_are_cr_lf_and_nothing_else() {
    let gw = TestGateway::start().await;
    for request in [
        "GET /public/x HTTP/1.1\nHost: {host}\n\n",
        "GET /public/x HTTP/1.1\r\nHost: {host}\nX: 1\r\n\r\n",
        "GET /public/x HTTP/1.1\r\nHost: {host}\r\nFoo: a\nBar: b\r\n\r\n",
        "GET /public/x HTTP/1.1\r\nHost: {host}\r\nFoo: a\rBar: b\r\n\r\n",
        "GET /public/x HTTP/1.1\r\nHost: {host}\r\nFoo: a\r\n\n",
        "GET /public/x\rHTTP/1.1\r\nHost: {host}\r\n\r\n",
    ] {
        assert_refused(&gw, request, 400, "MALFORMED_REQUEST").await;
    }
}

#[tokio::test]
async fn field_lines_are_name_colon_value() {
    let gw = TestGateway::start().await;
    for field in [
        "X-Folded: a\r\n b",
        "X-Folded: a\r\n\tX-User-Id: 1",
        " X-First: a",
        "X-User-Id : 1",
        "X-User-Id\t: 1",
        "X-No-Colon",
        ": no name",
        "X(Y): 1",
        "X\u{e9}: 1",
        "X\0Y: 1",
        "X-Value: a\0b",
        "X-Value: a\x08b",
        "X-Value: \x7f",
        "X-Value: \x1b[31m",
    ] {
        let request = format!("GET /public/x HTTP/1.1\r\nHost: {{host}}\r\n{field}\r\n\r\n");
        assert_refused(&gw, &request, 400, "MALFORMED_REQUEST").await;
    }
}

#[tokio::test]
async fn a_host_is_needed() {
    let gw = TestGateway::start().await;
    for request in ["GET /public/x HTTP/1.1\r\n\r\n", "GET /public/x HTTP/1.0\r\n\r\n"] {
        assert_refused(&gw, request, 400, "MALFORMED_REQUEST").await;
    }
}

#[tokio::test]
async fn only_one_expectation_is_known() {
    let gw = TestGateway::start().await;
    for value in ["x", "100-continue, x", "200-ok", ""] {
        let request =
            format!("POST /public/x HTTP/1.1\r\nHost: {{host}}\r\nContent-Length: 1\r\nExpect: {value}\r\n\r\nx");
        assert_refused(&gw, &request, 417, "EXPECTATION_FAILED").await;
    }
}

#[tokio::test]
async fn a_few_empty_lines_before_a_request_are_ignored() {
    let gw = TestGateway::start().await;
    gw.upstream.reply("/public/x", Reply::text("here"));
    let get = String::from_utf8(gw.get_bytes("/public/x", "")).unwrap();
    let post = format!("POST /public/x HTTP/1.1\r\nHost: {}\r\n", gw.host());
    let mut raw = gw.raw().await;
    for request in [
        format!("\r\n{get}"),
        format!("\r\n\r\n{get}"),
        get.clone(),
        // Some old clients end what they post in this way.
        format!("{post}Content-Length: 3\r\n\r\nabc\r\n"),
        format!("\r\n{post}Content-Length: 2\r\n\r\n\r\n\r\n"),
        format!("{post}Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n\r\n"),
        format!("{get}\r\n"),
        format!("\r\n{get}"),
    ] {
        let response = raw.send(&request).await.response().await.unwrap_or_else(|| panic!("closed: {request:?}"));
        assert_eq!((response.status, response.body.as_slice()), (200, &b"here"[..]), "{request:?}");
    }
    let bodies: Vec<_> = gw.upstream.requests().into_iter().map(|request| request.body).collect();
    assert_eq!(bodies, [&b""[..], b"", b"", b"abc", b"\r\n", b"a", b"", b""]);
    // It may come in pieces, too; and nobody is answered who sent nothing else.
    let mut raw = gw.raw().await;
    for piece in ["\r", "\n", "\r\n"] {
        raw.send(piece).await;
    }
    assert_eq!(raw.send(&get).await.response().await.unwrap().status, 200);
    let mut raw = gw.raw().await;
    assert!(raw.send("\r\n").await.finish().await.closed().await.is_empty());
}

#[tokio::test]
async fn whatever_else_stands_before_a_request_is_refused() {
    let gw = TestGateway::start().await;
    let many = "\r\n".repeat(5);
    for before in
        ["\n", "\r", "\r\n\n", "\n\r\n", "\r\r\n", " \r\n", "\r\n ", "\r\n\t", "\0\r\n", "\r\nX: a\r\n", &many]
    {
        let request = format!("{before}GET /public/x HTTP/1.1\r\nHost: {{host}}\r\n\r\n");
        assert_refused(&gw, &request, 400, "MALFORMED_REQUEST").await;
        // Behind a request that was good, too.
        let mut raw = gw.raw().await;
        assert_eq!(raw.send(gw.get_bytes("/api/auth/ok", "")).await.response().await.unwrap().status, 200);
        let response = raw.send(request.replace("{host}", gw.host())).await.response().await.unwrap();
        assert_eq!(response.status, 400, "{before:?}");
        raw.closed().await;
        gw.assert_upstream_untouched(&request).await;
    }
    assert_refused(&gw, &"\r\n".repeat(1000), 400, "MALFORMED_REQUEST").await;
}

/// Chunked bodies that are none, and what is wrong with them.
const BROKEN_CHUNKS: [&str; 32] = [
    "\r\n",
    "\r\n0\r\n\r\n",
    "\r\n3\r\nabc\r\n0\r\n\r\n",
    "\n0\r\n\r\n",
    "x\r\nabc\r\n0\r\n\r\n",
    "+3\r\nabc\r\n0\r\n\r\n",
    "0x3\r\nabc\r\n0\r\n\r\n",
    "-1\r\nabc\r\n0\r\n\r\n",
    " 3\r\nabc\r\n0\r\n\r\n",
    "3 \r\nabc\r\n0\r\n\r\n",
    "3\t\r\nabc\r\n0\r\n\r\n",
    "3 ;ext\r\nabc\r\n0\r\n\r\n",
    "00000000000000003\r\nabc\r\n0\r\n\r\n",
    "11111111111111111\r\nabc\r\n0\r\n\r\n",
    "3\r\nabcX0\r\n\r\n",
    "3\r\nabcd\r\n0\r\n\r\n",
    "3\nabc\r\n0\r\n\r\n",
    "3\r\nabc\n0\r\n\r\n",
    "3\rabc\r\n0\r\n\r\n",
    "3;ext\nabc\r\n0\r\n\r\n",
    "3;ext\r\r\nabc\r\n0\r\n\r\n",
    "3;\x0bext\r\nabc\r\n0\r\n\r\n",
    "3\r\nabc\r\n\r\n0\r\n\r\n",
    "3\r\nabc\r\n0\r\n\n",
    "3\r\nabc\r\n0\r\nX: a\nY: b\r\n\r\n",
    "3\r\nabc\r\n0\r\nX: a\r\n folded\r\n\r\n",
    "3\r\nabc\r\n0\r\nX : a\r\n\r\n",
    "3\r\nabc\r\n0\r\nContent-Length: 5\r\n\r\n",
    "3\r\nabc\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n",
    "3\r\nabc\r\n0\r\nHost: evil.example\r\n\r\n",
    "3\r\nabc\r\n0\r\nAuthorization: Bearer x\r\n\r\n",
    "3\r\nabc\r\n0\r\nGET /admin HTTP/1.1\r\nHost: x\r\n\r\n",
];

#[tokio::test]
async fn broken_chunks_that_come_with_the_head_are_refused_before_anything_else() {
    let gw = TestGateway::start().await;
    for body in BROKEN_CHUNKS {
        let head = "POST /public/x HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n";
        let smuggled = "GET /admin/smuggled HTTP/1.1\r\nHost: {host}\r\n\r\n";
        assert_refused(&gw, &format!("{head}{body}{smuggled}"), 400, "MALFORMED_REQUEST").await;
    }
}

#[tokio::test]
async fn broken_chunks_that_come_later_end_the_request_and_the_connection() {
    let gw = TestGateway::start().await;
    let session = gw.insert_user("alice", &[]).await;
    for path in ["/public/x", "/items", "/api/auth/sign-in/email"] {
        for body in BROKEN_CHUNKS {
            let mut raw = gw.raw().await;
            raw.send(format!(
                "POST {path} HTTP/1.1\r\nHost: {}\r\nOrigin: {}\r\nContent-Type: application/json\r\n\
                 Authorization: Bearer {}\r\nTransfer-Encoding: chunked\r\n\r\n",
                gw.host(),
                gw.origin(),
                session.token,
            ))
            .await;
            if path != "/api/auth/sign-in/email" {
                eventually("the head at the upstream", async || gw.upstream.requests().pop()).await;
            }
            raw.send(format!("{body}GET /admin/smuggled HTTP/1.1\r\nHost: {}\r\n\r\n", gw.host())).await;
            raw.finish().await;
            let response = raw.response().await.unwrap_or_else(|| panic!("{path} {body:?} is answered"));
            assert_eq!((response.status, &*response.code()), (400, "MALFORMED_REQUEST"), "{path} {body:?}");
            assert!(raw.closed().await.is_empty(), "{path} {body:?}: a second answer");
            let seen = gw.upstream.requests();
            assert!(seen.iter().all(|request| request.body_sha256.is_none()), "{path} {body:?}: {seen:?}");
            assert!(seen.iter().all(|request| !request.line.contains("smuggled")), "{path} {body:?}: {seen:?}");
            gw.upstream.forget();
        }
    }
    // What was sent to the upstream of such a request is not read as the beginning of another one.
    assert_eq!(session.status("/items").await, 200);
}

#[tokio::test]
async fn extensions_and_trailers_are_bounded() {
    let gw = TestGateway::start().await;
    let extensions = format!("1;{}\r\na\r\n", "x".repeat(500)).repeat(20);
    let trailers = format!("0\r\n{}\r\n", format!("X: {}\r\n", "y".repeat(500)).repeat(20));
    for body in [extensions, trailers] {
        let mut raw = gw.raw().await;
        let head = format!("POST /public/x HTTP/1.1\r\nHost: {}\r\nTransfer-Encoding: chunked\r\n\r\n", gw.host());
        raw.send(head + &body).await.finish().await;
        let response = raw.response().await.expect("an answer");
        assert_eq!((response.status, &*response.code()), (400, "MALFORMED_REQUEST"));
        raw.closed().await;
    }
}

#[tokio::test]
async fn what_senders_write_in_chunks_arrives() {
    let gw = TestGateway::start().await;
    let mut raw = gw.raw().await;
    for (body, expected) in [
        ("0\r\n\r\n", ""),
        ("3\r\nabc\r\n0\r\n\r\n", "abc"),
        ("3;a=b;c=\"d e\"\r\nabc\r\n0000000000000002;x\r\nde\r\n00\r\nX-Checksum: 1\r\nX-User-Id: 1\r\n\r\n", "abcde"),
        ("4\r\n\r\n\r\n\r\n1\r\n0\r\n0\r\n\r\n", "\r\n\r\n0"),
    ] {
        // One connection for all, and each in two pieces: the end of a body is found wherever it lies.
        let head = format!("POST /public/x HTTP/1.1\r\nHost: {}\r\nTransfer-Encoding: chunked\r\n\r\n", gw.host());
        let (first, second) = body.split_at(body.len() / 2);
        raw.send(head + first).await;
        eventually("the head at the upstream", async || gw.upstream.requests().pop()).await;
        raw.send(second).await;
        assert_eq!(raw.response().await.expect("an answer").status, 200, "{body:?}");
        let seen = gw.upstream.last();
        assert_eq!(String::from_utf8_lossy(&seen.body), expected, "{body:?}");
        assert_eq!((seen.field("X-Checksum"), seen.field("X-User-Id"), seen.field("Trailer")), (None, None, None));
        gw.upstream.forget();
    }
    assert!(gw.upstream.faults().is_empty(), "{:?}", gw.upstream.faults());
}
