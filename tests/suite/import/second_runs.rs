//! Imports after the first one: what was changed here stays, what was taken away stays away, and nobody is taken for somebody
//! else.

use std::{fmt::Write as _, fs};

use serde_json::{Value, json};

use super::{ADA, Moving, value};
use crate::{cli::admin::Ended, harness::TestGateway};

const HASH: &str = "$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy";

fn codes(report: &[Value]) -> Vec<&str> {
    report.iter().filter_map(|line| line["code"].as_str()).collect()
}

#[tokio::test]
async fn what_was_changed_or_taken_away_here_stays_so() {
    let moving = Moving::new(json!({ "auth": { "username": { "enabled": true } } })).await;
    moving.import(&[]);
    let taken_away = "
        delete from auth.sessions where id = 's1';
        delete from auth.api_keys;
        delete from auth.accounts where provider_id = 'google';
        delete from auth.passkeys;
        delete from auth.organization_members where id = 'm1'";
    for statement in taken_away.split(';') {
        moving.gw.db.execute(statement.trim()).await;
    }
    moving.gw.cli_json(&["users", "ban", "ada@example.com", "--reason", "spam"]);
    moving.gw.cli_json(&["users", "set-role", "ada@example.com", "--none"]);
    // A user who is banned here still renames themselves in the old app, and has an address there that counts for nothing here.
    moving
        .at_origin(
            r#"update "user" set "name" = 'Ada L.', "role" = 'admin', "email" = 'else@example.com', "updatedAt" = now()
               where "id" like 'ada%'"#,
        )
        .await;
    let left = "select u.name, u.email, u.roles, u.banned_at is not null as is_banned,
            (select count(*) from auth.sessions) as sessions, (select count(*) from auth.api_keys) as keys,
            (select count(*) from auth.accounts where provider_id = 'google') as identities,
            (select count(*) from auth.passkeys) as passkeys,
            (select count(*) from auth.organization_members where user_id = u.id) as memberships
        from auth.users u where u.email = 'ada@example.com'";
    let before = moving.value(left).await;
    let again = moving.import(&[]);
    assert_eq!(moving.value(left).await, before, "{again:#}");
    assert_eq!((&before["is_banned"], &before["keys"], &before["roles"]), (&json!(true), &json!(0), &json!([])));
    assert!(codes(&moving.report()).contains(&"CHANGED_HERE"), "{:?}", moving.report());
    let back = moving.import(&["--again", "identity", "--again", "api-key"]);
    assert_eq!((&back["identity"]["imported"], &back["apiKey"]["imported"]), (&json!(1), &json!(1)), "{back:#}");
    assert_eq!(back["passkey"]["imported"], 0);
}

#[tokio::test]
async fn no_import_proves_an_address() {
    let moving = Moving::new(json!({})).await;
    moving
        .at_origin(
            r#"insert into "user" ("id", "name", "email", "emailVerified", "createdAt", "updatedAt") values
                ('una', 'Una', 'victim@example.com', false, '2024-01-02Z', '2024-01-02Z'),
                ('yan', 'Yan', 'yan@example.com', true, '2024-01-02Z', '2024-01-02Z'),
                ('zoe', 'Zoe', 'zoe@example.com', true, '2024-01-02Z', '2024-01-02Z')"#,
        )
        .await;
    let ended = moving.run(&[]);
    assert!(ended.stdout.contains("2 users have an address that is not verified"), "{ended:?}");
    moving.gw.insert_user("taken", &[]).await;
    let mailed = "insert into auth.verifications (id, purpose, token_hash, user_id, created_at, expires_at)
        values ('v', 'password_reset', sha256('x'), 'zoe', now(), now() + interval '1 h')";
    moving.gw.db.execute(mailed).await;
    moving
        .at_origin(
            r#"update "user" set "email" = 'taken@example.com', "emailVerified" = true, "updatedAt" = now() where "id" = 'una';
               update "user" set "email" = 'Same@example.com', "updatedAt" = now() where "id" = 'yan';
               update "user" set "email" = 'same@example.com', "updatedAt" = now() where "id" = 'zoe'"#,
        )
        .await;
    let counts = moving.import(&[]);
    let una = moving.value("select email, email_verified from auth.users where id = 'una'").await;
    assert_eq!(una, json!({ "email": "victim@example.com", "email_verified": false }), "{counts:#}");
    let same =
        moving.value("select string_agg(email, ' ' order by id) as emails from auth.users where id in ('yan', 'zoe')");
    assert_eq!(same.await["emails"], "same@example.com zoe@example.com");
    let report = moving.report();
    assert!(codes(&report).contains(&"EMAIL_KEPT") && codes(&report).contains(&"EMAIL_TWICE"), "{report:?}");
    assert_eq!(moving.gw.db.count("select count(*) from auth.verifications").await, 1);
    moving.at_origin(r#"update "user" set "email" = 'zoe2@example.com', "updatedAt" = now() where "id" = 'zoe'"#).await;
    moving.import(&[]);
    assert_eq!(
        moving.gw.db.count("select count(*) from auth.verifications").await,
        0,
        "what was mailed to the old address"
    );
}

/// A sign-in at the origin proves less than what is asked for here.
#[tokio::test]
async fn no_session_comes_past_a_password_or_a_factor_that_was_set_here() {
    for change in [
        "update auth.accounts set password_hash = '$argon2id$x', updated_at = now() where provider_id = 'credential'",
        "insert into auth.two_factors (user_id, enabled_at, created_at) select id, now(), now() from auth.users
         where email = 'ada@example.com'",
    ] {
        let moving = Moving::new(json!({})).await;
        moving.import(&["--without", "session"]);
        moving.gw.db.execute(change).await;
        let counts = moving.import(&[]);
        assert_eq!(
            (&counts["session"]["imported"], &counts["session"]["left_out"]),
            (&json!(0), &json!(2)),
            "{counts:#}"
        );
        assert!(codes(&moving.report()).contains(&"SECURED_HERE"));
    }
}

/// Two accounts are joined by an address, which has to be the same person's on both sides.
#[tokio::test]
async fn accounts_are_joined_only_while_they_are_one_persons() {
    let moving = Moving::new(json!({})).await;
    let person = |id: &str, email: &str, banned: bool| {
        format!(
            r#"insert into "user" ("id", "name", "email", "emailVerified", "banned", "createdAt", "updatedAt")
               values ('{id}', '{id}', '{email}', true, {banned}, '2024-01-02Z', '2024-01-02Z');"#
        )
    };
    let identity = |id: &str| {
        format!(
            r#"insert into "account" ("id", "accountId", "providerId", "userId", "createdAt", "updatedAt")
               values ('g{id}', 'g{id}', 'google', '{id}', now(), now());"#
        )
    };
    for name in ["joined", "barred"] {
        moving.gw.insert_user(name, &[]).await;
    }
    let people = [
        person("joined1", "joined@example.com", false),
        person("barred1", "barred@example.com", true),
        person("mover", "recycled@example.com", false),
        identity("barred1"),
    ];
    moving.at_origin(&people.concat()).await;
    moving.import(&["--on-clash", "merge"]);
    assert!(codes(&moving.report()).contains(&"BANNED_THERE"), "{:?}", moving.report());
    let changes = [
        r#"update "user" set "email" = 'moved@example.com', "updatedAt" = now() where "id" = 'mover';
           update "user" set "email" = 'other@example.com', "updatedAt" = now() where "id" = 'joined1';"#
            .to_owned(),
        person("newcomer", "recycled@example.com", false),
        identity("newcomer"),
        identity("joined1"),
    ];
    moving.at_origin(&changes.concat()).await;
    moving.import(&["--on-clash", "merge"]);
    let owner = "select u.email from auth.accounts a join auth.users u on u.id = a.user_id where a.account_id = ";
    assert_eq!(moving.value(&format!("{owner} 'gnewcomer'")).await["email"], "recycled@example.com");
    assert_eq!(moving.value(&format!("{owner} 'gjoined1'")).await, Value::Null);
    assert_eq!(moving.value(&format!("{owner} 'gbarred1'")).await, Value::Null);
}

fn import_table(gw: &TestGateway, table: &str, further: &[&str]) -> Ended {
    let file = gw.directory.path().join("users.csv");
    fs::write(&file, table).unwrap();
    gw.cli(&[&["import", "csv", "--from", file.to_str().unwrap()], further].concat())
}

fn told(gw: &TestGateway) -> Vec<String> {
    let text = fs::read_to_string(gw.directory.path().join("authgate-import.jsonl")).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.filter_map(|line| line["code"].as_str().map(str::to_owned)).collect()
}

/// A row that does not come gives nothing to somebody who has its id already, in the same batch or in another.
#[tokio::test]
async fn a_row_whose_id_another_row_has_brings_nothing() {
    for between in [0, 1500] {
        let gw = TestGateway::start().await;
        let mut table = "email,name,password_hash,identity:google\nvictim@example.com,Victim,,\n".to_owned();
        for number in 0..between {
            writeln!(table, "u{number}@example.com,,,").unwrap();
        }
        writeln!(table, "Victim@Example.com,Mallory,{HASH},666").unwrap();
        let ended = import_table(&gw, &table, &[]);
        assert_eq!(ended.code, 0, "{ended:?}");
        assert_eq!(told(&gw), ["ID_TWICE", "USER_NOT_HERE", "USER_NOT_HERE"]);
        let victim =
            "select name, (select count(*) from auth.accounts) as ways from auth.users where email like 'victim%'";
        let victim = value(&mut gw.db.connect().await, victim).await;
        assert_eq!(victim, json!({ "name": "Victim", "ways": 0 }));
    }
}

#[tokio::test]
async fn an_id_of_another_database_is_somebody_else() {
    let gw = TestGateway::start().await;
    let table = |email: &str| format!("id,email,password_hash\n1,{email},{HASH}\n");
    assert_eq!(import_table(&gw, &table("boss@example.com"), &[]).code, 0);
    import_table(&gw, &table("customer@example.com"), &[])
        .assert_refused(2, "users.csv:2: the id \"1\" was that of boss@example.com at the last import of \"csv\"");
    // Under a name of its own it is another person, also once the first one was deleted.
    gw.db.execute("delete from auth.users").await;
    assert_eq!(import_table(&gw, &table("customer@example.com"), &["--name", "shop"]).code, 0);
    assert_eq!(told(&gw), ["ID_TAKEN"]);
    assert_eq!(import_table(&gw, &table("boss@example.com"), &[]).code, 0);
    assert_eq!(told(&gw), ["DELETED_HERE", "USER_NOT_HERE"]);
    let only = value(&mut gw.db.connect().await, "select email from auth.users").await;
    assert_eq!(only["email"], "customer@example.com");
    import_table(&gw, &table("x@example.com"), &["--name", "shop", "--resume"]).assert_refused(2, "leave out --resume");
    let file = gw.directory.path().join("users.jsonl");
    fs::write(&file, "").unwrap();
    gw.cli(&["import", "jsonl", "--from", file.to_str().unwrap(), "--name", "shop"])
        .assert_refused(2, "the last import of \"shop\" was of csv");
}

/// An id that stands for another and one that is spelled like it are two users.
#[tokio::test]
async fn two_ids_of_one_batch_are_never_one_user() {
    let gw = TestGateway::start().await;
    let replaced = "41aa487887e3c45c19b2448b2f036552";
    let table = format!("id,email\nauth0|5f7c8ec7c33c6c004bbafe82,a@example.com\n{replaced},b@example.com\n");
    assert_eq!(import_table(&gw, &table, &[]).code, 0);
    assert_eq!(told(&gw), ["ID_REPLACED", "ID_TAKEN"]);
    assert_eq!(gw.db.count("select count(distinct local_id) from auth.imported_ids").await, 2);
}

#[tokio::test]
async fn times_that_an_origin_does_not_keep_undo_nothing() {
    let gw = TestGateway::start().await;
    let table = format!("email,roles,password_hash\nada@example.com,admin;editor,{HASH}\n");
    assert_eq!(import_table(&gw, &table, &[]).code, 0);
    gw.cli_json(&["users", "ban", "ada@example.com"]);
    gw.cli_json(&["users", "set-role", "ada@example.com", "--none"]);
    gw.db.execute("update auth.accounts set password_hash = '$argon2id$new', updated_at = now()").await;
    assert_eq!(import_table(&gw, &table, &[]).code, 0);
    assert_eq!(told(&gw), ["CHANGED_HERE"]);
    let ada = "select roles, banned_at is not null as is_banned, password_hash from auth.users u join auth.accounts a
        on a.user_id = u.id";
    let ada = value(&mut gw.db.connect().await, ada).await;
    assert_eq!(ada, json!({ "roles": [], "is_banned": true, "password_hash": "$argon2id$new" }));
}

/// A row that the database itself refuses is told, and everybody else comes.
#[tokio::test]
async fn a_row_that_is_refused_keeps_nobody_else_away() {
    let gw = TestGateway::start().await;
    let user = |id: &str, created: &str| json!({ "type": "user", "id": id, "email": format!("{id}@example.com"), "createdAt": created, "updatedAt": created });
    let mut with_nul = user("nul", "2024-01-02T03:04:05Z");
    with_nul["image"] = json!("https://example.com/\u{0}");
    let lines = [
        user("ada", "2024-01-02T03:04:05Z"),
        user("old", "1800-01-02T03:04:05Z"),
        with_nul,
        user("zoe", "2024-01-02T03:04:05Z"),
    ];
    let file = gw.directory.path().join("people.jsonl");
    fs::write(&file, lines.map(|line| line.to_string()).join("\n")).unwrap();
    let ended = gw.cli(&["import", "jsonl", "--from", file.to_str().unwrap()]);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert_eq!(told(&gw), ["ROW_REFUSED", "ROW_REFUSED"]);
    assert_eq!(gw.db.count("select count(*) from auth.users").await, 2);
}

#[tokio::test]
async fn a_name_that_somebody_has_is_shown_of_nobody_else() {
    let moving = Moving::new(json!({ "auth": { "username": { "enabled": true } } })).await;
    moving
        .at_origin(r#"update "user" set "username" = 'ada.l', "displayUsername" = 'ada.l' where "id" like 'bob%'"#)
        .await;
    moving.gw.db.execute("insert into auth.users (id, email, name, created_at, updated_at) values ('here', 'h@example.com', 'H', now(), now())").await;
    moving.gw.db.execute("insert into auth.usernames (user_id, name, likeness, is_claimed, created_at) values ('here', 'ada_l', 'ada_l', true, now())").await;
    moving.import(&[]);
    assert!(codes(&moving.report()).contains(&"USERNAME_TAKEN"), "{:?}", moving.report());
    let ada = moving
        .value(&format!("select additional_fields ? 'username' as is_shown from auth.users where id = '{ADA}'"))
        .await;
    assert_eq!(ada["is_shown"], false);
}

#[tokio::test]
async fn addresses_are_trusted_where_the_operator_says_so() {
    let moving = Moving::new(json!({})).await;
    moving.run(&["--trust-addresses", "--on-clash", "merge"]).assert_refused(2, "exclude each other");
    let ended = moving.run(&["--trust-addresses"]);
    assert!(ended.code == 0 && !ended.stdout.contains("not verified"), "{ended:?}");
    assert_eq!(moving.gw.db.count("select count(*) from auth.users where not email_verified").await, 0);
}

/// Two databases that count their rows up have the same ids, of different things.
#[tokio::test]
async fn what_two_origins_call_alike_comes_from_both() {
    let on = json!({ "enabled": true });
    let moving = Moving::new(json!({ "auth": { "organizations": on, "api_keys": on } })).await;
    moving.import(&[]);
    moving
        .at_origin(
            r#"update "user" set "email" = 'second-' || "email";
               update "session" set "token" = reverse("token");
               update "passkey" set "credentialID" = 'c2Vjb25kMQ';
               update "apikey" set "key" = 'DsdSNXMLTGkQ6gh6jDKjR8aOJU3v9tRINVGlAAkIYGg'"#,
        )
        .await;
    let second = moving.import(&["--name", "second"]);
    for kind in ["user", "session", "passkey", "apiKey"] {
        assert_ne!(second[kind]["imported"], 0, "{kind}: {second:#}");
    }
    for (table, count) in [("sessions", 4), ("passkeys", 2), ("api_keys", 2)] {
        let stored = moving.value(&format!("select count(*) from auth.{table}")).await;
        assert_eq!(stored["count"], count, "{table}");
    }
}

/// A dry run tells of names that somebody has, as the import does.
#[tokio::test]
async fn a_dry_run_tells_of_names_and_slugs_that_are_taken() {
    let on = json!({ "enabled": true });
    let moving = Moving::new(json!({ "auth": { "username": on, "organizations": on } })).await;
    for statement in [
        "insert into auth.users (id, email, name, created_at, updated_at) values ('h', 'h@example.com', 'H', now(), now())",
        "insert into auth.usernames (user_id, name, likeness, is_claimed, created_at) values ('h', 'ada_l', 'ada_l', true, now())",
        "insert into auth.organizations (id, name, slug, created_at) values ('o', 'Acme', 'acme', now())",
    ] {
        moving.gw.db.execute(statement).await;
    }
    let told = |moving: &Moving| -> Vec<String> {
        let of = |line: &Value| Some(format!("{} {}", line["at"].as_str()?, line["code"].as_str()?));
        let mut told: Vec<String> = moving.report().iter().filter_map(of).collect();
        told.sort();
        told
    };
    moving.import(&["--dry-run"]);
    let dry = told(&moving);
    assert!(
        dry.iter().any(|line| line.ends_with("USERNAME_TAKEN")) && dry.iter().any(|line| line.ends_with("SLUG_TAKEN")),
        "{dry:?}"
    );
    moving.import(&[]);
    assert_eq!(told(&moving), dry);
}
