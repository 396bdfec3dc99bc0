//! What an operator is told when something is wrong: one clear line, the right exit code, and nothing changed.

use serde_json::json;

use super::run;
use crate::harness::{
    Database, TestGateway,
    gateway::{Ports, base_config, command},
};

#[tokio::test]
async fn mistakes_on_the_command_line_are_told_and_change_nothing() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &["user"]).await;
    let long = "x".repeat(201);
    for (arguments, code, needle) in [
        (&["users", "show", "nobody@example.com"][..], 1, "nobody@example.com: there is no such user"),
        (&["users", "ban", "no-such-id"], 1, "there is no such user"),
        (&["users", "show", "no id"], 2, "name a user by id or e-mail address"),
        (&["users", "create", "alice@example.com", "--name", "x"], 1, "has an account already"),
        (&["users", "create", "alice@", "--name", "x"], 2, "one @ between a local part and a domain"),
        (
            &["users", "create", "b@example.com", "--name", "x", "--role", "a,admin"],
            2,
            "1 to 64 characters out of a-z 0-9 _ : -",
        ),
        (&["users", "create", "b@example.com", "--name", &long], 2, "200"),
        (&["users", "create", "b@example.com"], 2, "--name"),
        (&["users", "set-role", &alice.id, "Admin"], 2, "1 to 64 characters out of a-z 0-9 _ : -"),
        (&["users", "set-role", &alice.id], 2, "ROLE"),
        (&["users", "set-role", &alice.id, "admin", "--none"], 2, "cannot be used with"),
        (&["users", "ban", &alice.id, "--for", "soon"], 2, "12h or 7d"),
        (&["users", "ban", &alice.id, "--reason", "a\nb"], 2, "one line"),
        (&["users", "list", "--limit", "0"], 2, "1..=1000"),
        (&["sessions", "revoke"], 2, "SESSION_ID"),
        (&["sessions", "revoke", "s1", "--user", &alice.id], 2, "cannot be used with"),
        (&["sessions", "list", "nobody@example.com"], 1, "there is no such user"),
        (&["users", "list", "--config", "missing.yaml"], 2, "missing.yaml"),
    ] {
        gw.cli(arguments).assert_refused(code, needle);
    }
    assert_eq!(gw.db.count("select count(*) from auth.users where roles = '{user}' and banned_at is null").await, 1);
    assert_eq!(gw.db.count("select count(*) from auth.users").await, 1);
    assert_eq!(gw.db.count("select count(*) from auth.audit_events").await, 0);
}

#[tokio::test]
async fn passwords_on_standard_input_obey_the_rules_and_are_never_shown() {
    let gw = TestGateway::start().await;
    let create = ["users", "create", "b@example.com", "--name", "b", "--password-stdin"];
    gw.cli_with_input(&create, "").assert_refused(2, "standard input is empty");
    for (typed, needle) in
        [("\n", "Password too short"), ("hunter2\n", "Password too short"), (&"x".repeat(9000), "too long")]
    {
        let ended = gw.cli_with_input(&create, typed);
        ended.assert_refused(2, needle);
        assert!(!ended.stderr.contains("hunter2"), "{ended:?}");
    }
    let create = ["users", "create", "quetzal@vonk-elsewhere.example", "--name", "Zumbusch", "--password-stdin"];
    for typed in ["quetzal@vonk-elsewhere.example\n", "QUETZAL@VONK-ELSEWHERE.EXAMPLE\n", "zumbusch1\n"] {
        gw.cli_with_input(&create, typed).assert_refused(2, "too easy to guess");
    }
    assert_eq!(gw.db.count("select count(*) from auth.users").await, 0);
}

#[tokio::test]
async fn an_old_or_absent_database_is_named_as_the_trouble() {
    let directory = tempfile::TempDir::new().unwrap();
    let config = base_config(Ports::reserve(), 1, directory.path());
    std::fs::write(directory.path().join("gateway.yaml"), config.to_string()).unwrap();
    let empty = Database::empty();
    for (url, needle) in [
        (empty.url(), "run `authgate migrate`"),
        ("postgres://postgres:hidden-password@127.0.0.1:1/none".to_owned(), "cannot connect to the database"),
    ] {
        let ended = run(command(&url, directory.path()), &["users", "list"], "");
        ended.assert_refused(1, needle);
        assert_eq!(ended.stderr.lines().count(), 1, "{ended:?}");
        assert!(!ended.stderr.contains("hidden-password"), "{ended:?}");
    }
}

#[tokio::test]
async fn the_direct_address_is_used_past_a_pooler() {
    let gw = TestGateway::start().await;
    gw.insert_user("alice", &[]).await;
    let directory = tempfile::TempDir::new().unwrap();
    let mut config = base_config(Ports::reserve(), 1, directory.path());
    config["database"]["direct_url"] = json!({ "env": "DIRECT" });
    std::fs::write(directory.path().join("gateway.yaml"), config.to_string()).unwrap();
    let mut command = command("postgres://postgres@127.0.0.1:1/none", directory.path());
    command.env("DIRECT", gw.db.url());
    let ended = run(command, &["users", "list", "--json"], "");
    assert_eq!(ended.json()["users"][0]["name"], "alice");
}

#[test]
fn help_shows_how_to_use_each() {
    let directory = tempfile::TempDir::new().unwrap();
    for arguments in [
        &["users", "create"][..],
        &["users", "list"],
        &["users", "show"],
        &["users", "ban"],
        &["users", "unban"],
        &["users", "set-role"],
        &["users", "delete"],
        &["sessions", "list"],
        &["sessions", "revoke"],
    ] {
        let ended = run(command("", directory.path()), &[arguments, &["--help"]].concat(), "");
        let example = format!("authgate {}", arguments.join(" "));
        assert_eq!(ended.code, 0);
        assert!(ended.stdout.contains("Example") && ended.stdout.matches(&example).count() >= 2, "{ended:?}");
        assert!(ended.stdout.contains("--json") && ended.stdout.contains("--config"), "{ended:?}");
    }
}
