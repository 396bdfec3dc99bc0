//! HEAD on the auth API: GET's answer without its body, and nothing changes (MAIL-08).

use http::{HeaderMap, Method};
use serde_json::json;

use crate::harness::{
    Client, PASSWORD, TestGateway,
    client::{AUTH, set_cookies},
};

async fn ask(client: &Client, method: Method, path: &str) -> (u16, HeaderMap) {
    let response = client.request(method, path).send().await.unwrap();
    let (status, mut headers) = (response.status().as_u16(), response.headers().clone());
    for name in ["date", "x-request-id", "connection"] {
        headers.remove(name);
    }
    response.bytes().await.unwrap();
    (status, headers)
}

/// Everything that a request could have changed.
async fn state(gw: &TestGateway) -> Vec<String> {
    let mut rows = Vec::new();
    for table in ["users", "sessions", "accounts", "verifications", "audit_events", "rate_limits", "email_changes"] {
        let sql = format!("select coalesce(string_agg(t::text, ';' order by t::text), '') from auth.{table} t");
        let text: String =
            sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&mut gw.db.connect().await).await.unwrap();
        rows.push(text);
    }
    rows
}

#[tokio::test]
async fn every_get_has_its_head() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    for client in [&gw.anonymous(), &*alice] {
        for path in [
            "/ok",
            "/get-session?disableRefresh=1",
            "/me",
            "/list-sessions",
            "/list-accounts",
            "/pending-email-change",
            "/jwks",
            "/openapi.json",
            "/error?error=x",
            "/verify-email?token=x",
            "/verify-email/confirm?token=x",
            "/reset-password/request",
            "/reset-password/choose?token=x",
            "/reset-password/x?callbackURL=/done",
            "/delete-user/confirm?token=x",
            "/change-email/consent?token=x",
            "/change-email/undo?token=x",
        ] {
            let path = format!("{AUTH}{path}");
            let get = ask(client, Method::GET, &path).await;
            assert_eq!(ask(client, Method::HEAD, &path).await, get, "{path}");
            assert!(get.1.contains_key("content-length"), "{path}");
        }
        for path in ["/sign-out", "/sign-in/email", "/nothing"] {
            assert_eq!(ask(client, Method::HEAD, &format!("{AUTH}{path}")).await.0, 404, "{path}");
        }
    }
    // The connection goes on behind an answer that has a length and no body.
    let mut raw = gw.raw().await;
    for _ in 0..2 {
        raw.send(format!("HEAD {AUTH}/ok HTTP/1.1\r\nHost: {}\r\n\r\n", gw.host())).await;
        let response = raw.head_response().await.unwrap();
        assert_eq!((response.status, response.field("Content-Length")), (200, Some("11")));
    }
}

#[tokio::test]
async fn a_head_on_a_mailed_link_uses_nothing_up() {
    let gw = TestGateway::with(json!({ "auth": { "delete_user": { "mailed_confirmation": true } } })).await;
    let email = gw.sign_up("alice").await;
    let verification = gw.mail.to(&email).await.token();
    let before = state(&gw).await;
    for (query, status, location) in [("", 200, None), ("&callbackURL=/done", 302, Some("/done"))] {
        let path = format!("{AUTH}/verify-email?token={verification}{query}");
        for _ in 0..2 {
            let (code, headers) = ask(&gw.anonymous(), Method::HEAD, &path).await;
            assert_eq!(code, status, "{query}");
            assert_eq!(headers.get("location").map(|value| value.to_str().unwrap()), location, "{query}");
        }
    }
    let (code, _) = ask(&gw.anonymous(), Method::HEAD, &format!("{AUTH}/verify-email?token={}", "A".repeat(43))).await;
    assert_eq!(code, 401);
    assert_eq!(state(&gw).await, before);
    assert!(gw.confirm_token(&verification).await.status().as_u16() < 400);

    let alice = gw.sign_in(&email).await;
    gw.db.execute("update auth.sessions set updated_at = now() - interval '2 days'").await;
    assert_eq!(alice.auth("/delete-user", &json!({ "password": PASSWORD })).await.status(), 200);
    let deletion = gw.mail.nth_to(&email, 2).await.token();
    assert_eq!(
        gw.anonymous().auth("/request-password-reset", &json!({ "email": email, "redirectTo": "/r" })).await.status(),
        200
    );
    let reset = gw.mail.nth_to(&email, 3).await.link();
    let before = state(&gw).await;
    for path in [
        format!("{AUTH}/delete-user/callback?token={deletion}"),
        format!("{AUTH}/delete-user/callback?token={deletion}&callbackURL=/bye"),
        format!("{AUTH}/delete-user/confirm?token={deletion}"),
        format!("{}?{}", reset.path(), reset.query().unwrap()),
        reset.path().to_owned(),
        format!("{AUTH}/get-session"),
    ] {
        let (code, headers) = ask(&alice, Method::HEAD, &path).await;
        assert!([200, 302].contains(&code), "{path}: {code}");
        assert!(set_cookies(&headers).is_empty(), "{path}");
    }
    assert_eq!(state(&gw).await, before);
    let (code, _) = ask(&alice, Method::GET, &format!("{AUTH}/delete-user/callback?token={deletion}")).await;
    assert_eq!((code, gw.db.count("select count(*) from auth.users").await), (200, 0));
}
