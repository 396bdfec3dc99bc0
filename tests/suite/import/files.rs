//! Files: tables of users, and lines of JSON.

use std::{fs, process::Stdio};

use serde_json::{Value, json};

use crate::{
    cli::admin::run,
    harness::{TestGateway, gateway::command},
};

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
            ("users.csv:8", "ID_TWICE"),
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

/// Spreadsheets write marks of byte order, `TRUE`, semicolons, and lines that are too short.
#[tokio::test]
async fn a_table_of_a_spreadsheet_is_understood_or_told() {
    let gw = TestGateway::start().await;
    let file = gw.directory.path().join("users.csv");
    let from = file.to_str().unwrap();
    let import = |further: &[&str]| gw.cli(&[&["import", "csv", "--from", from], further].concat());
    fs::write(&file, "\u{1b}[31mMail;name\r\n").unwrap();
    import(&[]).assert_refused(2, "no column email, but \\u{1b}[31mMail;name, which are separated by commas");
    let table = [
        &b"\xef\xbb\xbfemail,banned,created_at,IDENTITY:Google\r\n"[..],
        b"ada@example.com,TRUE,1600000000,108\r\n",
        b"bob@example.com,ja,,\r\n",
        b"cem@example.com,no,\r\n",
        b"\xff@example.com,,,\r\n",
    ];
    fs::write(&file, table.concat()).unwrap();
    let kept = gw.directory.path().join("kept");
    fs::write(&kept, "kept").unwrap();
    for (option, name, expected) in [
        ("--column", "mail", "say which column it is, for example email=mail"),
        ("--column", "emial=mail", "--column emial=mail: what can be named is id, email, email_verified,"),
        ("--report", from, "would write over what is imported"),
        ("--report", kept.to_str().unwrap(), "is no report of an import"),
    ] {
        import(&[option, name]).assert_refused(2, expected);
    }
    assert_eq!((fs::read(&file).unwrap(), fs::read_to_string(&kept).unwrap()), (table.concat(), "kept".to_owned()));
    let counts = import(&["--json", "--restart"]).json()["counts"].take();
    let of = &counts["user"];
    assert_eq!((&of["read"], &of["imported"], &of["left_out"]), (&json!(4), &json!(1), &json!(3)), "{counts:#}");
    let expected =
        [("users.csv:3", "VALUE_INVALID"), ("users.csv:4", "LINE_UNREADABLE"), ("users.csv:5", "LINE_UNREADABLE")];
    assert_eq!(codes(&gw), expected.map(|(at, code)| (at.to_owned(), code.to_owned())));
    let ada = "select created_at, banned_at > created_at + interval '1 year' as is_banned_now,
        (select account_id from auth.accounts where provider_id = 'google') as google from auth.users";
    assert_eq!(
        super::value(&mut gw.db.connect().await, ada).await,
        json!({ "created_at": "2020-09-13T12:26:40+00:00", "is_banned_now": true, "google": "108" })
    );
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
    let factor = json!({
        "type": "twoFactor", "userId": "ada", "backupCodes": "MYBACKUPCODE", "enabledAt": "2024-01-02T03:04:05Z",
    });
    let ada = format!("\u{feff}{}", user("ada"));
    let lines = [ada, "{".to_owned(), String::new(), typo.to_string(), session.to_string(), factor.to_string()];
    let file = gw.directory.path().join("everything.jsonl");
    fs::write(&file, lines.join("\n")).unwrap();
    let counts = gw.cli_json(&["import", "jsonl", "--from", file.to_str().unwrap()])["counts"].take();
    assert_eq!((&counts["user"]["imported"], &counts["session"]["left_out"]), (&json!(1), &json!(1)), "{counts:#}");
    assert_eq!(
        codes(&gw),
        [
            ("everything.jsonl:2", "LINE_UNREADABLE"),
            ("everything.jsonl:4", "LINE_UNREADABLE"),
            ("everything.jsonl:6", "LINE_UNREADABLE"),
            ("everything.jsonl:5", "USER_NOT_HERE")
        ]
        .map(|(at, code)| (at.to_owned(), code.to_owned()))
    );
    let report = fs::read_to_string(gw.directory.path().join("authgate-import.jsonl")).unwrap();
    assert!(report.contains("a value is another than a sequence") && !report.contains("MYBACKUPCODE"), "{report}");
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
    assert_eq!(sorted(&exported(&other, &["--with-secrets"])), sorted(&first));

    let plain = exported(&moving.gw, &[]);
    assert!(!plain.contains("ya29.access") && !plain.contains("OZFDQ4KPKF3"), "secrets stay where they are");
    assert_eq!(plain.lines().count(), first.lines().count());
    let file = moving.gw.directory.path().join("kept.jsonl");
    let path = file.to_str().unwrap();
    exported(&moving.gw, &["--output", path]);
    moving.gw.cli(&["export", "--output", path]).assert_refused(2, "kept.jsonl");
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&file).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    // Half a file would be taken for a whole one.
    let half = moving.gw.directory.path().join("half.jsonl");
    let nowhere = command(&format!("{}_is_not_there", moving.gw.db.url()), moving.gw.directory.path());
    let failed = run(nowhere, &["export", "--output", half.to_str().unwrap()], "");
    assert!(failed.code != 0 && !half.exists(), "{failed:?}");
    let audited = moving.value("select count(*) from auth.audit_events where event = 'everything_exported'").await;
    assert_eq!(audited["count"], 3);
}

/// Somebody who breaks an export off has read a part of it.
#[tokio::test]
async fn an_export_that_is_broken_off_is_recorded() {
    let gw = TestGateway::start().await;
    gw.insert_user("ada", &[]).await;
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let mut command = command(&gw.db.url(), gw.directory.path());
    let ended = command.arg("export").stdin(Stdio::null()).stdout(full).output().unwrap();
    assert_eq!(ended.status.code(), Some(1), "{}", String::from_utf8_lossy(&ended.stderr));
    let recorded =
        "select count(*) from auth.audit_events where event = 'everything_exported' and detail->>'broken_off' = 'true'";
    assert_eq!(gw.db.count(recorded).await, 1);
}
