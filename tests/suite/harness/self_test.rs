//! The harness's own parts, tried without a gateway.

use std::time::Duration;

use serde_json::json;

use super::{
    Database, RawConnection, Reply, Upstream,
    chaos::{ChaosProxy, Wire},
    cluster::OwnCluster,
    eventually, free_port,
    gateway::merge,
    mail::Mail,
    smtp::{Answer, SmtpSink},
};

#[tokio::test]
async fn the_cluster_gives_every_test_an_empty_database() {
    let (one, other) = (Database::empty(), Database::empty());
    one.execute("create table here (n int)").await;
    assert_eq!(one.count("select count(*) from pg_tables where tablename = 'here'").await, 1);
    assert_eq!(other.count("select count(*) from pg_tables where tablename = 'here'").await, 0);
    assert_ne!(one.url(), other.url());
}

#[tokio::test]
async fn an_own_cluster_stops_and_comes_back_on_its_port() {
    use sqlx::Connection;
    let cluster = OwnCluster::start();
    let url = format!("postgres://postgres@127.0.0.1:{}/postgres", cluster.port());
    assert!(sqlx::PgConnection::connect(&url).await.is_ok());
    cluster.stop();
    assert!(sqlx::PgConnection::connect(&url).await.is_err());
    cluster.restart();
    assert!(sqlx::PgConnection::connect(&url).await.is_ok());
}

#[tokio::test]
async fn the_upstream_records_what_arrives_and_answers_as_told() {
    let upstream = Upstream::start().await;
    upstream.reply("/raw", Reply::Raw(b"HTTP/1.1 299 Odd\r\nContent-Length: 2\r\n\r\nok".to_vec()));
    let feed = upstream.stream("/stream", "text/plain");
    let mut client = RawConnection::open(upstream.address).await;

    client.send("POST /a?b=c HTTP/1.1\r\nHost: x\r\nX-One: 1\r\nX-One: 2\r\nContent-Length: 3\r\n\r\nabc").await;
    assert_eq!(client.response().await.unwrap().body, b"POST /a?b=c");
    client.send("PUT /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n").await;
    assert_eq!(client.response().await.unwrap().body, b"PUT /c");
    let requests = upstream.requests();
    assert_eq!(requests[0].line, "POST /a?b=c HTTP/1.1");
    assert_eq!(requests[0].all("x-one"), ["1", "2"]);
    assert_eq!((requests[0].body.as_slice(), requests[1].body.as_slice()), (&b"abc"[..], &b"abc"[..]));
    assert_eq!(requests[0].body_sha256, requests[1].body_sha256);
    assert_eq!(upstream.connections(), 1);

    client.send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n").await;
    feed.send(b"first".to_vec()).unwrap();
    let mut seen = Vec::new();
    while !seen.ends_with(b"first\r\n") {
        seen.extend(client.piece().await);
    }
    drop(feed);
    client.send("GET /raw HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let rest = client.closed().await;
    assert!(rest.ends_with(b"0\r\n\r\nHTTP/1.1 299 Odd\r\nContent-Length: 2\r\n\r\nok"), "{rest:?}");
    assert!(upstream.faults().is_empty());
}

#[tokio::test]
async fn the_upstream_holds_and_hangs_up() {
    let upstream = Upstream::start().await;
    let permits = upstream.hold("/held");
    upstream.reply("/close", Reply::Close);
    let mut client = RawConnection::open(upstream.address).await;
    client.send("GET /held HTTP/1.1\r\nHost: x\r\n\r\n").await;
    upstream.received("/held").await;
    permits.add_permits(1);
    assert_eq!(client.response().await.unwrap().body, b"held");
    client.send("GET /close HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(client.closed().await.is_empty());
}

#[tokio::test]
async fn a_silent_wire_swallows_and_gives_back() {
    let upstream = Upstream::start().await;
    let wire = ChaosProxy::start(upstream.address).await;
    let mut client = RawConnection::open(wire.address).await;
    client.send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert_eq!(client.response().await.unwrap().status, 200);
    wire.set(Wire::Silent);
    client.send("GET /2 HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(tokio::time::timeout(Duration::from_millis(100), client.piece()).await.is_err());
    assert_eq!(upstream.requests().len(), 1);
    wire.set(Wire::Up);
    assert_eq!(client.response().await.unwrap().status, 200);
}

#[tokio::test]
async fn the_mail_server_takes_and_refuses() {
    let sink = SmtpSink::start(free_port()).await;
    sink.answer(Answer::Later);
    let message = "MAIL FROM:<a@x>\r\nRCPT TO:<b@example.com>\r\n";
    let mut client = RawConnection::open(sink.address).await;
    client.send("EHLO me\r\n").await.send(message).await;
    eventually("a refusal", async || (sink.refused() == 1).then_some(())).await;
    sink.answer(Answer::Accept);
    client.send("RCPT TO:<b@example.com>\r\nDATA\r\n").await;
    client
        .send("From: a@example.com\r\nTo: b@example.com\r\nSubject: hi\r\n\r\nhttps://x.test/?token=t0\r\n.\r\n")
        .await;
    let mail = sink.to("b@example.com").await;
    assert_eq!((mail.from.as_str(), mail.subject.as_str()), ("a@example.com", "hi"));
}

#[test]
fn mail_is_parsed_into_its_parts() {
    let mail = Mail::parse(
        b"From: App <no-reply@example.com>\r\nTo: alice@example.com\r\nSubject: =?utf-8?b?w6Q=?=\r\n\
          MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n\
          --b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
          Open http://localhost:1/page?token=3Dabc=\r\ndef now\r\n\
          --b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>hi</p>\r\n--b--\r\n",
    );
    assert_eq!((mail.subject.as_str(), mail.html.trim()), ("\u{e4}", "<p>hi</p>"));
    assert_eq!(mail.token(), "abcdef");
    assert_eq!(mail.to, ["alice@example.com"]);
}

#[test]
fn configurations_are_changed_by_merging() {
    let mut config = json!({ "a": { "b": 1, "c": 2 }, "d": [1, 2] });
    merge(&mut config, &json!({ "a": { "b": null, "e": { "f": 3 } }, "d": [4] }));
    assert_eq!(config, json!({ "a": { "c": 2, "e": { "f": 3 } }, "d": [4] }));
}
