//! A stranger's passkeys do not outlive the proof of whose the account is.

use serde_json::json;

use super::{Browser, with_passkey};
use crate::harness::{PASSWORD, TestGateway, authenticator::Ceremony};

/// SESS-14: whoever signed up with somebody else's address leaves no key behind.
#[tokio::test]
async fn who_proves_the_address_inherits_no_passkey() {
    let gw = TestGateway::with(json!({ "auth": { "email_verification": { "required": false } } })).await;
    let email = gw.sign_up("ada").await;
    let mut thief = Browser::new(&gw);
    thief.sign_in(&email).await;
    let passkey = thief.add_passkey(&gw).await;
    gw.anonymous().auth("/send-verification-email", &json!({ "email": email })).await;
    let mail = gw.mail.about("Confirm your e-mail address", &email).await;
    // In another browser than the one that signed up.
    let answer = gw.anonymous().confirm(&[("token", &mail.token()), ("password", PASSWORD)]).await;
    assert!(answer.status().as_u16() < 400, "{}", answer.status());
    assert_eq!(gw.db.count("select count(*) from auth.passkeys").await, 0);
    let options = thief.sign_in_options().await;
    let response = passkey.assert(&Ceremony::sign_in(&options, gw.origin()));
    let refused = thief.refusal("/passkey/verify-authentication", &response).await;
    assert_eq!(refused, (401, "PASSKEY_NOT_FOUND".to_owned()));
}

#[tokio::test]
async fn passkeys_go_with_their_user() {
    let gw = TestGateway::start().await;
    let (mut browser, _, _) = with_passkey(&gw, "ada").await;
    browser.ok("/delete-user", json!({ "password": PASSWORD })).await;
    assert_eq!(gw.db.count("select count(*) from auth.passkeys").await, 0);
    assert_eq!(gw.db.count("select count(*) from auth.passkey_users").await, 0);
}
