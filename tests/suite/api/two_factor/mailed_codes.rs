//! Codes that are mailed.

use serde_json::json;

use super::{Browser, browser::with_app};
use crate::harness::{PASSWORD, TestGateway, client::expect_problem, eventually, mail::Mail};

fn code_in(mail: &Mail) -> String {
    let is_code = |line: &&str| line.len() == 6 && line.bytes().all(|b| b.is_ascii_digit());
    let code = mail.text.lines().map(str::trim).find(is_code);
    let code = code.unwrap_or_else(|| panic!("no code in {}", mail.text)).to_owned();
    assert!(mail.html.contains(&code) && !mail.subject.contains(&code), "{}", mail.subject);
    code
}

/// Returns the last of so many codes that were mailed to somebody.
pub(crate) async fn newest_code(gw: &TestGateway, email: &str, count: usize) -> String {
    let mails = eventually("a code", async || {
        let mut mails: Vec<Mail> = gw.mail.all_to(email);
        mails.retain(|mail| mail.subject.starts_with("Your code for"));
        (mails.len() == count).then_some(mails)
    });
    code_in(mails.await.last().unwrap())
}

fn other_than(code: &str) -> &'static str {
    if code == "000000" { "000001" } else { "000000" }
}

#[tokio::test]
async fn a_mailed_code_signs_in_once() {
    let gw = TestGateway::start().await;
    let (_, _, email) = with_app(&gw, "ada").await;
    let mut browser = Browser::new(&gw);
    browser.begin_sign_in(&email).await;
    let early = browser.auth("/two-factor/verify-otp", json!({ "code": "123456" })).await;
    expect_problem(early, 400, "OTP_HAS_EXPIRED").await;
    assert_eq!(browser.ok("/two-factor/send-otp", json!({})).await, json!({ "status": true }));
    let code = newest_code(&gw, &email, 1).await;
    let wrong = browser.auth("/two-factor/verify-otp", json!({ "code": other_than(&code) })).await;
    expect_problem(wrong, 401, "INVALID_CODE").await;
    // It is of this sign-in alone.
    let mut other = Browser::new(&gw);
    other.begin_sign_in(&email).await;
    let foreign = other.auth("/two-factor/verify-otp", json!({ "code": code })).await;
    expect_problem(foreign, 400, "OTP_HAS_EXPIRED").await;
    browser.ok("/two-factor/verify-otp", json!({ "code": code })).await;
    assert!(browser.is_signed_in().await);
    let proved = "select count(*) from auth.sessions where second_factor = 'otp'";
    assert_eq!(gw.db.count(proved).await, 1);
    assert_eq!(gw.db.count("select count(*) from auth.two_factor_codes").await, 0);
    let stored =
        "select count(*) from auth.mail_outbox where convert_from(payload, 'LATIN1') like '%' || $$code$$ || '%'";
    assert_eq!(gw.db.count(stored).await, 0);
}

#[tokio::test]
async fn it_works_for_three_minutes_and_five_attempts() {
    let limit = json!({ "limit": 100, "window": "1m" });
    let gw = TestGateway::with(json!({ "auth": { "rate_limits": { "two_factor": limit } } })).await;
    let (session, _, email) = with_app(&gw, "ada").await;
    let mut browser = session.clone();
    browser.ok("/two-factor/send-otp", json!({})).await;
    let code = newest_code(&gw, &email, 1).await;
    for _ in 0..5 {
        let wrong = browser.auth("/two-factor/verify-otp", json!({ "code": other_than(&code) })).await;
        expect_problem(wrong, 401, "INVALID_CODE").await;
    }
    let exhausted = browser.auth("/two-factor/verify-otp", json!({ "code": code })).await;
    expect_problem(exhausted, 400, "TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE").await;
    browser.ok("/two-factor/send-otp", json!({})).await;
    let code = newest_code(&gw, &email, 2).await;
    gw.db.execute("update auth.two_factor_codes set expires_at = now() - interval '1 second'").await;
    let late = browser.auth("/two-factor/verify-otp", json!({ "code": code })).await;
    expect_problem(late, 400, "OTP_HAS_EXPIRED").await;
}

#[tokio::test]
async fn one_mailbox_gets_three_in_a_quarter_of_an_hour() {
    let gw = TestGateway::start().await;
    let (_, _, email) = with_app(&gw, "ada").await;
    let mut browser = Browser::new(&gw);
    browser.begin_sign_in(&email).await;
    for _ in 0..6 {
        browser.ok("/two-factor/send-otp", json!({})).await;
    }
    let sent = "select count(*) from auth.verifications where purpose = 'two-factor-code'";
    assert_eq!(gw.db.count(sent).await, 3);
    // The last one that was sent goes on to work.
    let code = newest_code(&gw, &email, 3).await;
    browser.ok("/two-factor/verify-otp", json!({ "code": code })).await;
    assert!(gw.metric("authgate_two_factor_codes_sent_total").await > 2.9);
}

#[tokio::test]
async fn codes_alone_can_be_the_second_factor() {
    let gw = TestGateway::start().await;
    let email = gw.verified_user("ada").await;
    let mut browser = Browser::new(&gw);
    browser.sign_in(&email).await;
    let answer = browser.ok("/two-factor/enable", json!({ "password": PASSWORD, "method": "otp" })).await;
    assert_eq!(answer, json!({ "method": "otp" }));
    browser.ok("/two-factor/send-otp", json!({})).await;
    let code = newest_code(&gw, &email, 1).await;
    let answer = browser.ok("/two-factor/verify-otp", json!({ "code": code })).await;
    assert_eq!(answer["user"]["twoFactorEnabled"], true);
    let mut next = Browser::new(&gw);
    let answer = next.sign_in(&email).await;
    assert_eq!(answer, json!({ "twoFactorRedirect": true, "twoFactorMethods": ["otp"] }));
    let response = next.auth("/two-factor/verify-totp", json!({ "code": "123456" })).await;
    expect_problem(response, 400, "TOTP_NOT_ENABLED").await;
}

#[tokio::test]
async fn where_none_are_mailed_none_are_offered() {
    let gw = TestGateway::with(json!({ "auth": { "two_factor": { "mailed_code": false } } })).await;
    let (mut session, _, email) = with_app(&gw, "ada").await;
    let mut browser = Browser::new(&gw);
    let answer = browser.sign_in(&email).await;
    assert_eq!(answer["twoFactorMethods"], json!(["totp"]));
    for browser in [&mut browser, &mut session] {
        expect_problem(browser.auth("/two-factor/send-otp", json!({})).await, 400, "OTP_NOT_CONFIGURED").await;
    }
    let body = json!({ "password": PASSWORD, "method": "otp" });
    expect_problem(session.auth("/two-factor/enable", body).await, 400, "OTP_NOT_CONFIGURED").await;
}
