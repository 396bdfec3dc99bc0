//! Tests that the forms of the pages act for the browser that was shown them, and for nobody else (CSRF-01, CSRF-05).

use reqwest::{Method, Response};
use serde_json::json;

use crate::harness::{PASSWORD, TestGateway, client::Client};

/// Returns a form's token and the browser's cookie that belongs to it.
async fn shown(client: &Client, path: &str) -> (String, String) {
    let page = client.get(path).send().await.unwrap();
    let cookie = page.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let html = page.text().await.unwrap();
    let token = html.split("name=\"form_token\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    (token.unwrap_or_else(|| panic!("no form in {html}")).to_owned(), cookie)
}

async fn send(gw: &TestGateway, token: &str, headers: &[(&str, &str)]) -> Response {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("email", "alice@example.com")
        .append_pair("password", PASSWORD)
        .append_pair("form_token", token)
        .finish();
    let mut request = gw.anonymous().request(Method::POST, "/auth/sign-in").body(body);
    request = request.header("Content-Type", "application/x-www-form-urlencoded");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

#[tokio::test]
async fn only_the_browser_that_was_shown_a_form_sends_it() {
    let gw = TestGateway::start().await;
    gw.signed_up_user("alice").await;
    let own = gw.origin().to_owned();
    let (token, cookie) = shown(&gw.anonymous(), "/auth/sign-in").await;
    let (_, other) = shown(&gw.anonymous(), "/auth/sign-in").await;
    for headers in [
        &[][..],
        &[("Origin", own.as_str())],
        &[("Origin", own.as_str()), ("Cookie", other.as_str())],
        &[("Origin", "https://evil.example"), ("Cookie", cookie.as_str())],
        &[("Origin", "null"), ("Cookie", cookie.as_str())],
        &[("Origin", own.as_str()), ("Sec-Fetch-Site", "same-site"), ("Cookie", cookie.as_str())],
        &[("Sec-Fetch-Site", "cross-site"), ("Cookie", cookie.as_str())],
    ] {
        let refused = send(&gw, &token, headers).await;
        assert_eq!(refused.status(), 403, "{headers:?}");
        let cookies: Vec<_> = refused.headers().get_all("set-cookie").iter().collect();
        assert!(cookies.iter().all(|line| !line.to_str().unwrap().starts_with("authgate_session=")), "{cookies:?}");
    }
    for wrong in ["", "x", &format!("{token}x"), &token[1..]] {
        let refused = send(&gw, wrong, &[("Origin", own.as_str()), ("Cookie", cookie.as_str())]).await;
        assert_eq!(refused.status(), 403, "{wrong}");
    }
    let signed_in = send(&gw, &token, &[("Origin", own.as_str()), ("Cookie", cookie.as_str())]).await;
    assert_eq!(signed_in.status(), 303);
    assert_eq!(signed_in.headers()["location"], "/");
}

#[tokio::test]
async fn further_hosts_have_forms_of_their_own() {
    let gw = TestGateway::with(json!({ "server": { "hosts": ["tenant.test"] } })).await;
    gw.signed_up_user("alice").await;
    let (token, cookie) = shown(&gw.anonymous(), "/auth/sign-in").await;
    let sent = async |host: &str, origin: &str| {
        let headers = [("Host", host), ("Origin", origin), ("Cookie", cookie.as_str())];
        send(&gw, &token, &headers).await.status().as_u16()
    };
    assert_eq!(sent("tenant.test", "http://tenant.test").await, 303);
    assert_eq!(sent("tenant.test", gw.origin()).await, 303, "the public one is trusted everywhere");
    assert_eq!(sent(gw.host(), "http://tenant.test").await, 403, "not where it was not sent to");
    assert_eq!(sent("tenant.test", "http://tenant.test.evil.example").await, 403);
    assert_eq!(sent("tenant.test", "http://evil.example").await, 403);
    assert_eq!(sent("tenant.test", "tenant.test").await, 403);
}

#[tokio::test]
async fn an_address_with_a_token_is_told_to_nobody() {
    let gw = TestGateway::start().await;
    for (path, policy) in [("/auth/reset-password?token=x", "strict-origin"), ("/auth/sign-in", "same-origin")] {
        let page = gw.anonymous().get(path).send().await.unwrap();
        assert_eq!(page.headers()["referrer-policy"], policy, "{path}");
    }
}

#[tokio::test]
async fn looking_at_pages_changes_nothing() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    for path in ["/auth/sign-out", "/auth/sign-in", "/auth/language", "/account/settings", "/auth/sign-in/google"] {
        let page = alice.get(path).send().await.unwrap();
        assert!([200, 303, 404].contains(&page.status().as_u16()), "{path}: {}", page.status());
    }
    assert_eq!(alice.status("/items").await, 200, "alice is still signed in");
    assert!(gw.upstream.requests().iter().all(|request| request.target() == "/items"));
}

#[tokio::test]
async fn whoever_sent_a_form_too_often_reads_one_time_to_try_again() {
    let limits = json!({ "sign_in": { "limit": 1, "window": "15m" } });
    let gw = TestGateway::with(json!({ "auth": { "rate_limits": limits } })).await;
    let (token, cookie) = shown(&gw.anonymous(), "/auth/sign-in").await;
    let headers = [("Origin", gw.origin()), ("Cookie", cookie.as_str())];
    assert_eq!(send(&gw, &token, &headers).await.status(), 401);
    let limited = send(&gw, &token, &headers).await;
    assert_eq!(limited.status(), 429);
    let html = limited.text().await.unwrap();
    assert!(html.contains("Too many attempts. Try again in 15 minutes."), "{html}");
}
