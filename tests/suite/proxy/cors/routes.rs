//! Routes that leave the matter to their upstream, or take writes from anywhere.

use http::Method;
use serde_json::{Value, json};

use super::{FRONTEND, all};
use crate::harness::{Reply, Setup, client::expect_problem};

fn config(route: &Value) -> Value {
    let mut open = json!({ "name": "open", "match": { "path": "/open/**" }, "upstream": "api" });
    crate::harness::gateway::merge(&mut open, route);
    json!({
        "auth": { "trusted_origins": [FRONTEND] },
        "routes": [open, { "name": "app", "match": { "path": "/**" }, "upstream": "api", "access": "required" }],
    })
}

#[tokio::test]
async fn an_upstream_may_speak_for_itself() {
    let gw = Setup::new(config(&json!({ "access": "public", "cors": "upstream" }))).start().await;
    gw.upstream.reply("/open/font", Reply::with_fields(&[("Access-Control-Allow-Origin", "*")], "font"));
    let request = gw.anonymous().get("/open/font").header("Origin", "https://anybody.example");
    assert_eq!(all(request.send().await.unwrap().headers(), "access-control-allow-origin"), ["*"]);
    let preflight = gw.anonymous().request(Method::OPTIONS, "/open/font");
    let preflight =
        preflight.header("Origin", "https://anybody.example").header("Access-Control-Request-Method", "PUT");
    assert_eq!(preflight.send().await.unwrap().status(), 200);
    assert_eq!(gw.upstream.last().method(), "OPTIONS");
    // Its own refusals are still the gateway's.
    let response = gw.anonymous().get("/items").header("Origin", FRONTEND).send().await.unwrap();
    assert_eq!(all(response.headers(), "access-control-allow-origin"), [FRONTEND]);
}

#[tokio::test]
async fn an_upstreams_answer_to_a_preflight_comes_whole_however_it_is_framed() {
    let route =
        json!({ "match": { "path": "/open/**", "methods": ["GET", "PUT"] }, "access": "public", "cors": "upstream" });
    let gw = Setup::new(config(&route)).start().await;
    let body = "x".repeat(4096);
    let chunked = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1000\r\n{body}\r\n0\r\n\r\n");
    gw.upstream.reply("/open/font", Reply::Raw(chunked.into_bytes()));
    for method in ["GET", "PUT"] {
        let preflight = gw.anonymous().request(Method::OPTIONS, "/open/font");
        let preflight =
            preflight.header("Origin", "https://anybody.example").header("Access-Control-Request-Method", method);
        let answer = preflight.send().await.unwrap();
        assert_eq!(answer.status(), 200, "{method}");
        assert_eq!(answer.text().await.expect("it is not cut"), body, "{method}");
        assert_eq!(gw.upstream.last().method(), "OPTIONS");
    }
    assert!(!gw.log().iter().any(|line| line["error"] == "ACCESS_ENDED"));
}

#[tokio::test]
async fn writes_from_anywhere_pass_only_where_the_route_says_so() {
    for (route, status) in [(json!({}), 403), (json!({ "cross_origin_writes": "allow" }), 200)] {
        let mut route = route;
        crate::harness::gateway::merge(&mut route, &json!({ "access": "required", "websocket": true }));
        let gw = Setup::new(config(&route)).start().await;
        let alice = gw.insert_user("alice", &[]).await;
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let request = alice.request(method.clone(), "/open/x").header("Origin", "https://evil.example");
            assert_eq!(request.send().await.unwrap().status(), status, "{method}");
        }
        let is_warning = |line: &Value| line.to_string().contains("writes from pages of any origin");
        if status == 200 {
            gw.logged("the warning", is_warning).await;
        } else {
            assert!(!gw.log().iter().any(is_warning));
        }
        let request = alice.request(Method::POST, "/items").header("Origin", "https://evil.example");
        expect_problem(request.send().await.unwrap(), 403, "INVALID_ORIGIN").await;
        let handshake = alice
            .get("/open/x")
            .header("Connection", "Upgrade")
            .header("Upgrade", "websocket")
            .header("Sec-WebSocket-Version", "13")
            .header("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA==")
            .header("Origin", "https://evil.example");
        assert_eq!(handshake.send().await.unwrap().status(), 403, "a WebSocket is refused either way");
    }
}
