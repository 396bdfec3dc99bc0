//! Setting up and taking away (TOTP-05).

use serde_json::{Value, json};

use super::{
    App, Browser,
    browser::{forget_codes, with_app},
};
use crate::harness::{PASSWORD, TestGateway, client::expect_problem};

#[tokio::test]
async fn nobody_is_asked_before_the_first_code() {
    let gw = TestGateway::start().await;
    let email = gw.verified_user("ada").await;
    let mut browser = Browser::new(&gw);
    browser.sign_in(&email).await;
    for body in [json!({}), json!({ "password": "not the password" }), json!({ "password": "" })] {
        expect_problem(browser.auth("/two-factor/enable", body).await, 400, "INVALID_PASSWORD").await;
    }
    let answer = browser.ok("/two-factor/enable", json!({ "password": PASSWORD, "issuer": "Other & co" })).await;
    assert_eq!(answer["method"], "totp");
    let uri = answer["totpURI"].as_str().unwrap();
    let encoded = email.replace('@', "%40");
    assert!(uri.starts_with(&format!("otpauth://totp/Other%20%26%20co:{encoded}?secret=")), "{uri}");
    assert!(uri.ends_with("&issuer=Other%20%26%20co&digits=6&period=30"), "{uri}");
    assert_eq!(browser.client().session().await["user"]["twoFactorEnabled"], false);
    let mut other = Browser::new(&gw);
    assert!(other.sign_in(&email).await["token"].is_string());
    // It can be seen and set up once more until then.
    let again = browser.ok("/two-factor/get-totp-uri", json!({ "password": PASSWORD })).await;
    for pictured in [&answer, &again] {
        let qr_code = pictured["qrCode"].as_str().unwrap();
        assert!(qr_code.starts_with("data:image/svg+xml;base64,"), "{qr_code}");
    }
    let secret = |uri: &str| uri.split("secret=").nth(1).unwrap()[..32].to_owned();
    assert_eq!(secret(again["totpURI"].as_str().unwrap()), secret(uri));
    let app = App::from_answer(&browser.ok("/two-factor/enable", json!({ "password": PASSWORD })).await);
    let wrong = browser.auth("/two-factor/verify-totp", json!({ "code": app.wrong_code() })).await;
    expect_problem(wrong, 401, "INVALID_CODE").await;
    let before = browser.clone();
    let answer = browser.ok("/two-factor/verify-totp", json!({ "code": app.code_of(0) })).await;
    assert_eq!(answer["user"]["twoFactorEnabled"], true);
    assert_eq!(before.client().status("/items").await, 401, "the session has a new token");
    assert!(browser.is_signed_in().await && other.is_signed_in().await);
    let mail = gw.mail.about("Two-factor authentication for App is on", &email).await;
    assert!(mail.text.contains("not you"), "{}", mail.text);
    for path in ["/two-factor/get-totp-uri", "/two-factor/enable"] {
        expect_problem(browser.auth(path, json!({ "password": PASSWORD })).await, 400, "TOTP_ALREADY_ENABLED").await;
    }
    assert_eq!(gw.db.count("select count(*) from auth.audit_events where event = 'two_factor_enabled'").await, 1);
}

#[tokio::test]
async fn disabling_takes_the_password_and_a_code_in_this_session() {
    let gw = TestGateway::start().await;
    let (mut browser, app, email) = with_app(&gw, "ada").await;
    let mut stolen = Browser::new(&gw);
    stolen.cookies.insert(gw.cookie_name().to_owned(), gw.insert_session_of(&email).await);
    let body = json!({ "password": PASSWORD });
    expect_problem(stolen.auth("/two-factor/disable", body.clone()).await, 403, "TWO_FACTOR_REQUIRED").await;
    let wrong = browser.auth("/two-factor/disable", json!({ "password": "not the password" })).await;
    expect_problem(wrong, 400, "INVALID_PASSWORD").await;
    expect_problem(browser.auth("/two-factor/disable", json!({})).await, 400, "INVALID_PASSWORD").await;
    let answer = browser.ok("/two-factor/disable", body).await;
    assert_eq!(answer, json!({ "status": true }));
    assert!(browser.is_signed_in().await && !stolen.is_signed_in().await, "the other sessions end");
    assert_eq!(browser.client().session().await["user"]["twoFactorEnabled"], false);
    gw.mail.about("Two-factor authentication for App is off", &email).await;
    let mut again = Browser::new(&gw);
    assert!(again.sign_in(&email).await["token"].is_string());
    let left = "select (select count(*) from auth.two_factors) + (select count(*) from auth.backup_codes)
                + (select count(*) from auth.trusted_devices)
                + (select count(*) from auth.sessions where second_factor is not null)";
    assert_eq!(gw.db.count(left).await, 0);
    let response = again.auth("/two-factor/verify-backup-code", json!({ "code": app.backup_codes[0] })).await;
    expect_problem(response, 400, "BACKUP_CODES_NOT_ENABLED").await;
}

#[tokio::test]
async fn a_code_in_a_session_proves_it_once_more() {
    let gw = TestGateway::start().await;
    let (_, app, email) = with_app(&gw, "ada").await;
    let token = gw.insert_session_of(&email).await;
    gw.db.execute("update auth.sessions set created_at = created_at - interval '2 days'").await;
    let client = gw.anonymous().with_bearer(&token);
    let response = client.get("/api/auth/list-sessions").send().await.unwrap();
    expect_problem(response, 403, "SESSION_NOT_FRESH").await;
    let answer: Value =
        client.auth("/two-factor/verify-totp", &json!({ "code": app.code_of(0) })).await.json().await.unwrap();
    assert_eq!(answer["token"], token, "a bearer token stays");
    assert_eq!(client.status("/api/auth/list-sessions").await, 200);
    assert_eq!(client.auth("/two-factor/disable", &json!({ "password": PASSWORD })).await.status(), 200);
}

#[tokio::test]
async fn whoever_has_no_password_shows_a_fresh_session() {
    let gw = TestGateway::start().await;
    let user = gw.insert_user("ada", &[]).await;
    let enabled = user.auth("/two-factor/enable", &json!({})).await;
    assert_eq!(enabled.status(), 200);
    gw.db.execute("update auth.sessions set created_at = created_at - interval '11 minutes'").await;
    for body in [json!({}), json!({ "password": PASSWORD })] {
        expect_problem(user.auth("/two-factor/enable", &body).await, 403, "SESSION_NOT_FRESH").await;
    }
}

#[tokio::test]
async fn a_reset_by_mail_takes_no_second_factor_away() {
    let gw = TestGateway::start().await;
    let (browser, app, email) = with_app(&gw, "ada").await;
    gw.anonymous().auth("/request-password-reset", &json!({ "email": email })).await;
    let mail = gw.mail.about("new password", &email).await;
    let body = json!({ "token": mail.token(), "newPassword": "another long enough password" });
    assert_eq!(gw.anonymous().auth("/reset-password", &body).await.status(), 200);
    assert!(!browser.is_signed_in().await);
    let mut next = Browser::new(&gw);
    let body = json!({ "email": email, "password": "another long enough password" });
    assert_eq!(next.ok("/sign-in/email", body).await["twoFactorRedirect"], true);
    forget_codes(&gw).await;
    next.ok("/two-factor/verify-totp", json!({ "code": app.code_of(0) })).await;
}

#[tokio::test]
async fn odd_bodies_are_refused() {
    let gw = TestGateway::start().await;
    let email = gw.verified_user("ada").await;
    let mut browser = Browser::new(&gw);
    browser.sign_in(&email).await;
    for body in [
        json!({ "password": 1 }),
        json!({ "password": PASSWORD, "method": "sms" }),
        json!({ "password": PASSWORD, "issuer": "" }),
        json!({ "password": PASSWORD, "issuer": "a\nb" }),
        json!({ "password": PASSWORD, "issuer": "x".repeat(65) }),
        json!([]),
    ] {
        expect_problem(browser.auth("/two-factor/enable", body).await, 400, "VALIDATION_ERROR").await;
    }
    for path in ["/two-factor/enable", "/two-factor/disable", "/two-factor/generate-backup-codes"] {
        let response = gw.anonymous().auth(path, &json!({ "password": PASSWORD })).await;
        expect_problem(response, 401, "UNAUTHORIZED").await;
    }
}
