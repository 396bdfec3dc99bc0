//! Many at once: exactly one wins (MAIL-02).

use std::sync::Arc;

use serde_json::json;
use tokio::task::JoinSet;

use super::{NEW, RESET_TOKENS, reset, reset_token, sign_in};
use crate::harness::{PASSWORD, TestGateway};

fn count(statuses: &[u16], status: u16) -> usize {
    statuses.iter().filter(|&&other| other == status).count()
}

#[tokio::test]
async fn one_of_a_hundred_uses_of_a_token_wins() {
    let limits = json!({ "password_reset": { "limit": 1000, "window": "1m" } });
    let gw = Arc::new(TestGateway::with(json!({ "auth": { "rate_limits": limits } })).await);
    let email = gw.verified_user("alice").await;
    let token = reset_token(&gw, &email, 2).await;
    let mut tasks = JoinSet::new();
    for n in 0..100 {
        let (gw, token) = (Arc::clone(&gw), token.clone());
        tasks.spawn(async move {
            let password = format!("phrase of contender {n}");
            (reset(&gw, &token, &password).await.status().as_u16(), password)
        });
    }
    let (won, lost): (Vec<_>, Vec<_>) = tasks.join_all().await.into_iter().partition(|(status, _)| *status == 200);
    assert_eq!(won.len(), 1, "{won:?}");
    let lost: Vec<u16> = lost.into_iter().map(|(status, _)| status).collect();
    assert_eq!(count(&lost, 400), 99, "{lost:?}");
    assert_eq!(sign_in(&gw.anonymous(), &email, &won[0].1).await, 200);
    assert_eq!(gw.db.count(RESET_TOKENS).await, 0);
    let told = "select count(*) from auth.audit_events where event = 'password_reset' and outcome = 'success'";
    assert_eq!(gw.db.count(told).await, 1);
}

#[tokio::test]
async fn two_links_of_one_user_do_not_lock_each_other_out() {
    let gw = Arc::new(TestGateway::start().await);
    let email = gw.verified_user("alice").await;
    let tokens = [reset_token(&gw, &email, 2).await, reset_token(&gw, &email, 3).await];
    gw.db.execute("update auth.verifications set expires_at = now() + interval '1 hour'").await;
    let mut tasks = JoinSet::new();
    for n in 0..20 {
        let (gw, token) = (Arc::clone(&gw), tokens[n % 2].clone());
        tasks.spawn(async move { reset(&gw, &token, NEW).await.status().as_u16() });
    }
    let statuses = tasks.join_all().await;
    assert_eq!((count(&statuses, 200), count(&statuses, 400)), (1, 19), "{statuses:?}");
}

#[tokio::test]
async fn one_of_many_changes_wins() {
    let limits = json!({ "change_password": { "limit": 1000, "window": "1m" } });
    let gw = TestGateway::with(json!({ "auth": { "rate_limits": limits } })).await;
    let alice = gw.signed_up_user("alice").await;
    let mut tasks = JoinSet::new();
    for n in 0..20 {
        let client = (*alice).clone();
        let body = json!({ "newPassword": format!("phrase of contender {n}"), "currentPassword": PASSWORD });
        tasks.spawn(async move { client.auth("/change-password", &body).await.status().as_u16() });
    }
    let statuses = tasks.join_all().await;
    assert_eq!(count(&statuses, 200), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [200, 400, 401].contains(status)), "{statuses:?}");
    assert_eq!(gw.db.count("select count(*) from auth.sessions").await, 1);
    assert_eq!(sign_in(&gw.anonymous(), &alice.email, PASSWORD).await, 401);
}
