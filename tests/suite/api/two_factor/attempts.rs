//! Wrong codes are counted for the sign-in and for the account (TOTP-04, TOTP-07).

use serde_json::json;

use super::{
    Browser,
    browser::{enable, with_app},
};
use crate::harness::{TestGateway, client::expect_problem};

#[tokio::test]
async fn the_sixth_code_ends_the_sign_in() {
    let gw = TestGateway::start().await;
    let (_, app, email) = with_app(&gw, "ada").await;
    let mut browser = Browser::new(&gw);
    browser.begin_sign_in(&email).await;
    for n in 0..5 {
        let (path, code, expected) = match n {
            0 => ("/two-factor/verify-backup-code", "nonsense".to_owned(), "INVALID_BACKUP_CODE"),
            _ => ("/two-factor/verify-totp", app.wrong_code(), "INVALID_CODE"),
        };
        expect_problem(browser.auth(path, json!({ "code": code })).await, 401, expected).await;
    }
    let right = json!({ "code": app.code_of(0) });
    let kept = browser.clone();
    let ended = browser.auth("/two-factor/verify-totp", right.clone()).await;
    expect_problem(ended, 400, "TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE").await;
    assert!(!browser.has("authgate_two_factor"), "the cookie is taken");
    let ended = kept.client().auth("/two-factor/verify-totp", &right).await;
    expect_problem(ended, 400, "TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE").await;
    browser.begin_sign_in(&email).await;
    browser.ok("/two-factor/verify-totp", right).await;
}

#[tokio::test]
async fn ten_wrong_codes_lock_the_account_over_all_sign_ins_and_kinds() {
    let gw = TestGateway::start().await;
    let (session, app, email) = with_app(&gw, "ada").await;
    let mut browser = Browser::new(&gw);
    for n in 0..10 {
        if n % 4 == 0 {
            browser.begin_sign_in(&email).await;
        }
        let (path, code) = match n % 2 {
            0 => ("/two-factor/verify-totp", app.wrong_code()),
            _ => ("/two-factor/verify-backup-code", "00000-00000".to_owned()),
        };
        assert_eq!(browser.auth(path, json!({ "code": code })).await.status(), 401, "{n}");
    }
    browser.begin_sign_in(&email).await;
    for code in [app.code_of(0), app.wrong_code()] {
        let body = json!({ "code": code });
        for client in [browser.client(), session.client()] {
            let response = client.auth("/two-factor/verify-totp", &body).await;
            let problem = expect_problem(response, 429, "ACCOUNT_TEMPORARILY_LOCKED").await;
            assert!(problem.headers.contains_key("retry-after"));
        }
    }
    // A session goes on, and other people's accounts are their own.
    assert!(session.is_signed_in().await);
    let bob = gw.verified_user("bob").await;
    let (_, bobs_app) = enable(&gw, &bob).await;
    let mut browser = Browser::new(&gw);
    browser.begin_sign_in(&bob).await;
    browser.ok("/two-factor/verify-totp", json!({ "code": bobs_app.code_of(0) })).await;
    let counted = "authgate_second_factors_total{factor=\"totp\",outcome=\"rate_limited\"}";
    assert!(gw.metrics().await.lines().any(|line| line.starts_with(counted) && line.ends_with(" 4")));
}

#[tokio::test]
async fn only_six_digits_are_a_code() {
    let gw = TestGateway::start().await;
    let (_, app, email) = with_app(&gw, "ada").await;
    let mut browser = Browser::new(&gw);
    browser.begin_sign_in(&email).await;
    for code in [json!(123_456), json!(["123456"]), json!({ "code": "123456" }), json!(null), json!(true)] {
        let response = browser.auth("/two-factor/verify-totp", json!({ "code": code })).await;
        expect_problem(response, 400, "VALIDATION_ERROR").await;
    }
    for code in ["", "12345", "1234567", "12345a", "１２３４５６", " 23456", "-12345", "12345\n"] {
        for path in ["/two-factor/verify-totp", "/two-factor/verify-otp"] {
            expect_problem(browser.auth(path, json!({ "code": code })).await, 400, "INVALID_CODE").await;
        }
    }
    // None of these was an attempt.
    browser.ok("/two-factor/verify-totp", json!({ "code": app.code_of(0) })).await;
}

#[tokio::test]
async fn a_code_of_somebody_else_is_none() {
    let gw = TestGateway::start().await;
    let (_, app, _) = with_app(&gw, "ada").await;
    let (_, _, bob) = with_app(&gw, "bob").await;
    let mut browser = Browser::new(&gw);
    browser.begin_sign_in(&bob).await;
    let response = browser.auth("/two-factor/verify-totp", json!({ "code": app.code_of(0) })).await;
    expect_problem(response, 401, "INVALID_CODE").await;
    let response = browser.auth("/two-factor/verify-backup-code", json!({ "code": app.backup_codes[0] })).await;
    expect_problem(response, 401, "INVALID_BACKUP_CODE").await;
    assert_eq!(gw.db.count("select count(*) from auth.backup_codes").await, 20);
}

#[tokio::test]
async fn two_cookies_that_differ_are_none() {
    let gw = TestGateway::start().await;
    let (_, app, email) = with_app(&gw, "ada").await;
    let mut browser = Browser::new(&gw);
    browser.begin_sign_in(&email).await;
    let own = &browser.cookies["authgate_two_factor"];
    let tossed = format!("authgate_two_factor={own}; authgate_two_factor={}", "a".repeat(43));
    let client = gw.anonymous().with_cookie(tossed);
    let response = client.auth("/two-factor/verify-totp", &json!({ "code": app.code_of(0) })).await;
    expect_problem(response, 401, "INVALID_TWO_FACTOR_COOKIE").await;
}
