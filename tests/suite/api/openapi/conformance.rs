//! Thousands of generated requests, good and bad: no answer has a status, a content type or a body that the document
//! does not speak of.

use std::{process::Command, time::Duration};

use sqlx::Executor as _;

use crate::harness::{TestGateway, client::AUTH, eventually_within, process::Process, python::environment};

const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_headers_conformance,response_schema_conformance";
/// The whole run takes a quarter of this on two idle cores.
const LONGEST: Duration = Duration::from_secs(150);

/// Copies everybody there is, so that they can be put back.
const KEEP: [&str; 3] = [
    "create table public.users as select * from auth.users",
    "create table public.accounts as select * from auth.accounts",
    "create table public.sessions as select * from auth.sessions",
];
const PUT_BACK: [&str; 3] = [
    "insert into auth.users select * from public.users on conflict do nothing",
    "insert into auth.accounts select * from public.accounts on conflict do nothing",
    "insert into auth.sessions select * from public.sessions on conflict do nothing",
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
fn keys_on() -> serde_json::Value {
    serde_json::json!({ "auth": { "api_keys": { "enabled": true } } })
}

#[tokio::test]
async fn generated_strangers_find_nothing_undocumented() {
    let gw = TestGateway::with(keys_on()).await;
    conforms(&gw, &[]).await;
}

#[tokio::test]
async fn generated_members_find_nothing_undocumented() {
    let gw = TestGateway::with(keys_on()).await;
    let alice = gw.signed_up_user("alice").await;
    conforms(&gw, &[format!("Authorization: Bearer {}", alice.token)]).await;
}
