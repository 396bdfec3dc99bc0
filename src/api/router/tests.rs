//! These tests show how the table responds before any flow runs; none needs a database.

use axum::body::Body;
use http::{Request, Response, header};
use http_body_util::BodyExt;
use serde_json::Value;
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::{
    api::{RequestContext, router::*},
    auth::{DisplayName, RateLimits, fixture::auth_without_database},
    crypto::Keyring,
    pages::{self, PagesContext},
    types::{ClientIp, RequestId, Secret},
};

async fn send(request: http::request::Builder, body: &str) -> (Response<()>, String) {
    send_to(auth_without_database(), request, body).await
}

async fn send_to(auth: Auth, request: http::request::Builder, body: &str) -> (Response<()>, String) {
    let context = RequestContext {
        request_id: RequestId::from_trusted("req-1").unwrap(),
        client_ip: ClientIp::new([192, 0, 2, 1].into()),
        now: OffsetDateTime::UNIX_EPOCH,
        gone: CancellationToken::new(),
    };
    let request = request.extension(context).body(Body::from(body.to_owned())).unwrap();
    let (settings, form_mac) = (auth.settings.clone(), Keyring::new(&[Secret::new("x".repeat(32))]).mac("forms"));
    let api = router(Arc::new(auth), r#"{"keys":[]}"#.to_owned());
    let context = PagesContext { api, settings: pages::Settings::default(), auth: settings, form_mac };
    let (parts, body) = pages::router(context).0.oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    (Response::from_parts(parts, ()), String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn what_is_not_in_the_table_is_a_bare_404() {
    for (method, path) in [
        ("GET", "/api/auth/nothing"),
        ("GET", "/api/auth"),
        ("GET", "/api/auth/"),
        ("GET", "/api/auth/ok/"),
        ("GET", "/api/auth//ok"),
        ("OPTIONS", "/api/auth/sign-in/email"),
        ("GET", "/api/auth/sign-in/email"),
        ("GET", "/api/auth/sign-out"),
        ("PUT", "/api/auth/sign-up/email"),
        ("POST", "/api/auth/get-session"),
        ("DELETE", "/api/auth/verify-email"),
        ("HEAD", "/api/auth/sign-in/email"),
        ("HEAD", "/api/auth/sign-out"),
        ("HEAD", "/api/auth/nothing"),
        ("get", "/api/auth/ok"),
        ("GET", "/ok"),
    ] {
        let (response, body) = send(Request::builder().method(method).uri(path), "").await;
        assert_eq!((response.status().as_u16(), body.as_str()), (404, ""), "{method} {path}");
        assert!(!response.headers().contains_key(header::ALLOW), "{method} {path}");
        assert!(!response.headers().contains_key(header::CONTENT_TYPE), "{method} {path}");
    }
}

#[tokio::test]
async fn head_is_answered_as_get() {
    for path in [
        "/ok",
        "/get-session",
        "/me",
        "/list-sessions",
        "/jwks",
        "/openapi.json",
        "/error?error=access_denied",
        "/verify-email?token=x",
        "/verify-email?token=x&callbackURL=/done",
        "/verify-email/confirm?token=x",
        "/verify-email/confirm?token=x&callbackURL=//evil.example",
        "/reset-password/request",
        "/reset-password/choose?token=x",
        "/reset-password/x?callbackURL=/done",
        "/reset-password/x",
        "/delete-user/confirm",
        "/delete-user/callback?token=x",
        "/change-email/undo",
        "/callback/acme?state=x",
    ] {
        let ask = |method: &str| Request::builder().method(method).uri(format!("/api/auth{path}"));
        let (get, _) = send(ask("GET"), "").await;
        let (head, _) = send(ask("HEAD"), "").await;
        assert_eq!(head.status(), get.status(), "{path}");
        assert_eq!(head.headers(), get.headers(), "{path}");
    }
}

#[tokio::test]
async fn signed_out_answers() {
    let get = |path: &str| Request::get(format!("/api/auth{path}"));
    let (response, body) = send(get("/get-session"), "").await;
    assert_eq!((response.status().as_u16(), body.as_str()), (200, "null"));
    assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
    assert_eq!(response.headers()[header::PRAGMA], "no-cache");
    assert!(!response.headers().contains_key(header::SET_COOKIE));

    let (response, body) = send(get("/me"), "").await;
    assert_eq!(response.status(), 401);
    assert_eq!(response.headers()[header::WWW_AUTHENTICATE], "Bearer");
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((&body["code"], &body["requestId"]), (&"UNAUTHORIZED".into(), &"req-1".into()));

    let (response, body) = send(get("/ok"), "").await;
    assert_eq!((response.status().as_u16(), body.as_str()), (200, r#"{"ok":true}"#));

    let (response, body) = send(get("/jwks"), "").await;
    assert_eq!((response.status().as_u16(), body.as_str()), (200, r#"{"keys":[]}"#));
    assert_eq!(response.headers()[header::CACHE_CONTROL], "public, max-age=300");

    let (response, body) = send(Request::post("/api/auth/sign-out"), "").await;
    assert_eq!((response.status().as_u16(), body.as_str()), (200, r#"{"success":true}"#));
    let cleared = "__Host-authgate_session=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax";
    assert_eq!(response.headers()[header::SET_COOKIE], cleared);

    let verify = Request::post("/api/auth/verify-token").header("content-type", "application/json");
    let (response, body) = send(verify, r#"{"token":"not ours"}"#).await;
    assert_eq!(response.status(), 200);
    assert_eq!(body, r#"{"valid":false,"user":null,"session":null}"#);
}

#[tokio::test]
async fn bad_requests_are_refused_with_a_stable_code() {
    let json = ("content-type", "application/json");
    let cookie = ("cookie", "a=b");
    let good = r#"{"name":"A","email":"a@b.example","password":"correct horse"}"#;
    let with = |field: &str| good.replace('}', &format!(",{field}}}"));
    for (path, headers, body, status, code) in [
        ("/sign-up/email", &[json][..], "{".to_owned(), 400, "BAD_REQUEST"),
        ("/sign-up/email", &[json], "{}".into(), 400, "VALIDATION_ERROR"),
        ("/sign-up/email", &[json], String::new(), 400, "VALIDATION_ERROR"),
        ("/sign-up/email", &[json], good.replace("a@b.example", "a@b"), 400, "INVALID_EMAIL"),
        ("/sign-up/email", &[json], good.replace("correct horse", "short"), 400, "PASSWORD_TOO_SHORT"),
        ("/sign-up/email", &[json], good.replace("correct horse", &"x".repeat(2000)), 400, "PASSWORD_TOO_LONG"),
        ("/sign-up/email", &[json], with(r#""callbackURL":"//evil.example""#), 403, "INVALID_CALLBACK_URL"),
        ("/sign-up/email", &[json], with(r#""callbackURL":7"#), 400, "VALIDATION_ERROR"),
        ("/sign-up/email", &[json], with(r#""name":"B""#), 400, "BAD_REQUEST"),
        ("/sign-up/email", &[("content-type", "text/plain")], good.into(), 415, "UNSUPPORTED_MEDIA_TYPE"),
        ("/sign-up/email", &[], good.into(), 415, "UNSUPPORTED_MEDIA_TYPE"),
        ("/sign-up/email", &[json, ("content-encoding", "gzip")], good.into(), 415, "UNSUPPORTED_MEDIA_TYPE"),
        ("/signup", &[json], " ".repeat(70_000), 413, "PAYLOAD_TOO_LARGE"),
        ("/signup", &[json, ("origin", "https://evil.example")], "{".into(), 403, "INVALID_ORIGIN"),
        ("/signin", &[json, cookie], "{".into(), 403, "MISSING_OR_NULL_ORIGIN"),
        ("/sign-in/email", &[json, ("sec-fetch-mode", "cors")], "{}".into(), 400, "VALIDATION_ERROR"),
        ("/sign-in/email", &[json], r#"{"email":["a@b.example"],"password":"x"}"#.into(), 400, "VALIDATION_ERROR"),
        ("/sign-out", &[cookie], String::new(), 403, "MISSING_OR_NULL_ORIGIN"),
        ("/send-verification-email", &[json], r#"{"email":"x"}"#.into(), 400, "INVALID_EMAIL"),
        ("/verify-token", &[json], r#"{"token":7}"#.into(), 400, "VALIDATION_ERROR"),
    ] {
        let mut request = Request::post(format!("/api/auth{path}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (response, answer) = send(request, &body).await;
        let answer: Value = serde_json::from_str(&answer).unwrap();
        let shown: String = body.chars().take(60).collect();
        assert_eq!((response.status().as_u16(), &answer["code"]), (status, &code.into()), "{path} {shown}");
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/json");
    }
}

#[tokio::test]
async fn the_mailed_links_page_asks_and_acts_on_nothing() {
    let confirm = "/api/auth/verify-email/confirm";
    for query in ["", "?token=abc", "?token=a&token=b", "?token=%00%22%3E%3Cscript%3E&callbackURL=/welcome"] {
        let (response, body) = send(Request::get(format!("{confirm}{query}")), "").await;
        assert_eq!(response.status(), 200, "{query}");
        assert_eq!(response.headers()[header::REFERRER_POLICY], "strict-origin");
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
        assert!(body.contains("<button") && !body.contains("<script"), "{body}");
    }
    let (response, body) = send(Request::get(format!("{confirm}?token=abc&callbackURL=//evil.example")), "").await;
    assert_eq!(response.status(), 403);
    assert!(!body.contains("evil.example"), "{body}");

    let form = ("content-type", "application/x-www-form-urlencoded");
    let post = |path: &str| Request::post(format!("/api/auth/verify-email{path}")).header(form.0, form.1);
    let own_page = post("/confirm").header("sec-fetch-site", "same-origin").header("cookie", "a=b");
    let (response, body) = send(own_page, "token=abc").await;
    assert_eq!(response.status(), 400);
    assert!(body.contains("incomplete") && body.contains(r#"action="/api/auth/verify-email/resend""#), "{body}");
    let (response, _) = send(post("/confirm").header("origin", "https://evil.example"), "token=abc").await;
    assert_eq!(response.status(), 403);
    // Other sites' pages can hide where their forms come from.
    let hidden = post("/confirm").header("origin", "null").header("sec-fetch-site", "same-origin");
    assert_eq!(send(hidden, "token=abc").await.0.status(), 403);
    let (response, _) = send(post("/resend"), "email=nobody").await;
    assert_eq!(response.status(), 400);
}

#[tokio::test]
async fn redirects_of_the_api_stay_within_trusted_origins() {
    let verify = |query: &str| Request::get(format!("/api/auth/verify-email?{query}"));
    let (response, _) = send(verify("token=bad&callbackURL=/done%3Fa=b"), "").await;
    assert_eq!(response.status(), 302);
    assert_eq!(response.headers()[header::LOCATION], "/done?a=b&error=INVALID_TOKEN");
    let (response, body) = send(verify("token=bad"), "").await;
    assert_eq!((response.status().as_u16(), body.contains("INVALID_TOKEN")), (401, true));
    let (response, _) = send(verify("token=bad&callbackURL=//evil.example"), "").await;
    assert_eq!(response.status(), 403);
    assert!(!response.headers().contains_key(header::LOCATION));
    let (response, body) = send(verify("callbackURL=/"), "").await;
    assert_eq!(response.status(), 400);
    assert!(body.contains("[query.token] Invalid input: expected string, received undefined"), "{body}");
}

#[tokio::test]
async fn without_a_database_to_count_in_nothing_is_let_through() {
    for (method, path, body) in [
        ("POST", "/sign-up/email", "{}"),
        ("POST", "/signup", "{}"),
        ("POST", "/sign-in/email", r#"{"email":"a@b.example","password":"correct horse"}"#),
        ("POST", "/verify-token", "{}"),
        ("POST", "/send-verification-email", "{}"),
        ("GET", "/verify-email?token=x", ""),
        ("POST", "/verify-email/confirm", ""),
        ("POST", "/verify-email/resend", ""),
    ] {
        let mut auth = auth_without_database();
        auth.settings.rate_limits = RateLimits::default();
        let request = Request::builder().method(method).uri(format!("/api/auth{path}"));
        let (response, body) = send_to(auth, request.header("content-type", "application/json"), body).await;
        assert_eq!(response.status(), 503, "{path}: {body}");
        assert!(response.headers().contains_key(header::RETRY_AFTER), "{path}");
    }
}

#[tokio::test]
async fn without_a_database_a_session_is_unknown_not_absent() {
    let token = "a".repeat(43);
    let ask = Request::get("/api/auth/get-session").header("cookie", format!("__Host-authgate_session={token}"));
    let (response, body) = send(ask, "").await;
    assert_eq!(response.status(), 503, "{body}");
    assert!(response.headers().contains_key(header::RETRY_AFTER));
    assert!(!response.headers().contains_key(header::SET_COOKIE));
    assert!(body.contains("SERVICE_UNAVAILABLE"), "{body}");
}

/// A client that is generated from the document must not send what is rejected.
#[test]
fn names_may_be_as_long_as_the_document_says() {
    let document = serde_json::to_value(document("/api/auth", "session", &UserFields::default(), |_| true)).unwrap();
    for schema in ["SignUpBody", "UpdateUserBody"] {
        let longest = &document["components"]["schemas"][schema]["properties"]["name"]["maxLength"];
        let longest = usize::try_from(longest.as_u64().expect("it has a limit")).unwrap();
        assert!("x".repeat(longest).parse::<DisplayName>().is_ok(), "{schema}: {longest}");
        assert!("x".repeat(longest + 1).parse::<DisplayName>().is_err(), "{schema}: {longest}");
    }
}

#[test]
fn no_two_operations_share_a_name() {
    let document = serde_json::to_value(document("/api/auth", "session", &UserFields::default(), |_| true)).unwrap();
    let items = document["paths"].as_object().unwrap().values();
    let operations = items.flat_map(|item| item.as_object().unwrap().values());
    let mut names: Vec<&str> = operations.map(|operation| operation["operationId"].as_str().unwrap()).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "{names:?}");
    assert!(names.contains(&"post_sign_in_email") && names.contains(&"get_reset_password_token"), "{names:?}");
}
