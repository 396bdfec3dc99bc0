//! Forwarding headers and hop-by-hop fields.

use serde_json::json;

use crate::harness::{TestGateway, eventually};

/// Everything that could claim where a request came from.
const CLAIMS: [(&str, &str); 9] = [
    ("X-Forwarded-For", "1.2.3.4"),
    ("X-Forwarded-Proto", "https"),
    ("X-Forwarded-Host", "evil.example"),
    ("X-Forwarded-Port", "444"),
    ("X-Forwarded-Server", "evil"),
    ("Forwarded", "for=1.2.3.4;proto=https"),
    ("X-Real-IP", "1.2.3.4"),
    ("X_Forwarded_For", "1.2.3.4"),
    ("X-Forwarded_Host", "evil.example"),
];

#[tokio::test]
async fn forwarding_headers_tell_of_the_real_connection() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    for (client, path) in [(gw.anonymous(), "/public/x"), ((*alice).clone(), "/items")] {
        let mut request = client.get(path);
        for (name, value) in CLAIMS {
            request = request.header(name, value);
        }
        assert_eq!(request.send().await.unwrap().status(), 200);
        let seen = gw.upstream.last();
        assert_eq!(seen.field("X-Forwarded-For"), Some("127.0.0.1"), "{path}");
        assert_eq!(seen.field("X-Forwarded-Proto"), Some("http"), "{path}");
        assert_eq!(seen.field("X-Forwarded-Host"), Some(gw.host()), "{path}");
        assert_eq!(seen.field("Host"), Some(gw.host()), "{path}");
        let evil: Vec<_> = seen
            .fields
            .iter()
            .filter(|(_, v)| v == "444" || ["1.2.3.4", "evil"].iter().any(|e| v.contains(e)))
            .collect();
        assert!(evil.is_empty(), "{path}: {evil:?}");
    }
}

#[tokio::test]
async fn a_trusted_proxy_is_believed_up_to_the_first_untrusted_hop() {
    let trusted = ["127.0.0.0/8", "10.0.0.0/8"];
    let gw = TestGateway::with(json!({ "server": { "trusted_proxies": trusted } })).await;
    for (lines, expected) in [
        (&["192.0.2.7"][..], "192.0.2.7"),
        (&["6.6.6.6, 192.0.2.7"], "192.0.2.7"),
        (&["6.6.6.6, 192.0.2.7, 10.1.2.3"], "192.0.2.7"),
        (&["6.6.6.6", "192.0.2.7, 10.1.2.3"], "192.0.2.7"),
        (&["192.0.2.7, nonsense"], "127.0.0.1"),
        (&["192.0.2.7, nonsense, 10.1.2.3"], "10.1.2.3"),
        (&[], "127.0.0.1"),
    ] {
        let mut request = gw.anonymous().get("/public/x");
        for line in lines {
            request = request.header("X-Forwarded-For", *line);
        }
        assert_eq!(request.send().await.unwrap().status(), 200);
        let seen = gw.upstream.last();
        assert!(seen.field("X-Forwarded-For").is_some_and(|hops| hops.contains(expected)), "{lines:?}: {seen:?}");
        let request_id = seen.field("X-Request-Id").unwrap().to_owned();
        let line = eventually("the access log line", async || {
            gw.log().into_iter().find(|line| line["request.id"] == request_id.as_str())
        })
        .await;
        assert!(line.to_string().contains(&format!("\"{expected}\"")), "{lines:?}: {line}");
    }
}

#[tokio::test]
async fn a_trusted_proxy_may_name_the_request() {
    let gw = TestGateway::with(json!({ "server": { "trusted_proxies": ["127.0.0.1/32"] } })).await;
    for (sent, is_kept) in [("abc-123", true), ("with blank", false), ("a\u{1}", false), (&"a".repeat(65), false)] {
        let request = gw.get_bytes("/public/x", &format!("X-Request-Id: {sent}\r\n"));
        let response = gw.raw().await.send(request).await.response().await.unwrap();
        if response.status == 200 {
            assert_eq!(response.field("X-Request-Id") == Some(sent), is_kept, "{sent:?}");
        } else {
            assert!(sent.contains('\u{1}'), "{sent:?}: {}", response.status);
        }
    }
}

#[tokio::test]
async fn hop_by_hop_fields_stop_here() {
    let gw = TestGateway::start().await;
    let lines = "Keep-Alive: timeout=5\r\nProxy-Connection: keep-alive\r\nProxy-Authorization: Basic x\r\n\
                 Proxy-Authenticate: Basic\r\nTE: trailers\r\nTrailer: X-T\r\nUpgrade: h2c\r\nConnection: Upgrade, TE\r\n\
                 HTTP2-Settings: AAMAAABkAAQAAP__\r\nX-End: stays\r\n";
    let response = gw.raw().await.send(gw.get_bytes("/public/x", lines)).await.response().await.unwrap();
    assert_eq!(response.status, 200);
    let seen = gw.upstream.last();
    for name in
        ["Keep-Alive", "Proxy-Connection", "Proxy-Authorization", "Proxy-Authenticate", "TE", "Trailer", "Upgrade"]
    {
        assert_eq!(seen.field(name), None, "{name}");
    }
    assert_eq!(seen.field("X-End"), Some("stays"));
}

#[tokio::test]
async fn ordinary_fields_pass_as_they_are() {
    let gw = TestGateway::start().await;
    let lines = "Accept: text/html;q=0.9,*/*\r\nAccept-Language: de\r\nX-One: 1\r\nX-One: 2\r\nX-Empty:\r\n\
                 If-None-Match: \"a\", \"b\"\r\nX-Latin: caf\u{e9}\r\nUser-Agent: odd/1.0 (x)\r\n";
    // One byte for the accented letter, as a client of old would send it.
    let request: Vec<u8> = gw
        .get_bytes("/public/x", "")
        .strip_suffix(b"\r\n")
        .unwrap()
        .iter()
        .copied()
        .chain(lines.chars().map(|c| u8::try_from(u32::from(c)).unwrap()))
        .chain(*b"\r\n")
        .collect();
    assert_eq!(gw.raw().await.send(request).await.response().await.unwrap().status, 200);
    let seen = gw.upstream.last();
    assert_eq!(seen.field("Accept"), Some("text/html;q=0.9,*/*"));
    assert_eq!(seen.field("Accept-Language"), Some("de"));
    assert_eq!(seen.all("X-One"), ["1", "2"]);
    assert_eq!(seen.field("X-Empty"), Some(""));
    assert_eq!(seen.field("If-None-Match"), Some("\"a\", \"b\""));
    assert_eq!(seen.field("X-Latin"), Some("caf\u{e9}"));
    assert_eq!(seen.field("User-Agent"), Some("odd/1.0 (x)"));
}
