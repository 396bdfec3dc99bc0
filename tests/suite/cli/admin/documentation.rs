//! The examples of docs/administration.md run as they stand.

use std::{path::Path, process::Command};

use serde_json::{Value, json};
use uuid::Uuid;

use super::run;
use crate::harness::{Database, PASSWORD, Setup, TestGateway, gateway::SECRET};

const PAGE: &str = include_str!("../../../../docs/administration.md");

fn blocks(language: &str) -> String {
    let blocks = PAGE.split("```").skip(1).step_by(2);
    let of_language = blocks.filter_map(|block| block.strip_prefix(language)?.strip_prefix('\n'));
    of_language.collect::<Vec<_>>().concat()
}

#[tokio::test]
async fn every_command_runs() {
    let gw = TestGateway::start().await;
    let binaries = Path::new(env!("CARGO_BIN_EXE_authgate")).parent().unwrap();
    let mut shell = Command::new("sh");
    shell
        .current_dir(gw.directory.path())
        .env("PATH", format!("{}:{}", binaries.display(), std::env::var("PATH").unwrap()))
        .env("DATABASE_URL", gw.db.url())
        .env("AUTHGATE_SECRET", SECRET);
    let script = blocks("sh");
    assert!(script.lines().filter(|line| line.contains("authgate ")).count() >= 10, "{script}");
    let ended = run(shell, &["-ec", &script], "");
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""), "{ended:?}");
    let left = "select count(*) from auth.users where email = 'ada@example.com' and roles = '{admin}'";
    assert_eq!(gw.db.count(left).await, 1);
}

#[tokio::test]
async fn the_gateway_serves_with_least_privilege_and_cannot_change_the_audit_log() {
    let db = Database::migrated();
    let role = format!("app_{}", Uuid::now_v7().simple());
    let grants = blocks("sql").replace("authgate_app", &role);
    sqlx::raw_sql(sqlx::AssertSqlSafe(grants)).execute(&mut db.connect().await).await.unwrap();
    let url = db.url().replace("postgres://postgres@", &format!("postgres://{role}@"));
    let gw = Setup::new(Value::Null).database(db).database_url(url.clone()).start().await;
    let alice = gw.signed_up_user("alice").await;
    assert_eq!(alice.status("/items").await, 200);
    assert_eq!(alice.status("/admin/x").await, 403);
    gw.eventually_counts(1, "select count(*) from auth.audit_events where event = 'access_denied'").await;
    let body = json!({ "email": alice.email, "password": format!("{PASSWORD}!") });
    assert_eq!(gw.anonymous().auth("/sign-in/email", &body).await.status(), 401);

    let mut app = <sqlx::PgConnection as sqlx::Connection>::connect(&url).await.unwrap();
    for (statement, trouble) in [
        ("update auth.audit_events set outcome = 'success'", "permission denied"),
        ("truncate auth.audit_events", "permission denied"),
        ("delete from auth.audit_events", "at least a day"),
        ("alter table auth.audit_events disable trigger all", "must be owner"),
    ] {
        let refused = sqlx::query(statement).execute(&mut app).await.unwrap_err().to_string();
        assert!(refused.contains(trouble), "{statement}: {refused}");
    }
    // Whatever time the gateway writes, the server's clock says when a row came.
    let backdated = "insert into auth.audit_events (occurred_at, event, outcome, recorded_at)
        values ('2001-01-01', 'backdated', 'y', '2001-01-01')";
    sqlx::query(backdated).execute(&mut app).await.unwrap();
    let deleted = sqlx::query("delete from auth.audit_events where event = 'backdated'").execute(&mut app).await;
    assert!(deleted.unwrap_err().to_string().contains("at least a day"));
    // The owner's word counts, but only where it is given.
    gw.db
        .execute(
            "insert into auth.audit_events (occurred_at, event, outcome, recorded_at)
             values ('2001-01-01', 'x', 'y', '2001-01-01')",
        )
        .await;
    let purged = sqlx::query(
        "delete from auth.audit_events where occurred_at < now() - interval '90 days' and event <> 'backdated'",
    );
    assert_eq!(purged.execute(&mut app).await.unwrap().rows_affected(), 1, "the purge is allowed");
    drop(app);
    let removal = format!("drop owned by {role}; drop role {role}");
    sqlx::raw_sql(sqlx::AssertSqlSafe(removal)).execute(&mut gw.db.connect().await).await.unwrap();
}
