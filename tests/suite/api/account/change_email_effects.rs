//! What a change of address ends, and which links complete none (MAIL-01, MAIL-03, SESS-08).

use serde_json::json;

use super::{ask_to_change, change_mail, email_of, verify};
use crate::harness::{PASSWORD, TestGateway, client::expect_problem};

const NEW: &str = "new@example.org";

#[tokio::test]
async fn every_session_ends_but_the_one_that_asked() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    let phone = gw.sign_in(&alice.email).await;
    let bob = gw.insert_user("bob", &[]).await;
    let mail = change_mail(&gw, &alice, NEW).await;
    assert_eq!(phone.status("/items").await, 200, "asking ends nothing");
    assert_eq!(gw.confirm(&mail).await.status(), 200);
    assert_eq!((alice.status("/items").await, phone.status("/items").await), (200, 401));
    assert_eq!(bob.status("/items").await, 200);
    let audited = "select count(*) from auth.audit_events where event = 'email_changed' and outcome = 'success'
        and user_id is not null";
    assert_eq!(gw.db.count(audited).await, 1);
}

#[tokio::test]
async fn links_mailed_to_the_old_address_die() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    let body = json!({ "email": alice.email });
    assert_eq!(gw.anonymous().auth("/request-password-reset", &body).await.status(), 200);
    let reset = gw.mail.nth_to(&alice.email, 2).await.token();
    let mail = change_mail(&gw, &alice, NEW).await;
    assert_eq!(gw.confirm(&mail).await.status(), 200);
    let body = json!({ "newPassword": "another phrase altogether", "token": reset });
    expect_problem(gw.anonymous().auth("/reset-password", &body).await, 400, "INVALID_TOKEN").await;
    assert_eq!(gw.db.count("select count(*) from auth.verifications").await, 0);
    assert_eq!(gw.sign_in(NEW).await.status("/items").await, 200, "the password is what it was");
}

#[tokio::test]
async fn a_password_reset_withdraws_the_request() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    let change = change_mail(&gw, &alice, NEW).await;
    let body = json!({ "email": alice.email });
    assert_eq!(gw.anonymous().auth("/request-password-reset", &body).await.status(), 200);
    let reset = gw.mail.nth_to(&alice.email, 3).await.token();
    let body = json!({ "newPassword": "another phrase altogether", "token": reset });
    assert_eq!(gw.anonymous().auth("/reset-password", &body).await.status(), 200);
    expect_problem(verify(&gw.anonymous(), &change.token()).await, 401, "INVALID_TOKEN").await;
    assert_eq!(gw.db.count("select count(*) from auth.users where email = 'alice@example.com'").await, 1);
}

#[tokio::test]
async fn the_newest_request_wins() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    let first = change_mail(&gw, &alice, "first@example.org").await;
    let second = change_mail(&gw, &alice, NEW).await;
    expect_problem(verify(&gw.anonymous(), &first.token()).await, 401, "TOKEN_EXPIRED").await;
    assert_eq!(verify(&gw.anonymous(), &second.token()).await.status(), 200);
    assert_eq!(email_of(&alice).await, NEW);
}

#[tokio::test]
async fn a_token_is_bound_to_the_address_that_it_replaces() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    let token = change_mail(&gw, &alice, NEW).await.token();
    gw.db.execute("update auth.users set email = 'moved@example.com'").await;
    expect_problem(verify(&gw.anonymous(), &token).await, 401, "INVALID_TOKEN").await;
    assert_eq!(gw.db.count("select count(*) from auth.users where email = 'moved@example.com'").await, 1);
}

#[tokio::test]
async fn tokens_of_other_kinds_and_ages_change_nothing() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    let token = change_mail(&gw, &alice, NEW).await.token();
    let lifetime = "select extract(epoch from expires_at - created_at)::bigint from auth.verifications";
    assert_eq!(gw.db.count(lifetime).await, 15 * 60);
    let stored: String = sqlx::query_scalar("select string_agg(v::text, ' ') from auth.verifications v")
        .fetch_one(&mut gw.db.connect().await)
        .await
        .unwrap();
    assert!(!stored.contains(&token), "{stored}");
    for purpose in ["reset-password", "delete-user", "account-exists"] {
        sqlx::query("update auth.verifications set purpose = $1")
            .bind(purpose)
            .execute(&mut gw.db.connect().await)
            .await
            .unwrap();
        expect_problem(verify(&gw.anonymous(), &token).await, 401, "INVALID_TOKEN").await;
    }
    gw.db.execute("update auth.verifications set purpose = 'change-email'").await;
    let body = json!({ "newPassword": "another phrase altogether", "token": token });
    expect_problem(gw.anonymous().auth("/reset-password", &body).await, 400, "INVALID_TOKEN").await;
    expect_problem(alice.auth("/delete-user", &json!({ "token": token })).await, 404, "INVALID_TOKEN").await;
    gw.db.execute("update auth.verifications set expires_at = now() - interval '1 ms'").await;
    expect_problem(verify(&gw.anonymous(), &token).await, 401, "TOKEN_EXPIRED").await;
    assert_eq!(email_of(&alice).await, alice.email.as_str());
}

#[tokio::test]
async fn an_address_that_was_taken_meanwhile_stays_its_owners() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    let mail = change_mail(&gw, &alice, "bob@example.com").await;
    let bob = gw.insert_user("bob", &[]).await;
    let page = gw.confirm(&mail).await;
    assert_eq!(page.status(), 400);
    let page = page.text().await.unwrap();
    assert!(page.contains("in use") && !page.contains("bob@"), "{page}");
    expect_problem(verify(&gw.anonymous(), &mail.token()).await, 401, "INVALID_TOKEN").await;
    assert_eq!((email_of(&alice).await, email_of(&bob).await), (json!(alice.email), json!(bob.email)));
    assert_eq!(alice.status("/items").await, 200);
}

#[tokio::test]
async fn a_banned_users_link_moves_nothing() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    let token = change_mail(&gw, &alice, NEW).await.token();
    gw.db.execute("update auth.users set banned_at = now()").await;
    expect_problem(verify(&gw.anonymous(), &token).await, 401, "INVALID_TOKEN").await;
    assert_eq!(gw.db.count("select count(*) from auth.users where email = 'alice@example.com'").await, 1);
}

#[tokio::test]
async fn a_reset_asked_for_with_the_old_address_reaches_nobody() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    ask_to_change(&alice, NEW).await;
    assert_eq!(gw.confirm(&gw.mail.to(NEW).await).await.status(), 200);
    gw.mail.nth_to(&alice.email, 3).await;
    let ask = async |email: &str| gw.anonymous().auth("/request-password-reset", &json!({ "email": email })).await;
    assert_eq!(
        (ask(&alice.email).await.status(), ask(NEW).await.status()),
        (http::StatusCode::OK, http::StatusCode::OK)
    );
    gw.mail.nth_to(NEW, 2).await;
    assert_eq!(gw.mail.all_to(&alice.email).len(), 3);
    // Once nobody can undo the change any more, whoever signs up with the old address gets an account of their own.
    let body = json!({ "name": "eve", "email": alice.email, "password": PASSWORD });
    for (users, change) in [(1, "select"), (2, "update auth.email_changes set expires_at = now()")] {
        gw.db.execute(change).await;
        assert_eq!(gw.anonymous().auth("/sign-up/email", &body).await.status(), 200);
        assert_eq!(gw.db.count("select count(*) from auth.users").await, users);
    }
}
