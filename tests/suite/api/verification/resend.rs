//! Another link.

use std::time::Duration;

use serde_json::{Value, json};

use super::VERIFIED;
use crate::harness::{PASSWORD, TestGateway, client::expect_problem};

#[tokio::test]
async fn resending_replaces_the_link() {
    let gw = TestGateway::start().await;
    let email = gw.sign_up("alice").await;
    let first = gw.mail.to(&email).await.token();
    let response = gw.anonymous().auth("/send-verification-email", &json!({ "email": email })).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.json::<Value>().await.unwrap(), json!({ "status": true }));
    let second = gw.mail.nth_to(&email, 2).await.token();
    assert_ne!(first, second);
    assert!(gw.confirm_token(&first).await.status().as_u16() >= 400, "the older link is dead");
    assert_eq!(gw.db.count(VERIFIED).await, 0);
    assert!(gw.confirm_token(&second).await.status().as_u16() < 400);
    assert_eq!(gw.db.count(VERIFIED).await, 1);
}

#[tokio::test]
async fn an_expired_link_is_followed_by_a_working_one() {
    let gw = TestGateway::start().await;
    let email = gw.sign_up("alice").await;
    let first = gw.mail.to(&email).await.token();
    gw.db.execute("update auth.verifications set expires_at = now() - interval '1 s'").await;
    assert!(gw.confirm_token(&first).await.status().as_u16() >= 400);
    gw.anonymous().auth("/send-verification-email", &json!({ "email": email })).await;
    assert!(gw.confirm(&gw.mail.nth_to(&email, 2).await).await.status().as_u16() < 400);
    assert_eq!(gw.sign_in(&email).await.status("/items").await, 200);
}

#[tokio::test]
async fn resending_tells_nothing_about_the_address() {
    let gw = TestGateway::start().await;
    gw.verified_user("verified").await;
    gw.sign_up("pending").await;
    gw.mail.to("pending@example.com").await;
    let mut answers = Vec::new();
    for name in ["pending", "verified", "nobody"] {
        let body = json!({ "email": format!("{name}@example.com") });
        let response = gw.anonymous().auth("/send-verification-email", &body).await;
        let mut names: Vec<String> = response.headers().keys().map(ToString::to_string).collect();
        names.sort();
        answers.push((response.status().as_u16(), names, response.text().await.unwrap()));
    }
    assert_eq!(answers[0].0, 200);
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    gw.mail.nth_to("pending@example.com", 2).await;
    gw.eventually_counts(0, "select count(*) from auth.mail_outbox").await;
    assert_eq!(gw.mail.all_to("verified@example.com").len(), 1, "the one of the sign-up");
    assert!(gw.mail.all_to("nobody@example.com").is_empty());
}

#[tokio::test]
async fn signed_in_people_are_told_plainly() {
    let gw = TestGateway::with(json!({ "auth": { "email_verification": { "required": false } } })).await;
    gw.sign_up("alice").await;
    let alice = gw.sign_in("alice@example.com").await;
    let other = alice.auth("/send-verification-email", &json!({ "email": "bob@example.com" })).await;
    expect_problem(other, 400, "EMAIL_MISMATCH").await;
    assert_eq!(alice.auth("/send-verification-email", &json!({ "email": alice.email })).await.status(), 200);
    gw.db.execute("update auth.users set email_verified = true").await;
    let again = alice.auth("/send-verification-email", &json!({ "email": alice.email })).await;
    expect_problem(again, 400, "EMAIL_ALREADY_VERIFIED").await;
}

#[tokio::test]
async fn an_address_is_not_bombed() {
    let gw = TestGateway::start().await;
    let email = gw.sign_up("alice").await;
    for _ in 0..15 {
        let response = gw.anonymous().auth("/send-verification-email", &json!({ "email": email })).await;
        assert_eq!(response.status(), 200, "excess is silently accepted (MAIL-13)");
    }
    gw.eventually_counts(0, "select count(*) from auth.mail_outbox").await;
    let mails = gw.mail.all_to(&email).len();
    assert!(mails <= 6, "{mails} mails");
}

#[tokio::test]
async fn the_answer_does_not_wait_for_the_mail() {
    // Nothing listens there, so that a delivery within the request would fail or take its time.
    let port = crate::harness::free_port();
    let transport = json!({ "directory": null, "smtp": format!("smtp://127.0.0.1:{port}") });
    let gw = TestGateway::with(json!({ "mail": { "transport": transport } })).await;
    let began = std::time::Instant::now();
    let body = json!({ "name": "alice", "email": "alice@example.com", "password": PASSWORD });
    assert_eq!(gw.anonymous().auth("/sign-up/email", &body).await.status(), 200);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!(gw.db.count("select count(*) from auth.mail_outbox").await, 1);
}
