//! The way back for whoever has lost the second factor and everything that stands in for it.

use serde_json::{Value, json};

use super::users::{assert_by_operator, audited};
use crate::{
    api::two_factor::{App, Browser, enable},
    harness::{PASSWORD, TestGateway, client::assert_date},
};

/// Returns somebody with an app who trusts a browser, and with an id.
async fn with_factor(gw: &TestGateway) -> (Browser, App, String) {
    let email = gw.verified_user("ada").await;
    let (mut browser, app) = enable(gw, &email).await;
    browser.begin_sign_in(&email).await;
    browser.ok("/two-factor/verify-totp", json!({ "code": app.code_of(0), "trustDevice": true })).await;
    let id = browser.client().session().await["user"]["id"].as_str().unwrap().to_owned();
    (browser, app, id)
}

#[tokio::test]
async fn an_operator_sees_what_there_is_and_no_secret() {
    let gw = TestGateway::start().await;
    let (mut signed_in, app, id) = with_factor(&gw).await;
    let answer = gw.cli_json(&["users", "factors", "list", "ada@example.com"]);
    let factors = &answer["factors"];
    assert_eq!(
        (&answer["userId"], &factors["second"]["kind"], &factors["backupCodes"]),
        (&json!(id), &json!("totp"), &json!(10))
    );
    assert_date(&factors["second"]["enabledAt"]);
    let [browser] = &factors["trustedBrowsers"].as_array().unwrap()[..] else { panic!("one is trusted: {factors}") };
    assert_date(&browser["expiresAt"]);
    let text = gw.cli(&["users", "factors", "list", &id]);
    assert!(text.stdout.contains("totp, since") && text.stdout.contains("127.0.0.1"), "{text:?}");
    for code in &app.backup_codes {
        assert!(!text.stdout.contains(code) && !answer.to_string().contains(code), "{text:?}");
    }
    signed_in.add_passkey(&gw).await;
    let listed = gw.cli_json(&["users", "factors", "list", &id]);
    let [passkey] = &listed["factors"]["passkeys"].as_array().unwrap()[..] else { panic!("there is one: {listed}") };
    assert_date(&passkey["createdAt"]);
    assert!(passkey["id"].is_string() && passkey["lastUsedAt"].is_null(), "{passkey}");
    assert!(gw.cli(&["users", "factors", "list", &id]).stdout.contains("never"));
    gw.insert_user("bob", &[]).await;
    let none = json!({ "second": null, "backupCodes": 0, "passkeys": [], "trustedBrowsers": [] });
    assert_eq!(gw.cli_json(&["users", "factors", "list", "bob@example.com"])["factors"], none);
    assert!(gw.cli(&["users", "factors", "list", "bob@example.com"]).stdout.starts_with("second factor     none\n"));
    assert_eq!(gw.db.count("select count(*) from auth.audit_events where event = 'two_factor_disabled'").await, 0);
}

#[tokio::test]
async fn a_reset_takes_everything_away_and_tells_the_owner() {
    let gw = TestGateway::start().await;
    let (mut browser, app, id) = with_factor(&gw).await;
    let mut waiting = Browser::new(&gw);
    waiting.begin_sign_in("ada@example.com").await;
    let sessions = gw.db.count("select count(*) from auth.sessions").await;
    let answer = gw.cli_json(&["users", "factors", "reset", "ada@example.com", "--yes"]);
    assert_eq!((&answer["userId"], &answer["sessionsEnded"]), (&json!(id), &json!(sessions)));
    assert_eq!((&answer["factors"]["second"]["kind"], &answer["factors"]["backupCodes"]), (&json!("totp"), &json!(10)));
    assert!(!browser.is_signed_in().await, "the sessions are over");
    for table in [
        "select count(*) from auth.two_factors",
        "select count(*) from auth.backup_codes",
        "select count(*) from auth.trusted_devices",
        "select count(*) from auth.sessions",
    ] {
        assert_eq!(gw.db.count(table).await, 0, "{table}");
    }
    let late = waiting.auth("/two-factor/verify-totp", json!({ "code": app.code_of(1) })).await;
    assert_eq!(late.status(), 401, "a sign-in that waited for its code is over too");
    let row = audited(&gw, "two_factor_disabled").await;
    assert_by_operator(&row, &id);
    assert_eq!(row["detail"], json!({ "sessions": sessions }));
    let mail = gw.mail.about("Two-factor authentication for App is off", "ada@example.com").await;
    assert!(mail.link().path().ends_with("/reset-password/request"), "{}", mail.text);
    // The password, and it alone, opens the account again.
    let answer = browser.sign_in("ada@example.com").await;
    assert_eq!(answer["user"]["twoFactorEnabled"], false);
    assert!(browser.is_signed_in().await);
}

#[tokio::test]
async fn without_a_second_factor_a_reset_changes_nothing() {
    let gw = TestGateway::start().await;
    let bob = gw.insert_user("bob", &[]).await;
    let answer = gw.cli_json(&["users", "factors", "reset", "bob@example.com", "--yes"]);
    assert_eq!((&answer["factors"]["second"], &answer["sessionsEnded"]), (&Value::Null, &json!(0)));
    assert_eq!(bob.status("/items").await, 200);
    assert_eq!(gw.db.count("select count(*) from auth.audit_events").await, 0);
    assert_eq!(gw.db.count("select count(*) from auth.mail_outbox").await, 0);
}

#[tokio::test]
async fn nothing_is_taken_away_unasked() {
    let gw = TestGateway::start().await;
    let (browser, _, id) = with_factor(&gw).await;
    gw.cli_with_input(&["users", "factors", "reset", &id], "yes\n").assert_refused(2, "--yes");
    gw.cli(&["users", "factors", "reset", "nobody@example.com", "--yes"]).assert_refused(1, "there is no such user");
    assert!(browser.is_signed_in().await);
    let body = json!({ "email": "ada@example.com", "password": PASSWORD });
    let answer: Value = gw.anonymous().auth("/sign-in/email", &body).await.json().await.unwrap();
    assert_eq!(answer["twoFactorRedirect"], true);
}
