//! Pages of other origins: who may read answers, who may send what (CORS-01 to CORS-04).

mod preflights;
mod refusals;
mod routes;

use http::HeaderMap;
use reqwest::Response;
use serde_json::{Value, json};

use crate::harness::{
    PASSWORD, Reply, Setup, TestGateway,
    client::{AUTH, expect_problem},
};

const FRONTEND: &str = "https://www.example.com";
const PREVIEW: &str = "https://pr-7.preview.example.com";
const EVIL: [&str; 6] = [
    "https://evil.example",
    "https://www.example.com.evil.test",
    "https://preview.example.com",
    "https://evilpreview.example.com",
    "http://www.example.com",
    "null",
];

/// Two further origins beside the gateway's own.
fn config() -> Value {
    json!({ "auth": { "trusted_origins": [FRONTEND, "https://*.preview.example.com"] } })
}

async fn gateway() -> TestGateway {
    Setup::new(config()).start().await
}

fn all<'a>(headers: &'a HeaderMap, name: &str) -> Vec<&'a str> {
    headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect()
}

/// The answer may be read by pages of the origin, with credentials, and by no other.
fn assert_readable(response: &Response, origin: &str, what: &str) {
    let headers = response.headers();
    assert_eq!(all(headers, "access-control-allow-origin"), [origin], "{what}");
    assert_eq!(all(headers, "access-control-allow-credentials"), ["true"], "{what}");
    assert!(all(headers, "vary").join(",").to_lowercase().contains("origin"), "{what}: {headers:?}");
    let exposed = all(headers, "access-control-expose-headers").join(",");
    let limits = ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"];
    for name in ["set-auth-token", "retry-after", "x-retry-after", "x-request-id"].into_iter().chain(limits) {
        assert!(exposed.split(", ").any(|one| one == name), "{what}: {exposed}");
    }
}

fn assert_unreadable(response: &Response, what: &str) {
    for name in response.headers().keys() {
        assert!(!name.as_str().starts_with("access-control-allow"), "{what}: {name}");
    }
    assert!(all(response.headers(), "vary").join(",").to_lowercase().contains("origin"), "{what}");
}

#[tokio::test]
async fn every_answer_of_the_auth_api_is_readable_for_trusted_pages_only() {
    let gw = gateway().await;
    let email = gw.verified_user("alice").await;
    let sign_in = json!({ "email": email, "password": PASSWORD });
    let wrong = json!({ "email": email, "password": "not the password" });
    for origin in [FRONTEND, PREVIEW, gw.origin()] {
        for (path, body, status) in
            [("/sign-in/email", &sign_in, 200), ("/sign-in/email", &wrong, 401), ("/sign-up/email", &json!({}), 400)]
        {
            let request = gw.anonymous().request(http::Method::POST, &format!("{AUTH}{path}"));
            let response = request.header("Origin", origin).json(body).send().await.unwrap();
            assert_eq!(response.status(), status, "{origin} {path}");
            assert_readable(&response, origin, path);
        }
        for path in ["/get-session", "/me", "/nothing"] {
            let response = gw.anonymous().get(&format!("{AUTH}{path}")).header("Origin", origin).send().await.unwrap();
            assert_readable(&response, origin, path);
        }
    }
    for origin in EVIL {
        for path in ["/get-session", "/me", "/nothing"] {
            let response = gw.anonymous().get(&format!("{AUTH}{path}")).header("Origin", origin).send().await.unwrap();
            assert_unreadable(&response, &format!("{origin} {path}"));
        }
        let request = gw.anonymous().request(http::Method::POST, &format!("{AUTH}/sign-in/email"));
        let response = request.header("Origin", origin).json(&sign_in).send().await.unwrap();
        assert_unreadable(&response, origin);
        assert_eq!(response.status(), 403, "{origin}");
    }
    let response = gw.anonymous().get(&format!("{AUTH}/get-session")).send().await.unwrap();
    assert_unreadable(&response, "no origin at all");
}

#[tokio::test]
async fn proxied_answers_say_what_the_gateway_says() {
    let gw = gateway().await;
    let alice = gw.insert_user("alice", &[]).await;
    let claims = [
        ("Access-Control-Allow-Origin", "*"),
        ("Access-Control-Allow-Methods", "DELETE"),
        ("Access-Control-Expose-Headers", "X-Total"),
        ("Vary", "Accept-Encoding"),
    ];
    for path in ["/items", "/public/items", "/optional/items"] {
        gw.upstream.reply(path, Reply::with_fields(&claims, "items"));
        let response = alice.get(path).header("Origin", FRONTEND).send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_readable(&response, FRONTEND, path);
        assert!(!response.headers().contains_key("access-control-allow-methods"), "{path}");
        assert!(all(response.headers(), "access-control-expose-headers").join(",").contains("X-Total"), "{path}");
        assert!(all(response.headers(), "vary").join(",").contains("Accept-Encoding"), "{path}");
        for origin in EVIL {
            let response = alice.get(path).header("Origin", origin).send().await.unwrap();
            assert_unreadable(&response, &format!("{origin} {path}"));
        }
        assert_unreadable(&alice.get(path).send().await.unwrap(), path);
    }
}

#[tokio::test]
async fn a_trusted_page_can_read_why_it_was_refused() {
    let gw = Setup::new(json!({
        "auth": { "trusted_origins": [FRONTEND] },
        "upstreams": { "gone": { "servers": ["http://127.0.0.1:1"] } },
        "routes": [
            { "name": "gone", "match": { "path": "/gone/**" }, "upstream": "gone", "access": "public" },
            { "name": "small", "match": { "path": "/small/**" }, "upstream": "api", "access": "public", "max_body": "1KiB" },
            {
                "name": "admin", "match": { "path": "/admin/**" }, "upstream": "api",
                "access": "required", "roles": ["admin"],
            },
            { "name": "app", "match": { "path": "/**" }, "upstream": "api", "access": "required" },
        ],
    }))
    .start()
    .await;
    let alice = gw.insert_user("alice", &[]).await;
    let large = "x".repeat(2048);
    for (what, request, status, code) in [
        ("signed out", gw.anonymous().get("/items"), 401, "UNAUTHORIZED"),
        ("no role", alice.get("/admin/x"), 403, "FORBIDDEN"),
        ("upstream down", alice.get("/gone/x"), 502, "BAD_GATEWAY"),
        ("too large", alice.request(http::Method::POST, "/small/x").body(large), 413, "PAYLOAD_TOO_LARGE"),
        ("odd path", alice.get("/items/%2fx"), 400, "MALFORMED_PATH"),
    ] {
        let response = request.header("Origin", FRONTEND).send().await.unwrap();
        assert_readable(&response, FRONTEND, what);
        expect_problem(response, status, code).await;
    }
}
