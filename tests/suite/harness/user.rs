//! People: signed up the long way, or put into the database by tests that are about something else.

use std::ops::Deref;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::types::time::OffsetDateTime;
use uuid::Uuid;

use super::{
    Client, TestGateway,
    client::{AUTH, set_cookies},
    eventually,
    mail::Mail,
};

/// Everybody's password.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// A signed-in person. Requests through it carry the session cookie.
#[derive(Clone)]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) email: String,
    pub(crate) token: String,
    client: Client,
    anonymous: Client,
}

impl Deref for User {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl User {
    /// The same session by bearer token instead.
    pub(crate) fn bearer(&self) -> Client {
        self.anonymous.with_bearer(&self.token)
    }
}

impl Client {
    /// Sends the form of the page that a mailed link leads to.
    pub(crate) async fn confirm(&self, fields: &[(&str, &str)]) -> reqwest::Response {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = self.post(&format!("{AUTH}/verify-email/confirm"));
        let request = request.header("Content-Type", "application/x-www-form-urlencoded");
        request.body(body).send().await.expect("the gateway answers")
    }
}

/// Name and value of the cookie that a browser keeps of a sign-up.
pub(crate) fn sign_up_cookie(response: &reqwest::Response) -> Option<String> {
    let cookies = set_cookies(response.headers());
    let ours = cookies.iter().find(|cookie| cookie.contains("authgate_sign_up="))?;
    ours.split(';').next().map(str::to_owned)
}

impl TestGateway {
    /// Signs somebody up, with [`PASSWORD`]; the mail is on its way.
    pub(crate) async fn sign_up(&self, name: &str) -> String {
        let email = format!("{name}@example.com");
        let body = json!({ "name": name, "email": email, "password": PASSWORD });
        let response = self.anonymous().auth("/sign-up/email", &body).await;
        let status = response.status();
        let cookie = sign_up_cookie(&response);
        assert_eq!(status, 200, "{}", response.text().await.unwrap_or_default());
        self.sign_ups.lock().expect("no test panics with it").extend(cookie.map(|cookie| (email.clone(), cookie)));
        email
    }

    /// Presses the button of the mailed page, in the browser that signed the address up; where that was not one of the
    /// harness, in another one with [`PASSWORD`].
    pub(crate) async fn confirm(&self, mail: &Mail) -> reqwest::Response {
        self.confirm_in_browser_of(mail.to.first().map(String::as_str), &mail.token()).await
    }

    /// The same with a token from anywhere, in the browser that signed up last.
    pub(crate) async fn confirm_token(&self, token: &str) -> reqwest::Response {
        self.confirm_in_browser_of(None, token).await
    }

    async fn confirm_in_browser_of(&self, email: Option<&str>, token: &str) -> reqwest::Response {
        let kept = {
            let sign_ups = self.sign_ups.lock().expect("no test panics with it");
            let kept = sign_ups.iter().rev().find(|(known, _)| email.is_none_or(|email| email == known));
            kept.map(|(_, cookie)| cookie.clone())
        };
        match kept {
            Some(cookie) => self.anonymous().with_cookie(cookie).confirm(&[("token", token)]).await,
            None => self.anonymous().confirm(&[("token", token), ("password", PASSWORD)]).await,
        }
    }

    /// Signs somebody up and verifies the address.
    pub(crate) async fn verified_user(&self, name: &str) -> String {
        let email = self.sign_up(name).await;
        let mail = self.mail.to(&email).await;
        let response = self.confirm(&mail).await;
        let status = response.status().as_u16();
        assert!(status < 400, "{status}: {}", response.text().await.unwrap_or_default());
        email
    }

    /// Signs somebody in with [`PASSWORD`].
    pub(crate) async fn sign_in(&self, email: &str) -> User {
        let body = json!({ "email": email, "password": PASSWORD });
        let response = self.anonymous().auth("/sign-in/email", &body).await;
        assert_eq!(response.status(), 200, "{}", response.text().await.unwrap_or_default());
        let prefix = format!("{}=", self.cookie_name());
        let cookie = set_cookies(response.headers())
            .iter()
            .find_map(|cookie| {
                cookie.starts_with(&prefix).then(|| cookie.split(';').next().map(str::to_owned)).flatten()
            })
            .expect("signing in sets the session cookie");
        let answer: serde_json::Value = response.json().await.expect("signing in answers JSON");
        let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
        self.user(text(&answer["user"]["id"]), email.to_owned(), text(&answer["token"]), &cookie)
    }

    /// Sign-up, mail, button, sign-in.
    pub(crate) async fn signed_up_user(&self, name: &str) -> User {
        let email = self.verified_user(name).await;
        self.sign_in(&email).await
    }

    /// A signed-in person made in the database, without a password.
    pub(crate) async fn insert_user(&self, name: &str, roles: &[&str]) -> User {
        let id = format!("user-{}", Uuid::now_v7());
        let email =
            format!("{}@example.com", name.to_ascii_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "."));
        sqlx::query(
            "insert into auth.users (id, email, email_verified, name, roles, created_at, updated_at)
             values ($1, $2, true, $3, $4, $5, $5)",
        )
        .bind(&id)
        .bind(&email)
        .bind(name)
        .bind(roles)
        .bind(OffsetDateTime::now_utc())
        .execute(&mut self.db.connect().await)
        .await
        .expect("a user can be inserted");
        let token = self.insert_session(&id).await;
        let cookie = format!("{}={token}", self.cookie_name());
        self.user(id, email, token, &cookie)
    }

    /// Opens one more session of whoever has the address; returns its token.
    pub(crate) async fn insert_session_of(&self, email: &str) -> String {
        let id: String = sqlx::query_scalar("select id from auth.users where email = $1")
            .bind(email)
            .fetch_one(&mut self.db.connect().await)
            .await
            .expect("somebody has the address");
        self.insert_session(&id).await
    }

    /// One more session of a user; returns its token.
    pub(crate) async fn insert_session(&self, user_id: &str) -> String {
        let bytes =
            [Uuid::new_v7(uuid::Timestamp::now(uuid::NoContext)), Uuid::now_v7()].map(Uuid::into_bytes).concat();
        let token = URL_SAFE_NO_PAD.encode(Sha256::digest(bytes));
        sqlx::query(
            "insert into auth.sessions (id, token_hash, user_id, auth_method, created_at, updated_at, last_seen_at,
                 expires_at, absolute_expires_at)
             values ($1, $2, $3, 'password', $4, $4, $4, $4 + interval '7 days', $4 + interval '30 days')",
        )
        .bind(format!("session-{}", Uuid::now_v7()))
        .bind(Sha256::digest(token.as_bytes()).as_slice())
        .bind(user_id)
        .bind(OffsetDateTime::now_utc())
        .execute(&mut self.db.connect().await)
        .await
        .expect("a session can be inserted");
        token
    }

    fn user(&self, id: String, email: String, token: String, cookie: &str) -> User {
        let anonymous = self.anonymous();
        User { id, email, token, client: anonymous.with_cookie(cookie), anonymous }
    }

    /// Waits until a condition in the database holds.
    pub(crate) async fn eventually_counts(&self, expected: i64, sql: &'static str) {
        eventually(sql, async || (self.db.count(sql).await == expected).then_some(())).await;
    }
}
