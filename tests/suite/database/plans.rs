//! The plans of the look-ups of every request, which a connection makes once and keeps: whatever the statistics said
//! then, only the unique indexes of tokens and ids may drive them.

use std::{fs, path::Path};

use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, PgConnection};

use crate::harness::Database;

const MEMBERSHIP: &str = "organization_members_user_id_organization_id_key";
const TEAM_MEMBERSHIP: &str = "organization_team_members_team_id_user_id_key";

/// The statements of a source file as PostgreSQL gets them.
fn statements(file: &str) -> Vec<String> {
    let source = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store").join(file)).unwrap();
    source.split("r#\"").skip(1).map(|rest| rest.split("\"#").next().unwrap().replace(['!', '?'], "")).collect()
}

fn nodes<'a>(plan: &'a Value, found: &mut Vec<&'a Value>) {
    found.push(plan);
    for child in plan["Plans"].as_array().into_iter().flatten() {
        nodes(child, found);
    }
}

/// Prepares the statement, has it planned for parameters that nobody knows, and asserts that it reads tables by probes
/// of unique indexes alone.
async fn assert_only_probes(connection: &mut PgConnection, sql: &str, arguments: &str, expected: &[&str]) {
    let prepare = format!("set plan_cache_mode = force_generic_plan; set enable_seqscan = off; prepare q as {sql}");
    sqlx::raw_sql(AssertSqlSafe(prepare)).execute(&mut *connection).await.unwrap();
    let explain = format!("explain (format json) execute q ({arguments})");
    let plan: Value = sqlx::query_scalar(AssertSqlSafe(explain)).fetch_one(&mut *connection).await.unwrap();
    sqlx::raw_sql("deallocate q").execute(&mut *connection).await.unwrap();
    let mut found = Vec::new();
    nodes(&plan[0]["Plan"], &mut found);
    let reads: Vec<&Value> = found.iter().filter(|node| node.get("Relation Name").is_some()).copied().collect();
    let indexes = reads.iter().map(|node| match node["Index Name"].as_str().unwrap_or("none") {
        // Either finds the one membership.
        "organization_members_organization_id_user_id_idx" => MEMBERSHIP,
        "organization_team_members_user_id_organization_id_team_id_key" => TEAM_MEMBERSHIP,
        name => name,
    });
    let indexes: Vec<&str> = indexes.collect();
    assert_eq!(indexes, expected, "{plan:#}");
    for read in reads {
        let condition = read["Index Cond"].as_str().expect("a probe, and no scan of the whole index");
        if read["Relation Name"] == "organization_members" {
            assert!(condition.contains("(user_id =") && condition.contains("(organization_id ="), "{plan:#}");
        }
        if read["Relation Name"] == "organization_team_members" {
            assert!(condition.contains("(team_id =") && condition.contains("(user_id ="), "{plan:#}");
        }
    }
}

/// Other fields that a user filled in would make the check slow for everybody if it read them.
#[tokio::test]
async fn of_additional_fields_only_those_are_read_that_upstreams_are_told() {
    let db = Database::migrated();
    let mut connection = db.connect().await;
    let active = statements("sessions/lookup.rs").swap_remove(0);
    let arrange = r#"
        insert into auth.users (id, email, name, additional_fields, created_at, updated_at)
        values ('u', 'u@example.com', 'x', '{"a": "x", "n": null, "note": "long"}', now(), now());
        insert into auth.sessions (
            id, token_hash, user_id, auth_method, created_at, updated_at, last_seen_at, expires_at, absolute_expires_at
        )
        values ('s', sha256('s'), 'u', 'password', now(), now(), now(), now() + interval '1 day', now() + interval '9 days');"#;
    sqlx::raw_sql(arrange).execute(&mut connection).await.unwrap();
    for (asked, expected) in [
        ("{a,n,unset}", Some(json!({ "a": "x", "n": null }))),
        ("{note}", Some(json!({ "note": "long" }))),
        ("{unset}", None),
        ("{}", None),
    ] {
        let read: Option<Value> =
            sqlx::query_scalar(AssertSqlSafe(format!("select additional_fields from ({active}) found")))
                .bind(Vec::<Vec<u8>>::new())
                .bind(1.0)
                .bind(1.0)
                .bind(1.0)
                .bind(vec!["s"])
                .bind(asked.trim_matches(['{', '}']).split(',').filter(|name| !name.is_empty()).collect::<Vec<_>>())
                .bind(false)
                .bind(Vec::<Vec<u8>>::new())
                .fetch_one(&mut connection)
                .await
                .unwrap();
        assert_eq!(read, expected, "{asked}");
    }
}

#[tokio::test]
async fn only_the_index_of_the_token_drives_the_look_up_whatever_the_statistics_say() {
    let db = Database::migrated();
    let mut connection = db.connect().await;
    let checks = statements("sessions/lookup.rs");
    let [active, living] = &checks[..] else { panic!("there are other statements: {checks:?}") };
    let find_active =
        statements("sessions/mod.rs").into_iter().find(|sql| sql.contains("where token_hash = $1)")).unwrap();
    let fill = "
        insert into auth.users (id, email, name, created_at, updated_at)
        select 'u' || n, 'u' || n || '@example.com', 'x', now(), now() from generate_series(1, 5000) n;
        insert into auth.sessions (
            id, token_hash, user_id, auth_method, created_at, updated_at, last_seen_at, expires_at, absolute_expires_at
        )
        select 's' || n, sha256(n::text::bytea), 'u' || n, 'password', now(), now(), now(), now() + interval '1 day',
            now() + interval '9 days'
        from generate_series(1, 5000) n;";
    for (what, arrange) in [
        ("empty tables", "select 1"),
        ("full tables, never analysed", fill),
        ("full tables", "analyze"),
        ("after a deletion of nearly all sessions", "delete from auth.sessions where id <> 's1'; analyze"),
        ("after a deletion of all", "delete from auth.users; analyze"),
    ] {
        sqlx::raw_sql(arrange).execute(&mut connection).await.unwrap_or_else(|error| panic!("{what}: {error}"));
        let organizations = [MEMBERSHIP, "organizations_pkey"];
        let of = |first: &[&'static str]| [first, &["users_pkey"], &organizations].concat();
        // A key's own organization is one of its branch; a session takes no probe for it.
        let of_all = of(&["sessions_token_hash_key", "sessions_pkey", "api_keys_key_hash_key", "organizations_pkey"]);
        let arguments = "array['\\x00'::bytea], 1, 1, 1, array['s1'], array['a'], true, array['\\x00'::bytea]";
        assert_only_probes(&mut connection, active, arguments, &of_all).await;
        assert_only_probes(
            &mut connection,
            living,
            "array['s1']",
            &of(&["sessions_pkey", "api_keys_pkey", "organizations_pkey"]),
        )
        .await;
        let mut probes = of(&["sessions_token_hash_key", "sessions_pkey"]);
        probes.push(TEAM_MEMBERSHIP);
        assert_only_probes(&mut connection, &find_active, "'\\x00', null", &probes).await;
    }
}
