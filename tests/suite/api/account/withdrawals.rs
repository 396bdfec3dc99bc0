//! Links that a session asked for end where somebody else ends the session (SESS-08, MAIL-15).

use std::sync::Arc;

use serde_json::json;

use super::{ask_to_change, change_mail, email_of, verify};
use crate::harness::{TestGateway, User, client::expect_problem};

const NEW: &str = "new@example.org";
const AGE_A_DAY: &str = "update auth.sessions set created_at = now() - interval '23 hours'";
const PENDING: &str = "select count(*) from auth.verifications where expires_at > now()";

async fn gateway() -> TestGateway {
    TestGateway::with(json!({ "auth": { "delete_user": { "mailed_confirmation": true } } })).await
}

/// Somebody else in the account, who has asked for everything that a session can ask for.
async fn thief_who_asked(gw: &TestGateway, alice: &User, n: usize) -> User {
    let thief = gw.sign_in(&alice.email).await;
    ask_to_change(&thief, &format!("thief{n}@example.org")).await;
    gw.db.execute(AGE_A_DAY).await;
    ask_to_change(&thief, NEW).await;
    assert_eq!(thief.auth("/delete-user", &json!({})).await.status(), 200);
    assert_eq!(gw.db.count(PENDING).await, 3, "a proof, a consent and a deletion");
    thief
}

fn newest_session(gw: &TestGateway, user: &User) -> String {
    let listed = gw.cli_json(&["sessions", "list", &user.id]);
    listed["sessions"].as_array().and_then(|all| all.first()).map(|one| one["id"].as_str().unwrap().to_owned()).unwrap()
}

#[tokio::test]
async fn the_end_of_one_session_withdraws_what_it_asked_for() {
    let gw = gateway().await;
    let alice = gw.signed_up_user("alice").await;
    let thief = thief_who_asked(&gw, &alice, 0).await;
    let response = alice.auth("/revoke-session", &json!({ "token": thief.token })).await;
    assert_eq!((response.status().as_u16(), gw.db.count(PENDING).await), (200, 0), "by its owner");
    let proof = gw.mail.to("thief0@example.org").await.token();
    expect_problem(verify(&gw.anonymous(), &proof).await, 401, "INVALID_TOKEN").await;
    gw.db.execute("delete from auth.rate_limits").await;
    thief_who_asked(&gw, &alice, 1).await;
    gw.cli_json(&["sessions", "revoke", &newest_session(&gw, &alice)]);
    assert_eq!(gw.db.count(PENDING).await, 0, "by an operator");
}

#[tokio::test]
async fn a_thief_who_signs_out_after_asking_keeps_no_link() {
    let gw = gateway().await;
    let alice = gw.signed_up_user("alice").await;
    for (n, path) in ["/revoke-other-sessions", "/revoke-sessions"].into_iter().enumerate() {
        let thief = thief_who_asked(&gw, &alice, n).await;
        assert_eq!(thief.auth("/sign-out", &json!({})).await.status(), 200);
        assert_eq!(alice.auth(path, &json!({})).await.status(), 200);
        assert_eq!(gw.db.count(PENDING).await, 0, "{path}");
        gw.db.execute("delete from auth.rate_limits").await;
    }
}

#[tokio::test]
async fn a_ban_withdraws_what_was_asked_for_before() {
    let gw = gateway().await;
    let alice = gw.signed_up_user("alice").await;
    thief_who_asked(&gw, &alice, 0).await;
    gw.cli_json(&["users", "ban", &alice.id]);
    gw.cli_json(&["users", "unban", &alice.id]);
    assert_eq!(gw.db.count(PENDING).await, 0);
}

#[tokio::test]
async fn who_signs_out_before_pressing_asks_again() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    let mail = change_mail(&gw, &alice, NEW).await;
    assert_eq!(alice.auth("/sign-out", &json!({})).await.status(), 200);
    assert_eq!(gw.confirm(&mail).await.status(), 400);
    let alice = gw.sign_in(&alice.email).await;
    let mail = change_mail(&gw, &alice, NEW).await;
    assert_eq!(gw.confirm(&mail).await.status(), 200);
    assert_eq!(email_of(&alice).await, NEW);
}

#[tokio::test]
async fn a_session_that_ends_while_it_asks_gets_no_link() {
    let gw = Arc::new(gateway().await);
    let alice = gw.signed_up_user("alice").await;
    for (path, body) in [("/change-email", json!({ "newEmail": NEW })), ("/delete-user", json!({}))] {
        let thief = gw.sign_in(&alice.email).await;
        let mut revoking = gw.db.connect().await;
        for statement in ["begin", "select id from auth.users for update"] {
            sqlx::query(statement).execute(&mut revoking).await.unwrap();
        }
        let asked = tokio::spawn(async move { thief.auth(path, &body).await.status().as_u16() });
        let waiting = "select count(*) from pg_stat_activity
            where datname = current_database() and wait_event_type = 'Lock'";
        gw.eventually_counts(1, waiting).await;
        let newest = "delete from auth.sessions where id = (select max(id) from auth.sessions)";
        for statement in [newest, "commit"] {
            sqlx::query(statement).execute(&mut revoking).await.unwrap();
        }
        assert_eq!((asked.await.unwrap(), gw.db.count(PENDING).await), (401, 0), "{path}");
    }
    assert!(gw.mail.all_to(NEW).is_empty());
}

#[tokio::test]
async fn withdrawing_makes_no_room_for_more_mail() {
    let gw = gateway().await;
    let alice = gw.signed_up_user("alice").await;
    let mails = "select count(*) from auth.verifications where purpose = 'delete-user'";
    let mut counts = Vec::new();
    for _ in 0..8 {
        assert_eq!(alice.auth("/delete-user", &json!({})).await.status(), 200);
        assert_eq!(alice.auth("/revoke-session", &json!({ "token": "nothing" })).await.status(), 200);
        assert_eq!(alice.auth("/revoke-other-sessions", &json!({})).await.status(), 200);
        counts.push(gw.db.count(mails).await);
    }
    assert!(counts.windows(2).any(|two| two[0] == two[1]), "the limit is reached: {counts:?}");
    gw.eventually_counts(0, "select count(*) from auth.mail_outbox").await;
    let mailed = gw.mail.all_to(&alice.email).len() - 1;
    assert_eq!(i64::try_from(mailed).unwrap(), counts[7], "each one is counted");
}
