//! Proving an address with a code.

use serde_json::{Value, json};

use super::{code, gateway, send, session_client};
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
