//! Whether an account exists is seen neither in an answer nor in how long it takes (ENUM-01 to ENUM-03, MAIL-07).
//!
//! Kinds of accounts are tried in turn, so that a machine that is slow for a while is slow for all of them, each from
//! many client addresses, so that no limit ends the test. What a hash costs is a factor of ten and more beside everything
//! else, so generous bounds tell its absence.

mod codes;
mod known_addresses;
mod mails;
mod sign_in;
mod sign_up;

use std::time::{Duration, Instant};

use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};

use crate::harness::{Client, TestGateway, client::AUTH, eventually};

/// Samples of each kind.
const ROUNDS: usize = 32;
/// Says how many accounts of a kind share the rounds; each fails less often than its limit allows.
const ACCOUNTS: usize = 4;
/// A median beyond half or twice another one's is no chance.
const FACTOR: f64 = 2.0;

async fn gateway() -> TestGateway {
    TestGateway::with(json!({ "server": { "trusted_proxies": ["127.0.0.1/32"] } })).await
}

/// A request of the n-th round, from an address of its own.
fn post(client: &Client, path: &str, round: usize, body: &Value) -> RequestBuilder {
    client.post(&format!("{AUTH}{path}")).header("X-Forwarded-For", format!("198.51.100.{round}")).json(body)
}

/// An answer without what differs from request to request.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

async fn answer(response: Response) -> Answer {
    let status = response.status().as_u16();
    let text = |value: &http::HeaderValue| value.to_str().unwrap().to_owned();
    let request_id = text(&response.headers()["x-request-id"]);
    let headers = response.headers().iter().filter(|(name, _)| *name != "x-request-id" && *name != "date");
    let mut headers: Vec<(String, String)> = headers.map(|(name, value)| (name.to_string(), text(value))).collect();
    headers.sort();
    let body = response.text().await.unwrap().replace(&request_id, "ID");
    Answer { status, headers, body }
}

/// Sends, and says how long the whole answer took.
async fn timed(request: RequestBuilder) -> (Answer, Duration) {
    let began = Instant::now();
    let answer = answer(request.send().await.unwrap()).await;
    (answer, began.elapsed())
}

/// Fails where the kinds can be told apart by the medians of how long they take.
fn assert_alike(times: &[(&str, Vec<Duration>)]) {
    let medians: Vec<(&str, f64)> = times
        .iter()
        .map(|(kind, times)| {
            let mut times = times.clone();
            times.sort();
            (*kind, times[times.len() / 2].as_secs_f64())
        })
        .collect();
    let all = || medians.iter().map(|(_, median)| *median);
    let (fastest, slowest) = (all().fold(f64::INFINITY, f64::min), all().fold(0.0, f64::max));
    assert!(slowest < fastest * FACTOR, "{medians:?}");
}

/// Waits until so many passwords were hashed, and no more.
async fn assert_hashed(gw: &TestGateway, before: f64, expected: usize) {
    let expected = before + f64::from(u32::try_from(expected).unwrap());
    let hashed = async || gw.metric("authgate_password_hashing_duration_seconds_count").await;
    eventually("the hashes to be counted", async || (hashed().await >= expected).then_some(())).await;
    assert_eq!(hashed().await.to_string(), expected.to_string(), "every attempt costs exactly one hash");
}
