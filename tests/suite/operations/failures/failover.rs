//! The database moves: a standby takes over at another address.

use serde_json::json;

use crate::harness::{
    Setup,
    chaos::{ChaosProxy, Wire},
    cluster::OwnCluster,
    eventually, measured,
};

#[tokio::test]
async fn a_standby_is_asked_nothing_until_it_has_taken_over() {
    let primary = OwnCluster::start();
    let db = primary.database();
    let standby = primary.standby();
    let wire = ChaosProxy::start(([127, 0, 0, 1], primary.port()).into()).await;
    let url = db.url_through(wire.address.port());
    let gw = Setup::new(json!({})).database(db).database_url(url).start().await;
    let alice = gw.signed_up_user("alice").await;
    let bob = gw.signed_up_user("bob").await;
    assert_eq!(bob.post("/api/auth/sign-out").send().await.unwrap().status(), 200);
    primary.wait_for_standby().await;

    // The name leads to the standby, which still follows: what it shows may be old.
    wire.lead_to(([127, 0, 0, 1], standby.port()).into());
    primary.stop();
    wire.set(Wire::Cut);
    wire.set(Wire::Up);
    eventually("an outage", async || (alice.status("/items").await == 503).then_some(())).await;
    for _ in 0..10 {
        assert_eq!(alice.status("/items").await, 503);
    }
    assert_eq!(alice.status("/public/x").await, 200);

    standby.promote();
    let began = std::time::Instant::now();
    eventually("recovery without a restart", async || (alice.status("/items").await == 200).then_some(())).await;
    measured("from the promotion to the first 200", began.elapsed());
    assert_eq!(bob.status("/items").await, 401, "what was acknowledged before is still so");
    eventually("readiness", async || (gw.operator().status("/readyz").await == 200).then_some(())).await;
    let body = json!({ "name": "carol", "email": "carol@example.com", "password": crate::harness::PASSWORD });
    eventually("a sign-up", async || {
        (gw.anonymous().auth("/sign-up/email", &body).await.status() == 200).then_some(())
    })
    .await;
    assert!(gw.confirm(&gw.mail.to("carol@example.com").await).await.status().as_u16() < 400);
}

#[tokio::test]
async fn connections_to_a_server_that_became_read_only_are_given_up() {
    let former = OwnCluster::start();
    let gw = Setup::new(json!({})).database(former.database()).start().await;
    let alice = gw.signed_up_user("alice").await;
    gw.db.execute("alter system set default_transaction_read_only = on").await;
    gw.db.execute("select pg_reload_conf()").await;
    let body = json!({ "name": "x", "email": "x@example.com", "password": crate::harness::PASSWORD });
    for _ in 0..3 {
        assert_eq!(gw.anonymous().auth("/sign-up/email", &body).await.status(), 503, "not acknowledged, not lost");
    }
    eventually("the end of readiness", async || (gw.operator().status("/readyz").await == 503).then_some(())).await;
    let mut connection = gw.db.connect().await;
    for sql in [
        "set default_transaction_read_only = off",
        "alter system reset default_transaction_read_only",
        "select pg_reload_conf()",
    ] {
        sqlx::query(sql).execute(&mut connection).await.unwrap();
    }
    eventually("a sign-up", async || {
        (gw.anonymous().auth("/sign-up/email", &body).await.status() == 200).then_some(())
    })
    .await;
    eventually("the checks", async || (alice.status("/items").await == 200).then_some(())).await;
}
