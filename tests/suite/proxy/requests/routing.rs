//! Which route a request takes.

use http::Method;
use serde_json::json;

use crate::harness::{TestGateway, Upstream};

#[tokio::test]
async fn the_first_route_that_matches_wins() {
    let other = Upstream::start().await;
    let gw = TestGateway::with(json!({
        "upstreams": { "other": { "servers": [other.url()] } },
        "routes": [
            { "name": "one", "match": { "path": "/a/b" }, "upstream": "other", "access": "public" },
            { "name": "some", "match": { "path": "/a/{id}/parts" }, "upstream": "other", "access": "public" },
            { "name": "rest", "match": { "path": "/a/**" }, "upstream": "api", "access": "public" },
        ],
    }))
    .await;
    for (path, goes_to_other) in [
        ("/a/b", true),
        ("/a/b/", true),
        ("/a/7/parts", true),
        ("/a/b/c", false),
        ("/a/7/parts/8", false),
        ("/a", false),
        ("/a/", false),
    ] {
        let (before, before_other) = (gw.upstream.requests().len(), other.requests().len());
        assert_eq!(gw.anonymous().status(path).await, 200, "{path}");
        let arrived = (gw.upstream.requests().len() - before, other.requests().len() - before_other);
        assert_eq!(arrived, if goes_to_other { (0, 1) } else { (1, 0) }, "{path}");
    }
}

#[tokio::test]
async fn routes_are_chosen_by_host_too() {
    let tenant = Upstream::start().await;
    let gw = TestGateway::with(json!({
        "server": { "hosts": ["tenant.test"] },
        "upstreams": { "tenant": { "servers": [tenant.url()] } },
        "routes": [
            {
                "name": "tenant", "match": { "path": "/**", "hosts": ["tenant.test"] },
                "upstream": "tenant", "access": "public",
            },
            { "name": "rest", "match": { "path": "/**" }, "upstream": "api", "access": "public" },
        ],
    }))
    .await;
    for (host, expected) in [("tenant.test", 1), ("TENANT.test", 2), (gw.host(), 2)] {
        let request = format!("GET /x HTTP/1.1\r\nHost: {host}\r\n\r\n");
        assert_eq!(gw.raw().await.send(request).await.response().await.unwrap().status, 200, "{host}");
        assert_eq!(tenant.requests().len(), expected, "{host}");
    }
    assert_eq!(gw.upstream.requests().len(), 1);
}

#[tokio::test]
async fn a_route_for_get_admits_head_and_nothing_else() {
    let gw = TestGateway::with(json!({
        "routes": [
            {
                "name": "read", "match": { "path": "/read", "methods": ["GET"] },
                "upstream": "api", "access": "public",
            },
            { "name": "public", "match": { "path": "/public/**" }, "upstream": "api", "access": "public" },
        ],
    }))
    .await;
    let alice = gw.insert_user("alice", &[]).await;
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
        let response = alice.request(method.clone(), "/read").header("Origin", gw.origin()).send().await.unwrap();
        assert!([403, 404, 405].contains(&response.status().as_u16()), "{method}: {}", response.status());
    }
    gw.assert_upstream_untouched("a method that no route names").await;
    assert_eq!(gw.anonymous().status("/read").await, 200);
    let head = gw.anonymous().request(Method::HEAD, "/read").send().await.unwrap();
    assert_eq!(head.status(), 200);
    assert_eq!(gw.upstream.last().line, "HEAD /read HTTP/1.1");
    assert_eq!(head.headers()["content-length"], "10", "the length that GET would have, and no body");
}

#[tokio::test]
async fn head_is_held_to_the_rules_of_get() {
    let gw = TestGateway::start().await;
    let mut raw = gw.raw().await;
    raw.send(format!("HEAD /items HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", gw.host())).await;
    assert_eq!(raw.head_response().await.unwrap().status, 401);
    assert!(raw.closed().await.is_empty(), "an answer to HEAD has no body");
    gw.assert_upstream_untouched("HEAD on a required route").await;
}

#[tokio::test]
async fn every_method_arrives_with_its_body_and_query() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS] {
        let body = format!("body of {method}");
        let request = alice.request(method.clone(), "/items/7?a=1&b=%20%2F..&c").header("Origin", gw.origin());
        assert_eq!(request.body(body.clone()).send().await.unwrap().status(), 200, "{method}");
        let seen = gw.upstream.last();
        assert_eq!(seen.line, format!("{method} /items/7?a=1&b=%20%2F..&c HTTP/1.1"));
        assert_eq!(seen.body, body.as_bytes(), "{method}");
    }
    assert!(gw.upstream.faults().is_empty(), "{:?}", gw.upstream.faults());
}

#[tokio::test]
async fn override_headers_change_no_decision_and_are_dropped() {
    let gw = TestGateway::start().await;
    for name in ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"] {
        let response = gw.anonymous().get("/public/x").header(name, "DELETE").send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(gw.upstream.last().field(name), None, "{name}");
    }
    gw.upstream.forget();
    let uri_fields = ["X-Forwarded-Uri", "X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Prefix", "X-Original-Uri"];
    for name in uri_fields {
        let response = gw.anonymous().get("/items").header(name, "/public/x").send().await.unwrap();
        assert_eq!(response.status(), 401, "{name}");
    }
    for (name, value) in
        [("User-Agent", "GoogleHC/1.0"), ("X-Requested-With", "XMLHttpRequest"), ("X-Forwarded-Method", "OPTIONS")]
    {
        let response = gw.anonymous().get("/items").header(name, value).send().await.unwrap();
        assert_eq!(response.status(), 401, "{name}");
    }
    gw.assert_upstream_untouched("a header that names another path").await;
    for name in uri_fields {
        gw.anonymous().get("/public/x").header(name, "/admin").send().await.unwrap();
        assert_eq!(gw.upstream.last().field(name), None, "{name}");
    }
}
