//! AuthGate's own pages of a reset.

use http::Method;
use reqwest::Response;

use super::{NEW, RESET_TOKENS, request_reset, sign_in, token_of};
use crate::harness::{
    PASSWORD, TestGateway,
    client::{AUTH, set_cookies},
    eventually,
};

async fn press(gw: &TestGateway, path: &str, fields: &[(&str, &str)]) -> Response {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = gw.anonymous().post(&format!("{AUTH}/reset-password/{path}"));
    request.header("Content-Type", "application/x-www-form-urlencoded").body(body).send().await.unwrap()
}

#[tokio::test]
async fn the_page_of_the_mailed_link_sets_the_password() {
    let gw = TestGateway::start().await;
    let email = gw.verified_user("alice").await;
    request_reset(&gw, &email).await;
    let mail = gw.mail.nth_to(&email, 2).await;
    assert!(mail.text.contains("60 minutes"), "{}", mail.text);
    let (link, token) = (mail.link(), token_of(&mail));
    assert_eq!(link.path(), format!("{AUTH}/reset-password/choose"));
    let path = format!("{}?{}", link.path(), link.query().unwrap());
    for method in [Method::HEAD, Method::GET, Method::OPTIONS] {
        assert!(gw.anonymous().request(method, &path).send().await.unwrap().status().as_u16() < 500);
    }
    let page = gw.anonymous().get(&path).send().await.unwrap();
    let headers = page.headers().clone();
    let value = |name: &str| headers.get(name).map_or("", |value| value.to_str().unwrap());
    assert!(value("cache-control").contains("no-store"), "{headers:?}");
    assert_eq!(value("referrer-policy"), "strict-origin");
    assert!(value("content-security-policy").starts_with("default-src 'none'"), "{headers:?}");
    let page = page.text().await.unwrap();
    for part in [
        "method=\"post\"",
        "type=\"password\"",
        "autocomplete=\"new-password\"",
        "minlength=\"8\"",
        &format!("value=\"{token}\""),
        &format!("action=\"{AUTH}/reset-password/choose\""),
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(!page.contains("alice") && !page.contains("<script") && !page.contains("http"), "{page}");

    let done = press(&gw, "choose", &[("token", &token), ("newPassword", NEW)]).await;
    assert_eq!((done.status().as_u16(), done.url().query()), (200, None));
    assert!(set_cookies(done.headers()).is_empty());
    let done = done.text().await.unwrap();
    assert!(done.contains("href=\"/\"") && !done.contains(&token), "{done}");
    assert_eq!(sign_in(&gw.anonymous(), &email, PASSWORD).await, 401);
    assert_eq!(sign_in(&gw.anonymous(), &email, NEW).await, 200);
}

#[tokio::test]
async fn a_refused_password_is_explained_and_can_be_replaced() {
    let gw = TestGateway::start().await;
    let email = gw.verified_user("quetzalvonk").await;
    request_reset(&gw, &email).await;
    let token = token_of(&gw.mail.nth_to(&email, 2).await);
    let long = "x".repeat(129);
    for (password, reason) in [
        ("1234567", "too short"),
        ("", "too short"),
        (long.as_str(), "too long"),
        ("qwertyuiop", "easy to guess"),
        ("quetzalvonk1", "easy to guess"),
    ] {
        let response = press(&gw, "choose", &[("token", &token), ("newPassword", password)]).await;
        assert_eq!(response.status(), 400);
        let page = response.text().await.unwrap();
        assert!(page.contains(reason) && page.contains(&token), "{reason} in {page}");
        assert!(password.is_empty() || !page.contains(password), "{page}");
    }
    assert_eq!(press(&gw, "choose", &[("token", &token), ("newPassword", NEW)]).await.status(), 200);
}

#[tokio::test]
async fn a_link_that_does_not_work_offers_another() {
    let gw = TestGateway::start().await;
    let email = gw.verified_user("alice").await;
    let unknown = "A".repeat(43);
    for token in [unknown.as_str(), "torn", "", "\"><script>alert(1)</script>"] {
        let response = press(&gw, "choose", &[("token", token), ("newPassword", NEW)]).await;
        assert_eq!(response.status(), 400);
        let page = response.text().await.unwrap();
        assert!(page.contains(&format!("action=\"{AUTH}/reset-password/request\"")), "{page}");
        assert!(!page.contains("<script"), "{page}");
    }
    for asked in [email.as_str(), "nobody@example.com"] {
        let sent = press(&gw, "request", &[("email", asked)]).await;
        assert_eq!(sent.status(), 200);
        assert!(!sent.text().await.unwrap().contains(asked));
    }
    gw.mail.nth_to(&email, 2).await;
    assert_eq!(press(&gw, "request", &[("email", "no address")]).await.status(), 400);
    assert_eq!(gw.db.count(RESET_TOKENS).await, 1);
}

#[tokio::test]
async fn the_forms_need_their_own_pages() {
    let gw = TestGateway::start().await;
    let email = gw.verified_user("alice").await;
    request_reset(&gw, &email).await;
    let token = token_of(&gw.mail.nth_to(&email, 2).await);
    for (path, body) in
        [("choose", format!("token={token}&newPassword=a+long+new+phrase")), ("request", format!("email={email}"))]
    {
        let request = gw.anonymous().request(Method::POST, &format!("{AUTH}/reset-password/{path}"));
        let request = request.header("Content-Type", "application/x-www-form-urlencoded");
        let response = request.header("Origin", "https://evil.example").body(body).send().await.unwrap();
        assert_eq!(response.status(), 403, "{path}");
    }
    assert_eq!(gw.db.count(RESET_TOKENS).await, 1);
    assert_eq!(sign_in(&gw.anonymous(), &email, PASSWORD).await, 200);
}

#[tokio::test]
async fn the_page_shows_nothing_of_its_address_as_markup() {
    let gw = TestGateway::start().await;
    for query in ["token=%22%3E%3Cscript%3Ealert(1)%3C/script%3E", "token=", "", "token=a&token=b"] {
        let response = gw.anonymous().get(&format!("{AUTH}/reset-password/choose?{query}")).send().await.unwrap();
        assert_eq!(response.status(), 200, "{query}");
        assert!(!response.text().await.unwrap().contains("<script"), "{query}");
    }
    let audit_log = "select count(*) from auth.audit_events";
    eventually("nothing in the audit log", async || (gw.db.count(audit_log).await == 0).then_some(())).await;
}
