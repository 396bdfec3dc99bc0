//! The log: one line a request, and nothing secret in any of it (LOG-01, LOG-02).

use serde_json::{Value, json};

use crate::harness::{PASSWORD, TestGateway, client::AUTH, eventually, gateway::SECRET};

/// Waits for the access log's line of a request.
async fn line_of(gw: &TestGateway, request_id: &str) -> Value {
    eventually("the access log line", async || {
        gw.log().into_iter().find(|line| line["event"] == "request" && line["request.id"] == request_id)
    })
    .await
}

#[tokio::test]
async fn every_request_is_one_line() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let mut ids = Vec::new();
    for (client, path, status, route) in [
        (gw.anonymous(), "/public/x?secret=1", 200, "public"),
        (gw.anonymous(), "/items", 401, "app"),
        ((*alice).clone(), "/items?page=2", 200, "app"),
        ((*alice).clone(), "/admin/x", 403, "admin"),
        (gw.anonymous(), "/api/auth/ok", 200, "_auth"),
    ] {
        let response = client.get(path).header("User-Agent", "suite/1").send().await.unwrap();
        assert_eq!(response.status(), status, "{path}");
        let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
        let line = line_of(&gw, &id).await;
        assert_eq!((&line["method"], &line["status"]), (&json!("GET"), &json!(status)), "{line}");
        assert_eq!((&line["path"], &line["route.name"]), (&json!(path.split('?').next()), &json!(route)), "{line}");
        assert!(line["duration_ms"].is_number(), "{line}");
        let text = line.to_string();
        assert!(text.contains("\"127.0.0.1\"") && text.contains("suite/1"), "{line}");
        assert!(!text.contains("secret=1"), "{line}");
        let knows_user = text.contains(&alice.id);
        assert_eq!(knows_user, path.starts_with("/items?") || path.starts_with("/admin"), "{line}");
        ids.push(id);
    }
    for id in ids {
        let lines =
            gw.log().iter().filter(|line| line["event"] == "request" && line["request.id"] == id.as_str()).count();
        assert_eq!(lines, 1, "{id}");
    }
}

#[tokio::test]
async fn every_line_is_json_and_no_client_forges_one() {
    let gw = TestGateway::start().await;
    gw.signed_up_user("alice").await;
    let forged = "x\u{1b}[31m\", \"event\": \"forged\"}";
    let lines = format!("User-Agent: {}\r\n", forged.replace('\u{1b}', ""));
    let request = gw.get_bytes("/public/%0a%7B%22event%22:%22forged%22%7D", &lines);
    gw.raw().await.send(request).await.response().await;
    let request = gw.get_bytes("/public/%E2%80%A8x", &lines);
    let response = gw.raw().await.send(request).await.response().await.unwrap();
    line_of(&gw, response.field("X-Request-Id").unwrap()).await;
    for line in gw.process.output().lines() {
        let value: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line:?}"));
        assert!(value.is_object(), "{line}");
        assert_ne!(value["event"], "forged");
        assert!(line.chars().all(|c| !c.is_control() && c != '\u{2028}'), "{line:?}");
    }
}

#[tokio::test]
async fn no_secret_of_a_whole_run_is_in_the_output() {
    let gw = TestGateway::with(json!({ "log": { "level": "debug" } })).await;
    let email = gw.sign_up("alice").await;
    let mail = gw.mail.to(&email).await;
    gw.anonymous().get(&format!("{}?{}", mail.link().path(), mail.link().query().unwrap())).send().await.unwrap();
    gw.anonymous().get(&format!("{AUTH}/verify-email?token={}x", mail.token())).send().await.unwrap();
    gw.confirm(&mail).await;
    let alice = gw.sign_in(&email).await;
    let bearer = alice.bearer();
    let wrong = "a wrong password that stays secret";
    gw.anonymous().auth("/sign-in/email", &json!({ "email": email, "password": wrong })).await;
    gw.anonymous().auth("/verify-token", &json!({ "token": alice.token })).await;
    for client in [&*alice, &bearer] {
        client.status("/items?q=sensitive-query").await;
        client.status("/admin").await;
        client.session().await;
    }
    gw.anonymous().get("/items").header("Authorization", "Basic c2VjcmV0LWJhc2lj").send().await.unwrap();
    alice.auth("/sign-out", &json!({})).await;
    let response = gw.anonymous().get("/public/last").send().await.unwrap();
    line_of(&gw, response.headers()["x-request-id"].to_str().unwrap()).await;
    let output = gw.process.output();
    let token = mail.token();
    let hash = crate::harness::sha256_hex(alice.token.as_bytes());
    for secret in
        [PASSWORD, wrong, &token, &alice.token, &hash, SECRET, "c2VjcmV0LWJhc2lj", "sensitive-query", "argon2id$"]
    {
        let line = output.lines().find(|line| line.contains(secret));
        assert!(line.is_none(), "{secret} is in the output: {line:?}");
    }
}

#[tokio::test]
async fn refusals_before_routing_are_logged_too() {
    let gw = TestGateway::start().await;
    for request in
        [gw.get_bytes("/public/..", ""), format!("TRACE / HTTP/1.1\r\nHost: {}\r\n\r\n", gw.host()).into_bytes()]
    {
        let response = gw.raw().await.send(&request).await.response().await.unwrap();
        let line = line_of(&gw, response.field("X-Request-Id").expect("every answer names its request")).await;
        assert_eq!(line["status"], response.status, "{line}");
        assert_eq!(line["route.name"], "_none", "{line}");
    }
}

#[tokio::test]
async fn an_ordinary_run_warns_of_nothing() {
    let gw = TestGateway::with(json!({ "server": { "threads": 4 } })).await;
    let alice = gw.signed_up_user("alice").await;
    for _ in 0..150 {
        assert_eq!((alice.status("/items").await, gw.anonymous().status("/public/x").await), (200, 200));
    }
    let loud: Vec<Value> =
        gw.log().into_iter().filter(|line| line["level"] == "ERROR" || line["level"] == "WARN").collect();
    assert!(loud.is_empty(), "{} lines such as {}", loud.len(), loud[0]);
}
