//! Imports that are ended, go on, and are run again.

use std::process::Stdio;

use serde_json::{Value, json};

use super::{ADA, Moving};
use crate::harness::gateway::command;

const PEOPLE: &str = r#"
    insert into "user" ("id", "name", "email", "emailVerified", "createdAt", "updatedAt")
    select md5(n::text), 'User ' || n, 'user' || n || '@example.com', n % 3 > 0, now(), now() from generate_series(1, 6000) n;
    insert into "account" ("id", "accountId", "providerId", "userId", "password", "createdAt", "updatedAt")
    select 'c' || n, md5(n::text), 'credential', md5(n::text),
        'c13297ba188ac1b04969091ca81b6152:b67b786ddd4fabba1a07fdb61057408aa132cf1b8555c33534798fe84fadd574c79ef0ca358210f47d981194ac3a9ec40deb74ae607ef871095e23ff71455c4a',
        now(), now()
    from generate_series(1, 6000) n;
    insert into "session" ("id", "expiresAt", "token", "createdAt", "updatedAt", "userId")
    select 'x' || n, now() + interval '7 days', md5('t' || n), now(), now(), md5(n::text) from generate_series(1, 6000) n;"#;

/// Everything that an import wrote, but for ids that are made anew each time.
const EVERYTHING: &str = "
    select
        (select md5(string_agg(u::text, '|' order by id)) from auth.users u) as users,
        (select md5(string_agg((user_id, provider_id, account_id, password_hash, scopes, created_at, updated_at)::text, '|'
            order by user_id, provider_id)) from auth.accounts) as accounts,
        (select md5(string_agg(s::text, '|' order by id)) from auth.sessions s) as sessions,
        (select md5(string_agg((id, user_id, has_known_handle, credential_id)::text, '|' order by id)) from auth.passkeys) as passkeys,
        (select md5(string_agg(k::text, '|' order by id)) from auth.api_keys k) as keys,
        (select md5(string_agg(m::text, '|' order by id)) from auth.organization_members m) as members,
        (select md5(string_agg((kind, source_id, local_id, is_merged)::text, '|' order by kind, source_id)) from auth.imported_ids i) as ids";

#[tokio::test]
async fn an_import_that_is_killed_again_and_again_ends_as_one_that_is_not() {
    let killed = Moving::new(json!({})).await;
    killed.at_origin(PEOPLE).await;
    let mut connection = killed.gw.db.connect().await;
    let rows = "select (select count(*) from auth.users) + (select count(*) from auth.accounts)
        + (select count(*) from auth.sessions)";
    let mut kills = 0;
    for attempt in 0..30 {
        let before: i64 = sqlx::query_scalar(rows).fetch_one(&mut connection).await.unwrap();
        let mut command = command(&killed.gw.db.url(), killed.gw.directory.path());
        command.env("BETTER_AUTH_SECRET", super::SECRET);
        let (url, start) = (killed.origin.url(), if attempt == 0 { "--restart" } else { "--resume" });
        command.args(["import", "better-auth", "--from", &url, start]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // Each time it gets a little further, to a moment that nobody chose.
        let status = loop {
            let now: i64 = sqlx::query_scalar(rows).fetch_one(&mut connection).await.unwrap();
            if now > before + 700 && kills < 10 {
                child.kill().unwrap();
            }
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
        };
        if status.success() {
            break;
        }
        assert_eq!(status.code(), None, "it was killed, and failed by nothing else");
        kills += 1;
        killed.run(&[]).assert_refused(2, "go on with --resume");
    }
    assert_eq!(kills, 10);
    let undisturbed = Moving { gw: crate::harness::TestGateway::with(json!({})).await, origin: killed.origin };
    let counts = undisturbed.import(&[]);
    assert_eq!(counts["session"]["imported"], 6002);
    let mut other = undisturbed.gw.db.connect().await;
    assert_eq!(super::value(&mut connection, EVERYTHING).await, super::value(&mut other, EVERYTHING).await);
    let stored =
        |connection| super::value(connection, "select counts, finished_at is not null as is_done from auth.imports");
    assert_eq!(stored(&mut connection).await, stored(&mut other).await);
}

/// The rest comes with a second run: who is new, and what changed there since and not here.
#[tokio::test]
async fn a_second_run_brings_what_is_new_and_nothing_twice() {
    let moving = Moving::new(json!({})).await;
    moving.import(&[]);
    let before = moving.value(EVERYTHING).await;
    let again = moving.import(&[]);
    assert_eq!(moving.value(EVERYTHING).await, before);
    for kind in ["user", "password", "identity", "session", "organization", "member", "apiKey"] {
        assert_eq!((&again[kind]["imported"], &again[kind]["updated"]), (&json!(0), &json!(0)), "{kind}: {again:#}");
    }
    moving
        .at_origin(
            r#"insert into "user" ("id", "name", "email", "emailVerified") values ('zoe', 'Zoe', 'zoe@example.com', true);
            update "user" set "name" = 'Ada L.', "updatedAt" = now() where "id" like 'ada%';
            update "user" set "name" = 'Eve L.', "updatedAt" = now() where "id" like 'auth0%';
            update "account" set "password" = '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy', "updatedAt" = now()
                where "id" = 'a1'"#,
        )
        .await;
    // A change here since then is the better one.
    moving
        .gw
        .db
        .execute("update auth.users set name = 'Evelyn', updated_at = now() + interval '1 s' where name = 'Eve'")
        .await;
    let deleted = "delete from auth.users where email = 'bob@example.com'";
    moving.gw.db.execute(deleted).await;
    let rest = moving.import(&[]);
    assert_eq!((&rest["user"]["imported"], &rest["user"]["updated"]), (&json!(1), &json!(1)), "{rest:#}");
    let names = moving.value("select array_agg(name order by name) as names from auth.users").await;
    assert_eq!(names["names"], json!(["Ada L.", "Evelyn", "Zoe"]), "a deleted user stays deleted");
    let hash = moving
        .value(&format!("select password_hash like '$2b$%' as is_new from auth.accounts where account_id = '{ADA}'"))
        .await;
    assert_eq!(hash["is_new"], true);
}

#[tokio::test]
async fn one_import_of_an_origin_runs_at_a_time() {
    let moving = Moving::new(json!({})).await;
    let mut connection = moving.gw.db.connect().await;
    let lock = "select pg_advisory_lock(hashtext('authgate import'), hashtext('better-auth'))";
    sqlx::raw_sql(lock).execute(&mut connection).await.unwrap();
    moving.run(&[]).assert_refused(1, "another import of \"better-auth\" is running");
    assert_eq!(moving.import(&["--name", "old-shop"])["user"]["imported"], 3);
    moving
        .run(&["--resume", "--name", "nothing"])
        .assert_refused(2, "the last import of \"nothing\" was through, or there was none: leave out --resume");
}

#[tokio::test]
async fn a_kind_can_wait_for_a_later_run() {
    let moving = Moving::new(json!({})).await;
    let first = moving.import(&["--without", "session", "--without", "organization"]);
    assert_eq!((first.get("session"), first.get("organization")), (None, None), "{first:#}");
    let rest = moving.import(&[]);
    let imported = |kind: &str| rest[kind]["imported"].clone();
    assert_eq!((imported("user"), imported("session"), imported("member")), (json!(0), json!(2), json!(2)), "{rest:#}");
    let _: Value = rest;
}
