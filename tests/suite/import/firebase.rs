//! Imports of what `firebase auth:export` writes, in both forms.

use std::fs;

use serde_json::json;

use super::origin::{self, assert_counts, assert_is_banned, assert_signs_in, assert_told, digest, people, refusal};
use crate::{
    cli::admin::{Ended, run},
    harness::{TestGateway, gateway::command},
};

/// The key that Firebase publishes with its hash function.
const KEY: &str = "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==";

fn import(gw: &TestGateway, file: &str, further: &[&str]) -> Ended {
    let mut command = command(&gw.db.url(), gw.directory.path());
    command.env("FIREBASE_SIGNER_KEY", KEY);
    let from = gw.directory.path().join(file);
    run(command, &[&["import", "firebase", "--from", from.to_str().unwrap()], further].concat(), "")
}

#[tokio::test]
async fn people_of_firebase_sign_in_as_before_whichever_form_was_exported() {
    let fields = json!({ "plan": { "type": "string" } });
    let gw = TestGateway::with(json!({ "auth": { "user": { "additional_fields": fields } } })).await;
    let path = |file: &str| gw.directory.path().join(file).to_str().unwrap().to_owned();
    let people = people("firebase_export.py", &[&path("users.json"), &path("users.csv")]);
    let without_key = gw.cli(&["import", "firebase", "--from", &path("users.json")]);
    without_key.assert_refused(2, "passwords take the project's base64_signer_key: give it in FIREBASE_SIGNER_KEY");
    import(&gw, "users.json", &["--salt-separator", "?"])
        .assert_refused(2, "the password hash parameters of the project");

    let said = ["--json", "--provider", "google.com=work"];
    let planned = import(&gw, "users.json", &[&said[..], &["--dry-run"]].concat()).json()["counts"].take();
    assert_eq!(gw.db.count("select count(*) from auth.users").await, 0);
    let counts = import(&gw, "users.json", &said).json()["counts"].take();
    assert_eq!(counts, planned);
    assert_counts(&counts, &[("user", 7, 1), ("password", 6, 0), ("identity", 3, 0)]);
    assert_told(&gw, &[("NO_ADDRESS", "users.json, users 8")]);
    // A sign-in replaces hashes that others made.
    let imported = digest(&gw).await;
    for name in ["ada", "both", "claims", "comma"] {
        assert_signs_in(&gw, &format!("{name}@example.com"), origin::PASSWORD).await;
    }
    assert_is_banned(&gw, "disabled@example.com").await;
    assert_eq!(refusal(&gw, "user1@test.com", "user1password").await, 403, "it is not verified");
    gw.db.execute("update auth.users set email_verified = true where email = 'user1@test.com'").await;
    assert_signs_in(&gw, "user1@test.com", "user1password").await;
    let mut connection = gw.db.connect().await;
    let claims = "select roles, additional_fields, created_at from auth.users where email = 'claims@example.com'";
    assert_eq!(
        super::value(&mut connection, claims).await,
        json!({ "roles": ["admin"], "additional_fields": { "plan": "pro" }, "created_at": "2020-09-13T12:26:40.123+00:00" })
    );
    let linked = "select array_agg(provider_id || ' ' || account_id order by provider_id) as all from auth.accounts
        where provider_id <> 'credential' and user_id = (select id from auth.users where email = 'social@example.com')";
    let expected = json!(["github github.com-social", "work google.com-social"]);
    assert_eq!(super::value(&mut connection, linked).await["all"], expected);
    assert_eq!(people["social"]["accounts"]["google.com"], "google.com-social");

    // The other form says the same, and the key may stand in a file.
    let other =
        TestGateway::with(json!({ "auth": { "user": { "additional_fields": { "plan": { "type": "string" } } } } }))
            .await;
    fs::write(path("key"), format!("{KEY}\n")).unwrap();
    let file = ["--from", &path("users.csv"), "--signer-key-file", &path("key"), "--provider", "google.com=work"];
    let counts = other.cli_json(&[&["import", "firebase"], &file[..]].concat())["counts"].take();
    assert_counts(&counts, &[("user", 7, 1), ("password", 6, 0), ("identity", 3, 0)]);
    assert_told(&other, &[("NO_ADDRESS", "users.csv:8")]);
    assert_eq!(digest(&other).await, imported);
}
