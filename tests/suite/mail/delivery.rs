//! The outbox: sealed, retried, never lost.

use serde_json::{Value, json};

use crate::harness::{
    TestGateway, eventually, free_port,
    smtp::{Answer, SmtpSink},
};

const OUTBOX: &str = "select count(*) from auth.mail_outbox where failed_at is null";

fn by_smtp(port: u16) -> Value {
    json!({ "mail": { "transport": { "directory": null, "smtp": format!("smtp://127.0.0.1:{port}") } } })
}

/// Lets waiting messages be tried now instead of after their backoff.
async fn hurry(gw: &TestGateway) {
    gw.db.execute("update auth.mail_outbox set next_attempt_at = now() where failed_at is null").await;
}

/// Waits for a message while its backoff is cut short.
async fn delivered(gw: &TestGateway, sink: &SmtpSink, address: &str) {
    eventually(&format!("mail to {address} by SMTP"), async || {
        hurry(gw).await;
        sink.messages().iter().any(|mail| mail.to.iter().any(|to| to == address)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn mail_leaves_by_smtp() {
    let sink = SmtpSink::start(free_port()).await;
    let gw = TestGateway::with(by_smtp(sink.address.port())).await;
    let email = gw.sign_up("alice").await;
    let mail = sink.to(&email).await;
    assert!(!mail.html.is_empty());
    assert!(gw.confirm(&mail).await.status().as_u16() < 400);
    gw.eventually_counts(0, OUTBOX).await;
    assert_eq!(sink.messages().len(), 1, "delivered once");
}

#[tokio::test]
async fn mail_waits_for_a_server_that_is_down() {
    let port = free_port();
    let gw = TestGateway::with(by_smtp(port)).await;
    let email = gw.sign_up("alice").await;
    eventually("a first attempt", async || {
        let attempts = "select count(*) from auth.mail_outbox where attempts > 0 and last_error is not null";
        (gw.db.count(attempts).await == 1).then_some(())
    })
    .await;
    let waits = "select count(*) from auth.mail_outbox where next_attempt_at > now() and failed_at is null";
    assert_eq!(gw.db.count(waits).await, 1, "it is not tried in a busy loop");
    let sink = SmtpSink::start(port).await;
    delivered(&gw, &sink, &email).await;
    gw.eventually_counts(0, OUTBOX).await;
    assert_eq!(sink.messages().len(), 1);
}

#[tokio::test]
async fn a_temporary_refusal_is_tried_again_and_a_final_one_is_kept_for_the_operator() {
    let sink = SmtpSink::start(free_port()).await;
    let gw = TestGateway::with(by_smtp(sink.address.port())).await;
    sink.answer(Answer::Later);
    let email = gw.sign_up("alice").await;
    eventually("a refusal", async || (sink.refused() > 0).then_some(())).await;
    sink.answer(Answer::Accept);
    delivered(&gw, &sink, &email).await;
    gw.eventually_counts(0, OUTBOX).await;

    sink.answer(Answer::Never);
    gw.sign_up("bob").await;
    gw.eventually_counts(1, "select count(*) from auth.mail_outbox where failed_at is not null").await;
    sink.answer(Answer::Accept);
    let carol = gw.sign_up("carol").await;
    delivered(&gw, &sink, &carol).await;
    let text = gw.metrics().await;
    for outcome in ["sent", "retried", "failed"] {
        let name = format!("authgate_mail_deliveries_total{{outcome=\"{outcome}\"}}");
        assert!(gw.metric(&name).await >= 1.0, "{outcome}: {text}");
    }
}

#[tokio::test]
async fn a_kill_between_the_answer_and_the_mail_loses_neither() {
    let port = free_port();
    let mut gw = TestGateway::with(by_smtp(port)).await;
    let email = gw.sign_up("alice").await;
    // No server was there, so the mail is certainly not out when the process dies.
    gw.kill_and_restart().await;
    let sink = SmtpSink::start(port).await;
    delivered(&gw, &sink, &email).await;
    let mail = sink.to(&email).await;
    assert!(gw.confirm(&mail).await.status().as_u16() < 400);
    assert_eq!(gw.sign_in(&email).await.status("/items").await, 200);
}

#[tokio::test]
async fn many_mails_leave_once_each() {
    let sink = SmtpSink::start(free_port()).await;
    let gw = TestGateway::with(by_smtp(sink.address.port())).await;
    let mut expected = Vec::new();
    for n in 0..12 {
        expected.push(gw.sign_up(&format!("user{n}")).await);
    }
    gw.eventually_counts(0, OUTBOX).await;
    let mut actual: Vec<String> = sink.messages().into_iter().flat_map(|mail| mail.to).collect();
    actual.sort();
    expected.sort();
    assert_eq!(actual, expected);
}

#[tokio::test]
async fn the_outbox_is_unreadable_in_the_database() {
    let port = free_port();
    let gw = TestGateway::with(by_smtp(port)).await;
    let email = gw.sign_up("alice").await;
    let mut connection = gw.db.connect().await;
    let (recipient, payload): (String, Vec<u8>) =
        sqlx::query_as("select recipient, payload from auth.mail_outbox").fetch_one(&mut connection).await.unwrap();
    assert_eq!(recipient, email);
    let sink = SmtpSink::start(port).await;
    delivered(&gw, &sink, &email).await;
    let token = sink.to(&email).await.token();
    for secret in [token.as_str(), "http://", "verify", "alice"] {
        let found = payload.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!found, "{secret} is in the payload");
    }
}

#[tokio::test]
async fn a_rotated_secret_seals_and_the_one_before_it_still_opens() {
    let port = free_port();
    let mut gw = TestGateway::with(by_smtp(port)).await;
    let path = gw.directory.path().join("gateway.yaml");
    let config = std::fs::read_to_string(&path).unwrap();
    std::fs::write(gw.directory.path().join("new.secret"), "a new secret, a new secret, a new secret").unwrap();
    let with_secret = |secret: &str| {
        let changed = config.replace("{\"env\":\"AUTHGATE_SECRET\"}", secret);
        assert_ne!(config, changed);
        std::fs::write(&path, changed).unwrap();
    };
    let alice = gw.sign_up("alice").await;
    with_secret("[{\"file\":\"new.secret\"},{\"env\":\"AUTHGATE_SECRET\"}]");
    gw.restart(|_| {}).await;
    let bob = gw.sign_up("bob").await;
    let sink = SmtpSink::start(port).await;
    delivered(&gw, &sink, &alice).await;
    delivered(&gw, &sink, &bob).await;
    drop(sink);
    let carol = gw.sign_up("carol").await;
    // The old secret is gone: what was sealed since the rotation opens with the new one alone.
    with_secret("{\"file\":\"new.secret\"}");
    gw.restart(|command| {
        command.env_remove("AUTHGATE_SECRET");
    })
    .await;
    let sink = SmtpSink::start(port).await;
    delivered(&gw, &sink, &carol).await;
}
