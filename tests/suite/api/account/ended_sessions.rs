//! A session's request takes no effect once it has ended, however long the request or the link waited (SESS-04,
//! MAIL-15).

use serde_json::{Value, json};

use super::{ask_to_change, change_mail, insert_account, press, undo_link, verify};
use crate::harness::{PASSWORD, TestGateway, User, client::expect_problem};

const NEW: &str = "new@example.org";
const THEIRS: &str = "the thief's very own phrase";
/// Everything that a flow of a session could change about its user.
const STATE: &str = "select hashtext(concat(
    (select string_agg(u::text, '') from auth.users u),
    (select string_agg(a::text, '' order by a.id) from auth.accounts a),
    (select string_agg(s::text, '') from auth.sessions s),
    (select string_agg(v::text, '') from auth.verifications v),
    (select string_agg(m::text, '') from auth.mail_outbox m)
))::bigint";

/// Holds what flows act on in the name of a session; the flag tells whether the account has a password besides two providers.
fn flows() -> [(&'static str, Value, bool); 10] {
    [
        ("/delete-user", json!({}), true),
        ("/delete-user", json!({ "password": PASSWORD }), true),
        ("/change-password", json!({ "currentPassword": PASSWORD, "newPassword": THEIRS }), true),
        (
            "/change-password",
            json!({ "currentPassword": PASSWORD, "newPassword": THEIRS, "revokeOtherSessions": true }),
            true,
        ),
        ("/set-password", json!({ "newPassword": THEIRS }), false),
        ("/change-email", json!({ "newEmail": NEW }), true),
        ("/verify-password", json!({ "password": PASSWORD }), true),
        ("/unlink-account", json!({ "providerId": "google" }), false),
        ("/update-user", json!({ "name": "Mallory" }), true),
        ("/revoke-other-sessions", json!({}), true),
    ]
}

/// Lets the session ask while the user is locked, ends the session under that lock, and expects that nothing happened.
async fn expect_nothing(gw: &TestGateway, alice: &User, path: &'static str, body: &Value) {
    let mut ending = gw.db.connect().await;
    for statement in ["begin", "select from auth.users for update"] {
        sqlx::query(statement).execute(&mut ending).await.unwrap();
    }
    let (client, asked) = ((**alice).clone(), body.clone());
    let asking = tokio::spawn(async move { client.auth(path, &asked).await });
    let waiting = "select count(*) from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'";
    gw.eventually_counts(1, waiting).await;
    let ended = "delete from auth.sessions where token_hash = sha256($1::text::bytea)";
    let ended = sqlx::query(ended).bind(&alice.token).execute(&mut ending).await.unwrap();
    assert_eq!(ended.rows_affected(), 1);
    let before: i64 = sqlx::query_scalar(STATE).fetch_one(&mut ending).await.unwrap();
    sqlx::query("commit").execute(&mut ending).await.unwrap();
    let response = asking.await.unwrap();
    assert!(response.headers().get("set-cookie").is_none_or(|cookie| !cookie.to_str().unwrap().contains(&alice.token)));
    expect_problem(response, 401, "UNAUTHORIZED").await;
    assert_eq!(gw.db.count(STATE).await, before, "{path} {body}");
}

#[tokio::test]
async fn a_request_that_waited_while_its_session_ended_changes_nothing() {
    for (path, body, has_password) in flows() {
        let gw = TestGateway::start().await;
        let alice = if has_password { gw.signed_up_user("alice").await } else { gw.insert_user("alice", &[]).await };
        for provider in ["google", "github"] {
            insert_account(&gw, &alice.id, provider).await;
        }
        gw.insert_session(&alice.id).await;
        gw.eventually_counts(0, "select count(*) from auth.mail_outbox").await;
        expect_nothing(&gw, &alice, path, &body).await;
    }
}

#[tokio::test]
async fn a_deletion_by_mail_is_not_asked_for_either() {
    let gw = TestGateway::with(json!({ "auth": { "delete_user": { "mailed_confirmation": true } } })).await;
    let alice = gw.insert_user("alice", &[]).await;
    expect_nothing(&gw, &alice, "/delete-user", &json!({})).await;
}

/// Ends the session that asked for a change of address, in the ways that are not told of links.
async fn end(gw: &TestGateway, asked: &User, how: &str) {
    match how {
        "sign-out" => assert_eq!(asked.auth("/sign-out", &json!({})).await.status(), 200),
        "revoke-session" => {
            let body = json!({ "token": asked.token });
            assert_eq!(asked.auth("/revoke-session", &body).await.status(), 200);
        }
        _ => assert_eq!(gw.db.execute("delete from auth.sessions").await, 1),
    }
}

#[tokio::test]
async fn a_link_outlives_no_session_that_asked_for_it() {
    for how in ["sign-out", "revoke-session", "by hand"] {
        let gw = TestGateway::start().await;
        let alice = gw.insert_user("alice", &[]).await;
        let proof = change_mail(&gw, &alice, NEW).await;
        end(&gw, &alice, how).await;
        assert_eq!(gw.confirm(&proof).await.status(), 400, "{how}");
        expect_problem(verify(&gw.anonymous(), &proof.token()).await, 401, "INVALID_TOKEN").await;
        assert_eq!(gw.db.count("select count(*) from auth.users where email = 'alice@example.com'").await, 1, "{how}");
    }
}

#[tokio::test]
async fn a_consent_outlives_no_session_that_asked_for_it() {
    for how in ["sign-out", "revoke-session"] {
        let gw = TestGateway::start().await;
        let alice = gw.insert_user("alice", &[]).await;
        gw.db.execute(super::AGE_ELEVEN_MINUTES).await;
        ask_to_change(&alice, NEW).await;
        let consent = gw.mail.nth_to(&alice.email, 1).await;
        end(&gw, &alice, how).await;
        assert_eq!(press(&gw, &consent.link()).await.status(), 400, "{how}");
        assert!(gw.mail.all_to(NEW).is_empty(), "{how}");
    }
}

#[tokio::test]
async fn the_undo_brings_no_password_back_that_a_session_set_just_before() {
    for signs_in_again in [false, true] {
        let gw = TestGateway::start().await;
        let alice = gw.insert_user("alice", &[]).await;
        gw.db.execute("update auth.users set created_at = now() - interval '1 year'").await;
        assert_eq!(alice.auth("/set-password", &json!({ "newPassword": THEIRS })).await.status(), 200);
        gw.mail.about("was changed", &alice.email).await;
        let body = json!({ "email": alice.email, "password": THEIRS });
        let thief = if signs_in_again {
            let response = gw.anonymous().auth("/sign-in/email", &body).await;
            let cookie = response.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
            gw.anonymous().with_cookie(cookie)
        } else {
            (*alice).clone()
        };
        assert_eq!(gw.confirm(&change_mail(&gw, &thief, NEW).await).await.status(), 200);
        let page = press(&gw, &undo_link(&gw, &alice.email, 2).await).await;
        assert!(page.text().await.unwrap().contains("name=\"newPassword\""));
        assert_eq!(gw.db.count("select count(*) from auth.accounts").await, 0);
        let response = gw.anonymous().auth("/sign-in/email", &body).await;
        expect_problem(response, 401, "INVALID_EMAIL_OR_PASSWORD").await;
    }
}
