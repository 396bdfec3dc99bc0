//! `Strict-Transport-Security`.

use serde_json::{Value, json};

use crate::harness::{Reply, TestGateway, gateway::merge};

const FIELD: &str = "strict-transport-security";
const YEAR: &str = "max-age=31536000";

/// Behind something that speaks TLS for it.
async fn behind_tls(changes: Value) -> TestGateway {
    let mut all = json!({ "server": { "public_url": "https://app.example.com" } });
    merge(&mut all, &changes);
    TestGateway::with(all).await
}

async fn told(gw: &TestGateway, request: &str) -> (u16, Vec<String>) {
    let response = gw.raw().await.send(request).await.response().await.unwrap();
    let fields = response.fields.into_iter().filter(|(name, _)| name.eq_ignore_ascii_case(FIELD));
    (response.status, fields.map(|(_, value)| value).collect())
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: app.example.com\r\n\r\n")
}

#[tokio::test]
async fn browsers_are_told_to_come_back_by_https() {
    let gw = behind_tls(json!({})).await;
    for (request, status) in [
        (get("/public/x"), 200),
        (get("/items"), 401),
        (get("/api/auth/get-session"), 200),
        (get("/public/../x"), 400),
        ("GET /public/x HTTP/1.1\r\nHost : app.example.com\r\n\r\n".to_owned(), 400),
    ] {
        assert_eq!(told(&gw, &request).await, (status, vec![YEAR.to_owned()]), "{request}");
    }
}

#[tokio::test]
async fn an_upstream_may_say_more() {
    let gw = behind_tls(json!({})).await;
    let theirs = "max-age=63072000; includeSubDomains; preload";
    gw.upstream.reply("/public/x", Reply::with_fields(&[("Strict-Transport-Security", theirs)], "x"));
    assert_eq!(told(&gw, &get("/public/x")).await, (200, vec![theirs.to_owned()]));
}

#[tokio::test]
async fn nothing_is_said_in_clear_or_where_told_not_to() {
    let gw = TestGateway::start().await;
    let response = gw.anonymous().get("/public/x").send().await.unwrap();
    assert!(!response.headers().contains_key(FIELD));
    for server in [json!({ "hsts": false }), json!({ "public_url": "https://localhost:8443" })] {
        let gw = behind_tls(json!({ "server": server })).await;
        let host = if server["hsts"] == false { "app.example.com" } else { "localhost:8443" };
        for path in ["/public/x", "/items", "/public/../x"] {
            let request = get(path).replace("app.example.com", host);
            assert_eq!(told(&gw, &request).await.1, Vec::<String>::new(), "{server} {path}");
        }
    }
}
