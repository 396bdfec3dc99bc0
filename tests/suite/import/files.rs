//! Files: tables of users, and lines of JSON.

use std::fs;

use serde_json::{Value, json};

use crate::harness::TestGateway;

fn codes(gw: &TestGateway) -> Vec<(String, String)> {
    let text = fs::read_to_string(gw.directory.path().join("authgate-import.jsonl")).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let told = lines.filter(|line| line["effect"] != "summary");
    told.map(|line| (line["at"].as_str().unwrap().to_owned(), line["code"].as_str().unwrap().to_owned())).collect()
}

#[tokio::test]
async fn a_table_of_users_comes_and_each_line_that_does_not_is_told() {
    let fields = json!({ "auth": { "user": { "additional_fields": {
        "company": { "type": "string" }, "seats": { "type": "number" }, "beta": { "type": "boolean" },
    } } } });
    let gw = TestGateway::with(fields).await;
    let table = "\u{feff}Mail,Email Verified,name,roles,password_hash,created_at,company,seats,beta,identity:google\n\
        ada@example.com,true,\"Lovelace, Ada\",\"admin;editor\",$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy,2024-01-02,Acme,3,yes,4711\n\
        bob@example,,,,,,,,,\n\
        eve@example.com,false,Eve,,plain text,2024-01-02T03:04:05Z,,many,,\n\
        a,b,c,d,e,f,g,h,i,j,k,l\n\
        \"zoe@example.com\",t,\"two\nlines\",,,yesterday,,,,\n\
        ADA@example.com,,,,,,,,,\n";
    let file = gw.directory.path().join("users.csv");
    fs::write(&file, table).unwrap();
    let from = file.to_str().unwrap();
    gw.cli(&["import", "csv", "--from", from]).assert_refused(2, "users.csv:1: there is no column email, but Mail,");
    let counts = gw.cli_json(&["import", "csv", "--from", from, "--column", "email=mail"])["counts"].take();
    assert_eq!((&counts["user"]["imported"], &counts["user"]["left_out"]), (&json!(2), &json!(4)), "{counts:#}");
    assert_eq!(
        codes(&gw),
        [
            ("users.csv:5", "LINE_UNREADABLE"),
            ("users.csv:6", "TIME_INVALID"),
            ("users.csv:3", "EMAIL_INVALID"),
            ("users.csv:8", "EMAIL_TWICE"),
            ("users.csv:4", "FIELD_LEFT_OUT"),
            ("users.csv:4", "PASSWORD_HASH_UNUSABLE"),
        ]
        .map(|(at, code)| (at.to_owned(), code.to_owned()))
    );
    let mut connection = gw.db.connect().await;
    let ada = "select email_verified, name, roles, additional_fields, created_at from auth.users where email = 'ada@example.com'";
    assert_eq!(
        super::value(&mut connection, ada).await,
        json!({
            "email_verified": true, "name": "Lovelace, Ada", "roles": ["admin", "editor"],
            "additional_fields": { "company": "Acme", "seats": 3, "beta": true }, "created_at": "2024-01-02T00:00:00+00:00",
        })
    );
    let linked = "select account_id from auth.accounts where provider_id = 'google'";
    assert_eq!(super::value(&mut connection, linked).await["account_id"], "4711");
    // The same file brings nothing twice, although it gives no ids.
    let again = gw.cli_json(&["import", "csv", "--from", from, "--column", "email=mail"])["counts"].take();
    assert_eq!((&again["user"]["imported"], &again["user"]["unchanged"]), (&json!(0), &json!(2)), "{again:#}");
}

#[tokio::test]
async fn lines_of_json_are_told_by_number() {
    let gw = TestGateway::start().await;
    let user = |id: &str| {
        json!({
            "type": "user", "id": id, "email": format!("{id}@example.com"),
            "createdAt": "2024-01-02T03:04:05Z", "updatedAt": "2024-01-02T03:04:05Z",
        })
    };
    let session = json!({
        "type": "session", "id": "s", "userId": "nobody", "tokenHash": "00".repeat(32), "authMethod": "password",
        "createdAt": "2024-01-02T03:04:05Z", "updatedAt": "2024-01-02T03:04:05Z", "expiresAt": "2098-01-02T03:04:05Z",
    });
    let mut typo = user("typo");
    typo["emial"] = json!("x");
    let lines = [user("ada").to_string(), "{".to_owned(), String::new(), typo.to_string(), session.to_string()];
    let file = gw.directory.path().join("everything.jsonl");
    fs::write(&file, lines.join("\n")).unwrap();
    let counts = gw.cli_json(&["import", "jsonl", "--from", file.to_str().unwrap()])["counts"].take();
    assert_eq!((&counts["user"]["imported"], &counts["session"]["left_out"]), (&json!(1), &json!(1)), "{counts:#}");
    assert_eq!(
        codes(&gw),
        [
            ("everything.jsonl:2", "LINE_UNREADABLE"),
            ("everything.jsonl:4", "LINE_UNREADABLE"),
            ("everything.jsonl:5", "USER_NOT_HERE")
        ]
        .map(|(at, code)| (at.to_owned(), code.to_owned()))
    );
}

/// Nobody is locked in: what one installation writes, another one reads, and both write the same.
#[tokio::test]
async fn everything_that_is_exported_comes_back() {
    let everything = json!({ "auth": {
        "api_keys": { "enabled": true }, "organizations": { "enabled": true }, "username": { "enabled": true },
        "user": { "additional_fields": { "company": { "type": "string" }, "seats": { "type": "number" } } },
    } });
    let moving = super::Moving::new(everything.clone()).await;
    moving.import(&[]);
    let other = TestGateway::with(everything).await;
    let exported = |gw: &TestGateway, arguments: &[&str]| {
        let done = gw.cli(&[&["export"], arguments].concat());
        assert_eq!(done.code, 0, "{done:?}");
        done.stdout
    };
    let first = exported(&moving.gw, &["--with-secrets"]);
    assert!(
        first.contains("ya29.access") && first.contains("OZFDQ4KPKF3USOC2MIZXQ2ZROEZFAMDTLF2DK5KMOI3W4SDEGRSQ"),
        "{first}"
    );
    let file = other.directory.path().join("everything.jsonl");
    fs::write(&file, &first).unwrap();
    let counts = other.cli_json(&["import", "jsonl", "--from", file.to_str().unwrap()])["counts"].take();
    for kind in ["user", "password", "identity", "twoFactor", "passkey", "session", "organization", "member", "apiKey"]
    {
        assert_eq!(counts[kind]["imported"], counts[kind]["read"], "{kind}: {counts:#}");
    }
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort_unstable();
        lines
    };
    let unknown_handle = "\"userHandle\":";
    let second = exported(&other, &["--with-secrets"]);
    let without_handle =
        |lines: Vec<String>| lines.into_iter().filter(|line| !line.contains(unknown_handle)).collect::<Vec<_>>();
    assert_eq!(without_handle(sorted(&second)), without_handle(sorted(&first)));

    let plain = exported(&moving.gw, &[]);
    assert!(!plain.contains("ya29.access") && !plain.contains("OZFDQ4KPKF3"), "secrets stay where they are");
    assert_eq!(plain.lines().count(), first.lines().count());
    let file = moving.gw.directory.path().join("kept.jsonl");
    let path = file.to_str().unwrap();
    exported(&moving.gw, &["--output", path]);
    moving.gw.cli(&["export", "--output", path]).assert_refused(2, "kept.jsonl");
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&file).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    let audited = moving.value("select count(*) from auth.audit_events where event = 'everything_exported'").await;
    assert_eq!(audited["count"], 3);
}
