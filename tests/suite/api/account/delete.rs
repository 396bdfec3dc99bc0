//! Deleting one's account (DATA-01, contract §3.5).

use serde_json::{Value, json};

use super::AGE_SESSIONS;
use crate::harness::{
    PASSWORD, TestGateway,
    client::{AUTH, expect_problem, problem, set_cookies},
    eventually,
    mail::Mail,
};

const USERS: &str = "select count(*) from auth.users";

/// Asserts the answer of a deletion.
async fn expect_deleted(gw: &TestGateway, response: reqwest::Response) {
    assert_eq!(response.status(), 200, "{:?}", response.text().await);
    let cookies = set_cookies(response.headers());
    assert!(
        cookies.iter().any(|cookie| cookie.starts_with(&format!("{}=; Max-Age=0", gw.cookie_name()))),
        "{cookies:?}"
    );
    assert_eq!(response.json::<Value>().await.unwrap(), json!({ "success": true, "message": "User deleted" }));
}

#[tokio::test]
async fn everything_goes_and_sessions_die_at_once() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    let phone = gw.sign_in(&alice.email).await;
    let bob = gw.signed_up_user("bob").await;
    gw.anonymous().auth("/request-password-reset", &json!({ "email": alice.email })).await;
    expect_deleted(&gw, alice.auth("/delete-user", &json!({ "password": PASSWORD })).await).await;
    for client in [(*alice).clone(), (*phone).clone(), phone.bearer()] {
        assert_eq!(client.status("/items").await, 401);
        assert!(client.session().await.is_null());
    }
    for rows in [
        "select count(*) from auth.users where email = 'alice@example.com'",
        "select count(*) from auth.accounts a where not exists (select from auth.users u where u.id = a.user_id)",
        "select count(*) from auth.sessions s where not exists (select from auth.users u where u.id = s.user_id)",
        "select count(*) from auth.verifications",
        "select count(*) from auth.known_devices d where not exists (select from auth.users u where u.id = d.user_id)",
    ] {
        assert_eq!(gw.db.count(rows).await, 0, "{rows}");
    }
    assert_eq!((bob.status("/items").await, gw.db.count(USERS).await), (200, 1));
    let is_goodbye = |mail: &Mail| mail.subject.contains("was deleted");
    eventually("the goodbye", async || gw.mail.all_to(&alice.email).into_iter().find(is_goodbye)).await;
}

#[tokio::test]
async fn the_audit_log_keeps_the_id_and_nothing_personal() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    expect_deleted(&gw, alice.auth("/delete-user", &json!({})).await).await;
    let kept: String = sqlx::query_scalar("select string_agg(e::text, ' ') from auth.audit_events e")
        .fetch_one(&mut gw.db.connect().await)
        .await
        .unwrap();
    assert!(kept.contains("user_deleted") && kept.contains(&alice.id), "{kept}");
    assert!(!kept.contains("alice"), "{kept}");
}

#[tokio::test]
async fn whoever_takes_the_address_next_inherits_nothing() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    gw.db.execute("update auth.users set roles = '{admin}', image = '/a.png'").await;
    let reset = json!({ "email": alice.email });
    gw.anonymous().auth("/request-password-reset", &reset).await;
    let old_link = gw.mail.nth_to(&alice.email, 2).await.token();
    expect_deleted(&gw, alice.auth("/delete-user", &json!({})).await).await;
    let before = gw.mail.nth_to(&alice.email, 3).await;
    assert!(before.subject.contains("deleted"));
    let body = json!({ "name": "other", "email": alice.email, "password": "their very own phrase" });
    assert_eq!(gw.anonymous().auth("/sign-up/email", &body).await.status(), 200);
    let mail = gw.mail.nth_to(&alice.email, 4).await;
    // In another browser than the former owner's.
    let fields = [("token", &*mail.token()), ("password", "their very own phrase")];
    assert!(gw.anonymous().confirm(&fields).await.status().as_u16() < 400);
    let fresh =
        "select count(*) from auth.users where roles = '{}' and image is null and name = 'other' and email_verified";
    assert_eq!(gw.db.count(fresh).await, 1);
    let id: String =
        sqlx::query_scalar("select id from auth.users").fetch_one(&mut gw.db.connect().await).await.unwrap();
    assert_ne!(id, alice.id);
    let old = json!({ "newPassword": "another phrase altogether", "token": old_link });
    expect_problem(gw.anonymous().auth("/reset-password", &old).await, 400, "INVALID_TOKEN").await;
    assert_eq!(alice.status("/items").await, 401);
    let body = json!({ "email": alice.email, "password": PASSWORD });
    expect_problem(gw.anonymous().auth("/sign-in/email", &body).await, 401, "INVALID_EMAIL_OR_PASSWORD").await;
}

#[tokio::test]
async fn an_old_session_needs_the_password() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    gw.db.execute(AGE_SESSIONS).await;
    let refused = problem(alice.post(&format!("{AUTH}/delete-user")).send().await.unwrap()).await;
    assert_eq!((refused.status, refused.code.as_str()), (400, "SESSION_EXPIRED"));
    assert_eq!(refused.message, "Session expired. Re-authenticate to perform this action.");
    let wrong = alice.auth("/delete-user", &json!({ "password": "not the password" })).await;
    expect_problem(wrong, 400, "INVALID_PASSWORD").await;
    assert_eq!(gw.db.count(USERS).await, 1);
    assert_eq!(alice.status("/items").await, 200);
    let outcomes = "select count(*) from auth.audit_events where event = 'user_deleted'
        and outcome in ('session_not_fresh', 'wrong_password')";
    assert_eq!(gw.db.count(outcomes).await, 2);
    expect_deleted(&gw, alice.auth("/delete-user", &json!({ "password": PASSWORD })).await).await;
    assert_eq!(gw.db.count(USERS).await, 0);
}

#[tokio::test]
async fn a_fresh_session_is_enough_but_a_wrong_password_is_not_overlooked() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    let wrong = alice.auth("/delete-user", &json!({ "password": "not the password" })).await;
    expect_problem(wrong, 400, "INVALID_PASSWORD").await;
    for body in [json!({ "password": 7 }), json!([]), json!({ "token": ["x"] })] {
        expect_problem(alice.auth("/delete-user", &body).await, 400, "VALIDATION_ERROR").await;
    }
    expect_problem(alice.auth("/delete-user", &json!({ "token": "nonsense" })).await, 404, "INVALID_TOKEN").await;
    assert_eq!(gw.db.count(USERS).await, 1);
    let response = alice.post(&format!("{AUTH}/delete-user")).send().await.unwrap();
    expect_deleted(&gw, response).await;
}

#[tokio::test]
async fn people_without_a_password_cannot_show_one() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let response = alice.auth("/delete-user", &json!({ "password": PASSWORD })).await;
    expect_problem(response, 400, "CREDENTIAL_ACCOUNT_NOT_FOUND").await;
    expect_deleted(&gw, alice.auth("/delete-user", &json!({})).await).await;
}

#[tokio::test]
async fn nobody_deletes_an_account_from_outside() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    expect_problem(gw.anonymous().auth("/delete-user", &json!({})).await, 401, "UNAUTHORIZED").await;
    let foreign = alice.request(http::Method::POST, &format!("{AUTH}/delete-user"));
    let foreign = foreign.header("Origin", "https://evil.example").json(&json!({}));
    expect_problem(foreign.send().await.unwrap(), 403, "INVALID_ORIGIN").await;
    assert_eq!(gw.db.count(USERS).await, 1);
}

#[tokio::test]
async fn passwords_cannot_be_guessed_here() {
    let limits = json!({ "delete_user": { "limit": 3, "window": "15m" } });
    let gw = TestGateway::with(json!({ "auth": { "rate_limits": limits } })).await;
    let alice = gw.signed_up_user("alice").await;
    for _ in 0..3 {
        let wrong = alice.auth("/delete-user", &json!({ "password": "not the password" })).await;
        expect_problem(wrong, 400, "INVALID_PASSWORD").await;
    }
    let refused = alice.auth("/delete-user", &json!({ "password": PASSWORD })).await;
    assert_eq!(refused.status(), 429);
    assert!(refused.headers().contains_key("retry-after"));
    assert_eq!(gw.db.count(USERS).await, 1);
}
