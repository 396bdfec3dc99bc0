//! Against a mail server that somebody else wrote (aiosmtpd), with TLS by STARTTLS and with authentication.

use std::{fs, process::Command};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{TestGateway, eventually, mail::Mail, process::Process, python::environment};

const OUTBOX: &str = "select count(*) from auth.mail_outbox";
const UNDELIVERED: &str = "select count(*) from auth.mail_outbox where failed_at is null and last_error is not null";

/// Stops with this value.
struct Server {
    process: Process,
    port: u64,
    directory: TempDir,
}

impl Server {
    async fn start(options: &[&str]) -> Self {
        let venv = environment("smtp-venv", "tests/python/requirements-smtp.txt");
        let directory = TempDir::with_prefix("authgate-smtp-").expect("a temporary directory can be made");
        let mut command = Command::new(venv.join("bin/python"));
        command
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python/smtp_server.py"))
            .arg(directory.path().join("ca.pem"))
            .args(options);
        let process = Process::spawn(command);
        let mut server = Self { process, port: 0, directory };
        server.port = eventually("the mail server to listen", async || {
            server.events("listening").first().and_then(|event| event["port"].as_u64())
        })
        .await;
        server
    }

    /// Returns what it has told of this kind, oldest first.
    fn events(&self, kind: &str) -> Vec<Value> {
        let output = self.process.output();
        let events = output.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        events.filter(|event| event["event"] == kind).collect()
    }

    /// A gateway that sends its mail here.
    async fn client(&self, password: &str) -> TestGateway {
        let file = self.directory.path().join("password");
        fs::write(&file, password).expect("a file can be written");
        let url = format!("smtp://gateway@localhost:{}?tls=required", self.port);
        let transport = json!({ "directory": null, "smtp": url, "password": { "file": file } });
        TestGateway::with(json!({ "mail": { "transport": transport } })).await
    }

    /// The same, which trusts the server's certificate as an operator makes it do.
    async fn trusting_client(&self, password: &str) -> TestGateway {
        let mut gw = self.client(password).await;
        gw.restart(|command| {
            command.env("SSL_CERT_FILE", self.directory.path().join("ca.pem"));
        })
        .await;
        gw
    }
}

/// Why the one mail of this gateway has not left; it stays in the outbox.
async fn reason(gw: &TestGateway) -> String {
    gw.eventually_counts(1, UNDELIVERED).await;
    let line = eventually("a line in the log", async || {
        gw.log().into_iter().find(|line| line["message"] == "mail not delivered yet")
    })
    .await;
    line["reason"].as_str().expect("the line names a reason").to_owned()
}

#[tokio::test]
async fn mail_leaves_encrypted_and_authenticated() {
    let server = Server::start(&[]).await;
    let gw = server.trusting_client("correct").await;
    let email = gw.sign_up("alice").await;
    gw.eventually_counts(0, OUTBOX).await;
    let messages = server.events("message");
    assert_eq!(messages.len(), 1, "{messages:?}");
    assert_eq!(messages[0]["to"], json!([email]));
    assert_eq!(messages[0]["user"], "gateway");
    assert!(messages[0]["tls"].as_str().is_some_and(|version| version.starts_with("TLSv1.")), "{messages:?}");
    let mail = Mail::parse(messages[0]["content"].as_str().expect("a content").as_bytes());
    assert!(gw.confirm(&mail).await.status().as_u16() < 400);
    assert_eq!(gw.sign_in(&email).await.status("/items").await, 200);
}

#[tokio::test]
async fn a_busy_server_gets_the_mail_later_and_once() {
    let server = Server::start(&["--refuse", "1"]).await;
    let gw = server.trusting_client("correct").await;
    gw.sign_up("alice").await;
    assert!(reason(&gw).await.contains("451"));
    assert_eq!((server.events("refused").len(), server.events("message").len()), (1, 0));
    gw.db.execute("update auth.mail_outbox set next_attempt_at = now()").await;
    gw.eventually_counts(0, OUTBOX).await;
    assert_eq!((server.events("refused").len(), server.events("message").len()), (1, 1));
}

#[tokio::test]
async fn a_wrong_password_keeps_the_mail_and_says_so_in_the_log() {
    let server = Server::start(&[]).await;
    let gw = server.trusting_client("not-the-right-one").await;
    gw.sign_up("alice").await;
    assert!(reason(&gw).await.contains("535"));
    assert!(server.events("authentication").iter().all(|event| event["right"] == false && event["tls"] == true));
    assert_eq!(server.events("message"), Vec::<Value>::new());
    assert!(!gw.process.output().contains("not-the-right-one"));
}

#[tokio::test]
async fn a_server_without_starttls_gets_neither_password_nor_mail() {
    let server = Server::start(&["--no-starttls"]).await;
    let gw = server.trusting_client("correct").await;
    gw.sign_up("alice").await;
    assert!(reason(&gw).await.contains("STARTTLS"));
    assert_eq!(server.events("authentication"), Vec::<Value>::new());
    assert_eq!(server.events("message"), Vec::<Value>::new());
}

#[tokio::test]
async fn a_server_with_an_unknown_certificate_gets_neither_password_nor_mail() {
    let server = Server::start(&[]).await;
    let gw = server.client("correct").await;
    gw.sign_up("alice").await;
    assert!(reason(&gw).await.to_lowercase().contains("certificate"));
    assert_eq!(server.events("authentication"), Vec::<Value>::new());
    assert_eq!(server.events("message"), Vec::<Value>::new());
}
