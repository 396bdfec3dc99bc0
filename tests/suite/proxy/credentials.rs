//! `credentials:` of a route: what is not listed is not read there, and a backend with tokens of its own works behind the
//! session cookie (KEY-05).

use serde_json::{Value, json};

use crate::harness::{Reply, TestGateway, client::expect_problem};

fn route(path: &str, access: &str, credentials: &[&str]) -> Value {
    json!({
        "name": format!("{access}-{}", credentials.join("-")), "match": { "path": path }, "upstream": "api",
        "access": access, "credentials": credentials,
    })
}

async fn gateway(changes: Value) -> TestGateway {
    let mut config = json!({
        "routes": [
            route("/cookie/**", "required", &["cookie"]),
            route("/either/**", "optional", &["cookie"]),
            route("/open/**", "public", &["cookie"]),
            route("/bearer/**", "required", &["bearer"]),
            route("/both/**", "required", &["cookie", "bearer"]),
            { "name": "public", "match": { "path": "/public/**" }, "upstream": "api", "access": "public" },
        ],
    });
    config.as_object_mut().unwrap().extend(changes.as_object().cloned().unwrap_or_default());
    TestGateway::with(config).await
}

#[tokio::test]
async fn what_is_not_listed_is_not_read_and_passes_untouched() {
    let gw = gateway(json!({})).await;
    let alice = gw.insert_user("alice", &[]).await;
    let session = gw.insert_session(&alice.id).await;
    // An app's own token may look like one of ours.
    for own in ["Bearer an-app-s-own", "Bearer a.b.c", &format!("Bearer {}", "A".repeat(43)), "Basic Zm9v"] {
        for path in ["/cookie/x", "/either/x"] {
            assert_eq!(
                alice.get(path).header("Authorization", own).send().await.unwrap().status(),
                200,
                "{own} {path}"
            );
            let seen = gw.upstream.last();
            assert_eq!(seen.field("Authorization"), Some(own), "{path}");
            assert_eq!(seen.field("X-User-Id"), Some(alice.id.as_str()), "{path}");
            assert_eq!(seen.field("Cookie"), None, "the session's cookie stays here");
        }
        for path in ["/either/x", "/open/x"] {
            let response = gw.anonymous().get(path).header("Authorization", own).send().await.unwrap();
            assert_eq!(response.status(), 200, "{own} {path}");
            assert_eq!(gw.upstream.last().field("Authorization"), Some(own), "{path}");
        }
    }
    gw.upstream.forget();
    let bearer = gw.anonymous().with_bearer(&session);
    expect_problem(bearer.get("/cookie/x").send().await.unwrap(), 401, "UNAUTHORIZED").await;
    expect_problem(alice.get("/bearer/x").send().await.unwrap(), 401, "UNAUTHORIZED").await;
    gw.assert_upstream_untouched("a credential that is not listed").await;
    for (client, path) in [(&bearer, "/bearer/x"), (&bearer, "/both/x"), (&*alice, "/both/x")] {
        assert_eq!(client.status(path).await, 200, "{path}");
        assert_eq!(gw.upstream.last().field("Authorization"), None, "{path}");
    }
}

#[tokio::test]
async fn a_cookie_is_renewed_beside_a_token_that_is_not_read() {
    let gw = gateway(json!({})).await;
    let alice = gw.insert_user("alice", &[]).await;
    gw.db.execute("update auth.sessions set updated_at = now() - interval '2 days'").await;
    let response = alice.get("/cookie/x").header("Authorization", "Bearer an-app-s-own").send().await.unwrap();
    assert!(response.headers().contains_key("set-cookie"));
}

#[tokio::test]
async fn an_open_websocket_is_checked_by_the_same_credentials() {
    let gw = TestGateway::with(json!({
        "routes": [{
            "name": "ws", "match": { "path": "/ws/**" }, "upstream": "api", "access": "required", "websocket": true,
            "credentials": ["cookie"],
        }],
    }))
    .await;
    gw.upstream.reply("/ws/echo", Reply::WebSocket);
    let alice = gw.insert_user("alice", &[]).await;
    let cookie = format!("Cookie: {}={}\r\n", gw.cookie_name(), alice.token);
    let bearer = format!("Authorization: Bearer {}\r\n", alice.token);
    for (fields, status) in [(format!("{cookie}Authorization: Bearer an-app-s-own\r\n"), 101), (bearer, 401)] {
        let lines = format!(
            "{fields}Origin: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
            gw.origin()
        );
        let response = gw.raw().await.send(gw.get_bytes("/ws/echo", &lines)).await.response().await.unwrap();
        assert_eq!(response.status, status, "{fields}");
    }
}

#[tokio::test]
async fn explain_and_audit_tell_of_them() {
    let gw = gateway(json!({})).await;
    let told = gw.cli_json(&["routes", "explain", "GET", "/cookie/x", "--as", "user", "--config", "gateway.yaml"]);
    assert_eq!((&told["result"], &told["credentials"]), (&json!("forwarded"), &json!(["cookie"])));
    assert!(told["why"].as_str().unwrap().contains("required by cookie"), "{told}");
    let told = gw.cli_json(&["routes", "explain", "GET", "/bearer/x", "--as", "user", "--config", "gateway.yaml"]);
    assert_eq!(told["result"], "forwarded");
    let document = gw.directory.path().join("openapi.json");
    let paths = json!({ "paths": { "/cookie/x": { "get": {} }, "/open/x": { "get": {} } } });
    std::fs::write(&document, paths.to_string()).unwrap();
    let audited =
        gw.cli(&["routes", "audit", "--openapi", document.to_str().unwrap(), "--config", "gateway.yaml", "--json"]);
    let audited: Value = serde_json::from_str(&audited.stdout).unwrap();
    assert_eq!(audited["operations"][0]["access"], json!(["required by cookie"]));
    assert_eq!(audited["operations"][1]["access"], json!(["public by cookie"]));
    let listed = gw.cli_json(&["routes", "list", "--config", "gateway.yaml"]);
    assert_eq!(listed["routes"][4]["access"], "required by cookie, bearer");
}
