//! From http to https.

use serde_json::json;

use crate::harness::{RawConnection, TestGateway, free_port};

#[tokio::test]
async fn whoever_comes_in_clear_is_sent_to_the_public_url_and_nowhere_else() {
    let port = free_port();
    let changes = json!({ "server": { "redirect_listen": [format!("127.0.0.1:{port}")], "public_url": "https://app.example.com" } });
    let gw = TestGateway::with(changes).await;
    for (request, status, location) in [
        ("GET /a/b?c=d HTTP/1.1\r\nHost: app.example.com\r\n\r\n", 308, Some("https://app.example.com/a/b?c=d")),
        (
            "POST /api/auth/sign-in/email HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
            308,
            Some("https://app.example.com/api/auth/sign-in/email"),
        ),
        (
            "GET //evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n",
            308,
            Some("https://app.example.com//evil.example/"),
        ),
        ("GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421, None),
        ("GET /\r\n\r\n", 400, None),
    ] {
        let mut raw = RawConnection::open(([127, 0, 0, 1], port).into()).await;
        let response = raw.send(request).await.response().await.unwrap();
        assert_eq!((response.status, response.field("location")), (status, location), "{request}");
        assert!(raw.closed().await.is_empty());
    }
    assert!(gw.upstream.requests().is_empty());
}
