//! Many at once: exactly one wins (MAIL-02).

use std::sync::Arc;

use serde_json::json;
use tokio::task::JoinSet;

use super::{change_mail, insert_account, verify};
use crate::harness::{PASSWORD, TestGateway};

fn count(statuses: &[u16], status: u16) -> usize {
    statuses.iter().filter(|&&other| other == status).count()
}

#[tokio::test]
async fn one_of_a_hundred_uses_of_a_change_email_token_wins() {
    let limits = json!({ "verify_email": { "limit": 1000, "window": "1m" } });
    let gw = Arc::new(TestGateway::with(json!({ "auth": { "rate_limits": limits } })).await);
    let alice = gw.signed_up_user("alice").await;
    let token = change_mail(&gw, &alice, "new@example.org").await.token();
    let mut tasks = JoinSet::new();
    for n in 0..100 {
        let (gw, token) = (Arc::clone(&gw), token.clone());
        tasks.spawn(async move {
            let response =
                if n % 2 == 0 { verify(&gw.anonymous(), &token).await } else { gw.confirm_token(&token).await };
            response.status().as_u16()
        });
    }
    let statuses = tasks.join_all().await;
    assert_eq!(count(&statuses, 200), 1, "{statuses:?}");
    assert_eq!(count(&statuses, 400) + count(&statuses, 401), 99, "{statuses:?}");
    let told = "select count(*) from auth.audit_events where event = 'email_changed' and outcome = 'success'";
    assert_eq!(gw.db.count(told).await, 1);
    gw.eventually_counts(0, "select count(*) from auth.mail_outbox").await;
    assert_eq!(gw.mail.all_to(&alice.email).len(), 3, "sign-up, request, change");
}

#[tokio::test]
async fn one_of_two_accounts_gets_the_address() {
    let gw = Arc::new(TestGateway::start().await);
    let (alice, bob) = (gw.signed_up_user("alice").await, gw.signed_up_user("bob").await);
    let mut tokens = Vec::new();
    for (user, n) in [(&alice, 1), (&bob, 2)] {
        let response = user.auth("/change-email", &json!({ "newEmail": "new@example.org" })).await;
        assert_eq!(response.status(), 200);
        tokens.push(gw.mail.nth_to("new@example.org", n).await.token());
    }
    let mut tasks = JoinSet::new();
    for token in tokens {
        let gw = Arc::clone(&gw);
        tasks.spawn(async move { verify(&gw.anonymous(), &token).await.status().as_u16() });
    }
    let statuses = tasks.join_all().await;
    assert_eq!((count(&statuses, 200), count(&statuses, 401)), (1, 1), "{statuses:?}");
    assert_eq!(gw.db.count("select count(*) from auth.users where email = 'new@example.org'").await, 1);
    assert_eq!(gw.db.count("select count(*) from auth.users").await, 2);
}

#[tokio::test]
async fn two_unlinkings_at_once_leave_one_account() {
    let gw = TestGateway::start().await;
    for n in 0..5 {
        let user = gw.insert_user(&format!("user{n}"), &[]).await;
        let ids = [insert_account(&gw, &user.id, "google").await, insert_account(&gw, &user.id, "github").await];
        let mut unlinkings = JoinSet::new();
        for id in ids {
            let client = (*user).clone();
            unlinkings.spawn(async move {
                client.auth("/unlink-account", &json!({ "accountId": id })).await.status().as_u16()
            });
        }
        let statuses = unlinkings.join_all().await;
        assert_eq!((count(&statuses, 200), count(&statuses, 400)), (1, 1), "{statuses:?}");
    }
    assert_eq!(gw.db.count("select count(*) from auth.accounts").await, 5);
}

#[tokio::test]
async fn sign_ins_during_a_deletion_open_nothing_that_lasts() {
    let limits =
        json!({ "sign_in": { "limit": 1000, "window": "1m" }, "sign_in_address": { "limit": 1000, "window": "1m" } });
    let gw = Arc::new(TestGateway::with(json!({ "auth": { "rate_limits": limits } })).await);
    let alice = gw.signed_up_user("alice").await;
    let mut tasks = JoinSet::new();
    for _ in 0..20 {
        let (gw, email) = (Arc::clone(&gw), alice.email.clone());
        tasks.spawn(async move {
            let body = json!({ "email": email, "password": PASSWORD });
            gw.anonymous().auth("/sign-in/email", &body).await.status().as_u16()
        });
    }
    let client = (*alice).clone();
    tasks.spawn(async move {
        let response = client.auth("/delete-user", &json!({ "password": PASSWORD })).await;
        if response.status() == 200 { 0 } else { response.status().as_u16() }
    });
    let statuses = tasks.join_all().await;
    assert_eq!(count(&statuses, 0), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [0, 200, 401].contains(status)), "{statuses:?}");
    assert_eq!(gw.db.count("select count(*) from auth.sessions").await, 0);
    assert_eq!(gw.db.count("select count(*) from auth.users").await, 0);
}

#[tokio::test]
async fn deleting_twice_at_once_says_goodbye_once() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    let mut tasks = JoinSet::new();
    for _ in 0..10 {
        let client = (*alice).clone();
        tasks.spawn(async move { client.auth("/delete-user", &json!({})).await.status().as_u16() });
    }
    let statuses = tasks.join_all().await;
    assert!(statuses.contains(&200) && statuses.iter().all(|status| [200, 401].contains(status)), "{statuses:?}");
    gw.eventually_counts(0, "select count(*) from auth.mail_outbox").await;
    let goodbyes = gw.mail.all_to(&alice.email).into_iter().filter(|mail| mail.subject.contains("deleted")).count();
    assert_eq!(goodbyes, 1);
}

#[tokio::test]
async fn a_link_asked_for_while_the_address_changes_is_not_mailed_to_the_old_one() {
    let gw = Arc::new(TestGateway::start().await);
    let alice = gw.insert_user("alice", &[]).await;
    let mut changing = gw.db.connect().await;
    for statement in ["begin", "update auth.users set email = 'moved@example.org'"] {
        sqlx::query(statement).execute(&mut changing).await.unwrap();
    }
    let (asking, email) = (Arc::clone(&gw), alice.email.clone());
    let asked = tokio::spawn(async move {
        asking.anonymous().auth("/request-password-reset", &json!({ "email": email })).await.status().as_u16()
    });
    let waiting = "select count(*) from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'";
    gw.eventually_counts(1, waiting).await;
    sqlx::query("commit").execute(&mut changing).await.unwrap();
    assert_eq!(asked.await.unwrap(), 200);
    assert_eq!(gw.db.count("select count(*) from auth.verifications").await, 0);
    assert_eq!(gw.db.count("select count(*) from auth.mail_outbox").await, 0);
    assert!(gw.mail.all().is_empty());
}
