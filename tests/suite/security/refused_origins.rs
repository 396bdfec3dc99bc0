//! Wherever an origin is refused, the operator is told which, and what would admit it.

use http::Method;
use serde_json::json;

use crate::harness::{PASSWORD, TestGateway, client::AUTH};

const KEY: &str = "auth.trusted_origins";

/// The one line about the origin; it names the key and the request.
async fn told(gw: &TestGateway, origin: &str) {
    let is_it = |line: &serde_json::Value| {
        let text = line.to_string();
        text.contains(origin) && text.contains(KEY) && line["request.id"].is_string()
    };
    gw.logged(origin, is_it).await;
}

#[tokio::test]
async fn on_the_auth_api() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let body = json!({ "email": "a@example.com", "password": PASSWORD });
    // A client of the suite's adds no origin to these.
    let post = |path: &str| gw.anonymous().request(Method::POST, &format!("{AUTH}{path}")).json(&body);
    post("/sign-in/email").header("Origin", "https://sign-in.example").send().await.unwrap();
    told(&gw, "https://sign-in.example").await;
    post("/sign-in/email").header("Referer", "https://referer.example:8443/page?token=secret").send().await.unwrap();
    told(&gw, "https://referer.example:8443").await;
    let out = alice.request(Method::POST, &format!("{AUTH}/sign-out")).header("Origin", "https://sign-out.example");
    assert_eq!(out.send().await.unwrap().status(), 403);
    told(&gw, "https://sign-out.example").await;
    assert!(!gw.process.output().contains("token=secret"), "of a referrer the origin alone");
    post("/sign-in/email").header("Origin", gw.origin()).send().await.unwrap();
    assert!(!gw.log().iter().any(|line| line["origin"] == gw.origin()), "an own one is not refused");
}

#[tokio::test]
async fn of_targets() {
    let gw = TestGateway::start().await;
    for (path, field) in [
        ("/sign-in/email", "callbackURL"),
        ("/sign-up/email", "callbackURL"),
        ("/sign-in/social", "errorCallbackURL"),
        ("/request-password-reset", "redirectTo"),
    ] {
        let origin = format!("https://{}.example", field.to_lowercase() + &path.replace('/', "-"));
        let mut body = json!({ "email": "a@example.com", "password": PASSWORD, "name": "A", "provider": "acme" });
        body[field] = format!("{origin}/in?code=secret").into();
        let response = gw.anonymous().auth(path, &body).await;
        assert_eq!(response.status(), 403, "{path}");
        told(&gw, &origin).await;
    }
    for page in ["verify-email", "delete-user"] {
        let target = format!("https://{page}.example");
        let path = format!("{AUTH}/{page}/confirm?token=x&callbackURL={target}/in?code=secret");
        assert_eq!(gw.anonymous().get(&path).send().await.unwrap().status(), 403, "{page}");
        told(&gw, &target).await;
    }
    let lines = gw.log().into_iter().filter(|line| line["event"] != "request");
    assert!(!lines.map(|line| line.to_string()).any(|line| line.contains("code=secret")));
}

#[tokio::test]
async fn on_proxied_routes() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let write = alice.request(Method::POST, "/items").header("Origin", "https://write.example");
    assert_eq!(write.send().await.unwrap().status(), 403);
    told(&gw, "https://write.example").await;
    let preflight = gw
        .anonymous()
        .request(Method::OPTIONS, "/items")
        .header("Origin", "https://preflight.example")
        .header("Access-Control-Request-Method", "PUT");
    assert_eq!(preflight.send().await.unwrap().status(), 403);
    told(&gw, "https://preflight.example").await;
    let cookie = format!("{}={}", gw.cookie_name(), alice.token);
    let fields = [("Cookie", cookie.as_str()), ("Origin", "https://socket.example")];
    assert!(gw.websocket("/ws/x", &fields).await.is_err());
    told(&gw, "https://socket.example").await;
}
