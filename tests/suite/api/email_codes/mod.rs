//! Codes that are mailed: to sign in, to prove an address, for a new password, for another address.

mod change_email;
mod reset;
mod sign_in;
mod tries;
mod verify;

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::harness::{Client, TestGateway, client::set_cookies, gateway::merge};

pub(super) async fn gateway(changes: Value) -> TestGateway {
    let mut config = json!({ "auth": { "email_otp": { "enabled": true } } });
    merge(&mut config, &changes);
    TestGateway::with(config).await
}

pub(super) async fn send(client: &Client, email: &str, kind: &str) -> Value {
    let response = client.auth("/email-otp/send-verification-otp", &json!({ "email": email, "type": kind })).await;
    assert_eq!(response.status(), 200, "{email} {kind}");
    response.json().await.unwrap()
}

/// Returns the newest code in the first n mails to an address: the one line of digits. Mails that were sent at almost the same
/// time, such as that of a sign-up before it, may come in either order.
pub(super) async fn code(gw: &TestGateway, email: &str, n: usize) -> String {
    gw.mail.nth_to(email, n).await;
    let is_code = |line: &&str| line.len() >= 6 && line.bytes().all(|b| b.is_ascii_digit());
    let mails = gw.mail.all_to(email);
    let found = mails[..n].iter().rev().find_map(|mail| mail.text.lines().find(is_code));
    found.unwrap_or_else(|| panic!("no code in {n} mails")).to_owned()
}

/// Returns another code of the same length.
pub(super) fn wrong(code: &str) -> String {
    let first = if code.starts_with('0') { '1' } else { '0' };
    format!("{first}{}", &code[1..])
}

pub(super) async fn sign_in(client: &Client, email: &str, code: &str) -> reqwest::Response {
    client.auth("/sign-in/email-otp", &json!({ "email": email, "otp": code })).await
}

pub(super) fn session_client(gw: &TestGateway, response: &reqwest::Response) -> Option<Client> {
    let prefix = format!("{}=", gw.cookie_name());
    let cookie = set_cookies(response.headers()).into_iter().find(|cookie| cookie.starts_with(&prefix))?;
    Some(gw.anonymous().with_cookie(cookie.split(';').next().unwrap().to_owned()))
}

/// Does the same thing a hundred times at once, and returns the statuses of the answers.
pub(super) async fn hundred<F: Future<Output = reqwest::Response> + Send + 'static>(once: impl Fn() -> F) -> Vec<u16> {
    let mut tasks = JoinSet::new();
    for _ in 0..100 {
        let once = once();
        tasks.spawn(async move { once.await.status().as_u16() });
    }
    tasks.join_all().await
}

/// Asserts that one of them succeeded, and that the others were refused for it.
pub(super) fn assert_one_won(statuses: &[u16]) {
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [200, 400, 401, 403].contains(status)), "{statuses:?}");
}
