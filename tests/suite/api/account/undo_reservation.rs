//! As long as a change of address can be undone, the address that was left is nobody else's, and the account cannot be
//! deleted over its head (MAIL-15).

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};

use super::{ask_to_change, change_mail, press, undo_link, verify};
use crate::harness::{PASSWORD, TestGateway, User, client::expect_problem, eventually_within};

const NEW: &str = "moved@example.org";
const OVER: &str = "update auth.email_changes set expires_at = now() - interval '1 ms'";
const USERS: &str = "select count(*) from auth.users";

async fn moved(gw: &TestGateway) -> User {
    let email = gw.sign_up("alice").await;
    gw.db.execute("update auth.users set email_verified = true").await;
    let alice = gw.sign_in(&email).await;
    assert_eq!(gw.confirm(&change_mail(gw, &alice, NEW).await).await.status(), 200);
    alice
}

/// Status, header names and body of a sign-up, without what belongs to the address.
async fn signed_up(gw: &TestGateway, email: &str) -> (u16, Vec<String>, Value) {
    let body = json!({ "name": "eve", "email": email, "password": PASSWORD });
    let response = gw.anonymous().auth("/sign-up/email", &body).await;
    let mut names: Vec<String> = response.headers().keys().map(ToString::to_string).collect();
    names.sort();
    let status = response.status().as_u16();
    let mut answer: Value = response.json().await.unwrap();
    for key in ["id", "email", "createdAt", "updatedAt"] {
        answer["user"][key] = Value::Null;
    }
    answer.as_object_mut().unwrap().remove("requestId");
    (status, names, answer)
}

#[tokio::test]
async fn the_address_that_was_left_is_taken_for_everybody_else() {
    let gw = TestGateway::start().await;
    let alice = moved(&gw).await;
    assert_eq!(signed_up(&gw, &alice.email).await, signed_up(&gw, NEW).await);
    assert_eq!(gw.db.count(USERS).await, 1);
    let bob = gw.signed_up_user("bob").await;
    ask_to_change(&bob, &alice.email).await;
    gw.mail.about("is to be changed", &bob.email).await;
    let create = ["users", "create", &alice.email, "--name", "x"];
    gw.cli(&create).assert_refused(1, "has an account already");
    gw.eventually_counts(0, "select count(*) from auth.mail_outbox").await;
    assert_eq!(gw.mail.all_to(&alice.email).len(), 3, "sign-up, request, change: nothing of the others'");
    assert_eq!(press(&gw, &undo_link(&gw, &alice.email, 1).await).await.status(), 200);
    assert_eq!(gw.sign_in(&alice.email).await.id, alice.id);
}

#[tokio::test]
async fn where_addresses_need_no_proof_it_is_taken_as_well() {
    let gw = TestGateway::with(json!({ "auth": { "email_verification": { "required": false } } })).await;
    let alice = moved(&gw).await;
    let taken = signed_up(&gw, NEW).await;
    assert_eq!(taken.0, 422);
    assert_eq!(signed_up(&gw, &alice.email).await, taken);
    assert_eq!(gw.db.count(USERS).await, 1);
}

#[tokio::test]
async fn a_change_that_was_asked_for_before_the_reservation_finds_the_address_taken() {
    let gw = TestGateway::start().await;
    let bob = gw.signed_up_user("bob").await;
    let alice = gw.signed_up_user("alice").await;
    // While it was free, so that the token was mailed.
    gw.db.execute("update auth.users set email = 'parked@example.com' where name = 'alice'").await;
    let token = change_mail(&gw, &bob, &alice.email).await.token();
    gw.db.execute("update auth.users set email = 'alice@example.com' where name = 'alice'").await;
    assert_eq!(gw.confirm(&change_mail(&gw, &alice, NEW).await).await.status(), 200);
    expect_problem(verify(&gw.anonymous(), &token).await, 401, "INVALID_TOKEN").await;
    assert_eq!(gw.db.count("select count(*) from auth.users where email = 'alice@example.com'").await, 0);
}

#[tokio::test]
async fn a_sign_up_that_waits_for_the_change_does_not_slip_in() {
    let gw = Arc::new(TestGateway::start().await);
    let alice = gw.insert_user("alice", &[]).await;
    let mut changing = gw.db.connect().await;
    for statement in [
        "begin",
        "update auth.users set email = 'moved@example.org'",
        "insert into auth.email_changes (token_hash, user_id, old_email, new_email, changed_at, expires_at)
             select sha256('x'), id, 'alice@example.com', email, now(), now() + interval '7 days' from auth.users",
    ] {
        sqlx::query(statement).execute(&mut changing).await.unwrap();
    }
    let (asking, email) = (Arc::clone(&gw), alice.email.clone());
    let asked = tokio::spawn(async move { signed_up(&asking, &email).await.0 });
    let waiting = "select count(*) from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'";
    gw.eventually_counts(1, waiting).await;
    sqlx::query("commit").execute(&mut changing).await.unwrap();
    assert_eq!(asked.await.unwrap(), 200);
    assert_eq!(gw.db.count(USERS).await, 1);
}

#[tokio::test]
async fn afterwards_the_address_is_anybodys() {
    let gw = TestGateway::start().await;
    let alice = moved(&gw).await;
    gw.db.execute(OVER).await;
    assert_eq!(signed_up(&gw, &alice.email).await.0, 200);
    assert_eq!(gw.db.count(USERS).await, 2);
    let link = undo_link(&gw, &alice.email, 1).await;
    assert_eq!(press(&gw, &link).await.status(), 400);
    gw.db.execute("delete from auth.email_changes").await;
    assert_eq!(press(&gw, &link).await.status(), 400, "as after the sweep");
}

#[tokio::test]
async fn a_deletion_does_not_make_the_way_back_void() {
    let settings = json!({ "auth": { "delete_user": { "mailed_confirmation": true } } });
    for changes in [Value::Null, settings] {
        let is_mailed = !changes.is_null();
        let gw = TestGateway::with(changes).await;
        let alice = moved(&gw).await;
        let answer = alice.auth("/delete-user", &json!({ "password": PASSWORD })).await;
        if is_mailed {
            let mail = gw.mail.about("Delete your account", NEW).await;
            assert_eq!(press(&gw, &mail.link()).await.status(), 200);
        } else {
            let deleted = json!({ "success": true, "message": "User deleted" });
            assert_eq!(answer.json::<Value>().await.unwrap(), deleted);
        }
        // For everybody it is gone.
        assert_eq!(alice.status("/items").await, 401);
        for email in [NEW, &alice.email] {
            let body = json!({ "email": email, "password": PASSWORD });
            expect_problem(gw.anonymous().auth("/sign-in/email", &body).await, 401, "INVALID_EMAIL_OR_PASSWORD").await;
            assert_eq!(gw.anonymous().auth("/request-password-reset", &json!({ "email": email })).await.status(), 200);
        }
        assert_eq!(gw.db.count("select count(*) from auth.verifications").await, 0, "nothing was mailed");
        assert_eq!(signed_up(&gw, NEW).await.0, 200);
        assert_eq!(gw.db.count(USERS).await, 2, "the new address is free for anybody");
        gw.mail.about("was deleted", &alice.email).await;

        assert_eq!(press(&gw, &undo_link(&gw, &alice.email, 1).await).await.status(), 200);
        let back = gw.sign_in(&alice.email).await;
        assert_eq!((&back.id, back.status("/items").await), (&alice.id, 200));
        let open = "select count(*) from auth.users where banned_at is null and ban_reason is null";
        assert_eq!(gw.db.count(open).await, 2);
    }
}

#[tokio::test]
async fn a_ban_by_an_operator_outlives_the_undoing_of_a_deletion() {
    let gw = TestGateway::start().await;
    let alice = moved(&gw).await;
    assert_eq!(alice.auth("/delete-user", &json!({ "password": PASSWORD })).await.status(), 200);
    gw.cli_json(&["users", "ban", &alice.id, "--reason", "fraud"]);
    assert_eq!(press(&gw, &undo_link(&gw, &alice.email, 1).await).await.status(), 200);
    assert_eq!(gw.db.count("select count(*) from auth.users where ban_reason = 'fraud'").await, 1);
}

#[tokio::test]
async fn after_seven_days_a_deletion_is_one() {
    let gw = TestGateway::start().await;
    let alice = moved(&gw).await;
    gw.db.execute(OVER).await;
    assert_eq!(alice.auth("/delete-user", &json!({ "password": PASSWORD })).await.status(), 200);
    assert_eq!(gw.db.count(USERS).await, 0);
    assert_eq!(gw.db.count("select count(*) from auth.email_changes").await, 0);
}

#[tokio::test]
async fn the_sweep_removes_what_nobody_took_back() {
    let gw = TestGateway::start().await;
    // Closed by their deletion, but for bob; dave's ban was lifted by hand; carol's second way back still lives.
    let people = "insert into auth.users (id, email, email_verified, name, banned_at, created_at, updated_at)
        select name, name || '@example.com', true, name, banned_at, now(), now()
        from (values ('alice', timestamptz '2026-01-01'), ('bob', null), ('carol', '2026-01-01'), ('dave', null))
            as people (name, banned_at)";
    let changes = "insert into auth.email_changes
            (token_hash, user_id, old_email, new_email, changed_at, expires_at, closed_at)
        select sha256(token::bytea), id, id || '@example.com', 'x@example.org', now(), now() + rest, closed_at
        from (values
                ('a', 'alice', interval '0', timestamptz '2026-01-01'), ('b', 'bob', '0', null),
                ('c', 'carol', '0', '2026-01-01'), ('d', 'carol', '1 hour', '2026-01-01'), ('e', 'dave', '0', '2026-01-01')
            ) as changes (token, id, rest, closed_at)";
    for sql in [people, changes] {
        gw.db.execute(sql).await;
    }
    let left = "select string_agg(distinct u.id || coalesce(c.n, 0), ' ' order by u.id || coalesce(c.n, 0))
        from auth.users u
        left join (select user_id, count(*) as n from auth.email_changes group by user_id) c on c.user_id = u.id";
    let mut connection = gw.db.connect().await;
    // The first sweep comes half a minute after the start.
    eventually_within(Duration::from_mins(1), "the sweep", async || {
        let left: Option<String> = sqlx::query_scalar(left).fetch_one(&mut connection).await.unwrap();
        (left.as_deref() == Some("bob0 carol2 dave0")).then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_sweep_of_closed_accounts_passes_over_locked_users() {
    let gw = TestGateway::start().await;
    for sql in [
        "insert into auth.users (id, email, email_verified, name, banned_at, created_at, updated_at)
         select name, name || '@example.com', true, name, timestamptz '2026-01-01', now(), now()
         from unnest(array['alice', 'bob']) name",
        "insert into auth.email_changes (token_hash, user_id, old_email, new_email, changed_at, expires_at, closed_at)
         select sha256(id::bytea), id, email, 'x@example.org', now(), now(), banned_at from auth.users",
    ] {
        gw.db.execute(sql).await;
    }
    let mut holder = gw.db.connect().await;
    let mut transaction = sqlx::Connection::begin(&mut holder).await.unwrap();
    sqlx::query("select from auth.users where id = 'alice' for update").execute(&mut *transaction).await.unwrap();
    eventually_within(Duration::from_mins(1), "the sweep", async || {
        (gw.db.count("select count(*) from auth.users where id = 'bob'").await == 0).then_some(())
    })
    .await;
    transaction.rollback().await.unwrap();
    assert_eq!(gw.db.count("select count(*) from auth.users where id = 'alice'").await, 1);
}
