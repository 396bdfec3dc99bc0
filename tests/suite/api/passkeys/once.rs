//! Each challenge is good for one answer, whoever sends it how often (PKEY-02).

use serde_json::{Value, json};

use super::{Browser, signed_in, with_passkey};
use crate::harness::{
    Client, TestGateway,
    authenticator::{Ceremony, SoftPasskey},
};

async fn generous() -> TestGateway {
    let many = json!({ "limit": 10_000, "window": "1m" });
    TestGateway::with(json!({ "auth": { "rate_limits": { "passkey": many } } })).await
}

/// Sends a hundred requests at once and counts those that succeed.
async fn winners(client: &Client, path: &str, body: &Value) -> usize {
    let requests = (0..100).map(|_| {
        let (client, path, body) = (client.clone(), path.to_owned(), body.clone());
        tokio::spawn(async move { client.auth(&path, &body).await.status() == 200 })
    });
    let mut won = 0;
    for request in requests.collect::<Vec<_>>() {
        won += usize::from(request.await.unwrap());
    }
    won
}

#[tokio::test]
async fn of_a_hundred_with_one_answer_one_signs_in() {
    let gw = generous().await;
    let (_, passkey, _) = with_passkey(&gw, "ada").await;
    let mut browser = Browser::new(&gw);
    let options = browser.sign_in_options().await;
    let body = json!({ "response": passkey.assert(&Ceremony::sign_in(&options, gw.origin())) });
    assert_eq!(winners(&browser.client(), "/passkey/verify-authentication", &body).await, 1);
    assert_eq!(gw.db.count("select count(*) from auth.sessions where auth_method = 'passkey'").await, 1);
    assert_eq!(browser.auth("/passkey/verify-authentication", body).await.status(), 400);
}

/// Two devices with a copy of one key cannot both use a count, even at the same moment and with a challenge each.
#[tokio::test]
async fn of_a_hundred_with_one_count_one_signs_in() {
    let gw = generous().await;
    let (_, mut passkey, _) = with_passkey(&gw, "ada").await;
    passkey.counter = 1;
    let mut requests = Vec::new();
    for _ in 0..100 {
        let mut browser = Browser::new(&gw);
        let options = browser.sign_in_options().await;
        let body = json!({ "response": passkey.assert(&Ceremony::sign_in(&options, gw.origin())) });
        requests.push((browser.client(), body));
    }
    let requests = requests.into_iter().map(|(client, body)| {
        tokio::spawn(async move { client.auth("/passkey/verify-authentication", &body).await.status() == 200 })
    });
    let mut won = 0;
    for request in requests.collect::<Vec<_>>() {
        won += usize::from(request.await.unwrap());
    }
    assert_eq!(won, 1);
    // A request that waits too long for a connection is told to come back; the count of every other is used.
    assert!(gw.db.count("select count(*) from auth.audit_events where outcome = 'cloned_passkey'").await > 0);
    assert_eq!(gw.db.count("select counter from auth.passkeys").await, 1);
}

#[tokio::test]
async fn of_a_hundred_with_one_answer_one_adds_a_passkey() {
    let gw = generous().await;
    let (mut browser, _) = signed_in(&gw, "ada").await;
    let options = browser.registration_options().await;
    let made = SoftPasskey::new(&options).attest(&Ceremony::registration(&options, gw.origin()));
    let body = json!({ "response": made });
    assert_eq!(winners(&browser.client(), "/passkey/verify-registration", &body).await, 1);
    assert_eq!(gw.db.count("select count(*) from auth.passkeys").await, 1);
}

#[tokio::test]
async fn a_wrong_answer_uses_the_challenge_up() {
    let gw = generous().await;
    let (_, passkey, _) = with_passkey(&gw, "ada").await;
    let mut browser = Browser::new(&gw);
    let options = browser.sign_in_options().await;
    let right = passkey.assert(&Ceremony::sign_in(&options, gw.origin()));
    let mut wrong = right.clone();
    wrong["response"]["signature"] = json!("AAAA");
    let client = browser.client();
    assert_eq!(client.auth("/passkey/verify-authentication", &json!({ "response": wrong })).await.status(), 401);
    assert_eq!(client.auth("/passkey/verify-authentication", &json!({ "response": right })).await.status(), 400);
}
