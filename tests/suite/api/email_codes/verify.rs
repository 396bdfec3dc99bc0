//! Proving an address with a code.

use serde_json::{Value, json};

use super::{assert_one_won, code, gateway, hundred, send, session_client};
use crate::harness::{
    Client, PASSWORD,
    client::{assert_user, expect_problem, set_cookies},
    user::sign_up_cookie,
};

const EMAIL: &str = "ada@example.com";

async fn sign_up(client: &Client, password: &str) -> String {
    let body = json!({ "name": "Ada", "email": EMAIL, "password": password });
    let response = client.auth("/sign-up/email", &body).await;
    assert_eq!(response.status(), 200);
    sign_up_cookie(&response).unwrap()
}

async fn verify(client: &Client, otp: &str) -> reqwest::Response {
    client.auth("/email-otp/verify-email", &json!({ "email": EMAIL, "otp": otp })).await
}

#[tokio::test]
async fn a_code_proves_the_address_once_and_signs_nobody_in() {
    let gw = gateway(json!({})).await;
    let browser = gw.anonymous().with_cookie(sign_up(&gw.anonymous(), PASSWORD).await);
    send(&browser, EMAIL, "email-verification").await;
    let otp = code(&gw, EMAIL, 2).await;
    let response = verify(&browser, &otp).await;
    assert_eq!(response.status(), 200);
    assert!(set_cookies(response.headers()).iter().all(|cookie| !cookie.contains("_session=")));
    let answer: Value = response.json().await.unwrap();
    assert_eq!((&answer["status"], &answer["token"]), (&json!(true), &Value::Null));
    assert_user(&answer["user"], EMAIL, "Ada");
    assert_eq!(answer["user"]["emailVerified"], true);
    expect_problem(verify(&browser, &otp).await, 400, "INVALID_OTP").await;
    gw.sign_in(EMAIL).await;
}

#[tokio::test]
async fn where_that_is_configured_the_browser_that_signed_up_is_signed_in() {
    let gw = gateway(json!({ "auth": { "email_verification": { "auto_sign_in": true } } })).await;
    let browser = gw.anonymous().with_cookie(sign_up(&gw.anonymous(), PASSWORD).await);
    send(&browser, EMAIL, "email-verification").await;
    let response = verify(&browser, &code(&gw, EMAIL, 2).await).await;
    let ada = session_client(&gw, &response).expect("a session");
    let answer: Value = response.json().await.unwrap();
    assert!(answer["token"].is_string(), "{answer}");
    assert_eq!(ada.status("/items").await, 200);
}

#[tokio::test]
async fn a_password_that_somebody_else_chose_does_not_outlive_the_proof() {
    let gw = gateway(json!({})).await;
    sign_up(&gw.anonymous(), "the stranger's own words").await;
    send(&gw.anonymous(), EMAIL, "email-verification").await;
    assert_eq!(verify(&gw.anonymous(), &code(&gw, EMAIL, 2).await).await.status(), 200);
    let body = json!({ "email": EMAIL, "password": "the stranger's own words" });
    expect_problem(gw.anonymous().auth("/sign-in/email", &body).await, 401, "INVALID_EMAIL_OR_PASSWORD").await;
}

#[tokio::test]
async fn a_proved_address_gets_a_code_at_its_owners_wish_only() {
    let gw = gateway(json!({})).await;
    let alice = gw.signed_up_user("alice").await;
    send(&gw.anonymous(), &alice.email, "email-verification").await;
    send(&gw.anonymous(), "nobody@example.com", "email-verification").await;
    send(&alice, &alice.email, "email-verification").await;
    code(&gw, &alice.email, 2).await;
    assert_eq!((gw.mail.all_to(&alice.email).len(), gw.mail.all_to("nobody@example.com").len()), (2, 0));
}

#[tokio::test]
async fn one_of_a_hundred_uses_of_a_code_wins() {
    let plenty = json!({ "limit": 10000, "window": "1m" });
    let gw = gateway(json!({ "auth": { "rate_limits": { "sign_in_address": plenty, "email_code": plenty } } })).await;
    let browser = gw.anonymous().with_cookie(sign_up(&gw.anonymous(), PASSWORD).await);
    send(&browser, EMAIL, "email-verification").await;
    let otp = code(&gw, EMAIL, 2).await;
    let statuses = hundred(|| {
        let (client, otp) = (browser.clone(), otp.clone());
        async move { verify(&client, &otp).await }
    });
    assert_one_won(&statuses.await);
    let proofs = "select count(*) from auth.audit_events where event = 'email_verified' and outcome = 'success'";
    assert_eq!(gw.db.count(proofs).await, 1);
}

/// Each mail is counted by what it is for; one that nobody gets is not.
#[tokio::test]
async fn what_is_mailed_is_counted() {
    let gw = gateway(json!({ "auth": { "magic_link": { "enabled": true }, "sign_up": { "mode": "closed" } } })).await;
    gw.insert_user("ada", &[]).await;
    for email in [EMAIL, "nobody@example.com"] {
        send(&gw.anonymous(), email, "sign-in").await;
        send(&gw.anonymous(), email, "forget-password").await;
        let asked = gw.anonymous().auth("/sign-in/magic-link", &json!({ "email": email })).await;
        assert_eq!(asked.status(), 200);
    }
    let metrics = gw.metrics().await;
    for (kind, count) in
        [("sign-in", 1), ("forget-password", 1), ("magic-link", 1), ("email-verification", 0), ("change-email", 0)]
    {
        let line = format!("authgate_mailed_secrets_total{{kind=\"{kind}\"}} {count}\n");
        assert!(metrics.contains(&line), "{line}");
    }
}
