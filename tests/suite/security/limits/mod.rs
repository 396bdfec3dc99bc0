//! Limits on attempts (BRUTE-01 to BRUTE-07): who is counted, what a refusal looks like, and who is not kept out.

mod addresses;
mod devices;
mod endpoints;
mod growth;
mod mails;
mod refusals;
mod sign_in;
mod waiting;

use reqwest::Response;
use serde_json::{Value, json};

use crate::harness::{Client, PASSWORD, TestGateway, client::AUTH};

const WRONG: &str = "not the password";

/// A gateway that believes `X-Forwarded-For`, with these changes.
async fn behind_a_proxy(mut changes: Value) -> TestGateway {
    changes["server"]["trusted_proxies"] = json!(["127.0.0.1/32"]);
    TestGateway::with(changes).await
}

/// The n-th address of many.
fn address(n: usize) -> String {
    format!("198.51.100.{n}")
}

/// A sign-in as it comes from an address.
async fn sign_in_from(client: &Client, address: &str, email: &str, password: &str) -> Response {
    let request = client.post(&format!("{AUTH}/sign-in/email")).header("X-Forwarded-For", address);
    request.json(&json!({ "email": email, "password": password })).send().await.unwrap()
}

/// The status of a sign-in.
async fn try_sign_in(client: &Client, email: &str, password: &str) -> u16 {
    client.auth("/sign-in/email", &json!({ "email": email, "password": password })).await.status().as_u16()
}

/// So many wrong passwords, all of them looked at.
async fn fail(client: &Client, email: &str, times: usize) {
    for n in 0..times {
        assert_eq!(try_sign_in(client, email, WRONG).await, 401, "{n}");
    }
}

/// Checks how many passwords were hashed, once that many were.
async fn assert_hashed(gw: &TestGateway, expected: u32) {
    let hashed = async || gw.metric("authgate_password_hashing_duration_seconds_count").await;
    crate::harness::eventually("the hashes to be counted", async || {
        (hashed().await >= f64::from(expected)).then_some(())
    })
    .await;
    assert_eq!(hashed().await.to_string(), expected.to_string());
}

/// Signs in with the right password.
fn right(email: &str) -> Value {
    json!({ "email": email, "password": PASSWORD })
}
