//! Browsers that are spared the second factor (TOTP-08).

use serde_json::{Value, json};

use super::{
    Browser,
    browser::{forget_codes, with_app},
};
use crate::harness::{PASSWORD, TestGateway, client::set_cookies};

/// Returns a browser that was trusted at its sign-in, signed in.
async fn trusted(gw: &TestGateway, name: &str) -> (Browser, String) {
    let (_, app, email) = with_app(gw, name).await;
    let mut browser = Browser::new(gw);
    browser.begin_sign_in(&email).await;
    let body = json!({ "code": app.code_of(0), "trustDevice": true });
    let response = browser.auth("/two-factor/verify-totp", body).await;
    let cookies = set_cookies(response.headers());
    let cookie = cookies.iter().find(|cookie| cookie.starts_with("authgate_trusted_device=")).unwrap();
    assert!(cookie.contains("Max-Age=2592000") && cookie.contains("HttpOnly"), "{cookie}");
    (browser, email)
}

async fn is_asked(browser: &mut Browser, email: &str) -> bool {
    browser.ok("/sign-out", json!({})).await;
    browser.sign_in(email).await["twoFactorRedirect"] == true
}

#[tokio::test]
async fn a_trusted_browser_is_not_asked_and_no_other_is_trusted() {
    let gw = TestGateway::start().await;
    let (mut browser, email) = trusted(&gw, "ada").await;
    assert!(!is_asked(&mut browser, &email).await);
    assert!(browser.is_signed_in().await);
    let came_so = "select count(*) from auth.sessions where second_factor = 'trusted-device'";
    assert_eq!(gw.db.count(came_so).await, 1);
    // The password is asked for all the same.
    let body = json!({ "email": email, "password": "not the password" });
    assert_eq!(browser.auth("/sign-in/email", body).await.status(), 401);

    let (_, _, bob) = with_app(&gw, "bob").await;
    let mut of_bob = browser.clone();
    assert_eq!(of_bob.sign_in(&bob).await["twoFactorRedirect"], true, "one account's trust is no other's");
    let own = browser.cookies["authgate_trusted_device"].clone();
    for forged in ["a".repeat(43), own.to_lowercase(), own[1..].to_owned(), format!("{own}x")] {
        let mut other = Browser::new(&gw);
        other.cookies.insert("authgate_trusted_device".to_owned(), forged.clone());
        assert_eq!(other.sign_in(&email).await["twoFactorRedirect"], true, "{forged}");
    }
    let stored = "select count(*) from auth.trusted_devices where octet_length(token_hash) = 32";
    assert_eq!(gw.db.count(stored).await, 1);
    gw.db.execute("update auth.trusted_devices set expires_at = now() - interval '1 second'").await;
    assert!(is_asked(&mut browser, &email).await);
}

#[tokio::test]
async fn one_browser_is_trusted_with_several_accounts() {
    let gw = TestGateway::start().await;
    let (mut browser, ada) = trusted(&gw, "ada").await;
    let (_, app, bob) = with_app(&gw, "bob").await;
    browser.begin_sign_in(&bob).await;
    browser.ok("/two-factor/verify-totp", json!({ "code": app.code_of(0), "trustDevice": true })).await;
    for email in [&ada, &bob] {
        assert!(!is_asked(&mut browser, email).await, "{email}");
    }
}

#[tokio::test]
async fn their_owner_sees_them_and_ends_the_trust() {
    let gw = TestGateway::start().await;
    let (mut browser, email) = trusted(&gw, "ada").await;
    let listed: Value = browser.get("/two-factor/list-trusted-devices").await.json().await.unwrap();
    assert_eq!((listed.as_array().unwrap().len(), &listed[0]["current"]), (1, &json!(true)), "{listed}");
    let stranger = gw.signed_up_user("eve").await;
    for body in [json!({ "id": listed[0]["id"] }), json!({ "id": "nobody's" }), json!({ "id": "../x" })] {
        assert_eq!(stranger.auth("/two-factor/revoke-trusted-device", &body).await.status(), 200);
    }
    assert!(!is_asked(&mut browser, &email).await);
    browser.ok("/two-factor/revoke-trusted-device", json!({ "id": listed[0]["id"] })).await;
    assert!(browser.is_signed_in().await, "the session goes on");
    assert!(is_asked(&mut browser, &email).await);
}

#[tokio::test]
async fn the_trust_ends_with_sessions_that_are_revoked() {
    let gw = TestGateway::start().await;
    for path in ["/revoke-sessions", "/revoke-session", "/revoke-other-sessions"] {
        let name = path.trim_start_matches('/');
        let (mut browser, email) = trusted(&gw, name).await;
        let other = gw.anonymous().with_bearer(&gw.insert_session_of(&email).await);
        let own: Value = browser.client().session().await;
        let body = json!({ "token": own["session"]["id"] });
        assert_eq!(other.auth(path, &body).await.status(), 200);
        assert!(!browser.is_signed_in().await, "{path}");
        assert_eq!(browser.sign_in(&email).await["twoFactorRedirect"], true, "{path}");
    }
    // The browser that ends the others goes on to be trusted.
    let (mut browser, email) = trusted(&gw, "ada").await;
    browser.ok("/revoke-other-sessions", json!({})).await;
    assert!(!is_asked(&mut browser, &email).await);
}

#[tokio::test]
async fn the_trust_ends_with_the_password_and_the_second_factor() {
    let gw = TestGateway::start().await;
    let (mut changed, email) = trusted(&gw, "changed").await;
    let body = json!({ "currentPassword": PASSWORD, "newPassword": "another long enough password" });
    changed.ok("/change-password", body).await;
    let body = json!({ "email": email, "password": "another long enough password" });
    assert_eq!(changed.ok("/sign-in/email", body).await["twoFactorRedirect"], true);

    let (mut reset, email) = trusted(&gw, "reset").await;
    gw.anonymous().auth("/request-password-reset", &json!({ "email": email })).await;
    let token = gw.mail.about("new password", &email).await.token();
    let body = json!({ "token": token, "newPassword": "another long enough password" });
    assert_eq!(gw.anonymous().auth("/reset-password", &body).await.status(), 200);
    let body = json!({ "email": email, "password": "another long enough password" });
    assert_eq!(reset.ok("/sign-in/email", body).await["twoFactorRedirect"], true);

    let (mut renewed, email) = trusted(&gw, "renewed").await;
    renewed.ok("/two-factor/generate-backup-codes", json!({ "password": PASSWORD })).await;
    assert!(is_asked(&mut renewed, &email).await);
}

#[tokio::test]
async fn where_no_time_is_configured_none_is_trusted() {
    let gw = TestGateway::with(json!({ "auth": { "two_factor": { "trust_device": "0s" } } })).await;
    let (_, app, email) = with_app(&gw, "ada").await;
    let mut browser = Browser::new(&gw);
    browser.begin_sign_in(&email).await;
    browser.ok("/two-factor/verify-totp", json!({ "code": app.code_of(0), "trustDevice": true })).await;
    assert!(!browser.has("authgate_trusted_device"));
    forget_codes(&gw).await;
    assert!(is_asked(&mut browser, &email).await);
}
