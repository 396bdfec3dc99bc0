//! Without its database the gateway decides nothing and forwards only what needs no decision (FAIL-01, DOS-06).

use std::time::{Duration, Instant};

use serde_json::json;

use crate::harness::{
    PASSWORD, Setup, TestGateway,
    chaos::{ChaosProxy, Wire},
    client::expect_problem,
    cluster::OwnCluster,
    eventually, measured,
};

/// Asserts the whole picture of an outage.
async fn assert_outage(gw: &TestGateway, alice: &crate::harness::User) {
    gw.upstream.forget();
    let mut slowest = Duration::ZERO;
    for client in [&**alice, &alice.bearer()] {
        for path in ["/items", "/optional/x", "/admin/x"] {
            let began = Instant::now();
            let problem = expect_problem(client.get(path).send().await.unwrap(), 503, "SERVICE_UNAVAILABLE").await;
            assert!(problem.headers["retry-after"].to_str().unwrap().parse::<u32>().is_ok_and(|s| s > 0), "{path}");
            assert!(began.elapsed() < Duration::from_secs(4), "{path}: {:?}", began.elapsed());
            slowest = slowest.max(began.elapsed());
        }
    }
    measured("slowest 503 of a protected route", slowest);
    assert!(gw.upstream.requests().is_empty(), "nothing passes undecided: {:?}", gw.upstream.requests());
    assert_eq!(alice.status("/public/x").await, 200, "public routes go on");
    assert_eq!(gw.anonymous().status("/items").await, 401, "no credential needs no database");
    assert_eq!(gw.anonymous().status("/optional/x").await, 200);
    let body = json!({ "email": "alice@example.com", "password": PASSWORD });
    for path in ["/sign-in/email", "/sign-up/email"] {
        let body = json!({ "name": "x", "email": body["email"], "password": body["password"] });
        let began = Instant::now();
        let response = gw.anonymous().auth(path, &body).await;
        let problem = expect_problem(response, 503, "SERVICE_UNAVAILABLE").await;
        assert!(problem.headers.contains_key("retry-after"), "{path}");
        assert!(began.elapsed() < Duration::from_secs(6), "{path}: {:?}", began.elapsed());
    }
    let me = alice.get("/api/auth/get-session").send().await.unwrap();
    assert_eq!(me.status(), 503, "an outage is not taken for being signed out");
    assert!(me.headers().get("set-cookie").is_none(), "and no cookie is cleared");
    assert_eq!(gw.operator().status("/healthz").await, 200, "the process is fine");
    eventually("the end of readiness", async || (gw.operator().status("/readyz").await == 503).then_some(())).await;
}

async fn assert_recovers(gw: &TestGateway, alice: &crate::harness::User) {
    let began = Instant::now();
    eventually("recovery without a restart", async || (alice.status("/items").await == 200).then_some(())).await;
    measured("from the database's return to the first 200", began.elapsed());
    eventually("readiness", async || (gw.operator().status("/readyz").await == 200).then_some(())).await;
    // Each connection that the pool kept may cost one more answer of the auth API.
    let get_session = "/api/auth/get-session";
    eventually("the auth API", async || (alice.status(get_session).await == 200).then_some(())).await;
    for _ in 0..10 {
        assert_eq!(alice.status("/items").await, 200);
    }
    assert_eq!(gw.metric("authgate_panics_total").await.to_string(), "0");
}

#[tokio::test]
async fn a_stopped_database_is_503_and_a_started_one_is_used_again() {
    let cluster = OwnCluster::start();
    let gw = Setup::new(serde_json::Value::Null).database(cluster.database()).start().await;
    let alice = gw.insert_user("alice", &["admin"]).await;
    assert_eq!(alice.status("/items").await, 200);
    for _ in 0..2 {
        cluster.stop();
        assert_outage(&gw, &alice).await;
        cluster.restart();
        assert_recovers(&gw, &alice).await;
    }
    assert!(gw.metric("authgate_session_check_failures_total").await > 0.0);
}

#[tokio::test]
async fn an_outage_counts_as_no_wrong_code() {
    let cluster = OwnCluster::start();
    let changes = json!({ "auth": { "email_otp": { "enabled": true } } });
    let gw = Setup::new(changes).database(cluster.database()).start().await;
    let body = json!({ "email": "alice@example.com", "otp": "000000" });
    expect_problem(gw.anonymous().auth("/sign-in/email-otp", &body).await, 400, "INVALID_OTP").await;
    cluster.stop();
    expect_problem(gw.anonymous().auth("/sign-in/email-otp", &body).await, 503, "SERVICE_UNAVAILABLE").await;
    assert_eq!(gw.metric("authgate_sign_ins_total{outcome=\"wrong_code\"}").await.to_string(), "1");
}

#[tokio::test]
async fn a_restart_between_two_requests_goes_unnoticed() {
    let cluster = OwnCluster::start();
    let gw = Setup::new(serde_json::Value::Null).database(cluster.database()).start().await;
    let email = gw.verified_user("alice").await;
    let alice = gw.sign_in(&email).await;
    for _ in 0..2 {
        assert_eq!(alice.status("/items").await, 200);
        cluster.stop();
        cluster.restart();
        // Every kept connection is dead now; the next request finds that out and asks on a fresh one.
        assert_eq!(alice.status("/items").await, 200);
        let get_session = "/api/auth/get-session";
        eventually("the auth API", async || (alice.status(get_session).await == 200).then_some(())).await;
    }
}

/// A gateway whose way to the database can be disturbed.
async fn behind_a_wire() -> (TestGateway, ChaosProxy) {
    let db = crate::harness::Database::migrated();
    let target: url::Url = db.url().parse().unwrap();
    let wire = ChaosProxy::start(([127, 0, 0, 1], target.port().unwrap()).into()).await;
    let url = db.url_through(wire.address.port());
    (Setup::new(serde_json::Value::Null).database(db).database_url(url).start().await, wire)
}

#[tokio::test]
async fn a_database_that_falls_silent_is_503_within_the_deadline() {
    let (gw, wire) = behind_a_wire().await;
    let alice = gw.insert_user("alice", &["admin"]).await;
    assert_eq!(alice.status("/items").await, 200);
    wire.set(Wire::Silent);
    assert_outage(&gw, &alice).await;
    wire.set(Wire::Up);
    assert_recovers(&gw, &alice).await;
}

#[tokio::test]
async fn a_database_that_is_cut_off_is_503_until_it_is_back() {
    let (gw, wire) = behind_a_wire().await;
    let alice = gw.insert_user("alice", &["admin"]).await;
    assert_eq!(alice.status("/items").await, 200);
    for _ in 0..2 {
        wire.set(Wire::Cut);
        assert_outage(&gw, &alice).await;
        wire.set(Wire::Up);
        assert_recovers(&gw, &alice).await;
    }
}

#[tokio::test]
async fn a_slow_database_slows_the_answers_and_changes_none() {
    let (gw, wire) = behind_a_wire().await;
    let alice = gw.insert_user("alice", &[]).await;
    let bob = gw.insert_user("bob", &[]).await;
    assert_eq!(alice.status("/items").await, 200);
    wire.set(Wire::Slow(Duration::from_millis(150)));
    let mut tasks = tokio::task::JoinSet::new();
    for (n, client) in
        [alice.bearer(), gw.anonymous().with_bearer("a-token-of-nobody")].into_iter().cycle().take(60).enumerate()
    {
        tasks.spawn(async move { (n % 2, client.status("/items").await) });
    }
    for (kind, status) in tasks.join_all().await {
        assert_eq!(status, if kind == 0 { 200 } else { 401 });
    }
    assert_eq!(bob.post("/api/auth/sign-out").send().await.unwrap().status(), 200);
    assert_eq!(bob.status("/items").await, 401, "what ended is over, however slow the news");
}

#[tokio::test]
async fn a_lock_that_uses_up_the_pool_leaves_the_checks_alone() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    let mut connection = gw.db.connect().await;
    let mut transaction = sqlx::Connection::begin(&mut connection).await.unwrap();
    sqlx::query("select 1 from auth.users for update").execute(&mut *transaction).await.unwrap();
    sqlx::query("select 1 from auth.sessions for update").execute(&mut *transaction).await.unwrap();
    // More writes than the pool has connections, each waiting for the lock.
    let mut blocked = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let client = (*alice).clone();
        blocked.spawn(async move { client.post("/api/auth/sign-out").send().await.unwrap().status().as_u16() });
    }
    eventually("an exhausted pool", async || (gw.operator().status("/readyz").await == 503).then_some(())).await;
    for _ in 0..20 {
        assert_eq!(alice.status("/items").await, 200, "the check has connections of its own");
        assert_eq!(alice.status("/public/x").await, 200);
    }
    let refused =
        expect_problem(alice.get("/api/auth/list-sessions").send().await.unwrap(), 503, "SERVICE_UNAVAILABLE");
    assert!(refused.await.headers.contains_key("retry-after"));
    transaction.rollback().await.unwrap();
    for status in blocked.join_all().await {
        assert!([200, 503].contains(&status), "{status}");
    }
    eventually("readiness", async || (gw.operator().status("/readyz").await == 200).then_some(())).await;
    assert_eq!(gw.signed_up_user("bob").await.status("/items").await, 200);
}

#[tokio::test]
async fn an_outage_under_load_answers_everybody() {
    let (gw, wire) = behind_a_wire().await;
    let alice = gw.insert_user("alice", &[]).await;
    assert_eq!(alice.status("/items").await, 200);
    wire.set(Wire::Silent);
    let began = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let client = alice.bearer();
        tasks.spawn(async move { client.status("/items").await });
    }
    assert_eq!(tasks.join_all().await, [503; 100]);
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    assert_eq!(gw.upstream.requests().len(), 1);
    wire.set(Wire::Up);
    assert_recovers(&gw, &alice).await;
}

#[tokio::test]
async fn a_locked_table_does_not_hold_requests_for_ever() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    assert_eq!(alice.status("/items").await, 200);
    let mut connection = gw.db.connect().await;
    let mut transaction = sqlx::Connection::begin(&mut connection).await.unwrap();
    sqlx::query("lock table auth.sessions in access exclusive mode").execute(&mut *transaction).await.unwrap();
    let began = Instant::now();
    assert_eq!(alice.status("/items").await, 503);
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    assert_eq!(alice.status("/public/x").await, 200);
    transaction.rollback().await.unwrap();
    eventually("recovery", async || (alice.status("/items").await == 200).then_some(())).await;
}

#[tokio::test]
async fn mail_of_an_outage_is_not_lost() {
    let cluster = OwnCluster::start();
    let gw = Setup::new(serde_json::Value::Null).database(cluster.database()).start().await;
    cluster.stop();
    let body = json!({ "name": "x", "email": "alice@example.com", "password": PASSWORD });
    assert_eq!(gw.anonymous().auth("/sign-up/email", &body).await.status(), 503);
    cluster.restart();
    eventually("a sign-up", async || {
        (gw.anonymous().auth("/sign-up/email", &body).await.status() == 200).then_some(())
    })
    .await;
    assert!(gw.confirm(&gw.mail.to("alice@example.com").await).await.status().as_u16() < 400);
}
