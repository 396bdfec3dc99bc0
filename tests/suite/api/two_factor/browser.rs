//! A browser that keeps its cookies, and an authenticator app.

use std::{
    collections::BTreeMap,
    time::{SystemTime, UNIX_EPOCH},
};

use reqwest::Response;
use ring::hmac;
use serde_json::{Value, json};

use crate::harness::{
    Client, PASSWORD, TestGateway,
    client::{AUTH, set_cookies},
};

/// Is a browser of one gateway.
#[derive(Clone)]
pub(crate) struct Browser {
    anonymous: Client,
    pub(crate) cookies: BTreeMap<String, String>,
}

impl Browser {
    pub(crate) fn new(gw: &TestGateway) -> Self {
        Self { anonymous: gw.anonymous(), cookies: BTreeMap::new() }
    }

    /// Returns the client as it is now.
    pub(crate) fn client(&self) -> Client {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if cookies.is_empty() { self.anonymous.clone() } else { self.anonymous.with_cookie(cookies.join("; ")) }
    }

    /// POSTs to the auth API and keeps the cookies of the answer.
    pub(crate) async fn auth(&mut self, path: &str, body: Value) -> Response {
        let response = self.client().auth(path, &body).await;
        self.keep(&response);
        response
    }

    pub(crate) fn keep(&mut self, response: &Response) {
        for cookie in set_cookies(response.headers()) {
            let (pair, attributes) = cookie.split_once(';').unwrap_or((&cookie, ""));
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    /// Does the same and expects success.
    pub(crate) async fn ok(&mut self, path: &str, body: Value) -> Value {
        let response = self.auth(path, body).await;
        let status = response.status();
        let text = response.text().await.unwrap();
        assert_eq!(status, 200, "{path}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.client().get(&format!("{AUTH}{path}")).send().await.unwrap()
    }

    pub(crate) async fn sign_in(&mut self, email: &str) -> Value {
        self.ok("/sign-in/email", json!({ "email": email, "password": PASSWORD })).await
    }

    /// Signs in with a password to an account that has a second factor.
    pub(crate) async fn begin_sign_in(&mut self, email: &str) {
        let answer = self.sign_in(email).await;
        assert_eq!(answer["twoFactorRedirect"], true, "{answer}");
    }

    pub(crate) fn has(&self, cookie: &str) -> bool {
        self.cookies.contains_key(cookie)
    }

    /// Tells whether the browser comes past the gateway.
    pub(crate) async fn is_signed_in(&self) -> bool {
        self.client().status("/items").await == 200
    }
}

/// Is an authenticator app.
pub(crate) struct App {
    secret: Vec<u8>,
    pub(crate) backup_codes: Vec<String>,
}

impl App {
    pub(crate) fn from_answer(answer: &Value) -> Self {
        let uri: url::Url = answer["totpURI"].as_str().unwrap().parse().unwrap();
        let secret = uri.query_pairs().find(|(name, _)| name == "secret").unwrap().1.into_owned();
        let codes = answer["backupCodes"].as_array().map(Vec::as_slice).unwrap_or_default();
        Self {
            secret: from_base32(&secret),
            backup_codes: codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect(),
        }
    }

    /// Returns the code of so many steps from now.
    pub(crate) fn code_of(&self, steps: i64) -> String {
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let step = i64::try_from(seconds / 30).unwrap() + steps;
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.secret);
        let digest = hmac::sign(&key, &step.to_be_bytes());
        let digest = digest.as_ref();
        let offset = usize::from(digest[19] & 15);
        let four: [u8; 4] = digest[offset..offset + 4].try_into().unwrap();
        format!("{:06}", (u32::from_be_bytes(four) & 0x7fff_ffff) % 1_000_000)
    }

    /// Tells whether these bytes are the secret.
    pub(crate) fn is_secret(&self, bytes: &[u8]) -> bool {
        self.secret == bytes
    }

    /// Returns a code that is none of those around now.
    pub(crate) fn wrong_code(&self) -> String {
        let right: Vec<String> = (-3..=4).map(|steps| self.code_of(steps)).collect();
        (0..100).map(|number| format!("{number:06}")).find(|code| !right.contains(code)).unwrap()
    }
}

fn from_base32(text: &str) -> Vec<u8> {
    let (mut bytes, mut buffer, mut bits) = (Vec::new(), 0_u32, 0);
    for character in text.bytes() {
        let value = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".iter().position(|known| *known == character).unwrap();
        buffer = buffer << 5 | u32::try_from(value).unwrap();
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from((buffer >> bits) & 255).unwrap());
        }
    }
    bytes
}

/// Lets every code be used once more, as if time had passed.
pub(crate) async fn forget_codes(gw: &TestGateway) {
    gw.db.execute("update auth.two_factors set last_step = 0").await;
}

/// Returns a browser in which somebody has put an app in force, and that app. No code counts as used.
pub(crate) async fn with_app(gw: &TestGateway, name: &str) -> (Browser, App, String) {
    let email = gw.verified_user(name).await;
    let (browser, app) = enable(gw, &email).await;
    (browser, app, email)
}

/// Puts an app in force for an account that is there.
pub(crate) async fn enable(gw: &TestGateway, email: &str) -> (Browser, App) {
    let mut browser = Browser::new(gw);
    browser.sign_in(email).await;
    let app = App::from_answer(&browser.ok("/two-factor/enable", json!({ "password": PASSWORD })).await);
    browser.ok("/two-factor/verify-totp", json!({ "code": app.code_of(0) })).await;
    forget_codes(gw).await;
    (browser, app)
}
