//! The real thing: the unmodified example app under uvicorn, behind the gateway.

mod app;
mod assertion;
mod backends;

use serde_json::{Value, json};

use crate::harness::{TestGateway, client::problem, sha256_hex};

#[tokio::test]
async fn the_app_sees_who_is_calling() {
    let app = app::start().await;
    let gw = TestGateway::with(app.config()).await;
    let alice = gw.signed_up_user("alice").await;
    for client in [(*alice).clone(), alice.bearer()] {
        let request = client.get("/whoami").header("X-User-Id", "evil").header("X_User_Roles", "admin");
        let seen: Value = request.send().await.unwrap().json().await.unwrap();
        assert_eq!(seen["X-User-Id"], alice.id.as_str(), "{seen}");
        assert_eq!(seen["X-User-Email"], "alice@example.com", "{seen}");
        assert_eq!(seen["X-User-Name"], "alice", "{seen}");
        assert_eq!(seen["X-Auth-Method"], "password", "{seen}");
        assert!(!seen.to_string().contains("admin") && !seen.to_string().contains("evil"), "{seen}");
    }
    assert_eq!(problem(gw.anonymous().get("/whoami").send().await.unwrap()).await.code, "UNAUTHORIZED");
    alice.auth("/sign-out", &json!({})).await;
    assert_eq!(alice.status("/whoami").await, 401);
}

#[tokio::test]
async fn public_and_optional_pages_are_open() {
    let app = app::start().await;
    let gw = TestGateway::with(app.config()).await;
    let alice = gw.insert_user("Zo\u{eb}", &[]).await;
    let text = async |client: &crate::harness::Client, path: &str| {
        client.get(path).send().await.unwrap().json::<Value>().await.unwrap()["message"].as_str().unwrap().to_owned()
    };
    assert!(text(&gw.anonymous(), "/public/hello").await.starts_with("Hello"));
    assert_eq!(text(&gw.anonymous(), "/optional/greeting").await, "Hello, stranger.");
    assert_eq!(text(&alice, "/optional/greeting").await, "Hello, Zo\u{eb}.", "the encoding survives the way");
}

#[tokio::test]
async fn everybody_has_their_own_items_and_admins_the_numbers() {
    let app = app::start().await;
    let gw = TestGateway::with(app.config()).await;
    let (alice, bob) = (gw.insert_user("alice", &[]).await, gw.insert_user("bob", &["admin"]).await);
    let created = alice.post("/items").json(&json!({ "title": "mine" })).send().await.unwrap();
    assert_eq!(created.status(), 201);
    let item: Value = created.json().await.unwrap();
    let path = format!("/items/{}", item["id"].as_str().unwrap());
    assert_eq!(alice.get("/items").send().await.unwrap().json::<Value>().await.unwrap(), json!([item]));
    assert_eq!(bob.get("/items").send().await.unwrap().json::<Value>().await.unwrap(), json!([]));
    assert_eq!((alice.status(&path).await, bob.status(&path).await), (200, 404));
    assert_eq!((alice.status("/admin/stats").await, bob.status("/admin/stats").await), (403, 200));
    // The app redirects between `/x` and `/x/`; the answer is the app's and stays on the public origin.
    let redirect = alice.get("/items/").send().await.unwrap();
    if redirect.status().is_redirection() {
        let location = redirect.headers()["location"].to_str().unwrap();
        assert!(location.starts_with('/') || location.starts_with(gw.origin()), "{location}");
    }
    let deleted = alice.request(http::Method::DELETE, &path).header("Origin", gw.origin()).send().await.unwrap();
    assert_eq!(deleted.status(), 204);
}

#[tokio::test]
async fn sockets_and_events_pass() {
    let app = app::start().await;
    let gw = TestGateway::with(app.config()).await;
    let alice = gw.insert_user("alice", &[]).await;
    let cookie = format!("{}={}", gw.cookie_name(), alice.token);
    let origin = gw.origin().to_owned();
    let mut socket = gw.websocket("/ws/echo", &[("Cookie", &cookie), ("Origin", &origin)]).await.unwrap();
    let greeting: Value = serde_json::from_str(&socket.text().await.unwrap()).unwrap();
    assert_eq!(greeting["user"], alice.id.as_str());
    socket.send("hello").await;
    assert_eq!(socket.text().await.as_deref(), Some("hello"));
    assert_eq!(gw.websocket("/ws/echo", &[("Origin", &origin)]).await.err().unwrap().status, 401);

    let began = std::time::Instant::now();
    let response = alice.get("/events?n=5").send().await.unwrap();
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/event-stream"));
    let mut body = response.bytes_stream();
    let first = futures_util::StreamExt::next(&mut body).await.unwrap().unwrap();
    assert!(first.starts_with(b"id: 1"), "{first:?}");
    assert!(began.elapsed() < std::time::Duration::from_millis(700), "the first of five within their 0.8 s");
    let mut rest = first.to_vec();
    while let Some(piece) = futures_util::StreamExt::next(&mut body).await {
        rest.extend_from_slice(&piece.unwrap());
    }
    assert_eq!(String::from_utf8(rest).unwrap().matches("event: tick").count(), 5);
}

#[tokio::test]
async fn large_uploads_and_downloads_arrive_whole() {
    let app = app::start().await;
    let gw = TestGateway::with(app.config()).await;
    let alice = gw.insert_user("alice", &[]).await;
    let body: Vec<u8> = (0..20 * 1024 * 1024_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let answer: Value = alice.post("/upload").body(body.clone()).send().await.unwrap().json().await.unwrap();
    assert_eq!(answer, json!({ "bytes": body.len(), "sha256": sha256_hex(&body) }));
    let response = alice.get("/download?bytes=20000000").send().await.unwrap();
    assert_eq!(response.headers()["content-length"], "20000000");
    assert_eq!(response.bytes().await.unwrap().len(), 20_000_000);
}

#[tokio::test]
async fn the_app_answers_its_own_errors() {
    let app = app::start().await;
    let gw = TestGateway::with(app.config()).await;
    let alice = gw.insert_user("alice", &[]).await;
    let invalid = alice.post("/items").json(&json!({ "title": "" })).send().await.unwrap();
    assert_eq!(invalid.status(), 422);
    assert!(invalid.json::<Value>().await.unwrap()["detail"].is_array());
    assert_eq!(alice.status("/nope").await, 404);
    assert_eq!(
        alice.request(http::Method::DELETE, "/whoami").header("Origin", gw.origin()).send().await.unwrap().status(),
        405
    );
}
