//! How the sessions of a browser that keeps several end.

use serde_json::json;

use super::{Browser, active, emails, gateway, handle, kept, switch, with_accounts};
use crate::harness::{
    TestGateway,
    client::{AUTH, expect_problem, set_cookies},
};

async fn end(browser: &mut Browser, email: &str) {
    let handle = handle(browser, email).await;
    let answer = browser.ok("/multi-session/revoke", json!({ "sessionToken": handle })).await;
    assert_eq!(answer, json!({ "status": true }));
}

async fn signed_out(gw: &TestGateway) -> i64 {
    gw.db.count("select count(*) from auth.audit_events where event = 'sign_out'").await
}

#[tokio::test]
async fn the_end_of_the_active_one_makes_another_active() {
    let gw = gateway(json!({})).await;
    let (mut browser, [ada, bob, eve]) = with_accounts(&gw, ["ada", "bob", "eve"]).await;
    end(&mut browser, &ada).await;
    assert_eq!((active(&browser).await, emails(&browser).await), (json!(eve), vec![bob.clone(), eve.clone()]));
    let before = browser.clone();
    end(&mut browser, &eve).await;
    assert_eq!((active(&browser).await, emails(&browser).await), (json!(bob), vec![bob.clone()]));
    assert_eq!(before.client().status("/items").await, 401, "it is over");
    end(&mut browser, &bob).await;
    assert!(!browser.has(gw.cookie_name()) && kept(&browser).is_empty(), "{:?}", browser.cookies.keys());
    assert_eq!(gw.db.count("select count(*) from auth.sessions").await, 0);
    assert_eq!(signed_out(&gw).await, 3);
}

#[tokio::test]
async fn a_sign_out_ends_all_of_the_browser_and_none_elsewhere() {
    let gw = gateway(json!({})).await;
    let (mut browser, [ada, bob]) = with_accounts(&gw, ["ada", "bob"]).await;
    let mut elsewhere = Browser::new(&gw);
    elsewhere.sign_in(&ada).await;
    let before = browser.clone();
    browser.ok("/sign-out", json!({})).await;
    assert!(!browser.has(gw.cookie_name()) && kept(&browser).is_empty());
    assert!(emails(&before).await.is_empty());
    assert_eq!(active(&elsewhere).await, ada);
    assert_eq!(signed_out(&gw).await, 2);
    browser.sign_in(&bob).await;
    assert_eq!(emails(&browser).await, [bob]);
}

#[tokio::test]
async fn what_ended_elsewhere_cannot_be_made_active() {
    let gw = gateway(json!({})).await;
    let (mut browser, [ada, bob]) = with_accounts(&gw, ["ada", "bob"]).await;
    let handle = handle(&browser, &ada).await;
    gw.db
        .execute("delete from auth.sessions where user_id = (select id from auth.users where email like 'ada%')")
        .await;
    assert_eq!(emails(&browser).await, std::slice::from_ref(&bob));
    assert_eq!(kept(&browser).len(), 2);
    let response = browser.auth("/multi-session/set-active", json!({ "sessionToken": handle })).await;
    expect_problem(response, 401, "INVALID_SESSION_TOKEN").await;
    assert_eq!(kept(&browser).len(), 1, "its cookie is cleared");
    assert_eq!(active(&browser).await, bob);
}

/// A browser's cookies beside a bearer token say whose sessions may end, and nothing of what the client goes on with.
#[tokio::test]
async fn with_a_bearer_token_no_session_takes_the_place_of_one_that_ended() {
    let gw = gateway(json!({})).await;
    let (mut browser, [ada, bob]) = with_accounts(&gw, ["ada", "bob"]).await;
    let handle = handle(&browser, &bob).await;
    let token = browser.cookies.remove(gw.cookie_name()).unwrap();
    assert_eq!(handle, token, "it is the active one");
    let request = browser.client().post(&format!("{AUTH}/multi-session/revoke"));
    let request = request.bearer_auth(&token).json(&json!({ "sessionToken": handle }));
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(!response.headers().contains_key("set-auth-token"));
    let cookies = set_cookies(response.headers());
    let [cleared] = &cookies[..] else { panic!("one cookie is cleared: {cookies:?}") };
    assert!(cleared.starts_with("authgate_multi-") && cleared.contains("Max-Age=0"), "{cleared}");
    assert_eq!(gw.anonymous().with_bearer(&token).status("/items").await, 401, "it is over");
    browser.keep(&response);
    assert_eq!(emails(&browser).await, [ada]);
    assert!(!browser.has(gw.cookie_name()));
}

#[tokio::test]
async fn a_banned_account_is_not_listed() {
    let gw = gateway(json!({})).await;
    let (mut browser, [ada, bob]) = with_accounts(&gw, ["ada", "bob"]).await;
    let handle = handle(&browser, &ada).await;
    gw.db.execute("update auth.users set banned_at = now() where email like 'ada%'").await;
    assert_eq!(emails(&browser).await, [bob]);
    let response = browser.auth("/multi-session/set-active", json!({ "sessionToken": handle })).await;
    expect_problem(response, 401, "INVALID_SESSION_TOKEN").await;
}

#[tokio::test]
async fn of_a_hundred_that_end_one_session_one_does() {
    let gw = gateway(json!({})).await;
    let (browser, [ada, bob]) = with_accounts(&gw, ["ada", "bob"]).await;
    let body = json!({ "sessionToken": handle(&browser, &ada).await });
    let requests = (0..100).map(|_| {
        let (client, body) = (browser.client(), body.clone());
        tokio::spawn(async move { client.auth("/multi-session/revoke", &body).await.status().as_u16() })
    });
    for request in requests.collect::<Vec<_>>() {
        let status = request.await.unwrap();
        assert!([200, 401].contains(&status), "{status}");
    }
    assert_eq!(signed_out(&gw).await, 1);
    assert_eq!(active(&browser).await, bob);
}

/// A switch that was decided while the session ended opens nothing.
#[tokio::test]
async fn switches_and_a_sign_out_at_once_leave_nobody_signed_in() {
    let gw = gateway(json!({})).await;
    let (mut browser, [ada, bob]) = with_accounts(&gw, ["ada", "bob"]).await;
    let mut handles = vec![handle(&browser, &bob).await];
    switch(&mut browser, &bob).await;
    handles.push(handle(&browser, &ada).await);
    let mut tasks = Vec::new();
    for n in 0..40 {
        let (mut one, handle) = (browser.clone(), handles[n % 2].clone());
        tasks.push(tokio::spawn(async move {
            if n == 20 {
                one.ok("/sign-out", json!({})).await
            } else {
                let response = one.auth("/multi-session/set-active", json!({ "sessionToken": handle })).await;
                let status = response.status().as_u16();
                assert!([200, 401].contains(&status), "{status}");
                json!(null)
            };
            one
        }));
    }
    let mut browsers = Vec::new();
    for task in tasks {
        browsers.push(task.await.unwrap());
    }
    for one in browsers {
        assert_eq!(one.client().status("/items").await, 401);
    }
    assert_eq!(gw.db.count("select count(*) from auth.sessions").await, 0);
}

/// Two sign-ins at once may leave two sessions of an account, of which one is shown and none outlives a sign-out.
#[tokio::test]
async fn sign_ins_at_once_leave_one_entry_of_each_account() {
    let gw = gateway(json!({})).await;
    let (mut browser, [ada, bob]) = with_accounts(&gw, ["ada", "bob"]).await;
    let tasks = (0..6).map(|n| {
        let (mut one, email) = (browser.clone(), [ada.clone(), bob.clone()][n % 2].clone());
        tokio::spawn(async move {
            one.sign_in(&email).await;
            one
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        browser.cookies.extend(task.await.unwrap().cookies);
    }
    let mut listed = emails(&browser).await;
    listed.sort();
    assert_eq!(listed, [ada, bob]);
    browser.ok("/sign-out", json!({})).await;
    assert_eq!(gw.db.count("select count(*) from auth.sessions").await, 0);
}
