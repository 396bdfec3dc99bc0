//! Failed sign-ins from one client address, over all accounts.

use serde_json::json;
use tokio::task::JoinSet;

use super::{WRONG, address, behind_a_proxy, sign_in_from, try_sign_in};
use crate::harness::{PASSWORD, TestGateway};

/// The statuses, sorted, of one wrong password for each of 40 accounts.
async fn try_forty(gw: &TestGateway, address: impl Fn(usize) -> String) -> Vec<u16> {
    let mut tasks = JoinSet::new();
    for n in 0..40 {
        let (client, address) = (gw.anonymous(), address(n));
        let email = format!("user{n}@example.com");
        tasks.spawn(async move { sign_in_from(&client, &address, &email, WRONG).await.status().as_u16() });
    }
    let mut statuses = tasks.join_all().await;
    statuses.sort_unstable();
    statuses
}

fn thirty_are_looked_at() -> Vec<u16> {
    [[401; 30].as_slice(), &[429; 10]].concat()
}

#[tokio::test]
async fn a_rush_of_right_passwords_from_one_address_is_let_in() {
    let gw = TestGateway::start().await;
    let email = gw.verified_user("alice").await;
    let mut tasks = JoinSet::new();
    for _ in 0..60 {
        let (client, email) = (gw.anonymous(), email.clone());
        tasks.spawn(async move { try_sign_in(&client, &email, PASSWORD).await });
    }
    // Those under way count as failed, so all at once they would pass both limits.
    assert_eq!(tasks.join_all().await, [200; 60]);
}

#[tokio::test]
async fn forwarding_headers_of_strangers_change_nothing() {
    let gw = TestGateway::start().await;
    assert_eq!(try_forty(&gw, address).await, thirty_are_looked_at());
    let class = "authgate_rate_limited_total{class=\"sign_in_address\"}";
    assert_eq!(gw.metric(class).await.to_string(), "10");
    let others = "select count(*) from auth.rate_limits where key like 'sign_in:%'";
    assert_eq!(gw.db.count(others).await, 30, "an address that is refused uses up nobody's attempts");
}

#[tokio::test]
async fn behind_a_trusted_proxy_the_client_counts() {
    let gw = behind_a_proxy(json!({})).await;
    assert_eq!(try_forty(&gw, address).await, [401; 40]);
    assert_eq!(try_forty(&gw, |n| format!("203.0.113.{n}, 192.0.2.7")).await, thirty_are_looked_at());
    assert_eq!(sign_in_from(&gw.anonymous(), "192.0.2.8", "someone@example.com", WRONG).await.status(), 401);
}

#[tokio::test]
async fn a_customer_of_ipv6_is_one_address() {
    let gw = behind_a_proxy(json!({})).await;
    assert_eq!(try_forty(&gw, |n| format!("2001:db8:0:1:{n:x}::{n:x}")).await, thirty_are_looked_at());
    for (address, expected) in [("2001:db8:0:2::1", 401), ("2001:db8:0:1::", 429)] {
        assert_eq!(
            sign_in_from(&gw.anonymous(), address, "someone@example.com", WRONG).await.status(),
            expected,
            "{address}"
        );
    }
}

#[tokio::test]
async fn successes_are_not_counted() {
    let limits = json!({ "sign_in_address": { "limit": 3, "window": "1h" } });
    let gw = TestGateway::with(json!({ "auth": { "rate_limits": limits } })).await;
    let email = gw.verified_user("alice").await;
    for n in 0..5 {
        assert_eq!(try_sign_in(&gw.anonymous(), &email, PASSWORD).await, 200, "{n}");
    }
    for expected in [401, 401, 401, 429] {
        assert_eq!(try_sign_in(&gw.anonymous(), "bob@example.com", WRONG).await, expected);
    }
    assert_eq!(try_sign_in(&gw.anonymous(), &email, PASSWORD).await, 429);
    let age = "update auth.rate_limits set window_started_at = window_started_at - interval '1 hour',
               blocked_until = blocked_until - interval '1 hour'";
    gw.db.execute(age).await;
    assert_eq!(try_sign_in(&gw.anonymous(), &email, PASSWORD).await, 200);
}
