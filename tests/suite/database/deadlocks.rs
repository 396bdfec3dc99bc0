//! One order of locks: the user first. Each test stops one transaction half-way, lets another one run into it, and lets
//! the first go on; in any other order PostgreSQL ends one of the two.

use serde_json::json;

use super::{Gate, assert_no_deadlock, beside, waiting};
use crate::harness::{PASSWORD, TestGateway, User, client::AUTH, eventually};

/// Signs in again from a browser that holds an old session.
fn sign_in_again(old: &User) -> tokio::task::JoinHandle<u16> {
    let (client, body) = ((**old).clone(), json!({ "email": old.email, "password": PASSWORD }));
    tokio::spawn(async move { client.auth("/sign-in/email", &body).await.status().as_u16() })
}

const SESSIONS: &str = "select count(*) from auth.sessions";

#[tokio::test]
async fn a_ban_waits_for_a_sign_in_and_ends_its_session() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    let gate = Gate::close(&gw.db, "before insert on auth.sessions").await;
    let sign_in = sign_in_again(&alice);
    waiting(&gw.db, 1).await;
    let ban = beside(&gw, &["users", "ban", &alice.email, "--json"]);
    waiting(&gw.db, 2).await;
    gate.open().await;
    assert_eq!(sign_in.await.unwrap(), 200);
    let ban = ban.await.unwrap();
    assert!(ban.status.success(), "{ban:?}");
    assert_eq!(gw.db.count("select count(*) from auth.users where banned_at is not null").await, 1);
    assert_eq!(gw.db.count(SESSIONS).await, 0, "the session of the sign-in has ended too");
    assert_no_deadlock(&gw).await;
}

#[tokio::test]
async fn a_sign_in_that_waits_for_a_ban_opens_nothing() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    let gate = Gate::close(&gw.db, "before delete on auth.sessions").await;
    let ban = beside(&gw, &["users", "ban", &alice.email, "--json"]);
    waiting(&gw.db, 1).await;
    // Its password is right, and proved before it comes to the ban.
    let sign_in = sign_in_again(&alice);
    waiting(&gw.db, 2).await;
    gate.open().await;
    assert!(ban.await.unwrap().status.success());
    assert_eq!(sign_in.await.unwrap(), 401);
    assert_eq!(gw.db.count(SESSIONS).await, 0);
    assert_no_deadlock(&gw).await;
}

#[tokio::test]
async fn a_deletion_waits_for_a_sign_in_and_a_sign_in_for_a_deletion() {
    for (first, when) in [("sign-in", "before insert on auth.sessions"), ("deletion", "before delete on auth.sessions")]
    {
        let gw = TestGateway::start().await;
        let alice = gw.signed_up_user("alice").await;
        let gate = Gate::close(&gw.db, when).await;
        let delete = || beside(&gw, &["users", "delete", &alice.email, "--yes", "--json"]);
        let (delete, sign_in) = if first == "sign-in" {
            let sign_in = sign_in_again(&alice);
            waiting(&gw.db, 1).await;
            (delete(), sign_in)
        } else {
            let delete = delete();
            waiting(&gw.db, 1).await;
            (delete, sign_in_again(&alice))
        };
        waiting(&gw.db, 2).await;
        gate.open().await;
        let delete = delete.await.unwrap();
        assert!(delete.status.success(), "{first}: {delete:?}");
        assert_eq!(sign_in.await.unwrap(), if first == "sign-in" { 200 } else { 401 }, "{first} first");
        assert_eq!(gw.db.count("select count(*) from auth.users").await, 0);
        assert_no_deadlock(&gw).await;
    }
}

#[tokio::test]
async fn two_browsers_that_swap_users_wait_for_each_other_in_one_order() {
    let gw = TestGateway::start().await;
    let (alice, bob) = (gw.signed_up_user("alice").await, gw.signed_up_user("bob").await);
    let gate = Gate::close(&gw.db, "before insert on auth.sessions").await;
    let sign_in = |browser: &User, email: &str| {
        let (client, body) = ((**browser).clone(), json!({ "email": email, "password": PASSWORD }));
        tokio::spawn(async move { client.auth("/sign-in/email", &body).await.status().as_u16() })
    };
    let both = [sign_in(&alice, &bob.email), sign_in(&bob, &alice.email)];
    waiting(&gw.db, 2).await;
    // Neither user is free while the first of the two holds both.
    let ban = beside(&gw, &["users", "ban", &alice.email, "--json"]);
    waiting(&gw.db, 3).await;
    gate.open().await;
    for sign_in in both {
        assert!([200, 401].contains(&sign_in.await.unwrap()));
    }
    assert!(ban.await.unwrap().status.success());
    let of_alice = format!("select count(*) from auth.sessions where user_id = '{}'", alice.id);
    assert_eq!(gw.db.count(Box::leak(of_alice.into_boxed_str())).await, 0);
    assert_no_deadlock(&gw).await;
}

#[tokio::test]
async fn ending_other_sessions_waits_for_a_sign_in() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    // As many as there may be, so that the sign-in ends the oldest one of them as well.
    for _ in 0..99 {
        gw.insert_session(&alice.id).await;
    }
    let other = gw.sign_in(&alice.email).await;
    let gate = Gate::close(&gw.db, "before insert on auth.sessions").await;
    let sign_in = sign_in_again(&alice);
    waiting(&gw.db, 1).await;
    let revoke = tokio::spawn({
        let client = (*other).clone();
        async move { client.post(&format!("{AUTH}/revoke-other-sessions")).send().await.unwrap().status().as_u16() }
    });
    waiting(&gw.db, 2).await;
    gate.open().await;
    assert_eq!((sign_in.await.unwrap(), revoke.await.unwrap()), (200, 200));
    assert_eq!(gw.db.count(SESSIONS).await, 1, "the one that asked");
    assert_no_deadlock(&gw).await;
}

#[tokio::test]
async fn a_second_sign_up_waits_for_a_verification() {
    let gw = TestGateway::start().await;
    let email = gw.sign_up("alice").await;
    let token = gw.mail.to(&email).await.token();
    let gate = Gate::close(&gw.db, "before delete on auth.verifications").await;
    let (confirm, sign_up) = tokio::join!(gw.confirm_token(&token), async {
        waiting(&gw.db, 1).await;
        let body = json!({ "name": "x", "email": email, "password": PASSWORD });
        let (client, body) = (gw.anonymous(), body);
        let sign_up = tokio::spawn(async move { client.auth("/sign-up/email", &body).await.status().as_u16() });
        waiting(&gw.db, 2).await;
        gate.open().await;
        sign_up.await.unwrap()
    });
    assert!(confirm.status().as_u16() < 400 && sign_up == 200, "{} {sign_up}", confirm.status());
    assert_no_deadlock(&gw).await;
}

#[tokio::test]
async fn the_use_of_sessions_waits_for_nobody() {
    let gw = TestGateway::start().await;
    let (alice, bob) = (gw.insert_user("alice", &[]).await, gw.insert_user("bob", &[]).await);
    gw.db.execute("update auth.sessions set last_seen_at = now() - interval '1 hour'").await;
    let mut connection = gw.db.connect().await;
    let mut transaction = sqlx::Connection::begin(&mut connection).await.unwrap();
    sqlx::query("select from auth.sessions where user_id = $1 for update")
        .bind(&alice.id)
        .execute(&mut *transaction)
        .await
        .unwrap();
    let unseen = "select count(*) from auth.sessions where last_seen_at < now() - interval '50 minutes'";
    eventually("the use of bob's session", async || {
        assert_eq!((alice.status("/items").await, bob.status("/items").await), (200, 200));
        (gw.db.count(unseen).await == 1).then_some(())
    })
    .await;
    transaction.rollback().await.unwrap();
    eventually("the use of alice's session", async || {
        assert_eq!(alice.status("/items").await, 200);
        (gw.db.count(unseen).await == 0).then_some(())
    })
    .await;
}
