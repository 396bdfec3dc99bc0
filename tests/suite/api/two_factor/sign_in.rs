//! Signing in with a second factor.

use serde_json::{Value, json};

use super::{Browser, browser::with_app};
use crate::harness::{
    PASSWORD, TestGateway,
    client::{AUTH, assert_user, expect_problem, set_cookies},
};

#[tokio::test]
async fn a_code_opens_the_session_that_the_password_did_not() {
    let gw = TestGateway::start().await;
    let (mut first, app, email) = with_app(&gw, "ada").await;
    assert!(first.is_signed_in().await);
    assert_eq!(first.client().session().await["user"]["twoFactorEnabled"], true);
    let answer = first.ok("/sign-out", json!({})).await;
    assert_eq!(answer["success"], true);

    let mut browser = Browser::new(&gw);
    let body = json!({ "email": email, "password": PASSWORD, "callbackURL": "/app" });
    let response = browser.auth("/sign-in/email", body).await;
    assert_eq!(response.headers().get("location"), None);
    let answer: Value = response.json().await.unwrap();
    assert_eq!(answer, json!({ "twoFactorRedirect": true, "twoFactorMethods": ["totp", "otp"] }));
    assert!(browser.has("authgate_two_factor") && !browser.has(gw.cookie_name()));
    assert_eq!(gw.db.count("select count(*) from auth.sessions").await, 0);

    let response = browser.auth("/two-factor/verify-totp", json!({ "code": app.code_of(0) })).await;
    let cookies = set_cookies(response.headers());
    let session = cookies.iter().find(|cookie| cookie.starts_with(gw.cookie_name())).unwrap();
    assert!(session.contains("Max-Age=") && session.contains("HttpOnly"), "{session}");
    let answer: Value = response.json().await.unwrap();
    assert_user(&answer["user"], &email, "ada");
    assert_eq!(answer["user"]["twoFactorEnabled"], true);
    assert_eq!(browser.cookies.get(gw.cookie_name()).map(String::as_str), answer["token"].as_str());
    assert!(!browser.has("authgate_two_factor") && browser.is_signed_in().await);
    let secrets = browser.client().session().await.to_string();
    assert!(!secrets.contains("secret") && !secrets.contains("otpauth"), "{secrets}");
    let proved = "select count(*) from auth.sessions where auth_method = 'password' and second_factor = 'totp'";
    assert_eq!(gw.db.count(proved).await, 1);
}

/// TOTP-01: what the password alone opens is nothing.
#[tokio::test]
async fn half_signed_in_nothing_opens() {
    let gw = TestGateway::start().await;
    let (_, _, email) = with_app(&gw, "ada").await;
    let mut browser = Browser::new(&gw);
    browser.begin_sign_in(&email).await;
    let challenge = browser.cookies["authgate_two_factor"].clone();
    let forged = format!("{}={challenge}", gw.cookie_name());
    for client in [browser.client(), gw.anonymous().with_cookie(forged), gw.anonymous().with_bearer(&challenge)] {
        for path in ["/items", "/api/auth/me", "/api/auth/token", "/api/auth/list-sessions"] {
            assert_eq!(client.status(path).await, 401, "{path}");
        }
        let session = client.get(&format!("{AUTH}/get-session")).send().await.unwrap();
        assert_eq!(session.headers().get("set-auth-jwt"), None);
        assert_eq!(session.json::<Value>().await.unwrap(), Value::Null);
        for (path, body) in [
            ("/update-user", json!({ "name": "Eve" })),
            ("/two-factor/disable", json!({ "password": PASSWORD })),
            ("/two-factor/enable", json!({ "password": PASSWORD })),
            ("/two-factor/generate-backup-codes", json!({ "password": PASSWORD })),
            ("/verify-password", json!({ "password": PASSWORD })),
            ("/delete-user", json!({ "password": PASSWORD })),
        ] {
            expect_problem(client.auth(path, &body).await, 401, "UNAUTHORIZED").await;
        }
    }
    let response = browser.client().get("/optional/x").send().await.unwrap();
    assert_eq!(response.status(), 200);
    let seen = gw.upstream.last();
    assert_eq!(seen.field("x-user-id"), None);
    assert!(!format!("{:?}", seen.fields).contains(&challenge), "{:?}", seen.fields);
}

#[tokio::test]
async fn a_session_that_the_browser_forgets_stays_one() {
    let gw = TestGateway::start().await;
    let (_, app, email) = with_app(&gw, "ada").await;
    let mut browser = Browser::new(&gw);
    browser.ok("/sign-in/email", json!({ "email": email, "password": PASSWORD, "rememberMe": false })).await;
    let response = browser.auth("/two-factor/verify-totp", json!({ "code": app.code_of(0) })).await;
    let cookies = set_cookies(response.headers());
    let session = cookies.iter().find(|cookie| cookie.starts_with(gw.cookie_name())).unwrap();
    assert!(!session.contains("Max-Age"), "{session}");
}

#[tokio::test]
async fn the_password_comes_first_and_the_sign_in_waits_for_ten_minutes() {
    let gw = TestGateway::start().await;
    let (_, app, email) = with_app(&gw, "ada").await;
    let code = json!({ "code": app.code_of(0) });
    let mut nobody = Browser::new(&gw);
    expect_problem(nobody.auth("/two-factor/verify-totp", code.clone()).await, 401, "INVALID_TWO_FACTOR_COOKIE").await;
    let body = json!({ "email": email, "password": "not the password", "code": app.code_of(0) });
    expect_problem(nobody.auth("/sign-in/email", body).await, 401, "INVALID_EMAIL_OR_PASSWORD").await;
    assert!(nobody.cookies.is_empty(), "{:?}", nobody.cookies);

    let mut late = Browser::new(&gw);
    late.begin_sign_in(&email).await;
    gw.db.execute("update auth.two_factor_challenges set expires_at = now() - interval '1 second'").await;
    expect_problem(late.auth("/two-factor/verify-totp", code.clone()).await, 401, "INVALID_TWO_FACTOR_COOKIE").await;
    assert!(!late.has("authgate_two_factor"));

    let mut banned = Browser::new(&gw);
    banned.begin_sign_in(&email).await;
    gw.db.execute("update auth.users set banned_at = now()").await;
    expect_problem(banned.auth("/two-factor/verify-totp", code.clone()).await, 401, "INVALID_TWO_FACTOR_COOKIE").await;
    gw.db.execute("update auth.users set banned_at = null").await;

    let mut browser = Browser::new(&gw);
    browser.begin_sign_in(&email).await;
    browser.ok("/two-factor/verify-totp", code).await;
}

#[tokio::test]
async fn where_it_is_not_configured_nobody_is_asked() {
    let mut gw = TestGateway::start().await;
    let (_, _, email) = with_app(&gw, "ada").await;
    let off = gw.replica_with(json!({ "auth": { "two_factor": { "enabled": false } } })).await;
    let mut browser = Browser::new(&off);
    let answer = browser.sign_in(&email).await;
    assert!(answer["token"].is_string(), "{answer}");
    assert_eq!(browser.auth("/two-factor/send-otp", json!({})).await.status(), 404);
    gw.kill_and_restart().await;
}
