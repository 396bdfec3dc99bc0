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

/// A host that is not served is nobody's outer host, whoever names it (HDR-14).
#[tokio::test]
async fn an_outer_host_travels_only_where_it_is_served() {
    let gw = TestGateway::with(json!({
        "server": { "trusted_proxies": ["127.0.0.1"], "hosts": ["www.example.com", "app.example:8443"] },
    }))
    .await;
    for (lines, expected) in [
        (&["www.example.com"][..], Some("www.example.com")),
        (&["WWW.Example.com"], Some("WWW.Example.com")),
        (&["app.example:8443"], Some("app.example:8443")),
        (&["app.example"], None),
        (&["evil.test"], None),
        (&["a/../b@evil.test:99999, x"], None),
        (&["www.example.com, evil.test"], None),
        (&["evil.test, www.example.com"], None),
        (&["www.example.com@evil.test"], None),
        (&["www.example.com:99999"], None),
        (&["www.example.com/x"], None),
        (&["www.example.com", "evil.test"], None),
        (&["evil.test", "www.example.com"], None),
        (&[""], None),
        (&[], None),
    ] {
        let fields: String = lines.iter().fold(String::new(), |text, host| text + "X-Forwarded-Host: " + host + "\r\n");
        let response = gw.raw().await.send(gw.get_bytes("/public/x", &fields)).await.response().await.unwrap();
        assert_eq!(response.status, 200, "{lines:?}");
        assert_eq!(gw.upstream.last().all("X-Forwarded-Host"), [expected.unwrap_or(gw.host())], "{lines:?}");
    }
}

/// Names by which servers learn the client's address, the outer host or who is asking (HDR-15).
const OF_PROXIES: [&str; 40] = [
    "True-Client-IP",
    "CF-Connecting-IP",
    "CF-Connecting-IPv6",
    "CF-Pseudo-IPv4",
    "CF-Visitor",
    "Cf-Access-Authenticated-User-Email",
    "Fastly-Client-IP",
    "Fly-Client-IP",
    "Fly-Forwarded-Proto",
    "X-Cluster-Client-IP",
    "X-Original-Forwarded-For",
    "X-Original-Remote-Addr",
    "X-ProxyUser-Ip",
    "X-Appengine-User-IP",
    "X-Azure-ClientIP",
    "X-Azure-SocketIP",
    "X-MS-CLIENT-PRINCIPAL",
    "X-MS-CLIENT-PRINCIPAL-ID",
    "X-Goog-Authenticated-User-Email",
    "X-Amzn-Oidc-Data",
    "X-Envoy-External-Address",
    "X-Nf-Client-Connection-Ip",
    "X-Vercel-Forwarded-For",
    "CloudFront-Viewer-Address",
    "DO-Connecting-IP",
    "Forwarded-For",
    "X-Forwarded",
    "Client-IP",
    "WL-Proxy-Client-IP",
    "X-Remote-User",
    "X-Remote-Addr",
    "X-WebAuth-User",
    "X-Authentik-Username",
    "X-Pomerium-Claim-Email",
    "X-Consumer-Username",
    "Tailscale-User-Login",
    "SSL-Client-S-DN",
    "X-SSL-Client-Verify",
    "X-Scheme",
    "Front-End-Https",
];

/// Those that stop here even from a trusted proxy: the gateway says them itself, or nobody does.
const OF_THE_GATEWAY: [&str; 16] = [
    "X-Identity-Assertion",
    "X-User-Id",
    "Remote-User",
    "X-Auth-Request-Email",
    "X-Forwarded-User",
    "X-Forwarded-Email",
    "X-Forwarded-Ssl",
    "X-Forwarded-Scheme",
    "X-Forwarded-Prefix",
    "X-Client-IP",
    "X-Real-IP",
    "X-Original-Host",
    "X-Original-URL",
    "X-Rewrite-URL",
    "Transfer.Encoding",
    "Content_Length",
];

#[tokio::test]
async fn what_proxies_say_comes_from_no_stranger() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let cookie = format!("Cookie: {}={}\r\n", gw.cookie_name(), alice.token);
    let names: Vec<&str> = OF_PROXIES.into_iter().chain(OF_THE_GATEWAY).collect();
    for (path, cookie) in [("/public/x", ""), ("/items", cookie.as_str())] {
        for separator in ["-", "_", ".", "~"] {
            let lines = names
                .iter()
                .fold(cookie.to_owned(), |lines, name| lines + &name.replace('-', separator) + ": forged\r\n");
            let response = gw.raw().await.send(gw.get_bytes(path, &lines)).await.response().await.unwrap();
            assert_eq!(response.status, 200, "{path} {separator}");
            let forged: Vec<_> = gw.upstream.last().fields.into_iter().filter(|(_, value)| value == "forged").collect();
            // A name without a separator is the same in every spelling.
            assert!(forged.is_empty(), "{path} {separator}: {forged:?}");
        }
    }
}

#[tokio::test]
async fn what_a_trusted_proxy_says_of_its_client_passes() {
    let gw = TestGateway::with(json!({ "server": { "trusted_proxies": ["127.0.0.1"] } })).await;
    let names: Vec<&str> = OF_PROXIES.into_iter().chain(OF_THE_GATEWAY).collect();
    let lines = names.iter().fold(String::new(), |lines, name| lines + name + ": said\r\n");
    let response = gw.raw().await.send(gw.get_bytes("/public/x", &lines)).await.response().await.unwrap();
    assert_eq!(response.status, 200);
    let seen = gw.upstream.last();
    for name in OF_PROXIES {
        assert_eq!(seen.field(name), Some("said"), "{name}");
    }
    for name in OF_THE_GATEWAY {
        assert_ne!(seen.field(name), Some("said"), "{name}");
    }
}

#[tokio::test]
async fn an_apps_own_fields_pass_from_anybody() {
    let gw = TestGateway::start().await;
    let names = [
        "X-API-Key",
        "X-Auth-Token",
        "X-Client-Id",
        "X-Client-Version",
        "X-CSRF-Token",
        "X-Requested-With",
        "X-Origin",
        "X-Userid",
        "X-App.Version",
        "X-Correlation-Id",
        "X-Trace-Id",
        "Traceparent",
        "Idempotency-Key",
        "CF-Ray",
        "X-Amz-Date",
        "X-Ms-Version",
        "X-Goog-Api-Key",
        "X-Hub-Signature-256",
        "Forwarding-Hint",
        "Client-Version",
        "X-Webhook-Id",
    ];
    let lines = names.iter().fold(String::new(), |lines, name| lines + name + ": own\r\n");
    let response = gw.raw().await.send(gw.get_bytes("/public/x", &lines)).await.response().await.unwrap();
    assert_eq!(response.status, 200);
    let seen = gw.upstream.last();
    for name in names {
        assert_eq!(seen.field(name), Some("own"), "{name}");
    }
}

#[tokio::test]
async fn an_expectation_is_said_once() {
    let gw = TestGateway::start().await;
    for lines in [
        "Expect: 100-continue\r\nExpect: 100-continue\r\n",
        "Expect: 100-continue\r\nX-Between: 1\r\nexpect: 100-Continue\r\n",
        "Expect: 100-continue, 100-continue\r\n",
        "Expect: 100-continue\r\nExpect:\r\n",
    ] {
        let request = format!("POST /public/x HTTP/1.1\r\nHost: {}\r\nContent-Length: 1\r\n{lines}\r\nx", gw.host());
        let response = gw.raw().await.send(request).await.response().await.unwrap();
        assert_eq!((response.status, response.code().as_str()), (417, "EXPECTATION_FAILED"), "{lines:?}");
        gw.assert_upstream_untouched(lines).await;
    }
}
