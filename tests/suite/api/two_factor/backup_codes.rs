//! Backup codes (TOTP-06).

use serde_json::{Value, json};

use super::{Browser, browser::with_app};
use crate::harness::{PASSWORD, TestGateway, client::expect_problem};

#[tokio::test]
async fn a_backup_code_signs_in_once_and_its_owner_is_told() {
    let gw = TestGateway::start().await;
    let (_, app, email) = with_app(&gw, "ada").await;
    assert_eq!(app.backup_codes.len(), 10);
    let code = app.backup_codes[3].replace('-', " ").to_uppercase();
    let mut browser = Browser::new(&gw);
    browser.begin_sign_in(&email).await;
    browser.ok("/two-factor/verify-backup-code", json!({ "code": code })).await;
    assert!(browser.is_signed_in().await);
    let mail = gw.mail.about("backup code for", &email).await;
    assert!(mail.text.contains("left: 9") && mail.html.contains("left: 9"), "{}", mail.text);
    let mut again = Browser::new(&gw);
    again.begin_sign_in(&email).await;
    let response = again.auth("/two-factor/verify-backup-code", json!({ "code": code })).await;
    expect_problem(response, 401, "INVALID_BACKUP_CODE").await;
}

#[tokio::test]
async fn codes_are_stored_as_hashes_and_secrets_sealed() {
    let gw = TestGateway::start().await;
    let (_, app, _) = with_app(&gw, "ada").await;
    assert_eq!(gw.db.count("select count(*) from auth.backup_codes where octet_length(code_hash) = 32").await, 10);
    let sealed: Vec<u8> =
        sqlx::query_scalar("select secret from auth.two_factors").fetch_one(&mut gw.db.connect().await).await.unwrap();
    assert!(!sealed.windows(20).any(|window| app.is_secret(window)), "the secret is not stored as it is");
    let alphabet = |code: &String| code.bytes().filter(|b| *b != b'-').count() == 24;
    assert!(app.backup_codes.iter().all(alphabet), "{:?}", app.backup_codes);
}

#[tokio::test]
async fn without_a_session_the_code_and_the_sign_in_are_spent() {
    let gw = TestGateway::start().await;
    let (_, app, email) = with_app(&gw, "ada").await;
    let mut browser = Browser::new(&gw);
    browser.begin_sign_in(&email).await;
    let body = json!({ "code": app.backup_codes[0], "disableSession": true, "trustDevice": true });
    let answer = browser.ok("/two-factor/verify-backup-code", body).await;
    assert_eq!((answer.get("token"), &answer["user"]["email"]), (None, &json!(email)));
    assert!(!browser.is_signed_in().await && !browser.has("authgate_trusted_device"));
    let response = browser.auth("/two-factor/verify-totp", json!({ "code": app.code_of(0) })).await;
    expect_problem(response, 401, "INVALID_TWO_FACTOR_COOKIE").await;
}

#[tokio::test]
async fn new_codes_replace_the_old_ones_as_a_set() {
    let gw = TestGateway::start().await;
    let (mut browser, app, email) = with_app(&gw, "ada").await;
    let other = gw.anonymous().with_bearer(&gw.insert_session_of(&email).await);
    let body = json!({ "password": "not the password" });
    expect_problem(browser.auth("/two-factor/generate-backup-codes", body).await, 400, "INVALID_PASSWORD").await;
    // A session that proved no code gets none, with the password either.
    let response = other.auth("/two-factor/generate-backup-codes", &json!({ "password": PASSWORD })).await;
    expect_problem(response, 403, "TWO_FACTOR_REQUIRED").await;
    let answer = browser.ok("/two-factor/generate-backup-codes", json!({ "password": PASSWORD })).await;
    let codes: Vec<&str> = answer["backupCodes"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!((codes.len(), &answer["status"]), (10, &json!(true)));
    assert!(codes.iter().all(|code| !app.backup_codes.iter().any(|old| old == code)));
    assert_eq!(other.status("/items").await, 401, "other sessions end");
    gw.mail.about("backup codes for", &email).await;
    let mut again = Browser::new(&gw);
    again.begin_sign_in(&email).await;
    let response = again.auth("/two-factor/verify-backup-code", json!({ "code": app.backup_codes[0] })).await;
    expect_problem(response, 401, "INVALID_BACKUP_CODE").await;
    again.ok("/two-factor/verify-backup-code", json!({ "code": codes[0] })).await;
}
