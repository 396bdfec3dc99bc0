//! Refused attempts cost the database nothing that stays.

use http::Method;
use serde_json::json;

use super::{WRONG, address, behind_a_proxy, fail, sign_in_from, try_sign_in};
use crate::harness::{PASSWORD, TestGateway, client::AUTH};

/// Every counter with its row's version: whatever is written shows.
async fn versions(gw: &TestGateway) -> Vec<(String, String, String)> {
    sqlx::query_as("select key, xmin::text, ctid::text from auth.rate_limits order by key")
        .fetch_all(&mut gw.db.connect().await)
        .await
        .unwrap()
}

#[tokio::test]
async fn of_an_account_they_write_nothing_wherever_they_come_from() {
    let gw = behind_a_proxy(json!({})).await;
    let email = gw.verified_user("alice").await;
    // The first refusal is noted, with its address.
    for n in 0..11 {
        sign_in_from(&gw.anonymous(), &address(n), &email, WRONG).await;
    }
    let before = versions(&gw).await;
    let audit_log = gw.db.count("select count(*) from auth.audit_events").await;
    for n in 0..40 {
        let password = if n % 2 == 0 { WRONG } else { PASSWORD };
        let refused = sign_in_from(&gw.anonymous(), &address(100 + n), &email, password).await;
        assert_eq!(refused.status(), 429);
        assert!(refused.headers().contains_key("retry-after"));
    }
    assert_eq!(versions(&gw).await, before);
    assert_eq!(gw.db.count("select count(*) from auth.audit_events").await, audit_log);
    assert_eq!(gw.metric("authgate_rate_limited_total{class=\"sign_in\"}").await.to_string(), "41");
}

#[tokio::test]
async fn of_an_address_they_write_nothing_whomever_they_are_about() {
    let limits = json!({ "sign_in_address": { "limit": 3, "window": "1h" } });
    let gw = TestGateway::with(json!({ "auth": { "rate_limits": limits } })).await;
    for n in 0..4 {
        try_sign_in(&gw.anonymous(), &format!("user{n}@example.com"), WRONG).await;
    }
    let before = versions(&gw).await;
    for n in 0..20 {
        assert_eq!(try_sign_in(&gw.anonymous(), &format!("user{n}@example.com"), WRONG).await, 429);
    }
    assert_eq!(versions(&gw).await, before);
}

#[tokio::test]
async fn of_other_endpoints_they_write_nothing_either() {
    let limits =
        json!({ "verify_token": { "limit": 2, "window": "1h" }, "verify_password": { "limit": 2, "window": "1h" } });
    let gw = TestGateway::with(json!({ "auth": { "rate_limits": limits } })).await;
    let alice = gw.signed_up_user("alice").await;
    for (path, body) in [("/verify-token", json!({ "token": "x" })), ("/verify-password", json!({ "password": WRONG }))]
    {
        let ask = async || {
            let request = alice.request(Method::POST, &format!("{AUTH}{path}")).header("Origin", gw.origin());
            request.json(&body).send().await.unwrap().status().as_u16()
        };
        for expected in [false, false, true] {
            assert_eq!(ask().await == 429, expected, "{path}");
        }
        // What an address may try is counted before who asks is known.
        let of_account = "select key, xmin::text, ctid::text from auth.rate_limits
                          where key not like 'verify_password:address:%' order by key";
        let rows = async || -> Vec<(String, String, String)> {
            sqlx::query_as(of_account).fetch_all(&mut gw.db.connect().await).await.unwrap()
        };
        let before = rows().await;
        for _ in 0..10 {
            assert_eq!(ask().await, 429, "{path}");
        }
        assert_eq!(rows().await, before, "{path}");
    }
}

#[tokio::test]
async fn the_end_of_a_block_is_not_put_off_by_refusals() {
    let gw = TestGateway::start().await;
    let email = gw.verified_user("alice").await;
    fail(&gw.anonymous(), &email, 10).await;
    for _ in 0..20 {
        assert_eq!(try_sign_in(&gw.anonymous(), &email, PASSWORD).await, 429);
    }
    gw.db.execute("update auth.rate_limits set blocked_until = now() where key like 'sign_in:%'").await;
    assert_eq!(try_sign_in(&gw.anonymous(), &email, PASSWORD).await, 200);
}
