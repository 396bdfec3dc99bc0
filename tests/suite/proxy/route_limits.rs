//! `rate_limit:` of routes.

use std::collections::BTreeMap;

use serde_json::json;
use tokio::task::JoinSet;

use crate::harness::{Client, TestGateway, client::expect_problem, eventually};

async fn limited(per: &str, limit: u32, window: &str) -> TestGateway {
    let route = |name: &str, access: &str| {
        json!({
            "name": name, "match": { "path": format!("/{name}/**") }, "upstream": "api", "access": access,
            "rate_limit": { "per": per, "limit": limit, "window": window },
        })
    };
    let app = json!({ "name": "app", "match": { "path": "/**" }, "upstream": "api", "access": "public" });
    let routes = [route("open", "public"), route("closed", "required"), app];
    TestGateway::with(json!({ "routes": routes, "server": { "trusted_proxies": ["127.0.0.1/32"] } })).await
}

/// The status of a request that comes from an address.
async fn from(client: &Client, address: &str, path: &str) -> u16 {
    client.get(path).header("X-Forwarded-For", address).send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn beyond_the_limit_is_429_and_says_when_to_come_back() {
    let gw = limited("address", 3, "1h").await;
    for left in ["2", "1", "0"] {
        let response = gw.anonymous().get("/open/x").send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(
            (&response.headers()["ratelimit-limit"], &response.headers()["ratelimit-remaining"]),
            (&"3".parse().unwrap(), &left.parse().unwrap())
        );
        assert!(response.headers()["ratelimit-reset"].to_str().unwrap().parse::<u32>().is_ok_and(|s| s <= 3600));
    }
    let refused = expect_problem(gw.anonymous().get("/open/x").send().await.unwrap(), 429, "TOO_MANY_REQUESTS").await;
    let seconds = refused.headers["retry-after"].to_str().unwrap().parse::<u32>().unwrap();
    assert!((1..=1200).contains(&seconds), "{seconds}");
    assert_eq!(refused.headers["ratelimit-remaining"], "0");
    assert_eq!(gw.upstream.requests().len(), 3);
    assert_eq!(gw.anonymous().status("/elsewhere").await, 200, "other routes are not counted");
    assert_eq!(gw.metric("authgate_route_rate_limited_total{route=\"open\"}").await.to_string(), "1");
    gw.logged("the refusal", |line| line["status"] == 429 && line["error"] == "TOO_MANY_REQUESTS").await;
}

#[tokio::test]
async fn users_are_counted_over_all_their_sessions_and_addresses() {
    let gw = limited("user", 2, "1h").await;
    let alice = gw.insert_user("alice", &[]).await;
    let other = gw.anonymous().with_bearer(&gw.insert_session(&alice.id).await);
    assert_eq!(from(&alice, "10.0.0.1", "/closed/x").await, 200);
    assert_eq!(from(&other, "10.0.0.2", "/closed/x").await, 200);
    assert_eq!(from(&alice, "10.0.0.3", "/closed/x").await, 429);
    assert_eq!(from(&other, "10.0.0.4", "/closed/x").await, 429);
    let bob = gw.insert_user("bob", &[]).await;
    assert_eq!(from(&bob, "10.0.0.1", "/closed/x").await, 200);
    for expected in [200, 200, 429] {
        assert_eq!(from(&gw.anonymous(), "10.0.0.9", "/open/x").await, expected, "strangers by address");
    }
    assert_eq!(from(&gw.anonymous(), "10.0.0.10", "/open/x").await, 200);
}

#[tokio::test]
async fn clients_are_counted_by_their_session() {
    let gw = limited("client", 1, "1h").await;
    let alice = gw.insert_user("alice", &[]).await;
    let other = gw.anonymous().with_bearer(&gw.insert_session(&alice.id).await);
    assert_eq!(alice.status("/closed/x").await, 200);
    assert_eq!(other.status("/closed/x").await, 200);
    assert_eq!(alice.bearer().status("/closed/x").await, 429, "the same session, as a bearer");
}

#[tokio::test]
async fn addresses_are_counted_before_the_session_is_looked_up() {
    let gw = limited("address", 2, "1h").await;
    let alice = gw.insert_user("alice", &[]).await;
    let bob = gw.insert_user("bob", &[]).await;
    assert_eq!(from(&alice, "2001:db8:1:2::1", "/closed/x").await, 200);
    assert_eq!(from(&gw.anonymous(), "2001:db8:1:2::2", "/closed/x").await, 401);
    assert_eq!(from(&bob, "2001:db8:1:2::3", "/closed/x").await, 429, "one network, whoever it is");
    assert_eq!(from(&bob, "2001:db8:1:3::3", "/closed/x").await, 200);
}

#[tokio::test]
async fn the_limit_comes_back_over_the_window() {
    let gw = limited("address", 2, "2s").await;
    assert_eq!([gw.anonymous().status("/open/x").await, gw.anonymous().status("/open/x").await], [200, 200]);
    eventually("the limit to come back", async || (gw.anonymous().status("/open/x").await == 200).then_some(())).await;
}

#[tokio::test]
async fn a_burst_is_let_through_up_to_the_limit_and_no_further() {
    let gw = limited("user", 20, "1h").await;
    let alice = gw.insert_user("alice", &[]).await;
    let mut burst = JoinSet::new();
    for _ in 0..60 {
        let client = alice.bearer();
        burst.spawn(async move { client.status("/closed/x").await });
    }
    let mut statuses = BTreeMap::<u16, usize>::new();
    for status in burst.join_all().await {
        *statuses.entry(status).or_default() += 1;
    }
    assert_eq!(statuses, BTreeMap::from([(200, 20), (429, 40)]));
    assert_eq!(gw.upstream.requests().len(), 20);
}

#[tokio::test]
async fn the_upstreams_own_fields_give_way() {
    let gw = limited("address", 9, "1h").await;
    let fields = [("RateLimit-Limit", "1000"), ("RateLimit-Remaining", "999")];
    gw.upstream.reply("/open/x", crate::harness::Reply::with_fields(&fields, ""));
    let response = gw.anonymous().get("/open/x").send().await.unwrap();
    let limits: Vec<_> = response.headers().get_all("ratelimit-limit").iter().collect();
    assert_eq!(limits, ["9"]);
}
