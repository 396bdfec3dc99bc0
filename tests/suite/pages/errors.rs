//! Tests the pages of errors: for a browser's navigation, in its language, and for nobody else.

use serde_json::json;

use crate::harness::TestGateway;

/// Is a path for a role that the user does not have.
const CLOSED: &str = "/admin/x";

#[tokio::test]
async fn a_browser_that_navigates_gets_a_page_and_everybody_else_json() {
    let gw = TestGateway::with(json!({ "pages": { "languages": ["en", "de"], "name": "Acme" } })).await;
    let alice = gw.signed_up_user("alice").await;
    let page = alice.get(CLOSED).header("Accept", "text/html").send().await.unwrap();
    assert_eq!(page.status(), 403);
    assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
    assert!(page.headers()["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
    let id = page.headers()["x-request-id"].to_str().unwrap().to_owned();
    let html = page.text().await.unwrap();
    assert!(html.contains("You may not see this page") && html.contains(&id) && html.contains("Acme"), "{html}");
    let page = alice.get(CLOSED).header("Accept", "text/html").header("Accept-Language", "de-AT");
    let html = page.send().await.unwrap().text().await.unwrap();
    assert!(html.contains("Diese Seite ist für Sie gesperrt") && html.contains("<html lang=\"de\">"), "{html}");
    for accept in ["application/json", "*/*"] {
        let answer = alice.get(CLOSED).header("Accept", accept).send().await.unwrap();
        assert_eq!(answer.headers()["content-type"], "application/json", "{accept}");
    }
    let fetched = alice.get(CLOSED).header("Accept", "text/html").header("Sec-Fetch-Mode", "cors");
    assert_eq!(fetched.send().await.unwrap().headers()["content-type"], "application/json");
}

#[tokio::test]
async fn a_page_says_what_can_be_done_and_is_kept_to_itself() {
    let changes = json!({
        "upstreams": { "gone": { "servers": ["http://127.0.0.1:1"] } },
        "routes": [{ "name": "gone", "match": { "path": "/gone/**" }, "upstream": "gone", "access": "public" }],
    });
    let gw = TestGateway::with(changes).await;
    let (stranger, alice) = (gw.anonymous(), gw.insert_user("alice", &[]).await);
    // Strangers do not learn which paths there are.
    for (client, path, status, says, link) in [
        (&stranger, "/nothing/here", 401, "Please sign in", Some("<a href=\"/auth/sign-in\">Sign in</a>")),
        (&*alice, "/nothing/here", 404, "There is no such page", None),
        (&stranger, "/gone/x?a=1&b=2", 502, "does not respond", Some("<a href=\"/gone/x?a=1&#38;b=2\">Try again</a>")),
    ] {
        let page = client.get(path).header("Accept", "text/html").send().await.unwrap();
        assert_eq!(page.status(), status, "{path}");
        for (name, value) in [
            ("referrer-policy", "same-origin"),
            ("x-frame-options", "DENY"),
            ("x-content-type-options", "nosniff"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(page.headers()[name], value, "{path}");
        }
        assert_eq!(page.headers().get_all("cache-control").iter().count(), 1, "{path}");
        let html = page.text().await.unwrap();
        assert!(html.contains(says), "{html}");
        let links = ["Sign in</a>", "Try again</a>"].iter().filter(|text| html.contains(**text)).count();
        assert_eq!(links, usize::from(link.is_some()), "{html}");
        assert!(link.is_none_or(|link| html.contains(link)), "{html}");
    }
}
