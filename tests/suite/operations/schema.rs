//! What the schema itself promises, whoever writes to it.

use sqlx::Row;

use crate::harness::{Database, cluster::migrate};

#[tokio::test]
async fn no_time_beyond_the_calendar_can_be_stored() {
    let db = Database::migrated();
    let unchecked = "select string_agg(format('%s.%s', c.relname, a.attname), ', ')
        from pg_attribute a
        join pg_class c on c.oid = a.attrelid and c.relkind = 'r'
        join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'auth'
        where a.atttypid = 'timestamptz'::regtype and not a.attisdropped and c.relname <> 'schema_migrations'
            and not exists (
                select from pg_constraint k
                where k.conrelid = c.oid and k.contype = 'c' and k.convalidated and a.attnum = any (k.conkey)
                    and k.conname ~ '_in_range$'
            )";
    let unchecked: Option<String> = sqlx::query_scalar(unchecked).fetch_one(&mut db.connect().await).await.unwrap();
    assert_eq!(unchecked, None, "columns without a validated check of their range");
    for time in ["infinity", "-infinity", "20000-01-01", "1899-12-31"] {
        let refused = sqlx::query(
            "insert into auth.rate_limits (key, count, window_started_at, expires_at) values ('k', 1, now(), $1::timestamptz)",
        );
        let statement = refused.bind(time).execute(&mut db.connect().await).await;
        assert!(statement.is_err(), "{time}");
    }
}

#[tokio::test]
async fn odd_times_from_before_the_checks_are_repaired_when_the_checks_come() {
    let db = Database::migrated();
    for statement in [
        "delete from auth.schema_migrations where version between 20261129120000 and 20261129120200",
        "alter table auth.users drop constraint users_times_in_range",
        "alter table auth.accounts drop constraint accounts_times_in_range",
        "alter table auth.sessions drop constraint sessions_times_in_range",
        "alter table auth.email_changes drop constraint email_changes_times_in_range",
        "alter table auth.verifications drop constraint verifications_times_in_range",
        "alter table auth.mail_outbox drop constraint mail_outbox_times_in_range",
        "alter table auth.rate_limits drop constraint rate_limits_times_in_range",
        "alter table auth.known_devices drop constraint known_devices_times_in_range",
        "alter table auth.audit_events drop constraint audit_events_times_in_range",
        "insert into auth.users (id, email, name, created_at, updated_at, banned_at, ban_expires_at) values
            ('ada', 'ada@example.com', 'ada', '-infinity', 'infinity', null, null),
            ('bob', 'bob@example.com', 'bob', now(), now(), now(), 'infinity'),
            ('cyd', 'cyd@example.com', 'cyd', now(), now(), now(), '-infinity')",
        "insert into auth.accounts (id, user_id, provider_id, account_id, created_at, updated_at, access_token_expires_at)
         values ('a', 'ada', 'google', '1', now(), now(), 'infinity')",
        "insert into auth.sessions (id, token_hash, user_id, auth_method, created_at, updated_at, last_seen_at, expires_at,
            absolute_expires_at)
         select id, sha256(id::bytea), 'ada', 'password', now(), now(), now(), expires_at::timestamptz, expires_at::timestamptz
         from (values ('odd', 'infinity'), ('good', '2100-01-01')) session (id, expires_at)",
        "insert into auth.verifications (id, purpose, token_hash, created_at, expires_at)
         values ('v', 'verify-email', sha256('v'), now(), 'infinity')",
        "insert into auth.mail_outbox (kind, recipient, payload, created_at, next_attempt_at)
         values ('x', 'x', '', 'infinity', 'infinity')",
        "insert into auth.rate_limits (key, count, window_started_at, expires_at) values ('k', 1, now(), 'infinity')",
        "insert into auth.known_devices (user_id, device, last_seen_at) values ('ada', 'x', '-infinity')",
        "insert into auth.audit_events (occurred_at, event, outcome) values ('infinity', 'x', 'y')",
    ] {
        db.execute(statement).await;
    }
    migrate(&db.url());
    let row = sqlx::query(
        "select
            (select count(*) from pg_constraint where conname ~ '_times_in_range$' and not convalidated),
            (select string_agg(id, ' ') from auth.sessions),
            (select string_agg(id, ' ' order by id) from auth.users where banned_at is not null and ban_expires_at is null),
            (select count(*) from auth.users where isfinite(created_at) and isfinite(updated_at)),
            (select count(*) from auth.verifications) + (select count(*) from auth.rate_limits)
                + (select count(*) from auth.known_devices),
            (select count(*) from auth.mail_outbox where next_attempt_at <= now() and created_at <= now()),
            (select detail->>'occurred_at' from auth.audit_events where occurred_at <= now())",
    )
    .fetch_one(&mut db.connect().await)
    .await
    .unwrap();
    let counts: Vec<i64> = [0, 3, 4, 5].map(|column| row.get(column)).to_vec();
    assert_eq!(counts, [0, 3, 0, 1], "not validated, users, rows that open something, mail");
    assert_eq!([1, 2, 6].map(|column| row.get::<String, _>(column)), ["good", "bob", "infinity"]);
}

#[tokio::test]
async fn triggers_fire_whatever_the_replication_role_and_functions_have_a_search_path_of_their_own() {
    let db = Database::migrated();
    let mut connection = db.connect().await;
    sqlx::raw_sql(
        "insert into auth.audit_events (occurred_at, event, outcome) values (now(), 'x', 'y');
         set session_replication_role = replica",
    )
    .execute(&mut connection)
    .await
    .unwrap();
    for statement in
        ["update auth.audit_events set outcome = 'z'", "delete from auth.audit_events", "truncate auth.audit_events"]
    {
        assert!(sqlx::query(statement).execute(&mut connection).await.is_err(), "{statement}");
    }
    let silent = "select count(*) from pg_trigger t join pg_class c on c.oid = t.tgrelid
        join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'auth' and not t.tgisinternal and t.tgenabled <> 'A'";
    let unpinned = "select count(*) from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where n.nspname = 'auth' and not exists (
            select from unnest(p.proconfig) setting where setting like 'search_path=%'
        )";
    assert_eq!((db.count(silent).await, db.count(unpinned).await), (0, 0));
}

#[tokio::test]
async fn tables_that_work_as_queues_are_vacuumed_early() {
    let db = Database::migrated();
    for table in ["mail_outbox", "verifications", "rate_limits", "sessions"] {
        let options: Option<Vec<String>> =
            sqlx::query_scalar("select reloptions from pg_class where oid = ('auth.' || $1)::regclass")
                .bind(table)
                .fetch_one(&mut db.connect().await)
                .await
                .unwrap();
        let options = options.unwrap_or_default();
        for name in ["autovacuum_vacuum_scale_factor=", "autovacuum_analyze_scale_factor="] {
            assert!(options.iter().any(|option| option.starts_with(name)), "{table}: {options:?}");
        }
    }
}

#[tokio::test]
async fn roles_are_one_list() {
    let db = Database::migrated();
    db.execute(
        "insert into auth.users (id, email, name, roles, created_at, updated_at)
         values ('ada', 'ada@example.com', 'ada', array['admin', 'b'], now(), now()),
            ('bob', 'bob@example.com', 'bob', '{}', now(), now())",
    )
    .await;
    for roles in ["{{admin},{b}}", "[0:1]={admin,b}"] {
        let update = sqlx::query("update auth.users set roles = $1::text::text[] where id = 'ada'").bind(roles);
        assert!(update.execute(&mut db.connect().await).await.is_err(), "{roles}");
    }
}
