//! The decision alone, for another proxy in front: asked directly here, by the real nginx and Caddy below.

mod caddy;
mod front;
mod nginx;

use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};

use crate::harness::{
    Client, TestGateway,
    client::{AUTH, expect_problem, set_cookies},
};

const IDENTITY: [&str; 12] = [
    "x-user-id",
    "x-user-email",
    "x-user-name",
    "x-user-roles",
    "x-session-id",
    "x-auth-method",
    "x-impersonated-by",
    "x-identity-assertion",
    "x-org-id",
    "x-org-slug",
    "x-org-role",
    "x-api-key-id",
];

fn trusting() -> Value {
    json!({ "server": { "trusted_proxies": ["127.0.0.1"] }, "auth": { "sign_in_page": "/public/sign-in" } })
}

/// Builds what a proxy asks about a request of this client.
fn ask(gw: &TestGateway, client: &Client, method: &str, target: &str) -> RequestBuilder {
    client
        .get(&format!("{AUTH}/forward-auth"))
        .header("X-Forwarded-Method", method)
        .header("X-Forwarded-Uri", target)
        .header("X-Forwarded-Host", gw.host())
        .header("X-Forwarded-Proto", "http")
}

/// Every session is due to be extended.
async fn age_sessions(gw: &TestGateway) {
    let sql = "update auth.sessions set created_at = now() - interval '3 days',
        updated_at = now() - interval '2 days', expires_at = now() + interval '5 days'";
    gw.db.execute(sql).await;
}

async fn answer(request: RequestBuilder) -> Response {
    request.send().await.unwrap()
}

/// The identity in an answer: every name is there exactly once.
fn identity(response: &Response) -> Vec<(&'static str, String)> {
    let value = |name: &'static str| {
        let values: Vec<_> = response.headers().get_all(name).iter().collect();
        assert_eq!(values.len(), 1, "{name}: {values:?}");
        (name, values[0].to_str().unwrap().to_owned())
    };
    IDENTITY.map(value).into()
}

#[tokio::test]
async fn whoever_may_is_named_and_nobody_is_named_empty() {
    let gw = TestGateway::with(trusting()).await;
    let alice = gw.insert_user("alice", &["ops"]).await;
    let known = answer(ask(&gw, &alice, "GET", "/items?x=1").header("X-User-Id", "evil")).await;
    assert_eq!((known.status().as_u16(), &known.headers()["cache-control"]), (200, &"no-store".parse().unwrap()));
    let names = identity(&known);
    assert_eq!(names[0].1, alice.id);
    assert_eq!(
        (names[1].1.as_str(), names[3].1.as_str(), names[5].1.as_str()),
        ("alice@example.com", "ops", "password")
    );
    assert!(known.bytes().await.unwrap().is_empty());
    for (client, path) in [(&gw.anonymous(), "/public/x"), (&gw.anonymous(), "/optional/x"), (&*alice, "/public/x")] {
        let nobody = answer(ask(&gw, client, "GET", path).header("X-User-Id", "evil")).await;
        assert_eq!(nobody.status(), 200);
        assert!(identity(&nobody).iter().all(|(_, value)| value.is_empty()), "{path}");
    }
    assert!(gw.upstream.requests().is_empty(), "the upstream is the proxy's business");
}

#[tokio::test]
async fn refusals_are_those_of_a_proxied_request() {
    let gw = TestGateway::with(trusting()).await;
    let (alice, root) = (gw.insert_user("alice", &[]).await, gw.insert_user("root", &["admin"]).await);
    let anonymous = gw.anonymous();
    let refused = expect_problem(answer(ask(&gw, &anonymous, "GET", "/items")).await, 401, "UNAUTHORIZED").await;
    assert_eq!(refused.headers["www-authenticate"], "Bearer");
    expect_problem(answer(ask(&gw, &anonymous.with_bearer("bad"), "GET", "/optional/x")).await, 401, "UNAUTHORIZED")
        .await;
    expect_problem(answer(ask(&gw, &alice, "GET", "/admin/x")).await, 403, "FORBIDDEN").await;
    assert_eq!(answer(ask(&gw, &root, "GET", "/admin/x")).await.status(), 200);
    expect_problem(answer(ask(&gw, &alice, "POST", "/items")).await, 403, "INVALID_ORIGIN").await;
    assert_eq!(answer(ask(&gw, &alice, "POST", "/items").header("Origin", gw.origin())).await.status(), 200);
    let page = answer(ask(&gw, &anonymous, "GET", "/items?a=b").header("Accept", "text/html")).await;
    assert_eq!(page.status(), 302);
    assert_eq!(page.headers()["location"], "/public/sign-in?callbackURL=%2Fitems%3Fa%3Db");
    gw.db.execute("delete from auth.sessions").await;
    assert_eq!(answer(ask(&gw, &alice, "GET", "/items")).await.status(), 401);
}

#[tokio::test]
async fn every_spelling_of_a_path_has_its_rule() {
    let mut changes = trusting();
    changes["routes"] = json!([
        { "name": "purge", "match": { "path": "/v1/things%3Apurge" }, "upstream": "api", "access": "required", "roles": ["admin"] },
        { "name": "at", "match": { "path": "/@admin/**" }, "upstream": "api", "access": "required", "roles": ["admin"] },
        { "name": "rest", "match": { "path": "/**" }, "upstream": "api", "access": "public" },
    ]);
    let gw = TestGateway::with(changes).await;
    let anonymous = gw.anonymous();
    for target in ["/v1/things:purge", "/v1/things%3Apurge", "/v1/things%3apurge/?x=1", "/@admin/x", "/%40admin/x"] {
        assert_eq!(answer(ask(&gw, &anonymous, "GET", target)).await.status(), 401, "{target}");
        // As Envoy asks it.
        let asked = gw.get_bytes(&format!("{AUTH}/forward-auth{target}"), "");
        assert_eq!(gw.raw().await.send(asked).await.response().await.unwrap().status, 401, "{target}");
    }
    assert_eq!(answer(ask(&gw, &anonymous, "GET", "/v1/things%253Apurge")).await.status(), 200);
}

#[tokio::test]
async fn nginx_gets_nothing_but_what_it_understands() {
    let gw = TestGateway::with(trusting()).await;
    let alice = gw.insert_user("alice", &[]).await;
    for (client, method, target, status) in [
        (&*alice, "GET", "/items", 200),
        (&gw.anonymous(), "GET", "/items", 401),
        (&*alice, "GET", "/admin/x", 403),
        (&*alice, "GET", "/public/../admin/x", 403),
        (&*alice, "TRACE", "/items", 403),
        (&*alice, "GET", "/api/auth/me", 403),
        (&*alice, "GET", "/api/auth;x/me", 403),
        (&*alice, "GET", "/api;x/auth%3B/me", 403),
    ] {
        let request = client.get(&format!("{AUTH}/forward-auth?for=nginx"));
        let request = request
            .header("X-Forwarded-Method", method)
            .header("X-Forwarded-Uri", target)
            .header("X-Forwarded-Host", gw.host())
            .header("Accept", "text/html");
        let response = answer(request).await;
        assert_eq!(response.status(), status, "{method} {target}");
        let location = response.headers().get("location").map(|value| value.to_str().unwrap().to_owned());
        let expected = (status == 401).then(|| "/public/sign-in?callbackURL=%2Fitems".to_owned());
        assert_eq!(location, expected, "{method} {target}");
    }
}

#[tokio::test]
async fn strangers_are_not_believed() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    for client in [&gw.anonymous(), &*alice] {
        for target in ["/public/x", "/items"] {
            let response = answer(ask(&gw, client, "GET", target)).await;
            assert!(!response.headers().contains_key("x-user-id"));
            expect_problem(response, 403, "UNTRUSTED_PROXY").await;
        }
    }
    let path = format!("{AUTH}/forward-auth/public/x");
    expect_problem(gw.anonymous().get(&path).send().await.unwrap(), 403, "UNTRUSTED_PROXY").await;
}

#[tokio::test]
async fn a_description_must_be_whole_and_of_one_mind() {
    let gw = TestGateway::with(trusting()).await;
    let alice = gw.insert_user("alice", &["admin"]).await;
    let bare = || alice.get(&format!("{AUTH}/forward-auth"));
    expect_problem(answer(bare()).await, 400, "MALFORMED_FORWARD_AUTH").await;
    for (name, value) in [
        ("X-Forwarded-Uri", "/public/x"),
        ("X-Original-URI", "/public/x"),
        ("X-Original-URL", "http://other.example/items"),
        ("X-Forwarded-Method", "POST"),
        ("X-Original-Method", "HEAD"),
        ("X-Forwarded-Host", "other.example"),
    ] {
        let request = ask(&gw, &alice, "GET", "/items").header(name, value);
        expect_problem(answer(request).await, 400, "MALFORMED_FORWARD_AUTH").await;
    }
    for target in ["/admin/%2e%2e/public", "//admin", "/admin%2Fx", "/admin\\x", "/%zz"] {
        expect_problem(answer(ask(&gw, &alice, "GET", target)).await, 400, "MALFORMED_PATH").await;
    }
    expect_problem(answer(ask(&gw, &alice, "GET", "items")).await, 400, "MALFORMED_FORWARD_AUTH").await;
    expect_problem(answer(ask(&gw, &alice, "CONNECT", "/items")).await, 405, "METHOD_NOT_ALLOWED").await;
    let elsewhere = bare()
        .header("X-Forwarded-Method", "GET")
        .header("X-Forwarded-Uri", "/public/x")
        .header("X-Forwarded-Host", "evil.example");
    expect_problem(answer(elsewhere).await, 421, "MISDIRECTED_REQUEST").await;
    for path in ["/api/auth/%66orward-auth", "/api/auth/forward-auth%2Fpublic"] {
        let response = gw.raw().await.send(gw.get_bytes(path, "")).await.response().await.unwrap();
        assert!(matches!(response.status, 400 | 404), "{path}: {}", response.status);
    }
    assert_eq!(alice.post(&format!("{AUTH}/forward-auth")).send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn envoy_asks_by_the_path_itself() {
    let gw = TestGateway::with(trusting()).await;
    let (alice, anonymous) = (gw.insert_user("alice", &[]).await, gw.anonymous());
    let path = |rest: &str| format!("{AUTH}/forward-auth{rest}");
    let known = alice.get(&path("/items?x=1")).send().await.unwrap();
    assert_eq!((known.status().as_u16(), identity(&known)[0].1.as_str()), (200, alice.id.as_str()));
    assert_eq!(anonymous.status(&path("/items")).await, 401);
    assert_eq!(anonymous.status(&path("/public/x")).await, 200);
    assert_eq!(alice.status(&path("/admin/x")).await, 403);
    assert_eq!(alice.status(&path("/")).await, 200);
    assert_eq!(alice.status(&path("/api/auth/me")).await, 404, "the auth API is not the app's");
    let delete = alice.request(http::Method::DELETE, &path("/items")).header("Origin", gw.origin());
    assert_eq!(delete.send().await.unwrap().status(), 200);
    let foreign = alice.request(http::Method::DELETE, &path("/items")).send().await.unwrap();
    expect_problem(foreign, 403, "INVALID_ORIGIN").await;
    let spoofed = anonymous.get(&path("/items")).header("X-Forwarded-Uri", "/public/x");
    expect_problem(spoofed.send().await.unwrap(), 400, "MALFORMED_FORWARD_AUTH").await;
    let preflight = anonymous
        .request(http::Method::OPTIONS, &path("/items"))
        .header("Origin", gw.origin())
        .header("Access-Control-Request-Method", "GET");
    assert_eq!(preflight.send().await.unwrap().status(), 401, "decided like every method");
}

#[tokio::test]
async fn sockets_are_asked_about_like_everything_else() {
    let gw = TestGateway::with(trusting()).await;
    let alice = gw.insert_user("alice", &[]).await;
    let socket = |path: &str| ask(&gw, &alice, "GET", path).header("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
    expect_problem(answer(socket("/items").header("Origin", gw.origin())).await, 403, "WEBSOCKET_NOT_ALLOWED").await;
    expect_problem(answer(socket("/ws/echo")).await, 403, "INVALID_ORIGIN").await;
    assert_eq!(answer(socket("/ws/echo").header("Origin", gw.origin())).await.status(), 200);
}

#[tokio::test]
async fn an_extended_session_hands_its_cookie_over() {
    let gw = TestGateway::with(trusting()).await;
    let alice = gw.insert_user("alice", &[]).await;
    age_sessions(&gw).await;
    let first = answer(ask(&gw, &alice, "GET", "/items")).await;
    let cookies = set_cookies(first.headers());
    assert!(cookies.len() == 1 && cookies[0].contains(&alice.token), "{cookies:?}");
    gw.eventually_counts(1, "select count(*) from auth.sessions where expires_at > now() + interval '6 days'").await;
    assert!(set_cookies(answer(ask(&gw, &alice, "GET", "/items")).await.headers()).is_empty());
}

#[tokio::test]
async fn without_the_database_nobody_passes() {
    let gw = TestGateway::with(trusting()).await;
    let alice = gw.insert_user("alice", &[]).await;
    gw.db.execute("alter table auth.sessions rename to gone").await;
    expect_problem(answer(ask(&gw, &alice, "GET", "/items")).await, 503, "SERVICE_UNAVAILABLE").await;
    assert_eq!(answer(ask(&gw, &alice, "GET", "/public/x")).await.status(), 200);
}

#[tokio::test]
async fn the_assertion_comes_along() {
    let mut config = trusting();
    config["identity"] = json!({ "assertion": {} });
    let gw = TestGateway::with(config).await;
    let alice = gw.insert_user("alice", &[]).await;
    let known = answer(ask(&gw, &alice, "GET", "/items")).await;
    assert_eq!(known.headers()["x-identity-assertion"].to_str().unwrap().split('.').count(), 3);
    let nobody = answer(ask(&gw, &gw.anonymous(), "GET", "/public/x")).await;
    assert_eq!(nobody.headers()["x-identity-assertion"], "");
}

#[tokio::test]
async fn a_question_with_the_clients_upgrade_is_answered_and_the_connection_goes_on() {
    let gw = TestGateway::with(trusting()).await;
    let alice = gw.insert_user("alice", &[]).await;
    let lines = format!(
        "Authorization: Bearer {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nX-Forwarded-Method: GET\r\nX-Forwarded-Host: {}\r\n",
        alice.token,
        gw.host()
    );
    let mut connection = gw.raw().await;
    for (path, status) in [("/ws/echo", 200), ("/items", 403), ("/ws/echo", 200)] {
        let question = gw.get_bytes("/api/auth/forward-auth", &format!("{lines}X-Forwarded-Uri: {path}\r\n"));
        assert_eq!(connection.send(question).await.response().await.unwrap().status, status, "{path}");
    }
}
