//! Every way in counts, and a second factor comes before the session is there to be kept.

use serde_json::json;

use super::{Browser, active, emails, gateway, kept, with_accounts};
use crate::{
    api::{email_codes, magic_links, two_factor::enable},
    harness::{PASSWORD, TestGateway},
};

#[tokio::test]
async fn sign_ups_codes_links_and_names_are_kept() {
    let on = json!({ "enabled": true });
    let ways = json!({
        "username": on, "email_otp": on, "magic_link": on, "email_verification": { "required": false },
    });
    let gw = gateway(json!({ "auth": ways })).await;
    let mut browser = Browser::new(&gw);
    let body = json!({ "name": "Ada", "email": "ada@example.com", "password": PASSWORD, "username": "ada" });
    browser.ok("/sign-up/email", body).await;
    browser.ok("/email-otp/send-verification-otp", json!({ "email": "bob@example.com", "type": "sign-in" })).await;
    let otp = email_codes::code(&gw, "bob@example.com", 1).await;
    browser.ok("/sign-in/email-otp", json!({ "email": "bob@example.com", "otp": otp })).await;
    let token = magic_links::token(&gw, json!({ "email": "eve@example.com", "callbackURL": "/welcome" }), 1).await;
    let pressed = magic_links::press(&browser.client(), &token).await;
    browser.keep(&pressed);
    assert_eq!(pressed.status(), 303);
    assert_eq!(emails(&browser).await, ["ada@example.com", "bob@example.com", "eve@example.com"]);
    browser.ok("/sign-in/username", json!({ "username": "ada", "password": PASSWORD })).await;
    assert_eq!(emails(&browser).await, ["bob@example.com", "eve@example.com", "ada@example.com"]);
    assert_eq!(active(&browser).await, "ada@example.com");
    assert_eq!(gw.db.count("select count(*) from auth.sessions").await, 3);
}

#[tokio::test]
async fn a_second_factor_is_proved_before_the_session_is_kept() {
    let gw = gateway(json!({})).await;
    let (mut browser, [bob]) = with_accounts(&gw, ["bob"]).await;
    let ada = gw.verified_user("ada").await;
    let (mut elsewhere, app) = enable(&gw, &ada).await;
    elsewhere.ok("/sign-out", json!({})).await;
    browser.begin_sign_in(&ada).await;
    assert_eq!(emails(&browser).await, std::slice::from_ref(&bob), "who was there stays");
    assert_eq!(browser.client().status("/items").await, 401, "and is not active while the code is asked for");
    browser.ok("/two-factor/verify-totp", json!({ "code": app.code_of(0) })).await;
    assert_eq!(emails(&browser).await, [bob.clone(), ada.clone()]);
    assert_eq!((active(&browser).await, kept(&browser).len()), (json!(ada), 2));
    // A sign-in that waits for its code ends the session of the same account, as without this.
    browser.begin_sign_in(&ada).await;
    assert_eq!(emails(&browser).await, [bob]);
    assert_eq!(gw.db.count("select count(*) from auth.sessions").await, 1);
}

#[tokio::test]
async fn clients_with_bearer_tokens_hold_one_session_as_ever() {
    let gw: TestGateway = gateway(json!({})).await;
    let (ada, bob) = (gw.signed_up_user("ada").await, gw.verified_user("bob").await);
    let client = gw.anonymous().with_bearer(&ada.token);
    assert_eq!(client.auth("/sign-in/email", &json!({ "email": bob, "password": PASSWORD })).await.status(), 200);
    assert_eq!(client.status("/items").await, 401, "a sign-in ends the former session");
}
