//! Setting a new password with a code.

use serde_json::{Value, json};

use super::{assert_one_won, code, gateway, hundred, send, sign_in};
use crate::harness::{
    Client, PASSWORD,
    client::{expect_problem, set_cookies},
};

const NEW: &str = "violet tractor ninety seven";

async fn reset(client: &Client, email: &str, otp: &str, password: &str) -> reqwest::Response {
    let body = json!({ "email": email, "otp": otp, "password": password });
    client.auth("/email-otp/reset-password", &body).await
}

#[tokio::test]
async fn a_code_sets_a_new_password_once_and_ends_every_session() {
    let gw = gateway(json!({})).await;
    let alice = gw.signed_up_user("alice").await;
    let asked = gw.anonymous().auth("/email-otp/request-password-reset", &json!({ "email": alice.email })).await;
    assert_eq!(asked.json::<Value>().await.unwrap(), json!({ "success": true }));
    let otp = code(&gw, &alice.email, 2).await;
    for (password, code) in [("short", "PASSWORD_TOO_SHORT"), ("alice@example.com", "PASSWORD_TOO_COMMON")] {
        expect_problem(reset(&gw.anonymous(), &alice.email, &otp, password).await, 400, code).await;
    }
    let response = reset(&gw.anonymous(), &alice.email, &otp, NEW).await;
    assert_eq!(response.status(), 200, "what is not taken uses no code up");
    assert!(set_cookies(response.headers()).iter().all(|cookie| !cookie.contains("_session=")));
    assert_eq!(alice.status("/items").await, 401);
    expect_problem(reset(&gw.anonymous(), &alice.email, &otp, NEW).await, 400, "INVALID_OTP").await;
    for (password, status) in [(PASSWORD, 401), (NEW, 200)] {
        let body = json!({ "email": alice.email, "password": password });
        assert_eq!(gw.anonymous().auth("/sign-in/email", &body).await.status(), status);
    }
    gw.mail.about("was changed", &alice.email).await;
}

#[tokio::test]
async fn it_proves_the_address_and_ends_what_others_put_there() {
    let gw = gateway(json!({})).await;
    let email = gw.sign_up("alice").await;
    let old = json!({ "email": email, "type": "forget-password" });
    assert_eq!(gw.anonymous().auth("/email-otp/send-verification-otp", &old).await.status(), 200);
    let otp = code(&gw, &email, 2).await;
    assert_eq!(reset(&gw.anonymous(), &email, &otp, NEW).await.status(), 200);
    assert_eq!(gw.db.count("select count(*) from auth.users where email_verified").await, 1);
    let body = json!({ "email": email, "password": NEW });
    assert_eq!(gw.anonymous().auth("/sign-in/email", &body).await.status(), 200);
}

#[tokio::test]
async fn unknown_addresses_are_answered_alike() {
    let gw = gateway(json!({})).await;
    let email = gw.verified_user("alice").await;
    let mut answers = Vec::new();
    for email in [email.as_str(), "nobody@example.com"] {
        let path =
            if email.starts_with("alice") { "/email-otp/request-password-reset" } else { "/forget-password/email-otp" };
        let asked = gw.anonymous().auth(path, &json!({ "email": email })).await;
        let mut codes = vec![asked.status().to_string()];
        for _ in 0..4 {
            codes.push(crate::harness::problem(reset(&gw.anonymous(), email, "000000", NEW).await).await.code);
        }
        answers.push(codes);
    }
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn a_code_to_sign_in_outlives_the_reset_and_one_to_reset_does_not() {
    let gw = gateway(json!({})).await;
    let email = gw.verified_user("alice").await;
    send(&gw.anonymous(), &email, "forget-password").await;
    let otp = code(&gw, &email, 2).await;
    let link = json!({ "email": email });
    gw.anonymous().auth("/request-password-reset", &link).await;
    let token = gw.mail.nth_to(&email, 3).await.token();
    let body = json!({ "token": token, "newPassword": NEW });
    assert_eq!(gw.anonymous().auth("/reset-password", &body).await.status(), 200);
    expect_problem(reset(&gw.anonymous(), &email, &otp, PASSWORD).await, 400, "INVALID_OTP").await;
    expect_problem(sign_in(&gw.anonymous(), &email, &otp).await, 400, "INVALID_OTP").await;
}

#[tokio::test]
async fn one_of_a_hundred_uses_of_a_code_wins() {
    let plenty = json!({ "limit": 10000, "window": "1m" });
    let limits = json!({ "password_reset": plenty, "sign_in_address": plenty, "email_code": plenty });
    let gw = gateway(json!({ "auth": { "rate_limits": limits } })).await;
    let email = gw.verified_user("alice").await;
    send(&gw.anonymous(), &email, "forget-password").await;
    let otp = code(&gw, &email, 2).await;
    let statuses = hundred(|| {
        let (client, email, otp) = (gw.anonymous(), email.clone(), otp.clone());
        async move { reset(&client, &email, &otp, NEW).await }
    });
    assert_one_won(&statuses.await);
    let resets = "select count(*) from auth.audit_events where event = 'password_reset' and outcome = 'success'";
    assert_eq!(gw.db.count(resets).await, 1);
}
