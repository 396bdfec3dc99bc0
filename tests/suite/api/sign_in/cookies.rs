//! The session cookie (SESS-02, SESS-03).

use http::Method;
use serde_json::{Value, json};

use crate::harness::{
    PASSWORD, TestGateway, User,
    client::{AUTH, set_cookies},
};

/// Signs in with this body; the session cookie's attributes without the value, and the answer.
async fn sign_in(gw: &TestGateway, body: Value) -> (Vec<String>, String) {
    let response = gw.anonymous().auth("/sign-in/email", &body).await;
    assert_eq!(response.status(), 200);
    let prefix = format!("{}=", gw.cookie_name());
    let cookies = set_cookies(response.headers());
    let ours: Vec<&String> = cookies.iter().filter(|cookie| cookie.starts_with(&prefix)).collect();
    assert_eq!(ours.len(), 1, "{cookies:?}");
    let mut parts = ours[0].split("; ");
    let value = parts.next().unwrap().strip_prefix(&prefix).unwrap().to_owned();
    (parts.map(str::to_owned).collect(), value)
}

#[tokio::test]
async fn on_http_the_cookie_is_bare_and_scoped() {
    let gw = TestGateway::start().await;
    let email = gw.verified_user("alice").await;
    let (mut attributes, value) = sign_in(&gw, json!({ "email": email, "password": PASSWORD })).await;
    attributes.sort();
    assert_eq!(attributes, ["HttpOnly", "Max-Age=604800", "Path=/", "SameSite=Lax"]);
    assert_eq!(value.len(), 43);
}

#[tokio::test]
async fn on_https_the_cookie_is_bound_to_the_host() {
    let gw = TestGateway::with(json!({ "server": { "public_url": "https://app.example.com" } })).await;
    let email = gw.verified_user("alice").await;
    let (mut attributes, _) = sign_in(&gw, json!({ "email": email, "password": PASSWORD })).await;
    attributes.sort();
    assert_eq!(attributes, ["HttpOnly", "Max-Age=604800", "Path=/", "SameSite=Lax", "Secure"]);
    let alice: User = gw.sign_in(&email).await;
    assert_eq!(alice.status("/items").await, 200);
    let bare = gw.anonymous().with_cookie(format!("authgate_session={}", alice.token));
    assert_eq!(bare.status("/items").await, 401, "a cookie that a neighbouring host could have set");
}

#[tokio::test]
async fn what_is_not_remembered_ends_with_the_browser() {
    let gw = TestGateway::start().await;
    let email = gw.verified_user("alice").await;
    let (mut attributes, _) = sign_in(&gw, json!({ "email": email, "password": PASSWORD, "rememberMe": false })).await;
    attributes.sort();
    assert_eq!(attributes, ["HttpOnly", "Path=/", "SameSite=Lax"]);
    let one_day = "select count(*) from auth.sessions where not remember
                   and expires_at between now() + interval '23 hours' and now() + interval '25 hours'";
    assert_eq!(gw.db.count(one_day).await, 1);
}

#[tokio::test]
async fn a_sign_up_that_is_not_remembered_ends_with_the_browser_too() {
    let gw = TestGateway::with(json!({ "auth": { "email_verification": { "required": false } } })).await;
    let body = json!({ "name": "alice", "email": "alice@example.com", "password": PASSWORD, "rememberMe": false });
    let response = gw.anonymous().auth("/sign-up/email", &body).await;
    let cookies = set_cookies(response.headers());
    assert!(cookies.len() == 1 && !cookies[0].contains("Max-Age"), "{cookies:?}");
    let one_day = "select count(*) from auth.sessions where not remember and expires_at = absolute_expires_at
                   and expires_at between now() + interval '23 hours' and now() + interval '25 hours'";
    assert_eq!(gw.db.count(one_day).await, 1);
}

#[tokio::test]
async fn the_configured_name_and_lifetime_count() {
    let session = json!({ "cookie_name": "sid", "expires_in": "2h", "refresh_after": "1h", "same_site": "strict" });
    let gw = TestGateway::with(json!({ "auth": { "session": session } })).await;
    let email = gw.verified_user("alice").await;
    let response = gw.anonymous().auth("/sign-in/email", &json!({ "email": email, "password": PASSWORD })).await;
    let cookies = set_cookies(response.headers());
    let cookie = cookies.iter().find(|cookie| cookie.starts_with("sid=")).unwrap();
    assert!(cookie.contains("Max-Age=7200") && cookie.contains("SameSite=Strict"), "{cookie}");
    let pair = cookie.split(';').next().unwrap();
    assert_eq!(gw.anonymous().with_cookie(pair).status("/items").await, 200);
    let lives = "select count(*) from auth.sessions
                 where expires_at between now() + interval '119 minutes' and now() + interval '121 minutes'";
    assert_eq!(gw.db.count(lives).await, 1);
}

#[tokio::test]
async fn a_token_that_the_client_brings_is_never_adopted() {
    let gw = TestGateway::start().await;
    let email = gw.verified_user("alice").await;
    let fixed = "B".repeat(43);
    let client = gw.anonymous().with_cookie(format!("{}={fixed}", gw.cookie_name()));
    let response = client.auth("/sign-in/email", &json!({ "email": email, "password": PASSWORD })).await;
    let answer: Value = response.json().await.unwrap();
    assert_ne!(answer["token"], fixed.as_str());
    assert_eq!(client.status("/items").await, 401);
}

#[tokio::test]
async fn signing_in_again_ends_the_session_of_that_browser() {
    let gw = TestGateway::start().await;
    let first = gw.signed_up_user("alice").await;
    let other_device = gw.sign_in(&first.email).await;
    let response = first.auth("/sign-in/email", &json!({ "email": first.email, "password": PASSWORD })).await;
    assert_eq!(response.status(), 200);
    let answer: Value = response.json().await.unwrap();
    assert_ne!(answer["token"], first.token.as_str());
    assert_eq!(first.status("/items").await, 401, "the cookie it replaced");
    assert_eq!(other_device.status("/items").await, 200);
    assert_eq!(gw.anonymous().with_bearer(answer["token"].as_str().unwrap()).status("/items").await, 200);
}

#[tokio::test]
async fn https_is_what_the_upstream_is_told_when_that_is_public() {
    let gw = TestGateway::with(json!({ "server": { "public_url": "https://app.example.com" } })).await;
    let response = gw.anonymous().request(Method::GET, "/public/x").send().await.unwrap();
    assert_eq!(response.status(), 200);
    let seen = gw.upstream.last();
    assert_eq!(seen.field("X-Forwarded-Proto"), Some("https"));
    assert_eq!(seen.field("X-Forwarded-Host"), Some("app.example.com"));
    assert_eq!(gw.anonymous().get(&format!("{AUTH}/ok")).send().await.unwrap().status(), 200);
}
