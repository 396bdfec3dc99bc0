//! What a change of `secret` means for those who are signed in, and what is told of the database's URL.

use serde_json::Value;

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
