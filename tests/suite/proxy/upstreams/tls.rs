//! Upstreams that speak TLS: verified, or not spoken to.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{
    TestGateway, Upstream,
    client::expect_problem,
    tls::{Authority, TlsFront},
};

struct Secured {
    upstream: Upstream,
    _front: TlsFront,
    folder: TempDir,
    port: u16,
}

/// An upstream behind TLS with a certificate for `names`; `ca.pem` and a client's certificate lie in the folder.
async fn secured(names: &[&str], asks_for_certificates: bool) -> Secured {
    let (authority, folder) = (Authority::new(), TempDir::new().unwrap());
    std::fs::write(folder.path().join("ca.pem"), authority.pem()).unwrap();
    authority.issue(&["gateway"]).write(folder.path(), "client");
    let upstream = Upstream::start().await;
    let config = authority.issue(names).server(asks_for_certificates.then_some(&authority));
    let front = TlsFront::start(config, upstream.address).await;
    let port = front.address.port();
    Secured { upstream, _front: front, folder, port }
}

async fn gateway(secured: &Secured, host: &str, tls: &[(&str, &str)]) -> TestGateway {
    let in_folder = |&(key, value): &(&str, &str)| {
        let value = if key.ends_with("_file") {
            secured.folder.path().join(value).display().to_string()
        } else {
            value.to_owned()
        };
        (key.to_owned(), Value::from(value))
    };
    let tls: Value = tls.iter().map(in_folder).collect::<serde_json::Map<_, _>>().into();
    let servers = [format!("https://{host}:{}", secured.port)];
    TestGateway::with(json!({ "upstreams": { "api": { "servers": servers, "tls": tls } } })).await
}

async fn assert_refused(gw: &TestGateway, secured: &Secured, why: &str) {
    expect_problem(gw.anonymous().get("/public/x").send().await.unwrap(), 502, "BAD_GATEWAY").await;
    assert!(secured.upstream.requests().is_empty(), "{why}");
}

#[tokio::test]
async fn a_certificate_of_the_given_authority_for_the_right_name_is_trusted() {
    for (names, host, tls) in [
        (&["localhost"][..], "localhost", &[("ca_file", "ca.pem")][..]),
        (&["127.0.0.1"], "127.0.0.1", &[("ca_file", "ca.pem")]),
        (&["api.internal"], "127.0.0.1", &[("ca_file", "ca.pem"), ("server_name", "api.internal")]),
    ] {
        let secured = secured(names, false).await;
        let gw = gateway(&secured, host, tls).await;
        let alice = gw.insert_user("alice", &[]).await;
        assert_eq!(alice.status("/items").await, 200, "{host}");
        assert_eq!(secured.upstream.received("/items").await.field("x-user-id"), Some(alice.id.as_str()));
    }
}

#[tokio::test]
async fn an_unknown_authority_is_502() {
    let secured = secured(&["localhost"], false).await;
    assert_refused(&gateway(&secured, "localhost", &[]).await, &secured, "the system does not know it").await;
}

#[tokio::test]
async fn a_certificate_for_another_name_is_502() {
    let secured = secured(&["other.internal"], false).await;
    for host in ["localhost", "127.0.0.1"] {
        assert_refused(&gateway(&secured, host, &[("ca_file", "ca.pem")]).await, &secured, host).await;
    }
}

#[tokio::test]
async fn a_server_that_asks_for_a_certificate_gets_the_configured_one() {
    let secured = secured(&["localhost"], true).await;
    assert_refused(&gateway(&secured, "localhost", &[("ca_file", "ca.pem")]).await, &secured, "none was shown").await;
    let tls = [("ca_file", "ca.pem"), ("cert_file", "client.pem"), ("key_file", "client.key")];
    assert_eq!(gateway(&secured, "localhost", &tls).await.anonymous().status("/public/x").await, 200);
}
