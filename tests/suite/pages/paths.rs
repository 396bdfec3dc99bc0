//! Tests which paths are the pages'.

use serde_json::json;

use crate::harness::TestGateway;

#[tokio::test]
async fn what_lies_below_the_pages_is_never_forwarded() {
    let gw = TestGateway::with(json!({ "pages": { "enabled": true } })).await;
    let alice = gw.signed_up_user("alice").await;
    for path in ["/auth", "/auth/sign-in", "/auth/no/such/page", "/account", "/auth;x/sign-in", "/account/settings/"] {
        let status = alice.get(path).send().await.unwrap().status();
        assert!(status != 200 || path == "/auth/sign-in", "{path}: {status}");
    }
    assert!(gw.upstream.requests().is_empty(), "{:?}", gw.upstream.requests());
    for (path, to) in [("/auth/", "/auth/sign-in"), ("/account/", "/account/settings")] {
        let led = alice.get(path).send().await.unwrap();
        assert_eq!((led.status().as_u16(), led.headers()["location"].to_str().unwrap()), (303, to), "{path}");
    }
    let opened = gw.anonymous().get("/items?a=1").header("Accept", "text/html").send().await.unwrap();
    assert_eq!(opened.status(), 302);
    assert_eq!(opened.headers()["location"], "/auth/sign-in?redirect=%2Fitems%3Fa%3D1");
}

#[tokio::test]
async fn pages_of_ones_own_take_their_place() {
    let gw = TestGateway::with(json!({ "auth": { "sign_in_page": "/public/sign-in" } })).await;
    let opened = gw.anonymous().get("/items").header("Accept", "text/html").send().await.unwrap();
    assert_eq!(opened.headers()["location"], "/public/sign-in?callbackURL=%2Fitems");
    let alice = gw.signed_up_user("alice").await;
    assert_eq!(alice.get("/auth/sign-in").send().await.unwrap().status(), 200, "it is the app's");
    assert_eq!(gw.upstream.last().target(), "/auth/sign-in");
}
