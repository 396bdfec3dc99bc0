//! What a change of `secret` means for those who are signed in, and what is told of the database's URL.

use serde_json::Value;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};

use crate::harness::{Database, Setup, TestGateway};

#[tokio::test]
async fn a_new_secret_signs_nobody_out() {
    let mut gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    gw.restart(|command| {
        command.env("AUTHGATE_SECRET", "another-secret-another-secret-another-secret-0123456789");
    })
    .await;
    assert_eq!(alice.status("/items").await, 200);
    assert_eq!(alice.bearer().status("/items").await, 200);
    gw.signed_up_user("bob").await;
}

/// Passes connections to `[::1]` on to the database of the tests. Returns no port where the machine has no IPv6.
async fn ipv6_wire(to: u16) -> Option<u16> {
    let listener = TcpListener::bind("[::1]:0").await.ok()?;
    let port = listener.local_addr().ok()?.port();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut server = TcpStream::connect(("127.0.0.1", to)).await.unwrap();
                let _ = copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    Some(port)
}

#[tokio::test]
async fn a_database_may_have_an_ipv6_address() {
    let database = Database::migrated();
    let url: url::Url = database.url().parse().unwrap();
    let Some(port) = ipv6_wire(url.port().unwrap()).await else {
        eprintln!("not shown: this machine has no IPv6");
        return;
    };
    let through = database.url().replace(&format!("127.0.0.1:{}", url.port().unwrap()), &format!("[::1]:{port}"));
    assert!(through.contains("[::1]"), "{through}");
    let gw =
        Setup::new(Value::Null).database(database).database_url(format!("{through}?sslmode=disable")).start().await;
    assert_eq!(gw.signed_up_user("alice").await.status("/items").await, 200);
}

#[tokio::test]
async fn a_hosted_database_url_is_taken_as_it_is_without_a_word_of_it_in_the_log() {
    let database = Database::migrated();
    let url = format!("{}?sslmode=disable&channel_binding=require&connect_timeout=10", database.url());
    let gw = Setup::new(Value::Null).database(database).database_url(url).start().await;
    let alice = gw.signed_up_user("alice").await;
    assert_eq!(alice.status("/items").await, 200);
    let output = gw.process.output();
    assert!(!output.contains("channel_binding") && !output.contains("connect parameter"), "{output}");
}
