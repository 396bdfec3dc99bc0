//! Asking for another address, and what comes by mail (MAIL-12, MAIL-10, contract §3.5).

use serde_json::json;

use super::{AGE_SESSIONS, ask_to_change, change_mail, email_of, pending, verify};
use crate::harness::{
    TestGateway,
    client::{AUTH, assert_user, expect_problem, problem},
};

const NEW: &str = "new@example.org";
const MOVED: &str = "select count(*) from auth.users where email = 'new@example.org' and email_verified";

#[tokio::test]
async fn the_new_address_counts_once_it_is_proved() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    assert_eq!(pending(&alice).await, json!(null));
    let mail = change_mail(&gw, &alice, NEW).await;
    assert!(mail.link().path().ends_with("/verify-email/confirm"), "{}", mail.link());
    assert_eq!(email_of(&alice).await, alice.email.as_str(), "until then the old one stays");
    let waiting = pending(&alice).await;
    assert_eq!((&waiting["newEmail"], &waiting["step"]), (&json!(NEW), &json!("proof")));
    assert!(waiting["expiresAt"].is_string(), "{waiting}");
    assert_eq!(gw.sign_in(&alice.email).await.status("/items").await, 200);
    let response = gw.confirm(&mail).await;
    assert_eq!(response.status(), 200);
    assert!(response.text().await.unwrap().contains("new address is in force"));
    assert_eq!(email_of(&alice).await, NEW);
    assert_eq!(pending(&alice).await, json!(null));
    assert_eq!(alice.status("/items").await, 200);
    assert_eq!(gw.upstream.last().field("X-User-Email"), Some(NEW));
    assert_eq!(gw.sign_in(NEW).await.status("/items").await, 200);
    let body = json!({ "email": alice.email, "password": crate::harness::PASSWORD });
    expect_problem(gw.anonymous().auth("/sign-in/email", &body).await, 401, "INVALID_EMAIL_OR_PASSWORD").await;
}

#[tokio::test]
async fn the_old_address_is_told_twice_and_can_complete_nothing() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    let mail = change_mail(&gw, &alice, NEW).await;
    let notice = gw.mail.nth_to(&alice.email, 2).await;
    assert!(notice.subject.contains("is to be changed") && notice.text.contains(NEW), "{}", notice.text);
    assert!(!notice.raw.contains(&mail.token()), "it does not hold the token");
    assert!(notice.link().query().is_none() && notice.link().path().ends_with("/reset-password/request"));
    gw.confirm(&mail).await;
    let notice = gw.mail.nth_to(&alice.email, 3).await;
    assert!(notice.subject.contains("was changed"), "{}", notice.subject);
    assert!(!notice.text.contains(NEW) && !notice.raw.contains(&mail.token()), "{}", notice.text);
    assert!(notice.link().path().ends_with("/change-email/undo"), "{}", notice.link());
}

#[tokio::test]
async fn the_api_completes_it_too_and_shows_the_user() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    let token = change_mail(&gw, &alice, NEW).await.token();
    let response = verify(&gw.anonymous(), &token).await;
    assert_eq!(response.status(), 200);
    let answer: serde_json::Value = response.json().await.unwrap();
    assert_eq!(answer["status"], true);
    assert_user(&answer["user"], NEW, "alice");
    assert_eq!(answer["user"]["emailVerified"], true);
    expect_problem(verify(&gw.anonymous(), &token).await, 401, "INVALID_TOKEN").await;
}

#[tokio::test]
async fn the_target_that_was_asked_for_is_where_it_ends() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    let ask =
        async |target: &str| alice.auth("/change-email", &json!({ "newEmail": NEW, "callbackURL": target })).await;
    expect_problem(ask("https://evil.example/").await, 403, "INVALID_CALLBACK_URL").await;
    assert_eq!(ask("/settings?tab=1").await.status(), 200);
    let mail = gw.mail.to(NEW).await;
    let target = mail.link().query_pairs().find(|(key, _)| key == "callbackURL").unwrap().1.into_owned();
    assert_eq!(target, "/settings?tab=1");
    let path = format!("{AUTH}/verify-email?token={}&callbackURL=%2Fsettings", mail.token());
    let response = gw.anonymous().get(&path).send().await.unwrap();
    assert_eq!((response.status().as_u16(), &response.headers()["location"]), (302, &"/settings".parse().unwrap()));
    assert_eq!(gw.db.count(MOVED).await, 1);
}

#[tokio::test]
async fn a_taken_address_looks_like_a_free_one() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    let bob = gw.insert_user("bob", &[]).await;
    let mut answers = Vec::new();
    for new in [bob.email.as_str(), NEW] {
        let response = alice.auth("/change-email", &json!({ "newEmail": new })).await;
        let mut names: Vec<String> = response.headers().keys().map(ToString::to_string).collect();
        names.sort();
        let mut waiting = pending(&alice).await;
        assert_eq!((waiting["newEmail"].take(), waiting["step"].take()), (json!(new), json!("proof")));
        answers.push((response.status().as_u16(), names, response.text().await.unwrap()));
    }
    assert_eq!(answers[0], answers[1]);
    // The mailbox of whoever asks shows no difference either.
    let notices = [gw.mail.nth_to(&alice.email, 2).await, gw.mail.nth_to(&alice.email, 3).await];
    let texts = notices.map(|notice| notice.text.replace(&bob.email, "NEW").replace(NEW, "NEW"));
    assert_eq!(texts[0], texts[1]);
    gw.mail.to(NEW).await;
    gw.eventually_counts(0, "select count(*) from auth.mail_outbox").await;
    assert!(gw.mail.all_to(&bob.email).is_empty(), "its owner is left alone");
    assert_eq!(email_of(&alice).await, alice.email.as_str());
}

#[tokio::test]
async fn no_new_address_no_change() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    for (new, code) in [
        (json!("alice@example.com"), "EMAIL_IS_THE_SAME"),
        (json!("ALICE@Example.COM"), "EMAIL_IS_THE_SAME"),
        (json!("nobody"), "INVALID_EMAIL"),
        (json!("a@x.example\r\nBcc: b@y.example"), "INVALID_EMAIL"),
        (json!("a@x.example,b@y.example"), "INVALID_EMAIL"),
        (json!(["a@x.example"]), "VALIDATION_ERROR"),
        (json!({ "$ne": "" }), "VALIDATION_ERROR"),
        (json!(null), "VALIDATION_ERROR"),
    ] {
        expect_problem(alice.auth("/change-email", &json!({ "newEmail": new })).await, 400, code).await;
    }
    let same = problem(alice.auth("/change-email", &json!({ "newEmail": alice.email })).await).await;
    assert_eq!(same.message, "Email is the same");
    assert_eq!(gw.db.count("select count(*) from auth.verifications").await, 0);
    assert_eq!(gw.db.count("select count(*) from auth.mail_outbox").await, 0);
    assert!(gw.mail.all().is_empty());
}

#[tokio::test]
async fn it_takes_a_fresh_session() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    gw.db.execute(AGE_SESSIONS).await;
    let body = json!({ "newEmail": NEW });
    expect_problem(alice.auth("/change-email", &body).await, 403, "SESSION_NOT_FRESH").await;
    expect_problem(gw.anonymous().auth("/change-email", &body).await, 401, "UNAUTHORIZED").await;
    assert_eq!(gw.db.count("select count(*) from auth.verifications").await, 0);
}

#[tokio::test]
async fn nobody_is_bombed_through_it() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    for n in 0..5 {
        ask_to_change(&alice, &format!("new{n}@example.org")).await;
    }
    gw.eventually_counts(0, "select count(*) from auth.mail_outbox").await;
    assert_eq!(gw.mail.all_to(&alice.email).len(), 3);
    assert_eq!(gw.mail.all().len(), 6, "three to new addresses, three notices");
    for n in 5..10 {
        ask_to_change(&alice, &format!("new{n}@example.org")).await;
    }
    let eleventh = alice.auth("/change-email", &json!({ "newEmail": NEW })).await;
    assert_eq!(eleventh.status(), 429);
}

#[tokio::test]
async fn an_unproved_account_can_move_as_well() {
    let gw = TestGateway::with(json!({ "auth": { "email_verification": { "required": false } } })).await;
    gw.sign_up("alice").await;
    let alice = gw.sign_in("alice@example.com").await;
    let mail = change_mail(&gw, &alice, NEW).await;
    assert_eq!(email_of(&alice).await, "alice@example.com");
    assert_eq!(gw.confirm(&mail).await.status(), 200);
    assert_eq!(gw.db.count(MOVED).await, 1);
}
