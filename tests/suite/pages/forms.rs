//! Tests that the forms of the pages act for the browser that was shown them, and for nobody else (CSRF-01, CSRF-05).

use reqwest::{Method, Response};
use serde_json::json;

use crate::harness::{
    PASSWORD, Reply, TestGateway, User,
    client::{AUTH, Client, set_cookies},
};

/// Returns a form's token and the browser's cookie that belongs to it.
async fn shown(client: &Client, path: &str) -> (String, String) {
    let page = client.get(path).send().await.unwrap();
    let cookie = page.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    (token_in(&page.text().await.unwrap()), cookie)
}

fn token_in(html: &str) -> String {
    let token = html.split("name=\"form_token\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    token.unwrap_or_else(|| panic!("no form in {html}")).to_owned()
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
async fn what_is_said_twice_or_by_another_page_counts_for_nothing() {
    let gw = TestGateway::start().await;
    gw.signed_up_user("alice").await;
    let own = gw.origin().to_owned();
    let (token, cookie) = shown(&gw.anonymous(), "/auth/sign-in").await;
    let (_, other) = shown(&gw.anonymous(), "/auth/sign-in").await;
    let (two, twice) = (format!("{cookie}; {other}"), format!("{cookie}; {cookie}"));
    let page = format!("{own}/auth/sign-in");
    for (headers, status) in [
        (&[("Origin", own.as_str()), ("Cookie", two.as_str())][..], 403),
        (&[("Origin", &own), ("Origin", &own), ("Cookie", &cookie)], 403),
        (&[("Origin", &own), ("Origin", "https://evil.example"), ("Cookie", &cookie)], 403),
        (
            &[
                ("Origin", &own),
                ("Sec-Fetch-Site", "same-origin"),
                ("Sec-Fetch-Site", "cross-site"),
                ("Cookie", &cookie),
            ],
            403,
        ),
        (&[("Referer", "https://evil.example/"), ("Cookie", &cookie)], 403),
        (&[("Referer", &page), ("Referer", &page), ("Cookie", &cookie)], 403),
        (&[("Origin", &own.replacen("http:", "https:", 1)), ("Cookie", &cookie)], 403),
        (&[("Referer", &page), ("Cookie", &cookie)], 303),
        (&[("Cookie", &twice)], 303),
    ] {
        assert_eq!(send(&gw, &token, headers).await.status(), status, "{headers:?}");
    }
}

#[tokio::test]
async fn further_hosts_have_forms_where_their_origin_is_trusted() {
    for is_trusted in [false, true] {
        let origins = if is_trusted { vec!["http://tenant.test"] } else { Vec::new() };
        let config = json!({ "server": { "hosts": ["tenant.test"] }, "auth": { "trusted_origins": origins } });
        let gw = TestGateway::with(config).await;
        gw.signed_up_user("alice").await;
        let (token, cookie) = shown(&gw.anonymous(), "/auth/sign-in").await;
        let sent = async |host: &str, origin: &str| {
            let headers = [("Host", host), ("Origin", origin), ("Cookie", cookie.as_str())];
            send(&gw, &token, &headers).await
        };
        let response = sent("tenant.test", "http://tenant.test").await;
        assert_eq!(response.status(), if is_trusted { 303 } else { 403 });
        let text = response.text().await.unwrap();
        let tells = text.contains("add http://tenant.test to auth.trusted_origins") && text.contains(gw.origin());
        assert_eq!(tells, !is_trusted, "{text}");
        // The API decides by the same origin.
        let body = json!({ "email": "alice@example.com", "password": PASSWORD });
        let request = gw.anonymous().request(Method::POST, &format!("{AUTH}/sign-in/email")).json(&body);
        let request = request.header("Host", "tenant.test").header("Origin", "http://tenant.test");
        assert_eq!(request.send().await.unwrap().status(), if is_trusted { 200 } else { 403 });
        for (host, origin, status) in [
            ("tenant.test", gw.origin(), 303),
            (gw.host(), "http://tenant.test", 403),
            ("tenant.test", "https://tenant.test", 403),
            ("tenant.test", "http://tenant.test.evil.example", 403),
            ("tenant.test", "http://evil.example", 403),
            ("tenant.test", "tenant.test", 403),
        ] {
            assert_eq!(sent(host, origin).await.status(), status, "{host} {origin} {is_trusted}");
        }
    }
}

/// Nothing that was typed as one account happens to another: the page asks, and keeps all but passwords.
#[tokio::test]
async fn a_form_is_for_the_session_that_it_was_shown_to() {
    let gw = TestGateway::start().await;
    let (alice, bob) = (gw.signed_up_user("alice").await, gw.signed_up_user("bob").await);
    let session = |user: &User| format!("{}={}", gw.cookie_name(), user.token);
    let form = async |cookie: &str, fields: &[(&str, &str)]| {
        let request = gw.anonymous().with_cookie(cookie).post("/account/settings").form(fields);
        request.send().await.unwrap()
    };
    let (_, browser) = shown(&gw.anonymous(), "/auth/sign-in").await;
    let as_alice = format!("{browser}; {}", session(&alice));
    let as_bob = format!("{browser}; {}", session(&bob));
    let page = gw.anonymous().with_cookie(as_alice.clone()).get("/account/settings").send().await.unwrap();
    let token = token_in(&page.text().await.unwrap());
    let fields = [("name", "Typed Anew"), ("password", "not-shown"), ("form_token", token.as_str())];
    for other in [as_bob.as_str(), browser.as_str()] {
        let stale = form(other, &fields).await;
        assert_eq!(stale.status(), 403);
        let html = stale.text().await.unwrap();
        assert!(html.contains("Somebody signed in or out meanwhile") && html.contains("Typed Anew"), "{html}");
        assert!(!html.contains("not-shown") && !html.contains(&token), "{html}");
        assert!(html.contains("action=\"/account/settings\""), "{html}");
    }
    assert_eq!(bob.session().await["user"]["name"], "bob");
    let html = form(&as_bob, &fields).await.text().await.unwrap();
    let again = form(&as_bob, &[("name", "Typed Anew"), ("form_token", &token_in(&html))]).await;
    assert_eq!(again.status(), 303, "whoever sends it once more means it");
    assert_eq!(bob.session().await["user"]["name"], "Typed Anew");
    assert_eq!(form(&as_alice, &fields).await.status(), 303);

    // A proof that is asked for in between writes no password down either.
    gw.db.execute("update auth.sessions set created_at = now() - interval '2 days', proved_at = null").await;
    let fields = [("email", "new@example.com"), ("current", "not-shown"), ("form_token", token.as_str())];
    let request = gw.anonymous().with_cookie(as_alice).post("/account/settings/email").form(&fields);
    let html = request.send().await.unwrap().text().await.unwrap();
    assert!(html.contains("name=\"proof\"") && html.contains("new@example.com"), "{html}");
    assert!(!html.contains("not-shown"), "{html}");
}

/// No upstream sees or sets what forms belong to. The chosen language is for apps to read.
#[tokio::test]
async fn upstreams_have_nothing_to_do_with_forms() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    let cookies = "authgate_form=a; __Host-authgate_form=b; authgate_language=de; theme=dark";
    let cookies = format!("{cookies}; {}={}", gw.cookie_name(), alice.token);
    let set = ["authgate_form=x; Path=/", "__Host-authgate_form=x", "authgate_language=fr", "theme=light"];
    gw.upstream.reply("/items", Reply::with_fields(&set.map(|line| ("set-cookie", line)), "ok"));
    let response = gw.anonymous().with_cookie(cookies).get("/items").send().await.unwrap();
    assert_eq!(set_cookies(response.headers()), ["theme=light"]);
    assert_eq!(gw.upstream.last().field("cookie"), Some("authgate_language=de; theme=dark"));
}

#[tokio::test]
async fn an_address_with_a_token_is_told_to_nobody() {
    let gw = TestGateway::start().await;
    for (path, policy) in [
        ("/auth/reset-password?token=x", "strict-origin"),
        ("/auth/sign-up?invitation=x", "strict-origin"),
        ("/auth/sign-in", "same-origin"),
    ] {
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
