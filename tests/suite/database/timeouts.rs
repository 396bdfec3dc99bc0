//! Time limits on every connection: nobody's locks outlive a replica that is stopped, and nobody's idleness is taken for
//! the gateway's.

use std::collections::BTreeSet;

use nix::sys::signal::Signal;
use serde_json::json;

use super::{Gate, beside, waiting};
use crate::harness::{
    Database, PASSWORD, Setup, TestGateway,
    client::{AUTH, expect_problem},
    eventually,
};

#[tokio::test]
async fn a_stopped_replica_lets_go_of_its_locks() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    let gate = Gate::close(&gw.db, "before insert on auth.sessions").await;
    let body = json!({ "email": alice.email, "password": PASSWORD });
    let sign_in = tokio::spawn({
        let client = (*alice).clone();
        async move { client.auth("/sign-in/email", &body).await.status().as_u16() }
    });
    waiting(&gw.db, 1).await;
    gw.process.signal(Signal::SIGSTOP);
    gate.open().await;
    // The sign-in holds the user, and its process does nothing more.
    let ban = beside(&gw, &["users", "ban", &alice.email, "--json"]).await.unwrap();
    gw.process.signal(Signal::SIGCONT);
    assert!(ban.status.success(), "{ban:?}");
    assert!([401, 503].contains(&sign_in.await.unwrap()));
    assert_eq!(gw.db.count("select count(*) from auth.sessions").await, 0);
}

#[tokio::test]
async fn a_lock_is_not_waited_for_for_ever() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let mut connection = gw.db.connect().await;
    let mut transaction = sqlx::Connection::begin(&mut connection).await.unwrap();
    sqlx::query("select from auth.users for update").execute(&mut *transaction).await.unwrap();
    let answer = alice.post(&format!("{AUTH}/revoke-other-sessions")).send().await.unwrap();
    let problem = expect_problem(answer, 503, "SERVICE_UNAVAILABLE").await;
    assert!(problem.headers.contains_key("retry-after"));
    transaction.rollback().await.unwrap();
    assert_eq!(alice.post(&format!("{AUTH}/revoke-other-sessions")).send().await.unwrap().status(), 200);
}

/// The connections of a database by the name of their program.
async fn connections(elsewhere: &mut sqlx::PgConnection, db: &str, name: &str) -> BTreeSet<i32> {
    let sql = "select pid from pg_stat_activity where datname = $1 and application_name like $2";
    sqlx::query_scalar(sql).bind(db).bind(name).fetch_all(elsewhere).await.unwrap().into_iter().collect()
}

#[tokio::test]
async fn a_server_that_ends_idle_sessions_ends_none_of_the_gateways() {
    let db = Database::migrated();
    let mut url: url::Url = db.url().parse().unwrap();
    let name = url.path().trim_start_matches('/').to_owned();
    let sql = format!("alter database {name} set idle_session_timeout = '1s'");
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut db.connect().await).await.unwrap();
    let gw = Setup::new(serde_json::Value::Null).database(db).start().await;
    let alice = gw.insert_user("alice", &[]).await;
    assert_eq!(alice.status("/items").await, 200);
    url.set_path("/postgres");
    let mut elsewhere = <sqlx::PgConnection as sqlx::Connection>::connect(url.as_str()).await.unwrap();
    eventually("the gateway's connections", async || {
        (connections(&mut elsewhere, &name, "authgate%").await.len() >= 4).then_some(())
    })
    .await;
    let before = connections(&mut elsewhere, &name, "authgate%").await;
    // Idle for less long than they are, and ended by the server.
    let canary = gw.db.connect().await;
    eventually("the end of an idle connection", async || {
        connections(&mut elsewhere, &name, "").await.is_empty().then_some(())
    })
    .await;
    drop(canary);
    let after = connections(&mut elsewhere, &name, "authgate%").await;
    assert!(before.is_subset(&after), "{before:?} {after:?}");
    assert_eq!(gw.metric("authgate_notifications_connected").await.to_string(), "1");
    assert_eq!(alice.status("/items").await, 200);
}
