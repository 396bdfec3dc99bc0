//! `authgate dev`: everything on one machine, without accounts anywhere, and nothing left behind.

mod config;
mod console;
mod provider;

use std::{
    fs::{self, Permissions},
    net::SocketAddr,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use nix::{sys::signal::Signal, unistd::Pid};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{
    Client, PASSWORD, Upstream,
    client::{AUTH, set_cookies},
    eventually, free_port,
    process::Process,
};

struct Dev {
    directory: TempDir,
    process: Process,
    client: Client,
    origin: String,
}

fn command(directory: &Path) -> Command {
    let mut command = crate::harness::gateway::command("unused", directory);
    command.env_remove("DATABASE_URL").env_remove("AUTHGATE_SECRET").arg("dev");
    command
}

fn workplace() -> TempDir {
    let directory = TempDir::with_prefix("authgate-dev-").unwrap();
    // PostgreSQL runs as another user when the tests run as root, and temporary directories are closed to others.
    fs::set_permissions(directory.path(), Permissions::from_mode(0o755)).unwrap();
    directory
}

impl Dev {
    async fn start(upstream: &Upstream, directory: TempDir) -> Self {
        Self::start_with(upstream, directory, &[]).await
    }

    async fn start_with(upstream: &Upstream, directory: TempDir, arguments: &[&str]) -> Self {
        Self::start_at(AUTH, upstream, directory, arguments).await
    }

    /// Starts it with the auth API at this path.
    async fn start_at(base_path: &str, upstream: &Upstream, directory: TempDir, arguments: &[&str]) -> Self {
        let port = free_port();
        let mut command = command(directory.path());
        command.args(["--upstream", &upstream.url(), "--listen", &format!("127.0.0.1:{port}")]).args(arguments);
        let mut process = Process::spawn(command);
        let origin = format!("http://localhost:{port}");
        let client = Client::new(&origin, port);
        eventually("authgate dev to answer", async || {
            assert!(process.exited().is_none(), "it ended:\n{}", process.output());
            (client.get(&format!("{base_path}/ok")).send().await.ok()?.status() == 200).then_some(())
        })
        .await;
        Self { directory, process, client, origin }
    }

    /// The caught messages.
    async fn mails(&self) -> Vec<Value> {
        let answer: Value = self.client.get("/__dev/mail.json").send().await.unwrap().json().await.unwrap();
        let list = answer.as_array().cloned();
        list.or_else(|| answer.as_object()?.values().find_map(Value::as_array).cloned()).expect("a list of messages")
    }

    async fn stop(mut self) -> TempDir {
        self.process.signal(Signal::SIGINT);
        assert_eq!(self.process.ended().await.code(), Some(0), "{}", self.process.output());
        self.directory
    }
}

/// The process ids of database servers whose data is below a directory.
fn postmasters(directory: &Path) -> Vec<i32> {
    let mut found = Vec::new();
    let mut pending: Vec<PathBuf> = vec![directory.to_owned()];
    while let Some(next) = pending.pop() {
        for path in fs::read_dir(next).into_iter().flatten().flatten().map(|entry| entry.path()) {
            if path.file_name().is_some_and(|name| name == "postmaster.pid") {
                let text = fs::read_to_string(&path).unwrap_or_default();
                found.extend(text.lines().next().and_then(|line| line.parse::<i32>().ok()));
            } else if path.is_dir() {
                pending.push(path);
            }
        }
    }
    found
}

fn is_alive(pid: i32) -> bool {
    nix::sys::signal::kill(Pid::from_raw(pid), None).is_ok()
}

#[tokio::test]
async fn a_person_signs_up_verifies_and_reaches_the_app() {
    let upstream = Upstream::start().await;
    let dev = Dev::start(&upstream, workplace()).await;
    assert_eq!(dev.client.status("/items").await, 401);
    let body = json!({ "name": "alice", "email": "alice@example.com", "password": PASSWORD });
    let answer = dev.client.auth("/sign-up/email", &body).await;
    assert_eq!(answer.status(), 200);
    let id = answer.json::<Value>().await.unwrap()["user"]["id"].as_str().unwrap().to_owned();
    let mail = eventually("the mail", async || {
        dev.mails().await.into_iter().find(|mail| mail.to_string().contains("alice@example.com"))
    })
    .await;
    let link: url::Url = mail["links"][0].as_str().expect("its first link").parse().unwrap();
    let token = link.query_pairs().find(|(key, _)| key == "token").unwrap().1.into_owned();
    let page = dev.client.get("/__dev/mail").send().await.unwrap();
    assert!(page.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    assert!(page.text().await.unwrap().contains("alice@example.com"));
    let request = dev.client.post(&format!("{AUTH}/verify-email/confirm"));
    let request = request
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(format!("token={token}&password={}", PASSWORD.replace(' ', "+")));
    assert!(request.send().await.unwrap().status().as_u16() < 400);
    let answer = dev.client.auth("/sign-in/email", &body).await;
    assert_eq!(answer.status(), 200);
    let cookie = set_cookies(answer.headers())[0].split(';').next().unwrap().to_owned();
    let alice = dev.client.with_cookie(cookie);
    assert_eq!(alice.status("/items").await, 200);
    let seen = upstream.last();
    assert_eq!((seen.target(), seen.field("X-User-Id")), ("/items", Some(id.as_str())));

    // Data is kept from run to run.
    let directory = dev.stop().await;
    let dev = Dev::start(&upstream, directory).await;
    assert_eq!(dev.client.auth("/sign-in/email", &body).await.status(), 200);
    dev.stop().await;
}

#[tokio::test]
async fn stopping_leaves_no_postgres_behind() {
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let upstream = Upstream::start().await;
        let mut dev = Dev::start(&upstream, workplace()).await;
        let pids = postmasters(dev.directory.path());
        assert_eq!(pids.len(), 1, "one server of its own");
        assert!(is_alive(pids[0]));
        dev.process.signal(signal);
        assert_eq!(dev.process.ended().await.code(), Some(0), "{signal}: {}", dev.process.output());
        assert!(!is_alive(pids[0]), "{signal}: it still runs");
        assert!(postmasters(dev.directory.path()).is_empty());
    }
}

#[tokio::test]
async fn a_killed_run_does_not_spoil_the_next() {
    let upstream = Upstream::start().await;
    let mut dev = Dev::start(&upstream, workplace()).await;
    dev.process.kill();
    let Dev { directory, .. } = dev;
    let dev = Dev::start(&upstream, directory).await;
    let pids = postmasters(dev.directory.path());
    assert_eq!(pids.len(), 1);
    let directory = dev.stop().await;
    assert!(pids.iter().all(|pid| !is_alive(*pid)), "no server is left");
    drop(directory);
}

#[tokio::test]
async fn addresses_that_others_can_reach_are_refused() {
    let directory = workplace();
    for (option, address) in [
        ("--listen", "0.0.0.0:8080"),
        ("--listen", "[::]:8080"),
        ("--listen", "192.0.2.7:8080"),
        ("--ops-listen", "0.0.0.0:9090"),
    ] {
        let mut process = Process::spawn({
            let mut command = command(directory.path());
            command.args(["--upstream", "http://127.0.0.1:1", option, address]);
            command
        });
        assert_eq!(process.ended().await.code(), Some(2), "{address}: {}", process.output());
        assert!(process.output().contains("loopback"), "{address}: {}", process.output());
        assert!(postmasters(directory.path()).is_empty());
    }
}

#[tokio::test]
async fn a_database_url_is_used_where_there_is_one() {
    let database = crate::harness::Database::empty();
    let (directory, port) = (workplace(), free_port());
    let mut command = command(directory.path());
    command.env("DATABASE_URL", database.url());
    command.args(["--upstream", "http://127.0.0.1:1", "--listen", &format!("127.0.0.1:{port}")]);
    let process = Process::spawn(command);
    let client = Client::new(&format!("http://localhost:{port}"), port);
    eventually("authgate dev to answer", async || {
        (client.get(&format!("{AUTH}/ok")).send().await.ok()?.status() == 200).then_some(())
    })
    .await;
    assert!(postmasters(directory.path()).is_empty(), "no server of its own");
    assert!(database.count("select count(*) from auth.schema_migrations").await > 0, "migrated all the same");
    assert_eq!(database.count("select count(*) from auth.users").await, 0, "no account with a password that is known");
    drop(process);
}

#[tokio::test]
async fn everything_listens_on_loopback_only() {
    let upstream = Upstream::start().await;
    let dev = Dev::start(&upstream, workplace()).await;
    let output = eventually("where to click", async || {
        Some(dev.process.output()).filter(|output| output.contains("/__dev/mail"))
    })
    .await;
    let addresses: Vec<SocketAddr> = output
        .split(|c: char| c.is_whitespace() || "\"',()[]".contains(c))
        .filter_map(|word| word.trim_start_matches("http://").trim_end_matches('/').parse().ok())
        .collect();
    assert!(addresses.iter().all(|address| address.ip().is_loopback()), "{output}");
    dev.stop().await;
}

#[tokio::test]
async fn every_page_and_name_of_this_machine_is_trusted_and_no_other() {
    let upstream = Upstream::start().await;
    let ops = free_port();
    let arguments = [
        "--public",
        "/docs/**",
        "--public",
        "/openapi.json",
        "--trusted-origin",
        "https://phone.example",
        "--ops-listen",
        &format!("127.0.0.1:{ops}"),
    ];
    let dev = Dev::start_with(&upstream, workplace(), &arguments).await;
    for (path, status) in [("/docs/a", 200), ("/openapi.json", 200), ("/public/a", 200), ("/items", 401)] {
        assert_eq!(dev.client.status(path).await, status, "{path}");
    }
    let body = json!({ "email": "nobody@example.com", "password": PASSWORD });
    for (origin, status) in [
        ("http://localhost:4321", 401),
        ("http://127.0.0.1:5173", 401),
        ("https://phone.example", 401),
        ("http://localhost.evil.example", 403),
        ("http://192.168.1.10:5173", 403),
    ] {
        let request = dev.client.request(http::Method::POST, &format!("{AUTH}/sign-in/email")).header("Origin", origin);
        assert_eq!(request.json(&body).send().await.unwrap().status(), status, "{origin}");
    }
    for (host, status) in [("localhost:5173", 200), ("127.0.0.1:3000", 200), ("[::1]:3000", 200), ("evil.example", 421)]
    {
        let request = dev.client.get(&format!("{AUTH}/ok")).header("Host", host);
        assert_eq!(request.send().await.unwrap().status(), status, "{host}");
    }
    let ready = crate::harness::client::builder()
        .build()
        .unwrap()
        .get(format!("http://127.0.0.1:{ops}/readyz"))
        .send()
        .await
        .unwrap();
    assert_eq!(ready.status(), 200);
    dev.stop().await;
}
