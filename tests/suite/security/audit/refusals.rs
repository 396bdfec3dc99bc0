//! Refused requests, which no transaction belongs to.

use http::Method;
use nix::sys::signal::Signal;
use serde_json::json;
use tokio::task::JoinSet;

use super::told;
use crate::harness::{
    Database, PASSWORD, Setup, TestGateway,
    chaos::{ChaosProxy, Wire},
    client::AUTH,
    eventually,
};

const DROPPED: &str = "authgate_audit_dropped_total";

#[tokio::test]
async fn a_missing_role_and_a_foreign_page_are_audited_once_a_minute() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    for _ in 0..20 {
        let refused = alice.get("/admin/secret?token=hidden").header("User-Agent", "Suite/1.0").send().await.unwrap();
        assert_eq!(refused.status(), 403);
        let foreign = alice.request(Method::POST, "/items").header("Origin", "https://evil.example").body("x");
        assert_eq!(foreign.send().await.unwrap().status(), 403);
    }
    gw.eventually_counts(1, "select least(1, count(*)) from auth.audit_events where outcome = 'cross_origin'").await;
    let audit_log = gw.audit_log().await;
    // The minute may have ended in between.
    assert!((2..=4).contains(&audit_log.len()), "{audit_log:#?}");
    assert_eq!(told(&audit_log)[..2], ["access_denied missing_role", "access_denied cross_origin"]);
    let entry = &audit_log[0];
    assert_eq!((&entry["user_id"], &entry["actor"]), (&json!(alice.id), &json!(alice.id)), "{entry}");
    assert_eq!((&entry["ip_address"], &entry["user_agent"]), (&json!("127.0.0.1"), &json!("Suite/1.0")));
    assert_eq!(entry["detail"], json!({ "place": "admin" }), "the route's name and nothing of the path");
    assert!(entry["request_id"].as_str().is_some_and(|id| !id.is_empty()), "{entry}");
    assert_eq!(audit_log[1]["detail"], json!({ "place": "app" }));
    assert_eq!(gw.metric(DROPPED).await.to_string(), "0", "a repetition is not a loss");
}

#[tokio::test]
async fn a_foreign_page_at_the_auth_api_is_audited() {
    let gw = TestGateway::start().await;
    let body = json!({ "email": "alice@example.com", "password": PASSWORD });
    let request = gw.anonymous().request(Method::POST, &format!("{AUTH}/sign-in/email"));
    let refused = request.header("Origin", "https://evil.example").json(&body).send().await.unwrap();
    assert_eq!(refused.status(), 403);
    gw.eventually_counts(1, "select count(*) from auth.audit_events").await;
    let audit_log = gw.audit_log().await;
    assert_eq!(told(&audit_log), ["origin_rejected cross_origin"]);
    let entry = &audit_log[0];
    assert_eq!((entry["user_id"].as_str(), &entry["detail"]), (None, &json!({ "place": "_auth/sign-in/email" })));
    assert_eq!(entry["ip_address"], "127.0.0.1");
}

#[tokio::test]
async fn a_flood_of_foreign_pages_pushes_no_denial_out_and_is_itself_told() {
    let gw = TestGateway::with(json!({ "server": { "trusted_proxies": ["127.0.0.1/32"] } })).await;
    let mut flood = JoinSet::new();
    for n in 0..1300 {
        let request = gw.anonymous().request(Method::POST, &format!("{AUTH}/sign-in/email"));
        let request = request.header("X-Forwarded-For", format!("10.0.{}.{}", n / 250, n % 250));
        let request = request.header("Origin", "https://evil.example").json(&json!({}));
        flood.spawn(async move { request.send().await.unwrap().status().as_u16() });
    }
    assert_eq!(flood.join_all().await, [403; 1300]);
    let alice = gw.insert_user("alice", &[]).await;
    assert_eq!(alice.status("/admin/x").await, 403);
    gw.eventually_counts(1, "select count(*) from auth.audit_events where event = 'access_denied'").await;
    // The minute may have ended in between: then 600 of each are written.
    let detail = "select least(1, count(*)) from auth.audit_events where event = 'events_dropped'
                  and detail ->> 'event' = 'origin_rejected' and detail ->> 'outcome' = 'cross_origin'
                  and (detail ->> 'count')::bigint between 1 and 700";
    gw.eventually_counts(1, detail).await;
    let written = "select least(1, count(*) / 600) from auth.audit_events where event = 'origin_rejected'";
    gw.eventually_counts(1, written).await;
    assert!(gw.metric(DROPPED).await >= 1.0);
}

#[tokio::test]
async fn what_is_noted_is_written_before_the_end() {
    let mut gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    assert_eq!(alice.status("/admin/x").await, 403);
    gw.process.signal(Signal::SIGTERM);
    assert!(gw.process.ended().await.success());
    assert_eq!(told(&gw.audit_log().await), ["access_denied missing_role"]);
}

#[tokio::test]
async fn an_outage_delays_entries_and_loses_none() {
    let db = Database::migrated();
    let target: url::Url = db.url().parse().unwrap();
    let wire = ChaosProxy::start(([127, 0, 0, 1], target.port().unwrap()).into()).await;
    let url = db.url_through(wire.address.port());
    let gw = Setup::new(serde_json::Value::Null).database(db).database_url(url).start().await;
    wire.set(Wire::Silent);
    let request = gw.anonymous().request(Method::POST, &format!("{AUTH}/sign-in/email"));
    let refused = request.header("Origin", "https://evil.example").json(&json!({})).send().await.unwrap();
    assert_eq!(refused.status(), 403, "a refusal waits for no database");
    eventually("the first attempt to fail", async || {
        gw.log().iter().any(|line| line["message"] == "events wait to be audited").then_some(())
    })
    .await;
    wire.set(Wire::Up);
    gw.eventually_counts(1, "select count(*) from auth.audit_events where event = 'origin_rejected'").await;
}
