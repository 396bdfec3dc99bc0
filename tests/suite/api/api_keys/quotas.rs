//! Tests that quotas hold over all replicas, exactly.

use super::{code, get, refused, with_key, with_keys};
use crate::harness::{TestGateway, client::expect_problem};

/// Sends so many requests at once to several gateways; the statuses.
async fn at_once(gateways: &[&TestGateway], key: &str, count: usize) -> Vec<u16> {
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..count {
        let (client, key) = (gateways[n % gateways.len()].anonymous(), key.to_owned());
        tasks.spawn(async move { get(&client, "/items", &key).await.status().as_u16() });
    }
    tasks.join_all().await
}

fn passed(statuses: &[u16]) -> usize {
    statuses.iter().filter(|status| **status == 200).count()
}

/// KEY-06: of 100 requests at once at two replicas, as many pass as may.
#[tokio::test]
async fn as_many_uses_pass_as_are_left_and_no_more() {
    let gw = TestGateway::with(with_keys()).await;
    let replica = gw.replica_with(with_keys()).await;
    let both = [&gw, &replica];
    let (_, key, _) = with_key(&gw, "alice").await;
    gw.db.execute("update auth.api_keys set remaining = 1, quota_revision = quota_revision + 1").await;
    let statuses = at_once(&both, &key, 100).await;
    assert_eq!(passed(&statuses), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [200, 403].contains(status)), "nobody is to come back: {statuses:?}");
    assert_eq!(refused(&gw.anonymous(), "/items", &key).await, code(403, "USAGE_EXCEEDED"));
    assert_eq!(gw.upstream.requests().len() + replica.upstream.requests().len(), 1);

    gw.db.execute("update auth.api_keys set remaining = 40, quota_revision = quota_revision + 1").await;
    let first = passed(&at_once(&both, &key, 100).await);
    // A replica lets pass as many as it still holds of its lease.
    let rest = passed(&at_once(&[&gw], &key, 30).await) + passed(&at_once(&[&replica], &key, 30).await);
    assert_eq!(first + rest, 40, "{first} at first");
    assert_eq!(gw.db.count("select remaining from auth.api_keys").await, 0);

    // A refill brings uses back, and until then it says when.
    let refill = "update auth.api_keys set refill_amount = 3, refill_interval_ms = 3600000, last_refill_at = now(),
        quota_revision = quota_revision + 1";
    gw.db.execute(refill).await;
    let exceeded = expect_problem(get(&gw.anonymous(), "/items", &key).await, 429, "USAGE_EXCEEDED").await;
    let retry_after: u64 = exceeded.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((3500..=3600).contains(&retry_after), "{retry_after}");
    gw.db
        .execute(
            "update auth.api_keys set last_refill_at = now() - interval '2 hours', quota_revision = quota_revision + 1",
        )
        .await;
    assert_eq!(passed(&at_once(&both, &key, 50).await), 3);
}

/// KEY-03, KEY-06: a rate limit holds over all replicas within its window.
#[tokio::test]
async fn a_rate_limit_is_one_limit_for_all_replicas() {
    let mut settings = with_keys();
    settings["auth"]["api_keys"]["rate_limit"] = serde_json::json!({ "limit": 10, "window": "1h" });
    let gw = TestGateway::with(settings.clone()).await;
    let replica = gw.replica_with(settings).await;
    let (_, key, _) = with_key(&gw, "alice").await;
    let statuses = at_once(&[&gw, &replica], &key, 100).await;
    let rest = passed(&at_once(&[&gw], &key, 10).await) + passed(&at_once(&[&replica], &key, 10).await);
    assert_eq!(passed(&statuses) + rest, 10, "{statuses:?}");
    let exceeded = expect_problem(get(&replica.anonymous(), "/items", &key).await, 429, "RATE_LIMITED").await;
    let retry_after: u64 = exceeded.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((3500..=3600).contains(&retry_after), "{retry_after}");
    assert!(gw.metric(r#"authgate_api_key_uses_total{outcome="rate_limited"}"#).await > 0.0);
    // Counting costs less than a write a request.
    gw.db.execute("update auth.api_keys set rate_limit_max = 100000, quota_revision = quota_revision + 1").await;
    let before = gw.metric("authgate_api_key_leases_total").await;
    assert_eq!(passed(&at_once(&[&gw], &key, 200).await), 200);
    assert!(gw.metric("authgate_api_key_leases_total").await - before <= 2.0);
    gw.db.execute("update auth.api_keys set window_started_at = now() - interval '2 hours', window_used = 100000, quota_revision = quota_revision + 1").await;
    assert_eq!(get(&gw.anonymous(), "/items", &key).await.status(), 200, "another window begins");
}

/// KEY-06: a replica that is killed takes what it leased with it, an eighth at most, and nothing passes twice.
#[tokio::test]
async fn a_killed_replica_loses_no_more_than_it_leased() {
    let gw = TestGateway::with(with_keys()).await;
    let mut replica = gw.replica_with(with_keys()).await;
    let (_, key, _) = with_key(&gw, "alice").await;
    gw.db.execute("update auth.api_keys set remaining = 80, quota_revision = quota_revision + 1").await;
    assert_eq!(get(&replica.anonymous(), "/items", &key).await.status(), 200);
    let leased = 80 - gw.db.count("select remaining from auth.api_keys").await;
    assert!((1..=10).contains(&leased), "{leased}");
    replica.kill_and_restart().await;
    let later = passed(&at_once(&[&gw, &replica], &key, 150).await);
    let rest = passed(&at_once(&[&gw], &key, 30).await) + passed(&at_once(&[&replica], &key, 30).await);
    assert_eq!(i64::try_from(later + rest).unwrap(), 80 - leased);
}
