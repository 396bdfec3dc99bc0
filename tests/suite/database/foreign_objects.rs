//! Migrations of a database in which the backend refers to the schema `auth`.

use std::path::Path;

use sqlx::{AssertSqlSafe, migrate::Migrator};

use crate::harness::{
    Database,
    cluster::{migrate, try_migrate},
};

/// The last migration before those that change what keys are made of.
const BEFORE: i64 = 20_261_121_160_000;

/// A database as the release before left it, and what the backend made there.
async fn former(objects: &'static str) -> Database {
    let db = Database::empty();
    let mut connection = db.connect().await;
    let mut migrator = Migrator::new(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations")))
        .await
        .expect("migrations are there");
    migrator.dangerous_set_table_name("auth.schema_migrations");
    migrator.create_schema("auth");
    migrator.run_direct(Some(BEFORE), &mut connection, false).await.expect("they can be applied");
    sqlx::raw_sql(AssertSqlSafe(objects)).execute(&mut connection).await.expect(objects);
    db
}

#[tokio::test]
async fn foreign_keys_of_the_backend_are_as_they_were_after_keys_were_altered() {
    let db = former(
        "insert into auth.users (id, email, name, created_at, updated_at) values ('ada', 'a@example.com', 'Ada', now(), now());
         create schema app;
         create table app.valid (user_id text constraint valid_fk references auth.users on delete cascade deferrable);
         insert into app.valid values ('ada');
         create table app.weak (user_id text);
         insert into app.weak values ('gone');
         alter table app.weak add constraint weak_fk foreign key (user_id) references auth.users not valid;
         create table app.parts (user_id text constraint parts_fk references auth.users, n int) partition by list (n);
         create table app.part partition of app.parts for values in (1);
         create table app.opened (session_id text constraint opened_fk references auth.sessions)",
    )
    .await;
    migrate(&db.url());
    let sql = "select string_agg(format('%s %s', conname, pg_get_constraintdef(oid)), '; ' order by conname)
        from pg_constraint where conname ~ '^(valid|weak|parts|opened)_fk' and conparentid = 0";
    let keys: String = sqlx::query_scalar(sql).fetch_one(&mut db.connect().await).await.unwrap();
    assert_eq!(
        keys,
        "opened_fk FOREIGN KEY (session_id) REFERENCES auth.sessions(id); \
         parts_fk FOREIGN KEY (user_id) REFERENCES auth.users(id); \
         valid_fk FOREIGN KEY (user_id) REFERENCES auth.users(id) ON DELETE CASCADE DEFERRABLE; \
         weak_fk FOREIGN KEY (user_id) REFERENCES auth.users(id) NOT VALID"
    );
    assert_eq!(db.count("select count(*) from pg_class where relname = 'altered_foreign_keys'").await, 0);
}

#[tokio::test]
async fn what_hinders_the_alteration_of_keys_is_named_before_anything_is_changed() {
    for (objects, named, removal) in [
        (
            "create view public.people as select id, email from auth.users",
            "view public.people",
            "drop view public.people",
        ),
        (
            "create function public.first() returns text begin atomic select email from auth.users limit 1; end",
            "function public.first()",
            "drop function public.first()",
        ),
    ] {
        let db = former(objects).await;
        let refused = try_migrate(&db.url());
        let told = String::from_utf8_lossy(&refused.stderr);
        assert!(!refused.status.success() && told.contains(named) && told.contains("Drop them"), "{told}");
        assert_eq!(db.count("select max(version) from auth.schema_migrations").await, BEFORE);
        sqlx::raw_sql(AssertSqlSafe(removal)).execute(&mut db.connect().await).await.unwrap();
        migrate(&db.url());
    }
}
