//! A database that FastAPI-Users itself filled.

use serde_json::json;

use super::origin::{self, Origin, assert_counts, assert_is_banned, assert_signs_in, assert_told, refusal};

#[tokio::test]
async fn people_of_fastapi_users_sign_in_as_before() {
    let config = json!({ "auth": { "user": { "additional_fields": { "firstName": { "type": "string" } } } } });
    let moving = Origin::new("fastapi-users", config).await;
    let people = moving.filled_by("fastapi_users_origin.py");
    let said = ["--superuser-role", "root", "--provider", "google=work"];
    let planned = moving.import(&[&["--dry-run"][..], &said].concat());
    assert_eq!(moving.value("select count(*) from auth.users").await["count"], 0);
    let counts = moving.import(&said);
    assert_eq!(counts, planned);
    assert_counts(&counts, &[("user", 7, 0), ("password", 7, 0), ("identity", 1, 0)]);
    assert_told(&moving.gw, &[]);

    // They have hashes of argon2 and of bcrypt, and one has capitals in the address.
    for email in ["ada@example.com", "old@example.com", "Capitals@Example.com"] {
        assert_signs_in(&moving.gw, email, origin::PASSWORD).await;
    }
    assert_eq!(refusal(&moving.gw, "unverified@example.com", origin::PASSWORD).await, 403);
    assert_is_banned(&moving.gw, "inactive@example.com").await;
    let ada = moving.value("select id, name, additional_fields from auth.users where email = 'ada@example.com'").await;
    let fields = json!({ "firstName": "آدا" });
    assert_eq!(ada, json!({ "id": people["ada"]["id"], "name": "آدا", "additional_fields": fields }));
    let admin = moving.value("select roles from auth.users where email = 'admin@example.com'").await;
    assert_eq!(admin["roles"], json!(["root"]));
    let account = "select account_id, access_token is not null and refresh_token is not null as has_tokens,
        extract(epoch from access_token_expires_at)::bigint as expires from auth.accounts where provider_id = 'work'";
    let account = moving.value(account).await;
    assert_eq!(account, json!({ "account_id": "108", "has_tokens": true, "expires": 1_900_000_000 }));

    // Nobody knows when anything changed there, so what changed here stays.
    moving.gw.db.execute("update auth.users set name = 'Ada L.', updated_at = now() where name = 'آدا'").await;
    moving.at_origin("update \"user\" set is_active = false where email = 'ada@example.com'").await;
    let before = origin::digest(&moving.gw).await;
    let again = moving.import(&said);
    assert_eq!((&again["user"]["imported"], &again["user"]["unchanged"]), (&json!(0), &json!(7)), "{again:#}");
    assert_eq!(origin::digest(&moving.gw).await, before);
    moving.at_origin("alter table \"user\" rename to people").await;
    moving.run(&[]).assert_refused(2, "it has oauth_account, people: say which it is with --table user=NAME");
}
