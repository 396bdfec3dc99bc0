//! The cookies that keep several sessions: what they are for, how long they last, and who sees them.

use serde_json::{Value, json};

use super::{Browser, active, emails, gateway, kept, listed, switch, with_accounts};
use crate::harness::{
    PASSWORD, TestGateway,
    client::{AUTH, expect_problem, set_cookies},
};

/// Returns the lines of an answer that set cookies of this name.
fn lines(response: &reqwest::Response, begin: &str) -> Vec<String> {
    set_cookies(response.headers()).into_iter().filter(|cookie| cookie.starts_with(begin)).collect()
}

#[tokio::test]
async fn they_are_no_credential() {
    let gw = gateway(json!({})).await;
    let (mut browser, _) = with_accounts(&gw, ["ada", "bob"]).await;
    browser.cookies.remove(gw.cookie_name());
    for path in ["/items", "/api/auth/me", "/api/auth/token", "/api/auth/list-sessions"] {
        assert_eq!(browser.client().status(path).await, 401, "{path}");
    }
    assert_eq!(active(&browser).await, Value::Null);
    let token = browser.cookies[kept(&browser)[0]].clone();
    let revoked = browser.auth("/multi-session/revoke", json!({ "sessionToken": token })).await;
    expect_problem(revoked, 401, "UNAUTHORIZED").await;
    // They are there to make a session the active one again.
    assert_eq!(listed(&browser).await.len(), 2);
    browser.ok("/multi-session/set-active", json!({ "sessionToken": token })).await;
    assert_eq!(browser.client().status("/items").await, 200);
}

#[tokio::test]
async fn the_upstream_sees_none_of_them() {
    let gw = gateway(json!({})).await;
    let (browser, _) = with_accounts(&gw, ["ada", "bob"]).await;
    // Where it is off again, browsers hold them still.
    for gw in [&gw, &gw.replica_with(json!({ "auth": { "multi_session": { "enabled": false } } })).await] {
        let cookies = browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
        let client = gw.anonymous().with_cookie(format!("theme=dark; {}; authgate_multiple=1", cookies.join("; ")));
        for path in ["/items", "/public/x"] {
            assert_eq!(client.status(path).await, 200);
            assert_eq!(gw.upstream.last().all("Cookie"), ["theme=dark; authgate_multiple=1"], "{path}");
        }
    }
}

/// Another host of the domain can set cookies for this one, and hides no session from its owner by that.
#[tokio::test]
async fn made_up_ones_hide_none() {
    let gw = gateway(json!({})).await;
    let (mut browser, [ada, bob]) = with_accounts(&gw, ["ada", "bob"]).await;
    for n in 10..70 {
        // They come before the real ones, whose names begin with the time.
        browser.cookies.insert(format!("authgate_multi-0000{n}"), format!("{n}{}", "x".repeat(41)));
    }
    browser.cookies.insert("authgate_multi-00000".to_owned(), "short".to_owned());
    assert_eq!(kept(&browser).len(), 63);
    assert!(kept(&browser)[..61].iter().all(|name| name.starts_with("authgate_multi-0000")));
    assert_eq!(emails(&browser).await, [ada.clone(), bob.clone()]);
    let before = browser.clone();
    switch(&mut browser, &ada).await;
    assert_eq!(active(&browser).await, ada);
    browser.ok("/sign-out", json!({})).await;
    assert!(browser.cookies.keys().all(|name| !name.starts_with("authgate_multi-")), "{:?}", browser.cookies.keys());
    assert_eq!(gw.db.count("select count(*) from auth.sessions").await, 0);
    assert!(emails(&before).await.is_empty());
}

#[tokio::test]
async fn they_last_as_their_sessions_can() {
    let gw = gateway(json!({})).await;
    let (ada, bob) = (gw.verified_user("ada").await, gw.verified_user("bob").await);
    let mut browser = Browser::new(&gw);
    for (email, remember, max_age) in [(&ada, true, Some("; Max-Age=2592000;")), (&bob, false, None)] {
        let body = json!({ "email": email, "password": PASSWORD, "rememberMe": remember });
        let response = browser.auth("/sign-in/email", body).await;
        let [line] = &lines(&response, "authgate_multi-")[..] else { panic!("one cookie keeps it") };
        assert!(line.contains("; Path=/; HttpOnly; SameSite=Lax"), "{line}");
        match max_age {
            Some(max_age) => assert!(line.contains(max_age), "{line}"),
            None => assert!(!line.contains("Max-Age"), "it goes with the browser: {line}"),
        }
    }
    // Switching to a session follows how it was opened, whatever was chosen for the others.
    for (email, is_remembered) in [(&ada, true), (&bob, false)] {
        let handle = super::handle(&browser, email).await;
        let response = browser.auth("/multi-session/set-active", json!({ "sessionToken": handle })).await;
        let [line] = &lines(&response, gw.cookie_name())[..] else { panic!("one session cookie") };
        assert_eq!(line.contains("Max-Age="), is_remembered, "{line}");
    }
}

#[tokio::test]
async fn their_names_have_the_prefix_of_the_session_cookie() {
    let gw = gateway(json!({ "server": { "public_url": "https://app.example.com" } })).await;
    let email = gw.verified_user("ada").await;
    let response = gw.anonymous().auth("/sign-in/email", &json!({ "email": email, "password": PASSWORD })).await;
    let [line] = &lines(&response, "__Host-authgate_multi-")[..] else { panic!("one cookie keeps it") };
    assert!(line.contains("; Secure;") && !line.contains("Domain"), "{line}");
}

#[tokio::test]
async fn a_new_token_is_kept_too() {
    let gw = gateway(json!({})).await;
    let (mut browser, [ada, bob]) = with_accounts(&gw, ["ada", "bob"]).await;
    let before = browser.cookies.clone();
    let body = json!({ "currentPassword": PASSWORD, "newPassword": "another long pass phrase" });
    browser.ok("/change-password", body).await;
    assert_ne!(before[gw.cookie_name()], browser.cookies[gw.cookie_name()]);
    assert_eq!(emails(&browser).await, [ada.clone(), bob.clone()]);
    switch(&mut browser, &ada).await;
    switch(&mut browser, &bob).await;
    // With all others ended it is a new session.
    let body = json!({
        "currentPassword": "another long pass phrase", "newPassword": PASSWORD, "revokeOtherSessions": true,
    });
    browser.ok("/change-password", body).await;
    assert_eq!(emails(&browser).await, [ada, bob]);
    assert_eq!(kept(&browser).len(), 2);
}

#[tokio::test]
async fn a_session_from_before_is_kept_from_the_first_switch_on() {
    let gw = TestGateway::start().await;
    let (mut before, [ada]) = with_accounts(&gw, ["ada"]).await;
    let gw = gw.replica_with(json!({ "auth": { "multi_session": { "enabled": true } } })).await;
    let (other, [bob]) = with_accounts(&gw, ["bob"]).await;
    let name = kept(&other)[0];
    before.cookies.insert(name.to_owned(), other.cookies[name].clone());
    let mut browser = Browser::new(&gw);
    browser.cookies = before.cookies;
    assert_eq!(emails(&browser).await, [ada.clone(), bob.clone()]);
    switch(&mut browser, &bob).await;
    assert_eq!(emails(&browser).await, [ada.clone(), bob]);
    switch(&mut browser, &ada).await;
    assert_eq!(active(&browser).await, ada);
}

#[tokio::test]
async fn a_page_of_another_site_switches_and_ends_nothing() {
    let gw = gateway(json!({})).await;
    let (browser, [ada, bob]) = with_accounts(&gw, ["ada", "bob"]).await;
    let handle = super::handle(&browser, &ada).await;
    for path in ["/multi-session/set-active", "/multi-session/revoke"] {
        let request = browser.client().request(http::Method::POST, &format!("{AUTH}{path}"));
        let request = request.header("Origin", "https://evil.example").json(&json!({ "sessionToken": handle }));
        assert_eq!(request.send().await.unwrap().status(), 403, "{path}");
    }
    assert_eq!(emails(&browser).await, [ada, bob.clone()]);
    assert_eq!(active(&browser).await, bob);
}
