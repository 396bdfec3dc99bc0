//! `session.check: cached` keeps its bound whatever happens to the wire that tells of ended sessions (SESS-12).

use std::{
    io::Write,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tempfile::NamedTempFile;

use crate::harness::{
    Setup, TestGateway, User,
    chaos::{ChaosProxy, Wire},
    client::Client,
    cluster::OwnCluster,
    eventually,
};

const BOUND: Duration = Duration::from_millis(800);

/// A gateway whose questions go over one wire and whose notifications over another.
struct Cached {
    cluster: OwnCluster,
    questions: ChaosProxy,
    notifications: ChaosProxy,
    gw: TestGateway,
    _direct_url: NamedTempFile,
}

fn config() -> Value {
    json!({ "auth": { "session": { "check": { "mode": "cached", "max_staleness": "800ms" } } } })
}

impl Cached {
    async fn start() -> Self {
        let cluster = OwnCluster::start();
        let db = cluster.database();
        let target = ([127, 0, 0, 1], cluster.port()).into();
        let (questions, notifications) = (ChaosProxy::start(target).await, ChaosProxy::start(target).await);
        let mut config = config();
        let mut direct_url = NamedTempFile::new().unwrap();
        write!(direct_url, "{}", db.url_through(notifications.address.port())).unwrap();
        config["database"] = json!({ "direct_url": { "file": direct_url.path() } });
        let url = db.url_through(questions.address.port());
        let gw = Setup::new(config).database(db).database_url(url).start().await;
        Self { cluster, questions, notifications, gw, _direct_url: direct_url }
    }

    async fn end(&self, user: &User) -> Instant {
        let delete = sqlx::query("delete from auth.sessions where user_id = $1").bind(&user.id);
        delete.execute(&mut self.gw.db.connect().await).await.unwrap();
        Instant::now()
    }

    async fn warm(&self, user: &User) {
        Self::warm_on(&self.gw, user).await;
    }

    /// Asks until an answer comes from memory.
    async fn warm_on(gw: &TestGateway, user: &Client) {
        let cached = "authgate_session_checks_cached_total";
        eventually("an answer from memory", async || {
            let before = gw.metric(cached).await;
            assert_eq!(user.status("/items").await, 200);
            (gw.metric(cached).await > before).then_some(())
        })
        .await;
    }

    /// Asks without a pause until refused. No request that was sent later than the bound after `ended` may pass.
    async fn assert_refused_within_the_bound(user: &Client, ended: Instant, what: &str) {
        loop {
            let sent = Instant::now();
            let status = user.status("/items").await;
            if status == 401 {
                return;
            }
            assert_eq!(status, 200, "{what}");
            assert!(sent < ended + BOUND, "{what}: a request passed {:?} after the end", sent - ended);
        }
    }
}

#[tokio::test]
async fn answers_come_from_memory_while_notifications_do() {
    let cached = Cached::start().await;
    let alice = cached.gw.insert_user("alice", &[]).await;
    cached.warm(&alice).await;
    // Who were not asked for before have to be, and cannot.
    let bob = cached.gw.insert_user("bob", &[]).await;
    cached.questions.set(Wire::Silent);
    let cut = Instant::now();
    while cut.elapsed() < BOUND / 2 {
        assert_eq!(alice.status("/items").await, 200);
    }
    assert_eq!(bob.status("/items").await, 503);
    assert_eq!(alice.status("/items").await, 503, "what cannot be asked proves no more that notifications arrive");
    cached.questions.set(Wire::Up);
    eventually("questions again", async || (alice.status("/items").await == 200).then_some(())).await;
    cached.warm(&alice).await;
    assert!(cached.gw.metric("authgate_revocation_lag_seconds_count").await > 1.0);
}

#[tokio::test]
async fn what_ends_or_changes_by_hand_in_sql_counts_too() {
    let cached = Cached::start().await;
    let replica = cached.gw.replica_with(config()).await;
    for (what, sql) in [
        ("a deletion", "delete from auth.sessions"),
        ("an earlier end", "update auth.sessions set expires_at = now()"),
        ("a ban", "update auth.users set banned_at = now()"),
        ("the deletion of the user", "delete from auth.users"),
        ("a truncation", "truncate auth.sessions"),
    ] {
        let user = cached.gw.insert_user(&what.replace(' ', "-"), &[]).await;
        let elsewhere = replica.anonymous().with_bearer(&user.token);
        Cached::warm_on(&replica, &elsewhere).await;
        cached.warm(&user).await;
        cached.gw.db.execute(sql).await;
        let ended = Instant::now();
        Cached::assert_refused_within_the_bound(&user, ended, what).await;
        Cached::assert_refused_within_the_bound(&elsewhere, ended, what).await;
        cached.gw.db.execute("update auth.users set banned_at = null").await;
    }
    // A token that is replaced opens nothing, while its session lives on.
    let user = cached.gw.insert_user("renewed", &[]).await;
    cached.warm(&user).await;
    cached.gw.db.execute("update auth.sessions set token_hash = sha256('other')").await;
    Cached::assert_refused_within_the_bound(&user, Instant::now(), "a replaced token").await;
    let admin = cached.gw.insert_user("admin", &["admin"]).await;
    assert_eq!(admin.status("/admin/x").await, 200);
    cached.warm(&admin).await;
    cached.gw.db.execute("update auth.users set roles = '{}'").await;
    eventually("roles of now", async || (admin.status("/admin/x").await == 403).then_some(())).await;
}

#[tokio::test]
async fn no_trouble_with_notifications_makes_an_ended_session_pass_for_longer_than_the_bound() {
    let cached = Cached::start().await;
    let troubles = [
        ("up", Wire::Up),
        ("slow", Wire::Slow(Duration::from_millis(150))),
        ("slower than the bound", Wire::Slow(Duration::from_millis(1200))),
        ("silent", Wire::Silent),
        ("cut", Wire::Cut),
    ];
    for (number, (what, wire)) in troubles.into_iter().enumerate() {
        let user = cached.gw.insert_user(&format!("user{number}"), &[]).await;
        cached.warm(&user).await;
        cached.notifications.set(wire);
        Cached::assert_refused_within_the_bound(&user, cached.end(&user).await, what).await;
        // And the other way round: the trouble is there before the end.
        let user = cached.gw.insert_user(&format!("late{number}"), &[]).await;
        assert_eq!(user.status("/items").await, 200, "{what}: who is not remembered is asked for");
        Cached::assert_refused_within_the_bound(&user, cached.end(&user).await, what).await;
        cached.notifications.set(Wire::Up);
    }
    let user = cached.gw.insert_user("last", &[]).await;
    cached.warm(&user).await;
    cached.cluster.stop();
    eventually("the end of trust", async || (user.status("/items").await == 503).then_some(())).await;
    cached.cluster.restart();
    eventually("recovery", async || (user.status("/items").await == 200).then_some(())).await;
    cached.warm(&user).await;
}
