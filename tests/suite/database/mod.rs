//! What PostgreSQL really does: locks, deadlocks, plans and time limits, arranged by locks and triggers of the tests' own.

mod broken_off;
mod deadlocks;
mod deleted_users;
mod foreign_objects;
mod migrations;
mod plans;
mod pooler;
mod stale_statements;
mod timeouts;

use std::process::Output;

use sqlx::{Connection, PgConnection};

use crate::harness::{Database, TestGateway, eventually, gateway::command};

/// A gate that transactions come to at a statement of the test's choice. They wait there until it is opened.
struct Gate {
    holder: PgConnection,
}

impl Gate {
    const LOCK: &str = "select pg_advisory_lock(4711)";

    /// `when`: as in `create trigger`, such as `before insert on auth.sessions`.
    async fn close(db: &Database, when: &str) -> Self {
        let mut holder = db.connect().await;
        let sql = format!(
            "create function public.pass_gate() returns trigger language plpgsql as $$
             begin
                 perform pg_advisory_xact_lock_shared(4711);
                 return case when tg_op = 'DELETE' then old else new end;
             end $$;
             create trigger a_gate {when} for each row execute function public.pass_gate();"
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut holder).await.unwrap();
        sqlx::query(Self::LOCK).execute(&mut holder).await.unwrap();
        Self { holder }
    }

    async fn open(self) {
        self.holder.close().await.unwrap();
    }
}

/// Waits until as many of the database's connections wait for a lock, the gate's included.
async fn waiting(db: &Database, count: i64) {
    let sql = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    eventually("transactions that wait for locks", async || (db.count(sql).await == count).then_some(())).await;
}

/// A command line of the binary under test, run beside the test.
fn beside(gw: &TestGateway, arguments: &[&str]) -> tokio::task::JoinHandle<Output> {
    let mut command = command(&gw.db.url(), gw.directory.path());
    command.args(arguments);
    tokio::task::spawn_blocking(move || command.output().expect("the binary can be run"))
}

/// Asserts that PostgreSQL found no deadlock in this database so far. Connections tell it when they have ended or been
/// idle for a moment, which the ones of the command line have.
async fn assert_no_deadlock(gw: &TestGateway) {
    let sql = "select deadlocks from pg_stat_database where datname = current_database()";
    assert_eq!(gw.db.count(sql).await, 0, "deadlocks");
    let again = gw.log().into_iter().find(|line| line.to_string().contains("broken off"));
    assert!(again.is_none(), "{again:?}");
}
