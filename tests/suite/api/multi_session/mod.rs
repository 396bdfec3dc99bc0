//! Several accounts in one browser: kept, listed, switched between and ended.

mod cookies;
mod ends;
mod ways_in;

use serde_json::{Value, json};

use super::two_factor::Browser;
use crate::harness::{
    PASSWORD, TestGateway,
    client::{assert_user, expect_problem},
    gateway::merge,
};

async fn gateway(changes: Value) -> TestGateway {
    let mut config = json!({ "auth": { "multi_session": { "enabled": true } } });
    merge(&mut config, &changes);
    TestGateway::with(config).await
}

/// Returns the sessions that a browser is told of.
async fn listed(browser: &Browser) -> Vec<Value> {
    let response = browser.get("/multi-session/list-device-sessions").await;
    assert_eq!(response.status(), 200);
    response.json().await.unwrap()
}

async fn emails(browser: &Browser) -> Vec<String> {
    listed(browser).await.iter().map(|entry| entry["user"]["email"].as_str().unwrap().to_owned()).collect()
}

/// Returns what the list names the session of a user.
async fn handle(browser: &Browser, email: &str) -> String {
    let listed = listed(browser).await;
    let entry = listed.iter().find(|entry| entry["user"]["email"] == email).unwrap();
    entry["session"]["token"].as_str().unwrap().to_owned()
}

/// Makes the session of a user the active one.
async fn switch(browser: &mut Browser, email: &str) -> Value {
    let handle = handle(browser, email).await;
    browser.ok("/multi-session/set-active", json!({ "sessionToken": handle })).await
}

async fn active(browser: &Browser) -> Value {
    browser.client().session().await["user"]["email"].clone()
}

/// Returns the names of the cookies that keep sessions.
fn kept(browser: &Browser) -> Vec<&str> {
    browser.cookies.keys().map(String::as_str).filter(|name| name.starts_with("authgate_multi-")).collect()
}

/// Returns a browser that is signed in to these accounts, the last of which is active.
async fn with_accounts<const N: usize>(gw: &TestGateway, names: [&str; N]) -> (Browser, [String; N]) {
    let mut browser = Browser::new(gw);
    let mut emails = names.map(str::to_owned);
    for email in &mut emails {
        *email = gw.verified_user(email).await;
        browser.sign_in(email).await;
    }
    (browser, emails)
}

#[tokio::test]
async fn a_browser_keeps_two_accounts_and_switches_between_them() {
    let gw = gateway(json!({})).await;
    let (mut browser, [ada, bob]) = with_accounts(&gw, ["ada", "bob"]).await;
    assert_eq!(active(&browser).await, bob);
    let list = listed(&browser).await;
    assert_eq!(list.len(), 2);
    assert_user(&list[0]["user"], &ada, "ada");
    assert_user(&list[1]["user"], &bob, "bob");
    assert_eq!(list[0]["session"]["token"], list[0]["session"]["id"], "a handle that opens nothing");
    assert_eq!(list[1]["session"]["token"], browser.cookies[gw.cookie_name()], "the active one's own");

    let answer = switch(&mut browser, &ada).await;
    assert_user(&answer["user"], &ada, "ada");
    assert_eq!(answer["session"]["token"], browser.cookies[gw.cookie_name()]);
    assert_eq!((active(&browser).await, browser.client().status("/items").await), (json!(ada), 200));
    assert_eq!(gw.upstream.last().field("X-User-Email"), Some(ada.as_str()));
    assert_eq!(emails(&browser).await, [ada.clone(), bob.clone()]);
    // The token of a session names it too.
    let token = browser.cookies[kept(&browser)[1]].clone();
    browser.ok("/multi-session/set-active", json!({ "sessionToken": token })).await;
    assert_eq!(active(&browser).await, bob);
    assert_eq!(gw.db.count("select count(*) from auth.audit_events where event = 'session_activated'").await, 2);
    assert_eq!(gw.db.count("select count(*) from auth.sessions").await, 2);
}

#[tokio::test]
async fn it_is_not_there_unless_it_is_configured() {
    let gw = TestGateway::start().await;
    let (browser, _) = with_accounts(&gw, ["ada", "bob"]).await;
    assert!(kept(&browser).is_empty());
    assert_eq!(gw.db.count("select count(*) from auth.sessions").await, 1, "a sign-in ends the former session");
    assert_eq!(browser.get("/multi-session/list-device-sessions").await.status(), 404);
    for path in ["/multi-session/set-active", "/multi-session/revoke"] {
        assert_eq!(browser.client().auth(path, &json!({ "sessionToken": "x" })).await.status(), 404);
    }
}

#[tokio::test]
async fn another_session_of_the_same_account_takes_the_place_of_the_first() {
    let gw = gateway(json!({})).await;
    let (mut browser, [ada, bob]) = with_accounts(&gw, ["ada", "bob"]).await;
    let former = kept(&browser)[0].to_owned();
    browser.sign_in(&ada).await;
    assert!(!browser.has(&former), "its cookie is cleared");
    assert_eq!(kept(&browser).len(), 2);
    assert_eq!(gw.db.count("select count(*) from auth.sessions").await, 2, "the older one is over");
    assert_eq!(emails(&browser).await, [bob, ada.clone()]);
    assert_eq!(active(&browser).await, ada);
    // The same holds for the account that is active.
    browser.sign_in(&ada).await;
    assert_eq!(gw.db.count("select count(*) from auth.sessions").await, 2);
    assert_eq!(kept(&browser).len(), 2);
}

#[tokio::test]
async fn a_full_browser_gives_the_place_of_the_active_session_to_the_next() {
    let gw = gateway(json!({ "auth": { "multi_session": { "max": 2 } } })).await;
    let (mut browser, [ada, bob]) = with_accounts(&gw, ["ada", "bob"]).await;
    let eve = gw.verified_user("eve").await;
    browser.sign_in(&eve).await;
    assert_eq!(emails(&browser).await, [ada.clone(), eve.clone()]);
    assert_eq!(gw.db.count("select count(*) from auth.sessions").await, 2);
    switch(&mut browser, &ada).await;
    browser.sign_in(&bob).await;
    assert_eq!(emails(&browser).await, [eve, bob]);
    assert_eq!(kept(&browser).len(), 2, "what is over has no cookie");
}

#[tokio::test]
async fn a_sign_up_in_a_full_browser_takes_the_place_of_the_active_session() {
    let auth = json!({ "multi_session": { "max": 2 }, "email_verification": { "required": false } });
    let gw = gateway(json!({ "auth": auth })).await;
    let mut browser = Browser::new(&gw);
    for name in ["ada", "bob", "eve"] {
        let body = json!({ "name": name, "email": format!("{name}@example.com"), "password": PASSWORD });
        browser.ok("/sign-up/email", body).await;
    }
    assert_eq!(emails(&browser).await, ["ada@example.com", "eve@example.com"]);
    assert_eq!(active(&browser).await, "eve@example.com");
    assert_eq!(gw.db.count("select count(*) from auth.sessions").await, 2);
    switch(&mut browser, "ada@example.com").await;
    assert_eq!(emails(&browser).await, ["ada@example.com", "eve@example.com"], "what has a cookie is kept");
    assert_eq!(kept(&browser).len(), 2, "what is over has no cookie");
}

#[tokio::test]
async fn a_switch_in_a_full_browser_keeps_no_further_session() {
    for (max, is_kept) in [(2, false), (3, true)] {
        let gw = gateway(json!({ "auth": { "multi_session": { "max": max } } })).await;
        let (mut browser, [ada, bob]) = with_accounts(&gw, ["ada", "bob"]).await;
        let (elsewhere, [eve]) = with_accounts(&gw, ["eve"]).await;
        // It is the active one and has no cookie beside that.
        let session = elsewhere.cookies[gw.cookie_name()].clone();
        browser.cookies.insert(gw.cookie_name().to_owned(), session);
        assert_eq!(active(&browser).await, eve);
        assert_eq!((emails(&browser).await.len(), kept(&browser).len()), (3, 2));
        switch(&mut browser, &ada).await;
        let expected = if is_kept { vec![ada.clone(), bob, eve] } else { vec![ada.clone(), bob] };
        assert_eq!((emails(&browser).await, kept(&browser).len()), (expected.clone(), expected.len()));
        assert_eq!(active(&browser).await, ada);
        assert_eq!(elsewhere.client().status("/items").await == 200, is_kept, "what is not kept is over");
        let ended = gw.db.count("select count(*) from auth.audit_events where event = 'sign_out'").await;
        assert_eq!(ended, i64::from(!is_kept));
    }
}

#[tokio::test]
async fn without_cookies_there_is_nothing_to_list() {
    let gw = gateway(json!({})).await;
    let mut browser = Browser::new(&gw);
    assert_eq!(listed(&browser).await, [Value::Null; 0]);
    let forged = "authgate_multi-1".to_owned();
    browser.cookies.insert(forged, "x".repeat(43));
    let response = browser.get("/multi-session/list-device-sessions").await;
    browser.keep(&response);
    assert_eq!(response.json::<Value>().await.unwrap(), json!([]));
    assert!(browser.cookies.is_empty(), "a cookie that opens nothing is taken");
}

#[tokio::test]
async fn nobody_names_a_session_whose_cookie_they_do_not_hold() {
    let gw = gateway(json!({})).await;
    let (mut browser, _) = with_accounts(&gw, ["ada"]).await;
    let (stranger, [bob]) = with_accounts(&gw, ["bob"]).await;
    let id = handle(&stranger, &bob).await;
    let token = stranger.cookies[kept(&stranger)[0]].clone();
    let name = kept(&stranger)[0].strip_prefix("authgate_multi-").unwrap().to_owned();
    for path in ["/multi-session/set-active", "/multi-session/revoke"] {
        for named in [&id, &token, &name, "nothing"] {
            let response = browser.auth(path, json!({ "sessionToken": named })).await;
            expect_problem(response, 401, "INVALID_SESSION_TOKEN").await;
        }
        // Nor with a cookie that says another session than its token opens, or with the right name and no token.
        for (cookie, value) in
            [(kept(&browser)[0].replacen("multi-", "multi-0", 1), &token), (format!("authgate_multi-{name}"), &name)]
        {
            let mut forged = browser.clone();
            forged.cookies.insert(cookie, value.clone());
            let response = forged.auth(path, json!({ "sessionToken": token })).await;
            expect_problem(response, 401, "INVALID_SESSION_TOKEN").await;
        }
    }
    assert_eq!(active(&stranger).await, bob);
    let missing = browser.auth("/multi-session/set-active", json!({})).await;
    expect_problem(missing, 400, "VALIDATION_ERROR").await;
}
