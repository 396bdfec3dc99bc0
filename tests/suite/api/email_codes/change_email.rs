//! Taking another address with a code.

use serde_json::{Value, json};

use super::{assert_one_won, code, gateway, hundred, send, wrong};
use crate::harness::{Client, TestGateway, client::expect_problem};

const NEW: &str = "new@example.com";

async fn request(client: &Client, new: &str, otp: Option<&str>) -> reqwest::Response {
    let mut body = json!({ "newEmail": new });
    if let Some(otp) = otp {
        body["otp"] = otp.into();
    }
    client.auth("/email-otp/request-email-change", &body).await
}

async fn change(client: &Client, new: &str, otp: &str) -> reqwest::Response {
    client.auth("/email-otp/change-email", &json!({ "newEmail": new, "otp": otp })).await
}

async fn age_sessions(gw: &TestGateway) {
    gw.db.execute("update auth.sessions set created_at = now() - interval '1 hour', proved_at = null").await;
}

#[tokio::test]
async fn a_fresh_session_takes_the_new_address_with_its_code() {
    let gw = gateway(json!({})).await;
    let alice = gw.signed_up_user("alice").await;
    let other = gw.sign_in(&alice.email).await;
    assert_eq!(request(&alice, NEW, None).await.json::<Value>().await.unwrap(), json!({ "success": true }));
    let otp = code(&gw, NEW, 1).await;
    gw.mail.about("is to be changed", &alice.email).await;
    expect_problem(change(&other, NEW, &otp).await, 400, "INVALID_OTP").await;
    expect_problem(change(&alice, NEW, &wrong(&otp)).await, 400, "INVALID_OTP").await;
    assert_eq!(alice.session().await["user"]["email"], "alice@example.com");
    let changed = change(&alice, NEW, &otp).await;
    assert_eq!(changed.json::<Value>().await.unwrap(), json!({ "success": true }));
    let user = alice.session().await["user"].clone();
    assert_eq!((&user["email"], &user["emailVerified"]), (&json!(NEW), &json!(true)));
    assert_eq!(other.status("/items").await, 401, "every other session ends");
    let told = gw.mail.about("was changed", &alice.email).await;
    assert!(told.link().path().ends_with("/change-email/undo"), "{}", told.text);
    assert_eq!(gw.metric("authgate_mailed_secrets_total{kind=\"change-email\"}").await.to_string(), "1");
}

#[tokio::test]
async fn an_older_session_needs_a_code_of_the_old_address_first() {
    let gw = gateway(json!({})).await;
    let alice = gw.signed_up_user("alice").await;
    age_sessions(&gw).await;
    expect_problem(request(&alice, NEW, None).await, 400, "OTP_REQUIRED").await;
    send(&alice, &alice.email, "email-verification").await;
    let consent = code(&gw, &alice.email, 2).await;
    expect_problem(request(&alice, NEW, Some(&wrong(&consent))).await, 400, "INVALID_OTP").await;
    assert_eq!(gw.mail.all_to(NEW).len(), 0);
    assert_eq!(request(&alice, NEW, Some(&consent)).await.status(), 200);
    assert_eq!(change(&alice, NEW, &code(&gw, NEW, 1).await).await.status(), 200);
    expect_problem(request(&alice, "third@example.com", Some(&consent)).await, 400, "INVALID_OTP").await;
}

#[tokio::test]
async fn a_taken_address_looks_like_a_free_one() {
    let gw = gateway(json!({})).await;
    let alice = gw.signed_up_user("alice").await;
    gw.verified_user("bob").await;
    let mut answers = Vec::new();
    for new in ["bob@example.com", "free@example.com"] {
        let asked: Value = request(&alice, new, None).await.json().await.unwrap();
        let mut codes = vec![asked.to_string()];
        for _ in 0..4 {
            codes.push(crate::harness::problem(change(&alice, new, "000000").await).await.code);
        }
        answers.push(codes);
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(gw.mail.all_to("bob@example.com").len(), 1, "no code for an address of somebody else");
}

#[tokio::test]
async fn a_code_outlives_no_session_that_asked_for_it() {
    let gw = gateway(json!({})).await;
    let alice = gw.signed_up_user("alice").await;
    let other = gw.sign_in(&alice.email).await;
    assert_eq!(request(&alice, NEW, None).await.status(), 200);
    let otp = code(&gw, NEW, 1).await;
    assert_eq!(other.auth("/revoke-other-sessions", &json!({})).await.status(), 200);
    expect_problem(change(&other, NEW, &otp).await, 400, "OTP_EXPIRED").await;
    assert_eq!(change(&alice, NEW, &otp).await.status(), 401);
}

#[tokio::test]
async fn more_mails_than_the_limit_are_recorded_as_such() {
    let gw = gateway(json!({})).await;
    let alice = gw.signed_up_user("alice").await;
    for _ in 0..4 {
        assert_eq!(request(&alice, NEW, None).await.status(), 200);
    }
    let limited = "select count(*) from auth.audit_events
        where event = 'email_change_requested' and outcome = 'rate_limited'";
    assert_eq!(gw.db.count(limited).await, 1);
}

#[tokio::test]
async fn it_takes_a_session_and_another_address() {
    let gw = gateway(json!({})).await;
    let alice = gw.signed_up_user("alice").await;
    assert_eq!(request(&gw.anonymous(), NEW, None).await.status(), 401);
    assert_eq!(change(&gw.anonymous(), NEW, "000000").await.status(), 401);
    expect_problem(request(&alice, &alice.email, None).await, 400, "EMAIL_IS_THE_SAME").await;
    expect_problem(request(&alice, "no address", None).await, 400, "INVALID_EMAIL").await;
}

#[tokio::test]
async fn one_of_a_hundred_uses_of_a_code_wins() {
    let plenty = json!({ "limit": 10000, "window": "1m" });
    let limits = json!({ "change_email": plenty, "sign_in_address": plenty, "email_code": plenty });
    let gw = gateway(json!({ "auth": { "rate_limits": limits } })).await;
    let alice = gw.signed_up_user("alice").await;
    assert_eq!(request(&alice, NEW, None).await.status(), 200);
    let otp = code(&gw, NEW, 1).await;
    let statuses = hundred(|| {
        let (client, otp) = ((*alice).clone(), otp.clone());
        async move { change(&client, NEW, &otp).await }
    });
    assert_one_won(&statuses.await);
    let changes = "select count(*) from auth.audit_events where event = 'email_changed' and outcome = 'success'";
    assert_eq!(gw.db.count(changes).await, 1);
}
