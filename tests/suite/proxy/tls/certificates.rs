//! The certificate, and how it is replaced.

use rustls::pki_types::CertificateDer;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::Secured;
use crate::harness::eventually;

async fn get(secured: &Secured, lines: &str) -> String {
    let mut stream = secured.connect(b"http/1.1").await.unwrap();
    let host = secured.gw.host();
    let request = format!("GET /items HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{lines}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    // The other side may close without saying goodbye.
    let _ = stream.read_to_string(&mut answer).await;
    answer
}

async fn shown(secured: &Secured) -> CertificateDer<'static> {
    let stream = secured.connect(b"http/1.1").await.unwrap();
    stream.get_ref().1.peer_certificates().unwrap()[0].clone().into_owned()
}

#[tokio::test]
async fn requests_over_tls_are_checked_and_forwarded() {
    let secured = Secured::start(json!({})).await;
    let alice = secured.gw.insert_user("alice", &[]).await;
    assert!(get(&secured, "").await.starts_with("HTTP/1.1 401"), "nobody");
    let answer = get(&secured, &format!("Authorization: Bearer {}\r\n", alice.token)).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(secured.gw.upstream.received("/items").await.field("x-user-id"), Some(alice.id.as_str()));
    assert!(secured.gw.metric("authgate_tls_certificate_expiry_seconds").await > 1e9);
}

#[tokio::test]
async fn what_is_not_tls_gets_nothing_and_disturbs_nobody() {
    let secured = Secured::start(json!({})).await;
    let mut raw = secured.gw.raw().await;
    raw.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let answer = raw.closed().await;
    assert!(!answer.starts_with(b"HTTP"), "{:?}", String::from_utf8_lossy(&answer));
    assert!(get(&secured, "").await.starts_with("HTTP/1.1 401"));
}

#[tokio::test]
async fn a_changed_certificate_is_shown_and_one_that_does_not_fit_is_not() {
    let secured = Secured::start(json!({})).await;
    let first = shown(&secured).await;
    let next = secured.authority.issue(&["localhost"]);
    std::fs::write(secured.folder.path().join("tls.key"), &next.key).unwrap();
    eventually("the refusal", async || (secured.gw.metric("authgate_config_reload_success").await < 0.5).then_some(()))
        .await;
    assert_eq!(shown(&secured).await, first, "the key does not fit, so nothing changes");
    next.write(secured.folder.path(), "tls");
    eventually("the new certificate", async || (shown(&secured).await != first).then_some(())).await;
    assert_eq!(secured.gw.metric("authgate_config_reload_success").await.to_string(), "1");
}
