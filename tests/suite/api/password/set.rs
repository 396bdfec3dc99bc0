//! `POST /set-password`, for accounts without one.

use serde_json::{Value, json};

use super::{NEW, reset, reset_token, sign_in};
use crate::harness::{TestGateway, client::expect_problem};

#[tokio::test]
async fn an_account_without_a_password_gets_one_once() {
    let gw = TestGateway::start().await;
    let social = gw.insert_user("social", &[]).await;
    let token = reset_token(&gw, &social.email, 1).await;
    let body = json!({ "newPassword": NEW });
    let response = social.auth("/set-password", &body).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.json::<Value>().await.unwrap(), json!({ "status": true }));
    assert_eq!(sign_in(&gw.anonymous(), &social.email, NEW).await, 200);
    assert_eq!(social.status("/items").await, 200);
    let problem = expect_problem(social.auth("/set-password", &body).await, 400, "PASSWORD_ALREADY_SET").await;
    assert_eq!(problem.message, "User already has a password set");
    let mail = gw.mail.nth_to(&social.email, 2).await;
    assert!(mail.subject.contains("password"), "{}", mail.subject);
    expect_problem(reset(&gw, &token, "yet another phrase").await, 400, "INVALID_TOKEN").await;
    assert_eq!(gw.db.count("select count(*) from auth.audit_events where event = 'password_set'").await, 1);
}

#[tokio::test]
async fn it_needs_a_fresh_session_and_a_good_password() {
    let gw = TestGateway::start().await;
    let social = gw.insert_user("social", &[]).await;
    for (password, code) in [("1234567", "PASSWORD_TOO_SHORT"), ("social12345", "PASSWORD_TOO_COMMON")] {
        expect_problem(social.auth("/set-password", &json!({ "newPassword": password })).await, 400, code).await;
    }
    let body = json!({ "newPassword": NEW });
    expect_problem(gw.anonymous().auth("/set-password", &body).await, 401, "UNAUTHORIZED").await;
    gw.db.execute("update auth.sessions set created_at = now() - interval '25 hours'").await;
    expect_problem(social.auth("/set-password", &body).await, 403, "SESSION_NOT_FRESH").await;
    assert_eq!(gw.db.count("select count(*) from auth.accounts").await, 0);
}
