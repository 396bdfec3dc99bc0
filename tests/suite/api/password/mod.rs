//! Passwords after sign-up: forgotten, changed, set for the first time, and refused.

mod blocklist;
mod change;
mod pages;
mod races;
mod reset;
mod revocation;
mod set;

use reqwest::Response;
use serde_json::{Value, json};

use crate::harness::{Client, TestGateway, mail::Mail};

/// Another password than everybody's.
pub(crate) const NEW: &str = "a new and longer phrase";
pub(crate) const RESET_TOKENS: &str = "select count(*) from auth.verifications where purpose = 'reset-password'";

/// Asks for a mail, which every address is granted.
async fn request_reset(gw: &TestGateway, email: &str) {
    let response = gw.anonymous().auth("/request-password-reset", &json!({ "email": email })).await;
    assert_eq!(response.status(), 200);
    let message = "If this email exists in our system, check your email for the reset link";
    assert_eq!(response.json::<Value>().await.unwrap(), json!({ "status": true, "message": message }));
}

/// Asks for a mail and takes the token out of it; `n` counts all mails to the address.
async fn reset_token(gw: &TestGateway, email: &str, n: usize) -> String {
    request_reset(gw, email).await;
    token_of(&gw.mail.nth_to(email, n).await)
}

/// The token of a reset mail, which is in the query or, with a `redirectTo`, in the path.
pub(crate) fn token_of(mail: &Mail) -> String {
    let link = mail.link();
    let in_query = link.query_pairs().find(|(key, _)| key == "token").map(|(_, token)| token.into_owned());
    in_query.unwrap_or_else(|| link.path().rsplit('/').next().unwrap().to_owned())
}

pub(crate) async fn reset(gw: &TestGateway, token: &str, password: &str) -> Response {
    gw.anonymous().auth("/reset-password", &json!({ "newPassword": password, "token": token })).await
}

/// The status of a sign-in.
async fn sign_in(client: &Client, email: &str, password: &str) -> u16 {
    client.auth("/sign-in/email", &json!({ "email": email, "password": password })).await.status().as_u16()
}

/// Passwords hashed or verified so far.
async fn hashes(gw: &TestGateway) -> f64 {
    gw.metric("authgate_password_hashing_duration_seconds_count").await
}
