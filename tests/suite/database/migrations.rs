//! Migrations beside traffic: nobody queues behind one that waits, what failed half-way is taken up again, and keys are
//! compared byte by byte.

use serde_json::json;

use super::{beside, waiting};
use crate::harness::{Database, PASSWORD, Setup, TestGateway, cluster::migrate};

#[tokio::test]
async fn nobody_queues_behind_a_migration_that_waits_for_a_lock() {
    let gw = TestGateway::start().await;
    let email = gw.verified_user("alice").await;
    // As if this one were still to come. It needs a lock that writers of the table would wait for.
    gw.db.execute("drop index if exists auth.rate_limits_device_account_idx").await;
    gw.db.execute("delete from auth.schema_migrations where version = 20261121110000").await;
    let mut connection = gw.db.connect().await;
    let mut transaction = sqlx::Connection::begin(&mut connection).await.unwrap();
    sqlx::query("lock table auth.rate_limits in row exclusive mode").execute(&mut *transaction).await.unwrap();
    let migrating = beside(&gw, &["migrate"]);
    waiting(&gw.db, 1).await;
    // Counts attempts in that table.
    gw.sign_in(&email).await;
    assert!(!migrating.is_finished());
    transaction.rollback().await.unwrap();
    let done = migrating.await.unwrap();
    let (said, told) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success() && said.contains("1 migration(s) applied"), "{done:?}");
    assert!(told.contains("20261121110000 waits for a lock"), "{told}");
}

#[tokio::test]
async fn an_index_whose_build_failed_is_built_anew() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    gw.insert_session(&alice.id).await;
    let build = "create unique index concurrently sessions_id_bytewise on auth.sessions (auth_method)";
    assert!(sqlx::query(build).execute(&mut gw.db.connect().await).await.is_err());
    let invalid = "select count(*) from pg_index where not indisvalid";
    assert_eq!(gw.db.count(invalid).await, 1);
    gw.db.execute("delete from auth.schema_migrations where version = 20261129140500").await;
    let done = beside(&gw, &["migrate"]).await.unwrap();
    assert!(done.status.success(), "{done:?}");
    assert_eq!(gw.db.count(invalid).await, 0);
    assert_eq!(gw.db.count("select count(*) from pg_class where relname = 'sessions_id_bytewise'").await, 1);
}

#[tokio::test]
async fn several_processes_that_migrate_at_once_all_succeed() {
    let db = Database::empty();
    let url = db.url();
    let both: Vec<_> = (0..3)
        .map(|_| {
            let url = url.clone();
            tokio::task::spawn_blocking(move || migrate(&url))
        })
        .collect();
    for one in both {
        one.await.unwrap();
    }
    let gw = Setup::new(serde_json::Value::Null).database(db).start().await;
    let body = json!({ "name": "x", "email": "a@example.com", "password": PASSWORD });
    assert_eq!(gw.anonymous().auth("/sign-up/email", &body).await.status(), 200);
}

#[tokio::test]
async fn no_index_depends_on_the_rules_of_a_language() {
    let db = Database::migrated();
    let sql = "
        select count(*)
        from pg_index i
        join pg_class c on c.oid = i.indrelid and c.relnamespace = 'auth'::regnamespace
        cross join unnest(i.indcollation::oid[]) as used (collation_oid)
        join pg_collation on pg_collation.oid = used.collation_oid
        where collname <> 'C'";
    assert_eq!(db.count(sql).await, 0);
    let unproved = "
        select count(*) from pg_constraint where connamespace = 'auth'::regnamespace and not convalidated";
    assert_eq!(db.count(unproved).await, 0);
    // What is lower case is for the database's own rules to say: those of "C" know no letter beyond ASCII.
    let lower_case = "
        select count(*) from pg_constraint
        where conname = 'users_email_lower_case' and pg_get_constraintdef(oid) like '%COLLATE \"default\"%'";
    assert_eq!(db.count(lower_case).await, 1);
}
