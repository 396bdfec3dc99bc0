//! A database of better-auth.

use serde_json::{Value, json};

use super::{ADA, BOB, Moving};

fn everything_on() -> Value {
    json!({ "auth": {
        "api_keys": { "enabled": true },
        "organizations": { "enabled": true },
        "username": { "enabled": true },
        "user": { "additional_fields": { "company": { "type": "string" }, "seats": { "type": "number" } } },
    } })
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one flow, told from its begin to its end")]
async fn everything_comes_as_it_was() {
    let moving = Moving::new(everything_on()).await;
    let counts = moving.import(&[]);
    for (kind, imported, left_out) in [
        ("user", 3, 1),
        ("password", 1, 1),
        ("identity", 1, 0),
        ("twoFactor", 1, 0),
        ("passkey", 1, 0),
        ("session", 2, 0),
        ("organization", 1, 0),
        ("member", 2, 0),
        ("invitation", 1, 0),
        ("apiKey", 1, 0),
    ] {
        let of = &counts[kind];
        assert_eq!((&of["imported"], &of["left_out"]), (&json!(imported), &json!(left_out)), "{kind}: {counts:#}");
    }
    assert_eq!((&counts["session"]["expired"], &counts["invitation"]["expired"]), (&json!(1), &json!(1)));

    let ada = moving
        .value(
            "select id, email, email_verified, name, image, roles, additional_fields, two_factor_enabled, created_at
                from auth.users where email = 'ada@example.com'",
        )
        .await;
    assert_eq!(
        ada,
        json!({
            "id": ADA, "email": "ada@example.com", "email_verified": true, "name": "Ada",
            "image": "https://example.com/ada.png", "roles": ["admin", "editor"], "two_factor_enabled": false,
            "additional_fields": { "company": "Acme", "seats": 3, "username": "ada_l", "displayUsername": "Ada_L" },
            "created_at": "2024-01-02T03:04:05.678+00:00",
        })
    );
    let bob = moving
        .value(&format!("select email, ban_reason, banned_at is not null as banned, two_factor_enabled from auth.users where id = '{BOB}'"))
        .await;
    assert_eq!(
        bob,
        json!({ "email": "bob@example.com", "ban_reason": "spam", "banned": true, "two_factor_enabled": true })
    );
    let codes = moving.value(&format!("select count(*) from auth.backup_codes where user_id = '{BOB}'")).await;
    assert_eq!(codes["count"], 2);
    let passkey = moving
        .value("select credential_id, public_key, counter, backup_eligible, transports, aaguid, has_known_handle from auth.passkeys")
        .await;
    assert_eq!(
        passkey,
        json!({
            "credential_id": "\\x63726564656e7469616c", "public_key": "\\xa5010203262001215820",
            "counter": 7, "backup_eligible": true, "transports": ["internal", "hybrid"],
            "aaguid": "\\xea9b8d664d011d213ce4b6b48cb575d4", "has_known_handle": false,
        })
    );
    let session = moving
        .value(
            "select s.id, s.remember, s.active_organization_id, s.ip_address, s.auth_method
                from auth.sessions s where token_hash = sha256('gFQ5u3KubakKeuW4DkCSgCULxCgeUevv')",
        )
        .await;
    assert_eq!(
        session,
        json!({ "id": "s1", "remember": true, "active_organization_id": "org1", "ip_address": "203.0.113.7", "auth_method": "imported" })
    );
    let brief = moving.value("select remember from auth.sessions where id = 's3'").await;
    assert_eq!(brief["remember"], false, "a session that better-auth lets end with the browser");
    let key = moving
        .value("select id, user_id, name, prefix, start, metadata, permissions, remaining, rate_limit_max from auth.api_keys")
        .await;
    assert_eq!(
        key,
        json!({
            "id": "key_k1", "user_id": ADA, "name": "CI", "prefix": "sk_live_", "start": "sk_liv",
            "metadata": { "team": "a" }, "permissions": { "files": ["read"] }, "remaining": 90, "rate_limit_max": 10,
        })
    );
    let organization = moving
        .value(
            "select o.slug, o.metadata, m.roles from auth.organizations o
                join auth.organization_members m on m.organization_id = o.id where m.user_id like 'ada%'",
        )
        .await;
    assert_eq!(organization, json!({ "slug": "acme", "metadata": { "plan": "pro" }, "roles": ["owner"] }));
    let token = moving
        .value("select access_token is not null as sealed, scopes from auth.accounts where provider_id = 'google'")
        .await;
    assert_eq!(token, json!({ "sealed": true, "scopes": ["openid", "email"] }));
    let audited = moving
        .value(
            "select array_agg(event order by id) as events, min(actor) like 'cli:%' as is_cli from auth.audit_events
                where event like 'import%'",
        )
        .await;
    assert_eq!(audited, json!({ "events": ["import_started", "import_finished"], "is_cli": true }));

    let codes: Vec<(Value, Value)> =
        moving.report().iter().map(|line| (line["code"].clone(), line["at"].clone())).collect();
    for (code, at) in [
        ("EMAIL_INVALID", "user \"nobodynobodynobodynobodynobodyno\""),
        ("ID_REPLACED", "user \"auth0|eve\""),
        ("PASSWORD_HASH_UNUSABLE", "account \"a3\""),
        ("ORGANIZATION_ROLE_UNKNOWN", "member \"m2\""),
    ] {
        assert!(codes.contains(&(json!(code), json!(at))), "{code} {at}: {codes:?}");
    }
}

#[tokio::test]
async fn a_dry_run_tells_the_same_and_writes_nothing() {
    let moving = Moving::new(everything_on()).await;
    let before = moving.value("select count(*) from auth.audit_events").await;
    let planned = moving.import(&["--dry-run"]);
    let told = moving.report();
    for table in ["users", "accounts", "sessions", "organizations", "imported_ids", "imports"] {
        let rows = moving.value(&format!("select count(*) from auth.{table}")).await;
        assert_eq!(rows["count"], 0, "{table}");
    }
    assert_eq!(moving.value("select count(*) from auth.audit_events").await, before);
    let text = moving.run(&["--dry-run"]);
    assert!(text.code == 0 && text.stdout.contains("nothing was written"), "{text:?}");
    assert_eq!(moving.import(&[]), planned);
    let done = moving.report();
    assert_eq!(done[..done.len() - 1], told[..told.len() - 1]);
    assert_eq!((&told[told.len() - 1]["dry_run"], &done[done.len() - 1]["dry_run"]), (&json!(true), &json!(false)));
}

#[tokio::test]
async fn tables_and_columns_may_be_called_otherwise() {
    let moving = Moving::new(everything_on()).await;
    let renamed = r#"
        alter table "user" rename to people;
        alter table people rename "emailVerified" to email_verified;
        alter table people rename email to mail;
        alter table people rename "twoFactorEnabled" to two_factor_enabled;
        alter table account rename to accounts;
        alter table accounts rename "userId" to user_id;
        alter table accounts rename "providerId" to provider_id;
        alter table accounts alter "createdAt" type timestamp;
        alter table "twoFactor" rename to two_factors;
        create schema old;
        alter table people set schema old;
        alter table accounts set schema old;
        alter table two_factors set schema old;
        create table old.users (id bigint, name text);"#;
    moving.at_origin(renamed).await;
    moving.run(&[]).assert_refused(2, "the schema \"public\" has no table of users with the columns id, email; it has");
    moving.run(&["--schema", "old"]).assert_refused(2, "it has accounts, people, two_factors, users: say which");
    moving.run(&["--schema", "old", "--table", "user=people"]).assert_refused(
        2,
        "the table \"people\" has no column \"email\"; say which it is with --column user.email=NAME",
    );
    let said = ["--schema", "old", "--table", "user=people", "--column", "user.email=mail"];
    let counts = moving.import(&said);
    assert_eq!((&counts["user"]["imported"], &counts["password"]["imported"]), (&json!(3), &json!(1)), "{counts:#}");
    assert_eq!(counts["twoFactor"]["imported"], 1);
    let ada = moving.value(&format!("select email, email_verified from auth.users where id = '{ADA}'")).await;
    assert_eq!(ada, json!({ "email": "ada@example.com", "email_verified": true }));
}

/// Nobody comes with a password alone who had a second factor, unless that is said.
#[tokio::test]
async fn second_factors_do_not_get_lost_without_the_secret() {
    let moving = Moving::new(everything_on()).await;
    let url = moving.origin.url();
    let arguments = ["import", "better-auth", "--from", &url];
    moving.gw.cli(&arguments).assert_refused(2, "1 users have a second factor");
    let counts = moving.gw.cli_json(&[&arguments[..], &["--without", "two-factor"]].concat())["counts"].take();
    assert_eq!((&counts["user"]["imported"], counts.get("twoFactor")), (&json!(3), None), "{counts:#}");
    assert_eq!(counts["identity"]["imported"], 1);
    let codes: Vec<Value> = moving.report().iter().map(|line| line["code"].clone()).collect();
    assert!(codes.contains(&json!("TOKENS_SEALED")), "{codes:?}");

    let other = Moving::new(everything_on()).await;
    other.at_origin("update \"twoFactor\" set secret = repeat('ab', 60)").await;
    let counts = other.import(&[]);
    assert_eq!(
        (&counts["twoFactor"]["imported"], &counts["twoFactor"]["changed"]),
        (&json!(1), &json!(1)),
        "{counts:#}"
    );
    let factor = other.value("select secret is null as is_mailed, two_factor_enabled from auth.two_factors f join auth.users u on u.id = f.user_id").await;
    assert_eq!(factor, json!({ "is_mailed": true, "two_factor_enabled": true }));
}
