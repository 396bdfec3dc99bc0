//! Passkeys: made, signed in with, forged, renamed and taken away.

mod forged;
mod manage;
mod once;
mod owner;
mod registration;
mod sign_in;

use serde_json::{Value, json};

use super::two_factor::Browser;
use crate::harness::{
    TestGateway,
    authenticator::{Ceremony, SoftPasskey},
    client::problem,
};

impl Browser {
    /// Asks for options, and keeps the cookie that comes with them.
    async fn options(&mut self, path: &str) -> Value {
        let response = self.get(path).await;
        self.keep(&response);
        let status = response.status();
        let text = response.text().await.unwrap();
        assert_eq!(status, 200, "{path}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    async fn registration_options(&mut self) -> Value {
        self.options("/passkey/generate-register-options").await
    }

    async fn sign_in_options(&mut self) -> Value {
        self.options("/passkey/generate-authenticate-options").await
    }

    /// Makes a passkey and adds it to the account of whoever is signed in.
    pub(crate) async fn add_passkey(&mut self, gw: &TestGateway) -> SoftPasskey {
        let options = self.registration_options().await;
        let passkey = SoftPasskey::new(&options);
        let response = passkey.attest(&Ceremony::registration(&options, gw.origin()));
        self.ok("/passkey/verify-registration", json!({ "response": response, "name": "Laptop" })).await;
        passkey
    }

    /// Signs in with a passkey.
    async fn sign_in_with(&mut self, passkey: &SoftPasskey, gw: &TestGateway) -> Value {
        let options = self.sign_in_options().await;
        let response = passkey.assert(&Ceremony::sign_in(&options, gw.origin()));
        self.ok("/passkey/verify-authentication", json!({ "response": response })).await
    }

    /// Sends an answer; status and code of what is refused.
    async fn refusal(&mut self, path: &str, response: &Value) -> (u16, String) {
        let answer = self.auth(path, json!({ "response": response })).await;
        let problem = problem(answer).await;
        (problem.status, problem.code)
    }
}

/// Returns a browser in which somebody is signed in with a password.
async fn signed_in(gw: &TestGateway, name: &str) -> (Browser, String) {
    let email = gw.verified_user(name).await;
    let mut browser = Browser::new(gw);
    browser.sign_in(&email).await;
    (browser, email)
}

/// Returns the same with a passkey of theirs.
async fn with_passkey(gw: &TestGateway, name: &str) -> (Browser, SoftPasskey, String) {
    let (mut browser, email) = signed_in(gw, name).await;
    let passkey = browser.add_passkey(gw).await;
    (browser, passkey, email)
}
