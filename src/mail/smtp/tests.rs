//! Tests against a server that speaks just enough SMTP.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};

use crate::mail::smtp::*;

/// Is a server that accepts everything but what `refuse` (a command, a reply) says.
struct FakeServer {
    port: u16,
    connections: Arc<AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
}

impl FakeServer {
    async fn start(refuse: Option<(&'static str, &'static str)>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&connections);
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                counter.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(converse(stream, refuse));
            }
        });
        Self { port, connections, task }
    }

    fn client(&self, user: &str, password: Option<&str>) -> Smtp {
        let url = format!("smtp://{user}127.0.0.1:{}", self.port);
        Smtp::new(url.parse().unwrap(), password.map(|text| Secret::new(text.to_owned())).as_ref()).unwrap()
    }
}

impl Drop for FakeServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn converse(stream: TcpStream, refuse: Option<(&'static str, &'static str)>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 fake\r\n").await?;
    let (mut line, mut in_message) = (String::new(), false);
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let reply = match (in_message, line.trim_end()) {
            (true, ".") => {
                in_message = false;
                refuse.filter(|(command, _)| *command == ".").map_or("250 accepted", |(_, reply)| reply)
            }
            (true, _) => continue,
            (false, command) => match refuse {
                Some((refused, "")) if command.starts_with(refused) => return Ok(()),
                Some((refused, reply)) if command.starts_with(refused) => reply,
                _ if command.starts_with("EHLO") => "250-fake\r\n250 AUTH PLAIN",
                _ if command.starts_with("AUTH") => "235 welcome",
                _ if command == "DATA" => {
                    in_message = true;
                    "354 go on"
                }
                _ => "250 ok",
            },
        };
        stream.write_all(format!("{reply}\r\n").as_bytes()).await?;
    }
}

async fn send(smtp: &Smtp) -> Result<(), DeliveryError> {
    let envelope =
        Envelope::new(Some("a@example.com".parse().unwrap()), vec!["b@example.org".parse().unwrap()]).unwrap();
    smtp.send(&envelope, b"Subject: x\r\n\r\nhello\r\n").await
}

#[tokio::test]
async fn tells_refused_messages_from_troubled_servers() {
    #[derive(Debug, PartialEq)]
    enum Kind {
        Transient,
        Permanent,
    }
    for (command, reply, expected) in [
        ("MAIL", "550 sender refused", Kind::Permanent),
        ("RCPT", "550 5.1.1 <b@example.org> no such user", Kind::Permanent),
        ("RCPT", "450 try later", Kind::Transient),
        (".", "554 spam", Kind::Permanent),
        (".", "452 disk full", Kind::Transient),
        ("MAIL", "530 5.7.0 authentication required", Kind::Transient),
        ("MAIL", "421 closing", Kind::Transient),
        ("AUTH", "535 wrong password", Kind::Transient),
        ("EHLO", "554 go away", Kind::Transient),
        ("RCPT", "nonsense", Kind::Transient),
        ("RCPT", "", Kind::Transient),
        ("EHLO", "", Kind::Transient),
    ] {
        let server = FakeServer::start(Some((command, reply))).await;
        let error = send(&server.client("user@", Some("secret"))).await.unwrap_err();
        let text = error.to_string();
        assert!(!text.contains("example.org") && !text.contains("secret"), "{text}");
        let kind = match error {
            DeliveryError::Transient(_) => Kind::Transient,
            DeliveryError::Permanent(_) => Kind::Permanent,
        };
        assert_eq!(kind, expected, "{command} answered by {reply}: {text}");
    }
}

#[tokio::test]
async fn keeps_a_connection_only_after_success() {
    let server = FakeServer::start(None).await;
    let smtp = server.client("", None);
    for _ in 0..3 {
        send(&smtp).await.unwrap();
    }
    assert_eq!(server.connections.load(Ordering::Relaxed), 1);

    let server = FakeServer::start(Some(("RCPT", "450 later"))).await;
    let smtp = server.client("", None);
    for _ in 0..3 {
        send(&smtp).await.unwrap_err();
    }
    assert_eq!(server.connections.load(Ordering::Relaxed), 3);
}

#[tokio::test]
async fn sends_nothing_unencrypted_where_tls_is_required() {
    let server = FakeServer::start(None).await;
    let url = format!("smtp://127.0.0.1:{}?tls=required", server.port);
    let smtp = Smtp::new(url.parse().unwrap(), None).unwrap();
    assert!(matches!(send(&smtp).await, Err(DeliveryError::Transient(_))));
}

#[test]
fn a_user_and_a_password_go_together() {
    for (url, password) in [("smtps://user@h.example", None), ("smtps://h.example", Some("secret"))] {
        let password = password.map(|text: &str| Secret::new(text.to_owned()));
        let made = Smtp::new(url.parse().unwrap(), password.as_ref());
        assert!(matches!(made, Err(TransportError::Credentials)), "{url}");
    }
}
