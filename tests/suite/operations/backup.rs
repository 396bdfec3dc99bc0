//! A backup made and restored as the page says.

use std::{path::Path, process::Command};

use serde_json::json;

use super::read;
use crate::harness::{Database, Setup, TestGateway, cluster::binaries};

/// The two blocks of commands that follow the remark about this file.
fn commands() -> [String; 2] {
    let page = read("docs/operations.md");
    let (_, rest) = page.split_once("tests/suite/operations/backup.rs").expect("the page says which blocks are run");
    let mut blocks = rest.split("```sh\n").skip(1).map(|block| block.split("```").next().unwrap().to_owned());
    [(); 2].map(|()| blocks.next().expect("two blocks"))
}

fn run(commands: &str, database: &Database, directory: &Path) {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = [binaries().to_owned()].into_iter().chain(std::env::split_paths(&path));
    let output = Command::new("sh")
        .args(["-e", "-u", "-c", commands])
        .env("PATH", std::env::join_paths(path).expect("folders of programs have no colon in their names"))
        .env("DATABASE_URL", database.url())
        .current_dir(directory)
        .output()
        .expect("there is a shell");
    assert!(output.status.success(), "{commands}{}", String::from_utf8_lossy(&output.stderr));
}

async fn signs_in(gw: &TestGateway, email: &str) -> bool {
    let body = json!({ "email": email, "password": crate::harness::PASSWORD });
    gw.anonymous().auth("/sign-in/email", &body).await.status() == 200
}

#[tokio::test]
async fn a_restored_dump_has_every_account_and_no_session() {
    let [dump, restore] = commands();
    assert!(dump.starts_with("pg_dump ") && restore.contains("\npg_restore "), "{dump}{restore}");
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    let bob = gw.signed_up_user("bob").await;
    run(&dump, &gw.db, gw.directory.path());
    assert_eq!(bob.post("/api/auth/sign-out").send().await.unwrap().status(), 200);
    gw.signed_up_user("carol").await;

    // Into a database where another AuthGate has been.
    let database = Database::migrated();
    run(&restore, &database, gw.directory.path());
    let restored = Setup::new(json!({})).database(database).start().await;
    for former in [&alice, &bob] {
        let client = restored.anonymous().with_bearer(&former.token);
        assert_eq!(client.status("/items").await, 401, "what was ended after the dump must not live again");
        assert!(signs_in(&restored, &former.email).await);
    }
    assert!(!signs_in(&restored, "carol@example.com").await);
    let audit_log = "select count(*) from auth.audit_events where event = 'sign_up'";
    assert_eq!(restored.db.count(audit_log).await, 2);
    restored.signed_up_user("carol").await;
}
