//! `email_verification.auto_sign_in`: the proof signs the browser in that signed up, and no other.

use serde_json::{Value, json};

use super::browsers::{EMAIL, FOREIGN, OWN, newest, sign_up};
use crate::harness::{
    Client, TestGateway,
    client::{AUTH, set_cookies},
};

async fn gateway() -> TestGateway {
    TestGateway::with(json!({ "auth": { "email_verification": { "auto_sign_in": true } } })).await
}

const SESSIONS: &str = "select count(*) from auth.sessions";

/// The session cookie of an answer, as a client sends it.
fn session_of(gw: &TestGateway, headers: &http::HeaderMap) -> Option<Client> {
    let cookies = set_cookies(headers);
    let cookie = cookies.iter().find(|cookie| cookie.starts_with(&format!("{}=", gw.cookie_name())))?;
    Some(gw.anonymous().with_cookie(cookie.split(';').next().unwrap().to_owned()))
}

#[tokio::test]
async fn the_browser_that_signed_up_is_signed_in_by_the_page() {
    let gw = gateway().await;
    let owner = sign_up(&gw, "Ada", OWN).await;
    let done = owner.confirm(&[("token", &newest(&gw, 1).await)]).await;
    assert!(done.status().as_u16() < 400);
    let signed_in = session_of(&gw, done.headers()).expect("a session cookie");
    assert_eq!(signed_in.session().await["user"]["email"], EMAIL);
    assert_eq!(signed_in.status("/items").await, 200);
    assert_eq!(gw.db.count("select count(*) from auth.audit_events where event = 'sign_in'").await, 1);
}

#[tokio::test]
async fn whoever_did_not_want_to_be_remembered_is_not() {
    let gw = gateway().await;
    let body = json!({ "name": "Ada", "email": EMAIL, "password": OWN, "rememberMe": false });
    let response = gw.anonymous().auth("/sign-up/email", &body).await;
    let owner = gw.anonymous().with_cookie(crate::harness::user::sign_up_cookie(&response).unwrap());
    let done = owner.confirm(&[("token", &newest(&gw, 1).await)]).await;
    let cookie = set_cookies(done.headers()).into_iter().find(|cookie| cookie.contains("authgate_session=")).unwrap();
    assert!(!cookie.contains("Max-Age") && !cookie.contains("Expires"), "it goes with the browser: {cookie}");
    assert_eq!(gw.db.count("select count(*) from auth.sessions where not remember").await, 1);
}

#[tokio::test]
async fn the_clients_own_call_signs_it_in_too() {
    let gw = gateway().await;
    let owner = sign_up(&gw, "Ada", OWN).await;
    let path = format!("{AUTH}/verify-email?token={}", newest(&gw, 1).await);
    let done = owner.get(&path).send().await.unwrap();
    let signed_in = session_of(&gw, done.headers()).expect("a session cookie");
    assert_eq!(done.json::<Value>().await.unwrap(), json!({ "status": true, "user": null }));
    assert_eq!(signed_in.session().await["user"]["emailVerified"], true);
}

#[tokio::test]
async fn it_replaces_the_session_of_another_account() {
    let gw = gateway().await;
    let alice = gw.insert_user("alice", &[]).await;
    let body = json!({ "name": "Ada", "email": EMAIL, "password": OWN });
    let response = gw.anonymous().auth("/sign-up/email", &body).await;
    let sign_up = crate::harness::user::sign_up_cookie(&response).unwrap();
    let both = format!("{}={}; {sign_up}", gw.cookie_name(), alice.token);
    let done = gw.anonymous().with_cookie(both).confirm(&[("token", &newest(&gw, 1).await)]).await;
    assert!(session_of(&gw, done.headers()).is_some());
    assert_eq!(alice.status("/items").await, 401, "as with any sign-in");
}

#[tokio::test]
async fn no_other_browser_is() {
    let gw = gateway().await;
    let stranger = sign_up(&gw, "Mallory", FOREIGN).await;
    let token = newest(&gw, 1).await;
    let elsewhere = gw.anonymous().confirm(&[("token", &token), ("password", OWN)]).await;
    assert!(elsewhere.status().as_u16() < 400);
    assert!(session_of(&gw, elsewhere.headers()).is_none());
    assert!(elsewhere.text().await.unwrap().contains("Sign in</a>"), "the page leads to where one can");
    assert_eq!(gw.db.count(SESSIONS).await, 0);
    // The stranger who signed up with the address, and brings what they chose afterwards, gets nothing for it.
    for path in ["/verify-email", "/verify-email/confirm"] {
        let again = stranger.get(&format!("{AUTH}{path}?token={token}")).send().await.unwrap();
        assert!(session_of(&gw, again.headers()).is_none(), "{path}");
    }
    assert_eq!(gw.db.count(SESSIONS).await, 0);
}

#[tokio::test]
async fn another_addresss_sign_up_does_not_count() {
    let gw = gateway().await;
    sign_up(&gw, "Ada", OWN).await;
    let body = json!({ "name": "Eve", "email": "eve@example.com", "password": FOREIGN });
    let response = gw.anonymous().auth("/sign-up/email", &body).await;
    let eve = gw.anonymous().with_cookie(crate::harness::user::sign_up_cookie(&response).unwrap());
    let done = eve.get(&format!("{AUTH}/verify-email?token={}", newest(&gw, 1).await)).send().await.unwrap();
    assert_eq!(done.status(), 200);
    assert!(session_of(&gw, done.headers()).is_none());
}

#[tokio::test]
async fn by_default_nobody_is() {
    let gw = TestGateway::start().await;
    let owner = sign_up(&gw, "Ada", OWN).await;
    let done = owner.confirm(&[("token", &newest(&gw, 1).await)]).await;
    assert!(session_of(&gw, done.headers()).is_none());
    assert_eq!(gw.db.count(SESSIONS).await, 0);
}
