//! Each code works once, whoever sends it how often (TOTP-02, TOTP-03).

use serde_json::{Value, json};

use super::{
    Browser,
    browser::{forget_codes, with_app},
    mailed_codes::newest_code,
};
use crate::harness::{Client, TestGateway, client::expect_problem};

async fn generous() -> TestGateway {
    let many = json!({ "limit": 10_000, "window": "1m" });
    TestGateway::with(json!({ "auth": { "rate_limits": { "two_factor": many, "sign_in": many } } })).await
}

/// Sends a hundred requests at once and counts those that succeed.
async fn winners(clients: &[Client], path: &str, body: &Value) -> usize {
    let requests = (0..100).map(|n| {
        let client = clients[n % clients.len()].clone();
        let (path, body) = (path.to_owned(), body.clone());
        tokio::spawn(async move { client.auth(&path, &body).await.status() == 200 })
    });
    let mut won = 0;
    for request in requests.collect::<Vec<_>>() {
        won += usize::from(request.await.unwrap());
    }
    won
}

#[tokio::test]
async fn a_code_is_taken_once_and_none_before_it_any_more() {
    let gw = generous().await;
    let (browser, app, email) = with_app(&gw, "ada").await;
    let (now, before, next) = (app.code_of(0), app.code_of(-1), app.code_of(1));
    let mut first = Browser::new(&gw);
    first.begin_sign_in(&email).await;
    first.ok("/two-factor/verify-totp", json!({ "code": now })).await;
    let mut second = Browser::new(&gw);
    second.begin_sign_in(&email).await;
    for code in [&now, &before] {
        expect_problem(second.auth("/two-factor/verify-totp", json!({ "code": code })).await, 401, "INVALID_CODE")
            .await;
    }
    // A session takes it no more than the way to one did.
    let in_session = browser.client().auth("/two-factor/verify-totp", &json!({ "code": now })).await;
    expect_problem(in_session, 401, "INVALID_CODE").await;
    second.ok("/two-factor/verify-totp", json!({ "code": next })).await;
}

#[tokio::test]
async fn a_code_of_two_minutes_ago_is_none() {
    let gw = generous().await;
    let (_, app, email) = with_app(&gw, "ada").await;
    let mut browser = Browser::new(&gw);
    browser.begin_sign_in(&email).await;
    for steps in [-4, -3, 3] {
        let body = json!({ "code": app.code_of(steps) });
        expect_problem(browser.auth("/two-factor/verify-totp", body).await, 401, "INVALID_CODE").await;
    }
}

#[tokio::test]
async fn of_a_hundred_with_one_code_one_wins() {
    let gw = generous().await;
    let (browser, app, _) = with_app(&gw, "ada").await;
    let token = browser.cookies[gw.cookie_name()].clone();
    let client = gw.anonymous().with_bearer(&token);
    assert_eq!(winners(&[client], "/two-factor/verify-totp", &json!({ "code": app.code_of(0) })).await, 1);
}

#[tokio::test]
async fn of_a_hundred_with_one_code_in_ten_sign_ins_one_wins() {
    let gw = generous().await;
    let (_, app, email) = with_app(&gw, "ada").await;
    let mut clients = Vec::new();
    for _ in 0..10 {
        let mut browser = Browser::new(&gw);
        browser.begin_sign_in(&email).await;
        clients.push(browser.client());
    }
    assert_eq!(winners(&clients, "/two-factor/verify-totp", &json!({ "code": app.code_of(0) })).await, 1);
    let opened = "select count(*) from auth.sessions where second_factor = 'totp'";
    assert_eq!(gw.db.count(opened).await, 2, "one was there before");
}

#[tokio::test]
async fn of_a_hundred_with_one_backup_code_one_wins() {
    let gw = generous().await;
    let (browser, app, _) = with_app(&gw, "ada").await;
    let client = gw.anonymous().with_bearer(&browser.cookies[gw.cookie_name()]);
    let body = json!({ "code": app.backup_codes[0] });
    assert_eq!(winners(&[client], "/two-factor/verify-backup-code", &body).await, 1);
    assert_eq!(gw.db.count("select count(*) from auth.backup_codes").await, 9);
    assert_eq!(gw.db.count("select count(*) from auth.audit_events where event = 'backup_code_used'").await, 1);
}

#[tokio::test]
async fn of_a_hundred_in_one_sign_in_one_wins() {
    let gw = generous().await;
    let (_, app, email) = with_app(&gw, "ada").await;
    let mut browser = Browser::new(&gw);
    browser.begin_sign_in(&email).await;
    assert_eq!(winners(&[browser.client()], "/two-factor/verify-totp", &json!({ "code": app.code_of(0) })).await, 1);
    // Nor does another code go on with it.
    forget_codes(&gw).await;
    let again = browser.auth("/two-factor/verify-totp", json!({ "code": app.code_of(1) })).await;
    expect_problem(again, 401, "INVALID_TWO_FACTOR_COOKIE").await;
}

#[tokio::test]
async fn of_a_hundred_with_one_mailed_code_one_wins() {
    let gw = generous().await;
    let (_, _, email) = with_app(&gw, "ada").await;
    let mut browser = Browser::new(&gw);
    browser.begin_sign_in(&email).await;
    browser.ok("/two-factor/send-otp", json!({})).await;
    let code = newest_code(&gw, &email, 1).await;
    assert_eq!(winners(&[browser.client()], "/two-factor/verify-otp", &json!({ "code": code })).await, 1);
    assert_eq!(gw.db.count("select count(*) from auth.sessions where second_factor = 'otp'").await, 1);
}
