//! Tests the pages of errors: for a browser's navigation, in its language, and for nobody else.

use serde_json::json;

use crate::harness::{TestGateway, client::set_cookies};

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

/// Browsers show the response to a form as they show a page, and a wait is told to programs too.
#[tokio::test]
async fn a_form_that_is_turned_away_gets_a_page() {
    let gw = TestGateway::with(
        json!({ "auth": { "rate_limits": { "password_reset_request": { "limit": 1, "window": "1h" } } } }),
    )
    .await;
    let send = async |accept: &str, mode: &str| {
        let request = gw.anonymous().post("/auth/sign-in").header("Accept", accept).header("Sec-Fetch-Mode", mode);
        let request = request.header("Content-Type", "application/x-www-form-urlencoded");
        request.body("a=".to_owned() + &"x".repeat(70_000)).send().await.unwrap()
    };
    for (accept, mode, kind) in [
        ("text/html,*/*", "navigate", "text/html; charset=utf-8"),
        ("text/html,*/*", "cors", "application/json"),
        ("application/json", "navigate", "application/json"),
    ] {
        let response = send(accept, mode).await;
        assert_eq!((response.status().as_u16(), &response.headers()["content-type"]), (413, &kind.parse().unwrap()));
    }
    assert!(send("text/html", "navigate").await.text().await.unwrap().contains("That is too large"));

    let page = gw.anonymous().get("/auth/forgot-password").send().await.unwrap();
    let cookie = set_cookies(page.headers())[0].split(';').next().unwrap().to_owned();
    let html = page.text().await.unwrap();
    let token = html.split("name=\"form_token\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let ask = async || {
        let request = gw.anonymous().with_cookie(cookie.clone()).post("/auth/forgot-password");
        request.form(&[("email", "a@example.com"), ("form_token", token)]).send().await.unwrap()
    };
    let mut response = ask().await;
    for _ in 0..40 {
        if response.status() == 429 {
            break;
        }
        response = ask().await;
    }
    assert_eq!(response.status(), 429);
    let wait: u64 = response.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=3600).contains(&wait), "{wait}");
}

/// The response to an error keeps what the API said on the way: here that a session is over.
#[tokio::test]
async fn cookies_are_kept_where_a_page_fails() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    gw.db.execute("delete from auth.sessions").await;
    let response = alice.get("/account/settings").send().await.unwrap();
    assert_eq!(
        (response.status().as_u16(), &response.headers()["location"].as_bytes()[..13]),
        (303, &b"/auth/sign-in"[..])
    );
    let cleared = format!("{}=;", gw.cookie_name());
    assert!(set_cookies(response.headers()).iter().any(|line| line.starts_with(&cleared)), "{:?}", response.headers());
}
