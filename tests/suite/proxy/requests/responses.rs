//! What comes back from the upstream.

use crate::harness::{Reply, TestGateway, upstream::head};

#[tokio::test]
async fn answers_pass_unchanged() {
    let gw = TestGateway::start().await;
    let body: Vec<u8> = (0..=255).cycle().take(5000).collect();
    for status in [200, 201, 204, 301, 304, 404, 418, 500, 503] {
        let has_body = !matches!(status, 204 | 304);
        let fields = vec![
            ("Content-Type", "application/x-odd; charset=none".to_owned()),
            ("X-One", "1".to_owned()),
            ("X-One", "2".to_owned()),
            ("Location", "//somewhere else".to_owned()),
            ("Set-Cookie", "theirs=1; Path=/; HttpOnly".to_owned()),
            ("Set-Cookie", "more=2".to_owned()),
            ("Cache-Control", "public, max-age=60".to_owned()),
            ("ETag", "\"x\"".to_owned()),
            ("X-Powered-By", "something".to_owned()),
        ];
        if has_body {
            gw.upstream.reply("/public/x", Reply::Plain { status, fields, body: body.clone() });
        } else {
            gw.upstream.reply("/public/x", Reply::Raw(head(status, None, &fields)));
        }
        let response = gw.anonymous().get("/public/x").send().await.unwrap();
        assert_eq!(response.status(), status);
        let headers = response.headers().clone();
        let all = |name: &str| headers.get_all(name).iter().map(|v| v.to_str().unwrap()).collect::<Vec<_>>();
        assert_eq!(all("content-type"), ["application/x-odd; charset=none"], "{status}");
        assert_eq!(all("x-one"), ["1", "2"], "{status}");
        assert_eq!(all("location"), ["//somewhere else"], "{status}");
        assert_eq!(all("set-cookie"), ["theirs=1; Path=/; HttpOnly", "more=2"], "{status}");
        assert_eq!(all("cache-control"), ["public, max-age=60"], "{status}");
        assert_eq!(all("etag"), ["\"x\""], "{status}");
        assert_eq!(all("x-powered-by"), ["something"], "{status}");
        let received = response.bytes().await.unwrap();
        assert_eq!(received, if has_body { body.clone() } else { Vec::new() }, "{status}");
    }
}

#[tokio::test]
async fn an_upstream_cannot_set_or_clear_our_cookie() {
    let gw = TestGateway::start().await;
    let name = gw.cookie_name();
    let alice = gw.insert_user("alice", &[]).await;
    let (set, cleared) = (format!("{name}=evil; Path=/"), format!("{name}=; Max-Age=0"));
    for path in ["/public/x", "/items"] {
        let fields = [
            ("Set-Cookie", "first=1"),
            ("Set-Cookie", set.as_str()),
            ("set-cookie", cleared.as_str()),
            ("Set-Cookie", "last=2"),
        ];
        gw.upstream.reply(path, Reply::with_fields(&fields, ""));
        let response = alice.get(path).send().await.unwrap();
        let cookies: Vec<_> = response.headers().get_all("set-cookie").iter().collect();
        assert_eq!(cookies, ["first=1", "last=2"], "{path}");
    }
}

#[tokio::test]
async fn an_upstream_cannot_shadow_our_cookies_in_any_spelling() {
    let gw = TestGateway::start().await;
    let name = gw.cookie_name();
    for shadow in [
        format!("={name}=evil"),
        format!("= {name}=evil; Path=/"),
        format!("=={name}=evil"),
        name.to_owned(),
        format!("{name}; Path=/"),
        format!("{name} =evil"),
        format!("\t{name}\t=evil"),
        name.to_uppercase() + "=evil",
        format!("__Host-{name}=evil"),
        format!("__secure-{name}=evil"),
        format!("\"{name}\"=evil"),
        format!("theirs=1, {name}=evil"),
        format!("theirs=1; Path=/, {name}=evil"),
        format!("={name}"),
    ] {
        let fields = [("Set-Cookie", "first=1"), ("Set-Cookie", shadow.as_str()), ("Set-Cookie", "=nameless")];
        gw.upstream.reply("/public/x", Reply::with_fields(&fields, ""));
        let response = gw.anonymous().get("/public/x").send().await.unwrap();
        let cookies: Vec<_> = response.headers().get_all("set-cookie").iter().collect();
        assert_eq!(cookies, ["first=1", "=nameless"], "{shadow:?}");
    }
}

#[tokio::test]
async fn an_upstream_clears_what_is_its_own_and_no_cookies() {
    let gw = TestGateway::start().await;
    for (sent, expected) in [
        ("\"cookies\"", None),
        ("\"*\"", None),
        ("\"cache\", \"cookies\", \"storage\"", Some("\"cache\", \"storage\"")),
        ("\"cache\", \"storage\"", Some("\"cache\", \"storage\"")),
    ] {
        gw.upstream.reply("/public/out", Reply::with_fields(&[("Clear-Site-Data", sent)], ""));
        let response = gw.anonymous().get("/public/out").send().await.unwrap();
        let said = response.headers().get("clear-site-data").map(|value| value.to_str().unwrap());
        assert_eq!(said, expected, "{sent}");
    }
}

#[tokio::test]
async fn an_upstream_cannot_speak_with_our_identity_headers() {
    let gw = TestGateway::start().await;
    let fields = [("X-User-Id", "1"), ("x-user-roles", "admin"), ("X-Session-Id", "s"), ("X-Other", "stays")];
    gw.upstream.reply("/public/x", Reply::with_fields(&fields, ""));
    let response = gw.anonymous().get("/public/x").send().await.unwrap();
    for name in ["x-user-id", "x-user-roles", "x-session-id"] {
        assert!(!response.headers().contains_key(name), "{name}");
    }
    assert_eq!(response.headers()["x-other"], "stays");
}

#[tokio::test]
async fn every_answer_names_its_request_as_the_upstream_saw_it() {
    let gw = TestGateway::start().await;
    let mut seen = std::collections::HashSet::new();
    for path in ["/public/1", "/public/2"] {
        let response = gw.anonymous().get(path).header("X-Request-Id", "client-chosen").send().await.unwrap();
        let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
        assert_eq!(gw.upstream.last().field("X-Request-Id"), Some(id.as_str()));
        assert_ne!(id, "client-chosen", "only a trusted proxy may choose it");
        assert!(seen.insert(id));
    }
}

#[tokio::test]
async fn a_request_id_of_the_upstreams_own_does_not_replace_ours() {
    let gw = TestGateway::start().await;
    gw.upstream.reply("/public/x", Reply::with_fields(&[("X-Request-Id", "theirs")], ""));
    let response = gw.anonymous().get("/public/x").send().await.unwrap();
    let ids: Vec<_> = response.headers().get_all("x-request-id").iter().map(|v| v.to_str().unwrap()).collect();
    assert_eq!(ids, [gw.upstream.last().field("X-Request-Id").unwrap()]);
}

#[tokio::test]
async fn answers_of_protected_routes_are_not_for_shared_caches() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let response = alice.get("/items").send().await.unwrap();
    let value = response.headers()["cache-control"].to_str().unwrap();
    assert!(value.contains("private") || value.contains("no-store"), "{value}");
    gw.upstream.reply("/items", Reply::with_fields(&[("Cache-Control", "max-age=5")], ""));
    let response = alice.get("/items").send().await.unwrap();
    assert_eq!(response.headers()["cache-control"], "max-age=5", "the upstream's own word stands");
    let response = gw.anonymous().get("/public/x").send().await.unwrap();
    assert!(!response.headers().contains_key("cache-control"), "public routes are left alone");
}

#[tokio::test]
async fn errors_of_ours_say_nothing_of_what_is_inside() {
    let gw = TestGateway::start().await;
    let response = gw.anonymous().get("/items").send().await.unwrap();
    let server = response.headers().get("server").map(|value| value.to_str().unwrap().to_owned());
    assert!(server.is_none_or(|server| !server.to_lowercase().contains("pingora") && !server.contains('/')));
    let text = response.text().await.unwrap().to_lowercase();
    for word in ["pingora", "sqlx", "postgres", "select ", "panicked", "127.0.0.1", env!("CARGO_PKG_VERSION")] {
        assert!(!text.contains(word), "{word} in {text}");
    }
}
