//! Proof of the address: the mailed link, its page, its button, and the API's own way.

mod api;
mod apps;
mod auto_sign_in;
mod before_proof;
mod browsers;
mod operators;
mod resend;
mod targets;

use http::Method;
use serde_json::json;

use crate::harness::{
    PASSWORD, TestGateway,
    client::{AUTH, set_cookies},
};

const VERIFIED: &str = "select count(*) from auth.users where email_verified";

/// Path and query of a mailed link.
fn path_of(link: &url::Url) -> String {
    format!("{}?{}", link.path(), link.query().unwrap_or_default())
}

#[tokio::test]
async fn the_button_of_the_mailed_page_verifies_and_signs_nobody_in() {
    let gw = TestGateway::start().await;
    let email = gw.sign_up("alice").await;
    let mail = gw.mail.to(&email).await;
    let response = gw.confirm(&mail).await;
    assert!(response.status().as_u16() < 400, "{}", response.status());
    assert!(set_cookies(response.headers()).is_empty());
    assert_eq!(gw.db.count(VERIFIED).await, 1);
    assert_eq!(gw.sign_in(&email).await.status("/items").await, 200);
}

#[tokio::test]
async fn looking_at_the_page_consumes_nothing() {
    let gw = TestGateway::start().await;
    let email = gw.sign_up("alice").await;
    let mail = gw.mail.to(&email).await;
    let path = path_of(&mail.link());
    for _ in 0..3 {
        for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
            let response = gw.anonymous().request(method.clone(), &path).send().await.unwrap();
            assert!(response.status().as_u16() < 500);
            assert!(set_cookies(response.headers()).is_empty(), "{method}");
        }
    }
    assert_eq!(gw.db.count(VERIFIED).await, 0);
    assert!(gw.confirm(&mail).await.status().as_u16() < 400);
    assert_eq!(gw.db.count(VERIFIED).await, 1);
}

#[tokio::test]
async fn the_page_is_safe_to_show() {
    let gw = TestGateway::start().await;
    let email = gw.sign_up("alice").await;
    let mail = gw.mail.to(&email).await;
    let response = gw.anonymous().get(&path_of(&mail.link())).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let headers = response.headers().clone();
    let value = |name: &str| headers.get(name).map_or("", |value| value.to_str().unwrap());
    assert!(value("content-type").starts_with("text/html"), "{headers:?}");
    assert!(value("cache-control").contains("no-store"), "{headers:?}");
    assert_eq!(value("referrer-policy"), "strict-origin");
    assert_eq!(value("x-content-type-options"), "nosniff");
    assert!(value("content-security-policy").contains("default-src 'none'"), "{headers:?}");
    assert!(value("content-security-policy").contains("frame-ancestors 'none'"), "{headers:?}");
    let page = response.text().await.unwrap();
    let lower = page.to_lowercase();
    assert!(lower.contains("<form") && lower.contains("method=\"post\"") && lower.contains("<button"), "{page}");
    assert!(!lower.contains("<script"), "{page}");
    for foreign in ["src=\"http", "href=\"http", "url(http"] {
        assert!(!lower.contains(foreign), "{foreign} in {page}");
    }
    assert!(page.contains(&mail.token()), "the form carries the token");
}

#[tokio::test]
async fn the_page_escapes_what_is_in_its_address() {
    let gw = TestGateway::start().await;
    let email = gw.sign_up("alice").await;
    let link = gw.mail.to(&email).await.link();
    for query in ["token=%22%3E%3Cscript%3Ealert(1)%3C/script%3E", "token=", "", "token=a&token=b"] {
        let response = gw.anonymous().get(&format!("{}?{query}", link.path())).send().await.unwrap();
        assert!(response.status().as_u16() < 500, "{query}");
        let page = response.text().await.unwrap();
        assert!(!page.contains("<script>alert"), "{page}");
    }
}

#[tokio::test]
async fn a_token_works_once_even_for_a_hundred_at_the_same_time() {
    let gw = TestGateway::start().await;
    let email = gw.sign_up("alice").await;
    let token = gw.mail.to(&email).await.token();
    let gw = std::sync::Arc::new(gw);
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let (gw, token) = (std::sync::Arc::clone(&gw), token.clone());
        tasks.spawn(async move { gw.confirm_token(&token).await.status().as_u16() });
    }
    let statuses = tasks.join_all().await;
    assert_eq!(statuses.iter().filter(|&&status| status < 400).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|&status| status < 500), "{statuses:?}");
    assert_eq!(gw.db.count(VERIFIED).await, 1);
    assert_eq!(gw.db.count("select count(*) from auth.verifications").await, 0);
}

#[tokio::test]
async fn expired_unknown_and_foreign_tokens_verify_nothing() {
    let gw = TestGateway::start().await;
    let email = gw.sign_up("alice").await;
    let token = gw.mail.to(&email).await.token();
    let lifetime = "select extract(epoch from expires_at - created_at)::bigint from auth.verifications";
    assert_eq!(gw.db.count(lifetime).await, 15 * 60);
    assert_eq!(gw.db.execute("update auth.verifications set expires_at = now() - interval '1 ms'").await, 1);
    for token in [token.as_str(), &"A".repeat(43), "nonsense", ""] {
        let status = gw.confirm_token(token).await.status().as_u16();
        assert!((400..500).contains(&status), "{token}: {status}");
    }
    assert_eq!(gw.db.count(VERIFIED).await, 0);
}

#[tokio::test]
async fn a_token_for_another_purpose_verifies_nothing() {
    let gw = TestGateway::start().await;
    let email = gw.sign_up("alice").await;
    let token = gw.mail.to(&email).await.token();
    gw.db.execute("update auth.verifications set purpose = 'reset-password'").await;
    assert!(gw.confirm_token(&token).await.status().as_u16() >= 400);
    assert_eq!(gw.db.count(VERIFIED).await, 0);
}

#[tokio::test]
async fn tokens_are_stored_as_hashes() {
    let gw = TestGateway::start().await;
    let email = gw.sign_up("alice").await;
    let token = gw.mail.to(&email).await.token();
    let dump: String = sqlx::query_scalar("select string_agg(v::text, ' ') from auth.verifications v")
        .fetch_one(&mut gw.db.connect().await)
        .await
        .unwrap();
    assert!(!dump.contains(&token), "{dump}");
    let hash = crate::harness::sha256_hex(token.as_bytes());
    assert!(dump.contains(&hash), "SHA-256 of the token is what is kept: {dump}");
}

#[tokio::test]
async fn the_button_needs_its_own_page() {
    let gw = TestGateway::start().await;
    let email = gw.sign_up("alice").await;
    let token = gw.mail.to(&email).await.token();
    let request = gw.anonymous().request(Method::POST, &format!("{AUTH}/verify-email/confirm"));
    let request =
        request.header("Content-Type", "application/x-www-form-urlencoded").header("Origin", "https://evil.example");
    let response = request.body(format!("token={token}")).send().await.unwrap();
    assert_eq!(response.status(), 403);
    assert_eq!(gw.db.count(VERIFIED).await, 0);
    let request = gw.anonymous().post(&format!("{AUTH}/verify-email/confirm")).header("Content-Type", "text/plain");
    assert_eq!(request.body(format!("token={token}")).send().await.unwrap().status(), 415);
    assert_eq!(gw.db.count(VERIFIED).await, 0);
}

#[tokio::test]
async fn the_configured_lifetime_counts() {
    let gw = TestGateway::with(json!({ "auth": { "email_verification": { "expires_in": "5m" } } })).await;
    let email = gw.sign_up("alice").await;
    let lifetime = "select extract(epoch from expires_at - created_at)::bigint from auth.verifications";
    assert_eq!(gw.db.count(lifetime).await, 300);
    let mail = gw.mail.to(&email).await;
    assert!(mail.text.contains("5 minutes"), "{}", mail.text);
    let body = json!({ "email": email, "password": PASSWORD });
    assert_eq!(gw.anonymous().auth("/sign-in/email", &body).await.status(), 403);
}
