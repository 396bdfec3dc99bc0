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
