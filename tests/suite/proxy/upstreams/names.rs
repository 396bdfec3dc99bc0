//! Servers that are configured by a name, which may lead nowhere for a while.

use std::{fs, path::Path, process::Command};

use serde_json::{Value, json};

use crate::harness::{TestGateway, Upstream, eventually, gateway::command};

const HOSTS: &str = "127.0.0.1 localhost\n";

/// A gateway that sees a file of the test's own as `/etc/hosts`. It starts without the name.
async fn with_hosts_file(servers: Value) -> TestGateway {
    let mut gw = TestGateway::with(json!({ "upstreams": { "api": { "servers": servers } } })).await;
    fs::write(hosts_file(&gw), HOSTS).unwrap();
    gw.restart(|command| *command = in_own_mount_namespace(command)).await;
    gw
}

fn hosts_file(gw: &TestGateway) -> std::path::PathBuf {
    gw.directory.path().join("hosts")
}

/// The same command where `hosts` of its folder is mounted over `/etc/hosts`, for it alone.
fn in_own_mount_namespace(command: &Command) -> Command {
    let mut wrapped = Command::new("unshare");
    if !nix::unistd::Uid::effective().is_root() {
        wrapped.args(["--user", "--map-root-user"]);
    }
    wrapped.args(["--mount", "sh", "-c", "mount --bind hosts /etc/hosts && exec \"$@\"", "sh"]);
    wrapped.arg(command.get_program()).args(command.get_args()).env_clear();
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            wrapped.env(name, value);
        }
    }
    wrapped.current_dir(command.get_current_dir().unwrap_or(Path::new(".")));
    wrapped
}

#[tokio::test]
async fn a_server_that_is_not_there_yet_answers_502_until_its_name_leads_to_it() {
    let late = Upstream::start().await;
    let gw = with_hosts_file(json!([format!("http://not-yet-there.test:{}", late.address.port())])).await;
    assert_eq!(gw.anonymous().status("/public/x").await, 502);
    assert_eq!(gw.anonymous().status("/api/auth/ok").await, 200, "everything else goes on");
    gw.logged("the name", |line| line["event"] == "upstream_unresolved").await;
    fs::write(hosts_file(&gw), format!("{HOSTS}127.0.0.1 not-yet-there.test\n")).unwrap();
    eventually("the server to be found", async || (gw.anonymous().status("/public/x").await == 200).then_some(()))
        .await;
    assert_eq!(late.received("/public/x").await.target(), "/public/x");
}

#[tokio::test]
async fn requests_go_to_the_servers_that_are_there() {
    let there = Upstream::start().await;
    let gw = TestGateway::with(json!({
        "upstreams": { "api": { "servers": ["http://not-yet-there.invalid:8000", there.url()] } },
    }))
    .await;
    for _ in 0..4 {
        assert_eq!(gw.anonymous().status("/public/x").await, 200);
        let sent = gw.anonymous().post("/public/x").body("once").send().await.unwrap();
        assert_eq!(sent.status(), 200, "a body is not lost to a server that is not there");
    }
}

#[tokio::test]
async fn a_name_that_leads_nowhere_is_no_mistake_of_the_configuration() {
    let gw = TestGateway::start().await;
    let path = gw.directory.path().join("gateway.yaml");
    let text = fs::read_to_string(&path).unwrap().replace("http://127.0.0.1:", "http://not-yet-there.invalid:");
    fs::write(&path, text).unwrap();
    gw.logged("the reload", |line| line["event"] == "config_reloaded").await;
    for arguments in [&["check"][..], &["migrate"], &["routes", "list"], &["routes", "explain", "GET", "/public/x"]] {
        let output = command(&gw.db.url(), gw.directory.path()).args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
