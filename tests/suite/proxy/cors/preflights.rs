//! Preflights are answered before anything is looked up (CORS-02).

use http::Method;

use super::{EVIL, FRONTEND, all, assert_readable, assert_unreadable, config, gateway};
use crate::harness::{
    Client, Setup,
    client::{AUTH, expect_problem},
};

async fn ask(client: &Client, path: &str, origin: &str, method: &str) -> reqwest::Response {
    client
        .request(Method::OPTIONS, path)
        .header("Origin", origin)
        .header("Access-Control-Request-Method", method)
        .header("Access-Control-Request-Headers", "content-type,x-app,x-user-id")
        .send()
        .await
        .unwrap()
}

#[tokio::test]
async fn trusted_pages_are_answered_alike_for_every_path() {
    let gw = gateway().await;
    for path in ["/items", "/admin/x", "/public/x", "/nowhere", &format!("{AUTH}/sign-in/email"), &format!("{AUTH}/x")]
    {
        for method in ["POST", "DELETE"] {
            let response = ask(&gw.anonymous(), path, FRONTEND, method).await;
            assert_eq!(response.status(), 204, "{path}");
            assert_readable(&response, FRONTEND, path);
            let headers = response.headers().clone();
            // The auth API knows two methods; elsewhere the route judges the request itself.
            let methods = if path.starts_with(AUTH) { "GET, POST" } else { method };
            assert_eq!(all(&headers, "access-control-allow-methods"), [methods], "{path}");
            let allowed = all(&headers, "access-control-allow-headers").join(",");
            for name in ["content-type", "authorization", "x-api-key", "x-app", "x-user-id"] {
                assert!(allowed.contains(name), "{path}: {allowed}");
            }
            assert_eq!(all(&headers, "access-control-max-age"), ["600"], "{path}");
            assert!(response.bytes().await.unwrap().is_empty(), "{path}");
        }
    }
    gw.assert_upstream_untouched("preflights").await;
}

#[tokio::test]
async fn a_header_that_is_dropped_keeps_no_page_from_the_rest() {
    let gw = gateway().await;
    let alice = gw.insert_user("alice", &[]).await;
    for name in [
        "x-request-id",
        "x-user-agent",
        "x-forwarded-for",
        "x-forwarded-host",
        "x_app",
        "my_tenant",
        "x-real-ip",
        "X-User-Id",
    ] {
        let asked = gw
            .anonymous()
            .request(Method::OPTIONS, "/items")
            .header("Origin", FRONTEND)
            .header("Access-Control-Request-Method", "GET")
            .header("Access-Control-Request-Headers", format!("{name},x-app"));
        let response = asked.send().await.unwrap();
        assert_eq!(response.status(), 204, "{name}");
        let allowed = all(response.headers(), "access-control-allow-headers").join(",");
        let allowed: Vec<&str> = allowed.split(',').map(str::trim).collect();
        assert!(allowed.contains(&&*name.to_ascii_lowercase()) && allowed.contains(&"x-app"), "{name}: {allowed:?}");

        let sent =
            alice.request(Method::GET, "/items").header("Origin", FRONTEND).header(name, "forged").header("X-App", "1");
        assert_eq!(sent.send().await.unwrap().status(), 200, "{name}");
        let arrived = gw.upstream.last();
        assert!(!arrived.all(name).contains(&"forged"), "{name}");
        assert_eq!(arrived.field("X-App"), Some("1"), "{name}");
    }
}

#[tokio::test]
async fn other_pages_are_refused() {
    let gw = gateway().await;
    for origin in EVIL {
        for path in ["/items", "/public/x", "/nowhere", &format!("{AUTH}/sign-in/email")] {
            let response = ask(&gw.anonymous(), path, origin, "POST").await;
            assert_unreadable(&response, &format!("{origin} {path}"));
            expect_problem(response, 403, "INVALID_ORIGIN").await;
        }
    }
    gw.assert_upstream_untouched("preflights").await;
}

#[tokio::test]
async fn no_database_is_asked() {
    let gw = Setup::new(config()).start().await;
    gw.db.execute("drop schema auth cascade").await;
    for path in ["/items", &format!("{AUTH}/sign-in/email")] {
        assert_eq!(ask(&gw.anonymous(), path, FRONTEND, "POST").await.status(), 204, "{path}");
    }
    assert!(gw.metric("authgate_session_check_duration_seconds_count").await < 1.0);
}

#[tokio::test]
async fn other_options_requests_are_requests_like_any() {
    let gw = gateway().await;
    let alice = gw.insert_user("alice", &[]).await;
    let options = |client: &Client, path: &str| client.request(Method::OPTIONS, path).header("Origin", FRONTEND).send();
    assert_eq!(options(&gw.anonymous(), "/items").await.unwrap().status(), 401);
    assert_eq!(options(&alice, "/items").await.unwrap().status(), 200);
    assert_eq!(gw.upstream.last().method(), "OPTIONS");
    let response = options(&alice, &format!("{AUTH}/sign-in/email")).await.unwrap();
    assert_eq!(response.status(), 404);
    let response = ask(&gw.anonymous(), "/items", FRONTEND, "TRACE").await;
    assert_eq!(response.status(), 401, "no page can send TRACE, so this is no preflight");
}
