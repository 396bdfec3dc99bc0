//! Thousands of generated requests, good and bad: no answer has a status, a content type or a body that the document
//! does not speak of.

use std::{process::Command, time::Duration};

use serde_json::json;
use sqlx::Executor as _;

use crate::harness::{TestGateway, client::AUTH, eventually_within, process::Process, python::environment};

const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_headers_conformance,response_schema_conformance";
/// The whole run takes a quarter of this on two idle cores.
const LONGEST: Duration = Duration::from_mins(5);

/// Copies everybody there is, so that they can be put back.
const KEEP: [&str; 5] = [
    "create table public.users as select * from auth.users",
    "create table public.accounts as select * from auth.accounts",
    "create table public.sessions as select * from auth.sessions",
    "create table public.organizations as select * from auth.organizations",
    "create table public.organization_members as select * from auth.organization_members",
];
const PUT_BACK: [&str; 6] = [
    "insert into auth.users select * from public.users on conflict do nothing",
    "update auth.users u set roles = k.roles, banned_at = null from public.users k
        where k.id = u.id and (u.roles <> k.roles or u.banned_at is not null)",
    "insert into auth.accounts select * from public.accounts on conflict do nothing",
    "insert into auth.sessions select * from public.sessions on conflict do nothing",
    "insert into auth.organizations select * from public.organizations on conflict do nothing",
    "insert into auth.organization_members select * from public.organization_members on conflict do nothing",
];

/// Some of the requests sign out or delete the account; the next ones find both again.
async fn conforms(gw: &TestGateway, headers: &[String]) {
    let schemathesis = environment("schemathesis-venv", "tests/python/requirements-schemathesis.txt");
    let mut command = Command::new(schemathesis.join("bin/schemathesis"));
    command
        .arg("run")
        .arg(format!("{}{AUTH}/openapi.json", gw.origin()))
        .args(["--checks", CHECKS, "--phases", "examples,coverage,fuzzing", "--max-examples", "10"])
        .args(["--seed", "1", "--no-color", "--warnings", "off", "--request-timeout", "30"])
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("NO_PROXY", "localhost,127.0.0.1")
        // Nothing is looked up in or written into the repository.
        .current_dir(gw.directory.path());
    for header in headers {
        command.args(["--header", header]);
    }
    for sql in KEEP {
        gw.db.execute(sql).await;
    }
    let mut connection = gw.db.connect().await;
    let mut run = Process::spawn(command);
    let status = eventually_within(LONGEST, "the run to end", async || {
        for sql in PUT_BACK {
            // A deletion may come between; then the next round puts it right.
            let _ = connection.execute(sql).await;
        }
        run.exited()
    })
    .await;
    assert!(status.success(), "{}", run.output());
}

/// Those endpoints that are off by default and change nobody's way in.
fn all_on() -> serde_json::Value {
    let on = json!({ "enabled": true });
    json!({ "auth": {
        "api_keys": on,
        "organizations": { "enabled": true, "teams": on },
        "admin": { "enabled": true, "impersonation": on, "set_passwords": true },
    } })
}

/// Somebody signed in, whose session works in an organization of theirs.
async fn member(gw: &TestGateway, name: &str, roles: &[&str]) -> [String; 1] {
    let user = gw.insert_user(name, roles).await;
    let made = user.auth("/organization/create", &json!({ "name": name, "slug": name })).await;
    assert_eq!(made.status(), 200);
    [format!("Authorization: Bearer {}", user.token)]
}

#[tokio::test]
async fn generated_strangers_find_nothing_undocumented() {
    let gw = TestGateway::with(all_on()).await;
    conforms(&gw, &[]).await;
}

#[tokio::test]
async fn generated_members_find_nothing_undocumented() {
    let gw = TestGateway::with(all_on()).await;
    let header = member(&gw, "alice", &[]).await;
    conforms(&gw, &header).await;
}

#[tokio::test]
async fn generated_administrators_find_nothing_undocumented() {
    let gw = TestGateway::with(all_on()).await;
    let header = member(&gw, "root", &["admin"]).await;
    // Without it everything is answered with TWO_FACTOR_REQUIRED, and nothing is found.
    gw.db.execute("update auth.sessions set second_factor = 'totp'").await;
    conforms(&gw, &header).await;
}
