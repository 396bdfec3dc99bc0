//! Realms as Keycloak exports them: one file, and a folder of several.

use std::fs;

use serde_json::{Value, json};

use super::origin::{
    self, assert_counts, assert_is_banned, assert_is_mailed_codes, assert_signs_in, assert_signs_in_with_app,
    assert_told, people, refusal, told,
};
use crate::harness::TestGateway;

fn import(gw: &TestGateway, further: &[&str]) -> Value {
    gw.cli_json(&[&["import", "keycloak"], further].concat())["counts"].take()
}

#[tokio::test]
async fn people_of_keycloak_sign_in_as_before() {
    let fields =
        json!({ "company": { "type": "string" }, "tags": { "type": "strings" }, "lastName": { "type": "string" } });
    let gw = TestGateway::with(
        json!({ "auth": { "user": { "additional_fields": fields }, "username": { "enabled": true } } }),
    )
    .await;
    let file = gw.directory.path().join("acme-realm.json");
    let from = file.to_str().unwrap();
    let people = people("keycloak_export.py", &[from]);
    import(&gw, &["--from", from, "--dry-run"]);
    let users = gw.db.count("select count(*) from auth.users").await;
    assert_eq!(users, 0);
    let codes: Vec<_> =
        told(&gw).into_iter().filter(|(_, at)| at == "acme-realm.json, users 2").map(|told| told.0).collect();
    assert_eq!(codes, ["CLIENT_ROLES_LEFT_OUT", "GROUPS_LEFT_OUT"]);
    let counts = import(&gw, &["--from", from, "--client", "app", "--groups"]);
    assert_counts(
        &counts,
        &[("user", 12, 2), ("password", 11, 0), ("identity", 1, 0), ("twoFactor", 4, 0), ("passkey", 0, 1)],
    );
    let at = |number: u32| format!("acme-realm.json, users {number}");
    assert_told(
        &gw,
        &[
            ("SECOND_FACTOR_UNUSABLE", &at(10)),
            ("PASSKEY_LEFT_OUT", &at(11)),
            ("SECOND_FACTOR_UNUSABLE", &at(11)),
            ("NO_ADDRESS", &at(12)),
            ("PASSWORD_TO_BE_CHANGED", &at(13)),
            ("SERVICE_ACCOUNT", &at(14)),
        ],
    );

    for name in ["ada", "alan", "older", "oldest"] {
        assert_signs_in(&gw, &format!("{name}@example.com"), origin::PASSWORD).await;
    }
    assert_eq!(refusal(&gw, "unverified@example.com", origin::PASSWORD).await, 403);
    assert_is_banned(&gw, "disabled@example.com").await;
    let by_name = json!({ "username": "older", "password": origin::PASSWORD });
    assert_eq!(gw.anonymous().auth("/sign-in/username", &by_name).await.status(), 200);
    for name in ["second", "second32"] {
        let secret = people[name]["totpSecret"].as_str().unwrap();
        assert_signs_in_with_app(&gw, &format!("{name}@example.com"), secret).await;
    }
    for name in ["sixty", "key"] {
        assert_is_mailed_codes(&gw, &format!("{name}@example.com")).await;
    }
    let mut connection = gw.db.connect().await;
    let ada = "select id, name, language, additional_fields - 'username' - 'displayUsername' as fields,
        created_at from auth.users where email = 'ada@example.com'";
    assert_eq!(
        super::value(&mut connection, ada).await,
        json!({
            "id": people["ada"]["id"], "name": "آدا لوفلايس", "language": "de",
            "fields": { "company": "Analytical Engines", "tags": ["a", "b"], "lastName": "لوفلايس" },
            "created_at": "2020-09-13T12:26:40.123+00:00",
        })
    );
    let alan = super::value(&mut connection, "select roles from auth.users where email = 'alan@example.com'").await;
    assert_eq!(alan["roles"], json!(["admin", "editor", "staff-night"]));
    let linked = "select account_id from auth.accounts where provider_id = 'google'";
    assert_eq!(super::value(&mut connection, linked).await["account_id"], "108");
}

/// The files of a realm are one list, in which an import goes on.
#[tokio::test]
async fn a_folder_of_files_is_read_in_the_order_of_their_numbers_and_gone_on_with() {
    let gw = TestGateway::start().await;
    let folder = gw.directory.path().join("export");
    fs::create_dir(&folder).unwrap();
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
    let users = |numbers: std::ops::Range<u32>| {
        let user = |number| json!({ "id": format!("user-{number}"), "email": format!("user{number}@example.com") });
        json!({ "realm": "acme", "users": numbers.map(user).collect::<Vec<_>>() }).to_string()
    };
    let from = folder.to_str().unwrap();
    gw.cli(&["import", "keycloak", "--from", from])
        .assert_refused(2, "holds no REALM-realm.json or REALM-users-0.json");
    write("acme-realm.json", "{\"realm\": \"acme\", \"roles\": {\"realm\": [{\"name\": \"x\"}]}}");
    gw.cli(&["import", "keycloak", "--from", from]).assert_refused(2, "has no list of users");
    write("acme-users-2.json", &users(0..1500));
    let rest = users(1500..1800);
    write("acme-users-10.json", rest.split_at(rest.len() - 9).0);
    write("acme-federated-users-0.json", "{");
    write("other-users-0.json", &users(0..1));
    gw.cli(&["import", "keycloak", "--from", from])
        .assert_refused(2, "holds several realms: acme, other; say which with");
    let acme = ["--from", from, "--realm", "acme"];
    let broken = gw.cli(&[&["import", "keycloak", "--restart"], &acme[..]].concat());
    broken.assert_refused(2, "acme-users-10.json: EOF while parsing");
    assert_eq!(gw.db.count("select count(*) from auth.users").await, 1000, "a batch is written whole");
    write("acme-users-10.json", &rest);
    let counts = import(&gw, &[&["--resume"], &acme[..]].concat());
    assert_eq!((&counts["user"]["read"], &counts["user"]["imported"]), (&json!(1800), &json!(1800)), "{counts:#}");
    assert_eq!(gw.db.count("select count(*) from auth.users").await, 1800);
}
