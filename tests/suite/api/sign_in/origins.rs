//! Who may send a sign-in (CSRF-01, -04; contract §6).

use http::Method;
use serde_json::{Value, json};

use crate::harness::{
    PASSWORD, TestGateway,
    client::{AUTH, expect_problem, set_cookies},
};

async fn send(gw: &TestGateway, fields: &[(&str, &str)], body: &Value) -> reqwest::Response {
    let request = gw.anonymous().request(Method::POST, &format!("{AUTH}/sign-in/email")).json(body);
    fields.iter().fold(request, |request, (name, value)| request.header(*name, *value)).send().await.unwrap()
}

#[tokio::test]
async fn foreign_pages_cannot_sign_anybody_in() {
    let trusted = ["https://www.example.com", "https://*.preview.example.com"];
    let gw = TestGateway::with(json!({ "auth": { "trusted_origins": trusted } })).await;
    let email = gw.verified_user("alice").await;
    let body = json!({ "email": email, "password": PASSWORD });
    for (fields, code) in [
        (&[("Origin", "https://evil.example")][..], "INVALID_ORIGIN"),
        (&[("Origin", "https://www.example.com.evil.test")], "INVALID_ORIGIN"),
        (&[("Origin", "http://www.example.com")], "INVALID_ORIGIN"),
        (&[("Origin", "https://www.example.com:8443")], "INVALID_ORIGIN"),
        (&[("Origin", "https://preview.example.com")], "INVALID_ORIGIN"),
        (&[("Origin", "https://evilpreview.example.com")], "INVALID_ORIGIN"),
        (&[("Origin", "https://evil.example"), ("Cookie", "a=1")], "INVALID_ORIGIN"),
        (&[("Referer", "https://evil.example/page")], "INVALID_ORIGIN"),
        (&[("Origin", "null")], "MISSING_OR_NULL_ORIGIN"),
        (&[("Cookie", "a=1")], "MISSING_OR_NULL_ORIGIN"),
        (&[("Sec-Fetch-Site", "same-site"), ("Sec-Fetch-Mode", "cors")], "MISSING_OR_NULL_ORIGIN"),
        (&[("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate")], "CROSS_SITE_NAVIGATION_LOGIN_BLOCKED"),
    ] {
        let response = send(&gw, fields, &body).await;
        assert!(set_cookies(response.headers()).is_empty(), "{fields:?}");
        let status = response.status();
        assert_eq!(status, 403, "{fields:?}");
        expect_problem(response, 403, code).await;
    }
    assert_eq!(gw.db.count("select count(*) from auth.sessions").await, 0);
}

#[tokio::test]
async fn trusted_pages_and_programs_can() {
    let trusted = ["https://www.example.com", "https://*.preview.example.com"];
    let gw = TestGateway::with(json!({ "auth": { "trusted_origins": trusted } })).await;
    let email = gw.verified_user("alice").await;
    let body = json!({ "email": email, "password": PASSWORD });
    let own = gw.origin().to_owned();
    for fields in [
        &[][..],
        // What fetch of a server-side JavaScript sends.
        &[("Sec-Fetch-Mode", "cors")],
        &[("Origin", own.as_str())],
        &[("Origin", own.as_str()), ("Sec-Fetch-Site", "same-origin"), ("Sec-Fetch-Mode", "cors"), ("Cookie", "a=1")],
        &[("Origin", "https://www.example.com"), ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "cors")],
        &[("Origin", "https://a.b.preview.example.com")],
    ] {
        assert_eq!(send(&gw, fields, &body).await.status(), 200, "{fields:?}");
    }
}
